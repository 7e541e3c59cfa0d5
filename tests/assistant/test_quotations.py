"""Words found literally, whatever happened to their punctuation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.quotations import fold, locate

TEXT = "Holm said: “Everyone’s safe — and\nashore… at  last.” It [the ferry] sank **fast**."


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("It [the ferry] sank", "It [the ferry] sank"),
        ('"Everyone\'s safe - and ashore"', "Everyone’s safe — and\nashore"),
        ("everyone's safe—and ashore... at last", "Everyone’s safe — and\nashore… at  last"),
        ("it (the ferry) sank fast.", "It [the ferry] sank **fast"),
        ("Holm", "Holm"),
        ("ash", None),
        ("Everyone is safe", None),
        ("HOLM SAID", None),
        ("…", None),
        ("", None),
    ],
)
def test_words_are_found_with_their_own_offsets(words: str, found: str | None) -> None:
    span = locate(words, fold(TEXT))

    assert (TEXT[slice(*span)] if span else None) == found


@given(st.text(alphabet="ab .,-–—“”'\"…[]*\n", max_size=60))
def test_every_folded_character_knows_where_it_comes_from(text: str) -> None:
    folded = fold(text)

    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(start < end for start, end in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)


@given(st.text(alphabet="ab .,-–—“”'\"…[]\n", max_size=60), st.data())
def test_whole_words_of_a_text_are_always_found_in_it(text: str, data: st.DataObject) -> None:
    words = text.split()
    if not any(word.strip(".,-–—“”'\"…[]") for word in words):
        return
    low = data.draw(st.integers(0, len(words) - 1))
    part = " ".join(words[low:])

    assert not part.strip(" .,-–—“”'\"…[]") or locate(part, fold(text))
