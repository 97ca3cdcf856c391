"""Which client serves a model id: by its prefix, else the model host."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from core.domain.errors import FaultKind, ModelFault, RelaypairError
from core.domain.model import ModelInfo
from core.domain.route import LOCAL, Route
from core.ports import Catalogue, ModelClient
from core.similarity import near_matches

CLI = "cli/"
"""How the id of a coding CLI begins; what follows a colon in it is the program's affair."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Local engines by prefix, and the host for everything else."""

    local: Mapping[str, ModelClient]
    """`builtin`, `demo`, …: the part of the id before the first slash."""
    host: ModelClient
    catalogue: Catalogue
    local_models: tuple[ModelInfo, ...] = ()
    programs: ModelClient | None = None
    """Coding CLIs: neither free nor in the catalogue."""
    reaches_nobody: Callable[[str], bool] = lambda _model: False
    """Whether a model of the host is served from this machine."""
    warm: Callable[[], Awaitable[None]] | None = None
    """Starts what takes long, after the first frame."""

    def serving(self, model: str) -> ModelClient:
        """The client of a model. Raises `ModelFault` for a local engine that has no such model."""
        if self.programs is not None and self.is_program(model):
            return self.programs
        prefix = model.partition("/")[0]
        if prefix not in self.local:
            return self.host
        known = [m.id for m in self.local_models if m.id.partition("/")[0] == prefix]
        if model not in known:
            raise _unknown(model, known)
        return self.local[prefix]

    def is_on_this_machine(self, model: str) -> bool:
        """Whether what a model is sent stays here."""
        return self.is_free(model) or self.reaches_nobody(model)

    def is_program(self, model: str) -> bool:
        """Whether a coding CLI serves a model."""
        return model.startswith(CLI)

    def is_free(self, model: str) -> bool:
        """Whether a model is one of the local engines."""
        return model.partition("/")[0] in self.local

    def needs_host(self, route: Route) -> bool:
        """Whether the host serves any model that the route may ask."""
        return any(
            model != LOCAL
            and not self.is_free(model)
            and not self.is_program(model)
            and (self.is_on_this_machine(model) or not route.is_local_only)
            for model in (*route.models, *route.up)
        )

    async def ready_for(self, route: Route) -> None:
        """Wait until the host has started, where it serves the route: its start is no part of a
        phase's time. A host that does not start is told by the call that needs it.
        """
        if self.warm is not None and self.needs_host(route):
            with contextlib.suppress(RelaypairError):
                await self.warm()

    async def info(self, model: str) -> ModelInfo | None:
        """What is known of a model; None when it is unknown or the catalogue cannot be asked."""
        known = self.local_models
        if not self.is_free(model) and not self.is_program(model):
            try:
                known = await self.catalogue.models()
            except RelaypairError:
                return None
        return next((m for m in known if m.id == model), None)

    async def price(self, model: str, tokens_in: int, tokens_out: int) -> float | None:
        """Dollars that a call would cost by the catalogue; None where no price is known."""
        info = await self.info(model)
        return info.cost_of(tokens_in, tokens_out) if info else None


def _unknown(model: str, known: Sequence[str]) -> ModelFault:
    """The refusal of a local engine's model that it does not have."""
    near = near_matches(model, known)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; press m to choose one."
    return ModelFault(FaultKind.UNKNOWN_MODEL, model, f"There is no model {model}{hint}")
