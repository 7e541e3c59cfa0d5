"""What happened somewhere, as a question speaks of it: 'the fire at the mill', and what asks for its details."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from assistant.subjects import (
    DETERMINERS,
    PREPOSITIONS,
    Subject,
    find_subjects,
    is_past,
    is_verb,
    relations,
    split_words,
)
from store.words import STOP_WORDS

# What happens once, at a place: a shooting, not inflation.
_INCIDENTS = frozenset(
    """accident airstrike ambush arson assassination assault attack avalanche blackout blast blaze bombing
    bombardment brawl breach clash collapse collision coup crash crush cyclone derailment disaster drowning
    earthquake eruption evacuation execution explosion fire flood flooding gunfire heist hijacking hurricane incident
    invasion kidnapping killing landslide leak massacre mudslide murder outage protest quake raid rampage riot robbery
    rockslide sabotage shelling shooting shipwreck shootout siege sinking spill stabbing stampede standoff storm
    strike takeover tornado tragedy tsunami typhoon unrest uprising wildfire wreck""".split()
)
# What becomes of people and things in one, and what is done after it.
_OUTCOMES = frozenset(
    """arrested blamed buried burned burnt caught charged convicted crashed damaged destroyed detained die died
    displaced drowned escape escaped evacuated exploded fired fled flee freed hospitalised hospitalized hurt identified
    injured kidnapped killed lost missing opened perished protested rescued sank saved shot stabbed survive survived
    suspected trapped treated wounded""".split()
)
# Who and what has a part in one.
_PARTS = frozenset(
    """ambulance ambulances assailant attacker attackers bomb bomber bystander bystanders casualties casualty
    firefighters gun gunman gunmen hostage hostages motive perpetrator rescuers responders rifle robber robbers shooter
    survivor survivors suspect suspects toll victim victims weapon weapons witness witnesses""".split()
)
# Where people are brought after any.
_ANYWHERE = frozenset("custody hospital hospitals total".split())
_DID = re.compile(r"\b(?:did|does|do)\s+$", re.IGNORECASE)
_LEADING_TO_PLACES = frozenset("in at on off near outside inside aboard of against over under along".split())

# A question of more meaningful words says by itself what it is about. Chosen, not measured.
_MOST_WORDS = 5


def incident_of(question: str) -> Subject | None:
    """Return the incident that a question speaks of, with where it was: 'the fire at the mill in Skelby'."""
    found = find_subjects(question)
    first = next((one for one in found if _is_incident(one)), None)
    if first is None:
        return None
    end = first.end
    for one in found:
        follows = end < one.start and question[end : one.start].strip().lower() in _LEADING_TO_PLACES
        if follows or one.start <= end < one.end:
            end = one.end
    if _DID.search(question[: first.start]):
        end = _before_verb(question, first.start, end)
    text = question[first.start : end]
    is_whole = any(_names_incident(token.word) for token in split_words(text))
    return replace(first, text=text, end=end, role=3) if is_whole else None


def tells_of_incident(question: str) -> bool:
    """Whether a question is about something that happened: 'what happened …', 'who was shot …', 'the fire …'."""
    said = {token.word for token in split_words(question)}
    return "happened" in said or not said.isdisjoint(_OUTCOMES) or incident_of(question) is not None


def asks_for_detail(question: str) -> bool:
    """Whether a question leaves out which incident it asks about: it is short, names nothing, and asks who was hurt."""
    tokens = split_words(question)
    said = {token.word for token in tokens}
    if said.isdisjoint(_OUTCOMES | _PARTS) or len([word for word in said if word not in STOP_WORDS]) > _MOST_WORDS:
        return False
    if not any(token.word in {"did", "was", "were", "had"} or is_past(token.word) for token in tokens):
        return False
    own = find_subjects(question)
    return not any(one.is_name or _is_incident(one) or _is_led(question, one) for one in own)


def _before_verb(question: str, start: int, end: int) -> int:
    """Return where a phrase ends that its verb was read as a part of: 'did the fire in Skelby start at night'."""
    tokens = [token for token in split_words(question) if start <= token.start < end]
    for before, token in reversed(list(pairwise(tokens))):
        if is_verb(token.word) and not token.is_capital and before.word not in DETERMINERS | PREPOSITIONS:
            return before.end
    return end


def _is_incident(one: Subject) -> bool:
    return _names_incident(one.head)


def _names_incident(word: str) -> bool:
    return not {word, word.removesuffix("s"), word.removesuffix("es")}.isdisjoint(_INCIDENTS)


def _is_led(question: str, one: Subject) -> bool:
    """Whether a preposition leads up to a noun of a question's own: 'by sharks', but not 'of the victims'."""
    before = question[: one.start].split()
    if not before or before[-1].lower() not in PREPOSITIONS:
        return False
    first = one.text.partition(" ")[0].lower()
    return one.head not in _ANYWHERE and not (first in DETERMINERS and (one.head in _PARTS or one.head in relations()))
