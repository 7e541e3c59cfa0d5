"""What bears a statement, and what only looks like it."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.conversation import Support
from assistant.support import Facts, facts_about, facts_of, support_of
from store.records import ArticleRef

ABOUT = facts_about(ArticleRef("a", "Ferry sinks off Skelby", outlet="Harbour Courier", published=date(2017, 6, 8)))


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("He met Ida Holm.", Facts(frozenset({"meet"}), frozenset({"ida", "holm"}), frozenset(), negates=False)),
        ("Holm didn’t come.", Facts(frozenset({"holm", "come"}), frozenset(), frozenset(), negates=True)),
        ("25,000, 05 and 1.5", Facts(frozenset(), frozenset(), frozenset({"25000", "5", "1.5"}), negates=False)),
        ("twenty-five or Six", Facts(frozenset(), frozenset(), frozenset({"25", "6"}), negates=False)),
        ("The U.S. of it", Facts(frozenset(), frozenset(), frozenset(), negates=False)),
    ],
)
def test_the_facts_of_a_text_are_its_words_names_numbers_and_negation(text: str, facts: Facts) -> None:
    assert facts_of(text) == facts


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
