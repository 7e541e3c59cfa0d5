"""What changed in an article from one text of it to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from assistant.history import BodyChange, Change, FieldChange, changes_of
from store.records import Article, ArticleRef, Revision

FIRST = datetime(2017, 6, 8, 9, 5, tzinfo=UTC)
SECOND = datetime(2017, 6, 9, 7, 0, tzinfo=UTC)
REF = ArticleRef("ferry-1", "Ferry sinks", "Courier", ("Ann Lee",), date(2017, 6, 7))
BODY = "The ferry sank. Nobody was hurt.\nThe harbour is closed."


def test_each_text_is_compared_with_the_one_that_replaced_it() -> None:
    raised = Article(
        replace(REF, headline="Ferry raised", modified=date(2017, 6, 9)), "The ferry was raised.\nThe end."
    )
    corrected = Article(replace(REF, authors=("Ann Lee", "Bo Day")), BODY.replace("Nobody was", "Two people were"))

    changes = changes_of(raised, [Revision(Article(REF, BODY), FIRST), Revision(corrected, SECOND)])

    assert changes == [
        Change(
            FIRST,
            (FieldChange("authors", "Ann Lee", "Ann Lee, Bo Day"),),
            (BodyChange(("Nobody was hurt.",), ("Two people were hurt.",)),),
        ),
        Change(
            SECOND,
            (
                FieldChange("headline", "Ferry sinks", "Ferry raised"),
                FieldChange("authors", "Ann Lee, Bo Day", "Ann Lee"),
                FieldChange("modified", None, "2017-06-09"),
            ),
            (
                BodyChange(
                    ("The ferry sank.", "Two people were hurt.", "The harbour is closed."),
                    ("The ferry was raised.", "The end."),
                ),
            ),
        ),
    ]


def test_sentences_that_only_come_or_only_go_are_told_apart() -> None:
    longer = Article(REF, f"{BODY}\nDivers search the wreck.")

    (added,) = changes_of(longer, [Revision(Article(REF, BODY), FIRST)])
    (removed,) = changes_of(Article(REF, BODY), [Revision(longer, FIRST)])

    assert added.body == (BodyChange((), ("Divers search the wreck.",)),)
    assert removed.body == (BodyChange(("Divers search the wreck.",), ()),)


def test_a_text_that_a_paywall_no_longer_cuts_is_a_change() -> None:
    cut = Revision(Article(replace(REF, is_truncated=True), BODY), FIRST)

    (change,) = changes_of(Article(REF, BODY), [cut])

    assert change.fields == (FieldChange("is_truncated", "yes", None),)


def test_an_article_that_was_never_replaced_has_no_changes() -> None:
    assert changes_of(Article(REF, BODY), []) == []
