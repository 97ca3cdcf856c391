"""The only importer of ast_grep_py: parsed trees, and its rules as our faults."""

import re
from typing import TYPE_CHECKING, Any

from core.syntax.languages import LANGUAGES, unix

if TYPE_CHECKING:
    from ast_grep_py import SgNode


class RuleFault(ValueError):
    """A rule that ast-grep refuses; the text is its reason on one line."""


def parse(text: str, language: str) -> "SgNode":
    """The root node of a text. Positions are in characters of `unix(text)`.

    Raises KeyError for a language that is not bundled: ast-grep itself would print a panic to the
    terminal.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    from ast_grep_py import SgRoot

    return SgRoot(unix(text), language).root()


def find_all(root: "SgNode", config: dict[str, Any]) -> "list[SgNode]":
    """Every match of a rule configuration, outer ones before inner ones.

    Raises RuleFault. `config` must hold fields ast-grep knows (see `core.edits.rules`).
    """
    try:
        return root.find_all(config)  # type: ignore[call-overload, no-any-return]
    except (RuntimeError, TypeError, ValueError) as error:
        raise RuleFault(_reason(str(error))) from None


def of_kinds(root: "SgNode", kinds: "tuple[str, ...]") -> "list[SgNode]":
    """Every node of one of these kinds, in document order, outer before inner."""
    return find_all(root, {"rule": {"any": [{"kind": kind} for kind in kinds]}})


def key(node: "SgNode") -> tuple[int, int]:
    """Start and end of a node: equal for the same place of the same tree."""
    span = node.range()
    return span.start.index, span.end.index


def _reason(message: str) -> str:
    """The last cause of an ast-grep error: the part that names what is wrong."""
    lines = [line.strip() for line in message.split("\n\nStack backtrace")[0].splitlines()]
    last = next((line for line in reversed(lines) if line), "unknown reason")
    return re.sub(r"^\d+: ", "", last).rstrip(".")
