"""Facts besides files: what past commits did for a goal like this one."""

from collections.abc import Iterator, Sequence

from core.domain.context import ContextItem, Trust
from core.retrieval.snapshot import PastCommit
from core.retrieval.snippets import fact_item

COMMITS = 3
"""Past commits that are told."""
MOST_FILES = 6
"""Files of a commit that are told by name."""


def past_commits(commits: Sequence[PastCommit]) -> Iterator[ContextItem]:
    """The best past commits as items: what each said, and what it changed."""
    for place, commit in enumerate(commits[:COMMITS]):
        names = ", ".join(commit.files[:MOST_FILES])
        more = len(commit.files) - MOST_FILES
        text = f"{commit.subject}\nchanged {names}{f' and {more} more' if more > 0 else ''}"
        why = "its message is close to the goal"
        score = round(0.3 - 0.05 * place, 2)
        yield fact_item(f"commit:{commit.sha[:8]}", text, why, Trust.HISTORY, score)
