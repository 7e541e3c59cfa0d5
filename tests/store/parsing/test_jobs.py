import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.parsing.jobs import Job, MalformedAnswer, read_piece, read_request, write_piece, write_request
from store.readers.fields import Origin
from store.records import Draft, Skipped

ORIGIN = Origin("page.html", "Post", date(2020, 1, 2), "https://post.example/a", datetime(2020, 1, 3, 4, tzinfo=UTC))
JOB = Job("page", b"<html>", ORIGIN, line=3)
DRAFT = Draft(
    headline="Ferry aground",
    body="The ferry “Aurora” ran aground.\nAll were saved.",
    source="page.html",
    line=7,
    id="ferry-1",
    outlet="Post",
    authors=("Ada Lovelace", "B. C."),
    published=date(2020, 1, 2),
    modified=datetime(2020, 1, 2, 5, 6, 7, tzinfo=UTC),
    url="https://post.example/ferry",
    language="en",
    section="Harbour",
    place="Skelby",
    final_url="https://post.example/a",
    fetched=datetime(2020, 1, 3, 4, tzinfo=UTC),
    is_truncated=True,
    page_starts=(0, 10, 10, 20),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def pass_through(piece: Draft | Skipped, job: Job = JOB) -> Draft | Skipped:
    [(kind, record)] = json.loads(write_piece(piece)).items()
    return read_piece(kind, record, job)


def test_every_field_of_an_article_comes_through() -> None:
    assert all(getattr(DRAFT, field.name) not in {None, ()} for field in fields(Draft))

    assert pass_through(DRAFT) == DRAFT


def test_what_is_not_set_stays_so() -> None:
    bare = Draft("Ferry aground", "The ferry.", "a.pdf")

    assert pass_through(bare, Job("pdf", b"", Origin("a.pdf"))) == bare


def test_notices_come_through_and_a_job_gives_its_line_where_they_have_none() -> None:
    assert pass_through(Skipped("page.html", 5, "no date")) == Skipped("page.html", 5, "no date")
    assert pass_through(Skipped("page.html", None, "no date")) == Skipped("page.html", 3, "no date")
    assert pass_through(replace(DRAFT, line=None)) == replace(DRAFT, line=3)


def test_a_request_comes_through() -> None:
    assert read_request(write_request(JOB, "module:function")) == ("module:function", 6, ORIGIN)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headline", None),
        ("body", ["text"]),
        ("line", -1),
        ("line", True),
        ("id", "two words"),
        ("id", "x" * 201),
        ("authors", "Ada"),
        ("authors", [1]),
        ("published", "yesterday"),
        ("published", 2020),
        ("is_truncated", 1),
        ("page_starts", [5]),
        ("page_starts", [0, 20, 10]),
        ("page_starts", [0, 2_000]),
        ("more", "than there is"),
    ],
)
def test_a_field_of_another_type_is_refused(field: str, value: object) -> None:
    record = json.loads(write_piece(DRAFT))["draft"]

    with pytest.raises(MalformedAnswer):
        read_piece("draft", {**record, field: value}, JOB)


@given(st.sampled_from(["draft", "skipped", "x"]), JSON)
def test_any_answer_is_a_piece_or_refused(kind: str, record: object) -> None:
    try:
        piece = read_piece(kind, record, JOB)
    except MalformedAnswer:
        return
    assert piece.source == JOB.origin.source


@given(st.sampled_from([field.name for field in fields(Draft)]), JSON)
def test_any_field_is_read_or_refused(field: str, value: object) -> None:
    record = json.loads(write_piece(DRAFT))["draft"]
    try:
        piece = read_piece("draft", {**record, field: value}, JOB)
    except MalformedAnswer:
        return
    assert isinstance(piece, Draft)
