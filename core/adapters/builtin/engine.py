"""The builtin engine as a model: it plans and writes mechanical changes, and refuses the rest."""

import asyncio
import json
import time
from threading import Event

from core.adapters.builtin.findings import Cannot, Rewrite, listed
from core.adapters.builtin.goals import Parameter, Rename, Replace, RunRules, parse_goal
from core.adapters.builtin.rename import rename
from core.adapters.builtin.replacing import replace_pattern, run_rules
from core.adapters.builtin.signature import change_parameter
from core.adapters.builtin.sources import Sources, Stopped
from core.domain.errors import FaultKind, ModelFault
from core.domain.goal import matches
from core.domain.metrics import CostBasis, Usage
from core.domain.model import ModelReply, ModelRequest, OnText
from core.domain.phase import Phase
from core.edits.parse.sites import render_sites
from core.ports import Repo, ignore

MODEL = "builtin/rewrite"

OFFER = (
    "The builtin engine does mechanical changes only (rename `a` to `b`; replace `f($A)` with "
    "`g($A)`; add parameter `x=None` to `f`; run rules.yml); set RELAYPAIR_MODEL or press m to "
    "choose a model for this goal."
)


class BuiltinRewrite:
    """`ModelClient` that answers from the repository itself: no network, no tokens, no cost."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo

    async def complete(self, request: ModelRequest, on_text: OnText = ignore) -> ModelReply:
        """Plan or write the goal of the request; other phases and goals are a CANNOT fault.

        The work runs in a thread, which stops at its next file when the call is cancelled.
        """
        started, stop = time.monotonic(), Event()
        work = asyncio.create_task(asyncio.to_thread(self._answer, request, stop))
        try:
            text = await asyncio.shield(work)
        except asyncio.CancelledError:
            stop.set()
            work.add_done_callback(_consume)
            raise
        except Cannot as error:
            raise ModelFault(FaultKind.CANNOT, MODEL, str(error)) from None
        except Exception as error:
            told = f"The builtin engine failed on this goal ({type(error).__name__}: {error}); "
            raise ModelFault(FaultKind.CANNOT, MODEL, told + "choose a model for it.") from error
        on_text(text)
        seconds = time.monotonic() - started
        usage = Usage(cost=0.0, basis=CostBasis.FREE, calls=1)
        return ModelReply(text, MODEL, usage, seconds, first_token=seconds)

    async def close(self) -> None:
        """Nothing is held open."""

    def _answer(self, request: ModelRequest, stop: Event) -> str:
        if request.phase not in (Phase.PLAN, Phase.GENERATE):
            raise Cannot(f"The builtin engine has no part in {request.phase.value}; set a model.")
        rewrite = find(Sources(self._repo, stop), request.goal)
        if request.phase is Phase.PLAN:
            return plan_text(rewrite)
        return edits_text(rewrite, request.task.files if request.task else ())


def find(sources: Sources, goal: str) -> Rewrite:
    """Every place a goal changes. Raises Cannot."""
    wanted = parse_goal(goal)
    if isinstance(wanted, Rename):
        return rename(sources, wanted)
    if isinstance(wanted, Replace):
        return replace_pattern(sources, wanted)
    if isinstance(wanted, RunRules):
        return run_rules(sources, wanted)
    if isinstance(wanted, Parameter):
        return change_parameter(sources, wanted)
    raise Cannot(OFFER)


def plan_text(rewrite: Rewrite) -> str:
    """The plan reply: one fenced JSON object."""
    task = {
        "title": rewrite.title,
        "intent": rewrite.summary,
        "files": list(rewrite.files),
        "acceptance": list(rewrite.acceptance),
        "depends_on": [],
        "parallel_ok": False,
    }
    plan = {
        "summary": rewrite.summary,
        "tasks": [task],
        "assumptions": rewrite.assumptions,
        "open_questions": rewrite.questions,
        "decisions": [{"what": what, "why": why} for what, why in rewrite.decisions],
        "searches": list(rewrite.searches),
    }
    return f"```json\n{json.dumps(plan, indent=2, ensure_ascii=False)}\n```\n"


def edits_text(rewrite: Rewrite, files: tuple[str, ...] = ()) -> str:
    """The generate reply: a line of prose and the exact sites inside `files`, if any are given."""
    kept = tuple(i for i in rewrite.intents if not files or any(matches(i.path, f) for f in files))
    if not kept:
        raise Cannot(f"{rewrite.title} touches nothing in {listed(files)}; widen the task's files.")
    told = Rewrite(rewrite.title, kept)
    return f"{told.title}: {told.count()}.\n\n{render_sites(kept)}"


def _consume(task: "asyncio.Task[str]") -> None:
    """Take the outcome of an abandoned thread, so that nothing is logged about it."""
    if not task.cancelled():
        error = task.exception()
        if error is not None and not isinstance(error, Stopped):
            return
