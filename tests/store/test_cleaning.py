import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.cleaning import clean_line, clean_text, plain

# Written down a second time on purpose, from the categories and not from the module's own table.
KEPT_FORMAT_CHARACTERS = {"\u200c", "\u200d", "\u200e", "\u200f", "\u061c"}
REMOVED_FORMAT_RANGES = [(0x202A, 0x202E), (0x2060, 0x206F), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F), (0xE0100, 0xE01EF)]
REMOVED_RANGES = [(0x115F, 0x1160), (0x17B4, 0x17B5), (0xFE00, 0xFE0D), (0x1D173, 0x1D17A)]


def is_forbidden(character: str) -> bool:
    code = ord(character)
    if character in "\n\t" or character in KEPT_FORMAT_CHARACTERS:
        return False
    return (
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        or code in {0xAD, 0x34F, 0x180E, 0x200B, 0x3164, 0xFEFF, 0xFFA0}
        or any(first <= code <= last for first, last in REMOVED_FORMAT_RANGES + REMOVED_RANGES)
        or 0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE
    )


HOSTILE = st.sampled_from(
    "\x1b \x1b] \x1b]52;c; \x1b[ \x1b[31m \x1b\\ \x9b \x9c \x9d \x90 \x07 0; 31 m e \u0301 \u1100 \u1161 \u212b".split(
        " "
    )
    + list(
        "\r\n\x85\u2028\u202e\u2066\u200b\u200d\ufeff\U000e0041\U000e0101\ud800\uffff\xa0\v "
        "\u200c\ufe0f\u212aa\u2800\u3164\ufe01"
    )
)
ANY_TEXT = st.lists(st.one_of(HOSTILE, st.text(st.characters(), max_size=5)), max_size=30).map("".join)


@given(ANY_TEXT)
def test_cleaned_text_holds_no_forbidden_character_and_is_composed(text: str) -> None:
    cleaned = clean_text(text)

    assert not [c for c in cleaned if is_forbidden(c)]
    assert unicodedata.is_normalized("NFC", cleaned)


@given(ANY_TEXT)
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)
    assert plain(clean_text(text)) == clean_text(text)


@given(ANY_TEXT)
def test_a_cleaned_line_has_single_spaces_and_no_other_blank(text: str) -> None:
    line = clean_line(text)

    assert " ".join(line.split()) == line


@given(ANY_TEXT, ANY_TEXT)
def test_stripping_a_stream_chunk_by_chunk_is_stripping_it_whole(first: str, second: str) -> None:
    assert plain(first + second) == plain(first) + plain(second)
    assert not [c for c in plain(first) if is_forbidden(c)]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_ascii_is_left_alone(text: str) -> None:
    assert clean_text(text) == plain(text) == text


@pytest.mark.parametrize(
    ("foreign", "cleaned"),
    [
        ("cafe\u0301", "café"),
        ("one\r\ntwo\rthree\x85four\u2028five\u2029six\x0cseven", "one\ntwo\nthree\nfour\nfive\nsix\nseven"),
        ("10\xa0000\u202fkm,\u3000far", "10 000 km, far"),
        ("col\tumn", "col\tumn"),
        ("weeks\xadlong zip\u200bline", "weekslong zipline"),
        ("\ufeffFerry", "Ferry"),
        ("👩\u200d🚒 and ☎\ufe0f", "👩\u200d🚒 and ☎\ufe0f"),
        ("می\u200cخواهم \u200fabc\u200e", "می\u200cخواهم \u200fabc\u200e"),
        ("smug\u200dgl\u200c\u200ded \u200d", "smuggled "),
        ("☎\ufe0f\u200d\ufe0f\u200d\ufe0f", "☎\ufe0f\u200d"),
        ("se\ufe00cr\ufe07et\u034f fil\u3164ler\u2800s\U0001d173", "secret filler s"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("a\x1b[31mred\x1b[0m b", "ared b"),
        ("a \x1b]52;c;cm0gLXJmIH4=\x07b", "a b"),
        ("a \x1b]52;c;cm0gLXJmIH4=\x1b\\b", "a b"),
        ("a \x9d52;c;cm0gLXJmIH4=\x9cb", "a b"),
        ("\x1b]8;;http://a.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\x1bP1$r0m\x1b\\b\x1b_x\x1b\\c\x1b^y\x9cd", "abcd"),
        ("\x1bcreset \x1b(0lines\x1b(B", "reset lines"),
        ("safe\u202etxt.exe\u2066x\u2069", "safetxt.exex"),
        ("hidden\U000e0049\U000e0067\U000e0101 words", "hidden words"),
        ("bad\ud83d surrogate\uffff\ufdd0\U0001fffe", "bad surrogate"),
        ("\x1b\x1b]\x1b[\x9b\x07", ""),
    ],
)
def test_cleaning_examples(foreign: str, cleaned: str) -> None:
    assert clean_text(foreign) == cleaned


def test_an_unterminated_sequence_swallows_no_article_text() -> None:
    foreign = "Before \x1b]0;the ferry sank.\nThe council met.\x1b]52;c;" + "x" * 5000 + " end\x07\x1b[3"

    assert clean_text(foreign) == "Before the ferry sank.\nThe council met.c;" + "x" * 5000 + " end3"


def test_removing_one_character_does_not_reveal_a_sequence() -> None:
    assert clean_text("\x1b\u200b]0;x\x07 \r\u200b\n \x1b\x1b[1m[31m") == "]0;x \n [31m"


def test_a_line_loses_its_breaks_and_runs_of_blanks() -> None:
    assert clean_line("  Ferry\xa0 sinks\r\n\toff \x1b[1mPort\x1b[0m Ellen ") == "Ferry sinks off Port Ellen"


def test_stripping_for_the_terminal_keeps_the_letters_of_a_sequence() -> None:
    assert plain("a\x1b[31mb\r\nc\u202e\x85d\xa0e") == "a[31mb\nc\nd\xa0e"
