"""Which language a path is written in, and what a line is."""

import re
from pathlib import PurePosixPath

_EXTENSIONS = {
    "bash": "sh bash zsh ksh bats",
    "c": "c h",
    "cpp": "cc cpp cxx c++ hh hpp hxx h++ ipp",
    "csharp": "cs csx",
    "css": "css",
    "dart": "dart",
    "elixir": "ex exs",
    "go": "go",
    "haskell": "hs",
    "hcl": "hcl tf tfvars",
    "html": "html htm xhtml",
    "java": "java",
    "javascript": "js mjs cjs jsx",
    "json": "json jsonl webmanifest",
    "kotlin": "kt kts",
    "lua": "lua",
    "markdown": "md markdown mdown",
    "nix": "nix",
    "php": "php phtml",
    "python": "py pyi pyw",
    "ruby": "rb rake gemspec ru",
    "rust": "rs",
    "scala": "scala sc sbt",
    "solidity": "sol",
    "swift": "swift",
    "tsx": "tsx",
    "typescript": "ts mts cts",
    "yaml": "yaml yml",
    "zig": "zig",
}
_BY_EXTENSION = {ext: language for language, row in _EXTENSIONS.items() for ext in row.split()}

_BY_NAME = {
    ".bashrc": "bash",
    ".bash_profile": "bash",
    ".profile": "bash",
    ".zshrc": "bash",
    ".babelrc": "json",
    ".clang-format": "yaml",
    "Gemfile": "ruby",
    "Rakefile": "ruby",
    "Podfile": "ruby",
    "Vagrantfile": "ruby",
    "PKGBUILD": "bash",
    "SConstruct": "python",
    "SConscript": "python",
    "wscript": "python",
    "BUILD.bazel": "python",
    "WORKSPACE": "python",
}

LANGUAGES: tuple[str, ...] = tuple(_EXTENSIONS)
"""Every language bundled with ast-grep-py 0.51, by its name there."""

_BREAK = re.compile(r"\r\n|\r")


def language_of(path: str) -> str | None:
    """The bundled language of a path, by its file name alone; None if there is none."""
    pure = PurePosixPath(path)
    if pure.name in _BY_NAME:
        return _BY_NAME[pure.name]
    return _BY_EXTENSION.get(pure.suffix[1:].lower())


def unix(text: str) -> str:
    """The text with `\\n` line ends and no byte order mark: lines and columns stay the same."""
    text = text.removeprefix("\ufeff")
    return _BREAK.sub("\n", text) if "\r" in text else text
