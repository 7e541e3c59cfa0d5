"""Article → passages of whole sentences, with exact offsets into the body."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sentencex

Span = tuple[int, int]

# A passage is the unit that is embedded: 200 words are about 270 word pieces, inside bge-small's 512 with a headline.
PASSAGE_WORDS = 200

# No sentence of a newspaper is this long; tables and lists without full stops are. They are cut between words.
LONGEST_SENTENCE_WORDS = 300
LONGEST_WORD_CHARS = 2_000

# Titles that sentencex takes for the end of a sentence. A name follows them, so the sentence goes on.
_TITLE_AT_END = re.compile(r"(?:^|[\s(\"“‘])(?:Ms|Mx|Mme|Mlle|Spc|Amb|Pvt|Cpl|Supt|Insp|Det|Ald|Msgr|Ft|Mt)\.$")

_WORD = re.compile(r"\S+")
_LINE = re.compile(r"[^\n]+")


def split_sentences(body: str) -> list[Span]:
    """Return the spans of the sentences of ``body`` in order, without the blanks around them.

    A line break always ends a sentence: readers join wrapped lines before they store a body.
    """
    return [span for line in _LINE.finditer(body) for span in _split_line(body, line.start(), line.end())]


def split_passages(body: str, *, words: int = PASSAGE_WORDS) -> list[Span]:
    """Return the spans of passages of about ``words`` words: whole sentences, in order, without gaps or overlap.

    The words are shared out evenly, so a body of 450 words gives two passages and no short tail.
    """
    sentences = [(span, len(_WORD.findall(body, *span))) for span in split_sentences(body)]
    total = sum(length for _, length in sentences)
    if not total:
        return []
    share = total / max(1, round(total / words))
    passages: list[Span] = []
    start, taken = sentences[0][0][0], 0
    for i, ((_, end), length) in enumerate(sentences):
        taken += length
        following = sentences[i + 1][1] if i + 1 < len(sentences) else 0
        # Cut where the next sentence would lie mostly beyond the share's edge.
        if not following or taken + following / 2 > share * (len(passages) + 1):
            passages.append((start, end))
            start = sentences[i + 1][0][0] if following else end
    return passages


def _split_line(body: str, start: int, end: int) -> Iterator[Span]:
    line = body[start:end]
    opened, position = -1, 0
    for sentence in sentencex.segment("en", line):
        # sentencex keeps the text of a line but not always the blanks between sentences, so each is looked up.
        text = sentence.strip()
        if not text:
            continue
        found = line.index(text, position)
        position = found + len(text)
        if opened < 0:
            opened = found
        if _TITLE_AT_END.search(text) and position < len(line.rstrip()):
            continue
        yield from _cut_long(body, start + opened, start + position)
        opened = -1


def _cut_long(body: str, start: int, end: int) -> Iterator[Span]:
    if end - start <= LONGEST_SENTENCE_WORDS:  # Every word has a letter, so this many letters cannot be too many words.
        yield start, end
        return
    words = [piece for word in _WORD.finditer(body, start, end) for piece in _cut_word(word.start(), word.end())]
    for i in range(0, len(words), LONGEST_SENTENCE_WORDS):
        part = words[i : i + LONGEST_SENTENCE_WORDS]
        yield part[0][0], part[-1][1]


def _cut_word(start: int, end: int) -> Iterator[Span]:
    for position in range(start, end, LONGEST_WORD_CHARS):
        yield position, min(position + LONGEST_WORD_CHARS, end)
