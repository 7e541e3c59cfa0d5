"""What is safe to show of an answer, judged without the code that makes it so."""

from __future__ import annotations

import re
from collections.abc import Collection

from store.cleaning import clean_text

# What a reader takes for a citation, and what a program takes for a link.
LIKE_A_CITATION = re.compile(
    r"[\[［【〔⟦❲〖][\s*^#.:_-]*(?:sources?|refs?)?[\s*^#.:_-]*(\d{1,3}(?:[\s,;&–-]+\d{1,3})*)[^\w\]]*(?:†[^\]】]*)?[\]］】〕⟧❳〗]",
    re.IGNORECASE,
)
LIKE_A_LINK = re.compile(
    r"\]\(|!\[[^\]\n]*\](?:\(|\[\D)|<[a-z/!]|\w:/[/\\]|\bwww\.\w|\bjavascript:|\bdata:\w|evil\.example\b", re.IGNORECASE
)


def assert_safe(answer: str, numbers: Collection[int]) -> None:
    """Check that every citation shown is one of ``numbers``, and that nothing is left that a program could open."""
    assert clean_text(answer) == answer
    assert not LIKE_A_LINK.search(answer)
    for match in LIKE_A_CITATION.finditer(answer):
        assert match[0] == f"[{match[1]}]"
        assert int(match[1]) in numbers
