"""What bears a statement, and what only looks like it."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.conversation import Support
from assistant.support import Facts, facts_about, facts_of, joined, likeliest, support_of, support_score
from store.records import ArticleRef

ABOUT = facts_about(ArticleRef("a", "Ferry sinks off Skelby", outlet="Harbour Courier", published=date(2017, 6, 8)))
NOTHING = Facts()

BRIDGE = (
    "A footbridge over the Lenne collapsed on Tuesday evening, killing four people and injuring 17, the ministry said.",
    "Among the dead was Tomas Verhal, 34, a cyclist from Odra.",
    "The bridge was built in 1968 and last inspected in March 2019.",
    "Mayor Elena Kostic denied that the city had ignored warnings.",
    "“Nobody told us that it was unsafe,” she said.",
)
PLANT = (
    "Norvik Energy said on 3 May that profit fell by 12 percent to 1.4 million crowns in the first quarter.",
    "It will close its plant in Harstad but not the one in Bodin.",
    "About 250 of its 3,000 workers will lose their jobs.",
    "Chief executive Mats Lindgren, who took over from Karin Falk in January, said demand had collapsed.",
)
ELECTION = (
    "The Liberals won 42 of the 101 seats in the election on Sunday, ahead of the Conservatives with 35.",
    "Turnout was 61 percent, the highest since 1994.",
    "Prime Minister Anna Toll conceded defeat to Peter Raud shortly before midnight.",
    "Raud said he would not form a coalition with the Greens.",
)
TRIAL = (
    "A trial with 1,200 patients found that the vaccine cut hospital admissions by a third.",
    "It has not been approved, and the health agency expects to decide in September.",
    "Professor Imani Odhiambo, who led the trial at Kisumu University, warned that side effects may be underreported.",
)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("He met Ida Holm.", "words", {"meet"}),
        ("He met Ida Holm.", "names", {"ida", "holm"}),
        ("Ida Holm came.", "names", {"ida", "holm"}),
        ("Holm didn’t come.", "names", set()),
        ("Holm didn’t come.", "denied", {"come"}),
        ("She denied that it sank.", "denied", {"sink"}),
        ("It may sink.", "hedged", {"sink"}),
        ("Ida Holm said that it sank.", "speakers", {"holm"}),
        ("25,000, 05 and 1.5", "numbers", {"25000", "5", "1.5"}),
        ("twenty-five or Six", "numbers", {"25", "6"}),
        ("nearly three million, $2bn", "numbers", {"~3000000", "2000000000"}),
        ("no one, one of them", "numbers", set()),
        ("The U.S. of it", "words", set()),
        ("The World Trade Council met.", "echoes", {"wt", "tc", "wtc"}),
    ],
)
def test_the_facts_of_a_text_are_read(text: str, kind: str, expected: set[str]) -> None:
    assert getattr(facts_of(text), kind) == expected


@pytest.mark.parametrize(
    ("statement", "evidence", "support"),
    [
        ("The ferry sank with 25 aboard.", "The ferry, with twenty-five people aboard, has sunk or sank.", "supported"),
        ("The Harbour Courier wrote that the ferry sank.", "The ferry sank, its captain wrote.", "supported"),
        ("On 8 June 2017 the ferry sank.", "The ferry sank.", "supported"),
        ("The ferry sank with 26 people aboard.", "The ferry sank with 25 people aboard.", "weak"),
        ("The ferry's captain Ida Holm survived.", "The ferry's captain Ida Berg survived.", "weak"),
        ("The ferry did not sink.", "The ferry will sink.", "weak"),
        ("The ferry will sink.", "The ferry will not sink.", "weak"),
        ("Yes.", "The ferry sank.", "weak"),
        ("The council pays for a pier.", "The ferry sank.", "unsupported"),
        ("The ferry sank.", "", "supported"),
    ],
)
def test_a_statement_is_measured_against_its_evidence(statement: str, evidence: str, support: Support) -> None:
    assert support_of(facts_of(statement), facts_of(evidence), ABOUT) == support


RIGHT = [
    ("A footbridge over the Lenne collapsed on Tuesday evening.", BRIDGE),
    ("Four people were killed when a footbridge over the Lenne collapsed.", BRIDGE),
    ("The bridge was last inspected in March 2019.", BRIDGE),
    ("Kostic denied that the city had ignored warnings.", BRIDGE),
    ("The dead include Tomas Verhal, a cyclist from Odra.", BRIDGE),
    ("Norvik Energy will close its plant in Harstad.", PLANT),
    ("Norvik Energy's profit fell by 12% to 1,400,000 crowns.", PLANT),
    ("About 250 workers will lose their jobs.", PLANT),
    ("Mats Lindgren took over from Karin Falk in January.", PLANT),
    ("The Liberals won 42 seats in the election.", ELECTION),
    ("Anna Toll conceded defeat to Peter Raud.", ELECTION),
    ("Raud said he would not form a coalition with the Greens.", ELECTION),
    ("Turnout was 61 percent, the highest since 1994.", ELECTION),
    ("The trial found that the vaccine cut hospital admissions by a third.", TRIAL),
    ("Imani Odhiambo led the trial at Kisumu University.", TRIAL),
    ("Odhiambo warned that side effects may be underreported.", TRIAL),
]


@pytest.mark.parametrize(("statement", "evidence"), RIGHT)
def test_what_the_evidence_says_is_supported(statement: str, evidence: tuple[str, ...]) -> None:
    assert _support(statement, evidence) == "supported"


@pytest.mark.parametrize(
    ("statement", "evidence"),
    [
        # Another number.
        ("A footbridge over the Lenne collapsed, killing five people.", BRIDGE),
        ("The bridge was built in 1986.", BRIDGE),
        ("Profit fell by 12 percent to 1.4 billion crowns.", PLANT),
        ("About 350 of its 3,000 workers will lose their jobs.", PLANT),
        ("The Liberals won 43 of the 101 seats.", ELECTION),
        # Another name or place.
        ("Among the dead was Tomas Berhal, a cyclist from Odra.", BRIDGE),
        ("A footbridge over the Morva collapsed on Tuesday evening.", BRIDGE),
        ("Norvik Energy will close its plant in Tromby.", PLANT),
        ("Prime Minister Anna Toll conceded defeat to Peter Lind.", ELECTION),
        ("Professor Imani Odhiambo led the trial at Nakuru University.", TRIAL),
        # Another day.
        ("The footbridge collapsed on Wednesday evening.", BRIDGE),
        ("The bridge was last inspected in May 2019.", BRIDGE),
        ("The health agency expects to decide in October.", TRIAL),
        # Turned into its opposite.
        ("The footbridge did not collapse on Tuesday evening.", BRIDGE),
        ("The city had ignored warnings.", BRIDGE),
        ("Raud said he would form a coalition with the Greens.", ELECTION),
        ("The vaccine has been approved.", TRIAL),
        ("Norvik Energy said that profit rose by 12 percent in the first quarter.", PLANT),
        ("Turnout was 61 percent, the lowest since 1994.", ELECTION),
        # Said by another, done by another, or more than was said.
        ("Falk said demand had collapsed.", PLANT),
        ("Peter Raud conceded defeat to Anna Toll.", ELECTION),
        ("Karin Falk took over from Mats Lindgren.", PLANT),
        ("Side effects are underreported.", TRIAL),
        # Of something else.
        ("The council raised the price of water.", BRIDGE),
        ("The trial was paid for by Norvik Energy.", TRIAL),
    ],
)
def test_what_the_evidence_does_not_say_is_weak_at_most(statement: str, evidence: tuple[str, ...]) -> None:
    assert _support(statement, evidence) in {"weak", "unsupported"}


@pytest.mark.parametrize(
    ("statement", "evidence"),
    [
        ("The CTL met in Odra on Friday to vote.", "The Council of Trade and Labour met in Odra on Friday to vote."),
        ("A French minister resigned on Friday.", "A minister of France resigned on Friday."),
        ("Nearly 1,300 people fled the flood in Odra.", "In Odra 1,287 people fled the flood."),
    ],
)
def test_other_ways_to_write_a_name_or_number_do_no_harm(statement: str, evidence: str) -> None:
    assert _support(statement, (evidence,)) == "supported"


def test_a_statement_in_its_own_words_scores_above_one_about_something_else() -> None:
    evidence = joined(map(facts_of, ELECTION))

    near = support_score(facts_of("The head of government admitted that Raud had beaten her."), evidence)
    far = support_score(facts_of("A goalkeeper signed a contract with a club abroad."), evidence)

    assert near > far


def test_words_copied_from_everywhere_score_below_words_of_one_sentence() -> None:
    evidence = joined(map(facts_of, PLANT))

    whole = support_score(facts_of("About 250 of its 3,000 workers will lose their jobs."), evidence)
    glued = support_score(facts_of("About 250 of its 3,000 workers will close its plant in January."), evidence)

    assert glued < whole


def test_a_model_that_finds_statement_and_evidence_alike_raises_the_score_and_one_that_does_not_lowers_it() -> None:
    statement, evidence = (
        facts_of("The head of government admitted that Raud had beaten her."),
        joined(map(facts_of, ELECTION)),
    )

    far, near = (support_score(statement, evidence, alike) for alike in (0.4, 0.9))

    assert far < support_score(statement, evidence) < near


def test_what_the_evidence_contradicts_is_weak_however_alike_a_model_finds_them() -> None:
    statement = facts_of("Raud said he would form a coalition with the Greens.")

    assert support_of(statement, joined(map(facts_of, ELECTION)), NOTHING, alike=0.98) == "weak"


@pytest.mark.parametrize(
    ("statement", "likely"),
    [
        # The first has most of its words, each of the others most of what is left.
        ("Norvik Energy, led by Mats Lindgren, will close its plant in Harstad.", [0, 1, 3]),
        ("A goalkeeper signed.", [0, 1, 2]),
    ],
)
def test_a_statement_is_compared_with_the_sentences_that_have_its_words(statement: str, likely: list[int]) -> None:
    assert likeliest(facts_of(statement), [facts_of(sentence) for sentence in PLANT]) == likely


def test_no_more_sentences_are_compared_than_there_are() -> None:
    assert likeliest(facts_of("Anything."), [facts_of("Something.")]) == [0]
    assert likeliest(facts_of("Anything."), []) == []


def _support(statement: str, evidence: tuple[str, ...]) -> Support:
    return support_of(facts_of(statement), joined(map(facts_of, evidence)), NOTHING)
