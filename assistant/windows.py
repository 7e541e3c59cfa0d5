"""What a question's time words mean for the search: a filter on publication, a preference, an order, or nothing.

A wrong filter hides the answer, a wrong preference only costs places: where in doubt, prefer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from store.dates import TimeExpression, find_times
from store.records import Window

# For so many days after an event it is still reported: a week for what happened on a day, longer for what has no single
# day. Chosen, not measured.
_LAG = {"day": 7, "week": 7, "month": 14, "quarter": 60, "year": 90}
# Where a day is named, outlets west of the place may have reported on the day before by their own clock.
_EARLY = timedelta(1)
# 'Two weeks ago' may be three days more.
_ABOUT = timedelta(3)
# An event so long ago is history: what is published today may well be about it.
_HISTORY = timedelta(3653)
# What spans more days than a quarter has prefers, unless it is said to be the day of publication.
_LONGEST_FILTER = timedelta(92)
# Longer questions, in words, have parts. Of 201 filters read from MultiHop-RAG's questions 148 hid some of the
# evidence, nearly all of them from long questions about several reports.
_LONGEST_SIMPLE = 25
# Read of a question, and beside each of its dates: enough for any question, and no pattern runs for long on more.
_LONGEST_QUESTION, _BESIDE = 2000, 200
# What 'recently' and 'just' mean in days.
_RECENT, _JUST_NOW = timedelta(30), timedelta(7)


@dataclass(frozen=True, slots=True)
class TimeReading:
    """How a question wants to be searched in time.

    ``filter``: only articles published then. ``preference``: articles published then first, the others stay.
    ``newest_first``: it asks for the latest. ``present``: it is about the present of the day it was asked on, so that
    closeness to that day speaks for an article; False where it is about something dated in the past.
    """

    filter: Window | None
    preference: Window | None
    newest_first: bool
    present: bool


Role = Literal["published", "event", "subject"]


@dataclass(frozen=True, slots=True)
class _Days:
    """The days of publication that one time expression asks for; ``firm`` where they may filter."""

    since: date | None
    until: date | None
    words: str
    firm: bool
    is_current: bool = False


def read_window(question: str, today: date) -> TimeReading:
    """Return how ``question``, asked on ``today``, wants to be searched in time.

    No window ends after ``today``: nothing was published then. Dates that name a subject ('the January 6 committee')
    and dates to come ask for no window.
    """
    question = question[:_LONGEST_QUESTION]
    times = [_in_past(time, question, today) for time in find_times(question, today)]
    roles = [_role(question, time) for time in times]
    published = [
        _published(question, time, today) for time, role in zip(times, roles, strict=True) if role == "published"
    ]
    events = [_event(question, time, today) for time, role in zip(times, roles, strict=True) if role == "event"]
    # Where the day of publication is said, the days of what is reported narrow nothing further.
    asked = [days for days in (published if any(published) else events) if days is not None]
    windows = _combine(question, asked) if asked else _fresh(question, today)
    dated_subject = any(role == "subject" and _is_over(time, today) for time, role in zip(times, roles, strict=True))
    return TimeReading(
        *windows,
        newest_first=_pattern("newest").search(question) is not None,
        present=_is_present(question, asked, dated_subject=dated_subject),
    )


def _in_past(time: TimeExpression, question: str, today: date) -> TimeExpression:
    """Return a day or month without a year that is still to come as last year's, where the question looks back."""
    coming = time.since is not None and time.until is not None and time.since > today
    has_year = re.search(r"\d{4}|\b(?:next|coming|this)\b", time.text) is not None
    looks_back = _pattern("past").search(question) and not _pattern("future").search(question)
    if not coming or has_year or not looks_back or not re.fullmatch(r"\d{4}(-\d\d)+", time.value):
        return time
    earlier = find_times(f"{time.text} {int(time.value[:4]) - 1}", today)
    return (
        TimeExpression(time.start, time.end, time.text, earlier[0].value, earlier[0].since, earlier[0].until, time.kind)
        if len(earlier) == 1
        else time
    )


def _role(question: str, time: TimeExpression) -> Role:
    left, right = question[max(0, time.start - _BESIDE) : time.start], question[time.end : time.end + _BESIDE]
    if _pattern("edition").match(right):
        return "published"
    if _is_subject(left, right, time):
        return "subject"
    if _is_publication(_unled(left)):
        return "published"
    return "event"


def _unled(left: str) -> str:
    """Return what stands before a date without the prepositions and articles that lead up to it."""
    return _pattern("lead").sub("", left)


def _is_publication(left: str) -> bool:
    """Return whether the words before a date say that it is the day of publication."""
    if _pattern("cited").search(left) or _pattern("by outlet").search(left):
        return True
    if _pattern("no article").search(left):
        return False
    if _pattern("article").search(left) or _pattern("outlet writes").search(left):
        return True
    # Files and laws are published too: what is, must be told.
    return bool(_pattern("published").search(left) and _pattern("told article").search(left))


def _is_subject(left: str, right: str, time: TimeExpression) -> bool:
    """Return whether a calendar date names a thing: 'the 2020 election', 'Boston Marathon 2013'."""
    if re.search(r"\b(?:ago|earlier|last)\b", time.text, re.IGNORECASE) and _pattern("baseline").search(left):
        return True
    if not re.match(r"\d", time.value) or not re.search(r"\d", time.text) or time.kind == "vague":
        return False
    before = re.search(r"([\w'’-]+)\s*$", left)
    word = before[1].lower() if before else ""
    noun = re.match(r"[\s-]+([^\W\d_][\w'’-]*)", right)
    is_followed = noun is not None and noun[1].lower() not in _function_words()
    if re.search(r"\b(?:class|generation|crop) of\s+$", left, re.IGNORECASE):
        return True
    if word in _DETERMINERS or word.endswith(("'s", "’s")):
        return is_followed and not re.match(r"['’]", right)
    if len(time.value) <= 4 and word and word not in _function_words():
        return True
    return is_followed and word not in _function_words()


def _published(question: str, time: TimeExpression, today: date) -> _Days | None:
    since, until = time.since, time.until
    if since is None and until is None:
        return _fresh_days(time, today) if _is_recent(time) else None
    if (since is None and until is not None and until >= today) or (since is not None and since > today):
        return None
    is_current = until is None or (since is not None and until >= today)
    return _Days(since, min(until or today, today), _words(question, time), firm=True, is_current=is_current)


def _event(question: str, time: TimeExpression, today: date) -> _Days | None:
    if _is_recent(time):
        return _fresh_days(time, today)
    since, until, words = time.since, time.until, _words(question, time)
    if (since is None and (until is None or until >= today)) or (since is not None and since > today):
        return None  # Nothing is cut off by 'until 2050'.
    if until is None:
        return _Days(since, today, words, firm=True, is_current=words.lower().startswith("since"))
    if time.value.startswith("P"):
        is_short = since is not None and today - since <= _LONGEST_FILTER
        return _Days(since, today, words, firm=is_short and time.kind != "vague", is_current=True)
    if since is not None and until >= today:
        # On a Monday 'this week' is hardly that Monday alone.
        if _unit(time.value) in {"day", "week"}:
            since = min(since, today - min(_EARLY if _unit(time.value) == "day" else _JUST_NOW, today - date.min))
        is_told = time.text.lower().startswith("earlier")  # It did happen since then, and so was reported since then.
        return _Days(since, today, words, firm=is_told and len(time.value) > 4, is_current=not is_told)
    return _past_event(question, time, today)


def _past_event(question: str, time: TimeExpression, today: date) -> _Days:
    """Return the days on which an event of ``time`` was reported."""
    since, until, unit, words = time.since, time.until or today, _unit(time.value), _words(question, time)
    if re.search(r"\b(?:ended|ending)\s+$", question[max(0, time.start - 10) : time.start]):
        unit = "quarter"  # The last day of a period, which is reported on weeks later.
    is_about = re.search(r"\bago\b", time.text) is not None
    firm = unit in {"day", "week", "month"} and not (is_about and unit == "month")
    # 'The insurrection on January 6' names an event that is still spoken of.
    firm = firm and not _pattern("named event").search(question[max(0, time.start - _BESIDE) : time.start])
    firm = firm and today - until <= _HISTORY and (since is None or until - since <= _LONGEST_FILTER)
    if since is None and unit in {"quarter", "year"}:
        firm = today - until <= _HISTORY  # 'Before 2020' says on which side.
    if since is not None and unit == "day":
        since -= min(_EARLY, since - date.min)
    elif since is not None and is_about and unit == "week":
        since -= min(_ABOUT, since - date.min)
    lag = timedelta(0 if words.lower().startswith("as of") else _LAG[unit])
    return _Days(since, until + min(lag, max(today - until, timedelta(0))), words, firm=firm)


def _unit(value: str) -> str:
    """Return the length of a value, the key of ``_LAG``; a weekend is days, what is longer than a year is years."""
    last = value.rpartition("/")[2]
    if re.fullmatch(r"\d{4}-(\d\d-\d\d|W\d\d-WE)", last):
        return "day"
    if re.fullmatch(r"\d{4}-W\d\d", last):
        return "week"
    if re.fullmatch(r"\d{4}-\d\d", last):
        return "month"
    return "quarter" if "-" in last else "year"


def _is_recent(time: TimeExpression) -> bool:
    return (
        time.kind == "vague"
        and re.match(r"(?:recent|lately|these days|nowadays)", time.text, re.IGNORECASE) is not None
    )


def _fresh_days(time: TimeExpression, today: date) -> _Days:
    since = time.since or today - min(_RECENT, today - date.min)
    return _Days(since, today, time.text, firm=False, is_current=True)


def _fresh(question: str, today: date) -> tuple[Window | None, Window | None]:
    """Return no filter and what 'just' prefers, in a question without a date."""
    if just := _pattern("just").search(question):
        return None, _window([_Days(today - min(_JUST_NOW, today - date.min), today, just[0], firm=False)])
    return None, None


def _combine(question: str, asked: Sequence[_Days]) -> tuple[Window | None, Window | None]:
    """Return filter and preference: one window as it is, several as their hull, preferred where they are compared."""
    is_comparison = _pattern("compared").search(question) is not None
    if not is_comparison:
        asked = _foremost(asked)
    window = _window(asked)
    firm = all(days.firm for days in asked) and not _has_parts(question)
    if len(asked) > 1:
        is_close = window.since and window.until and window.until - window.since <= _LONGEST_FILTER
        firm = firm and bool(is_close) and not is_comparison
    return (window, None) if firm else (None, window)


def _has_parts(question: str) -> bool:
    """Return whether a question is about several things, of which its date may be that of one alone."""
    return question.count(" ") > _LONGEST_SIMPLE or _pattern("parts").search(question) is not None


def _foremost(asked: Sequence[_Days]) -> Sequence[_Days]:
    """Return those of several days that a question is about: 'died this week, 25 years after 1997' means this week."""
    if current := [days for days in asked if days.is_current]:
        return [max(current, key=lambda days: days.since or date.min)]
    last = max(days.until or date.max for days in asked)
    return [days for days in asked if last - (days.until or date.max) <= _LONGEST_FILTER]


def _window(asked: Sequence[_Days]) -> Window:
    starts, ends = [days.since for days in asked], [days.until for days in asked]
    since = None if None in starts else min(day for day in starts if day)
    until = None if None in ends else max(day for day in ends if day)
    basis = "from " + " and ".join(f"'{days.words}'" for days in asked)
    return Window(since, until, basis, inferred=True)


def _words(question: str, time: TimeExpression) -> str:
    """Return an expression with the word before it that opens or closes its days: 'since March'."""
    start = max(0, time.start - 12)
    led = _pattern("opening").search(question[start : time.start])
    return question[start + led.start() if led else time.start : time.end]


def _is_over(time: TimeExpression, today: date) -> bool:
    return time.until is not None and time.until < today


def _is_present(question: str, asked: Sequence[_Days], *, dated_subject: bool) -> bool:
    if _pattern("now").search(question) or any(days.is_current for days in asked):
        return True
    if asked or _pattern("one-off").search(question):
        return False
    return not dated_subject or _pattern("present tense").search(question) is not None


_DETERMINERS = frozenset("the a an this that these those his her its their our your my any every each".split())

_OUTLET = r"(?:[Tt]he\s+)?(?!(?:Who|What|Which|When|Where|How|Why)\b)[A-Z][\w.&’'-]*(?:\s+[A-Z][\w.&’'-]*){0,4}"
# Between a report and its date: outlets, prepositions and what happens to reports; never 'about' or 'that', after
# which a date is that of the event.
_JOINT = (
    r"(?:[\s,]+(?:[Tt]he|published|posted|printed|written|appearing|from|of|in|on|by|for|at|it|was|were|which"
    r"|[A-Z][\w.&’'-]*))"
)

_PATTERNS = {
    "newest": (r"(?<!at the )\b(?:latest|newest|most recent(?:ly)?)\b", re.IGNORECASE),
    "just": (
        (
            r"\b(?:was|were|is|are|has|have|had|been|who|which|that|['’]s|['’]ve) just\b"
            r"(?! (?:a|an|the|as|like|over|under|about|how|one|two|in)\b)|\bjust now\b"
        ),
        re.IGNORECASE,
    ),
    "now": (
        (
            r"\b(?:now|currently|at the moment|right now|at present|so far|to date|just (?:now|been))\b"
            r"|\b(?:was|were|is|has|have|had|been) just\b|\b(?:newest|latest|most recent|recently|lately|these days)\b"
        ),
        re.IGNORECASE,
    ),
    "future": (
        r"\b(?:will|shall|would|going to|next|scheduled|expected|due|planned|plans?|upcoming|set to)\b",
        re.IGNORECASE,
    ),
    "past": (r"\b(?:did|was|were|had|won|\w{2,}ed)\b", re.IGNORECASE),
    "compared": (
        r"\b(?:compar\w+|versus|vs|than|differ\w*|contrast\w*|chang\w+|between|both|same|consistent|respectively)\b",
        re.IGNORECASE,
    ),
    # 'Higher than a year ago' asks about today.
    "baseline": (r"\b(?:than|compared (?:to|with)|versus|vs\.?)\s+(?:[\w'’]+\s+){0,4}$", re.IGNORECASE),
    "named event": (
        (
            r"(?<!did )(?<!does )(?<!do )(?<!has )(?<!have )(?<!had )(?<!was )(?<!were )(?<!is )(?<!are )\bthe"
            r"(?:\s+(?!(?:of|on|in|at|by|to|for|from|with|that)\b)[\w’'-]+){1,3}\s+(?:on|of|in)\s+$"
        ),
        re.IGNORECASE,
    ),
    "parts": (
        (
            r"\b(?:both|while|whereas|also|same|(?:in)?consisten\w+|discrepanc\w+|contradict\w*"
            r"|respectively|(?:earlier|later|other) (?:report|article)s?)\b"
        ),
        re.IGNORECASE,
    ),
    "present tense": (
        r"\b(?:is|are|am|has|have|does|do|can)\b|^who\s+\w+[^s\W]s\b|^(?:which|what)\s+\w+\s+\w+[^s\W]s\b",
        re.IGNORECASE,
    ),
    # Events that happened once and are named by their day.
    "one-off": (r"\b(?:9/11|7/7|Bloody Sunday|Black (?:Monday|Tuesday|Wednesday|Thursday)|D-Day|V[EJ] Day)\b", 0),
    # What leads up to a date: 'published in early', 'between'.
    "lead": (
        (
            r"(?:[\s,(]+(?:on|in|from|of|during|for|between|since|before|after|until|till|by|through|dated|over|around|about"
            r"|as|prior|to|the|late|early))+[\s]*$|\s+$"
        ),
        re.IGNORECASE,
    ),
    "opening": (r"\b(?:since|before|after|until|till|by|through|as of|prior to|up to)\s+$", re.IGNORECASE),
    "edition": (
        (
            r"(?:['’]s?)?\s+(?:\w+\s+)?(?:papers?|newspapers?|editions?|issues?|front pages?|headlines?|news|coverage"
            r"|articles?|stories|story|reporting|reports?|editorials?|columns?)\b"
        ),
        re.IGNORECASE,
    ),
    "article": (
        (
            r"\b(?:[Aa]rticles?|[Ss]tor(?:y|ies)|[Cc]overage|[Rr]eporting|[Rr]eports?|[Nn]ews|[Hh]eadlines?|[Cc]olumns?"
            rf"|[Ee]ditorials?|[Oo]p-eds?|[Dd]ispatch(?:es)?){_JOINT}{{0,7}}$"
        ),
        0,
    ),
    "told article": (
        r"\b(?:articles?|stor(?:y|ies)|coverage|reports?|news|columns?|editorials?|op-eds?|pieces?)\b|^\W*what\b",
        re.IGNORECASE,
    ),
    "cited": (rf"\b[Aa]ccording to {_OUTLET}$", 0),
    "by outlet": (
        rf"\b(?:(?:reported|covered|written)\s+by|(?:published|carried|quoted)\s+(?:by|in))\s+{_OUTLET}(?:\s+\w+){{0,3}}$",
        0,
    ),
    # Books and studies are published too, companies report profits: what is said of them then is an event.
    "no article": (
        (
            r"\b(?:books?|novels?|stud(?:y|ies)|memoirs?|papers?|surveys?|polls?|albums?|research|findings|data|profits?"
            r"|revenues?|earnings|loss(?:es)?|sales|results|income|cases|deaths|infections)\b"
        ),
        re.IGNORECASE,
    ),
    "published": (r"\b(?:published|posted|printed|dated|appeared|appearing)(?:\s+[\w.&’'-]+){0,5}$", re.IGNORECASE),
    "outlet writes": (
        (
            rf"\b(?:[Dd]id|[Hh]as|[Hh]ave|[Hh]ad|[Dd]oes)\s+{_OUTLET}\s+(?:report|writ|publish|cover|print|post)[a-z]*"
            rf"(?:\s+(?!that\b|whether\b)[\w.&’'-]+){{0,8}}$|\b{_OUTLET}\s+(?:reported|wrote|published)$"
        ),
        0,
    ),
}


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return one of ``_PATTERNS``, compiled when it is first needed."""
    expression, flags = _PATTERNS[name]
    return re.compile(expression, flags)


@cache
def _function_words() -> frozenset[str]:
    """Return the words after which a date stands alone, and before which it names nothing."""
    return frozenset(
        """about above according across after against along amid among and are around as at be because been before
        behind being below beneath beside between beyond but by can could despite did do does down during
        early end ended except for from had has have he her his how if in inside into is it its last late
        like many might more most near next no not of off on once only or other out outside over past per
        she should since so some than that the their them then there these they this those through
        throughout till to toward towards under until up upon versus via vs was we were what when where
        whether which while who whom whose why will with within without would you happened happen mark
        mid mean say said only""".split()
    )
