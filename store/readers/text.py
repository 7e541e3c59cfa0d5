"""Plain text: one article a file, or a weblog's page with several under one date."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from store.cleaning import clean_text
from store.errors import InputError
from store.readers.bylines import find_byline, find_date_beside_byline, find_name, is_role
from store.readers.dates import parse_written_day
from store.readers.fields import Origin, is_url, read_fields, split_header, write_draft
from store.readers.furniture import is_post_footer, is_preamble, is_rule, is_widget
from store.readers.paragraphs import Paragraph, join_paragraphs, split_paragraphs
from store.readers.stories import is_headline, is_prose, is_title, split_stories, usual_gap
from store.records import Draft, Skipped

# How far below the headline a byline may stand: under a standfirst and its credit.
_BYLINE_DEPTH = 3
# How many words of a page's navigation may be stacked above a headline.
_MOST_LABELS = 4

_BAR = re.compile(r"\s+[|•·]\s+")
_SUBJECT = re.compile(r"subject:\s+(?P<headline>\S.*)", re.IGNORECASE)


def read_text(text: str, origin: Origin) -> Iterator[Draft | Skipped]:
    """Yield the articles of ``text`` in order.

    A date line above a headline dates every article until the next such line; a date below a headline dates its own.
    """
    paragraphs = drop_furniture(split_paragraphs(clean_text(text)))
    if not paragraphs:
        yield Skipped(origin.source, None, "holds no text of an article")
    usual = usual_gap(paragraphs)
    day: date | None = None
    for story in split_stories(paragraphs):
        day = _date_above(story) or day
        dated = replace(origin, published=day) if day else origin
        yield from read_story(story, {}, origin=dated, usual=usual)


def drop_furniture(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Return the paragraphs that belong to articles, marked where a rule or the foot of a post stood before them."""
    kept: list[Paragraph] = []
    gap, divided = 0, False
    for paragraph in paragraphs:
        gap = max(gap, paragraph.gap)
        is_header = split_header(paragraph.text) is not None
        if not is_header and (is_rule(paragraph.text) or is_post_footer(paragraph.text)):
            divided = True
        elif is_header or not is_widget(paragraph.text):
            kept.append(replace(paragraph, gap=gap, divided=divided))
            gap, divided = 0, False
    return kept


def read_story(
    story: Sequence[Paragraph], known: dict[str, object], *, origin: Origin, usual: int
) -> Iterator[Draft | Skipped]:
    """Yield the article that ``story`` is. ``known`` is what front matter says of it, which the text cannot change."""
    record = dict(known)
    line = next((paragraph.line for paragraph in story if not parse_written_day(paragraph.text)), story[0].line)
    body = read_head(story, record, usual)
    if not body:
        yield Skipped(origin.source, line, "a headline, date or header lines without a text below")
        return
    try:
        fields = read_fields(record)
    except InputError as exc:
        yield Skipped(origin.source, line, str(exc))
        return
    yield from write_draft(fields, join_paragraphs(body), origin=origin, line=line)


def read_head(story: Sequence[Paragraph], record: dict[str, object], usual: int) -> list[Paragraph]:
    """Return the body below the head of ``story``; headline, byline, dates and header lines are put in ``record``."""
    return _take_signature(_skip_head(story, record, usual), record)


def _date_above(story: Sequence[Paragraph]) -> date | None:
    """Return the day that a story's first line is, or the one below its header lines."""
    above = next((paragraph.text for paragraph in story if split_header(paragraph.text) is None), "")
    return parse_written_day(above)


def _skip_head(story: Sequence[Paragraph], record: dict[str, object], usual: int) -> list[Paragraph]:
    """Return what follows the headline, byline, dates and header lines of ``story``, which are put in ``record``."""
    is_chronology = sum(parse_written_day(paragraph.text) is not None for paragraph in story[1:]) > 1
    for i, paragraph in enumerate(story):
        text = paragraph.text
        if parse_written_day(text):
            if "headline" in record and is_chronology:
                return list(story[i:])
            if "headline" in record:
                record.setdefault("published", text)
        elif not _enter_signature(story, i, record):
            if "headline" not in record and _is_above_headline(story, i):
                continue
            if "headline" in record or not is_headline(story, i, usual):
                return list(story[i:])
            subject = _SUBJECT.fullmatch(text)
            record["headline"] = subject["headline"] if subject else text
    return []


def _enter_signature(story: Sequence[Paragraph], i: int, record: dict[str, object]) -> bool:
    """Put into ``record`` what the line at ``i`` says of the article, if it says it: header lines, address, authors."""
    text = story[i].text
    if is_url(text):
        record.setdefault("url", text)
        return True
    return _enter_headers(text, record) or _enter_byline(text, record) or _enter_name(story, i, record)


def _enter_headers(text: str, record: dict[str, object]) -> bool:
    # 'Published: January 2, 2020 | Updated: January 3, 2020' is two; a bar in any other value belongs to it.
    headers = [header for part in _BAR.split(text) if (header := split_header(part))]
    if len(headers) != len(_BAR.split(text)):
        headers = [header] if (header := split_header(text)) else []
    for field, value in headers:
        record.setdefault(field, value)
    return bool(headers)


def _enter_name(story: Sequence[Paragraph], i: int, record: dict[str, object]) -> bool:
    """Enter an author whose name stands bare below the headline, above the author's office."""
    text, following = story[i].text, story[i + 1].text if i + 1 < len(story) else ""
    if "headline" not in record:
        return False
    if is_role(text):
        return i > 0 and "authors" in record and find_name(story[i - 1].text) is not None
    if "authors" in record or not is_role(following) or not (name := find_name(text)):
        return False
    record["authors"] = [name]
    return True


def _is_above_headline(story: Sequence[Paragraph], i: int) -> bool:
    """Say whether the line at ``i``, above a headline, is none: a mail's or a release's, a label, a page's menu."""
    text = story[i].text
    if is_preamble(text):
        return True
    if " " in text or not text.isalpha() or i + 1 == len(story) or (story[i + 1].gap and not text.isupper()):
        return False
    below = next((line.text for line in story[i + 1 : i + _MOST_LABELS] if " " in line.text), "")
    return is_title(below)


def _take_signature(body: Sequence[Paragraph], record: dict[str, object]) -> list[Paragraph]:
    """Return ``body`` without the byline below a standfirst, and the dates beside it or above all prose."""
    is_chronology = sum(parse_written_day(paragraph.text) is not None for paragraph in body) > 1
    kept: list[Paragraph] = []
    takes_dates = not is_chronology
    for paragraph in body[:_BYLINE_DEPTH]:
        text = paragraph.text
        if _enter_byline(text, record):
            takes_dates = not is_chronology
        elif takes_dates and parse_written_day(text):
            record.setdefault("published", text)
        elif not takes_dates or not _enter_headers(text, record):
            kept.append(paragraph)
            takes_dates = takes_dates and not is_prose(text)
    return [*kept, *body[_BYLINE_DEPTH:]]


def _enter_byline(text: str, record: dict[str, object]) -> bool:
    byline = find_byline(text)
    if byline is None:
        return False
    record.setdefault("authors", list(byline.authors))
    if byline.outlet:
        record.setdefault("outlet", byline.outlet)
    if day := find_date_beside_byline(text):
        record.setdefault("published", day)
    return True
