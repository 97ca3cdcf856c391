import re
from pathlib import Path

from benchmarks.readme import with_keys
from core.config import model_variables
from tui.cli import build_parser
from tui.exit_codes import ExitCode

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_table_of_keys_is_the_registrys() -> None:
    assert with_keys(README) == README


def test_every_model_variable_is_explained() -> None:
    for name in model_variables():
        assert f"`{name}`" in README


def test_every_exit_code_is_explained() -> None:
    rows = {int(n) for n in re.findall(r"^\| (\d) \|", README, re.MULTILINE)}
    assert rows == {int(code) for code in ExitCode}


def test_every_command_is_named() -> None:
    help_text = build_parser().format_help()
    commands = re.findall(r"^    ([a-z]+) ", help_text, re.MULTILINE)
    assert len(commands) > 8
    for name in commands:
        assert re.search(rf"\b{name}\b", README), name


def test_every_script_that_gives_a_figure_is_there() -> None:
    scripts = re.findall(r"`(benchmarks/\w+\.py)`", README)
    assert scripts
    for script in scripts:
        assert (ROOT / script).is_file(), script


def test_the_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
