from __future__ import annotations

from dataclasses import replace
from datetime import date

from assistant.tui.attribution import attributed, file_name
from store.records import ArticleRef

FERRY = ArticleRef(
    "ferry-1", "Ferry sinks", outlet="Harbour Courier", published=date(2017, 6, 7), url="https://courier.example/1"
)


def test_a_quotation_says_where_it_stands() -> None:
    assert attributed("All were saved. ", FERRY, (9, 24)) == (
        "“All were saved.” — Harbour Courier, “Ferry sinks”, 7 June 2017, https://courier.example/1 (ferry-1:9-24)"
    )


def test_a_quotation_from_a_paged_document_names_its_page() -> None:
    paged = replace(FERRY, page_starts=(0, 5, 9), url=None)

    assert attributed("Saved.", paged, (9, 15)) == (
        "“Saved.” — Harbour Courier, “Ferry sinks”, 7 June 2017, page 3 (ferry-1:9-15)"
    )


def test_what_is_not_known_of_an_article_is_left_out() -> None:
    assert attributed("Saved.", ArticleRef("a", "", outlet="The Post"), (0, 6)) == "“Saved.” — The Post (a:0-6)"
    assert attributed("Saved.", ArticleRef("a", ""), (0, 6)) == "“Saved.” — source unknown (a:0-6)"


def test_no_escape_sequence_is_copied() -> None:
    bad = ArticleRef("a\x1b[2J", "x\x1b]52;c;\x07y\nz", outlet="\u202eO")

    assert attributed("q\x9b", bad, (0, 1)) == "“q” — O, “x]52;c;y z” (a[2J:0-1)"


def test_a_file_is_named_after_day_outlet_headline_and_place() -> None:
    assert file_name(FERRY, (9, 24)) == "2017-06-07-harbour-courier-ferry-sinks-9-24.txt"


def test_a_file_name_leads_nowhere_else() -> None:
    assert file_name(ArticleRef("a", "../../etc/passwd\n‘x’", outlet="~root"), (0, 1)) == "root-etc-passwd-x-0-1.txt"
    assert file_name(ArticleRef("a", "…"), (0, 1)) == "quotation-0-1.txt"
