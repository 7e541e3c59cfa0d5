import io

import pytest

from store.errors import InputError
from store.readers.decoding import LONGEST_TEXT_BYTES, peek_head, read_whole

ENGLISH = "The ferry “Aurora” sank on Tuesday, the café owner’s daughter said — all 300 were saved.\n"
GERMAN = "Die Fähre nach Göteborg lief am Dienstag auf Grund, über 300 Menschen wurden gerettet.\n"
SPANISH = "El señor Muñoz dijo en España que el niño irá mañana a la escuela, según dos fuentes.\n"
RUSSIAN = "Паром сел на мель во вторник, сообщило агентство. Спасены все триста человек.\n"


def stream(content: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(content))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ENGLISH, "utf-8"),
        (ENGLISH, "utf-8-sig"),
        (ENGLISH, "utf-16"),
        (ENGLISH, "cp1252"),
        (GERMAN * 5, "latin-1"),
        (SPANISH * 5, "latin-1"),
        (RUSSIAN * 5, "cp1251"),
        (RUSSIAN * 5, "koi8-r"),
    ],
)
def test_the_encoding_is_found(text: str, encoding: str) -> None:
    assert read_whole(stream(text.encode(encoding))) == text


def test_utf_8_with_a_damaged_byte_stays_utf_8() -> None:
    content = ENGLISH.encode() + b"broken \xff byte"

    assert read_whole(stream(content)) == ENGLISH + "broken \ufffd byte"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"text \0 text", "is binary, not text; save it as plain text in UTF-8"),
        (b"\x1f\x8b\x08\x01\x02\x03\x04\x05", "is binary, not text; save it as plain text in UTF-8"),
        (b"%PDF-1.7 text", "is a PDF document, no text; leave out --format to read it as one"),
    ],
)
def test_what_is_no_text_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(InputError) as refused:
        peek_head(stream(content))

    assert str(refused.value) == reason


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><p>x", b" \n<html lang=en>", b"<?xml version='1.0'?>\n<html>"])
def test_a_web_page_under_another_name_is_refused(page: bytes) -> None:
    with pytest.raises(InputError, match="is a web page"):
        read_whole(stream(page))


def test_a_text_over_20_mb_is_refused() -> None:
    with pytest.raises(InputError, match="larger than 20 MB"):
        read_whole(stream(b"x" * (LONGEST_TEXT_BYTES + 1)))
