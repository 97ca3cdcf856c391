"""How long `relaypair stats` takes over a journal of 1,000 runs, as a whole process.

    python -m benchmarks.stats [--runs N] [--times N] [--keep FOLDER]

The runs are made of the events of one real relay (the bundled sample repository, recorded models):
three in ten are sent back once, one in ten is asked again, one in twenty is undone; hunks are
decided one by one. Tokens, prices and times differ; one call in fifty has no known price.
"""

import argparse
import asyncio
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.adapters.journal import SqliteJournal
from core.adapters.sample import make_sample
from core.bootstrap import JOURNAL_NAME, Workspace
from core.config import Flags, environment
from tui.commands.demo import CHECK, GOAL, MODELS
from tui.headless import Accept, Headless, HeadlessOptions

ROOT = Path(__file__).resolve().parent.parent
NAMES = {
    "demo/planner": "a/large",
    "demo/coder": "b/small",
    "demo/reviewer": "a/middle",
    "demo/summary": "b/small",
}
"""Recorded models under other names."""
PRICES = {"a/large": (3.0, 15.0), "b/small": (0.25, 1.25), "a/middle": (1.0, 5.0)}
"""Dollars per million tokens, made up."""
BEGIN = 1_790_000_000.0
APART = 3_000.0
"""Seconds from one run to the next."""
Event = dict[str, Any]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=7, help="counted runs of each command")
    parser.add_argument("--keep", type=Path, help="leave the journal's state folder here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        state = options.keep or Path(folder) / "state"
        repository = Path(folder) / "repository"
        repository.mkdir()
        events, size = build(state, relay(Path(folder)), options.runs)
        print(f"{options.runs:,} runs, {events:,} events, journal of {size / 1e6:.0f} MB")
        for words in (("keys",), ("stats", "--all"), ("stats", "--all", "--json")):
            times = timed(words, repository, state, options.times)
            low, middle, high = min(times), statistics.median(times), max(times)
            print(f"relaypair {' '.join(words):<18} {low:.2f} {middle:.2f} {high:.2f} s wall")
    print(f"minimum, median and maximum of {options.times} whole processes after one to warm up")


def timed(words: tuple[str, ...], folder: Path, state: Path, times: int) -> list[float]:
    """Wall seconds of each call."""
    env = {**os.environ, "XDG_STATE_HOME": str(state)}
    taken = []
    for _ in range(times + 1):
        began = time.perf_counter()
        command = [sys.executable, str(ROOT / "relaypair.py"), *words]
        subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - began)
    return taken[1:]


def relay(folder: Path) -> list[Event]:
    """The events of the recorded relay, each with its time under `at`."""
    env = {**environment(), "XDG_STATE_HOME": str(folder / "first")}
    env |= {"XDG_CACHE_HOME": str(folder / "cache")}
    flags = Flags(models=MODELS, checks=(CHECK,))
    workspace = Workspace.open(make_sample(env), env, flags)
    wanted = HeadlessOptions(accept=Accept.ALL, land=True)
    asyncio.run(Headless(workspace.session(), wanted, lambda line: None).run(GOAL))
    with sqlite3.connect(workspace.journal.path) as database:
        rows = database.execute("SELECT at, body FROM event ORDER BY seq").fetchall()
    return [{**json.loads(_renamed(body)), "at": at} for at, body in rows]


def _renamed(text: str) -> str:
    for name, other in NAMES.items():
        text = text.replace(name, other)
    return text


def build(state: Path, template: list[Event], runs: int) -> tuple[int, int]:
    """A journal of so many runs below a state folder: how many events, how many bytes."""
    path = state / "relaypair/sample-000000000000" / JOURNAL_NAME
    SqliteJournal(path).close()
    chance, total = random.Random(1), 0
    with sqlite3.connect(path) as database:
        for number in range(runs):
            run, began = f"{number:06x}", BEGIN + APART * number
            database.execute(
                "INSERT INTO run VALUES(?,?,?,?,?,?)", (run, GOAL, "relay", began, began, "landed")
            )
            for seq, event in enumerate(varied(template, chance), 1):
                at = began + event.pop("at") - template[0]["at"]
                body = json.dumps(event, separators=(",", ":"))
                database.execute("INSERT INTO event VALUES(?,?,?,?)", (run, seq, at, body))
                total += 1
    database.close()
    return total, path.stat().st_size


def varied(template: list[Event], chance: random.Random) -> Iterator[Event]:
    """One run like the recorded one."""
    kinds = [event["type"] for event in template]
    back = kinds.index("SentBack")
    loop = range(
        max(i for i in range(back) if kinds[i] == "PhaseStarted"),
        next(i for i in range(back + 1, len(kinds)) if template[i].get("phase") == "verify"),
    )
    is_straight, late = chance.random() > 0.3, 0.0
    for place, event in enumerate(template):
        if is_straight and place in loop:
            continue
        for one in _told(event, chance):
            late += chance.random() * (20 if one["type"] == "HunkDecided" else 0.05)
            yield {**one, "at": event["at"] + late}


def _told(event: Event, chance: random.Random) -> Iterator[Event]:
    if event["type"] == "HunkDecided":
        for name in event["ids"]:
            state = "accepted" if chance.random() < 0.85 else "rejected"
            yield {**event, "ids": [name], "state": state, "by": "user"}
        return
    if event["type"] == "ModelReplied":
        if chance.random() < 0.1:
            yield _priced(event, chance)
            task = event["task"]
            yield {"type": "PhaseRetried", "phase": event["phase"], "reason": "no", "task": task}
        event = _priced(event, chance)
    yield event
    if event["type"] == "EditsLanded" and chance.random() < 0.05:
        yield {"type": "LandingUndone", "landing": event["landing"]}


def _priced(event: Event, chance: random.Random) -> Event:
    model = "c/unpriced" if chance.random() < 0.02 else event["model"]
    tokens_in, tokens_out = chance.randint(1_500, 6_000), chance.randint(100, 2_000)
    cost, basis = None, "unknown"
    if model in PRICES:
        per_in, per_out = PRICES[model]
        cost, basis = (tokens_in * per_in + tokens_out * per_out) / 1e6, "priced"
    usage: Event = {"tokens_in": tokens_in, "tokens_out": tokens_out, "tokens_cached": 0}
    usage |= {"cost": cost, "basis": basis, "calls": 1}
    seconds = round(chance.lognormvariate(2.0, 0.6), 3)
    return {**event, "model": model, "usage": usage, "seconds": seconds, "first_token": seconds / 9}


if __name__ == "__main__":
    main()
