"""The model that needs no model: it answers with the best sentences of the articles, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.citations import without_markers
from prompts import REFUSAL

if TYPE_CHECKING:
    from assistant.conversation import Source, Usage
    from assistant.evidence import Candidate
    from assistant.llm import Prompt

# An answer has at most so many sentences, and a further one only if it is nearly as good as the best.
MOST_SENTENCES = 3
WORTH_ADDING = 0.72

# Two sentences that share this much of their words say the same.
REPEAT = 0.6


class Extractive:
    """Chooses from the weighed sentences of the prompt's evidence and cites each."""

    @property
    def name(self) -> str:
        return "extractive"

    def stream(self, prompt: Prompt) -> Iterator[str | Usage]:
        chosen = choose(prompt.candidates, prompt.sources)
        if not chosen:
            yield REFUSAL
            return
        for i, (candidate, source) in enumerate(chosen):
            # A '[2]' in an article's own text must not pass for a citation of ours.
            yield f"{' ' if i else ''}{without_markers(candidate.text)} [{source.number}]"


def choose(candidates: tuple[Candidate, ...], sources: tuple[Source, ...]) -> list[tuple[Candidate, Source]]:
    """Return the sentences to answer with and where they stand: the best first, further ones in the printed order."""
    chosen: list[tuple[Candidate, Source]] = []
    for candidate in candidates:
        if len(chosen) == MOST_SENTENCES or (chosen and candidate.score < WORTH_ADDING * chosen[0][0].score):
            break
        source = _source_of(candidate, sources)
        if source is None or any(_repeats(candidate, other) for other, _ in chosen):
            continue
        chosen.append((candidate, source))
    # The best sentence leads; the rest reads in the order in which it was printed.
    return chosen[:1] + sorted(chosen[1:], key=lambda pair: (pair[0].hit.rank, pair[0].start))


def _source_of(candidate: Candidate, sources: tuple[Source, ...]) -> Source | None:
    article = candidate.hit.passage.article.id
    for source in sources:
        if source.hit.passage.article.id == article and source.start <= candidate.start and candidate.end <= source.end:
            return source
    return None


def _repeats(candidate: Candidate, other: Candidate) -> bool:
    shared = len(candidate.stems & other.stems)
    return shared >= REPEAT * max(1, min(len(candidate.stems), len(other.stems)))
