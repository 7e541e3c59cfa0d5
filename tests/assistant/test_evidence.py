"""Sentences of hits weighed as answers. What they must be like, not how much they weigh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import pytest

from assistant.conversation import AskedTime
from assistant.evidence import OPEN, UNNAMED, Evidence, join_evidence, weigh_evidence
from store.records import ArticleRef, Hit, Passage, Window

FERRY = (
    "SKELBY (AP) — The ferry Morning Star sank off Skelby on Wednesday, the coastguard said.\n"
    "All 212 people on board were brought ashore by fishermen.\n"
    "Look!\n"
    "The operator did not say why it sank."
)
PIER = "Skelby's council met on Friday. It will pay for a new pier of oak and iron, the mayor said."


def hit(article: str, body: str, *, rank: int = 1, start: int = 0, headline: str = "News") -> Hit:
    ref = ArticleRef(article, headline)
    return Hit(Passage(f"{article}:{start}", ref, 0, start, len(body), body[start:]), rank, 1.0, "fused")


def no_counts(stems: Iterable[str]) -> Mapping[str, int]:
    return dict.fromkeys(stems, 0)


def weigh(question: str, *hits: Hit) -> Evidence:
    return weigh_evidence(question, hits, counts=no_counts, passages=100)


def test_the_sentence_that_answers_comes_first() -> None:
    evidence = weigh("How many people on board were brought ashore?", hit("pier", PIER), hit("ferry", FERRY, rank=2))

    assert evidence.candidates[0].text == "All 212 people on board were brought ashore by fishermen."
    assert evidence.candidates[0].fits


def test_every_candidate_stands_in_its_body_at_its_offsets() -> None:
    start = FERRY.index("All 212")
    bodies = {"ferry": FERRY, "pier": PIER, "late": FERRY}

    evidence = weigh(
        "Who sank?", hit("ferry", FERRY), hit("pier", PIER, rank=2), hit("late", FERRY, rank=3, start=start)
    )

    assert evidence.candidates
    for candidate in evidence.candidates:
        body = bodies[candidate.hit.passage.article.id]
        assert body[candidate.start : candidate.end] == candidate.text


def test_scores_fall_from_the_first_to_the_last() -> None:
    scores = [candidate.score for candidate in weigh("Who sank?", hit("ferry", FERRY), hit("pier", PIER)).candidates]

    assert scores == sorted(scores, reverse=True)


def test_a_dateline_is_no_part_of_a_sentence() -> None:
    texts = [candidate.text for candidate in weigh("What sank?", hit("ferry", FERRY)).candidates]

    assert "The ferry Morning Star sank off Skelby on Wednesday, the coastguard said." in texts
    assert not any("AP" in text for text in texts)


@pytest.mark.parametrize("dateline", ["(CNN) ", "New York (CNN Business) ", "SKELBY, June 7 (Reuters) - "])
def test_an_agency_in_brackets_is_no_part_of_a_sentence(dateline: str) -> None:
    texts = [candidate.text for candidate in weigh("What sank?", hit("ferry", f"{dateline}The ferry sank.")).candidates]

    assert texts == ["The ferry sank."]


def test_a_cry_or_a_list_is_no_sentence() -> None:
    long = "The list names " + "a man, " * 200 + "and a dog."

    texts = [candidate.text for candidate in weigh("Look", hit("ferry", FERRY), hit("long", long, rank=2)).candidates]

    assert "Look!" not in texts
    assert long not in texts


@pytest.mark.parametrize("hits", [(), (hit("empty", "Look!"),)])
def test_without_a_sentence_there_is_no_confidence(hits: tuple[Hit, ...]) -> None:
    evidence = weigh("What sank?", *hits)

    assert (evidence.candidates, evidence.confidence) == ((), 0.0)


def test_confidence_is_a_share() -> None:
    for question in ("What sank off Skelby on Wednesday?", "Who won the chess tournament?", "", "the of", "?"):
        assert 0 <= weigh(question, hit("ferry", FERRY), hit("pier", PIER, rank=2)).confidence <= 1


def test_a_question_in_the_words_of_the_article_is_surer_than_one_in_others() -> None:
    answered = weigh("Which ferry sank off Skelby on Wednesday?", hit("ferry", FERRY))
    foreign = weigh("Which chess player won the tournament in Reykjavik?", hit("ferry", FERRY))

    assert answered.confidence > foreign.confidence


def test_words_that_no_sentence_holds_are_missing() -> None:
    evidence = weigh("Did the Morning Star burn in Bergen?", hit("ferry", FERRY))

    assert set(evidence.missing) == {"burn", "bergen"}


IDA = "Why did Ida Holm keep silent about the ferry?"


def ida(body: str, passages: int) -> Evidence:
    def counts(stems: Iterable[str]) -> Mapping[str, int]:
        return dict.fromkeys(stems, passages)

    hits = [hit("a", body), hit("b", "Look!", rank=2, headline="Ida Holm")]
    return weigh_evidence(IDA, hits, counts=counts, passages=10_000)


def test_a_rare_name_that_the_best_evidence_does_not_have_is_told() -> None:
    captain = "The captain kept silent about the ferry."

    assert ida(captain, 3).doubt == "the best evidence does not mention Ida Holm"
    assert ida(captain, 3).confidence == pytest.approx(UNNAMED * ida(captain, 400).confidence)
    assert ida(captain, 400).doubt == ""


def test_one_word_of_a_name_is_enough_for_it_may_be_spelled_in_another_way() -> None:
    assert ida("Mrs Idda Holm kept silent about the ferry.", 3).doubt == ""


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    def counts(stems: Iterable[str]) -> Mapping[str, int]:
        return {stem: 900 if stem == "ferri" else 1 for stem in stems}

    evidence = weigh_evidence("ferry granite", [hit("ferry", FERRY)], counts=counts, passages=1000)

    assert evidence.weights["granit"] > evidence.weights["ferri"]


def test_a_question_in_an_article_answers_nothing() -> None:
    asked = "Which ferry sank off Skelby on Wednesday? It was the Morning Star, the coastguard said."

    texts = [candidate.text for candidate in weigh("Which ferry sank off Skelby?", hit("asked", asked)).candidates]

    assert texts == ["It was the Morning Star, the coastguard said."]


def test_a_sentence_of_two_hits_is_weighed_once() -> None:
    evidence = weigh("What sank?", hit("ferry", FERRY), hit("ferry", FERRY, rank=2, start=FERRY.index("All 212")))

    places = [(candidate.hit.passage.article.id, candidate.start) for candidate in evidence.candidates]
    assert len(places) == len(set(places))


def test_the_same_hits_are_weighed_the_same_twice() -> None:
    hits = (hit("ferry", FERRY), hit("pier", PIER, rank=2), hit("copy", FERRY, rank=3))

    assert weigh("What sank?", *hits) == weigh("What sank?", *hits)


def test_each_part_of_a_question_leads_with_its_best_sentence_and_the_least_sure_says_how_sure() -> None:
    hits = (hit("ferry", FERRY), hit("pier", PIER, rank=2))
    whole = weigh("Which ferry sank off Skelby, and what is the new pier made of?", *hits)
    parts = [weigh("Which ferry sank off Skelby?", *hits), weigh("What is the new pier made of?", *hits)]

    joined = join_evidence(whole, parts)

    assert [candidate.text for candidate in joined.candidates[:2]] == [
        "The ferry Morning Star sank off Skelby on Wednesday, the coastguard said.",
        "It will pay for a new pier of oak and iron, the mayor said.",
    ]
    scores = [candidate.score for candidate in joined.candidates[2:]]
    assert scores == sorted(scores, reverse=True)
    assert joined.confidence == min(part.confidence for part in parts)
    assert (joined.question, joined.weights, joined.missing) == (whole.question, whole.weights, whole.missing)


def test_a_sentence_that_answers_two_parts_comes_once_where_it_first_came() -> None:
    part = weigh("What sank off Skelby?", hit("ferry", FERRY))

    joined = join_evidence(part, [part, part])

    assert [c.text for c in joined.candidates] == [c.text for c in part.candidates]


def test_parts_with_more_sentences_than_others_keep_them_all() -> None:
    many, few = weigh("What sank?", hit("ferry", FERRY)), weigh("Who will pay?", hit("pier", PIER))

    for parts in ([many, few], [few, many]):
        assert sorted(c.text for c in join_evidence(many, parts).candidates) == sorted(
            c.text for c in (*many.candidates, *few.candidates)
        )


def test_words_of_writing_weigh_little_as_a_report_need_not_say_that_it_writes() -> None:
    plain, told = (weigh(text, hit("ferry", FERRY)) for text in ("What sank?", "What was written of what sank?"))

    assert told.weights["write"] < told.weights["sink"]
    assert told.candidates[0].text == plain.candidates[0].text


LAST_WEEK = Window(date(2020, 5, 25), date(2020, 5, 31), "last week", inferred=True)


@pytest.mark.parametrize(
    ("body", "published", "asked", "doubt"),
    [
        ("The bridge was closed.", date(2020, 5, 28), AskedTime(date(2020, 6, 1), LAST_WEEK), ""),
        ("The bridge was closed.", None, AskedTime(date(2020, 6, 1), LAST_WEEK), ""),
        (
            "The bridge was closed.",
            date(2020, 5, 1),
            AskedTime(date(2020, 6, 1), LAST_WEEK),
            "the best evidence is of 1 May 2020, before the days in question",
        ),
        ("The bridge will be closed on May 27.", date(2020, 5, 1), AskedTime(date(2020, 6, 1), LAST_WEEK), ""),
        (
            "The bridge is closed.",
            date(2020, 4, 1),
            AskedTime(date(2020, 6, 1), near=True, present=True),
            "the best evidence is of 1 April 2020, and things may have changed since",
        ),
        ("The bridge is closed.", date(2020, 4, 1), AskedTime(date(2020, 6, 1), near=True), ""),
    ],
)
def test_what_is_too_old_for_the_question_is_worth_less(
    body: str, published: date | None, asked: AskedTime, doubt: str
) -> None:
    passage = Passage("a:0", ArticleRef("a", "News", published=published), 0, 0, len(body), body)
    hits = [Hit(passage, 1, 1.0, "fused")]

    evidence = weigh_evidence("Was the bridge closed?", hits, counts=no_counts, passages=100, asked=asked)

    untimed = weigh_evidence("Was the bridge closed?", hits, counts=no_counts, passages=100)
    assert evidence.doubt == doubt
    assert (evidence.confidence < untimed.confidence) is bool(doubt)


@pytest.mark.parametrize(("cosine", "effect"), [(0.4, -0.25), (0.65, 0.0), (0.7, 0.05), (0.9, 0.07), (None, 0.0)])
def test_where_words_leave_it_open_a_model_is_asked(cosine: float | None, effect: float) -> None:
    asked: list[tuple[str, str]] = []

    def relevance(question: str, text: str) -> float | None:
        asked.append((question, text))
        return cosine

    body = "The ferry Morning Star sank off Skelby on Wednesday, the coastguard said."
    question, hits = "Which ferry sank off Skelby in a storm?", [hit("ferry", body, headline="Ferry sinks")]
    without = weigh_evidence(question, hits, counts=no_counts, passages=100)
    told = weigh_evidence(question, hits, counts=no_counts, passages=100, relevance=relevance)

    assert OPEN[0] < without.confidence < OPEN[1]
    assert told.confidence == pytest.approx(without.confidence + effect)
    assert asked == [(question, f"Ferry sinks. {body}")]


def test_where_words_decide_no_model_is_asked() -> None:
    def relevance(question: str, text: str) -> float | None:
        raise AssertionError(f"{question}: {text}")

    def counts(stems: Iterable[str]) -> Mapping[str, int]:
        return dict.fromkeys(stems, 1)

    sure = weigh_evidence("What sank off Skelby?", [hit("f", FERRY)], counts=counts, passages=9, relevance=relevance)
    unsure = weigh_evidence("Who won at chess?", [hit("f", FERRY)], counts=no_counts, passages=9, relevance=relevance)

    assert sure.confidence > OPEN[1] > OPEN[0] > unsure.confidence
