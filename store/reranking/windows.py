"""The stretch of a passage that is worth reading for a question: whole sentences around the match, within a budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from store.splitting import Span, split_sentences
from store.words import content_words

# A window holds the answer that its passage holds in .63 of 451 cases with 40 words, in .76 with 64, in .85 with 100;
# of equally good stretches of 64 the earliest holds it a little more often (.76) than the latest (.73) or the one with
# the match in its middle (.75). Blended, 100 words with the headline were the only ones on RealTimeQA to sink no
# answer-bearing article (6 up, 0 down of 246; 64 words: 6 up, 4 down). Whole passages were no better and cost twice.
WINDOW_WORDS = 100


@dataclass(frozen=True, slots=True)
class _Sentence:
    span: Span
    length: int
    found: Counter[str]


def window_of(text: str, query: str, *, max_words: int = WINDOW_WORDS) -> Span:
    """Return the span of the consecutive whole sentences of ``text`` that match ``query`` best.

    They have up to ``max_words`` words together, or are one sentence that is longer. Best is: the most different
    meaningful words of the query, then the most occurrences of them, then the earliest. A text without sentences gives
    an empty span.
    """
    wanted = frozenset(content_words(query))
    # A lone surrogate, which no stored text has, would stop the splitter; '?' in its place keeps every offset.
    text = text.encode("utf-8", "replace").decode("utf-8")
    sentences = [_read(text, span, wanted) for span in split_sentences(text)]
    best, best_score = (0, 0), (-1, -1)
    for start, end, found in _runs(sentences, max_words):
        score = (sum(count > 0 for count in found.values()), found.total())
        if score > best_score:
            best, best_score = (sentences[start].span[0], sentences[end - 1].span[1]), score
    return best


def text_to_read(headline: str, text: str, query: str, *, max_words: int = WINDOW_WORDS) -> str:
    """Return what a cross-encoder should read of a passage: its article's headline, then its window for ``query``.

    Read alone, windows of 64 words ranked RealTimeQA's ten best with MRR@10 .777, with the headline .804; with the day
    of publication as well .810, and blended there was no difference.
    """
    window = text[slice(*window_of(text, query, max_words=max_words))]
    return f"{headline}. {window}"


def _read(text: str, span: Span, wanted: frozenset[str]) -> _Sentence:
    sentence = text[slice(*span)]
    return _Sentence(span, len(sentence.split()), Counter(word for word in content_words(sentence) if word in wanted))


def _runs(sentences: Sequence[_Sentence], max_words: int) -> Iterator[tuple[int, int, Counter[str]]]:
    """Yield for every sentence the longest run from there that fits, and what is found in it.

    A sentence that is too long is a run by itself. The counts are those of the moment: the next step changes them.
    """
    found: Counter[str] = Counter()
    end = length = 0
    for start, first in enumerate(sentences):
        while end < len(sentences) and (end == start or length + sentences[end].length <= max_words):
            found.update(sentences[end].found)
            length += sentences[end].length
            end += 1
        yield start, end, found
        found.subtract(first.found)
        length -= first.length
