"""The checker: approved commands, run in the scratch tree, contained, judged against the base."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.adapters import origins
from core.adapters.check_environment import CheckEnvironment, Folders
from core.adapters.check_output import Output
from core.adapters.check_reports import excerpt, read_report, without
from core.adapters.check_verdict import Run, Verdict, compare, count, listed
from core.adapters.containment import Place, Rung, best_rung, describe, run_enclosed
from core.adapters.scratch import ScratchTree
from core.domain.check import SYNTAX, CheckCommand, CheckResult, Outcome
from core.domain.edit import FileVersion
from core.domain.errors import RelaypairError
from core.domain.model import OnText
from core.ports import Repo, ignore

Change = tuple[tuple[FileVersion, ...], tuple[str, ...]]
"""What differs from the working files: changed and removed."""

NO_CHANGE: Change = ((), ())


class SandboxedChecker:
    """The `Checker` port. One check at a time; the worktree is only read."""

    def __init__(
        self,
        repo: Repo,
        folder: Path,
        environment: Mapping[str, str],
        *,
        passed_variables: Iterable[str] = (),
        allow_network: bool = False,
        rung: Rung | None = None,
    ) -> None:
        """`folder` holds the scratch trees, `environment` is the user's.

        `passed_variables` names variables that checks may have; keys and tokens are withheld all
        the same. `rung` is how far checks are shut in, by default as far as works here.
        """
        self._repo = repo
        self._scratch = ScratchTree(repo, folder)
        self._user = environment
        self._passed = tuple(passed_variables)
        self._network = allow_network
        self._forced = rung
        self._lock = asyncio.Lock()
        self._change = NO_CHANGE
        self._baselines: dict[tuple[str, tuple[str, ...]], Run] = {}

    async def prepare(self, changes: Iterable[FileVersion], removed: Iterable[str] = ()) -> str:
        """Bring the scratch tree to the working files plus a change; the hash of exactly that tree.

        Raises `ScratchUnusable`.
        """
        change = (tuple(changes), tuple(removed))
        async with self._lock:
            self._change = change
            return await asyncio.to_thread(self._scratch.prepare, *change)

    async def run(
        self, command: CheckCommand, tree_hash: str, on_text: OnText = ignore
    ) -> CheckResult:
        """Run one approved command in the prepared tree, and once more if it fails.

        A check that fails both times runs on the tree without the change as well, and only failures
        that are not there already count. Cancelling ends every process of the check.
        """
        if command.argv == SYNTAX.argv:
            return _refusal(command, tree_hash, "syntax is checked in process, not as a command")
        async with self._lock:
            try:
                return await self._judge(command, tree_hash, on_text)
            except (RelaypairError, OSError) as error:
                summary = str(error)
                return CheckResult(command, tree_hash, Outcome.ERROR, summary=summary)

    def close(self) -> None:
        """Let another Relaypair have the scratch tree."""
        self._scratch.close()

    async def _judge(self, command: CheckCommand, tree_hash: str, on_text: OnText) -> CheckResult:
        rung = self._forced
        if rung is None:
            rung = await asyncio.to_thread(best_rung)
        if await self._restore(self._change) != tree_hash:
            moved = "the working files changed since this tree was made; verify again"
            return _refusal(command, tree_hash, moved)
        elsewhere = await self._imported_elsewhere(command, rung)
        if elsewhere:
            return _refusal(command, tree_hash, elsewhere, rung)
        run = await self._run(command, rung, on_text)
        verdict = Verdict(run.outcome, run.reason)
        if run.outcome is Outcome.FAIL:
            verdict = await self._second_opinion(command, run, rung, tree_hash, on_text)
        return self._result(tree_hash, run, verdict, rung)

    async def _second_opinion(
        self, command: CheckCommand, run: Run, rung: Rung, tree_hash: str, on_text: OnText
    ) -> Verdict:
        on_text("It failed; running it once more, unchanged.\n")
        await self._restore(self._change)
        again = await self._run(command, rung, on_text)
        if not run.resembles(again):
            said = f"{run.outcome.value} ({run.reason}), then {again.outcome.value}"
            summary = f"two runs on the same tree differ: {said} ({again.reason})"
            return Verdict(Outcome.FLAKY, summary)
        base = await self._baseline(command, rung, tree_hash, on_text)
        return compare(run, base) if base else Verdict(run.outcome, run.reason)

    async def _baseline(
        self, command: CheckCommand, rung: Rung, tree_hash: str, on_text: OnText
    ) -> Run | None:
        """The same command on the tree without the change; None if there is no change."""
        try:
            base_hash = await self._restore(NO_CHANGE)
            if base_hash == tree_hash:
                return None
            key = (base_hash, command.argv)
            if key not in self._baselines:
                on_text("Running it on the tree without the change, to tell known failures.\n")
                self._baselines[key] = await self._run(command, rung, on_text)
            return self._baselines[key]
        finally:
            await self._restore(self._change)

    async def _restore(self, change: Change) -> str:
        """Take away all that earlier checks left; the tree's hash."""
        found = await asyncio.to_thread(self._scratch.prepare, *change)
        await asyncio.to_thread(self._scratch.clear_private)
        return found

    async def _run(self, command: CheckCommand, rung: Rung, on_text: OnText) -> Run:
        environment = self._environment()
        output = Output(lambda text: on_text(self._relative(text)))
        ended = await run_enclosed(
            rung,
            environment.command(command.argv),
            self._place(environment),
            environment.variables(),
            seconds=command.timeout,
            on_bytes=lambda data: output.feed(data, time.monotonic()),
        )
        text = self._relative(output.finish())
        written = await asyncio.to_thread(self._scratch.written)
        return Run(command, ended, text, output.total, read_report(text), written)

    async def _imported_elsewhere(self, command: CheckCommand, rung: Rung) -> str:
        """Why a Python check would not test the copy; empty if it would, or is no Python."""
        environment = self._environment()
        interpreter = environment.interpreter()
        if not interpreter or not origins.imports_python(command.argv):
            return ""
        names = await asyncio.to_thread(origins.package_names, self._repo)
        if not names:
            return ""
        output = Output(ignore)
        await run_enclosed(
            rung,
            (interpreter, "-c", origins.QUESTION, *names),
            self._place(environment),
            environment.variables(),
            seconds=origins.SECONDS,
            on_bytes=lambda data: output.feed(data, time.monotonic()),
        )
        found = origins.read_answer(output.finish())
        elsewhere = origins.foreign(found, self._repo.root.resolve(), self._scratch.tree.resolve())
        if elsewhere is None:
            return ""
        name, where = elsewhere
        return (
            f"Python imports {name} from {where}, not from the copy with the change, so the result "
            "would prove nothing; uninstall it there or put its source folder on the path"
        )

    def _environment(self) -> CheckEnvironment:
        scratch = self._scratch
        folders = Folders(self._repo.root, scratch.tree, scratch.home, scratch.temporary)
        return CheckEnvironment(self._user, folders, self._passed)

    def _place(self, environment: CheckEnvironment) -> Place:
        scratch = self._scratch
        return Place(
            tree=scratch.tree,
            home=environment.home,
            writable=(scratch.home, scratch.temporary),
            readable=environment.readable(scratch.shared),
            network=self._network,
        )

    def _relative(self, text: str) -> str:
        tree = str(self._scratch.tree)
        return text.replace(f"{tree}/", "").replace(tree, ".")

    def _result(self, tree_hash: str, run: Run, verdict: Verdict, rung: Rung) -> CheckResult:
        known = verdict.known
        failures = tuple(n for n in run.report.failures if n not in known)
        passed = verdict.outcome is Outcome.PASS
        fresh = excerpt(without(run.output, known), failures, run.report.counts)
        return CheckResult(
            run.command,
            tree_hash,
            verdict.outcome,
            seconds=run.ended.seconds,
            exit_code=run.ended.code,
            containment=rung.value,
            summary=verdict.summary,
            failures=failures,
            known_failures=known,
            output=run.output,
            output_bytes=run.output_bytes,
            excerpt="" if passed else fresh,
            notes=(*verdict.notes, *self._notes(run, rung)),
            blames=verdict.blames,
        )

    def _notes(self, run: Run, rung: Rung) -> tuple[str, ...]:
        notes = [describe(rung, network=self._network)]
        if self._scratch.shared:
            shared = ", ".join(self._scratch.shared)
            notes.append(f"shared with your folder, not copied: {shared}")
        if left := run.ended.leftovers:
            notes.append(f"left running by the check, ended: {listed(left, 5)}")
        if run.written:
            made = count(len(run.written), "file")
            notes.append(f"{made} written in the copy, discarded: {listed(run.written, 5)}")
        if withheld := self._environment().refused:
            notes.append(f"never passed to a check: {listed(withheld, 5)}")
        return tuple(notes)


def _refusal(
    command: CheckCommand, tree_hash: str, reason: str, rung: Rung | None = None
) -> CheckResult:
    containment = rung.value if rung else ""
    return CheckResult(command, tree_hash, Outcome.INVALID, containment=containment, summary=reason)
