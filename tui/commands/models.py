"""`relaypair models`: models, their prices, and which serves each phase."""

import argparse
import asyncio
import sys

from core.bootstrap import Workspace
from core.domain.events import CommandRefused
from core.domain.model import ModelInfo
from core.engine.clients import CLI
from core.engine.routes import resolve_routes
from tui.commands.find_servers import find
from tui.commands.opening import open_workspace
from tui.exit_codes import ExitCode
from tui.setting_words import settings_said


def main(options: argparse.Namespace) -> int:
    """Print the routes, then the models that are ready and the coding CLIs, or those whose id holds
    the filter; with `--find` what the model servers of this machine have instead.
    """
    if options.find:
        return find()
    workspace = open_workspace(options, interactive=False)
    for phase, route in resolve_routes(workspace.settings).items():
        own = settings_said(route, workspace.settings.budget.phases.get(phase))
        print(f"{phase.value:<9} {route.spelled:<40} {route.why}{f'; {own}' if own else ''}")
    known, fault = asyncio.run(_models(workspace))
    part = options.filter.casefold()
    found = [m for m in known if (part in m.id.casefold() if part else _is_near(m))]
    print()
    for model in found:
        print(_row(model))
    if fault:
        print(f"relaypair: {fault}", file=sys.stderr)
        return int(ExitCode.FAILED)
    if not found:
        print(f"relaypair: no model is named like {options.filter}.", file=sys.stderr)
    elif not part:
        print(
            f"{len(known) - len(found)} more models need a key or a server; `relaypair models "
            "PART` looks for a name, `relaypair models --find` asks the servers of this machine.",
            file=sys.stderr,
        )
    return int(ExitCode.DONE)


async def _models(workspace: Workspace) -> tuple[tuple[ModelInfo, ...], str]:
    """Every model, and why there are only the local ones where the host cannot be asked."""
    session = workspace.session()
    events = session.events()
    try:
        models = await session.models()
    finally:
        await session.close()
    refused = [r.event.reason async for r in events if isinstance(r.event, CommandRefused)]
    return models, "".join(refused[:1])


def _is_near(model: ModelInfo) -> bool:
    """Whether a model is listed before anybody asks for it."""
    return not model.needs or model.provider == CLI.rstrip("/")


def _row(model: ModelInfo) -> str:
    def dollars(price: float | None) -> str:
        return f"${price:g}" if price is not None else "$?"

    ready = f"needs {model.needs}" if model.needs else "ready"
    window = f"{model.window // 1000}k" if model.window else "?"
    price = f"{dollars(model.price_in):>8} in {dollars(model.price_out):>8} out per M"
    return f"{model.id:<48} {price}  {window:>6}  {ready}"
