"""Days, months, years and weekdays that are named, with the year or without."""

from __future__ import annotations

from datetime import date, timedelta

from store.dates.phrases import Meaning, Phrase, on_calendar
from store.dates.tokens import Token
from store.dates.values import days_of, shift, value_at

# Weekdays and months that are part of a name: 'Black Friday', 'The Sunday Times', 'Monday Night Football'.
_NAMED = frozenset(
    """black bloody good super cyber ash easter palm holy shrove maundy giving ruby fat big man girl red blue""".split()
)
_NAMING = frozenset(
    """times night football telegraph express mirror mail herald tribune post independent world sun mercury star age
    school mass ticket people politics madness day fools fool's bank uprising revolution offensive agreement""".split()
)
# Without a date beside them they are a star, a past tense, a verb or an airline's code.
_ALONE_NO_DAY = frozenset("sun sat wed mon".split())
# What stands before a month or a year that is one.
_LEADS = frozenset(
    """in on of by since until till from to through during for before after between and or around about as at than with
    ended ending versus vs late early mid end back throughout over per fiscal calendar""".split()
)
# 'June said', 'August left': women, men and playwrights. The first two are verbs besides.
_VERBS = frozenset("march may".split())
_PERSONS = frozenset("april june august jan".split())

# A day without a year that is so near needs no verb to tell that it is meant: '…had been set to expire Nov. 6'.
_NEAR = timedelta(60)

# What is numbered rather than dated: 'Resolution 2024', 'Boeing 737', 'Route 1966'.
_NUMBERED = frozenset(
    """resolution flight route room no number boeing page bus channel model article section unit windows series formula
    area agenda project version mach asteroid highway interstate psalm grade form pier gate box apt suite novel code
    pin extension building studio club vision""".split()
)
# What is counted: '2000 people', '2019 dollars'.
_COUNTED = frozenset(
    """people dollars pounds euros yen miles km kilometers kilometres feet meters metres tons tonnes troops soldiers men
    women children jobs workers shares points votes homes houses percent per hours minutes seconds degrees acres
    hectares rooms seats patients cases deaths students members employees calories watts megawatts copies francs
    marks rubles yuan won rupees years days weeks months barrels units ships cars trucks tanks planes""".split()
)


def numeric(phrase: Phrase) -> Meaning | None:
    """'2020-01-03', '31.12.2019'; '02.01.2020' is two days in two countries: nothing."""
    written = phrase.tokens[phrase.first].word
    if "-" in written:
        return on_calendar(date.fromisoformat(written).isoformat(), "absolute")
    first, second, year = (int(part) for part in written.replace("/", ".").split("."))
    if min(first, second) <= 12 < max(first, second) or first == second:
        return on_calendar(date(year, min(first, second), max(first, second)).isoformat(), "absolute")
    return None


def day(phrase: Phrase) -> Meaning | None:
    """'March 3', '3rd of March 2020', 'Friday, Oct. 13'."""
    return _day(phrase, phrase.number("D") or 0)


def days_of_month(phrase: Phrase) -> Meaning | None:
    """'March 2-5', '1 to 3 March 2020', 'October 3 and 5'."""
    first, last = [token.number for token in phrase.tokens[phrase.first : phrase.last] if token.mark == "D"]
    begin, end = _day(phrase, first), _day(phrase, last)
    if begin is None or end is None or begin.value >= end.value:
        return None
    return Meaning(f"{begin.value}/{end.value}", begin.since, end.until, begin.kind, begin.loose)


def _day(phrase: Phrase, number: int) -> Meaning | None:
    month, year = phrase.number("M") or 0, phrase.number("Y")
    if year is not None:
        return on_calendar(date(year, month, number).isoformat(), "absolute")
    years = range(phrase.reference.year - 8, phrase.reference.year + 9)  # 29 February may be eight years away.
    found = [day for each in years if (day := _valid(each, month, number))]
    past = max((day for day in found if day <= phrase.reference), default=None)
    ahead = min((day for day in found if day >= phrase.reference), default=None)
    return on_calendar(_choose(phrase, past, ahead).isoformat(), loose=True)


def _valid(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _choose(phrase: Phrase, past: date | None, ahead: date | None) -> date:
    """Return the nearer day where one is near, else the one that the verbs speak of."""
    if past is None or ahead is None:
        if (only := past or ahead) is None:
            raise ValueError("no such day")
        return only
    nearer = ahead if ahead - phrase.reference < phrase.reference - past else past
    if phrase.direction == 0 or abs(nearer - phrase.reference) < _NEAR:
        return nearer
    return ahead if phrase.direction > 0 else past


def month_of_year(phrase: Phrase) -> Meaning | None:
    """'March 2020', 'the end of March 2020', 'mid-March, 2020'."""
    return on_calendar(f"{phrase.number('Y') or 0:04d}-{phrase.number('M') or 0:02d}", "absolute")


def in_told_year(phrase: Phrase) -> Meaning | None:
    """'August last year', '3 May this year', 'June of next year'."""
    if phrase.words("U") != {"year"}:
        return None
    step = 1 if phrase.marked("x") else -1 if phrase.marked("l") else 0
    value, day = f"{phrase.reference.year + step:04d}-{phrase.number('M') or 0:02d}", phrase.number("D")
    return on_calendar(f"{value}-{day:02d}" if day else value)


def month(phrase: Phrase) -> Meaning | None:
    """'In March', 'last April', 'early September'; 'May' and 'March' only where they must be months."""
    token = phrase.marked("M")
    if token is None or not _is_month(phrase, token) or _is_beside_day(phrase):
        return None
    reference = phrase.reference
    this = date(reference.year, token.number, 1)
    if phrase.marked("t"):
        return on_calendar(value_at(this, "month"), loose=True)
    current = reference.replace(day=1)
    if phrase.marked("x"):
        ahead = this if this > current else shift(this, 1, "year")
        return on_calendar(value_at(ahead, "month"), loose=True)
    if phrase.marked("l"):
        behind = this if this < current else shift(this, -1, "year")
        return on_calendar(value_at(behind, "month"), loose=True)
    if phrase.direction > 0:
        return on_calendar(value_at(this if this >= current else shift(this, 1, "year"), "month"), loose=True)
    return on_calendar(value_at(this if this <= current else shift(this, -1, "year"), "month"), loose=True)


def _is_beside_day(phrase: Phrase) -> bool:
    """Return whether a number stands beside the month with which it makes no day, as in '31 February'."""
    return any(token is not None and token.mark == "D" for token in (phrase.before, phrase.after))


def _is_month(phrase: Phrase, token: Token) -> bool:
    index = phrase.first - 2
    if phrase.word_before() == "of" and index >= 0 and phrase.tokens[index].mark == "o":  # 'Fourth of July'.
        return False
    is_led = bool(phrase.marked("ltxeG")) or phrase.word_before() in _LEADS
    if token.word in _VERBS:
        return is_led and not (phrase.after and phrase.after.word in _NAMING)
    if token.word in _PERSONS and not is_led:
        named = phrase.before is not None and phrase.before.mark == "w" and phrase.before.capital
        naming = phrase.after is not None and phrase.after.mark == "w" and phrase.after.capital
        return not named and not naming
    if len(token.word) > 4 or token.word in {"june", "july"}:
        return True
    # 'Dec Hawkins' is somebody.
    return is_led and not (phrase.after is not None and phrase.after.mark == "w" and phrase.after.capital)


def year(phrase: Phrase) -> Meaning | None:
    """'In 1987', 'the end of 1990', 'fiscal 2004'; not '2000 people' or 'Resolution 2024'."""
    number = phrase.number("Y") or 0
    if phrase.word_before() in _NUMBERED or phrase.word_after() in _COUNTED:
        return None
    if not 1900 <= number < 2100 and phrase.word_before() not in _LEADS:
        return None
    return on_calendar(f"{number:04d}", "absolute")


def decade(phrase: Phrase) -> Meaning | None:
    """'The 1990s', 'the nineties'; not 'in her twenties'."""
    token = phrase.marked("C")
    if token is None or (token.word.isalpha() and not phrase.marked("T")):
        return None
    return on_calendar(f"{token.number:03d}", "absolute")


def century(phrase: Phrase) -> Meaning | None:
    """'The 20th century', whose years begin with 19."""
    unit, number = phrase.marked("U"), phrase.number("oD")
    if unit is None or unit.word != "century" or not number:
        return None
    return on_calendar(f"{number - 1:02d}", "absolute")


def weekday(phrase: Phrase) -> Meaning | None:
    """'Thursday', 'last Thursday', 'late Friday', 'the previous Friday'; not 'Black Friday'."""
    token = phrase.marked("W")
    if token is None or phrase.word_before() in _NAMED or _is_named_on(phrase) or token.word in _ALONE_NO_DAY:
        return None
    if (part := phrase.marked("p")) and part.capital:  # 'Saturday Night Live'.
        return None
    reference = phrase.reference
    back = (reference.weekday() - token.number) % 7
    if phrase.marked("l"):
        if phrase.marked("T") and (focus := phrase.focus(r"\d{4}-\d\d-\d\d")) and focus.since:
            reference = focus.since
            back = (reference.weekday() - token.number) % 7
        return on_calendar((reference - timedelta(back or 7)).isoformat())
    if phrase.marked("x") or (back and phrase.direction > 0 and not phrase.marked("t")):
        return on_calendar((reference + timedelta(7 - back)).isoformat())
    if phrase.marked("t"):
        return on_calendar((reference + timedelta(token.number - reference.weekday())).isoformat())
    return on_calendar((reference - timedelta(back)).isoformat())


def _is_named_on(phrase: Phrase) -> bool:
    return phrase.after is not None and phrase.after.capital and phrase.after.word in _NAMING


def weekday_of_week(phrase: Phrase) -> Meaning | None:
    """'Friday of last week', 'Tuesday this week'."""
    unit = phrase.marked("U")
    if unit is None or unit.word != "week":
        return None
    step = 1 if phrase.marked("x") else -1 if phrase.marked("l") else 0
    monday, _ = days_of(value_at(shift(phrase.reference, step, "week"), "week"))
    return on_calendar((monday + timedelta(phrase.number("W") or 0)).isoformat())
