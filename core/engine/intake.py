"""A run over edits that exist already: the first four phases are skipped, the hunks wait for
decisions.
"""

from collections.abc import Iterator

from core.domain import events as e
from core.domain.errors import Refused
from core.domain.goal import Budget, Goal, Scope
from core.domain.phase import Phase
from core.domain.repository import RepositoryState
from core.edits.staging import Staged

_SKIPPED = (Phase.RETRIEVE, Phase.PLAN, Phase.GENERATE, Phase.APPLY)


def review_events(
    title: str, staged: Staged, repository: RepositoryState, scope: Scope, budget: Budget
) -> Iterator[e.Event]:
    """The events that begin such a run. Raises `Refused` when there is nothing to review."""
    if not staged.files and not staged.refusals:
        raise Refused(f"There is nothing to review in {title}.")
    if not staged.files:
        raise Refused(_all_refused(title, staged))
    yield e.RunStarted(Goal(f"review {title}", scope, budget), repository, "review")
    for phase in _SKIPPED:
        yield e.PhaseSkipped(phase, "the change exists already")
    yield e.EditsStaged(staged.files, staged.refusals)
    present = sum(f.present for f in staged.files)
    if present:
        yield e.NoticeGiven(
            f"{present} of these files hold the change already: landing takes the rejected "
            "hunks out of them, U brings them back."
        )
    yield e.RunPaused(f"{sum(len(f.hunks) for f in staged.files)} hunks undecided")


def _all_refused(title: str, staged: Staged) -> str:
    first, *others = staged.refusals
    more = f" (and {len(others)} more)" if others else ""
    return (
        f"Nothing in {title} can be reviewed: {first.path}: {first.reason}{more}; for a change "
        "that is in the files already, `relaypair review` alone shows it."
    )
