"""How well a text bears a statement, measured without a model: its words and their order, names, numbers, negations."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice, pairwise, takewhile
from math import exp, sqrt
from typing import TYPE_CHECKING, NamedTuple, Protocol

from assistant.conversation import Support
from store.records import day_of
from store.words import STOP_WORDS, content_words, stem, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from store.records import ArticleRef

# For the choice of a span a name or number counts twice a word.
_NAME_WEIGHT = 2
_NUMBER_WEIGHT = 2
# Letters that stems must share to be compared, which share of the longer one, and what such a match counts.
_BEGINNING = 4
_ALIKE = 0.6
_SAME_BEGINNING = 0.8
_NEAR = 3
# Shares of a statement's word pairs that stand in the evidence: up to this it is in its own words, from that copied.
_NOT_COPIED = 0.6
_COPIED = 0.9
# How many sentences a model compares with a statement at most.
_COMPARED = 3
# Logistic regression, in the order of Signs, without and with the cosine of bge-small-en-v1.5. Fitted on half of
# AttributionBench dev, WiCE dev and QAGS, every set and label weighing the same, every set with a bias of its own; the
# bias here is that of AttributionBench, whose references are short, as is what an answer cites.
_WEIGHTS, _BIAS = (0.22, 1.30, 0.92, 0.78, 0.52, 1.14, 2.31, 1.40, 3.43), -4.93
_ALIKE_WEIGHTS, _ALIKE_WEIGHT, _ALIKE_BIAS = (0.39, 0.66, 0.79, 0.52, 0.30, 1.16, 2.36, 1.20, 3.13), 5.01, -8.53
# The scores are balanced at one half; the label asks for more, because a wrong 'supported' costs more than a 'weak':
# on that half of AttributionBench .77 of what it calls supported is.
_SUPPORTED = 0.65
_WEAK = 0.22
_FEW = 0.4

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve".split()
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ONES = "|".join(_SMALL[1:10])
_SPELLED = {word: value for value, word in enumerate(_SMALL + _TEENS)} | {
    word: 10 * value for value, word in enumerate(_TENS, 2)
}
_MAGNITUDES = {"hu": 10**2, "th": 10**3, "k": 10**3, "m": 10**6, "mi": 10**6, "mn": 10**6, "b": 10**9, "bi": 10**9}
_MAGNITUDES |= {"bn": 10**9, "tr": 10**12}
# How far a number may lie from the one that is meant where the text itself says 'about' or 'more than'.
_ROUGHLY = 0.05
_MONTHS = "January February March April May June July August September October November December".split()

# Nouns and adjectives of places that share no stem.
_SAME_PLACE = """
france french, spain spanish, wales welsh, ireland irish, poland polish, denmark danish, sweden swedish, finland
finnish, turkey turkish, greece greek, netherlands dutch, england english, scotland scottish, britain british uk,
switzerland swiss, norway norwegian, china chinese, japan japanese, thailand thai, us america american
"""
# Pairs of which one is not the other: a statement that has one where its evidence has only the other is not borne.
_OPPOSITES = """
rise fall, increase decrease, gain lose, win lose, accept refuse, approve reject, support oppose, confirm deny, open
close, arrive depart, begin end, start finish, more fewer, more less, higher lower, highest lowest, largest smallest,
most least, best worst, up down, before after, first last, north south, east west, northern southern, eastern western,
guilty innocent, convict acquit, allow ban, legal illegal, buy sell, hire dismiss, raise cut, raise lower, rise drop,
rise decline, increase fall, increase drop, increase decline, grow shrink, success failure, succeed fail, safe unsafe,
profit loss, ahead behind, early late, male female, man woman, men women, husband wife, father mother, son daughter,
brother sister, victory defeat, ally enemy, agree disagree, join leave, birth death, minimum maximum, old young
"""

# What turns the next words round, and how many that carry meaning it reaches; and what leaves them open.
_DENIALS = {
    **dict.fromkeys("no not cannot never nobody none nothing neither nor without fail".split(), 2),
    **dict.fromkeys("deny reject refuse refute dismiss".split(), 4),
}
_HEDGES = dict.fromkeys(
    "may might could possibly perhaps allege allegedly reportedly unconfirmed rumour rumor".split(), 2
)
_SAID = "said|says|told|tells|added|adds|announced|announces|warned|warns|claimed|claims|argued|wrote|insisted|denied"

# Compiled when first needed: all of them take 4 ms, and a start without a question checks nothing.
_PATTERNS = {
    "spelled number": rf"(?i)(?<!no )(?<!any )(?<!the )\b(?:(?P<tens>{'|'.join(_TENS)})(?:[- ](?P<ones>{_ONES}))?"
    rf"|(?P<plain>one(?! of| another)|{'|'.join(_SMALL[2:] + _TEENS)}))\b",
    "number": r"(?i)(?P<roughly>\b(?:about|almost|around|nearly|over|roughly|some|more than|less than|fewer than|up to)"
    r"\s)?[$€£]?(?P<number>\d+(?:[.,:]\d+)*)(?:[ -]?(?P<magnitude>hundred|thousand|million|billion|trillion|k|mn?|bn?)"
    r"\b)?",
    "capitalised": r"(?<!^)(?<![.!?]\s)(?<![\"“‘'(])\b[^\W\d_a-zß-öø-ÿ][^\W\d_]+",
    "named first": r"(?:^|(?<=[.!?]\s)|(?<=[\"“‘'(]))[^\W\d_a-z][^\W\d_]+(?= [^\W\d_a-z][^\W\d_]+)",
    # The month, which the word 'may' would hide.
    "May": r"\bMay\b(?= \d)|(?<=\d )May\b|(?<=[Ii]n )May\b|(?<=[Oo]f )May\b|(?<=since )May\b|(?<=until )May\b",
    "mark": r"\w+(?:['’]\w+)?|[^\w\s]",
    "speaker": rf"(?P<before>[A-Z][\w-]+)(?:,[^,.]{{1,60}},)?(?: also| later| then)? (?:{_SAID})\b"
    r"|\b(?:said|says|added|warned) (?:[\w-]+ ){0,3}?(?P<after>[A-Z][\w-]+)\b(?! (?:said|says))",
}


# A dataclass of as many fields takes 1 ms to make, and every start would pay it.
class Facts(NamedTuple):
    """What a text can be checked by.

    ``words`` are the stems of its telling words, ``names`` those of names, ``numbers`` plain digits, with '~' before
    those that the text calls rough. ``sentences`` holds all stems in order. ``denied`` and ``hedged`` are telling words
    that the text turns round or leaves open, ``plain`` those that it says outright. ``speakers`` are whom it cites, and
    ``echoes`` other words for what it names.
    """

    words: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    sentences: tuple[tuple[str, ...], ...] = ()
    plain: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    hedged: frozenset[str] = frozenset()
    speakers: frozenset[str] = frozenset()
    echoes: frozenset[str] = frozenset()

    @property
    def weight(self) -> int:
        return len(self.words) + _NAME_WEIGHT * len(self.names) + _NUMBER_WEIGHT * len(self.numbers)

    @property
    def told(self) -> frozenset[str]:
        return self.words | self.names | self.echoes


def facts_of(text: str) -> Facts:
    """Return the facts of a sentence. A lone capitalised word that begins it counts as a word, not as a name."""
    counted = _pattern("spelled number").sub(_spelled_number, _pattern("May").sub("Maius", text))
    telling = frozenset(_stems(counted))
    forms = (_pattern("named first"), _pattern("capitalised"))
    found = {match.start(): match[0] for form in forms for match in form.finditer(counted)}
    capitalised = [found[start] for start in sorted(found) if found[start].lower() not in STOP_WORDS]
    names = frozenset(name for word in capitalised for name in _stems(word)) & telling
    speakers = (match["before"] or match["after"] for match in _pattern("speaker").finditer(text))
    plain, denied, hedged = _stances(counted)
    return Facts(
        telling - names,
        names,
        frozenset(map(_plain_number, _pattern("number").finditer(counted))),
        (tuple(map(stem, words(_pattern("number").sub(_settled_number, counted)))),),
        plain,
        denied,
        hedged,
        frozenset(name for speaker in speakers for name in _stems(speaker)),
        frozenset(_acronyms(capitalised)) | frozenset(one for word in telling for one in _places().get(word, ())),
    )


def facts_about(article: ArticleRef) -> Facts:
    """Return the facts that a statement may take from an article's own description: who, where, when, headline."""
    published = day_of(article.published)
    day = f"{published.day} {_MONTHS[published.month - 1]} {published.year}" if published else ""
    told = facts_of(" ".join((article.outlet or "", *article.authors, article.place or "", article.headline, day)))
    return Facts(told.words, told.names, told.numbers, told.sentences, echoes=told.echoes)


def joined(facts: Iterable[Facts]) -> Facts:
    """Return the facts of several texts together, in their order."""
    every = tuple(facts)
    return Facts(
        frozenset().union(*(one.words for one in every)),
        frozenset().union(*(one.names for one in every)),
        frozenset().union(*(one.numbers for one in every)),
        tuple(sentence for one in every for sentence in one.sentences),
        frozenset().union(*(one.plain for one in every)),
        frozenset().union(*(one.denied for one in every)),
        frozenset().union(*(one.hedged for one in every)),
        frozenset().union(*(one.speakers for one in every)),
        frozenset().union(*(one.echoes for one in every)),
    )


def coverage(statement: Facts, evidence: Facts) -> float:
    """Return the weighted share, in [0, 1], of a statement's facts that ``evidence`` has; 0 when it has none."""
    covered = (
        len(statement.words & evidence.told)
        + _NAME_WEIGHT * len(statement.names & evidence.told)
        + _NUMBER_WEIGHT * len(statement.numbers & evidence.numbers)
    )
    return covered / statement.weight if statement.weight else 0.0


class Similarity(Protocol):
    """An embedding model's opinion. ``_ALIKE_WEIGHTS`` are for bge-small-en-v1.5: another's cosines lie elsewhere."""

    def __hash__(self) -> int:
        """Return the same for the same model: what was found with it is kept."""

    def __call__(self, statement: str, sentences: Sequence[str]) -> list[float]:
        """Return the cosine of a statement with each sentence, in [-1, 1], in order."""


def likeliest(statement: Facts, sentences: Sequence[Facts]) -> list[int]:
    """Return which sentences a statement is worth comparing with, three at most: each adds most to those before."""
    left, found = statement, list[int]()
    while len(found) < min(_COMPARED, len(sentences)):
        rest = [i for i in range(len(sentences)) if i not in found]
        best = max(rest, key=lambda i: (coverage(left, sentences[i]), coverage(statement, sentences[i]), -i))
        found.append(best)
        told = sentences[best]
        left = Facts(left.words - told.told, left.names - told.told, left.numbers - told.numbers)
    return found


class Signs(NamedTuple):
    """What speaks for a statement in its evidence, each in [0, 1], but ``broken``, which speaks against it.

    ``covered``, ``closest`` and ``near`` are the shares of its telling words in all of it, in the best sentence and in
    the best three in a row; in ``covered`` a word of the same beginning counts in part. ``pairs`` says how close
    neighbours stay, ``together`` which share of near words shares a sentence. ``named`` and ``counted`` fall with every
    name and number that is missing. ``copied`` says how far it is in the evidence's own words; ``broken``, in [-1, 0],
    is low for what is copied in many short pieces: every word is there and means little.
    """

    covered: float
    closest: float
    near: float
    pairs: float
    together: float
    named: float
    counted: float
    copied: float
    broken: float


def signs_of(statement: Facts, evidence: Facts) -> Signs:
    """Return what speaks for ``statement`` in all of ``evidence``."""
    said = [word for sentence in statement.sentences for word in sentence]
    telling = [word for word in said if word in statement.words or word in statement.names or word.isdigit()]
    distinct = list(dict.fromkeys(telling))
    bags = [frozenset(sentence) for sentence in evidence.sentences]
    told = evidence.told.union(*bags)
    count = max(1, len(distinct))
    runs = (frozenset().union(*bags[i : i + _NEAR]) for i in range(max(1, len(bags) - _NEAR + 1)))
    copied = (_share_of_bigrams(said, evidence.sentences) - _NOT_COPIED) / (_COPIED - _NOT_COPIED)
    copied = min(1.0, max(0.0, copied))
    return Signs(
        covered=sum(_match(word, told) for word in distinct) / count,
        closest=max((len(bag.intersection(distinct)) for bag in bags), default=0) / count,
        near=max(len(run.intersection(distinct)) for run in runs) / count,
        pairs=_closeness(telling, evidence.sentences),
        together=_togetherness(distinct, bags),
        named=1 / (1 + len(_missing_names(statement, evidence))),
        counted=1 / (1 + len(_missing_numbers(statement, evidence))),
        copied=copied,
        broken=copied * (_wholeness(said, evidence.sentences) - 1) if copied else 0.0,
    )


def support_score(statement: Facts, evidence: Facts, alike: float | None = None) -> float:
    """Return how likely, in [0, 1], the statement is borne out by all of ``evidence``.

    ``alike`` is the largest cosine (see ``Similarity``) of the statement with one of the ``likeliest`` sentences.
    """
    return _chance(signs_of(statement, evidence), alike)


def _chance(signs: Signs, alike: float | None) -> float:
    weights, bias = (_WEIGHTS, _BIAS) if alike is None else (_ALIKE_WEIGHTS, _ALIKE_BIAS + _ALIKE_WEIGHT * alike)
    return 1 / (1 + exp(-bias - sum(weight * sign for weight, sign in zip(weights, signs, strict=True))))


def support_of(statement: Facts, evidence: Facts, about: Facts, alike: float | None = None) -> Support:
    """Return how ``evidence``, with what is known ``about`` its article, bears a statement; never ``quoted``.

    What the evidence contradicts, and a name or number that is not there, is at most ``weak``.
    """
    if not statement.weight:
        return "weak"
    told = joined((evidence, about))
    score = support_score(statement, told, alike)
    if score < _WEAK or coverage(statement, told) < _FEW:
        return "unsupported"
    return "supported" if score >= _SUPPORTED and not _objections(statement, evidence, told) else "weak"


def _objections(statement: Facts, evidence: Facts, told: Facts) -> bool:
    """Return whether something in a statement must not be taken from its evidence, however many words they share."""
    return bool(
        _missing_names(statement, told)
        or _missing_numbers(statement, told)
        or (statement.denied - statement.plain) & (evidence.plain - evidence.denied)
        or (statement.plain - statement.denied) & (evidence.denied - evidence.plain)
        or (statement.plain - statement.hedged) & (evidence.hedged - evidence.plain)
        or (statement.speakers and evidence.speakers and not statement.speakers & evidence.speakers)
        or any(_opposites().get(word, frozenset()) & evidence.words for word in statement.words - told.told)
        or _turned_round(statement, evidence)
    )


def _missing_names(statement: Facts, evidence: Facts) -> set[str]:
    told = evidence.told
    acronyms = statement.echoes & evidence.names
    missing = {name for name in statement.names - told if not any(name[0] in acronym for acronym in acronyms)}
    return {name for name in missing if not _match(name, told)}


def _missing_numbers(statement: Facts, evidence: Facts) -> set[str]:
    known = {number.lstrip("~") for number in evidence.numbers}
    missing = {number for number in statement.numbers if number.lstrip("~") not in known}
    return {number for number in missing if not _is_near(number, evidence.numbers)}


def _turned_round(statement: Facts, evidence: Facts) -> bool:
    """Return whether a name does to another what the evidence says the other way round."""
    names = statement.names | evidence.names
    said = {act for sentence in statement.sentences for act in _acts(sentence, names)}
    told = {act for sentence in evidence.sentences for act in _acts(sentence, names)}
    return any((whom, verb, who) in told and (who, verb, whom) not in told for who, verb, whom in said)


def _acts(sentence: Sequence[str], names: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Yield who, what and whom for every two names that follow each other; 'by' after a verb turns them round."""
    ends = [i for i, word in enumerate(sentence) if word in names and (*sentence, "")[i + 1] not in names]
    for first, second in pairwise(ends):
        between = sentence[first + 1 : second]
        who, whom = sentence[first], sentence[second]
        for verb in between:
            if verb not in names and verb not in STOP_WORDS:
                yield (whom, verb, who) if "by" in between else (who, verb, whom)


def _match(word: str, told: frozenset[str]) -> float:
    """Return 1 where a stem is told, a part of it where only one of the same beginning is, else 0."""
    if word in told:
        return 1.0
    if len(word) < _BEGINNING or word.isdigit():
        return 0.0
    start = word[:_BEGINNING]
    return max((_alike(word, other) for other in told if other.startswith(start)), default=0.0)


def _alike(word: str, other: str) -> float:
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(word, other, strict=False)))
    return _SAME_BEGINNING if same >= _ALIKE * max(len(word), len(other)) else 0.0


def _share_of_bigrams(said: Sequence[str], sentences: Sequence[Sequence[str]]) -> float:
    wanted = list(pairwise(said))
    told = {pair for sentence in sentences for pair in pairwise(sentence)}
    return sum(pair in told for pair in wanted) / max(1, len(wanted))


def _wholeness(said: Sequence[str], sentences: Sequence[Sequence[str]]) -> float:
    """Return 1 for a literal statement, less the more and the shorter the pieces are that it is copied in.

    The root of the density of Grusky, Naaman & Artzi, NAACL 2018, over the statement's length.
    """
    text = [word for sentence in sentences for word in (*sentence, "")]
    places: dict[str, list[int]] = {}
    for i, word in enumerate(text):
        places.setdefault(word, []).append(i)
    squares = start = 0
    while start < len(said):
        longest = max((_same(said, start, text, place) for place in places.get(said[start], ())), default=0)
        squares += longest**2
        start += max(1, longest)
    return sqrt(squares) / max(1, len(said))


def _same(said: Sequence[str], start: int, text: Sequence[str], place: int) -> int:
    """Return how many words are the same from these places on."""
    pairs = zip(islice(said, start, None), islice(text, place, None), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _closeness(telling: Sequence[str], sentences: Sequence[Sequence[str]]) -> float:
    """Return how close words that follow each other stay, on average: 1 side by side, .37 at seven words."""
    wanted = frozenset(telling)
    places: dict[str, list[int]] = {}
    position = 0
    for sentence in sentences:
        for i, word in enumerate(sentence):
            if word in wanted:
                places.setdefault(word, []).append(position + i)
        position += len(sentence) + 8
    pairs = [(one, two) for one, two in pairwise(telling) if one != two]
    gaps = (min((abs(i - j) for i in places.get(a, ()) for j in places.get(b, ())), default=None) for a, b in pairs)
    return sum(exp((1 - gap) / 6) for gap in gaps if gap is not None) / len(pairs) if pairs else 1.0


def _togetherness(distinct: Sequence[str], bags: Sequence[frozenset[str]]) -> float:
    pairs = [(one, two) for i, one in enumerate(distinct) for two in distinct[i + 1 : i + 4]]
    return sum(any(a in bag and b in bag for bag in bags) for a, b in pairs) / len(pairs) if pairs else 1.0


def _stances(text: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return the telling words that a text says outright, those that it turns round, and those that it leaves open."""
    stances: dict[str, set[str]] = {"plain": set(), "denied": set(), "hedged": set()}
    stance, left = "plain", 0
    for mark in _pattern("mark").findall(text.lower()):
        found = ["not"] if mark.endswith(("n't", "n’t")) else words(mark)
        cue = stem(found[0]) if found else ""
        if cue in _cues():
            stance, left = _cues()[cue]
        elif cue in {"", "but"}:
            left = left if mark in "\"'“”’-" else 0
        elif found[0] not in STOP_WORDS:
            stances[stance if left else "plain"].add(cue)
            left = max(0, left - 1)
    return frozenset(stances["plain"]), frozenset(stances["denied"]), frozenset(stances["hedged"])


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_PATTERNS[name])


@cache
def _cues() -> dict[str, tuple[str, int]]:
    denials = {stem(cue): ("denied", reach) for cue, reach in _DENIALS.items()}
    return denials | {stem(cue): ("hedged", reach) for cue, reach in _HEDGES.items()}


@cache
def _places() -> dict[str, frozenset[str]]:
    return _groups(_SAME_PLACE)


@cache
def _opposites() -> dict[str, frozenset[str]]:
    return _groups(_OPPOSITES)


def _groups(text: str) -> dict[str, frozenset[str]]:
    """Return for every stem those that stand in a group with it."""
    others: dict[str, frozenset[str]] = {}
    for group in text.replace("\n", " ").split(","):
        stems = frozenset(map(stem, group.split()))
        for one in stems:
            others[one] = others.get(one, frozenset()) | stems - {one}
    return others


def _acronyms(capitalised: Iterable[str]) -> Iterator[str]:
    initials = "".join(word[0] for word in capitalised).lower()
    for length in (2, 3, 4, 5):
        yield from (initials[i : i + length] for i in range(len(initials) - length + 1))


def _stems(text: str) -> set[str]:
    # Single letters are what is left of 'U.S.' and initials.
    return {word for word in content_words(text) if len(word) > 1 and not word[0].isdigit()}


def _plain_number(match: re.Match[str]) -> str:
    """Return '25,000' as '25000', '05' as '5' and '1.4 million' as '1400000'; '1.5' and '10:30' stay."""
    whole = re.sub(r",(?=\d{3}(?!\d))", "", match["number"]).lstrip("0") or "0"
    factor = _MAGNITUDES.get((match["magnitude"] or "").lower()[:2], 1)
    if factor > 1 and whole.replace(".", "", 1).isdigit():
        whole = f"{float(whole) * factor:.0f}"
    return f"~{whole}" if match["roughly"] else whole


def _settled_number(match: re.Match[str]) -> str:
    return f" {_plain_number(match).lstrip('~')} "


def _is_near(number: str, others: Iterable[str]) -> bool:
    """Return whether another number is the same within 5 %, where one of the two is called rough."""
    return any(
        _value(other) is not None
        and (number[0] == "~" or other[0] == "~")
        and abs((_value(number) or 0) - (_value(other) or 0)) <= _ROUGHLY * abs(_value(other) or 0)
        for other in others
    )


def _value(number: str) -> float | None:
    try:
        return float(number.lstrip("~"))
    except ValueError:
        return None


def _spelled_number(match: re.Match[str]) -> str:
    first = match["tens"] or match["plain"]
    return str(_SPELLED[first.lower()] + (_SPELLED[match["ones"].lower()] if match["ones"] else 0))
