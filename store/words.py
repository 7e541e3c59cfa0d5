"""Words of a text as the full-text index sees them: folded, stemmed, without the ones that carry no meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

import Stemmer

# Function words, and the words that questions are made of. SQLite's bm25 gives the commonest words almost no weight,
# but it must read their whole lists: six of them cost 117 ms at 50,000 passages, rare words 7 ms.
STOP_WORDS = frozenset(
    """a about above after again against all also am among an and any are aren around as at be because been before
    being below between both but by can could couldn d did didn do does doesn doing don done down during each
    either else ever every few for from further get gets getting give given go goes got had hadn has hasn have
    haven having he hence her here hers herself him himself his how however i if in instead into is isn it its
    itself just let like ll m many many may me might mine more most much must my myself near neither next no nor
    not now of off often on once only onto or other others our ours out over own per perhaps please quite rather
    re really s said same say says shall she should shouldn since so some such t tell than that the their theirs
    them themselves then there these they this those though through thus till to too toward towards under until
    unto up upon us ve very via was wasn we well were weren what whatever when whenever where wherever whether
    which whichever while who whoever whom whose why will with within without won would wouldn yes yet you your
    yours yourself""".split()
)

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Return the words of ``text`` in order, folded as SQLite's ``unicode61 remove_diacritics 2`` folds them."""
    return _WORD.findall(_fold(text).replace("_", " "))


def content_words(text: str) -> tuple[str, ...]:
    """Return the words of ``text`` that carry meaning, stemmed (Porter, as the index does), in order, repeats kept."""
    return tuple(stem(word) for word in words(text) if word not in STOP_WORDS)


def query_words(text: str) -> tuple[str, ...]:
    """Return what to search for: the distinct meaningful words, unstemmed, or all words where none is meaningful."""
    every = words(text)
    telling = [word for word in every if word not in STOP_WORDS]
    return tuple(dict.fromkeys(telling or every))


def stem(word: str) -> str:
    """Return the Porter stem of one folded word."""
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


def stem_all(texts: Iterable[str]) -> list[str]:
    """Return the Porter stems of folded words, in order."""
    stemmed: list[str] = _stemmer().stemWords(list(texts))
    return stemmed


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text.lower())
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("porter")
