from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from store.reranking.windows import text_to_read, window_of
from store.splitting import split_sentences

PASSAGE = (
    "The harbour was calm on Tuesday. Gulls sat on the pier.\n"
    "The ferry Morning Star left Skelby at dawn. It sank an hour later. All on board were brought ashore.\n"
    "The council meets on Friday. A new pier is planned."
)


def window(text: str, query: str, max_words: int) -> str:
    return text[slice(*window_of(text, query, max_words=max_words))]


def test_the_sentences_around_the_match_are_taken() -> None:
    assert window(PASSAGE, "When did the Morning Star sink?", 20) == (
        "Gulls sat on the pier.\nThe ferry Morning Star left Skelby at dawn. It sank an hour later."
    )


def test_a_window_keeps_to_its_words() -> None:
    assert window(PASSAGE, "When did the Morning Star sink?", 17) == (
        "The ferry Morning Star left Skelby at dawn. It sank an hour later."
    )


def test_more_different_words_of_the_question_count_before_more_of_the_same() -> None:
    text = "The pier, the pier, the pier. The mayor opened a pier."

    assert window(text, "Which mayor opened the pier?", 6) == "The mayor opened a pier."


def test_among_equals_the_earliest_is_taken() -> None:
    assert window("The pier shut. The pier shut. The pier shut.", "pier", 3) == "The pier shut."
    assert window_of("The pier shut. The pier shut.", "pier", max_words=3) == (0, 14)


def test_the_headline_is_read_before_the_window() -> None:
    read = text_to_read("Ferry sinks off Skelby", PASSAGE, "Morning Star", max_words=8)

    assert read == "Ferry sinks off Skelby. The ferry Morning Star left Skelby at dawn."


def test_without_a_match_the_beginning_is_taken() -> None:
    assert window(PASSAGE, "Who won the election?", 12) == "The harbour was calm on Tuesday. Gulls sat on the pier."


def test_a_short_text_is_taken_whole() -> None:
    assert window(PASSAGE, "pier", 1_000) == PASSAGE


def test_a_sentence_beyond_the_budget_is_still_whole() -> None:
    assert window(PASSAGE, "Morning Star", 2) == "The ferry Morning Star left Skelby at dawn."


def test_nothing_has_an_empty_window() -> None:
    assert window_of("", "ferry", max_words=10) == (0, 0)
    assert window_of(" \n ", "ferry", max_words=10) == (0, 0)


def test_a_lone_surrogate_moves_no_offset() -> None:
    text = "One \ud800 word. The ferry sank."

    assert window(text, "ferry \udfff", 3) == "The ferry sank."


def test_a_text_of_a_hundred_thousand_characters_is_read() -> None:
    assert window("Gulls sat there. " * 6_000 + "The ferry sank.", "Which ferry sank?", 3) == "The ferry sank."


@given(
    text=st.lists(
        st.sampled_from(["The ferry sank", "mr.", "Mr. Holm", "3.5", ".", "?", "\n", "“No,” he said", "é"])
    ).map(" ".join),
    query=st.text(max_size=30),
    max_words=st.integers(1, 20),
)
def test_a_window_is_always_a_stretch_of_whole_sentences(text: str, query: str, max_words: int) -> None:
    start, end = window_of(text, query, max_words=max_words)

    sentences = split_sentences(text)
    inside = [span for span in sentences if start <= span[0] and span[1] <= end]
    assert bool(inside) == bool(sentences)
    if inside:
        assert (start, end) == (inside[0][0], inside[-1][1])
        assert len(inside) == 1 or len(text[start:end].split()) <= max_words


@given(text=st.text(), query=st.text(max_size=30), max_words=st.integers(1, 20))
def test_any_text_has_a_window_inside_it(text: str, query: str, max_words: int) -> None:
    start, end = window_of(text, query, max_words=max_words)

    assert 0 <= start <= end <= len(text)
    assert text[start:end] == text[start:end].strip()
