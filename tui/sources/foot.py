"""What follows the hunks: refusals with reasons, checks, hit counts, the reviewer's advice."""

from core.domain.check import CheckResult
from core.domain.hunk import HunkState
from core.domain.keys import offered_key
from core.domain.phase import Phase
from core.domain.receipt import HitCount, Verdict, VerifyReceipt
from core.domain.state import RunState
from tui.figures import counted, seconds
from tui.ink import Line
from tui.sanitise import one_line
from tui.sources.text import wrapped

FAILURES = 8
"""Failing tests listed per check; the full output is one key away."""


def foot_lines(run: RunState, width: int) -> tuple[Line, ...]:
    """The block under the diff; empty while there is nothing to say."""
    lines: list[Line] = []
    lines += _refusals(run, width)
    if run.checks or run.accepted_check:
        lines += [(), ((" Checks", "bar"),)]
        for subset, result in run.checks:
            lines += _check(subset, result, width)
        lines += _accepted(run, width)
    receipt = run.phases[Phase.VERIFY].receipt
    if isinstance(receipt, VerifyReceipt):
        lines += [_count(hit) for hit in receipt.counts]
    if run.verdict:
        lines += _verdict(run.verdict, width)
    return tuple(lines)


def _refusals(run: RunState, width: int) -> list[Line]:
    if not run.refusals:
        return []
    count = counted(len(run.refusals), "edit")
    lines: list[Line] = [(), ((f" {count} refused: not placed, not written", "bar"),)]
    for refusal in run.refusals:
        places = f" (line {', '.join(map(str, refusal.lines))})" if refusal.lines else ""
        text = one_line(f"{refusal.path}{places}: {refusal.reason}")
        lines += [((row, "warn"),) for row in wrapped(text, width - 1, "   ")]
        near = refusal.nearest.splitlines()[:2]
        lines += [((f"     nearest: {one_line(row)}", "dim"),) for row in near]
    return lines


def _check(subset: str, result: CheckResult, width: int) -> list[Line]:
    word, ink = ("passed", "good") if result.passed else ("FAIL", "bad")
    kind = "" if result.passed else f" ({result.outcome.value})"
    where = f" {contained(result.containment)}" if result.containment else ""
    head: Line = (
        (f"   {word}{kind} ", ink),
        (f"{one_line(result.command.line)} ", "plain"),
        (f"on {subset}, {seconds(result.seconds)}{where}  {one_line(result.summary)}", "dim"),
    )
    lines: list[Line] = [head]
    lines += [((f"     {one_line(name)}", "bad"),) for name in result.failures[:FAILURES]]
    if len(result.failures) > FAILURES:
        lines.append(((f"     {len(result.failures) - FAILURES} more (v shows all)", "dim"),))
    if result.known_failures:
        known = counted(len(result.known_failures), "failure")
        lines.append(((f"     {known} more that the base has as well", "dim"),))
    return lines


def contained(containment: str) -> str:
    """`in bubblewrap`; what begins with the word has it already."""
    return containment if containment.startswith("in ") else f"in {containment}"


def _accepted(run: RunState, width: int) -> list[Line]:
    check = run.accepted_check
    if check is None:
        return []
    if check.key != run.accepted_key:
        if not run.hunks_in(HunkState.ACCEPTED):
            return []
        told = "the accepted hunks changed since they were verified; V again"
        if check.key == offered_key(run):
            told = "exactly the accepted hunks are not checked: V does, or accept the undecided too"
        return [((f"   {told}", "warn"),)]
    word, ink = ("verified", "good") if check.passed else ("FAIL", "bad")
    return [((f"   accepted hunks {word}: {one_line(check.summary)}", ink),)]


def _count(hit: HitCount) -> Line:
    left = f", left at {', '.join(hit.places[:3])}" if hit.places else ""
    text = f"   `{hit.word}`: {hit.before} hits before, {hit.after} after{left}"
    return ((one_line(text), "dim"),)


def _verdict(verdict: Verdict, width: int) -> list[Line]:
    by = f"{verdict.model}, the model that wrote it" if verdict.same_as_writer else verdict.model
    lines: list[Line] = [(), ((f" Reviewer ({one_line(by)}) advises: {verdict.decision}", "bar"),)]
    for finding in verdict.findings:
        block = "blocking: " if finding.blocking else ""
        text = one_line(f"{finding.where}: {block}{finding.claim} ({finding.evidence})")
        ink = "bad" if finding.blocking else "plain"
        lines += [((row, ink),) for row in wrapped(text, width - 1, "   ")]
    for item, word in verdict.acceptance:
        lines.append(((f"   {word:<8}{one_line(item)}", "good" if word == "pass" else "warn"),))
    return lines
