import asyncio
import json
import threading

import pytest

from core.adapters.builtin.engine import BuiltinRewrite
from core.adapters.memory_repo import MemoryRepo
from core.domain.edit import FileVersion
from core.domain.errors import FaultKind, ModelFault
from core.domain.metrics import CostBasis, Usage
from core.domain.model import ModelReply, ModelRequest
from core.domain.phase import Phase
from core.domain.task import TaskSpec
from core.edits.parse.sites import parse_sites

FILES = {
    "a.py": "def old_fn():\n    return 1\n",
    "src/b.py": "from a import old_fn\n\nprint(old_fn(), 'old_fn')\n",
}
GOAL = "rename `old_fn` to `fresh_fn`"


def request(phase: Phase, goal: str = GOAL, files: tuple[str, ...] = ()) -> ModelRequest:
    task = TaskSpec("T1", "title", "intent", files) if files else None
    return ModelRequest(phase, "builtin/rewrite", "", "", goal=goal, task=task)


def complete(asked: ModelRequest, repo: MemoryRepo | None = None) -> ModelReply:
    return asyncio.run(BuiltinRewrite(repo or MemoryRepo(FILES)).complete(asked))


def test_a_plan_is_one_fenced_object_that_counts_its_sites() -> None:
    reply = complete(request(Phase.PLAN))

    plan = json.loads(reply.text.removeprefix("```json\n").removesuffix("```\n"))
    assert plan["summary"] == (
        "Rename `old_fn` (function in a.py) to `fresh_fn`: "
        "3 certain sites and 1 doubtful in 2 files."
    )
    (task,) = plan["tasks"]
    assert (task["files"], task["parallel_ok"], task["depends_on"]) == (
        ["a.py", "src/b.py"],
        False,
        [],
    )
    assert plan["searches"] == ["old_fn"]
    assert set(plan) == {
        "summary",
        "tasks",
        "assumptions",
        "open_questions",
        "decisions",
        "searches",
    }


def test_a_reply_costs_nothing_and_names_the_engine() -> None:
    reply = complete(request(Phase.GENERATE))
    assert reply.usage == Usage(cost=0.0, basis=CostBasis.FREE, calls=1)
    assert reply.model == "builtin/rewrite"


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        ((), {"a.py", "src/b.py"}),
        (("src/**",), {"src/b.py"}),
        (("src",), {"src/b.py"}),
        (("a.py", "zzz"), {"a.py"}),
    ],
)
def test_edits_stay_inside_the_files_of_the_task(files: tuple[str, ...], paths: set[str]) -> None:
    reply = complete(request(Phase.GENERATE, files=files))
    assert {intent.path for intent in parse_sites(reply.text)} == paths


def test_the_text_is_streamed_as_it_is_returned() -> None:
    seen: list[str] = []
    engine = BuiltinRewrite(MemoryRepo(FILES))
    reply = asyncio.run(engine.complete(request(Phase.GENERATE), seen.append))
    assert "".join(seen) == reply.text


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (request(Phase.PLAN, "make it nice"), "The builtin engine does mechanical changes only"),
        (request(Phase.REVIEW), "The builtin engine has no part in review"),
        (request(Phase.GENERATE, files=("docs",)), "touches nothing in docs"),
        (request(Phase.PLAN, "rename old_fn to 1st"), "mechanical changes only"),
        (request(Phase.PLAN, "rename old_fn to old_fn"), "`old_fn` is already the name"),
        (request(Phase.PLAN, "rename __init__ to setup"), "is a special method of Python"),
    ],
)
def test_what_it_cannot_do_is_a_fault_in_one_sentence(asked: ModelRequest, told: str) -> None:
    with pytest.raises(ModelFault) as caught:
        complete(asked)
    assert caught.value.kind is FaultKind.CANNOT
    assert told in caught.value.sentence
    assert "\n" not in caught.value.sentence


def test_binary_huge_vendored_and_foreign_files_are_left_alone() -> None:
    files: dict[str, str | bytes] = {
        **FILES,
        "c.py": b"old_fn\0",
        "d.py": "old_fn = '\u00e9'".encode("latin-1"),
        "e.txt": "old_fn\n" * 400_000,
        "node_modules/x/f.js": "old_fn()",
    }
    reply = complete(request(Phase.GENERATE), MemoryRepo(files))
    assert {intent.path for intent in parse_sites(reply.text)} == {"a.py", "src/b.py"}


class GatedRepo(MemoryRepo):
    def __init__(self) -> None:
        super().__init__({f"f{n}.py": "old_fn" for n in range(50)})
        self.reading, self.gate = threading.Event(), threading.Event()
        self.reads = 0

    def read(self, path: str) -> FileVersion | None:
        self.reads += 1
        self.reading.set()
        self.gate.wait(10)
        return super().read(path)


async def cancelled_after_first_read(repo: GatedRepo) -> int:
    work = asyncio.create_task(BuiltinRewrite(repo).complete(request(Phase.PLAN)))
    await asyncio.to_thread(repo.reading.wait, 10)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    repo.gate.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    return repo.reads


def test_cancelling_returns_at_once_and_ends_the_thread_at_its_next_file() -> None:
    assert asyncio.run(cancelled_after_first_read(GatedRepo())) == 1


def test_a_memory_repository_answers_like_one() -> None:
    repo = MemoryRepo({"b": b"\xff", "a": "é"})
    assert repo.files() == ("a", "b")
    assert repo.read("a") == FileVersion("a", "é".encode())
    assert repo.read("c") is None
    assert (repo.history(3), repo.state().vcs) == ((), "none")
