"""The citations of an answer: read from its text, located in the sources, checked, and renumbered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from assistant.conversation import Citation, Source, Statement, Support
from assistant.quotations import Folded, fold, locate
from assistant.support import Facts, coverage, facts_about, facts_of, joined, support_of
from prompts import REFUSAL
from store.cleaning import clean_text
from store.splitting import Span, split_sentences
from store.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Fewer words than this stand in a text by chance: '25' or 'the Pentagon' is found, not quoted.
QUOTE_WORDS = 4
# Words in quotation marks claim to be literal, so fewer of them are enough to look for.
MARKED_QUOTE_WORDS = 3
# How many sentences in a row one citation may span when a statement is not literal, and what share of the statement
# each one after the first must add. Not tuned.
SPAN_SENTENCES = 3
_MORE_SENTENCES_COST = 0.05

_ONE = r"(?:[Ss]ources? ?)?\d{1,3}"
_MARKER = re.compile(rf"[\[【] ?\^?(?:{_ONE}(?: ?(?:[,;&–-]|and) ?{_ONE}){{0,20}}) ?[\]】]")
_MARKERS = re.compile(rf"{_MARKER.pattern}(?:[ ,]{{0,2}}{_MARKER.pattern}){{0,20}}")
_RANGE = re.compile(r"(\d+)(?: ?[–-] ?(\d+))?")
_LONGEST_RANGE = 20
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]*_]*$")
_LINE_START = re.compile(r"[ \t]*(?:[-*•·]|\d{1,2}[.)])?[ \t]*")
_BULLET = re.compile(r"(?:[-*•·]|\d{1,2}[.)])\s+")
_QUOTATION = re.compile(r"[\"“„«]([^\"“”„«»\n]{1,2000})[\"”“»]")

_DEFINITION = re.compile(
    r"^ {0,3}\[([^\]\n]{1,200})\]:[ \t]{0,9}(?:<|/|www\.|[A-Za-z][A-Za-z0-9+.-]{0,30}:)\S.*$", re.MULTILINE
)
_IMAGE = re.compile(r"!\[[^\]\n]{0,500}\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,200}\])")
_LINK = re.compile(r"\[([^\[\]\n]{0,500})\]\((?:[^()\n]|\([^()\n]{0,500}\)){0,2000}\)")
_REFERENCE = re.compile(r"\[([^\[\]\n]{1,500})\]\[([^\[\]\n]{0,200})\]")
_TAG = re.compile(r"<[/!]?[A-Za-z-][^<>\n]{0,1000}>")
_URL = re.compile(
    r"(?:\b[A-Za-z][A-Za-z0-9+.-]{1,30}://|\bwww\.|\b(?:mailto|javascript|vbscript|data|file):(?=\S))"
    r"(?:[^\s<>()\[\]【】\"“”]|\([^\s()]{0,500}\)){1,2000}(?<![.,;:!?'’])"
)


def cite(
    text: str, sources: Sequence[Source]
) -> tuple[str, tuple[Statement, ...], tuple[Citation, ...], tuple[str, ...]]:
    """Return the final text of an LLM's answer, its statements, its citations and warnings for people.

    Every sentence is a statement, with the support that its own cited sources give it. Every citation is narrowed to
    the sentences that bear the statement and numbered from 1 in order of first use; a source that is used for two spans
    has two numbers. Numbers that name no source are removed, as are links, images and addresses, except an address
    that stands in a source word for word.
    """
    linkless, warnings = _without_links(clean_text(text).strip(), sources)
    marked = _read_markers(linkless)
    shelf = {source.number: _shelved(source) for source in sources}
    warnings += _unknown_numbers(marked, shelf)
    numbering = _Numbering()
    checked: list[tuple[Span, tuple[int, ...], Support]] = []
    for span, markers in _read_sentences(marked):
        numbers = dict.fromkeys(number for marker in markers for number in marker.numbers if number in shelf)
        finding = _check(marked.plain[slice(*span)], tuple(shelf[number] for number in numbers))
        checked.append((span, numbering.renumber(markers, finding), finding.support))
        warnings += [f"not found in the cited source: “{quotation}”" for quotation in finding.lost]
    answer, statements = _assemble(marked, numbering, checked)
    return answer, statements, tuple(numbering.citations.values()), tuple(warnings)


def is_refusal(text: str) -> bool:
    """Whether an answer is the one refusal sentence and nothing else; case, punctuation and markers do not count."""
    return words(_MARKERS.sub(" ", clean_text(text))) == words(REFUSAL)


def without_markers(text: str) -> str:
    """Return an article's text with '[3]' turned into '(3)', so that nobody takes it for a citation of ours.

    Same length, so offsets hold, and ``cite`` finds it in its source as if nothing had been changed.
    """
    return _MARKER.sub(lambda match: f"({match[0][1:-1]})", text)


def past_markers(text: str, position: int) -> int:
    """Return where the citations end that follow ``position``, the end of a statement; without any, ``position``."""
    while (end := text.find("]", position)) >= 0 and text[position:end].strip(" [").isdigit():
        position = end + 1
    return position


@dataclass(frozen=True, slots=True)
class _Marker:
    """Source numbers at a place of the plain text, with the blanks before and after them that belong to them.

    One that ``opens`` a line belongs to the sentence after it, any other to the one before.
    """

    position: int
    numbers: tuple[int, ...]
    lead: str
    trail: str
    opens: bool


@dataclass(frozen=True, slots=True)
class _Marked:
    """An answer without its markers, and where a marker says that a sentence is over."""

    plain: str
    markers: tuple[_Marker, ...]
    cuts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Finding:
    """What the check of one statement found: a body span for every cited source, and quotations that are nowhere."""

    cited: tuple[tuple[Source, Span], ...] = ()
    support: Support = "unsupported"
    lost: tuple[str, ...] = ()


@dataclass(slots=True)
class _Numbering:
    """The citations in order of first use, and what each marker shows now."""

    citations: dict[tuple[str, Span], Citation] = field(default_factory=dict)
    shown: dict[_Marker, tuple[int, ...]] = field(default_factory=dict)

    def renumber(self, markers: Sequence[_Marker], finding: _Finding) -> tuple[int, ...]:
        """Return the new numbers of a statement's citations."""
        new = {source.number: self._number(source, span) for source, span in finding.cited}
        for marker in markers:
            self.shown[marker] = tuple(dict.fromkeys(new[number] for number in marker.numbers if number in new))
        return tuple(dict.fromkeys(new.values()))

    def _number(self, source: Source, span: Span) -> int:
        key = (source.hit.passage.article.id, span)
        if key not in self.citations:
            quote = source.text[span[0] - source.start : span[1] - source.start]
            self.citations[key] = Citation(len(self.citations) + 1, source.hit, *span, quote)
        return self.citations[key].number


class _Shelved:
    """A source ready to be looked things up in. Spans are offsets into its own text except where said."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.about = facts_about(source.hit.passage.article)

    @cached_property
    def sentences(self) -> list[Span]:
        return split_sentences(self.source.text) or [(0, len(self.source.text))]

    @cached_property
    def facts(self) -> list[Facts]:
        return [facts_of(self.source.text[start:end]) for start, end in self.sentences]

    @cached_property
    def folded(self) -> Folded:
        return fold(self.source.text)

    def find(self, text: str) -> Span | None:
        """Return the first and the last sentence, by index, in which ``text`` stands literally."""
        found = locate(text, self.folded)
        if not found:
            return None
        touched = [i for i, (start, end) in enumerate(self.sentences) if start < found[1] and found[0] < end]
        return (touched[0], touched[-1]) if touched else None

    def best(self, statement: Facts, around: Span | None = None) -> Span | None:
        """Return the few sentences, by index, that cover most of a statement; those that hold ``around`` only."""
        best, best_score = around, 0.0
        for first in range(len(self.sentences)):
            for last in range(first, min(first + SPAN_SENTENCES, len(self.sentences))):
                if around and not (first <= around[0] and around[1] <= last):
                    continue
                score = coverage(statement, joined(self.facts[first : last + 1]))
                score -= _MORE_SENTENCES_COST * (last - first)
                if score > best_score:
                    best, best_score = (first, last), score
        return best

    def body_span(self, sentences: Span | None) -> Span:
        """Return the offsets of sentences in the article's body; of the whole source for none."""
        first, last = sentences or (0, len(self.sentences) - 1)
        return self.source.start + self.sentences[first][0], self.source.start + self.sentences[last][1]

    def facts_in(self, sentences: Span | None) -> Facts:
        return joined(self.facts[sentences[0] : sentences[1] + 1] if sentences else ())


# An answer that is being streamed is cited again with every piece: what is known of a source and of the sentences
# before the last stays known.
@lru_cache(maxsize=64)
def _shelved(source: Source) -> _Shelved:
    return _Shelved(source)


@lru_cache(maxsize=256)
def _check(statement: str, cited: tuple[_Shelved, ...]) -> _Finding:
    if not cited:
        return _Finding()
    facts = facts_of(statement)
    parts = [part for part in _quotations_in(statement) if len(part.split()) >= MARKED_QUOTE_WORDS]
    spans: list[Span | None] = []
    literal = False
    for shelved in cited:
        whole = shelved.find(statement)
        literal = literal or (whole is not None and len(statement.split()) >= QUOTE_WORDS)
        quoted = next((found for part in parts if (found := shelved.find(part))), None)
        spans.append(whole or shelved.best(facts, around=quoted))
    lost = () if literal else tuple(part for part in parts if not any(shelved.find(part) for shelved in cited))
    measured = support_of(
        facts,
        joined(shelved.facts_in(span) for shelved, span in zip(cited, spans, strict=True)),
        joined(shelved.about for shelved in cited),
    )
    sources = tuple((shelved.source, shelved.body_span(span)) for shelved, span in zip(cited, spans, strict=True))
    return _Finding(sources, _judge(measured, literal=literal, quotes=bool(parts), lost=bool(lost)), lost)


def _judge(measured: Support, *, literal: bool, quotes: bool, lost: bool) -> Support:
    """Return the support of a statement: a true quotation lifts only what the words around it have earned too."""
    if literal or (quotes and not lost and measured == "supported"):
        return "quoted"
    return "weak" if lost and measured == "supported" else measured


def _quotations_in(statement: str) -> Iterator[str]:
    for match in _QUOTATION.finditer(statement):
        yield from (part.strip() for part in re.split(r"\.{3}|…", match[1]))


def _read_markers(text: str) -> _Marked:
    plain = ""
    markers: list[_Marker] = []
    cuts: list[int] = []
    position = 0
    for match in _MARKERS.finditer(text):
        before = plain + text[position : match.start()]
        after = text[match.end() :]
        opens = bool(_LINE_START.fullmatch(before, before.rfind("\n") + 1))
        plain = before if opens else before.rstrip(" \t")
        trail = after[: len(after) - len(after.lstrip(" \t"))] if opens else ""
        position = match.end() + len(trail)
        markers.append(_Marker(len(plain), _numbers_in(match[0]), before[len(plain) :], trail, opens))
        # 'the U.S. [1] said' goes on.
        if not opens and _SENTENCE_END.search(plain[-9:]) and not after.lstrip(" \t")[:1].islower():
            cuts.append(len(plain))
    return _Marked(plain + text[position:], tuple(markers), tuple(cuts))


def _numbers_in(marker: str) -> tuple[int, ...]:
    numbers: dict[int, None] = {}
    for match in _RANGE.finditer(marker):
        first, last = int(match[1]), int(match[2] or match[1])
        whole = range(first, last + 1) if first <= last < first + _LONGEST_RANGE else (first, last)
        numbers |= dict.fromkeys(whole)
    return tuple(numbers)


def _read_sentences(marked: _Marked) -> list[tuple[Span, list[_Marker]]]:
    spans: list[Span] = []
    for low, high in pairwise((0, *marked.cuts, len(marked.plain))):
        for start, end in split_sentences(marked.plain[low:high]):
            sentence = marked.plain[low + start : low + end]
            bullet = _BULLET.match(sentence)
            # '2.' before a list item is taken for a sentence; '25.' alone on its line is one.
            is_number = _LINE_START.fullmatch(sentence) and marked.plain[low + end : low + end + 1] == " "
            if re.search(r"\w", sentence) and not is_number:
                spans.append((low + start + (bullet.end() if bullet else 0), low + end))
    owned: list[tuple[Span, list[_Marker]]] = [(span, []) for span in spans]
    for marker in marked.markers:
        if marker.opens:
            owner = next((own for span, own in owned if span[0] >= marker.position), None)
        else:
            owner = next((own for span, own in reversed(owned) if span[0] < marker.position), None)
        if owner is not None:
            owner.append(marker)
    return owned


def _unknown_numbers(marked: _Marked, shelf: dict[int, _Shelved]) -> list[str]:
    named = dict.fromkeys(number for marker in marked.markers for number in marker.numbers)
    return [f"removed [{number}]: there is no source {number}" for number in named if number not in shelf]


def _assemble(
    marked: _Marked, numbering: _Numbering, checked: Sequence[tuple[Span, tuple[int, ...], Support]]
) -> tuple[str, tuple[Statement, ...]]:
    """Put the markers back with their new numbers, and count the statements' offsets in the result."""
    pieces: list[str] = []
    inserted: list[tuple[int, int]] = []
    position = 0
    for marker in marked.markers:
        shown = "".join(f"[{number}]" for number in numbering.shown.get(marker, ()))
        shown = f"{marker.lead}{shown}{marker.trail}" if shown else ""
        pieces += (marked.plain[position : marker.position], shown)
        inserted.append((marker.position, len(shown)))
        position = marker.position
    answer = "".join((*pieces, marked.plain[position:]))
    statements = []
    for (start, end), citations, support in checked:
        first = start + sum(length for place, length in inserted if place <= start)
        last = end + sum(length for place, length in inserted if place < end)
        statements.append(Statement(answer[first:last], first, last, citations, support))
    return answer, tuple(statements)


def _without_links(text: str, sources: Sequence[Source]) -> tuple[str, list[str]]:
    """Return ``text`` without what a terminal or a Markdown viewer could open, and a warning if there was any."""
    removed = 0
    while True:
        rest, count = _without_links_once(text, sources)
        if not count:
            break
        removed += count
        text = re.sub(r"[ \t]+(?=[.,;:!?]|$)", "", re.sub(r"[ \t]{2,}", " ", rest), flags=re.MULTILINE).strip()
    if not removed:
        return text, []
    return text, [f"removed {removed} link{'s' * (removed > 1)} of the model's own"]


def _without_links_once(text: str, sources: Sequence[Source]) -> tuple[str, int]:
    defined = {match[1].lower() for match in _DEFINITION.finditer(text)}

    def label(match: re.Match[str]) -> str:
        return f"[{match[1]}]" if _MARKER.fullmatch(f"[{match[1]}]") else match[1]

    def reference(match: re.Match[str]) -> str:
        return label(match) if (match[2] or match[1]).lower() in defined else match[0]

    def address(match: re.Match[str]) -> str:
        return match[0] if any(match[0] in source.text for source in sources) else ""

    removed = 0
    for pattern, replacement in (
        (_IMAGE, ""),
        (_REFERENCE, reference),
        (_DEFINITION, ""),
        (_LINK, label),
        (_TAG, ""),
        (_URL, address),
    ):
        before = text
        text, count = pattern.subn(replacement, before)
        removed += count if text != before else 0
    return text, removed
