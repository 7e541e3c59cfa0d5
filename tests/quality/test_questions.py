"""The gate's articles and questions: complete, consistent, and with enough of every kind."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from store.readers import read_sources
from store.records import Draft, day_of
from tests.quality.questions import ARTICLES, ASKED_ON, KINDS, QualityQuestion, read_questions

READ = list(read_sources([str(ARTICLES)]))
DRAFTS = {Path(piece.source).stem: piece for piece in READ if isinstance(piece, Draft)}
QUESTIONS = read_questions()

each_article = pytest.mark.parametrize("stem", DRAFTS)
each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.text)


def test_every_file_is_an_article() -> None:
    assert sorted(DRAFTS) == sorted(path.stem for path in ARTICLES.iterdir())
    assert len(READ) == len(DRAFTS) >= 60


@each_article
def test_an_article_is_complete_and_dated_as_its_file_and_url_say(stem: str) -> None:
    draft = DRAFTS[stem]
    day = day_of(draft.published)

    assert all((draft.headline, draft.outlet, draft.authors, draft.section, draft.url, day))
    assert day is not None
    assert day < ASKED_ON
    assert stem.startswith(f"{day:%Y-%m-%d}-")
    assert urlsplit(draft.url or "").path.startswith(f"/{day:%Y/%m/%d}/")


@each_article
def test_an_article_has_120_to_300_words(stem: str) -> None:
    assert 120 <= len(DRAFTS[stem].body.split()) <= 300


def test_each_outlet_has_one_address_on_the_reserved_domain() -> None:
    addresses = {(draft.outlet, urlsplit(draft.url or "").netloc) for draft in DRAFTS.values()}

    assert len(addresses) == len({outlet for outlet, _ in addresses}) == len({host for _, host in addresses})
    assert all(host.endswith(".example") for _, host in addresses)


def test_no_url_is_used_twice() -> None:
    assert max(Counter(draft.url for draft in DRAFTS.values()).values()) == 1


def test_some_wire_stories_were_printed_under_another_headline() -> None:
    of_opening: dict[str, list[Draft]] = {}
    for draft in DRAFTS.values():
        of_opening.setdefault(draft.body.splitlines()[0], []).append(draft)
    printed = [drafts for drafts in of_opening.values() if len(drafts) > 1]

    assert len(printed) == 3
    assert all(len({draft.headline for draft in drafts}) == len(drafts) for drafts in printed)


def test_a_column_has_one_headline_and_four_bodies() -> None:
    columns = [draft for draft in DRAFTS.values() if draft.section == "Columns"]

    assert [draft.headline for draft in columns] == ["Harbour Notebook"] * 4
    assert len({draft.body.splitlines()[0] for draft in columns}) == 4


def test_there_are_enough_questions_of_every_kind() -> None:
    counted = Counter(question.kind for question in QUESTIONS)

    assert set(counted) == set(KINDS)
    assert counted["unanswerable"] == 12
    assert min(counted.values()) >= 6


def test_no_question_is_asked_twice() -> None:
    assert max(Counter(question.text for question in QUESTIONS).values()) == 1


@each_question
def test_the_articles_of_a_question_are_there_and_out_when_it_is_asked(question: QualityQuestion) -> None:
    days = [day_of(DRAFTS[stem].published) for stem in question.articles]

    assert all(day is not None and day <= (question.as_of or ASKED_ON) for day in days)
    assert bool(days) == (question.kind != "unanswerable")
