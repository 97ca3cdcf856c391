"""What a repository is, in a few lines that a planner can use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    """Read from names and manifests alone; nothing of it was run."""

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
    parts: tuple[str, ...] = ()
    """Its folders with what the rest uses most of each: `core/engine (14 files): Session, Bus`."""
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
        rows += [f"part {part}" for part in self.parts]
        rows += [f"hint: {self.hint}"] if self.hint else []
        return tuple(rows)
