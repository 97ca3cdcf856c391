"""Commits as documents: what the index learns from `git log`."""

import json
import math
import secrets
from array import array
from collections.abc import Sequence

from core.adapters.git import Git, GitFault, commit_of
from core.adapters.index_store import IndexStore, state
from core.domain.repository import Commit

MOST_COMMITS = 3_000
MOST_FILES = 40
"""A commit that touches more says little about each of them."""
FADING = 40
"""Commits after which a change counts for a third."""
AT_ONCE = 500
"""Commits read between two transactions."""


def read_history(store: IndexStore, git: Git, head: str) -> None:
    """Make the newest commits that `head` reaches known; those read before are not read again.

    Raises nothing for a history that git cannot read: there are no commits then.
    """
    if not head:
        return
    try:
        shas = git.text("rev-list", "--no-merges", "-n", str(MOST_COMMITS), head).split()
    except GitFault:
        return
    with store.faults_told():
        known = _known(store)
        missing = [sha for sha in shas if sha not in known]
        for start in range(0, len(missing), AT_ONCE):
            part = missing[start : start + AT_ONCE]
            commits = _commits(git, part)
            with store.writing() as batch:
                batch.add_commits(commits, MOST_FILES)
        known = _known(store)
        numbers = array("I", [known[sha] for sha in shas if sha in known])
        paths = json.dumps(_paths(store, numbers)).encode()
        with store.writing() as batch:
            batch.keep("reachable", numbers.tobytes())
            batch.keep("past", paths)
            batch.keep("history_head", head)


def _paths(store: IndexStore, newest_first: Sequence[int]) -> dict[str, tuple[float, float]]:
    """How often each path was changed, old changes counting less, as a logarithm, and the words
    said of it; commits of many files count less for each.
    """
    rows = store.database.execute("SELECT id, length, files FROM commits")
    commits = {number: (length, files) for number, length, files in rows if files}
    changes: dict[str, float] = {}
    words: dict[str, float] = {}
    for age, number in enumerate(newest_first):
        if number in commits:
            length, files = commits[number]
            names = files.split("\n")
            share = 1 / math.sqrt(len(names))
            lately = math.exp(-age / FADING) * share
            for name in names:
                changes[name] = changes.get(name, 0.0) + lately
                words[name] = words.get(name, 0.0) + length * share
    return {name: (round(math.log1p(n), 5), round(words[name], 1)) for name, n in changes.items()}


def has_history(store: IndexStore, head: str) -> bool:
    """Whether the commits that `head` reaches have been read."""
    with store.faults_told():
        return not head or state(store.database, "history_head", "") == head


def _known(store: IndexStore) -> dict[str, int]:
    return dict(store.database.execute("SELECT sha, id FROM commits"))


def _commits(git: Git, shas: Sequence[str]) -> list[Commit]:
    """Messages and names of these commits. An empty list where objects are missing."""
    mark = secrets.token_hex(8)
    arguments = ("--no-walk=unsorted", "--stdin", "--no-renames", "--name-only")
    try:
        raw = git.run(
            "log",
            "-z",
            *arguments,
            "--no-show-signature",
            "--no-ext-diff",
            f"--format=%x00{mark}%x00%H%x00%s%x00%b%x00",
            stdin="\n".join(shas).encode(),
        )
    except GitFault:
        return []
    return [commit_of(record) for record in raw.split(f"\0{mark}\0".encode())[1:]]
