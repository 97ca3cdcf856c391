from collections.abc import Mapping
from pathlib import Path

import pytest

from core.config import Flags, Settings, find_folders, load_settings, model_variables
from core.config_file import MAX_BYTES
from core.domain.errors import Refused
from core.domain.goal import Budget, LimitChange, Limits
from core.domain.phase import ORDER, Phase
from core.domain.route import LOCAL, Layer, Parameters
from core.engine.routes import (
    BUILTIN,
    PRESET_MODELS,
    keystroke_route,
    resolve_route,
    resolve_routes,
)

ANTHROPIC = {"ANTHROPIC_API_KEY": "k"}
OPENAI = {"OPENAI_API_KEY": "k"}


class Place:
    """A home folder and a project folder with settings files."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.root = folder / "project"
        self.user_file = self.home / ".config/relaypair/config.toml"
        self.user_file.parent.mkdir(parents=True)
        self.root.mkdir()

    def load(
        self,
        user: str = "",
        project: str = "",
        env: Mapping[str, str] | None = None,
        flags: Flags | None = None,
    ) -> Settings:
        if user:
            self.user_file.write_text(user)
        if project:
            (self.root / ".relaypair.toml").write_text(project)
        return load_settings(self.root, {"HOME": str(self.home), **(env or {})}, flags)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_without_any_setting_only_the_local_engines_serve(place: Place) -> None:
    routes = resolve_routes(place.load())
    assert {p: r.model for p, r in routes.items()} == {
        **dict.fromkeys(ORDER, LOCAL),
        Phase.PLAN: BUILTIN,
        Phase.GENERATE: BUILTIN,
    }
    assert {r.why for r in routes.values()} == {"default no key found"}


LAYERS = [
    (Layer.USER, "models.plan"),
    (Layer.ENVIRONMENT, "RELAYPAIR_PLAN_MODEL"),
    (Layer.FLAG, "--plan-model"),
]


@pytest.mark.parametrize("strongest", range(len(LAYERS)))
def test_a_stronger_layer_wins_and_is_named(place: Place, strongest: int) -> None:
    settings = place.load(
        user="[models]\nplan = 'x/0'\n",
        env={"RELAYPAIR_PLAN_MODEL": "x/1"} if strongest >= 1 else {},
        flags=Flags({"plan": "x/2"}) if strongest >= 2 else None,
    )
    route = resolve_route(settings, Phase.PLAN)
    layer, setting = LAYERS[strongest]
    assert (route.models, route.layer, route.setting) == ((f"x/{strongest}",), layer, setting)


@pytest.mark.parametrize(
    "env, model, setting",
    [
        ({"RELAYPAIR_MODEL": "x/all"}, "x/all", "RELAYPAIR_MODEL"),
        ({"RELAYPAIR_PRESET": "cheap"} | OPENAI, "openai/gpt-6-luna", "RELAYPAIR_PRESET cheap preset"),
        (
            {"RELAYPAIR_MODEL": "x/all", "RELAYPAIR_GENERATE_MODEL": "x/own"},
            "x/own",
            "RELAYPAIR_GENERATE_MODEL",
        ),
        ({"RELAYPAIR_MODEL": "x/all", "RELAYPAIR_PRESET": "cheap"}, "x/all", "RELAYPAIR_MODEL"),
        ({"RELAYPAIR_MODEL": "  ,", "RELAYPAIR_PLAN_MODEL": "x/p"}, BUILTIN, "no key found"),
    ],
)  # fmt: skip
def test_a_phases_own_variable_wins_over_the_one_for_all(
    place: Place, env: dict[str, str], model: str, setting: str
) -> None:
    route = resolve_route(place.load(env=env), Phase.GENERATE)
    assert (route.model, route.setting) == (model, setting)


def test_the_variable_for_all_beats_a_users_file_for_one_phase(place: Place) -> None:
    settings = place.load(user="[models]\nplan = 'x/file'\n", env={"RELAYPAIR_MODEL": "x/env"})
    assert resolve_route(settings, Phase.PLAN).model == "x/env"


def test_a_list_is_a_chain_of_fallbacks_in_order(place: Place) -> None:
    settings = place.load(
        user="[models]\nplan = ['a/1', 'b/2']\ngenerate = 'a/1, b/2 ,c/3'\n",
        env={"RELAYPAIR_VERIFY_MODEL": " a/1 , b/2"},
    )
    routes = resolve_routes(settings)
    assert routes[Phase.PLAN].models == ("a/1", "b/2")
    assert routes[Phase.GENERATE].models == ("a/1", "b/2", "c/3")
    assert routes[Phase.VERIFY].models == ("a/1", "b/2")


def test_reviews_knob_is_called_summary(place: Place) -> None:
    assert model_variables()["RELAYPAIR_SUMMARY_MODEL"] is Phase.REVIEW
    settings = place.load(env={"RELAYPAIR_SUMMARY_MODEL": "x/s"})
    assert resolve_route(settings, Phase.REVIEW).model == "x/s"


@pytest.mark.parametrize("preset", PRESET_MODELS)
@pytest.mark.parametrize("env, provider", [(ANTHROPIC, "anthropic"), (OPENAI, "openai"), ({"GOOGLE_API_KEY": "k"}, "gemini")])  # fmt: skip
def test_a_preset_names_models_of_the_provider_whose_key_is_there(
    place: Place, preset: str, env: dict[str, str], provider: str
) -> None:
    routes = resolve_routes(place.load(env=env, flags=Flags(preset=preset)))
    for phase in (Phase.PLAN, Phase.GENERATE, Phase.APPLY, Phase.VERIFY, Phase.REVIEW):
        assert [m.split("/")[0] for m in routes[phase].models] == [provider]
        assert routes[phase].setting == f"--preset {preset} preset"
    assert routes[Phase.RETRIEVE].is_local


def test_two_keys_make_a_chain(place: Place) -> None:
    models = resolve_route(place.load(env=ANTHROPIC | OPENAI), Phase.PLAN).models
    assert [m.split("/")[0] for m in models] == ["anthropic", "openai"]


def test_a_preset_without_any_key_keeps_its_models_so_that_the_missing_key_is_named(
    place: Place,
) -> None:
    route = resolve_route(place.load(flags=Flags(preset="strong")), Phase.PLAN)
    assert (route.models, route.up) == (PRESET_MODELS["strong"][Phase.PLAN][0], ())


def test_an_empty_key_is_no_key(place: Place) -> None:
    assert resolve_route(place.load(env={"ANTHROPIC_API_KEY": ""}), Phase.PLAN).model == BUILTIN


def test_an_unknown_preset_in_the_environment_is_refused_with_the_known_ones(place: Place) -> None:
    with pytest.raises(
        Refused, match=r"RELAYPAIR_PRESET: 'chep' is none of cheap, balanced, strong"
    ):
        resolve_routes(place.load(env={"RELAYPAIR_PRESET": "chep"}))


def test_a_keystroke_is_a_layer_of_its_own() -> None:
    route = keystroke_route(Phase.PLAN, "x/a, x/b")
    assert (route.models, route.layer) == (("x/a", "x/b"), Layer.KEYSTROKE)
    assert keystroke_route(Phase.PLAN, " ").is_local


def test_a_project_file_narrows_the_scope_and_nothing_more(place: Place) -> None:
    settings = place.load(
        user="[scope]\ndeny = ['secrets/**']\n",
        project="[scope]\nwrite = ['src/**', 'secrets/**']\ndeny = ['src/vendor/**']\n",
    )
    allowed = settings.scope.allows_write
    assert allowed("src/a.py")
    for path in ("b.py", "src/vendor/x.py", "secrets/key", "../src/a.py", ".git/config"):
        assert not allowed(path), path


@pytest.mark.parametrize(
    "text, key",
    [
        ("preset = 'strong'\n", "preset"),
        ("[models]\nplan = 'evil/x'\n", "models"),
        ("[budget]\ndollars = 1000\n", "budget"),
        ("[prices]\n'x/y' = [0, 0]\n", "prices"),
        ("[environment]\nOPENAI_BASE_URL = 'evil'\n", "environment"),
        ("ascii = true\n", "ascii"),
        ("[phases.plan]\nsystem = 'obey'\ntemperature = 2\nlocal_only = false\n", "phases"),
    ],
)
def test_a_project_file_cannot_widen_anything(place: Place, text: str, key: str) -> None:
    settings = place.load(project=text, env=OPENAI)
    plain = Settings(
        settings.environment, settings.folders, settings.user, type(settings.project)(), Flags()
    )
    assert resolve_routes(settings) == resolve_routes(plain)
    assert settings.user.phases == {}
    assert (settings.budget, settings.user.prices) == (plain.budget, plain.user.prices)
    assert settings.user.ascii is None
    assert [n for n in settings.notices if n.startswith(f".relaypair.toml: {key} is ignored")]


def test_a_projects_checks_are_proposed_and_never_approved(place: Place) -> None:
    settings = place.load(project="[checks]\ncommands = [['pytest', '-q']]\n")
    assert settings.checks == ()
    (check,) = settings.proposed_checks
    assert (check.line, check.source) == ("pytest -q", ".relaypair.toml")
    changed = place.load(project="# other bytes\n[checks]\ncommands = [['pytest', '-q']]\n")
    assert changed.proposed_checks[0].id != check.id


def test_a_project_may_not_pass_variables_to_checks(place: Place) -> None:
    settings = place.load(project="[checks]\npass = ['OPENAI_API_KEY']\n")
    assert settings.user.passed_variables == ()
    assert settings.notices


@pytest.mark.parametrize(
    "text",
    [
        "[scope]\nwrite = 'src'\n",
        "not toml at all",
        "\x00",
        "a = 1\n" * MAX_BYTES,
        "a = 1" + "0" * 5_000,
        "a = " + "[" * 50_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_broken_project_file_is_ignored_whole_with_one_notice(place: Place, text: str) -> None:
    settings = place.load(project=text)
    assert len(settings.notices) >= 1
    assert settings.scope.allows_write("anything.py")


def test_checks_of_the_command_line_stand_in_for_those_of_the_users_file(place: Place) -> None:
    user = "[checks]\ncommands = [['make', 'test']]\n"
    assert [c.line for c in place.load(user=user).checks] == ["make test"]
    flags = Flags(checks=(("tox",),))
    assert [(c.line, c.source) for c in place.load(user=user, flags=flags).checks] == [
        ("tox", "--check")
    ]


def test_the_budget_of_the_command_line_wins_even_when_it_is_zero(place: Place) -> None:
    user = "[budget]\ndollars = 2.5\ntokens = 1000\n"
    assert (place.load(user=user).budget.dollars, place.load().budget.tokens) == (2.5, 1000)
    flags = Flags(limits=(LimitChange("dollars", 0.0),))
    assert place.load(user=user, flags=flags).budget.dollars == 0.0


@pytest.mark.parametrize(
    "text, said",
    [
        ("presett = 'cheap'\n", "presett: unknown setting; did you mean preset?"),
        ("zzzz = 1\n", "zzzz: unknown setting; known are preset,"),
        ("preset = 'cheep'\n", "preset: 'cheep' is none of cheap, balanced, strong."),
        ("preset = 1\n", "preset: must be a str."),
        ("models = 1\n", "models: must be a table."),
        ("[models]\ngenrate = 'x'\n", "models.genrate: no such phase; did you mean generate?"),
        ("[models]\nplan = [1]\n", "models.plan: must be a list of strings."),
        ("[budget]\ndollar = 1\n", "budget.dollar: unknown setting; did you mean dollars?"),
        ("[budget]\ndollars = -1\n", "budget.dollars: must be a number, 0 or more."),
        ("[budget]\ndollars = true\n", "budget.dollars: must be a number, 0 or more."),
        ("[budget]\ndollars = inf\n", "budget.dollars: must be a number, 0 or more."),
        (f"[budget]\ndollars = 1{'0' * 400}\n", "budget.dollars: must be a number, 0 or more."),
        ("[budget]\ntokens = 1.5\n", "budget.tokens: must be a whole number, 0 or more."),
        ("[budget]\nseconds = nan\n", "budget.seconds: must be a number, 0 or more."),
        ("phases = 1\n", "phases: must be a table."),
        ("[phases]\nplan = 1\n", "phases.plan: must be a table."),
        ("[phases.genrate]\n", "phases.genrate: no such phase; did you mean generate?"),
        ("[phases.zzz]\n", "phases.zzz: no such phase; known are retrieve, plan, generate,"),
        (
            "[phases.review]\n[phases.summary]\n",
            "phases.summary: is the phase of phases.review; keep one of the two.",
        ),
        (
            "[phases.plan]\ntemprature = 1\n",
            "phases.plan.temprature: unknown setting; did you mean temperature?",
        ),
        *(
            (
                f"[phases.plan]\ntemperature = {bad}\n",
                "phases.plan.temperature: must be a number from 0 to 2.",
            )
            for bad in ("2.1", "-0.1", "true", "'hot'", "nan", "inf")
        ),
        *(
            (
                f"[phases.plan]\nmax_output = {bad}\n",
                "phases.plan.max_output: must be a whole number of tokens",
            )
            for bad in ("0", "-5", "1.5", "true", "'x'", "1_000_001")
        ),
        *(
            (
                f"[phases.plan]\ntokens = {bad}\n",
                "phases.plan.tokens: must be a whole number, 0 or more.",
            )
            for bad in ("-1", "1.5", "false", "inf", "'x'")
        ),
        ("[phases.plan]\ndollars = -1\n", "phases.plan.dollars: must be a number, 0 or more."),
        ("[phases.plan]\nseconds = '9'\n", "phases.plan.seconds: must be a number, 0 or more."),
        ("[phases.plan]\nlocal_only = 1\n", "phases.plan.local_only: must be true or false."),
        ("[phases.plan]\nsystem = ['x']\n", "phases.plan.system: must be a text."),
        (
            f"[phases.plan]\nsystem = '{'x' * 2001}'\n",
            "phases.plan.system: has 2,001 characters; every call of the phase sends them, so say",
        ),
        ('[phases.plan]\nsystem = "\\u001b[2J"\n', "phases.plan.system: has a control character;"),
        ("[checks]\ncommands = 'pytest'\n", "checks.commands: must be a list of commands"),
        ("[checks]\ncommands = ['pytest']\n", "checks.commands: must be a list of strings."),
        ("[prices]\n'x/y' = [1]\n", "prices.x/y: must be [dollars in, dollars out]"),
        ("[scope]\nwrite = []\n", "scope.write: unknown setting"),
        ("risk = 1\n", "risk: must be a table."),
        ("[risk]\nalow = []\n", "risk.alow: unknown setting; did you mean allow?"),
        ("[risk.raise]\nauth = 'low'\n", "risk.raise.auth: the rule is high, and only goes up."),
        ("[risk.raise]\nauht = 'high'\n", "risk.raise.auht: there is no rule of this name."),
        (
            "[[risk.rules]]\nname = 'own'\ntier = 'high'\npaths = ['a/**']\nmatches = ['b']\n",
            "risk.rules.own: the rule does not cover its example 'b'; correct the rule or",
        ),
        (
            "[[risk.rules]]\nname = 'own'\ntier = 'high'\nadded = ['(']\nmatches = ['b']\n",
            "risk.rules.own: the pattern '(' is no regular expression",
        ),
        (
            "[[risk.rules]]\nname = 'auth'\ntier = 'low'\npaths = ['b']\nmatches = ['b']\n",
            "risk.rules.auth: there is a rule of this name already",
        ),
    ],
)
def test_a_mistake_in_the_users_file_is_refused_by_file_key_and_near_match(
    place: Place, text: str, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        place.load(user=text)
    assert str(refused.value).startswith(f"{place.user_file}: ")
    assert said in str(refused.value)


def test_a_phase_is_set_by_its_own_name_or_by_that_of_its_model(place: Place) -> None:
    own = "dollars = 0.5\ntokens = 9\nseconds = 2\n"
    for name in ("review", "summary"):
        assert place.load(user=f"[phases.{name}]\n{own}").budget.phases == {
            Phase.REVIEW: Limits(0.5, 9, 2.0)
        }


def test_the_parameters_of_a_phase_are_on_its_route_and_on_no_other(place: Place) -> None:
    own = 'temperature = 0\nmax_output = 1000000\nsystem = """\n  Be\tbrief.\n"""\n'
    settings = place.load(user=f"[phases.plan]\n{own}")
    routes = resolve_routes(settings)
    assert routes[Phase.PLAN].parameters == Parameters(0.0, 1_000_000, "Be\tbrief.")
    assert {routes[p].parameters for p in ORDER if p is not Phase.PLAN} == {Parameters()}
    assert settings.budget.phases == {}


def test_whoever_says_that_a_phase_stays_here_is_heeded(place: Place) -> None:
    text = "[phases.plan]\nlocal_only = true\n[phases.generate]\nlocal_only = false\n"
    routes = resolve_routes(place.load(user=text, env={"RELAYPAIR_LOCAL_ONLY": "generate"}))
    assert [p for p in ORDER if routes[p].is_local_only] == [Phase.PLAN, Phase.GENERATE]


def test_a_run_may_be_limited_in_seconds_and_to_nothing(place: Place) -> None:
    budget = place.load(user="[budget]\ntokens = 0\nseconds = 90\n").budget
    assert budget == Budget(None, 0, 90.0)
    assert place.load(user="[budget]\ntokens = 9\ncut = true\n").budget == Budget(None, 9, cut=True)
    with pytest.raises(Refused, match=r"budget\.cut: must be true or false"):
        place.load(user="[budget]\ncut = 1\n")


@pytest.mark.parametrize(
    "data", [b"preset = \n", b"\xff\xfe", b"#" * (MAX_BYTES + 1), b"a = " + b"[" * 9_000]
)
def test_a_users_file_that_is_no_settings_file_is_refused(place: Place, data: bytes) -> None:
    place.user_file.write_bytes(data)
    with pytest.raises(Refused, match=r"config\.toml"):
        place.load()


def test_folders_follow_xdg_and_ignore_relative_values() -> None:
    env = {
        "HOME": "/h",
        "XDG_STATE_HOME": "/s",
        "XDG_CACHE_HOME": "relative",
        "XDG_CONFIG_HOME": "",
    }
    folders = find_folders(env)
    assert str(folders.state) == "/s/relaypair"
    assert str(folders.cache) == "/h/.cache/relaypair"
    assert str(folders.config) == "/h/.config/relaypair"


def test_two_repositories_of_one_name_have_folders_of_their_own(place: Place) -> None:
    settings = place.load()
    base = settings.folders.state
    one, two = (settings.repository_folder(Path(p), base) for p in ("/a/app", "/b/app"))
    assert one != two
    assert one.name.startswith("app-")
    assert one == settings.repository_folder(Path("/a/app"), base)


@pytest.mark.parametrize(
    "env, ascii_only",
    [
        ({"LANG": "C"}, True),
        ({}, True),
        ({"LANG": "en_GB.UTF-8"}, False),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "C"}, True),
        ({"LANG": "C", "LC_ALL": "", "LC_CTYPE": "C.utf8"}, False),
    ],
)
def test_only_ascii_is_drawn_where_the_locale_is_not_utf_8(
    place: Place, env: dict[str, str], ascii_only: bool
) -> None:
    assert place.load(env=env).ascii is ascii_only
    assert place.load(user="ascii = false\n", env=env).ascii is False


@pytest.mark.parametrize(
    "env, editor",
    [
        ({}, "vi"),
        ({"EDITOR": "nano"}, "nano"),
        ({"EDITOR": "nano", "VISUAL": "code -w"}, "code -w"),
    ],
)
def test_the_editor_is_visual_then_editor_then_vi(
    place: Place, env: dict[str, str], editor: str
) -> None:
    assert place.load(env=env).editor == editor
