"""EPUB books and magazines: each chapter or piece under a heading is an article of the book."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from lxml import etree

from store.cleaning import clean_line
from store.errors import InputError
from store.readers.blocks import Block, read_blocks
from store.readers.documents import write_document
from store.readers.fields import Origin
from store.readers.furniture import is_widget
from store.readers.packages import Package
from store.records import Draft, Skipped

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_OPF = "{http://www.idpf.org/2007/opf}"
_MARKUP = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
# Fonts are scrambled in many books that anybody may read; a book whose text is scrambled needs its seller's reader.
_FONT = re.compile(r"\.(?:otf|ttf|woff2?)$", re.IGNORECASE)
# A title page, an imprint, a table of contents.
_FEWEST_WORDS = 40
_MOST_LINKED = 0.5


@dataclass(frozen=True, slots=True)
class _Chapter:
    headline: str | None
    blocks: tuple[Block, ...]


def read_epub(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    """Yield the pieces of a book in reading order, with the book as their outlet. Never raises for what it reads."""
    try:
        with Package(content) as package:
            record, chapters = _read_book(package)
    except InputError as exc:
        yield Skipped(origin.source, None, str(exc))
        return
    whole = _join_continued(chapters)
    for chapter in whole:
        known = record | ({"headline": chapter.headline} if chapter.headline else {})
        yield from write_document([block.text for block in chapter.blocks], known, origin=origin)
    if not whole:
        yield Skipped(origin.source, None, "holds no text of an article")


def _read_book(package: Package) -> tuple[dict[str, object], list[_Chapter]]:
    _check_readable(package)
    name = _package_document(package)
    root = package.xml(name)
    record = _metadata(root)
    title = record.get("outlet")
    chapters = []
    for part in _reading_order(root, posixpath.dirname(name)):
        if part in package.names:
            blocks = read_blocks(package.part(part))
            if _is_text(blocks):
                chapters.append(_chapter(blocks, title))
    return record, chapters


def _check_readable(package: Package) -> None:
    if _ENCRYPTION not in package.names:
        return
    locked = [element.get("URI") or "" for element in package.xml(_ENCRYPTION).iter("{*}CipherReference")]
    if any(not _FONT.search(name) for name in locked):
        raise InputError("is locked by its seller (DRM) and can only be read in the seller's own program")


def _package_document(package: Package) -> str:
    for element in package.xml(_CONTAINER).iter("{*}rootfile"):
        if path := element.get("full-path"):
            return path
    raise InputError("is damaged: it names no package document")


def _metadata(root: etree._Element) -> dict[str, object]:
    def texts(name: str) -> list[str]:
        found = (clean_line("".join(map(str, element.itertext()))) for element in root.iter(f"{_DC}{name}"))
        return [text for text in found if text]

    modified = [clean_line(e.text or "") for e in root.iter(f"{_OPF}meta") if e.get("property") == "dcterms:modified"]
    told = {
        "outlet": next(iter([*texts("title"), *texts("publisher")]), None),
        "authors": [name for name in texts("creator") if name.casefold() not in {"unknown", "calibre"}],
        "published": _known_day(texts("date")),
        "modified": next(iter(modified), None),
        "language": next(iter(texts("language")), None),
    }
    return {name: value for name, value in told.items() if value}


def _known_day(days: list[str]) -> str | None:
    # What programs write that do not know: year 101.
    return next((day for day in days if not day.startswith(("0101-", "0000-"))), None)


def _reading_order(root: etree._Element, folder: str) -> Iterator[str]:
    """Yield the names of the book's parts of text, without the table of contents."""
    manifest = {
        item.get("id"): posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))
        for item in root.iter(f"{_OPF}item")
        if item.get("media-type") in _MARKUP and "nav" not in (item.get("properties") or "").split()
    }
    for reference in root.iter(f"{_OPF}itemref"):
        if (name := manifest.get(reference.get("idref"))) and reference.get("linear") != "no":
            yield name


def _is_text(blocks: list[Block]) -> bool:
    chars = sum(len(block.text) for block in blocks)
    return chars > 0 and sum(block.linked for block in blocks) <= _MOST_LINKED * chars


def _chapter(blocks: list[Block], title: object) -> _Chapter:
    """Return a chapter under its first heading, unless that repeats the title of the book."""
    kept = [block for block in blocks if not is_widget(block.text)]
    for i, block in enumerate(kept[:5]):
        if block.level is not None and block.text != title:
            return _Chapter(block.text, tuple(kept[i + 1 :]))
    return _Chapter(None, tuple(kept))


def _join_continued(chapters: list[_Chapter]) -> list[_Chapter]:
    """Join what has no heading to the chapter before it: long chapters are cut into several files."""
    joined: list[_Chapter] = []
    for chapter in chapters:
        if chapter.headline is None and joined:
            joined[-1] = replace(joined[-1], blocks=joined[-1].blocks + chapter.blocks)
        else:
            joined.append(chapter)
    return [c for c in joined if sum(len(block.text.split()) for block in c.blocks) >= _FEWEST_WORDS]
