"""The model that needs no model: it answers with the best sentences of the articles, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.citations import without_markers
from prompts import REFUSAL

if TYPE_CHECKING:
    from assistant.conversation import Source, Usage
    from assistant.llm import Prompt
    from assistant.sentences import Candidate

# An answer has at most so many sentences, and a further one only where it is not so much worse than the best: with a
# limit of 2 instead of 4 RealTimeQA lost one answer in twenty, without any it gained none.
MOST_SENTENCES = 3
WORTH_ADDING = 4.0

# Only the best are compared with each other.
_CONSIDERED = 40

# Two sentences that share this much of their words say the same; the less they share, the better (maximal marginal
# relevance, Carbonell & Goldstein, SIGIR 1998). On the 139 questions that the scores were fitted on .5 and 1 are best.
REPEAT = 0.7
SHARED_COSTS = 0.5


_ROUND = str.maketrans("[]", "()")
_ENDED = re.compile(r"[.!?…][\"'”’»)]*$")


class Extractive:
    """Chooses from the weighed sentences of the prompt's evidence and cites each."""

    @property
    def name(self) -> str:
        return "extractive"

    @property
    def context_tokens(self) -> int | None:
        return None

    def stream(self, prompt: Prompt) -> Iterator[str | Usage]:
        chosen = choose(prompt.candidates, prompt.sources)
        if not chosen:
            yield REFUSAL
            return
        before = ""
        for candidate, source in chosen:
            prompt.stop.check()
            # A '[2]' in an article's own text must not pass for a citation of ours, and no bracket may stand alone.
            text = without_markers(candidate.text).translate(_ROUND)
            yield f"{before}{text} [{source.number}]"
            # A headline has no full stop: only a new line ends it.
            before = " " if _ENDED.search(text) else "\n"


def choose(candidates: tuple[Candidate, ...], sources: tuple[Source, ...]) -> list[tuple[Candidate, Source]]:
    """Return the sentences to answer with and where they stand: the best first, further ones in the printed order."""
    left = [(candidate, source) for candidate in candidates[:_CONSIDERED] if (source := _source_of(candidate, sources))]
    chosen: list[tuple[Candidate, Source]] = []
    while left and len(chosen) < MOST_SENTENCES:
        shared = [max((_shared(one, other) for other, _ in chosen), default=0.0) for one, _ in left]
        left = [pair for pair, share in zip(left, shared, strict=True) if share < REPEAT]
        new = [share for share in shared if share < REPEAT]
        if not left:
            break
        worth = [candidate.score - SHARED_COSTS * share for (candidate, _), share in zip(left, new, strict=True)]
        place = worth.index(max(worth))
        if chosen and worth[place] < chosen[0][0].score - WORTH_ADDING:
            break
        chosen.append(left.pop(place))
    # The best sentence leads; the rest reads in the order in which it was printed.
    return chosen[:1] + sorted(chosen[1:], key=lambda pair: (pair[0].hit.rank, pair[0].start))


def _source_of(candidate: Candidate, sources: tuple[Source, ...]) -> Source | None:
    article = candidate.hit.passage.article.id
    for source in sources:
        if source.hit.passage.article.id == article and source.start <= candidate.start and candidate.end <= source.end:
            return source
    return None


def _shared(candidate: Candidate, other: Candidate) -> float:
    """Return the share of the shorter one's words that both have."""
    shared = len(candidate.stems & other.stems)
    return shared / max(1, min(len(candidate.stems), len(other.stems)))
