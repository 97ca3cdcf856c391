"""Sites of a name in languages other than Python, and in documentation."""

import re
from dataclasses import dataclass, field
from posixpath import basename, dirname

from core.adapters.builtin.python_rename import Found
from core.adapters.builtin.sources import DOCUMENTS, Sources
from core.syntax.languages import language_of
from core.syntax.outline import Symbol, outline
from core.syntax.sites import Site, SiteKind, identifier_sites

_FAMILIES = (
    {"javascript", "typescript", "tsx"},
    {"c", "cpp"},
    {"java", "kotlin", "scala"},
)
_DATA = frozenset({"json", "yaml", "markdown", "html", "css", "hcl", "nix"})
"""Languages whose words are data, prose or another language's strings."""
_SELF = frozenset({"this", "self", "$this", "super", "Self", "@"})


def family(language: str) -> frozenset[str]:
    """The languages that can use one another's names."""
    return next((frozenset(f) for f in _FAMILIES if language in f), frozenset({language}))


@dataclass(slots=True)
class Definitions:
    """Where a name is defined in languages other than Python."""

    places: list[tuple[str, Symbol]] = field(default_factory=list)

    @property
    def languages(self) -> frozenset[str]:
        """Every language that can use one of the definitions by name."""
        found = {language_of(path) or "" for path, _ in self.places}
        return frozenset().union(*(family(language) for language in found))

    @property
    def is_member(self) -> bool:
        """Whether every definition belongs to a type."""
        return all(s.kind in ("method", "field") for _, s in self.places)

    @property
    def owners(self) -> list[str]:
        """The distinct things that define the name: types, or files for free definitions."""
        rows = [s.parent if s.kind in ("method", "field") else p for p, s in self.places]
        return list(dict.fromkeys(rows))

    def label(self) -> str:
        """The first definition, for a person."""
        path, symbol = self.places[0]
        return f"{symbol.kind} {symbol.path} in {path}"


def definitions(sources: Sources, name: str) -> Definitions:
    """Every definition of a name outside Python, in code."""
    found = Definitions()
    for path, text in sources.holding(name):
        language = language_of(path)
        if language is None or language in _DATA or language == "python":
            continue
        found.places += [(path, s) for s in outline(path, text) if s.name == name]
    return found


class OtherRename:
    """Judges sites by their kind and place: these languages have no name resolution here."""

    def __init__(self, sources: Sources, name: str, defined: Definitions) -> None:
        self.sources = sources
        self.name = name
        self.defined = defined
        self.languages = defined.languages
        self.is_plain = name.isalpha() and name.islower()
        folders = {dirname(path) for path, _ in defined.places}
        self._packages = {basename(folder) for folder in folders if folder}
        self._stems = {basename(path).rsplit(".", 1)[0] for path, _ in defined.places}

    def sites(self) -> list[Found]:
        """Every certain or doubtful site outside Python files."""
        found = []
        for path, text in self.sources.holding(self.name):
            language = language_of(path)
            if language == "python":
                continue
            lines = text.split("\n")
            for site in identifier_sites(path, text, self.name):
                doubt = self._judge(path, language, site, text)
                if doubt is not None and not (doubt and self._is_prose(site, lines)):
                    found.append(Found(path, site.line, site.column, doubt))
        return found

    def _is_prose(self, site: Site, lines: list[str]) -> bool:
        """Whether an everyday word stands in a text without looking like code."""
        if not self.is_plain or site.kind not in (SiteKind.COMMENT, SiteKind.TEXT, SiteKind.STRING):
            return False
        return not looks_like_code(lines[site.line - 1], site.column, self.name)

    def _judge(self, path: str, language: str | None, site: Site, text: str) -> str | None:
        if path.endswith(DOCUMENTS):
            return "in documentation"
        if language is None or language in _DATA:
            return f"in {_named(path)}" if language not in ("json",) or not _is_lock(path) else None
        if language not in self.languages:
            if not self.languages or site.kind in (SiteKind.STRING, SiteKind.COMMENT):
                return "in a file of another language"
            return f"in a {language} file, while the definition is elsewhere"
        return self._code(path, site, text)

    def _code(self, path: str, site: Site, text: str) -> str | None:
        if site.kind is SiteKind.COMMENT:
            return "in a comment"
        if site.kind in (SiteKind.STRING, SiteKind.TEXT):
            return "in a string"
        if site.kind is SiteKind.ATTRIBUTE:
            return self._attribute(site, text)
        if site.kind is SiteKind.KEY:
            return self._key()
        if site.kind is SiteKind.KEYWORD:
            return None
        if site.kind is SiteKind.SHORTHAND:
            return _shorthand(site)
        return self._identifier(path)

    def _identifier(self, path: str) -> str:
        if self.defined.is_member and not self._is_home(path):
            return "a plain name, while the definition belongs to a type"
        return ""

    def _is_home(self, path: str) -> bool:
        return any(home == path for home, _ in self.defined.places)

    def _key(self) -> str:
        if any(s.kind == "field" for _, s in self.defined.places) and len(self.defined.owners) == 1:
            return ""
        return "a property key"

    def _attribute(self, site: Site, text: str) -> str:
        owner = site.owner
        if self.defined.is_member:
            if len(self.defined.owners) == 1 or owner in self._type_names():
                return ""
            kin = self._enclosing_owner(site)
            return "" if owner in _SELF and kin else self._several()
        if owner in self._packages and "go" in self.languages:
            return ""
        if _is_namespace(owner, self._stems | self._packages, text):
            return ""
        return f"a member of `{owner[:40]}`, which may be something else"

    def _type_names(self) -> set[str]:
        return {owner.rsplit(".", 1)[-1] for owner in self.defined.owners}

    def _enclosing_owner(self, site: Site) -> bool:
        return any(site.enclosing.startswith(f"{owner}.") for owner in self.defined.owners)

    def _several(self) -> str:
        return f"may belong to any of {len(self.defined.owners)} types that define it"


def looks_like_code(line: str, column: int, name: str) -> bool:
    """Whether a word in prose stands as a name: in quotes of its own, called, or after a dot."""
    before, after = line[:column], line[column + len(name) :]
    if before.endswith("`") or after.startswith(("`", "(")):
        return True
    is_quoted = before[-1:] in ("'", '"') and after.startswith(before[-1:])
    return is_quoted or re.search(r"\w\.$", before) is not None


def _shorthand(site: Site) -> str:
    """CommonJS exports and requires name the definition; other literals may not."""
    if re.match(r"(module\.)?exports\b", site.owner) or "require(" in site.owner:
        return ""
    if "import(" in site.owner:
        return ""
    return "a shorthand property: its key changes with the name"


def _is_namespace(owner: str, names: set[str], text: str) -> bool:
    """Whether an owner is imported as a whole from where the name is defined.

    A relative path counts too: a package's own index re-exports its names.
    """
    if not re.fullmatch(r"[\w$]+", owner):
        return False
    mark = re.escape(owner)
    patterns = (
        rf"import\s*\*\s*as\s+{mark}\s+from\s*['\"]([^'\"]+)['\"]",
        rf"\b{mark}\s*=\s*require\(\s*['\"]([^'\"]+)['\"]",
        rf"\b{mark}\s*=\s*await\s+import\(\s*['\"]([^'\"]+)['\"]",
    )
    sources = [found[1] for pattern in patterns for found in re.finditer(pattern, text)]
    return any(
        source.startswith(("./", "../")) or re.sub(r"\.\w+$", "", basename(source)) in names
        for source in sources
    )


def _named(path: str) -> str:
    return f"a {path.rsplit('.', 1)[-1]} file" if "." in basename(path) else f"`{basename(path)}`"


def _is_lock(path: str) -> bool:
    return "lock" in basename(path)
