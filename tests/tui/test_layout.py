import pytest

from core.domain import events as e
from tests.tui.driving import driving, wait_until
from tui.cockpit import AppOptions
from tui.layout import layout
from tui.state import ViewState

NEWS = e.NoticeGiven("a notice")


@pytest.mark.parametrize(
    ("width", "height", "name"),
    [
        (20, 5, "none"),
        (39, 24, "none"),
        (40, 8, "compact"),
        (59, 30, "compact"),
        (80, 24, "tabs"),
        (99, 40, "tabs"),
        (90, 50, "portrait"),
        (100, 30, "two"),
        (159, 60, "two"),
        (160, 40, "three"),
        (400, 100, "three"),
    ],
)
def test_the_layout_of_a_size(width: int, height: int, name: str) -> None:
    assert layout(width, height, ViewState()).name == name


@pytest.mark.parametrize("panel", ["plan", "context", "diffs", "phases", "events", "figures"])
@pytest.mark.parametrize("size", [(40, 8), (80, 24), (90, 50), (120, 40), (200, 60)])
def test_the_focused_panel_is_always_on_screen(panel: str, size: tuple[int, int]) -> None:
    lower = panel if panel in ("phases", "events", "figures") else "events"
    view = ViewState(focus=panel, panel=panel, lower=lower)

    assert panel in layout(*size, view).panels


def test_a_zoomed_panel_is_alone() -> None:
    assert layout(200, 60, ViewState(panel="plan", zoomed=True)).panels == {"plan"}


@pytest.mark.parametrize(
    ("size", "there", "missing"),
    [
        ((40, 10), ["[3 Diffs]", "undecided", "goal>"], ["1 Plan"]),
        ((80, 24), ["[3 Diffs 4/12]", "2 Context", "RET ok", "goal>"], ["T1 Add a backoff"]),
        ((120, 40), ["1 Plan", "2 Context", "[3 Diffs]", "5 Events"], ["4 Phases"]),
        ((200, 60), ["1 Plan", "2 Context", "[3 Diffs]", "4 Phases", "5 Events"], []),
    ],
    ids=lambda v: "x".join(map(str, v)) if isinstance(v, tuple) else None,
)
async def test_what_a_size_shows(
    size: tuple[int, int], there: list[str], missing: list[str]
) -> None:
    async with driving(size=size) as driven:
        for text in there:
            await driven.sees(text)
        for text in missing:
            assert text not in driven.text
        lines = driven.text.splitlines()
        assert len(lines) <= size[1]
        assert lines[-1].startswith(" goal>")


async def test_selection_focus_and_view_survive_a_storm_of_sizes() -> None:
    async with driving() as driven:
        await driven.press(*"jjjj")
        chosen = driven.app.view.hunk
        for size in [
            (20, 5),
            (40, 8),
            (400, 100),
            (80, 24),
            (10, 3),
            (160, 20),
            (99, 50),
            (120, 40),
        ]:
            await driven.pilot.resize_terminal(*size)
        await driven.sees("[3 Diffs]")

        assert driven.app.view.hunk == chosen
        assert driven.app.focused is not None and driven.app.focused.id == "diffs"
        rows = driven.app.board.panels["diffs"].lines.source.rows(chosen)
        top = driven.app.board.panels["diffs"].lines.scroll_offset.y
        assert top <= rows[0] < top + 30


async def test_too_small_a_terminal_says_so() -> None:
    async with driving(size=(120, 40)) as driven:
        await driven.pilot.resize_terminal(20, 5)
        await driven.sees("terminal too small")


async def test_zoom_and_back() -> None:
    async with driving() as driven:
        await driven.press("plus")
        await wait_until(lambda: "1 Plan" not in driven.text)
        await driven.press("escape")
        await driven.sees("1 Plan")


async def test_ascii_draws_nothing_but_ascii() -> None:
    options = AppOptions(ascii=True)
    async with driving(size=(200, 60), options=options) as driven:
        await driven.sees("- 1 Plan")
        assert driven.text.isascii()


async def test_phases_and_events_share_a_place_in_two_columns() -> None:
    async with driving(focus="phases") as driven:
        await driven.sees("[4 Phases]")
        assert "5 Events" not in driven.text
        await driven.press("5")
        await driven.sees("[5 Events]")
        assert "4 Phases" not in driven.text


async def test_following_stops_when_an_older_event_is_selected() -> None:
    async with driving(focus="events") as driven:
        for _ in range(3):
            driven.session.publish(NEWS)
        await driven.sees("a notice")
        await driven.press("k")
        await driven.sees("not following")
        await driven.press("F")
        await wait_until(lambda: driven.app.view.following)
