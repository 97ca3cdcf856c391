"""Definitions of one name across the Python files of a repository, grouped by what they mean."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.adapters.builtin.python_file import MODULE, ClassFacts, Imported, PythonFile
from core.adapters.builtin.python_modules import PythonModules
from core.adapters.builtin.python_reader import read_python
from core.adapters.builtin.sources import Sources
from core.syntax.sites import Site, identifier_sites, word


@dataclass(slots=True)
class Group:
    """Definitions that a rename must change together."""

    kind: str
    """`module` for a module-level name, `member` for one of a class, `local` for one of a block."""
    label: str
    """How it is told to a person: `function in a/b.py`, `Store in a/b.py`."""
    homes: set[str] = field(default_factory=set)
    """Files that define it."""
    exports: set[str] = field(default_factory=set)
    """Files whose module-level name it is, by definition or by import."""
    stars: set[str] = field(default_factory=set)
    """Files that get it by a star import."""
    classes: set[tuple[str, str]] = field(default_factory=set)
    """Path and dotted name of every class of the family."""
    scope: int = MODULE
    """Of a local one: its scope."""
    outside: tuple[str, ...] = ()
    """Bases of the family that are not in the repository."""


class PythonRepository:
    """Every Python file that matters to one name. Files are parsed once."""

    def __init__(self, sources: Sources, name: str) -> None:
        self.name = name
        self.sources = sources
        self.modules = PythonModules(sources.paths)
        self.broken: list[str] = []
        self.files: dict[str, PythonFile] = {}
        self.scanned = [p for p in sources.paths if p.endswith((".py", ".pyi", ".pyw"))]
        pattern = word(name)
        for path in self.scanned:
            text = sources.text(path)
            if text is not None and ((name in text and pattern.search(text)) or "import *" in text):
                self._parse(path, text)
        self._sites: dict[str, tuple[Site, ...]] = {}
        self.classes = self._every_class()
        self._by_base: dict[str, list[ClassFacts]] = {}
        for rows in self.classes.values():
            for facts in rows:
                for base in {base.rsplit(".", 1)[-1] for base in facts.bases}:
                    self._by_base.setdefault(base, []).append(facts)

    def _parse(self, path: str, text: str) -> None:
        try:
            self.files[path] = read_python(path, text, self.name)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.broken.append(path)

    def sites(self, path: str) -> tuple[Site, ...]:
        """The sites of the name in a file, found once."""
        if path not in self._sites:
            text = self.sources.text(path) or ""
            self._sites[path] = identifier_sites(path, text, self.name)
        return self._sites[path]

    def _every_class(self) -> dict[str, list[ClassFacts]]:
        """Classes of the whole repository by simple name; header lines are enough elsewhere."""
        found: dict[str, list[ClassFacts]] = {}
        for path in self.scanned:
            file = self.files.get(path)
            classes = file.classes if file else _headers(path, self.sources.text(path) or "")
            for entry in classes:
                found.setdefault(entry.name, []).append(entry)
        return found

    def groups(self) -> list[Group]:
        """Groups of module-level names and of class members."""
        return self._module_groups() + self._member_groups()

    # module-level names

    def _module_groups(self) -> list[Group]:
        homes = [
            path for path, file in self.files.items() if file.scopes[MODULE].binds - {"import"}
        ]
        groups: dict[str, Group] = {}
        for path in homes:
            dotted = self.modules.dotted(path)
            what = _what(self.files[path].scopes[MODULE].binds)
            group = groups.setdefault(dotted, Group("module", f"{what} in {path}"))
            group.homes.add(path)
        for group in groups.values():
            self._spread(group)
        return _joined(list(groups.values()))

    def _spread(self, group: Group) -> None:
        """Follow `from … import name` until no further file has it."""
        group.exports = set(group.homes)
        while True:
            reached = group.exports | group.stars
            more = {p for p in self.files if p not in reached and self._takes(p, reached)}
            stars = {p for p in self.files if p not in reached and self._stars(p, reached)}
            if not more and not stars:
                return
            group.exports |= more
            group.stars |= stars - more

    def _takes(self, path: str, reached: set[str]) -> bool:
        file = self.files[path]
        return any(
            entry.scope == MODULE and self.is_from(path, entry, reached)
            for entry in file.imported(self.name)
        )

    def _stars(self, path: str, reached: set[str]) -> bool:
        if self.name.startswith("_"):
            return False
        return any(
            reached & set(self.modules.reach(path, module, level))
            for module, level in self.files[path].stars
        )

    def is_from(self, path: str, entry: Imported, reached: set[str]) -> bool:
        """Whether an import takes the name itself from one of these files."""
        if entry.name != self.name:
            return False
        return bool(reached & set(self.modules.reach(path, entry.module, entry.level)))

    # members of classes

    def _member_groups(self) -> list[Group]:
        definers = [c for rows in self.classes.values() for c in rows if c.defines]
        families: list[Group] = []
        for facts in definers:
            family = self._family(facts)
            label = f"{facts.label} in {facts.path}"
            families.append(
                Group("member", label, {facts.path}, classes=family, outside=self._outside(family))
            )
        return _joined(families)

    def _family(self, facts: ClassFacts) -> set[tuple[str, str]]:
        """A class, all that inherit from it, and what it inherits from that defines the name."""
        family = {(facts.path, facts.label)}
        pending = [facts]
        while pending:
            one = pending.pop()
            kin = [c for c in self._subclasses(one) if (c.path, c.label) not in family]
            kin += [c for c in self._bases(one) if c.defines and (c.path, c.label) not in family]
            family |= {(c.path, c.label) for c in kin}
            pending += kin
        return family

    def _subclasses(self, facts: ClassFacts) -> Iterable[ClassFacts]:
        for other in self._by_base.get(facts.name, []):
            if facts in self._bases(other):
                yield other

    def _bases(self, facts: ClassFacts) -> list[ClassFacts]:
        return [found for base in facts.bases for found in self.class_named(facts.path, base)]

    def class_named(self, path: str, dotted: str) -> list[ClassFacts]:
        """The classes a name can mean in a file: its own, an imported one, or the only one."""
        rows = self.classes.get(dotted.rsplit(".", 1)[-1], [])
        own = [row for row in rows if row.path == path]
        if own or len(rows) < 2:
            return own or rows
        file = self.files.get(path)
        entries = file.imported(dotted.split(".")[0]) if file else []
        reached = {p for e in entries for p in self.modules.reach(path, e.module, e.level)}
        return [row for row in rows if row.path in reached] or ([] if entries else rows)

    def _outside(self, family: set[tuple[str, str]]) -> tuple[str, ...]:
        bases = [
            base
            for rows in self.classes.values()
            for facts in rows
            if (facts.path, facts.label) in family
            for base in facts.bases
            if base and base not in _PLAIN and not self.class_named(facts.path, base)
        ]
        return tuple(dict.fromkeys(bases))

    # names of one block

    def local_groups(self) -> list[Group]:
        """One group per block that binds the name for itself."""
        found = []
        for path, file in self.files.items():
            for number, scope in enumerate(file.scopes):
                if number != MODULE and scope.kind != "class" and scope.binds - {"import"}:
                    what = "parameter" if "parameter" in scope.binds else "variable"
                    label = f"{what} of {scope.label} in {path}"
                    found.append(Group("local", label, {path}, scope=number))
        return found


_PLAIN = frozenset(
    {
        "object",
        "Exception",
        "BaseException",
        "ValueError",
        "TypeError",
        "RuntimeError",
        "KeyError",
        "LookupError",
        "OSError",
        "Protocol",
        "typing.Protocol",
        "Generic",
        "typing.Generic",
        "ABC",
        "abc.ABC",
        "Enum",
        "enum.Enum",
        "StrEnum",
        "IntEnum",
        "NamedTuple",
        "typing.NamedTuple",
        "TypedDict",
        "typing.TypedDict",
    }
)
"""Bases outside the repository whose members a rename rarely overrides."""

_HEADER = re.compile(
    r"^[ \t]*class[ \t]+(\w+)[ \t]*(?:\[[^\]]*\])?[ \t]*"
    r"(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\))?[ \t]*:",
    re.MULTILINE,
)


def _headers(path: str, text: str) -> list[ClassFacts]:
    rows = []
    for found in _HEADER.finditer(text):
        raw = re.sub(r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]", "", found[2] or "")
        bases = [base.split("#")[0].strip() for base in raw.split(",") if "=" not in base]
        kept = tuple(base for base in bases if re.fullmatch(r"[\w.]+", base))
        rows.append(ClassFacts(path, found[1], kept, -1, text.count("\n", 0, found.start()) + 1))
    return rows


def _what(binds: set[str]) -> str:
    for how, word_ in (("class", "class"), ("def", "function")):
        if how in binds:
            return word_
    return "variable"


def _joined(groups: list[Group]) -> list[Group]:
    """Groups that share a file they export from, or a class, are one."""
    merged: list[Group] = []
    for group in groups:
        same = next((m for m in merged if _is_same(m, group)), None)
        if same is None:
            merged.append(group)
            continue
        same.homes |= group.homes
        same.exports |= group.exports
        same.stars |= group.stars
        same.classes |= group.classes
        same.outside = tuple(dict.fromkeys(same.outside + group.outside))
    return merged if len(merged) == len(groups) else _joined(merged)


def _is_same(one: Group, other: Group) -> bool:
    if one.kind == "member":
        return bool(one.classes & other.classes)
    return bool(one.exports & other.exports)
