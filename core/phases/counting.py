"""Where the words stand that a goal wants gone: "every" told before, and counted after."""

from collections.abc import Sequence

from core.domain.context import Trust
from core.domain.goal import matches
from core.phases.asking import fence
from core.ports import Repo
from core.retrieval.corpus import is_searched, lane
from core.retrieval.hits import count_hits, hit_lines
from core.retrieval.secrets import masked
from core.retrieval.snippets import estimate

MOST_WORDS = 5
HIT_TOKENS = 600
"""Of the listed places of all words."""


def texts(repo: Repo) -> dict[str, str]:
    """Every source and test of a repository by its path; reads all of them."""
    found: dict[str, str] = {}
    for path in repo.files():
        if is_searched(path) and lane(path) is not Trust.DOCS:
            version = repo.read(path)
            if version and b"\0" not in version.data[:8192]:
                found[path] = version.data.decode("utf-8", "replace")
    return found


def places(words: Sequence[str], repo: Repo, globs: Sequence[str] = ("**",)) -> str:
    """Each line that holds one of these words, in files that match, as far as there is room; empty
    without words. Reads the whole repository.
    """
    if not words:
        return ""
    held = {p: text for p, text in texts(repo).items() if any(matches(p, glob) for glob in globs)}
    parts = []
    left = HIT_TOKENS
    for word in words[:MOST_WORDS]:
        rows: list[str] = []
        count = count_hits(word, held, {}).before
        for row in hit_lines(word, held):
            plain = masked(row)
            if estimate(plain) > left:
                rows.append("(and more)")
                break
            rows.append(plain)
            left -= estimate(plain)
        said = f"`{word}` stands {count} times in source and tests"
        parts.append(f"{said}:\n{fence('every place', chr(10).join(rows))}" if rows else f"{said}.")
    return "\n".join(parts)
