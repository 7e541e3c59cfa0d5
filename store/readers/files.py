"""Names on a command line → files to read: folders walked, patterns expanded, the unreadable named with a remedy."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from store.cleaning import plain
from store.readers.contents import HEAD_BYTES, Format, is_feed, recognise_format
from store.readers.packed import find_packing, strip_packing
from store.records import Skipped

Found = tuple[Path, Format | None]

_FORMATS: dict[str, Format] = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".shtml": "html",
    ".pdf": "pdf",
    ".epub": "epub",
    ".docx": "docx",
    ".eml": "eml",
    ".mbox": "mbox",
    ".mbx": "mbox",
    ".warc": "warc",
}
_REMEDIES = {
    **dict.fromkeys(
        (".doc", ".odt", ".rtf", ".pages", ".wpd"),
        "documents of this kind are not read; save it as .docx, .pdf or plain text",
    ),
    **dict.fromkeys((".mhtml", ".mht", ".webarchive"), "web archives are not read; save the page as HTML"),
    **dict.fromkeys((".msg", ".pst"), "mail of this kind is not read; save it as .eml or .mbox"),
    **dict.fromkeys((".zip", ".7z", ".tar", ".tgz", ".rar"), "packed folders are not read; unpack it first"),
    **dict.fromkeys((".xls", ".xlsx", ".ods"), "spreadsheets are not read; save it as .csv"),
    **dict.fromkeys((".ppt", ".pptx", ".odp"), "presentations are not read; save it as .pdf"),
    **dict.fromkeys(
        (".jpg", ".jpeg", ".png", ".gif", ".webp", ".tif", ".tiff", ".heic", ".bmp", ".svg"),
        "pictures are not read; make it a PDF with text by OCR",
    ),
    **dict.fromkeys(
        (".mp3", ".m4a", ".wav", ".ogg", ".mp4", ".mov", ".webm"), "recordings are not read; add a transcript"
    ),
    **dict.fromkeys((".opml",), "is a list of feeds; see `dateline feeds --help`"),
}
_UNKNOWN = "of no kind that is read; if it is one, say which with --format"
FEED_REASON = "is a feed; follow its address with `dateline feeds add URL`"

# How browsers name the folder of what a saved page shows.
_COMPANIONS = ("_files", "-files", ".files", "_fichiers", "-Dateien", "_archivos")


def find_files(source: str, wanted: Format | None) -> Iterator[Found | Skipped]:
    """Yield the files that ``source`` names, each with the format its name says, sorted folder by folder.

    The format is ``None`` where the content must decide: a pipe. ``wanted`` overrides the extension of a file that was
    named; in a folder it also leaves files of the other formats out. Hidden files of a folder are left out silently,
    and so is the folder of pictures and scripts that a browser saves beside a page.
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


def is_left_out(path: Path, folder: Path) -> bool:
    """Say whether a walk through ``folder`` leaves the file ``path`` in it out without a word."""
    inner = path.relative_to(folder)
    if any(part.startswith(".") for part in inner.parts):
        return True
    return any(_is_companion(folder / parent) for parent in inner.parents if parent.name)


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
        folders.extend(reversed(_inner_folders(visible)))


def _inner_folders(entries: Sequence[os.DirEntry[str]]) -> list[Path]:
    pages = {Path(entry.name).stem for entry in entries if _FORMATS.get(Path(entry.name).suffix.lower()) == "html"}
    companions = {page + ending for page in pages for ending in _COMPANIONS}
    inner = (entry for entry in entries if entry.is_dir(follow_symlinks=False))
    return [Path(entry.path) for entry in inner if entry.name not in companions]


def _is_companion(folder: Path) -> bool:
    for ending in _COMPANIONS:
        page = folder.name.removesuffix(ending)
        if page != folder.name:
            pages = (folder.with_name(page + extension) for extension, form in _FORMATS.items() if form == "html")
            return any(path.is_file() for path in pages)
    return False


def _choose_format(path: Path, wanted: Format | None, *, in_folder: bool = False) -> Found | Skipped:
    extension = _extension(path)
    known = _FORMATS.get(extension)
    if wanted and (not in_folder or known in {wanted, None}) and not (in_folder and extension in _REMEDIES):
        return path, wanted
    if wanted and known:
        return Skipped(label(path), None, f"not {wanted}, the format asked for")
    if known:
        return path, known
    if extension in _REMEDIES:
        return Skipped(label(path), None, _REMEDIES[extension])
    return _look_inside(path)


def _extension(path: Path) -> str:
    return strip_packing(path).suffix.lower()


def _look_inside(path: Path) -> Found | Skipped:
    """Return the file where its content leaves no doubt: mail folders and downloads have names without extensions."""
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as exc:
        return Skipped(label(path), None, describe_failure(exc))
    if is_feed(head):
        return Skipped(label(path), None, FEED_REASON)
    found = recognise_format(head)
    return (path, found) if found or find_packing(head) else Skipped(label(path), None, _UNKNOWN)
