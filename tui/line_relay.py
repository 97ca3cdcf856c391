"""Words that drive the relay: goal, steps, models, questions, landing."""

from core.domain import commands as c
from core.domain.hunk import HunkState
from core.domain.model import ModelInfo
from core.domain.phase import ORDER, Phase, PhaseState
from core.domain.question import Choice
from core.domain.state import RunState
from tui import figures
from tui.budget_words import HINT, budget_said, parse_budget
from tui.figures import counted
from tui.line_desk import Desk, phase_named
from tui.question_words import asked_now, by_word, is_settled
from tui.sanitise import one_line
from tui.standing import commit_message

SHOWN_MODELS = 60
"""Rows of one list of models; a filter makes it shorter."""


async def goal(desk: Desk, rest: str) -> None:
    """Take up a goal, reword it, or say what it is."""
    if not rest:
        desk.say(desk.state.goal.text or "There is no goal yet; `goal TEXT` takes one up.")
    elif desk.state.goal.text:
        await desk.send(c.SetGoal(rest))
    else:
        await desk.send(c.StartRun(rest))


async def step(desk: Desk, rest: str) -> None:
    """Run the next phase."""
    await desk.send(c.Step())


async def run(desk: Desk, rest: str) -> None:
    """Run on, or to the end of a named phase."""
    phase = phase_named(rest) if rest else Phase.REVIEW
    if phase is None:
        desk.say(f"{rest} is no phase; they are {_phases()}.")
    else:
        await desk.send(c.RunOn(phase))


async def pause(desk: Desk, rest: str) -> None:
    """Pause after the running phase."""
    await desk.send(c.Pause())


async def cancel(desk: Desk, rest: str) -> None:
    """Stop the running call."""
    await desk.send(c.CancelCall())


async def back(desk: Desk, rest: str) -> None:
    """Go back one phase, or to a named one, asked twice."""
    to = phase_named(rest) if rest else None
    if rest and to is None:
        desk.say(f"{rest} is no phase; they are {_phases()}.")
        return
    here = desk.state.cursor
    aim = to or (here.before[-1] if here and here.before else here or Phase.REVIEW)
    if desk.confirmed(f"Goes back to {aim.value}; what follows may become stale."):
        await desk.send(c.BackTo(to))


async def rerun(desk: Desk, rest: str) -> None:
    """Let a phase run again: the named one, else the one that ran last."""
    first, _, note = rest.partition(" ")
    phase = phase_named(first)
    if phase is None:
        phase, note = _last(desk.state), rest
    await desk.send(c.RerunPhase(phase, note))
    if desk.state.phases[phase].state is PhaseState.PENDING and desk.state.goal.text:
        desk.say(f"`step` runs {phase.value} again.")


def _last(run: RunState) -> Phase:
    tried = [p for p in ORDER if run.phases[p].state is not PhaseState.PENDING]
    return tried[-1] if tried else Phase.RETRIEVE


async def skip(desk: Desk, rest: str) -> None:
    """Go on without the next phase, asked twice."""
    phase = phase_named(rest) if rest else desk.state.cursor
    if phase is None:
        desk.say(f"{rest} is no phase; they are {_phases()}." if rest else "Every phase is done.")
        return
    later = ", ".join(p.value for p in phase.after) or "nothing"
    if desk.confirmed(f"Skips {phase.value}: {later} will work without it."):
        await desk.send(c.SkipPhase(phase))


async def model(desk: Desk, rest: str) -> None:
    """Let another model serve a phase, by name or by its number in the last list."""
    first, _, name = rest.partition(" ")
    phase = phase_named(first)
    if phase is None and first.casefold() != "all":
        desk.say(f"Say `model PHASE NAME`, with a phase of {_phases()}, or all.")
    elif not name.strip():
        _say_routes(desk, phase)
    else:
        found = _numbered_model(desk, name.strip())
        if found:
            await desk.send(c.SwapModel(phase, found))


def _say_routes(desk: Desk, phase: Phase | None) -> None:
    for named, route in desk.state.routes.items():
        if phase in (None, named):
            desk.say(f"{named.value}: {route.spelled} ({route.why})")
    desk.say("`models` numbers the models that have a key; `models PART` looks for a name.")


def _numbered_model(desk: Desk, name: str) -> str:
    if not name.isdigit():
        return name
    number = int(name)
    if 1 <= number <= len(desk.models):
        return desk.models[number - 1]
    desk.say(f"There is no model {name} in the last list; `models` prints one.")
    return ""


async def models(desk: Desk, rest: str) -> None:
    """Number the models that can be called, or those whose name holds a part."""
    desk.say("Asking the model host, which takes some seconds when it is not ready.")
    part = rest.casefold()
    known = [m for m in await desk.session.models() if part in m.id.casefold()]
    usable = [m for m in known if not m.needs]
    found = known if part else usable
    desk.models = tuple(m.id for m in found[:SHOWN_MODELS])
    for number, info in enumerate(found[:SHOWN_MODELS], 1):
        desk.say(f"{number:>3}  {_described(info)}")
    if len(found) > SHOWN_MODELS:
        desk.say(f"{len(found) - SHOWN_MODELS} more; `models PART` looks for a name.")
    if not found:
        desk.say(f"No model is named like {rest}." if part else "No model can be called.")
    else:
        desk.say("`model PHASE NUMBER` takes one of them.")


def _described(info: ModelInfo) -> str:
    key = f"needs {info.needs}" if info.needs else "ready"
    window = figures.tokens(info.window) if info.window else "?"
    price = f"{figures.per_million(info.price_in)} in, {figures.per_million(info.price_out)} out"
    return f"{one_line(info.id)}  {price} per million tokens, window {window}, {key}"


async def budget(desk: Desk, rest: str) -> None:
    """Set other limits; alone, say those there are."""
    now = desk.state.goal.budget
    if not rest:
        desk.say(f"budget: {budget_said(now)}; `budget 2.00` sets another: {HINT}")
        return
    try:
        await desk.send(c.SetBudget(parse_budget(rest, now)))
    except ValueError as error:
        desk.say(str(error))


async def note(desk: Desk, rest: str) -> None:
    """Tell the relay something."""
    await desk.send(c.AddNote(rest))


async def allow(desk: Desk, rest: str) -> None:
    """Let an asked command run, or take the change as large as it is."""
    if desk.state.question and not desk.state.asked:
        await _choose(desk, Choice.GO_ON)
    else:
        await _answer(desk, rest, granted=True)


async def refuse(desk: Desk, rest: str) -> None:
    """Do not let it run; use nothing of the reply; or ask again, with a note."""
    asked = desk.state.question
    if asked and not desk.state.asked:
        is_again = Choice.AGAIN in asked.choices
        await _choose(desk, Choice.AGAIN if is_again else Choice.REFUSE, rest)
    else:
        await _answer(desk, rest, granted=False)


async def widen(desk: Desk, rest: str) -> None:
    """Let the task do what its reply does outside its scope."""
    await _choose(desk, Choice.WIDEN)


async def drop(desk: Desk, rest: str) -> None:
    """Leave the edits outside the scope out."""
    await _choose(desk, Choice.DROP)


async def _choose(desk: Desk, choice: Choice, note: str = "") -> None:
    if desk.state.question:
        await desk.send(c.AnswerQuestion(desk.state.question.id, choice, note))
    else:
        desk.say("No question waits.")


async def question(desk: Desk, rest: str) -> None:
    """Say what waits."""
    for number, command in enumerate(desk.state.asked, 1):
        desk.say(f"{number:>3}  may `{command.line}` run? It is proposed by {command.source}.")
    if desk.state.asked:
        desk.say(_answers(desk.state))
    asked = desk.state.question
    if asked and is_settled(desk.state):
        desk.say("The question is settled: `run` goes on.")
    elif asked and not desk.state.asked:
        desk.say(f"{one_line(asked_now(desk.state, asked))}: {by_word(asked)}")
    elif not desk.state.asked:
        desk.say("No question waits.")


async def _answer(desk: Desk, rest: str, *, granted: bool) -> None:
    asked = desk.state.asked
    word = "approve" if granted else "refuse"
    if not asked:
        desk.say("No question waits.")
    elif not rest and len(asked) > 1:
        await question(desk, "")
    elif rest and not (rest.isdigit() and 1 <= int(rest) <= len(asked)):
        desk.say(f"Say `{word} NUMBER`, from 1 to {len(asked)}.")
    else:
        await desk.send(c.ApproveCommand(asked[int(rest or 1) - 1].id, granted))


def _answers(run: RunState) -> str:
    if len(run.asked) == 1:
        return "`approve` lets it run in a scratch copy, `refuse` does not."
    return "`approve NUMBER` lets one run in a scratch copy, `refuse NUMBER` does not."


async def verify(desk: Desk, rest: str) -> None:
    """Check exactly the accepted hunks."""
    await desk.send(c.VerifyAccepted())


async def land(desk: Desk, rest: str) -> None:
    """Write the accepted hunks, asked twice; unchecked ones need the word unverified."""
    run = desk.state
    unverified = rest.casefold() == "unverified"
    what = promised_landing(run)
    if rest and not unverified:
        desk.say("Say `land`, or `land unverified` for hunks that no check has proven.")
    elif not what:
        desk.say("Nothing is accepted yet; `review` goes through the hunks.")
    elif not run.is_verified and not unverified:
        desk.say(f"Would {what}, but {_unproven(run)}, `land unverified` lands them as they are.")
    elif desk.confirmed(f"Will {what}, {'verified' if run.is_verified else 'NOT VERIFIED'}."):
        await desk.send(c.Land(unverified=unverified))


def _unproven(run: RunState) -> str:
    check = run.accepted_check
    if check and check.key == run.accepted_key:
        return "their checks did not prove them: `checks` says what is wrong"
    return "exactly these were not checked: `verify` checks them"


def promised_landing(run: RunState) -> str:
    """What landing would do, as a clause; empty when it would do nothing."""
    present = {f.path for f in run.files if f.present}
    written = [h for h in run.hunks_in(HunkState.ACCEPTED) if h.path not in present]
    taken = [h for h in run.hunks_in(HunkState.REJECTED) if h.path in present]
    kept = [h for h in run.hunks_in(HunkState.ACCEPTED) if h.path in present]
    parts = []
    if written:
        risk = max(h.risk for h in written).word
        files = counted(len({h.path for h in written}), "file")
        parts.append(f"write {counted(len(written), 'hunk')} to {files}, {risk} risk")
    if taken:
        files = counted(len({h.path for h in taken}), "file")
        parts.append(f"take {counted(len(taken), 'rejected hunk')} out of {files}")
    if kept and not parts:
        parts.append(f"leave {counted(len(kept), 'hunk')} as they are on disk")
    return " and ".join(parts)


async def undo(desk: Desk, rest: str) -> None:
    """Restore the last landing, asked twice."""
    landing = desk.state.last_landing
    if landing is None:
        desk.say("Nothing was landed in this run, so there is nothing to undo.")
        return
    paths = one_line(", ".join(f.path for f in landing.files))
    if desk.confirmed(f"Will restore {paths} as before the landing."):
        await desk.send(c.UndoLanding())


async def message(desk: Desk, rest: str) -> None:
    """Print what review offers for the commit, as it is."""
    desk.say(commit_message(desk.state) or "Review has not summed up the change yet.")


def _phases() -> str:
    return ", ".join(p.value for p in ORDER)
