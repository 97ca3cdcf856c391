"""What a phase hands on: a small typed record, never a history."""

from dataclasses import dataclass, field
from typing import Literal

from core.domain.check import CheckResult
from core.domain.context import Candidate, ContextItem, ItemState
from core.domain.hunk import FileEdit, Refusal
from core.domain.project import ProjectSummary
from core.domain.task import TaskSpec
from core.domain.words import counted

NOTE_CHARACTERS = 2_800
"""Cap of `to_note()`: at three characters a token or more, at most 1,000 tokens."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Something settled, with its reason, so that a later phase does not reopen it."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The common part. Subclasses add what their phase is for."""

    model: str = "local"
    why_model: str = ""
    """Which layer of settings chose the model."""
    did: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    assumptions: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    edited_by_user: bool = False

    def body(self) -> list[str]:
        """The lines that only this kind of receipt has."""
        return []

    def to_note(self) -> str:
        """The receipt as later phases read it, at most `NOTE_CHARACTERS` long; a cut is marked."""
        lines = [f"- {text}" for text in self.did]
        lines += self.body()
        lines += [f"decided: {d.what} (because {d.why})" for d in self.decisions]
        lines += [f"assumed: {text}" for text in self.assumptions]
        lines += [f"open: {text}" for text in self.open_questions]
        note = "\n".join(lines)
        if len(note) <= NOTE_CHARACTERS:
            return note
        return note[: NOTE_CHARACTERS - 20].rsplit("\n", 1)[0] + "\n(receipt cut here)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextReceipt(Receipt):
    """Retrieve: which pieces of the repository matter for the goal, and why."""

    kind: Literal["context"] = "context"
    items: tuple[ContextItem, ...] = ()
    further: tuple[Candidate, ...] = ()
    """Files that were ranked but not quoted, best first."""
    sources: tuple[str, ...] = ()
    """What was searched, with counts."""
    project: ProjectSummary = ProjectSummary()
    doubt: str = ""
    """Why nothing that was found deserves trust, where the user went on all the same."""

    def body(self) -> list[str]:
        """One line an item: path, lines, reason."""
        return [f"{i.id} ({i.why})" for i in self.items if i.state is not ItemState.DROPPED]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReceipt(Receipt):
    """Plan: scoped tasks."""

    kind: Literal["plan"] = "plan"
    summary: str = ""
    tasks: tuple[TaskSpec, ...] = ()
    searches: tuple[str, ...] = ()
    """Words whose hits verify counts before and after."""

    def body(self) -> list[str]:
        """Summary, then one line a task."""
        rows = [f"{t.id} {t.title} [{', '.join(t.files)}]" for t in self.tasks if t.included]
        return [self.summary, *rows] if self.summary else rows


@dataclass(frozen=True, slots=True)
class KeptEdits:
    """Edits of an earlier reply that a later one, which corrects it, leaves as they are."""

    reply: str
    """Blob digest of the earlier reply."""
    paths: tuple[str, ...]
    model: str = ""
    """What wrote it; empty in older journals."""
    rationale: str = ""
    """What that said of its edits."""
    is_edited: bool = False
    """Whether the user changed it."""


@dataclass(frozen=True, slots=True)
class TaskOutput:
    """What one generate call gave for one task."""

    task: str
    reply: str
    """Blob digest of the reply's text: apply reads it, no prompt ever does."""
    rationale: str
    files: tuple[str, ...]
    blocks: int
    shown: tuple[str, ...] = ()
    """Files whose text the model was shown: others it may not edit."""
    basis: str = ""
    """Hash of what the task was done from; the output is kept while it agrees."""
    dropped: tuple[str, ...] = ()
    """Paths whose edits the user left out."""
    asked: tuple[str, ...] = ()
    """`path:first-last` of what the model asked to see before it answered."""
    kept: tuple[KeptEdits, ...] = ()
    """Of files that `reply` says nothing of, after a send-back."""
    model: str = ""
    """What wrote `reply`; empty in older journals: then the model of the receipt."""
    is_edited: bool = False
    """Whether the user changed `reply`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateReceipt(Receipt):
    """Generate: edits in a model's own words, by reference."""

    kind: Literal["generate"] = "generate"
    outputs: tuple[TaskOutput, ...] = ()

    def body(self) -> list[str]:
        """One line a task."""
        return [
            f"{o.task}: {counted(o.blocks, 'edit')} in {', '.join(o.files)}. {o.rationale}"
            for o in self.outputs
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyReceipt(Receipt):
    """Apply: what was placed and what was refused."""

    kind: Literal["apply"] = "apply"
    files: tuple[str, ...] = ()
    hunks: int = 0
    doubtful: int = 0
    refusals: tuple[Refusal, ...] = ()
    staged: tuple[FileEdit, ...] = ()
    """The placed edits themselves; they are published as `EditsStaged` and not kept here."""

    def body(self) -> list[str]:
        """Counts, then each refusal."""
        head = f"{self.hunks} hunks in {len(self.files)} files: {', '.join(self.files)}"
        return [head, *(f"refused {r.path}: {r.reason}" for r in self.refusals)]


@dataclass(frozen=True, slots=True)
class HitCount:
    """How often a word stands in the searched files, before and after the change."""

    word: str
    before: int
    after: int
    places: tuple[str, ...] = ()
    """`path:line` of what is left, at most ten."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A reviewer's remark with its evidence."""

    where: str
    """`path:line` or a hunk id."""
    claim: str
    evidence: str
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the reviewer model thinks. It advises; it never replaces a check that did not run."""

    decision: str
    """`approve`, `revise`, `reject` or `unsure`."""
    findings: tuple[Finding, ...] = ()
    acceptance: tuple[tuple[str, str], ...] = ()
    """Each acceptance item with `pass`, `fail` or `unknown`."""
    model: str = ""
    same_as_writer: bool = False
    tree_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReceipt(Receipt):
    """Verify: what the checks said of exactly one tree."""

    kind: Literal["verify"] = "verify"
    tree_hash: str = ""
    checks: tuple[CheckResult, ...] = ()
    counts: tuple[HitCount, ...] = ()
    verdict: Verdict | None = None

    def body(self) -> list[str]:
        """Checks, hit counts, verdict."""
        lines = [f"{c.command.line}: {c.outcome.value}. {c.summary}" for c in self.checks]
        lines += [f"`{h.word}`: {h.before} hits before, {h.after} after" for h in self.counts]
        if self.verdict:
            lines.append(f"reviewer {self.verdict.model}: {self.verdict.decision}")
            lines += [f"{f.where}: {f.claim}" for f in self.verdict.findings]
        return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReceipt(Receipt):
    """Review: the change in a few words, for the person and for the commit."""

    kind: Literal["review"] = "review"
    summary: str = ""
    commit_message: str = ""
    attention: tuple[str, ...] = field(default_factory=tuple)
    """What still needs an eye."""

    def body(self) -> list[str]:
        """Summary, what needs an eye, and the message for the commit."""
        message = ["commit message:", self.commit_message] if self.commit_message else []
        return [self.summary, *(f"look at: {text}" for text in self.attention), *message]


AnyReceipt = (
    ContextReceipt | PlanReceipt | GenerateReceipt | ApplyReceipt | VerifyReceipt | ReviewReceipt
)
