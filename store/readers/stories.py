"""Paragraphs of a file → the articles in it. Wrongly split is worse than too long: no split without evidence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from store.readers.bylines import find_byline, find_dateline
from store.readers.dates import parse_written_day
from store.readers.fields import split_header
from store.readers.paragraphs import Paragraph
from store.splitting import split_sentences

_LONGEST_HEADLINE_CHARS = 150
_LONGEST_HEADLINE_WORDS = 25
_SHORTEST_PROSE_CHARS = 60

_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
_OPEN_END = re.compile(r"(?:[.,;:…]|[.!][\"'”’»)\]]+)$")
_CUT_SHORT = re.compile(r"\s*(?:\.{3}|…)$")  # As search engines and feeds cut headlines.
_ABBREVIATION_END = re.compile(r"\b(?:[A-Z]\.){2,}$")
_CONTENT_WORD = re.compile(r"\w{4,}")


def split_stories(paragraphs: Sequence[Paragraph]) -> list[list[Paragraph]]:
    """Return the paragraphs of each article, in order.

    An article begins at a header block, at a date line with a headline below it, at a headline with a byline or an
    agency's dateline below it, at an agency's dateline below a rule; and where a headline is set apart by more blank
    lines than usual or by a rule and the paragraph below takes up its words. A question, a line of a few words and a
    line without prose below it are sub-headings or notices of the article that they stand in.
    """
    usual = usual_gap(paragraphs)
    stories: list[list[Paragraph]] = []
    prose = 0
    for i, paragraph in enumerate(paragraphs):
        if not stories or (prose and _begins_story(paragraphs, i, usual, long_enough=prose > 1)):
            stories.append([])
            prose = 0
        stories[-1].append(paragraph)
        prose += is_prose(paragraph.text)
    return stories


def usual_gap(paragraphs: Sequence[Paragraph]) -> int:
    """Return how many blank lines stand between paragraphs of prose most often."""
    gaps = Counter(b.gap for a, b in pairwise(paragraphs) if is_prose(a.text) and is_prose(b.text))
    return max(gaps, key=lambda gap: (gaps[gap], gap)) if gaps else 1


def is_prose(text: str) -> bool:
    """Say whether ``text`` reads as a paragraph of an article: long, or a sentence of some length."""
    is_sentence = len(text) >= _SHORTEST_PROSE_CHARS and _SENTENCE_END.search(text)
    return len(text) > _LONGEST_HEADLINE_CHARS or bool(is_sentence)


def is_headline(paragraphs: Sequence[Paragraph], i: int, usual: int) -> bool:
    """Say whether the paragraph at ``i``, at the top of an article, is its headline.

    It is when it has no full stop; with one, it must stand apart from what follows or be repeated there.
    """
    if i + 1 >= len(paragraphs):
        return False
    text, following = paragraphs[i].text, paragraphs[i + 1]
    if is_title(_CUT_SHORT.sub("", text)):
        return True
    if len(text) > _LONGEST_HEADLINE_CHARS or find_dateline(text) or len(split_sentences(text)) > 1:
        return False
    return following.gap > usual or _is_repeated(text, following.text)


def _begins_story(paragraphs: Sequence[Paragraph], i: int, usual: int, *, long_enough: bool) -> bool:
    paragraph = paragraphs[i]
    if not paragraph.gap and not paragraph.divided:
        return False
    text, following = paragraph.text, paragraphs[i + 1].text if i + 1 < len(paragraphs) else ""
    apart = paragraph.divided or paragraph.gap > max(1, usual)
    if header := split_header(text):
        return header[0] == "headline" or split_header(following) is not None
    if parse_written_day(text):
        return _is_headed(paragraphs, i + 1, usual)
    if dateline := find_dateline(text):
        return apart and dateline.outlet is not None
    if is_title(text):
        return _title_begins_story(paragraphs, i, apart=apart, long_enough=long_enough)
    return apart and len(text) <= _LONGEST_HEADLINE_CHARS and _is_repeated(text, following)


def _is_headed(paragraphs: Sequence[Paragraph], i: int, usual: int) -> bool:
    """Say whether an article's headline or dateline stands at ``i``, below a date line.

    Prose below a date is an entry of a chronology.
    """
    if i >= len(paragraphs):
        return False
    if dateline := find_dateline(paragraphs[i].text):
        return dateline.outlet is not None
    if split_header(paragraphs[i].text):
        return True
    lead = _skip_signature(paragraphs, i + 1)
    return is_headline(paragraphs, i, usual) and lead < len(paragraphs) and is_prose(paragraphs[lead].text)


def _title_begins_story(paragraphs: Sequence[Paragraph], i: int, *, apart: bool, long_enough: bool) -> bool:
    title = paragraphs[i].text
    at = _skip_signature(paragraphs, i + 1)
    if at >= len(paragraphs) or not is_prose(paragraphs[at].text):
        return False
    lead = paragraphs[at]
    if any(find_byline(paragraph.text) for paragraph in paragraphs[i + 1 : at]):
        return True
    words = len(title.split())
    if words < 4 or title.endswith("?"):
        return False
    dateline = find_dateline(lead.text)
    if dateline:
        return apart or dateline.outlet is not None
    if paragraphs[i].divided:
        return True
    # Blank lines alone are weak: books set chapters apart by them, in capitals, and so do long reports.
    is_set_as_headline = apart and words >= 5 and lead.gap > 0 and not title.isupper()
    return is_set_as_headline and long_enough and len(_content_words(title) & _content_words(lead.text)) >= 2


def _skip_signature(paragraphs: Sequence[Paragraph], i: int) -> int:
    """Return where prose begins after the lines between a headline and a lead: byline, date, header lines."""
    while i < len(paragraphs) and _is_signature(paragraphs[i].text):
        i += 1
    return i


def _is_signature(text: str) -> bool:
    return bool(find_byline(text) or parse_written_day(text) or split_header(text))


def is_title(text: str) -> bool:
    """Say whether ``text`` is set like a headline: short, without full stop, begun with a capital or a figure."""
    if len(text) > _LONGEST_HEADLINE_CHARS or not 2 <= len(text.split()) <= _LONGEST_HEADLINE_WORDS:
        return False
    if _OPEN_END.search(text) and not _ABBREVIATION_END.search(text):
        return False
    opening = text.lstrip("\"'“‘«(¿¡ ")[:1]
    return (opening.isupper() or opening.isdigit()) and not _is_signature(text) and not find_dateline(text)


def _is_repeated(headline: str, lead: str) -> bool:
    words = _content_words(headline)
    return len(words) >= 4 and len(words & _content_words(lead)) >= 0.8 * len(words)


def _content_words(text: str) -> frozenset[str]:
    # Five letters make 'votes' and 'voted', 'closure' and 'closed' one word.
    return frozenset(word[:5].casefold() for word in _CONTENT_WORD.findall(text))
