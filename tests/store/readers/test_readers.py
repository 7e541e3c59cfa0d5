import io
import os
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from store.readers import read_sources
from store.records import Draft, Skipped

FERRY = "The night ferry to Port Ellen ran aground on Tuesday with 212 people aboard, the coast guard said."


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
        "https://post.example/\x1b[31mferry",
        write(tmp_path, "good.txt", f"Ferry aground\n\n{FERRY}"),
    ]

    assert list(read_sources(sources)) == [
        Skipped(sources[0], None, "no such file or folder; check the path"),
        Skipped(sources[1], None, "is empty"),
        Skipped(sources[2], None, "is binary, not text; save it as plain text in UTF-8"),
        Skipped(sources[3], None, "is binary, not text; save it as plain text in UTF-8"),
        Skipped(
            "https://post.example/[31mferry",
            None,
            "web pages cannot be read yet; save the page as text and add the file",
        ),
        Draft("Ferry aground", FERRY, sources[5], line=1),
    ]


def test_a_folder_without_an_article_says_so_itself(tmp_path: Path) -> None:
    write(tmp_path, "page.html", "<html>")
    write(tmp_path, "bad.jsonl", "{}\n")

    *_, last = read_sources([str(tmp_path)])

    assert last == Skipped(str(tmp_path), None, "no article in this folder; articles are .txt, .md or .jsonl files")


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


def test_reading_text_and_json_imports_no_parser_of_other_formats(tmp_path: Path) -> None:
    sources = [write(tmp_path, "a.txt", FERRY), write(tmp_path, "b.jsonl", '{"body": "x"}')]
    program = (
        "import sys; from store.readers import read_sources; list(read_sources(sys.argv[1:]));"
        "print(sorted({'yaml', 'markdown_it', 'charset_normalizer'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program, *sources], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
