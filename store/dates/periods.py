"""Quarters, halves and seasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from store.dates.phrases import Meaning, Phrase, on_calendar
from store.dates.values import SEASONS, days_of, shift, value_at

_QUARTER = r"\d{4}-Q\d"
# For so long after its end 'expects to report for the third quarter' speaks of the one that is over.
_REPORTED = timedelta(120)
_NAMES = {"spring": "SP", "summer": "SU", "autumn": "FA", "fall": "FA", "winter": "WI"}


def numbered(phrase: Phrase) -> Meaning | None:
    """'The third quarter', 'Q3 2021', 'the first half of 2021', 'this year's second quarter'.

    Without a year it is the last one that has begun; a half without a year may be one of a match: nothing.
    """
    number, kinds = phrase.number("oQ") or 0, phrase.words("K")
    letter = "H" if kinds == {"half"} else "Q"
    if kinds == {"period"} or number > (2 if letter == "H" else 4):
        return None
    year = phrase.number("Y")
    if year is None and phrase.marked("ltx") and phrase.words("U") == {"year"}:
        year = phrase.reference.year + (1 if phrase.marked("x") else -1 if phrase.marked("l") else 0)
    if year is not None:
        return on_calendar(f"{year:04d}-{letter}{number}", "relative" if phrase.marked("U") else "absolute")
    if letter == "H":
        return None
    since, until = days_of(f"{phrase.reference.year:04d}-Q{number}")
    if phrase.direction > 0 and phrase.reference - until > _REPORTED:
        since = shift(since, 1, "year")
    elif since > phrase.reference and phrase.direction <= 0:
        since = shift(since, -1, "year")
    return on_calendar(value_at(since, "quarter"), loose=True)


def told(phrase: Phrase) -> Meaning | None:
    """'This quarter', 'the latest quarter', 'the quarter'."""
    words = phrase.words("ltxh")
    if phrase.words("K") != {"quarter"} and words != {"latest"}:
        return None
    if words & {"that", "same"} or not words:
        if phrase.word_after() == "of":
            return None
        said = phrase.focus(_QUARTER)
        return said or (on_calendar(_quarter(phrase.reference, -1)) if not words else None)
    step = 0 if phrase.marked("t") else 1 if phrase.marked("x") else -1
    return on_calendar(_quarter(phrase.reference, step))


def year_ago(phrase: Phrase) -> Meaning | None:
    """'The year-ago quarter', 'the quarter a year ago', 'last year's quarter', 'the year-earlier period'."""
    if not phrase.words("U") <= {"year"}:
        return None
    said = phrase.focus(_QUARTER)
    base = (said and said.since) or shift(phrase.reference, -3, "month")
    if number := phrase.number("o"):
        base = days_of(f"{phrase.reference.year:04d}-Q{min(number, 4)}")[0]
    return replace(on_calendar(value_at(shift(base, -1, "year"), "quarter")), derived=True)


def year_quarter(phrase: Phrase) -> Meaning | None:
    """'The 1988 quarter': the one spoken of, of another year."""
    said = phrase.focus(_QUARTER)
    number = said.value[-1] if said else _quarter(phrase.reference, -1)[-1]
    return on_calendar(f"{phrase.number('Y') or 0:04d}-Q{number}", "absolute")


def _quarter(reference: date, step: int) -> str:
    return value_at(shift(reference, step, "quarter"), "quarter")


def season(phrase: Phrase) -> Meaning | None:
    """'Last summer', 'in the fall', 'winter 2019'; not 'the fall of the city' or 'the Summer Olympics'."""
    token = phrase.marked("S")
    if token is None or (phrase.after and phrase.after.capital and phrase.after.mark == "w"):
        return None
    name = _NAMES[token.word]
    if (year := phrase.number("Y")) is not None:
        return on_calendar(f"{year:04d}-{name}", "absolute")
    if phrase.word_after() == "of" or phrase.tokens[phrase.first] is token:
        return None
    return on_calendar(_season(phrase, name), loose=True)


def _season(phrase: Phrase, name: str) -> str:
    reference = phrase.reference
    year = reference.year
    this = date(year, SEASONS[name], 1)
    if phrase.marked("t"):
        return f"{year - (name == 'WI' and reference.month < 3):04d}-{name}"
    if phrase.marked("x") or (phrase.direction > 0 and not phrase.marked("l")):
        return f"{year + (this <= reference):04d}-{name}"
    if phrase.marked("l"):
        return f"{year - (days_of(f'{year:04d}-{name}')[1] >= reference):04d}-{name}"
    return f"{year - (this > reference):04d}-{name}"
