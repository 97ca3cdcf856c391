"""From what speaks for each file to ranked lanes, with the reasons in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.domain.context import Trust
from core.domain.words import shortened
from core.retrieval import signals
from core.retrieval.corpus import lane
from core.retrieval.feedback import LONG, alike
from core.retrieval.query import Query, parse_query
from core.retrieval.quoting import quoted
from core.retrieval.signals import Scores
from core.retrieval.snapshot import PastCommit, Site, Snapshot, path_terms

WEIGHTS: Mapping[str, float] = {
    "chunk": 1.0,
    "whole": 0.7,
    "path": 0.4,
    "symbols": 0.1,
    "defines": 0.3,
    "mention": 1.0,
    "scope": 0.5,
    "history": 0.7,
    "recent": 0.7,
    "alike": 0.5,
    "quoted": 0.6,
}
"""What the best file of each signal gets; see docs/decisions/0009-ranking.md."""
BESIDE = 0.5
"""What the score of an example, a benchmark or generated code counts where no word asks for it."""
COMMON = 0.25
"""Share of all paths from which on a word in a path is no reason to tell."""
TOLD = 60
"""Characters of a commit's subject in a reason."""
ASKED = 5
"""First letters of a word that asks for it: `example` for `examples/`."""


@dataclass(frozen=True, slots=True)
class Result:
    """One file with its score and why it is where it is."""

    path: str
    score: float
    why: tuple[str, ...]
    line: int = 0
    """1-based first line of what matched best; 0 where nothing in the file did."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Lanes, best first."""

    files: tuple[Result, ...] = ()
    """Source, and configuration that the goal names."""
    tests: tuple[Result, ...] = ()
    docs: tuple[Result, ...] = ()
    """Documents, data and configuration."""
    commits: tuple[PastCommit, ...] = ()


@dataclass
class Evidence:
    """Every signal's scores, and what each reason is made of."""

    scores: dict[str, Scores]
    query: Query
    sites: Mapping[int, list[Site]]
    mentioned: Mapping[int, str]
    commits: Mapping[int, PastCommit]
    past: list[PastCommit]
    best: Mapping[int, int]
    """A file's best chunk."""
    quoted: Mapping[int, str] = field(default_factory=dict)
    """Words of the goal that a file holds as they stand."""
    total: Scores = field(default_factory=dict)
    """What every file is worth."""


def rank_files(text: str, index: Snapshot, k: int) -> Ranking:
    """The best `k` of each lane for a goal."""
    found = evidence(text, index)
    total = found.total
    lanes: dict[Trust, list[int]] = {Trust.CODE: [], Trust.TEST: [], Trust.DOCS: []}
    for number in sorted(total, key=lambda n: (-total[n], index.paths[n])):
        place = index.lanes[number]
        if place is Trust.DOCS and number in found.mentioned:
            place = lane(index.paths[number])
        lanes[place].append(number)

    def results(trust: Trust) -> tuple[Result, ...]:
        return tuple(_result(n, total[n], index, found) for n in lanes[trust][:k])

    return Ranking(
        results(Trust.CODE), results(Trust.TEST), results(Trust.DOCS), tuple(found.past[:k])
    )


def evidence(text: str, index: Snapshot) -> Evidence:
    """Every signal for a goal."""
    query = parse_query(text)
    said = signals.texts(index, signals.weighed(query, index))
    names = query.names | signals.near_names(index, query)
    defines, sites = signals.definitions(index, names)
    mention, mentioned = signals.mentions(index, query)
    past = signals.history(index, query)
    scores = {
        "chunk": said.chunk,
        "whole": said.whole,
        "path": signals.paths(index, query),
        "symbols": signals.symbols(index, query),
        "defines": defines,
        "mention": mention,
        "scope": signals.scope(index, query),
        "history": past.scores,
    }
    for name in ("chunk", "whole", "symbols"):
        _share(scores[name], index)
    matched = set().union(*scores.values())
    scores["recent"] = {n: s for n in matched if (s := index.recent.get(index.paths[n], 0.0))}
    found = Evidence(scores, query, sites, mentioned, past.why, past.commits, said.best)
    found.total = ranked(found, index)
    if len(text.split()) >= LONG:
        scores["alike"] = alike(index, found.total, said)
        _share(scores["alike"], index)
        found.total = ranked(found, index)
        found.quoted = quoted(index, text, found.total)
    if found.quoted:
        scores["quoted"] = dict.fromkeys(found.quoted, 1.0)
        found.total = ranked(found, index)
    return found


def _share(scores: Scores, index: Snapshot) -> None:
    """Let files of the same text have the same score; chunks know only one of them."""
    for twins in index.by_blob.values():
        if len(twins) > 1:
            best = max(scores.get(n, 0.0) for n in twins)
            if best:
                scores.update(dict.fromkeys(twins, best))


def ranked(found: Evidence, index: Snapshot) -> Scores:
    """What every file is worth, each signal in its measure."""
    total = fused(found.scores, index)
    _put_beside(total, found, index)
    return total


def fused(
    scores: Mapping[str, Scores], index: Snapshot, weights: Mapping[str, float] = WEIGHTS
) -> Scores:
    """The weighted sum of all signals, each by its best file of the same lane."""
    total: Scores = {}
    for name, found in scores.items():
        weight = weights[name]
        if not weight:
            continue
        tops = _tops(found, index)
        for number, score in found.items():
            if score > 0:
                top = tops[index.lanes[number]]
                total[number] = total.get(number, 0.0) + weight * score / top
    return total


def _put_beside(total: Scores, found: Evidence, index: Snapshot) -> None:
    """Let what is rarely meant count less, unless the goal names it or says what it is."""
    asked = {term[:ASKED] for term in found.query.prose}
    for number, word in index.beside.items():
        if number in total and number not in found.mentioned:
            total[number] *= 1.0 if word.strip(".")[:ASKED] in asked else BESIDE


def _tops(found: Scores, index: Snapshot) -> dict[Trust, float]:
    tops: dict[Trust, float] = {}
    for number, score in found.items():
        trust = index.lanes[number]
        if score > tops.get(trust, 0.0):
            tops[trust] = score
    return tops


def _result(number: int, score: float, index: Snapshot, found: Evidence) -> Result:
    sites = found.sites.get(number, [])
    line = sites[0].line if sites else 0
    why = tuple(_reasons(number, index, found))
    return Result(index.paths[number], round(score, 4), why, line)


def _tells(path: str, index: Snapshot, query: Query) -> bool:
    """Whether a path holds a word of the goal that most other paths do not."""
    most = COMMON * len(index.paths)
    held = (term for term in path_terms(path) if term in query.prose)
    return any(len(index.path_lists[term]) <= most for term in held)


def _reasons(number: int, index: Snapshot, found: Evidence) -> Iterable[str]:
    names = dict.fromkeys(site.name for site in found.sites.get(number, []))
    if names:
        yield "defines " + ", ".join(f"`{name}`" for name in list(names)[:3])
    if number in found.mentioned:
        yield f"named as {found.mentioned[number]}"
    if number in found.quoted:
        yield f'holds "{shortened(found.quoted[number], 2 * TOLD)}"'
    if number in found.scores["path"] and _tells(index.paths[number], index, found.query):
        yield "path"
    if number in found.scores["symbols"]:
        yield "names"
    if number in found.scores["chunk"]:
        yield "text"
    if number in found.commits:
        commit = found.commits[number]
        yield f"commit {commit.sha[:8]} said {shortened(commit.subject, TOLD)}"
