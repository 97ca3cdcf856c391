"""The line mode: the same relay, one line at a time, for ssh, dumb terminals and screen readers.

Every state change is one printed line, and nothing printed is drawn again.
"""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Iterator

from core.domain import commands as c
from core.domain import events as e
from core.domain.phase import Phase, PhaseState
from tui.exit_codes import ExitCode
from tui.keyless import keyless, keyless_sentence
from tui.line_desk import Desk, LineSession
from tui.line_input import Interrupted, Lines
from tui.line_words import WORDS, completions, parsed, unknown
from tui.question_words import by_word
from tui.standing import offered_commit

PROMPT = "relaypair> "
AT_ONCE = ("pause", "cancel")
"""Words that a script's lines do not wait with: they are about what runs."""

LOCAL = ("local", "builtin", "demo")
"""Model ids, or what stands before their slash, that need no model host."""


class LineMode:
    """Drives one session by typed words."""

    def __init__(
        self,
        session: LineSession,
        lines: Lines,
        editor: tuple[str, ...] = (),
        elsewhere: str = "",
    ) -> None:
        """`elsewhere` is the option that names the repository where the folder does not."""
        self._session = session
        self._elsewhere = elsewhere
        self._lines = lines
        self._desk = Desk(session, lines, editor)
        self._doing: asyncio.Task[None] | None = None
        self._beside: set[asyncio.Task[None]] = set()
        self._quits_next = False
        self._was_ended = False
        self._read_tenths = 0

    def suggest(self, typed: str) -> tuple[str, ...]:
        """What the last word of a typed line may become."""
        routed = (m for r in self._desk.state.routes.values() for m in r.models)
        return completions(typed, (*self._desk.models, *routed), self._desk.paths)

    async def run(self, goal: str = "", *, resume: bool = False) -> ExitCode:
        """Read lines until `quit`, the end, or a second ctrl+c; then say how to come back."""
        reader = asyncio.create_task(self._print(self._session.events()))
        await asyncio.sleep(0)
        with self._signals():
            try:
                await self._begin(goal, resume=resume)
                await self._read()
                code = self._code()
            except asyncio.CancelledError:
                if not self._was_ended:
                    raise
                code = ExitCode.ASKED
            finally:
                await self._close()
                await reader
        self._say_farewell()
        return code

    async def _begin(self, goal: str, *, resume: bool) -> None:
        if self._lines.is_live:
            self._desk.say("Line mode: every change is one line. `help` lists the words.")
            self._later(self._learn_paths())
        if resume:
            self._session.resume()
        elif self._desk.state.goal.text:
            self._desk.say(f"goal: {self._desk.state.goal.text}")
        if goal:
            await self._desk.send(c.StartRun(goal))
        await asyncio.sleep(0)
        self._say_state()
        if self._lines.is_live:
            self._later(self._warm())
            self._later(self._session.index())

    def _say_state(self) -> None:
        run = self._desk.state
        if not run.goal.text:
            self._desk.say("No goal yet: `goal TEXT` takes one up.")
        elif run.waiting:
            self._desk.say(f"waiting: {keyless(run.waiting)}")

    async def _read(self) -> None:
        draft = ""
        while not self._desk.is_leaving:
            try:
                line = await self._lines.read(PROMPT, draft)
                draft = ""
                await self._carry_out(line)
            except Interrupted as interrupted:
                draft = await self._interrupted(interrupted.draft)
            except EOFError:
                if not self._lines.is_live:
                    await self._desk.quiet()
                return

    async def _carry_out(self, line: str) -> None:
        self._quits_next = False
        word, rest = parsed(line)
        if not self._lines.is_live:
            if word not in AT_ONCE:
                await self._desk.quiet()
            self._desk.say(PROMPT + line)
        if not line.strip() or line.lstrip().startswith("#"):
            self._desk.armed = ""
            return
        before, self._desk.typed = self._desk.armed, f"{word} {rest}".strip()
        self._doing = asyncio.ensure_future(self._handled(word, rest))
        try:
            await self._doing
        except asyncio.CancelledError:
            if self._was_ended or not self._doing.cancelled():
                raise
            self._desk.say("Stopped waiting.")
        finally:
            self._doing = None
        if self._desk.armed == before:
            self._desk.armed = ""

    async def _handled(self, word: str, rest: str) -> None:
        if word:
            await WORDS[word](self._desk, rest)
        else:
            self._desk.say(unknown(rest))

    async def _interrupted(self, draft: str) -> str:
        """Cancel what runs, else drop the draft, else quit at the second time; the kept draft."""
        if self._desk.state.running:
            await self._desk.send(c.CancelCall())
            return draft
        if draft:
            return ""
        if self._quits_next:
            self._desk.is_leaving = True
        else:
            self._quits_next = True
            self._desk.say("ctrl+c again quits; so do `quit` and ctrl+d.")
        return ""

    async def _print(self, events: AsyncIterator[e.Recorded]) -> None:
        async for recorded in events:
            event = recorded.event
            if isinstance(event, e.TextStreamed):
                self._keep(event)
                continue
            if isinstance(event, e.IndexAdvanced) and not self._is_step(event):
                continue
            if isinstance(event, e.ModelReplied):
                self._desk.replies.append(event)
            if text := keyless_sentence(event):
                self._desk.log.append(text)
                self._desk.say(text)
            for further in self._following(event):
                self._desk.say(further)

    def _is_step(self, event: e.IndexAdvanced) -> bool:
        """Whether another tenth of the files is read; what is read at once is no news."""
        before, is_done = self._read_tenths, event.done >= event.total
        tenths = 10 * event.done // max(1, event.total)
        self._read_tenths = 0 if is_done else tenths
        return bool(before) if is_done else tenths != before

    def _following(self, event: e.Event) -> Iterator[str]:
        """What a person who sees only lines must be told besides."""
        if isinstance(event, e.PhaseStarted) and event.model.partition("/")[0] not in LOCAL:
            self._desk.tail.clear()
            yield f"{event.phase.value}: waiting for the first token; `cancel` stops it"
        if isinstance(event, e.ContextRetrieved) and self._desk.state.running is Phase.RETRIEVE:
            yield "That is an early ranking: history is still being read."
        if isinstance(event, e.ApprovalRequested):
            yield "`approve` lets it run in a scratch copy, `refuse` does not."
        if isinstance(event, e.QuestionAsked):
            yield by_word(event.question)
        if isinstance(event, e.EditsLanded):
            yield from filter(None, [offered_commit(self._desk.state)])
        if isinstance(event, e.HostChanged) and event.state == "ready" and self._lines.is_live:
            self._later(self._learn_models())

    def _keep(self, event: e.TextStreamed) -> None:
        tail = self._desk.tail
        first, *others = event.text.split("\n")
        if tail:
            tail[-1] += first
        else:
            tail.append(first)
        tail.extend(others)

    async def _warm(self) -> None:
        await self._session.warm()

    async def _learn_paths(self) -> None:
        self._desk.paths = await self._session.paths()

    async def _learn_models(self) -> None:
        known = await self._session.models()
        self._desk.models = self._desk.models or tuple(m.id for m in known)

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _close(self) -> None:
        run = self._desk.state
        if run.last_landing and run.cursor is None and not run.running:
            await self._session.submit(c.Finish())
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        await self._session.close()

    def _code(self) -> ExitCode:
        """For a script: how the run stands."""
        run = self._desk.state
        if self._lines.is_live:
            return ExitCode.DONE
        if run.last_landing:
            return ExitCode.DONE if run.last_landing.verified else ExitCode.UNVERIFIED
        if run.question:
            return ExitCode.ASKED
        if any(p.state is PhaseState.FAILED for p in run.phases.values()):
            return ExitCode.FAILED
        return ExitCode.ASKED if run.asked else ExitCode.DONE

    def _say_farewell(self) -> None:
        from tui.leaving import leave_note

        if self._desk.state.goal.text:
            self._desk.say("\n".join(leave_note(self._desk.state).lines) + self._elsewhere)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop, main = asyncio.get_running_loop(), asyncio.current_task()

        def interrupt() -> None:
            if self._desk.is_editing:
                return
            if not self._lines.interrupt() and self._doing:
                self._doing.cancel()

        def end() -> None:
            self._was_ended = True
            if main:
                main.cancel()

        wanted = {signal.SIGINT: interrupt, signal.SIGTERM: end, signal.SIGHUP: end}
        for number, handler in wanted.items():
            loop.add_signal_handler(number, handler)
        try:
            yield
        finally:
            for number in wanted:
                loop.remove_signal_handler(number)
