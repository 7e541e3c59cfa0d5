"""Whether two bodies are prints of one story: shingles to compare them by, and a small sketch to find candidates by.

Nothing here depends on the machine, the run or the order in which articles come.
"""

from __future__ import annotations

import heapq
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

# Words a shingle has. Figures: `tests/benchmarks/copies.py --sweep`.
SHINGLE_WORDS = 4

# The smallest hashes of a body's shingles that are kept of it (bottom-k: Broder, 'On the resemblance and containment of
# documents', 1997).
SKETCH_HASHES = 24

# Two bodies are compared where their sketches share so many hashes, and where what the sketches tell of the containment
# comes to so much: well below what is asked for, since a third of a story has eight hashes to tell it by.
SHARED_HASHES = 2
ESTIMATED_CONTAINMENT = 0.25

# The share of the shorter body's shingles that stand in the longer one, from which on they are prints of one story.
CONTAINMENT = 0.55

# Prints of one outlet are near the same from end to end: what it puts out again with much that is new is news.
RESEMBLANCE = 0.8

# No more of a body is looked at: 30,000 words of English, more than any story has.
LONGEST_CHARS = 200_000

# A body of fewer words is compared as a whole only.
SHORT_WORDS = 30

# What two prints share begins behind so many words in both at the latest, behind a new lead. What begins later is
# background that a follow-up takes over, or one part of a roundup. It begins where half of twenty shingles in a row
# are shared: a phrase that stands before by chance does not count.
LEAD_WORDS = 100
RUN = 20

# How much more of the shorter body may stand in the longer one when names and figures are not looked at.
FILLED_IN = 0.2

# A body with a smaller share of the headline's words may be what a website shows in place of an article. Of 4,863
# scraped pages 4.5 % are below, among them two such texts under dozens of headlines.
HEADLINE_SHARE = 0.4

# Scripts written without blanks between words: each letter counts as a word.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Signs that stand within words, of which Python's \w knows nothing: accents, vowel points and signs.
_SIGNS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u0900-\u0963\u0970-\u0dff\u200c\u200d"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}][\w{_SIGNS}]*")

_TITLE_PARTS = re.compile(r"\s[|–—-]\s")

_AGENCIES = frozenset(
    name.strip()
    for name in """aap; afp; agence france-presse; agerpres; anadolu; anp; ansa; ansa.it; ap; ap news; apa; apnews.com;
    associated press; australian associated press; belga; bta; canadian press; ddp; dpa; efe; ians; interfax; itar-tass;
    keystone-sda; kyodo; kyodo news; lusa; mti; ntb; pa; pa media; pap; press trust of india; pti; reuters; reuters.com;
    ritzau; ritzaus bureau; sda; sid; tanjug; tass; tass.com; tidningarnas telegrambyrå; ukrinform; united press
    international; upi; upi.com; xinhua; xinhuanet.com; yonhap; čtk""".split(";")
)
_AGENCY = re.compile(
    r"\b(?:news\s?wire|wire|wire service|news agency|press agency|press association|press service|nachrichtenagentur"
    r"|presse-?agentur|agence de presse|agencia de noticias|agenzia di stampa)\b"
)


@dataclass(frozen=True)
class Shingles:
    """What a body is compared by: ``sequence`` holds the hash of every ``SHINGLE_WORDS`` words in a row, in order."""

    text: str
    words: int
    sequence: tuple[int, ...]
    whole: int

    @cached_property
    def distinct(self) -> frozenset[int]:
        return frozenset(self.sequence)

    @cached_property
    def blanked(self) -> frozenset[int]:
        """The shingles of the body with each run of names and figures made the same."""
        blanked: list[str] = []
        for word in _WORD.findall(self.text):
            if not (word[0].isupper() or word[0].isdigit()):
                blanked.append(word)
            elif not blanked or blanked[-1] != "0":
                blanked.append("0")
        return frozenset(_hashes(blanked))

    @property
    def is_short(self) -> bool:
        return self.words < SHORT_WORDS


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two bodies share, as shares of distinct shingles: of the shorter one, and of both together."""

    containment: float
    resemblance: float


def shingle(body: str) -> Shingles:
    """Take a body apart. Case, punctuation, accents' encoding and line breaks make no difference."""
    text = unicodedata.normalize("NFKC", body[:LONGEST_CHARS])
    words = _WORD.findall(text.casefold())
    return Shingles(text, len(words), tuple(_hashes(words)), crc32(" ".join(words).encode("utf-8", "surrogatepass")))


def sketch(shingles: Shingles) -> tuple[int, ...]:
    """Return the hashes, in [0, 2**32) and ascending, by which candidates are found.

    A short body has only one, for the whole of it. Of two bodies those hashes are the same that belong to what they
    share and are small enough for both, so a third of a story still shares a third of the story's sketch.
    """
    if shingles.is_short:
        return (shingles.whole,) if shingles.words else ()
    return tuple(heapq.nsmallest(SKETCH_HASHES, shingles.distinct))


def may_be_prints(a: Sequence[int], b: Sequence[int]) -> bool:
    """Return whether two sketches, ascending as ``sketch`` gives them, are worth a look at the bodies.

    Below the smaller of their largest hashes both sketches are complete samples of their bodies' shingles, so the
    share in common there estimates the containment.
    """
    if not a or not b:
        return False
    end = min(a[-1], b[-1])
    fewest = min(bisect_right(a, end), bisect_right(b, end))
    shared = len(set(a).intersection(b))
    return shared >= max(min(SHARED_HASHES, len(a), len(b)), ESTIMATED_CONTAINMENT * fewest)


def likeness(a: Shingles, b: Shingles) -> Likeness:
    """Measure what two bodies share."""
    if a.is_short or b.is_short:
        same = float(a.words == b.words and a.whole == b.whole)
        return Likeness(same, same)
    shared = len(a.distinct & b.distinct)
    shorter = min(len(a.distinct), len(b.distinct))
    return Likeness(shared / shorter, shared / (len(a.distinct) + len(b.distinct) - shared))


def are_prints(a: Shingles, b: Shingles, *, same_outlet: bool = False) -> bool:
    """Return whether two bodies are prints of one story.

    Of different outlets most of the shorter must stand in the longer, and from its beginning; of one outlet both must
    be near the same. Reports that fill other names and figures into the same sentences are not prints.
    """
    like = likeness(a, b)
    if like.resemblance == 1.0:
        return True
    if like.containment < CONTAINMENT or (same_outlet and like.resemblance < RESEMBLANCE):
        return False
    return max(beginning(a, b), beginning(b, a)) <= LEAD_WORDS and filled_in(a, b) <= FILLED_IN


def beginning(of: Shingles, other: Shingles) -> int:
    """Return behind how many words of a body the text begins that it shares with the other."""
    places = [place for place, one in enumerate(of.sequence) if one in other.distinct]
    half = RUN // 2
    runs = (first for first, last in zip(places, places[half - 1 :], strict=False) if last - first < RUN)
    return next(runs, places[0] if places else of.words)


def filled_in(a: Shingles, b: Shingles) -> float:
    """Return how much more of the shorter body the longer one holds when names and figures are not looked at."""
    blanked = len(a.blanked & b.blanked) / max(1, min(len(a.blanked), len(b.blanked)))
    return blanked - likeness(a, b).containment


def is_about(headline: str, body: str) -> bool:
    """Return whether a body has to do with its headline.

    Websites give every reader who has not paid the same text under all headlines: two such bodies are equal, but no
    prints of one story.
    """
    # Behind a dash or bar stands the name of the outlet, which boilerplate holds too.
    title = max(_TITLE_PARTS.split(headline), key=len)
    wanted = {word for word in _words(title) if len(word) > 3 or not word.isascii()}
    return not wanted or len(wanted & set(_words(body[:LONGEST_CHARS]))) >= HEADLINE_SHARE * len(wanted)


def is_agency(outlet: str | None) -> bool:
    """Return whether an outlet is a news agency, by its name."""
    folded = (outlet or "").casefold().strip().removeprefix("the ").removeprefix("www.")
    return folded in _AGENCIES or _AGENCY.search(folded) is not None


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _hashes(words: Sequence[str]) -> list[int]:
    rows = [words[i:] for i in range(SHINGLE_WORDS)]
    return [crc32(" ".join(run).encode("utf-8", "surrogatepass")) for run in zip(*rows, strict=False)]
