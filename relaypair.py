"""The console script's door: it makes sure that `core` and `tui` are ours, then hands over to the
command line.
"""

import gc
import os
import sys
from pathlib import Path


def main() -> int:
    """Run the command line; its exit code."""
    gc.disable()  # until the first frame: nothing made while importing is garbage
    home = Path(__file__).resolve().parent
    _forget_foreign_paths(home)
    import core

    found = Path(core.__file__ or "").resolve().parent.parent
    if found != home:
        print(
            f"relaypair: the package `core` was loaded from {found}, not from {home}; "
            "install Relaypair with pipx or uv tool, apart from your project.",
            file=sys.stderr,
        )
        return 2
    from tui.cli import run

    return run(sys.argv[1:])


def _forget_foreign_paths(home: Path) -> None:
    """Put our own folder first and drop PYTHONPATH and the current folder, where a user's own
    `core` may live.
    """
    given = {
        str(Path(p or ".").resolve())
        for p in os.environ.get("PYTHONPATH", "").split(os.pathsep)
        if p
    }
    given.add(str(Path.cwd()))
    kept = [p for p in sys.path if p and str(Path(p).resolve()) not in given - {str(home)}]
    sys.path[:] = [str(home), *(p for p in kept if Path(p).resolve() != home)]


if __name__ == "__main__":
    sys.exit(main())
