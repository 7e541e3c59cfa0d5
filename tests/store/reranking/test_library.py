"""The only tests of reranking that load torch and sentence_transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from store.errors import RerankerError
from store.reranking import find_reranker, open_reranker

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the ferry sank off skelby on wednesday who said that".split()
WINDOWS = ["the ferry sank", "the ferry sank off skelby on wednesday", "", "沈んだ \ud800", "ferry " * 500]


def save_random_model(folder: Path, *, labels: int = 1) -> Path:
    """Save a small random cross-encoder as the installed version of sentence-transformers saves one."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,
        num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    words = {word: i for i, word in enumerate(WORDS)}
    tokenizer = Tokenizer(WordPiece(words, unk_token="[UNK]"))  # noqa: S106 - not a secret
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    names = {f"{kind}_token": f"[{kind.upper()}]" for kind in ("pad", "unk", "cls", "sep")}
    make: Any = PreTrainedTokenizerFast  # It has no types.
    make(tokenizer_object=tokenizer, model_max_length=64, **names).save_pretrained(folder)
    return folder


def test_a_model_of_the_library_scores_every_window(tmp_path: Path) -> None:
    weights = find_reranker(str(save_random_model(tmp_path / "m")))

    reranker = open_reranker(weights)
    scores = reranker.score("who said that", WINDOWS)

    assert (weights.runtime, weights.max_tokens, reranker.name) == ("library", 64, str(tmp_path / "m"))
    assert scores == pytest.approx([reranker.score("who said that", [window])[0] for window in WINDOWS], abs=1e-4)
    assert len(set(scores)) == len(scores)
    assert reranker.score("who said that", []) == []


def test_scores_are_logits_and_not_squeezed_into_probabilities(tmp_path: Path) -> None:
    scores = open_reranker(find_reranker(str(save_random_model(tmp_path / "m")))).score("who", WINDOWS)

    assert min(scores) < 0 or max(scores) > 1


def test_weights_that_the_library_cannot_load_are_refused(tmp_path: Path) -> None:
    folder = save_random_model(tmp_path / "m")
    (folder / "model.safetensors").write_bytes(b"no tensors")

    with pytest.raises(RerankerError, match="cannot load") as raised:
        open_reranker(find_reranker(str(folder)))
    assert raised.value.hint == "fetch the model again"


def test_a_model_of_classes_that_does_not_say_so_is_refused(tmp_path: Path) -> None:
    folder = save_random_model(tmp_path / "m", labels=3)
    weights = find_reranker(str(save_random_model(tmp_path / "one")))

    with pytest.raises(RerankerError, match="gives classes, not one score"):
        open_reranker(type(weights)(weights.name, folder, folder / "model.safetensors", "library"))
