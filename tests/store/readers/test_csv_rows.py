import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import InputError
from store.readers.csv_rows import read_csv
from store.readers.decoding import LONGEST_TEXT_BYTES
from store.readers.fields import Origin
from store.readers.mapping import NO_MAPPING, FieldMapping, parse_mapping
from store.readers.marks import Marks
from store.records import Draft, Reached, Skipped

ORIGIN = Origin("dump.csv")


def read(content: str | bytes, mapping: FieldMapping = NO_MAPPING) -> list[Draft | Skipped | Reached]:
    encoded = content.encode() if isinstance(content, str) else content
    stream = io.BufferedReader(io.BytesIO(encoded))
    return list(read_csv(stream, ORIGIN, mapping, Marks("dump.csv", None)))


def draft(headline: str, body: str, line: int) -> Draft:
    return Draft(headline, body, "dump.csv", line=line)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_row_is_an_article_whatever_the_table_looks_like(delimiter: str, encoding: str, ending: str) -> None:
    german = "Die Fähre nach Göteborg lief am Dienstag auf Grund; über 300 Menschen wurden gerettet."
    rows = ["headline,text", f'"Fähre auf Grund","{german}"', "Dam built,The dam was built."]
    content = "".join(row.replace(",", delimiter) + ending for row in rows)

    assert read(content.encode(encoding)) == [
        draft("Fähre auf Grund", german, 2),
        draft("Dam built", "The dam was built.", 3),
    ]


def test_a_quoted_cell_holds_line_breaks_and_quotation_marks() -> None:
    content = 'title,body\r\n"Ferry","First.\r\n\r\nSaid ""Jane"",\nfar off."\r\n\r\nDam,The dam.'

    assert read(content) == [draft("Ferry", 'First.\nSaid "Jane",\nfar off.', 2), draft("Dam", "The dam.", 7)]


def test_names_of_columns_are_found_whatever_their_case() -> None:
    content = "Title,Publish Date,Text,Title\nFerry,2020-01-02,The ferry.,Other\n"

    (found,) = read(content)

    assert isinstance(found, Draft)
    assert (found.headline, str(found.published), found.body) == ("Ferry", "2020-01-02", "The ferry.")


def test_columns_are_mapped() -> None:
    mapping = parse_mapping(["headline=Kicker", "body=Full; Text"])

    assert read('Kicker,"Full; Text",title\nFerry,The ferry.,x\n', mapping) == [draft("Ferry", "The ferry.", 2)]


def test_a_mapped_column_that_is_missing_is_told_once() -> None:
    content = "title,body\nFerry,The ferry.\nDam,The dam.\n"

    *_, last = read(content, parse_mapping(["outlet=paper"]))

    assert last == Skipped("dump.csv", None, "no record had 'paper'; they have: 'title', 'body'")


def test_a_table_without_a_column_of_texts_is_told_what_to_do() -> None:
    with pytest.raises(InputError) as refused:
        read("title,inhoud\nFerry,The ferry.\n")

    assert str(refused.value) == (
        "no column is called 'body' or 'text' in the first row, which has: 'title', 'inhoud'; "
        "name the column of the text with --map body=NAME"
    )


def test_rows_that_do_not_fit_the_header_are_skipped_with_their_line() -> None:
    content = 'title,body\nFerry\n"Two\nlines",The ferry.\nDam,The dam.,surplus\nDam,The dam.,,\n\nLast,The last.\n'

    assert read(content) == [
        Skipped("dump.csv", 2, "the row has 1 cell, but 2 have a name"),
        draft("Two lines", "The ferry.", 3),
        Skipped("dump.csv", 5, "the row has 3 cells, but 2 have a name"),
        draft("Dam", "The dam.", 6),
        draft("Last", "The last.", 8),
    ]


def test_a_cell_of_a_million_characters_is_read() -> None:
    (found,) = read(f"title,body\nFerry,{'crate ' * 170_000}\n")

    assert isinstance(found, Draft)
    assert len(found.body) == 6 * 170_000 - 1


def test_a_quotation_mark_that_is_not_closed_costs_20_mb_at_most() -> None:
    lines = LONGEST_TEXT_BYTES // 1_000
    content = 'title,body\nFerry,"The ferry.\n' + ("x" * 999 + "\n") * lines + "Dam,The dam.\n"

    assert read(content) == [
        Skipped("dump.csv", 2, "the row is longer than 20 MB; a quotation mark may not be closed"),
        draft("Dam", "The dam.", lines + 3),
    ]


def test_a_quotation_mark_open_at_the_end_is_told() -> None:
    assert read('title,body\nDam,The dam.\nFerry,"The ferry.\nDam,The dam.') == [
        draft("Dam", "The dam.", 2),
        Skipped("dump.csv", 3, "a quotation mark is not closed"),
    ]


def test_a_line_over_20_mb_is_skipped_and_the_next_is_read() -> None:
    content = f"title,body\nFerry,{'x' * LONGEST_TEXT_BYTES}\nDam,The dam.\n"

    assert read(content) == [Skipped("dump.csv", 2, "the line is longer than 20 MB"), draft("Dam", "The dam.", 3)]


CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Cs"]), max_size=20)


@given(st.lists(st.tuples(CELL, CELL), max_size=5), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_what_a_program_writes_is_read_again(rows: list[tuple[str, str]], quoting: int) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=quoting).writerows([("number", "body"), *((n, f"Crate {b}") for n, b in rows)])  # type: ignore[call-overload]

    taken = read(written.getvalue())

    assert [type(one) for one in taken] == [Draft] * len(rows)


@given(st.text(max_size=200))
def test_any_table_is_read_without_another_exception(content: str) -> None:
    with suppress(InputError):
        read("body,title\n" + content)
