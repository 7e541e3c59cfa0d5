import textwrap
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.readers.fields import Origin
from store.readers.text import read_text
from store.records import Draft, Skipped

ORIGIN = Origin("news.txt")

FERRY = [
    "The night ferry to Port Ellen ran aground on Tuesday with 212 people aboard, the coast guard said.",
    "All of them were brought ashore before dawn. Nobody was hurt, but the ship will be out of service for weeks.",
    '"We heard a long scrape and then the lights went out," said Ann Poe, a teacher who was on her way home.',
]
COUNCIL = [
    "The island council voted on Thursday to close the harbour pool for two years, over the protest of swimmers.",
    "Its chairwoman said that the roof was no longer safe and that a new one would cost four million pounds.",
]
PRIZE = [
    "A baker from Craighouse has won the national prize for rye bread, the third islander to do so in ten years.",
    "He said that the secret lay in the water and that he would not say more about it.",
]


def read(text: str, origin: Origin = ORIGIN) -> list[Draft | Skipped]:
    return list(read_text(text, origin))


def drafts(text: str, origin: Origin = ORIGIN) -> Iterator[Draft]:
    for draft in read(text, origin):
        assert isinstance(draft, Draft)
        yield draft


def summary(text: str) -> list[tuple[str, list[str]]]:
    return [(draft.headline, draft.body.split("\n")) for draft in drafts(text)]


def test_a_single_article_has_its_headline_and_one_paragraph_a_line() -> None:
    text = "Ferry runs aground off Port Ellen\n\n" + "\n\n".join(FERRY) + "\n\n"

    assert read(text) == [Draft("Ferry runs aground off Port Ellen", "\n".join(FERRY), "news.txt", line=1)]


def test_header_lines_describe_the_article() -> None:
    text = (
        "Headline: Ferry runs aground: 212 safe\nOutlet: Example Post\nDate: Thursday, January 2, 2020\n"
        "Byline: Jane Doe and John Roe\nURL: https://post.example/ferry\nSection: Islands\nLanguage: en\n"
        "Updated: 2020-01-03\n\n" + "\n".join(FERRY)
    )

    assert read(text) == [
        Draft(
            headline="Ferry runs aground: 212 safe",
            body="\n".join(FERRY),
            source="news.txt",
            line=1,
            outlet="Example Post",
            authors=("Jane Doe", "John Roe"),
            published=date(2020, 1, 2),
            modified=date(2020, 1, 3),
            url="https://post.example/ferry",
            language="en",
            section="Islands",
        )
    ]


def test_a_headline_byline_date_and_dateline_are_read_below_each_other() -> None:
    lead = "PORT ELLEN (AP) — " + FERRY[0]
    text = f"Ferry runs aground off Port Ellen\nBy Jane Doe and John Roe\nJan. 2, 2020\n\n{lead}\n{FERRY[1]}"

    assert read(text) == [
        Draft(
            headline="Ferry runs aground off Port Ellen",
            body=f"{lead}\n{FERRY[1]}",
            source="news.txt",
            line=1,
            outlet="AP",
            authors=("Jane Doe", "John Roe"),
            published=date(2020, 1, 2),
            place="PORT ELLEN",
        )
    ]


def test_a_byline_below_a_standfirst_leaves_the_body() -> None:
    text = f"Ferry runs aground off Port Ellen\n\n{COUNCIL[0]}\n\nBy Jane Doe, Reuters\n\n{FERRY[0]}"

    (draft,) = drafts(text)

    assert (draft.authors, draft.outlet) == (("Jane Doe",), "Reuters")
    assert draft.body == f"{COUNCIL[0]}\n{FERRY[0]}"


def test_sub_headings_stay_in_the_body_of_their_article() -> None:
    body = [FERRY[0], "Who was on board?", FERRY[1], "A sandbank known for years", FERRY[2], "What next", *COUNCIL]
    text = "Ferry runs aground off Port Ellen\n\n" + "\n\n".join(body)

    assert summary(text) == [("Ferry runs aground off Port Ellen", body)]


def test_sub_headings_set_apart_by_more_blank_lines_stay_as_well() -> None:
    body = [*FERRY, "Who was on board of the night ferry?", *COUNCIL, "Rescue", *PRIZE]
    text = "Ferry runs aground off Port Ellen\n\n" + "\n\n".join(body)
    for heading in ("Who was on board of the night ferry?", "Rescue"):
        text = text.replace(heading, f"\n{heading}")

    assert summary(text) == [("Ferry runs aground off Port Ellen", body)]


def test_wrapped_lines_become_one_line_a_paragraph() -> None:
    text = "Ferry runs aground off Port Ellen\n\n" + "\n\n".join(textwrap.fill(paragraph, 72) for paragraph in FERRY)

    assert summary(text) == [("Ferry runs aground off Port Ellen", FERRY)]


def test_a_weblog_page_gives_its_articles_without_widgets() -> None:
    repeated = "The night ferry to Port Ellen ran aground."
    notice = "Breaking: Harbour pool may be closed for good."
    lead = "CRAIGHOUSE (AP) — " + PRIZE[0]
    text = "\n".join(
        [
            "Thursday, January 2, 2020",
            "",
            repeated,
            "",
            *FERRY,
            "",
            "Who was Captain Roe?",
            "",
            *COUNCIL,
            "",
            notice,
            "",
            "",
            "Baker from Craighouse wins national prize",
            "",
            lead,
            PRIZE[1],
            "",
            "",
            "Blog Widget by LinkWithin",
        ]
    )

    assert read(text) == [
        Draft(
            headline=repeated,
            body="\n".join([*FERRY, "Who was Captain Roe?", *COUNCIL, notice]),
            source="news.txt",
            line=3,
            published=date(2020, 1, 2),
        ),
        Draft(
            headline="Baker from Craighouse wins national prize",
            body=f"{lead}\n{PRIZE[1]}",
            source="news.txt",
            line=17,
            outlet="AP",
            published=date(2020, 1, 2),
            place="CRAIGHOUSE",
        ),
    ]


@pytest.mark.parametrize("width", [72, 80, 90, 95, 100, 110, 115, 120])
def test_a_weblog_page_wrapped_at_any_width_gives_the_same_articles(width: int) -> None:
    page = [
        ["Thursday, January 2, 2020"],
        ["Ferry runs aground off Port Ellen"],
        [f"{FERRY[0]} {FERRY[1]}", f"{COUNCIL[0]} {FERRY[2]}"],
        ["Who was Captain Roe?"],
        [COUNCIL[1]],
        ["\nBaker from Craighouse wins national prize"],
        [f"CRAIGHOUSE (AP) — {PRIZE[0]}", f"{PRIZE[1]} {COUNCIL[1]}"],
    ]
    wrapped = ["\n".join(textwrap.fill(line, width, replace_whitespace=False) for line in block) for block in page]
    whole = ["\n".join(block) for block in page]

    assert len(read("\n\n".join(whole))) == 2
    assert [draft.headline for draft in drafts("\n\n".join(wrapped))] == [
        draft.headline for draft in drafts("\n\n".join(whole))
    ]
    assert [draft.body.replace("\n", " ") for draft in drafts("\n\n".join(wrapped))] == [
        draft.body.replace("\n", " ") for draft in drafts("\n\n".join(whole))
    ]


def test_a_single_wrapped_article_stays_whole() -> None:
    body = [FERRY[0], "A sandbank known for years", *FERRY[1:], "The council meets again", *COUNCIL]
    text = "Ferry runs aground off Port Ellen\n\n" + "\n\n".join(textwrap.fill(line, 100) for line in body)

    assert summary(text) == [("Ferry runs aground off Port Ellen", body)]


def test_a_press_release_is_named_by_its_headline_and_dated_by_its_dateline() -> None:
    lead = "PORT ELLEN, Scotland – January 2, 2020 – " + COUNCIL[0]
    text = "\n\n".join(
        [
            "FOR IMMEDIATE RELEASE",
            "Contact: Jane Doe\nPhone: 555-0100",
            "Island Council Closes Harbour Pool",
            lead,
            COUNCIL[1],
            "###",
        ]
    )

    (draft,) = drafts(text)

    assert draft.headline == "Island Council Closes Harbour Pool"
    assert (draft.published, draft.place) == (date(2020, 1, 2), "PORT ELLEN, Scotland")
    assert draft.body == f"{lead}\n{COUNCIL[1]}"


def test_a_mail_is_named_by_its_subject() -> None:
    text = f"From: desk@post.example\nTo: list@post.example\nSubject: Ferry aground\nDate: 2020-01-02\n\n{FERRY[0]}"

    assert read(text) == [Draft("Ferry aground", FERRY[0], "news.txt", line=1, published=date(2020, 1, 2))]


def test_a_pasted_web_article_loses_the_menu_and_the_buttons_around_it() -> None:
    text = "\n".join(
        [
            *("Home", "News", "Islands", "Ferry runs aground off Port Ellen", "Published 3 hours ago", "Share"),
            *("Jane Doe", "Maritime correspondent", *FERRY, "© 2020 Example Post. All rights reserved."),
        ]
    )

    assert read(text) == [
        Draft("Ferry runs aground off Port Ellen", "\n".join(FERRY), "news.txt", line=2, authors=("Jane Doe",))
    ]


def test_a_short_headline_above_a_blank_line_is_no_menu() -> None:
    (draft,) = drafts(f"Aground\n\nFive questions about the ferry\n\n{FERRY[0]}")

    assert draft.headline == "Aground"


def test_dates_between_a_standfirst_and_the_text_leave_the_body() -> None:
    dates = "PUBLISHED: January 2, 2020 at 5:12 p.m. | UPDATED: January 3, 2020 at 9:30 a.m."
    standfirst = "One barge was carrying salt"
    text = f"EXCLUSIVE\n\nFerry aground off Port Ellen\n\n{standfirst}\n\nBy Jane Doe\n{dates}\n\n{FERRY[0]}"

    (draft,) = drafts(text)

    assert (draft.headline, draft.authors) == ("Ferry aground off Port Ellen", ("Jane Doe",))
    assert (draft.published, draft.modified) == (date(2020, 1, 2), date(2020, 1, 3))
    assert draft.body == f"{standfirst}\n{FERRY[0]}"


def test_a_date_below_a_bare_name_is_read_and_the_name_claims_nothing() -> None:
    text = f"Ferry aground off Port Ellen\nPort Askaig\nThu 2 Jan 2020 14.05 GMT\n\n{FERRY[0]}"

    (draft,) = drafts(text)

    assert (draft.published, draft.authors) == (date(2020, 1, 2), ())
    assert draft.body == f"Port Askaig\n{FERRY[0]}"


def test_an_address_below_the_headline_is_where_the_article_was() -> None:
    (draft,) = drafts(f"Ferry runs aground off Port Ellen, 212 safe\nhttps://post.example/ferry\n\n{FERRY[0]}")

    assert (draft.headline, draft.url, draft.outlet) == (
        "Ferry runs aground off Port Ellen, 212 safe",
        "https://post.example/ferry",
        "post.example",
    )


def test_each_date_line_dates_the_articles_below_it() -> None:
    text = "\n\n".join(
        [
            "Thursday, January 2, 2020",
            "Ferry runs aground off Port Ellen",
            *FERRY,
            "Friday, January 3, 2020",
            "Council closes the pool",
            *COUNCIL,
            "4 January 2020",
            "Baker wins prize",
            *PRIZE,
        ]
    )

    assert [(draft.headline, draft.published, draft.line) for draft in drafts(text)] == [
        ("Ferry runs aground off Port Ellen", date(2020, 1, 2), 3),
        ("Council closes the pool", date(2020, 1, 3), 13),
        ("Baker wins prize", date(2020, 1, 4), 21),
    ]


def test_a_date_below_a_headline_dates_that_article_alone() -> None:
    text = "\n\n".join(
        [
            "January 2, 2020",
            "Ferry runs aground off Port Ellen",
            "January 1, 2020",
            *FERRY,
            "---",
            "Council closes the harbour pool",
            *COUNCIL,
        ]
    )

    assert [draft.published for draft in drafts(text)] == [date(2020, 1, 1), date(2020, 1, 2)]


def test_a_chronology_is_one_article() -> None:
    body = ["December 27, 2019", FERRY[0], "January 2, 2020", FERRY[1], "January 3, 2020", COUNCIL[0]]
    text = "The ferry crisis day by day\n\n" + "\n\n".join(body)

    assert read(text) == [Draft("The ferry crisis day by day", "\n".join(body), "news.txt", line=1)]


def test_a_text_without_a_headline_is_named_by_its_first_sentence() -> None:
    assert [draft.headline for draft in drafts("\n".join(FERRY))] == [
        "The night ferry to Port Ellen ran aground on Tuesday with 212 people aboard, the coast guard said."
    ]


def test_a_long_first_sentence_is_cut_between_words() -> None:
    long = "The night ferry ran aground and " * 10 + "sank."

    (draft,) = drafts("PORT ELLEN (AP) — " + long)

    assert (
        draft.headline
        == "The night ferry ran aground and The night ferry ran aground and The night ferry ran aground and The…"
    )
    assert draft.body == "PORT ELLEN (AP) — " + long


def test_a_headline_that_a_feed_cut_short_is_a_headline() -> None:
    headline = "Night ferry runs aground. Here is what the island council ..."

    assert summary(f"{headline}\n\n{FERRY[0]}") == [(headline, FERRY[:1])]


def test_a_wall_of_text_is_one_article() -> None:
    wall = "\n".join(textwrap.fill(" ".join([*FERRY, *COUNCIL, *PRIZE]), 70) for _ in range(5))

    (draft,) = drafts(wall)

    assert draft.headline == FERRY[0]


def test_chapters_of_a_book_are_one_article() -> None:
    text = "\n\n\n\n".join(
        [
            "THE LAST FERRY",
            "by Jane Doe",
            "CHAPTER I. IN WHICH THE FERRY RUNS AGROUND",
            "\n\n".join(FERRY),
            "CHAPTER II",
            "IN WHICH THE COUNCIL CLOSES THE POOL",
            "\n\n".join(COUNCIL),
        ]
    )

    (draft,) = drafts(text)

    assert (draft.headline, draft.authors) == ("THE LAST FERRY", ("Jane Doe",))


@pytest.mark.parametrize("rule", ["---", "* * *", "=========="])
def test_wire_reports_below_rules_are_articles_even_without_headlines(rule: str) -> None:
    ferry, council = "PORT ELLEN (AP) — " + FERRY[0], "LONDON, Jan 3 (Reuters) - " + COUNCIL[0]
    text = f"{ferry}\n\n{FERRY[1]}\n\n{rule}\n\n{council}\n"

    assert [(draft.headline, draft.outlet, draft.place, draft.body) for draft in drafts(text)] == [
        (FERRY[0], "AP", "PORT ELLEN", f"{ferry}\n{FERRY[1]}"),
        (COUNCIL[0][: COUNCIL[0].index(" swimmers")] + "…", "Reuters", "LONDON", council),
    ]


def test_a_rule_before_prose_is_a_pause_within_an_article() -> None:
    text = "Ferry runs aground off Port Ellen\n\n" + "\n\n* * *\n\n".join(FERRY)

    assert summary(text) == [("Ferry runs aground off Port Ellen", FERRY)]


def test_the_foot_of_a_post_divides_two_articles() -> None:
    foot = "Posted by Jane at 10:02 PM\nNo comments:\nLabels: islands, ferry"
    text = "\n\n".join(
        [
            "Ferry runs aground off Port Ellen",
            *FERRY,
            foot,
            "Council closes the harbour pool",
            *COUNCIL,
            foot,
            "Newer Post Older Post Home",
            "Share this",
        ]
    )

    assert summary(text) == [
        ("Ferry runs aground off Port Ellen", FERRY),
        ("Council closes the harbour pool", COUNCIL),
    ]


def test_a_headline_set_apart_whose_words_the_lead_takes_up_begins_an_article() -> None:
    second = "\nIsland council closes the harbour pool"
    text = "\n\n".join(["Ferry runs aground off Port Ellen", *FERRY, second, *COUNCIL])

    assert [draft.headline for draft in drafts(text)] == [
        "Ferry runs aground off Port Ellen",
        "Island council closes the harbour pool",
    ]


def test_a_headline_with_one_blank_line_and_no_other_sign_begins_none() -> None:
    text = "\n\n".join(
        ["Ferry runs aground off Port Ellen", *FERRY, "Island council closes the harbour pool", *COUNCIL]
    )

    assert len(read(text)) == 1


def test_header_blocks_begin_articles() -> None:
    text = (
        f"Headline: Ferry aground\nOutlet: Example Post\n\n{FERRY[0]}\n\n"
        f"Headline: Pool closed\nOutlet: Sample Mail\n\n{COUNCIL[0]}\n"
    )

    assert [(draft.headline, draft.outlet) for draft in drafts(text)] == [
        ("Ferry aground", "Example Post"),
        ("Pool closed", "Sample Mail"),
    ]


def test_defaults_hold_where_the_article_says_nothing() -> None:
    origin = Origin("news.txt", outlet="Island Weblog", published=date(2020, 1, 9))
    text = "\n\n".join([*FERRY, "---", "LONDON (AP) — " + COUNCIL[0], "---", "Title: Prize\nDate: 2020-01-04", *PRIZE])

    assert [(draft.outlet, draft.published) for draft in drafts(text, origin)] == [
        ("Island Weblog", date(2020, 1, 9)),
        ("AP", date(2020, 1, 9)),
        ("Island Weblog", date(2020, 1, 4)),
    ]


def test_an_unreadable_date_keeps_the_article_and_is_reported() -> None:
    draft, notice = read(f"Title: Ferry aground\nDate: 02.01.2020\n\n{FERRY[0]}")

    assert isinstance(draft, Draft)
    assert draft.published is None
    assert notice == Skipped("news.txt", 1, "date '02.01.2020' not understood, article kept without a date")


@pytest.mark.parametrize("text", ["", " \n\t\n", "\x00\u200b", "---\n* * *", "Share this\n\nOlder Post"])
def test_a_text_without_an_article_is_skipped(text: str) -> None:
    assert read(text) == [Skipped("news.txt", None, "holds no text of an article")]


def test_header_lines_without_a_text_are_skipped() -> None:
    assert read("Title: Ferry aground\nDate: 2020-01-02\n") == [
        Skipped("news.txt", 1, "a headline, date or header lines without a text below")
    ]


def test_a_single_line_is_an_article() -> None:
    assert read("Ferry runs aground") == [Draft("Ferry runs aground", "Ferry runs aground", "news.txt", line=1)]


def test_terminal_sequences_and_odd_characters_do_not_enter() -> None:
    text = "Ferry \x1b]52;c;cm0gLXJm\x07aground\u202e\n\n" + FERRY[0] + "\xa0\r\n" + FERRY[1]

    assert summary(text) == [("Ferry aground", FERRY[:2])]


HEADS = [
    "",
    "",
    "---",
    "By Jane Doe",
    "January 2, 2020",
    "Date: soon",
    "Title: Pool",
    "Ferry runs aground off Port Ellen",
]
LINES = st.one_of(st.sampled_from([*HEADS, *FERRY, "LONDON (AP) — " + COUNCIL[0]]), st.text(max_size=80))


@given(st.lists(LINES, max_size=20))
def test_every_body_has_one_paragraph_a_line_whatever_is_read(lines: list[str]) -> None:
    for taken in read("\n".join(lines)):
        if isinstance(taken, Draft):
            assert taken.headline
            assert all(line and line == line.strip() for line in taken.body.split("\n"))
