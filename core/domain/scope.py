"""What a task may do to which path: change it, create it, delete it."""

from dataclasses import dataclass

from core.domain.goal import Scope, matches
from core.domain.path import one_spelling
from core.domain.task import TaskSpec, Touch, Touched


@dataclass(frozen=True, slots=True)
class Outside:
    """A touch that the scope does not allow."""

    touched: Touched
    why: str
    """A clause that names the path."""
    may_be_widened: bool = True
    """Whether the user may allow it; what the goal leaves out and what is never edited stays so."""


def outside(touched: Touched, task: TaskSpec | None, scope: Scope) -> Outside | None:
    """Why this may not be done; None where it may. Without a task only the goal's scope counts."""
    path = touched.path
    if not scope.allows_write(path):
        return Outside(touched, f"{path} is outside the scope of the goal", may_be_widened=False)
    if task is None or _allows(task, touched):
        return None
    return Outside(touched, _WHY[touched.touch].format(path=path))


_WHY = {
    Touch.CHANGE: "{path} is not among its files",
    Touch.CREATE: "it may not create {path}",
    Touch.DELETE: "it may not delete or move {path}",
}


def _allows(task: TaskSpec, touched: Touched) -> bool:
    """A task may change what its files match; create what `may_create` matches and what its files
    name in full; delete what `may_delete` matches or, where its plan is silent, what its files name
    in full; and what the user widened it by.
    """
    path = one_spelling(touched.path)
    if any(w.path == path and touched.touch in (w.touch, Touch.CHANGE) for w in task.widened):
        return True
    if touched.touch is Touch.CREATE:
        return task.names(path) or _matches(path, task.may_create)
    if touched.touch is Touch.DELETE:
        return task.names(path) if task.may_delete is None else _matches(path, task.may_delete)
    return _matches(path, (*task.files, *(task.may_delete or ())))


def _matches(path: str, globs: tuple[str, ...]) -> bool:
    return any(matches(path, glob) for glob in globs)


def listed(found: tuple[Outside, ...]) -> str:
    """The clauses, at most four."""
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(o.why for o in found[:_SHOWN]) + more


_SHOWN = 4
