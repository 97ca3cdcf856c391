"""Whole files: a path on its own line, then a fenced block."""

from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.blocks import FENCE, path_before, path_in, refuse_lazy


def parse_whole_files(reply: str) -> tuple[Intent, ...]:
    """Every fenced block that has a path above it (or in its info string). Others are prose.

    Raises `ParseFault` for a fence that is never closed (a truncated reply) or text left out.
    """
    lines = reply.replace("\r\n", "\n").split("\n")
    intents: list[Intent] = []
    row = 0
    while row < len(lines):
        fence = FENCE.match(lines[row])
        if not fence:
            row += 1
            continue
        path = (path_in(fence[3]) if "." in fence[3] else "") or path_before(lines, row)
        end = _closing(lines, row + 1, fence[2])
        if end is None:
            raise ParseFault(
                f"the block for {path or 'a file'} is never closed; the reply seems cut"
            )
        if path:
            text = "".join(line + "\n" for line in lines[row + 1 : end])
            refuse_lazy(text, "", len(intents) + 1)
            intents.append(Intent(path, Op.WHOLE, new=text, number=len(intents) + 1))
        row = end + 1
    return tuple(intents)


def _closing(lines: list[str], row: int, fence: str) -> int | None:
    for i in range(row, len(lines)):
        text = lines[i].strip()
        if text.startswith(fence) and set(text) == {fence[0]}:
            return i
    return None
