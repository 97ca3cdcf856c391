"""Writes the README's table of keys from the registry, and the screenshot from the app itself."""

import asyncio
import re
from pathlib import Path

from core.domain.phase import Phase
from tui.app import RelaypairApp
from tui.commands.demo import GOAL, sample_workspace
from tui.keymap import markdown_table

ROOT = Path(__file__).parent.parent
TABLE = re.compile(r"(<!-- keys: [^\n]*-->\n).*?(<!-- end of keys -->)", re.DOTALL)
FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)


def with_keys(readme: str) -> str:
    """The README with the table that belongs into it."""
    return TABLE.sub(lambda m: m[1] + markdown_table().strip("\n") + "\n" + m[2], readme)


async def screenshot() -> str:
    """The app after the recorded relay, some hunks decided, as an SVG without outside fonts."""
    session = sample_workspace().session()
    app = RelaypairApp(session)
    async with app.run_test(size=(130, 38)) as pilot:
        await pilot.press(*GOAL, "enter", "escape")
        await _until(lambda: bool(session.state.goal.text))
        await pilot.press("R")
        await _until(lambda: session.state.cursor is None)
        await pilot.press("3", "y", "y", "n", "y")
        await _until(lambda: len(session.state.decisions) == 4)
        await pilot.pause()
        picture = app.export_screenshot(title="relaypair")
    await session.close()
    return FONTS.sub("", picture).replace("Fira Code", "monospace")


async def _until(condition: object) -> None:
    assert callable(condition)
    for _ in range(1200):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"the recorded relay did not reach {Phase.REVIEW.value}")


def main() -> None:
    """Write both."""
    readme = ROOT / "README.md"
    readme.write_text(with_keys(readme.read_text()))
    (ROOT / "docs/screenshot.svg").write_text(asyncio.run(screenshot()))


if __name__ == "__main__":
    main()
