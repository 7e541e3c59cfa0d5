"""Sentences weighed as answers: by what they say, when, and who says it too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import pytest

from assistant.conversation import AskedTime
from assistant.questions import read_question
from assistant.sentences import Candidate, is_early, weigh_sentences
from store.records import ArticleRef, Hit, Passage, Window

TODAY = date(2020, 6, 1)
LAST_WEEK = Window(date(2020, 5, 25), date(2020, 5, 31), "last week", inferred=True)


def hit(article: str, body: str, *, rank: int = 1, published: date | None = None) -> Hit:
    ref = ArticleRef(article, "News", published=published)
    return Hit(Passage(f"{article}:0", ref, 0, 0, len(body), body), rank, 1.0, "fused")


def weighed(question: str, *hits: Hit, asked: AskedTime | None = None) -> list[Candidate]:
    def rarity(stems: Iterable[str]) -> Mapping[str, int]:
        return dict.fromkeys(stems, 1)

    read = read_question(question)
    weights = dict.fromkeys(read.stems, 1.0)
    return list(weigh_sentences(read, hits, weights, asked, rarity=rarity, passages=3_000))


def test_the_name_that_several_articles_give_comes_first() -> None:
    hits = (
        hit("a", "The new mayor of Skelby is a retired pilot, said Bo Lund."),
        hit("b", "The new mayor of Skelby is the teacher Ida Holm."),
        hit("c", "Skelby has chosen its new mayor, Ida Holm."),
    )

    assert "Ida Holm" in weighed("Who is the new mayor of Skelby?", *hits)[0].text


def test_the_sentence_that_asks_counts_more_than_what_leads_up_to_it() -> None:
    body = (
        "King Olaf the Old died at Skelby castle on Monday after a reign of sixty years.\n"
        "Next in the line of succession is Princess Ida."
    )
    asked = "King Olaf the Old died at Skelby castle. Who is next in the line of succession?"

    assert weighed(asked, hit("a", body))[0].text == "Next in the line of succession is Princess Ida."


def test_an_older_report_comes_later_where_the_question_is_about_its_present() -> None:
    old, new = "The ferry is run by Holm Lines today.", "The ferry is run by Lund Lines today."
    hits = (hit("old", old, published=date(2019, 1, 1)), hit("new", new, published=date(2020, 5, 30)))

    assert weighed("Who runs the ferry?", *hits, asked=AskedTime(TODAY, near=True, present=True))[0].text == new


def test_a_report_from_before_the_days_in_question_comes_last() -> None:
    early, late = "The Skelby bridge was closed by ice.", "The Skelby bridge was closed by a lorry."
    hits = (hit("early", early, published=date(2020, 5, 1)), hit("late", late, rank=2, published=date(2020, 5, 28)))

    assert weighed("What closed the Skelby bridge?", *hits, asked=AskedTime(TODAY, LAST_WEEK))[0].text == late


def test_a_length_of_time_is_answered_by_a_sentence_with_a_unit() -> None:
    body = "The operator of the Skelby ferry decided to wait for 15 boats.\nHe had 10 seconds to decide, he said."

    assert "10 seconds" in weighed("How long did the ferry operator have to decide?", hit("a", body))[0].text


def test_a_caption_comes_after_what_was_written() -> None:
    caption = "Photos: Ida Holm, the mayor of Skelby, at the quay. Jo Vale/Getty Images"
    hits = (hit("page", caption), hit("report", "The mayor of Skelby, Ida Holm, spoke at the quay.", rank=2))

    assert weighed("Who is the mayor of Skelby?", *hits)[0].text == "The mayor of Skelby, Ida Holm, spoke at the quay."


@pytest.mark.parametrize(
    "left",
    [
        "More:Ida Holm is the new mayor of Skelby",
        "Ida Holm, the new mayor of Skelby, at the quay. (Photo by Jo Vale)",
        "By Ida Holm and Bo Lund",
    ],
)
def test_what_is_left_of_the_page_is_no_candidate(left: str) -> None:
    body = f"{left}\nThe town has a new mayor, Ida Holm."

    assert [one.text for one in weighed("Who is the new mayor of Skelby?", hit("a", body))] == [
        "The town has a new mayor, Ida Holm."
    ]


def test_a_dateline_need_not_be_set_off_by_a_blank() -> None:
    body = "SKELBY –The ferry sank at noon."

    assert [one.text for one in weighed("What sank?", hit("a", body))] == ["The ferry sank at noon."]


@pytest.mark.parametrize(
    ("published", "early"),
    [(date(2020, 5, 25), False), (date(2020, 5, 18), False), (date(2020, 5, 17), True), (date(2020, 6, 9), False)],
)
def test_early_is_what_cannot_tell_of_the_days_in_question(published: date, early: bool) -> None:
    assert is_early(published, AskedTime(TODAY, LAST_WEEK)) is early
    assert not is_early(published, AskedTime(TODAY))
