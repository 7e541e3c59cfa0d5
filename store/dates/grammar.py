"""The shapes of time expressions, and which rule reads each."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from store.dates import bare, periods, relative
from store.dates.phrases import Meaning, Phrase

Rule = Callable[[Phrase], Meaning | None]

# 'The end of', 'early', 'mid-'.
_PART = r"(?:T?ef|[eG]-?)?"
_COUNT = r"(?:n-?n?|D|N|a?vf?|a)"

# Shapes of marks (see tokens), the more specific first: at one place the first that its rule can read wins.
_SHAPES: tuple[tuple[str, Rule], ...] = (
    (r"I", bare.numeric),
    (r"(?:W,?)?MD[-c&]D(?:,?Y)?", bare.days_of_month),
    (r"(?:W,?T?)?D[-c&]Df?M(?:,?Y)?", bare.days_of_month),
    (r"(?:W,?)?(?:MD|T?Df?M),?f?[ltx]U", bare.in_told_year),
    (rf"{_PART}M,?f?[ltx]U", bare.in_told_year),
    (r"(?:W,?)?MD(?:,?Y)?", bare.day),
    (r"(?:W,?)?T?Df?M(?:,?Y)?", bare.day),
    (rf"{_PART}M(?:f|,)?Y", bare.month_of_year),
    (r"TKaU[gG]", periods.year_ago),
    (r"Tw?U-?[gG]-?o?-?K", periods.year_ago),
    (r"Tw?K[l]U", periods.year_ago),
    (r"[lt]U'K", periods.year_ago),
    (r"[ltx]U'o-?K", periods.numbered),
    (r"T?(?:zY?|Y)?-?o-?K(?:fY|f?[ltx]U)?", periods.numbered),
    (r"Y-?Q|Q,?Y?", periods.numbered),
    (r"TYK", periods.year_quarter),
    (r"T?[ltxh]K", periods.told),
    (r"TK", periods.told),
    (rf"{_PART}T?[ltx]?S(?:f?,?Y)?", periods.season),
    (r"iS(?!f?,?Y)", periods.season),
    (rf"T?l{_COUNT}U", relative.trailing),
    (rf"T?x{_COUNT}U", relative.ahead),
    (r"T?U-[gG]", relative.ago),
    (rf"{_COUNT}-?Ug", relative.ago),
    (rf"{_COUNT}-?UG", relative.from_said),
    (r"TUbd", relative.beyond_deictic),
    (r"U-e|U'?e", relative.year_end),
    (r"TU", relative.weekend),
    (rf"{_PART}T?tz?U", relative.this_unit),
    (r"(?:T?ef)?Tz?U", relative.this_unit),
    (rf"{_PART}T?lz?U", relative.last_unit),
    (rf"{_PART}T?xz?U", relative.next_unit),
    (r"T?hU", relative.that_unit),
    (rf"i{_COUNT}U", relative.in_units),
    (r"Wf?[ltx]U", bare.weekday_of_week),
    (r"(?:[eG]-?)?(?:T?[ltx])?Wp?", bare.weekday),
    (r"(?:[eG]-?)?dp?", relative.deictic),
    (r"[eG]?[tl]p", relative.deictic),
    (rf"{_PART}(?:T?[ltx])?M", bare.month),
    (r"T?[eG]?-?C", bare.decade),
    (r"T?[oD]-?U", bare.century),
    (rf"{_PART}z?Y", bare.year),
    (r"R(?:U(?:&U)?)?", relative.recent),
    (r"HU|TF|Tl|[rt]", relative.vague),
)


@cache
def rules() -> tuple[tuple[re.Pattern[str], Rule], ...]:
    """Return the shapes with their rules, in the order in which they are tried."""
    return tuple((re.compile(shape), rule) for shape, rule in _SHAPES)


@cache
def any_shape() -> re.Pattern[str]:
    """Return the pattern that finds where some shape begins."""
    return re.compile("|".join(shape for shape, _ in _SHAPES))
