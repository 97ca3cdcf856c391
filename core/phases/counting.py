"""Where the words of a goal stand: "every" told before, and counted after."""

import re
from collections.abc import Iterable, Mapping, Sequence

from core.domain.context import Trust
from core.domain.goal import matches
from core.phases.asking import fence
from core.ports import Repo
from core.retrieval.corpus import is_searched, lane
from core.retrieval.hits import count_by_file, count_hits, hit_lines
from core.retrieval.query import is_identifier
from core.retrieval.secrets import masked
from core.retrieval.snippets import estimate

MOST_WORDS = 5
MOST_TRIED = 20
"""Names of a goal that are looked for: a pasted log holds many that stand nowhere."""
HIT_TOKENS = 600
"""Of the listed places of all words."""
MOST_FILES = 12
"""Named for one word, those first that hold it most often."""

FEW_FILES = 4
"""Of them for a word that stands in more: which ones, says little then."""

_NAME = re.compile(r"(?<!`)`([A-Za-z_][\w.:-]*)(?:\(\)|=[^`\n]*)?`(?!`)|\b([A-Za-z]\w+)")
"""A name between backticks, such as `name`, `mod.name` or `name()`; or any word."""
_LEAST_NAME = 4


def is_counted(path: str) -> bool:
    """Whether a word that is left in this file is a remnant: source and tests, no documents."""
    return is_searched(path) and lane(path) is not Trust.DOCS


def texts(repo: Repo, words: Sequence[str]) -> dict[str, str]:
    """Every source and test of a repository that holds one of these words, by its path; reads all
    of them, and keeps no other. What a link leads to counts under its own name, where it is one of
    them: it may be a key file.
    """
    return _holding(repo, words, filter(is_counted, repo.files()))


def _holding(repo: Repo, words: Sequence[str], paths: Iterable[str]) -> dict[str, str]:
    wanted = [word.encode("utf-8", "surrogatepass") for word in words]
    found: dict[str, str] = {}
    for path in paths:
        version = repo.read(path)
        if version is None or version.is_link or b"\0" in version.data[:8192]:
            continue
        if any(word in version.data for word in wanted):
            found[path] = version.data.decode("utf-8", "replace")
    return found


def names_in(text: str) -> tuple[str, ...]:
    """What a text names of a program, between backticks or by its form, each without what it
    belongs to.
    """
    words = _NAME.findall(text)
    found = (quoted or bare for quoted, bare in words if quoted or is_identifier(bare))
    last = (re.split(r"[.:]+", name.rstrip(".:"))[-1] for name in found)
    return tuple(dict.fromkeys(name for name in last if len(name) >= _LEAST_NAME))


def whereabouts(words: Sequence[str], repo: Repo) -> str:
    """How often each of these words stands in which files, documents too, a line for each word
    that stands anywhere; empty without any. Reads the whole repository.
    """
    words = words[:MOST_TRIED]
    if not words:
        return ""
    held = _holding(repo, words, filter(is_searched, repo.files()))
    counted = ((w, count_by_file(w, {p: t for p, t in held.items() if w in t})) for w in words)
    rows = [_row(word, counts) for word, counts in counted if counts][:MOST_WORDS]
    if not rows:
        return ""
    return f"How often each file holds the goal's names:\n{fence('names', chr(10).join(rows))}"


def _row(word: str, counts: Mapping[str, int]) -> str:
    most = sorted(counts, key=lambda path: (-counts[path], path))
    if len(most) > MOST_FILES:
        most = most[:FEW_FILES]
    listed = ", ".join(f"{path} {counts[path]}" for path in most)
    more = len(counts) - len(most)
    return f"{word}: {listed}" + (f" and {more} more files" if more else "")


def places(words: Sequence[str], repo: Repo, globs: Sequence[str] = ("**",)) -> str:
    """Each line that holds one of these words, in files that match, as far as there is room; empty
    without words. Reads the whole repository.
    """
    words = [word for word in words if word.strip()]
    if not words:
        return ""
    held = {
        p: text for p, text in texts(repo, words).items() if any(matches(p, glob) for glob in globs)
    }
    parts = []
    left = HIT_TOKENS
    for word in words[:MOST_WORDS]:
        rows: list[str] = []
        count = count_hits(word, held, {}).before
        for row in hit_lines(word, held):
            plain = masked(row)
            if estimate(plain) > left:
                rows.append("(and more)")
                break
            rows.append(plain)
            left -= estimate(plain)
        said = f"`{word}` stands {count} times in source and tests"
        parts.append(f"{said}:\n{fence('every place', chr(10).join(rows))}" if rows else f"{said}.")
    return "\n".join(parts)
