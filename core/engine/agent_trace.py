"""Which lines came from a model, as records of Agent Trace 0.1.0, for other tools to read.

The specification is the README of github.com/cursor/agent-trace (agent-trace.dev), January 2026,
an RFC. It leaves open what `content_hash` is made of: here it is the sha256 of the range's lines
in UTF-8, line ends included. `model_id` is the name as Relaypair was given it; whether models.dev
lists it is not looked up. `url` is left out: no conversation is published anywhere.
"""

import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from core.domain.route import LOCAL
from core.engine.provenance import Landed, Origin
from core.engine.routes import BUILTIN

VERSION = "0.1.0"
_MODEL_ID = 250
"""Characters of a `model_id`; a longer name is left out."""

_Lines = list[tuple[int, Origin]]
_Tree = dict[str, dict[tuple[str, str], _Lines]]
"""Path, then contributor's type and model, then the lines."""


@dataclass(frozen=True, slots=True)
class TracedFile:
    """A file as it is now."""

    path: str
    lines: Sequence[str]
    """With their ends."""
    origins: Mapping[int, Origin]
    """Line (1-based) to what wrote it."""
    revision: str
    """The commit that holds exactly these bytes; empty where none is known to."""


def trace_records(files: Iterable[TracedFile], version: str) -> list[dict[str, Any]]:
    """One record for each landing, oldest first; what no commit holds yet is a record without
    `vcs`, since line numbers are those of the recorded revision.

    `version` is Relaypair's own. A record's id follows from what it says, so what did not change
    is exported under the same id again. Neither goals nor words of a model are in it.
    """
    found: dict[tuple[float, str, str], tuple[Landed, _Tree]] = {}
    texts: dict[str, Sequence[str]] = {}
    for file in files:
        texts[file.path] = file.lines
        for line, origin in sorted(file.origins.items()):
            landed = origin.landed
            key = landed.at, landed.landing.id, file.revision
            tree = found.setdefault(key, (landed, {}))[1]
            tree.setdefault(file.path, {}).setdefault(_contributor(origin), []).append(
                (line, origin)
            )
    return [
        _record(landed, tree, texts, revision, version)
        for (_, _, revision), (landed, tree) in sorted(found.items(), key=lambda item: item[0])
    ]


def _record(
    landed: Landed, tree: _Tree, texts: Mapping[str, Sequence[str]], revision: str, version: str
) -> dict[str, Any]:
    landing = landed.landing
    said = {
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(landed.at)),
        **({"vcs": {"type": "git", "revision": revision}} if revision else {}),
        "tool": {"name": "relaypair", "version": version},
        "files": [
            {"path": path, "conversations": [*_conversations(groups, texts[path])]}
            for path, groups in tree.items()
        ],
        "metadata": {
            "relaypair": {
                "run": landed.state.run_id,
                "landing": landing.id,
                "verified": landing.verified,
            }
        },
    }
    name = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(said))
    return {"version": VERSION, "id": str(name), **said}


def _contributor(origin: Origin) -> tuple[str, str]:
    """Type and model. For what the engine without a model wrote the specification has no word, and
    who wrote a change that was reviewed is not known.
    """
    is_reviewed = origin.landed.state.kind == "review"
    if is_reviewed or origin.model in ("", LOCAL, BUILTIN):
        return "unknown", ""
    return "mixed" if origin.is_edited else "ai", origin.model


def _conversations(
    groups: Mapping[tuple[str, str], _Lines], text: Sequence[str]
) -> Iterator[dict[str, Any]]:
    for (kind, model), lines in groups.items():
        named = {"model_id": model} if 0 < len(model) <= _MODEL_ID else {}
        ranges = [_range(text, first, last) for first, last in _stretches(lines)]
        yield {"contributor": {"type": kind, **named}, "ranges": ranges}


def _stretches(lines: _Lines) -> Iterator[tuple[int, int]]:
    """First and last line of what one hunk wrote without a gap."""
    first, last, hunk = 0, 0, ""
    for line, origin in lines:
        if first and (line > last + 1 or origin.hunk.id != hunk):
            yield first, last
            first = 0
        first, last, hunk = first or line, line, origin.hunk.id
    if first:
        yield first, last


def _range(text: Sequence[str], first: int, last: int) -> dict[str, Any]:
    written = "".join(text[first - 1 : last]).encode("utf-8", "surrogatepass")
    return {
        "start_line": first,
        "end_line": last,
        "content_hash": f"sha256:{sha256(written).hexdigest()}",
    }
