"""Where a new name already means something: sites that would change their meaning."""

from dataclasses import replace

from core.adapters.builtin.findings import Cannot, listed
from core.adapters.builtin.other_rename import Definitions
from core.adapters.builtin.python_file import MODULE, PythonFile
from core.adapters.builtin.python_groups import Group, PythonRepository
from core.adapters.builtin.python_reader import read_python
from core.adapters.builtin.python_rename import Found
from core.adapters.builtin.sources import Sources
from core.syntax.languages import language_of
from core.syntax.outline import outline
from core.syntax.sites import word


class Collisions:
    """Compares the sites of a rename with what already bears the new name."""

    def __init__(
        self,
        sources: Sources,
        python: PythonRepository,
        defined: Definitions,
        target: Group | None,
        new: str,
    ) -> None:
        self.sources = sources
        self.python = python
        self.defined = defined
        self.target = target
        self.new = new
        self.questions: list[str] = []
        self._pattern = word(new)

    def checked(self, found: list[Found]) -> list[Found]:
        """The sites, with a doubt where the new name is taken.

        Raises Cannot when it is taken beside the definition itself.
        """
        touched = sorted({site.path for site in found if not site.doubt})
        doubts: dict[str, str] = {}
        files: dict[str, PythonFile] = {}
        for path in touched:
            text = self.sources.text(path) or ""
            if not self._pattern.search(text):
                continue
            if language_of(path) == "python" and self._is_asked(path):
                files[path] = read_python(path, text, self.new)
                doubts[path] = self._python(files[path])
            else:
                doubts[path] = self._other(path, text)
        taken = [path for path, doubt in doubts.items() if doubt]
        if taken:
            self.questions.append(f"`{self.new}` is already defined in {listed(taken)}: go on?")
        return [self._doubted(site, doubts, files) for site in found]

    def _doubted(self, site: Found, doubts: dict[str, str], files: dict[str, PythonFile]) -> Found:
        if site.doubt:
            return site
        if doubt := doubts.get(site.path, ""):
            return replace(site, doubt=doubt)
        file = files.get(site.path)
        if file is None or self.target is None or self.target.kind == "member":
            return site
        owner = file.owner((site.line, site.column))
        if owner is None or owner == MODULE:
            return site
        label = file.scopes[owner].label
        return replace(site, doubt=f"`{self.new}` already means something else in {label}")

    def _python(self, file: PythonFile) -> str:
        group = self.target
        if group is None:
            return ""
        if group.kind == "member":
            for facts in file.classes:
                if (facts.path, facts.label) in group.classes and facts.defines:
                    raise Cannot(self._taken(f"{facts.label} in {file.path}"))
        elif group.kind == "module" and file.scopes[MODULE].binds:
            if file.path in group.homes:
                raise Cannot(self._taken(file.path))
            return f"`{self.new}` is already defined in this file"
        elif group.kind == "local" and file.scopes[group.scope].binds:
            raise Cannot(self._taken(file.scopes[group.scope].label))
        return ""

    def _is_asked(self, path: str) -> bool:
        """A local name matters in its own file only; elsewhere it is a keyword of a call."""
        group = self.target
        return group is None or group.kind != "local" or path in group.homes

    def _other(self, path: str, text: str) -> str:
        symbols = [s for s in outline(path, text) if s.name == self.new]
        homes = [s for p, s in self.defined.places if p == path]
        for home in homes:
            if any(s.parent == home.parent for s in symbols):
                raise Cannot(self._taken(path))
        is_free = any(not s.parent for s in symbols) and not self.defined.is_member
        return f"`{self.new}` is already defined in this file" if is_free else ""

    def _taken(self, place: str) -> str:
        return f"`{self.new}` is already defined in {place}; choose another name."
