"""An export that was in other hands is cleaned and checked, and what cannot be used is named."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from store.errors import InputError
from store.readers import read_sources
from store.readers.export import read_export
from store.records import Draft, Exported, ExportHead, Skipped

HEAD: dict[str, Any] = {"schema": "dateline.export/1", "articles": 1, "embedder": None, "feeds": []}
BODY = "The ferry sank. Nobody was hurt."
KNOWN: dict[str, Any] = {
    "source": "-", "added": "2020-01-02T03:04:05+00:00", "revisions": [], "entries": [],
    "passages": [[0, 15], [16, 32]],
}  # fmt: skip
LINE: dict[str, Any] = {
    "id": "a", "headline": "Ferry sinks", "outlet": None, "authors": [], "published": "2020-01-01", "modified": None,
    "url": None, "language": None, "section": None, "place": None, "final_url": None, "fetched": None,
    "is_truncated": False, "page_starts": [], "body": BODY, "archive": KNOWN,
}  # fmt: skip


def write(folder: Path, *lines: object) -> str:
    file = folder / "export.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return str(file)


def read_one(folder: Path, head: object = HEAD, **changed: object) -> Exported:
    _, found = read_export(write(folder, head, {**LINE, **changed}))
    assert isinstance(found, Exported), found
    return found


def reason(folder: Path, line: object) -> str:
    _, found = read_export(write(folder, HEAD, line))
    assert isinstance(found, Skipped)
    assert found.line == 2
    return found.reason


def test_a_plain_line_is_an_article(tmp_path: Path) -> None:
    found = read_one(tmp_path)

    assert (found.draft.id, found.draft.headline, found.draft.body, found.draft.line) == ("a", "Ferry sinks", BODY, 2)
    assert found.spans == ((0, 15), (16, 32))
    assert found.vectors == found.revisions == found.entries == ()


def test_what_a_terminal_would_obey_is_cleaned_and_the_passages_are_made_anew(tmp_path: Path) -> None:
    found = read_one(tmp_path, body=f"\x1b]52;c;aGk=\x07{BODY}", headline="\x1b[31mFerry\u202e sinks")

    assert (found.draft.body, found.draft.headline) == (BODY, "Ferry sinks")
    assert found.spans == ()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://x.example/\u202e", "ftp://x/"])
def test_addresses_that_are_not_of_the_web_are_left_out(tmp_path: Path, url: str) -> None:
    assert read_one(tmp_path, url=url, final_url=url).draft.url is None


@pytest.mark.parametrize("spans", [[[0, 99]], [[5, 5]], [[16, 32], [0, 15]], [[0, 20], [10, 32]]])
def test_passages_that_cannot_be_are_made_anew(tmp_path: Path, spans: list[list[int]]) -> None:
    assert read_one(tmp_path, archive={**KNOWN, "passages": spans}).spans == ()


def test_only_vectors_of_norm_one_and_the_right_length_are_taken(tmp_path: Path) -> None:
    def packed(*numbers: float) -> str:
        return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()

    head = {**HEAD, "embedder": {"name": "x", "digest": "d", "dimension": 2}}
    spans = [[n, n + 1] for n in range(6)]
    vectors = [packed(1.0, 0.0), packed(2.0, 0.0), packed(float("nan"), 1.0), packed(1.0), "%%", None]

    found = read_one(tmp_path, head, archive={**KNOWN, "passages": spans, "vectors": vectors})

    assert found.vectors == (struct.pack("<2f", 1.0, 0.0), None, None, None, None, None)
    assert found.digest == "d"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ([], "the line is a list, not an article"),
        ({**LINE, "body": " \n"}, "the article has no text"),
        ({**LINE, "id": "a b"}, "'id' holds blanks, control or invisible characters"),
        ({**LINE, "id": None}, "the article has no 'id'"),
        ({name: value for name, value in LINE.items() if name != "headline"}, "the article has no 'headline'"),
        ({**LINE, "published": "yesterday"}, "the article is damaged: Invalid isoformat string: 'yesterday'"),
        (
            {**LINE, "archive": {**KNOWN, "added": "2020-01-01T00:00:00"}},
            "the article is damaged: '2020-01-01T00:00:00' has no time zone",
        ),
        ({**LINE, "body": 7}, "the article is damaged: expected string or bytes-like object, got 'int'"),
        (
            {**LINE, "archive": {**KNOWN, "passages": [[0, True]]}},
            "the article is damaged: true or false stands where a count should",
        ),
    ],
)  # fmt: skip
def test_a_line_that_is_no_article_is_left_out_and_named(tmp_path: Path, line: object, why: str) -> None:
    assert reason(tmp_path, line) == why


def test_broken_lines_do_not_end_the_reading(tmp_path: Path) -> None:
    file = Path(write(tmp_path, {**HEAD, "articles": 3}, LINE))
    file.write_bytes(file.read_bytes() + b'{"id": \n\xff\xfe\n')

    _, article, *skipped = read_export(str(file))

    assert isinstance(article, Exported)
    assert [str(one).split(":", 1)[1] for one in skipped] == [
        "3: broken JSON at column 8: Expecting value",
        "4: the line is not in UTF-8",
    ]


def test_an_export_that_breaks_off_is_told(tmp_path: Path) -> None:
    *_, last = read_export(write(tmp_path, {**HEAD, "articles": 3}, LINE))

    assert last == Skipped(str(tmp_path / "export.jsonl"), None, "the export breaks off: 2 of its articles are missing")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is no export of dateline"),
        (b'{"body": "an article"}\n', "is no export of dateline"),
        (b"[]\n", "is no export of dateline"),
        (b"SQLite format 3\0", "is no export of dateline"),
        (b'{"schema": "dateline.export/2"}\n', "is an export of a newer version, 'dateline.export/2'"),
        (b'{"schema": "dateline.export/1"}\n', "has a first line that is damaged: 'embedder'"),
        (b"\x1f\x8b\x08broken", "is damaged before byte 9"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "export.jsonl"
    file.write_bytes(content)

    with pytest.raises(InputError) as raised:
        list(read_export(str(file)))

    assert str(raised.value).startswith(f"{str(file)!r} {why}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.jsonl': cannot be read: no such file"):
        list(read_export(str(tmp_path / "none.jsonl")))


def test_feeds_that_are_no_addresses_are_left_out(tmp_path: Path) -> None:
    feed = {"url": "https://a.example/feed", "title": None, "outlet": None, "added": KNOWN["added"], "is_gone": False}
    head = {**HEAD, "feeds": [{**feed, "url": "file:///etc/passwd"}, feed]}

    found, *_ = read_export(write(tmp_path, head, LINE))

    assert isinstance(found, ExportHead)
    assert [one.url for one in found.feeds] == ["https://a.example/feed"]


def test_add_reads_the_articles_of_an_export_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    head, article = read_sources([write(tmp_path, HEAD, LINE)])

    assert isinstance(head, Skipped)
    assert head.reason == "begins an export; `dateline import` takes what `add` leaves out, as its feeds"
    assert isinstance(article, Draft)
    assert (article.id, article.headline, article.body) == ("a", "Ferry sinks", BODY)
