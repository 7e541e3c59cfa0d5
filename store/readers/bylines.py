"""Bylines and datelines: who wrote a report, for which agency, and where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from store.readers.dates import parse_written_day

# Agencies and broadcasters that sign datelines, as they are written there → as outlets call them.
_AGENCIES = {
    "ap": "AP",
    "associated press": "AP",
    "the associated press": "AP",
    "reuters": "Reuters",
    "thomson reuters": "Reuters",
    "afp": "AFP",
    "agence france-presse": "AFP",
    "upi": "UPI",
    "united press international": "UPI",
    "dpa": "dpa",
    "xinhua": "Xinhua",
    "tass": "TASS",
    "interfax": "Interfax",
    "bloomberg": "Bloomberg",
    "bloomberg news": "Bloomberg",
    "kyodo": "Kyodo",
    "kyodo news": "Kyodo",
    "yonhap": "Yonhap",
    "ansa": "ANSA",
    "efe": "EFE",
    "anadolu": "Anadolu",
    "aa": "Anadolu",
    "pa": "PA",
    "pti": "PTI",
    "ani": "ANI",
    "ians": "IANS",
    "irna": "IRNA",
    "the canadian press": "The Canadian Press",
    "canadian press": "The Canadian Press",
    "cp": "The Canadian Press",
    "cnn": "CNN",
    "bbc": "BBC",
    "bbc news": "BBC",
    "usa today": "USA TODAY",
}

_DASH = r"\s*(?:[—–―]|--?)\s*(?=\S)"
_CAPITALS = r"(?:ST\.|FT\.|MT\.|[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’-]+)"
_CITY = rf"{_CAPITALS}(?:[ /]{_CAPITALS}){{0,4}}"
_REGION = r"(?:,\s+[A-ZÀ-ÖØ-Þ][\w.'’-]+(?:\s[A-ZÀ-ÖØ-Þ][\w.'’-]+){0,2})?"
_MONTH_DAY = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?\s+\d{1,2}"
_WHEN = rf"(?:,?\s+{_MONTH_DAY})?"
_TOWN = rf"[A-ZÀ-ÖØ-Þ][\w.'’-]+(?:\s[A-ZÀ-ÖØ-Þ][\w.'’-]+){{0,3}}{_REGION}"
_SIGNED = re.compile(
    rf"(?:(?P<place>{_CITY}{_REGION}|{_TOWN}){_WHEN}\s+)?"
    rf"\((?P<agency>[A-Za-z][A-Za-z .-]{{1,30}})(?:/[^()]{{1,30}})?\){_DASH}"
)
_UNSIGNED = re.compile(rf"(?P<place>{_CITY}{_REGION}){_WHEN}\s+(?:[—–―]|--)\s*(?=[\"“‘'A-ZÀ-ÖØ-Þ0-9])")
# A press release: 'Port Ellen, Scotland – January 2, 2020 – '.
_RELEASED = re.compile(
    rf"(?P<place>{_CITY}{_REGION}|{_TOWN})(?:,?\s+|{_DASH})\(?(?P<day>{_MONTH_DAY},?\s+\d{{4}})\)?"
    rf"(?:\s+/[\w ]{{2,20}}/)?{_DASH}"
)
_CALL_LETTERS = re.compile(r"[A-Z]{2,6}")

# Capitals before a dash that are a label and not a place.
_LABELS = frozenset(
    {"ADVISORY", "ANALYSIS", "BREAKING", "BREAKING NEWS", "CORRECTION", "CORRECTS", "DEVELOPING", "EDITORIAL"}
    | {"EDITOR'S NOTE", "EXCLUSIVE", "EXPLAINER", "FACTBOX", "LIVE", "NEW", "NOTE", "OPINION", "PHOTOS", "TIMELINE"}
    | {"UPDATE", "UPDATED", "URGENT", "VIDEO", "WATCH", "CIA", "FBI", "NASA", "NATO"}
)

_BY = re.compile(
    r"(?:by|written by|reported by|story by|reporting by|(?:propos recueillis )?par|von|por|door):?\s+(?P<rest>\S.*)",
    re.IGNORECASE,
)
_BETWEEN_NAMES = re.compile(r"\s*(?:,\s*(?:and\s+)?|;|\s+(?:and|et(?! al)|und)\s+|\s+&\s+)\s*")
_PARTICLE = r"(?:al|bin|da|das|de|del|della|den|der|di|dos|du|el|ibn|la|le|van|von|y|ten|ter)"
_WORD_OF_NAME = r"(?:(?:al-|el-|d'|d’)?[A-ZÀ-ÖØ-Þ][\w.'’-]*)"
_NAME = re.compile(rf"{_WORD_OF_NAME}(?:\s+(?:{_PARTICLE}\s+){{0,2}}{_WORD_OF_NAME}){{1,4}}(?:, (?:Jr|Sr)\.?)?")
_ROLE = re.compile(
    r"\b(?:writer|reporter|correspondent|editor|editors|staff|contributor|columnist|analyst|bureau)\b", re.IGNORECASE
)
_LAST_FIRST = re.compile(r"[^\s,;&]+, [^\s,;&]+")
_GENERATION = re.compile(r"(?:jr|sr|ph\.?d|md)\.?|I{2,3}|IV", re.IGNORECASE)
_FROM_PLACE = re.compile(r"\s+in\s+[A-Z][\w.'’-]*(?:[\s,]+[A-Z][\w.'’-]*){0,3}$")
_BAR = re.compile(r"\s+[|•·]\s+")

LONGEST_BYLINE_CHARS = 160
_LONGEST_ROLE_CHARS = 50


@dataclass(frozen=True, slots=True)
class Dateline:
    """The opening of a wire report: where it was written, who sent it, and how many characters the opening takes.

    ``day`` is set only where the year is written as well, as in press releases.
    """

    place: str | None
    outlet: str | None
    length: int
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Byline:
    """The names of a byline, the agency among them apart."""

    authors: tuple[str, ...]
    outlet: str | None


def find_dateline(paragraph: str) -> Dateline | None:
    """Return the dateline that ``paragraph`` opens with: 'BAGHDAD, Jan 3 (Reuters) - ', '(CNN) -- ' or 'LONDON — '.

    Without an agency the place must be in capitals, so that prose with a dash is not taken for one.
    """
    opening = paragraph[:160]
    if found := _SIGNED.match(opening):
        outlet = agency_of(found["agency"])
        if outlet is None and _CALL_LETTERS.fullmatch(found["agency"]):
            outlet = found["agency"]  # A station or agency that the table does not know: 'BOSTON (WCVB) —'.
        if outlet is not None:
            return Dateline(found["place"], outlet, found.end())
    if found := _RELEASED.match(opening):
        return Dateline(found["place"], None, found.end(), parse_written_day(found["day"]))
    found = _UNSIGNED.match(opening)
    if found is None or found["place"] in _LABELS:
        return None
    return Dateline(found["place"], None, found.end())


def agency_of(name: str) -> str | None:
    """Return the usual name of the news agency that ``name`` writes, ``None`` when it is not one we know."""
    return _AGENCIES.get(name.strip().removesuffix(" Staff").casefold())


def find_byline(line: str) -> Byline | None:
    """Return the byline that ``line`` is: 'By Jane Doe and John Roe, Associated Press'. ``None`` when it is prose."""
    if len(line) > LONGEST_BYLINE_CHARS or not (found := _BY.fullmatch(line)):
        return None
    # 'By Jane Doe | January 2, 2020': the date beside it is not read, the one in the header is the rule.
    rest = _FROM_PLACE.sub("", _BAR.split(found["rest"])[0])
    byline = split_names(rest)
    is_names = all(_NAME.fullmatch(name) for name in byline.authors)
    return byline if is_names and (byline.authors or byline.outlet or _ROLE.search(rest)) else None


def find_name(line: str) -> str | None:
    """Return the name that ``line`` is and nothing else; whether a person bears it, its neighbours must say."""
    return line if len(line) <= LONGEST_BYLINE_CHARS and _NAME.fullmatch(line) else None


def is_role(line: str) -> bool:
    """Say whether ``line`` is the office of an author: 'Maritime correspondent'."""
    return len(line) <= _LONGEST_ROLE_CHARS and bool(_ROLE.search(line)) and line[-1].isalpha()


def find_date_beside_byline(line: str) -> str | None:
    """Return the written day that shares a line with a byline, as in 'By Jane Doe | January 2, 2020'."""
    return next((part for part in _BAR.split(line)[1:] if parse_written_day(part)), None)


def split_names(names: str) -> Byline:
    """Return the people and the agency in ``names``: 'Jane Doe, John Roe Jr. and Ann Poe' or 'Doe, Jane; Roe, John'."""
    found = _BY.fullmatch(names)
    names = found["rest"] if found else names
    people: list[str] = []
    outlet = None
    for piece in re.split(r"\s*;\s*", names) if ";" in names else _BETWEEN_NAMES.split(names):
        if not piece:
            continue
        if agency := agency_of(piece):
            outlet = outlet or agency
        elif people and _GENERATION.fullmatch(piece):
            people[-1] += f", {piece}"
        elif not _ROLE.search(piece):
            people.append(piece)
    if len(people) == 2 and _LAST_FIRST.fullmatch(names):
        people = [names]
    return Byline(tuple(people), outlet)
