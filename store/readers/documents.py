"""The paragraphs of a document and what its file says of it → the draft of one article."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from store.errors import InputError
from store.readers.fields import Origin, read_fields, write_draft
from store.readers.paragraphs import Paragraph, join_paragraphs
from store.readers.text import drop_furniture, read_head
from store.records import Draft, Skipped, day_of

NOTHING = "holds no text of an article"


class Place(NamedTuple):
    """A character of a document: which of its paragraphs, and how far in it."""

    paragraph: int
    offset: int


def write_document(
    texts: Sequence[str],
    known: Mapping[str, object],
    *,
    origin: Origin,
    made: date | datetime | None = None,
    pages: Sequence[Place] = (),
) -> Iterator[Draft | Skipped]:
    """Yield the article that the paragraphs ``texts`` are, in their order.

    ``known`` is what the file says of it, by names of ``store.readers.fields``; headline, byline and dates at the top
    of the text fill what is missing there and are no part of the body. ``pages`` are the places where pages begin.
    Where nothing else dates the article, the day its file was ``made`` does, and a notice says so.
    """
    record = dict(known)
    paragraphs = drop_furniture([Paragraph(text, line, 1) for line, text in enumerate(texts)])
    if paragraphs and paragraphs[0].text.casefold() == str(record.get("headline", "")).casefold():
        paragraphs = paragraphs[1:]
    body = read_head(paragraphs, record, 1)
    if not body:
        yield Skipped(origin.source, None, NOTHING)
        return
    try:
        fields = read_fields(record)
    except InputError as exc:
        yield Skipped(origin.source, None, str(exc))
        return
    starts = _page_starts(body, pages)
    for piece in write_draft(fields, join_paragraphs(body), origin=origin, line=None, page_starts=starts):
        if isinstance(piece, Draft) and piece.published is None and (day := day_of(made)):
            yield replace(piece, published=day)
            yield Skipped(origin.source, None, f"its text names no day; dated {day} by the file's properties")
        else:
            yield piece


def _page_starts(body: Sequence[Paragraph], pages: Sequence[Place]) -> tuple[int, ...]:
    """Return where in the joined ``body`` the pages begin; what stood only in the head begins with what follows."""
    starts, position, waiting = [], 0, list(pages)
    for paragraph in body:
        while waiting and waiting[0].paragraph <= paragraph.line:
            place = waiting.pop(0)
            starts.append(position + (place.offset if place.paragraph == paragraph.line else 0))
        position += len(paragraph.text) + 1
    end = max(position - 1, 0)
    return (*([0] if starts else []), *starts[1:], *(end for _ in waiting))
