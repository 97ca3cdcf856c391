"""Fills panels with lines; sources are made again only when what they show has changed."""

from core.domain.phase import Phase
from core.domain.state import RunState
from tui.ink import Line
from tui.sources.context import context_source, is_filled
from tui.sources.diffs import DiffSource
from tui.sources.empty import empty_source
from tui.sources.foot import foot_lines
from tui.sources.lists import LogSource, plan_source
from tui.sources.relay import relay_source
from tui.sources.run_figures import figures_source
from tui.sources.text import TextSource
from tui.state import ViewState
from tui.widgets.line_view import LineSource
from tui.widgets.panel import Panel

Key = tuple[object, ...]


class Contents:
    """Remembers, per panel, what its source was made from."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Key, LineSource]] = {}
        self._feet: Key = ()
        self._foot: tuple[Line, ...] = ()
        self._touched = False
        """Whether the diffs kept their place but hold other decisions or another foot."""

    def fill(self, panel: Panel, run: RunState, view: ViewState, now: float) -> None:
        """Show in a panel what the states say it holds."""
        name = panel.panel
        width = panel.lines.room or 40
        selected = self._selected(name, view)
        if name == "diffs" and run.files:
            source: LineSource = self._diffs(run, view, width)
        else:
            source = self._listed(panel, run, view, width, now)
        if isinstance(source, TextSource) and source.says_the_same(panel.lines.source):
            source = panel.lines.source
        fresh = source is not panel.lines.source
        moved = selected != panel.lines.selected
        if fresh or (name == "diffs" and self._touched):
            panel.lines.show(source, panel.lines.selected)
            self._touched = self._touched and name != "diffs"
        if moved or (fresh and selected):
            panel.lines.select(selected)
        if name == "events" and view.following and fresh:
            panel.lines.to_end()

    def _selected(self, name: str, view: ViewState) -> str:
        row = "" if view.following else str(view.row)
        return {
            "plan": view.task,
            "context": view.item,
            "diffs": view.hunk,
            "phases": view.phase.value,
            "events": row,
            "figures": "",
        }[name]

    def _diffs(self, run: RunState, view: ViewState, width: int) -> DiffSource:
        opened = run.decisions if view.undecided_only else None
        key: Key = (_Same(run.files), run.stale_paths, _Same(opened))
        feet: Key = (
            _Same(run.decisions),
            run.refusals,
            run.checks,
            run.accepted_check,
            run.verdict,
            width,
        )
        if feet != self._feet:
            self._feet, self._foot = feet, foot_lines(run, width)
            self._touched = True
        known = self._made.get("diffs")
        if known and known[0] == key and isinstance(known[1], DiffSource):
            known[1].update(run.decisions, self._foot)
            return known[1]
        source = DiffSource(run, self._foot, view.undecided_only)
        self._made["diffs"] = (key, source)
        return source

    def _listed(
        self, panel: Panel, run: RunState, view: ViewState, width: int, now: float
    ) -> LineSource:
        name, height = panel.panel, panel.lines.size.height
        if name == "phases":
            return relay_source(run, view, width, now)
        if name == "figures":
            return figures_source(view.figures, width, now)
        full = {"plan": bool(run.tasks), "context": is_filled(run), "events": bool(view.log)}
        if not full.get(name, False):
            return empty_source(run, view, name, width, height)
        key = self._key(name, run, view, width)
        known = self._made.get(name)
        if known and known[0] == key:
            return known[1]
        source: LineSource
        if name == "plan":
            source = plan_source(run, view.task, width)
        elif name == "context":
            source = context_source(run, view, width)
        else:
            source = LogSource(view.log)
        self._made[name] = (key, source)
        return source

    def _key(self, name: str, run: RunState, view: ViewState, width: int) -> Key:
        if name == "plan":
            return (_Same(run.tasks), view.task, width)
        if name == "context":
            leg = run.phases[Phase.RETRIEVE]
            searched = (_Same(leg), view.indexing, view.is_early)
            return (
                _Same(run.items),
                *searched,
                view.by_tokens,
                view.item,
                _Same(run.routes),
                width,
            )
        return (_Same(view.log),)


class _Same:
    """Equal only to a wrapper of the very same object."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    __hash__ = None  # type: ignore[assignment]  # keys are compared, never hashed
