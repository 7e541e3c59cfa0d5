"""Time told from the day of writing or from what was said before: 'last week', 'the following month'."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal, cast

from store.dates.phrases import Meaning, Phrase, on_calendar
from store.dates.values import Unit, days_of, duration, shift, value_at

# About how many 'a few', 'several' and 'recent' are, for the days they may cover; their value stays unknown.
_FEW: dict[Unit, int] = {"hour": 12, "day": 7, "week": 5, "month": 4, "year": 4, "decade": 3}

_ANY_DAY = r"\d{4}-\d\d-\d\d"
_ON_CALENDAR = r"\d{4}(?:-.*)?"
_QUARTER = r"\d{4}-Q\d"


def _unit(phrase: Phrase) -> Unit:
    word = next(iter(phrase.words("U")))
    # The vocabulary's words for units are those of Unit, or their plurals.
    return cast("Unit", "century" if word == "centuries" else word.removesuffix("s"))


def _is_plural(phrase: Phrase) -> bool:
    return next(iter(phrase.words("U"))).endswith("s")


def _count(phrase: Phrase) -> int | None:
    """Return how many units: None for 'several' and the like."""
    if phrase.marked("v"):
        return 2 if phrase.words("v") == {"couple"} else None
    numbers = [token.number for token in phrase.tokens[phrase.first : phrase.last] if token.mark in "nDN"]
    return sum(numbers) if numbers else 1


def deictic(phrase: Phrase) -> Meaning | None:
    """'Today', 'late yesterday', 'tomorrow night', 'this morning', 'last night'."""
    words = phrase.words("dtl")
    token = phrase.marked("d")
    if token and token.capital and phrase.before and phrase.before.capital and phrase.before.mark == "w":
        return None  # 'Russia Today' is an outlet.
    step = -1 if words & {"yesterday", "last"} else 1 if "tomorrow" in words else 0
    if phrase.marked("p") and not phrase.marked("d") and not words <= {"this", "last"}:
        return None
    if words == {"last"} and not phrase.words("p") <= {"night", "evening"}:
        return None
    return on_calendar(shift(phrase.reference, step, "day").isoformat())


def beyond_deictic(phrase: Phrase) -> Meaning | None:
    """'The day before yesterday', 'the day after tomorrow'."""
    pairs = {("before", "yesterday"): -2, ("after", "tomorrow"): 2}
    step = pairs.get((next(iter(phrase.words("b"))), next(iter(phrase.words("d")))))
    if step is None or phrase.words("U") != {"day"}:
        return None
    return on_calendar(shift(phrase.reference, step, "day").isoformat())


def this_unit(phrase: Phrase) -> Meaning | None:
    """'This week', 'the current year', 'the end of the month'; 'earlier this month' ends today, 'later' begins.

    'The week' and 'the month' too, but 'the day' and 'the year' only where 'this', 'fiscal' or 'end of' makes them so.
    """
    unit = _unit(phrase)
    if _is_plural(phrase) or unit == "hour" or (unit == "day" and phrase.word_after() == "in"):
        return None  # 'On this day in 1969'.
    if not phrase.marked("tez") and (unit not in {"week", "month"} or phrase.word_after() in {"of", "ended", "that"}):
        return None
    found = on_calendar(value_at(phrase.reference, unit))
    if "earlier" in phrase.words("G"):
        return Meaning(found.value, found.since, phrase.reference, "relative")
    if "later" in phrase.words("G"):
        return Meaning(found.value, phrase.reference, found.until, "relative")
    return found


def last_unit(phrase: Phrase) -> Meaning | None:
    """'Last month' is of the calendar, 'the last month' and 'the past year' end today."""
    unit, word = _unit(phrase), next(iter(phrase.words("l")))
    if _is_plural(phrase):
        return _recent(phrase, unit) if word == "past" else None
    if phrase.word_after() == "of":  # 'The last day of the trial'.
        return None
    if unit == "weekend":
        return weekend(phrase)
    if word == "past" or (word == "last" and phrase.tokens[phrase.first].mark == "T"):
        return _ending_today(phrase, 1, unit)
    base = phrase.focus(_ON_CALENDAR) if word in {"previous", "preceding", "prior"} else None
    return on_calendar(value_at(shift((base and base.since) or phrase.reference, -1, unit), unit))


def next_unit(phrase: Phrase) -> Meaning | None:
    """'Next month' is of the calendar, 'the next month' begins today; 'the following day' follows what was said."""
    unit, word = _unit(phrase), next(iter(phrase.words("x")))
    if _is_plural(phrase):
        return Meaning("FUTURE_REF", None, None, "vague") if word in {"coming", "next"} else None
    has_article = phrase.tokens[phrase.first].mark == "T"
    focus = phrase.focus(_ON_CALENDAR)
    if word == "following" or (has_article and unit == "day"):
        if focus is None or focus.until is None:
            return None
        return on_calendar(value_at(shift(focus.until, 1, unit), unit))
    if has_article:
        return Meaning(duration(1, unit), phrase.reference, shift(phrase.reference, 1, unit), "relative")
    return on_calendar(value_at(shift(phrase.reference, 1, unit), unit))


def that_unit(phrase: Phrase) -> Meaning | None:
    """'That year', 'the same day': of what was said before."""
    focus = phrase.focus(_ON_CALENDAR)
    if focus is None or focus.since is None or _is_plural(phrase):
        return None
    return on_calendar(value_at(focus.since, _unit(phrase)))


def weekend(phrase: Phrase) -> Meaning | None:
    """'The weekend' is the last one that has begun, unless the words speak of the next."""
    if phrase.words("U") != {"weekend"}:
        return None
    back = 0 if phrase.reference.weekday() >= 5 else -1
    if phrase.marked("l"):
        back = -1
    elif phrase.marked("x"):
        back = 1
    elif phrase.direction > 0:
        back = 0
    return on_calendar(value_at(shift(phrase.reference, back, "week"), "weekend"))


def trailing(phrase: Phrase) -> Meaning | None:
    """'The past three days', 'the last few weeks'."""
    return _ending_today(phrase, _count(phrase), _unit(phrase))


def ahead(phrase: Phrase) -> Meaning | None:
    """'The next five years', 'the coming two weeks'."""
    unit, count = _unit(phrase), _count(phrase)
    until = shift(phrase.reference, _steps(count, unit), unit)
    return Meaning(duration(count, unit), phrase.reference, until, _certainty(count))


def _ending_today(phrase: Phrase, count: int | None, unit: Unit) -> Meaning:
    since = shift(phrase.reference, -_steps(count, unit), unit)
    return Meaning(duration(count, unit), since, phrase.reference, _certainty(count))


def _steps(count: int | None, unit: Unit) -> int:
    return _FEW.get(unit, 3) if count is None else count


def _certainty(count: int | None) -> Literal["relative", "vague"]:
    return "vague" if count is None else "relative"


def recent(phrase: Phrase) -> Meaning | None:
    """'Recent', 'recent weeks': the past, about a few of the units."""
    return _recent(phrase, _unit(phrase)) if phrase.marked("U") else Meaning("PAST_REF", None, None, "vague")


def _recent(phrase: Phrase, unit: Unit) -> Meaning:
    since = shift(phrase.reference, -_FEW.get(unit, 3), unit)
    return Meaning("PAST_REF", since, phrase.reference, "vague")


def ago(phrase: Phrase) -> Meaning | None:
    """'Two weeks ago' is a week, 'three days ago' a day; of a quarter that was spoken of, 'a year ago' is one too."""
    unit, count = _unit(phrase), _count(phrase)
    if count is None:
        return Meaning("PAST_REF", None, None, "vague")
    if unit == "year" and count == 1 and (quarter := phrase.focus(_QUARTER)) and quarter.since:
        return replace(on_calendar(value_at(shift(quarter.since, -1, "year"), "quarter")), derived=True)
    return _stepped(phrase.reference, -count, unit)


def from_said(phrase: Phrase) -> Meaning | None:
    """'A year earlier', 'two days later': told from what was said, else (earlier only) from the day of writing."""
    unit, count = _unit(phrase), _count(phrase)
    is_later = "later" in phrase.words("G")
    if count is None:
        return None
    if unit == "year" and count == 1 and not is_later and phrase.focus(_QUARTER):
        return ago(phrase)
    focus = phrase.focus(_ANY_DAY if unit in {"hour", "day", "week"} else _ON_CALENDAR)
    if focus is None and is_later:
        return None
    base = (focus and focus.since) or phrase.reference
    return _stepped(base, count if is_later else -count, unit)


def _stepped(base: date, steps: int, unit: Unit) -> Meaning:
    if unit == "hour":
        return on_calendar((base + timedelta(int(steps / 24))).isoformat())
    return on_calendar(value_at(shift(base, steps, unit), unit))


def in_units(phrase: Phrase) -> Meaning | None:
    """'In five years', where it speaks of the future and not of a length of time."""
    unit, count = _unit(phrase), _count(phrase)
    if phrase.direction <= 0 or count is None or unit == "hour":
        return None
    return _stepped(phrase.reference, count, unit)


def year_end(phrase: Phrase) -> Meaning | None:
    """'Year-end': the last day of the year that ends next, of the last one where the words look back."""
    if phrase.words("U") != {"year"} or phrase.words("e") != {"end"}:
        return None
    if not phrase.marked("-"):
        return on_calendar(value_at(phrase.reference, "year"))
    step = -1 if phrase.word_before() in {"since", "from"} else 0
    return on_calendar(days_of(value_at(shift(phrase.reference, step, "year"), "year"))[1].isoformat())


_VAGUE = {
    **dict.fromkeys(("now", "currently", "nowadays", "current", "these"), "PRESENT_REF"),
    **dict.fromkeys(("recently", "lately", "previously", "formerly", "past"), "PAST_REF"),
    **dict.fromkeys(("soon", "shortly", "future"), "FUTURE_REF"),
}


def vague(phrase: Phrase) -> Meaning | None:
    """'Now', 'recently', 'soon', 'in the past', 'the future', 'these days'."""
    words = phrase.words("rtlFH")
    if words == {"past"} and phrase.word_before() not in {"in", "from"}:
        return None
    if phrase.word_before() == "as" or phrase.word_after() in {"before", "after"}:  # 'As soon as', 'shortly before'.
        return None
    values = {_VAGUE[word] for word in words if word in _VAGUE}
    return Meaning(values.pop(), None, None, "vague") if values else None
