from pathlib import Path

import pytest

from core.config_file import ProjectFile
from core.domain.risk import RiskTier
from core.domain.risk_rules import RiskPolicy, assess
from tests.test_config import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


RULE = "[[risk.rules]]\nname = 'heart'\ntier = '{}'\npaths = ['heart/**']\nmatches = ['heart/a']\n"


@pytest.mark.parametrize("file", ["user", "project"])
def test_both_files_add_rules_and_raise_them(place: Place, file: str) -> None:
    text = "[risk]\nraise = { tests = 'high' }\nowners = { '@a' = 'high' }\n" + RULE.format("high")
    settings = place.load(user=text) if file == "user" else place.load(project=text)
    tiers = {
        p: assess(p, policy=settings.policy).tier for p in ("heart/a.py", "tests/a.py", "b.py")
    }
    assert tiers == {
        "heart/a.py": RiskTier.HIGH,
        "tests/a.py": RiskTier.HIGH,
        "b.py": RiskTier.LOW,
    }
    assert settings.policy.owners == (("@a", RiskTier.HIGH),)
    assert settings.notices == ()


def test_only_the_users_file_lets_something_through(place: Place) -> None:
    policy = place.load(user="[risk]\nallow = ['vendor/**']\n").policy
    assert assess("vendor/a.py", policy=policy).tier is RiskTier.HIGH
    assert assess("node_modules/a.js", policy=policy).tier is RiskTier.FORBIDDEN


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[risk]\nallow = ['vendor/**']\n", "risk.allow"),
        ("[risk.raise]\nauth = 'low'\n", "risk.raise.auth"),
        ("[risk.raise]\nvendored = 'medium'\n", "risk.raise.vendored"),
        ("[risk.owners]\n'@a' = 'low'\n", "risk.owners.@a"),
        (RULE.format("low"), "risk.rules.heart"),
        (RULE.format("low").replace("'heart'", "'auth'"), "risk.rules.auth"),
    ],
)
def test_a_project_file_cannot_loosen_risk_and_is_told_so(
    place: Place, text: str, key: str
) -> None:
    settings = place.load(project=text)
    assert settings.policy == RiskPolicy()
    [notice] = settings.notices
    assert notice.startswith(f".relaypair.toml: {key}: ")
    assert notice.endswith("it is ignored.")


def test_what_a_project_file_tightens_counts_beside_what_is_ignored(place: Place) -> None:
    text = "[risk]\nallow = ['**']\nraise = { auth = 'low', tests = 'high' }\n"
    settings = place.load(project=text)
    assert assess("tests/a.py", policy=settings.policy).tier is RiskTier.HIGH
    assert assess("auth/a.py", policy=settings.policy).tier is RiskTier.HIGH
    assert assess("vendor/a.py", policy=settings.policy).tier is RiskTier.FORBIDDEN
    assert len(settings.notices) == 2


@pytest.mark.parametrize(
    "text",
    [
        "[risk]\nremove = ['auth']\n",
        "[risk]\nrules = 1\n",
        "[[risk.rules]]\nname = 'x'\ntier = 'high'\nadded = ['(a+)+']\nmatches = ['a']\n",
        RULE.format("high").replace("heart/a", "elsewhere"),
    ],
)
def test_a_mistake_about_risk_makes_a_project_file_ignored_whole(place: Place, text: str) -> None:
    settings = place.load(project="[scope]\nwrite = ['src/**']\n" + text)
    assert settings.policy == RiskPolicy()
    assert settings.project == ProjectFile()
    [notice] = settings.notices
    assert notice.startswith(".relaypair.toml is ignored: ")
    assert "risk." in notice
