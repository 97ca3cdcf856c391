"""The fold of one run's hunks: staged, decided, redone, landed, undone, escaped."""

from collections.abc import Iterable

from core.record.figures import HunkFigures
from core.record.late import Late, Plain

RED = frozenset({"fail", "timeout", "killed"})
"""Outcomes of a check that speak against the tree; the others say that it was not judged."""


class Hunks:
    """By id: which are staged, what was decided, which stand in the files."""

    def __init__(self) -> None:
        self.figures = HunkFigures()
        self.landings: dict[str, tuple[str, ...]] = {}
        """Every landing and its hunks."""
        self.undone: set[str] = set()
        self.escaped: set[str] = set()
        self._ever: set[str] = set()
        self._writers: dict[str, str] = {}
        """The hunks on offer and who wrote each."""
        self._tasks: set[str] = set()
        self._decisions: dict[str, str] = {}
        self._edited: set[str] = set()
        """By the user, under their new names."""
        self._proposals = 0
        self._count = 0
        self._unread: Late | None = None
        """The newest proposal, while its hunks need not be told apart."""
        self._is_again = False
        """Whether what is staged next is staged again."""
        self._is_redone = False
        """Whether the newest proposal was."""
        self._newest = ""
        """The landing after which nothing was staged."""

    def asked_again(self) -> None:
        """What is staged next is staged again."""
        self._is_again = True

    def staged(self, count: int, event: Late) -> None:
        """A proposal of so many hunks replaces the one before it.

        The hunks themselves are read only once something needs to tell them apart.
        """
        if self._proposals:
            self._tell_apart()
        self._proposals += 1
        self._count, self._unread, self._newest = count, event, ""
        self._is_redone, self._is_again = self._is_again, False
        if self._proposals > 1:
            self._tell_apart()

    def _tell_apart(self) -> None:
        if self._unread is None:
            return
        files = self._unread.read()["files"]
        fresh: dict[str, str] = {}
        tasks: set[str] = set()
        for hunk in (hunk for file in files for hunk in file["hunks"]):
            name, task, model = hunk["id"], hunk["task"], hunk["model"]
            fresh[name] = model
            tasks.add(task)
            if self._is_redone and task in self._tasks and name not in self._ever:
                self.figures.again[model] = self.figures.again.get(model, 0) + 1
        self._ever.update(fresh)
        self._tasks |= tasks
        self._writers, self._unread = fresh, None

    def decided(self, names: Iterable[str], states: Iterable[str]) -> None:
        """Decisions, or their taking back."""
        self._decisions.update(zip(names, states, strict=False))

    def split(self, name: str, parts: Iterable[str]) -> None:
        """Parts take the hunk's place."""
        self._tell_apart()
        writer = self._writers.pop(name, "")
        self._ever.discard(name)
        for part in parts:
            self._writers[part] = writer
            self._ever.add(part)
            self._decisions[part] = self._decisions.get(name, "pending")

    def edited(self, name: str, renamed: str) -> None:
        """The user rewrote a hunk; a second time counts no more."""
        self._tell_apart()
        writer = self._writers.pop(name, "")
        if name not in self._edited:
            self.figures.edited[writer] = self.figures.edited.get(writer, 0) + 1
        self._ever.discard(name)
        self._ever.add(renamed)
        self._edited.add(renamed)
        self._writers[renamed] = writer
        self._decisions[renamed] = "pending"

    def landed(self, landing: Plain) -> None:
        """A batch is in the files."""
        name = landing["id"]
        self.landings[name] = tuple(landing["hunk_ids"])
        self.undone.discard(name)
        self._newest = name

    def taken_out(self, landing: Plain) -> None:
        """A batch was undone: it escaped every check before it."""
        self.undone.add(landing["id"])
        self.escaped.add(landing["id"])
        self._newest = ""

    def checked(self, outcome: str) -> None:
        """A check ended; a red one right after a landing speaks against that."""
        if self._newest and outcome in RED:
            self.escaped.add(self._newest)

    def counted(self) -> HunkFigures:
        """The figures now."""
        out = {i for name in self.undone for i in self.landings.get(name, ())}
        standing = {
            i for name, ids in self.landings.items() if name not in self.undone for i in ids
        }
        offered = self._decisions.keys() if self._unread else self._writers.keys()
        wanted = {i for i in offered if self._decisions.get(i) == "accepted"}
        figures = self.figures
        figures.staged = self._count if self._unread else len(self._ever)
        figures.accepted = len(wanted | standing | out)
        figures.rejected = sum(self._decisions.get(i) == "rejected" for i in offered)
        figures.landed = len(standing)
        return figures
