"""What a wire format has to say, so that everything else is the same for all servers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from assistant.conversation import Usage
from assistant.llm.sse import EventParser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assistant.config import ModelProfile, Secret
    from assistant.llm import Prompt
    from assistant.llm.refusals import Advice


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a model stopped, with the server's word for it where that tells more."""

    kind: Literal["stop", "length", "filter", "other"]
    word: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What one event of a stream says.

    ``progressed`` is true when the model got on, if only in its thoughts. With an ``ending`` the answer is finished,
    with ``is_last`` nothing more is worth waiting for. ``error`` is what the server says went wrong.
    """

    text: str = ""
    progressed: bool = False
    ending: Ending | None = None
    usage: Usage | None = None
    error: object = None
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model as a server lists it."""

    name: str
    detail: str = ""
    context_tokens: int | None = None


class FrameParser(Protocol):
    """Takes bytes cut anywhere and gives the events of a stream as text. Both methods may raise ``EventTooLong``."""

    def feed(self, received: bytes) -> Iterator[str]: ...

    def finish(self) -> Iterator[str]: ...


class WireFormat(Protocol):
    """How one kind of server is asked for an answer, and how its events are read. A profile always has a ``model``.

    ``optional`` are the parameters that a request may go without, ``constraints`` what the server can be asked to hold
    a model to. ``media_types`` are those of a stream. What has a body here is what most servers do.
    """

    @property
    def advice(self) -> Advice: ...

    @property
    def media_types(self) -> frozenset[str]: ...

    @property
    def optional(self) -> frozenset[str]: ...

    def path(self, profile: ModelProfile) -> str:
        """Return what follows the base URL."""

    def headers(self, key: Secret | None) -> Mapping[str, str | Secret]:
        """Return the headers that carry the key and whatever else is needed."""
        return {"authorization": key.prefixed("Bearer ")} if key else {}

    def request(self, prompt: Prompt, profile: ModelProfile) -> dict[str, object]:
        """Return the body of a request."""

    def without(self, request: Mapping[str, object], parameter: str) -> dict[str, object]:
        """Return a request without a parameter that the server refused, or with it under another name."""
        return {name: value for name, value in request.items() if name != parameter}

    def context_tokens(self, profile: ModelProfile) -> int | None:
        """Return how much the model reads and writes in one request."""
        return profile.context_tokens

    @property
    def models_path(self) -> str:
        """What follows the base URL where the server lists its models."""

    def models(self, data: Mapping[str, object]) -> tuple[ServedModel, ...] | None:
        """Return the models in such a list, ``None`` if it is none."""

    def frames(self) -> FrameParser:
        """Return a parser for one stream."""
        return EventParser()

    def read(self, data: Mapping[str, object]) -> Event:
        """Return what an event says."""

    def ends_with(self, data: str) -> bool:
        """Whether ``data``, which is no JSON, ends the stream."""
        del data
        return False


def chat_messages(prompt: Prompt) -> list[dict[str, str]]:
    """Return a prompt's messages as most servers take them; the system's are ``prompt.system``."""
    return [{"role": message.role, "content": message.text} for message in prompt.messages]


def count_of(value: object) -> int | None:
    """Return a number of tokens as a server gives it, ``None`` for anything else."""
    return value if type(value) is int and value >= 0 else None


def items_of(data: Mapping[str, object], key: str) -> list[Mapping[str, object]] | None:
    """Return the objects in a list, ``None`` if there is no list."""
    items = data.get(key)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else None


def object_in(data: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Return the object under a key, an empty one if there is none."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def first_in(data: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Return the first object in a list, an empty one if there is none."""
    return next(iter(items_of(data, key) or ()), {})
