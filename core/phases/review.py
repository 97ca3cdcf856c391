"""Review: the change in a few words, for the person who decides and for the commit."""

import asyncio
import re

from core.domain.errors import NotPassed
from core.domain.hunk import HunkState
from core.domain.phase import Phase
from core.domain.receipt import ApplyReceipt, ReviewReceipt, VerifyReceipt
from core.domain.risk import RiskTier
from core.domain.route import BUILTIN, LOCAL
from core.domain.task import TaskSpec
from core.domain.words import counted
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
    hunks = counted(sum(len(f.hunks) for f in inputs.files), "hunk")
    return ReviewReceipt(
        model=ports.model.model,
        why_model=ports.model.why,
        summary=f"{hunks} in {counted(len(inputs.files), 'file')}. {_checked(inputs)}",
        commit_message=_with_trailers(message, inputs),
        attention=_attention(inputs),
    )


def _plain_message(inputs: Inputs) -> str:
    subject = " ".join(inputs.goal.text.split())
    subject = subject[:1].upper() + subject[1:]
    return subject if len(subject) <= 72 else subject[:69].rsplit(" ", 1)[0] + "…"


_TRAILER = re.compile(r"[A-Za-z][A-Za-z0-9-]*: \S")


def _with_trailers(message: str, inputs: Inputs) -> str:
    """The message with a trailer for each model whose hunks are not rejected, and one for the run.

    `Assisted-by: AGENT:MODEL` is what the Linux kernel asks for (process/coding-assistants.rst)
    and its checkpatch accepts. `Co-authored-by` would need an e-mail address and make an author of
    a model; `Signed-off-by` is a person's alone.
    """
    if not inputs.trailers_run:
        return message
    rows = [f"Assisted-by: Relaypair:{model}" for model in _models(inputs)]
    rows.append(f"Relaypair-Run: {inputs.trailers_run}")
    *before, last = message.split("\n\n")
    has_some = bool(before) and all(map(_TRAILER.match, last.splitlines()))
    return "\n".join([message, *([] if has_some else [""]), *rows])


def _models(inputs: Inputs) -> list[str]:
    """The models that wrote the hunks, each once; of a hunk that the user edited, generate's.

    A name with blanks, as reviewed changes have, is no model: the form would read it as tools.
    """
    generate = inputs.receipts.get(Phase.GENERATE)
    drafted = generate.model if generate else ""
    wrote = dict.fromkeys(
        drafted if hunk.edited else hunk.model
        for file in inputs.files
        for hunk in file.hunks
        if inputs.decisions.get(hunk.id) is not HunkState.REJECTED
    )
    return [m for m in wrote if m not in ("", LOCAL, BUILTIN) and m.split() == [m]]


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
