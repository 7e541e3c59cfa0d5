"""The kind of incident, where and when it was, and the names that go with it."""

from __future__ import annotations

from datetime import date

from assistant.claims.events import are_same_kind, event_of, families_of, fold_name, names_of, part_at, places_of


def test_the_kind_of_an_incident_is_told_by_its_words() -> None:
    assert families_of("The ferry capsized in a storm") == {"sinking", "storm"}
    assert families_of("They had shot down a jet") == {"crash"}


def test_what_may_be_one_incident_is_not_told_apart() -> None:
    assert are_same_kind({"explosion"}, {"attack"})
    assert are_same_kind((), {"attack"})
    assert not are_same_kind({"flood"}, {"attack"})


def test_adjectives_and_genitives_of_a_name_are_that_name() -> None:
    assert fold_name("Iranian") == fold_name("Iran")
    assert fold_name("Iraq's") == fold_name("Iraqi")
    assert fold_name("U.S") == fold_name("American")


def test_days_months_and_titles_are_no_names() -> None:
    assert names_of(["On Monday President Orlan spoke in Dorrin."]) == {"orlan", "dorrin"}


def test_a_word_that_only_begins_a_sentence_is_no_name() -> None:
    assert names_of(["Plant in Hester closes", "The plant employed 300 people."]) == {"hester"}


def test_names_of_two_words_are_not_those_of_their_second() -> None:
    assert names_of(["Six died in North Carolina."]).isdisjoint(names_of(["Two died in South Carolina."]))


def test_a_number_may_be_of_one_county_or_of_the_country() -> None:
    sentence = "Besides 42 in Lee County, 12 people died in Dale County."

    assert [part_at(sentence, sentence.index(number)) for number in ("42", "12")] == ["lee", "dale"]
    assert [part_at(text, 0) for text in ("50 died nationwide.", "50 people died.")] == ["all", ""]


def test_a_place_is_where_something_was_not_whence_somebody_came() -> None:
    assert places_of("A man from Tolsk died in the town of Brodno.") == {"brodno"}


def test_what_a_sentence_does_not_tell_comes_from_those_before_and_the_headline() -> None:
    event = event_of("Six people died.", ["The mine at Carrow exploded."], "Blast at Carrow mine", date(2020, 2, 10))

    assert (event.families, event.places, event.headline) == ({"explosion"}, {"carrow"}, {"carrow"})


def test_the_day_on_which_somebody_spoke_is_not_that_of_the_event() -> None:
    published = date(2020, 2, 12)  # a Wednesday

    spoken = event_of("Six died, the mayor said on Tuesday.", [], "", published)
    happened = event_of("Six died in the blast on Tuesday.", [], "", published)

    assert (spoken.since, happened.since) == (None, date(2020, 2, 11))
