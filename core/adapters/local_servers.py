"""Model servers of the user's own machine as they are by default."""

from dataclasses import dataclass

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A model server as it is by default."""

    name: str
    port: int
    provider: str
    """How ids of its models begin."""
    variable: str
    """The environment variable that says where it is."""
    base: str = "/v1"
    """Path of the address in that variable."""
    listing: str = "/v1/models"
    key: str = ""
    """The variable of its key, where one must be set."""

    @property
    def address(self) -> str:
        """The value of its variable."""
        return f"http://{HOST}:{self.port}{self.base}"


USUAL = (
    LocalServer("Ollama", 11434, "ollama_chat", "OLLAMA_API_BASE", base="", listing="/api/tags"),
    LocalServer("LM Studio", 1234, "lm_studio", "LM_STUDIO_API_BASE"),
    LocalServer("vLLM", 8000, "hosted_vllm", "HOSTED_VLLM_API_BASE"),
    LocalServer("llama.cpp", 8080, "llamafile", "LLAMAFILE_API_BASE"),
    LocalServer(
        "litellm proxy",
        4000,
        "litellm_proxy",
        "LITELLM_PROXY_API_BASE",
        key="LITELLM_PROXY_API_KEY",
    ),
)
"""Ports by their makers' pages: Ollama's docs/faq.md, LM Studio's `OpenAI Compatible Endpoints`,
vLLM's `OpenAI-Compatible Server`, llama.cpp's tools/server/README.md, LiteLLM's `CLI Arguments`.
Variables as litellm 1.106.2 reads them.
"""
