"""The one registry of actions: keys, footer hints, help, palette and README come from it."""

from textwrap import wrap
from typing import Final

from core.domain.state import RunState
from tui.action import EVERYWHERE, PANELS, Action, checked
from tui.actions_panels import diffs, lists
from tui.actions_question import question
from tui.actions_relay import everywhere, relay
from tui.state import ViewState

ACTIONS: Final = checked((*everywhere(), *relay(), *diffs(), *lists(), *question()))
"""Every action there is."""

BY_ID: Final = {action.id: action for action in ACTIONS}

TITLES: Final = {
    "diffs": "Diffs",
    "plan": "Plan",
    "context": "Context",
    "phases": "Phases",
    "events": "Events",
    "figures": "Figures",
    "question": "A question that waits (in the phases panel or on the waiting line)",
    "relay": "Relay (every panel)",
    "global": "Anywhere outside inputs",
}


def action_for(focus: str, key: str) -> Action | None:
    """What a key means where the keyboard is; inside the prompt only a few keys do."""
    if focus == "goal":
        return next((a for a in ACTIONS if a.priority and key in a.keys), None)
    return _KEYS.get(focus, {}).get(key)


def _keys_of(panel: str) -> dict[str, Action]:
    scopes = {panel, *EVERYWHERE, *(("question",) if panel == "phases" else ())}
    return {key: a for a in ACTIONS if a.scope in scopes for key in a.keys}


_KEYS: Final = {panel: _keys_of(panel) for panel in PANELS}


def in_scope(scope: str) -> tuple[Action, ...]:
    """The actions of one scope, in the order of the registry."""
    return tuple(a for a in ACTIONS if a.scope == scope)


def hints(run: RunState, view: ViewState) -> tuple[tuple[str, str], ...]:
    """Key and label of what works on the current item, nearest first."""
    if view.focus == "goal":
        return (("enter", "take up the goal"), ("esc", "to the panels"), ("ctrl+p", "palette"))
    here = [a for a in in_scope(view.focus) if not a.enabled(run, view)]
    relay = [a for a in in_scope("relay") if a.id in _HINTED and not a.enabled(run, view)]
    ends = [BY_ID["help"], BY_ID["palette"]]
    asks = view.question and view.focus == "phases"
    asked = [a for a in in_scope("question") if asks and not a.enabled(run, view)]
    return tuple(
        (a.shown.split(" ")[0], a.label) for a in (*asked, *here[:3], *relay, *here[3:], *ends)
    )


_HINTED = ("step", "run", "pause", "verify", "land", "undo-landing", "commit-message")


def render_keys(width: int = 80, first: str = "") -> str:
    """Every key under the place where it acts, in lines of at most `width`; `first` leads."""
    lines: list[str] = []
    for scope in sorted(TITLES, key=lambda name: name != first):
        lines += [""] if lines else []
        lines += wrap(TITLES[scope], width)
        for action in in_scope(scope):
            lines += wrap(
                _says(action),
                width,
                initial_indent=f"  {action.shown:<10} ",
                subsequent_indent=" " * 13,
            )
    return "\n".join(lines) + "\n"


def markdown_table() -> str:
    """The README's table of keys."""
    rows = ["| where | key | what it does |", "|---|---|---|"]
    for scope, title in TITLES.items():
        for action in in_scope(scope):
            keys = " ".join(f"`{key}`" for key in action.shown.split(" "))
            rows.append(f"| {title} | {keys} | {_says(action)} |")
    return "\n".join(rows) + "\n"


def _says(action: Action) -> str:
    return action.help + ("; asks for the same key again" if action.arms else "")
