"""The relay as lines: the phase bar, and the phases panel with receipt and streamed tail."""

import math

from core.domain.phase import ORDER, Phase, PhaseState
from core.domain.rules import PASS_RULES, outcome
from core.domain.state import PhaseRun, RunState
from tui import figures
from tui.ink import Line, Span
from tui.sanitise import fitted, one_line
from tui.setting_words import settings_said
from tui.sources.text import TextSource, wrapped
from tui.state import ViewState

NARROW = 10
"""Cells of a slot below which only the focused phase is told."""


def state_word(run: RunState, phase: Phase, now: float, asks_again: float = 0.0) -> Span:
    """What a phase is doing, in at most nine letters, with its ink; until `asks_again` it waits."""
    leg = run.phases[phase]
    if leg.state is PhaseState.RUNNING:
        if asks_again > now:
            return (f"again {math.ceil(asks_again - now)}s", "warn")
        return (f"run {figures.seconds(max(0.0, now - leg.started))}", "accent")
    if run.is_stale(phase):
        return ("stale", "warn")
    if leg.state is PhaseState.PENDING and run.goal.text and run.cursor is phase:
        word = f"retry {leg.retries}" if leg.retries and leg.reason else "wait"
        return (word, "warn")
    return _WORDS[leg.state]


_WORDS: dict[PhaseState, Span] = {
    PhaseState.PENDING: ("--", "dim"),
    PhaseState.PASSED: ("ok", "good"),
    PhaseState.FAILED: ("fail", "bad"),
    PhaseState.SKIPPED: ("skip", "dim"),
    PhaseState.CANCELLED: ("stop", "warn"),
    PhaseState.RUNNING: ("run", "accent"),
}


def bar_lines(run: RunState, view: ViewState, width: int, now: float, tall: bool) -> list[Line]:
    """The six slots in equal columns; with `tall`, models and tokens below."""
    column = width // len(ORDER)
    if column < NARROW:
        return [_narrow_bar(run, view, width, now)]
    top: list[Span] = []
    low: list[Span] = []
    for phase in ORDER:
        leg = run.phases[phase]
        word, ink = state_word(run, phase, now, view.asks_again)
        mark = ">" if phase is view.phase else " "
        facts = _facts(leg) if column >= 16 else ""
        room = column - 5 - len(word)
        top += [(f"{mark}{phase.short} ", "bar" if phase is view.phase else "plain"), (word, ink)]
        top.append((fitted(f" {facts}" if len(facts) < room else "", room), "dim"))
        low.append((fitted(f"  {served(run, phase, view, column - 3)}", column), "dim"))
    return [tuple(top), tuple(low)] if tall else [tuple(top)]


def _narrow_bar(run: RunState, view: ViewState, width: int, now: float) -> Line:
    word, ink = state_word(run, view.phase, now, view.asks_again)
    passed = sum(run.phases[p].state is PhaseState.PASSED for p in ORDER)
    done = f"  {passed} of {len(ORDER)} ok  "
    room = max(0, width - len(view.phase.short) - len(word) - len(done) - 2)
    served_by = fitted(served(run, view.phase, view, room), room)
    return ((f">{view.phase.short} ", "bar"), (word, ink), (done + served_by, "dim"))


def _facts(leg: PhaseRun) -> str:
    took = figures.seconds(leg.seconds) if leg.state is PhaseState.PASSED else ""
    return " ".join(part for part in (took, figures.price(leg.usage)) if part)


def served(run: RunState, phase: Phase, view: ViewState, room: int) -> str:
    """The model that serves a phase and the tokens it used, as far as there is room."""
    leg, route = run.phases[phase], run.routes.get(phase)
    ran = leg.model if leg.state in (PhaseState.PASSED, PhaseState.RUNNING) else ""
    model = ran or (route.model if route else leg.model)
    name = one_line(figures.short_model(model)) if model else "(no model)"
    total = leg.usage.tokens_in + leg.usage.tokens_out
    used = figures.tokens(total) if total else ""
    window = dict(view.windows).get(model)
    if used and window:
        used += f"/{figures.tokens(window)}"
    tail = f" {used}" if used else ""
    if len(name) + len(tail) > room:
        tail = f" {used.split('/')[0]}" if used else ""
    if len(name) + len(tail) > room:
        tail = ""
    return fitted(name, min(len(name), room - len(tail))) + tail


RULE_INK = dict.fromkeys(PhaseState, "warn") | {
    PhaseState.PASSED: "good",
    PhaseState.FAILED: "bad",
}


def relay_source(run: RunState, view: ViewState, width: int, now: float) -> TextSource:
    """Each phase with its model, then the focused phase in full."""
    lines: list[Line] = []
    owners: list[str] = []
    for phase in ORDER:
        rows = [_phase_line(run, view, phase, width, now)]
        rows += _reason_lines(run.phases[phase], width)
        lines += rows
        owners += [phase.value] * len(rows)
    lines += _focused(run, view, width)
    return TextSource(tuple(lines), tuple(owners))


def _phase_line(run: RunState, view: ViewState, phase: Phase, width: int, now: float) -> Line:
    word, ink = state_word(run, phase, now, view.asks_again)
    leg = run.phases[phase]
    facts = _facts(leg)
    room = max(8, width - 22 - len(facts) - 2)
    model = fitted(served(run, phase, view, room), room)
    return (
        (f" {phase.value:<9}", "plain"),
        (f"{word:<10}", ink),
        (f"{model} {facts} ", "dim"),
    )


def _reason_lines(leg: PhaseRun, width: int) -> list[Line]:
    rows = wrapped(one_line(leg.reason), width - 1, "   ") if leg.reason else []
    ink = "bad" if leg.state is PhaseState.FAILED else "warn"
    return [((row, ink),) for row in rows]


def _focused(run: RunState, view: ViewState, width: int) -> list[Line]:
    leg, route = run.phases[view.phase], run.routes.get(view.phase)
    lines: list[Line] = [(), ((f" {view.phase.value}", "bar"),)]
    if route:
        chosen = f"served by {route.model}, chosen by: {route.why}"
        lines += [((row, "dim"),) for row in wrapped(one_line(chosen), width - 1, "   ")]
        if own := settings_said(route, run.goal.budget.phases.get(view.phase)):
            lines += [((row, "dim"),) for row in wrapped(f"set: {own}", width - 1, "   ")]
    told = outcome(view.phase, leg)
    for text, ink in ((f"rule: {PASS_RULES[view.phase]}", "dim"), (told, RULE_INK[leg.state])):
        rows = wrapped(one_line(text), width - 1, "   ") if text else []
        lines += [((row, ink),) for row in rows]
    if leg.note:
        lines += [((row, "plain"),) for row in wrapped(f"your note: {leg.note}", width - 1, "   ")]
    if leg.receipt:
        note = wrapped(leg.receipt.to_note(), width - 1, "   ")
        lines += [((row, "plain"),) for row in note]
    if view.tail and run.running:
        lines += [(), ((f" streaming from {one_line(view.tail_from)}", "bar"),)]
        lines += tail_lines(view, width, 12)
    return lines


def tail_lines(view: ViewState, width: int, most: int) -> list[Line]:
    """The last streamed lines."""
    rows = [row for text in view.tail[-most:] for row in wrapped(text, width - 1, "   ")]
    return [((row, "dim"),) for row in rows[-most:]]
