"""Which settings hold in an arm: those of the goals file, and the user's only where it is said."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from core.compare.goals import read_goals
from core.domain.errors import Refused
from core.domain.phase import Phase
from core.domain.route import Parameters
from tests.calling import RENAMED, User
from tests.playing import EDITS, GREETING, PLAN, make_repository
from tests.servers import running_fault_server
from tui.exit_codes import ExitCode

GOAL = '[[goal]]\nid = "one"\ntext = "rename `old_name` to `new_name`"\nhidden = [["true"]]\n'
ENGINE = '[arms.engine]\nmodels = { plan = "builtin/rewrite", generate = "builtin/rewrite" }\n'
NOBODY = '[arms.nobody]\nmodel = "local"\n'


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path / "home", make_repository(tmp_path / "r", RENAMED))


def test_an_arm_gives_its_phases_what_its_own_tables_say() -> None:
    own = '[arms.engine.phases.generate]\ntemperature = 0.2\nmax_output = 900\nsystem = "Be brief."\n[arms.engine.phases.summary]\ntemperature = 1\n'
    engine, nobody = read_goals("g.toml", (GOAL + ENGINE + own + NOBODY).encode()).arms
    assert engine.phases == {
        Phase.GENERATE: Parameters(0.2, 900, "Be brief."),
        Phase.REVIEW: Parameters(1.0),
    }
    assert nobody.phases == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[arms.engine.phases.cook]\n", "arms.engine.phases.cook: no such phase"),
        ("[arms.engine.phases.plan]\nsystm = 'x'\n", "systm: unknown setting; did you mean system"),
        ("[arms.engine.phases.plan]\ndollars = 1\n", "plan.dollars: unknown setting"),
        ("[arms.engine.phases.plan]\ntemperature = 9\n", "temperature: must be a number from 0"),
        ("[arms.engine]\nphases = 1\n", "g.toml"),
    ],
)
def test_what_an_arm_cannot_be_given_is_refused(text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read_goals("g.toml", (GOAL + ENGINE + NOBODY + text).encode())


def page(user: User) -> str:
    [found] = [p for p in user.state() if p.suffix == ".html"]
    return found.read_text()


def compared(user: User, text: str, **env: str) -> str:
    user.write("../goals.toml", text)
    done = user.call("compare", "../goals.toml", env=env)
    assert done.code == ExitCode.DONE, done.err
    return done.out


LEFT_OUT = "of your own settings is left out, but for local_only."


def test_the_report_says_what_was_set_and_what_of_the_users_held(user: User) -> None:
    user.configure(
        '[phases.plan]\nsystem = "Only mine."\n[budget]\ntokens = 9_000\ndollars = 3\n'
        '[checks]\ncommands = [["true", "now"]]\n'
    )
    own = '[arms.nobody.phases.generate]\ntemperature = 0.2\nsystem = "Of the file."\n'
    out = compared(user, GOAL + ENGINE + NOBODY + own, RELAYPAIR_LOCAL_ONLY="plan")
    for text in (out.replace("\\", ""), page(user)):
        assert LEFT_OUT in text
        assert "Only mine." not in text
        assert "holds where a goal names none: $3.00 or 9,000 tokens." in text
        assert "where a goal names none: `true now`." in text
        assert "What these phases are sent stays on this machine: plan." in text
    assert "| nobody | generate | local | temperature 0.2, system: Of the file. |" in out
    assert "| engine | generate | builtin/rewrite | - |" in out


def test_nothing_is_said_to_hold_where_nothing_does(user: User) -> None:
    out = compared(user, GOAL + ENGINE + NOBODY)
    assert LEFT_OUT in out.replace("\\", "")
    assert "where a goal names none" not in out
    assert "stays on this machine" not in out


@pytest.mark.parametrize(
    ("config", "is_the_same"),
    [
        ('[phases.plan]\nsystem = "Only mine."\ntokens = 5\n', True),
        ("[budget]\ntokens = 900_000\n", False),
        ("[budget]\ncut = true\n", False),
        ('[checks]\ncommands = [["true"]]\n', False),
        ("[phases.plan]\nlocal_only = true\n", False),
    ],
)
def test_a_rerun_counts_earlier_runs_only_where_the_same_settings_hold(
    user: User, config: str, is_the_same: bool
) -> None:
    compared(user, GOAL + ENGINE + NOBODY)
    user.configure(config)
    done = user.call("compare", "../goals.toml")
    assert done.code == ExitCode.DONE, done.err
    assert ("[1/2]" not in done.err) is is_the_same


TALKING = """
[[goal]]
id = "loud"
text = "let `greet` take a loud flag"
hidden = [["grep", "-q", "loud", "app/greet.py"]]

[arms.plain]
models = { plan = "openai/plain", generate = "openai/plain" }
[arms.set]
models = { plan = "openai/set", generate = "openai/set" }
[arms.set.phases.generate]
temperature = 0.3
system = "Of the file."
"""


@pytest.mark.slow
async def test_calls_of_an_arm_are_given_what_the_file_says_and_nothing_of_the_users(
    tmp_path: Path,
) -> None:
    user = User(tmp_path / "home", make_repository(tmp_path / "r", GREETING))
    user.configure(
        '[phases.plan]\nsystem = "Only mine."\n[phases.generate]\ntemperature = 1.5\ntokens = 1\n'
    )
    user.write("../goals.toml", TALKING)
    async with running_fault_server() as server:
        await server.script({"plain": [PLAN, EDITS], "set": [PLAN, EDITS]})
        call = partial(user.call, "compare", "../goals.toml", env=server.env)
        done = await asyncio.to_thread(call)
        seen = [(row["model"], row["body"]) for row in await server.seen()]
    assert done.code == ExitCode.DONE, done.err
    assert "success" in done.err
    assert "Only mine." not in str(seen)
    assert [(model, body.get("temperature")) for model, body in seen] == [
        *[("plain", None)] * 2,
        ("set", None),
        ("set", 0.3),
    ]
    assert ["Of the file." in str(body) for _, body in seen] == [False, False, False, True]
