"""The two settings files: the user's, and a repository's own, which may only narrow and propose."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.domain.edit import digest
from core.domain.errors import Refused
from core.domain.phase import ORDER
from core.domain.risk_table import KEYS, RiskTable, read_table
from core.similarity import near_matches

KNOBS = (*(p.knob for p in ORDER), "model")
PRESETS = ("cheap", "balanced", "strong")
MAX_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The user's own file."""

    models: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Knob to chain."""
    preset: str = ""
    dollars: float | None = None
    tokens: int | None = None
    checks: tuple[tuple[str, ...], ...] = ()
    deny: tuple[str, ...] = ()
    ascii: bool | None = None
    cli: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Coding CLIs by name, as written; the adapter that runs them reads them."""
    prices: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Model id to dollars per million tokens, in and out."""
    passed_variables: tuple[str, ...] = ()
    """Environment variables that checks may see besides the usual few."""
    risk: RiskTable = RiskTable()


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A repository's file: hostile until shown otherwise."""

    write: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    checks: tuple[tuple[str, ...], ...] = ()
    hash: str = ""
    risk: RiskTable = RiskTable()
    """What it says about risk; `allow` has no say."""


_USER_KEYS = {
    "preset": str,
    "ascii": bool,
    "models": dict,
    "budget": dict,
    "checks": dict,
    "scope": dict,
    "cli": dict,
    "prices": dict,
    "risk": dict,
}
_PROJECT_KEYS = ("scope", "checks", "risk")
_NEVER_BY_PROJECT = "a repository's file may only narrow the scope, propose checks and raise risk"


def read_user_file(path: Path) -> ConfigFile:
    """The user's settings; defaults if there is no file.

    Raises `Refused` naming file, key and nearest known key.
    """
    data = _load(path)
    if data is None:
        return ConfigFile()
    for key, value in data.items():
        kind = _USER_KEYS.get(key)
        if kind is None:
            raise Refused(f"{path}: {key}: unknown setting{_meant(key, _USER_KEYS)}.")
        if not isinstance(value, kind):
            raise Refused(f"{path}: {key}: must be a {'table' if kind is dict else kind.__name__}.")
    preset = data.get("preset", "")
    if preset and preset not in PRESETS:
        raise Refused(f"{path}: preset: {preset!r} is none of {', '.join(PRESETS)}.")
    budget = _table(path, data, "budget", ("dollars", "tokens"))
    checks = _table(path, data, "checks", ("commands", "pass"))
    return ConfigFile(
        models=dict(_models(path, data.get("models", {}))),
        preset=preset,
        dollars=_number(path, "budget.dollars", budget.get("dollars")),
        tokens=int(_number(path, "budget.tokens", budget.get("tokens")) or 0) or None,
        checks=_commands(path, checks.get("commands", [])),
        deny=_strings(path, "scope.deny", _table(path, data, "scope", ("deny",)).get("deny", [])),
        ascii=data.get("ascii"),
        cli=data.get("cli", {}),
        prices=dict(_prices(path, data.get("prices", {}))),
        passed_variables=_strings(path, "checks.pass", checks.get("pass", [])),
        risk=_risk(path, data),
    )


def read_project_file(path: Path) -> tuple[ProjectFile, tuple[str, ...]]:
    """A repository's settings and a notice for everything in it that was ignored. Never raises."""
    try:
        data = _load(path)
        if data is None:
            return ProjectFile(), ()
        notices = tuple(
            f"{path.name}: {key} is ignored: {_NEVER_BY_PROJECT}."
            for key in data
            if key not in _PROJECT_KEYS
        )
        scope = _table(path, data, "scope", ("write", "deny"))
        checks = _table(path, data, "checks", ("commands",))
        return ProjectFile(
            write=_strings(path, "scope.write", scope.get("write", [])),
            deny=_strings(path, "scope.deny", scope.get("deny", [])),
            checks=_commands(path, checks.get("commands", [])),
            hash=digest(path.read_bytes()),
            risk=_risk(path, data),
        ), notices
    except (Refused, OSError) as error:
        return ProjectFile(), (f"{path.name} is ignored: {error}",)


def chain(text: str) -> tuple[str, ...]:
    """A comma-separated list of models."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _load(path: Path) -> dict[str, Any] | None:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(
            f"{path} cannot be read ({error.strerror}); fix its rights or move it away."
        ) from error
    if len(raw) > MAX_BYTES:
        raise Refused(f"{path} has {len(raw):,} bytes, which is no settings file.")
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"{path} is not valid TOML: {error}.") from error


def _meant(key: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    near = near_matches(key, known, limit=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def _table(
    path: Path, data: Mapping[str, Any], name: str, known: tuple[str, ...]
) -> Mapping[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise Refused(f"{path}: {name}: must be a table.")
    for key in table:
        if key not in known:
            raise Refused(f"{path}: {name}.{key}: unknown setting{_meant(key, known)}.")
    return table


def _risk(path: Path, data: Mapping[str, Any]) -> RiskTable:
    try:
        return read_table(_table(path, data, "risk", KEYS))
    except ValueError as error:
        raise Refused(f"{path}: risk.{error}.") from error


def _models(path: Path, table: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for knob, value in table.items():
        if knob not in KNOBS:
            raise Refused(f"{path}: models.{knob}: no such phase{_meant(knob, KNOBS)}.")
        models = chain(value) if isinstance(value, str) else _strings(path, f"models.{knob}", value)
        if models:
            yield knob, models


def _strings(path: Path, key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    raise Refused(f"{path}: {key}: must be a list of strings.")


def _commands(path: Path, value: object) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list):
        raise Refused(
            f'{path}: checks.commands: must be a list of commands such as [["pytest", "-q"]].'
        )
    return tuple(_strings(path, "checks.commands", command) for command in value)


def _number(path: Path, key: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    raise Refused(f"{path}: {key}: must be a number, 0 or more.")


def _prices(path: Path, table: Mapping[str, Any]) -> Iterator[tuple[str, tuple[float, float]]]:
    for model, value in table.items():
        if not isinstance(value, list) or len(value) != 2:
            raise Refused(
                f"{path}: prices.{model}: must be [dollars in, dollars out] per million tokens."
            )
        first, second = (_number(path, f"prices.{model}", v) for v in value)
        yield model, (first or 0.0, second or 0.0)
