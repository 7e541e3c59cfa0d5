"""PDF files: lines put together, pages kept, running heads gone."""

from __future__ import annotations

from datetime import date

import pytest

from store.readers.fields import Origin
from store.readers.pdf import read_pdf
from store.records import Draft, Skipped, page_at
from tests.minimal_pdf import Set, column, write_pdf

ORIGIN = Origin("clipping.pdf")
TEXT = [
    "The ferry Morning Star sank off Skelby on Wednesday after it had",
    "struck a rock that no chart showed, the coastguard said.",
]


def read(content: bytes, origin: Origin = ORIGIN) -> tuple[list[Draft], list[str]]:
    pieces = list(read_pdf(content, origin))
    drafts = [piece for piece in pieces if isinstance(piece, Draft)]
    return drafts, [piece.reason for piece in pieces if isinstance(piece, Skipped)]


def only(content: bytes) -> Draft:
    drafts, _ = read(content)
    (draft,) = drafts
    return draft


def head(number: int) -> list[Set]:
    return [
        Set(72, 800, 9, "The Harbour Courier"),
        Set(500, 800, 9, f"Page {number}"),
        Set(290, 30, 9, f"- {number} -"),
    ]


def test_headline_byline_and_day_stand_in_their_fields() -> None:
    lines = [Set(72, 750, 24, "Ferry sinks off Skelby, all"), Set(72, 722, 24, "passengers saved")]
    signed = [Set(72, 690, 10, "By Ida Holm"), Set(72, 676, 10, "7 June 2017")]

    draft = only(write_pdf([[*lines, *signed, *column(TEXT, top=650)]]))

    assert draft.headline == "Ferry sinks off Skelby, all passengers saved"
    assert (draft.authors, draft.published) == (("Ida Holm",), date(2017, 6, 7))
    assert draft.body == " ".join(TEXT)


def test_pages_are_kept_where_a_paragraph_and_a_word_go_on() -> None:
    pages = [
        [*head(1), *column([*TEXT, "The ship had been in-"])],
        [*head(2), *column(["spected in May, the harbour master said."])],
        [*head(3), *column(["Divers look for the wreck."])],
    ]

    draft = only(write_pdf(pages))

    assert draft.body == (
        f"{' '.join(TEXT)} The ship had been inspected in May, the harbour master said.\nDivers look for the wreck."
    )
    assert draft.page_starts == (0, draft.body.index("spected"), draft.body.index("Divers"))


def test_a_page_without_text_is_told_and_counted() -> None:
    drafts, reasons = read(write_pdf([column(TEXT), [], column(["Divers look for the wreck of the ship."])]))

    (draft,) = drafts
    assert page_at_ref(draft, draft.body.index("Divers")) == 3
    assert "page 2 held no text; pictures need `ocrmypdf`" in reasons


def page_at_ref(draft: Draft, offset: int) -> int | None:
    from store.records import ArticleRef

    return page_at(ArticleRef("x", "x", page_starts=draft.page_starts), offset)


def test_words_cut_at_the_end_of_a_line_are_whole_again() -> None:
    lines = ["All 212 people on board were brought ashore by the coast-", "guard and by well-", "known fishermen."]

    body = only(write_pdf([[*column(lines), *column(["A well-known captain led them to the harbour."], top=600)]])).body

    assert body.startswith("All 212 people on board were brought ashore by the coastguard and by well-known fishermen.")


def test_paragraphs_part_where_a_line_is_short_or_indented_or_a_gap_stands() -> None:
    full = "x" * 4 + " a line as wide as the column that ends with a full stop here, yes."
    lines = [
        full,
        "A short last line.",
        full,
        "    An indented line begins another paragraph, as in print, and so on,",
        "ends.",
    ]

    body = only(write_pdf([[*column(lines), *column(["A gap stands above this one."], top=600)]])).body

    assert body.split("\n")[-1] == "A gap stands above this one."
    assert "A short last line." in body.split("\n")[0].removeprefix(full).strip() or body.count("\n") >= 3


@pytest.mark.parametrize(
    ("info", "headline", "authors"),
    [
        ({"Title": "Inquiry into the ferry", "Author": "Jon Vale"}, "Inquiry into the ferry", ("Jon Vale",)),
        ({"Title": "Microsoft Word - draft3.doc", "Author": "admin"}, "The ferry Morning Star sank off Skelby…", ()),
    ],
)
def test_what_the_file_says_of_itself_counts_where_a_person_wrote_it(
    info: dict[str, str], headline: str, authors: tuple[str, ...]
) -> None:
    draft = only(write_pdf([column(TEXT)], info))

    assert draft.headline.startswith(headline.rstrip("…"))
    assert draft.authors == authors


def test_the_day_a_file_was_made_dates_it_only_where_nothing_else_does_and_is_told() -> None:
    made = write_pdf([column(TEXT)], {"CreationDate": "D:20200102030405+02'00'"})

    drafts, reasons = read(made)
    named, silent = read(made, Origin("clipping.pdf", published=date(2017, 6, 7)))

    assert [draft.published for draft in drafts] == [date(2020, 1, 2)]
    assert reasons == ["its text names no day; dated 2020-01-02 by the file's properties"]
    assert ([draft.published for draft in named], silent) == ([date(2017, 6, 7)], [])


@pytest.mark.parametrize(
    "text", ["D:2020", "D:20201", "D:99999999", "yesterday", "D:20200231", "D:20200102030405+99'99'"]
)
def test_a_creation_date_of_any_shape_is_no_reason_to_stop(text: str) -> None:
    assert len(read(write_pdf([column(TEXT)], {"CreationDate": text}))[0]) == 1


def test_pictures_of_pages_are_refused_with_the_remedy() -> None:
    assert read(write_pdf([[], []])) == (
        [],
        ["its pages are pictures without text; run `ocrmypdf` on it and add the result"],
    )


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"not a pdf", write_pdf([column(TEXT)])[:300]])
def test_a_damaged_file_is_refused(content: bytes) -> None:
    assert read(content) == ([], ["is damaged or no PDF: it cannot be opened"])
