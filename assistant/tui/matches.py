"""Words looked for in an article: as they were typed, whatever their case, their quotation marks and line breaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.splitting import Span

# More are not listed: nobody goes through them, and a letter alone stands in a long article a hundred thousand times.
MOST_MATCHES = 9_999

_ALIKE = {"'": "['’‘]", "’": "['’‘]", "‘": "['’‘]", '"': '["“”]', "“": '["“”]', "”": '["“”]'}


def matches_in(body: str, words: str) -> list[Span]:
    """Return the spans of ``body`` where ``words`` stand, in order, up to ``MOST_MATCHES`` and one more."""
    parts = words.split()
    if not parts:
        return []
    pattern = r"\s+".join("".join(_ALIKE.get(letter) or re.escape(letter) for letter in part) for part in parts)
    found = re.compile(pattern, re.IGNORECASE).finditer(body)
    return [match.span() for match, _ in zip(found, range(MOST_MATCHES + 1), strict=False)]
