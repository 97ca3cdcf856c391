"""Quoting a package from where it is installed: the definitions that a goal names."""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from core.adapters.index_files import Disk, blob_id, text_of
from core.domain.context import ContextItem, Trust
from core.retrieval.chunks import Definition, cut
from core.retrieval.corpus import Document
from core.retrieval.locks import Locked
from core.retrieval.snippets import fact_item, make_item
from core.syntax.languages import unix

MAX_READ = 8_000_000
"""Bytes of a package that are read."""
MAX_PARSED = 1_000_000
"""Characters of a package that are parsed."""
SECONDS_READING, SECONDS_PARSING = 0.2, 0.25
"""After which no further file is read, or parsed."""
LONGEST_LINE = 2_000
"""Characters; files with longer ones are minified or data, and slow to parse."""
LONGEST = 60
"""Lines of a definition that are quoted."""
MOST_NAMES = 40
"""Public names that are told of a package's top module."""
MOST_ALIKE = 2
"""Definitions of one name that are quoted."""
MOST_TOPS = 5
"""Files that are looked through for public names."""
SCORE = 0.5
"""Of what is quoted: below what the repository itself is named for."""


@dataclass(frozen=True, slots=True)
class Place:
    """A package where it is installed."""

    folder: Path
    version: str
    files: tuple[str, ...]
    """Its source below the folder, what is imported first first."""


def label(package: Locked) -> str:
    """How a package at its version is spelt in ids and paths."""
    return f"dep:{package.name}@{package.version}"


class Source:
    """Quotes a package from where it is installed."""

    def __init__(self, package: Locked, place: Place) -> None:
        self._label = label(package)
        self._said = f"{package.name} {package.version}, installed"
        self._place = place
        self._disk = Disk(place.folder)
        self._started = time.monotonic()

    def items(self, names: Sequence[str], budget: int) -> tuple[ContextItem, ...]:
        """Definitions of the names; where there is none, the names of the top module."""
        quoted = list(self._quoted(names, budget))
        return tuple(item for item in quoted if item) if quoted else self._outline(budget)

    def _document(self, path: str) -> Document | None:
        data = self._disk.read(path)
        text = unix(text_of(data)) if data else ""
        if not data or not text.strip() or max(map(len, text.split("\n"))) > LONGEST_LINE:
            return None
        return Document(f"{self._label}/{path}", text, blob_id(data), Trust.DEPENDENCY)

    def _mentioning(self, names: Iterable[str]) -> list[Document]:
        """Files that hold one of the names, those first that define it by a keyword."""
        spelled = re.compile("|".join(re.escape(name) for name in names))
        found: list[tuple[bool, Document]] = []
        left = MAX_READ
        for path in self._place.files:
            in_time = time.monotonic() - self._started < SECONDS_READING
            document = self._document(path) if left > 0 and in_time else None
            if document is not None:
                left -= len(document.text)
                places = [one.start() for one in islice(spelled.finditer(document.text), 99)]
                if places:
                    heads = (document.text[max(0, at - 80) : at] for at in places)
                    found.append((not any(_KEYWORD.search(head) for head in heads), document))
        return [document for _, document in sorted(found, key=lambda row: row[0])]

    def _hits(self, names: Sequence[str]) -> dict[str, list[tuple[Document, Definition]]]:
        """Definitions of each name by its last part."""
        hits: dict[str, list[tuple[Document, Definition]]] = {_last(name): [] for name in names}
        hits.pop("", None)
        left = MAX_PARSED
        for document in self._mentioning(hits) if hits else ():
            left -= len(document.text)
            if left < 0 or time.monotonic() - self._started > SECONDS_PARSING:
                break
            parsed = cut(document.path, document.text)
            for one in parsed.definitions:
                head = parsed.lines[one.start - 1]
                if one.name in hits and one.kind not in _QUIET and "require(" not in head:
                    hits[one.name].append((document, one))
        return {name: found for name, found in hits.items() if found}

    def _quoted(self, names: Sequence[str], budget: int) -> Iterator[ContextItem | None]:
        """The best definitions of each name, none within another; None for what does not fit."""
        hits = self._hits(names)
        taken: list[tuple[str, int, int]] = []
        for name in names:
            alike = hits.pop(_last(name), [])
            alike.sort(key=lambda hit: _distance(name, hit[1]))
            for document, one in alike[:MOST_ALIKE]:
                start, end = one.start - 1, min(one.end, one.start - 1 + LONGEST)
                if any(document.path == p and a <= start and end <= b for p, a, b in taken):
                    continue
                why = f"defines `{one.name}` ({self._said})"
                item = make_item(document, start, end, SCORE, why, symbol=_dotted(one))
                fits = item.tokens <= budget
                if fits:
                    budget -= item.tokens
                    taken.append((document.path, start, end))
                yield item if fits else None

    def _outline(self, budget: int) -> tuple[ContextItem, ...]:
        """The public names of the first file that has any."""
        for path in self._place.files[:MOST_TOPS]:
            if time.monotonic() - self._started > SECONDS_PARSING:
                break
            document = self._document(path)
            names = _public_names(path, document.text)[:MOST_NAMES] if document else ()
            if document and names:
                said = f"{path} ({self._said}) has {', '.join(names)}"
                why = f"public names of {path} ({self._said})"
                item = fact_item(document.path, said, why, Trust.DEPENDENCY, SCORE)
                item = replace(item, path=document.path, file_hash=document.hash)
                return (item,) if item.tokens <= budget else ()
        return ()


def _last(name: str) -> str:
    return re.split(r"[.:]", name)[-1]


def _dotted(one: Definition) -> str:
    return f"{one.parent}.{one.name}" if one.parent else one.name


def _distance(name: str, one: Definition) -> tuple[bool, bool, bool]:
    """How far a definition is from what a goal spells: `Session.get` means that `get`."""
    is_said = f".{name.replace('::', '.')}".endswith(f".{_dotted(one)}")
    return not is_said, one.kind == "variable", bool(one.parent)


_QUIET = ("field", "key", "rule")
_KEYWORD = re.compile(
    r"\b(?:def|class|fn|func|function|struct|enum|trait|type|interface|const|let|var)\s+"
    r"(?:\([^()\n]*\)\s*)?$"
)
_ALL = re.compile(r"^__all__\s*(?::[^=\n]+)?=\s*[\[(]([^\])]*)", re.M)
_PASSED_ON = re.compile(
    r"^from \.[\w.]* import (\([^()]*\)|[^\n#(]*)|^pub use ([^;]{0,2000});"
    r"|^export (?:type )?\{([^{}]*)\}|^(?:module\.)?exports(?:\.(\w+))? = (?:\{([^{}]*)\})?",
    re.M,
)
"""What a top module takes from others, for Python, Rust and JavaScript."""


def _public_names(path: str, text: str) -> tuple[str, ...]:
    """What a module passes on and defines for others to use."""
    if path.endswith(".py") and (said := _ALL.search(text)):
        return tuple(dict.fromkeys(re.findall(r"[\"'](\w+)[\"']", said[1])))
    found = []
    for groups in _PASSED_ON.findall(text):
        for part in re.split(r"[{}(),]", re.sub(r"(?://|#)[^\n]*", "", "".join(groups))):
            words = re.findall(r"\w+", re.split(r"(?<!:):(?!:)", part)[0])
            if words and words[-1] != "self" and not part.rstrip().endswith(("*", "::")):
                found.append(words[-1])
    parsed = cut(path, text)
    for one in parsed.definitions:
        head = "\n".join(parsed.lines[one.start - 1 : one.start + 3])
        is_open = "pub " in head if path.endswith(".rs") else "export" in head
        if path.endswith((".py", ".pyi")):
            is_open = True
        elif path.endswith(".go"):
            is_open = one.name[:1].isupper()
        if is_open and not one.parent:
            found.append(one.name)
    return tuple(dict.fromkeys(name for name in found if not name.startswith("_")))
