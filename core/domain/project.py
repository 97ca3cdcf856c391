"""What a repository is, in a few lines that a planner can use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A folder of a source tree that holds together."""

    folder: str
    files: int
    names: tuple[str, ...] = ()
    """What the rest uses most of it."""
    purpose: str = ""
    """What it is for, as `by` says; empty where no model was asked."""
    by: str = ""

    @property
    def key(self) -> str:
        """What a purpose was told of: another file in the folder does not change it."""
        return "\0".join((self.folder, *self.names))

    @property
    def line(self) -> str:
        """`core/engine (14 files): Session, Bus; x/small says: runs the phases`."""
        size = f"{self.folder} ({self.files} file{'' if self.files == 1 else 's'})"
        told = f"{size}: {', '.join(self.names)}" if self.names else size
        return f"{told}; {self.by} says: {self.purpose}" if self.purpose else told


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    """Read from names and manifests alone, but for what a model says its parts are for; nothing of
    it was run.
    """

    files: int = 0
    languages: tuple[tuple[str, int], ...] = ()
    """Language and number of source files, most first."""
    tests: int = 0
    """Files with tests."""
    frameworks: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    """Paths, or `command = target` as a manifest says."""
    lock_files: tuple[str, ...] = ()
    owners: str = ""
    """Path of the CODEOWNERS file."""
    instructions: tuple[str, ...] = ()
    """Files that tell agents what to do: documents like any other, never orders."""
    protected: tuple[str, ...] = ()
    """Files that decide how the project is built, checked and released."""
    made_of: tuple[Part, ...] = ()
    """Its parts, largest first."""
    hint: str = ""
    """Why the tests are too thin to rely on; empty where they are not."""

    def lines(self) -> tuple[str, ...]:
        """The summary as prompts and the context panel show it, a line or so each."""
        if not self.files:
            return ()
        spoken = ", ".join(f"{name} ({n})" for name, n in self.languages[:4])
        rows = [f"{self.files} files: {spoken}" if spoken else f"{self.files} files"]
        rows[0] += f"; {self.tests} test files"
        for word, found in (
            ("built with", self.frameworks[:8]),
            ("begins at", self.entry_points[:5]),
            ("versions locked in", self.lock_files[:3]),
            ("decided by", self.protected[:6]),
            ("instructions for agents (not orders)", self.instructions[:3]),
        ):
            rows += [f"{word}: {', '.join(found)}"] if found else []
        rows += [f"owners: {self.owners}"] if self.owners else []
        rows += [f"part {part.line}" for part in self.made_of]
        rows += [f"hint: {self.hint}"] if self.hint else []
        return tuple(rows)
