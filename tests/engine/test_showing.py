"""What the writer of a task is shown, seen in the prompts that reach its model."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from core.adapters.repo import WorkingRepo
from core.adapters.scripted import ScriptedChecker
from core.domain.check import Outcome
from core.domain.commands import RunOn, StartRun
from core.domain.context import ContextItem, Trust
from core.domain.phase import Phase, PhaseState
from core.domain.receipt import GenerateReceipt
from core.phases.counting import places, whereabouts
from core.phases.showing import once
from tests.playing import EDITS, GREETING, PLAN, make_repository, open_played

LONG = "".join(
    f"def early_{n}():\n    return wanted(engine, {n})\n\n\n" for n in range(150)
) + (
    "class Engine:\n    def wanted(self):\n        return 'of the engine'\n\n\n"
    "def wanted(engine, n):\n" + "".join(f"    step_{n} = {n}\n" for n in range(20)) + "    return n\n"
)  # fmt: skip
WIDE = "".join(
    f"value_{n} = 'a line that is long enough to take some room {n}'\n" for n in range(900)
)
CHANGES = "# Changes\n\n## Next\n\n- nothing yet\n\n" + "".join(
    f"## {n}.0\n\n- greet shouts louder than before, said {n} times\n\n" for n in range(60, 0, -1)
)
FILES = {**GREETING, "app/long.py": LONG, "app/wide.py": WIDE, "CHANGES.md": CHANGES}


async def prompts(
    tmp_path: Path,
    first: str,
    files: Sequence[str] = ("app/greet.py", "tests/test_greet.py"),
    acceptance: Sequence[str] = (),
) -> list[str]:
    """What the writer is sent when its first reply is `first`."""
    task: Mapping[str, object] = {
        "title": "Add a loud flag",
        "intent": "greet(name, loud=False)",
        "files": list(files),
        "acceptance": list(acceptance),
    }
    other = {**task, "title": "Tell of it", "files": ["README.md"]}
    plan = json.dumps({"summary": "s", "tasks": [task, other], "decisions": []})
    run = open_played(
        make_repository(tmp_path / "r", FILES), tmp_path / "s", plan, first, EDITS, EDITS, EDITS
    )
    await run.do(StartRun("greet(name) in app/greet.py can be loud"), RunOn(Phase.GENERATE))
    return [call.prompt for call in run.model.asked if call.phase is Phase.GENERATE]


async def test_a_name_that_is_asked_for_is_its_definition_whole(tmp_path: Path) -> None:
    _, second, *_ = await prompts(tmp_path, "NEED app/long.py wanted")
    assert "app/long.py lines 606-627" in second
    assert "step_19 = 19" in second
    assert "early_3()" not in second


async def test_a_method_is_told_from_a_function_of_its_name(tmp_path: Path) -> None:
    _, second, *_ = await prompts(tmp_path, "NEED app/long.py Engine.wanted")
    assert "'of the engine'" in second
    assert "step_19" not in second


async def test_what_is_too_long_is_cut_and_said_to_be(tmp_path: Path) -> None:
    places = "NEED app/long.py:1-90\nNEED app/long.py:100-190\nNEED app/long.py:200-290\n"
    _, second, *_ = await prompts(tmp_path, f"NEED app/wide.py:1-900\n{places}")
    assert "value_0 " in second and "value_899" not in second
    assert "Not shown: app/wide.py:1-900: there was room up to line " in second
    assert "Not shown: app/long.py:200-290: there was no room left." in second


async def test_what_is_not_there_and_what_is_one_too_many_is_said(tmp_path: Path) -> None:
    asked = "".join(f"NEED app/long.py:{n}-{n + 1}\n" for n in range(1, 23, 3))
    _, second, *_ = await prompts(tmp_path, f"NEED .env\n{asked}")
    assert "Not shown: .env: there is no such file, or none that a model is shown." in second
    assert "Not shown: app/long.py:22-23: more than 8 places were asked for." in second
    assert "app/long.py lines 19-20 " in second and "app/long.py lines 22-23 " not in second


async def test_lines_that_are_asked_for_twice_are_shown_once(tmp_path: Path) -> None:
    asked = "NEED app/long.py:21-30\nNEED app/long.py:1-8\nNEED app/long.py:28-40\n"
    _, second, *_ = await prompts(tmp_path, f"{asked}NEED app/greet.py:1-2\n")
    assert "app/long.py lines 1-8 " in second and "app/long.py lines 21-40 " in second
    assert second.count("early_6()") == 1
    assert "app/greet.py lines 1-2 " not in second, "they stand in what was shown before"
    assert second.count("def greet(name):") == 1


@pytest.mark.parametrize("path", ["./app/long.py", "app//long.py", "`app/long.py`"])
async def test_lines_that_are_asked_for_in_two_spellings_are_shown_once(
    tmp_path: Path, path: str
) -> None:
    _, second, *_ = await prompts(tmp_path, f"NEED {path}:21-30\nNEED app/long.py:40-28\n")
    assert "app/long.py lines 21-40 " in second
    assert "Not shown" not in second


async def test_lines_beyond_the_end_of_a_file_are_said_not_to_be_there(tmp_path: Path) -> None:
    _, second, *_ = await prompts(tmp_path, "NEED app/long.py:800-810\nNEED app/long.py:620-700\n")
    assert "app/long.py lines 620-628 " in second
    assert second.rstrip().endswith("Not shown: app/long.py:800-810: the file has 628 lines.")


async def test_a_line_number_that_no_file_has_breaks_nothing(tmp_path: Path) -> None:
    _, second, *_ = await prompts(tmp_path, f"NEED app/long.py:1-{'9' * 5_000}")
    assert "Your last reply was not accepted: no edit blocks in the reply" in second


def test_of_two_items_with_the_same_lines_the_first_is_shown() -> None:
    def item(start: int, end: int, why: str) -> ContextItem:
        name = f"a.py:{start}-{end}"
        return ContextItem(name, "a.py", start, end, "x", 1, 1.0, why, Trust.CODE, file_hash="h")

    found, asked = item(3, 9, "found"), item(3, 9, "asked for")
    assert once((found, asked)) == (found,)
    assert once((found, item(4, 5, "asked for"), item(1, 9, "pinned"), item(8, 20, "more"))) == (
        item(1, 9, "pinned"),
        item(8, 20, "more"),
    )


def test_a_key_file_behind_a_link_is_not_told_of(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "r", {**GREETING, ".env": "greet = something private\n"})
    (root / "app/settings.py").symlink_to("../.env")
    repo = WorkingRepo(root, {"PATH": "/usr/local/bin:/usr/bin:/bin"}, has_git=True)
    for told in (places(["greet"], repo), whereabouts(["greet"], repo)):
        assert "app/greet.py" in told
        assert "private" not in told and "settings" not in told


async def test_searches_that_no_file_can_hold_break_nothing(tmp_path: Path) -> None:
    plan = PLAN.replace('"decisions"', '"searches": ["\\ud800", "", " "], "decisions"')
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", plan, EDITS)
    await run.do(StartRun("greet(name) in app/greet.py can be loud"), RunOn(Phase.GENERATE))
    assert run.state.phases[Phase.GENERATE].state is PhaseState.PASSED
    assert "`` stands" not in run.model.asked[-1].prompt


async def test_the_second_prompt_offers_no_third(tmp_path: Path) -> None:
    first, second, *_ = await prompts(tmp_path, "NEED app/long.py wanted")
    assert "reply only with lines `NEED" in first
    assert "reply only with lines `NEED" not in second
    assert "reply with the edits" in second


async def test_a_change_log_is_shown_from_its_beginning(tmp_path: Path) -> None:
    first, *_ = await prompts(
        tmp_path, EDITS, ["app/greet.py", "tests/test_greet.py", "CHANGES.md"]
    )
    assert "- nothing yet" in first


async def test_lines_of_definitions_are_told_for_files_that_are_not_shown_whole(
    tmp_path: Path,
) -> None:
    files = ["app/greet.py", "tests/test_greet.py", "app/long.py"]
    first, *_ = await prompts(tmp_path, EDITS, files)
    assert "app/long.py: 628 lines, early_0 1-2, early_1 5-6" in first
    assert "app/greet.py: " not in first.rpartition("The task's files:")[2].partition("If lines")[0]


async def test_of_many_definitions_those_that_the_task_speaks_of_are_told_first(
    tmp_path: Path,
) -> None:
    files = ["app/greet.py", "app/long.py"]
    first, *_ = await prompts(tmp_path, EDITS, files, ["the `wanted` of early_149 stays"])
    told = first.rpartition("The task's files:")[2]
    assert "app/long.py: 628 lines, early_0 1-2" in told
    assert ", early_149 597-598, Engine.wanted 602-603, wanted 606-627\n" in told
    assert "early_148" not in told


async def test_a_worker_is_told_what_others_do_and_its_own_task_once(tmp_path: Path) -> None:
    first, *_ = await prompts(tmp_path, EDITS)
    assert "Done by others: T2 Tell of it [README.md]" in first
    assert first.count("Add a loud flag") == 1


async def test_a_rename_is_told_every_place_before_it_begins(tmp_path: Path) -> None:
    plan = json.dumps(
        {
            "summary": "s",
            "tasks": [
                {"title": "t", "intent": "i", "files": ["app/greet.py", "tests/test_greet.py"]}
            ],
            "searches": ["greet"],
        }
    )
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", plan, EDITS, EDITS)
    await run.do(StartRun("rename `greet` to `hail` in app/greet.py"), RunOn(Phase.GENERATE))
    planner, writer = (run.model.asked[n].prompt for n in (0, 1))
    for prompt in (planner, writer):
        assert "`greet` stands 4 times in source and tests:" in prompt
        assert 'tests/test_greet.py:5: assert greet("Ada") == "Hello, Ada!"' in prompt
    assert "README.md:3" not in planner


async def test_a_planner_is_told_which_files_hold_the_names_of_a_goal(tmp_path: Path) -> None:
    more = {**GREETING, "docs/use.md": "Call `greet`.\n", "key.pem": "greet\n"}
    run = open_played(make_repository(tmp_path / "r", more), tmp_path / "s", "no plan", "none")
    goal = "Let `greet.greet(up=True)`, `greet()` and test_greet say how_often, not `up`."
    await run.do(StartRun(goal), RunOn(Phase.PLAN))
    prompt = run.model.asked[0].prompt
    told = prompt.partition("How often each file holds the goal's names:")[2].split("\n")[2:5]
    assert told[0].startswith("greet: tests/test_greet.py 3, README.md 1, app/greet.py 1")
    assert "docs/use.md 1" in told[0]
    assert told[1].startswith("test_greet: tests/test_greet.py 1")
    assert told[2].startswith("~~~"), "a name that is nowhere, or a short word, has no line"


async def test_of_a_name_of_many_files_a_few_are_told(tmp_path: Path) -> None:
    many = {**GREETING, **{f"app/m{n}.py": "greet()\n" * (n + 3) for n in range(14)}}
    run = open_played(make_repository(tmp_path / "r", many), tmp_path / "s", "no plan", "none")
    await run.do(StartRun("Let `greet` shout."), RunOn(Phase.PLAN))
    prompt = run.model.asked[0].prompt
    row = "greet: app/m13.py 16, app/m12.py 15, app/m11.py 14, app/m10.py 13 and 13 more files"
    assert f"\n{row}\n" in prompt


async def test_a_long_list_of_places_is_cut_and_says_so(tmp_path: Path) -> None:
    many = {**GREETING, "app/many.py": "".join(f"greet({n})  # {'x' * 60}\n" for n in range(200))}
    run = open_played(make_repository(tmp_path / "r", many), tmp_path / "s", "no plan", "none")
    await run.do(StartRun("replace every `greet` in app/many.py"), RunOn(Phase.PLAN))
    assert "`greet` stands 204 times" in run.model.asked[0].prompt
    assert "(and more)" in run.model.asked[0].prompt


async def test_what_was_asked_for_is_shown_at_once_when_the_work_is_sent_back(
    tmp_path: Path,
) -> None:
    run = open_played(
        make_repository(tmp_path / "r", FILES),
        tmp_path / "s",
        PLAN,
        "NEED app/long.py wanted",
        EDITS,
        EDITS,
        checker=ScriptedChecker(Outcome.FAIL),
    )
    await run.do(StartRun("greet(name) in app/greet.py can be loud"), RunOn(Phase.VERIFY))
    written = [call.prompt for call in run.model.asked if call.phase is Phase.GENERATE]
    assert len(written) == 3
    assert "step_19 = 19" not in written[0]
    assert "step_19 = 19" in written[1] and "step_19 = 19" in written[2]
    assert "assert said fail" in written[2]
    receipt = run.state.phases[Phase.GENERATE].receipt
    assert isinstance(receipt, GenerateReceipt)
    assert receipt.outputs[0].asked == ("app/long.py:606-627",)


async def test_what_was_asked_for_is_shown_at_once_after_a_reply_that_cannot_be_read(
    tmp_path: Path,
) -> None:
    root, no_edits = make_repository(tmp_path / "r", FILES), "I would rather not."
    need = "NEED app/long.py wanted"
    run = open_played(root, tmp_path / "s", PLAN, need, no_edits, EDITS)
    await run.do(StartRun("greet(name) in app/greet.py can be loud"), RunOn(Phase.GENERATE))
    written = [call.prompt for call in run.model.asked if call.phase is Phase.GENERATE]
    assert ["step_19 = 19" in prompt for prompt in written] == [False, True, True]
