"""Which model serves a phase, and which layer of settings chose it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from core.domain.phase import Phase

LOCAL = "local"
"""The route of a phase that uses no model at all: only code on this machine."""
BUILTIN = "builtin/rewrite"
"""The engine that makes mechanical changes without a model."""


class Layer(StrEnum):
    """Settings layers, weakest first. A project file never sets a route."""

    DEFAULT = "default"
    USER = "user file"
    ENVIRONMENT = "environment"
    FLAG = "flag"
    KEYSTROKE = "keystroke"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the user set for the calls of one phase, whoever serves it."""

    temperature: float | None = None
    max_output: int | None = None
    """Tokens of one reply; None leaves it to the phase."""
    system: str = ""
    """Said to the model after the phase's own system prompt."""

    @property
    def names(self) -> tuple[str, ...]:
        """Which of them are set."""
        given = {
            "temperature": self.temperature is not None,
            "max_output": self.max_output is not None,
            "system": bool(self.system),
        }
        return tuple(name for name, is_set in given.items() if is_set)


@dataclass(frozen=True, slots=True)
class Route:
    """The models of one phase: who is asked, who stands in when a provider is down, and who is
    asked when the work of the first was not good enough.
    """

    phase: Phase
    models: tuple[str, ...]
    """The primary, then those to fall back to when a provider fails, in order."""
    layer: Layer
    setting: str = ""
    """The exact setting, for example `RELAYPAIR_PLAN_MODEL`."""
    up: tuple[str, ...] = ()
    """One step up: asked after two replies that did not pass; the first, then those to fall back
    to. Empty where there is no such step.
    """
    is_local_only: bool = False
    """Whether what the phase is sent may reach models on this machine only."""
    parameters: Parameters = Parameters()

    @classmethod
    def of(cls, phase: Phase, models: Iterable[str], layer: Layer, setting: str = "") -> "Route":
        """A route as it is written: `a, b > c` asks `a`, falls back to `b`, and steps up to `c`.

        Raises ValueError for more than one step up, or for a step without a model.
        """
        steps = [
            tuple(name for one in step.split(",") if (name := one.strip()))
            for step in ",".join(models).split(">")
        ]
        if len(steps) > 2 or not all(steps):
            raise ValueError("a route takes one step up: `first, fallback > stronger`")
        return cls(phase, steps[0], layer, setting, up=steps[1] if len(steps) > 1 else ())

    @property
    def spelled(self) -> str:
        """The route as it is written."""
        return " > ".join(", ".join(step) for step in (self.models, self.up) if step)

    def governed_by(self, other: "Route") -> "Route":
        """These models under what the user set for the phase, as another route of it carries it."""
        return replace(self, is_local_only=other.is_local_only, parameters=other.parameters)

    def stepped_up(self) -> "Route":
        """The route that begins one step up."""
        return replace(self, models=self.up, up=())

    @property
    def model(self) -> str:
        """The primary model."""
        return self.models[0]

    @property
    def is_local(self) -> bool:
        """Whether this phase runs without a model."""
        return self.model == LOCAL

    @property
    def why(self) -> str:
        """Which layer chose it, as shown to the user."""
        return f"{self.layer.value} {self.setting}".strip()
