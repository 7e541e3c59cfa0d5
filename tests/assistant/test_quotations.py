"""Words found literally, whatever happened to their punctuation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.quotations import fold, locate, locate_quotation, quotations_in, unclosed_quotation

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


@pytest.mark.parametrize(
    ("words", "original"),
    [
        ("250 people came", "1,250 people came"),
        ("It paid $1", "It paid $1.5 million"),
        ("a violent protest", "a non-violent protest"),
        ("twenty", "twenty-five people"),
        ("We can", "We can’t do it"),
        ("at 5", "at 5:30"),
    ],
)
def test_a_part_of_a_word_or_number_is_not_found(words: str, original: str) -> None:
    assert locate(words, fold(original)) is None


@pytest.mark.parametrize(
    ("words", "original"),
    [
        ("safe", "safe—and ashore"),
        ("and ashore", "safe—and ashore"),
        ("Ida Holm", "Ida Holm’s ship"),
        ("five, six", "five , six"),
        ("the end", "the end."),
        ("It rose 5", "It rose 5, then 6"),
    ],
)
def test_a_word_ends_at_a_dash_a_comma_or_a_genitive(words: str, original: str) -> None:
    assert locate(words, fold(original)) is not None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("everyone's safe … at last", True),
        ("everyone's safe [...] It [the ferry] sank", True),
        ("at last … everyone's safe", False),
        ("Holm … sank", False),
        ("everyone's safe … nobody is", False),
    ],
)
def test_the_parts_of_a_shortened_quotation_stand_in_their_order(words: str, found: bool) -> None:
    assert bool(locate_quotation(words, fold(TEXT))) is found


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('He said “yes” and "no".', ["yes", "no"]),
        ("He said „ja“, «oui», »hej«, ”hej” and 「はい」.", ["ja", "oui", "hej", "hej", "はい"]),
        ("He said 'yes, sir' and ‘the ships’ crews don’t’.", ["yes, sir", "the ships’ crews don’t"]),
        ("He said “she said ‘no’ twice”.", ["she said ‘no’ twice", "no"]),
        ("He said: “It sank.\nThe council met.", ["It sank."]),
        ("> It sank. — Ida Holm", ["It sank."]),
        ("He’s 5'10\" tall, rock 'n' roll of the '90s isn't over.", []),
        ("", []),
    ],
)
def test_quotations_are_read_in_all_marks(text: str, quoted: list[str]) -> None:
    assert [text[start:end] for start, end in quotations_in(text)] == quoted


def test_where_a_quotation_is_still_open_is_known() -> None:
    assert unclosed_quotation("It sank. He said: “It") == 18
    assert unclosed_quotation("“It” sank") is None
    assert unclosed_quotation("“It\nsank") is None
