"""A made-up run with everything a screen can show: for looking at the app without an engine."""

from core.domain.check import CheckCommand, CheckResult, Outcome
from core.domain.context import Candidate, ContextItem, Definition, ItemState, Trust
from core.domain.edit import digest
from core.domain.goal import Budget, Goal
from core.domain.hunk import FileEdit, FileOp, Hunk, Need, NeedKind, Refusal
from core.domain.metrics import CostBasis, Usage
from core.domain.model import ModelInfo
from core.domain.phase import ORDER, Phase
from core.domain.receipt import (
    AnyReceipt,
    ApplyReceipt,
    ContextReceipt,
    Decision,
    Finding,
    GenerateReceipt,
    HitCount,
    PlanReceipt,
    ReviewReceipt,
    TaskOutput,
    Verdict,
    VerifyReceipt,
)
from core.domain.repository import RepositoryState
from core.domain.risk import RiskTier
from core.domain.route import LOCAL, Layer, Route
from core.domain.task import TaskSpec

GOAL = Goal("replace the fixed sleep in the retry loop by a backoff", budget=Budget(dollars=0.50))
REPOSITORY = RepositoryState("/home/you/relay", "git", "3f2a9c1d77", "main", "dirty")
PYTEST = CheckCommand(("pytest", "-q"), "pyproject.toml", "ab12")

MODELS = (
    ModelInfo("anthropic/claude-sonnet", 3.0, 15.0, 200_000, "ANTHROPIC_API_KEY", True),
    ModelInfo("anthropic/claude-haiku", 0.8, 4.0, 200_000, "ANTHROPIC_API_KEY", True),
    ModelInfo("openai/gpt-large", 2.5, 10.0, 128_000, "OPENAI_API_KEY", False),
    ModelInfo("openai/gpt-mini", 0.15, 0.6, 128_000, "OPENAI_API_KEY", False),
    ModelInfo("builtin/rewrite", 0.0, 0.0, None, "", True, note="mechanical rewrites, offline"),
    ModelInfo("demo/sonnet", 0.0, 0.0, None, "", True, note="replays recorded replies"),
    ModelInfo("local/unpriced", None, None, 32_000, "", True),
)

SERVED = {
    Phase.RETRIEVE: LOCAL,
    Phase.PLAN: "anthropic/claude-haiku",
    Phase.GENERATE: "anthropic/claude-sonnet",
    Phase.APPLY: LOCAL,
    Phase.VERIFY: "demo/sonnet",
    Phase.REVIEW: "local/unpriced",
}

ROUTES = {
    p: Route(p, (SERVED[p],), Layer.ENVIRONMENT if p is Phase.PLAN else Layer.DEFAULT)
    for p in ORDER
}

USAGE = {
    Phase.PLAN: Usage(4_100, 620, cost=0.0058, basis=CostBasis.PRICED, calls=1),
    Phase.GENERATE: Usage(28_400, 3_150, cost=0.1325, basis=CostBasis.ESTIMATED, calls=3),
    Phase.VERIFY: Usage(6_200, 380, cost=0.0, basis=CostBasis.PRICED, calls=1),
    Phase.REVIEW: Usage(2_000, 200, cost=None, basis=CostBasis.UNKNOWN, calls=1),
}

TASKS = (
    TaskSpec(
        "T1",
        "Add a backoff helper",
        "Write backoff(attempt) with a cap and jitter, in core/clock.py.",
        ("core/clock.py",),
        ("backoff(0) is below one second", "it never exceeds the cap"),
    ),
    TaskSpec(
        "T2",
        "Use it in the retry loop",
        "Replace time.sleep(1) by await asyncio.sleep(backoff(attempt)); keep the last error.",
        ("core/relay.py",),
        ("retry() awaits", "Failed carries the attempt"),
        depends_on=("T1",),
        risk=RiskTier.MEDIUM,
    ),
    TaskSpec(
        "T3",
        "Test the loop",
        "Cover two failures followed by a success, with a fake clock.",
        ("tests/test_relay.py", "pyproject.toml"),
        depends_on=("T2",),
        risk=RiskTier.HIGH,
    ),
)


def items() -> tuple[ContextItem, ...]:
    """Eight pieces of a repository."""
    rows = (
        ("core/relay.py", 1, 80, 812, 0.94, "defines `retry`, mentions sleep", Trust.CODE, ()),
        ("core/clock.py", 10, 44, 366, 0.81, "imported by core/relay.py", Trust.CODE, ()),
        ("tests/test_relay.py", 1, 60, 540, 0.77, "tests `retry`", Trust.TEST, ()),
        ("docs/retries.md", 3, 31, 290, 0.52, "mentions retry, backoff", Trust.DOCS, ()),
        ("core/errors.py", 1, 25, 180, 0.48, "defines `Failed`", Trust.CODE, ()),
        ("README.md", 40, 52, 120, 0.31, "mentions retry", Trust.DOCS, ("instruction-like",)),
        ("pyproject.toml", 1, 40, 260, 0.28, "names the test command", Trust.VERSION, ()),
        ("fix: retry twice", 0, 0, 90, 0.22, "touched core/relay.py", Trust.HISTORY, ()),
    )
    return tuple(
        ContextItem(
            f"{path}:{start}-{end}" if start else path,
            path,
            start,
            end,
            f"# lines {start} to {end} of {path}\n\ndef retry() -> None:\n    ...\n",
            tokens,
            score,
            why,
            trust,
            digest(path.encode()),
            ItemState.PINNED if number == 0 else ItemState.ACTIVE,
            flags,
        )
        for number, (path, start, end, tokens, score, why, trust, flags) in enumerate(rows)
    )


DEFINITIONS = (
    Definition("retry", "core/relay.py", 13, 24, "function"),
    Definition("retry", "tests/helpers.py", 4, 9, "function"),
    Definition("retry_once", "core/relay.py", 30, 41, "function"),
    Definition("Failed", "core/errors.py", 3, 12, "class"),
)
"""What is defined where, for looking up names."""


def _hunk(path: str, start: int, old: str, new: str, **more: object) -> Hunk:
    before = more.pop("before", "")
    after = more.pop("after", "")
    return Hunk(
        id=digest(f"{path}{start}{old}{new}".encode())[:12],
        path=path,
        start=start,
        old=tuple(old.splitlines(keepends=True)),
        new=tuple(new.splitlines(keepends=True)),
        context_before=tuple(str(before).splitlines(keepends=True)),
        context_after=tuple(str(after).splitlines(keepends=True)),
        **more,  # type: ignore[arg-type]  # names are Hunk's own
    )


def files() -> tuple[FileEdit, ...]:
    """Twelve hunks over four files."""
    sonnet = {"model": "anthropic/claude-sonnet"}
    relay = "core/relay.py"
    t2 = {**sonnet, "task": "T2", "risk": RiskTier.MEDIUM}
    retry = {**t2, "symbol": "retry"}
    clock = _clock({**sonnet, "task": "T1"})
    helper = clock[1].id
    return (
        _file("core/clock.py", *clock),
        _file(
            relay,
            _hunk(relay, 0, "import time\n", "import asyncio\nimport logging\n", **t2),
            _hunk(
                relay,
                13,
                "def retry(call, limit=3):\n",
                "async def retry(call, limit=3):\n",
                before='\n"""Calls that may fail."""\n\n',
                after="    for attempt in range(limit):\n        try:\n",
                **retry,
            ),
            _hunk(
                relay,
                16,
                "            return call()\n",
                "            return await call()\n",
                before="    for attempt in range(limit):\n        try:\n",
                after="        except Lost as err:\n",
                matched_by="exact, indentation",
                repaired_by="anthropic/claude-haiku",
                **retry,
            ),
            _hunk(
                relay,
                18,
                "            time.sleep(1)\n",
                "            await asyncio.sleep(backoff(attempt))\n",
                before="        except Lost as err:\n",
                after="            last = err\n",
                needs=(Need(helper, NeedKind.SOFT, "uses backoff, which core/clock.py defines"),),
                **retry,
            ),
            _hunk(
                relay,
                20,
                "    raise Failed\n",
                "    raise Failed(attempt) from last\n",
                before="            last = err\n",
                doubt="the search text stood in two places; placed at the nearer one",
                matched_by="similar",
                **retry,
            ),
        ),
        _file("tests/test_relay.py", *_tests({**sonnet, "task": "T3"})),
        _file(
            "pyproject.toml",
            _hunk(
                "pyproject.toml",
                21,
                'addopts = "-q"\n',
                'addopts = "-q --strict-markers"\nasyncio_mode = "auto"\n',
                before="[tool.pytest.ini_options]\n",
                after='testpaths = ["tests"]\n',
                risk=RiskTier.HIGH,
                flags=("changes how it is judged",),
                task="T3",
                model="demo/sonnet",
            ),
        ),
    )


def _clock(by: dict[str, str]) -> tuple[Hunk, ...]:
    path = "core/clock.py"
    return (
        _hunk(
            path, 2, "", "import random\n", before='"""Time."""\n\n', after="import time\n", **by
        ),
        _hunk(
            path,
            8,
            "",
            "\n\ndef backoff(attempt: int, cap: float = 30.0) -> float:\n"
            '    """Seconds to wait before the next attempt, with jitter."""\n'
            "    return min(cap, 0.25 * 2**attempt) * random.uniform(0.5, 1.0)\n",
            before="    return time.monotonic()\n",
            symbol="now",
            **by,
        ),
    )


def _tests(by: dict[str, str]) -> tuple[Hunk, ...]:
    path = "tests/test_relay.py"
    return (
        _hunk(path, 0, "", "import pytest\n", after="from core.relay import retry\n", **by),
        _hunk(
            path,
            7,
            "def test_retry():\n    flaky = Flaky()\n    retry(flaky)\n",
            "async def test_retry():\n    flaky = Flaky()\n    await retry(flaky)\n",
            changes=((0, 1, 0, 1), (2, 3, 2, 3)),
            **by,
        ),
        _hunk(
            path,
            14,
            "",
            "\n\nasync def test_two_failures_then_success() -> None:\n"
            "    call = Flaky(failures=2)\n"
            "    assert await retry(call) == 'done'\n",
            symbol="test_retry",
            **by,
        ),
        _hunk(
            path,
            30,
            "    pass\n",
            "    assert clock.slept < 1  # \u202e looks harmless\n",
            symbol="test_sleep",
            flags=("invisible characters",),
            risk=RiskTier.MEDIUM,
            **by,
        ),
    )


def _file(path: str, *hunks: Hunk) -> FileEdit:
    base = digest(path.encode())
    return FileEdit(path, FileOp.MODIFY, base, base, False, hunks)


REFUSALS = (
    Refusal(
        "docs/retries.md",
        "the lines to replace stand in two places, and nothing tells which is meant",
        (12, 40),
        nearest="The loop sleeps for one second.",
        task="T2",
    ),
)


def check(passed: bool, tree: str = "5d1e") -> CheckResult:
    """A test run that passes, or fails at one test."""
    summary = "41 passed in 2.1s" if passed else "1 failed, 40 passed in 2.3s"
    failures = () if passed else ("tests/test_relay.py::test_retry",)
    tail = "E   RuntimeWarning: coroutine 'retry' was never awaited\n" if failures else ""
    return CheckResult(
        PYTEST,
        tree,
        Outcome.PASS if passed else Outcome.FAIL,
        2.3,
        0 if passed else 1,
        "bwrap",
        summary,
        failures,
        output=f"........F....\n{tail}{summary}\n",
        output_bytes=900,
    )


VERDICT = Verdict(
    "revise",
    (Finding("core/relay.py:21", "the cap is never tested", "no test names cap", blocking=True),),
    (("backoff(0) is below one second", "pass"), ("it never exceeds the cap", "unknown")),
    "demo/sonnet",
    tree_hash="5d1e",
)


def receipts() -> dict[Phase, AnyReceipt]:
    """What each phase hands on."""
    changed = tuple(f.path for f in files())
    return {
        Phase.RETRIEVE: ContextReceipt(
            did=("searched 212 files, 8 pieces chosen",),
            items=items(),
            further=(
                Candidate(
                    "core/session.py",
                    0.2,
                    "path",
                    Trust.CODE,
                    640,
                    ("Session", "open_session"),
                ),
            ),
            sources=("212 files", "40 commits"),
        ),
        Phase.PLAN: PlanReceipt(
            model=SERVED[Phase.PLAN],
            did=("split the goal into three tasks",),
            decisions=(Decision("jitter is added", "clients fail together otherwise"),),
            assumptions=("retry() has only async callers",),
            summary="A helper, its use, its test.",
            tasks=TASKS,
            searches=("time.sleep",),
        ),
        Phase.GENERATE: GenerateReceipt(
            model=SERVED[Phase.GENERATE],
            did=("wrote edits for three tasks",),
            outputs=(
                TaskOutput("T1", "reply-1", "Pure function, easy to test.", ("core/clock.py",), 2),
                TaskOutput("T2", "reply-2", "The loop awaits.", ("core/relay.py",), 6),
                TaskOutput("T3", "reply-3", "Two failures, a success.", changed[2:], 5),
            ),
        ),
        Phase.APPLY: ApplyReceipt(
            did=("placed 12 of 13 edits",), files=changed, hunks=12, doubtful=1, refusals=REFUSALS
        ),
        Phase.VERIFY: VerifyReceipt(
            did=("one test fails on the whole proposal",),
            tree_hash="5d1e",
            checks=(check(False),),
            counts=(HitCount("time.sleep", 3, 1, ("core/old.py:9",)),),
            verdict=VERDICT,
        ),
        Phase.REVIEW: ReviewReceipt(
            did=("summed up the change",),
            summary="Retries back off with jitter instead of sleeping for one second.",
            attention=("pyproject.toml changes how tests run",),
        ),
    }


def many_files(hunks: int, per_file: int = 100) -> tuple[FileEdit, ...]:
    """A large proposal: as many hunks as asked for, nine lines each."""
    made: list[FileEdit] = []
    for first in range(0, hunks, per_file):
        path = f"src/part_{first // per_file:03}.py"
        made.append(
            _file(
                path,
                *(
                    _hunk(
                        path,
                        n * 20,
                        f"    old_value = compute({n})\n    return old_value\n",
                        f"    value = await compute({n})\n    log(value)\n    return value\n",
                        before=f"def part_{n}():\n    # the long way round\n",
                        after="\n\n",
                        symbol=f"part_{n}",
                        task="T1",
                    )
                    for n in range(first, min(first + per_file, hunks))
                ),
            )
        )
    return tuple(made)
