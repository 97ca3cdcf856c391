"""What a reply claims of files and lines, held against what is there: a false claim fails the
phase, and the next attempt is told which one.
"""

import re
from collections.abc import Collection, Iterable

from core.domain.errors import NotPassed
from core.phases.inputs import Inputs
from core.ports import Repo

_PATH = re.compile(
    r"(?<![\w/.:@~$-])((?:[\w.@+-]+/)+[\w.@+-]*\w\.[A-Za-z]\w{0,7})(?::(\d+))?(?![\w/])"
)
"""A path with a folder and an ending: plain words with dots are too often names of other things."""


def need_true(text: Iterable[str], known: Collection[str], inputs: Inputs, repo: Repo) -> None:
    """Raise `NotPassed` for the first path or `path:line` in a text that is not there.

    `known` are the paths that the reply itself creates. What is there is what the repository
    lists, and what the change makes of it.
    """
    claims = [(m[1].removeprefix("./"), int(m[2] or 0)) for t in text for m in _PATH.finditer(t)]
    if not claims:
        return
    changed = {file.path: file for file in inputs.files}
    listed = frozenset(repo.files())
    for path, line in claims:
        if path not in listed and path not in changed and path not in known:
            raise NotPassed(f"the reply speaks of {path}, which is not there; leave it out")
        most = _lines(path, inputs, repo)
        if line and most and line > most:
            raise NotPassed(
                f"the reply speaks of {path}:{line}, and the file has {most} lines; name one"
            )


def _lines(path: str, inputs: Inputs, repo: Repo) -> int:
    """Lines that a file may have, before or after the change; 0 where nobody knows."""
    version = repo.read(path)
    if version is None:
        return 0
    added = sum(h.added for file in inputs.files if file.path == path for h in file.hunks)
    return version.data.count(b"\n") + 1 + added
