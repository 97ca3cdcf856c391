"""Whatever is commanded in whatever order, the promises of the state machine hold."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.journal import SqliteJournal
from core.adapters.scripted import Line
from core.domain import commands as c
from core.domain import events as e
from core.domain.hunk import HunkState
from core.domain.model import ModelRequest
from core.domain.phase import ORDER, Phase
from core.edits.staging import composed
from core.engine.reduce import fold
from tests.playing import EDITS, GREETING, PLAN, Played, open_played

GOALS = ("let `greet` take a loud flag", "let `greet` shout")
OTHER = 'app/greet.py\n<<<<<<< SEARCH\n    return f"Bye, {name}."\n=======\n    return "Bye"\n>>>>>>> REPLACE\n'
OUTSIDE = "README.md\n<<<<<<< SEARCH\n# Greetings\n=======\n# Greeting\n>>>>>>> REPLACE\n"
LARGE = "app/greet.py\n```python\n" + "".join(f"line_{n} = {n}\n" for n in range(60)) + "```\n"
PLAN = PLAN.replace('"acceptance"', '"lines": 10, "acceptance"')


def answer(request: ModelRequest) -> str:
    """Plans, then edits; every third attempt of generate says something else, every fourth also
    what its task may not, and every fifth much more than was planned.
    """
    if request.phase is Phase.PLAN:
        return PLAN
    if request.attempt % 5 == 0:
        return LARGE
    if request.attempt % 4 == 0:
        return f"Once {len(request.prompt)}.\n{EDITS}{OUTSIDE}"
    return OTHER if request.attempt % 3 == 0 else EDITS


phases = st.sampled_from(ORDER)
moves = st.one_of(
    st.just(c.RunOn()),
    st.just(c.RunOn()),
    st.just(c.Step()),
    st.builds(c.BackTo, st.one_of(st.none(), phases)),
    st.builds(c.RerunPhase, phases, st.sampled_from(["", "otherwise"])),
    st.builds(c.SkipPhase, phases),
    *[st.builds(c.SetGoal, st.sampled_from(GOALS))] * 3,
    st.builds(c.Land, st.booleans()),
    *[st.builds(c.Land, st.just(True))] * 3,
    *[st.tuples(st.just(HunkState.ACCEPTED), st.integers(0, 5))] * 3,
    st.just(c.UndoLanding()),
    st.just(c.VerifyAccepted()),
    st.just(c.UndoDecision()),
    st.tuples(st.sampled_from(["drop", "pin", "split", "edit", "touch"]), st.integers(0, 5)),
    *[st.tuples(st.just("answer"), st.integers(0, 5))] * 3,
    *[st.builds(c.RerunPhase, st.just(Phase.GENERATE), st.just("anew"))] * 2,
    st.tuples(
        st.sampled_from([HunkState.ACCEPTED, HunkState.REJECTED, HunkState.LANDED]),
        st.integers(0, 5),
    ),
)


def command_of(run: Played, kind: str | HunkState, n: int) -> c.Command | None:
    hunks, items = run.state.hunks, run.state.items
    if kind == "touch":
        (run.root / "notes.txt").write_text(str(n))
    if kind in ("drop", "pin") and items:
        item = items[n % len(items)].id
        return c.DropContext(item) if kind == "drop" else c.PinContext(item)
    if kind == "answer" and (question := run.state.question):
        return c.AnswerQuestion(question.id, question.choices[n % len(question.choices)])
    if not hunks:
        return None
    hunk = hunks[n % len(hunks)].id
    if kind == "split":
        return c.SplitHunk(hunk)
    if kind == "edit":
        return c.EditHunk(hunk, f"# {n}\n")
    return c.DecideHunk((hunk,), kind) if isinstance(kind, HunkState) else None


def on_disk(run: Played) -> dict[str, bytes]:
    return {f: (run.root / f).read_bytes() for f in GREETING if (run.root / f).exists()}


def shown(run: Played) -> dict[str, bytes | None]:
    """What the accepted and landed hunks would make of each file, composed from what is kept."""
    out: dict[str, bytes | None] = {}
    for file in run.state.files:
        base = run.session.blob(file.base) if file.base else None
        kept = [h for h in file.hunks if run.state.decision(h.id) in KEPT]
        changes = composed(file, base, kept)
        out |= {path: after.data if after else None for path, (_, after) in changes.items()}
    return out


KEPT = (HunkState.ACCEPTED, HunkState.LANDED)


async def obey(run: Played, command: c.Command) -> None:
    """Submit one command and check what must hold after any."""
    disk, told, fresh = on_disk(run), len(run.recorded), run.state.is_staged_fresh
    wanted, landings = shown(run), len(run.state.landings)
    decided = dict(run.state.decisions)
    await run.do(command)
    if len(run.state.landings) > landings:
        assert fresh
        for path, data in wanted.items():
            assert on_disk(run).get(path) == data
    elif not any(isinstance(x, e.LandingUndone) for x in run.events[told:]):
        assert on_disk(run) == disk
    assert fold(run.journal.read("run1")) == run.state
    if run.state.is_verified:
        assert run.state.accepted_check is not None
        assert run.state.accepted_check.key == run.state.accepted_key
    ids = {h.id for h in run.state.hunks}
    written = {i for landing in run.state.landings for i in landing.hunk_ids}
    assert {h.id for h in run.state.hunks_in(HunkState.LANDED)} <= written
    assert len(ids) == len(run.state.hunks)
    if not isinstance(command, (c.DecideHunk, c.UndoDecision, c.Land, c.UndoLanding)):
        lost = {i for i, s in decided.items() if s in KEPT[:1] and i in ids}
        assert all(run.state.decision(i) is HunkState.ACCEPTED for i in lost)


async def get_through(run: Played) -> None:
    """From anywhere, commands that are always there lead to a landing."""
    for _ in range(3):
        await run.do(c.RunOn())
    while cursor := run.state.cursor:
        before = run.state.phases[cursor].attempt
        if question := run.state.question:
            await run.do(c.AnswerQuestion(question.id, question.choices[0]))
        await run.do(c.Step())
        if run.state.cursor is cursor:
            await run.do(c.SkipPhase(cursor))
        if run.state.cursor is cursor:
            await run.do(c.RerunPhase(cursor, "again"), c.Step())
        assert run.state.cursor is not cursor or run.state.phases[cursor].attempt > before


async def play(folder: Path, steps: list[object]) -> None:
    root = folder / "r"
    for name, text in GREETING.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(text))
    lines: list[Line] = [answer] * 400
    run = open_played(root, folder / "s", *lines, journal=SqliteJournal.in_memory())
    await run.do(c.StartRun(GOALS[0]), c.RunOn())
    original = on_disk(run)
    for step in steps:
        command = step if isinstance(step, c.Command) else command_of(run, *step)  # type: ignore[misc]
        if command is not None:
            await obey(run, command)
    await asyncio.wait_for(get_through(run), 10)
    while run.state.last_landing:
        await run.do(c.UndoLanding())
    assert on_disk(run) == original
    await run.session.close()


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(moves, min_size=4, max_size=20))
def test_the_promises_hold_after_any_commands(steps: list[object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder), steps))
