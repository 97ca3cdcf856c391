"""The reviewer: a model with a clean context compares the change with the plan. It advises."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.codec import CodecFault, validate
from core.domain.check import CheckResult
from core.domain.errors import NotPassed
from core.domain.phase import Phase
from core.domain.receipt import Finding, HitCount, Verdict
from core.phases.asking import RULES, diff_text, fence, goal_part, join, json_object, retry_part
from core.phases.claims import need_true
from core.phases.inputs import Inputs, PhasePorts
from core.phases.ledger import ledger

SYSTEM = (
    RULES + " Your phase is verify: you did not write this change. Judge only what you can show."
)

PROMPT = """\
Does the change do what the goal and the plan ask, and nothing else? Reply with one JSON object and
nothing else:
{"decision": "approve" | "revise" | "reject" | "unsure",
 "findings": [{"where": "path:line", "claim": "…", "blocking": true,
   "evidence": "a failing check, a concrete input and its wrong result, or a quoted line"}],
 "acceptance": [["T1: the item in a few words", "pass" | "fail" | "unknown"]]}
Style alone never blocks. A finding without evidence is left out."""


def _need_true(findings: Sequence[Finding], inputs: Inputs, ports: PhasePorts) -> None:
    """Raise `NotPassed` for a finding about what is not there."""
    paths = {f.path for f in inputs.files} | set(ports.repo.files())
    for finding in findings:
        if finding.where.partition(":")[0] not in paths:
            raise NotPassed(f"a finding names {finding.where}, which is not there; leave it out")
    need_true([f.where for f in findings], (), inputs, ports.repo)


@dataclass(frozen=True, slots=True)
class _Reply:
    decision: str
    findings: list[Finding] = field(default_factory=list)
    acceptance: list[tuple[str, str]] = field(default_factory=list)


async def ask_reviewer(
    inputs: Inputs,
    checks: Sequence[CheckResult],
    counts: Sequence[HitCount],
    tree_hash: str,
    ports: PhasePorts,
) -> Verdict:
    """The verdict on the composed change. Raises `NotPassed` for a reply of another form."""
    tasks = inputs.plan.tasks if inputs.plan else ()
    must = [f"{t.id} must hold: {a}" for t in tasks if t.included for a in t.acceptance]
    said = [f"{c.command.line}: {c.outcome.value}, {c.summary}" for c in checks]
    said += [f"`{h.word}`: {h.before} hits before, {h.after} after" for h in counts]
    prompt = join(
        goal_part(inputs),
        f"Plan: {inputs.plan.summary}" if inputs.plan else "",
        ledger(inputs),
        "\n".join(must),
        "Checks:\n" + "\n".join(said),
        fence("the change", diff_text(inputs)),
        PROMPT,
        retry_part(inputs),
    )
    reply = await ports.model.ask(SYSTEM, prompt, max_output=2_000)
    try:
        found = validate(_Reply, json_object(reply.text))
    except CodecFault as error:
        raise NotPassed(f"the verdict is not of the form asked for ({error})") from error
    if found.decision not in ("approve", "revise", "reject", "unsure"):
        raise NotPassed(
            f"the decision {found.decision!r} is none of approve, revise, reject, unsure"
        )
    findings = tuple(f for f in found.findings[:12] if f.evidence.strip())
    await asyncio.to_thread(_need_true, findings, inputs, ports)
    writer = inputs.receipts[Phase.GENERATE].model if Phase.GENERATE in inputs.receipts else ""
    return Verdict(
        decision=found.decision,
        findings=findings,
        acceptance=tuple(found.acceptance[:20]),
        model=ports.model.model,
        same_as_writer=ports.model.model == writer,
        tree_hash=tree_hash,
    )
