"""Which models there are: what the configuration names, and what answers on this machine right now."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.config import ModelProfile
from assistant.errors import ConfigError, LLMAuthenticationError
from assistant.llm import profile_of
from assistant.llm.anthropic import ANTHROPIC_URL, AnthropicMessages, anthropic_server
from assistant.llm.anthropic import KEY_VARIABLES as ANTHROPIC_KEYS
from assistant.llm.exchange import Exchange, ExchangeError, Head, prepare
from assistant.llm.gemini import GEMINI_URL, GenerateContent, gemini_server
from assistant.llm.gemini import KEY_VARIABLES as GEMINI_KEYS
from assistant.llm.ollama import OllamaChat, ollama_server
from assistant.llm.openai import KEY_VARIABLES as OPENAI_KEYS
from assistant.llm.openai import OPENAI_URL, ChatCompletions, openai_server
from assistant.llm.refusals import parsed_object
from assistant.llm.server import Server
from store.cleaning import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant.config import Config, Provider
    from assistant.llm.wire import ServedModel, WireFormat

ModelStatus = Literal["ready", "configured", "unreachable", "missing", "no key", "wrong"]

# The ports that llama.cpp, LM Studio and vLLM use unless told otherwise.
USUAL_PORTS = {8080: "llama.cpp", 1234: "LM Studio", 8000: "vLLM"}

# What a server on this machine may take to say what it has; it needs a few milliseconds.
PROBE_S = 0.8
MAX_MODELS = 100
_MAX_BYTES = 2_000_000
_MAX_CHARS = 200

_SERVERS = {
    "openai": openai_server,
    "ollama": ollama_server,
    "anthropic": anthropic_server,
    "gemini": gemini_server,
}
_WIRES: dict[str, WireFormat] = {
    "openai": ChatCompletions(),
    "ollama": OllamaChat(""),
    "anthropic": AnthropicMessages(),
    "gemini": GenerateContent(),
}
_OWN_URLS = {"openai": OPENAI_URL, "ollama": "", "anthropic": ANTHROPIC_URL, "gemini": GEMINI_URL}
# A provider is at hand without a profile where one of these is set; Ollama needs none.
_VARIABLES: dict[Provider, tuple[str, ...]] = {
    "openai": (*OPENAI_KEYS, "OPENAI_BASE_URL"),
    "ollama": ("OLLAMA_HOST",),
    "anthropic": ANTHROPIC_KEYS,
    "gemini": GEMINI_KEYS,
}


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model by the name that ``--model`` takes, its ``provider``, and ``where`` it is: a URL, a file, 'built in'.

    A ``name`` that ends in ``NAME`` stands for any of the provider's. ``configured`` is what was not looked at: nothing
    is sent to another machine, and no file is loaded. ``model`` is what the server calls it; ``detail`` is for people.
    """

    name: str
    provider: str
    where: str
    status: ModelStatus
    model: str | None = None
    detail: str = ""
    context_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """A server on this machine to be asked for its models, for a profile or for whatever it has.

    ``address`` follows a model's name where the provider alone would lead elsewhere. ``was_named`` by the user, it is
    listed even if nothing answers.
    """

    provider: Provider
    server: Server
    profile: tuple[str, ModelProfile] | None = None
    address: str = ""
    detail: str = ""
    was_named: bool = False

    @property
    def asked(self) -> tuple[str, str, str]:
        """What makes two questions for a list the same one."""
        return self.provider, self.server.base_url, self.server.key_variable if self.server.key else ""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a server said when it was asked; ``models`` is None if that was no list."""

    models: tuple[ServedModel, ...] | None
    detail: str = ""


_BUILT_IN = ModelState("extractive", "extractive", "built in", "ready", detail="the articles' own sentences")


def list_models(
    config: Config,
    env: Mapping[str, str] = os.environ,
    *,
    ports: Mapping[int, str] = USUAL_PORTS,
    wait_s: float = PROBE_S,
) -> tuple[ModelState, ...]:
    """Return every model that can be named now: the built-in one, profiles, providers with a key, local servers.

    Only servers on this machine are asked, all at once and for ``wait_s`` in all: those of profiles, Ollama at
    ``OLLAMA_HOST``, ``OPENAI_BASE_URL``, and whatever listens at ``ports``. Keys go to no other server than questions
    would, and are not shown.
    """
    lines = [_profile_line(name, profile, env) for name, profile in config.models.items()]
    lines += _usual_lines(env)
    named = {_address(line.server) for line in lines if isinstance(line, _Place)}
    for port, maker in ports.items():
        server = Server(f"http://127.0.0.1:{port}/v1")
        if _address(server) not in named:
            lines.append(_Place("openai", server, address=f"@{server.base_url}", detail=maker))
    said = _ask_all([line for line in lines if isinstance(line, _Place)], wait_s)
    states = [_BUILT_IN]
    for line in lines:
        states.extend([line] if isinstance(line, ModelState) else _states_at(line, said[line.asked]))
    return tuple(states)


def probe_model(
    name: str, config: Config, env: Mapping[str, str] = os.environ, *, wait_s: float = PROBE_S
) -> ModelState:
    """Return the state of one model that can be named; its server is asked only where it is on this machine.

    Raise ``ConfigError`` where the name is none.
    """
    if name == "extractive":
        return _BUILT_IN
    profile = profile_of(name, config)
    line = _profile_line(name, profile, env)
    if isinstance(line, ModelState):
        return line
    return _profile_state(name, profile, line.server.base_url, _ask_all([line], wait_s)[line.asked])


def _profile_line(name: str, profile: ModelProfile, env: Mapping[str, str]) -> ModelState | _Place:
    if profile.provider == "local":
        return _file_state(name, profile)
    return _line(name, profile, env, (name, profile))


def _line(
    name: str, profile: ModelProfile, env: Mapping[str, str], named: tuple[str, ModelProfile] | None
) -> ModelState | _Place:
    """Return the server of a profile if it is to be asked, else what is known without asking."""
    where = profile.base_url or _OWN_URLS[profile.provider]
    model = (profile.model or name) if named else None
    try:
        server = _SERVERS[profile.provider](profile, env)
    except LLMAuthenticationError as exc:
        return ModelState(name, profile.provider, where, "no key", model, exc.hint or "", profile.context_tokens)
    except ConfigError as exc:
        return ModelState(name, profile.provider, "", "wrong", model, str(exc), profile.context_tokens)
    if server.is_here:
        return _Place(profile.provider, server, named, was_named=True)
    detail = f"key in {server.key_variable}" if server.key else ""
    return ModelState(name, profile.provider, server.base_url, "configured", model, detail, profile.context_tokens)


def _file_state(name: str, profile: ModelProfile) -> ModelState:
    try:
        path = Path(profile.model or "").expanduser()
    except RuntimeError:  # no home folder
        path = Path()
    status: ModelStatus = "configured" if path.is_file() else "missing"
    where = str(path) if profile.model else ""
    return ModelState(name, "local", where, status, profile.model, context_tokens=profile.context_tokens)


def _usual_lines(env: Mapping[str, str]) -> list[ModelState | _Place]:
    """Return the providers that can be used without a profile: those with a key or an address in a variable."""
    lines: list[ModelState | _Place] = []
    for provider, variables in _VARIABLES.items():
        is_set = any(env.get(variable, "").strip() for variable in variables)
        if not is_set and provider != "ollama":
            continue
        line = _line(f"{provider}:NAME", ModelProfile(provider=provider), env, None)
        lines.append(replace(line, was_named=is_set) if isinstance(line, _Place) else line)
    return lines


def _states_at(place: _Place, said: _Said) -> list[ModelState]:
    """Return the lines of a server: of its profile, or of each of its models."""
    where = place.server.base_url
    if place.profile is not None:
        return [_profile_state(*place.profile, where, said)]
    if said.models is None:
        name = f"{place.provider}:NAME"
        return [ModelState(name, place.provider, where, "unreachable", detail=said.detail)] if place.was_named else []
    return [
        ModelState(
            f"{place.provider}:{model.name}{place.address}",
            place.provider,
            where,
            "ready",
            model.name,
            model.detail or place.detail,
            model.context_tokens,
        )
        for model in said.models
    ]


def _profile_state(name: str, profile: ModelProfile, where: str, said: _Said) -> ModelState:
    model = profile.model or name
    state = ModelState(name, profile.provider, where, "ready", model, context_tokens=profile.context_tokens)
    if said.models is None:
        return replace(state, status="unreachable", detail=said.detail)
    spellings = {model, f"{model}:latest"} if profile.provider == "ollama" else {model}
    found = next((served for served in said.models if served.name in spellings), None)
    if found is not None:
        return replace(state, detail=found.detail, context_tokens=profile.context_tokens or found.context_tokens)
    if profile.provider == "ollama":
        return replace(state, status="missing", detail=f"`ollama pull {model}` fetches it")
    # llama.cpp answers to every name, others to their own only.
    names = ", ".join(served.name for served in said.models[:3])
    return replace(state, detail=f"the server lists {names}" if names else "the server lists no model")


def _ask_all(places: list[_Place], wait_s: float) -> dict[tuple[str, str, str], _Said]:
    """Ask every server once, all at the same time."""
    if not places:
        return {}
    prepare().join()  # A busy machine takes longer for that than a server may take to answer.
    due = time.monotonic() + wait_s
    to_ask = {place.asked: place for place in places}
    asked = {key: _start(place, wait_s) for key, place in to_ask.items()}
    try:
        return {key: _read(to_ask[key], exchange, due) for key, exchange in asked.items()}
    finally:
        for exchange in asked.values():
            exchange.close()


def _start(place: _Place, wait_s: float) -> Exchange:
    wire = _WIRES[place.provider]
    headers = {"accept": "application/json", **wire.headers(place.server.key)}
    url = f"{place.server.base_url}{wire.models_path}"
    return Exchange(url, None, headers=headers, connect_s=wait_s, read_s=wait_s)


def _read(place: _Place, exchange: Exchange, due: float) -> _Said:
    body = b""
    try:
        head = exchange.next_piece(due - time.monotonic())
        if not isinstance(head, Head) or head.status != 200:
            return _Said(None, f"it answered {head.status}" if isinstance(head, Head) else "")
        while len(body) < _MAX_BYTES and isinstance(piece := exchange.next_piece(due - time.monotonic()), bytes):
            body += piece
    except ExchangeError:
        return _Said(None, "nothing answers there in time")
    listed = parsed_object(body.decode("utf-8", errors="replace"))
    models = _WIRES[place.provider].models(listed) if listed else None
    if models is None:
        return _Said(None, "it lists no models")
    return _Said(tuple(_clean(model) for model in models if _is_plain(model.name))[:MAX_MODELS])


def _is_plain(name: str) -> bool:
    """Whether a server's word can be shown, and typed, as it is."""
    return 0 < len(name) <= _MAX_CHARS and clean_line(name) == name


def _clean(model: ServedModel) -> ServedModel:
    return replace(model, detail=clean_line(model.detail)[:_MAX_CHARS])


def _address(server: Server) -> str:
    return server.base_url.replace("//localhost", "//127.0.0.1")
