"""What is left of a page around its article once that is found: labels above it, links in it, credits below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from store.readers.bylines import find_byline
from store.readers.dates import parse_written_day
from store.readers.furniture import is_post_footer, is_rule, is_widget
from store.readers.page.blocks import Block
from store.readers.page.headlines import fold
from store.readers.page.phrases import is_appeal, is_caption, is_contact, is_credit, is_invitation, is_pointer, is_time

# Above the first paragraphs stand labels, below the last credits; prose is longer, but for a few short paragraphs.
_OPENING_BLOCKS = 12
_CLOSING_BLOCKS = 12
_LONGEST_LABEL_CHARS = 160
_LONGEST_BIOGRAPHY_CHARS = 400
# Room for a kicker before a repeated headline, or for 'By' and an office around a name.
_KICKER_CHARS = 60
_SHORTEST_HEADLINE_CHARS = 20
_SHORTEST_REPEATED_CHARS = 60
# A paragraph that is one link, or one behind a few words and a colon, leads away from the article.
_LONGEST_LINK_CHARS = 250
_SHORTEST_LINK_CHARS = 12
_SHORTEST_LINKED_TITLE_CHARS = 25
_LONGEST_LEAD_CHARS = 35
_OF_WRITERS = (" is ", " ist ", " est ", " es ", " är ", " er ")
_UNTIMED = frozenset({"row", "quote", "heading"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the page says elsewhere, folded: its headlines, its links' texts, its captions, its authors, its outlet."""

    headings: frozenset[str]
    links: frozenset[str]
    captions: frozenset[str]
    authors: tuple[str, ...]
    outlet: str


def drop_leftovers(blocks: Sequence[Block], around: Surroundings) -> list[Block]:
    """Return ``blocks`` without what belongs to the page; in the midst of an article no prose is dropped."""
    kept = [block for block in blocks if not _is_link(block, around) and not _is_below_picture(block, around)]
    kept = [block for block in _drop_opening(kept, around) if not _is_furniture(block)]
    return _drop_closing(_drop_repeated(kept), around)


def _is_link(block: Block, around: Surroundings) -> bool:
    if len(block.text) > _LONGEST_LINK_CHARS or block.kind in {"row", "code", "heading"}:
        return False
    whole = fold(block.text)
    if whole in around.links and block.kind != "item":
        return len(whole) > _SHORTEST_LINK_CHARS
    title = fold(block.text.partition(":")[2] or block.text.partition("|")[2])
    is_title = len(title) > _SHORTEST_LINKED_TITLE_CHARS and title in around.links
    return is_title and len(block.text) - len(title) < _LONGEST_LEAD_CHARS


def _is_below_picture(block: Block, around: Surroundings) -> bool:
    return fold(block.text) in around.captions or is_caption(block.text)


def _is_furniture(block: Block) -> bool:
    return is_widget(block.text) or is_rule(block.text) or (block.kind != "item" and is_pointer(block.text))


def _drop_opening(blocks: list[Block], around: Surroundings) -> list[Block]:
    kept: list[Block] = []
    prose = 0
    for number, block in enumerate(blocks):
        if number >= _OPENING_BLOCKS or prose >= 2:  # The first may be a summary that stands above the byline.
            return kept + blocks[number:]
        if _is_label(block, around):
            continue
        kept.append(block)
        prose += len(block.text) > _LONGEST_LABEL_CHARS
    return kept


def _is_label(block: Block, around: Surroundings) -> bool:
    text, folded = block.text, fold(block.text)
    if folded == around.outlet or any(_repeats(folded, heading) for heading in around.headings):
        return True
    if len(text) > _LONGEST_LABEL_CHARS:
        return False
    if not text.endswith((".", "?", "!", '"', "”")) and any(_names(folded, author) for author in around.authors):
        return True
    return bool(find_byline(text) or parse_written_day(text)) or _is_time(block)


def _repeats(folded: str, heading: str) -> bool:
    if folded == heading:
        return True
    is_behind_kicker = len(heading) > _SHORTEST_HEADLINE_CHARS and folded.endswith(heading)
    return is_behind_kicker and len(folded) - len(heading) <= _KICKER_CHARS


def _names(folded: str, author: str) -> bool:
    return bool(author) and author in folded and len(folded) - len(author) <= _KICKER_CHARS


def _is_time(block: Block) -> bool:
    return block.kind not in _UNTIMED and is_time(block.text)


def _drop_repeated(blocks: list[Block]) -> list[Block]:
    seen: set[str] = set()
    kept = []
    for block in blocks:
        folded = fold(block.text)
        if folded in seen:
            continue
        if len(folded) >= _SHORTEST_REPEATED_CHARS and block.kind != "row":
            seen.add(folded)
        kept.append(block)
    return kept


def _drop_closing(blocks: list[Block], around: Surroundings) -> list[Block]:
    start = max(len(blocks) // 2, len(blocks) - _CLOSING_BLOCKS)
    return blocks[:start] + [block for block in blocks[start:] if not _is_closing(block, around)]


def _is_closing(block: Block, around: Surroundings) -> bool:
    text = block.text
    if block.kind == "row":
        return False
    if is_credit(text) or is_contact(text) or is_post_footer(text) or is_invitation(text) or is_appeal(text):
        return True
    return _is_time(block) or _is_biography(text, around)


def _is_biography(text: str, around: Surroundings) -> bool:
    if len(text) > _LONGEST_BIOGRAPHY_CHARS or not any(verb in text[:80] for verb in _OF_WRITERS):
        return False
    folded = fold(text)
    return any(" " in author and folded.startswith(author) for author in around.authors)
