"""Finding words literally in a text, whatever its typographer or a model did to quotes, dashes, dots and blanks."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNLIKE = re.compile(
    r"(?P<dash>\s*[-‐‑‒–—―−]+\s*)"
    r"|(?P<blank>\s+)"
    r"|(?P<quote>[\"“”„‟«»‹›″'‘’‚‛`´′]+)"
    r"|(?P<dots>…|\.(?: ?\.){2,5})"
    r"|(?P<open>[\[【])|(?P<close>[\]】])"
    r"|(?P<markup>[*_#]+)"
)
_ALIKE = {"dash": "-", "blank": " ", "quote": "'", "dots": "…", "open": "(", "close": ")", "markup": ""}
_ENDS = " -'….,;:!?()"


@dataclass(frozen=True, slots=True)
class Folded:
    """A text with alike characters made equal: character ``i`` stands for ``original[starts[i]:ends[i]]``."""

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
    return Folded("".join(pieces), tuple(starts), tuple(ends))


def locate(words: str, within: Folded) -> tuple[int, int] | None:
    """Return the span of the original text where ``words`` stand, whole words only, or ``None``.

    Punctuation at both ends and the case of the first letter do not count.
    """
    wanted = fold(words).text.strip(_ENDS)
    if not wanted:
        return None
    for variant in (wanted, wanted[0].swapcase() + wanted[1:]):
        found = _find_whole(variant, within.text)
        if found >= 0:
            return within.starts[found], within.ends[found + len(variant) - 1]
    return None


def _find_whole(wanted: str, text: str) -> int:
    found = text.find(wanted)
    while found >= 0:
        end = found + len(wanted)
        if not text[max(found - 1, 0) : found].isalnum() and not text[end : end + 1].isalnum():
            return found
        found = text.find(wanted, found + 1)
    return -1
