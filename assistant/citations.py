"""The citations of an answer: read from its text, located in the sources, checked, and renumbered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from assistant.conversation import Citation, Source, Statement, Support
from assistant.injections import holds_instructions
from assistant.links import addresses_in, without_links
from assistant.markers import MARKER, MARKERS, with_plain_markers, with_raised_markers, without_markers, without_unknown
from assistant.quotations import Folded, fold, locate, locate_quotation, quotations_in, unclosed_quotation
from assistant.support import Facts, Similarity, coverage, facts_about, facts_of, joined, likeliest, support_of
from prompts import REFUSAL
from store.cleaning import clean_text
from store.splitting import Span, split_sentences
from store.words import content_words, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["cite", "cite_so_far", "is_refusal", "past_markers", "without_markers"]

# No answer is longer; a model that writes more has lost its way, and every check below stays quick.
LONGEST_ANSWER_CHARS = 40_000

# Fewer words than this stand in a text by chance: '25' or 'the Pentagon' is found, not quoted.
QUOTE_WORDS = 4
# A true quotation of fewer words does not make its statement quoted; an invented one is marked whatever its length.
MARKED_QUOTE_WORDS = 3
# How many sentences in a row one citation may span when a statement is not literal, and what share of the statement
# each one after the first must add. Not tuned.
SPAN_SENTENCES = 3
_MORE_SENTENCES_COST = 0.05
# A statement with fewer telling words, or fewer words that are literal, is borne by many sources by chance: no source
# is looked for when it cites none.
TELLING_WORDS = 4
LITERAL_WORDS = 6
# How many of the sources that have most of an uncited statement's words are checked for bearing it.
_BEARERS = 3

_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]*_]*$")
_LINE_START = re.compile(r"[ \t]*(?:[-*•·>]|\d{1,2}[.)])?[ \t]*")
_BULLET = re.compile(r"(?:[-*•·>]|\d{1,2}[.)])\s+")
_ROUNDS = 8
# A sentence that is literal from here on says the opposite of the one it was cut from.
_DENIED_BEFORE = re.compile(
    r"\b(?:not|never|no|false|falsely|untrue|wrongly|den(?:y|ied|ies|ying)|fake|hoax|myth|whether|if)\b|n[’']t\b",
    re.IGNORECASE,
)

_BLANKS = re.compile(r"(?<=\S)[ \t]{2,}")
# Looked for where blanks begin: from each of a long row it would be read to its end again.
_GAP = re.compile(r"(?<![ \t])[ \t]++(?=[,;:!?]|\.(?![.\d])|$)", re.MULTILINE)
_OPENABLE = re.compile(r"[\[\]<>()/:@\\]|\bwww\b")

# What the end of an unfinished answer may turn into something else: a terminal sequence, a citation or link, a tag, a
# word. Looked for where a row of blanks or brackets begins: within one, each would be read to its end again.
_UNFINISHED_MARKUP = re.compile(
    r"[\x1b\x90\x98\x9b\x9d-\x9f][^\n\x07\x9c]{0,5000}\Z"
    r"|(?:(?<!\s)\s++|(?<![\s\[［【〔⟦❲〖]))!?[\[［【〔⟦❲〖][^\]］】〕⟧❳〗\n]*+\Z"
    r"|(?:(?<!\s)\s++|(?<!\s))!?\[[^\[\]\n]*+\]\([^)\n]*+\Z"
    r"|(?:(?<!\s)\s++|(?<![\s<]))<++[^<>\n]*+\Z"
)
_AFTER_MARKER = " \t\n.,;:!?…)\"'”’»"
_UNFINISHED_WORD = re.compile(r"(?<=\s)\S+\Z")


def cite(
    text: str, sources: Sequence[Source], similarity: Similarity | None = None
) -> tuple[str, tuple[Statement, ...], tuple[Citation, ...], tuple[str, ...]]:
    """Return the final text of an LLM's answer, its statements, its citations and warnings for people.

    Every sentence is a statement, with the support that its own cited sources give it. One that cites none, or none
    that bears it, gets the source that plainly does; failing that, it is checked against those that the next sentence
    of its paragraph cites. Every citation is narrowed to the sentences that bear the statement and numbered from 1 in
    order of first use; a source that is used for two spans has two numbers. Numbers that name no source are removed,
    as are links, images and addresses, except an address that stands word for word in a source which speaks to readers
    alone. With ``similarity`` an embedding model has its say in the support of what is not literal, 30 ms a sentence.
    """
    shelf = {source.number: _shelved(source, similarity) for source in sources}
    marked, warnings = _read(text, shelf)
    drafts = _inherited(_drafts(marked, shelf, is_finished=True))
    answer, statements, citations, moved = _assemble(marked, drafts)
    warnings += [f"not found in {draft.finding.where}: “{lost}”" for draft in drafts for lost in draft.finding.lost]
    return answer, statements, citations, (*warnings, *moved)


def cite_so_far(
    text: str, sources: Sequence[Source], similarity: Similarity | None = None
) -> tuple[str, tuple[Statement, ...]]:
    """Return what is certain of an unfinished answer: its text so far and the statements, as ``cite`` has them.

    A statement is certain when the next has begun, since its citations follow its full stop, and what looks like one
    may be the first half of 'U.S.'; one that cites nothing, when its paragraph is over or a later sentence of it cites.
    """
    shelf = {source.number: _shelved(source, similarity) for source in sources}
    marked, _ = _read(_finished(text), shelf)
    drafts = _certain(marked.plain, _drafts(marked, shelf, is_finished=False))
    answer, statements, _, _ = _assemble(marked, drafts)
    if not statements:
        return "", ()
    return answer[: past_markers(answer, statements[-1].end)], statements


def is_refusal(text: str) -> bool:
    """Whether an answer is the one refusal sentence and nothing else; case, punctuation and markers do not count."""
    return words(MARKER.sub(" ", with_plain_markers(clean_text(text)))) == words(REFUSAL)


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
    """What the check of one statement found: a body span for every cited source, and quotations that are nowhere.

    ``is_moved``: these are not the sources that the model cited.
    """

    cited: tuple[tuple[Source, Span], ...] = ()
    support: Support = "unsupported"
    lost: tuple[str, ...] = ()
    is_moved: bool = False

    @property
    def bears(self) -> bool:
        return self.support in {"quoted", "supported"} and not self.lost

    @property
    def where(self) -> str:
        return "the cited source" if self.cited else "any source"


@dataclass(frozen=True, slots=True)
class _Draft:
    """A sentence of the plain text, what it quotes, the markers that are its own, and what its check found."""

    span: Span
    text: str
    line: int
    quotes: tuple[str, ...]
    markers: tuple[_Marker, ...]
    cited: tuple[_Shelved, ...]
    finding: _Finding


@dataclass(slots=True)
class _Numbering:
    """The citations in order of first use, and what each marker shows now."""

    citations: dict[tuple[str, Span], Citation] = field(default_factory=dict)
    shown: dict[_Marker, tuple[int, ...]] = field(default_factory=dict)

    def renumber(self, draft: _Draft) -> tuple[int, ...]:
        """Return the new numbers of a statement's citations; its markers show them, or a new one at its end."""
        new = {source.number: self._number(source, span) for source, span in draft.finding.cited}
        numbers = tuple(dict.fromkeys(new.values()))
        if draft.cited and not draft.finding.is_moved:
            for marker in draft.markers:
                self.shown[marker] = tuple(dict.fromkeys(new[number] for number in marker.numbers if number in new))
        elif numbers:
            end = _Marker(draft.span[1], (), " ", "", opens=False)
            self.shown[draft.markers[0] if draft.markers else end] = numbers
        return numbers

    def _number(self, source: Source, span: Span) -> int:
        key = (source.hit.passage.article.id, span)
        if key not in self.citations:
            quote = source.text[span[0] - source.start : span[1] - source.start]
            self.citations[key] = Citation(len(self.citations) + 1, source.hit, *span, quote)
        return self.citations[key].number


class _Shelved:
    """A source ready to be looked things up in. Spans are offsets into its own text except where said."""

    def __init__(self, source: Source, similarity: Similarity | None) -> None:
        self.source = source
        self.similarity = similarity
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

    @cached_property
    def addresses(self) -> frozenset[str]:
        """What the article may be quoted with; nothing where it tells models what to write."""
        return frozenset() if holds_instructions(self.source.text) else addresses_in(self.source.text)

    def find(self, text: str) -> Span | None:
        """Return the first and the last sentence, by index, in which ``text`` stands literally and is not denied."""
        found = locate(text, self.folded)
        sentences = self._touched(found)
        if not found or not sentences:
            return None
        return None if _DENIED_BEFORE.search(self.source.text, self.sentences[sentences[0]][0], found[0]) else sentences

    def find_quotation(self, text: str) -> Span | None:
        """Return the first and the last sentence, by index, in which a quotation stands."""
        return self._touched(locate_quotation(text, self.folded))

    def _touched(self, found: Span | None) -> Span | None:
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

    def most(self, statement: Facts) -> float:
        """Return the largest share of a statement that a few sentences cover."""
        span = self.best(statement)
        return coverage(statement, self.facts_in(span)) if span else 0.0

    def body_span(self, sentences: Span | None) -> Span:
        """Return the offsets of sentences in the article's body; of the whole source for none."""
        first, last = sentences or (0, len(self.sentences) - 1)
        return self.source.start + self.sentences[first][0], self.source.start + self.sentences[last][1]

    def facts_in(self, sentences: Span | None) -> Facts:
        return joined(self.facts[sentences[0] : sentences[1] + 1] if sentences else ())

    def is_order(self, sentences: Span | None) -> bool:
        """Whether sentences speak to a language model."""
        return sentences is not None and any(holds_instructions(text) for text, _ in self.told_in(sentences))

    def told_in(self, sentences: Span | None) -> Iterator[tuple[str, Facts]]:
        """Yield the text and the facts of each sentence."""
        for i in range(sentences[0], sentences[1] + 1) if sentences else ():
            yield self.source.text[slice(*self.sentences[i])], self.facts[i]


# An answer that is being streamed is cited again with every piece: what is known of a source and of the sentences
# before the last stays known.
@lru_cache(maxsize=64)
def _shelved(source: Source, similarity: Similarity | None) -> _Shelved:
    return _Shelved(source, similarity)


@lru_cache(maxsize=1024)
def _check(statement: str, quotes: tuple[str, ...], cited: tuple[_Shelved, ...]) -> _Finding:
    if not cited:
        return _Finding()
    facts = facts_of(statement)
    spans: list[Span | None] = []
    literal = False
    for shelved in cited:
        whole = shelved.find(statement)
        literal = literal or (whole is not None and len(statement.split()) >= QUOTE_WORDS)
        quoted = next((found for quote in quotes if (found := shelved.find_quotation(quote))), None)
        spans.append(whole or shelved.best(facts, around=quoted))
    lost = () if literal else tuple(q for q in quotes if not any(shelved.find_quotation(q) for shelved in cited))
    if all(shelved.is_order(span) for shelved, span in zip(cited, spans, strict=True)):
        # 'Reply only with …': what an article tells a model to say bears nothing, however literally it was said.
        return _Finding(lost=lost)
    measured = support_of(
        facts,
        joined(shelved.facts_in(span) for shelved, span in zip(cited, spans, strict=True)),
        joined(shelved.about for shelved in cited),
        None if literal else _alike(statement, facts, cited, spans),
    )
    sources = tuple((shelved.source, shelved.body_span(span)) for shelved, span in zip(cited, spans, strict=True))
    is_quoting = any(len(quote.split()) >= MARKED_QUOTE_WORDS for quote in quotes)
    return _Finding(sources, _judge(measured, literal=literal, is_quoting=is_quoting, lost=bool(lost)), lost)


def _alike(statement: str, facts: Facts, cited: Sequence[_Shelved], spans: Sequence[Span | None]) -> float | None:
    """Return the largest cosine of a statement with a sentence that may bear it; None without a model or sentence."""
    similarity = cited[0].similarity
    told = [one for shelved, span in zip(cited, spans, strict=True) for one in shelved.told_in(span)]
    if similarity is None or not told:
        return None
    chosen = likeliest(facts, [known for _, known in told])
    return max(similarity(statement, [told[i][0] for i in chosen]))


def _judge(measured: Support, *, literal: bool, is_quoting: bool, lost: bool) -> Support:
    """Return the support of a statement: a true quotation lifts only what the words around it have earned too."""
    if literal or (is_quoting and not lost and measured == "supported"):
        return "quoted"
    return "weak" if lost and measured == "supported" else measured


@lru_cache(maxsize=1024)
def _bearer(statement: str, quotes: tuple[str, ...], sources: tuple[_Shelved, ...]) -> _Finding | None:
    """Return what the one source has that plainly bears a statement, the one with most of it where several do."""
    literal = [shelved for shelved in sources if shelved.find(statement)]
    if len(set(content_words(statement))) < TELLING_WORDS and not (literal and len(statement.split()) >= LITERAL_WORDS):
        return None
    facts = facts_of(statement)
    ranked = literal or sorted(sources, key=lambda shelved: -shelved.most(facts))
    findings = (_check(statement, quotes, (shelved,)) for shelved in ranked[:_BEARERS])
    return next((finding for finding in findings if finding.bears), None)


def _finished(text: str) -> str:
    """Return an unfinished text without the end that may turn out to be a link, a citation or half a word."""
    text = _UNFINISHED_WORD.sub("", text[:LONGEST_ANSWER_CHARS])
    while (shorter := _UNFINISHED_MARKUP.sub("", text)) != text:
        text = _UNFINISHED_WORD.sub("", shorter)
    # Where a sentence inside a quotation ends is known when the quotation does.
    return text[: unclosed_quotation(text)]


def _read(text: str, shelf: Mapping[int, _Shelved]) -> tuple[_Marked, list[str]]:
    """Return an answer without what could be opened and numbers that name no source, and warnings of both."""
    warnings = ["the answer was cut: it is too long"] if len(text) > LONGEST_ANSWER_CHARS else []
    text = with_raised_markers(clean_text(text[:LONGEST_ANSWER_CHARS])).strip()
    allowed = frozenset().union(*(shelved.addresses for shelved in shelf.values()))
    links, numbers = 0, dict[int, None]()
    # What is taken out may join what stood around it to something new: 'ht[9]tp://'.
    for _ in range(_ROUNDS):
        before = text
        text, count = without_links(text, allowed)
        text, unknown = without_unknown(with_plain_markers(text), shelf)
        links += count
        numbers |= dict.fromkeys(unknown)
        text = _GAP.sub("", _BLANKS.sub(" ", text.replace("](", "] ("))).strip()
        if text == before:
            break
    else:
        text = _BLANKS.sub(" ", _OPENABLE.sub(" ", text)).strip()
    if links:
        warnings.append(f"removed {links} link{'s' * (links > 1)} of the model's own")
    warnings += [f"removed [{number}]: there is no source {number}" for number in numbers]
    return _read_markers(text), warnings


def _read_markers(text: str) -> _Marked:
    plain = ""
    markers: list[_Marker] = []
    cuts: list[int] = []
    position = 0
    for match in MARKERS.finditer(text):
        before = plain + text[position : match.start()]
        after = text[match.end() :]
        # Alone on its line, it belongs to what stands above.
        is_alone = after[:1] in {"", "\n"} and bool(re.search(r"\w", before))
        opens = bool(_LINE_START.fullmatch(before, before.rfind("\n") + 1)) and not is_alone
        plain = before if opens else before.rstrip(" \t")
        trail = after[: len(after) - len(after.lstrip(" \t"))] if opens else ""
        position = match.end() + len(trail)
        numbers = tuple(dict.fromkeys(int(number) for number in MARKER.findall(match[0])))
        markers.append(_Marker(len(plain), numbers, before[len(plain) :], trail, opens))
        # 'the U.S. [1] said' goes on.
        if not opens and _SENTENCE_END.search(plain[-9:]) and not after.lstrip(" \t")[:1].islower():
            cuts.append(len(plain))
    return _Marked(plain + text[position:], tuple(markers), tuple(cuts))


def _drafts(marked: _Marked, shelf: Mapping[int, _Shelved], *, is_finished: bool) -> list[_Draft]:
    """Return the sentences, each checked by itself, but for the last one of an unfinished answer."""
    quotations = quotations_in(marked.plain)
    drafts: list[_Draft] = []
    sentences = _read_sentences(marked)
    for i, (span, markers) in enumerate(sentences):
        text = marked.plain[slice(*span)]
        cited = tuple(shelf[number] for number in dict.fromkeys(n for marker in markers for n in marker.numbers))
        quotes = tuple(_quoted_in(marked.plain, span, quotations))
        is_open = not is_finished and i == len(sentences) - 1
        finding = _Finding() if is_open else _find(text, quotes, cited, tuple(shelf.values()))
        line = marked.plain.count("\n", 0, span[0])
        drafts.append(_Draft(span, text, line, quotes, tuple(markers), cited, finding))
    return drafts


def _quoted_in(plain: str, span: Span, quotations: Sequence[Span]) -> Iterator[str]:
    """Yield what a sentence quotes; a quotation of several sentences is looked for sentence by sentence."""
    for start, end in quotations:
        part = plain[max(start, span[0]) : min(end, span[1])].strip()
        if re.search(r"\w", part):
            yield part


def _find(text: str, quotes: tuple[str, ...], cited: tuple[_Shelved, ...], every: tuple[_Shelved, ...]) -> _Finding:
    finding = _check(text, quotes, cited)
    if finding.bears:
        return finding
    if bearer := _bearer(text, quotes, every):
        return replace(bearer, is_moved=bool(cited))
    if cited:
        return finding
    return replace(finding, lost=tuple(q for q in quotes if not any(shelved.find_quotation(q) for shelved in every)))


def _inherited(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Return the sentences, those without a citation checked against what the next one of their paragraph cites.

    Many models cite once, at a paragraph's end.
    """
    known: list[_Draft] = []
    following: _Draft | None = None
    for draft in reversed(drafts):
        if following and draft.line != following.line:
            following = None
        if draft.cited:
            following = draft
        elif following and not draft.finding.cited:
            finding = _check(draft.text, draft.quotes, following.cited)
            known.append(draft if finding.support == "unsupported" else replace(draft, finding=finding))
            continue
        known.append(draft)
    return known[::-1]


def _certain(plain: str, drafts: Sequence[_Draft]) -> list[_Draft]:
    """Return the sentences of an unfinished answer that no further word changes."""
    if not drafts:
        return []
    *finished, last = drafts
    # Without a blank or a citation after it, more may join what looks like two sentences.
    while finished and not (finished[-1].cited or plain[finished[-1].span[1]].isspace()):
        last = finished.pop()
    for i, draft in enumerate(finished):
        is_open = draft.line == last.line and not any(later.cited for later in finished[i:])
        if is_open and not draft.finding.cited:
            return _inherited(finished[:i])
    return _inherited(finished)


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


def _assemble(
    marked: _Marked, drafts: Sequence[_Draft]
) -> tuple[str, tuple[Statement, ...], tuple[Citation, ...], list[str]]:
    """Put the markers in with their new numbers, and count the statements' offsets in the result."""
    numbering = _Numbering()
    numbers = [numbering.renumber(draft) for draft in drafts]
    pieces: list[str] = []
    inserted: list[tuple[int, int]] = []
    position = 0
    # A marker of ours stands after those of the model at the same place.
    new = [marker for marker in numbering.shown if not marker.numbers]
    for marker in sorted((*marked.markers, *new), key=lambda marker: marker.position):
        shown = "".join(f"[{number}]" for number in numbering.shown.get(marker, ()))
        shown = f"{marker.lead}{shown}{marker.trail}" if shown else ""
        if shown and not marker.trail and marked.plain[marker.position : marker.position + 1].strip(_AFTER_MARKER):
            shown += " "  # '[1](' would begin a link.
        pieces += (marked.plain[position : marker.position], shown)
        inserted.append((marker.position, len(shown)))
        position = marker.position
    answer = "".join((*pieces, marked.plain[position:]))
    statements: list[Statement] = []
    moved: list[str] = []
    for draft, citations in zip(drafts, numbers, strict=True):
        first = draft.span[0] + sum(length for place, length in inserted if place <= draft.span[0])
        last = draft.span[1] + sum(length for place, length in inserted if place < draft.span[1])
        statements.append(Statement(answer[first:last], first, last, citations, draft.finding.support))
        if draft.finding.is_moved:
            moved.append(f"the source cited for “{_shortened(draft.text)}” did not bear it; [{citations[0]}] does")
    return answer, tuple(statements), tuple(numbering.citations.values()), moved


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59].rsplit(' ', 1)[0]}…"
