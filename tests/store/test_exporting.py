"""An export holds all that is known of articles, and what it is imported into exports the same bytes."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import stat
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.archive import Archive, create_archive, open_archive
from store.cleaning import clean_line, clean_text
from store.errors import ArchiveError, ArchiveMissing, DiskFull
from store.exporting import write_export
from store.readers.export import read_export
from store.records import AddReport, Draft, SearchFilter
from store.schema import FILE_NAME
from store.subscriptions import KnownEntry
from tests.earlier_formats import make_earlier
from tests.hash_embedder import HashEmbedder

Write = Callable[..., Draft]

EVERYTHING = SearchFilter()


def exported(archive: Path, where: SearchFilter = EVERYTHING, *, vectors: bool = False) -> bytes:
    out = io.BytesIO()
    write_export(archive / FILE_NAME, out, where, vectors=vectors)
    return out.getvalue()


def lines_of(archive: Path, where: SearchFilter = EVERYTHING, *, vectors: bool = False) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(archive, where, vectors=vectors).splitlines()]


def imported(content: bytes, folder: Path, *, embedder: HashEmbedder | None = None) -> AddReport:
    (folder / "export.jsonl").write_bytes(content)
    with create_archive(folder / "archive", embedder=embedder) as archive:
        return archive.add(read_export(str(folder / "export.jsonl")))


def test_a_line_holds_all_that_is_known_of_an_article(archive: Archive, ferry: Draft, write: Write) -> None:
    archive.add([write(1, id="ferry-1", url="https://courier.example/ferry")])
    archive.add([ferry])
    feed = "https://courier.example/feed"
    archive.subscriptions().add(feed, title="Courier", outlet="Harbour Courier")
    (subscribed,) = archive.subscriptions().all()
    entry = KnownEntry("guid-1", ferry.url, "mark-1", "ferry-1")
    archive.subscriptions().note_entries(subscribed, [entry], has_news=True)

    head, line = lines_of(archive.path)

    assert head == {
        "schema": "dateline.export/1",
        "articles": 1,
        "embedder": None,
        "feeds": [
            {
                "url": feed,
                "title": "Courier",
                "outlet": "Harbour Courier",
                "added": subscribed.added.isoformat(),
                "is_gone": False,
            }
        ],
    }
    known = line.pop("archive")
    assert line == {
        "id": "ferry-1",
        "headline": "Ferry sinks off Skelby",
        "outlet": "Harbour Courier",
        "authors": ["Ida Holm", "Jon Vale"],
        "published": "2017-06-07T21:30:00+00:00",
        "modified": None,
        "url": "https://courier.example/ferry",
        "language": "en",
        "section": "Coast",
        "place": "SKELBY",
        "final_url": None,
        "fetched": None,
        "is_truncated": False,
        "page_starts": [],
        "body": ferry.body,
    }
    (before,) = known["revisions"]
    assert (before["headline"], before["body"]) == ("Harbour log 1", write(1).body)
    assert before["replaced"] == archive.history("ferry-1")[0].replaced.isoformat()
    (seen,) = known["entries"]
    assert (seen["feed"], seen["guid"], seen["mark"], seen["tries"]) == (feed, "guid-1", "mark-1", 0)
    assert known["source"].endswith("harbour/ferry.txt")
    assert datetime.fromisoformat(known["added"]).tzinfo is not None
    assert known["passages"] == [[0, len(ferry.body)]]
    assert "vectors" not in known


def test_vectors_come_with_the_model_they_are_from(archive: Archive, ferry: Draft, embedder: HashEmbedder) -> None:
    archive.add([ferry])
    archive.embed()

    head, line = lines_of(archive.path, vectors=True)

    digest = embedder.weights.digest()
    assert head["embedder"] == {"name": "hash-64", "digest": digest, "dimension": 64}
    (vector,) = line["archive"]["vectors"]
    assert len(base64.b64decode(vector)) == 4 * 64


def test_the_filters_are_those_of_list(archive: Archive, ferry: Draft, council: Draft, gulls: Draft) -> None:
    archive.add([ferry, council, gulls])

    def headlines(where: SearchFilter) -> list[str]:
        return [line["headline"] for line in lines_of(archive.path, where)[1:]]

    assert headlines(EVERYTHING) == [ferry.headline, council.headline, gulls.headline]
    assert headlines(SearchFilter(since=date(2017, 6, 8))) == [council.headline]
    assert headlines(SearchFilter(outlets=("harbour courier",))) == [ferry.headline]
    assert lines_of(archive.path, SearchFilter(since=date(2017, 6, 8)))[0]["articles"] == 1


LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(clean_line)
HOSTILE = st.sampled_from(
    [
        "\u202eright to left", "𝔸stral 🧑‍🚒 👩🏽‍🚀 \U0010fffd",
        '"quotes" \\ and \\u0041', "a\x1b[31mred\x1b]52;c;x\x07",
        "\ufeffmark", "line\u2028separator\u2029s", "\x85next\x9b2J", "e\u0301 combining", "[/x] [@click=quit]",
        "{\"schema\":\"dateline.export/9\"}", "null", "\x00nul", "ﬁ ligature", "עברית العربية हिन्दी 日本語",
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(HOSTILE, st.text(st.characters(exclude_categories=["Cs"]), max_size=60)), max_size=6)
BODIES = TEXTS.map(lambda parts: clean_text("\n".join(["It began here.", *parts])).strip())
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.one_of(
    st.none(),
    st.dates(date(1650, 1, 1), date(2300, 1, 1)),
    st.datetimes(datetime(1700, 1, 1), datetime(2290, 1, 1), timezones=st.one_of(st.none(), OFFSETS)),  # noqa: DTZ001
)
URLS = st.one_of(st.none(), st.integers(0, 5).map(lambda number: f"https://paper.example/{number}"))


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    body = draw(BODIES)
    return Draft(
        headline=draw(LINES),
        body=body,
        source=draw(st.sampled_from(["-", "https://paper.example/x", "/tmp/a b.txt", "relative.txt"])),  # noqa: S108
        id=draw(st.one_of(st.none(), st.sampled_from(["a", "b", "é-1", "𝔸", "x:1-2"]))),
        outlet=draw(st.one_of(st.none(), LINES)),
        authors=tuple(draw(st.lists(LINES, max_size=3))),
        published=draw(MOMENTS),
        modified=draw(MOMENTS),
        url=draw(URLS),
        language=draw(st.one_of(st.none(), st.just("en"))),
        section=draw(st.one_of(st.none(), LINES)),
        place=draw(st.one_of(st.none(), LINES)),
        final_url=draw(URLS),
        fetched=draw(st.one_of(st.none(), st.datetimes(datetime(2000, 1, 1), timezones=st.just(UTC)))),  # noqa: DTZ001
        is_truncated=draw(st.booleans()),
        page_starts=tuple(sorted(draw(st.sets(st.integers(0, len(body)), max_size=3)))),
    )


@settings(max_examples=60)
@given(runs=st.lists(st.lists(drafts(), max_size=4), min_size=1, max_size=3))
def test_what_is_imported_exports_the_same_bytes(runs: Sequence[Sequence[Draft]]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        with create_archive(folder / "first", embedder=None) as archive:
            for run in runs:
                archive.add(run)
        before = exported(folder / "first")
        (folder / "second").mkdir()

        report = imported(before, folder / "second")

        assert report.added == before.count(b"\n") - 1
        assert report.skipped == report.notices == ()
        assert exported(folder / "second" / "archive") == before
        again = imported(before, folder / "second")
        assert (again.added, again.updated, again.unchanged) == (0, 0, report.added)
        assert exported(folder / "second" / "archive") == before
        assert passages_of(folder / "second" / "archive") == passages_of(folder / "first")
        assert stories_of(folder / "second" / "archive") == stories_of(folder / "first")


def passages_of(archive: Path) -> list[tuple[object, ...]]:
    query = "SELECT a.id, p.ordinal, p.start, p.end FROM passages p JOIN articles a ON a.key = p.article ORDER BY 1, 2"
    with closing(sqlite3.connect(archive / FILE_NAME)) as db:
        return db.execute(query).fetchall()


def stories_of(archive: Path) -> list[tuple[object, ...]]:
    query = "SELECT a.id, b.id FROM stories s JOIN articles a ON a.key = s.article JOIN articles b ON b.key = s.story"
    with closing(sqlite3.connect(archive / FILE_NAME)) as db:
        return sorted(db.execute(query).fetchall())


def test_with_vectors_nothing_is_embedded_again(
    archive: Archive, ferry: Draft, council: Draft, tmp_path: Path, embedder: HashEmbedder
) -> None:
    archive.add([ferry, council])
    archive.embed()
    before = exported(archive.path, vectors=True)
    (tmp_path / "second").mkdir()

    imported(before, tmp_path / "second")

    assert exported(tmp_path / "second" / "archive", vectors=True) == before
    embedder.embedded.clear()
    with open_archive(tmp_path / "second" / "archive", writable=True, embedder=embedder) as second:
        assert second.embed().vectors == 0
        assert [hit.passage.article.id for hit in second.search("ferry", 1).hits] == ["ferry-1"]
    assert embedder.embedded == []


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz", ".jsonl.zst", ".jsonl.bz2", ".jsonl.xz"])
def test_a_file_is_packed_as_its_name_says_and_private(
    archive: Archive, ferry: Draft, tmp_path: Path, ending: str
) -> None:
    archive.add([ferry])
    target = tmp_path / f"out{ending}"

    assert write_export(archive.path / FILE_NAME, target, EVERYTHING) == 1

    head, article = read_export(str(target))
    assert getattr(head, "articles", None) == 1
    assert getattr(article, "draft", ferry).body == ferry.body
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    first = target.read_bytes()
    write_export(archive.path / FILE_NAME, target, EVERYTHING, overwrite=True)
    assert target.read_bytes() == first
    assert not list(tmp_path.glob(".*"))


def test_a_file_is_written_over_only_if_asked_and_never_half(archive: Archive, ferry: Draft, tmp_path: Path) -> None:
    archive.add([ferry])
    target = tmp_path / "out.jsonl"
    target.write_text("dear")

    with pytest.raises(ArchiveError, match="there is a file"):
        write_export(archive.path / FILE_NAME, target, EVERYTHING)
    with pytest.raises(KeyboardInterrupt):
        write_export(archive.path / FILE_NAME, target, EVERYTHING, overwrite=True, progress=interrupted)

    assert target.read_text() == "dear"
    assert not list(tmp_path.glob(".*"))


def interrupted(*_: int) -> None:
    raise KeyboardInterrupt


def test_there_is_no_export_of_no_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing):
        write_export(tmp_path / "none" / FILE_NAME, tmp_path / "out.jsonl", EVERYTHING)

    assert list(tmp_path.iterdir()) == []


def test_without_room_no_file_is_begun(
    archive: Archive, ferry: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add([ferry])
    monkeypatch.setattr("store.disk.SPARE_BYTES", 10**18)

    with pytest.raises(DiskFull, match="the export needs about"):
        write_export(archive.path / FILE_NAME, tmp_path / "out.jsonl", EVERYTHING)

    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize("version", [1, 2, 3])
def test_archives_of_earlier_formats_are_exported_as_they_are(archive: Archive, ferry: Draft, version: int) -> None:
    archive.add([ferry])
    now = exported(archive.path)
    archive.close()
    with closing(sqlite3.connect(archive.path / FILE_NAME)) as db:
        make_earlier(db, version)

    assert exported(archive.path) == now
