"""What a task may do, in words."""

from collections.abc import Iterator

from core.domain.task import TaskSpec
from tui.figures import counted
from tui.sanitise import one_line

EVERYTHING = ("**",)


def scope_words(task: TaskSpec) -> Iterator[str]:
    """One clause for each thing that its plan or the user said of its scope."""
    yield f"may write {one_line(', '.join(task.files))}"
    if task.may_create and task.may_create != task.files:
        yield f"may create {one_line(', '.join(task.may_create))}"
    if task.may_delete and task.may_delete != task.files:
        yield f"may delete {one_line(', '.join(task.may_delete))}"
    if task.reads != EVERYTHING:
        yield f"is shown only {one_line(', '.join(task.reads))}"
    if task.widened:
        done = ", ".join(f"{w.touch.value} {w.path}" for w in task.widened)
        yield f"widened by you: {one_line(done)}"
    if task.lines:
        yield f"about {counted(task.lines, 'line')}"
