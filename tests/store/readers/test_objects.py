import pytest

from store.errors import InputError
from store.readers.fields import Origin
from store.readers.mapping import parse_mapping
from store.readers.objects import ObjectReader, list_names, parse_object
from store.records import Draft, Skipped

ORIGIN = Origin("dump")


def test_an_object_is_an_article_and_other_values_say_what_they_are() -> None:
    objects = ObjectReader(ORIGIN, noun="entry")

    assert list(objects.read({"title": "Ferry", "text": "The ferry."}, 1)) == [
        Draft("Ferry", "The ferry.", "dump", line=1)
    ]
    assert list(objects.read(["Ferry"], 2)) == [Skipped("dump", 2, "the entry is a list, not an object with a 'body'")]


def test_a_missing_text_is_named_as_it_was_mapped() -> None:
    objects = ObjectReader(ORIGIN, parse_mapping(["body=content,abstract"]))

    assert list(objects.read({"content": "", "text": "The ferry."}, 1)) == [
        Skipped("dump", 1, "no text in 'content' or 'abstract'")
    ]


def test_names_that_occurred_once_or_were_empty_are_no_mistakes() -> None:
    objects = ObjectReader(ORIGIN, parse_mapping(["outlet=paper.name", "section=desk", "url=adress"]))
    for record in ({"body": "One.", "desk": None}, {"body": "Two.", "paper": {"name": "Post"}}, {"body": "Three."}):
        list(objects.read(record, 1))

    assert list(objects.describe_unseen()) == [
        Skipped("dump", None, "no record had 'adress'; they have: 'body', 'desk', 'paper'"),
    ]


def test_a_dump_without_records_misses_nothing() -> None:
    assert list(ObjectReader(ORIGIN, parse_mapping(["body=content"])).describe_unseen()) == []


def test_names_are_shown_cleaned_and_not_all() -> None:
    names = dict.fromkeys(["\x1b[31mred", "x" * 99, *map(str, range(20))])

    assert list_names(names) == ", ".join(map(repr, ["red", "x" * 40, *map(str, range(10))])) + " and others"


def test_a_value_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(InputError, match="holds more than a million values"):
        parse_object("[" + "[]," * 1_000_000 + "0]", str)

    assert parse_object("[" + '"a, b"' + ',"crate"' * 200_000 + "]", str) != []
