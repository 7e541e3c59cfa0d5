"""The chat under Textual's Pilot: an archive of the sample articles, opened as the program opens it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from assistant.config import load_config
from assistant.planning import Scope
from assistant.session_file import sessions_path
from assistant.tui.app import Begun, ChatApp
from assistant.tui.archive_thread import ArchiveThread
from store.archive import open_archive
from tests.model_server import Model, serving
from tests.scripted_server import KEY


@pytest.fixture
def anyio_backend() -> str:
    """Textual runs on asyncio alone."""
    return "asyncio"


@pytest.fixture
def reading(sample_archive: Path) -> Iterator[ArchiveThread]:
    """Give the thread in which articles are read."""
    thread = ArchiveThread(lambda: open_archive(sample_archive, session=True), "reading")
    yield thread
    thread.close()
    thread.wait(10)


@pytest.fixture
def chat_app(sample_archive: Path) -> Iterator[Callable[..., ChatApp]]:
    """Give a function that makes the chat with the sample archive, or another one, and a model."""
    apps: list[ChatApp] = []

    def make(
        archive: Path = sample_archive,
        *,
        model: str | None = None,
        begun: Begun | None = None,
        scope: Scope | None = None,
        saves: bool = True,
    ) -> ChatApp:
        config = load_config(None, os.environ, archive=str(archive), model=model)
        file = sessions_path(config.home)
        open_one = partial(open_archive, archive, session=True)
        apps.append(ChatApp(config, archive, file, open_one, begun=begun, scope=scope, saves=saves))
        return apps[-1]

    yield make
    for app in apps:
        app.close_threads()


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    """Give a model behind a server on this machine, which ``openai:m`` names; a test says what it writes."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    model = Model()
    with serving(model) as url:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        yield model
