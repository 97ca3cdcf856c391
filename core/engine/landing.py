"""Checking and landing exactly the accepted hunks, undoing, and settling what a crash left."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace

from core.domain import events as e
from core.domain.check import CheckResult
from core.domain.edit import FileVersion
from core.domain.errors import NotWritten, Refused
from core.domain.hunk import FileEdit, HunkState, LandedFile, Landing
from core.domain.phase import Phase
from core.domain.state import RunState
from core.domain.words import counted
from core.edits.closure import lacking
from core.edits.rebasing import NotRebased, rebased
from core.edits.staging import Change, composed
from core.engine.bus import Bus
from core.engine.refusing import refuse_forbidden
from core.engine.runner import Outside, Runner
from core.engine.watched import WatchedChecker
from core.phases.verify import Tree, prepared, run_checks
from core.ports import Worktree


class Lander:
    """The last leg: from decisions to bytes, and back."""

    def __init__(self, bus: Bus, outside: Outside, worktree: Worktree) -> None:
        self._bus = bus
        self._outside = outside
        self._worktree = worktree
        self._runner = Runner(bus, outside)

    async def verify_accepted(self) -> None:
        """Run the approved checks on exactly what landing would leave.

        Raises `Refused` when nothing is accepted.
        """
        state = self._ready()
        self._warn(state)
        key = state.accepted_key
        tree = await asyncio.to_thread(self._tree, state)
        commands = self._runner.inputs(Phase.VERIFY).commands
        tree_hash, results = await run_checks(
            tree, commands, WatchedChecker(self._outside.checker, self._bus)
        )
        for result in results:
            self._bus.publish(e.CheckFinished(result, "accepted"))
        failed = [r for r in results if not r.passed]
        proven = not failed and len(results) > 1
        self._bus.publish(e.AcceptedVerified(tree_hash, key, proven, _verdict(state, results)))

    async def land(self, *, unverified: bool) -> None:
        """Write the accepted hunks. Raises `Refused` or `NotWritten`; nothing was written then."""
        self.recover()
        state = self._ready()
        if not state.is_staged_fresh:
            raise Refused(
                "These hunks were made before the goal, the context or the plan changed, so they "
                "do not land: . makes them again, S on generate and apply keeps them as they are."
            )
        if (
            state.repository
            and state.repository.condition in ("merge", "rebase", "cherry-pick")
            and not unverified
        ):
            raise Refused(
                f"A {state.repository.condition} is in progress here; finish it first, or land "
                "with the word unverified."
            )
        landing = await asyncio.to_thread(self._landing, state)
        if not landing.files and not landing.hunk_ids:
            raise Refused("The files hold exactly this already, so there is nothing to land.")
        changed = tuple(f.path for f in landing.files if self._worktree.hash_of(f.path) != f.pre)
        if changed:
            self._bus.publish(e.FilesChanged(changed))
            self._bus.publish(e.EditsRebased(self._rebased(state, changed)))
            raise Refused(
                f"{', '.join(changed)} changed on disk since it was reviewed; the hunks were "
                "placed again on what is there now. Look at them, then V checks them and L lands "
                "them."
            )
        verified = await self._is_verified(state)
        if not verified and not unverified:
            raise Refused(
                "Exactly these hunks were not checked: V checks them, or land with the word "
                "unverified."
            )
        landing = replace(landing, verified=verified)
        self._warn(state)
        self._bus.publish(e.LandingIntended(landing))
        await self._settled(landing, self._worktree.land, e.EditsLanded)

    def _rebased(self, state: RunState, changed: tuple[str, ...]) -> tuple[FileEdit, ...]:
        """The changed files with their hunks placed again. Raises `NotWritten` if one has none."""
        files = [f for f in state.files if {f.path, f.source} & set(changed)]
        made, paths = [], ", ".join(changed)
        for file in files:
            base = self._outside.blobs.get(file.base) if file.base else b""
            now = self._outside.repo.read(file.source or file.path)
            try:
                made.append(rebased(file, base, now))
            except NotRebased as reason:
                raise NotWritten(
                    f"{file.path} {reason}, so nothing of {paths} was landed; rerun apply (r) to "
                    "place the edits again.",
                    changed,
                ) from reason
            if now is not None:
                self._outside.blobs.put(now.data)
        return tuple(made)

    def _warn(self, state: RunState) -> None:
        """Say what accepted hunks need and will not have; it stops nothing."""
        if warning := lacking(state.files, state.decisions):
            self._bus.publish(e.NoticeGiven(warning))

    async def undo(self) -> None:
        """Restore every byte of the newest landing that stands.

        Raises `Refused` or `NotWritten`.
        """
        self.recover()
        landing = self._bus.state.last_landing
        if landing is None:
            raise Refused("Nothing was landed in this run, so there is nothing to undo.")
        self._bus.publish(e.LandingIntended(landing, undo=True))
        await self._settled(landing, self._worktree.undo, e.LandingUndone)

    async def _settled(
        self,
        landing: Landing,
        write: Callable[[Landing], None],
        news: type[e.EditsLanded] | type[e.LandingUndone],
    ) -> None:
        """Write to the end, whoever cancels meanwhile, and tell how it ended."""
        writing = asyncio.ensure_future(asyncio.to_thread(write, landing))
        cancelled: asyncio.CancelledError | None = None
        while not writing.done():
            try:
                await asyncio.wait([writing])
            except asyncio.CancelledError as request:
                cancelled = request
        try:
            writing.result()
        except NotWritten as fault:
            self._bus.publish(
                e.LandingFailed(
                    landing.id, str(fault), fault.paths if news is e.EditsLanded else ()
                )
            )
            raise
        self._bus.publish(news(landing))
        if cancelled:
            raise cancelled

    def _ready(self) -> RunState:
        state = self._bus.state
        if not state.hunks_in(HunkState.ACCEPTED) and not _takes_out(state):
            raise Refused("Nothing is accepted yet; y accepts a hunk, A a whole file.")
        return state

    def recover(self) -> None:
        """Settle a landing that a crash cut short, and tell how."""
        state = self._bus.state
        landing = state.intent
        if landing is None:
            return
        settled = self._worktree.settle(landing, undo=state.intent_undo)
        if settled.applied and not settled.foreign:
            self._bus.publish(
                e.LandingUndone(landing) if state.intent_undo else e.EditsLanded(landing)
            )
            return
        what = "undoing" if state.intent_undo else "landing"
        reason = f"A crash cut a {what} short; every file holds what it held before."
        if settled.foreign:
            paths = ", ".join(settled.foreign)
            reason = f"A crash cut a {what} short and {paths} changed since; it was not touched."
        self._bus.publish(e.LandingFailed(landing.id, reason, settled.foreign))

    async def _is_verified(self, state: RunState) -> bool:
        check = state.accepted_check
        if not state.is_verified or check is None:
            return False
        tree = await asyncio.to_thread(self._tree, state)
        return await prepared(tree, self._outside.checker) == check.tree_hash

    def _tree(self, state: RunState) -> Tree:
        tree: dict[str, Change] = {}
        for file in state.files:
            kept = bool(file.kept(state.decisions))
            for path, change in self._changes(file, state).items():
                if _hash(change[1]) != _found(file, path) or kept:
                    tree[path] = change
        return tree

    def _landing(self, state: RunState) -> Landing:
        refuse_forbidden(state)
        files = []
        for file in state.files:
            for path, (_, after) in self._changes(file, state).items():
                pre, post = _found(file, path), _hash(after)
                if pre == post:
                    continue
                if path in state.stale_paths and self._worktree.hash_of(path) != pre:
                    raise NotWritten(
                        f"{path} changed on disk since it was reviewed, so nothing was "
                        "landed; rerun apply (r) to place the edits again.",
                        (path,),
                    )
                self._keep(path, after)
                files.append(LandedFile(path, pre, post, file.executable))
        ids = tuple(h.id for h in state.hunks_in(HunkState.ACCEPTED))
        paths = [f.path for f in files if f.post]
        return Landing(
            secrets.token_hex(4),
            tuple(files),
            ids,
            verified=False,
            folders=self._worktree.folders_for(paths),
        )

    def _keep(self, path: str, after: FileVersion | None) -> None:
        """What is written, and what undo will restore, is stored before the first write."""
        for version in (self._outside.repo.read(path), after):
            if version is not None:
                self._outside.blobs.put(version.data)

    def _changes(self, file: FileEdit, state: RunState) -> dict[str, Change]:
        base = self._outside.blobs.get(file.base) if file.base else None
        return composed(file, base, file.kept(state.decisions))


def _hash(version: FileVersion | None) -> str:
    return version.hash if version else ""


def _found(file: FileEdit, path: str) -> str:
    """What landing must find at a path."""
    return file.expected if path == (file.source or file.path) else file.expected_target


def _takes_out(state: RunState) -> bool:
    """Whether landing would remove rejected hunks of a change that is already on disk."""
    return any(
        f.present and state.decision(h.id) is HunkState.REJECTED
        for f in state.files
        for h in f.hunks
    )


def _verdict(state: RunState, results: list[CheckResult]) -> str:
    accepted = counted(len(state.hunks_in(HunkState.ACCEPTED)), "accepted hunk")
    failed = [r for r in results if not r.passed]
    if failed:
        first = failed[0]
        return f"{accepted}: `{first.command.line}` did not pass ({first.summary})"
    if len(results) == 1:
        return (
            f"{accepted}: only syntax was checked, no test command was allowed; "
            "landing needs the word unverified"
        )
    lines = ", ".join(r.command.line for r in results)
    return f"{accepted} checked: {lines} passed; L lands them"
