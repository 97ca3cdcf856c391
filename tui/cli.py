"""The command line: words to a front end over a session."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from core.config import Flags, model_variables
from core.config_file import KNOBS, PRESETS
from core.domain.errors import RelaypairError
from core.domain.goal import LimitChange
from core.domain.phase import ORDER
from core.domain.question import Choice
from tui.exit_codes import ExitCode

DESCRIPTION = "Pair programming with a relay of models, in a terminal."


def run(arguments: Sequence[str]) -> int:
    """Run one command line; its exit code."""
    parser = build_parser()
    options = parser.parse_args(arguments or ["app"])
    try:
        return int(options.command(options))
    except RelaypairError as fault:
        print(f"relaypair: {fault}", file=sys.stderr)
        return int(ExitCode.USAGE)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def build_parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    parser = argparse.ArgumentParser(prog="relaypair", description=DESCRIPTION)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_app(commands)
    _add_run(commands)
    _add_review(commands)
    _add_small(commands)
    return parser


if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def _command(commands: "Commands", name: str, summary: str, module: str) -> argparse.ArgumentParser:
    """A subcommand whose work is `main(options)` of a module, imported when it is called for."""

    def call(options: argparse.Namespace) -> int:
        command = import_module(module)
        if not module.endswith((".app", ".demo")):
            gc.enable()
        code: int = command.main(options)
        return code

    parser = commands.add_parser(name, help=summary, description=summary)
    parser.add_argument(
        "--repo", type=Path, default=Path(), help="the repository (default: this folder)"
    )
    parser.set_defaults(command=call)
    return parser


def _add_app(commands: "Commands") -> None:
    for name, summary in (
        ("app", "open the app (what relaypair alone does)"),
        ("line", "the same relay, line by line"),
    ):
        parser = _command(commands, name, summary, f"tui.commands.{name}")
        parser.add_argument("goal", nargs="?", default="", help="what is to be done")
        _add_models(parser)
        _add_checks(parser)


def _add_run(commands: "Commands") -> None:
    parser = _command(commands, "run", "the relay without a screen", "tui.commands.run")
    parser.add_argument("goal", help="what is to be done")
    parser.add_argument("--plan-only", action="store_true", help="stop after the plan")
    _add_models(parser)
    _add_landing(parser)


def _add_review(commands: "Commands") -> None:
    parser = _command(
        commands,
        "review",
        "hunk review, checks and landing for an existing change",
        "tui.commands.review",
    )
    parser.add_argument(
        "change",
        nargs="?",
        default="",
        help="A..B, a revision, a patch file, or - for stdin (default: the working tree's changes)",
    )
    _add_models(parser)
    _add_landing(parser)
    _add_line(parser)


def _add_small(commands: "Commands") -> None:
    resume = _command(commands, "resume", "take up a run where it was left", "tui.commands.resume")
    resume.add_argument("run", nargs="?", default="", help="its id (default: the newest)")
    resume.add_argument(
        "--answer",
        choices=[choice.value.replace(" ", "-") for choice in Choice],
        default="",
        help="answer the question that stopped the run, and go on; implies no screen",
    )
    _add_models(resume)
    _add_landing(resume)
    _add_line(resume)
    sessions = _command(
        commands, "sessions", "the runs of this repository", "tui.commands.sessions"
    )
    sessions.add_argument("--export", metavar="RUN", default="", help="print one run as JSON lines")
    _add_stats(commands)
    _add_compare(commands)
    undo = _command(commands, "undo", "restore every byte of the last landing", "tui.commands.undo")
    undo.add_argument(
        "--yes", action="store_true", help="do it; without this it only says what it would do"
    )
    _command(
        commands,
        "edits",
        "apply replies to given files, JSON lines in and out, all or nothing",
        "tui.commands.edits",
    )
    why = _command(commands, "why", "who wrote a line, and for which goal", "tui.commands.why")
    why.add_argument("place", metavar="FILE:LINE", nargs="?", default="")
    why.add_argument("--json", action="store_true", help="everything that is known, as JSON")
    why.add_argument(
        "--export",
        action="store_true",
        help="every line that landed and still stands, as JSON lines in the Agent Trace form",
    )
    _add_retrieve(commands)
    models = _command(
        commands,
        "models",
        "models, their prices, and which serves each phase",
        "tui.commands.models",
    )
    models.add_argument("filter", nargs="?", default="", help="part of a name")
    models.add_argument(
        "--find", action="store_true", help="ask the usual ports of this machine for model servers"
    )
    _add_models(models)
    _command(commands, "keys", "every key of the app", "tui.commands.keys")
    doctor = _command(
        commands, "doctor", "what works on this machine and what does not", "tui.commands.doctor"
    )
    doctor.add_argument("--host", action="store_true", help="start the model host too (seconds)")
    demo = _command(
        commands, "demo", "a recorded relay on the bundled sample repository", "tui.commands.demo"
    )
    demo.add_argument("--headless", action="store_true", help="print it instead of opening the app")


def _count(text: str) -> int:
    """A number of files or tokens. Raises `ArgumentTypeError`."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is no number from 1 on")
    return int(text)


def _add_retrieve(commands: "Commands") -> None:
    parser = _command(
        commands, "retrieve", "the files that matter for a goal", "tui.commands.retrieve"
    )
    parser.add_argument("query", nargs="*", help="a goal, a question or an issue")
    parser.add_argument(
        "--root", dest="repo", type=Path, help="the same as --repo: any folder will do"
    )
    parser.add_argument("--k", type=_count, default=10, help="how many files (default: 10)")
    parser.add_argument(
        "--snippets",
        type=_count,
        default=0,
        metavar="TOKENS",
        help="quote what matters most of them, in at most so many tokens",
    )
    parser.add_argument("--json", action="store_true", help="with scores and reasons, as JSON")
    parser.add_argument(
        "--jsonl",
        action="store_true",
        help="answer {root, query, k, snippets} lines of standard input",
    )


def _add_stats(commands: "Commands") -> None:
    parser = _command(
        commands, "stats", "cost, time, rework and pass rates of past runs", "tui.commands.stats"
    )
    parser.add_argument("--all", action="store_true", help="every repository, not only this one")
    phases = [phase.value for phase in ORDER]
    parser.add_argument("--phase", choices=phases, default="", help="only calls of this phase")
    parser.add_argument("--model", default="", help="only calls of models with this in their name")
    parser.add_argument(
        "--since", default="", metavar="WHEN", help="only runs begun since: 12h, 7d, 2w, 2026-11-01"
    )
    parser.add_argument("--json", action="store_true", help="everything, by run and try, as JSON")


def _add_compare(commands: "Commands") -> None:
    parser = _command(
        commands, "compare", "the same goals through several routes", "tui.commands.compare"
    )
    parser.add_argument("goals", type=Path, metavar="GOALS.toml", help="goals and arms")
    parser.add_argument("--again", action="store_true", help="make every run anew")


def _add_models(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "models",
        f"also by {', '.join(model_variables())}; a comma-separated list is a fallback chain",
    )
    group.add_argument("--model", default="", help="every model phase")
    for knob in KNOBS[:-1]:
        group.add_argument(f"--{knob}-model", default="", metavar="MODEL", help=argparse.SUPPRESS)
    group.add_argument(
        "--preset",
        choices=PRESETS,
        default="",
        help="a model for each phase by how much it may cost",
    )
    group.add_argument(
        "--budget",
        type=_limits,
        default=(),
        metavar="LIMITS",
        help="dollars, or limits as in '2.50, 200k tokens, 10 min, plan 0.20, tokens none'; "
        "the run pauses before the call that would cross one",
    )


def _limits(text: str) -> tuple[LimitChange, ...]:
    from tui.budget_words import read_limits

    try:
        return read_limits(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _add_checks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check",
        action="append",
        default=[],
        metavar="CMD",
        help="a check command; giving it approves exactly this command line",
    )


def _add_landing(parser: argparse.ArgumentParser) -> None:
    _add_checks(parser)
    parser.add_argument(
        "--accept",
        choices=("none", "low-risk", "all"),
        help="accept hunks without asking; implies no screen",
    )
    parser.add_argument("--land", action="store_true", help="land what is accepted and checked")
    parser.add_argument(
        "--unverified", action="store_true", help="land even what no check has proven"
    )
    parser.add_argument("--json", action="store_true", help="print every event as a JSON line")


def _add_line(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--line", action="store_true", help="line by line instead of the app")


def flags_of(options: argparse.Namespace) -> Flags:
    """The settings layer of the command line.

    Raises `Refused` for a check that cannot be split into words.
    """
    from tui.commands.words import split_command

    names = [*KNOBS[:-1], "model"]
    models = {k: getattr(options, "model" if k == "model" else f"{k}_model", "") for k in names}
    return Flags(
        models={k: v for k, v in models.items() if v},
        preset=getattr(options, "preset", ""),
        checks=tuple(split_command(text) for text in getattr(options, "check", [])),
        limits=getattr(options, "budget", ()),
    )
