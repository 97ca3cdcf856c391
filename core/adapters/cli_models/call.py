"""One call: one run of one program, our own limits, and a verdict on what it printed."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.adapters.cli_models import faults
from core.adapters.cli_models.command import CliCommand, Give, Output
from core.adapters.cli_models.environment import variables
from core.adapters.cli_models.faults import Case, Trouble
from core.adapters.cli_models.heard import Heard, Lines, object_in, objects_in, plain
from core.adapters.cli_models.workspace import Complaints, Workspace
from core.adapters.containment import Ended, Place, Rung, run_enclosed
from core.adapters.model_host.redact import redact
from core.adapters.model_host.repetition import RepetitionWatch
from core.domain.errors import ModelFault
from core.domain.metrics import CostBasis, Usage
from core.domain.model import ModelReply, ModelRequest, OnText
from core.retrieval.snippets import estimate

_FEED = 'exec 0<"$1" 2>"$2" && shift 2 && exec "$@"'
"""For `sh`: stdin is a file that ends, stderr our pipe; then the program takes its place."""

_ARGUMENT = 131_071
"""Bytes of the longest argument on Linux: MAX_ARG_STRLEN less its end."""

_WRAPPING = 4
"""JSON around a reply may take this many times the reply's own byte limit."""

_HEAD = 2_000
"""Characters of stdout kept for a sentence about it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What every call of one program needs."""

    command: CliCommand
    executable: str
    name: str
    """The name behind the colon, or an empty string."""
    user: Mapping[str, str]
    repository: Path
    price: tuple[float, float] | None
    """Dollars per million tokens in and out, where the user's file names them."""
    secrets: Sequence[str]
    on_note: OnText


class Call:
    """Answers one request. `run` is called once."""

    def __init__(self, setting: Setting, request: ModelRequest, on_text: OnText) -> None:
        self._setting, self._request, self._on_text = setting, request, on_text
        self._command = setting.command
        self._heard = Heard()
        self._lines = Lines()
        self._unread: list[str] = []
        self._head = ""
        self._bytes = 0
        self._trouble: Trouble | None = None
        self._repetition = RepetitionWatch()
        self._deadline: asyncio.Timeout | None = None
        loop = asyncio.get_running_loop()
        self._clock = loop.time
        self._start = self._clock()
        self._first = 0.0

    async def run(self) -> ModelReply:
        """The complete reply. Raises ModelFault for anything less."""
        workspace = Workspace(self._setting.repository)
        try:
            ended, complaint = await self._watched(workspace)
            written = await asyncio.to_thread(workspace.written)
        finally:
            await workspace.remove()
        note = f"wrote {written} file{'s'[: written != 1]}, ignored" if written else ""
        if trouble := self._judge(ended, complaint):
            raise self._fault(trouble, note)
        if note:
            self._setting.on_note(f"{self._command.program} {note}")
        return self._reply()

    async def _watched(self, workspace: Workspace) -> tuple[Ended | None, str]:
        """Run the program under our limits; no end where it was one of them that ended it."""
        argv, environment = self._prepare(workspace)
        limits, command = self._request.timeouts, self._command
        complaints = Complaints(workspace.own / "stderr", self._take_complaint)
        first = self._start + limits.first_token if command.streams else None
        ended = None
        try:
            async with asyncio.timeout_at(first) as self._deadline:
                ended = await run_enclosed(
                    Rung.PLAIN,
                    argv,
                    Place(workspace.work, Path("/nonexistent"), network=True),
                    environment,
                    seconds=limits.total,
                    on_bytes=self._take,
                )
        except TimeoutError:
            what = "idle" if self._first else "first"
            seconds = limits.idle if self._first else limits.first_token
            self._trouble = self._trouble or faults.late(command.program, what, seconds)
        finally:
            self._deadline = None
            complaints.close()
        return ended, complaints.text

    def _prepare(self, workspace: Workspace) -> tuple[list[str], dict[str, str]]:
        """The command line and environment; the files they name are written."""
        setting, command, request = self._setting, self._command, self._request
        has_own = command.takes_system and bool(request.system)
        before = "" if has_own or not request.system else f"{request.system}\n\n"
        prompt = before + request.prompt
        own = workspace.own
        if command.give is Give.ARGUMENT and len(prompt.encode("utf-8", "replace")) > _ARGUMENT:
            raise self._fault(faults.too_large(command.program, _ARGUMENT))
        names = {
            "prompt": prompt.replace("\0", " "),
            "prompt_file": str(own / "prompt.md"),
            "system_file": str(own / "system.md"),
            "model": setting.name,
            "own": str(own),
        }
        texts = {**command.files, "prompt.md": prompt}
        workspace.hand_over(texts | ({"system.md": request.system} if has_own else {}))
        args = [*command.args]
        args += command.system_args if has_own else ()
        args += command.model_args if setting.name else ()
        stdin = names["prompt_file"] if command.give is Give.STDIN else "/dev/null"
        fed = ["/bin/sh", "-c", _FEED, "sh", stdin, str(own / "stderr"), setting.executable]
        wanted = {
            key: _filled(value, names)
            for key, value in command.variables.items()
            if has_own or "{system_file}" not in value
        }
        environment = variables(
            setting.user, command.passed, setting.repository, workspace.temporary
        )
        environment = {k: v for k, v in (environment | wanted).items() if v}
        return [*fed, *(_filled(arg, names) for arg in args)], environment

    def _take(self, data: bytes) -> None:
        if not self._trouble:
            self._count(len(data))
            for line in self._lines.feed(data):
                self._take_line(line)
            self._note_life()

    def _take_complaint(self, size: int) -> None:
        if not self._trouble:
            self._count(size)
            self._note_life()

    def _note_life(self) -> None:
        """Any output puts off the limit on silence, once there is text."""
        if self._first and self._command.streams and not self._trouble:
            self._move_deadline(self._clock() + self._request.timeouts.idle)

    def _count(self, size: int) -> None:
        """Hold the limit on bytes."""
        command = self._command
        times = 1 if command.output is Output.TEXT else _WRAPPING
        self._bytes += size
        if self._bytes > times * self._request.timeouts.max_bytes:
            self._stop(faults.too_long(command.program))

    def _take_line(self, line: str) -> None:
        if len(self._head) < _HEAD:
            self._head += line[:_HEAD]
        if self._command.output is Output.TEXT:
            self._show(line)
            return
        said = object_in(line) if self._command.output is Output.LINES else None
        if said is None:
            self._unread.append(line)
        else:
            self._show(self._command.reader(self._heard, said))

    def _show(self, text: str) -> None:
        """Pass on new text, if there is any."""
        if not text or self._trouble:
            return
        if not self._first:
            self._first = self._clock() - self._start
        self._heard.pieces.append(text)
        self._on_text(text)
        if self._repetition.loops(text):
            self._stop(faults.repetition(self._command.program))

    def _stop(self, trouble: Trouble) -> None:
        """End the program because of this."""
        self._trouble = trouble
        self._move_deadline(self._clock())

    def _move_deadline(self, when: float) -> None:
        """While the program runs, and has not run out of time already."""
        if self._deadline and not self._deadline.expired():
            self._deadline.reschedule(when)

    def _judge(self, ended: Ended | None, complaint: str) -> Trouble | None:
        if self._trouble or ended is None:
            return self._trouble
        if ended.timed_out:
            limit = self._request.timeouts.total
            return faults.late(self._command.program, "total", limit)
        for line in self._lines.finish():
            self._take_line(line)
        self._read_rest(complaint)
        return self._trouble or faults.of_end(self._case(complaint), ended)

    def _read_rest(self, complaint: str) -> None:
        """Objects over several lines; on stderr too, where gemini prints an error."""
        heard, command = self._heard, self._command
        if command.output is Output.TEXT:
            heard.is_done = True
            return
        if not heard.is_done:
            for said in objects_in("".join(self._unread)):
                self._show(command.reader(heard, said))
        if not heard.is_done and not heard.error:
            aside = Heard()
            for said in objects_in(plain(complaint)):
                command.reader(aside, said)
            heard.error, heard.status = aside.error, aside.status

    def _case(self, complaint: str) -> Case:
        secrets = self._setting.secrets
        return Case(
            self._command, self._request.model, self._heard, plain(complaint), self._head, secrets
        )

    def _reply(self) -> ModelReply:
        return ModelReply(
            text=self._heard.reply,
            model=self._answering(),
            usage=self._usage(),
            seconds=self._clock() - self._start,
            first_token=self._first or self._clock() - self._start,
            left_out=("temperature", "max_output"),
        )

    def _answering(self) -> str:
        """The asked id, or the same program with the model that it names."""
        asked, said = self._request.model, self._heard.model
        return f"{asked.partition(':')[0]}:{said}" if said else asked

    def _usage(self) -> Usage:
        """Counts and dollars as told; else counts are estimated and priced by the user's file."""
        tokens_in, tokens_out = self._tokens()
        heard, price = self._heard, self._setting.price
        told = heard.tokens_in is not None and heard.tokens_out is not None
        cost, basis = heard.cost, CostBasis.PRICED
        if cost is None and price is not None:
            cost = (tokens_in * price[0] + tokens_out * price[1]) / 1_000_000
            basis = CostBasis.PRICED if told else CostBasis.ESTIMATED
        elif cost is None:
            basis = CostBasis.UNKNOWN
        return Usage(tokens_in, tokens_out, heard.tokens_cached, cost, basis, calls=1)

    def _tokens(self) -> tuple[int, int]:
        heard = self._heard
        asked = estimate(self._request.system + self._request.prompt)
        answered = estimate(heard.reply)
        return (
            asked if heard.tokens_in is None else heard.tokens_in,
            answered if heard.tokens_out is None else heard.tokens_out,
        )

    def _fault(self, trouble: Trouble, note: str = "") -> ModelFault:
        """The fault with what it cost: nothing, unless the model began to answer."""
        heard = self._heard
        was_answered = bool(heard.reply) or bool(heard.tokens_out)
        tokens_in, tokens_out = self._tokens() if was_answered else (0, 0)
        sentence = trouble.sentence
        if note:
            sentence = f"{sentence.removesuffix('.')} (it {note})."
        return ModelFault(
            trouble.kind,
            self._request.model,
            sentence,
            partial=redact(heard.reply, self._setting.secrets),
            tokens_in=tokens_in,
            tokens_out=tokens_out,
        )


def _filled(template: str, names: Mapping[str, str]) -> str:
    """A template with its names filled in once: what is filled in is not a template."""
    return re.sub(r"\{(\w+)\}", lambda m: names.get(m[1], m[0]), template)
