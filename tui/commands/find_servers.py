"""`relaypair models --find`: model servers on this machine, and the lines that use them."""

import asyncio
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.adapters.local_servers import HOST, USUAL, LocalServer
from core.adapters.server_search import Answer, find_servers
from core.config import USER_FILE, environment, find_folders
from core.domain.servers import IN_A_CLOUD
from tui.exit_codes import ExitCode
from tui.figures import counted
from tui.sanitise import one_line

SHOWN = 12
"""Models of one server that are named."""
PASSED_ON = (
    "A server here may pass on what it is sent: a litellm proxy and Ollama's cloud models count as "
    "elsewhere under local_only and RELAYPAIR_LOCAL_ONLY; of other servers they cannot see that."
)


def find(servers: Sequence[LocalServer] = USUAL) -> int:
    """Ask the usual ports and print who answered, with its models and what to set."""
    answers = asyncio.run(find_servers(servers))
    config = find_folders(environment()).config / USER_FILE
    for answer in answers:
        for line in _lines(answer, config):
            print(line)
    if not any(answer.models for answer in answers):
        asked = ", ".join(f"{server.port} ({server.name})" for server in servers)
        print(f"relaypair: no model answers on {HOST}, ports {asked}.", file=sys.stderr)
    else:
        print(PASSED_ON, file=sys.stderr)
    return int(ExitCode.DONE)


def _lines(answer: Answer, config: Path) -> Iterator[str]:
    server = answer.server
    where = f"{HOST}:{server.port}, the usual port of {server.name}"
    if answer.trouble:
        yield f"{where}: something there {answer.trouble}"
        yield ""
        return
    kind = "Ollama's" if server.listing == "/api/tags" else "an OpenAI-compatible"
    yield f"{where}: {kind} answer to {server.listing}, {counted(len(answer.models), 'model')}"
    shown = answer.models[:SHOWN]
    yield from (f"  {model}{'   in a cloud' if _is_far(model) else ''}" for model in shown)
    if more := len(answer.models) - len(shown):
        yield f"  and {more} more"
    if answer.left_out:
        yield f"  {answer.left_out} left out: too many, or named as no model can be named here"
    if answer.models:
        yield from _use(answer, config)
    yield ""


def _is_far(model: str) -> bool:
    return model.casefold().endswith(IN_A_CLOUD)


def _use(answer: Answer, config: Path) -> Iterator[str]:
    """What to set, with the first model that is on this machine and not one for embeddings."""
    server = answer.server
    near = (m for m in answer.models if "embed" not in m.casefold() and not _is_far(m))
    model = next(near, answer.models[0])
    yield f"  export {server.variable}={server.address}"
    if server.key:
        yield f"  export {server.key}=…    its key, or any word where it wants none"
    yield f"  export RELAYPAIR_MODEL={shlex.quote(model)}"
    yield f'  or, for one phase, under [models] in {one_line(str(config))}: generate = "{model}"'
