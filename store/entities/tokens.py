"""Words with a capital, and those that stand side by side and may be one name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from store.entities.vocabulary import FIELDS, HEADS, OF_TITLES, ORGANISATIONS, OTHERS, PLACES, TITLE_PARTS, TITLES

# Letters that have a small form: Latin, Greek, Cyrillic, Armenian.
CAPITALS = "".join(chr(code) for code in (*range(0x41, 0x590), *range(0x1E00, 0x1F00)) if chr(code).isupper())

_TOKEN = re.compile(
    rf"(?:[{CAPITALS}]\.){{2,}}|[{CAPITALS}]\.(?= ?[{CAPITALS}])"
    rf"|(?:\b(?:al|el|ash|as|an|ad|d|l)[-’'])?\b[{CAPITALS}](?:\w*[^\W_])?(?:[’'](?!s\b)\w+|-\w+|&[{CAPITALS}]\w*)*"
)
# 'Seattle-based', 'Trump-backed': only what stands before the hyphen is a name.
_TAIL = re.compile(r"-[a-z]{3,}$")
_ABBREVIATIONS = frozenset(
    "Gov Sen Rep Gen Lt Col Sgt Dr Mr Mrs Ms St Jr Sr Capt Maj Adm Prof Rev Supt Cmdr Brig Cpl Mt Ft Sens Reps".split()
)
# What may stand between two words of one name.
_JOINT = re.compile(
    r" (?:(?:of|for|and|&|on|de|da|del|della|der|den|di|du|van|von|la|le|bin|ibn|al|el|dos|y)"
    r"(?: (?:the|la|las|los|der))? )?"
)
_LONGEST_JOINT = 10
_OPENING = frozenset('.!?…:;•·|\n“"‘—–([*')


class Token(NamedTuple):
    """A word with a capital at ``start`` to ``end``. ``joint`` is what stands between it and the one before."""

    text: str
    start: int
    end: int
    joint: str = ""

    @property
    def lower(self) -> str:
        return self.text.lower().rstrip(".").replace("’", "'")

    @property
    def link(self) -> str:
        """The small word before it: 'of', 'and', '' for none."""
        return self.joint.split()[0] if self.joint.strip() else ""


Tokens = tuple[Token, ...]


def runs(text: str) -> Iterator[Tokens]:
    """Yield the words with capitals that stand side by side, cut where small words between them part names."""
    run: list[Token] = []
    for found in _TOKEN.finditer(text):
        token = _token(found)
        joint = _joint(text, run[-1], token) if run else None
        if joint is None:
            yield from _parts(run)
            run = [token]
        else:
            run.append(token._replace(joint=joint))
    yield from _parts(run)


def opens(text: str, start: int) -> bool:
    """Whether a word begins a sentence, a line or a quotation: there any word has a capital."""
    before = start - 1
    while before >= 0 and text[before] in " \u00a0":
        before -= 1
    return before < 0 or text[before] in _OPENING


def name_of(tokens: Sequence[Token]) -> str:
    """Return the words as one name, as printed."""
    return "".join(
        (" ".join(["", *token.joint.split(), ""]) if i else "") + token.text for i, token in enumerate(tokens)
    )


def lower_of(tokens: Sequence[Token]) -> str:
    return tokens[0].lower if len(tokens) == 1 else name_of(tokens).lower().rstrip(".")


def _token(found: re.Match[str]) -> Token:
    text = found[0]
    if "-" in text and (tail := _TAIL.search(text)) and "-" not in text[: tail.start()]:
        text = text[: tail.start()]
    return Token(text, found.start(), found.start() + len(text))


def _joint(text: str, before: Token, token: Token) -> str | None:
    """Return what joins two words to one run, None where they stand apart."""
    gap = text[before.end : token.start]
    if gap == " ":
        return gap
    if gap == ". " and before.text in _ABBREVIATIONS:
        return " "
    if len(gap) <= _LONGEST_JOINT and _JOINT.fullmatch(gap):
        return gap
    return "" if not gap else None


def _parts(run: Sequence[Token]) -> Iterator[Tokens]:
    """Yield the names that 'and', 'for', 'of' and 'on' part in a run: 'Trump and Biden' are two."""
    part: list[Token] = []
    for i, token in enumerate(run):
        if part and not _goes_on(part, token, run[i:]):
            yield tuple(part)
            part = []
        part.append(token if part else token._replace(joint=""))
    if part:
        yield tuple(part)


def _goes_on(part: Sequence[Token], token: Token, rest: Sequence[Token]) -> bool:
    link, last = token.link, part[-1].lower
    has_head = any(one.lower in HEADS for one in part)
    if link == "of":
        is_title = last in TITLES and token.lower in OF_TITLES
        return (
            is_title
            or last in HEADS
            or last in PLACES
            or last in ORGANISATIONS
            or last in OTHERS
            or last in TITLE_PARTS
        )
    if link in {"for", "on"}:
        return has_head
    if link == "and":
        is_list = has_head and any(one.link in {"of", "for", "on"} for one in part)
        return is_list or (last in FIELDS and rest[-1].lower in ORGANISATIONS)
    return True
