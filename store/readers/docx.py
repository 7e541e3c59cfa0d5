"""Word documents: the text as it stands with all changes accepted, without comments, headers and footers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from store.cleaning import clean_line
from store.errors import InputError
from store.readers.blocks import read_blocks
from store.readers.dates import parse_published
from store.readers.documents import NOTHING, write_document
from store.readers.fields import Origin
from store.readers.packages import Package, check_declares_nothing
from store.records import Draft, Skipped

_DOCUMENT = "word/document.xml"
_PROPERTIES = "docProps/core.xml"
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => h2:fresh
comment-reference =>
"""
# What programs put there by themselves.
_NO_TITLE = re.compile(r"(?:microsoft word|word document|document\d*|untitled)\b.*|.*\.docx?", re.IGNORECASE)
_NO_NAMES = frozenset({"", "user", "author", "admin", "administrator", "python-docx", "microsoft office user"})


def read_docx(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    """Yield the article that a Word document is. Never raises for what it reads."""
    try:
        known = _properties(content)
        html = _convert(content)
    except InputError as exc:
        yield Skipped(origin.source, None, str(exc))
        return
    blocks = read_blocks(html.encode("utf-8", "replace"), encoding="utf-8")
    if not blocks:
        yield Skipped(origin.source, None, NOTHING)
        return
    heading = next((block.text for block in blocks[:3] if block.level == 1), None)
    if heading:
        known["headline"] = heading
    made = parse_published(str(known.pop("made", "")))
    yield from write_document([block.text for block in blocks], known, origin=origin, made=made)


def _convert(content: bytes) -> str:
    from xml.parsers.expat import ExpatError

    import mammoth

    try:
        # Without its pictures: they would be carried along as text.
        drop = mammoth.images.img_element(lambda _: {})
        return str(mammoth.convert_to_html(io.BytesIO(content), style_map=_STYLES, convert_image=drop).value)
    except RecursionError as exc:
        raise InputError("is nested too deeply") from exc
    except (ExpatError, KeyError, ValueError, AttributeError, TypeError, IndexError, OSError, SyntaxError) as exc:
        raise InputError("is damaged: its text cannot be read") from exc


def _properties(content: bytes) -> dict[str, object]:
    """Return what the file says of itself. Raises InputError for what is no Word document or not safe to read."""
    with Package(content) as package:
        if _DOCUMENT not in package.names:
            raise InputError(f"is no Word document: it lacks {_DOCUMENT}")
        for name in package.names:
            if name.endswith((".xml", ".rels")):
                check_declares_nothing(package.part(name), name)
        if _PROPERTIES not in package.names:
            return {}
        root = package.xml(_PROPERTIES)
    told = {_local(element.tag): clean_line(element.text or "") for element in root if isinstance(element.tag, str)}
    title, author = told.get("title", ""), told.get("creator", "")
    known: dict[str, object] = {"made": told.get("created", ""), "modified": told.get("modified", "")}
    if title and not _NO_TITLE.fullmatch(title):
        known["headline"] = title
    if author.casefold() not in _NO_NAMES:
        known["authors"] = [author]
    return {name: value for name, value in known.items() if value}


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
