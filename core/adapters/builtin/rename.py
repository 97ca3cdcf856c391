"""Rename a definition: choose which one is meant, find its sites, and look for collisions."""

import keyword
import re
from collections.abc import Iterable
from dataclasses import replace

from core.adapters.builtin.collisions import Collisions
from core.adapters.builtin.findings import Cannot, Rewrite, listed
from core.adapters.builtin.goals import Rename
from core.adapters.builtin.other_rename import OtherRename, definitions, looks_like_code
from core.adapters.builtin.python_groups import Group, PythonRepository
from core.adapters.builtin.python_rename import Found, PythonRename
from core.adapters.builtin.sources import Sources
from core.domain.goal import matches
from core.edits.intent import Intent, Op
from core.similarity import near_matches
from core.syntax.languages import language_of

MAX_GROUPS = 12
"""Most unrelated definitions whose sites are counted against each other."""

_IDENTIFIER = re.compile(r"[^\W\d]\w*[?!]?|[A-Za-z_$][\w$]*")
_CASES = {"function": "module", "class": "module", "constant": "module", "helper": "module"}
_CASES |= {"method": "member", "attribute": "member", "field": "member", "property": "member"}
_CASES |= {"parameter": "local", "argument": "local", "module-level function": "module"}


def rename(sources: Sources, wanted: Rename) -> Rewrite:
    """Every site of a rename, certain or doubtful. Raises Cannot with the reason."""
    _refuse_names(wanted)
    work = _Renaming(sources, wanted)
    found = work.found()
    if not found:
        raise Cannot(work.nothing())
    return work.told(found)


def _refuse_names(wanted: Rename) -> None:
    if wanted.old == wanted.new:
        raise Cannot(f"`{wanted.old}` is already the name; give a different one.")
    if not _IDENTIFIER.fullmatch(wanted.new):
        raise Cannot(f"`{wanted.new}` is not a valid name; give one of letters, digits and _.")
    if re.fullmatch(r"__\w+__", wanted.old):
        raise Cannot(f"`{wanted.old}` is a special method of Python and cannot be renamed.")


class _Renaming:
    """One rename under way."""

    def __init__(self, sources: Sources, wanted: Rename) -> None:
        self.sources = sources
        self.wanted = wanted
        self.questions: list[str] = []
        self.decisions: list[tuple[str, str]] = []
        self.python = PythonRepository(sources, wanted.old)
        self.defined = definitions(sources, wanted.old)
        self.groups = self._groups()
        self.target: Group | None = None

    # choosing

    def _groups(self) -> list[Group]:
        if _CASES.get(self.wanted.kind) == "local":
            return self.python.local_groups()
        return self.python.groups() or ([] if self.defined.places else self.python.local_groups())

    def _fitting(self) -> list[Group]:
        """The groups that fit what the goal says of the definition, the best-fitting rule first."""
        groups = self.groups
        if self.wanted.owner:
            groups = [g for g in groups if self._is_owned(g)]
            if not groups and not self._other_owned():
                raise Cannot(self._no_owner())
        kind = _CASES.get(self.wanted.kind, "")
        groups = [g for g in groups if g.kind == kind] or groups
        here = [g for g in groups if any(self._is_where(home) for home in g.homes)]
        if here and self.wanted.where:
            why = "uses elsewhere would break if they were left"
            self.decisions.append((f"follow the definition in {listed(self.wanted.where)}", why))
        return here or groups

    def _is_owned(self, group: Group) -> bool:
        owner = self.wanted.owner
        if group.kind == "member":
            return any(label == owner or label.endswith(f".{owner}") for _, label in group.classes)
        if group.kind == "module":
            names = {self.python.modules.dotted(path) for path in group.homes}
            return any(name == owner or name.endswith(f".{owner}") for name in names)
        return any(
            f".{self.python.files[home].scopes[group.scope].label}".endswith(f".{owner}")
            for home in group.homes
        )

    def _other_owned(self) -> bool:
        owner = self.wanted.owner.rsplit(".", 1)[-1]
        return any(s.parent.endswith(owner) for _, s in self.defined.places)

    def _no_owner(self) -> str:
        near = listed(group.label for group in self.groups)
        where = f"; it is defined as {near}" if near else ""
        return f"`{self.wanted.owner}` defines no `{self.wanted.old}`{where}, so name one of these."

    def _is_where(self, path: str) -> bool:
        return any(matches(path, glob) for glob in self.wanted.where)

    # finding

    def found(self) -> list[Found]:
        """The sites of the chosen definition, and doubtful ones of what else bears the name."""
        groups = self._fitting()
        if groups and groups[0].kind == "local" and len(groups) > 1:
            raise Cannot(
                f"`{self.wanted.old}` is a local name in {len(groups)} places "
                f"({listed(g.label for g in groups)}); name one, as in "
                f"rename `function.{self.wanted.old}` to `{self.wanted.new}`."
            )
        python = self._python_sites(groups)
        outside = OtherRename(self.sources, self.wanted.old, self.defined).sites()
        if self.target and self.defined.places:
            outside = self._compared(python, outside)
        is_local = self.target is not None and self.target.kind == "local"
        found = python + ([] if is_local else outside) + self._unresolved()
        if self.wanted.where and not self._is_hint():
            found = [f for f in found if self._is_where(f.path)]
        return self._plain(found)

    def _is_hint(self) -> bool:
        homes = set(self.target.homes) if self.target else {path for path, _ in self.defined.places}
        return any(self._is_where(home) for home in homes)

    def _python_sites(self, groups: list[Group]) -> list[Found]:
        if not groups:
            return []
        ranked = []
        for group in groups[:MAX_GROUPS]:
            sites = PythonRename(self.python, group, self.groups).sites()
            ranked.append((sum(not site.doubt for site in sites), group, sites))
        ranked.sort(key=lambda row: -row[0])
        count, self.target, found = ranked[0]
        for others, group, sites in ranked[1:]:
            reason = f"belongs to another definition, {group.label}"
            found = found + [replace(s, doubt=reason) for s in sites if not s.doubt]
            self.questions.append(
                f"`{self.wanted.old}` is also defined as {group.label} ({others} sites): "
                "rename it as well?"
            )
        if len(ranked) > 1:
            what = f"rename {self.target.label}"
            self.decisions.append((what, f"it has the most uses, {count}, and the goal names none"))
        if self.target.outside:
            self.questions.append(
                f"{self.target.label} inherits from {listed(self.target.outside)}, outside the "
                f"repository: does `{self.wanted.old}` override something there?"
            )
        return found

    def _compared(self, python: list[Found], outside: list[Found]) -> list[Found]:
        """With definitions in Python and another language, Python is meant unless it is rarer."""
        ours = sum(not site.doubt for site in python)
        theirs = sum(not site.doubt for site in outside)
        label = self.defined.label()
        self.questions.append(f"`{self.wanted.old}` is also {label}: rename it as well?")
        if theirs <= ours or (self.wanted.where and self._is_hint()):
            reason = f"belongs to another definition, {label}"
            return [replace(s, doubt=s.doubt or reason) for s in outside]
        reason = f"belongs to another definition, {self.target.label if self.target else ''}"
        python[:] = [replace(s, doubt=s.doubt or reason) for s in python]
        self.decisions.append((f"rename {label}", f"it has the most uses, {theirs}"))
        return outside

    def _unresolved(self) -> list[Found]:
        """Python sites that no definition of Python claims, all doubtful."""
        paths: Iterable[str] = self.python.broken
        reason = "in a file that does not parse"
        if not self.groups:
            paths = [p for p in self.python.scanned if p not in self.python.broken]
            reason = "in Python, where no definition was found"
            if self.defined.places:
                reason = "in a file of another language"
        found = []
        for path in paths:
            for site in self.python.sites(path):
                found.append(Found(path, site.line, site.column, reason))
        return found

    def _plain(self, found: list[Found]) -> list[Found]:
        """Each place once, certain before doubtful; everyday words in prose only as code."""
        places: dict[tuple[str, int, int], Found] = {}
        for site in sorted(found, key=lambda f: bool(f.doubt)):
            places.setdefault((site.path, site.line, site.column), site)
        kept = [site for site in places.values() if not self._is_prose(site)]
        return sorted(kept, key=lambda f: (f.path, f.line, f.column))

    def _is_prose(self, site: Found) -> bool:
        old = self.wanted.old
        if not (old.isalpha() and old.islower()) or language_of(site.path) != "python":
            return False
        if site.doubt not in ("in a comment", "in a string", "in a docstring"):
            return False
        line = (self.sources.text(site.path) or "").split("\n")[site.line - 1]
        return not looks_like_code(line, site.column, old)

    # telling

    def nothing(self) -> str:
        """Why there is nothing to rename, with near names."""
        old = self.wanted.old
        if self.wanted.where and any(self.sources.holding(old)):
            return f"`{old}` does not occur in {listed(self.wanted.where)}; name another path."
        names = sorted({symbol.name for symbol in self.sources.symbols()})
        near = near_matches(old, names, floor=75.0)
        hint = f"did you mean {listed(f'`{name}`' for name in near)}?" if near else "check it."
        return f"`{old}` occurs nowhere in this repository; {hint}"

    def told(self, found: list[Found]) -> Rewrite:
        """The rewrite with its account, after collisions with the new name."""
        old, new = self.wanted.old, self.wanted.new
        is_python = any(not f.doubt and language_of(f.path) == "python" for f in found)
        if is_python and keyword.iskeyword(new):
            raise Cannot(f"`{new}` is a keyword of Python; give another name.")
        clash = Collisions(self.sources, self.python, self.defined, self.target, new)
        found = clash.checked(found)
        self.questions += clash.questions
        intents = tuple(Intent(f.path, Op.SITE, old, new, f.line, f.column, f.doubt) for f in found)
        numbered = tuple(replace(intent, number=n) for n, intent in enumerate(intents, 1))
        rewrite = Rewrite(f"Rename `{old}` to `{new}`", numbered, searches=(old,))
        rewrite.questions, rewrite.decisions = self.questions, self.decisions
        rewrite.summary = f"Rename {self._label()} to `{new}`: {rewrite.count()}."
        rewrite.assumptions = self._assumptions(numbered)
        rewrite.acceptance = (
            f"no certain use of `{old}` is left",
            "every touched file still parses",
        )
        return rewrite

    def _label(self) -> str:
        if self.target is not None:
            return f"`{self.wanted.old}` ({self._named() or self.target.label})"
        if self.defined.places:
            return f"`{self.wanted.old}` ({self.defined.label()})"
        return f"`{self.wanted.old}`, of which no definition was found,"

    def _named(self) -> str:
        """The class the goal names, where a family of several defines the member."""
        family = self.target.classes if self.target else set()
        for path, label in sorted(family):
            if self.wanted.owner and f".{label}".endswith(f".{self.wanted.owner}"):
                return f"{label} in {path}"
        return ""

    def _assumptions(self, intents: tuple[Intent, ...]) -> list[str]:
        told = []
        if any(intent.doubt for intent in intents):
            told.append("doubtful sites start rejected; accept the ones that are meant")
        if self.python.broken:
            told.append(f"{listed(self.python.broken)} could not be parsed")
        if self.target and self.target.kind == "module" and self.target.stars:
            told.append(f"{listed(sorted(self.target.stars))} get the name by a star import")
        return told
