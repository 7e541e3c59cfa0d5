from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from store.errors import RerankerError
from store.reranking import DEFAULT_RERANKER, Reranker, RerankerWeights, find_reranker, open_reranker
from store.reranking.onnx import OnnxReranker

QUERY = "How many people live in Berlin?"
WINDOWS = (
    "Berlin had a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers.",
    "Berlin is well known for its museums.",
    "The ferry sank on Wednesday.",
    "沈んだ 🛳️",
    "",
)


@pytest.fixture(scope="module")
def reranker() -> Reranker:
    return open_reranker(find_reranker(DEFAULT_RERANKER))


def test_the_model_gives_the_scores_of_its_model_card(reranker: Reranker) -> None:
    """https://huggingface.co/cross-encoder/ms-marco-MiniLM-L12-v2: 9.218 and -4.078 before it was made int8."""
    answer, other = reranker.score(QUERY, WINDOWS[:2])

    assert answer == pytest.approx(9.218, abs=0.5)
    assert other == pytest.approx(-4.078, abs=0.5)


def test_a_window_has_one_score_alone_or_beside_others(reranker: Reranker) -> None:
    assert reranker.score(QUERY, WINDOWS) == [reranker.score(QUERY, [window])[0] for window in WINDOWS]


def test_the_number_of_threads_changes_no_score(reranker: Reranker) -> None:
    alone = OnnxReranker(find_reranker(DEFAULT_RERANKER), threads=1)

    assert alone.score(QUERY, WINDOWS) == reranker.score(QUERY, WINDOWS)
    assert (alone.at_once, alone.name) == (1, DEFAULT_RERANKER)


def test_no_windows_have_no_scores(reranker: Reranker) -> None:
    assert reranker.score(QUERY, []) == []


@pytest.mark.parametrize(
    "text",
    ["", " \n", "\ud800", "word " * 20_000, "x" * 100_000, "\x00\x1b[31m", "[SEP] [CLS] [PAD]", "🛳️" * 5_000],
    ids=["empty", "blank", "surrogate", "long", "one long word", "control", "tokens", "emoji"],
)
def test_hostile_text_has_a_score_on_either_side(reranker: Reranker, text: str) -> None:
    (as_window,) = reranker.score(QUERY, [text])
    (as_query,) = reranker.score(text, [WINDOWS[0]])

    assert -30 < as_window < 30
    assert -30 < as_query < 30


def test_what_stands_beyond_the_longest_text_is_not_read(reranker: Reranker) -> None:
    long = "ferry " * 5_000

    assert reranker.score(QUERY, [long]) == reranker.score(QUERY, [long + WINDOWS[0]])


# -- files -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty cache of its own, so that no graph is prepared yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "dateline"


@pytest.fixture
def copied(tmp_path: Path) -> RerankerWeights:
    """Give the default weights in a folder that a test may damage."""
    weights = find_reranker(DEFAULT_RERANKER)
    folder = tmp_path / "reranker"
    folder.mkdir()
    for name in ("model.onnx", "tokenizer.json"):
        shutil.copy(weights.folder / name, folder / name)
    return replace(weights, folder=folder, file=folder / "model.onnx")


def test_the_prepared_model_gives_the_same_scores(cache: Path) -> None:
    weights = find_reranker(DEFAULT_RERANKER)

    first = OnnxReranker(weights, threads=2).score(QUERY, WINDOWS)
    (kept,) = cache.glob("*")
    second = OnnxReranker(weights, threads=2).score(QUERY, WINDOWS)

    assert (kept.suffix, list(cache.glob("*"))) == (".onnx", [kept])
    assert first == second


def test_weights_that_are_not_the_pinned_ones_are_refused(cache: Path, copied: RerankerWeights) -> None:
    with copied.file.open("ab") as file:
        file.write(b"x")

    with pytest.raises(RerankerError, match=r"are not those of 'ms-marco-MiniLM-L-12-v2-int8'") as raised:
        open_reranker(copied)
    assert raised.value.hint == "reinstall dateline, or search with --no-rerank"
    assert list(cache.glob("*")) == []  # What was refused is not prepared either.


def test_weights_are_read_for_their_digest_only_until_they_are_prepared(cache: Path, copied: RerankerWeights) -> None:
    open_reranker(copied)

    assert len(list(cache.glob("*.onnx"))) == 1
    open_reranker(replace(copied, pinned="0" * 64))  # Touched or not, the same file was checked when it was prepared.


@pytest.mark.usefixtures("cache")
def test_a_file_that_is_no_model_is_refused(copied: RerankerWeights) -> None:
    copied.file.write_bytes(b"no model")

    with pytest.raises(RerankerError, match="cannot load") as raised:
        open_reranker(replace(copied, pinned=None))
    assert raised.value.hint == "fetch the model again, or search with --no-rerank"


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("damage", ["gone", "garbage"])
def test_a_tokenizer_that_cannot_be_read_is_an_error_of_the_reranker(copied: RerankerWeights, damage: str) -> None:
    tokenizer = copied.folder / "tokenizer.json"
    tokenizer.unlink()
    if damage == "garbage":
        tokenizer.write_bytes(b"{")

    with pytest.raises(RerankerError, match="cannot load"):
        open_reranker(copied)


@pytest.mark.usefixtures("cache")
def test_a_model_that_is_no_cross_encoder_is_refused_when_it_is_opened() -> None:
    from store.embedding import DEFAULT_EMBEDDER, find_weights

    embedder = find_weights(DEFAULT_EMBEDDER)

    with pytest.raises(RerankerError, match=r"gives \(1, \d+, 384\) for a pair, not one score"):
        open_reranker(RerankerWeights("bge", embedder.folder, embedder.file, "onnx"))
