"""The words of the line mode: those of the one registry of actions, and a few of its own."""

from collections.abc import Awaitable, Callable, Mapping
from textwrap import wrap

from core.domain.phase import ORDER
from core.similarity import near_matches
from tui import line_hunks as hunks
from tui import line_lists as lists
from tui import line_outputs as outputs
from tui import line_relay as relay
from tui.keymap import ACTIONS
from tui.line_desk import Desk
from tui.line_review import review

Handler = Callable[[Desk, str], Awaitable[None]]


def _screen_only(reason: str) -> Handler:
    async def explain(desk: Desk, rest: str) -> None:
        desk.say(reason)

    return explain


_WHOLE = _screen_only("Lists are printed whole here; name things by number: `context pin 3`.")
_SCREEN = _screen_only("That arranges the app's screen; here every line stays where it is.")


async def leave(desk: Desk, rest: str) -> None:
    """End the line mode."""
    desk.is_leaving = True


async def help_on(desk: Desk, rest: str) -> None:
    """Print every word, or what one word does."""
    shown = [word for word in WORDS if rest in word]
    for word in shown:
        rows = wrap(explained(word), 58)
        desk.say("\n".join(f"{word if not n else '':<16} {row}" for n, row in enumerate(rows)))
    if not shown:
        desk.say(unknown(rest))


OF_ACTIONS: Mapping[str, Handler] = {
    "step": relay.step,
    "run": relay.run,
    "pause": relay.pause,
    "back": relay.back,
    "rerun": relay.rerun,
    "skip": relay.skip,
    "model": relay.model,
    "verify": relay.verify,
    "land": relay.land,
    "undo-landing": relay.undo,
    "commit-message": relay.message,
    "go-question": relay.question,
    "allow": relay.allow,
    "refuse": relay.refuse,
    "widen-task": relay.widen,
    "drop-edits": relay.drop,
    "go-goal": relay.goal,
    "go-plan": lists.plan,
    "include-task": lists.task_include,
    "remove-task": lists.task_remove,
    "edit-task": _screen_only(
        "Tasks are edited in the app; here `rerun plan NOTE` says what should be different."
    ),
    "add-task": _screen_only(
        "Tasks are added in the app; here `rerun plan NOTE` asks the planner for one."
    ),
    "go-context": lists.context,
    "pin": lists.context_pin,
    "drop": lists.context_drop,
    "add-context": lists.context_add,
    "show-item": lists.context_read,
    "sort-items": lists.context_sort,
    "go-diffs": hunks.hunks,
    "accept": hunks.accept,
    "reject": hunks.reject,
    "accept-needed": hunks.accept_needed,
    "reject-needed": hunks.reject_needed,
    "accept-rest": hunks.accept_rest,
    "reject-rest": hunks.reject_rest,
    "accept-file": hunks.accept_file,
    "reject-file": hunks.reject_file,
    "toggle": hunks.toggle,
    "split": hunks.split,
    "edit-hunk": outputs.edit,
    "next-hunk": hunks.following,
    "previous-hunk": hunks.previous,
    "next-file": hunks.next_file,
    "previous-file": hunks.previous_file,
    "undo-decision": hunks.undo_decision,
    "go-to-hunk": hunks.hunk,
    "show-hunk": hunks.hunk,
    "undecided-only": hunks.undecided,
    "copy-hunk": hunks.copy,
    "note-hunk": relay.note,
    "budget": relay.budget,
    "go-phases": lists.phases,
    "show-receipt": outputs.receipt,
    "edit-output": outputs.edit_output,
    "show-reply": lists.reply,
    "show-prompt": lists.prompt,
    "go-events": lists.events,
    "go-figures": lists.run_figures,
    "show-event": lists.events,
    "check-output": lists.checks,
    "help": help_on,
    "palette": help_on,
    "quit": leave,
    "zoom": _SCREEN,
    "unzoom": _SCREEN,
    "centre": _SCREEN,
    "follow": _SCREEN,
    "next-task": _WHOLE,
    "previous-task": _WHOLE,
    "next-item": _WHOLE,
    "previous-item": _WHOLE,
    "next-event": _WHOLE,
    "previous-event": _WHOLE,
    "next-phase": _WHOLE,
    "previous-phase": _WHOLE,
}
"""Action id to what its word does here. A test holds it against the registry."""

_OWN: Mapping[str, tuple[Handler, str]] = {
    "review": (review, "go hunk by hunk, with the letters of git add -p"),
    "hunks": (hunks.hunks, "number every hunk"),
    "cancel": (relay.cancel, "stop the running call at once"),
    "approve": (relay.allow, "let the asked command run; a number where several ask"),
    "models": (relay.models, "number the models that can be called; models PART looks for a name"),
    "tail": (lists.tail, "the last lines of text that streamed; tail 40 for more"),
}

_FORMS: Mapping[str, str] = {
    "goal": "goal TEXT takes up a goal or rewords it; alone it prints it",
    "run": "run on to the next gate, failure or review; run plan stops after that phase",
    "rerun": "rerun [PHASE] [NOTE]: let a phase run again, with a note",
    "skip": "skip [PHASE]: go on without it; wants the word again",
    "back": "back [PHASE]: go back; nothing is deleted; wants the word again",
    "model": "model PHASE NAME, or a number of `models`; model all NAME for every phase",
    "land": "write the accepted hunks; wants the word again; land unverified without a check",
    "undo": "restore the files of the last landing; wants the word again",
    "accept": "accept a hunk: accept 3, accept 3-5; alone the current one",
    "reject": "reject a hunk: reject 3, reject 3-5; alone the current one",
    "hunk": "go to a hunk by number, path or text, and print it",
    "note": "note TEXT: tell the relay something",
    "budget": "budget 2.50, 200k tokens, 10 min, generate 0.50, tokens none: set and lift limits; "
    "alone it tells them",
    "context": "number the context items, with what they cost and who is sent them",
    "context add": "context add PATH, PATH:10-40, or the name of a definition",
    "context pin": "context pin 3: keep the item whatever the ranking says; again: release it",
    "context sort": "the context items again, the largest first",
    "context drop": "context drop 3: send the item to no model; again: restore it",
    "plan": "number the tasks",
    "task include": "task include 2, or its name: leave the task out, or take it in again",
    "task remove": "task remove 2, or its name: take the task out of the plan",
    "diffs": "number every hunk",
    "phases": "one line a phase",
    "events": "the last events again; events 50 for more",
    "figures": "what the run cost and took so far, attempt by attempt",
    "question": "what waits for an answer, and the words that give it",
    "refuse": "do not run the asked command, use nothing of the reply, or, with a NOTE, ask again",
    "undecided": "number the undecided hunks",
    "copy": "print a hunk as a patch",
    "receipt": "receipt [PHASE]: what it handed on, and a reply that is not used",
    "edit": "edit PHASE: what it handed on, in your editor; edit 3, or alone: a hunk's added lines",
    "edit output": "edit output [PHASE]: edit what it handed on, in your editor",
    "help": "every word; help WORD for one",
}

WORDS: Mapping[str, Handler] = dict(
    sorted(
        {
            **{a.word: OF_ACTIONS[a.id] for a in ACTIONS if a.word},
            **{word: handler for word, (handler, _) in _OWN.items()},
        }.items()
    )
)
"""Every word and what it does."""

_HELP = {a.word: a.help for a in ACTIONS if a.word} | {w: text for w, (_, text) in _OWN.items()}


def explained(word: str) -> str:
    """What a word does, in a few words."""
    return _FORMS.get(word) or _HELP[word]


def parsed(line: str) -> tuple[str, str]:
    """The word of a line and what follows it; the longest word wins, and no word is empty."""
    first, _, rest = line.strip().partition(" ")
    second, _, further = rest.strip().partition(" ")
    both = f"{first} {second}".casefold()
    if both in WORDS:
        return both, further.strip()
    return (first.casefold(), rest.strip()) if first.casefold() in WORDS else ("", line.strip())


def unknown(line: str) -> str:
    """What is said to a line that is no word."""
    first = line.split(" ")[0]
    near = near_matches(first, WORDS, limit=1, floor=70.0)
    meant = f"did you mean `{near[0]}`?" if near else "`help` lists the words."
    return f"`{first}` is no word here; {meant}"


def completions(typed: str, models: tuple[str, ...], paths: tuple[str, ...]) -> tuple[str, ...]:
    """What the last word of a line may become."""
    *before, last = typed.split(" ")
    given = " ".join(before).casefold()
    names = tuple(p.value for p in ORDER)
    following = {
        "rerun": names,
        "skip": names,
        "back": names,
        "run": names,
        "receipt": names,
        "edit": names,
        "edit output": names,
        "reply": names,
        "prompt": names,
        "model": (*names, "all"),
        "context add": paths,
        "land": ("unverified",),
        "help": tuple(WORDS),
    }
    if given.startswith("model ") and given.count(" ") == 1:
        choices = models
    else:
        choices = (*_next_words(given), *following.get(given, ()))
    return tuple(dict.fromkeys(word for word in choices if word.startswith(last)))


def _next_words(given: str) -> tuple[str, ...]:
    lead = f"{given} " if given else ""
    return tuple(w[len(lead) :].split(" ")[0] for w in WORDS if w.startswith(lead))
