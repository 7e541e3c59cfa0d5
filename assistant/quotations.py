"""Words in quotation marks, and words found literally whatever a typographer or a model did to their punctuation."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.splitting import Span

_UNLIKE = re.compile(
    r"(?P<gap>\s+(?=[,;:!?]|\.(?! ?[.\d])))"
    r"|(?P<dash>\s*[-‐‑‒–—―−]+\s*)"
    r"|(?P<blank>\s+)"
    r"|(?P<quote>[\"“”„‟«»‹›<>″'‘’‚‛`´′「」『』]+)"
    r"|(?P<dots>…|\.(?: ?\.){2,5})"
    r"|(?P<open>[\[［【〔⟦❲〖{])|(?P<close>[\]］】〕⟧❳〗}])"
    r"|(?P<markup>[*_#]+)"
)
_ALIKE = {"gap": "", "dash": "-", "blank": " ", "quote": "'", "dots": "…", "open": "(", "close": ")", "markup": ""}
_ENDS = " -'….,;:!?()"
_HYPHENS = "-‐‑"
_ELLIPSIS = re.compile(r"\(?(?:\.(?: ?\.){2,5}|…)\)?|\[(?:\.(?: ?\.){2,5}|…)\]")

# Two halves of one quotation with '…' between them stand this close together, else they are two quotations. Not tuned.
ELLIPSIS_CHARS = 600

_CLOSING = {"“": "”", "„": "“”‟", "‟": "”", "«": "»", "»": "«", "「": "」", "『": "』", "”": "”", '"': '"'}
_DOUBLE = re.compile(r"[\"“”„‟«»「」『』]")
# "‘90s", "'em" and "'n'" open nothing.
_SINGLE_OPENS = re.compile(r"(?<![^\W_])[‘'‚](?!\d0s\b|em\b|n['’]|til\b|tis\b|twas\b)(?=[^\s'’‘])")
_SINGLE_CLOSES = re.compile(r"(?<=\S)[’'‘](?![^\W_])")
_POSSESSIVE = re.compile(r"(?<=s)[’'](?= [a-z])")
_BLOCK = re.compile(r"(?m)^[ \t]*>[> \t]*(\S.*?)(?:\s[—–-]{1,2} ?[^\W\d_][^.!?\n]{0,60})?$")
_LONGEST = 2_000
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Folded:
    """A text with alike characters made equal: character ``i`` stands for ``original[starts[i]:ends[i]]``."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def fold(text: str) -> Folded:
    """Return ``text`` with quotes, dashes, ellipses, brackets and runs of blanks in one form each, markup dropped."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for match in _UNLIKE.finditer(text):
        pieces.append(text[position : match.start()])
        starts.extend(range(position, match.start()))
        ends.extend(range(position + 1, match.start() + 1))
        alike = _ALIKE[match.lastgroup or ""]
        if alike:
            pieces.append(alike)
            starts.append(match.start())
            ends.append(match.end())
        position = match.end()
    pieces.append(text[position:])
    starts.extend(range(position, len(text)))
    ends.extend(range(position + 1, len(text) + 1))
    return Folded(text, "".join(pieces), tuple(starts), tuple(ends))


def locate(words: str, within: Folded) -> Span | None:
    """Return the span of the original text where ``words`` stand, whole words and numbers only, or ``None``.

    Punctuation at both ends and the case of the first letter do not count.
    """
    return _locate_from(words, within, 0)


def locate_quotation(words: str, within: Folded) -> Span | None:
    """Return the span where a quotation stands; the parts around its '…' in their order and close together.

    A part of a single word is found anywhere, so it must be all there is.
    """
    if found := locate(words, within):
        return found
    parts = [part for part in _ELLIPSIS.split(words) if re.search(r"\w", part)]
    if len(parts) < 2 or any(len(part.split()) < 2 for part in parts):
        return None
    return _locate_in_order(parts, within)


def quotations_in(text: str) -> list[Span]:
    """Return the spans of what stands in quotation marks of any kind, without them, and of quoted blocks.

    One that is not closed ends with its line. Quotations inside others are listed too.
    """
    spans = [match.span(1) for match in _BLOCK.finditer(text)]
    position = 0
    for line in text.split("\n"):
        found = [*_double_in(line), *_single_in(line)]
        spans += [(position + start, position + end) for start, end in found if re.search(r"\w", line[start:end])]
        position += len(line) + 1
    return sorted(set(spans))


def _locate_from(words: str, within: Folded, position: int) -> Span | None:
    wanted = fold(words).text.strip(_ENDS)
    if not wanted:
        return None
    for variant in (wanted, wanted[0].swapcase() + wanted[1:]):
        found = _find_whole(variant, within, position)
        if found >= 0:
            return within.starts[found], within.ends[found + len(variant) - 1]
    return None


def _locate_in_order(parts: list[str], within: Folded) -> Span | None:
    start = 0
    while first := _locate_from(parts[0], within, start):
        end: int | None = first[1]
        for part in parts[1:]:
            found = _locate_from(part, within, _folded_position(within, end or 0))
            end = found[1] if found and found[0] - (end or 0) <= ELLIPSIS_CHARS else None
            if end is None:
                break
        if end is not None:
            return first[0], end
        start = _folded_position(within, first[0]) + 1
    return None


def _folded_position(within: Folded, position: int) -> int:
    return bisect_left(within.starts, position)


def _find_whole(wanted: str, within: Folded, position: int) -> int:
    text = within.text
    found = text.find(wanted, position)
    while found >= 0:
        end = found + len(wanted)
        if not (_goes_on(within, found - 1, -1) or _goes_on(within, end, 1)):
            return found
        found = text.find(wanted, found + 1)
    return -1


def _goes_on(within: Folded, place: int, step: int) -> bool:
    """Whether a word or number that ends beside ``place`` goes on there: '1' of '1,250', 'violent' of 'non-violent'."""
    text = within.text
    if not 0 <= place < len(text):
        return False
    if text[place].isalnum():
        return True
    inner, outer = text[place - step], text[place + step : place + step + 1] if place + step >= 0 else ""
    if not (inner.isalnum() and outer.isalnum()):
        return False
    if text[place] in ".,:":
        return inner.isdigit() and outer.isdigit()
    if text[place] == "-":
        return within.original[within.starts[place] : within.ends[place]] in _HYPHENS
    # 'can' of 'can’t'.
    return text[place] == "'" and step > 0 and outer == "t" and not text[place + 2 : place + 3].isalnum()


def unclosed_quotation(text: str) -> int | None:
    """Return where in the last line of ``text`` a quotation begins that is not closed yet."""
    start = text.rfind("\n") + 1
    _, opened = _read_double(text[start:])
    return start + opened[0] - 1 if opened and len(text) - start - opened[0] < _LONGEST else None


def _double_in(line: str) -> list[Span]:
    closed, opened = _read_double(line)
    return closed + [(start, min(len(line), start + _LONGEST)) for start in opened[:1]]


def _read_double(line: str) -> tuple[list[Span], list[int]]:
    """Return what stands in double marks, and where those begin that are not closed, the outermost first."""
    closed: list[Span] = []
    opened: list[tuple[str, int]] = []
    for match in _DOUBLE.finditer(line):
        mark, place = match[0], match.start()
        # A mark of another kind closes too: '“so"'.
        if opened and (mark in _CLOSING[opened[-1][0]] or (mark in '”»"' and opened[-1][0] not in {mark, "»"})):
            closed.append((opened.pop()[1], place))
        elif _opens(line, place) and len(opened) < _DEEPEST:
            opened.append((mark, place + 1))
    return closed, [start for _, start in opened]


def _opens(line: str, place: int) -> bool:
    before, after = line[place - 1 : place], line[place + 1 : place + 2]
    if line[place] in "“„«「『‟":
        return True
    return not before.isalnum() and before not in tuple(".,!?…") and bool(after.strip())


def _single_in(line: str) -> Iterator[Span]:
    position = 0
    while opening := _SINGLE_OPENS.search(line, position):
        start = position = opening.end()
        # A plural's apostrophe closes only where nothing else does: 'the ships’ crews'.
        closings = [match.start() for match in _SINGLE_CLOSES.finditer(line, start, start + _LONGEST)]
        certain = [place for place in closings if not _POSSESSIVE.match(line, place)]
        if closings:
            position = (certain or closings)[0]
            yield start, position
