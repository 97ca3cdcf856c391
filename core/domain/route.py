"""Which model serves a phase, and which layer of settings chose it."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.phase import Phase

LOCAL = "local"
"""The route of a phase that uses no model at all: only code on this machine."""


class Layer(StrEnum):
    """Settings layers, weakest first. A project file never sets a route."""

    DEFAULT = "default"
    USER = "user file"
    ENVIRONMENT = "environment"
    FLAG = "flag"
    KEYSTROKE = "keystroke"


@dataclass(frozen=True, slots=True)
class Route:
    """The model of one phase: a primary and the models to fall back to, in order."""

    phase: Phase
    models: tuple[str, ...]
    layer: Layer
    setting: str = ""
    """The exact setting, for example `RELAYPAIR_PLAN_MODEL`."""

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
