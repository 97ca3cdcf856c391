"""Where the providers are whose address is the user's to say, and which of them are on this
machine.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

ADDRESSES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "ollama": (("OLLAMA_API_BASE",), "http://localhost:11434"),
    "ollama_chat": (("OLLAMA_API_BASE",), "http://localhost:11434"),
    "lm_studio": (("LM_STUDIO_API_BASE",), "http://localhost:1234"),
    "llamafile": (("LLAMAFILE_API_BASE",), "http://localhost:8080"),
    "hosted_vllm": (("HOSTED_VLLM_API_BASE",), "http://localhost:8000"),
    "lemonade": (("LEMONADE_API_BASE",), "http://localhost:8000"),
    "openai": (("OPENAI_BASE_URL", "OPENAI_API_BASE"), ""),
    "litellm_proxy": (("LITELLM_PROXY_API_BASE",), "http://localhost:4000"),
}
"""The variables that say where a provider is, and where it is without them."""
PROXIES = ("litellm_proxy",)
"""Providers that pass on what they are sent."""
IN_A_CLOUD = (":cloud", "-cloud")
"""How ids of the models end that an Ollama server passes on to ollama.com (Ollama's docs, `Cloud`):
`gpt-oss:120b-cloud`, `glm-4.6:cloud`.
"""


def address_of(provider: str, env: Mapping[str, str]) -> str:
    """The address of a provider's server; empty for one that has an address of its own."""
    names, default = ADDRESSES.get(provider, ((), ""))
    return next((env[name] for name in names if env.get(name)), default)


def is_loopback(address: str) -> bool:
    """Whether an address leads to this machine, by its own words: no name is looked up."""
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def stays_here(model: str, env: Mapping[str, str]) -> bool:
    """Whether a model's server is on this machine, as far as its id and the environment tell.

    A model that a server here has in a cloud is elsewhere, and so is all that is behind a proxy:
    to pass on is what that is for. What another server passes on cannot be seen.
    """
    provider = model.partition("/")[0]
    if provider in PROXIES or model.casefold().endswith(IN_A_CLOUD):
        return False
    return is_loopback(address_of(provider, env))
