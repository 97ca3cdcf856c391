"""Links hunks that lean on one another: one brings or takes away a name that another uses."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from keyword import kwlist

from core.domain.hunk import FileEdit, FileOp, Hunk, Need, NeedKind
from core.edits.names import Key, Names
from core.edits.names_python import parse_python, python_names, touched
from core.edits.names_words import WORD, family, word_names
from core.edits.snapshot import BOM, split_lines

MOST_NEEDS = 20
"""Of one hunk; beyond that a list helps nobody."""

MOST_LINES = 30_000
"""Lines of all versions together that are read by syntax (some tenths of a second); hunks of the
files beyond get no needs.
"""

_EVERYWHERE = frozenset({*kwlist, "self", "const", "func", "function", "let", "var"})


def link(
    files: Sequence[FileEdit], before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[FileEdit, ...]:
    """The files, their hunks with soft needs added to what they need already.

    `before` and `after` hold the texts of a path without any and with all of its hunks; a path
    that they lack is an empty text. Only names that this proposal introduces or takes away count.
    A file that does not parse, or whose texts do not hold its hunks, gives no needs.
    """
    words = [_changed_words(f) for f in files]
    wanted = _linking(words)
    budget = MOST_LINES
    read: list[_Version] = []
    for file, changed in zip(files, words, strict=True):
        if all(wanted.isdisjoint(pair[0] | pair[1]) for pair in changed):
            continue
        version = _Version(file, before.get(file.path, ""), after.get(file.path, ""))
        budget -= len(version.lines[0]) + len(version.lines[1])
        if budget < 0:
            break
        if version.is_whole and version.read():
            read.append(version)
    needs = _Links(read).needs()
    return tuple(_with_needs(file, needs) for file in files)


def _with_needs(file: FileEdit, needs: Mapping[str, Mapping[str, str]]) -> FileEdit:
    if not any(h.id in needs for h in file.hunks):
        return file
    return replace(file, hunks=tuple(_with_more(h, needs.get(h.id, {})) for h in file.hunks))


def _with_more(hunk: Hunk, reasons: Mapping[str, str]) -> Hunk:
    known = {n.id for n in hunk.needs}
    more = [Need(i, NeedKind.SOFT, why) for i, why in reasons.items() if i not in known]
    return replace(hunk, needs=(*hunk.needs, *more[:MOST_NEEDS])) if more else hunk


_Words = tuple[set[str], set[str]]
"""Words of removed and of added lines."""


def _changed_words(file: FileEdit) -> list[_Words]:
    if not family(file.path):
        return []
    return [(_words(hunk, 0), _words(hunk, 1)) for hunk in file.hunks]


def _words(hunk: Hunk, side: int) -> set[str]:
    lines = (hunk.old, hunk.new)[side]
    runs = hunk.runs
    text = "".join(line for r in runs for line in lines[r[side * 2] : r[side * 2 + 1]])
    return set(WORD.findall(text))


def _linking(words: Iterable[Iterable[_Words]]) -> set[str]:
    """Words that could link two hunks: removed or added in two of them, or removed in one and added
    in another. Files without any need not be read.
    """
    seen: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for pair in (pair for file in words for pair in file):
        seen[0].update(pair[0])
        seen[1].update(pair[1])
    often = {w for counts in seen for w, n in counts.items() if n > 1}
    return (often | (seen[0].keys() & seen[1].keys())) - _EVERYWHERE


@dataclass
class _Version:
    """One file, before and after."""

    file: FileEdit
    before: str
    after: str
    lines: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    rows: tuple[dict[int, str], dict[int, str]] = field(default_factory=lambda: ({}, {}))
    """Removed and added rows, and the hunk each belongs to."""
    names: tuple[Names, Names] = field(default_factory=lambda: (Names(), Names()))
    is_whole: bool = True
    """Whether the texts hold the hunks."""

    def __post_init__(self) -> None:
        self.before, self.after = (t.removeprefix(BOM) for t in (self.before, self.after))
        self.lines = (split_lines(self.before), split_lines(self.after))
        shift = 0
        for hunk in sorted(self.file.hunks, key=lambda h: (h.start, h.seq)):
            for side, at in ((0, hunk.start), (1, hunk.start + shift)):
                own = (hunk.old, hunk.new)[side]
                self.is_whole &= self.lines[side][at : at + len(own)] == own
                for run in hunk.runs:
                    for row in range(at + run[side * 2], at + run[side * 2 + 1]):
                        self.rows[side][row] = hunk.id
            shift += len(hunk.new) - len(hunk.old)

    @cached_property
    def known(self) -> frozenset[str]:
        """Words of the text before."""
        return frozenset(WORD.findall(self.before))

    @property
    def is_by_words(self) -> bool:
        """Whether its names are told apart by spelling alone."""
        return family(self.file.path) != "python"

    def is_open(self, key: Key, side: int) -> bool:
        """Whether a name can be met outside its scope, after a dot."""
        return key[0] == "scope" and (not key[2] or key[2] in self.names[side].classes)

    def read(self) -> bool:
        """Find the names of both versions; whether they can be read."""
        path = self.file.path
        kind = family(path)
        if kind != "python":
            texts = (self.before, self.after)
            self.names = (
                word_names(path, texts[0], self.rows[0], list(self.lines[0])),
                word_names(path, texts[1], self.rows[1], list(self.lines[1])),
            )
            return bool(kind)
        trees = parse_python(self.before), parse_python(self.after)
        if trees[0] is None or trees[1] is None:
            return False
        bodies = touched(trees[0], self.rows[0]) | touched(trees[1], self.rows[1])
        self.names = (
            python_names(path, self.before, trees[0], bodies),
            python_names(path, self.after, trees[1], bodies),
        )
        return True


class _Links:
    """Every link between the hunks of these files."""

    def __init__(self, versions: Sequence[_Version]) -> None:
        self.versions = versions
        self.found: dict[str, dict[str, str]] = {}
        self.modules: dict[str, list[str]] = {}
        for version in versions:
            self.modules.setdefault(_module(version.file.path).rpartition(".")[2], []).append(
                version.file.path
            )
        self.introduced: dict[Key, tuple[str, str]] = {}
        """What a hunk brings: the hunk, and what it does in words."""
        self.removed: dict[Key, tuple[str, str]] = {}

    def needs(self) -> dict[str, dict[str, str]]:
        """For each hunk the hunks it needs, and why."""
        for version in self.versions:
            self._compare(version)
        self._members()
        for version in self.versions:
            self._uses(version)
            self._calls(version)
        return self.found

    def _need(self, hunk: str, other: str, why: str) -> None:
        if hunk != other:
            self.found.setdefault(hunk, {}).setdefault(other, why)

    def _compare(self, version: _Version) -> None:
        """What a file's two versions bind differently."""
        path = version.file.path
        old, new = version.names
        gone_rows, come_rows = version.rows
        for key, bound in new.bound.items():
            hunk = come_rows.get(bound.row)
            if hunk is None:
                continue
            earlier = old.bound.get(key)
            if earlier is None:
                self.introduced.setdefault(key, (hunk, f"{path} {bound.verb}"))
            elif bound.verb == "defines" and earlier.row in gone_rows:
                self._need(gone_rows[earlier.row], hunk, f"moves {key[-1]}, which it adds again")
        for key, bound in old.bound.items():
            hunk = gone_rows.get(bound.row)
            if hunk is not None and key not in new.bound:
                self.removed.setdefault(key, (hunk, path))
        self._files(version)

    def _files(self, version: _Version) -> None:
        """A whole file that comes or goes is a module that comes or goes."""
        file = version.file
        if family(file.path) != "python" or not file.hunks:
            return
        key = ("scope", file.path, "", "")
        if file.op in (FileOp.CREATE, FileOp.RENAME):
            self.introduced[key] = (file.hunks[0].id, f"{file.path} is")
        elif file.op is FileOp.DELETE:
            self.removed[key] = (file.hunks[0].id, file.path)

    def _members(self) -> None:
        """Names of modules and classes are also met after a dot, where no dotted name was the same
        before, and only one hunk brings (or takes) it.
        """
        for table, side in ((self.introduced, 0), (self.removed, 1)):
            taken = {m for v in self.versions for m in v.names[side].members}
            owners: dict[str, set[str]] = {}
            rows = [
                (key, row)
                for version in self.versions
                for key in version.names[1 - side].bound
                if (row := table.get(key)) and version.is_open(key, 1 - side)
            ]
            for key, (hunk, _) in rows:
                owners.setdefault(key[3], set()).add(hunk)
            for key, row in rows:
                if key[3] not in taken and len(owners[key[3]]) == 1:
                    table.setdefault(("member", key[3]), row)

    def _uses(self, version: _Version) -> None:
        """What each hunk begins and ceases to use."""
        used: tuple[dict[str, dict[Key, None]], dict[str, dict[Key, None]]] = ({}, {})
        for side in (0, 1):
            rows = version.rows[side]
            for row, key in version.names[side].used:
                if (hunk := rows.get(row)) is not None:
                    for meant in self._meant(key):
                        used[side].setdefault(hunk, {}).setdefault(meant, None)
        path = version.file.path
        for hunk, keys in used[1].items():
            for key in (k for k in keys if k not in used[0].get(hunk, {})):
                found = self.introduced.get(key)
                if found and not (version.is_by_words and key[-1] in version.known):
                    self._need(hunk, found[0], _uses_why(key, found[1]))
        for hunk, keys in used[0].items():
            for key in (k for k in keys if k not in used[1].get(hunk, {})):
                if found := self.removed.get(key):
                    self._need(found[0], hunk, f"takes {_word(key)} away, which {path} still uses")

    def _meant(self, key: Key) -> Iterator[Key]:
        """The bindings a use may mean: an import means the definition in the module's file."""
        if key[0] != "from":
            yield key
            return
        _, path, dots, module, name = key
        full = f"{module}.{name}" if name and module else name or module
        for dotted, rest in ((module, name), (full, "")):
            for other in self.modules.get(dotted.rpartition(".")[2], ()) if dotted else ():
                if other != path and _is_named(_module(other), dotted):
                    yield ("scope", other, "", rest)
                    yield ("scope", other, "", "")
        if dots and not module:
            yield from (
                ("scope", other, "", name)
                for other in self.modules.get(_package(path), ())
                if other.endswith("/__init__.py")
            )

    def _calls(self, version: _Version) -> None:
        """Calls of a function whose parameters change, where the hunk changes the arguments."""
        shapes: tuple[dict[tuple[str, str], set[str]], dict[tuple[str, str], set[str]]] = ({}, {})
        for side in (0, 1):
            for row, called, shape in version.names[side].calls:
                if (hunk := version.rows[side].get(row)) is not None:
                    shapes[side].setdefault((hunk, called), set()).add(shape)
        for (hunk, called), earlier in shapes[0].items():
            later = shapes[1].get((hunk, called))
            if later is None or later == earlier:
                continue
            for owner, path, strict in self.signatures.get(called, ()):
                self._need(hunk, owner, f"calls {called}, whose parameters {path} changes")
                if strict:
                    why = f"changes what {called} is called with, which {version.file.path} does"
                    self._need(owner, hunk, why)

    @cached_property
    def signatures(self) -> dict[str, list[tuple[str, str, bool]]]:
        """Functions with other parameters: the hunk, the path, and whether a call must follow."""
        found: dict[str, list[tuple[str, str, bool]]] = {}
        for version in self.versions:
            old, new = (names.signatures for names in version.names)
            for name, (rows, text, needed) in new.items():
                hunk = next((version.rows[1][r] for r in rows if r in version.rows[1]), "")
                if hunk and name in old and old[name][1] != text:
                    strict = old[name][2] != needed
                    found.setdefault(name, []).append((hunk, version.file.path, strict))
        return found


def _uses_why(key: Key, brings: str) -> str:
    if key[0] == "keyword":
        return f"passes {key[2]}=, which {key[1]} in {brings}"
    if key[0] == "scope" and not key[3]:
        return f"imports {key[1]}, which it creates"
    return f"uses {_word(key)}, which {brings}"


def _word(key: Key) -> str:
    return key[-1] or key[1]


def _module(path: str) -> str:
    """The dotted name of a Python file: `src.app.cli`."""
    return path.rpartition(".")[0].replace("/", ".").removesuffix(".__init__")


def _package(path: str) -> str:
    return path.rpartition("/")[0].rpartition("/")[2]


def _is_named(module: str, wanted: str) -> bool:
    return module == wanted or module.endswith("." + wanted)
