"""Many claims → what they say of the same thing, side by side, and what later reports changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from assistant.claims.claim import Amount, Cause, Claim, Comparison, Relation, Side, Update
from assistant.claims.relations import are_comparable, are_opposed, says_same
from store.words import stem, words

# What is told first: where they differ.
_ORDER: tuple[Relation, ...] = ("number", "attribution", "confirmation", "update", "agree")

# A comparison with more sides is of things that have only their words in common. Chosen by eye.
_MOST_SIDES = 6
# Claims that are looked at: comparing is quadratic.
_MOST_CLAIMS = 400

# Sentences that begin within so many characters stand side by side.
_NEAR_CHARS = 350

_SUBJECTS = {
    "dead": "people killed",
    "injured": "people injured",
    "missing": "people missing",
    "aboard": "people aboard",
    "arrested": "people arrested",
    "evacuated": "people moved to safety or displaced",
    "trapped": "people trapped",
    "in hospital": "people in hospital",
    "taking part": "people taking part",
    "cause": "what caused it",
    "blame": "who is responsible",
    "identity": "who it was",
    "votes": "the votes",
    "magnitude": "the magnitude",
}


def compare_claims(claims: Iterable[Claim]) -> list[Comparison]:
    """Return what is said of the same thing by several reports, what differs first; the same whatever the order."""
    ordered = sorted(_from_several(claims), key=_key)[:_MOST_CLAIMS]
    compared = [comparison for group in _groups(ordered) if (comparison := _comparison(group)) is not None]
    return sorted(
        compared, key=lambda one: (_ORDER.index(one.kind), -len(one.outlets), one.subject, _key(one.claims[0]))
    )


def _from_several(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Yield the claims of dated articles: without a day nobody knows which came later."""
    return (claim for claim in claims if claim.day is not None)


def _key(claim: Claim) -> tuple[str, str, str, int, str]:
    return (_moment(claim), claim.measure, claim.article.id, claim.start, claim.value.text)


def _moment(claim: Claim) -> str:
    published = claim.article.published
    return published.isoformat() if published else ""


def _groups(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Return claims of the same thing: each joins the largest group all of which it is comparable with.

    Causes are looked for in several ways: for them half of the group is enough.
    """
    groups: list[list[Claim]] = []
    for claim in claims:
        least = 0.5 if isinstance(claim.value, Cause) else 1.0
        fitting = [
            group for group in groups if sum(_belong_together(claim, other) for other in group) >= least * len(group)
        ]
        if fitting:
            max(fitting, key=len).append(claim)
        else:
            groups.append([claim])
    return groups


def _belong_together(one: Claim, other: Claim) -> bool:
    """Whether two are of the same thing; so are the numbers in 'correcting earlier counts of 170 and 180'."""
    is_one_sentence = one.article.id == other.article.id and one.start == other.start
    if is_one_sentence and one.measure == other.measure and one.countee == other.countee:
        return True
    return are_comparable(one, other)


def _comparison(group: Sequence[Claim]) -> Comparison | None:
    group = _heard(group)
    sides = _sides(group)
    if len({claim.outlet for claim in group}) < 2 and len({claim.article.id for claim in group}) < 2:
        return None
    if len(sides) > _MOST_SIDES:
        return None
    if len(sides) == 1:
        return _agreement(sides[0])
    updates = tuple(_updates(sides))
    if _differs_on_a_day(sides, updates):
        kind: Relation = "number" if isinstance(group[0].value, Amount) else "attribution"
    elif updates:
        kind = "update"
    else:
        return None
    return Comparison(kind, _subject(group), tuple(sides), updates)


def _heard(group: Sequence[Claim]) -> list[Claim]:
    """Return a group without what an article that has given its number tells besides: counts of parts and places.

    Another number stays where the article cites somebody else for it, close by, or tells it as the one before.
    """
    heard: list[Claim] = []
    for claim in group:
        own = [one for one in heard if one.article.id == claim.article.id and not one.is_earlier]
        if claim.is_earlier or all(says_same(one, claim) or _is_set_against(one, claim) for one in own):
            heard.append(claim)
    return heard


def _is_set_against(one: Claim, other: Claim) -> bool:
    """Whether an article itself sets two claims against each other: of two speakers, in one sentence or two."""
    if isinstance(one.value, Cause):
        return True
    is_near = abs(one.start - other.start) <= _NEAR_CHARS
    return is_near and bool(one.speaker and other.speaker) and one.speaker != other.speaker


def _agreement(whole: Side) -> Comparison | None:
    side = Side(whole.value, tuple(claim for claim in whole.claims if not claim.is_earlier))
    if len(side.outlets) < 2:
        return None
    hedged = Side(side.value, tuple(claim for claim in side.claims if claim.is_hedged))
    plain = Side(side.value, tuple(claim for claim in side.claims if not claim.is_hedged))
    if hedged.claims and plain.claims and set(hedged.outlets) != set(plain.outlets):
        return Comparison("confirmation", _subject(side.claims), (plain, hedged))
    return Comparison("agree", _subject(side.claims), (side,))


def _sides(group: Sequence[Claim]) -> list[Side]:
    """Return the values of a group, in the order of their first report, each with its claims.

    What an article tells as said before goes before what it says itself.
    """
    values: list[list[Claim]] = []
    for claim in group:
        like = next((one for one in values if all(says_same(claim, other) for other in one)), None)
        if like is None:
            values.append([claim])
        else:
            like.append(claim)
    values.sort(key=lambda claims: (_moment(claims[0]), not claims[0].is_earlier))
    return [Side(_value_text(claims), tuple(claims)) for claims in values]


def _value_text(claims: Sequence[Claim]) -> str:
    best = next(
        (claim for claim in claims if isinstance(claim.value, Cause) or claim.value.bound == "exact"), claims[0]
    )
    text = best.value.text
    return f"not {text}" if best.is_denied else text


def _updates(sides: Sequence[Side]) -> Iterator[Update]:
    """Yield what was reported later and in place of something else, oldest first."""
    current = [(side, _first_current(side)) for side in sides]
    told = [(old, new) for old in sides for new, first in current if first and old is not new and _corrects(first, old)]
    dated = sorted(((first, side) for side, first in current if first), key=lambda pair: _key(pair[0]))
    for place, (later, new) in enumerate(dated):
        old = next((side for _, side in reversed(dated[:place]) if _gives_way(side, later)), None)
        if old is not None and (old, new) not in told:
            told.append((old, new))
    order = {id(side): _key(first) for side, first in current if first}
    yield from sorted((Update(old, new) for old, new in told), key=lambda update: order[id(update.new)])


def _gives_way(old: Side, later: Claim) -> bool:
    """Whether a claim was made after the last one for another value, on a later day or to correct it."""
    current = [claim for claim in old.claims if not claim.is_earlier]
    is_later = all(_moment(claim) < _moment(later) for claim in current) and (
        current[0].day != later.day or later.is_correction
    )
    # Where only the day is known, 'the toll had risen to 51' says itself that it came after.
    is_later |= later.is_correction and all(
        _moment(claim) == _moment(later) and not claim.is_correction for claim in current
    )
    return is_later and any(are_opposed(one, later) for one in current)


def _first_current(side: Side) -> Claim | None:
    return next((claim for claim in side.claims if not claim.is_earlier), None)


def _corrects(claim: Claim, old: Side) -> bool:
    """Whether the article of a claim tells another value itself as the one before; not only as another speaker's."""
    own = [one for one in old.claims if one.is_earlier and one.article.id == claim.article.id]
    return any(
        are_opposed(one, claim) and (one.start != claim.start or one.speaker == claim.speaker or claim.is_correction)
        for one in own
    )


def _differs_on_a_day(sides: Sequence[Side], updates: Sequence[Update]) -> bool:
    """Whether on one day two stood for different values, and no report of that day corrects the other."""
    changed = {(id(update.old), id(update.new)) for update in updates}
    for i, one in enumerate(sides):
        for other in sides[i + 1 :]:
            if (id(one), id(other)) in changed or (id(other), id(one)) in changed:
                continue
            if any(_oppose_on_a_day(first, second) for first in one.claims for second in other.claims):
                return True
    return False


def _oppose_on_a_day(one: Claim, other: Claim) -> bool:
    is_other_voice = one.outlet != other.outlet or one.speaker != other.speaker
    is_current = not one.is_earlier and not other.is_earlier
    return one.day == other.day and is_current and is_other_voice and are_opposed(one, other)


def _subject(claims: Sequence[Claim]) -> str:
    """Return in words what a comparison is about: what is counted, and of which event."""
    first = claims[0]
    what = _SUBJECTS.get(first.measure, first.measure.partition(":")[2] or first.measure)
    if first.countee and "people" in what:
        told = [word for word in words(first.quote) if stem(word) in first.countee.split()]
        what = what.replace("people", " ".join(dict.fromkeys(told)) or first.countee, 1)
    return what
