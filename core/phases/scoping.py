"""What a reply does to which paths, held against the scope of its task."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from core.domain.path import one_spelling
from core.domain.scope import Outside, outside
from core.domain.task import TaskSpec, Touch, Touched
from core.edits.annotate import never_edited
from core.edits.intent import Intent, Op
from core.phases.inputs import Inputs, PhasePorts
from core.retrieval.corpus import is_secret_name


def outside_task(
    intents: Sequence[Intent], task: TaskSpec | None, inputs: Inputs, ports: PhasePorts
) -> dict[Intent, Outside]:
    """The intents that do what the scope does not allow. What no model edits stays outside."""

    def is_there(path: str) -> bool:
        return ports.repo.read(path) is not None

    found: dict[Intent, Outside] = {}
    for intent, touched in touches(intents, is_there):
        over = outside(touched, task, inputs.scope)
        if over and intent not in found:
            found[intent] = _fixed(over, inputs, ports)
    return found


def touches(
    intents: Sequence[Intent], is_there: Callable[[str], bool]
) -> Iterator[tuple[Intent, Touched]]:
    """What each intent does to which path.

    What it changes in a file that the same reply makes or moves is part of the making.
    """
    made = {one_spelling(i.target) for i in intents if i.op is Op.RENAME}
    made |= {one_spelling(i.path) for i in intents if i.op in (Op.CREATE, Op.WHOLE)}
    for intent in intents:
        path = one_spelling(intent.path)
        if intent.op in (Op.RENAME, Op.DELETE):
            yield intent, Touched(path, Touch.DELETE)
        elif path in made and not is_there(path):
            yield intent, Touched(path, Touch.CREATE)
        else:
            yield intent, Touched(path, Touch.CHANGE)
        if intent.op is Op.RENAME:
            yield intent, Touched(one_spelling(intent.target), Touch.CREATE)


def _fixed(over: Outside, inputs: Inputs, ports: PhasePorts) -> Outside:
    """The same, said to stay so where the path is one that no model edits."""
    path = over.touched.path
    if not over.may_be_widened:
        return over
    if why := never_edited(path, ports.repo.read, inputs.policy):
        return replace(over, why=f"{path} is never edited: {why}", may_be_widened=False)
    if is_secret_name(path):
        return replace(over, why=f"{path} is named like a key file", may_be_widened=False)
    return over
