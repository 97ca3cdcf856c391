"""Add or remove a parameter of a Python function, where the text says what to do."""

import ast
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.adapters.builtin.findings import Cannot, Rewrite, listed
from core.adapters.builtin.goals import Parameter
from core.adapters.builtin.python_groups import Group, PythonRepository
from core.adapters.builtin.python_rename import Found, PythonRename
from core.adapters.builtin.sources import Sources
from core.adapters.builtin.spans import Spans
from core.domain.goal import matches
from core.edits.intent import Intent

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class _Definition:
    path: str
    node: Function
    is_method: bool


def change_parameter(sources: Sources, wanted: Parameter) -> Rewrite:
    """Every place the change touches. Raises Cannot with the reason."""
    if not wanted.name.isidentifier() or keyword.iskeyword(wanted.name):
        raise Cannot(f"`{wanted.name}` is not a valid parameter name; choose another.")
    if wanted.adds and not wanted.default:
        raise Cannot(
            f"Callers of `{wanted.function}` would break without a default; "
            f"say add parameter `{wanted.name}=None` to `{wanted.function}`."
        )
    change = _Change(sources, wanted)
    intents = change.added() if wanted.adds else change.removed()
    return change.told(intents)


class _Change:
    """One signature change under way."""

    def __init__(self, sources: Sources, wanted: Parameter) -> None:
        self.sources = sources
        self.wanted = wanted
        self.repository = PythonRepository(sources, wanted.function)
        self.groups = self.repository.groups()
        self.group = self._chosen()
        self.questions: list[str] = []
        self.spans: dict[str, Spans] = {}
        self.definitions = list(self._definitions())
        if not self.definitions:
            raise Cannot(f"`{wanted.function}` is not a function of this repository; name one.")

    def _chosen(self) -> Group:
        wanted = self.wanted
        fitting = [g for g in self.groups if not wanted.owner or _is_owned(g, wanted.owner)]
        here = [g for g in fitting if any(matches(h, w) for h in g.homes for w in wanted.where)]
        fitting = here or fitting
        if not fitting:
            raise Cannot(f"No function `{wanted.function}` is defined in Python here; check it.")
        if len(fitting) > 1:
            labels = listed(group.label for group in fitting)
            raise Cannot(f"`{wanted.function}` is defined as {labels}; add `in PATH` to name one.")
        return fitting[0]

    def _definitions(self) -> Iterator[_Definition]:
        for path in sorted(self.repository.files):
            tree = ast.parse(self.sources.text(path) or "")
            self.spans[path] = Spans(self.sources.text(path) or "")
            if self.group.kind == "module" and path in self.group.homes:
                for node in ast.walk(tree):
                    if isinstance(node, Function) and node.name == self.wanted.function:
                        at = self.spans[path].place(node.lineno, node.col_offset)
                        if self.repository.files[path].scope_at(at) == 0:
                            yield _Definition(path, node, is_method=False)
            for label, holder in _classes(tree):
                if (path, label) in self.group.classes:
                    for node in holder.body:
                        if isinstance(node, Function) and node.name == self.wanted.function:
                            yield _Definition(path, node, is_method=not _is_static(node))

    # adding

    def added(self) -> list[Intent]:
        """The definitions with the parameter; callers need nothing, since it has a default."""
        intents = []
        for one in self.definitions:
            names = {arg.arg for arg in _every(one.node.args)}
            if self.wanted.name in names:
                raise Cannot(f"`{self.wanted.function}` already has `{self.wanted.name}`.")
            intents.append(self._inserted(one))
        return intents

    def _inserted(self, one: _Definition) -> Intent:
        text = self.wanted.name
        if self.wanted.annotation:
            text += f": {self.wanted.annotation} = {self.wanted.default}"
        else:
            text += f"={self.wanted.default}"
        spans, args = self.spans[one.path], one.node.args
        last = _last(args)
        if last is not None:
            return spans.after(one.path, *self._end(one, last), text)
        if args.kwarg is not None:
            start = spans.offset(args.kwarg.lineno, args.kwarg.col_offset)
            stars = spans.text.rindex("**", 0, start)
            return spans.intent(one.path, stars, start, f"{text}, **")
        start = spans.offset(one.node.lineno, one.node.col_offset)
        opening = re.compile(rf"{re.escape(one.node.name)}\s*\(").search(spans.text, start)
        if opening is None:
            raise Cannot(f"The signature of `{self.wanted.function}` in {one.path} is unusual.")
        return spans.intent(one.path, opening.start(), opening.end(), opening[0] + text)

    def _end(self, one: _Definition, last: ast.arg) -> tuple[int, int]:
        """Where the last parameter starts and ends, its default and a `/` after it included."""
        spans, args = self.spans[one.path], one.node.args
        start = spans.offset(last.lineno, last.col_offset)
        end = spans.end(_defaults(args).get(last) or last)
        if last in args.posonlyargs and (slash := re.match(r"\s*,\s*/", spans.text[end:])):
            end += slash.end()
        return start, end

    # removing

    def removed(self) -> list[Intent]:
        """The definitions and calls without the parameter; calls that pass it by position doubt."""
        intents, index = [], -1
        for one in self.definitions:
            arg = next((a for a in _every(one.node.args) if a.arg == self.wanted.name), None)
            if arg is None:
                continue
            self._refuse_uses(one)
            intents.append(self._dropped(one, arg))
            positional = [*one.node.args.posonlyargs, *one.node.args.args]
            index = positional.index(arg) - one.is_method if arg in positional else -1
        if not intents:
            raise Cannot(f"`{self.wanted.function}` has no parameter `{self.wanted.name}`.")
        return intents + list(self._calls(index))

    def _refuse_uses(self, one: _Definition) -> None:
        for part in one.node.body:
            for node in ast.walk(part):
                if isinstance(node, ast.Name) and node.id == self.wanted.name:
                    raise Cannot(
                        f"`{self.wanted.name}` is still used in `{self.wanted.function}` at "
                        f"{one.path}:{node.lineno}; remove its uses first."
                    )

    def _dropped(self, one: _Definition, arg: ast.arg) -> Intent:
        args, spans = one.node.args, self.spans[one.path]
        if arg in (args.vararg, args.kwarg):
            raise Cannot(f"`{arg.arg}` collects arguments of `{self.wanted.function}`; edit it.")
        start = spans.offset(arg.lineno, arg.col_offset)
        end = spans.end(_defaults(args).get(arg) or arg)
        if args.kwonlyargs == [arg] and args.vararg is None:
            start = spans.text.rindex("*", 0, start)
        elif args.posonlyargs == [arg] and (slash := re.match(r"\s*,\s*/", spans.text[end:])):
            end += slash.end()
        return spans.dropped(one.path, start, end)

    def _calls(self, index: int) -> Iterator[Intent]:
        sites = PythonRename(self.repository, self.group, self.groups).sites()
        by_path: dict[str, dict[tuple[int, int], Found]] = {}
        for site in sites:
            by_path.setdefault(site.path, {})[site.line, site.column] = site
        for path, places in by_path.items():
            spans = self.spans[path]
            for node in ast.walk(ast.parse(spans.text)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                    end = spans.end(node.func)
                    called = places.get(spans.at(end - len(self.wanted.function)))
                    if called is not None:
                        yield from self._call(path, node, called, index)

    def _call(self, path: str, call: ast.Call, site: Found, index: int) -> Iterator[Intent]:
        spans = self.spans[path]
        for passed in call.keywords:
            if passed.arg == self.wanted.name:
                start = spans.offset(passed.lineno, passed.col_offset)
                yield replace(spans.dropped(path, start, spans.end(passed.value)), doubt=site.doubt)
                return
        before = call.args[: index + 1] if index >= 0 else []
        if any(isinstance(arg, ast.Starred) for arg in before) or any(
            passed.arg is None for passed in call.keywords
        ):
            self.questions.append(
                f"{path}:{call.lineno} passes arguments by `*` or `**`: is `{self.wanted.name}` "
                "among them?"
            )
        elif 0 <= index < len(call.args):
            arg = call.args[index]
            start = spans.offset(arg.lineno, arg.col_offset)
            why = f"passed by position: is this `{self.wanted.name}`?"
            yield replace(spans.dropped(path, start, spans.end(arg)), doubt=why)

    # telling

    def told(self, intents: list[Intent]) -> Rewrite:
        """The rewrite with its account."""
        wanted = self.wanted
        ordered = sorted(intents, key=lambda i: (i.path, i.line or 0, i.column or 0))
        numbered = tuple(replace(intent, number=n) for n, intent in enumerate(ordered, 1))
        verb, to = ("Add", "to") if wanted.adds else ("Remove", "from")
        title = f"{verb} parameter `{wanted.name}` {to} `{wanted.function}`"
        rewrite = Rewrite(title, numbered)
        rewrite.summary = f"{title} ({self.group.label}): {rewrite.count()}."
        rewrite.questions = self.questions
        rewrite.assumptions = ["calls through other names than the function's own are not seen"]
        if wanted.adds:
            rewrite.assumptions = [f"callers are unchanged, since it defaults to {wanted.default}"]
        rewrite.acceptance = ("every touched file still parses",)
        return rewrite


def _classes(tree: ast.AST, around: str = "") -> Iterator[tuple[str, ast.ClassDef]]:
    for node in ast.iter_child_nodes(tree):
        name = getattr(node, "name", "")
        is_block = isinstance(node, ast.ClassDef | Function)
        label = ".".join(filter(None, (around, name if is_block else "")))
        if isinstance(node, ast.ClassDef):
            yield label, node
        yield from _classes(node, label)


def _is_owned(group: Group, owner: str) -> bool:
    if group.kind == "member":
        return any(label.split(".")[-1] == owner.split(".")[-1] for _, label in group.classes)
    stems = {home.rsplit(".", 1)[0].replace("/", ".") for home in group.homes}
    return any(stem == owner or stem.endswith(f".{owner}") for stem in stems)


def _is_static(node: Function) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)


def _every(args: ast.arguments) -> list[ast.arg]:
    found = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return found + [arg for arg in (args.vararg, args.kwarg) if arg is not None]


def _last(args: ast.arguments) -> ast.arg | None:
    """The parameter a further one with a default may follow."""
    for group in (args.kwonlyargs, [args.vararg] if args.vararg else [], args.args):
        if group:
            return group[-1]
    return args.posonlyargs[-1] if args.posonlyargs else None


def _defaults(args: ast.arguments) -> dict[ast.arg, ast.expr]:
    positional = [*args.posonlyargs, *args.args]
    tail = positional[len(positional) - len(args.defaults) :]
    found = dict(zip(tail, args.defaults, strict=True))
    pairs = zip(args.kwonlyargs, args.kw_defaults, strict=True)
    return found | {arg: value for arg, value in pairs if value is not None}
