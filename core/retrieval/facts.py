"""Facts besides files: what past commits did for a goal like this one."""

from collections.abc import Iterator, Mapping, Sequence

from core.domain.context import ContextItem, Trust
from core.retrieval.snapshot import PastCommit
from core.retrieval.snippets import fact_item

COMMITS = 3
"""Past commits that are told."""
MOST_FILES = 6
"""Files of a commit that are told by name."""


def past_commits(commits: Sequence[PastCommit], paths: Sequence[str]) -> Iterator[ContextItem]:
    """The best past commits as items: what each said, and what it changed, by today's `paths`."""
    named: dict[str, list[str]] = {}
    for path in paths:
        named.setdefault(path.rpartition("/")[2], []).append(path)
    for place, commit in enumerate(commits[:COMMITS]):
        files = [_today(path, named) for path in commit.files]
        names = ", ".join(files[:MOST_FILES])
        more = len(files) - MOST_FILES
        text = f"{commit.subject}\nchanged {names}{f' and {more} more' if more > 0 else ''}"
        why = "its message is close to the goal"
        score = round(0.3 - 0.05 * place, 2)
        yield fact_item(f"commit:{commit.sha[:8]}", text, why, Trust.HISTORY, score)


def _today(path: str, named: Mapping[str, Sequence[str]]) -> str:
    """Where a file of a past commit stands now, if the one file of its name tells."""
    now = named.get(path.rpartition("/")[2], ())
    if path in now:
        return path
    return f"{path} (now {now[0]})" if len(now) == 1 else f"{path} (gone)"
