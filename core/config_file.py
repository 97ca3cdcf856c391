"""The two settings files: the user's, and a repository's own, which may only narrow and propose."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from core.domain.edit import digest
from core.domain.errors import Refused
from core.domain.goal import Limits
from core.domain.phase import ORDER, Phase
from core.domain.risk_table import KEYS, RiskTable, read_table
from core.domain.route import Parameters
from core.similarity import near_matches

KNOBS = (*(p.knob for p in ORDER), "model")
PRESETS = ("cheap", "balanced", "strong")
MAX_BYTES = 100_000
MAX_SYSTEM = 2_000
"""Characters of the text that is added to a phase's system prompt: every call pays for it."""
MAX_OUTPUT = 1_000_000
"""Tokens of a reply; no model answers with more."""
MAX_TEMPERATURE = 2.0
"""What providers that allow the most allow."""
MAX_NUMBER = 1e12
"""Of dollars, tokens and seconds: TOML's numbers have no end, and `inf` is one of them."""


@dataclass(frozen=True, slots=True)
class PhaseSettings:
    """What the user says of one phase, besides its models."""

    parameters: Parameters = Parameters()
    limits: Limits = Limits()
    is_local_only: bool = False


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The user's own file."""

    models: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Knob to chain."""
    preset: str = ""
    dollars: float | None = None
    tokens: int | None = None
    seconds: float | None = None
    cut: bool = False
    phases: Mapping[Phase, PhaseSettings] = field(default_factory=dict)
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
    trailers: bool = False
    """Whether the offered commit message says in trailers which models assisted, and the run."""


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
    "phases": dict,
    "checks": dict,
    "scope": dict,
    "cli": dict,
    "prices": dict,
    "risk": dict,
    "trailers": bool,
}
_LIMITS = ("dollars", "tokens", "seconds")
PARAMETERS = ("temperature", "max_output", "system")
_PHASE_KEYS = (*PARAMETERS, *_LIMITS, "local_only")
_PHASE_NAMES = {name: phase for phase in ORDER for name in (phase.value, phase.knob)}
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
    spending = _table(path, data, "budget", (*_LIMITS, "cut"))
    budget = _limits(path, "budget", spending)
    if not isinstance(cut := spending.get("cut", False), bool):
        raise Refused(f"{path}: budget.cut: must be true or false.")
    checks = _table(path, data, "checks", ("commands", "pass"))
    return ConfigFile(
        models=dict(_models(path, data.get("models", {}))),
        preset=preset,
        dollars=budget.dollars,
        tokens=budget.tokens,
        seconds=budget.seconds,
        cut=cut,
        phases=dict(read_phases(path, data.get("phases", {}))),
        checks=_commands(path, checks.get("commands", [])),
        deny=_strings(path, "scope.deny", _table(path, data, "scope", ("deny",)).get("deny", [])),
        ascii=data.get("ascii"),
        cli=data.get("cli", {}),
        prices=dict(_prices(path, data.get("prices", {}))),
        passed_variables=_strings(path, "checks.pass", checks.get("pass", [])),
        risk=_risk(path, data),
        trailers=data.get("trailers", False),
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
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits
        raise Refused(f"{path} is not valid TOML: {error}.") from error


def _meant(key: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    near = near_matches(key, known, limit=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def _table(
    path: Path, data: Mapping[str, Any], name: str, known: tuple[str, ...], called: str = ""
) -> Mapping[str, Any]:
    """A table of `data` with known keys only; `called` is its name where tables lie around it."""
    table, called = data.get(name, {}), called or name
    if not isinstance(table, dict):
        raise Refused(f"{path}: {called}: must be a table.")
    for key in table:
        if key not in known:
            raise Refused(f"{path}: {called}.{key}: unknown setting{_meant(key, known)}.")
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
    if _is_number(value) and 0 <= value <= MAX_NUMBER:
        return float(value)
    raise Refused(f"{path}: {key}: must be a number, 0 or more.")


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _limits(path: Path, name: str, table: Mapping[str, Any]) -> Limits:
    tokens = table.get("tokens")
    if tokens is not None and not _is_whole(tokens, 0, int(MAX_NUMBER)):
        raise Refused(f"{path}: {name}.tokens: must be a whole number, 0 or more.")
    return Limits(
        _number(path, f"{name}.dollars", table.get("dollars")),
        tokens,
        _number(path, f"{name}.seconds", table.get("seconds")),
    )


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def read_phases(
    path: Path, tables: object, known: tuple[str, ...] = _PHASE_KEYS, called: str = "phases"
) -> Iterator[tuple[Phase, PhaseSettings]]:
    """The table of each phase that is named, by its own name or by the one that its model has.

    `known` are the settings a table may have, `called` is where the tables are in the file. Raises
    `Refused` naming file and key.
    """
    said: dict[Phase, str] = {}
    if not isinstance(tables, dict):
        raise Refused(f"{path}: {called}: must be a table.")
    for name in tables:
        phase = _PHASE_NAMES.get(name)
        key = f"{called}.{name}"
        if phase is None:
            raise Refused(f"{path}: {key}: no such phase{_meant(name, _PHASE_NAMES)}.")
        if phase in said:
            raise Refused(
                f"{path}: {key}: is the phase of {called}.{said[phase]}; keep one of the two."
            )
        said[phase] = name
        table = _table(path, tables, name, known, key)
        is_local_only = table.get("local_only", False)
        if not isinstance(is_local_only, bool):
            raise Refused(f"{path}: {key}.local_only: must be true or false.")
        yield (
            phase,
            PhaseSettings(_parameters(path, key, table), _limits(path, key, table), is_local_only),
        )


def _parameters(path: Path, key: str, table: Mapping[str, Any]) -> Parameters:
    temperature, max_output = table.get("temperature"), table.get("max_output")
    is_warm = _is_number(temperature) and 0 <= temperature <= MAX_TEMPERATURE
    if temperature is not None and not is_warm:
        raise Refused(f"{path}: {key}.temperature: must be a number from 0 to {MAX_TEMPERATURE:g}.")
    if max_output is not None and not _is_whole(max_output, 1, MAX_OUTPUT):
        raise Refused(
            f"{path}: {key}.max_output: must be a whole number of tokens from 1 to {MAX_OUTPUT:,}."
        )
    return Parameters(
        None if temperature is None else float(temperature),
        max_output,
        _system(path, f"{key}.system", table.get("system", "")),
    )


def _system(path: Path, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise Refused(f"{path}: {key}: must be a text.")
    text = value.strip()
    if len(text) > MAX_SYSTEM:
        raise Refused(
            f"{path}: {key}: has {len(text):,} characters; every call of the phase sends them, so "
            f"say it in {MAX_SYSTEM:,}."
        )
    if any(ord(c) < ord(" ") and c not in "\n\t" for c in text):
        raise Refused(f"{path}: {key}: has a control character; take it out.")
    return text


def _prices(path: Path, table: Mapping[str, Any]) -> Iterator[tuple[str, tuple[float, float]]]:
    for model, value in table.items():
        if not isinstance(value, list) or len(value) != 2:
            raise Refused(
                f"{path}: prices.{model}: must be [dollars in, dollars out] per million tokens."
            )
        first, second = (_number(path, f"prices.{model}", v) for v in value)
        yield model, (first or 0.0, second or 0.0)
