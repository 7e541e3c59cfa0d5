"""What a name's own words tell of it: a title before a person, 'University of' before an organisation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from store.entities.gazetteer import COUNTRIES, DOUBTFUL, PLACE_NAMES, STATES
from store.entities.tokens import Token, Tokens, lower_of
from store.entities.vocabulary import (
    CALENDAR,
    DEMONYMS,
    DIRECTIONS,
    FAMILY_FIRST,
    GIVEN_NAMES,
    HEADS,
    KNOWN_ORGANISATIONS,
    NAME_ENDINGS,
    OF_TITLES,
    ORGANISATIONS,
    OTHERS,
    PLACE_BEGINNINGS,
    PLACES,
    SOFT,
    SURNAME_TITLES,
    TITLE_PARTS,
    TITLES,
    WORD_NAMES,
)

Kind = Literal["person", "place", "organisation"]


def kind_by_words(tokens: Sequence[Token]) -> Kind | None:
    """Return the kind that the words of a name tell by themselves, None where they leave it open."""
    whole = lower_of(tokens)
    if len(tokens) == 1 or whole in KNOWN_ORGANISATIONS or whole in PLACE_NAMES:
        return _known_kind(whole, is_alone=len(tokens) == 1)
    first, last = tokens[0].lower, tokens[-1].lower
    if _is_plain_person(tokens):
        return "person"
    if is_organisation(tokens):
        return "organisation"
    if last in PLACES or first in PLACE_BEGINNINGS or (first in DIRECTIONS and lower_of(tokens[1:]) in PLACE_NAMES):
        return "place"
    is_numbered = last in NAME_ENDINGS and tokens[-2].lower not in OTHERS  # 'World War II' is nobody.
    return "person" if is_numbered or "." in tokens[0].text else None


def _known_kind(whole: str, *, is_alone: bool) -> Kind | None:
    if whole in KNOWN_ORGANISATIONS:
        return "organisation"
    return "place" if whole in PLACE_NAMES and not (is_alone and whole in DOUBTFUL) else None


def _is_plain_person(tokens: Sequence[Token]) -> bool:
    """Whether it is a given name and one that may be anything: 'Tim Cook', 'Laura Bush', 'Tiger Woods'."""
    last = tokens[-1].lower
    return (
        len(tokens) == 2 and tokens[0].lower in GIVEN_NAMES and not tokens[1].link and (last in SOFT or last in PLACES)
    )


def is_organisation(tokens: Sequence[Token]) -> bool:
    """Whether the words are those of an organisation."""
    if len(tokens) < 2:
        return lower_of(tokens) in KNOWN_ORGANISATIONS
    last = tokens[-1].lower
    if last in ORGANISATIONS or any(
        token.lower in HEADS and (after.link in {"of", "for", "on"} or token.lower in {"university", "college"})
        for token, after in pairwise(tokens)
    ):
        return True
    # 'New York Yankees', 'Green Bay Packers'.
    is_team = (
        last.endswith("s") and last not in OTHERS and last not in PLACES and last not in DEMONYMS and last not in TITLES
    )
    return is_team and (lower_of(tokens[:-1]) in PLACE_NAMES or last in KNOWN_ORGANISATIONS)


def is_of_other_kind(tokens: Sequence[Token]) -> bool:
    """Whether a name is that of an event, a work, a law: none of the three kinds."""
    last = tokens[-2].lower if len(tokens) > 1 and tokens[-1].lower in NAME_ENDINGS else tokens[-1].lower
    return last in OTHERS and not (len(tokens) == 2 and tokens[0].lower in GIVEN_NAMES)


def is_title_word(word: str) -> bool:
    return word in TITLES or word in TITLE_PARTS or word in OF_TITLES


def end_of_title(tokens: Sequence[Token]) -> int:
    """Return before which word the last title in a run ends: 2 in 'Texas Gov. Greg Abbott'; 0 where there is none."""
    for i in range(len(tokens) - 2, -1, -1):
        word = tokens[i].lower
        if word not in TITLES and not (word in OF_TITLES and tokens[i].link == "of"):
            continue
        if word in SURNAME_TITLES and i and tokens[i - 1].lower in GIVEN_NAMES:
            continue  # 'Martin Luther King Jr.'
        if tokens[i + 1].link or is_organisation(tokens[i:]) or is_organisation(tokens[i + 1 :]):
            return 0  # 'Justice Department', 'Republican National Committee'.
        return i + 1
    return 0


def begin_of_title(tokens: Sequence[Token], end: int) -> int:
    """Return where the title begins that ends before ``end``, with the demonym before it."""
    begin = end - 1
    while begin and is_title_word(tokens[begin - 1].lower):
        begin -= 1
    while begin and tokens[begin - 1].lower in DEMONYMS:
        begin -= 1
    return begin


def trimmed(tokens: Sequence[Token]) -> Tokens:
    """Return a name without the titles and days behind it: 'Brown University President', 'Biden Tuesday'."""
    end = len(tokens)
    while end:
        word = tokens[end - 1].lower
        is_surname = word in SURNAME_TITLES and end == 2 and tokens[0].lower in GIVEN_NAMES
        is_day = word in CALENDAR and not (end > 1 and tokens[0].lower in GIVEN_NAMES and word in GIVEN_NAMES)
        if (word in TITLES and not is_surname) or is_day:
            end -= 1
        else:
            break
    while end and end < len(tokens) and is_title_word(tokens[end - 1].lower):
        end -= 1
    return tuple(tokens[:end])


def called(tokens: Sequence[Token]) -> str:
    """Return the word by which a person is named afterwards: the family name."""
    if len(tokens) > 1 and tokens[0].lower in FAMILY_FIRST and tokens[0].lower not in GIVEN_NAMES:
        return tokens[0].text
    last = len(tokens) - 1
    while last > 1 and tokens[last].lower in NAME_ENDINGS:
        last -= 1
    return tokens[last].text


def is_country_or_state(word: str) -> bool:
    return word in COUNTRIES or word in STATES


def may_be_word(word: str) -> bool:
    """Whether a known organisation is called by a word of every day."""
    return word in WORD_NAMES


def abbreviates(short: str, tokens: Sequence[Token]) -> bool:
    """Whether an acronym is made of the first letters of a name, some of them left out."""
    initials = "".join(letter for token in tokens for letter in token.text if letter.isupper()).lower()
    letters = [letter for letter in short.lower() if letter.isalpha()]
    if len(letters) < 2 or not initials or letters[0] != initials[0]:
        return False
    place = iter(initials)
    return sum(letter in place for letter in letters) >= max(2, len(letters) - 1)
