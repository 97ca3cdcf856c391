"""Whether what was found deserves to be built upon."""

from core.retrieval.fusion import Ranking
from core.retrieval.snapshot import Snapshot

MENTIONS = ("defines ", "named as ")


def missing(text: str, index: Snapshot, ranking: Ranking) -> str:
    """What is missing, as the middle of a sentence; empty where something can be trusted."""
    if not index.paths:
        return "there is no file here that can be searched"
    return "" if ranking.files or ranking.tests or ranking.docs else "nothing shares a word"
