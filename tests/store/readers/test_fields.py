from datetime import date

import pytest

from store.errors import InputError
from store.readers.fields import (
    Fields,
    Origin,
    read_fields,
    select_fields,
    split_header,
    unescape_entities,
    write_draft,
)
from store.records import Draft, Skipped


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("Headline: Ferry aground", ("headline", "Ferry aground")),
        ("TITLE : Ferry: 212 safe", ("headline", "Ferry: 212 safe")),
        ("Author(s): Jane Doe", ("authors", "Jane Doe")),
        ("URL:https://post.example", ("url", "https://post.example")),
        ("Last updated: soon", ("modified", "soon")),
        ("Published January 2, 2020", ("published", "January 2, 2020")),
        ("Posted on 2 January 2020", ("published", "2 January 2020")),
        ("Published by the council", None),
        ("He said: Ferry aground", None),
        ("Headline:", None),
        ("", None),
    ],
)
def test_header_lines_are_known_by_their_names(line: str, header: tuple[str, str] | None) -> None:
    assert split_header(line) == header


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("Fish &amp; Chips", "Fish & Chips"),
        ("It&#39;s &quot;safe&quot; &#x2014; mayor", 'It\'s "safe" — mayor'),
        ("&amp;amp;", "&amp;"),
        ("R&D &amp; more", "R&D &amp; more"),
        ("AT&T", "AT&T"),
        ("&#99999999999;", "&#99999999999;"),
        ("&" * 50_000, "&" * 50_000),
    ],
)
def test_entities_are_decoded_where_an_exporter_escaped_all_of_them(escaped: str, text: str) -> None:
    assert unescape_entities(escaped) == text


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ({}, Fields()),
        ({"title": "Ferry", "source": "Post"}, Fields(headline="Ferry", outlet="Post")),
        ({"author": "By A. Doe and B. Roe"}, Fields(authors=("A. Doe", "B. Roe"))),
        ({"headline": "", "title": " Ferry\n aground "}, Fields(headline="Ferry aground")),
        ({"source": {"id": None, "name": "Post"}}, Fields(outlet="Post")),
        ({"authors": [{"name": "A. Doe"}]}, Fields(authors=("A. Doe",))),
        ({"authors": ["A. Doe", "", "A. Doe"]}, Fields(authors=("A. Doe",))),
        ({"authors": None, "section": [], "outlet": {}, "published": ""}, Fields()),
        ({"publish_date": "2020-01-02"}, Fields(published=date(2020, 1, 2))),
        ({"modified": "2020-01-03"}, Fields(modified=date(2020, 1, 3))),
        ({"date": "soon", "modified": 7}, Fields(doubts=("date 'soon'", "modified '7'"))),
        ({"url": "https://www.post.example/a?b=c&amp;d"}, Fields(url="https://www.post.example/a?b=c&amp;d")),
        ({"url": "javascript:alert(1)"}, Fields()),
        ({"url": "https://"}, Fields()),
        ({"url": "http://[broken"}, Fields()),
        ({"url": "https://post.example/a b"}, Fields()),
        ({"url": "https://post.example/" + "a" * 5000}, Fields()),
        ({"id": 17}, Fields(id="17")),
        ({"id": " post:17/a "}, Fields(id="post:17/a")),
        ({"headline": "Ferry &#x202e;aground&#27;"}, Fields(headline="Ferry aground")),
        ({"headline": "bad \ud83d surrogate"}, Fields(headline="bad surrogate")),
    ],
)
def test_fields_are_read_under_their_names_and_cleaned(record: dict[str, object], fields: Fields) -> None:
    assert read_fields(record) == fields
    assert read_fields(select_fields(record)) == fields


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"headline": 5}, "'headline' is a number, not text"),
        ({"title": ["Ferry"]}, "'title' is a list, not text"),
        ({"section": {"name": "World"}}, "'section' is an object, not text"),
        ({"author": [7]}, "'author' is a number, not text"),
        ({"url": True}, "'url' is true or false, not text"),
        ({"date": True}, "'date' is true or false, not a date"),
        ({"modified": {"day": 1}}, "'modified' is an object, not a date"),
        ({"id": 1.5}, "'id' is a number, not text"),
        ({"id": "a b"}, "'id' holds blanks, control or invisible characters"),
        ({"id": "a\x1b[31m"}, "'id' holds blanks, control or invisible characters"),
        ({"id": " "}, "'id' holds blanks, control or invisible characters"),
        ({"id": "a" * 201}, "'id' is longer than 200 characters"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(record: dict[str, object], reason: str) -> None:
    with pytest.raises(InputError) as refused:
        read_fields(record)

    assert str(refused.value) == reason


def test_a_headline_of_a_megabyte_is_cut() -> None:
    headline = read_fields({"headline": "ferry " * 170_000}).headline

    assert headline == "ferry " * 49 + "ferry…"


def test_the_outlet_is_named_by_field_then_host_then_dateline_then_default() -> None:
    url, body = "https://www.post.example/a", "LONDON (AP) — The council met."
    origin = Origin("dump.jsonl", outlet="Default")
    known = [Fields(outlet="Mail", url=url), Fields(url=url), Fields(), Fields()]
    bodies = [body, body, body, "The council met."]

    outlets = [next(write_draft(f, b, origin=origin, line=1)) for f, b in zip(known, bodies, strict=True)]

    assert [draft.outlet for draft in outlets if isinstance(draft, Draft)] == ["Mail", "post.example", "AP", "Default"]


def test_an_unreadable_date_says_what_the_article_is_kept_with() -> None:
    origin = Origin("dump.jsonl", published=date(2020, 1, 2))

    *_, notice = write_draft(Fields(doubts=("date 'soon'",)), "The council met.", origin=origin, line=4)

    assert notice == Skipped("dump.jsonl", 4, "date 'soon' not understood, article kept with 2020-01-02")
