import gzip
import io
import os
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from store.readers import read_sources
from store.readers.files import FEED_REASON
from store.readers.mapping import parse_mapping
from store.records import Draft, Reached, Skipped
from tests.minimal_pdf import column, write_pdf

FERRY = "The night ferry to Port Ellen ran aground on Tuesday with 212 people aboard, the coast guard said."


PARSERS = frozenset(
    "charset_normalizer docx fastwarc feedparser htmldate httpcore httpx ijson lxml mammoth markdown_it pypdf pypdfium2"
    " trafilatura watchfiles yaml".split()
)


def write(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def pipe_in(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))


def test_files_of_every_kind_are_read_in_the_order_named(tmp_path: Path) -> None:
    markdown = write(tmp_path, "b.md", f"# From Markdown\n\n{FERRY}")
    text = write(tmp_path, "a.txt", f"From a text\n\n{FERRY}")
    jsonl = write(tmp_path, "c.jsonl", '{"title": "From JSON", "body": "The ferry."}\n')

    assert list(read_sources([markdown, text, jsonl])) == [
        Draft("From Markdown", FERRY, markdown, line=3),
        Draft("From a text", FERRY, text, line=1),
        Draft("From JSON", "The ferry.", jsonl, line=1),
    ]


def test_defaults_hold_for_articles_that_name_none(tmp_path: Path) -> None:
    jsonl = write(tmp_path, "a.jsonl", '{"body": "One."}\n{"body": "Two.", "outlet": "Mail", "date": "2020-01-03"}\n')

    drafts = [d for d in read_sources([jsonl], outlet=" Post ", published=date(2020, 1, 2)) if isinstance(d, Draft)]

    assert [(d.outlet, d.published) for d in drafts] == [("Post", date(2020, 1, 2)), ("Mail", date(2020, 1, 3))]


def test_what_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    sources = [
        str(tmp_path / "none.txt"),
        write(tmp_path, "empty.txt", ""),
        write(tmp_path, "binary.txt", b"\x89PNG\r\n\x1a\n\0\0"),
        write(tmp_path, "binary.jsonl", b"\x89PNG\r\n\x1a\n\0\0"),
        "http://127.0.0.1/\x1b[31mferry",
        write(tmp_path, "good.txt", f"Ferry aground\n\n{FERRY}"),
    ]

    assert list(read_sources(sources)) == [
        Skipped(sources[0], None, "no such file or folder; check the path"),
        Skipped(sources[1], None, "is empty"),
        Skipped(sources[2], None, "is binary, not text; save it as plain text in UTF-8"),
        Skipped(sources[3], None, "is binary, not text; save it as plain text in UTF-8"),
        Skipped(
            "http://127.0.0.1/[31mferry",
            None,
            "its host is at 127.0.0.1 (this machine), not on the public internet; "
            "--allow-private-host names one that you trust",
        ),
        Draft("Ferry aground", FERRY, sources[5], line=1),
    ]


def test_a_folder_without_an_article_says_so_itself(tmp_path: Path) -> None:
    write(tmp_path, "page.html", "<html>")
    write(tmp_path, "bad.jsonl", "{}\n")

    *_, last = read_sources([str(tmp_path)])

    assert last == Skipped(str(tmp_path), None, "no article in this folder")


def test_a_folder_with_an_article_does_not(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", FERRY)

    assert [type(taken) for taken in read_sources([str(tmp_path)])] == [Draft]


@pytest.mark.parametrize(
    ("content", "headline"),
    [
        (b'\xef\xbb\xbf{"body": "From JSON."}\n{"body": "Second."}', "From JSON."),
        (f"From a text\n\n{FERRY}".encode("utf-16"), "From a text"),
        (b"{sic} The ferry.", "{sic} The ferry."),
    ],
)
def test_standard_input_is_read_as_what_it_looks_like(
    monkeypatch: pytest.MonkeyPatch, content: bytes, headline: str
) -> None:
    pipe_in(monkeypatch, content)

    first = next(read_sources(["-"]))

    assert isinstance(first, Draft)
    assert (first.headline, first.source) == (headline, "-")


def test_standard_input_is_read_in_the_format_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe_in(monkeypatch, f"# Ferry aground\n\n{FERRY}".encode())

    assert list(read_sources(["-"], format="markdown")) == [Draft("Ferry aground", FERRY, "-", line=3)]


def test_empty_and_closed_standard_input_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe_in(monkeypatch, b"")
    assert list(read_sources(["-"])) == [Skipped("-", None, "is empty")]

    monkeypatch.setattr(sys, "stdin", None)
    assert list(read_sources(["-"])) == [Skipped("-", None, "standard input is closed")]


def test_a_named_pipe_is_read_like_standard_input(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=('{"body": "From a pipe."}\n',))
    writer.start()

    taken = list(read_sources([str(pipe)]))

    writer.join()
    assert taken == [Draft("From a pipe.", "From a pipe.", str(pipe), line=1)]


PAGE = """<!doctype html><html lang="en"><head><title>{0}</title></head><body><article><h1>{0}</h1>
<p>The night ferry to Port Ellen ran aground on Tuesday with 212 people aboard, the coast guard said.</p>
<p>All of them were brought ashore by two lifeboats within an hour, and nobody was hurt, a spokesman told the paper.</p>
<p>The ferry had left the harbour of {0} in fog; why it came off its course is not known, he added on Wednesday.</p>
</article></body></html>"""
MAIL = """From a@post.example Thu Mar  5 10:00:00 2015
From: Example Post <news@post.example>
Date: Thu, 05 Mar 2015 10:00:00 +0000
Message-ID: <{0}@post.example>
Subject: {0} is in the news
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

The night ferry to {0} ran aground on Tuesday with 212 people aboard, the coast guard said.

"""


def test_pages_and_documents_come_among_the_others_in_the_order_named(tmp_path: Path) -> None:
    """The formats are read by processes of their own, each at its own speed."""
    sources = [
        write(tmp_path, "a.txt", f"A text\n\n{FERRY}"),
        write(tmp_path, "b.html", PAGE.format("Tarrow")),
        write(tmp_path, "c.jsonl.gz", gzip.compress(b'{"body": "Packed."}\n')),
        write(tmp_path, "d.mbox", MAIL.format("Skelby") + MAIL.format("Overby")),
        write(tmp_path, "e.pdf", "%PDF-1.4 and nothing else"),
        write(tmp_path, "f.txt", PAGE.format("Hollin")),
        write(tmp_path, "g.md", f"# Markdown\n\n{FERRY}"),
    ]

    taken = list(read_sources(sources, outlet="Example Post"))

    assert [Path(piece.source).name for piece in taken] == [
        *("a.txt", "b.html", "c.jsonl.gz", "d.mbox", "d.mbox", "e.pdf", "f.txt", "g.md")
    ]
    assert [type(piece) for piece in taken] == [Draft, Draft, Draft, Draft, Draft, Skipped, Draft, Draft]
    assert [name for name, piece in zip("-T-SO-H-", taken, strict=True) if name in piece_text(piece)] == list("TSOH")
    assert [piece.line for piece in taken[3:5]] == [1, 11]


def piece_text(piece: object) -> str:
    return f"{piece.headline} {piece.body}" if isinstance(piece, Draft) else ""


def test_the_pages_of_a_document_come_through(tmp_path: Path) -> None:
    pages = [column([f"The ferry sank off Skelby, the coastguard said on page {number}."]) for number in (1, 2)]
    path = write(tmp_path, "report", write_pdf(pages))

    [draft] = read_sources([path])

    assert isinstance(draft, Draft)
    assert len(draft.page_starts) == 2
    assert draft.body[draft.page_starts[1] :].endswith("on page 2.")


def test_a_folder_of_pages_that_give_nothing_says_so_behind_them(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "other").mkdir()
    write(inner, "empty.html", "")
    write(tmp_path / "other", "page.html", PAGE.format("Tarrow"))

    taken = list(read_sources([str(inner), str(tmp_path / "other")]))

    assert taken[:2] == [
        Skipped(str(inner / "empty.html"), None, "is empty"),
        Skipped(str(inner), None, "no article in this folder"),
    ]
    assert [type(piece) for piece in taken[2:]] == [Draft]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("large.html", b"<html>" + b"x" * 10_000_000, "is larger than 10 MB"),
        ("feed.xml", b'<?xml version="1.0"?><rss version="2.0">', FEED_REASON),
        ("feed.json", b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', FEED_REASON),
        ("broken.txt.gz", gzip.compress(b"text" * 1000, mtime=0)[:30], "breaks off at byte 30: its end is missing"),
        ("empty.txt.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("empty.mbox", b"", "is empty"),
    ],
)
def test_a_file_that_holds_no_article_is_named_with_a_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = write(tmp_path, name, content)

    assert list(read_sources([path])) == [Skipped(path, None, reason)]


def test_a_format_that_is_asked_for_is_not_guessed(tmp_path: Path) -> None:
    page = write(tmp_path, "page.html", PAGE.format("Tarrow"))

    assert list(read_sources([page], format="text")) == [
        Skipped(page, None, "is a web page, no text; leave out --format to read it as one")
    ]


def test_standard_input_may_be_packed_and_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe_in(monkeypatch, gzip.compress(PAGE.format("Tarrow").encode()))
    [page] = read_sources(["-"])
    pipe_in(monkeypatch, gzip.compress(b'{"body": "Packed."}\n'))
    [packed] = read_sources(["-"])

    assert isinstance(page, Draft)
    assert page.source == "-"
    assert packed == Draft("Packed.", "Packed.", "-", line=1)


def test_marks_of_a_dump_stand_among_its_articles_where_somebody_asks_for_them(tmp_path: Path) -> None:
    lines = [
        f'{{"id": "{number}", "body": "The ferry number {number} {"ran aground " * 20}."}}' for number in range(600)
    ]
    dump = write(tmp_path, "dump.jsonl", "\n".join(lines))

    whole = list(read_sources([dump], resume=lambda *_: None))
    marks = [piece for piece in whole if isinstance(piece, Reached)]
    rest = list(read_sources([dump], resume=lambda *_: marks[0]))

    assert [piece for piece in read_sources([dump]) if isinstance(piece, Reached)] == []
    assert marks[-1].offset is None
    drafts = [piece for piece in rest if isinstance(piece, Draft)]
    assert len(drafts) == 600 - whole.index(marks[0])


def test_the_fields_of_a_table_are_named(tmp_path: Path) -> None:
    table = write(tmp_path, "table.csv", "Titel,Inhalt\nFerry aground,The ferry ran aground.\n")

    taken = list(read_sources([table], mapping=parse_mapping(["headline=Titel", "body=Inhalt"])))

    assert taken == [Draft("Ferry aground", "The ferry ran aground.", table, line=2)]


def test_reading_ends_the_children_when_it_is_given_up(tmp_path: Path) -> None:
    for number in range(40):
        write(tmp_path, f"{number}.html", PAGE.format("Tarrow"))
    reading = read_sources([str(tmp_path)])
    next(reading)

    reading.close()  # type: ignore[attr-defined] # a generator

    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("parsing")] == []


def loaded_by_reading(*sources: str) -> set[str]:
    program = (
        "import sys; from store.readers import read_sources; list(read_sources(sys.argv[1:]));"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program, *sources], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_reading_text_and_json_imports_no_parser_of_other_formats(tmp_path: Path) -> None:
    text, jsonl = write(tmp_path, "a.txt", FERRY), write(tmp_path, "b.jsonl", '{"body": "x"}')

    assert loaded_by_reading(text) & {*PARSERS, "concurrent", "subprocess", "csv", "zstandard"} == set()
    assert loaded_by_reading(text, jsonl) & PARSERS == set()


def test_parsers_are_imported_by_child_processes_alone(tmp_path: Path) -> None:
    sources = [write(tmp_path, "a.html", PAGE.format("Tarrow")), write(tmp_path, "b.pdf", "%PDF-1.4")]

    assert loaded_by_reading(*sources) & PARSERS == set()
