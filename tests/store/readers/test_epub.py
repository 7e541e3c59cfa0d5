"""EPUB files: their pieces in reading order, under the book's name."""

from __future__ import annotations

from datetime import date

import pytest

from store.readers.epub import read_epub
from store.readers.fields import Origin
from store.records import Draft, Skipped
from tests.minimal_packages import epub_parts, write_package

ORIGIN = Origin("tally.epub")
METADATA = (
    "<dc:title>The Skelby Tally</dc:title><dc:creator>Ann Lee</dc:creator>"
    "<dc:date>2017-06-09</dc:date><dc:language>en</dc:language>"
)
PROSE = "The ferry Morning Star sank off Skelby on Wednesday, and all passengers were saved by fishermen. " * 4


def chapter(heading: str, text: str = PROSE) -> str:
    return f"<h2>{heading}</h2><p>{text}</p>"


def read(parts: dict[str, str | bytes]) -> tuple[list[Draft], list[str]]:
    pieces = list(read_epub(write_package(parts), ORIGIN))
    drafts = [piece for piece in pieces if isinstance(piece, Draft)]
    return drafts, [piece.reason for piece in pieces if isinstance(piece, Skipped)]


def test_each_piece_is_an_article_of_the_book() -> None:
    drafts, reasons = read(epub_parts(METADATA, [chapter("Ferry sinks"), chapter("Dam holds", PROSE.upper())]))

    assert reasons == []
    assert [draft.headline for draft in drafts] == ["Ferry sinks", "Dam holds"]
    assert {(draft.outlet, draft.authors, draft.published, draft.language) for draft in drafts} == {
        ("The Skelby Tally", ("Ann Lee",), date(2017, 6, 9), "en")
    }
    assert drafts[0].body == PROSE.strip()


def test_a_chapter_cut_into_files_is_one_article() -> None:
    drafts, _ = read(epub_parts(METADATA, [chapter("Ferry sinks"), f"<p>It was raised. {PROSE}</p>"]))

    assert [draft.body.split("\n")[1][:14] for draft in drafts] == ["It was raised."]


def test_title_pages_and_tables_of_contents_are_no_articles() -> None:
    contents = "".join(f"<p><a href='c{i}.xhtml'>A linked chapter of this very book {i}</a></p>" for i in range(30))

    drafts, _ = read(epub_parts(METADATA, ["<h1>The Skelby Tally</h1>", contents, chapter("Ferry sinks")]))

    assert [draft.headline for draft in drafts] == ["Ferry sinks"]


def test_the_book_of_a_calendar_that_does_not_know_its_day_is_undated() -> None:
    drafts, _ = read(epub_parts("<dc:title>T</dc:title><dc:date>0101-01-01T00:00:00+00:00</dc:date>", [chapter("A b")]))

    assert drafts[0].published is None


ENCRYPTED = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"><CipherData><CipherReference URI="{}"/></CipherData>'
    "</EncryptedData></encryption>"
)


def test_a_locked_book_is_refused_and_one_with_scrambled_fonts_is_not() -> None:
    parts = epub_parts(METADATA, [chapter("Ferry sinks")])

    locked = read(parts | {"META-INF/encryption.xml": ENCRYPTED.format("OEBPS/text/c0.xhtml")})
    fonts = read(parts | {"META-INF/encryption.xml": ENCRYPTED.format("OEBPS/fonts/serif.otf")})

    assert locked == ([], ["is locked by its seller (DRM) and can only be read in the seller's own program"])
    assert len(fonts[0]) == 1


BOMB = '<!DOCTYPE package [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><package>&b;</package>'


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"META-INF/container.xml": "<container/>"}, "is damaged: it names no package document"),
        ({"META-INF/container.xml": "<container"}, "is damaged: META-INF/container.xml is not XML"),
        (
            {"OEBPS/book.opf": BOMB},
            "is not read: OEBPS/book.opf declares entities, which documents do not need and attacks use",
        ),
        ({"OEBPS/text/c0.xhtml": "<p></p>"}, "holds no text of an article"),
        ({"OEBPS/text/c0.xhtml": b"x" * 50_000_001}, "is too large: OEBPS/text/c0.xhtml unpacks to more than 50 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(changed: dict[str, str | bytes], reason: str) -> None:
    assert read(epub_parts(METADATA, [chapter("Ferry sinks")]) | changed) == ([], [reason])


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"no zip", write_package({"a": "b" * 999})[:90]],
    ids=["empty", "a beginning", "other", "cut"],  # A package holds the moment it was made.
)
def test_a_file_that_is_no_package_is_refused(content: bytes) -> None:
    assert list(read_epub(content, ORIGIN)) == [Skipped("tally.epub", None, "is damaged: it cannot be unpacked")]
