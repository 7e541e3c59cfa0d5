import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.cleaning import clean_text
from store.readers.fields import Origin
from store.readers.page import LARGEST_PAGE_BYTES, read_page
from store.records import Draft, Skipped

PAGES = Path(__file__).parent / "pages"
NEW_YORK = timezone(timedelta(hours=-5))


def read(name: str, url: str | None = None) -> Draft:
    (draft,) = read_page((PAGES / name).read_bytes(), Origin(name, url=url))
    assert isinstance(draft, Draft)
    return draft


def why_none(content: str | bytes, url: str | None = None) -> str:
    content = content.encode() if isinstance(content, str) else content
    (skipped,) = read_page(content, Origin("page.html", url=url))
    assert isinstance(skipped, Skipped)
    return skipped.reason


def test_linked_data_describe_the_article() -> None:
    draft = read("graph.html", "https://m.northgatecourier.example/2024/03/12/pier-to-stay-open?ref=app")

    assert draft == Draft(
        headline="Pier to stay open until spring",
        body=draft.body,
        source="graph.html",
        outlet="Northgate Courier",
        authors=("Hester Vanbrook", "Tom Ashgrove"),
        published=datetime(2024, 3, 12, 8, 15, tzinfo=UTC),
        modified=datetime(2024, 3, 12, 11, 40, tzinfo=UTC),
        url="https://www.northgatecourier.example/2024/03/12/pier-to-stay-open",
        language="en-GB",
        section="Harbour",
        final_url="https://m.northgatecourier.example/2024/03/12/pier-to-stay-open?ref=app",
    )


def test_the_body_has_headings_quotes_and_lists_and_nothing_else_of_the_page() -> None:
    lines = read("graph.html").body.split("\n")

    assert lines[0].startswith("The old pier at Northgate will stay open until the end of April,")
    assert lines[1].endswith("eleven of the forty piles were eaten away below the water line.")
    assert lines[2] == "Nets and ice"
    assert lines[4:9] == [
        "“We would rather mend the piles ourselves than throw the catch away,” said Orla Finch, who owns two boats.",
        "The board set three conditions:",
        "no more than four boats at a time",
        "no lorries beyond the gate",
        "a diver's report every fortnight",
    ]
    assert lines[9].endswith("The board will vote on them in May.")
    assert len(lines) == 10


def test_opengraph_describes_a_page_without_linked_data() -> None:
    draft = read("opengraph.html")

    assert (draft.headline, draft.outlet, draft.authors) == (
        "Ferry company buys second boat",
        "Harbour Line",
        ("Marguerite Oakes",),
    )
    assert (draft.published, draft.modified) == (
        datetime(2023, 11, 2, 17, 5, tzinfo=NEW_YORK),
        datetime(2023, 11, 3, 9, 0, tzinfo=NEW_YORK),
    )
    assert (draft.url, draft.language, draft.section) == (
        "https://harbourline.example/ferry-second-boat",
        "en-US",
        "Business",
    )


@pytest.mark.parametrize("left", ["cookies", "READ MORE", "Share on", "newsletter", "staff writer who"])
def test_cookies_pointers_buttons_and_biographies_are_left_out(left: str) -> None:
    assert left not in read("opengraph.html").body


def test_microdata_describe_the_article() -> None:
    draft = read("microdata.html")

    assert (draft.headline, draft.authors, draft.published, draft.language) == (
        "Laternenfest fällt zum ersten Mal aus",
        ("Jörg Brückner",),
        date(2022, 10, 5),
        "de",
    )
    assert "Lesen Sie auch" not in draft.body


def test_an_old_page_laid_out_with_tables_says_by_whom_and_when_below_its_headline() -> None:
    draft = read("plain.html")

    assert (draft.headline, draft.authors, draft.published) == (
        "Council shuts the swimming bath",
        ("Wilfred Marsh",),
        date(1999, 1, 14),
    )
    assert len(draft.body.split("\n")) == 4
    assert "Front page" not in draft.body


def test_what_calls_itself_latin_1_is_read_as_browsers_read_it() -> None:
    # Kept as UTF-8, as every file here is.
    content = (PAGES / "latin.html").read_text(encoding="utf-8").encode("cp1252")

    (draft,) = read_page(content, Origin("latin.html"))

    assert isinstance(draft, Draft)
    assert (draft.headline, draft.authors) == ("Le café du port rouvre", ("Élodie Çelik",))
    assert "« Sans eux, j’aurais fermé »" in draft.body
    assert "80 000 €" in draft.body


def test_an_amp_page_gives_the_address_of_the_whole_one() -> None:
    draft = read("amp.html", "https://www.meridianwire.example/amp/lighthouse-keeper")

    assert draft.url == "https://www.meridianwire.example/lighthouse-keeper"
    assert len(draft.body.split("\n")) == 3


def test_hidden_text_is_not_read() -> None:
    body = read("hidden.html").body

    assert "collapsed" not in body
    assert body.count("\n") == 2
    assert "About 4,000 people had been told" in body


def test_a_paid_article_of_which_the_beginning_is_shown_is_cut_short() -> None:
    draft = read("paywall.html")

    assert draft.is_truncated
    assert draft.body.endswith("above a bakery in the old town.")


@pytest.mark.parametrize("name", ["graph.html", "live.html", "opengraph.html", "plain.html", "related.html"])
def test_a_whole_article_is_not_cut_short(name: str) -> None:
    assert not read(name).is_truncated


def test_a_live_blog_is_one_article_with_the_times_of_its_entries() -> None:
    draft = read("live.html")

    assert [line for line in draft.body.split("\n") if len(line) < 60] == [
        "21:30 Bridge reopens",
        "17:10 Power is back",
        "09:45 Ferries stop",
    ]


def test_broken_markup_is_read_as_browsers_do() -> None:
    draft = read("broken.html")

    assert (draft.headline, draft.published) == ("Three boats torn from their moorings", date(2020, 2, 10))
    assert len(draft.body.split("\n")) == 3
    assert "brings her home" in draft.body


def test_lists_of_other_articles_are_left_out_and_a_table_has_a_line_for_each_row() -> None:
    lines = read("related.html").body.split("\n")

    assert lines[2:5] == ["Year | Traders | Tonnes", "2003 | 61 | 8,200", "2023 | 34 | 5,900"]
    assert len(lines) == 6


def test_a_list_of_articles_is_no_article() -> None:
    assert why_none((PAGES / "index.html").read_bytes()).startswith("is a list of articles, not an article")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is an empty page"),
        ("<html><body></body></html>", "holds no text of an article"),
        ("<title>Log in</title><form><input type=password></form>", "asks to log in and holds no article"),
        ("<title>404 Not Found</title><p>Nothing here.</p>", "is an error page: '404 Not Found'"),
        ("<title>Search results for ferry</title><p>3 found</p>", "is a page of search results, not an article"),
        (b"\0" * 1_000, "is an empty page"),
        (b" " * (LARGEST_PAGE_BYTES + 1), "is larger than 10 MB; no article is"),
    ],
)
def test_a_page_without_an_article_says_why(content: str | bytes, reason: str) -> None:
    assert why_none(content) == reason


def test_text_that_only_the_linked_data_hold_is_read() -> None:
    lines = ["The dam held through the night, the water office said.", "Nobody had to leave the valley."]
    script = json.dumps({"@type": "NewsArticle", "headline": "Dam holds", "articleBody": "\n\n".join(lines)})
    page = f'<script type="application/ld+json">{script}</script><div id=app></div>'

    (draft,) = read_page(page.encode(), Origin("page.html"))

    assert isinstance(draft, Draft)
    assert draft.body.split("\n") == lines


@pytest.mark.parametrize(
    "content",
    [
        "<div>" * 100_000 + "text",
        "<p " + " ".join(f"a{number}=1" for number in range(50_000)) + ">text",
        "<p>" + "word " * 100_000,
        "<a " * 100_000,
        '<a x="' * 100_000,
        '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
        "<style>" + "/* " * 100_000,
        "<p>" + "<script>x</script>tail of it " * 20_000,
        "<table><tr><td>" * 300 + "text",
        "&nbsp;" * 100_000,
        "\ud800<p>\x1b]0;x\x07",
    ],
)
def test_hostile_pages_end_and_raise_nothing(content: str) -> None:
    assert len(list(read_page(content.encode("utf-8", "surrogatepass"), Origin("x")))) >= 1


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(["<p>", "</div>", "<table>", "<td>", "<h1>", "<!--", "a ferry sank. ", "<li>", '"', "<"]))
)
def test_any_markup_gives_a_clean_article_or_a_reason(pieces: list[str]) -> None:
    for taken in read_page("".join(pieces).encode(), Origin("x")):
        assert not isinstance(taken, Draft) or taken.body == clean_text(taken.body) != ""
