"""Articles, or passages of them, → the claims that their sentences make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.claims.causes import Blame, find_causes
from assistant.claims.claim import OF_CAUSES, Claim, Measure
from assistant.claims.counts import Count, find_counts
from assistant.claims.events import event_of, part_at
from assistant.claims.speakers import (
    clause_at,
    is_denied,
    is_hedged,
    is_taken_back,
    speaker_of,
    tells_correction,
    tells_earlier,
)
from assistant.sentences import without_dateline
from store.records import day_of
from store.splitting import split_sentences

if TYPE_CHECKING:
    from store.records import ArticleRef, Hit

# A longer sentence is a list or a table.
_LONGEST_CHARS = 600


@dataclass(frozen=True, slots=True)
class Text:
    """A stretch of an article, ``text == body[start:]`` as far as it goes. ``copies`` are other prints of it."""

    article: ArticleRef
    text: str
    start: int = 0
    copies: tuple[ArticleRef, ...] = ()


def texts_of(hits: Sequence[Hit]) -> list[Text]:
    """Return the passages of hits, those of one article in the order of its body."""
    passages = sorted((hit.passage.article.id, hit.passage.start, place) for place, hit in enumerate(hits))
    chosen = (hits[place] for *_, place in passages)
    return [Text(hit.passage.article, hit.passage.text, hit.passage.start, hit.copies) for hit in chosen]


def measures_in(quotes: Iterable[str]) -> frozenset[Measure]:
    """Return what is counted or asked for in quotes, each of a sentence or more."""
    found: set[Measure] = set()
    for quote in quotes:
        before = ""
        for start, end in split_sentences(quote):
            counts, causes = _told(quote[start:end], before, None)
            found.update(count.measure for count in counts)
            found.update(blame.measure for blame in causes)
            before = quote[start:end]
    return frozenset(found)


def read_claims(texts: Sequence[Text], measures: AbstractSet[Measure] | None = None) -> list[Claim]:
    """Return the claims of all texts, or only those of some ``measures``; of one article each place once."""
    found: dict[tuple[str, int, str, object], Claim] = {}
    for text in texts:
        for claim in _claims_of(text, measures):
            found.setdefault((claim.article.id, claim.start, claim.measure, claim.value), claim)
    return list(found.values())


def _claims_of(text: Text, measures: AbstractSet[Measure] | None) -> Iterator[Claim]:
    spans = [without_dateline(text.text, span) for span in split_sentences(text.text)]
    sentences = [text.text[start:end] for start, end in spans]
    for i, (start, end) in enumerate(spans):
        if end - start > _LONGEST_CHARS or sentences[i].endswith("?"):
            continue
        place = (text.start + start, text.start + end)
        counts, causes = _told(sentences[i], sentences[i - 1] if i else "", measures)
        if counts or causes:
            yield from _claims_in(text, place, sentences, i, counts, causes)


def _told(sentence: str, before: str, measures: AbstractSet[Measure] | None) -> tuple[list[Count], list[Blame]]:
    if measures is None:
        return find_counts(sentence, before), find_causes(sentence)
    counts = find_counts(sentence, before) if measures - OF_CAUSES else []
    causes = find_causes(sentence) if measures & OF_CAUSES else []
    return [one for one in counts if one.measure in measures], [one for one in causes if one.measure in measures]


def _claims_in(
    text: Text,
    place: tuple[int, int],
    sentences: Sequence[str],
    i: int,
    counts: Sequence[Count],
    causes: Sequence[Blame],
) -> Iterator[Claim]:
    sentence, before = sentences[i], sentences[max(0, i - 3) : i]
    after = sentences[i + 1] if i + 1 < len(sentences) else ""
    article = text.article
    event = event_of(sentence, before, article.headline, day_of(article.published))
    is_correction = tells_correction(sentence)

    def claim(measure: str, countee: str, value: object, at: int) -> Claim:
        start, end = clause_at(sentence, at)
        clause = sentence[start:end]
        return Claim(
            article, *place, sentence, measure, countee, value,  # type: ignore[arg-type]
            replace(event, part=part_at(sentence, at)),
            speaker=speaker_of(sentence, at),
            is_hedged=is_hedged(clause, after),
            is_earlier=tells_earlier(clause),
            is_correction=is_correction,
            copies=text.copies,
        )  # fmt: skip

    for count in counts:
        yield claim(count.measure, count.countee, count.amount, count.start)
    for blame in causes:
        made = claim(blame.measure, "", blame.cause, blame.start)
        lead = sentence[clause_at(sentence, blame.start)[0] : blame.start]
        if blame.is_ruled_out or is_denied(lead):
            # What is taken back was said before; that it is taken back is new.
            made = replace(made, is_denied=True, is_earlier=made.is_earlier and not is_taken_back(lead))
        yield made
