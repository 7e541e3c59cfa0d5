"""Sentences of hits weighed as answers. What they must be like, not how much they weigh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from assistant.evidence import Evidence, weigh_evidence
from store.records import ArticleRef, Hit, Passage

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
