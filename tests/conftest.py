"""What every test shares: a home of its own, an embedder without a model, and invented articles of a small harbour."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from store.archive import Archive, create_archive
from store.records import Draft
from tests.hash_embedder import HashEmbedder
from tests.invented import invented

# The same examples in every run, and none fails for being slow on a busy machine.
settings.register_profile("dateline", deadline=None, derandomize=True)
settings.load_profile("dateline")

_OURS = ("DATELINE_", "HF_", "XDG_")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty home: no archive, configuration or model of the person who runs it is seen."""
    home = tmp_path_factory.mktemp("home")
    for name in os.environ:
        if name.startswith(_OURS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("DATELINE_HOME", str(home / "dateline"))
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    # One cache for the whole run: the default embedder's prepared model is 34 MB and the same for all.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    return home


@pytest.fixture
def embedder(tmp_path: Path) -> HashEmbedder:
    return HashEmbedder(tmp_path / "weights")


@pytest.fixture
def archive(tmp_path: Path, embedder: HashEmbedder) -> Iterator[Archive]:
    """Give an empty archive that embeds with ``embedder``."""
    with create_archive(tmp_path / "archive", embedder=embedder) as archive:
        yield archive


@pytest.fixture
def ferry() -> Draft:
    return Draft(
        headline="Ferry sinks off Skelby",
        body=(
            "The ferry Morning Star sank off Skelby on Wednesday, the coastguard said.\n"
            "All 212 people on board were brought ashore. The operator did not say why it sank."
        ),
        source="harbour/ferry.txt",
        id="ferry-1",
        outlet="Harbour Courier",
        authors=("Ida Holm", "Jon Vale"),
        published=datetime(2017, 6, 7, 21, 30, tzinfo=UTC),
        url="https://courier.example/ferry",
        language="en",
        section="Coast",
        place="SKELBY",
    )


@pytest.fixture
def council() -> Draft:
    return Draft(
        headline="Council agrees to a new pier",
        body="Skelby's council met on Friday. It will pay $1.5 million for a new pier, the mayor said.",
        source="harbour/council.txt",
        outlet="The Skelby Post",
        published=date(2017, 6, 9),
    )


@pytest.fixture
def gulls() -> Draft:
    """An article without a day or an outlet."""
    return Draft(
        headline="Gulls learn to open lunch boxes",
        body="Gulls at the harbour have learned to open lunch boxes. Pupils now eat indoors.",
        source="harbour/gulls.txt",
    )


@pytest.fixture
def write() -> Callable[..., Draft]:
    """Give a function that invents an article: ``write(3)`` is always the same one, with words of its own."""
    return invented
