"""Every event in one sentence: event panel, line mode and headless mode say the same."""

from functools import singledispatch

from core.domain import events as e
from core.domain.context import ItemState
from core.domain.hunk import HunkState
from core.domain.phase import Phase
from tui import figures
from tui.budget_words import budget_said
from tui.figures import counted
from tui.sanitise import one_line

TONES = {
    e.PhasePassed: "good",
    e.EditsLanded: "good",
    e.PhaseFailed: "bad",
    e.LandingFailed: "bad",
    e.CallLost: "warn",
    e.CallRetried: "warn",
    e.PhaseRetried: "warn",
    e.SentBack: "warn",
    e.BudgetReached: "warn",
    e.FilesChanged: "warn",
    e.EditsRebased: "warn",
    e.CommandRefused: "warn",
    e.ApprovalRequested: "warn",
    e.QuestionAsked: "warn",
    e.HostChanged: "dim",
    e.ModelReplied: "dim",
}
"""Kind of event to ink; the words say the same, the colour only repeats it."""


LOOKED_UP = {
    "models": "models",
    "warm": "model host",
    "index": "search index",
    "definitions": "definitions",
}
"""What was asked for besides commands, and how that is called; commands have no name for users."""


def sentence(event: e.Event) -> str:
    """The event in words, on one line, safe to print; empty for streamed text."""
    return one_line(worded(event))


def tone(event: e.Event) -> str:
    """The name of the ink an event is written with."""
    if isinstance(event, e.CheckFinished):
        return "good" if event.result.passed else "bad"
    if isinstance(event, e.AcceptedVerified):
        return "good" if event.passed else "bad"
    return TONES.get(type(event), "plain")


@singledispatch
def worded(event: e.Event) -> str:
    """The event in words, as they came: only `sentence` makes them safe to print."""
    return type(event).__name__


@worded.register
def _(event: e.TextStreamed) -> str:
    return ""


@worded.register
def _(event: e.RunStarted) -> str:
    what = "review of a diff" if event.kind == "review" else "goal"
    return f"{what}: {event.goal.text}"


@worded.register
def _(event: e.GoalChanged) -> str:
    return f"goal reworded: {event.goal.text}"


@worded.register
def _(event: e.RouteChanged) -> str:
    return f"{event.route.phase}: served by {event.route.model} ({event.route.why})"


@worded.register
def _(event: e.NoticeGiven) -> str:
    return event.text


@worded.register
def _(event: e.PhaseStarted) -> str:
    again = f", attempt {event.attempt}" if event.attempt > 1 else ""
    return f"{event.phase}: started on {event.model} ({event.why}){again}"


@worded.register
def _(event: e.CallRetried) -> str:
    onward = f"on {event.next_model}" if event.next_model else f"in {figures.seconds(event.wait)}"
    return f"{event.phase}: {event.model}: {event.reason.rstrip('.')}; asking again {onward}"


@worded.register
def _(event: e.ModelReplied) -> str:
    use = event.usage
    for_task = f" for {event.task}" if event.phase is Phase.GENERATE else ""
    counts = f"{figures.tokens(use.tokens_in)} in, {figures.tokens(use.tokens_out)} out"
    took = figures.seconds(event.seconds)
    return f"{event.phase}: {event.model} replied{for_task} in {took}, {counts}, {use.price}"


@worded.register
def _(event: e.CallAsked) -> str:
    return ""  # what comes of it is told


@worded.register
def _(event: e.CallLost) -> str:
    use = event.usage
    counts = f"{figures.tokens(use.tokens_in)} in, {figures.tokens(use.tokens_out)} out"
    cost = f" (about {counts}, {use.price})" if use.calls else ""
    how = "cut" if "the call was cut" in event.reason else "lost"
    return f"{event.phase}: a call to {event.model} was {how}{cost}"  # what follows says why


@worded.register
def _(event: e.PhaseRetried) -> str:
    return f"{event.phase}: asked once more: {event.reason}"


@worded.register
def _(event: e.SentBack) -> str:
    return f"{event.phase}: sent back to {event.to}: {event.reason}"


@worded.register
def _(event: e.PhasePassed) -> str:
    first = (event.receipt.did or ("passed",))[0]
    return f"{event.phase}: ok after {figures.seconds(event.seconds)}: {first}"


@worded.register
def _(event: e.PhaseFailed) -> str:
    return f"{event.phase}: FAIL: {event.reason}"


@worded.register
def _(event: e.PhaseSkipped) -> str:
    return f"{event.phase}: skipped: {event.reason}"


@worded.register
def _(event: e.PhaseCancelled) -> str:
    return f"{event.phase}: stopped: {event.reason}"


@worded.register
def _(event: e.MovedBack) -> str:
    return f"back at {event.to}; nothing was deleted"


@worded.register
def _(event: e.RerunAsked) -> str:
    return f"{event.phase}: to run again" + (f" with the note: {event.note}" if event.note else "")


@worded.register
def _(event: e.OutputEdited) -> str:
    return f"{event.phase}: receipt edited by you; later phases may be stale"


@worded.register
def _(event: e.ContextRetrieved) -> str:
    total = figures.tokens(sum(i.tokens for i in event.items))
    return f"retrieve: {counted(len(event.items), 'item')}, about {total} tokens"


@worded.register
def _(event: e.ContextMarked) -> str:
    word = {ItemState.PINNED: "pinned", ItemState.DROPPED: "dropped"}.get(event.state, "restored")
    return f"context: {word} {event.item_id}"


@worded.register
def _(event: e.ContextAdded) -> str:
    item = event.item
    return f"context: {event.by} added {item.id}, {counted(item.tokens, 'token')}: {item.why}"


@worded.register
def _(event: e.EditsStaged) -> str:
    hunks = counted(sum(len(f.hunks) for f in event.files), "hunk")
    refused = f"; {counted(len(event.refusals), 'edit')} refused" if event.refusals else ""
    return f"apply: {hunks} staged in {counted(len(event.files), 'file')}{refused}; nothing written"


@worded.register
def _(event: e.HunkDecided) -> str:
    word = "reopened" if event.state is HunkState.PENDING else event.state.value
    return f"{counted(len(event.ids), 'hunk')} {word} by {event.by}"


@worded.register
def _(event: e.HunkSplit) -> str:
    return f"a hunk was split into {len(event.parts)}"


@worded.register
def _(event: e.HunkEdited) -> str:
    return f"a hunk of {event.hunk.path} was edited by you"


@worded.register
def _(event: e.DecisionUndone) -> str:
    return f"decision on {counted(len(event.ids), 'hunk')} taken back"


@worded.register
def _(event: e.EditsRebased) -> str:
    paths = ", ".join(f.path for f in event.files)
    return f"hunks placed again on what is on disk now: {paths}; decisions stand, checks do not"


@worded.register
def _(event: e.FilesChanged) -> str:
    return (
        f"changed on disk since they were read: {', '.join(event.paths)}; rerun apply to re-anchor"
    )


@worded.register
def _(event: e.ApprovalRequested) -> str:
    return f"may `{event.command.line}` run? {event.reason}"


@worded.register
def _(event: e.ApprovalGiven) -> str:
    return f"command {'allowed' if event.granted else 'refused'} by {event.by}"


@worded.register
def _(event: e.QuestionAsked) -> str:
    choices = ", ".join(choice.value.replace(" ", "-") for choice in event.question.choices)
    return f"the relay asks: {event.question.text} ({choices})"


@worded.register
def _(event: e.QuestionAnswered) -> str:
    return f"answered by {event.by}: {event.choice.value}"


@worded.register
def _(event: e.CheckFinished) -> str:
    result = event.result
    word = "passed" if result.passed else f"FAIL ({result.outcome.value})"
    took = figures.seconds(result.seconds)
    said = f": {result.summary}" if result.summary else ""
    return f"check `{result.command.line}` on {event.subset} {word} in {took}{said}"


@worded.register
def _(event: e.AcceptedVerified) -> str:
    return f"accepted hunks {'verified' if event.passed else 'NOT verified'}: {event.summary}"


@worded.register
def _(event: e.VerdictGiven) -> str:
    verdict = event.verdict
    found = counted(len(verdict.findings), "finding")
    return f"reviewer {verdict.model} advises: {verdict.decision}, {found}"


@worded.register
def _(event: e.BudgetChanged) -> str:
    return f"budget now: {budget_said(event.budget)}"


@worded.register
def _(event: e.BudgetReached) -> str:
    return f"budget reached: {event.used} of {event.limit}; the next call was not made"


@worded.register
def _(event: e.RunPaused) -> str:
    return f"waiting: {event.reason}"


@worded.register
def _(event: e.NoteAdded) -> str:
    return f"note to the relay: {event.text}"


@worded.register
def _(event: e.LandingIntended) -> str:
    return f"{'undoing' if event.undo else 'landing'} {counted(len(event.landing.files), 'file')}"


@worded.register
def _(event: e.EditsLanded) -> str:
    landing = event.landing
    check = "verified" if landing.verified else "not verified"
    hunks = counted(len(landing.hunk_ids), "hunk")
    return f"landed {hunks} in {counted(len(landing.files), 'file')}, {check}"


@worded.register
def _(event: e.LandingFailed) -> str:
    return f"landing FAIL: {event.reason}"


@worded.register
def _(event: e.LandingUndone) -> str:
    return f"undone: {counted(len(event.landing.files), 'file')} restored byte for byte"


@worded.register
def _(event: e.RunResumed) -> str:
    return f"run resumed: {event.note}"


@worded.register
def _(event: e.RunFinished) -> str:
    return f"run finished: {event.outcome}"


@worded.register
def _(event: e.CommandRefused) -> str:
    return f"{LOOKED_UP.get(event.command, 'refused')}: {event.reason}"


@worded.register
def _(event: e.HostChanged) -> str:
    return f"model host {event.state}"


@worded.register
def _(event: e.IndexAdvanced) -> str:
    return f"read {event.done:,} of {event.total:,} files for the search"


@worded.register
def _(event: e.PhaseEscalated) -> str:
    return f"{event.phase}: one step up from {event.model} to {event.to}: {event.reason}"


@worded.register
def _(event: e.BudgetNeared) -> str:
    return f"budget: {event.used} of {event.limit} are used"
