"""The bundled sample repository: a throwaway copy with a history of its own."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from core.adapters.git import Git

SAMPLE = Path(__file__).parent.parent / "demo" / "sample"
HISTORY = (
    (
        "2026-06-01T09:00:00+00:00",
        "Read a ledger from CSV",
        (
            "tally/__init__.py",
            "tally/ledger.py",
            "tests/__init__.py",
            "tests/test_ledger.py",
            ".gitignore",
        ),
    ),
    (
        "2026-06-02T09:00:00+00:00",
        "Sum the entries by category",
        ("tally/report.py", "tests/test_report.py"),
    ),
    (
        "2026-06-03T09:00:00+00:00",
        "Add the report command",
        ("tally/cli.py", "tally/__main__.py", "tests/test_cli.py", "pyproject.toml"),
    ),
    ("2026-06-05T09:00:00+00:00", "Say how to use it", ("README.md", "data/june.csv")),
)
"""Date, message and files of each commit."""


def make_sample(env: Mapping[str, str]) -> Path:
    """A fresh copy in a temporary folder, committed step by step. The caller owns the folder."""
    folder = Path(tempfile.mkdtemp(prefix="relaypair-sample-")).resolve() / "tally"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    Git(folder, env).run("init", "-q", "-b", "main")
    for when, message, paths in HISTORY:
        who = {"NAME": "Tally", "EMAIL": "tally@example.com", "DATE": when}
        roles = {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()}
        git = Git(folder, env, roles)
        git.run("add", "--", *paths)
        git.run("commit", "-q", "-m", message)
    return folder
