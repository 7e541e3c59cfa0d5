import os
from pathlib import Path

import pytest

from store.readers.files import Format, find_files
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
        ("page.html", "web pages cannot be read yet; save the page as text"),
        ("report.PDF", "documents are not read; save it as plain text"),
        ("dump.jsonl.gz", "packed files are not read; unpack it first"),
        ("dump.json", "not one JSON object a line; convert it to .jsonl"),
        ("notes", "neither .txt, .md nor .jsonl; if it is one of them, say so with --format"),
    ],
)
def test_other_files_are_skipped_with_a_remedy(tmp_path: Path, name: str, reason: str) -> None:
    touch(tmp_path, name)

    assert found_in(tmp_path) == found_in(tmp_path / name) == [Skipped(str(tmp_path / name), None, reason)]


def test_a_format_overrides_the_extension_of_a_named_file(tmp_path: Path) -> None:
    touch(tmp_path, "story.html", "story.md")

    assert found_in(tmp_path / "story.html", "text") == [("story.html", "text")]
    assert found_in(tmp_path / "story.md", "text") == [("story.md", "text")]


def test_a_format_picks_the_files_of_a_folder(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt", "b.md", "c", "d.pdf")

    assert found_in(tmp_path, "text") == [
        ("a.txt", "text"),
        Skipped(str(tmp_path / "b.md"), None, "not text, the format asked for"),
        ("c", "text"),
        Skipped(str(tmp_path / "d.pdf"), None, "documents are not read; save it as plain text"),
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
    touch(tmp_path, "a\x1b[31m.pdf")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.pdf")).touch()

    assert [skipped.source for skipped in find_files(str(tmp_path), None) if isinstance(skipped, Skipped)] == [
        f"{tmp_path}/a[31m.pdf",
        f"{tmp_path}/b.pdf",
    ]
