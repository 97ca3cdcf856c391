"""The length of the note a receipt hands on, from the receipt as the journal holds it."""

from collections.abc import Callable, Iterable, Mapping

from core.domain.words import counted
from core.record.late import Plain

LONGEST = 2_800
"""Characters: `core.domain.receipt.NOTE_CHARACTERS`, whose module takes long to load."""
CHARACTERS_PER_TOKEN = 3.3
"""As `core.retrieval.snippets` estimates, whose module takes long to load."""


def note_tokens(receipt: Plain) -> int:
    """Estimated tokens of `Receipt.to_note`, of any phase but retrieve.

    It is written again here because making receipts takes longer than the answer may. Raises
    KeyError or TypeError for what is no receipt.
    """
    lines = [f"- {text}" for text in receipt["did"]]
    lines += _BODIES[receipt["kind"]](receipt)
    lines += [f"decided: {d['what']} (because {d['why']})" for d in receipt["decisions"]]
    lines += [f"assumed: {text}" for text in receipt["assumptions"]]
    lines += [f"open: {text}" for text in receipt["open_questions"]]
    length = sum(map(len, lines)) + max(0, len(lines) - 1)
    return int(min(length, LONGEST) / CHARACTERS_PER_TOKEN) + 1


def _plan(receipt: Plain) -> Iterable[str]:
    if receipt["summary"]:
        yield receipt["summary"]
    for task in receipt["tasks"]:
        if task["included"]:
            yield f"{task['id']} {task['title']} [{', '.join(task['files'])}]"


def _generate(receipt: Plain) -> Iterable[str]:
    for one in receipt["outputs"]:
        files = ", ".join(one["files"])
        yield f"{one['task']}: {counted(one['blocks'], 'edit')} in {files}. {one['rationale']}"


def _apply(receipt: Plain) -> Iterable[str]:
    files = receipt["files"]
    yield f"{receipt['hunks']} hunks in {len(files)} files: {', '.join(files)}"
    for one in receipt["refusals"]:
        yield f"refused {one['path']}: {one['reason']}"


def _verify(receipt: Plain) -> Iterable[str]:
    for one in receipt["checks"]:
        yield f"{' '.join(one['command']['argv'])}: {one['outcome']}. {one['summary']}"
    for one in receipt["counts"]:
        yield f"`{one['word']}`: {one['before']} hits before, {one['after']} after"
    if verdict := receipt["verdict"]:
        yield f"reviewer {verdict['model']}: {verdict['decision']}"
        for one in verdict["findings"]:
            yield f"{one['where']}: {one['claim']}"


def _review(receipt: Plain) -> Iterable[str]:
    yield receipt["summary"]
    for text in receipt["attention"]:
        yield f"look at: {text}"
    if receipt["commit_message"]:
        yield "commit message:"
        yield receipt["commit_message"]


_BODIES: Mapping[str, Callable[[Plain], Iterable[str]]] = {
    "plan": _plan,
    "generate": _generate,
    "apply": _apply,
    "verify": _verify,
    "review": _review,
}
