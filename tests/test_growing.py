from pathlib import Path

from benchmarks.growing import HOLDING, Bill, Call, Run, conversation, relay, runs_in
from core.adapters.scripted import ScriptedChecker
from core.domain.check import Outcome
from core.domain.context import Trust
from tests.playing import EDITS, GREETING, PLAN, make_repository, open_played, routes

A = "~~~aaaaaaaa a.py lines 1-2 (repo:code)\none two\n~~~aaaaaaaa"
"""8 words."""
B = "~~~bbbbbbbb b.py lines 5-5 (repo:code)\nthree\n~~~bbbbbbbb"
"""7 words."""
PLANNING = Call("plan", f"S plan.\n\nGoal: do it\n\n{A}\n\nAnswer with a plan.", "the plan")
"""2 + 3 + 8 + 4 words, answered by 2."""
WRITING = Call(
    "generate",
    f"S write.\n\nGoal: do it\n\nFrom plan:\n- one task\n\nYour task, T1: a.py\n\n{A}\n\n{B}\n\n"
    "Write edits.",
    "the edit itself",
)
"""2 + 3 + 5 + 4 + 8 + 7 + 2 words, answered by 3; 9 of them are new."""
ASKING = Call("generate", WRITING.prompt, "NEED b.py:5-5")
JUDGING = Call("verify", "S judge.\n\nGoal: do it\n\nIs it done?", "yes")
FILES = {"a.py": "one two three four"}
SNIPPETS, SOURCES = HOLDING["snippets"], HOLDING["whole sources"]


def words(text: str) -> int:
    return len(text.split())


def thousands(text: str) -> int:
    return 1_000 * words(text)


def test_a_relay_costs_every_prompt_and_reply() -> None:
    run = Run("r", (PLANNING, WRITING, WRITING), FILES)
    assert relay(run, words) == {"plan": Bill(1, 17, 0, 2), "generate": Bill(2, 62, 0, 6)}


def test_a_conversation_sends_what_is_new_and_everything_before_it() -> None:
    run = Run("r", (PLANNING, WRITING), FILES)
    assert conversation(run, SNIPPETS, words) == Bill(2, 17 + (17 + 2 + 9), 0, 5)


def test_files_that_change_stand_whole_in_the_place_of_snippets() -> None:
    run = Run("r", (PLANNING, WRITING), FILES)
    first = 2 + 3 + 4 + words("a.py one two three four")
    assert conversation(run, SOURCES, words) == Bill(2, first + (first + 2 + 2), 0, 5)


def test_turns_that_a_conversation_need_not_take_are_left_out_with_their_replies() -> None:
    run = Run("r", (PLANNING, ASKING, WRITING, JUDGING), FILES)
    least = conversation(Run("r", (PLANNING, WRITING), FILES), SNIPPETS, words)
    assert conversation(run, SNIPPETS, words, fewer=True) == least
    assert conversation(run, SNIPPETS, words).calls == 4


def test_the_beginning_of_an_earlier_input_is_cached_when_it_is_long_enough() -> None:
    run = Run("r", (PLANNING, WRITING, WRITING), FILES)
    assert relay(run, words)["generate"].cached == 0
    assert relay(run, thousands)["generate"] == Bill(2, 62_000, 31_000, 6_000)
    assert relay(run, thousands)["generate"].priced == 31_000 + 3_100
    talk = conversation(Run("r", (PLANNING, WRITING), FILES), SNIPPETS, thousands)
    assert (talk.tokens_in, talk.cached, talk.priced) == (45_000, 19_000, 26_000 + 1_900)


async def test_of_a_real_relay_only_what_no_reply_has_said_becomes_a_question(
    tmp_path: Path,
) -> None:
    run = open_played(
        make_repository(tmp_path / "r", GREETING),
        tmp_path / "s",
        PLAN,
        EDITS,
        EDITS.replace("I add", "Again I add"),
        '{"decision": "approve"}',
        "Let greet shout",
        models=routes(plan="x/p", generate="x/g", verify="x/v", summary="x/s"),
        checker=ScriptedChecker(Outcome.FAIL, Outcome.PASS),
    )
    await run.play("let `greet` take a loud flag")
    (found,) = runs_in(tmp_path / "s" / "journal.sqlite")
    assert [call.phase for call in found.calls] == [
        "plan",
        "generate",
        "generate",
        "verify",
        "review",
    ]
    assert found.files == {p: GREETING[p] for p in ("app/greet.py", "tests/test_greet.py")}
    said: list[str] = []

    def note(text: str) -> int:
        said.append(text)
        return len(text)

    conversation(found, SNIPPETS, note)
    questions = "\n\n".join(said[::2])
    for restated in (
        "From plan",
        "Your task, T1",
        "+def greet(name, loud",
        "T1 must hold",
        "Plan:",
    ):
        assert restated not in questions
    for new in ("let `greet` take", "<<<<<<< SEARCH", "def greet(name):", "assert said fail"):
        assert questions.count(new) == 1
    said.clear()
    conversation(found, frozenset(Trust), note)
    for path in found.files:
        assert sum(GREETING[path] in question for question in said[::2]) == 1
    assert "lines 1-" not in "".join(said[::2])
