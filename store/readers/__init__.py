"""The only doors for outside text: whatever a person names on the command line → drafts of articles, cleaned."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from store.cleaning import clean_line
from store.errors import InputError
from store.readers.contents import HEAD_BYTES, Format, is_feed, recognise_format
from store.readers.decoding import peek_head, read_whole
from store.readers.fields import Origin
from store.readers.files import FEED_REASON, describe_failure, find_files, label
from store.readers.mapping import NO_MAPPING, FieldMapping
from store.readers.markdown import read_markdown
from store.readers.packed import find_packing, open_packed
from store.readers.text import read_text
from store.records import Draft, Reached, Skipped

if TYPE_CHECKING:
    from store.parsing import Job

__all__ = ["Format", "read_sources"]

STDIN = "-"

Resume = Callable[[str, str], Reached | None]

_URL = re.compile(r"https?://", re.IGNORECASE)

# What child processes parse: each format, its kind of job, and how much of it is read.
_PARSED: dict[Format, tuple[str, int]] = {
    "html": ("page", 10_000_000),
    "pdf": ("pdf", 100_000_000),
    "epub": ("epub", 100_000_000),
    "docx": ("docx", 100_000_000),
    "eml": ("mail", 50_000_000),
}
_DUMPS = frozenset[Format](("jsonl", "json", "csv", "tsv", "warc"))


@dataclass(frozen=True, slots=True)
class _Options:
    """What holds for all sources of a run."""

    defaults: Origin
    wanted: Format | None
    mapping: FieldMapping
    resume: Resume | None


@dataclass(frozen=True, slots=True)
class _FolderEnd:
    """Stands behind what a folder gave, to say where that was nothing."""

    source: str


_Found = Draft | Skipped | Reached | _FolderEnd


def read_sources(
    sources: Sequence[str],
    *,
    outlet: str | None = None,
    published: date | None = None,
    format: Format | None = None,  # noqa: A002 - the name of the option
    mapping: FieldMapping = NO_MAPPING,
    allowed_hosts: Collection[str] = (),
    resume: Resume | None = None,
) -> Iterator[Draft | Skipped | Reached]:
    """Yield the articles in files, folders, patterns, pages of the web and standard input (``-``), in the order named.

    Never raises for what it reads: a source, file, line or date that cannot be used is a ``Skipped``. ``outlet`` and
    ``published`` hold for articles that name none. Without ``format`` extension and content decide.
    A folder that gave no article ends with a ``Skipped`` whose ``source`` is the folder. Pages and documents are parsed
    by child processes, several at a time, and come in their order. Memory does not grow with the number of articles.

    ``mapping`` names the fields of dumps. ``resume`` says how far the dump of a source and stamp has been read before;
    with it, marks (``Reached``) come among the articles. ``allowed_hosts`` may be fetched from although they are not on
    the public internet; one that names no host raises InputError.
    """
    defaults = Origin("", clean_line(outlet or "") or None, published)
    options = _Options(defaults, format, mapping, resume)
    with closing(_find_all(sources, options, allowed_hosts)) as found, closing(_parse(found)) as pieces:
        yield from _tell_empty_folders(pieces)


def _find_all(
    sources: Sequence[str], options: _Options, allowed_hosts: Collection[str]
) -> Generator[Job | _Found, None, None]:
    urls = [source for source in sources if _URL.match(source)]
    with closing(_fetch(urls, options.defaults, allowed_hosts)) as pages:
        for source in sources:
            if source == STDIN:
                yield from _read_stdin(options)
            elif _URL.match(source):
                yield from next(pages)
            else:
                yield from _read_found(source, options)


def _fetch(
    urls: Sequence[str], defaults: Origin, allowed_hosts: Collection[str]
) -> Generator[list[Job | Draft | Skipped], None, None]:
    if not urls:
        return
    from store.readers.web import fetch_pages

    origins = [replace(defaults, source=label(url)) for url in urls]
    yield from fetch_pages(urls, origins, allowed_hosts=allowed_hosts)


def _parse(found: Iterator[Job | _Found]) -> Generator[_Found, None, None]:
    """Yield ``found`` with its jobs done by child processes, which are started where there is one."""
    for piece in found:
        if isinstance(piece, _Found):
            yield piece
            continue
        from store.parsing import ParserPool

        jobs: Iterator[Job | _Found] = chain([piece], found)
        with ParserPool() as pool:
            pieces: Iterator[_Found] = pool.read(jobs)
            yield from pieces


def _tell_empty_folders(pieces: Iterator[_Found]) -> Iterator[Draft | Skipped | Reached]:
    found_article = False
    for piece in pieces:
        if not isinstance(piece, _FolderEnd):
            found_article = found_article or isinstance(piece, Draft)
            yield piece
            continue
        if piece.source and not found_article:
            yield Skipped(piece.source, None, "no article in this folder")
        found_article = False


def _read_found(source: str, options: _Options) -> Iterator[Job | _Found]:
    is_folder = Path(source).is_dir()
    if is_folder:
        yield _FolderEnd("")  # What was before it does not count.
    for found in find_files(source, options.wanted):
        if isinstance(found, Skipped):
            yield found
        else:
            yield from _read_file(*found, options)
    if is_folder:
        yield _FolderEnd(label(source))


def _read_file(path: Path, known: Format | None, options: _Options) -> Iterator[Job | _Found]:
    origin = replace(options.defaults, source=label(path))
    try:
        with path.open("rb") as stream:
            yield from _read_stream(stream, origin, known, options, path)
    except OSError as exc:
        yield Skipped(origin.source, None, describe_failure(exc))


def _read_stdin(options: _Options) -> Iterator[Job | _Found]:
    stream = getattr(sys.stdin, "buffer", None)
    if not isinstance(stream, io.BufferedReader):
        yield Skipped(STDIN, None, "standard input is closed")
        return
    origin = replace(options.defaults, source=STDIN)
    try:
        yield from _read_stream(stream, origin, options.wanted, options, None)
    except OSError as exc:
        yield Skipped(STDIN, None, describe_failure(exc))


def _read_stream(
    stream: io.BufferedReader, origin: Origin, known: Format | None, options: _Options, path: Path | None
) -> Iterator[Job | _Found]:
    """Yield what ``stream`` holds. ``known`` is the format its name says, ``path`` None where it is a pipe."""
    try:
        packing = find_packing(stream.peek(HEAD_BYTES)[:HEAD_BYTES])
        unpacked = open_packed(stream, packing) if packing else stream
        form = _decide_format(known, _peek(unpacked), options.wanted)
        if form in _PARSED:
            yield _job(unpacked, origin, form)
        elif form == "mbox":
            from store.readers.mbox import split_mbox  # It starts the parsers.

            yield from split_mbox(unpacked, origin)
        elif form in _DUMPS:
            # Reading can go on in a packed file, but not in what a pipe has given away already.
            yield from _read_dump(stream if stream.seekable() else unpacked, origin, form, options, path)
        else:
            yield from _read_prose(unpacked, origin, form)
    except InputError as exc:
        yield Skipped(origin.source, None, f"{exc}; {exc.hint}" if exc.hint else str(exc))


def _peek(stream: io.BufferedReader) -> bytes:
    head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    if not head:
        raise InputError("is empty")
    return head


def _decide_format(known: Format | None, head: bytes, wanted: Format | None) -> Format:
    """Return the format that was asked for, else that of the content, else the one its name says."""
    if wanted:
        return wanted
    if is_feed(head):
        raise InputError(FEED_REASON)
    found = recognise_format(head)
    if found in {"jsonl", "json"} and known not in {None, "jsonl"}:
        found = None  # A text may begin with a brace, and so may a table; of objects the reader of JSON knows more.
    return found or known or "text"


def _job(stream: io.BufferedReader, origin: Origin, form: Format) -> Job:
    from store.parsing import Job  # for files that are parsed elsewhere

    kind, most = _PARSED[form]
    content = stream.read(most + 1)
    if len(content) > most:
        raise InputError(f"is larger than {most // 1_000_000} MB")
    return Job(kind, content, origin)


def _read_prose(stream: io.BufferedReader, origin: Origin, form: Format) -> Iterator[Draft | Skipped]:
    peek_head(stream)
    text = read_whole(stream)
    yield from read_markdown(text, origin) if form == "markdown" else read_text(text, origin)


def _read_dump(
    stream: io.BufferedReader, origin: Origin, form: Format, options: _Options, path: Path | None
) -> Iterator[Job | _Found]:
    from store.readers.dumps import read_dump  # only for dumps: csv, ijson and their like

    yield from read_dump(stream, origin, form, path=path, mapping=options.mapping, resume=options.resume)
