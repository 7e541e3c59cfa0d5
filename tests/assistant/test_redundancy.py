"""What several sentences say: heard more often, worth more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from assistant.redundancy import MOST_OF_ARTICLE, MOST_TERMS, UNCOUNTED, Voice, agreement


def rare(stems: Iterable[str]) -> Mapping[str, int]:
    return dict.fromkeys(stems, 1)


def test_what_two_articles_say_is_worth_more_than_what_one_says() -> None:
    voices = [Voice("a", 1.0, {"granite"}), Voice("b", 1.0, {"granite"}), Voice("c", 1.0, {"oak"})]

    granite, again, oak = agreement(voices, (), counts=rare, passages=3_000)

    assert granite == again > oak > 0


def test_one_article_that_repeats_itself_is_one_voice() -> None:
    alone = [Voice("a", 1.0, {"granite"}) for _ in range(9)]

    (heard, *_) = agreement(alone, (), counts=None, passages=1)

    assert heard == pytest.approx(UNCOUNTED * MOST_OF_ARTICLE / 3)


def test_what_the_question_says_counts_nothing() -> None:
    assert agreement([Voice("a", 1.0, {"ferry"})], {"ferry"}, counts=rare, passages=100) == [0.0]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    def counts(stems: Iterable[str]) -> Mapping[str, int]:
        return {stem: 900 if stem == "ferry" else 2 for stem in stems}

    ferry, granite = agreement(
        [Voice("a", 1.0, {"ferry"}), Voice("b", 1.0, {"granite"})], (), counts=counts, passages=1_000
    )

    assert granite > ferry


def test_only_so_many_terms_are_looked_up() -> None:
    asked: list[str] = []

    def counts(stems: Iterable[str]) -> Mapping[str, int]:
        asked.extend(stems)
        return dict.fromkeys(asked, 1)

    agreement([Voice("a", 1.0, [f"term{i}" for i in range(500)])], (), counts=counts, passages=10)

    assert len(asked) == MOST_TERMS


@pytest.mark.parametrize("voices", [[], [Voice("a", 1.0, ())]])
def test_where_nothing_is_said_nothing_is_heard(voices: list[Voice]) -> None:
    assert agreement(voices, (), counts=rare, passages=10) == [0.0] * len(voices)
