"""The numbers by which a model cites its sources, in whatever form it writes them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

MARKER = re.compile(r"\[(\d{1,3})\]")
MARKERS = re.compile(rf"{MARKER.pattern}(?:[ ,;]{{0,2}}{MARKER.pattern}){{0,60}}")

_OPENING, _CLOSING = r"\[［【〔⟦❲〖", r"\]］】〕⟧❳〗"
_BRACKETED = re.compile(
    rf"\\?(?P<opening>[{_OPENING}])(?P<content>[^{_OPENING}{_CLOSING}\n]*)(?P<closing>[{_CLOSING}])"
)
_BRACKET = re.compile(rf"[{_OPENING}{_CLOSING}]")
_LONGEST_CONTENT = 80
_LONGEST_RANGE = 20

_LABEL = r"(?:(?:sources?|src|refs?|references?|docs?|documents?|passages?|citations?)[ .:#№_-]{0,3})"
_NUMBER = r"[#^]?\d{1,3}"
_LISTED = r"(?: ?(?:[,;&/|+–—‐‑−~-]|\.{2,3}|and|to|or) ?| )"
_NUMBERS = re.compile(
    rf"[^\w%$€£¥°#.]{{0,4}}{_LABEL}?{_NUMBER}(?:{_LISTED}{{1,2}}{_LABEL}?{_NUMBER}){{0,30}}"
    rf"(?::\d{{1,4}})?(?:†.*)?[^\w%$€£¥°†]{{0,4}}",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"[\d.,:eE+^\s–-]*\d[\d.,:eE+^\s–-]*")
_RANGE = re.compile(r"(\d+)(?: ?(?:[–—‐‑−~-]|\.{2,3}|to) ?(\d+))?")

# '(source 1)', 'sank.¹', 'sank.^1', '<sup>1</sup>', 'according to source 1', 'Source 1 says': what small models write
# instead. '(1)' and '10^6' are left alone, and so is '(1)' where an article had '[1]'.
_LABELLED = re.compile(rf"\((?={_LABEL})([^()\n]{{1,80}})\)", re.IGNORECASE)
_SUPERSCRIPT = re.compile(r"(?<=[.!?…,;:\"'”’»)\]])[¹²³⁰⁴-⁹]{1,3}(?![\w¹²³⁰⁴-⁹])")
_CARET = re.compile(r"(?<=[^\W\d]|[\s.!?…,;:\"'”’»)\]])\^(?:(\d{1,3})\^?(?![\w^])|(?=\[))")
_RAISED = re.compile(r"<sup>[\s\[]{0,3}(\d{1,3})[\s\]]{0,3}</sup>", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(according to source|sources?(?= \d{1,3} (?:says?|said|states?|reports?|mentions?|notes?)\b)) (\d{1,3})\b",
    re.IGNORECASE,
)
# From each blank of a long row the rest of it would be read again.
_WITH_BLANKS = re.compile(r"((?<![ \t])[ \t]++|)\[(\d{1,3})\]")
# Looked for where blanks or brackets begin, and nowhere in a row of them: ten thousand brackets took seven seconds.
_BROKEN_OFF = re.compile(
    rf"(?:(?<!\s)\s++|(?<![\s{_OPENING}]))[{_OPENING}]++ ?\^?{_LABEL}?(?:\d[\d ,;&–-]{{0,40}})?\Z", re.IGNORECASE
)


def numbers_in(content: str) -> tuple[int, ...]:
    """Return the numbers that what stands in brackets cites, in order; none when it is no citation."""
    if len(content) > _LONGEST_CONTENT:
        return ()
    plain = " ".join(unicodedata.normalize("NFKC", content).split())
    if not _NUMBERS.fullmatch(plain):
        return ()
    numbers: dict[int, None] = {}
    for match in _RANGE.finditer(re.sub(r"(?::\d+)?†.*", "", plain)):
        first, last = int(match[1]), int(match[2] or match[1])
        whole = range(first, last + 1) if first <= last < first + _LONGEST_RANGE else (first, last)
        numbers |= dict.fromkeys(whole)
    return tuple(numbers)


def with_raised_markers(text: str) -> str:
    """Return a model's text with '<sup>1</sup>' as ``[1]``, before its tags go."""
    return _RAISED.sub(r"[\1]", text)


def with_plain_markers(text: str) -> str:
    """Return a model's text with every citation as ``[1]`` or ``[1][2]``, and no bracket that pairs with none.

    Without stray and nested brackets no citation comes into being when another is taken out.
    """
    text = _BROKEN_OFF.sub("", text)
    text = _LABELLED.sub(lambda match: _shown(numbers_in(match[1])) or match[0], text)
    text = _NAMED.sub(r"\1 [\2]", text)
    text = _SUPERSCRIPT.sub(lambda match: f"[{int(unicodedata.normalize('NFKC', match[0]))}]", text)
    text = _CARET.sub(lambda match: f"[{match[1]}]" if match[1] else "", text)
    pieces: list[str] = []
    position = 0
    for match in _BRACKETED.finditer(text):
        numbers = numbers_in(match["content"])
        pieces += (_BRACKET.sub("", text[position : match.start()]), _shown(numbers) if numbers else _rounded(match))
        position = match.end()
    return "".join((*pieces, _BRACKET.sub("", text[position:])))


def _rounded(match: re.Match[str]) -> str:
    """Return '[2022]' and '[4.5]', which are no citations but look like some, in round brackets."""
    plain = unicodedata.normalize("NFKC", match["content"])
    is_numeric = _NUMERIC.fullmatch(plain) or any(
        unicodedata.category(char) in {"Nl", "No"} for char in match["content"]
    )
    return f"({match['content']})" if is_numeric else match[0]


def without_unknown(text: str, known: Container[int]) -> tuple[str, list[int]]:
    """Return ``text``, its markers plain, without those that are not ``known``, and their numbers."""
    unknown: dict[int, None] = {}

    def judge(match: re.Match[str]) -> str:
        if int(match[2]) in known:
            return match[0]
        unknown[int(match[2])] = None
        return ""

    # At the beginning of a line the blanks after it go too, anywhere else those before it.
    text = re.sub(r"(?m)^([ \t]*)\[(\d{1,3})\](?:[ \t]+(?=\S))?", judge, text)
    return _WITH_BLANKS.sub(judge, text), list(unknown)


def without_markers(text: str) -> str:
    """Return an article's text with '[3]' turned into '(3)', so that nobody takes it for a citation of ours.

    Same length, so offsets hold, and ``cite`` finds it in its source as if nothing had been changed.
    """
    text = _LABELLED.sub(lambda match: f"{{{match[1]}}}" if numbers_in(match[1]) else match[0], text)
    return _BRACKETED.sub(_in_round_brackets, text)


def _in_round_brackets(match: re.Match[str]) -> str:
    if not numbers_in(match["content"]):
        return match[0]
    return f"{' ' * (match.start('opening') - match.start())}({match['content']})"


def _shown(numbers: tuple[int, ...]) -> str:
    return "".join(f"[{number}]" for number in numbers)
