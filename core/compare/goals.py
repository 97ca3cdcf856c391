"""The file of a comparison: goals, and the arms that all of them run through."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from core.config_file import KNOBS, PARAMETERS, PRESETS, read_phases
from core.domain.errors import Refused
from core.domain.path import UnsafePath, safe_path
from core.domain.phase import Phase
from core.domain.route import LOCAL, Layer, Parameters, Route
from core.similarity import near_matches

SECONDS = 1_800.0
"""Wall time of one run where the file names none."""

Command = tuple[str, ...]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
"""Ids and arms name folders."""
_GOAL_KEYS = (
    "id",
    "text",
    "commit",
    "checks",
    "hidden",
    "hidden_files",
    "seconds",
    "dollars",
)
_ROUTED = ("model", "models", "preset")


@dataclass(frozen=True, slots=True)
class Case:
    """One goal, and how its result is judged."""

    id: str
    text: str
    hidden: tuple[Command, ...]
    """Commands that judge what was landed. No model is told of them."""
    commit: str = "HEAD"
    checks: tuple[Command, ...] = ()
    """Commands that the relay may run and learn from."""
    hidden_files: Mapping[str, str] = field(default_factory=dict)
    """Path in the tree to the file, relative to the file of goals, that is put there after landing.
    """
    seconds: float = SECONDS
    dollars: float | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to route the phases and to set them, wholly named by the file."""

    name: str
    models: Mapping[str, str]
    """Knob to chain, for every knob or for none."""
    preset: str = ""
    phases: Mapping[Phase, Parameters] = field(default_factory=dict)
    """What the calls of a phase are given; all that is not here is left to the phase."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared."""

    cases: tuple[Case, ...]
    arms: tuple[Arm, ...]

    def order(self) -> Iterator[tuple[Case, Arm]]:
        """Every run. The arms rotate from goal to goal, so that none is always first."""
        for number, case in enumerate(self.cases):
            first = number % len(self.arms)
            for arm in (*self.arms[first:], *self.arms[:first]):
                yield case, arm


def read_goals(name: str, data: bytes) -> Comparison:
    """A comparison from TOML. Raises `Refused` naming the file, the key and what to do."""
    try:
        table = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"{name} is not valid TOML: {error}.") from error
    reader = _Reader(name)
    reader.known("", table, ("goal", "arms"))
    goals, arms = table.get("goal"), table.get("arms")
    if not isinstance(goals, list) or not goals:
        reader.refuse("goal", "is missing; add a [[goal]] with id, text and hidden")
    if not isinstance(arms, dict) or len(arms) < 2:
        reader.refuse("arms", "a comparison needs two; add tables such as [arms.solo]")
    cases = tuple(reader.case(number, goal) for number, goal in enumerate(goals, 1))
    for case in cases:
        if sum(other.id == case.id for other in cases) > 1:
            reader.refuse("goal.id", f"{case.id!r} is there twice; give each goal its own")
    return Comparison(cases, tuple(reader.arm(key, value) for key, value in arms.items()))


class _Reader:
    """Values of one file, or a refusal that says where."""

    def __init__(self, name: str) -> None:
        self._name = name

    def refuse(self, key: str, what: str) -> NoReturn:
        raise Refused(f"{self._name}: {key}: {what}.")

    def known(self, prefix: str, table: object, keys: Sequence[str]) -> Mapping[str, Any]:
        if not isinstance(table, dict):
            self.refuse(prefix, "must be a table")
        for key in table:
            if key not in keys:
                near = near_matches(key, keys, limit=1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(keys)}"
                self.refuse(".".join(filter(None, (prefix, key))), f"unknown; {hint}")
        return table

    def case(self, number: int, value: object) -> Case:
        where = f"goal {number}"
        table = self.known(where, value, _GOAL_KEYS)
        hidden = self._commands(f"{where}.hidden", table.get("hidden"))
        if not hidden:
            self.refuse(f"{where}.hidden", 'name at least one check, as in [["pytest", "-q"]]')
        return Case(
            id=self._folder(f"{where}.id", table.get("id")),
            text=self._text(f"{where}.text", table.get("text")),
            hidden=hidden,
            commit=self._text(f"{where}.commit", table.get("commit", "HEAD")),
            checks=self._commands(f"{where}.checks", table.get("checks", [])),
            hidden_files=self._files(f"{where}.hidden_files", table.get("hidden_files", {})),
            seconds=self._number(f"{where}.seconds", table.get("seconds", SECONDS)),
            dollars=self._number(f"{where}.dollars", table["dollars"])
            if "dollars" in table
            else None,
        )

    def arm(self, name: str, value: object) -> Arm:
        where = f"arms.{self._folder(f'arms.{name}', name)}"
        table = self.known(where, value, (*_ROUTED, "phases"))
        if sum(key in table for key in _ROUTED) != 1:
            self.refuse(where, "name exactly one of model, models, preset")
        given = read_phases(
            Path(self._name), table.get("phases", {}), PARAMETERS, f"{where}.phases"
        )
        own = {phase: settings.parameters for phase, settings in given}
        if "preset" in table:
            if table["preset"] not in PRESETS:
                self.refuse(f"{where}.preset", f"must be one of {', '.join(PRESETS)}")
            return Arm(name, {}, table["preset"], own)
        return Arm(name, self._models(where, table), phases=own)

    def _models(self, where: str, table: Mapping[str, Any]) -> dict[str, str]:
        """A chain for every knob."""
        phases = KNOBS[:-1]
        if "model" in table:
            return dict.fromkeys(phases, self._route(f"{where}.model", table["model"]))
        models = self.known(f"{where}.models", table["models"], phases)
        for key in ("plan", "generate"):
            if key not in models:
                self.refuse(
                    f"{where}.models.{key}", 'is missing; name a model, or "local" for none'
                )
        named = {key: self._route(f"{where}.models.{key}", text) for key, text in models.items()}
        return dict.fromkeys(phases, LOCAL) | named

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, "must be a text that is not empty")
        return value

    def _route(self, key: str, value: object) -> str:
        text = self._text(key, value)
        try:
            Route.of(Phase.PLAN, [text], Layer.FLAG)
        except ValueError as error:
            self.refuse(key, str(error))
        return text

    def _folder(self, key: str, value: object) -> str:
        text = self._text(key, value)
        if not _NAME.fullmatch(text):
            self.refuse(key, "must be 1 to 40 letters, digits, - or _")
        return text

    def _number(self, key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
            self.refuse(key, "must be a number above 0")
        return float(value)

    def _commands(self, key: str, value: object) -> tuple[Command, ...]:
        def is_command(words: object) -> bool:
            return (
                isinstance(words, list) and words != [] and all(isinstance(w, str) for w in words)
            )

        if not isinstance(value, list) or not all(is_command(words) for words in value):
            self.refuse(key, 'must be a list of commands such as [["pytest", "-q"]]')
        return tuple(tuple(words) for words in value)

    def _files(self, key: str, value: object) -> dict[str, str]:
        if not isinstance(value, dict):
            self.refuse(key, 'must be a table such as { "tests/test_x.py" = "hidden/x.py" }')
        found = {}
        for path, source in value.items():
            try:
                found[safe_path(path)] = self._text(f"{key}.{path}", source)
            except UnsafePath as error:
                self.refuse(f"{key}.{path}", f"{error}; name a path inside the repository")
        return found
