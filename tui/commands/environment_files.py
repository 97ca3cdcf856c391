"""Files that run code whenever Python starts in our environment, and who put them there."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

KNOWN = (
    "_virtualenv.pth",
    "distutils-precedence.pth",
    "__editable__",
    "_editable_impl_",
    "a1_coverage.pth",
)
"""How files begin that virtual environments, setuptools, editable installs and coverage make."""


class Odd(StrEnum):
    """Why a file does not belong."""

    FOREIGN = "foreign"
    """No installed package owns it, or one that we did not ask for."""
    OWNED = "owned"
    """An installed package owns it."""


@dataclass(frozen=True, slots=True)
class OddFile:
    """A `.pth` file with code."""

    path: Path
    owner: str
    """Name of the package that installed it; empty for none."""

    @property
    def kind(self) -> Odd:
        """Whether somebody answers for it."""
        return Odd.OWNED if self.owner else Odd.FOREIGN


def odd_files(folders: Iterable[Path]) -> tuple[OddFile, ...]:
    """Every `.pth` file in these folders that runs code and is none of the usual ones."""
    places = list(dict.fromkeys(folders))
    files = [f for p in places if p.is_dir() for f in sorted(p.glob("*.pth"))]
    odd = [f for f in files if not f.name.startswith(KNOWN) and _runs_code(f)]
    owners = _owners([str(p) for p in places]) if odd else {}
    return tuple(OddFile(f, owners.get(f.resolve(), "")) for f in odd)


def _runs_code(path: Path) -> bool:
    """Python runs each line of a `.pth` file that begins with `import`."""
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return True
    return any(line.startswith(("import ", "import\t")) for line in text.splitlines())


def _owners(places: list[str]) -> dict[Path, str]:
    return {
        Path(str(package.locate_file(file))).resolve(): package.name
        for package in metadata.distributions(path=places)
        for file in package.files or ()
        if file.name.endswith(".pth")
    }
