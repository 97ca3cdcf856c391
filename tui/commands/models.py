"""`relaypair models`: models, their prices, and which serves each phase."""

import argparse
import asyncio

from core.bootstrap import Workspace
from core.domain.model import ModelInfo
from core.engine.routes import resolve_routes
from tui.commands.opening import open_workspace


def main(options: argparse.Namespace) -> int:
    """Print the routes, then the models whose id holds the filter."""
    workspace = open_workspace(options, interactive=False)
    for phase, route in resolve_routes(workspace.settings).items():
        print(f"{phase.value:<9} {', '.join(route.models):<40} {route.why}")
    print()
    for model in asyncio.run(_models(workspace)):
        if options.filter.casefold() in model.id.casefold() and (options.filter or model.has_key):
            print(_row(model))
    return 0


async def _models(workspace: Workspace) -> tuple[ModelInfo, ...]:
    session = workspace.session()
    try:
        return await session.models()
    finally:
        await session.close()


def _row(model: ModelInfo) -> str:
    def dollars(price: float | None) -> str:
        return f"${price:g}" if price is not None else "$?"

    key = "ready" if model.has_key else f"needs {model.key}"
    window = f"{model.window // 1000}k" if model.window else "?"
    price = f"{dollars(model.price_in):>8} in {dollars(model.price_out):>8} out per M"
    return f"{model.id:<48} {price}  {window:>6}  {key}"
