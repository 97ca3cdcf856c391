"""Review: the change in a few words, for the person who decides and for the commit."""

import asyncio

from core.domain.errors import NotPassed
from core.domain.hunk import HunkState
from core.domain.phase import Phase
from core.domain.receipt import ApplyReceipt, ReviewReceipt, VerifyReceipt
from core.domain.risk import RiskTier
from core.domain.task import TaskSpec
from core.phases.asking import RULES, goal_part, join, receipt_part, retry_part
from core.phases.claims import need_true
from core.phases.inputs import Inputs, PhasePorts

SYSTEM = RULES + " Your phase is review: say briefly what was changed, for the person who decides."

SUBJECT = 72
"""Characters of a commit's first line that every tool shows."""
PROMPT = """\
Write a commit message for this change: a subject line in the imperative of at most 72 characters,
an empty line, then at most four \
lines saying why. Nothing else."""


async def review(task: TaskSpec, inputs: Inputs, ports: PhasePorts) -> ReviewReceipt:
    """Summarise from the receipts alone; a small model words the commit message when one is set."""
    message = _plain_message(inputs)
    if not ports.model.is_local:
        reply = await ports.model.ask(
            SYSTEM,
            join(
                goal_part(inputs),
                receipt_part(inputs, Phase.REVIEW.before[1:]),
                PROMPT,
                retry_part(inputs),
            ),
            max_output=400,
        )
        message = reply.text.strip().strip("`").strip()
        subject = message.split("\n")[0]
        if not subject or len(subject) > SUBJECT:
            raise NotPassed("the commit message's first line must have 1 to 72 characters")
        await asyncio.to_thread(need_true, [message], (), inputs, ports.repo)
    hunks = sum(len(f.hunks) for f in inputs.files)
    return ReviewReceipt(
        model=ports.model.model,
        why_model=ports.model.why,
        summary=f"{hunks} hunks in {len(inputs.files)} files. {_checked(inputs)}",
        commit_message=message,
        attention=_attention(inputs),
    )


def _plain_message(inputs: Inputs) -> str:
    subject = " ".join(inputs.goal.text.split())
    subject = subject[:1].upper() + subject[1:]
    return subject if len(subject) <= 72 else subject[:69].rsplit(" ", 1)[0] + "…"


def _checked(inputs: Inputs) -> str:
    receipt = inputs.receipts.get(Phase.VERIFY)
    if not isinstance(receipt, VerifyReceipt):
        return "Nothing was checked."
    return "Passed: " + ", ".join(c.command.line for c in receipt.checks if c.passed) + "."


def _attention(inputs: Inputs) -> tuple[str, ...]:
    rows = []
    for file in inputs.files:
        for hunk in file.hunks:
            if hunk.doubt and inputs.decisions.get(hunk.id) is HunkState.REJECTED:
                rows.append(
                    f"{hunk.path}:{hunk.start + 1} is doubtful ({hunk.doubt}) and starts rejected"
                )
            elif hunk.risk is RiskTier.HIGH or hunk.flags:
                why = ", ".join(hunk.flags) or "high risk"
                rows.append(f"{hunk.path}:{hunk.start + 1} {why}")
    applied = inputs.receipts.get(Phase.APPLY)
    if isinstance(applied, ApplyReceipt):
        rows += [f"{r.path}: {r.reason}" for r in applied.refusals]
    verified = inputs.receipts.get(Phase.VERIFY)
    if isinstance(verified, VerifyReceipt):
        rows += [
            f"`{c.word}` is still in {c.after} places: {', '.join(c.places[:4])}"
            for c in verified.counts
            if c.after
        ]
        if verified.verdict:
            rows += [f"reviewer, {f.where}: {f.claim}" for f in verified.verdict.findings]
    return tuple(dict.fromkeys(rows))[:12]
