"""How one coding CLI is run without anybody at the keyboard, and how its output is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from core.adapters.cli_models.heard import Reader, read_nothing

NOTHING: Mapping[str, str] = MappingProxyType({})


class Give(StrEnum):
    """How the prompt reaches the program."""

    STDIN = "stdin"
    ARGUMENT = "argument"
    """`{prompt}` among the arguments; the system limits one to 128 KiB, and `ps` shows it."""
    FILE = "file"
    """`{prompt_file}` among the arguments."""


class Output(StrEnum):
    """What the program prints."""

    TEXT = "text"
    """The reply and nothing else."""
    JSON = "json"
    """Objects over any number of lines, with noise before and between."""
    LINES = "jsonl"
    """One object per line."""


@dataclass(frozen=True, slots=True)
class CliCommand:
    """One program. Arguments and variables may name `{prompt}`, `{prompt_file}`, `{system_file}`,
    `{model}` and `{own}`, the folder that holds `files`.
    """

    program: str
    """A bare name, looked up on the user's PATH, or an absolute path."""
    args: tuple[str, ...] = ()
    model_args: tuple[str, ...] = ("--model", "{model}")
    """Added where the model id names a model; empty where the program takes none."""
    system_args: tuple[str, ...] = ()
    """Added where there is a system prompt."""
    give: Give = Give.STDIN
    output: Output = Output.TEXT
    reader: Reader = read_nothing
    """Understands the objects of `JSON` and `LINES`."""
    streams: bool = False
    """Whether text arrives as it is made: else the limits on silence cannot apply."""
    variables: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Set for the program; an empty value means not set at all."""
    passed: tuple[str, ...] = ()
    """Patterns of the user's variables that belong to the program."""
    files: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Name to content of files the program is pointed to."""
    login: str = ""
    """What to do when nobody is logged in."""
    logged_out: int = 0
    """The exit code that says so, where there is one."""

    @property
    def takes_system(self) -> bool:
        """Whether the system prompt has a place of its own; else it goes before the prompt."""
        texts = (*self.args, *self.system_args, *self.variables.values())
        return any("{system_file}" in text for text in texts)
