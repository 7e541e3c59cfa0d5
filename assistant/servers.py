"""The servers of the settings, with what the environment holds for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.errors import ConfigError
from store.chroma_server import ServerAddress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant.config import Chroma, Embeddings
    from store.embedding.endpoint import Endpoint


def chroma_address(chroma: Chroma, env: Mapping[str, str]) -> ServerAddress:
    """Return the address of a Chroma server with its secret headers; raise ConfigError where a variable is not set."""
    named = dict(chroma.headers)
    if chroma.token_env:
        named["x-chroma-token"] = chroma.token_env
    headers = {name: env_value(variable, env, "chroma") for name, variable in named.items()}
    return ServerAddress(chroma.url, chroma.tenant, chroma.database, headers)


def embeddings_endpoint(embeddings: Embeddings, env: Mapping[str, str]) -> Endpoint:
    """Return where passages are embedded in bulk, with its key; raise ConfigError where its variable is not set."""
    from store.embedding.endpoint import Endpoint  # numpy

    key = env_value(embeddings.api_key_env, env, "embeddings") if embeddings.api_key_env else None
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return Endpoint(embeddings.url, embeddings.model, embeddings.api, headers)


def env_value(variable: str, env: Mapping[str, str], table: str) -> str:
    """Return what a variable holds; raise ConfigError where it is not set, or nothing that can be a header."""
    value = env.get(variable, "").strip()
    if not value:
        raise ConfigError(f"{variable} is not set, and [{table}] names it", hint=f"export {variable}=…")
    if not value.isprintable() or not value.isascii():
        raise ConfigError(f"{variable} holds something that cannot be sent as a header")
    return value
