"""PDF: newspaper clippings, reports. One article a file, with the places where its pages begin."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from statistics import median
from typing import TYPE_CHECKING

from store.cleaning import clean_line
from store.readers.documents import NOTHING, Place, write_document
from store.readers.fields import Origin
from store.records import Draft, Skipped

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

# Lines in this share of a page's height, above and below, are looked at for running heads, feet and page numbers.
_MARGIN = 0.1
_PAGE_NUMBER = re.compile(
    r"(?:page|p\.|seite)?\s*[-–—|·]?\s*(?:\d{1,4}|[ivxl]{1,6})\s*(?:(?:of|/)\s*\d{1,4})?\s*[-–—|·]?", re.IGNORECASE
)
# A line of a table of contents: dots that lead to a page.
_LEADER = re.compile(r"(?:\. ?){6}")
_DIGITS = re.compile(r"\d+")
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
# PDFium writes this for a hyphen at the end of a line, and goes on with the next line after it.
_CUT = "\ufffe"
_LINE = re.compile(rf"[^\n{_CUT}]+{_CUT}?")
_CUT_WORD = re.compile(r"(?P<first>[^\W\d_]{2,})[-\u2010]$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
# A headline is set larger than the text by this much, and this many lines of it are taken.
_HEADLINE_SIZE = 1.2
_MOST_HEADLINE_LINES = 5
_LONGEST_HEADLINE_CHARS = 250
_NO_TITLE = re.compile(
    r"(?:microsoft word|untitled|document\d*|powerpoint|scan)\b.*|.*\.\w{2,4}|\W*\d+\W*", re.IGNORECASE
)
_DATE = re.compile(
    r"D:(?P<year>\d{4})(?P<month>\d\d)?(?P<day>\d\d)?(?P<hour>\d\d)?(?P<minute>\d\d)?(?P<second>\d\d)?"
    r"(?:(?P<sign>[+-])(?P<hours>\d\d)'?(?P<minutes>\d\d)?)?"
)
# More than every fifth letter unknown: the fonts do not say which letters they draw.
_MOST_UNKNOWN = 0.2
# Pages that are told one by one as being without text.
_PAGES_TOLD = 8


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page: its text, size of type and edges in points from the lower left corner."""

    text: str
    size: float
    left: float
    right: float
    bottom: float
    top: float
    page: int
    is_marginal: bool


def read_pdf(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    """Yield the article that a PDF is, with its pages. Never raises for what it reads."""
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as exc:
        yield Skipped(origin.source, None, _refusal(str(exc)))
        return
    try:
        pages = [_read_lines(document, number) for number in range(len(document))]
        told = document.get_metadata_dict()
    finally:
        document.close()
    reason = _unreadable(pages)
    if reason:
        yield Skipped(origin.source, None, reason)
        return
    yield from _write(pages, told, origin)
    if empty := [number for number, lines in enumerate(pages, start=1) if not lines]:
        yield Skipped(origin.source, None, _told_empty(empty))


def _refusal(error: str) -> str:
    if "password" in error.lower():
        return "is locked with a password; save it without one and add it again"
    return "is damaged or no PDF: it cannot be opened"


def _unreadable(pages: Sequence[Sequence[_Line]]) -> str | None:
    text = "".join(line.text for lines in pages for line in lines)
    if not text:
        return "its pages are pictures without text; run `ocrmypdf` on it and add the result" if pages else NOTHING
    if sum(not char.isprintable() or char == "\ufffd" for char in text) > _MOST_UNKNOWN * len(text):
        return "its fonts do not say which letters they draw; run `ocrmypdf --force-ocr` on it and add the result"
    return None


def _told_empty(empty: Sequence[int]) -> str:
    listed = ", ".join(map(str, empty[:_PAGES_TOLD])) + (" and others" if len(empty) > _PAGES_TOLD else "")
    return f"page{'s' if len(empty) > 1 else ''} {listed} held no text; pictures need `ocrmypdf`"


def _write(pages: Sequence[Sequence[_Line]], told: dict[str, str], origin: Origin) -> Iterator[Draft | Skipped]:
    lines = _drop_running_heads(pages)
    if not lines:
        yield Skipped(origin.source, None, NOTHING)
        return
    known = _properties(told)
    headline = _find_headline(lines)
    if headline:
        known["headline"] = _joined([line.text for line in headline], frozenset())
        taken = set(map(id, headline))
        # What stands above a headline is the paper's name and the page's; a report's first lines stand below.
        lines = [line for line in lines if id(line) not in taken]
    texts, places = _paragraphs(lines, len(pages))
    made = _moment(told.get("CreationDate", ""))
    yield from write_document(texts, known, origin=origin, made=made, pages=places)


def _properties(told: dict[str, str]) -> dict[str, object]:
    title, author = clean_line(told.get("Title", "")), clean_line(told.get("Author", ""))
    known: dict[str, object] = {}
    if len(title.split()) > 1 and not _NO_TITLE.fullmatch(title):
        known["headline"] = title[:_LONGEST_HEADLINE_CHARS]
    if len(author.split()) > 1 and "@" not in author:
        known["authors"] = [author]
    return known


def _moment(text: str) -> datetime | None:
    """Return the moment that a PDF writes as ``D:20210503101500+02'00'``."""
    if not (found := _DATE.match(text)):
        return None
    year, month, day = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    offset = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    try:
        zone = timezone(-offset if found["sign"] == "-" else offset)
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except (ValueError, OverflowError):
        return None


# -- lines -------------------------------------------------------------------------------------------------------------


def _read_lines(document: PdfDocument, number: int) -> list[_Line]:
    """Return the lines of a page in the order in which the file has them; none where the page is damaged."""
    import pypdfium2 as pdfium

    try:
        page = document[number]
        return list(_lines_of(page, number))
    except pdfium.PdfiumError:
        return []


def _lines_of(page: PdfPage, number: int) -> Iterator[_Line]:
    from pypdfium2 import raw

    text_page = page.get_textpage()
    _, low, _, high = page.get_bbox()
    height = high - low
    for found in _LINE.finditer(text_page.get_text_range(errors="replace")):
        shown = found.group()
        if not shown.strip():
            continue
        first = found.start() + len(shown) - len(shown.lstrip())
        last = found.start() + len(shown.rstrip().rstrip(_CUT)) - 1
        left, bottom, _, top = text_page.get_charbox(first)
        _, end_bottom, right, end_top = text_page.get_charbox(max(first, last))
        size = raw.FPDFText_GetFontSize(text_page, first) or top - bottom
        bottom, top = min(bottom, end_bottom), max(top, end_top)
        is_marginal = top < low + _MARGIN * height or bottom > high - _MARGIN * height
        text = " ".join(shown.replace(_CUT, "-").split())
        yield _Line(text, _drawn_size(size, top - bottom), left, right, bottom, top, number, is_marginal)


def _drawn_size(size: float, height: float) -> float:
    # Some programs scale type of size 1 by a matrix: then the drawn height is all there is to go by.
    return size if size > 2 else height


def _drop_running_heads(pages: Sequence[Sequence[_Line]]) -> list[_Line]:
    """Return all lines but page numbers, tables of contents, and heads and feet that come again on other pages."""
    marginal = Counter(key for lines in pages for key in {_running(line) for line in lines if line.is_marginal})
    often = max(2, min(4, len(pages) // 3))
    return [
        line
        for lines in pages
        for line in lines
        if not _LEADER.search(line.text)
        and not (line.is_marginal and (_PAGE_NUMBER.fullmatch(line.text) or marginal[_running(line)] >= often))
    ]


def _running(line: _Line) -> str:
    return _DIGITS.sub("0", line.text.casefold())


def _find_headline(lines: Sequence[_Line]) -> list[_Line]:
    """Return the lines of the headline: the largest type of the first page with text, above most of the text."""
    first = [line for line in lines if line.page == lines[0].page]
    usual = median(line.size for line in lines for _ in range(len(line.text) // 20 + 1))
    wordy = [line for line in first if len(line.text.split()) > 1 or len(line.text) > 8]
    if not wordy:
        return []
    largest = max(line.size for line in wordy)
    if largest < _HEADLINE_SIZE * usual:
        return []
    start = next(i for i, line in enumerate(first) if line in wordy and line.size > 0.97 * largest)
    taken = []
    for line in first[start : start + _MOST_HEADLINE_LINES]:
        if line.size < 0.97 * largest:
            break
        taken.append(line)
    return taken if sum(len(line.text) for line in taken) <= _LONGEST_HEADLINE_CHARS else []


# -- paragraphs --------------------------------------------------------------------------------------------------------


def _paragraphs(lines: Sequence[_Line], pages: int) -> tuple[list[str], list[Place]]:
    """Return the paragraphs of ``lines`` and where in them each of the pages begins."""
    words = frozenset(word.casefold() for line in lines for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text))
    texts: list[str] = []
    places: list[Place] = []
    pieces: list[_Line] = []
    width = _usual_width(lines)
    for line in lines:
        if pieces and not _continues(pieces[-1], line, width):
            texts.append(_joined([piece.text for piece in pieces], words))
            pieces = []
        pieces.append(line)
        if len(places) <= line.page:
            joined = _joined([piece.text for piece in pieces], words)
            place = Place(len(texts), len(joined) - len(line.text))
            places += [place] * (line.page + 1 - len(places))
    if pieces:
        texts.append(_joined([piece.text for piece in pieces], words))
    places += [Place(len(texts), 0)] * (pages - len(places))
    return texts, places


def _usual_width(lines: Sequence[_Line]) -> float:
    """Return how wide the lines of a column are."""
    widths = sorted(line.right - line.left for line in lines)
    return widths[len(widths) * 3 // 4]


def _continues(line: _Line, following: _Line, width: float) -> bool:
    """Say whether ``following`` goes on with the paragraph that ``line`` is of."""
    if abs(line.size - following.size) > 0.1 * max(line.size, following.size):
        return False
    begins_small = following.text[0].islower()
    ends = bool(_SENTENCE_END.search(line.text))
    if line.page != following.page or following.bottom > line.top:  # the next page or column
        return begins_small or not ends
    gap = line.bottom - following.top
    if gap > 0.9 * line.size and not begins_small:
        return False
    is_indented = following.left > line.left + 0.6 * line.size
    length = line.right - line.left
    is_last = (ends and (is_indented or length < 0.8 * width)) or length < 0.6 * width
    return begins_small or not is_last


def _joined(lines: Sequence[str], words: frozenset[str]) -> str:
    """Return ``lines`` as one, with words that were cut at the end of a line put together again."""
    text = ""
    for line in lines:
        if not text:
            text = line
        elif (cut := _CUT_WORD.search(text)) and (rest := _FIRST_WORD.match(line)) and rest[0][0].islower():
            stem = text[: cut.end("first")]
            hyphen = "-" if _keeps_hyphen(cut["first"], rest[0], words) else ""
            text = f"{stem}{hyphen}{line}"
        else:
            text = f"{text} {line}"
    return clean_line(text)


def _keeps_hyphen(first: str, rest: str, words: frozenset[str]) -> bool:
    """Say whether 'well-' and 'known' are the word 'well-known': the document itself knows, elsewhere."""
    return f"{first}-{rest}".casefold() in words and f"{first}{rest}".casefold() not in words
