"""How two claims stand to each other: the same, another number, another culprit, a later report, or another matter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from assistant.claims.causes import agree as causes_agree
from assistant.claims.causes import differ as causes_differ
from assistant.claims.claim import Amount, Cause, Claim, Relation
from assistant.claims.events import LONG_AGO, REPEATED, are_same_kind

# Reports of one event so many days apart are compared; of what may happen again at the same place only the few, and
# some more where the later one says that it changes what was known.
MOST_DAYS = timedelta(21)
FEW_DAYS = timedelta(2)
CORRECTED_DAYS = timedelta(7)

# Numbers so close that the one is the other rounded, where one of them is called rough.
ROUGHLY = 0.08

# Dead and wounded of one event, as several report them on one day, are hardly so far apart.
FARTHEST = 4.0
# A number so many times another is of something else, whenever it was reported.
MOST_TIMES = 30.0
# Two measurements of one earthquake.
MAGNITUDES_APART = 0.7

_OF_THINGS = ("thing:", "percent:")
# What is counted in many places at once.
_MANY_AT_ONCE = frozenset({"evacuated", "missing", "arrested"})
_OF_BREACHES = frozenset({"thing:customer", "thing:account", "thing:user"})
_ONLY_RISING = frozenset({"dead", "injured", "evacuated", "arrested", "aboard", "in hospital"})

_STRENGTH: tuple[Relation, ...] = ("number", "attribution", "update", "confirmation", "agree", "unrelated")


def relate(one: Claim, other: Claim) -> Relation:
    """Return how two claims of different articles stand to each other; ``unrelated`` wherever that is not plain."""
    if not are_comparable(one, other):
        return "unrelated"
    if says_same(one, other):
        return "confirmation" if one.is_hedged != other.is_hedged else "agree"
    if not are_opposed(one, other):
        return "unrelated"
    if one.day is None or other.day is None:
        return "unrelated"
    first, second = sorted((one, other), key=lambda claim: claim.day or claim.day)  # type: ignore[arg-type,return-value]
    if first.day != second.day or first.is_earlier != second.is_earlier:
        return "update"
    return "number" if isinstance(one.value, Amount) else "attribution"


def relate_all(ones: Iterable[Claim], others: Iterable[Claim]) -> Relation:
    """Return the strongest relation between claims of one report and those of another."""
    found = {relate(one, other) for one in ones for other in list(others)}
    return next((relation for relation in _STRENGTH if relation in found), "unrelated")


def are_comparable(one: Claim, other: Claim) -> bool:
    """Whether two claims speak of the same thing of the same event."""
    if one.measure != other.measure or one.countee != other.countee:
        return False
    if isinstance(one.value, Amount) and isinstance(other.value, Amount) and one.value.unit != other.value.unit:
        return False
    return _is_same_event(one, other)


def says_same(one: Claim, other: Claim) -> bool:
    """Whether the values of two comparable claims are the same, as far as they say it."""
    if isinstance(one.value, Cause) and isinstance(other.value, Cause):
        return one.is_denied == other.is_denied and causes_agree(one.value, other.value)
    assert isinstance(one.value, Amount)
    assert isinstance(other.value, Amount)
    return _is_same_amount(one.value, other.value)


def are_opposed(one: Claim, other: Claim) -> bool:
    """Whether two comparable claims cannot both be the whole of it."""
    if isinstance(one.value, Cause) and isinstance(other.value, Cause):
        if one.is_denied and other.is_denied:
            return False
        if one.is_denied != other.is_denied:
            return causes_agree(one.value, other.value)
        return causes_differ(one.value, other.value)
    return _may_be_of_one_event(one, other)


def _may_be_of_one_event(one: Claim, other: Claim) -> bool:
    """Whether numbers that differ can be of one event: a toll does not fall unless a report corrects it."""
    first, second = sorted((one, other), key=lambda claim: (str(claim.day), not claim.is_earlier))
    assert isinstance(first.value, Amount)
    assert isinstance(second.value, Amount)
    if one.measure == "votes":
        return first.day == second.day
    low, high = sorted((first.value.number, second.value.number))
    if one.measure == "magnitude":
        return high - low <= MAGNITUDES_APART
    if not low:
        # That nobody was hurt is what first reports say, and what others contradict; a day later it is of other people.
        return first.day == second.day or (second.is_correction and second.value.number > 0)
    if one.measure not in _ONLY_RISING or high > MOST_TIMES * low:
        return high <= MOST_TIMES * low
    if first.day == second.day and not (first.is_correction or second.is_correction):
        return high <= FARTHEST * low
    return second.is_correction or second.value.number > first.value.number


def _is_same_amount(one: Amount, other: Amount) -> bool:
    if one.second is not None or other.second is not None:
        return (one.number, one.second) == (other.number, other.second)
    low, high = sorted((one, other), key=lambda amount: amount.number)
    if low.number == high.number:
        return True
    near = high.number - low.number <= ROUGHLY * high.number
    if low.bound == "about" or high.bound == "about":
        return near
    return near and (low.bound == "least" or high.bound == "most")


def _is_same_event(one: Claim, other: Claim) -> bool:
    first, second = one.event, other.event
    if not are_same_kind(first.families, second.families) or _are_days_apart(one, other) or _are_elsewhere(one, other):
        return False
    shared, kinds = first.names & second.names, first.families & second.families
    told = (first.stems & second.stems) - _plain_stems(one)
    if not shared or len(told) < (2 if kinds else 3):
        return False
    if one.measure in _OF_BREACHES and "breach" not in kinds:
        return False
    if one.measure.startswith(_OF_THINGS) or one.value.text.startswith(("$", "€", "£")):
        # Of many things there is more than one number.
        if one.day != other.day and not max((one, other), key=lambda claim: str(claim.day)).is_correction:
            return False
        return len(told) >= 3 and bool(kinds or len(shared) >= 2 or len(told) >= 4)
    return _is_named_alike(one, other, shared)


def _is_named_alike(one: Claim, other: Claim, shared: frozenset[str]) -> bool:
    """Whether the names that two share tell the event: two of them, the place, or one of both headlines."""
    first, second = one.event, other.event
    is_of_place = bool(shared & (first.places | first.headline) & (second.places | second.headline))
    if one.measure == "evacuated":
        return bool(shared & first.places & second.places)
    if one.measure in _MANY_AT_ONCE:
        return is_of_place
    is_once = bool(first.families & second.families) and not REPEATED & first.families
    if len(shared) >= 2 or (is_once and (one.day == other.day or (first.since and second.since))):
        return True
    return is_of_place


def _plain_stems(claim: Claim) -> frozenset[str]:
    return frozenset({claim.measure, "peopl", "kill", "dead", "die", "injur", "offici", "report", "death", "toll"})


def _are_elsewhere(one: Claim, other: Claim) -> bool:
    """Whether each says where, and it is not the same place: a county is not the country that it is a part of."""
    if one.event.part != other.event.part:
        return True
    first, second = one.event.places, other.event.places
    return bool(first and second) and not first & second


def _are_days_apart(one: Claim, other: Claim) -> bool:
    """Whether the days that are told, or those of publication, are of different events."""
    if one.day is None or other.day is None:
        return True
    for claim in (one, other):
        if claim.day and claim.event.until and claim.day - claim.event.until > LONG_AGO:
            return True
    if one.event.since and other.event.since and not _is_same_window(one, other):
        return True
    gap = abs(one.day - other.day)
    later = max((one, other), key=lambda claim: claim.day or claim.day)  # type: ignore[arg-type,return-value]
    families = one.event.families | other.event.families
    # What brought something about is found out late.
    is_repeated = bool((REPEATED - {"crash"} if isinstance(one.value, Cause) else REPEATED) & families)
    if not is_repeated or (one.event.since and other.event.since):
        return gap > MOST_DAYS
    if gap > (CORRECTED_DAYS if later.is_correction else FEW_DAYS):
        return True
    # Who gives no day speaks of what has just happened.
    return not later.is_correction and any(
        claim.event.until and told.day and told.day - claim.event.until > FEW_DAYS
        for claim, told in ((one, other), (other, one))
    )


def _is_same_window(one: Claim, other: Claim) -> bool:
    first, second = one.event, other.event
    if first.since is None or first.until is None or second.since is None or second.until is None:
        return False
    return first.since <= second.until and second.since <= first.until
