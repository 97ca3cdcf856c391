"""Handlers that drive the relay."""

from dataclasses import replace

from core.domain import commands as c
from core.domain.hunk import HunkState
from core.domain.phase import Phase
from core.domain.question import Choice, Question
from core.domain.state import RunState
from tui.budget_words import HINT, budget_said, parse_budget
from tui.cockpit import Cockpit
from tui.figures import counted
from tui.screens.form import NoteScreen
from tui.screens.models import ModelScreen, Swap
from tui.state import ViewState, questions, stepped_phase

UNVERIFIED = "unverified"
"""The word that lands what no check has proven."""


async def take_goal(cockpit: Cockpit, text: str) -> None:
    """Take up a goal, or reword the one whose phases are under way."""
    run = cockpit.run_state
    under_way = bool(run.goal.text) and not run.outcome and run.cursor is not None
    await cockpit.send(c.SetGoal(text) if under_way else c.StartRun(text))


async def step(cockpit: Cockpit) -> None:
    """Run the next phase."""
    await cockpit.send(c.Step())


async def run(cockpit: Cockpit) -> None:
    """Run on."""
    await cockpit.send(c.RunOn())


async def pause(cockpit: Cockpit) -> None:
    """Pause; the session cancels when asked twice."""
    await cockpit.send(c.Pause())
    cockpit.change(replace(cockpit.view, is_pausing=cockpit.run_state.running is not None))


async def back(cockpit: Cockpit) -> None:
    """One phase back."""
    await cockpit.send(c.BackTo())


async def rerun(cockpit: Cockpit) -> None:
    """Ask for a note, then run the focused phase again."""
    phase = cockpit.view.phase

    async def then(note: str) -> None:
        await cockpit.send(c.RerunPhase(phase, note))

    title = f"Rerun {phase.value}: what should be different? (enter alone: nothing)"
    await cockpit.open(NoteScreen(title, may_be_empty=True), then)


async def budget(cockpit: Cockpit) -> None:
    """Ask for other limits."""
    now = cockpit.run_state.goal.budget

    async def then(text: str) -> None:
        try:
            wanted = parse_budget(text, now)
        except ValueError as error:
            cockpit.say(str(error))
            return
        await cockpit.send(c.SetBudget(wanted))
        cockpit.say(f"budget now: {budget_said(wanted)}")

    await cockpit.open(NoteScreen(f"Budget, now {budget_said(now)}", example=HINT), then)


async def skip(cockpit: Cockpit) -> None:
    """Go on without the focused phase."""
    await cockpit.send(c.SkipPhase(cockpit.view.phase))


async def model(cockpit: Cockpit) -> None:
    """Pick a model for the focused phase."""
    phase = cockpit.view.phase

    async def swap(choice: Swap) -> None:
        await cockpit.send(c.SwapModel(None if choice.every_phase else phase, choice.model))

    async def load() -> None:
        models = await cockpit.models()
        route = cockpit.run_state.routes.get(phase)
        used = cockpit.run_state.phases[phase].usage
        await cockpit.open(ModelScreen(phase, route, models, used), swap)

    cockpit.later(load())


async def previous_phase(cockpit: Cockpit) -> None:
    """Focus the previous phase."""
    cockpit.change(stepped_phase(cockpit.view, -1))


async def next_phase(cockpit: Cockpit) -> None:
    """Focus the next phase."""
    cockpit.change(stepped_phase(cockpit.view, 1))


async def verify(cockpit: Cockpit) -> None:
    """Check the accepted hunks."""
    count = counted(len(cockpit.run_state.hunks_in(HunkState.ACCEPTED)), "accepted hunk")
    _begins(cockpit, f"the checks run on {count} in a scratch copy")
    await cockpit.send(c.VerifyAccepted())


def _begins(cockpit: Cockpit, doing: str) -> None:
    cockpit.change(replace(cockpit.view, doing=doing))


async def land(cockpit: Cockpit) -> None:
    """Write the accepted hunks; an unchecked set wants the word first."""
    _begins(cockpit, "the accepted hunks are written to the files")
    if cockpit.run_state.is_verified:
        await cockpit.send(c.Land())
        return

    async def then(word: str) -> None:
        if word == UNVERIFIED:
            await cockpit.send(c.Land(unverified=True))
        else:
            cockpit.say(f"nothing was landed: the word is {UNVERIFIED}")

    title = f"Type {UNVERIFIED} to land them: no check has proven exactly these hunks"
    await cockpit.open(NoteScreen(title), then)


async def undo_landing(cockpit: Cockpit) -> None:
    """Restore the last landing."""
    _begins(cockpit, "the files get back what they held")
    await cockpit.send(c.UndoLanding())


async def allow(cockpit: Cockpit) -> None:
    """Let the shown command run, or take the change as large as it is."""
    if _shown(cockpit):
        await _choose(cockpit, Choice.GO_ON)
    else:
        await _answer(cockpit, c.ApproveCommand(cockpit.view.question, granted=True))


async def refuse(cockpit: Cockpit) -> None:
    """Do not let it run; use nothing of the reply; or ask again, with a note."""
    question = _shown(cockpit)
    if question is None:
        await _answer(cockpit, c.ApproveCommand(cockpit.view.question, granted=False))
    elif Choice.AGAIN not in question.choices:
        await _choose(cockpit, Choice.REFUSE)
    else:

        async def then(note: str) -> None:
            await _answer(cockpit, c.AnswerQuestion(question.id, Choice.AGAIN, note))

        title = "Ask again: what should be different? (enter alone: a smaller change)"
        await cockpit.open(NoteScreen(title, may_be_empty=True), then)


async def widen_task(cockpit: Cockpit) -> None:
    """Let the task do what its reply does outside its scope."""
    await _choose(cockpit, Choice.WIDEN)


async def drop_edits(cockpit: Cockpit) -> None:
    """Leave the edits outside the scope out."""
    await _choose(cockpit, Choice.DROP)


async def edit_first(cockpit: Cockpit) -> None:
    """To the hunks; the question stays."""
    cockpit.go("diffs")


def _shown(cockpit: Cockpit) -> Question | None:
    question = cockpit.run_state.question
    return question if question and question.id == cockpit.view.question else None


async def _choose(cockpit: Cockpit, choice: Choice) -> None:
    await _answer(cockpit, c.AnswerQuestion(cockpit.view.question, choice))


async def _answer(cockpit: Cockpit, command: c.Command) -> None:
    """Answer, and give the keys back to the panel when nothing more is asked."""
    await cockpit.send(command)
    if cockpit.view.focus == "question" and not questions(cockpit.run_state):
        cockpit.go(cockpit.view.panel)


def promise(action: str, run: RunState, view: ViewState) -> str:
    """What a second press of an arming key will do, in one line that begins with the key."""
    if action == "land":
        return _land_promise(run)
    if action == "undo-landing":
        landing = run.last_landing
        files = counted(len(landing.files), "file") if landing else "nothing"
        return f"U again undoes: {files} get back the bytes they held before landing"
    if action == "skip":
        later = ", ".join(p.value for p in view.phase.after) or "nothing"
        return f"S again skips {view.phase.value}: {later} work without it"
    if action == "back":
        return f"B again goes back to {_before(run)}: what follows may become stale"
    return "the same key again does it"


def _before(run: RunState) -> str:
    cursor = run.cursor
    if cursor is None:
        return Phase.REVIEW.value
    return cursor.before[-1].value if cursor.before else cursor.value


def _land_promise(run: RunState) -> str:
    hunks = run.hunks_in(HunkState.ACCEPTED)
    risk = max((h.risk for h in hunks), default=None)
    word = f", {risk.word} risk" if risk is not None else ""
    files = counted(len({h.path for h in hunks}), "file")
    size = f"{counted(len(hunks), 'hunk')} in {files}{word}"
    if run.is_verified:
        return f"L again writes {size}, verified"
    return f"L again asks for the word {UNVERIFIED}, V checks first: {size}, NOT VERIFIED"
