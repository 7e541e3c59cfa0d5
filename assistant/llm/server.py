"""Where requests go and with which key: to the provider's own server, or to the one that the user names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.config import Secret
from assistant.errors import ConfigError, LLMAuthenticationError
from assistant.llm.exchange import is_here
from store.cleaning import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant.config import ModelProfile

MAX_MESSAGE_CHARS = 200
_FOREIGN_CHARS = 65_536


@dataclass(frozen=True, slots=True)
class Server:
    """Where requests go and with which key; ``key_variable`` is what the user would set to change it."""

    base_url: str
    key: Secret | None = None
    key_variable: str = ""

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine."""
        return is_here(self.base_url)

    def said(self, foreign: str) -> str:
        """Return what it said as the end of a message."""
        said = self.tidy(foreign)
        return f": {said}" if said else ""

    def tidy(self, foreign: str) -> str:
        """Return foreign text on one line, safe to print, without our key, and short."""
        text = clean_line(foreign[:_FOREIGN_CHARS])
        if self.key is not None:
            text = text.replace(self.key.reveal(), repr(self.key))
        return shortened(text)


def shortened(text: str) -> str:
    """Return a text with no more characters than a message has room for."""
    return text if len(text) <= MAX_MESSAGE_CHARS else f"{text[: MAX_MESSAGE_CHARS - 1]}…"


def find_server(
    profile: ModelProfile, env: Mapping[str, str], *, own_url: str, usual_url: str, key_variables: tuple[str, ...]
) -> Server:
    """Return the server of a profile: at its ``base_url`` or else at ``usual_url``, which may be the user's choice.

    ``own_url`` is the provider's. The key in the first of ``key_variables`` that is set goes there and to ``usual_url``
    only: a profile with another ``base_url`` names its own ``api_key_env``, or its server is asked without a key. Raise
    ``ConfigError`` or ``LLMAuthenticationError``.
    """
    base_url = checked_url(profile.base_url or usual_url)
    variable = profile.api_key_env or _first_set(key_variables, env)
    is_usual = base_url in {checked_url(usual_url), own_url}
    # A key lying in the environment is not for every server that a profile names.
    text = env.get(variable, "").strip() if profile.api_key_env or is_usual else ""
    if not text and (profile.api_key_env or (key_variables and base_url == own_url)):
        raise LLMAuthenticationError(f"no key for {base_url}", hint=f"set {variable}")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise LLMAuthenticationError(f"the key in {variable} cannot be sent: odd characters", hint=f"set {variable}")
    return Server(base_url, Secret(text) if text else None, variable)


def _first_set(variables: tuple[str, ...], env: Mapping[str, str]) -> str:
    return next((name for name in variables if env.get(name, "").strip()), variables[0] if variables else "")


def checked_url(url: str) -> str:
    """Return a base URL without a slash at its end. Raise ``ConfigError``."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("the server's `base_url` is not a URL", hint="it looks like http://127.0.0.1:8080/v1")
    if parts.username is not None or parts.query or parts.fragment:
        # Whatever stands there may be a secret: it is not shown.
        raise ConfigError(
            f"the `base_url` of {parts.hostname} has a user name, a query or a fragment",
            hint="a key belongs in the variable that `api_key_env` names",
        )
    return parts.geturl().rstrip("/")
