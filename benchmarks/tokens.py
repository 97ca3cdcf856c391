"""Tokens of every prompt and receipt of the demo goal, phase by phase."""

import asyncio
import tempfile

from core.adapters.sample import make_sample
from core.bootstrap import Workspace
from core.config import Flags, environment
from core.domain.commands import RunOn, StartRun
from core.domain.events import ModelReplied
from core.domain.phase import ORDER
from tui.commands.demo import CHECK, GOAL, MODELS


def main() -> None:
    """Print the figures; counted with the one fixed tokenizer of the model host."""
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(_main({**environment(), "HOME": home}))


async def _main(env: dict[str, str]) -> None:
    workspace = Workspace.open(make_sample(env), env, Flags(models=MODELS, checks=(CHECK,)))
    session = workspace.session()
    await session.submit(StartRun(GOAL))
    await session.submit(RunOn())
    await session.idle()
    calls = [
        r.event
        for r in workspace.journal.read(session.state.run_id)
        if isinstance(r.event, ModelReplied)
    ]
    for phase in ORDER:
        mine = [x for x in calls if x.phase is phase]
        prompts = [await _count(workspace, session.blob(x.prompt).decode()) for x in mine]
        replies = [await _count(workspace, session.blob(x.text).decode()) for x in mine]
        receipt = session.state.phases[phase].receipt
        note = await _count(workspace, receipt.to_note()) if receipt else 0
        print(
            f"{phase.value:<9} {len(mine)} calls, prompts {prompts}, replies {replies}, receipt "
            f"{note}"
        )
    whole = sum(
        [await _count(workspace, p.read_text()) for p in sorted(workspace.repo.root.rglob("*.py"))]
    )
    print(f"the whole repository would be {whole} tokens a call")
    await session.close()


async def _count(workspace: Workspace, text: str) -> int:
    return await workspace.host.count(text)


if __name__ == "__main__":
    main()
