"""Question and flags → what to search: queries, the days of publication, the outlets, and what to prefer."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from assistant.conversation import AskedTime, Planned
from assistant.errors import ConfigError
from assistant.outlet_cues import read_outlet_cue
from assistant.windows import TimeReading, read_window
from store.cleaning import clean_line
from store.outlets import OutletIndex
from store.records import Preference, SearchFilter, Window

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from assistant.outlet_cues import OutletCue

# A window that ended longer ago is the past: closeness to today says nothing about it.
_LATELY = timedelta(30)

# Verbs in the present, the perfect or the future: with them a question without any date is about its present. The past
# tense leaves that open ('Who founded the bank?', 'Who resigned?'), and what is found decides. On RealTimeQA 92 of 246
# questions have one of these words, of 30 about old events none.
_PRESENT = re.compile(r"\b(?:will|won['’]t|soon|upcoming|next|is|are|has|have)\b", re.IGNORECASE)
_PAST = re.compile(r"\b(?:did|was|were|had)\b", re.IGNORECASE)

# Without one of these no question asks for several things.
_MAY_HAVE_PARTS = re.compile(
    r"\b(?:and|both|compare|differ|differences?|whereas|while)\b|\?.*\?", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person set by hand; ``as_of`` is the day the question is asked on, when that is not today.

    With ``any_day`` the days that a question itself names are not kept to. ``about`` are names that articles must have.
    """

    since: date | None = None
    until: date | None = None
    as_of: date | None = None
    outlets: tuple[str, ...] = ()
    any_day: bool = False
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What a follow-up question keeps of the turns before: days, and outlets where it cites none of its own."""

    window: Window | None = None
    outlets: tuple[str, ...] = ()


def plan(question: str, scope: Scope, *, today: date, outlets: Iterable[str] = (), kept: Kept | None = None) -> Planned:
    """Return what to search for ``question``; raise ConfigError where the days contradict each other.

    Days and outlets that the question itself names are understood where ``scope`` sets none, and so are those ``kept``
    from the turns before; ``outlets`` are those that the archive knows. Asked as of a day, nothing that was published
    after it is seen.
    """
    # Cleaned, for a question comes from outside too: bytes that are no text would stop the embedder.
    asked = clean_line(question)
    if not asked:
        raise ConfigError("the question is empty", hint='ask one: `dateline ask "Who…?"`')
    on = scope.as_of or today
    reading = read_window(asked, on)
    if kept is not None and kept.window is not None:
        reading = replace(reading, filter=kept.window, preference=None)
    cue = None if scope.outlets else read_outlet_cue(asked, OutletIndex(outlets))
    given = filter_of(scope)
    window = _window(reading, scope, on)
    where = replace(given, since=window.since if window else None, until=window.until if window else None)
    if cue is not None and cue.effect == "filter":
        where = replace(where, outlets=cue.outlets)
    elif kept is not None and kept.outlets and not scope.outlets:
        where = replace(where, outlets=kept.outlets)
    query = cue.query if cue else asked
    return Planned(
        question=asked,
        query=query,
        window=window,
        filter=where,
        as_of=on,
        queries=_queries(query),
        given=given,
        given_window=window_of(scope),
        # What is kept to needs no preference.
        preference=_preference(asked, reading, None if where.outlets else cue, scope, on),
        preferred_window=None if _is_dated(scope) else reading.preference,
        time=_time(asked, reading, scope, on),
    )


def filter_of(scope: Scope) -> SearchFilter:
    """Return the articles that a scope leaves; raise ConfigError where its days contradict each other."""
    window = window_of(scope)
    return SearchFilter(window.since if window else None, window.until if window else None, scope.outlets, scope.about)


def window_of(scope: Scope) -> Window | None:
    """Return the days that a scope leaves, with their basis in words; None where it sets none."""
    until = min((day for day in (scope.until, scope.as_of) if day), default=None)
    if scope.since is None and until is None:
        return None
    if scope.since and until and scope.since > until:
        raise ConfigError(f"the window is empty: {scope.since} is after {until}", hint="swap --since and --until")
    given = {"--since": scope.since, "--until": scope.until, "--as-of": scope.as_of}
    return Window(scope.since, until, ", ".join(flag for flag, day in given.items() if day))


def _is_dated(scope: Scope) -> bool:
    """Whether the days were set by hand: then those of the question are not needed."""
    return scope.since is not None or scope.until is not None or scope.any_day


def _window(reading: TimeReading, scope: Scope, on: date) -> Window | None:
    """Return the days to keep to: those set by hand, else those that the question names."""
    given = window_of(scope)
    if _is_dated(scope) or reading.filter is None:
        return given
    if given is None:
        return reading.filter
    until = min(reading.filter.until or on, on)
    if reading.filter.since is not None and reading.filter.since > until:
        return given
    basis = dict.fromkeys((*reading.filter.basis.split(", "), *given.basis.split(", ")))
    return Window(reading.filter.since, until, ", ".join(basis), inferred=True)


def _preference(question: str, reading: TimeReading, cue: OutletCue | None, scope: Scope, on: date) -> Preference:
    outlets = cue.outlets if cue is not None and cue.effect == "preference" else ()
    if _is_dated(scope):
        return Preference(outlets=outlets, newest_first=reading.newest_first)
    near, present = _nearness(question, reading, on)
    days = reading.preference if near is None else None
    return Preference(
        near,
        present,
        since=days.since if days else None,
        until=days.until if days else None,
        outlets=outlets,
        newest_first=reading.newest_first,
    )


def _time(question: str, reading: TimeReading, scope: Scope, on: date) -> AskedTime:
    near, present = _nearness(question, reading, on)
    named = reading.filter or reading.preference
    # Who sets an earlier end by hand looks at the present of that day.
    day = min(scope.until or on, on)
    # 'How long did he have?' is not about today.
    return AskedTime(day, named, near is not None, present and (named is not None or not _PAST.search(question)))


def _nearness(question: str, reading: TimeReading, on: date) -> tuple[date | None, bool]:
    """Return the day that closeness counts to, and whether the question itself says that it is about its present."""
    window = reading.filter or reading.preference
    if window is None:
        near = on if reading.present else None
        return near, near is not None and _PRESENT.search(question) is not None
    # Days that a filter keeps to are close enough to each other; days that are long gone, to nothing else.
    earliest = on if window is reading.filter else on - _LATELY
    if window.until is not None and window.until < earliest:
        return None, False
    return on, True


def _queries(query: str) -> tuple[str, ...]:
    """Return the whole query and the parts that it has."""
    if not _MAY_HAVE_PARTS.search(query):
        return (query,)
    from assistant.subqueries import split_question  # 8 ms for its patterns

    parts = split_question(query)
    return (query, *parts) if len(parts) > 1 else (query,)
