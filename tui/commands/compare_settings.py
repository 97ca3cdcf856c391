"""Which of the user's own settings hold in the arms of a comparison, and which do not."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from core.compare.goals import Arm, Comparison
from core.config import Settings
from core.config_file import PhaseSettings
from core.domain.goal import Budget
from core.domain.phase import Phase
from core.domain.route import Parameters
from core.engine.routes import resolve_routes
from tui.budget_words import budget_said


def held_in(settings: Settings, comparison: Comparison) -> Iterator[str]:
    """What holds in every arm besides the file of goals, for the report and for the key."""
    yield (
        "Phases are set as the file of goals says: [phases] of your own settings is left out, but "
        "for local_only."
    )
    budget, cases = replace(settings.budget, phases={}), comparison.cases
    if all(case.dollars is not None for case in cases):
        budget = replace(budget, dollars=None)
    if budget != Budget(cut=budget.cut):
        yield f"The budget of your settings holds where a goal names none: {budget_said(budget)}."
    if budget.cut:
        yield "A call that reaches a limit is cut there, as your settings say."
    if settings.checks and not all(case.checks for case in cases):
        lines = ", ".join(f"`{command.line}`" for command in settings.checks)
        yield f"The checks of your settings run where a goal names none: {lines}."
    routes = resolve_routes(settings).values()
    if here := [route.phase.value for route in routes if route.is_local_only]:
        yield f"What these phases are sent stays on this machine: {', '.join(here)}."


def phases_of(user: Mapping[Phase, PhaseSettings], arm: Arm) -> dict[Phase, PhaseSettings]:
    """What the arm gives its phases, and of the user's only that what they are sent stays here."""
    return {
        phase: PhaseSettings(
            arm.phases.get(phase, Parameters()),
            is_local_only=user.get(phase, PhaseSettings()).is_local_only,
        )
        for phase in Phase
    }
