import pytest

from core.compare.goals import SECONDS, Arm, Case, read_goals
from core.domain.errors import Refused

GOAL = '[[goal]]\nid = "one"\ntext = "do it"\nhidden = [["true"]]\n'
ARMS = '[arms.strong]\nmodel = "x/large"\n[arms.relay]\nmodels = { plan = "x/large", generate = "y/small > x/large" }\n'
KNOBS = ("retrieve", "plan", "generate", "apply", "verify", "summary")


def test_an_arm_names_every_phase_and_takes_none_from_elsewhere() -> None:
    found = read_goals("g.toml", f'{GOAL}{ARMS}[arms.cheap]\npreset = "cheap"\n'.encode())
    assert found.cases == (Case("one", "do it", (("true",),), "HEAD", seconds=SECONDS),)
    assert found.arms == (
        Arm("strong", dict.fromkeys(KNOBS, "x/large")),
        Arm(
            "relay",
            dict.fromkeys(KNOBS, "local") | {"plan": "x/large", "generate": "y/small > x/large"},
        ),
        Arm("cheap", {}, "cheap"),
    )


def test_every_key_of_a_goal_is_read() -> None:
    more = 'commit = "v1"\nchecks = [["make", "t"]]\nhidden_files = { "./t/x.py" = "h/x.py" }\nseconds = 90\ndollars = 0.5\n'
    case = read_goals("g.toml", (GOAL + more + ARMS).encode()).cases[0]
    assert (case.commit, case.checks, case.seconds, case.dollars) == (
        "v1",
        (("make", "t"),),
        90,
        0.5,
    )
    assert case.hidden_files == {"t/x.py": "h/x.py"}


def test_the_arms_rotate_from_goal_to_goal() -> None:
    goals = "".join(GOAL.replace("one", name) for name in ("a", "b", "c", "d"))
    third = '[arms.third]\nmodel = "local"\n'
    order = [(c.id, a.name) for c, a in read_goals("g", (goals + ARMS + third).encode()).order()]
    assert [name for _, name in order] == [
        *("strong", "relay", "third"),
        *("relay", "third", "strong"),
        *("third", "strong", "relay"),
        *("strong", "relay", "third"),
    ]
    assert [goal for goal, _ in order] == [*"aaabbbcccddd"]


@pytest.mark.parametrize(
    "text, said",
    [
        ("[[goal", "g.toml is not valid TOML"),
        (ARMS, "g.toml: goal: is missing; add a [[goal]]"),
        (GOAL, "g.toml: arms: a comparison needs two"),
        (GOAL + "[arms.a]\nmodel = 'x'\n", "g.toml: arms: a comparison needs two"),
        (GOAL + ARMS + "[other]\n", "g.toml: other: unknown; known are goal, arms"),
        (GOAL + "hiden = []\n" + ARMS, "g.toml: goal 1.hiden: unknown; did you mean hidden?"),
        (GOAL.replace('[["true"]]', "[]") + ARMS, "goal 1.hidden: name at least one check"),
        (GOAL.replace('[["true"]]', '["true"]') + ARMS, "goal 1.hidden: must be a list of commands"),
        (GOAL.replace("one", "../x") + ARMS, "goal 1.id: must be 1 to 40 letters"),
        (GOAL.replace("do it", " ") + ARMS, "goal 1.text: must be a text that is not empty"),
        (GOAL + GOAL + ARMS, "goal.id: 'one' is there twice"),
        (GOAL + "seconds = 0\n" + ARMS, "goal 1.seconds: must be a number above 0"),
        (GOAL + "dollars = true\n" + ARMS, "goal 1.dollars: must be a number above 0"),
        (GOAL + 'hidden_files = { "../x" = "y" }\n' + ARMS, "hidden_files.../x: leads out"),
        (GOAL + ARMS + '[arms.x]\nmodel = "a"\npreset = "cheap"\n', "arms.x: name exactly one of"),
        (GOAL + ARMS + '[arms.x]\npreset = "best"\n', "arms.x.preset: must be one of cheap"),
        (GOAL + ARMS + '[arms.x]\nmodels = { plan = "a" }\n', "arms.x.models.generate: is missing"),
        (
            GOAL + ARMS + '[arms.x]\nmodels = { plan = "a", generat = "a" }\n',
            "arms.x.models.generat: unknown; did you mean generate?",
        ),
        (GOAL + ARMS + '[arms.x]\nmodel = "a > b > c"\n', "arms.x.model: a route takes one step"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_goals("g.toml", text.encode())
    assert said in str(refusal.value)
