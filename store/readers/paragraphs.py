"""Lines of plain text → paragraphs: hard-wrapped lines joined, the blank lines before each counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from store.readers.bylines import find_byline, find_dateline
from store.readers.dates import parse_written_day
from store.readers.fields import is_url, split_header
from store.readers.furniture import is_post_footer, is_rule, is_widget

# Widths at which mail programs, editors and wire services wrap.
_NARROWEST, _WIDEST = 40, 120
_SHORTEST_BROKEN = 60

_CUT_WORD = re.compile(r"\w-$")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph on one line, the 1-based line it begins at and how many blank lines stand before it.

    ``divided`` says that something that ends an article stood there: a rule or the foot of a weblog post.
    """

    text: str
    line: int
    gap: int
    divided: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    number: int
    gap: int
    indent: int


def split_paragraphs(text: str, *, first_line: int = 1) -> list[Paragraph]:
    """Return the paragraphs of cleaned ``text``, which begins at ``first_line`` of its source.

    A line is a paragraph, unless the text is wrapped at a fixed width: then lines that were broken for want of room are
    joined again. In any other text a line is joined only to one that plainly stops in the middle of a sentence.
    """
    lines = list(_number_lines(text, first_line))
    return list(_join_wrapped(lines, _wrap_width(lines))) if lines else []


def join_paragraphs(paragraphs: Iterable[Paragraph]) -> str:
    """Return a body: one paragraph a line."""
    return "\n".join(paragraph.text for paragraph in paragraphs)


def _number_lines(text: str, first_line: int) -> Iterator[_Line]:
    gap = 0
    for number, raw in enumerate(text.split("\n"), start=first_line):
        line = " ".join(raw.split())
        if line:
            yield _Line(line, number, gap, len(raw) - len(raw.lstrip()))
            gap = 0
        else:
            gap += 1


def _wrap_width(lines: Sequence[_Line]) -> int | None:
    """Return the width that ``lines`` are wrapped at, ``None`` when a line is a paragraph.

    In wrapped text most lines end where the next word would not have fitted, and many of the next begin in the middle
    of a sentence, with a small letter. A shorter line that ends a sentence may end a paragraph and says nothing.
    """
    joints = [(line, following) for line, following in pairwise(lines) if not following.gap]
    if not joints:
        return None
    # Not the longest: one address or header may stand out.
    width = sorted(len(line.text) for line, _ in joints)[len(joints) * 9 // 10]
    if not _NARROWEST <= width <= _WIDEST:
        return None
    full = [following for line, following in joints if _is_full(line, following, width)]
    ragged = sum(not _is_full(*joint, width) and not _SENTENCE_END.search(joint[0].text) for joint in joints)
    continued = sum(following.text[0].islower() for following in full)
    return width if len(full) >= 1.5 * ragged and continued >= max(1, 0.2 * len(full)) else None


def _is_full(line: _Line, following: _Line, width: int) -> bool:
    return len(line.text) + 1 + len(following.text.split(maxsplit=1)[0]) > width


def _join_wrapped(lines: Sequence[_Line], width: int | None) -> Iterator[Paragraph]:
    start, pieces = lines[0], [lines[0].text]
    for line, following in pairwise(lines):
        if _continues(line, following, width):
            pieces.append(following.text)
        else:
            yield Paragraph(_join_lines(pieces), start.number, start.gap)
            start, pieces = following, [following.text]
    yield Paragraph(_join_lines(pieces), start.number, start.gap)


def _continues(line: _Line, following: _Line, width: int | None) -> bool:
    if following.gap or following.indent > line.indent + 1:
        return False
    if width is None:
        is_broken = _stops_amid_sentence(line) and following.text[0].islower()
    else:
        is_broken = following.text[0].islower() or _is_full(line, following, width)
    if not is_broken or _stands_alone(line.text) or find_dateline(following.text):
        return False
    # 'on her way / home.': the last word of a paragraph may read like a button's.
    is_tail = following.text[0].islower() and not _SENTENCE_END.search(line.text)
    return not _is_signature(following.text) and (is_tail or not _is_furniture(following.text))


def _stops_amid_sentence(line: _Line) -> bool:
    # The few long paragraphs of a page that was wrapped wide tell no width. Shorter lines are items of lists.
    is_long = _SHORTEST_BROKEN <= len(line.text) <= _WIDEST
    return is_long and " " in line.text and line.text[-1].isalpha()


def _stands_alone(line: str) -> bool:
    return _is_furniture(line) or _is_signature(line)


def _is_furniture(line: str) -> bool:
    return is_rule(line) or is_widget(line) or is_post_footer(line)


def _is_signature(line: str) -> bool:
    return bool(parse_written_day(line) or find_byline(line) or split_header(line) or is_url(line))


def _join_lines(pieces: Sequence[str]) -> str:
    joined = [piece if _CUT_WORD.search(piece) else f"{piece} " for piece in pieces[:-1]]
    return "".join(joined) + pieces[-1]
