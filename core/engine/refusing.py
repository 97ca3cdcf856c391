"""What never lands, whoever accepted it: looked at again with every landing."""

from collections.abc import Iterator

from core.domain.errors import Refused
from core.domain.hunk import FileEdit, FileOp, Hunk, HunkState
from core.domain.risk import RiskTier
from core.domain.scope import outside
from core.domain.state import RunState
from core.domain.task import Touch, Touched
from core.edits.annotate import HOW_TO_ALLOW


def refuse_forbidden(state: RunState) -> None:
    """Raise `Refused` where a hunk would be written that is never edited, or that is outside the
    scope of the goal or of its task.
    """
    for file in state.files:
        if written := _written(file, state):
            _refuse_never_edited(file, written)
            _refuse_outside(file, written, state)


def _written(file: FileEdit, state: RunState) -> tuple[Hunk, ...]:
    """The kept hunks of a file that landing writes; none of a change that stays on disk whole."""
    kept = file.kept(state.decisions)
    return () if file.present and len(kept) == len(file.hunks) else kept


def _refuse_never_edited(file: FileEdit, written: tuple[Hunk, ...]) -> None:
    never = [h for h in written if h.risk is RiskTier.FORBIDDEN]
    if never:
        raise Refused(
            f"{file.path} is never edited (rule {never[0].rule}), so nothing was landed: n "
            f"rejects its hunks; {HOW_TO_ALLOW.format(path=file.path)}."
        )


def _refuse_outside(file: FileEdit, written: tuple[Hunk, ...], state: RunState) -> None:
    tasks = {task.id: task for task in state.tasks}
    for hunk in written:
        if state.decision(hunk.id) is HunkState.LANDED:
            continue
        for touched in _touches(hunk, file):
            if over := outside(touched, tasks.get(hunk.task), state.goal.scope):
                of = f" ({hunk.task})" if hunk.task else ""
                raise Refused(f"{over.why}{of}, so nothing was landed: n rejects its hunks.")


def _touches(hunk: Hunk, file: FileEdit) -> Iterator[Touched]:
    """What a hunk does; lines inside a moved file are changes of the file that was there."""
    if hunk.op is FileOp.RENAME:
        yield Touched(hunk.source, Touch.DELETE)
    if hunk.op in (FileOp.RENAME, FileOp.CREATE):
        yield Touched(hunk.path, Touch.CREATE)
    elif hunk.op is FileOp.DELETE:
        yield Touched(hunk.path, Touch.DELETE)
    else:
        yield Touched(file.source or hunk.path, Touch.CHANGE)
