"""What becomes of edits that move files, have no place, or are rules, in a whole relay."""

import json
from pathlib import Path

from core.domain import commands as c
from core.domain import events as e
from core.domain.hunk import FileOp, HunkState, RefusalKind
from core.domain.phase import Phase, PhaseState
from core.domain.receipt import ApplyReceipt, GenerateReceipt
from tests.playing import GREETING, Played, git, make_repository, open_played, routes

TWICE = {
    "a.py": "def one():\n    x = 1\n    return x\n\n\ndef two():\n    x = 1\n    return x\n",
}


def plan(*files: str) -> str:
    task = {"title": "Do it", "intent": "Do it.", "files": list(files), "acceptance": ["done"]}
    return json.dumps({"summary": "Do it.", "tasks": [task]})


def block(path: str, old: str, new: str) -> str:
    return f"{path}\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n\n"


async def played(tmp_path: Path, files: dict[str, str], *lines: str, repair: str = "") -> Played:
    root = make_repository(tmp_path / "r", files)
    models = routes(plan="x/p", generate="x/g", **({"apply": "x/small"} if repair else {}))
    run = open_played(root, tmp_path / "s", *lines, models=models)
    await run.play("let `greet`, `part`, `one` and `two` do it")
    return run


def applied(run: Played) -> ApplyReceipt:
    receipt = run.state.phases[Phase.APPLY].receipt
    assert isinstance(receipt, ApplyReceipt), run.state.phases[Phase.APPLY]
    return receipt


async def test_a_moved_file_lands_at_its_new_path_with_its_edits_and_is_undone(
    tmp_path: Path,
) -> None:
    reply = "*** Rename File: app/greet.py -> app/hello.py\n\n" + block(
        "app/greet.py", "def part(name):\n", "def leave(name):\n"
    )
    run = await played(
        tmp_path, GREETING, plan("app/greet.py", "app/hello.py"), reply, "Move greet"
    )
    (run.root / "app/greet.py").chmod(0o755)
    [file] = run.state.files
    assert (file.path, file.source, file.op) == ("app/hello.py", "app/greet.py", FileOp.RENAME)
    assert [h.op for h in file.hunks] == [FileOp.RENAME, FileOp.MODIFY]
    await run.do(
        c.DecideHunk(tuple(h.id for h in file.hunks), HunkState.ACCEPTED), c.Land(unverified=True)
    )
    assert not (run.root / "app/greet.py").exists()
    after = GREETING["app/greet.py"].replace("def part", "def leave")
    assert (run.root / "app/hello.py").read_text() == after
    await run.do(c.UndoLanding())
    assert git(run.root, "status", "--porcelain", "--", "app/hello.py") == ""
    assert (run.root / "app/greet.py").read_text() == GREETING["app/greet.py"]


async def test_a_rejected_move_leaves_the_file_where_it_is_with_the_other_hunks(
    tmp_path: Path,
) -> None:
    reply = "*** Rename File: app/greet.py -> app/hello.py\n\n" + block(
        "app/hello.py", "def part(name):\n", "def leave(name):\n"
    )
    run = await played(
        tmp_path, GREETING, plan("app/greet.py", "app/hello.py"), reply, "Move greet"
    )
    move, change = run.state.hunks
    await run.do(
        c.DecideHunk((move.id,), HunkState.REJECTED),
        c.DecideHunk((change.id,), HunkState.ACCEPTED),
        c.Land(unverified=True),
    )
    assert git(run.root, "status", "--porcelain") == " M app/greet.py\n"


async def test_a_repair_is_shown_the_places_in_question_and_mends_only_what_failed(
    tmp_path: Path,
) -> None:
    reply = block("a.py", "    x = 1\n", "    x = 2\n") + block(
        "a.py", "def one():\n", "def uno():\n"
    )
    fixed = block("a.py", "def two():\n    x = 1\n", "def two():\n    x = 2\n")
    run = await played(tmp_path, TWICE, plan("a.py"), reply, fixed, "Do it", repair="x/small")
    asked = run.model.asked[2]
    assert asked.model == "x/small"
    assert "in 2 places (lines 2, 7)" in asked.prompt
    assert "Task T1: Do it." in asked.prompt
    assert "a.py lines 1 to" in asked.prompt
    assert "def uno" not in asked.prompt
    assert [(h.new, h.repaired_by) for h in run.state.hunks] == [
        (("def uno():\n",), ""),
        (("    x = 2\n",), "x/small"),
    ]
    assert "1 edit repaired by x/small" in applied(run).did


async def test_a_repair_may_not_change_lines_that_it_was_not_shown(tmp_path: Path) -> None:
    text = TWICE["a.py"] + "".join(f"\n\ndef f{n}():\n    pass\n" for n in range(30))
    reply = block("a.py", "    x = 1\n", "    x = 2\n") + block(
        "a.py", "def one():\n", "def uno():\n"
    )
    sly = block("a.py", "def f29():\n    pass\n", "def f29():\n    steal()\n")
    run = await played(tmp_path, {"a.py": text}, plan("a.py"), reply, sly, reply, repair="x/small")
    assert run.state.files == ()
    assert run.state.phases[Phase.APPLY].state is not PhaseState.PASSED


async def test_text_that_is_nowhere_but_alike_is_proposed_and_starts_rejected(
    tmp_path: Path,
) -> None:
    old = 'def greet(name):\n    """Say hello.\n\n    To one at  a time.\n    """\n'
    reply = block("app/greet.py", old, old.replace("name)", "name, loud=False)"))
    run = await played(tmp_path, GREETING, plan("app/greet.py"), reply, "Shout")
    [hunk] = run.state.hunks
    assert hunk.matched_by == "similar"
    assert "alike" in hunk.doubt
    assert run.state.decision(hunk.id) is HunkState.REJECTED


async def test_an_edit_that_was_made_before_is_told_and_fails_nothing(tmp_path: Path) -> None:
    reply = block("a.py", "def one():\n    return 0\n", "def one():\n    x = 1\n    return x\n")
    reply += block("a.py", "def two():\n", "def zwei():\n")
    run = await played(tmp_path, TWICE, plan("a.py"), reply, "Do it")
    assert [r.kind for r in applied(run).refusals] == [RefusalKind.ALREADY_APPLIED]
    assert len(run.state.hunks) == 1


RULE = """```rule
id: shout
language: python
rule: {pattern: "x = 1"}
fix: "x = 2"
expect: %d
```
"""


async def test_a_rule_says_how_many_places_it_matches_before_anything_is_staged(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path, TWICE, plan("a.py"), RULE % 2, "Do it")
    generated = run.state.phases[Phase.GENERATE].receipt
    assert isinstance(generated, GenerateReceipt)
    assert "rule shout matches 2 places in 1 files" in generated.did
    assert len(run.state.hunks) == 2


async def test_a_rule_that_matches_more_than_it_declared_is_refused_with_the_count(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path, TWICE, plan("a.py"), RULE % 1, RULE % 2, "Do it")
    assert "expects 1 matches but finds 2" in run.model.asked[2].prompt
    assert len(run.state.hunks) == 2


async def test_a_rule_that_names_files_outside_the_task_is_refused(tmp_path: Path) -> None:
    wide = RULE.replace("expect: %d", "files: ['**/*.py']")
    files = {**TWICE, "b.py": "x = 1\n"}
    run = await played(tmp_path, files, plan("a.py"), wide, RULE % 2, "Do it")
    assert "rule shout names 1 files outside the task (b.py)" in run.model.asked[2].prompt


async def test_hunks_follow_a_file_that_changed_elsewhere_and_keep_decisions_and_edits(
    tmp_path: Path,
) -> None:
    reply = block("a.py", "def one():\n", "def uno():\n") + block(
        "a.py", "def two():\n    x = 1\n    return x\n", "def two():\n    x = 2\n    return x\n"
    )
    text = "# head\n# more\n\n\n" + TWICE["a.py"]
    run = await played(tmp_path, {"a.py": text}, plan("a.py"), reply, "Do it")
    first, second = run.state.hunks
    await run.do(
        c.DecideHunk((first.id,), HunkState.REJECTED), c.EditHunk(second.id, "    x = 3\n")
    )
    edited = run.state.hunks[1]
    await run.do(c.DecideHunk((edited.id,), HunkState.ACCEPTED))
    mine = text.replace("# head\n", "# head\nimport os\n") + "\n\nlast = 1\n"
    (run.root / "a.py").write_text(mine)
    await run.do(c.Land(unverified=True))
    assert (run.root / "a.py").read_text() == mine
    assert "placed again" in run.told(e.CommandRefused)[-1].reason  # type: ignore[attr-defined]
    assert [h.id for h in run.state.hunks] == [first.id, edited.id]
    assert run.state.stale_paths == frozenset()
    await run.do(c.Land(unverified=True))
    assert (run.root / "a.py").read_text() == mine.replace(
        "def two():\n    x = 1", "def two():\n    x = 3"
    )


async def test_hunks_do_not_follow_where_the_file_changed_under_or_beside_them(
    tmp_path: Path,
) -> None:
    run = await played(
        tmp_path, TWICE, plan("a.py"), block("a.py", "def two():\n", "def zwei():\n"), "Do it"
    )
    [hunk] = run.state.hunks
    await run.do(c.DecideHunk((hunk.id,), HunkState.ACCEPTED))
    mine = TWICE["a.py"].replace("def two():\n    x = 1", "def two():\n    x = 7")
    (run.root / "a.py").write_text(mine)
    await run.do(c.Land(unverified=True))
    assert (run.root / "a.py").read_text() == mine
    assert run.state.stale_paths == {"a.py"}
    assert "line 7, where a hunk changes it too" in run.told(e.CommandRefused)[-1].reason  # type: ignore[attr-defined]


async def test_a_moved_file_takes_a_second_landing(tmp_path: Path) -> None:
    reply = "*** Rename File: app/greet.py -> app/hello.py\n\n" + block(
        "app/greet.py", "def part(name):\n", "def leave(name):\n"
    )
    run = await played(
        tmp_path, GREETING, plan("app/greet.py", "app/hello.py"), reply, "Move greet"
    )
    move, change = run.state.hunks
    await run.do(c.DecideHunk((move.id,), HunkState.ACCEPTED), c.Land(unverified=True))
    assert (run.root / "app/hello.py").read_text() == GREETING["app/greet.py"]
    await run.do(c.DecideHunk((change.id,), HunkState.ACCEPTED), c.Land(unverified=True))
    assert "def leave(name):" in (run.root / "app/hello.py").read_text()
    assert not (run.root / "app/greet.py").exists()
