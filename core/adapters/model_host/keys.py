"""Which environment variables hold the key of a provider."""

from collections.abc import Container, Mapping

_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    "bedrock": ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    "bedrock_converse": ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ROLE_ARN"),
    "codestral": ("CODESTRAL_API_KEY",),
    "fireworks_ai": ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "perplexity": ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"),
    "sagemaker": ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ROLE_ARN"),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY"),
    "vertex_ai": ("GOOGLE_APPLICATION_CREDENTIALS", "VERTEXAI_PROJECT"),
    "volcengine": ("VOLCENGINE_API_KEY", "ARK_API_KEY"),
    "watsonx": ("WATSONX_API_KEY", "WATSONX_APIKEY"),
}
"""Where it is not `<PROVIDER>_API_KEY`, as litellm 1.106.2 reads them; the usual one first."""

_KEYLESS = frozenset(
    {"ollama", "ollama_chat", "hosted_vllm", "lm_studio", "llamafile", "lemonade", "xinference"}
)
"""Providers that run on the user's own machine and need no key."""


def variables(provider: str) -> tuple[str, ...]:
    """The variables of which one must be set; empty for a provider without keys."""
    if provider in _KEYLESS or not provider:
        return ()
    return _VARIABLES.get(provider, (f"{provider.upper().replace('-', '_')}_API_KEY",))


def variable(provider: str) -> str:
    """The variable to name to the user; empty for a provider without keys."""
    return next(iter(variables(provider)), "")


def has_key(provider: str, is_set: Container[str]) -> bool:
    """Whether a call could be signed: one of its variables is set, or none is needed."""
    names = variables(provider)
    return not names or any(name in is_set for name in names)
