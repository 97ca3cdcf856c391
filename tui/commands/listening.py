"""Which model servers of this machine listen, asked because the user asks."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from core.adapters.local_servers import HOST, USUAL, LocalServer
from core.adapters.server_search import Answer, find_servers
from core.domain.servers import ADDRESSES, address_of, is_loopback
from tui.commands.finding import OK, Finding
from tui.figures import counted

OPENAI_LIKE = next(server for server in USUAL if server.listing == "/v1/models")
"""How a server is asked of which nothing is known but its address."""


class Listening:
    """The usual ports of this machine, and those that the environment names for providers."""

    def __init__(self, env: Mapping[str, str], providers: Iterable[str]) -> None:
        """Ask them all at once, for no longer than a search for servers takes."""
        self._addresses = {one: address_of(one, env) for one in providers}
        near = [(one, port) for one, at in self._addresses.items() if (port := _port(at))]
        taken = {server.port for server in USUAL}
        more = {port: _server(one, port) for one, port in near if port not in taken}
        self._answers = asyncio.run(find_servers((*USUAL, *more.values())))

    @property
    def told(self) -> Finding:
        """Who answers."""
        found = [_said(answer) for answer in self._answers if answer.models]
        ports = ", ".join(str(server.port) for server in USUAL)
        none = f"none answers on {HOST}, ports {ports}"
        return Finding(OK, f"model servers of this machine: {', '.join(found) or none}")

    def lacks(self, provider: str) -> str:
        """Why a provider whose server is on this machine cannot be asked; empty for any other."""
        address = self._addresses.get(provider, "")
        port = _port(address)
        if not port or any(answer.server.port == port for answer in self._answers):
            return ""
        return f"no server listens at {address}"


def _port(address: str) -> int:
    """The port of a loopback address that can be asked for models; 0 for none."""
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return 0
    return port if is_loopback(address) and parts.hostname != "::1" else 0


def _server(provider: str, port: int) -> LocalServer:
    names, _ = ADDRESSES[provider]
    known = next((server for server in USUAL if server.variable in names), OPENAI_LIKE)
    return replace(known, name=provider, port=port, provider=provider)


def _said(answer: Answer) -> str:
    server = answer.server
    return f"{server.name} at {HOST}:{server.port} ({counted(len(answer.models), 'model')})"
