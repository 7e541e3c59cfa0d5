import io
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import InputError
from store.readers import json_arrays
from store.readers.decoding import LONGEST_TEXT_BYTES
from store.readers.fields import Origin
from store.readers.json_arrays import read_json
from store.readers.mapping import NO_MAPPING, FieldMapping, parse_mapping
from store.readers.marks import Marks
from store.records import Draft, Reached, Skipped

ORIGIN = Origin("dump.json")
FERRY = {"title": "Ferry", "body": 'The ferry \\ “ran” {aground}. [sic] "oh"'}
DAM = {"title": "Dam", "body": "The dam.", "tags": [["a", {"b": "}"}], []]}


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


def read(
    content: str | bytes, mapping: FieldMapping = NO_MAPPING, *, pipe: bool = False
) -> list[Draft | Skipped | Reached]:
    encoded = content.encode() if isinstance(content, str) else content
    stream = io.BufferedReader(Pipe(encoded) if pipe else io.BytesIO(encoded))
    return list(read_json(stream, ORIGIN, mapping, Marks("dump.json", None)))


def draft(record: dict[str, object], number: int) -> Draft:
    return Draft(str(record["title"]), str(record["body"]), "dump.json", line=number)


BOTH = [draft(FERRY, 1), draft(DAM, 2)]  # type: ignore[arg-type]


@pytest.mark.parametrize("pipe", [False, True])
@pytest.mark.parametrize(
    "content",
    [
        json.dumps([FERRY, DAM]),
        "\ufeff" + json.dumps([FERRY, DAM], indent=4),
        json.dumps({"count": 2, "articles": [FERRY, DAM], "tags": ["x"]}),
        json.dumps(FERRY) + "\n" + json.dumps(DAM) + "\n",
        "\x1e" + json.dumps(FERRY, indent=1) + "\n\x1e" + json.dumps(DAM, indent=1),
    ],
    ids=["an array", "over many lines", "within an object", "one a line", "one after another"],
)
def test_articles_are_found_in_each_shape(content: str, pipe: bool) -> None:
    assert read(content, pipe=pipe) == BOTH


def test_one_object_is_one_article_whatever_arrays_it_holds() -> None:
    assert read(json.dumps(FERRY | {"images": [{"url": "a"}], "links": [{"url": "b"}]})) == BOTH[:1]


def test_several_arrays_of_objects_are_told_apart_by_nobody() -> None:
    with pytest.raises(InputError, match=r"holds several arrays: 'a', 'b'; keep that of the articles alone"):
        read(json.dumps({"a": [FERRY], "b": [DAM]}))


def test_an_object_of_more_than_20_mb_is_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_arrays, "LONGEST_TEXT_BYTES", 200)
    record = {"version": {"a": [{}]}, "tags": [["x", "]"]], "articles": [FERRY, DAM] * 5, "count": 10}

    taken = read(json.dumps(record))

    assert taken == [draft(one, n) for n, one in enumerate([FERRY, DAM] * 5, start=1)]  # type: ignore[arg-type]


def test_fields_are_mapped_by_paths() -> None:
    mapping = parse_mapping(["body=content.full", "outlet=source.name"])
    record = {"title": "Ferry", "content": {"full": "The ferry."}, "source": {"id": 7, "name": "Post"}}

    assert read(json.dumps([record]), mapping) == [
        Draft("Ferry", "The ferry.", "dump.json", line=1, outlet="Post"),
    ]


def test_a_name_that_never_occurs_is_told_once_at_the_end() -> None:
    taken = read(json.dumps([FERRY, FERRY]), parse_mapping(["outlet=papr", "section=desk.name"]))

    assert taken[2:] == [
        Skipped("dump.json", None, "no record had 'papr' or 'desk.name'; they have: 'title', 'body'"),
    ]


def test_a_broken_entry_is_told_with_its_byte_and_the_next_is_read() -> None:
    content = (
        '[{"body": "Fähre", }, {"body": 7}, 5, ' + "[" * 5_000 + "]" * 5_000 + ', {"title": "Dam", "body": "The dam."}]'
    )

    assert read(content) == [
        Skipped(
            "dump.json",
            1,
            "broken JSON at byte 21: Expecting property name enclosed in double quotes",
        ),
        Skipped("dump.json", 2, "'body' is a number, not text"),
        Skipped("dump.json", 3, "the entry is a number, not an object with a 'body'"),
        Skipped("dump.json", 4, "the JSON is nested too deeply"),
        Draft("Dam", "The dam.", "dump.json", line=5),
    ]


@pytest.mark.parametrize(
    ("content", "read_first", "reason"),
    [
        ('[{"body": "One."}, {"body": "Two', 1, "broken JSON at byte 20: what begins there has no end"),
        ('[{"body": "One."}, {"body": ["Two"}]', 1, "broken JSON at byte 35: a bracket that closes no other"),
        ('[{"body": "One."}, ', 1, "broken JSON at byte 20: the array is not closed"),
        ('[{"body": "One."}}, 5]', 1, "broken JSON at byte 18: a bracket that closes no other"),
        ('{"body": "One."', 0, "broken JSON at byte 1: what begins there has no end"),
        ('"The ferry"', 0, "holds neither an array of articles nor an object"),
        ('[{"body": "One."}]'.encode("utf-16"), 0, "is in UTF-16; convert it to UTF-8 with iconv"),
    ],
)
def test_json_whose_rest_cannot_be_read_ends_with_the_place(content: str, read_first: int, reason: str) -> None:
    encoded = content.encode() if isinstance(content, str) else content
    taken: list[Draft | Skipped | Reached] = []
    with pytest.raises(InputError) as refused:
        taken.extend(read_json(io.BufferedReader(io.BytesIO(encoded)), ORIGIN, NO_MAPPING, Marks("dump.json", None)))

    assert len(taken) == read_first
    assert str(refused.value) == reason


def test_an_entry_over_20_mb_is_skipped_and_the_next_is_read() -> None:
    content = '[{"body": "' + "x\\\\" * (LONGEST_TEXT_BYTES // 2) + '"}, {"title": "Dam", "body": "The dam."}]'

    assert read(content) == [
        Skipped("dump.json", 1, "the entry is longer than 20 MB"),
        Draft("Dam", "The dam.", "dump.json", line=2),
    ]


def test_an_entry_of_a_million_brackets_does_not_fill_the_memory() -> None:
    content = '[{"body": "x", "rest": [' + "[]," * 2_000_000 + "0]}]"

    assert read(content) == [Skipped("dump.json", 1, "holds more than a million values")]


VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=5), VALUE, max_size=3), max_size=5),
    st.sampled_from([None, 2]),
    st.booleans(),
)
def test_every_entry_is_found_however_it_is_written(
    entries: list[dict[str, object]], indent: int | None, ascii_only: bool
) -> None:
    written = json.dumps([entry | {"body": "The ferry."} for entry in entries], indent=indent, ensure_ascii=ascii_only)

    assert {one.line for one in read(written.encode("utf-8", "replace"))} == set(range(1, len(entries) + 1))  # type: ignore[union-attr]


@given(st.text(st.sampled_from('[]{}",:\\ax1\x1e \n'), max_size=60), st.booleans())
def test_any_content_is_read_without_another_exception(content: str, pipe: bool) -> None:
    with suppress(InputError):
        read(content, pipe=pipe)
