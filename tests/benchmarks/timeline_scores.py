"""How well a timeline agrees with a reference: its days, and what it says of them.

Alignment-based ROUGE-1 in its variant 'align+ m:1': Martschat & Markert, "Improving ROUGE for Timeline Summarization",
EACL 2017.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from store.words import index_stem

# By day its sentences.
Timeline = Mapping[date, Sequence[str]]

# What ROUGE leaves out: the common words of Salton's SMART system, and what is left of contractions.
STOP_WORDS = frozenset(
    """
a able about above according accordingly across actually after afterwards again against all allow allows almost alone
along already also although always am among amongst an and another any anybody anyhow anyone anything anyway anyways
anywhere apart appear appreciate appropriate are aren around as aside ask asking associated at available away awfully
b be became because become becomes becoming been before beforehand behind being believe below beside besides best
better between beyond both brief but by c came can cannot cant cause causes certain certainly changes clearly co com
come comes concerning consequently consider considering contain containing contains corresponding could couldn course
currently d definitely described despite did didn different do does doesn doing don done down downwards during e each
edu eg eight either else elsewhere enough entirely especially et etc even ever every everybody everyone everything
everywhere ex exactly example except f far few fifth first five followed following follows for former formerly forth
four from further furthermore g get gets getting given gives go goes going gone got gotten greetings h had hadn
happens hardly has hasn have haven having he hello help hence her here hereafter hereby herein hereupon hers herself
hi him himself his hither hopefully how howbeit however i ie if ignored immediate in inasmuch inc indeed indicate
indicated indicates inner insofar instead into inward is isn it its itself j just k keep keeps kept know known knows l
last lately later latter latterly least less lest let like liked likely little ll look looking looks ltd m mainly many
may maybe me mean meanwhile merely might more moreover most mostly much must my myself n name namely nd near nearly
necessary need needs neither never nevertheless new next nine no nobody non none noone nor normally not nothing novel
now nowhere o obviously of off often oh ok okay old on once one ones only onto or other others otherwise ought our
ours ourselves out outside over overall own p particular particularly per perhaps placed please plus possible
presumably probably provides q que quite qv r rather rd re really reasonably regarding regardless regards relatively
respectively right s said same saw say saying says second secondly see seeing seem seemed seeming seems seen self
selves sensible sent serious seriously seven several shall she should since six so some somebody somehow someone
something sometime sometimes somewhat somewhere soon sorry specified specify specifying still sub such sup sure t take
taken tell tends th than thank thanks thanx that thats the their theirs them themselves then thence there thereafter
thereby therefore therein theres thereupon these they think third this thorough thoroughly those though three through
throughout thru thus to together too took toward towards tried tries truly try trying twice two u un under
unfortunately unless unlikely until unto up upon us use used useful uses using usually uucp v value various ve very
via viz vs w want wants was wasn way we welcome well went were weren what whatever when whence whenever where
whereafter whereas whereby wherein whereupon wherever whether which while whither who whoever whole whom whose why
will willing wish with within without won wonder would wouldn x y yes yet you your yours yourself yourselves z zero
""".split()
)

_WORD = re.compile(r"[a-z0-9]+")
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Score:
    """Precision and recall, each from 0 to 1."""

    precision: float
    recall: float

    @property
    def f(self) -> float:
        return f_score(self.precision, self.recall)


def f_score(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def score_days(told: Collection[date], reference: Collection[date]) -> Score:
    """Return how many of the days told are in the reference, and the other way round."""
    shared = len(set(told) & set(reference))
    return Score(shared / len(set(told)) if told else 0.0, shared / len(set(reference)))


def score_texts(told: Timeline, reference: Timeline) -> Score:
    """Return align+ m:1 ROUGE-1: each day is compared with the one at the least cost, days may be shared.

    A match between days that lie d days apart counts 1 / (d + 1).
    """
    if not any(told.values()):
        return Score(0.0, 0.0)
    told_days, reference_days = ({day: _Text.of(texts) for day, texts in one.items()} for one in (told, reference))
    return Score(_share_found(told_days, reference_days), _share_found(reference_days, told_days))


@dataclass(frozen=True, slots=True)
class _Text:
    """The sentences of a day: ``terms`` as ROUGE counts them, ``tokens`` as days are aligned by."""

    terms: Counter[str]
    tokens: Counter[str]

    @classmethod
    def of(cls, sentences: Sequence[str]) -> _Text:
        words = (word for sentence in sentences for word in _WORD.findall(sentence.lower()))
        # ROUGE leaves words of up to three letters as they are.
        terms = Counter(index_stem(word) if len(word) > 3 else word for word in words if word not in STOP_WORDS)
        return cls(terms, Counter(token for sentence in sentences for token in _TOKEN.findall(sentence)))


def _share_found(days: Mapping[date, _Text], among: Mapping[date, _Text]) -> float:
    found, total = 0.0, 0
    for day in sorted(days):
        nearest = min(sorted(among), key=lambda other: _cost(day, days[day], other, among[other]))
        found += (days[day].terms & among[nearest].terms).total() * _closeness(day, nearest)
        total += days[day].terms.total()
    return found / total if total else 0.0


def _cost(day: date, text: _Text, other: date, others: _Text) -> float:
    shared = (text.tokens & others.tokens).total()
    alike = f_score(shared / max(1, text.tokens.total()), shared / max(1, others.tokens.total()))
    return (1 - _closeness(day, other)) * (1 - alike)


def _closeness(day: date, other: date) -> float:
    return 1 / (abs((day - other).days) + 1)
