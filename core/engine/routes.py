"""Which model serves which phase: defaults < user file < environment < flags < keystroke.

Within one layer a phase's own knob wins over the knob for all phases. A list is a fallback chain.
"""

from collections.abc import Mapping
from dataclasses import replace

from core.config import Settings
from core.config_file import PRESETS, PhaseSettings, chain
from core.domain.errors import Refused
from core.domain.phase import ORDER, Phase
from core.domain.route import BUILTIN as BUILTIN
from core.domain.route import LOCAL, Layer, Route
from core.domain.servers import stays_here

OWN = ("builtin", "demo")
"""Prefixes of engines that are part of the product."""
LOCAL_ONLY = "RELAYPAIR_LOCAL_ONLY"
_SMALL = ("anthropic/claude-haiku-5-5", "openai/gpt-6-luna", "gemini/gemini-3.5-flash-lite")
_MIDDLE = ("anthropic/claude-sonnet-5-5", "openai/gpt-6-sol", "gemini/gemini-3.8-flash")
_LARGE = ("anthropic/claude-opus-5-5", "openai/gpt-5.5", "gemini/gemini-4-argon")

PRESET_MODELS: Mapping[str, Mapping[Phase, tuple[tuple[str, ...], ...]]] = {
    "cheap": dict.fromkeys(
        (Phase.PLAN, Phase.GENERATE, Phase.APPLY, Phase.VERIFY, Phase.REVIEW), (_SMALL, _MIDDLE)
    ),
    "balanced": {
        Phase.PLAN: (_LARGE,),
        Phase.GENERATE: (_MIDDLE, _LARGE),
        Phase.APPLY: (_SMALL, _MIDDLE),
        Phase.VERIFY: (_MIDDLE, _LARGE),
        Phase.REVIEW: (_SMALL,),
    },
    "strong": {
        Phase.PLAN: (_LARGE,),
        Phase.GENERATE: (_LARGE,),
        Phase.APPLY: (_MIDDLE, _LARGE),
        Phase.VERIFY: (_LARGE,),
        Phase.REVIEW: (_SMALL,),
    },
}
"""Models first asked, then one step up. Phases that a preset leaves out run without a model."""

KEYS = {
    "anthropic": ("ANTHROPIC_API_KEY",),
    "openai": ("OPENAI_API_KEY",),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
}
"""The variables of the providers that presets name."""

_NO_MODEL = {Phase.PLAN: BUILTIN, Phase.GENERATE: BUILTIN}


def resolve_routes(settings: Settings) -> dict[Phase, Route]:
    """The route of every phase as configured, before any keystroke."""
    return {phase: resolve_route(settings, phase) for phase in ORDER}


def resolve_route(settings: Settings, phase: Phase) -> Route:
    """The route of one phase from the strongest layer that speaks of it, with the parameters that
    the user's file gives the phase.

    Raises `Refused` for an unknown preset.
    """
    route = (
        _from_flags(settings, phase)
        or _from_environment(settings, phase)
        or _from_user_file(settings, phase)
        or _from_defaults(settings, phase)
    )
    own = settings.user.phases.get(phase, PhaseSettings())
    is_local_only = own.is_local_only or stays_local(settings.environment, phase)
    return replace(route, is_local_only=is_local_only, parameters=own.parameters)


_ALL = frozenset({"1", "all", "true", "yes"})


def stays_local(env: Mapping[str, str], phase: Phase) -> bool:
    """Whether `RELAYPAIR_LOCAL_ONLY` keeps what a phase is sent on this machine: `1` or `all` for
    every phase, else a list of phases. Raises `Refused` for a word that is none.
    """
    said = {word.strip().lower() for word in env.get(LOCAL_ONLY, "").split(",")}
    names = {name for one in Phase for name in (one.value, one.knob)}
    if unknown := sorted(said - {"", "0", "no", "false"} - _ALL - names):
        raise Refused(
            f"{LOCAL_ONLY}: {unknown[0]!r} is no phase, so nothing would keep what it is meant for "
            f"here; give 1, or a list such as plan,generate."
        )
    return bool(said & {*_ALL, phase.value, phase.knob})


def is_on_this_machine(model: str, env: Mapping[str, str]) -> bool:
    """Whether what a model is sent stays here: an engine of our own, or a server of the user's."""
    return model.partition("/")[0] in OWN or model == LOCAL or stays_here(model, env)


def keystroke_route(phase: Phase, model: str) -> Route:
    """The route that a keystroke asks for."""
    return _route(phase, chain(model) or (LOCAL,), Layer.KEYSTROKE, "")


def _route(phase: Phase, models: tuple[str, ...], layer: Layer, setting: str) -> Route:
    try:
        return Route.of(phase, models, layer, setting)
    except ValueError as error:
        named = setting or f"{phase.value}: {', '.join(models)}"
        raise Refused(f"{named} cannot be read: {error}.") from error


def _from_flags(settings: Settings, phase: Phase) -> Route | None:
    flags = settings.flags
    for knob in (phase.knob, "model"):
        if models := chain(flags.models.get(knob, "")):
            return _route(
                phase, models, Layer.FLAG, f"--{knob}" if knob == "model" else f"--{knob}-model"
            )
    if flags.preset:
        return _preset(settings, phase, flags.preset, Layer.FLAG, "--preset")
    return None


def _from_environment(settings: Settings, phase: Phase) -> Route | None:
    env = settings.environment
    for name in (f"RELAYPAIR_{phase.knob.upper()}_MODEL", "RELAYPAIR_MODEL"):
        if models := chain(env.get(name, "")):
            return _route(phase, models, Layer.ENVIRONMENT, name)
    if preset := env.get("RELAYPAIR_PRESET", ""):
        return _preset(settings, phase, preset, Layer.ENVIRONMENT, "RELAYPAIR_PRESET")
    return None


def _from_user_file(settings: Settings, phase: Phase) -> Route | None:
    user = settings.user
    for knob in (phase.knob, "model"):
        if models := user.models.get(knob):
            return _route(phase, models, Layer.USER, f"models.{knob}")
    if user.preset:
        return _preset(settings, phase, user.preset, Layer.USER, "preset")
    return None


def _from_defaults(settings: Settings, phase: Phase) -> Route:
    if _providers(settings):
        return _preset(settings, phase, "balanced", Layer.DEFAULT, "")
    return Route(phase, (_NO_MODEL.get(phase, LOCAL),), Layer.DEFAULT, "no key found")


def _preset(settings: Settings, phase: Phase, preset: str, layer: Layer, setting: str) -> Route:
    if preset not in PRESET_MODELS:
        raise Refused(f"{setting or 'preset'}: {preset!r} is none of {', '.join(PRESETS)}.")
    steps = PRESET_MODELS[preset].get(phase, ((LOCAL,),))
    known = _providers(settings)
    usable = [tuple(m for m in step if m.split("/")[0] in known) for step in steps]
    chosen = [step for step in usable if step] or list(steps)
    up = chosen[1] if len(chosen) > 1 else ()
    return Route(phase, chosen[0], layer, f"{setting} {preset} preset".strip(), up=up)


def _providers(settings: Settings) -> tuple[str, ...]:
    env = settings.environment
    return tuple(name for name, keys in KEYS.items() if any(env.get(key) for key in keys))
