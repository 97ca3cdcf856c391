"""Which sites of a name in a Python file belong to a group of definitions, and how surely."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.adapters.builtin.findings import listed
from core.adapters.builtin.python_file import (
    MODULE,
    ClassFacts,
    Imported,
    Position,
    PythonFile,
    inside,
)
from core.adapters.builtin.python_groups import Group, PythonRepository
from core.syntax.sites import Site, SiteKind


@dataclass(frozen=True, slots=True)
class Found:
    """One site of a group; `doubt` is empty when it certainly belongs to it."""

    path: str
    line: int
    column: int
    doubt: str = ""


LEFT_ALONE = None
"""What a judgement returns for a site that certainly is something else."""

Judgement = str | None
"""A doubt, an empty string for a certain site, or `LEFT_ALONE`."""


class PythonRename:
    """Judges the sites of one name for one group of definitions."""

    def __init__(self, repository: PythonRepository, group: Group, groups: list[Group]) -> None:
        self.repository = repository
        self.name = repository.name
        self.group = group
        self.others = [other for other in groups if other is not group]
        self.member_families = [g for g in groups if g.kind == "member"]
        self._judges: dict[str, Callable[[PythonFile, Site], Judgement]] = {
            "module": self._module_name,
            "member": self._member,
            "local": self._local,
        }

    def sites(self) -> list[Found]:
        """Every site of the group, certain or doubtful, in all files that parse."""
        found = []
        for path, file in self.repository.files.items():
            for site in self.repository.sites(path):
                doubt = self._judge(file, site)
                if doubt is not LEFT_ALONE:
                    found.append(Found(path, site.line, site.column, doubt))
        return found

    def _judge(self, file: PythonFile, site: Site) -> Judgement:
        at = (site.line, site.column)
        if site.kind is SiteKind.COMMENT:
            return "in a comment"
        if site.kind is SiteKind.STRING:
            return self._string(file, site, at)
        if inside(at, file.opaque):
            return "inside an f-string that binds the name itself"
        return self._judges[self.group.kind](file, site)

    # strings

    def _string(self, file: PythonFile, site: Site, at: Position) -> Judgement:
        if inside(at, file.listings) and self._is_listed_here(file, at):
            return ""
        if inside(at, file.annotations):
            return self._annotation(file, site, at)
        if inside(at, file.docstrings):
            return "in a docstring"
        before = file.lines[site.line - 1][: site.column]
        module = re.search(r"([\w.]+)\.$", before)
        homes = {self.repository.modules.dotted(path) for path in self.group.exports}
        if module and module[1] in homes:
            return f"in a string that spells the import path {module[1]}"
        return "in a string"

    def _is_listed_here(self, file: PythonFile, at: Position) -> bool:
        if self.group.kind == "module":
            reached = self.group.exports | self.group.stars
            return file.path in reached and file.scope_at(at) == MODULE
        owner = file.class_at(at)[0]
        return owner is not None and (owner.path, owner.label) in self.group.classes

    def _annotation(self, file: PythonFile, site: Site, at: Position) -> Judgement:
        before = file.lines[site.line - 1][: site.column]
        dotted = re.search(r"([\w.]+)\.$", before)
        kind = SiteKind.ATTRIBUTE if dotted else SiteKind.IDENTIFIER
        plain = Site(site.line, site.column, kind, site.enclosing, dotted[1] if dotted else "")
        return self._judges[self.group.kind](file, plain)

    # module-level names

    def _module_name(self, file: PythonFile, site: Site) -> Judgement:
        at = (site.line, site.column)
        if site.kind is SiteKind.ATTRIBUTE:
            return self._module_attribute(file, site)
        if site.kind is not SiteKind.IDENTIFIER:
            return LEFT_ALONE
        reached = self.group.exports | self.group.stars
        if inside(at, file.import_lines):
            return self._import_site(file, at, reached)
        owner = file.owner(at)
        if owner is None:
            return "" if file.path in self.group.stars else LEFT_ALONE
        if owner == MODULE:
            return "" if file.path in self.group.exports else LEFT_ALONE
        taken = [e for e in file.imported(self.name) if e.scope == owner]
        return "" if any(self._is_from(file, e, reached) for e in taken) else LEFT_ALONE

    def _is_from(self, file: PythonFile, entry: Imported, reached: set[str]) -> bool:
        return self.repository.is_from(file.path, entry, reached)

    def _import_site(self, file: PythonFile, at: Position, reached: set[str]) -> Judgement:
        for entry in file.imports:
            if at == entry.at and entry.name == self.name:
                if self._is_from(file, entry, reached):
                    return ""
                if entry.scope == MODULE and file.path in self.group.homes:
                    return "imported here from outside the repository as well"
            if at == entry.renamed_at and self._is_from(file, entry, reached):
                return ""
        return LEFT_ALONE

    def _module_attribute(self, file: PythonFile, site: Site) -> Judgement:
        places = self._modules_of(file, site.owner)
        if places is not None:
            return "" if places & (self.group.exports | self.group.stars) else LEFT_ALONE
        if site.owner in ("self", "cls", "super()") or self.member_families:
            return LEFT_ALONE
        if self.name in _builtin_members() or not re.fullmatch(r"[\w.]+", site.owner):
            return LEFT_ALONE
        return f"an attribute of `{site.owner}`, which may not be the module"

    def _modules_of(self, file: PythonFile, owner: str) -> set[str] | None:
        """The files a dotted owner names as a module; empty for outside ones, None if no module."""
        if not re.fullmatch(r"[\w.]+", owner):
            return None
        head, _, rest = owner.partition(".")
        entries = file.imported(head)
        if not entries:
            return None
        places: set[str] = set()
        is_module = False
        for entry in entries:
            for module, level in _module_names(entry, head, rest):
                reached = self.repository.modules.reach(file.path, module, level)
                places |= set(reached)
                is_module = is_module or bool(reached)
            is_module = is_module or not self._is_ours(file, entry)
        return places if is_module else None

    def _is_ours(self, file: PythonFile, entry: Imported) -> bool:
        return self.repository.modules.holds(file.path, entry.module, entry.level)

    # members

    def _member(self, file: PythonFile, site: Site) -> Judgement:
        at = (site.line, site.column)
        if site.kind is SiteKind.KEYWORD:
            return self._field_keyword(file, site)
        if site.kind is SiteKind.IDENTIFIER:
            return self._class_level(file, at)
        if site.kind is not SiteKind.ATTRIBUTE:
            return LEFT_ALONE
        return self._member_attribute(file, site, at)

    def _class_level(self, file: PythonFile, at: Position) -> Judgement:
        number = file.owner(at)
        if number is None or file.scopes[number].kind != "class":
            return LEFT_ALONE
        facts = next((c for c in file.classes if c.scope == number), None)
        return "" if facts and self._is_kin(facts) else LEFT_ALONE

    def _is_kin(self, facts: ClassFacts) -> bool:
        return (facts.path, facts.label) in self.group.classes

    def _member_attribute(self, file: PythonFile, site: Site, at: Position) -> Judgement:
        owner, self_name = file.class_at(at)
        if owner is not None and site.owner in (self_name, "self", "cls", "super()"):
            return self._own_attribute(owner)
        if self._modules_of(file, site.owner) is not None:
            return LEFT_ALONE
        named = self._class_meant(file, site.owner, at)
        if named:
            return self._of_classes(named)
        if re.match(r"^[rbfu]*[\"'\[{(]|^\d", site.owner):
            return LEFT_ALONE
        return self._unknown_owner(site.owner)

    def _own_attribute(self, owner: ClassFacts) -> Judgement:
        if self._is_kin(owner):
            return ""
        if any((owner.path, owner.label) in other.classes for other in self.member_families):
            return LEFT_ALONE
        return self._unknown_owner("self")

    def _of_classes(self, named: list[ClassFacts]) -> Judgement:
        if any(self._is_kin(facts) for facts in named):
            return ""
        is_other = any((c.path, c.label) in g.classes for g in self.member_families for c in named)
        if is_other or not any(facts.bases for facts in named):
            return LEFT_ALONE
        return f"on {named[0].name}, which gets it from elsewhere if at all"

    def _class_meant(self, file: PythonFile, owner: str, at: Position) -> list[ClassFacts]:
        """The classes an owner is, or is an instance of, as far as the text says."""
        call = re.fullmatch(r"([\w.]+)\((?:.*)\)", owner, re.DOTALL)
        dotted = call[1] if call else owner
        if not re.fullmatch(r"[\w.]+", dotted):
            return []
        if dotted.rsplit(".", 1)[-1] in self.repository.classes:
            return self.repository.class_named(file.path, dotted)
        if call:
            return []
        typed = (
            file.type_at(at, owner) if "." not in owner else self._attribute_type(file, owner, at)
        )
        return self.repository.class_named(file.path, typed) if typed else []

    def _attribute_type(self, file: PythonFile, owner: str, at: Position) -> str:
        head, _, attribute = owner.partition(".")
        facts, self_name = file.class_at(at)
        if facts is None or head != self_name:
            return ""
        return file.attribute_types.get((facts.label, attribute), "")

    def _unknown_owner(self, owner: str) -> Judgement:
        shown = owner if len(owner) <= 40 else "…" + owner[-39:]
        shown = " ".join(shown.split())
        if rivals := [g.label for g in self.member_families if g is not self.group]:
            return f"`{shown}` may be of another class that defines it: {listed(rivals, 2)}"
        if self.name in _builtin_members():
            return f"`{shown}` may be a built-in type, which has this member too"
        if any(other.kind == "module" for other in self.others):
            return f"`{shown}` may be something else: the name is defined at module level as well"
        return ""

    def _field_keyword(self, file: PythonFile, site: Site) -> Judgement:
        """`C(name=…)`: a field when the class declares it by annotation."""
        callee = site.owner
        if callee.rsplit(".", 1)[-1] in ("replace", "evolve", "_replace", "model_copy"):
            return f"a keyword of `{callee}`, which may name the field"
        named = self._class_meant(file, callee, (site.line, site.column)) if callee else []
        if callee == "cls" and (around := file.class_at((site.line, site.column))[0]):
            named = [around]
        kin = [facts for facts in named if self._is_kin(facts)]
        return "" if any("annotated" in c.defines or not c.defines for c in kin) else LEFT_ALONE

    # locals

    def _local(self, file: PythonFile, site: Site) -> Judgement:
        at = (site.line, site.column)
        is_home = file.path in self.group.homes
        if is_home and site.kind is SiteKind.IDENTIFIER:
            return "" if file.owner(at) == self.group.scope else LEFT_ALONE
        if site.kind is SiteKind.KEYWORD:
            home = next(iter(self.group.homes))
            scope = self.repository.files[home].scopes[self.group.scope]
            called = scope.label.removesuffix(".__init__").rsplit(".", 1)[-1]
            if "parameter" in scope.binds and site.owner.rsplit(".", 1)[-1] == called:
                return "" if file.path == home else f"a keyword of a call to `{site.owner}`"
        return LEFT_ALONE


def _module_names(entry: Imported, head: str, rest: str) -> list[tuple[str, int]]:
    """The module names `head.rest` can mean after an import."""
    if entry.name is not None:
        stem = f"{entry.module}.{entry.name}" if entry.module else entry.name
        return [(f"{stem}.{rest}" if rest else stem, entry.level)]
    if entry.renamed_at is not None:
        return [(f"{entry.module}.{rest}" if rest else entry.module, 0)]
    return [(f"{head}.{rest}" if rest else head, 0)]


def _builtin_members() -> frozenset[str]:
    """Members of the types that stand behind unknown names most often."""
    import io
    import logging
    import pathlib
    import threading

    types = (str, bytes, bytearray, list, dict, set, frozenset, tuple, int, float, complex, type)
    more = (io.TextIOWrapper, io.BytesIO, pathlib.Path, re.Pattern, re.Match)
    every = (*types, *more, logging.Logger, threading.Thread, threading.Event, slice, range)
    return frozenset(member for kind in every for member in dir(kind))
