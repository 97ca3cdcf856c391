"""Plan: turn the goal and its context into a few scoped tasks that a worker can do alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.codec import CodecFault, validate
from core.domain.errors import NotPassed
from core.domain.goal import Scope
from core.domain.invisible import shown
from core.domain.owners import NO_OWNERS, Owners
from core.domain.path import UnsafePath, safe_path
from core.domain.phase import Phase
from core.domain.receipt import ContextReceipt, Decision, PlanReceipt
from core.domain.risk import RiskTier
from core.domain.risk_rules import RiskPolicy, assess
from core.domain.task import TaskSpec
from core.domain.words import counted
from core.edits.annotate import find_owners
from core.phases.asking import (
    RULES,
    context_part,
    fence,
    goal_part,
    join,
    json_object,
    receipt_part,
    retry_part,
)
from core.phases.claims import need_true
from core.phases.counting import names_in, places, whereabouts
from core.phases.inputs import Inputs, PhasePorts
from core.retrieval.hits import goal_searches

MAX_TASKS = 8
MAX_LINES = 5_000
"""Changed lines of the largest estimate: what is larger is no task."""

SYSTEM = (
    RULES
    + " Your phase is plan: decide what is to be changed and where, not how each line will read."
)

PROMPT = """\
Plan this change as few tasks as it needs (one is fine, {limit} at most). A worker will see only its
task, its snippets and \
your decisions, never another task's edits: names and wordings that tasks share belong in decisions.
Name every file a task may change or create, tests included; prefer the smallest set. Besides:
`may_create` and `may_delete`, globs of what else it may create and of all that it may delete or
move; `reads`, globs of what its worker needs to see, if that is not everything; `lines`, about how
many lines it adds and removes.

Reply with one JSON object and nothing else:
{{"summary": "one sentence",
 "tasks": [{{"title": "…", "intent": "what to do, with the names to use", "files": ["path", "…"],
   "may_create": [], "may_delete": [], "reads": ["**"], "lines": number,
   "acceptance": ["what must hold"], "depends_on": ["T1"], "parallel_ok": false}}],
 "decisions": [{{"what": "…", "why": "…"}}], "assumptions": ["…"],
 "open_questions": ["only what the user must settle"],
 "searches": ["word that must be gone afterwards, if the goal removes or renames one"]}}
Tasks are named T1, T2, … in order."""


@dataclass(frozen=True, slots=True)
class _Task:
    title: str
    files: list[str]
    intent: str = ""
    acceptance: list[str] = field(default_factory=list)
    depends_on: list[str] = field(default_factory=list)
    parallel_ok: bool = False
    may_create: list[str] = field(default_factory=list)
    may_delete: list[str] | None = None
    reads: list[str] = field(default_factory=list)
    lines: int | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    tasks: list[_Task]
    summary: str = ""
    decisions: list[Decision] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    open_questions: list[str] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)


async def plan(task: TaskSpec, inputs: Inputs, ports: PhasePorts) -> PlanReceipt:
    """Ask for tasks; pass when each one names safe files inside the scope and depends only on tasks
    that exist.
    """
    if ports.model.is_local:
        return PlanReceipt(
            did=("one task: the whole goal",),
            tasks=(task,),
            searches=goal_searches(inputs.goal.text),
        )
    gone = goal_searches(inputs.goal.text)
    prompt = join(
        goal_part(inputs),
        _project(inputs),
        receipt_part(inputs, [Phase.RETRIEVE]) if not inputs.context else "",
        context_part(inputs.context, inputs.outlines),
        _doubt(inputs),
        await asyncio.to_thread(places, gone, ports.repo),
        await asyncio.to_thread(whereabouts, names_in(inputs.goal.text), ports.repo),
        PROMPT.format(limit=MAX_TASKS),
        retry_part(inputs),
    )
    reply = await ports.model.ask(SYSTEM, prompt, max_output=4_000)
    try:
        wanted = validate(_Plan, json_object(reply.text))
    except CodecFault as error:
        raise NotPassed(f"the plan is not of the form asked for ({error})") from error
    owners = await asyncio.to_thread(find_owners, ports.repo.read)
    tasks = _checked(wanted.tasks, inputs.scope, inputs.policy, owners)
    said = [wanted.summary, *(d.what for d in wanted.decisions), *wanted.assumptions]
    made = {path for task in tasks for path in (*task.files, *task.may_create)}
    await asyncio.to_thread(need_true, said, made, inputs, ports.repo)
    files = len({path for task in tasks for path in task.files})
    return PlanReceipt(
        model=ports.model.model,
        why_model=ports.model.why,
        did=(f"{counted(len(tasks), 'task')} in {counted(files, 'file')}",),
        summary=wanted.summary[:300],
        tasks=tasks,
        decisions=tuple(wanted.decisions[:10]),
        assumptions=tuple(wanted.assumptions[:10]),
        open_questions=tuple(wanted.open_questions[:10]),
        searches=tuple(dict.fromkeys((*gone, *wanted.searches[:5]))),
    )


def _project(inputs: Inputs) -> str:
    """What the repository is; names in it are its own, so they are fenced like any of its text."""
    receipt = inputs.receipts.get(Phase.RETRIEVE)
    lines = receipt.project.lines() if isinstance(receipt, ContextReceipt) else ()
    return fence("the project", "\n".join(shown(line)[:300] for line in lines)) if lines else ""


def _doubt(inputs: Inputs) -> str:
    """That nothing found deserves trust, where the user went on all the same."""
    receipt = inputs.receipts.get(Phase.RETRIEVE)
    doubt = receipt.doubt if isinstance(receipt, ContextReceipt) else ""
    return f"What is quoted may have nothing to do with the goal: {doubt}." if doubt else ""


def _checked(
    tasks: list[_Task], scope: Scope, policy: RiskPolicy, owners: Owners
) -> tuple[TaskSpec, ...]:
    if not tasks:
        raise NotPassed("the plan has no tasks")
    if len(tasks) > MAX_TASKS:
        raise NotPassed(f"the plan has {len(tasks)} tasks; {MAX_TASKS} are the most")
    names = [f"T{n}" for n in range(1, len(tasks) + 1)]
    return tuple(
        _spec(name, task, names[:place], scope, policy, owners)
        for place, (name, task) in enumerate(zip(names, tasks, strict=True))
    )


def _spec(
    name: str,
    task: _Task,
    earlier: list[str],
    scope: Scope,
    policy: RiskPolicy,
    owners: Owners,
) -> TaskSpec:
    """The task with every path checked. A path in full that it may create or delete is of its
    files as well.
    """
    create = _checked_paths(name, task.may_create, scope)
    delete = _checked_paths(name, task.may_delete or (), scope)
    named = (path for path in (*create, *delete) if not set("*?") & set(path))
    files = tuple(dict.fromkeys((*_checked_paths(name, task.files, scope), *named)))
    if not files:
        raise NotPassed(f"{name} names no files")
    unknown = [d for d in task.depends_on if d not in earlier]
    if unknown:
        raise NotPassed(f"{name} depends on {', '.join(unknown)}, which is not an earlier task")
    if task.lines is not None and not 1 <= task.lines <= MAX_LINES:
        raise NotPassed(f"{name} estimates {task.lines} lines; 1 to {MAX_LINES:,} make a task")
    return TaskSpec(
        id=name,
        title=task.title.strip()[:120] or name,
        intent=task.intent.strip()[:2_000],
        files=files,
        acceptance=tuple(a[:300] for a in task.acceptance[:8]),
        depends_on=tuple(task.depends_on),
        parallel_ok=task.parallel_ok,
        risk=risk_of((*files, *create, *delete), policy, owners),
        may_create=create,
        may_delete=None if task.may_delete is None else delete,
        reads=tuple(_safe(name, path) for path in task.reads) or ("**",),
        lines=task.lines or 0,
    )


def _checked_paths(name: str, paths: Sequence[str], scope: Scope) -> tuple[str, ...]:
    plain = tuple(_safe(name, path) for path in paths)
    for path in plain:
        if not scope.allows_write(path):
            raise NotPassed(f"{name} touches {path}, outside the scope")
    return plain


def _safe(name: str, path: str) -> str:
    try:
        return safe_path(path)
    except UnsafePath as error:
        raise NotPassed(f"{name} names {path!r}, which {error}") from error


def risk_of_task(task: TaskSpec, policy: RiskPolicy, owners: Owners = NO_OWNERS) -> RiskTier:
    """The strictest tier of what a task may write, before it is known what changes in it."""
    return risk_of((*task.writes, *task.may_create, *(task.may_delete or ())), policy, owners)


def risk_of(files: tuple[str, ...], policy: RiskPolicy, owners: Owners = NO_OWNERS) -> RiskTier:
    """The strictest tier of a task's files, before it is known what changes in them."""
    found = (assess(f, owners=owners, policy=policy).tier for f in files)
    return max(found, default=RiskTier.LOW)
