"""The model picker: what each model costs, holds and needs."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding

from core.domain.model import ModelInfo
from core.domain.phase import Phase
from core.domain.route import Layer, Route
from tui import figures
from tui.ink import Line
from tui.sanitise import fitted, one_line
from tui.screens.choice import Choice, PickScreen

NAME = 44
"""Cells of the name column."""


@dataclass(frozen=True, slots=True)
class Swap:
    """The chosen model, for the one phase or for all."""

    model: str
    every_phase: bool = False


class ModelScreen(PickScreen[Swap]):
    """enter swaps the phase's model from its next call on, alt+enter that of all phases."""

    BINDINGS: ClassVar = [
        Binding("alt+enter", "choose_all", "all phases"),
        Binding("ctrl+o", "choose_all", "all phases"),
    ]

    def __init__(self, phase: Phase, route: Route | None, models: tuple[ModelInfo, ...]) -> None:
        self._route = route
        ordered = sorted(models, key=lambda m: not m.has_key and bool(m.key))
        hint = f"enter: {phase.value} from its next call   alt+enter or ctrl+o: every phase   esc"
        super().__init__(
            f"Model of {phase.value}  ({self._chosen_by()})",
            hint,
            tuple(Choice(m.id, _columns(m), note=one_line(m.note)) for m in ordered),
        )
        if route:
            self.preselect(route.model)

    def _chosen_by(self) -> str:
        route = self._route
        if route is None:
            return "none yet"
        extra = ", set by the environment" if route.layer is Layer.ENVIRONMENT else ""
        return f"{route.model}, chosen by: {route.why}{extra}"

    def head(self) -> Line:
        """Names of the columns."""
        return ((f" {'model':<{NAME}} {'in/M':>8} {'out/M':>8} {'window':>7}  key", "dim"),)

    def query_text(self, typed: str) -> str:
        """Whatever is typed."""
        return typed.strip()

    def found(self, query: str) -> list[Choice]:
        """The models that fit, and what was typed: a server of one's own has any name."""
        rows = super().found(query)
        if "/" not in query or any(query == row.id for row in rows):
            return rows
        typed = Choice(query, f"{fitted(one_line(query), NAME)}   as typed, its price unknown")
        return [*rows, typed] if any(query in row.id for row in rows) else [typed, *rows]

    def action_choose(self) -> None:
        """This phase."""
        if self.current:
            self.dismiss(Swap(self.current.id))

    def action_choose_all(self) -> None:
        """Every phase."""
        if self.current:
            self.dismiss(Swap(self.current.id, every_phase=True))


def _columns(model: ModelInfo) -> str:
    key = "ok" if model.has_key or not model.key else f"{model.key} missing"
    window = figures.tokens(model.window) if model.window else "?"
    price_in = figures.per_million(model.price_in)
    price_out = figures.per_million(model.price_out)
    recorded = " (recorded)" if model.id.startswith("demo/") else ""
    name = fitted(one_line(model.id) + recorded, NAME)
    return f"{name} {price_in:>8} {price_out:>8} {window:>7}  {key}"
