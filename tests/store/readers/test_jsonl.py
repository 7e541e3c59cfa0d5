import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.readers.fields import Origin
from store.readers.jsonl import read_jsonl
from store.records import Draft, Skipped

ORIGIN = Origin("dump.jsonl")


def read(*lines: str) -> list[Draft | Skipped]:
    return list(read_jsonl(list(enumerate(lines, start=1)), ORIGIN))


def test_every_contracted_field_is_read() -> None:
    record = {
        "id": "post-1",
        "url": "https://post.example/ferry",
        "headline": "Ferry aground",
        "outlet": "Example Post",
        "authors": ["Jane Doe", "John Roe"],
        "published": "2020-01-02T10:02:03Z",
        "modified": "2020-01-03",
        "language": "en",
        "section": "Islands",
        "body": "PORT ELLEN (AP) — The ferry ran aground.\n\nAll are safe.",
    }

    assert read(json.dumps(record)) == [
        Draft(
            headline="Ferry aground",
            body="PORT ELLEN (AP) — The ferry ran aground.\nAll are safe.",
            source="dump.jsonl",
            line=1,
            id="post-1",
            outlet="Example Post",
            authors=("Jane Doe", "John Roe"),
            published=datetime(2020, 1, 2, 10, 2, 3, tzinfo=UTC),
            modified=date(2020, 1, 3),
            url="https://post.example/ferry",
            language="en",
            section="Islands",
            place="PORT ELLEN",
        )
    ]


def test_a_body_alone_is_enough() -> None:
    assert read('{"text": "The ferry ran aground. All are safe."}') == [
        Draft("The ferry ran aground.", "The ferry ran aground. All are safe.", "dump.jsonl", line=1)
    ]


def test_one_bad_line_never_stops_the_rest() -> None:
    good = '{"body": "The ferry ran aground."}'

    taken = read(good, "", '{"body": ', good)

    assert [(t.line, type(t)) for t in taken] == [(1, Draft), (3, Skipped), (4, Draft)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"body": "The ferry', "broken JSON at column 10: Unterminated string starting at"),
        ('["The ferry"]', "the line is a list, not an object with a 'body'"),
        ('"The ferry"', "the line is text, not an object with a 'body'"),
        ("NaN", "the line is a number, not an object with a 'body'"),
        ("null", "the line is null, not an object with a 'body'"),
        ("{}", "no text in 'body' or 'text'; name the field that holds it with --map body=NAME"),
        (
            '{"body": "", "text": " \\u200b\\n"}',
            "no text in 'body' or 'text'; name the field that holds it with --map body=NAME",
        ),
        ('{"body": ["The ferry"]}', "'body' is a list, not text"),
        ('{"body": 7}', "'body' is a number, not text"),
        ('{"body": "The ferry.", "headline": {}, "section": 3}', "'section' is a number, not text"),
        ('{"body": "The ferry.", "id": "a b"}', "'id' holds blanks, control or invisible characters"),
        ('{"body": "The ferry.", "n": ' + "9" * 5000 + "}", "a number in the JSON is too long"),
        ('{"body": ' + "[" * 200_000, "the JSON is nested too deeply"),
    ],
)
def test_a_line_that_holds_no_article_is_skipped_with_its_reason(line: str, reason: str) -> None:
    assert read("", line) == [Skipped("dump.jsonl", 2, reason)]


def test_an_unreadable_date_keeps_the_article_and_is_reported() -> None:
    draft, notice = read('{"body": "The ferry ran aground.", "published": NaN}')

    assert isinstance(draft, Draft)
    assert notice == Skipped("dump.jsonl", 1, "date 'nan' not understood, article kept without a date")


def test_raw_control_characters_and_escaped_entities_are_forgiven() -> None:
    assert read('{"headline": "Fish &amp; Chips", "body": "One\tferry &amp;\x1b[31m two.\\r\\nThree\\ud83d."}') == [
        Draft("Fish & Chips", "One ferry & two.\nThree.", "dump.jsonl", line=1)
    ]


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_column_of_an_object_that_stops_short_is_one_of_its_own_line(ending: str) -> None:
    assert read('{"body": ' + ending) == [
        Skipped("dump.jsonl", 1, "broken JSON at column 10: Expecting value"),
    ]


def test_lines_without_a_single_article_are_reported_once() -> None:
    assert read("", "  ") == [Skipped("dump.jsonl", None, "holds no text of an article")]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    "id url headline title outlet source authors author published date modified section text".split()
)


@given(st.dictionaries(NAMES, JSON), st.one_of(st.just("The ferry ran aground."), JSON))
def test_any_record_is_an_article_or_a_reason(record: dict[str, object], body: object) -> None:
    taken = read(json.dumps(record | {"body": body}))

    assert [t.line for t in taken] in ([1], [1, 1], [1, 1, 1])


@given(st.text())
def test_any_line_is_read_without_an_exception(line: str) -> None:
    read(line)


def test_a_record_as_other_programs_write_it_is_read() -> None:
    record = {
        "title": "Ferry sinks",
        "maintext": "The ferry sank off Skelby.",
        "date_publish": "2017-06-07 10:00:00",
        "source": {"id": None, "name": "Harbour Courier"},
        "link": "https://courier.example/ferry",
        "lang": "en",
    }

    (draft,) = read(json.dumps(record))

    assert isinstance(draft, Draft)
    assert (draft.headline, draft.body, draft.outlet) == ("Ferry sinks", record["maintext"], "Harbour Courier")
    assert (draft.published, draft.url, draft.language) == (datetime(2017, 6, 7, 10), record["link"], "en")  # noqa: DTZ001 - it names no zone
