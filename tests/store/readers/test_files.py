import os
from pathlib import Path

import pytest

from store.readers.contents import Format
from store.readers.files import find_files, is_left_out
from store.records import Skipped


def found_in(source: Path | str, wanted: Format | None = None) -> list[tuple[str, Format | None] | Skipped]:
    return [
        found if isinstance(found, Skipped) else (found[0].name, found[1]) for found in find_files(str(source), wanted)
    ]


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")


def test_a_folder_is_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    touch(tmp_path, "b.md", "a.TXT", "c/d.ndjson", "c/a.text", "a/z.markdown", "e.jsonl", ".hidden.txt", ".git/x.txt")

    assert found_in(tmp_path) == [
        ("a.TXT", "text"),
        ("b.md", "markdown"),
        ("e.jsonl", "jsonl"),
        ("z.markdown", "markdown"),
        ("a.text", "text"),
        ("d.ndjson", "jsonl"),
    ]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("letter.doc", "documents of this kind are not read; save it as .docx, .pdf or plain text"),
        ("PHOTO.JPG", "pictures are not read; make it a PDF with text by OCR"),
        ("folder.zip", "packed folders are not read; unpack it first"),
        ("table.xlsx", "spreadsheets are not read; save it as .csv"),
        ("feeds.opml", "is a list of feeds; see `dateline feeds --help`"),
        ("notes", "of no kind that is read; if it is one, say which with --format"),
    ],
)
def test_other_files_are_skipped_with_a_remedy(tmp_path: Path, name: str, reason: str) -> None:
    touch(tmp_path, name)

    assert found_in(tmp_path) == found_in(tmp_path / name) == [Skipped(str(tmp_path / name), None, reason)]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("page.html", "html"),
        ("Report.PDF", "pdf"),
        ("book.epub", "epub"),
        ("letter.docx", "docx"),
        ("alert.eml", "eml"),
        ("newsletters.mbox", "mbox"),
        ("crawl.warc.gz", "warc"),
        ("dump.jsonl.zst", "jsonl"),
        ("dump.json.bz2", "json"),
        ("table.csv.xz", "csv"),
        ("table.tsv", "tsv"),
        ("story.txt.gz", "text"),
    ],
)
def test_the_extension_says_the_format(tmp_path: Path, name: str, form: Format) -> None:
    touch(tmp_path, name)

    assert found_in(tmp_path) == found_in(tmp_path / name) == [(name, form)]


def test_a_file_without_an_extension_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "1583402400.M1.host:2,S").write_bytes(b"Return-Path: <a@post.example>\nFrom: a@post.example\n\nText.")
    (tmp_path / "download").write_bytes(b"%PDF-1.7\n")
    (tmp_path / "feed").write_bytes(b'<?xml version="1.0"?>\n<rss version="2.0"><channel>')
    (tmp_path / "notes").write_bytes(b"From a text.")

    assert found_in(tmp_path) == [
        ("1583402400.M1.host:2,S", "eml"),
        ("download", "pdf"),
        Skipped(str(tmp_path / "feed"), None, "is a feed; follow its address with `dateline feeds add URL`"),
        Skipped(str(tmp_path / "notes"), None, "of no kind that is read; if it is one, say which with --format"),
    ]


@pytest.mark.parametrize("ending", ["_files", "-Dateien", ".files"])
def test_what_a_browser_saves_beside_a_page_is_left_out(tmp_path: Path, ending: str) -> None:
    touch(tmp_path, "Ferry.htm", f"Ferry{ending}/logo.svg", f"Ferry{ending}/a/frame.html", "My_files/b.txt")

    assert found_in(tmp_path) == [("Ferry.htm", "html"), ("b.txt", "text")]
    assert found_in(tmp_path / f"Ferry{ending}" / "a") == [("frame.html", "html")]


def test_what_a_walk_leaves_out_is_known_for_one_file_too(tmp_path: Path) -> None:
    touch(tmp_path, "Ferry.htm", "Ferry_files/a/logo.svg", "My_files/b.txt", ".git/c.txt", "d/.e.txt")

    left_out = [path for path in sorted(tmp_path.rglob("*.*")) if path.is_file() and is_left_out(path, tmp_path)]

    assert [path.name for path in left_out] == ["c.txt", "logo.svg", ".e.txt"]


def test_a_format_overrides_the_extension_of_a_named_file(tmp_path: Path) -> None:
    touch(tmp_path, "story.html", "story.md")

    assert found_in(tmp_path / "story.html", "text") == [("story.html", "text")]
    assert found_in(tmp_path / "story.md", "text") == [("story.md", "text")]


def test_a_format_picks_the_files_of_a_folder(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt", "b.md", "c", "d.doc")

    assert found_in(tmp_path, "text") == [
        ("a.txt", "text"),
        Skipped(str(tmp_path / "b.md"), None, "not text, the format asked for"),
        ("c", "text"),
        Skipped(
            str(tmp_path / "d.doc"),
            None,
            "documents of this kind are not read; save it as .docx, .pdf or plain text",
        ),
    ]


def test_a_pattern_that_the_shell_left_is_expanded(tmp_path: Path) -> None:
    touch(tmp_path, "b.txt", "a.txt", "c/d.txt", "[1].txt")

    assert found_in(tmp_path / "?.txt") == [("a.txt", "text"), ("b.txt", "text")]
    assert found_in(tmp_path / "**" / "d.txt") == [("d.txt", "text")]
    assert found_in(tmp_path / "[1].txt") == [("[1].txt", "text")]
    assert found_in(tmp_path / "*.md") == [Skipped(str(tmp_path / "*.md"), None, "no file matches this pattern")]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.txt", "no such file or folder; check the path"),
        ("a.txt/b.txt", "cannot be read: not a directory"),
        ("x" * 300, "cannot be read: file name too long"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, name: str, reason: str) -> None:
    touch(tmp_path, "a.txt")

    assert found_in(tmp_path / name) == [Skipped(str(tmp_path / name), None, reason)]


def test_a_name_that_no_file_can_have_is_skipped() -> None:
    assert found_in("a\0b.txt") == [Skipped("ab.txt", None, "cannot be read: embedded null byte")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_skipped_with_a_remedy(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt", "closed/b.txt")
    (tmp_path / "closed").chmod(0)

    found = found_in(tmp_path)

    (tmp_path / "closed").chmod(0o700)
    reason = "permission denied; make it readable with chmod"
    assert found == [("a.txt", "text"), Skipped(str(tmp_path / "closed"), None, reason)]


def test_links_to_files_are_read_and_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    touch(tmp_path, "a/a.txt")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "link.txt").symlink_to(tmp_path / "a" / "a.txt")

    reason = "neither a file nor a folder, or a link to one; name its target"
    assert found_in(tmp_path) == [
        ("a.txt", "text"),
        ("link.txt", "text"),
        Skipped(str(tmp_path / "a" / "loop"), None, reason),
    ]


def test_a_pipe_in_a_folder_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")

    assert [type(found) for found in find_files(str(tmp_path), None)] == [Skipped]
    assert found_in(tmp_path / "pipe.txt") == [("pipe.txt", None)]


def test_terminal_sequences_in_file_names_do_not_reach_messages(tmp_path: Path) -> None:
    touch(tmp_path, "a\x1b[31m.doc")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.doc")).touch()

    assert [skipped.source for skipped in find_files(str(tmp_path), None) if isinstance(skipped, Skipped)] == [
        f"{tmp_path}/a[31m.doc",
        f"{tmp_path}/b.doc",
    ]
