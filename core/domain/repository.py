"""What the engine knows of the repository it works on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RepositoryState:
    """The repository at one moment."""

    root: str
    vcs: str
    """`git`, or `none` for a plain directory."""
    head: str = ""
    """Commit id; empty on an unborn branch or without git."""
    branch: str = ""
    """Empty when detached."""
    condition: str = "clean"
    """`clean`, `dirty`, `unborn`, `merge`, `rebase`, `cherry-pick` or `detached`."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the history, as a document that points at files."""

    sha: str
    subject: str
    body: str
    files: tuple[str, ...]
