import asyncio
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

from core.domain.context import Candidate, ContextItem, Trust
from core.domain.events import ContextAdded, EditsStaged, IndexAdvanced, OutputEdited, RunStarted
from core.domain.goal import Budget, Goal, Scope
from core.domain.hunk import FileEdit, FileOp, Hunk, HunkState, Need, NeedKind
from core.domain.model import ModelInfo
from core.domain.phase import ORDER, Phase
from core.domain.receipt import ContextReceipt
from core.domain.repository import RepositoryState
from tests.calling import CHECK, GOAL, RENAMED, ROOT, User
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played
from tui.exit_codes import ExitCode
from tui.keyless import keyless
from tui.keymap import ACTIONS
from tui.line import LineMode
from tui.line_input import Interrupted
from tui.line_words import OF_ACTIONS, WORDS, completions, explained, parsed

LOUD = "let `greet` shout"


class Typist:
    """Types prepared lines one after another and keeps what was printed."""

    is_live = False

    def __init__(self, *lines: str | Exception) -> None:
        self.left = list(lines)
        self.printed: list[str] = []

    async def read(self, prompt: str, draft: str = "") -> str:
        await asyncio.sleep(0)
        line = self.left.pop(0) if self.left else EOFError()
        if isinstance(line, Exception):
            raise line
        return line

    def write(self, text: str) -> None:
        self.printed += text.split("\n")

    def interrupt(self) -> bool:
        return False

    @property
    def text(self) -> str:
        return "\n".join(self.printed)

    def after(self, line: str) -> list[str]:
        """What was printed between this line and the next prompt."""
        start = len(self.printed) - self.printed[::-1].index(f"relaypair> {line}")
        rest = self.printed[start:]
        ends = [i for i, text in enumerate(rest) if text.startswith(("relaypair> ", "goal    "))]
        return rest[: ends[0]] if ends else rest


@pytest.fixture
async def played(tmp_path: Path) -> Played:
    make_repository(tmp_path / "r", GREETING)
    return open_played(tmp_path / "r", tmp_path / "s", PLAN, EDITS)


async def typed(played: Played, *lines: str | Exception, goal: str = LOUD) -> Typist:
    typist = Typist(*lines)
    await LineMode(played.session, typist).run(goal)
    return typist


async def test_every_change_is_one_line_and_streamed_text_is_not_printed(played: Played) -> None:
    typist = await typed(played, "run", "tail 3")
    assert typist.printed[0] == f"goal: {LOUD}"
    assert "generate: waiting for the first token; `cancel` stops it" in typist.printed
    assert "waiting: 3 hunks undecided" in typist.printed
    assert [x for x in typist.printed if "SEARCH" in x] == []
    assert typist.after("tail 3")[-1] == "pytest -q: pass"


async def test_a_run_is_steered_checked_landed_and_undone_by_words(played: Played) -> None:
    before = (played.root / "app/greet.py").read_bytes()
    typist = await typed(
        played, "run", "review", "y", "n", "y", "land", "verify", "land", "land", "undo", "undo"
    )
    assert "but exactly these were not checked" in typist.text
    assert any("Will write 2 hunks to 2 files" in x and ", verified." in x for x in typist.printed)
    assert "landed 2 hunks in 2 files, verified" in typist.printed
    assert typist.after("undo") == ["undoing 2 files", "undone: 2 files restored byte for byte"]
    assert (played.root / "app/greet.py").read_bytes() == before
    assert "resume  relaypair resume run1" in typist.printed


@pytest.mark.parametrize("between", ["hunks", "", "land unverified"])
async def test_another_line_disarms_landing(played: Played, between: str) -> None:
    await typed(played, "run", "accept 1", "verify", "land", between, "land")
    assert played.state.landings == ()


async def test_unchecked_hunks_land_with_the_word_unverified_only(played: Played) -> None:
    typist = await typed(played, "run", "accept 1", "land", "land")
    assert played.state.landings == ()
    assert "land unverified" in typist.after("land")[0]


async def test_landing_unverified_says_so_and_wants_the_words_again(played: Played) -> None:
    typist = await typed(played, "run", "accept 1", "land unverified", "land unverified")
    assert [x.verified for x in played.state.landings] == [False]
    assert any("NOT VERIFIED" in x for x in typist.printed)


async def test_review_goes_hunk_by_hunk_with_the_letters_of_add_p(played: Played) -> None:
    typist = await typed(played, "run", "review", "?", "x", "yes", "j", "k", "n", "s", "q")
    questions = [x for x in typist.printed if x.startswith("Accept hunk")]
    assert questions[0] == "Accept hunk 1 of 3 in app/greet.py [y,n,Y,N,a,d,A,D,e,j,J,g,q,?] ?"
    assert "`yes` is none of" in typist.text
    places = [re.search(r"hunk (\d+)", q)[1] for q in questions]  # type: ignore[index]
    assert places[:6] == ["1", "1", "1", "1", "2", "1"]
    assert played.state.decision(played.state.hunks[0].id) is HunkState.REJECTED
    assert "q  leave the review                      ?  this help" in typist.printed


async def test_review_accepts_the_rest_of_a_file_and_goes_on_in_the_next(played: Played) -> None:
    typist = await typed(played, "run", "review", "a", "d")
    states = {h.path: played.state.decision(h.id) for h in played.state.hunks}
    assert states == {"app/greet.py": HunkState.ACCEPTED, "tests/test_greet.py": HunkState.REJECTED}
    assert "2 accepted, 1 rejected." in typist.printed[-4]


async def test_after_a_decision_the_next_undecided_hunk_comes_first(played: Played) -> None:
    typist = await typed(played, "run", "review", "j", "y", "y", "q")
    places = [x.split()[2] for x in typist.printed if x.startswith("Accept hunk")]
    assert places == ["1", "2", "3", "1"]


async def test_review_takes_back_and_goes_to(played: Played) -> None:
    typist = await typed(played, "run", "review", "y", "u", "g 3", "y", "g greet_loud", "q")
    assert sum(s is HunkState.ACCEPTED for s in played.state.decisions.values()) == 1
    assert played.state.decision(played.state.hunks[2].id) is HunkState.ACCEPTED
    assert "Hunk 3 of 3 in tests/test_greet.py" in typist.text


async def test_splitting_a_hunk_goes_on_with_its_parts(played: Played) -> None:
    typist = await typed(played, "run", "hunks", "review 2", "s", "y", "q")
    assert len(played.state.hunks) > 3
    assert played.state.decision(played.state.hunks[1].id) is HunkState.ACCEPTED
    assert "a hunk was split into" in typist.text


def leaning(played: Played) -> tuple[Hunk, Hunk]:
    """Stage a definition and a use of it."""
    definition = Hunk("d", "a.py", 0, (), ("def f(): pass\n",))
    why = Need("d", NeedKind.SOFT, "uses f, which a.py defines")
    use = Hunk("u", "b.py", 2, ("x\n",), ("f()\n",), needs=(why,), matched_by="indentation")
    files = tuple(FileEdit(h.path, FileOp.MODIFY, "b", "b", False, (h,)) for h in (definition, use))
    goal = RunStarted(Goal("review", Scope(), Budget()), played.session.state.repository)
    played.session.begin_review("review", [goal, EditsStaged(files)])
    return definition, use


async def test_a_hunk_is_accepted_with_all_it_needs_by_one_letter(played: Played) -> None:
    leaning(played)
    typist = await typed(played, "hunk 2", "review 2", "Y", goal="")
    told = typist.after("hunk 2")
    assert "placed: indentation" in told[0]
    assert told[1] == "needs 1 more hunk: uses f, which a.py defines (hunk 1)"
    questions = [x for x in typist.printed if x.startswith("Accept hunk")]
    assert "[y,n,Y,a," in questions[0]
    assert {played.state.decision(i) for i in "du"} == {HunkState.ACCEPTED}
    await typed(played, "undo decision", goal="")
    assert {played.state.decision(i) for i in "du"} == {HunkState.PENDING}


async def test_a_hunk_is_rejected_with_all_that_need_it_by_one_word(played: Played) -> None:
    leaning(played)
    typist = await typed(played, "accept needed 2", "reject needed 1", "hunk 2", goal="")
    assert {played.state.decision(i) for i in "du"} == {HunkState.REJECTED}
    assert len(played.state.history) == 2
    await typed(played, "accept 2", goal="")
    typist = await typed(played, "hunk 2", goal="")
    assert "needs 1 hunk not accepted: uses f, which a.py defines (hunk 1)" in typist.printed


async def test_lists_are_numbered_and_numbers_choose(played: Played) -> None:
    typist = await typed(
        played, "run", "context", "context pin 2", "context", "context drop 1", "plan", "hunks",
        "context add README.md:1-2", "hunk 3", "accept 1-2", "context pin 99", "accept 7", "phases",
    )  # fmt: skip
    second = next(x for x in typist.after("context") if x.startswith("  1  ")).split()[1]
    assert second in {i.id for i in played.state.items if i.state.value == "dropped"}
    assert typist.after("plan")[0] == "  1  T1 Add a loud flag (medium risk)"
    assert typist.after("hunks")[0].startswith("  1  app/greet.py:1 ")
    assert "README.md:1-2" in {i.id for i in played.state.items}
    assert sum(s is HunkState.ACCEPTED for s in played.state.decisions.values()) == 2
    assert typist.after("context pin 99") == ["Say the number of an item; `context` lists them."]
    assert typist.after("accept 7") == ["There are hunks 1 to 3; `hunks` lists them."]
    assert len(typist.after("phases")) == len(ORDER)


async def test_items_keep_the_numbers_of_the_list_that_was_printed(played: Played) -> None:
    typist = await typed(played, "step", "context", "context drop 1", "context pin 2")
    rows = [row.split() for row in typist.after("context") if re.match(r" +[12]  ", row)]
    states = {item.id: item.state.value for item in played.state.items}
    assert [states[row[1]] for row in rows] == ["dropped", "pinned"]


async def test_the_context_is_told_with_its_cost_and_who_is_sent_it(played: Played) -> None:
    typist = await typed(played, "step", "context", "context sort", "context read 1")
    told = typist.after("context")
    assert re.fullmatch(r" {5}\d+ of 3\.6k tokens [#-]{10}", told[0])
    assert told[1].startswith("  1  ")
    assert any(x.startswith("     plan (planner) is sent all of these") for x in told)
    sizes = [int(re.search(r"(\d+) tokens", x)[1]) for x in typist.after("context sort")]  # type: ignore[index]
    assert sizes == sorted(sizes, reverse=True) and len(sizes) > 1
    first = played.state.context[0]
    read = typist.after("context read 1")
    assert read[0] == first.id
    assert read[-1].startswith(f"{first.end} | ")


async def test_files_that_are_not_quoted_are_listed_and_too_many_tokens_named(
    played: Played,
) -> None:
    heavy = ContextItem("a.py:1-9", "a.py", 1, 9, "x", 4_000, 1.0, "why", Trust.CODE)
    further = Candidate("b.py", 0.5, "text", Trust.CODE, 700)
    ranked = OutputEdited(Phase.RETRIEVE, ContextReceipt(further=(further,)))
    began = RunStarted(Goal(LOUD), RepositoryState("/r", "git", "", "main", "clean"))
    played.session.begin_review(LOUD, [began, ContextAdded(heavy), ranked])
    told = (await typed(played, "context", goal="")).after("context")
    assert told[1] == "     ! over by 400; all of it is sent unless you drop a.py:1-9 (4.0k)"
    at = next(n for n, x in enumerate(told) if "ranked, not quoted: 1 file; `context add" in x)
    assert told[at + 1] == "     b.py  700 tokens, repo:code  text"


async def test_context_is_added_by_path_by_lines_or_by_the_name_of_a_definition(
    played: Played,
) -> None:
    typist = await typed(
        played, "context add part", "context add README.md", "context add app/greet.py:1-2",
        "context add nosuchthing", "context add app/none.py", "context add",
    )  # fmt: skip
    assert [i.id for i in played.state.items] == [
        "app/greet.py:9-10",
        "README.md:1-4",
        "app/greet.py:1-2",
    ]
    assert "There is no file nosuchthing" in typist.after("context add nosuchthing")[0]
    assert "There is no file app/none.py" in typist.after("context add app/none.py")[0]
    assert "`context add NAME`" in typist.after("context add")[0]


async def test_a_name_that_is_defined_twice_lists_its_places(tmp_path: Path) -> None:
    again = {"app/other.py": "X = 1\n\n\ndef part(name):\n    return name\n"}
    make_repository(tmp_path / "r", GREETING | again)
    played = open_played(tmp_path / "r", tmp_path / "s")
    told = (await typed(played, "context add part")).after("context add part")
    assert told == [
        "part is defined in 2 places; say which one:",
        "  context add app/greet.py:9-10  part function",
        "  context add app/other.py:4-5  part function",
    ]
    assert played.state.items == ()


async def test_a_failed_search_names_the_words_that_help(played: Played) -> None:
    typist = await typed(played, "step", "context", goal="zzqx wvvk")
    told = typist.after("context")
    assert told[0].startswith("     ! nothing here speaks of")
    assert "`context add NAME` adds" in told[1]


async def test_reading_is_told_by_tenths_and_small_readings_are_no_news(played: Played) -> None:
    many = [IndexAdvanced(done, 1_000) for done in (*range(25, 1_000, 25), 1_000)]
    began = RunStarted(Goal(LOUD), RepositoryState("/r", "git", "", "main", "clean"))

    class Live(Typist):
        async def read(self, prompt: str, draft: str = "") -> str:
            if self.left:
                played.session.begin_review(LOUD, [began, *many, IndexAdvanced(3, 3)])
            return await super().read(prompt, draft)

    typist = Live("# a remark")
    await LineMode(played.session, typist).run()
    told = [x for x in typist.printed if "files for the search" in x]
    assert len(told) == 10
    assert told[0] == "read 100 of 1,000 files for the search"
    assert told[-1] == "read 1,000 of 1,000 files for the search"


async def test_the_plan_is_steered_by_number(played: Played) -> None:
    typist = await typed(
        played, "run plan", "task include 1", "plan", "receipt plan", "task include 5"
    )
    assert [t.included for t in played.state.tasks] == [False]
    assert typist.after("plan")[0].endswith("left out)")
    assert "Let greet shout." in typist.after("receipt plan")
    assert typist.after("task include 5") == ["Say the number of a task; `plan` lists them."]
    assert played.state.cursor is Phase.GENERATE


async def test_models_are_listed_with_numbers_and_swapped_by_them(tmp_path: Path) -> None:
    known = (
        ModelInfo("x/one", 1.0, 2.0, 8000, "X_KEY", True),
        ModelInfo("x/two", None, None, None, "X_KEY", True),
        ModelInfo("y/three", 1.0, 2.0, 8000, "Y_KEY", False),
    )
    make_repository(tmp_path / "r", GREETING)
    played = open_played(tmp_path / "r", tmp_path / "s", known=known)
    typist = await typed(
        played,
        "models",
        "model generate 2",
        "model plan z/any",
        "models three",
        "model x y",
        "model plan 9",
        "model plan",
    )
    assert [x.split()[1] for x in typist.after("models")[1:3]] == ["x/one", "x/two"]
    assert "needs Y_KEY" in typist.after("models three")[1]
    assert played.state.routes[Phase.GENERATE].model == "x/two"
    assert played.state.routes[Phase.PLAN].model == "z/any"
    assert typist.after("model x y")[0].startswith("Say `model PHASE NAME`")
    assert "no model 9 in the last list" in typist.after("model plan 9")[0]
    assert typist.after("model plan")[0] == "plan: z/any (keystroke)"


async def test_a_question_is_answered_by_a_word(tmp_path: Path) -> None:
    make_repository(tmp_path / "r", GREETING)
    played = open_played(tmp_path / "r", tmp_path / "s", PLAN, EDITS, approved=False)
    typist = await typed(played, "run", "question", "approve 2", "approve", "run")
    assert typist.after("question")[0] == "  1  may `pytest -q` run? It is proposed by --check."
    assert typist.after("approve 2") == ["Say `approve NUMBER`, from 1 to 1."]
    assert played.checker.ran
    assert played.state.cursor is None


async def test_an_unanswered_question_is_the_exit_code_of_a_script(tmp_path: Path) -> None:
    make_repository(tmp_path / "r", GREETING)
    played = open_played(tmp_path / "r", tmp_path / "s", PLAN, EDITS, approved=False)
    assert await LineMode(played.session, Typist("run")).run(LOUD) is ExitCode.ASKED


async def test_goal_notes_and_reruns(played: Played) -> None:
    typist = await typed(
        played,
        "goal let greet sing",
        "note be kind",
        "run retrieve",
        "rerun retrieve look again",
        "goal",
        goal=LOUD,
    )
    assert played.state.goal.text == "let greet sing"
    assert played.state.notes == ("be kind",)
    assert played.state.phases[Phase.RETRIEVE].note == "look again"
    assert typist.after("goal")[0] == "let greet sing"


async def test_going_back_and_skipping_want_the_word_again(played: Played) -> None:
    await typed(played, "run retrieve", "skip", "back", "back")
    assert played.state.cursor is Phase.RETRIEVE
    assert played.state.phases[Phase.PLAN].state.value == "pending"


async def test_what_is_no_word_gets_a_near_one_and_does_nothing(played: Played) -> None:
    typist = await typed(played, "stpe", "zzzzzz", "# a remark", "")
    assert typist.after("stpe") == ["`stpe` is no word here; did you mean `step`?"]
    assert typist.after("zzzzzz") == ["`zzzzzz` is no word here; `help` lists the words."]
    assert typist.after("# a remark") == []
    assert played.names()[0] == "RunStarted"
    assert "PhaseStarted" not in played.names()


async def test_refusals_name_words_and_not_keys(played: Played) -> None:
    typist = await typed(played, "verify", "step", "rerun verify", "undo decision", goal="")
    assert typist.after("verify") == ["refused: There is no goal yet; `goal TEXT` takes one up."]


def test_no_key_of_the_app_is_left_in_what_core_says() -> None:
    """Letters that stand where a key would."""
    key = re.compile(
        r"press \S(?!\w)|\s\([A-Za-z0!.]\)|(?:^|[\s:,;])[VLUPSBR.!] (?:checks|lands|pauses|again|brings"
        r"|runs|takes|goes)\b|\be edits\b|\by accepts\b|\bwith U\b"
    )
    left = []
    for path in sorted((ROOT / "core").rglob("*.py")):
        if "demo" not in path.parts:
            text = re.sub(r'"\s*\n\s*f?"', "", path.read_text())
            left += [
                f"{path.name}: {s}"
                for s in re.findall(r'f?"([^"\n]{8,})"', text)
                if key.search(keyless(s))
            ]
    assert left == []


def test_what_the_user_wrote_is_not_reworded() -> None:
    assert keyless("press . to start") != "press . to start"
    assert parsed("note press . to start (r)") == ("note", "press . to start (r)")


def test_every_word_of_the_registry_does_something_here() -> None:
    assert {a.id for a in ACTIONS if a.word} == set(OF_ACTIONS)
    for word in ("review", "tail", "cancel", "approve", "land", "context add", "quit"):
        assert word in WORDS
    assert all(explained(word) for word in WORDS)


def test_the_longest_word_wins() -> None:
    assert parsed("context add a b.py:1-2") == ("context add", "a b.py:1-2")
    assert parsed("  Accept   Rest 3 ") == ("accept rest", "3")
    assert parsed("context 3") == ("context", "3")
    assert parsed("frobnicate x") == ("", "frobnicate x")


def test_tab_completes_words_phases_models_and_paths() -> None:
    models, paths = ("x/one", "y/two"), ("app/greet.py", "README.md")
    assert completions("rev", models, paths) == ("review",)
    assert "pin" in completions("context ", models, paths)
    assert completions("rerun gen", models, paths) == ("generate",)
    assert completions("model plan x", models, paths) == ("x/one",)
    assert completions("context add app", models, paths) == ("app/greet.py",)
    assert completions("land un", models, paths) == ("unverified",)


async def test_ctrl_c_drops_a_draft_then_quits_at_the_second_press(played: Played) -> None:
    typist = await typed(
        played, Interrupted("half a line"), Interrupted(), Interrupted(), "goal never read"
    )
    assert typist.left == ["goal never read"]
    assert typist.text.count("ctrl+c again quits") == 1


async def test_ctrl_c_in_a_review_leaves_it_and_keeps_decisions(played: Played) -> None:
    typist = await typed(played, "run", "review", "y", Interrupted(), "hunks")
    assert "1 accepted" in typist.after("hunks")[-1]


def test_landing_is_promised_for_rejected_hunks_of_a_change_on_disk(tmp_path: Path) -> None:
    user = User(tmp_path / "home", make_repository(tmp_path / "r", RENAMED))
    user.write("a.py", RENAMED["a.py"].replace("1", "9"))
    done = user.call("review", "--line", stdin="accept 1\nland\nland unverified\n")
    assert "leave 1 hunk as they are on disk" in done.out
    assert done.code == ExitCode.DONE


class Tty:
    """The line mode in a real terminal."""

    def __init__(self, user: User, *arguments: str, **env: str) -> None:
        self.screen = pyte.Screen(100, 40)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        full = user.environment(**{"TERM": "xterm", **env})
        self.child = pexpect.spawn(
            sys.executable,
            [str(ROOT / "relaypair.py"), *arguments],
            env=full,  # type: ignore[arg-type]
            cwd=str(user.root),
            dimensions=(40, 100),
            timeout=15,
        )

    def sees(self, text: str) -> None:
        self.child.expect_exact(text)
        self._keep()

    def _keep(self) -> None:
        data = (
            self.child.before + self.child.after
            if isinstance(self.child.after, bytes)
            else self.child.before
        )
        self.raw += data
        self._stream.feed(data)

    def types(self, text: str) -> None:
        self.child.sendline(text)

    def ended(self) -> int:
        self.child.expect(pexpect.EOF)
        self._keep()
        self.child.close()
        return int(self.child.exitstatus or 0)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path / "home", make_repository(tmp_path / "r", RENAMED))


@pytest.fixture
def opened(user: User) -> Iterator["type[Tty]"]:
    made: list[Tty] = []

    class Opened(Tty):
        def __init__(self, *arguments: str, **env: str) -> None:
            super().__init__(user, *arguments, **env)
            made.append(self)

    yield Opened
    for tty in made:
        tty.child.close(force=True)


PLACES = [
    pytest.param({}, id="terminal"),
    pytest.param({"TERM": "dumb"}, id="dumb"),
    pytest.param({"LANG": "C", "LC_ALL": "C", "NO_COLOR": "1"}, id="C locale"),
]
PROMPT = "relaypair>"


@pytest.mark.parametrize("env", PLACES)
def test_a_goal_is_landed_at_a_terminal(user: User, opened: type[Tty], env: dict[str, str]) -> None:
    tty = opened("line", GOAL, "--check", CHECK, **env)
    tty.sees(PROMPT)
    for line, answer in [
        ("run", "4 hunks undecided"),
        ("review", "Accept hunk 1 of 4 in a.py"),
        ("A", "Accept hunk 3 of 4 in b.py"),
        ("A", "`land` writes them."),
        ("verify", "passed; `land` lands them"),
        ("land", "again to do it."),
        ("land", "landed 4 hunks in 2 files, verified"),
    ]:
        tty.types(line)
        tty.sees(answer)
    tty.types("quit")
    assert tty.ended() == ExitCode.DONE
    assert "new_name" in user.read("a.py")
    assert b"relaypair resume " in tty.raw
    assert b"\x1b[?1049h" not in tty.raw
    assert not re.search(rb"\x1b\[[0-9;]*(?:3[0-7]|38|9[0-7])[0-9;]*m", tty.raw)
    if env.get("TERM") == "dumb":
        assert b"\x1b" not in tty.raw


def test_ctrl_d_quits_and_the_run_resumes_line_by_line(opened: type[Tty]) -> None:
    tty = opened("line", GOAL)
    tty.sees(PROMPT)
    tty.types("run")
    tty.sees("4 hunks undecided")
    tty.types("accept 1")
    tty.sees("1 hunk accepted by user")
    tty.sees(PROMPT)
    tty.child.sendeof()
    assert tty.ended() == 0
    again = opened("resume", "--line")
    again.sees("run resumed")
    again.types("hunks")
    again.sees("3 undecided, 1 accepted")


def test_tab_completes_at_the_prompt(opened: type[Tty]) -> None:
    tty = opened("line", GOAL)
    tty.sees(PROMPT)
    tty.child.send("veri\t")
    tty.sees("verify")
    tty.types("")
    tty.sees("refused: Nothing is accepted yet")


def test_the_editor_rewrites_the_added_lines(user: User, opened: type[Tty]) -> None:
    editor = user.home / "edit.sh"
    editor.parent.mkdir(exist_ok=True)
    editor.write_text('#!/bin/sh\nsed -i s/new_name/newer_name/ "$1"\n')
    editor.chmod(0o700)
    tty = opened("line", GOAL, EDITOR=str(editor))
    tty.sees(PROMPT)
    tty.types("run")
    tty.sees("4 hunks undecided")
    tty.types("review")
    tty.sees("Accept hunk 1 of 4")
    tty.types("e")
    tty.sees("+def newer_name(x):")
    tty.types("y")
    tty.sees("Accept hunk 2 of 4")


def test_ctrl_c_cancels_the_running_check_first_and_quits_at_two_more(opened: type[Tty]) -> None:
    tty = opened("line", GOAL, "--check", "sleep 60")
    tty.sees(PROMPT)
    tty.types("run")
    tty.sees("verify: started")
    tty.child.sendintr()
    tty.sees("verify: stopped")
    tty.child.sendintr()
    tty.sees("ctrl+c again quits")
    tty.child.sendintr()
    assert tty.ended() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_terminated_keeps_the_run_and_says_how_to_come_back(
    opened: type[Tty], number: signal.Signals
) -> None:
    tty = opened("line", GOAL, "--check", "sleep 60")
    tty.sees(PROMPT)
    tty.types("run")
    tty.sees("verify: started")
    os.kill(tty.child.pid, number)
    tty.sees("relaypair resume")
    assert tty.ended() == ExitCode.ASKED


def test_a_dumb_terminal_gets_lines_without_asking_for_them(opened: type[Tty]) -> None:
    tty = opened("app", GOAL, TERM="dumb")
    tty.sees("Line mode")
    tty.sees(PROMPT)


def test_hostile_names_cannot_drive_the_terminal(tmp_path: Path, user: User) -> None:
    evil = "\x1b]0;owned\x07\u202e"
    user.write("a.py", f"# {evil}\n{RENAMED['a.py']}")
    done = user.call(
        "line", f"rename `old_name` to `new_name` {evil}", stdin="run\nhunks\nreview\nq\ncontext\n"
    )
    assert "\x1b" not in done.out and "\u202e" not in done.out
    assert "<U+001B>" in done.out


def test_a_script_waits_for_the_relay_before_its_next_line(user: User) -> None:
    done = user.call("line", GOAL, stdin="run\nhunks\n")
    rows = done.out.splitlines()
    assert rows.index("relaypair> hunks") > rows.index("waiting: 4 hunks undecided")
    assert done.code == ExitCode.DONE


def test_a_failed_phase_is_the_exit_code_of_a_script(user: User) -> None:
    assert (
        user.call("line", "make a.py more friendly to old_name", stdin="run\n").code
        == ExitCode.FAILED
    )
