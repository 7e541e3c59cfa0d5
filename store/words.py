"""Words of a text as the full-text index sees them: folded, stemmed, without the ones that carry no meaning."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise

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

# Words of the headline count five times. RealTimeQA, 246 questions, hit@10 / MRR@10 of the fused ranking: .963/.802
# with 5, .963/.799 with 3, .963/.804 with 2; of words alone .939/.771, .939/.769, .939/.756.
HEADLINE_WEIGHT = 5

# Verbs whose past a stemmer does not bring together with their present: 'when did he come' and 'he came'.
_IRREGULAR = """
arise arose arisen, beat beaten, become became, begin began begun, bite bit bitten, blow blew blown, break broke
broken, bring brought, build built, buy bought, catch caught, choose chose chosen, come came, deal dealt, draw drew
drawn, drink drank drunk, drive drove driven, eat ate eaten, fall fell fallen, feel felt, fight fought, find found,
flee fled, fly flew flown, forbid forbade forbidden, forget forgot forgotten, freeze froze frozen, grow grew grown,
hang hung, hear heard, hide hid hidden, hold held, keep kept, know knew known, lay laid, lead led, leave left, lend
lent, lie lay lain, lose lost, make made, mean meant, meet met, pay paid, ride rode ridden, ring rang rung, rise
rose risen, run ran, see saw seen, seek sought, sell sold, send sent, shake shook shaken, shoot shot, show showed
shown, sing sang sung, sink sank sunk, sit sat, sleep slept, speak spoke spoken, spend spent, stand stood, steal
stole stolen, strike struck stricken, swear swore sworn, swim swam swum, take took taken, teach taught, tear tore
torn, think thought, throw threw thrown, wake woke woken, wear wore worn, win won, withdraw withdrew withdrawn,
write wrote written
"""

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Return the words of ``text`` in order, folded as SQLite's ``unicode61 remove_diacritics 2`` folds them."""
    return _WORD.findall(_fold(text).replace("_", " "))


def content_words(text: str) -> tuple[str, ...]:
    """Return the words of ``text`` that carry meaning, stemmed (see ``stem``), in order, repeats kept."""
    return tuple(stem(word) for word in words(text) if word not in STOP_WORDS)


def query_words(text: str) -> tuple[str, ...]:
    """Return what to search for: the distinct meaningful words with their irregular forms, unstemmed.

    Where no word is meaningful, all are taken.
    """
    every = words(text)
    telling = [word for word in every if word not in STOP_WORDS]
    return tuple(dict.fromkeys(form for word in telling or every for form in (word, *forms(word))))


def query_terms(question: str) -> tuple[str, ...]:
    """Return what to look up in the full text: the meaningful words, and those that stand side by side as phrases."""
    every = words(question)
    pairs = [f"{one} {two}" for one, two in pairwise(every) if one not in STOP_WORDS and two not in STOP_WORDS]
    return (*query_words(question), *dict.fromkeys(pairs))


def forms(word: str) -> tuple[str, ...]:
    """Return the irregular forms of a verb, the present first, given any of them; nothing for other words."""
    return _forms().get(word, ())


@cache
def stem(word: str) -> str:
    """Return the Porter stem of a folded word, of an irregular past that of its present."""
    return index_stem(next(iter(forms(word)), word))


@cache
def _without_marks(character: str) -> str:
    """Return a Latin letter without its diacritics; 'й' and 'ή' are letters of their own, to SQLite as well."""
    base, *marks = list(unicodedata.normalize("NFD", character))
    return base if marks and base.isascii() and all(map(unicodedata.combining, marks)) else character


def _fold(text: str) -> str:
    """Return ``text`` as the full text compares it: lower case, Latin letters without their marks."""
    if text.isascii():
        return text.lower()
    return "".join(map(_without_marks, unicodedata.normalize("NFC", text.lower())))


def index_stem(word: str) -> str:
    """Return the stem under which the full-text index keeps a folded word.

    SQLite's Porter leaves words of one or two letters alone and has two later rules (logi → log, bli → ble).
    """
    if len(word) < 3:
        return word
    stemmed: str = _stemmer().stemWord(word)
    return stemmed[:-1] if stemmed.endswith(("logi", "bli")) else stemmed


@cache
def _forms() -> dict[str, tuple[str, ...]]:
    verbs = [tuple(verb.split()) for verb in _IRREGULAR.replace("\n", " ").split(",")]
    # 'lay' is both a present and a past: as a word of its own it keeps to its own forms.
    return {form: verb for verb in reversed(verbs) for form in verb} | {verb[0]: verb for verb in verbs}


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("porter")
