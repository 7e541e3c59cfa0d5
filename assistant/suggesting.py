"""Questions for who does not know yet what to ask: made of an archive's articles, and asked before they are shown."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import TYPE_CHECKING

from assistant.conversation import Answered, Searched
from assistant.injections import holds_instructions
from assistant.made_questions import MadeQuestion, make_fallbacks, make_from_headline, make_questions, make_quoting
from assistant.phrases import Case
from assistant.questions import read_question
from assistant.sentences import without_dateline
from store.splitting import split_sentences
from store.words import content_words, words

if TYPE_CHECKING:
    from assistant.conversation import Answer
    from store.archive import Archive
    from store.records import ArticleRef, Hit
    from store.sampling import Sampled

# Articles looked at: 0.1 s. Of RealTimeQA's one in thirteen has a sentence that a question is made of.
ARTICLES = 180

# Sentences of an article that are read: the news, not its background.
LEDE_SENTENCES = 14

# Questions asked at most of plain sentences, with those about what happened, and with those that quote; an answer takes
# 40 to 60 ms.
MOST_ASKED = (6, 10, 11)

# In an archive of no more articles any question is better than none.
FEW = 10

# Among so many hits the article of a question must be; of 87 questions that were answered 84 found it there.
FOUND_FIRST = 2

# How much of what a question asks for must stand in the first sentence of its answer, in words.
ANSWERED = 0.5
_EXPECTED_WORDS = 8

# What counts for and against a candidate besides its worth, from 0 to 1. Set by hand; in 25 samples of RealTimeQA who
# and how many were answered for .6 of the questions, what for .3, headlines for .6, names in up to 15 passages for .8.
_CHANCE = 0.6
_PRINTS = 0.1
_MOST_PRINTS = 4
_HEADLINE = 0.4
_LATE_SENTENCE = 0.02
_IN_HEADLINE = 0.3
_CLEAR = 1.5
_GRAPHIC, _NEVER = -0.6, -100.0
_SAME_FORM, _SAME_OUTLET, _SAME_NAME, _SAME_ARTICLE = -0.4, -0.15, -0.5, -1.0

# What stands under such headlines is no report: its statements are opinions, games, or told to be refuted.
_NO_REPORT = re.compile(
    r"\b(?:quiz|opinion|editorial|column|letters? to the editor|fact[- ]check|horoscopes?|crossword|podcast|newsletter"
    r"|live (?:updates|blog)|live\b.*\bupdates|recap|highlights|photos|gallery|in pictures|transcript|fast facts"
    r"|fun facts|corrections?|obituaries|roundup|things (?:you|to)|need to know|what (?:to|we) know|around our|briefing"
    r"|analysis|how to|sponsored|review|best|pros and cons|top \d+|\d+ (?:things|ways|reasons|best))\b|\?",
    re.IGNORECASE,
)
_GRAPHIC_WORDS = re.compile(
    r"\b(?:rap(?:e|es|ed|ist)|sex\w*|molest\w*|incest|porn\w*|suicid\w*|behead\w*|dismember\w*|mutilat\w*|tortur\w*|corpse"
    r"|naked|genital\w*|abus\w*|pedophil\w*|paedophil\w*|kill(?:s|ed|ing)?|murder\w*|stabb\w*|slain|massacre\w*|strangl\w*"
    r"|overdos\w*|drown\w*|died?|deaths?|dead|shot|shooting|burned|injur\w*|wound\w*)\b",
    re.IGNORECASE,
)
_TOO_GRAPHIC = re.compile(
    r"\b(?:rap(?:e|es|ed|ist)|molest\w*|incest|porn\w*|suicid\w*|behead\w*|dismember\w*|mutilat\w*|corpse|genital\w*"
    r"|pa?edophil\w*|fuck\w*|shit\w*|bitch\w*)\b",
    re.IGNORECASE,
)

_ENGLISH = frozenset("the of and to that in a is was for on with said".split())
_LEAST_ENGLISH = 0.1


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that the archive answers from ``article``."""

    question: str
    article: ArticleRef


@dataclass(frozen=True, slots=True)
class _Candidate:
    made: MadeQuestion
    article: ArticleRef
    sentence: int
    names: frozenset[str]
    stems: tuple[str, ...]
    score: float


def suggest_questions(
    archive: Archive, *, count: int = 3, day: date | None = None, answers: Callable[[str], Answer] | None = None
) -> tuple[Suggestion, ...]:
    """Return up to ``count`` different questions that the archive answers, the same all ``day`` long.

    ``answers`` asks a question; by default the archive's own sentences answer it, as of ``day``. Only what is answered
    from the article that a question was made of is returned; there may be fewer than ``count``, or none.
    """
    if archive.is_empty():
        return ()
    day = day or date.today()  # noqa: DTZ011 - the day on the asker's calendar is meant
    ask = _asking(answers) if answers else _asking_itself(archive, day)
    sample = [one for one in archive.sample(ARTICLES, seed=day.isoformat()) if not holds_instructions(one.lead)]
    chance = Random(day.isoformat())  # noqa: S311 - nothing is kept secret here
    chosen: list[_Candidate] = []
    asked = 0
    pools = (_plain(sample, chance), _others(sample, chance), _quoting(sample, chance))
    for pool, most in zip(pools, MOST_ASKED, strict=True):
        # What stands by itself comes first; each pool is made only where those before did not do.
        candidates = _weighed(list(pool), archive)
        while candidates and len(chosen) < count and asked < most:
            best = max(candidates, key=lambda one: one.score + _variety(one, chosen))
            candidates.remove(best)
            if best.score < _NEVER / 2 or any(_tells_of(best, other) for other in chosen):
                continue
            asked += 1
            answer = ask(best)
            if answer is not None and _is_answered(best, answer):
                chosen.append(best)
        if len(chosen) >= count:
            break
    return tuple(Suggestion(one.made.text, one.article) for one in chosen)


def _asking(answers: Callable[[str], Answer]) -> Callable[[_Candidate], Answer | None]:
    return lambda one: answers(one.made.text)


def _asking_itself(archive: Archive, day: date) -> Callable[[_Candidate], Answer | None]:
    """Return what answers with sentences of the archive; it gives up, None, where the article is not found first."""
    from assistant.answering import Answerer
    from assistant.llm.extractive import Extractive

    archive.warm_up()  # beside the making of questions
    answerer = Answerer(archive, Extractive(), today=day)

    def ask(one: _Candidate) -> Answer | None:
        for event in answerer.answer(one.made.text):
            if isinstance(event, Searched):
                if not any(one.article.id in _prints(hit) for hit in event.hits[:FOUND_FIRST]):
                    return None  # Saves half of the time: what another article says better is seldom answered from it.
            elif isinstance(event, Answered):
                return event.turn.answer
        return None

    return ask


# -- candidates --------------------------------------------------------------------------------------------------------


def _plain(sample: Sequence[Sampled], chance: Random) -> Iterator[_Candidate]:
    """Yield the questions made of plain sentences."""
    for one in sample:
        if is_report(one.article.headline) and _is_english(one):
            for sentence, made in _made_of(one):
                yield _candidate(one, made, sentence, chance)


def _made_of(one: Sampled) -> Iterator[tuple[int, MadeQuestion]]:
    case = Case(one.article.headline, one.lead)
    for made in make_from_headline(_without_outlet(one.article.headline), case):
        yield 0, made
    for i, span in enumerate(split_sentences(one.lead)[:LEDE_SENTENCES], 1):
        start, end = without_dateline(one.lead, span)
        for made in make_questions(one.lead[start:end], case):
            yield i, made


def _others(sample: Sequence[Sampled], chance: Random) -> Iterator[_Candidate]:
    """Yield questions about what happened or about a name."""
    for one in sample:
        if is_report(one.article.headline) and _is_english(one):
            case = Case(one.article.headline, one.lead)
            for made in make_fallbacks(one.article.headline, one.lead, case):
                yield _candidate(one, made, -1, chance)


def _quoting(sample: Sequence[Sampled], chance: Random) -> Iterator[_Candidate]:
    """Yield questions that quote a headline: of other languages, and where there is hardly anything else to ask."""
    for one in sample:
        if not is_report(one.article.headline) or (_is_english(one) and len(sample) > FEW):
            continue
        for made in make_quoting(_without_outlet(one.article.headline)):
            yield _candidate(one, made, -1, chance)


def is_report(headline: str) -> bool:
    """Whether a headline does not say that something else than a report stands under it."""
    return _NO_REPORT.search(headline) is None


def _candidate(one: Sampled, made: MadeQuestion, sentence: int, chance: Random) -> _Candidate:
    question = read_question(made.text)
    told = set(content_words(one.article.headline))
    score = (
        made.worth
        + _CHANCE * chance.random()
        + _HEADLINE * sum(stem in told for stem in question.stems) / max(1, len(question.stems))
        + _PRINTS * (min(one.prints, _MOST_PRINTS) - 1)
        + (_IN_HEADLINE if sentence == 0 else -_LATE_SENTENCE * max(sentence, 0))
        + (_GRAPHIC if _GRAPHIC_WORDS.search(made.text) else 0.0)
        + (_NEVER if _TOO_GRAPHIC.search(f"{made.text} {made.answer}") else 0.0)
    )
    return _Candidate(made, one.article, sentence, question.names, question.stems, score)


def _weighed(candidates: Sequence[_Candidate], archive: Archive) -> list[_Candidate]:
    """Return the candidates with how clearly they say what they mean: by the rarest of their words."""
    counts = archive.rough_counts({stem for one in candidates for stem in one.stems})
    passages = archive.counts().passages

    def clearness(one: _Candidate) -> float:
        rarest = min((counts[stem] for stem in one.stems), default=passages)
        return 1 - min(1.0, math.log(1 + rarest) / math.log(1 + passages))

    return [replace(one, score=one.score + _CLEAR * clearness(one)) for one in candidates]


def _is_english(one: Sampled) -> bool:
    if one.article.language and not one.article.language.lower().startswith("en"):
        return False
    said = words(one.lead)
    return bool(said) and sum(word in _ENGLISH for word in said) >= _LEAST_ENGLISH * len(said)


def _without_outlet(headline: str) -> str:
    return re.split(r" \| | [-–—] (?=[A-Z])", headline)[0]


# -- choice ------------------------------------------------------------------------------------------------------------


def _variety(one: _Candidate, chosen: Sequence[_Candidate]) -> float:
    """Return what a candidate loses for being like those already chosen."""
    return sum(
        _SAME_FORM * (one.made.form == other.made.form)
        + _SAME_OUTLET * (one.article.outlet == other.article.outlet and one.article.outlet is not None)
        + _SAME_NAME * bool(one.names & other.names)
        + _SAME_ARTICLE * (one.article.id == other.article.id)
        + _GRAPHIC * bool(_GRAPHIC_WORDS.search(one.made.text) and _GRAPHIC_WORDS.search(other.made.text))
        for other in chosen
    )


def _tells_of(one: _Candidate, other: _Candidate) -> bool:
    """Whether a question is the other one again, or gives its answer away."""
    if one.made.text == other.made.text:
        return True
    return one.article.id == other.article.id and (one.sentence == other.sentence or set(one.stems) <= set(other.stems))


def _is_answered(one: _Candidate, answer: Answer) -> bool:
    """Whether the first statement cites the article that the question is from, and says what was asked for."""
    if not answer.answered or not answer.statements or answer.warnings:
        return False
    first = answer.statements[0]
    cited = {citation.number for citation in answer.citations if one.article.id in _prints(citation.hit)}
    if not cited.intersection(first.citations):
        return False
    said = set(content_words(first.text))
    expected = content_words(one.made.answer)[:_EXPECTED_WORDS]
    return sum(stem in said for stem in expected) >= ANSWERED * len(expected)


def _prints(hit: Hit) -> set[str]:
    return {hit.passage.article.id, *(copy.id for copy in hit.copies)}
