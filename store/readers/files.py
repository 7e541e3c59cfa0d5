"""Names on a command line → files to read: folders walked, patterns expanded, the unreadable named with a remedy."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from store.cleaning import plain
from store.records import Skipped

Format = Literal["text", "markdown", "jsonl"]
Found = tuple[Path, Format | None]

_FORMATS: dict[str, Format] = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_REMEDIES = {
    **dict.fromkeys((".html", ".htm", ".xhtml", ".mhtml"), "web pages cannot be read yet; save the page as text"),
    **dict.fromkeys(
        (".pdf", ".doc", ".docx", ".odt", ".rtf", ".epub"), "documents are not read; save it as plain text"
    ),
    **dict.fromkeys(
        (".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".7z"), "packed files are not read; unpack it first"
    ),
    **dict.fromkeys((".json", ".csv", ".tsv", ".xml"), "not one JSON object a line; convert it to .jsonl"),
}
_UNKNOWN = "neither .txt, .md nor .jsonl; if it is one of them, say so with --format"


def find_files(source: str, wanted: Format | None) -> Iterator[Found | Skipped]:
    """Yield the files that ``source`` names, each with the format it is in, sorted folder by folder.

    The format is ``None`` where the content must decide: a pipe. ``wanted`` overrides the extension of a file that was
    named; in a folder it also leaves files of the other formats out. Hidden files of a folder are left out silently.
    """
    path = Path(source)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as exc:
        yield from _expand_pattern(source, wanted, exc)
        return
    if stat.S_ISDIR(mode):
        yield from _walk(path, wanted)
    elif stat.S_ISREG(mode):
        yield _choose_format(path, wanted)
    elif stat.S_ISFIFO(mode):  # <(zcat dump.jsonl.gz)
        yield path, wanted
    else:
        yield Skipped(label(path), None, "neither a file nor a folder")


def label(path: Path | str) -> str:
    """Return ``path`` as it may be stored and printed: a file name can hold anything, terminal sequences included."""
    return plain(str(path))


def _expand_pattern(source: str, wanted: Format | None, exc: OSError | ValueError) -> Iterator[Found | Skipped]:
    is_missing = isinstance(exc, FileNotFoundError)
    if is_missing and glob.has_magic(source):
        matches = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 - the pattern may be absolute
        for match in matches:
            yield from find_files(match, wanted)
        if not matches:
            yield Skipped(label(source), None, "no file matches this pattern")
        return
    reason = "no such file or folder; check the path" if is_missing else describe_failure(exc)
    yield Skipped(label(source), None, reason)


def describe_failure(exc: OSError | ValueError) -> str:
    """Return why a file or folder could not be read, for a person."""
    if isinstance(exc, PermissionError):
        return "permission denied; make it readable with chmod"
    return f"cannot be read: {(exc.strerror if isinstance(exc, OSError) else None) or exc}".lower()


def _walk(folder: Path, wanted: Format | None) -> Iterator[Found | Skipped]:
    # A stack and not recursion: folders may be nested deeper than Python's stack.
    folders = [folder]
    while folders:
        current = folders.pop()
        try:
            with os.scandir(current) as entries:
                shown = (entry for entry in entries if not entry.name.startswith("."))
                visible = sorted(shown, key=lambda entry: entry.name)
        except OSError as exc:
            yield Skipped(label(current), None, describe_failure(exc))
            continue
        for entry in visible:
            if entry.is_file():
                yield _choose_format(Path(entry.path), wanted, in_folder=True)
            elif not entry.is_dir(follow_symlinks=False):
                yield Skipped(label(entry.path), None, "neither a file nor a folder, or a link to one; name its target")
        folders.extend(Path(entry.path) for entry in reversed(visible) if entry.is_dir(follow_symlinks=False))


def _choose_format(path: Path, wanted: Format | None, *, in_folder: bool = False) -> Found | Skipped:
    extension = path.suffix.lower()
    known = _FORMATS.get(extension)
    if wanted and (not in_folder or known in {wanted, None}) and not (in_folder and extension in _REMEDIES):
        return path, wanted
    if wanted and known:
        return Skipped(label(path), None, f"not {wanted}, the format asked for")
    if known:
        return path, known
    return Skipped(label(path), None, _REMEDIES.get(extension, _UNKNOWN))
