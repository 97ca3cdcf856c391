"""A reply that corrects one which was sent back: files it says nothing of keep their edits."""

from pathlib import Path

from core.adapters.scripted import Line, ScriptedChecker
from core.domain.check import Outcome
from core.domain.commands import RunOn, StartRun
from core.domain.phase import Phase, PhaseState
from core.domain.receipt import GenerateReceipt
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played, routes

GREET, TEST = (part + "\n" for part in EDITS.split("\ntests/test_greet.py\n"))
TEST = f"tests/test_greet.py\n{TEST}"
LOUDER = """\
The test was wrong.

tests/test_greet.py
<<<<<<< SEARCH
def test_greet():
    assert greet("Ada") == "Hello, Ada!"
=======
def test_greet():
    assert greet("Ada", loud=True) == "HELLO, ADA!"
>>>>>>> REPLACE
"""
GOAL = StartRun("greet(name) in app/greet.py can be loud")


async def sent_back(folder: Path, *lines: Line, failures: int = 1) -> Played:
    """A run whose check fails so often; generate's replies are `lines`."""
    run = open_played(
        make_repository(folder / "r", GREETING),
        folder / "s",
        PLAN,
        *lines,
        checker=ScriptedChecker(*[Outcome.FAIL] * failures, Outcome.PASS),
        models=routes(plan="x/planner", generate="x/writer > x/stronger"),
    )
    await run.do(GOAL, RunOn(Phase.VERIFY))
    return run


def result(run: Played) -> dict[str, str]:
    """The lines that each file would gain."""
    return {
        file.path: "\n".join(
            line for hunk in file.hunks for mark, line in hunk.rows() if mark == "+"
        )
        for file in run.state.files
    }


async def test_files_that_a_correction_says_nothing_of_keep_their_edits(tmp_path: Path) -> None:
    run = await sent_back(tmp_path, EDITS, LOUDER)
    assert run.state.phases[Phase.VERIFY].state is PhaseState.PASSED
    assert "loud=False" in result(run)["app/greet.py"]
    assert "test_greet_loud" not in result(run)["tests/test_greet.py"]
    prompt = run.model.asked[-1].prompt
    assert "Files that\nyou say nothing of keep their earlier edits" in prompt
    receipt = run.state.phases[Phase.GENERATE].receipt
    assert isinstance(receipt, GenerateReceipt)
    assert "edits of the attempt before stay in app/greet.py" in receipt.did
    assert receipt.outputs[0].files == ("tests/test_greet.py", "app/greet.py")


async def test_a_correction_of_all_files_keeps_nothing(tmp_path: Path) -> None:
    run = await sent_back(tmp_path, EDITS, GREET + LOUDER)
    receipt = run.state.phases[Phase.GENERATE].receipt
    assert isinstance(receipt, GenerateReceipt) and receipt.outputs[0].kept == ()
    assert "HELLO" in result(run)["tests/test_greet.py"]


async def test_a_file_s_edits_can_be_taken_back(tmp_path: Path) -> None:
    run = await sent_back(tmp_path, EDITS, f"DROP tests/test_greet.py\n\n{GREET}")
    assert list(result(run)) == ["app/greet.py"]


async def test_each_file_keeps_the_edits_that_it_had_last(tmp_path: Path) -> None:
    quieter = GREET.replace("loud=False", "loud=None")
    run = await sent_back(tmp_path, EDITS, LOUDER, quieter, failures=2)
    assert [call.model for call in run.model.asked][-1] == "x/stronger"
    assert "loud=None" in result(run)["app/greet.py"]
    assert 'loud=True) == "HELLO, ADA!"' in result(run)["tests/test_greet.py"]


async def test_edits_that_found_their_place_stay_when_others_did_not(tmp_path: Path) -> None:
    wrong = LOUDER.replace("def test_greet", "def test_of_another_file")
    run = await sent_back(tmp_path, GREET + wrong, LOUDER, failures=0)
    prompt = run.model.asked[-1].prompt
    assert "Your earlier reply edited app/greet.py, tests/test_greet.py." in prompt
    assert "loud=False" in result(run)["app/greet.py"]
    assert "HELLO" in result(run)["tests/test_greet.py"]


async def test_words_of_a_file_s_text_take_nothing_back(tmp_path: Path) -> None:
    noted = LOUDER.replace(
        'def test_greet():\n    assert greet("Ada", l',
        'DROP = 1\n# DROP app/greet.py\n\n\ndef test_greet():\n    assert greet("Ada", l',
    )
    run = await sent_back(tmp_path, EDITS, noted.replace("# DROP", "DROP"))
    assert "loud=False" in result(run)["app/greet.py"]
