"""The user's own commands: `[cli.NAME]` in the user's settings file, never in a repository's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from core.adapters.cli_models.builtin import BUILT_IN
from core.adapters.cli_models.command import CliCommand, Give, Output
from core.adapters.cli_models.heard import Heard, Reader, Said, dollars, number, read_nothing

KEYS = (
    "command",
    "model",
    "system",
    "prompt",
    "output",
    "like",
    "fields",
    "streams",
    "set",
    "pass",
    "login",
)
FIELDS = ("text", "piece", "error", "model", "tokens_in", "tokens_out", "tokens_cached", "cost")
"""What a path of `fields` can lead to; `piece` is text as it streams."""

Table = Mapping[str, Any]
T = TypeVar("T")
E = TypeVar("E", Give, Output)


def read_commands(tables: Mapping[str, Table]) -> dict[str, CliCommand]:
    """Commands by name, the built-in ones included unless declared anew.

    Raises ValueError that begins with the key at fault, such as `mine.output`.
    """
    return {**BUILT_IN, **{name: _command(name, table) for name, table in tables.items()}}


def _command(name: str, table: Table) -> CliCommand:
    if not isinstance(table, Mapping):
        raise ValueError(f"{name}: must be a table")
    for key in table:
        if key not in KEYS:
            raise ValueError(f"{name}.{key}: unknown setting; known are {', '.join(KEYS)}")
    argv = _strings(name, table, "command")
    if not argv or ("/" in argv[0] and not Path(argv[0]).is_absolute()):
        raise ValueError(f"{name}.command: must begin with a program's name or absolute path")
    give = _one_of(name, table, "prompt", Give, Give.STDIN)
    for way, placeholder in ((Give.ARGUMENT, "{prompt}"), (Give.FILE, "{prompt_file}")):
        if (give is way) != any(placeholder in arg for arg in argv):
            raise ValueError(
                f'{name}.command: must name {placeholder} where prompt = "{way}", and only there'
            )
    output = _one_of(name, table, "output", Output, Output.TEXT)
    return CliCommand(
        program=argv[0],
        args=argv[1:],
        model_args=_strings(name, table, "model"),
        system_args=_strings(name, table, "system"),
        give=give,
        output=output,
        reader=_reader(name, table, output),
        streams=_typed(name, table, "streams", bool, False),
        variables=_texts(name, table, "set"),
        passed=_strings(name, table, "pass"),
        login=_typed(name, table, "login", str, ""),
    )


def _reader(name: str, table: Table, output: Output) -> Reader:
    """How its JSON is understood: like a built-in one's, or by the paths of `fields`."""
    like = _typed(name, table, "like", str, "")
    paths = _texts(name, table, "fields")
    if like and like not in BUILT_IN:
        raise ValueError(f"{name}.like: must be one of {', '.join(BUILT_IN)}")
    for key in paths:
        if key not in FIELDS:
            raise ValueError(f"{name}.fields.{key}: unknown; known are {', '.join(FIELDS)}")
    if output is Output.TEXT:
        if like or paths:
            raise ValueError(f'{name}.output: must be "json" or "jsonl" with like or fields')
        return read_nothing
    if bool(like) == ("text" in paths or "piece" in paths):
        raise ValueError(f"{name}.fields: must say where text stands, or like which CLI it speaks")
    return BUILT_IN[like].reader if like else _by_paths(paths)


def _by_paths(paths: Mapping[str, str]) -> Reader:
    """A reader of values at dotted paths, such as `choices.0.text`."""

    def read(heard: Heard, said: Said) -> str:
        found = {key: _at(said, path) for key, path in paths.items()}
        heard.tokens_in = _either(number(found.get("tokens_in")), heard.tokens_in)
        heard.tokens_out = _either(number(found.get("tokens_out")), heard.tokens_out)
        heard.tokens_cached = _either(number(found.get("tokens_cached")), heard.tokens_cached) or 0
        heard.cost = _either(dollars(found.get("cost")), heard.cost)
        if isinstance(found.get("model"), str):
            heard.model = str(found["model"])
        if isinstance(found.get("text"), str):
            heard.succeed(str(found["text"]))
        if found.get("error"):
            heard.fail(found["error"])
        if isinstance(piece := found.get("piece"), str):
            heard.is_done = heard.is_done or "text" not in paths
            return piece
        return ""

    return read


def _either(new: T | None, old: T | None) -> T | None:
    return old if new is None else new


def _at(said: object, path: str) -> object:
    for step in path.split("."):
        if isinstance(said, Mapping):
            said = said.get(step)
        elif isinstance(said, list) and step.isdigit() and int(step) < len(said):
            said = said[int(step)]
        else:
            return None
    return said


def _strings(name: str, table: Table, key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if isinstance(value, list) and all(isinstance(v, str) and "\0" not in v for v in value):
        return tuple(value)
    raise ValueError(f"{name}.{key}: must be a list of strings")


def _texts(name: str, table: Table, key: str) -> Mapping[str, str]:
    value = table.get(key, {})
    if isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values()):
        return dict(value)
    raise ValueError(f"{name}.{key}: must be a table of strings")


def _typed(name: str, table: Table, key: str, kind: type[T], default: T) -> T:
    value = table.get(key, default)
    if isinstance(value, kind):
        return value
    raise ValueError(f"{name}.{key}: must be a {kind.__name__}")


def _one_of(name: str, table: Table, key: str, kind: type[E], default: E) -> E:
    try:
        return kind(table.get(key, default))
    except ValueError:
        raise ValueError(f"{name}.{key}: must be one of {', '.join(kind)}") from None
