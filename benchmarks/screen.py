"""First paint against a bare Textual app, and what a key costs in the diff panel."""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.terminal import Terminal
from core.config import environment

ROOT = Path(__file__).parent.parent
PAIRS = 7
BARE = """
from textual.app import App
from textual.widgets import Input, Static
class Bare(App):
    def compose(self):
        yield Static("READY")
        yield Input()
Bare().run()
"""


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder) / "r"
        repository.mkdir()
        (repository / "a.py").write_text("x = 1\n")
        subprocess.run(["git", "init", "-q"], cwd=repository, check=True)
        env = environment() | {"HOME": folder, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        env = {k: v for k, v in env.items() if not k.startswith(("RELAYPAIR_", "XDG_"))}
        bare, ours, ratios, memory = [], [], [], 0
        for turn in range(PAIRS + 1):
            a = paint([sys.executable, "-c", BARE], env, b"READY")[0]
            b, used = paint(
                [sys.executable, str(ROOT / "relaypair.py"), "app", "--repo", str(repository)],
                env,
                b"goal>",
            )
            if turn:
                bare.append(a)
                ours.append(b)
                ratios.append(b / a)
                memory = max(memory, used)
        print(f"first paint: bare Textual {ms(bare)}, Relaypair {ms(ours)} of {PAIRS} pairs")
        middle = statistics.median(ratios)
        print(f"ratio median {middle:.2f}, {min(ratios):.2f} to {max(ratios):.2f}")
        print(f"{memory / 2**20:.0f} MB in the app's process")
        keys(env)


def paint(argv: list[str], env: dict[str, str], mark: bytes) -> tuple[float, int]:
    """Seconds to the mark, and resident bytes then."""
    terminal = Terminal(argv, env)
    try:
        return terminal.read_until(mark), terminal.memory()
    finally:
        terminal.end()


def keys(env: dict[str, str]) -> None:
    """j in the diff panel with 10,000 hunks staged, at 120x40."""
    code = "from benchmarks.many_hunks import show; show(10_000)"
    terminal = Terminal([sys.executable, "-c", code], env | {"PYTHONPATH": str(ROOT)})
    try:
        ready = terminal.read_until(b"1/10000")
        terminal.quiet()
        terminal.key(b"3")
        terminal.quiet()
        rows = [terminal.key(b"j") for _ in range(60)]
        last = sorted(row[1] * 1000 for row in rows)
        size = sorted(row[2] for row in rows)
        print(f"10,000 hunks: on screen after {ready:.2f} s, {terminal.memory() / 2**20:.0f} MB")
        print(f"j to last byte: p50 {last[30]:.1f} ms, p95 {last[56]:.1f} ms")
        print(f"bytes a key: p50 {size[30]:,}, max {size[-1]:,}")
    finally:
        terminal.end()


def ms(values: list[float]) -> str:
    """The median in milliseconds."""
    return f"{statistics.median(values) * 1000:.0f} ms"


if __name__ == "__main__":
    main()
