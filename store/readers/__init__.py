"""The only doors for outside text: whatever a person names on the command line → drafts of articles, cleaned."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from store.cleaning import clean_line
from store.errors import InputError
from store.readers.decoding import looks_like_jsonl, peek_head, read_lines, read_whole
from store.readers.fields import Origin
from store.readers.files import Format, describe_failure, find_files, label
from store.readers.jsonl import read_jsonl
from store.readers.markdown import read_markdown
from store.readers.text import read_text
from store.records import Draft, Skipped

__all__ = ["Format", "read_sources"]

STDIN = "-"

_URL = re.compile(r"https?://", re.IGNORECASE)


def read_sources(
    sources: Sequence[str],
    *,
    outlet: str | None = None,
    published: date | None = None,
    format: Format | None = None,  # noqa: A002 - the name of the option
) -> Iterator[Draft | Skipped]:
    """Yield the articles in files, folders, patterns and standard input (``-``) as named, and what is skipped.

    Never raises for what it reads: a source, file, line or date that cannot be used is a ``Skipped``. ``outlet`` and
    ``published`` hold for articles that name none. Without ``format`` the extension decides, and for pipes the content.
    A folder that gave no article ends with a ``Skipped`` whose ``source`` is the folder. Memory does not
    grow with the number of articles in a .jsonl file; other files are read whole, up to 20 MB.
    """
    defaults = Origin("", clean_line(outlet or "") or None, published)
    for source in sources:
        if source == STDIN:
            yield from _read_stdin(replace(defaults, source=STDIN), format)
        elif _URL.match(source):
            yield Skipped(label(source), None, "web pages cannot be read yet; save the page as text and add the file")
        else:
            yield from _read_found(source, defaults, format)


def _read_found(source: str, defaults: Origin, wanted: Format | None) -> Iterator[Draft | Skipped]:
    found_article = False
    for found in find_files(source, wanted):
        if isinstance(found, Skipped):
            yield found
            continue
        for taken in _read_file(*found, defaults):
            found_article = found_article or isinstance(taken, Draft)
            yield taken
    if not found_article and Path(source).is_dir():
        yield Skipped(label(source), None, "no article in this folder; articles are .txt, .md or .jsonl files")


def _read_file(path: Path, wanted: Format | None, defaults: Origin) -> Iterator[Draft | Skipped]:
    origin = replace(defaults, source=label(path))
    try:
        with path.open("rb") as stream:
            yield from _read_stream(stream, origin, wanted)
    except OSError as exc:
        yield Skipped(origin.source, None, describe_failure(exc))


def _read_stdin(origin: Origin, wanted: Format | None) -> Iterator[Draft | Skipped]:
    stream = getattr(sys.stdin, "buffer", None)
    if not isinstance(stream, io.BufferedReader):
        yield Skipped(STDIN, None, "standard input is closed")
        return
    try:
        yield from _read_stream(stream, origin, wanted)
    except OSError as exc:
        yield Skipped(STDIN, None, describe_failure(exc))


def _read_stream(stream: io.BufferedReader, origin: Origin, wanted: Format | None) -> Iterator[Draft | Skipped]:
    try:
        head = peek_head(stream)
        if wanted == "jsonl" or (wanted is None and looks_like_jsonl(head)):
            yield from read_jsonl(read_lines(stream, origin.source), origin)
            return
        text = read_whole(stream)
    except InputError as exc:
        yield Skipped(origin.source, None, str(exc))
        return
    yield from read_markdown(text, origin) if wanted == "markdown" else read_text(text, origin)
