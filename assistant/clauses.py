"""The plain clauses of a report, 'X did Y …', read by closed word lists: what does not look plain is no clause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from assistant.phrases import Case, subject_phrase
from assistant.subjects import BE, HAVE
from store.words import forms

# Verbs that a clause is recognised by, as their past is formed: one that is not here may be anything.
_REGULAR = """
abandon abolish accept accuse achieve acknowledge acquire acquit add address admit adopt agree announce apologize
appear appoint approve arrest arrive assassinate attack attend attract auction award ban bar battle block bomb boost
borrow boycott bury call cancel capture carry cause celebrate challenge change charge chase claim clear climb close
collapse collect compare compete complete compose concede condemn confirm confront convict cover crash create
criticize cross crown damage debut declare decline dedicate defeat defend delay deliver demand deny depart deploy
deport describe design destroy detain detect devastate develop devour diagnose die direct discover dismiss displace
dissolve distribute divide donate double drop earn edge eject elect embrace emerge employ end endorse engulf enter
erupt escape establish evacuate examine execute expand expel explode exploit explore export extend face fail fall
feature file film fine finish fire flood form found free freeze gain graduate grant gross grow guarantee halt happen
hike hire honor hospitalize host identify impeach import impose improve include increase indict inflict injure inspire
install intercept introduce invade invent invest investigate issue jail join kick kidnap kill land lash last launch
level lift limit link list locate lower marry mobilize modify move murder name negotiate nominate notch obtain occupy
offer open operate oppose orbit order oust outlaw overtake overturn own pardon park pass pause phase plan plant play
plead pledge plunge postpone praise predict present preserve prevent produce prohibit promise propose prosecute
protest provide publish pull purchase push quarantine question raise rally rank reach receive recall reclaim record
recover recruit reduce refuse reject relaunch release relocate rename repeal replace report rescue resign resolve
restore restrict resume retire retrieve return reveal reverse revive revoke roll rule sail sanction save scale score
scrap scrape seize select sentence serve settle share shatter sign slash slump smash snap soar spark sponsor spot
stage star start stop strip study submit succeed sue suffer surpass surrender survive suspend sustain sweep swallow
target tear test threaten topple top tour trace trade train transfer transform transport trap travel trigger triple
turn unearth unveil urge use vaccinate veto view visit vote vow wait walk warn watch weigh welcome withhold wound
wreck
"""
_DOUBLED = "ban bar admit acquit scrap spot trap drop kidnap stop strip top snap star submit plan transfer"
_IRREGULAR = """
beat become begin break bring build buy catch choose come cut draw drive fall fight find fly give grow hit hold keep
lay lead leave lend lose make meet pay put quit read ride rise run see seek sell send set shake shoot shut sing sink
speak spend stand steal strike swim take teach tell throw win withdraw write say
"""
# Verbs as headlines use them, 'wins', which are not taken for nouns.
_HEADLINE = """
abandon accuse acquire admit agree announce appoint approve arrest ban beat become begin buy cancel condemn confirm
declare defeat demand deny die donate elect endorse evacuate fine invade join kill launch lose nominate order overturn
pardon pay pledge postpone propose publish quit recall reject resign retire reveal sell shut sign step strike sue
suspend threaten unveil urge veto vow warn win withdraw
"""
# Those that store.words has no need to know.
_MORE_FORMS = {
    "cut": ("cut", "cut"),
    "put": ("put", "put"),
    "read": ("read", "read"),
    "hit": ("hit", "hit"),
    "quit": ("quit", "quit"),
    "set": ("set", "set"),
    "shut": ("shut", "shut"),
    "give": ("gave", "given"),
    "say": ("said", "said"),
}

# When it happened says little to who asks much later, and a weekday would be read from the day of asking.
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.|Feb\.|Aug\.|Sept\.|Oct\.|Nov\.|Dec\.)"
)
_DATE = (
    rf"(?:{_MONTH} \d{{1,2}}(?:, \d{{4}})?|\d{{1,2}} {_MONTH}(?: \d{{4}})?|{_MONTH} \d{{4}}|(?:19|20)\d\d)(?![\d,-])"
)
DATED = re.compile(rf" (?:on|in) (?P<date>{_DATE})(?=,? |,?$)")
_WHEN = (
    rf"(?:(?:late |early )?(?:on |in |over |since |by |from )?(?:(?:late|early|earlier|later) )?"
    rf"(?:(?:this|last|past|the past|next) )?(?:{_DAY}s?|week|weekend|month|year|summer|winter|spring|fall|autumn)"
    r"(?: (?:morning|afternoon|evening|night))?"
    r"|(?:a|an|a few|a couple of|several|two|three|four|five) (?:hour|day|week|month|year)s?"
    r" (?:later|earlier|before|after|ago)"
    r"|(?:earlier |later )?(?:yesterday|today|tonight|overnight|recently)"
    rf"|on {_MONTH} \d{{1,2}}(?:, \d{{4}})?|in {_MONTH}(?: \d{{4}})?)"
)
_DATE_MARK = "@"  # a sentence that has one of its own is not read so far
_WHEN_INSIDE = re.compile(rf" {_WHEN}(?=,? |,?$)")
_WHEN_FIRST = re.compile(rf"^{_WHEN},? ", re.IGNORECASE)
_IDLE = re.compile(
    r" (?:also|just|finally|officially|formally|publicly|immediately|initially|later|then|already|now|unanimously"
    r"|overwhelmingly|famously|successfully|briefly|jointly|soon|eventually|subsequently)(?= )"
)

# What is quoted or in brackets is not read, nor what follows it.
_NOT_PLAIN = re.compile(r" ?(?:[\"“”«»()\[\]{}|<>*#@=_;!?:\\/…]|(?<!\w)[‘'’](?=\w)|\.\.\.| [–—-]+ |—|https?:|www\.)")
_WHOLE_BEFORE = frozenset({"(", "—", "–", "-", "--", ";", ":"})
_IN_BRACKETS = re.compile(r" ?\([^()]*\)")
_FEWEST_WORDS, _MOST_WORDS = 5, 60
# A verb behind so many words has a subject too long to ask with. No question takes up more than so many characters.
_LATEST_VERB = 20
_READ_CHARS = 300

_APPOSITION = re.compile(r", (?:\d{1,3}|(?:an?|the|who|which|whose|one|formerly|then|both)\b[^,]{2,100}), ")


@dataclass(frozen=True, slots=True)
class Clause:
    """'The court (subject) has been (auxiliary) asked (past; ask is its base) to rule (rest)'.

    ``subject`` is '' where it does not stand by itself; ``opening`` is how the sentence has it. ``is_passive`` is set
    where a form of 'be' stands before the participle; ``auxiliary`` is then 'was' or 'were'. ``rest`` runs to the end
    of the sentence, without the days in it: ``dated`` is the first of them, '' for none, and stands behind
    ``before_date``.
    """

    subject: str
    opening: str
    auxiliary: str
    base: str
    past: str
    participle: str
    rest: str
    dated: str
    before_date: str

    @property
    def is_passive(self) -> bool:
        return bool(self.auxiliary)


def read_clause(sentence: str, case: Case) -> Clause | None:
    """Return the main clause that a sentence opens with, where it is plain and told in the past."""
    raw = sentence.split()
    if not _FEWEST_WORDS <= len(raw) <= _MOST_WORDS or pasts().keys().isdisjoint(raw[1:_LATEST_VERB]):
        return None
    text = _readable(sentence)
    dated = DATED.search(text)
    text = DATED.sub(f" {_DATE_MARK}", _WHEN_FIRST.sub("", text))
    text = _IDLE.sub("", _WHEN_INSIDE.sub("", text))
    text = _APPOSITION.sub(" ", text, count=1)
    tokens = text.split(" ")
    for i, token in enumerate(tokens[:_LATEST_VERB]):
        if i and (token in BE | HAVE or token in pasts()):
            return _clause(tokens, i, case, dated["date"] if dated else "")
    return None


def in_past(headline: str) -> str:
    """Return a headline in the present as its report tells it: 'Court bans trawling' as 'Court banned trawling'."""
    tokens = headline.split()
    for i, token in enumerate(tokens):
        if i and token in _thirds():
            return " ".join((*tokens[:i], _forms_of(_thirds()[token])[0], *tokens[i + 1 :]))
    return headline


@cache
def pasts() -> dict[str, str]:
    """Return the base of each past and participle that a clause is recognised by."""
    return {form: base for base in (*_REGULAR.split(), *_IRREGULAR.split()) for form in _forms_of(base)}


def _forms_of(base: str) -> tuple[str, str]:
    if base in _MORE_FORMS:
        return _MORE_FORMS[base]
    if known := forms(base):
        return known[1], known[-1]
    if base in _DOUBLED.split():
        return (f"{base}{base[-1]}ed",) * 2
    if base.endswith("e"):
        return (f"{base}d",) * 2
    if base.endswith("y") and base[-2] not in "aeiou":
        return (f"{base[:-1]}ied",) * 2
    return (f"{base}ed",) * 2


def _readable(sentence: str) -> str:
    """Return the beginning of a sentence that can be read, '…' at its end where the phrase there is not whole."""
    text = _IN_BRACKETS.sub("", sentence.rstrip())
    if len(text) > _READ_CHARS:
        text = text[:_READ_CHARS].rpartition(" ")[0] + " …"
    text = text if text.endswith("..") else text.removesuffix(".")
    odd = _NOT_PLAIN.search(text)
    if odd is None:
        return text
    return text[: odd.start()] + ("" if odd[0].strip() in _WHOLE_BEFORE else " …")


def _clause(tokens: list[str], i: int, case: Case, dated: str) -> Clause | None:
    opening = " ".join(tokens[:i])
    auxiliary = ""
    if tokens[i] in {"has", "have", "had"}:
        i += 1
        if i < len(tokens) and tokens[i] == "been":
            auxiliary = "were" if tokens[i - 1] == "have" else "was"
            i += 1
    elif tokens[i] in {"was", "were"}:
        auxiliary, i = tokens[i], i + 1
    if i >= len(tokens):
        return None
    base = pasts().get(tokens[i])
    if base is None:
        return None
    past, participle = _forms_of(base)
    if auxiliary and tokens[i] != participle:
        return None
    rest = " ".join(tokens[i + 1 :])
    before_date, mark, _ = rest.partition(_DATE_MARK)
    return Clause(
        subject_phrase(opening, case) or "",
        opening,
        auxiliary,
        base,
        past,
        participle,
        re.sub(rf" ?{_DATE_MARK}", "", rest).strip(),
        dated if mark else "",
        before_date.strip(),
    )


@cache
def _thirds() -> dict[str, str]:
    return {_third(base): base for base in _HEADLINE.split()}


def _third(base: str) -> str:
    if base.endswith(("s", "x", "ch", "sh")):
        return f"{base}es"
    return f"{base[:-1]}ies" if base.endswith("y") and base[-2] not in "aeiou" else f"{base}s"
