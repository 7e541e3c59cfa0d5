"""Word documents: as they stand with all changes accepted."""

from __future__ import annotations

from datetime import date

import pytest

from store.readers.docx import read_docx
from store.readers.fields import Origin
from store.records import Draft, Skipped
from tests.minimal_packages import docx_paragraph, docx_parts, write_package

ORIGIN = Origin("report.docx")
PROSE = "The ferry Morning Star sank off Skelby on Wednesday, and all passengers were saved by fishermen."
BODY = docx_paragraph("Ferry sinks", "Title") + docx_paragraph("By Ida Holm") + docx_paragraph(PROSE)


def read(parts: dict[str, str | bytes], origin: Origin = ORIGIN) -> tuple[list[Draft], list[str]]:
    pieces = list(read_docx(write_package(parts), origin))
    drafts = [piece for piece in pieces if isinstance(piece, Draft)]
    return drafts, [piece.reason for piece in pieces if isinstance(piece, Skipped)]


def test_title_byline_and_text_stand_in_their_fields() -> None:
    drafts, reasons = read(docx_parts(BODY, "<dc:title>Document1</dc:title><dc:creator>admin</dc:creator>"))

    assert reasons == []
    assert [(d.headline, d.authors, d.body) for d in drafts] == [("Ferry sinks", ("Ida Holm",), PROSE)]


def test_what_the_file_says_of_itself_fills_what_the_text_does_not_say() -> None:
    told = (
        "<dc:title>On the ferry</dc:title><dc:creator>Jon Vale</dc:creator>"
        "<dcterms:created>2017-06-07T10:00:00Z</dcterms:created>"
    )

    (draft,), reasons = read(docx_parts(docx_paragraph(PROSE), told))

    assert (draft.headline, draft.authors, draft.published) == ("On the ferry", ("Jon Vale",), date(2017, 6, 7))
    assert reasons == ["its text names no day; dated 2017-06-07 by the file's properties"]


def test_changes_are_read_as_accepted() -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    changed = (
        f"<w:p>{run.format('All ')}<w:del><w:r><w:delText>200</w:delText></w:r></w:del>"
        f"<w:ins>{run.format('212')}</w:ins>{run.format(' people on board the ferry were saved.')}</w:p>"
    )

    (draft,), _ = read(docx_parts(docx_paragraph("Ferry sinks", "Title") + changed))

    assert draft.body == "All 212 people on board the ferry were saved."


def test_a_row_of_a_table_is_one_line() -> None:
    cells = "".join(f"<w:tc>{docx_paragraph(text)}</w:tc>" for text in ("Skelby", "212"))

    (draft,), _ = read(docx_parts(BODY + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"))

    assert draft.body.split("\n")[-1] == "Skelby | 212"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"word/document.xml": "<w:document"}, "is damaged: its text cannot be read"),
        (
            {"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'},
            "is not read: word/document.xml declares entities, which documents do not need and attacks use",
        ),
        ({"docProps/core.xml": "<core"}, "is damaged: docProps/core.xml is not XML"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(changed: dict[str, str | bytes], reason: str) -> None:
    assert read(docx_parts(BODY) | changed) == ([], [reason])


def test_a_document_without_text_and_a_package_of_another_kind_are_refused() -> None:
    assert read(docx_parts("")) == ([], ["holds no text of an article"])
    assert read({"xl/workbook.xml": "<a/>"}) == ([], ["is no Word document: it lacks word/document.xml"])
