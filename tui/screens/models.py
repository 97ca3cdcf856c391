"""The model picker: what each model costs, holds and needs."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding

from core.domain.metrics import Usage
from core.domain.model import ModelInfo
from core.domain.phase import Phase
from core.domain.route import Layer, Route
from tui import figures
from tui.ink import Line
from tui.sanitise import fitted, one_line
from tui.screens.choice import Choice, PickScreen

NAMES = 24, 44
"""Cells of the name column, at least and at most."""
NEEDS = 13
"""Cells that the last column wants."""
SPACIOUS = 88
"""Cells from which there is room for the window beside what the calls so far would have cost."""


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

    def __init__(
        self,
        phase: Phase,
        route: Route | None,
        models: tuple[ModelInfo, ...],
        used: Usage,
    ) -> None:
        """`used` is what the phase's calls of this run used; where that is any tokens, each model
        says what they would have cost on it.
        """
        self._route, self._used = route, used
        ordered = sorted(models, key=lambda m: bool(m.needs))
        self._known = {model.id: model for model in ordered}
        hint = f"enter: {phase.value} from its next call   alt+enter or ctrl+o: every phase   esc"
        super().__init__(
            f"Model of {phase.value}  ({self._chosen_by()})",
            hint,
            tuple(Choice(m.id, _named(m), note=one_line(m.note)) for m in ordered),
        )
        if route:
            self.preselect(route.model)

    def _chosen_by(self) -> str:
        route = self._route
        if route is None:
            return "none yet"
        extra = ", set by the environment" if route.layer is Layer.ENVIRONMENT else ""
        return f"{route.model}, chosen by: {route.why}{extra}"

    def about(self) -> str:
        """What the phase's calls cost, and what the column of costs is."""
        if not self._used.tokens:
            return ""
        calls = figures.counted(self._used.calls, "call")
        price = figures.price(self._used)
        return f"{calls} so far cost {price}; `same calls` is what they would have cost"

    def head(self, width: int) -> Line:
        """Names of the columns."""
        cells = (" in/M", " out/M", "same calls", "window")
        return ((self._cells("model", cells, "needs", width), "dim"),)

    def row(self, choice: Choice, width: int) -> Line:
        """The model's figures in columns; what was typed has none."""
        model = self._known.get(choice.id)
        if model is None:
            return super().row(choice, width)
        cells = (
            figures.per_million(model.price_in),
            figures.per_million(model.price_out),
            would_cost(model, self._used),
            figures.tokens(model.window) if model.window else "?",
        )
        note = f"  ({choice.note})" if choice.note else ""
        text = self._cells(choice.text, cells, one_line(model.needs) or "ok", width)
        return ((text, "plain"), (note, "dim"))

    def _cells(self, name: str, cells: tuple[str, str, str, str], needs: str, width: int) -> str:
        price_in, price_out, same, window = cells
        numbers = f"{price_in:>8} {price_out:>8}"
        if self._used.tokens:
            numbers += f" {same:>10}"
        if not self._used.tokens or width >= SPACIOUS:
            numbers += f" {window:>7}"
        least, most = NAMES
        room = min(max(width - len(numbers) - NEEDS - 4, least), most)
        return f" {fitted(name, room)} {numbers}  {needs}"

    def query_text(self, typed: str) -> str:
        """Whatever is typed."""
        return typed.strip()

    def found(self, query: str) -> list[Choice]:
        """The models that fit, and what was typed: a server of one's own has any name."""
        rows = super().found(query)
        if "/" not in query or any(query == row.id for row in rows):
            return rows
        typed = Choice(query, one_line(query), note="as typed, its price unknown")
        return [*rows, typed] if any(query in row.id for row in rows) else [typed, *rows]

    def action_choose(self) -> None:
        """This phase."""
        if self.current:
            self.dismiss(Swap(self.current.id))

    def action_choose_all(self) -> None:
        """Every phase."""
        if self.current:
            self.dismiss(Swap(self.current.id, every_phase=True))


def would_cost(model: ModelInfo, used: Usage) -> str:
    """What tokens would have cost on a model by its listed price, as if none had been cached: an
    estimate, since models count tokens each in its own way. `$?` where no price is known; nothing
    where none were used.
    """
    if not used.tokens:
        return ""
    cost = model.cost_of(used.tokens_in, used.tokens_out)
    return "$?" if cost is None else figures.sum_of(cost, is_estimated=bool(cost))


def _named(model: ModelInfo) -> str:
    return one_line(model.id) + (" (recorded)" if model.id.startswith("demo/") else "")
