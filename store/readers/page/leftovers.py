"""What is left of a page around its article once the extractor is done: labels above it, links in it, credits below it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from store.readers.bylines import find_byline
from store.readers.dates import parse_written_day
from store.readers.furniture import is_post_footer, is_rule, is_widget
from store.readers.page.blocks import Block
from store.readers.page.headlines import fold

# Above the first paragraph stand labels; below the last credits. Prose is longer, but for a few short paragraphs.
_OPENING_BLOCKS = 12
_CLOSING_BLOCKS = 12
_LONGEST_LABEL_CHARS = 160
_LONGEST_CREDIT_CHARS = 400
# Room for a kicker before a repeated headline, or for 'By' and an office around a name.
_KICKER_CHARS = 60
_SHORTEST_SUMMARY_CHARS = 40

_CLOCK = r"(?<![\d.,])\d{1,2}[:.]\d\d(?![\d%])(?:\s?(?:uhr|[ap]\.?m\.?|h))?"
_NUMERIC_DAY = r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}"
# A line that only says when, or how long it takes to read: numbers with few words around them, in any language.
_DAY_OR_CLOCK = re.compile(
    rf"{_NUMERIC_DAY}|{_CLOCK}|\b\d{{1,2}}\.?\s[^\W\d_]{{3,10}}\.?,?\s\d{{4}}\b|\b[^\W\d_]{{3,10}}\.?\s\d{{1,2}},?\s\d{{4}}\b"
    r"|\b\d{1,3}[\s-]?(?:min|minut(?:e[ns]?|os?|i|er)?|mins)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_MOST_WORDS_OF_TIME = 3
_RELATED = re.compile(
    r"\W*(?:(?:also |please )?(?:read|see|watch|listen)(?: more| also| next| now| this| here)?(?: on| about)?[^.?!]{0,40}[:|>»]"
    r"|(?:read|see) (?:more|also|next)\b|don'?t miss\b|(?:more|most) (?:from|on|read|popular|stories)\b.{0,60}$|related(?: \w+)?\s*(?:[:|>»]|$)"
    r"|you (?:may|might) (?:also )?(?:like|be interested)|recommended(?: for you| stories)?\s*[:|]?\s*$|also on \S+|up next\b|what to read next"
    r"|(?:mehr|lesen sie|lesetipp|lesen|auch interessant|siehe|zum thema|passend dazu|weitere)\b(?: \w+){0,4}\s*[:|]"
    r"|(?:lesen sie|lies) (?:auch|hier|dazu|mehr)\b|mehr (?:zum thema|dazu|lesen)\b"
    r"|(?:lire|à lire|a lire|voir)(?: aussi| également)\b|(?:lea|lee|leer|vea) (?:también|más)\b|leggi anche\b|lees (?:ook|meer)\b|leia (?:também|mais)\b"
    r"|czytaj (?:też|także|więcej)\b|läs (?:också|mer|även)\b|les (?:også|mer)\b|læs (?:også|mere)\b|čtěte (?:také|více)\b|čtěte\b.{0,10}:)",
    re.IGNORECASE,
)
_INVITATION = re.compile(
    r"(?:sign up|subscribe|register|join|follow|like) (?:(?:for|to|up|us|our|on|the|me|him|her|now|here|today)\b|\S+ on (?:twitter|facebook|instagram|x|whatsapp|telegram))"
    r"|(?:follow|like|find|join|visit) .{0,60}\b(?:twitter|facebook|instagram|youtube|telegram|whatsapp|linkedin|tiktok)\b"
    r"|(?:share|tweet|print|email|save|pin) (?:this|it|article|story|on)\b|like (?:this|what you)\b|(?:enjoyed?|liked?) (?:this|reading|what)\b"
    r"|if you (?:enjoyed|liked)\b|get .{0,60}\b(?:newsletter|delivered|inbox|app|alerts)\b|download (?:our|the) .{0,30}\bapp\b|click here\b"
    r"|tell us what|have (?:your|a) (?:say|story|tip|news tip)|what do you think|let us know|do you have .{0,40}\b(?:tip|story|information)\b|got a (?:tip|story)"
    r"|(?:abonnieren|abonniere|folgen|folge|folgst|jetzt|hier) .{0,80}\b(?:newsletter|whatsapp|instagram|facebook|app|kanal|abo|testen|anmelden|abonnieren|melden)\b"
    r"|fehler gefunden|hat ihnen dieser artikel|.{0,80}\bnewsletter\b.{0,80}$|our journalism|support (?:our|independent)",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\W*(?:.{0,200}\bcontribut(?:ed|ing) (?:to|reporting|from)\b|(?:additional )?(?:reporting|writing|editing|compiled|edited|written|translated|produced|research|photo(?:graph)?s?|"
    r"report|story|text|video) by\b|with (?:reports?|reporting|files|information|input|material|inputs) (?:from|by)\b|(?:first|originally|previously) (?:published|appeared)\b"
    r"|this (?:article|story|piece|post|report|copy) (?:was|is|has been|originally|first|appeared)\b|(?:source|quelle|quellen|sources?|fonte|fuente|bron|kilde|källa|zdroj|źródło)\s*:"
    r"|copyright\b|©|\(c\) ?\d{4}|<copyright|all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos|mit material von\b"
    r"|\(?(?:dpa|afp|reuters|ap|apa|sda|sid|ansa|efe|tt|ntb|ritzau|anp|belga|pap|čtk|aa|xinhua|kyodo|yonhap)(?:[/,; -]+\w{2,12}){0,4}\)?\W*$)",
    re.IGNORECASE,
)
_CONTACT_WORD = re.compile(
    r"[^\s@]{1,60}@[^\s@]{1,60}\.\w{2,10}|@\w{2,30}|https?://\S+|(?:www\.)?[\w-]{1,40}\.(?:com|org|net)/\S+|\W+|comments?\W*",
    re.IGNORECASE,
)
_FILED = re.compile(
    r"\d+ comments?|(?:filed under|tags?|topics?|categories|schlagwörter|themen)\s*:?\s.{0,200}", re.IGNORECASE
)
_CAPTION = re.compile(
    r".{0,300}\((?:photo|image|picture|foto|bild|credit)s?(?:\W| by| credit|:).{0,80}\)\W*$|(?:photos?|images?|pictures?|fotos?|bilder|credits?|photographs?|grafik|video)\s*(?:credit|:|by\b|von\b).{0,80}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the page says elsewhere, folded: its headlines, its links' texts, its captions, its authors, its outlet."""

    headings: frozenset[str]
    links: frozenset[str]
    captions: frozenset[str]
    authors: tuple[str, ...]
    outlet: str


def drop_leftovers(blocks: Sequence[Block], around: Surroundings) -> list[Block]:
    """Return ``blocks`` without what belongs to the page: never prose in the midst of an article."""
    kept = [block for block in blocks if not _is_link(block, around) and not _is_caption(block, around)]
    kept = _drop_opening(kept, around)
    kept = [
        block for block in kept if not is_widget(block.text) and not is_rule(block.text) and not _RELATED_LINE(block)
    ]
    return _drop_closing(_drop_repeated(kept), around)


def _RELATED_LINE(block: Block) -> bool:
    return block.kind != "item" and len(block.text) <= _LONGEST_LABEL_CHARS and bool(_RELATED.match(block.text))


def _is_link(block: Block, around: Surroundings) -> bool:
    if len(block.text) > 250 or block.kind in {"row", "code", "heading"}:
        return False
    whole = fold(block.text)
    if whole in around.links and block.kind != "item":
        return len(whole) > 12
    _, _, rest = block.text.partition(":")
    rest = fold(rest or block.text.partition("|")[2])
    return len(rest) > 25 and rest in around.links and len(block.text) - len(rest) < 35


def _is_caption(block: Block, around: Surroundings) -> bool:
    if fold(block.text) in around.captions:
        return True
    return len(block.text) <= _LONGEST_CREDIT_CHARS and bool(_CAPTION.fullmatch(block.text))


def _drop_opening(blocks: list[Block], around: Surroundings) -> list[Block]:
    kept: list[Block] = []
    prose = 0
    for number, block in enumerate(blocks):
        if number >= _OPENING_BLOCKS or prose >= 2:  # The first may be a summary that stands above the byline.
            return kept + blocks[number:]
        if not _is_label(block, around):
            kept.append(block)
            prose += len(block.text) > _LONGEST_LABEL_CHARS
    return kept


def _is_label(block: Block, around: Surroundings) -> bool:
    text, folded = block.text, fold(block.text)
    if _repeats(folded, around.headings) or folded == around.outlet:
        return True
    if len(text) > _LONGEST_LABEL_CHARS:
        return False
    if any(
        author
        and author in folded
        and len(folded) - len(author) <= _KICKER_CHARS
        and not text.endswith((".", "?", "!", '"', "”"))
        for author in around.authors
    ):
        return True
    return bool(find_byline(text) or parse_written_day(text) or _is_time(block))


def _repeats(folded: str, headings: Collection[str]) -> bool:
    return any(
        heading
        and (
            folded == heading
            or (folded.endswith(heading) and len(heading) > 20 and len(folded) - len(heading) <= _KICKER_CHARS)
        )
        for heading in headings
    )


def _drop_repeated(blocks: list[Block]) -> list[Block]:
    seen: set[str] = set()
    kept = []
    for block in blocks:
        folded = fold(block.text)
        if len(folded) >= 60 and block.kind != "row":
            if folded in seen:
                continue
            seen.add(folded)
        kept.append(block)
    return kept


def _drop_closing(blocks: list[Block], around: Surroundings) -> list[Block]:
    end = len(blocks)
    for number in range(len(blocks) - 1, max(len(blocks) // 2, len(blocks) - _CLOSING_BLOCKS) - 1, -1):
        if _is_closing(blocks[number], around):
            end = number
    closing = blocks[end:]
    # One such line in the midst of the last paragraphs goes alone; from where most are such, all go.
    return blocks[:end] + [block for block in closing if not _is_closing(block, around)]


def _is_closing(block: Block, around: Surroundings) -> bool:
    text = block.text
    if len(text) > _LONGEST_CREDIT_CHARS:
        return False
    if block.kind == "heading" and len(text) < 40 and _RELATED.match(text):
        return True
    if _CREDIT.match(text) or _is_contact(text) or is_post_footer(text) or _is_time(block):
        return True
    folded = fold(text)
    if any(
        len(author) > 5 and folded.startswith(author) and (" is " in text[:80] or " ist " in text[:80])
        for author in around.authors
    ):
        return True
    return len(text) <= 300 and bool(_INVITATION.match(text))


def _is_time(block: Block) -> bool:
    text = block.text
    if block.kind in {"row", "quote", "heading"} or len(text) > 80 or not _DAY_OR_CLOCK.search(text):
        return False
    return len(_WORD.findall(_DAY_OR_CLOCK.sub(" ", text))) <= _MOST_WORDS_OF_TIME and text[-1] not in "?!"


def _is_contact(text: str) -> bool:
    return len(text) <= 200 and (all(map(_CONTACT_WORD.fullmatch, text.split())) or bool(_FILED.fullmatch(text)))
