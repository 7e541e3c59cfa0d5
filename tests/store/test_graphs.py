from __future__ import annotations

from pathlib import Path

import pytest

from store.embedding import DEFAULT_EMBEDDER, find_weights
from store.errors import EmbedderError
from store.graphs import open_graph

MODEL = find_weights(DEFAULT_EMBEDDER).file


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty cache of its own, so that no graph is prepared yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "dateline"


def test_a_model_is_checked_when_it_is_prepared_and_not_again(cache: Path) -> None:
    checked: list[str] = []

    for _ in range(2):
        open_graph(MODEL, reads_once=True, check=lambda: checked.append("checked"))

    assert checked == ["checked"]
    assert len(list(cache.glob("*.onnx"))) == 1


def test_a_model_is_checked_again_where_what_was_prepared_is_damaged(cache: Path) -> None:
    open_graph(MODEL, reads_once=True)
    (kept,) = cache.glob("*.onnx")
    kept.write_bytes(b"no graph")
    checked: list[str] = []

    open_graph(MODEL, reads_once=True, check=lambda: checked.append("checked"))

    assert checked == ["checked"]


def test_a_model_that_fails_its_check_is_not_prepared(cache: Path) -> None:
    def refuse() -> None:
        raise EmbedderError("not these weights")

    with pytest.raises(EmbedderError, match="not these weights"):
        open_graph(MODEL, reads_once=True, check=refuse)
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_is_done_without(cache: Path) -> None:
    cache.parent.mkdir()
    cache.write_text("not a folder")

    assert open_graph(MODEL, reads_once=False).get_inputs()


@pytest.mark.usefixtures("cache")
def test_a_model_that_is_not_there_is_the_callers_to_tell(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_graph(tmp_path / "gone.onnx", reads_once=True)
