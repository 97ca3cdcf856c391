"""`relaypair retrieve`: ranked files for a goal, for people and, as JSON lines, for programs."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from core.adapters.finding import Finding
from core.adapters.retriever import Answer
from core.config import environment, load_settings
from core.domain.context import ContextItem
from core.domain.errors import Refused, RelaypairError
from core.retrieval.fusion import Result
from core.retrieval.slices import to_quote
from tui.exit_codes import ExitCode
from tui.sanitise import one_line

MOST_ROOTS = 16
"""Indexes that one process keeps open; the one used longest ago is closed for another."""
MOST_RESULTS = 1_000


def main(options: argparse.Namespace) -> int:
    """Answer one query, or each line of standard input with `--jsonl`. Raises `RelaypairError`."""
    roots = _Roots(environment())
    try:
        if options.jsonl:
            _speak_utf8()
            for line in answer_lines(sys.stdin, roots):
                print(line, flush=True)
            return int(ExitCode.DONE)
        text = " ".join(options.query).strip()
        if not text:
            raise Refused('There is nothing to look for; try: relaypair retrieve "fix the parser".')
        finding, budget = roots.at(options.repo), options.snippets
        answer = finding.answer(text, _size(options.k))
        snippets = quoted(finding, text, budget)
        if options.json:
            print(json.dumps(_with_reasons(answer) | _told(snippets, budget), ensure_ascii=False))
        else:
            _show(answer)
            _show_snippets(snippets)
        return int(ExitCode.DONE)
    finally:
        roots.close()


def answer_lines(lines: Iterable[str], roots: "_Roots") -> Iterator[str]:
    """One JSON line for each request line, in order; a request that is none gets `error`."""
    for line in lines:
        if line.strip():
            yield json.dumps(_answer(line, roots), ensure_ascii=False)


def _answer(line: str, roots: "_Roots") -> dict[str, Any]:
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise Refused('A request is an object with "root" and "query".')
        root, query, k = request.get("root"), request.get("query"), request.get("k", 10)
        if not isinstance(root, str) or not isinstance(query, str) or not root:
            raise Refused('A request needs "root" and "query", both text.')
        if not isinstance(k, int) or isinstance(k, bool):
            raise Refused('"k" is how many files to give, a whole number.')
        budget = request.get("snippets", 0)
        if not isinstance(budget, int) or isinstance(budget, bool):
            raise Refused('"snippets" is how many tokens to quote, a whole number.')
        finding = roots.at(Path(root))
        answer = finding.answer(query, _size(k))
        return _plain(answer) | _told(quoted(finding, query, budget), budget)
    except (ValueError, RecursionError) as error:
        return {"error": f"This line is not JSON ({error}); send one object a line."}
    except RelaypairError as fault:
        return {"error": str(fault)}


def _size(k: int) -> int:
    return max(1, min(k, MOST_RESULTS))


class _Roots:
    """One retriever for each root asked about."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._open: dict[Path, Finding] = {}

    def at(self, root: Path) -> Finding:
        try:
            place = root.resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise Refused(f"{root} cannot be opened ({error}); name a folder.") from error
        known = self._open.pop(place, None)
        if known is None:
            settings = load_settings(place, self._env)
            cache = settings.repository_folder(place, settings.folders.cache)
            known = Finding.open(place, cache, self._env)
        self._open[place] = known
        if len(self._open) > MOST_ROOTS:
            self._open.pop(next(iter(self._open))).close()
        return known

    def close(self) -> None:
        for finding in self._open.values():
            finding.close()


def quoted(finding: Finding, goal: str, budget: int) -> tuple[ContextItem, ...]:
    """What the retrieve phase would quote in so many tokens; nothing for none."""
    if budget <= 0:
        return ()
    candidates = finding.rank(goal).candidates
    return finding.quote(goal, to_quote(goal, candidates), budget)


def _told(snippets: Iterable[ContextItem], budget: int) -> dict[str, Any]:
    """Snippets for a program, where it asked for them."""
    if budget <= 0:
        return {}
    fields = ("path", "start", "end", "text", "tokens", "symbol", "why", "flags")
    return {
        "snippets": [
            {"trust": item.trust.value} | {name: getattr(item, name) for name in fields}
            for item in snippets
        ]
    }


def _plain(answer: Answer) -> dict[str, Any]:
    ranking = answer.ranking
    return {
        "files": [one.path for one in ranking.files],
        "tests": [one.path for one in ranking.tests],
        "docs": [one.path for one in ranking.docs],
        "commits": [commit.sha for commit in ranking.commits],
        "trusted": not answer.missing,
        "missing": answer.missing,
        "ms": round(answer.milliseconds, 2),
        "index_ms": round(answer.index_milliseconds, 2),
    }


def _with_reasons(answer: Answer) -> dict[str, Any]:
    ranking = answer.ranking

    def rows(results: Iterable[Result]) -> list[dict[str, Any]]:
        return [
            {"path": r.path, "score": r.score, "line": r.line, "why": list(r.why)} for r in results
        ]

    return _plain(answer) | {
        "files": rows(ranking.files),
        "tests": rows(ranking.tests),
        "docs": rows(ranking.docs),
        "commits": [{"sha": c.sha, "subject": c.subject} for c in ranking.commits],
    }


def _show(answer: Answer) -> None:
    ranking = answer.ranking
    if answer.missing:
        print(f"Not to be built upon: {one_line(answer.missing)}.", file=sys.stderr)
    for number, result in enumerate(ranking.files, 1):
        _show_result(f"{number:>3}", result)
    for name, results in (("tests", ranking.tests), ("docs", ranking.docs)):
        if results:
            print(f"{name}:")
        for result in results[:5]:
            _show_result("   ", result)


def _show_result(mark: str, result: Result) -> None:
    place = f"{result.path}:{result.line}" if result.line else result.path
    print(f"{mark}  {one_line(place)}  ({one_line('; '.join(result.why))})")


def _show_snippets(snippets: Iterable[ContextItem]) -> None:
    for item in snippets:
        flags = f", {', '.join(item.flags)}" if item.flags else ""
        print(f"\n{one_line(item.id)}  ({item.trust.value}, {item.tokens} tokens{flags})")
        for row in (*item.heads, *item.text.split("\n")):
            print(one_line(row))


def _speak_utf8() -> None:
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
