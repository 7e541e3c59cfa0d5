"""Find the people, places and organisations that an article names, by rules: no model, one pass over its words.

Names are told by their capitals: in scripts without any, nothing is found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from store.entities.gazetteer import DOUBTFUL, PLACE_NAMES, STATE_SHORT_FORMS
from store.entities.shapes import (
    Kind,
    abbreviates,
    begin_of_title,
    called,
    end_of_title,
    is_country_or_state,
    is_of_other_kind,
    is_organisation,
    is_title_word,
    kind_by_words,
    may_be_word,
    trimmed,
)
from store.entities.tokens import Token, Tokens, lower_of, name_of, opens, runs
from store.entities.vocabulary import (
    CALENDAR,
    COMMON,
    DEMONYMS,
    DIRECTIONS,
    GIVEN_NAMES,
    KNOWN_ORGANISATIONS,
    ORDINARY,
    ORGANISATION_NOUNS,
    ORGANISATIONS,
    OTHERS,
    PERSON_NOUNS,
    PLACE_NOUNS,
    SPEAKING,
)

# Read of an article: a live blog has no end, and what it is about is named before.
LONGEST_BODY = 60_000
# More words than that are a list in capitals, and a person has no more than so many names.
_LONGEST_NAME, _LONGEST_PERSON = 10, 4
# A word that nothing is known of is taken for an organisation where it stands so often alone.
_OFTEN = 3
_LONGEST_ACRONYM = 6
_SHORTEST_SHOUTED = 4

_ACRONYM = re.compile(r"[\"”’']? \([\"“]?([A-Z][A-Za-z&.-]{1,9})[\"”]?\)")
_AFTER = re.compile(
    r"(?:['’]s?)?,? (?:(?:a|an|the|who|and|has|had|also|later|recently|formerly|its|his|her|then) ){0,2}(\w[\w-]*)"
)
_BEFORE = re.compile(r"([\w-]+),?[ “\"]$")
_NEXT = re.compile(r", (\w[\w.]*)")
_AGE = re.compile(r",? \d\d?,")
_LOWER = re.compile(r"(?<![\w’'-])[a-z][a-z]+")
_LOCATIVES = frozenset("in near at from outside across around throughout toward towards into".split())


class Mention(NamedTuple):
    """One place where something is named: ``start`` to ``end`` as printed, ``name`` in full."""

    start: int
    end: int
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Recognised:
    """What an article names: how often, where first in its body, and whether in its headline.

    ``first`` is the length of the body for what only the headline names. ``short`` is the acronym that the article
    itself gives for it, else empty.
    """

    name: str
    kind: Kind
    count: int
    first: int
    in_headline: bool
    short: str = ""


class _Run(NamedTuple):
    """Words that may be a name, without what belongs to their sentence or to a title.

    ``kind`` is what they or their title tell by themselves; ``opens``: they begin a sentence.
    """

    tokens: Tokens
    kind: Kind | None
    opens: bool

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end


def recognise(headline: str, body: str) -> list[Recognised]:
    """Return what an article names, in the order in which it does: by its text alone, whatever else is known."""
    text = body[:LONGEST_BODY]
    reader = _Reader(text)
    mentions = reader.mentions()
    above = _named_above(headline, mentions, text)
    counts = Counter((one.name, one.kind) for one in mentions)
    firsts: dict[tuple[str, Kind], int] = {}
    for one in mentions:
        firsts.setdefault((one.name, one.kind), one.start)
    for key in above:
        firsts.setdefault(key, len(body))
    shorts = {name: short for short, name in reversed(reader.shorts.items())}
    return [
        Recognised(*key, counts[key] + (key in above), first, key in above, shorts.get(key[0], ""))
        for key, first in firsts.items()
    ]


def find_mentions(text: str) -> list[Mention]:
    """Return the single places where something is named, in order; what is said in full explains what is said short."""
    return _Reader(text[:LONGEST_BODY]).mentions()


class _Reader:
    """One text, whose names are looked at together. ``shorts`` are the acronyms that it explains."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lower = frozenset(_LOWER.findall(text))
        self.shorts: dict[str, str] = {}
        # What a single word stands for, because a longer name has it.
        self._persons: dict[str, str] = {}
        self._parts: dict[str, str] = {}
        self._forms: dict[str, str] = {}
        found = [one for run in runs(text) if len(run) <= _LONGEST_NAME for one in self._parse(run)]
        singles = [one for one in found if len(one.tokens) == 1]
        self._alone = Counter(one.tokens[0].text for one in singles)
        self._inside = {one.tokens[0].text for one in singles if not one.opens}
        self._found = [self._settled(one) for one in found]
        self._learn()

    def mentions(self) -> list[Mention]:
        return [mention for one in self._found if (mention := self._mention(one))]

    # -- what the text says of its names -------------------------------------------------------------------------------

    def _learn(self) -> None:
        full: Counter[str] = Counter()
        surnames: dict[str, str] = {}
        for one in self._found:
            if len(one.tokens) == 1:
                continue
            if one.kind == "person":
                name = name_of(one.tokens)
                full[name] += 1
                surnames.setdefault(name, called(one.tokens))
            elif one.kind == "organisation":
                self._learn_organisation(one)
        # Of 'Donald J. Trump' and 'Donald Trump' the form that is said more often stands for both.
        by_ends: dict[tuple[str, str], str] = {}
        for name, _ in sorted(full.items(), key=lambda item: (-item[1], len(item[0]), item[0])):
            # And of 'Adel Abdul Mahdi' and 'Abdul Mahdi' the longer one.
            whole = min((other for other in full if other.endswith(f" {name}")), default=name)
            self._forms[name] = by_ends.setdefault((whole.split()[0], surnames[whole]), whole)
            self._persons.setdefault(surnames[name], self._forms[name])

    def _learn_organisation(self, one: _Run) -> None:
        name = name_of(one.tokens)
        given = _ACRONYM.match(self._text, one.end)
        if given and abbreviates(given[1], one.tokens):
            self.shorts.setdefault(given[1], name)
        first, last = one.tokens[0].lower, one.tokens[-1].lower
        if last not in ORGANISATIONS and (first in PLACE_NAMES or first in DIRECTIONS):
            self._parts.setdefault(one.tokens[-1].text, name)
        elif not any(first in known for known in _TELL_NOTHING):
            self._parts.setdefault(one.tokens[0].text, name)

    def _settled(self, one: _Run) -> _Run:
        if one.kind is not None or len(one.tokens) == 1:
            return one
        kind = self._kind_of_several(one)
        if kind is None:
            # 'CNN Business': what begins with a known name has that at least.
            begun = max((n for n in range(1, len(one.tokens)) if kind_by_words(one.tokens[:n])), default=0)
            return one._replace(tokens=one.tokens[:begun], kind=kind_by_words(one.tokens[:begun])) if begun else one
        return one._replace(kind=kind)

    # -- what stands for what ------------------------------------------------------------------------------------------

    def _mention(self, one: _Run) -> Mention | None:
        if len(one.tokens) == 1:
            known = self._single(one)
            return Mention(one.start, one.end, *known) if known else None
        if one.kind is None:
            return None
        name = _in_lower_case(name_of(one.tokens), lower_of(one.tokens))
        return Mention(one.start, one.end, self._forms.get(name, name) if one.kind == "person" else name, one.kind)

    def _single(self, one: _Run) -> tuple[str, Kind] | None:
        """Return what a name of one word stands for, None where it is no name."""
        token = one.tokens[0]
        word, lower = token.text, token.lower
        if known := self._said_in_full(one):
            return known
        if one.kind is not None or self._is_short_state(one):
            return _in_lower_case(word, lower), one.kind or "place"
        if lower in PLACE_NAMES:
            is_bare = one.opens or self._alone[word] < _OFTEN - 1
            return None if lower in DOUBTFUL and is_bare and not self._is_located(one) else (word, "place")
        if any(lower in words for words in (ORDINARY, CALENDAR, DEMONYMS, COMMON, OTHERS, self._lower)):
            return None
        kind = self._kind_of_unknown(one)
        return (word, kind) if kind else None

    def _said_in_full(self, one: _Run) -> tuple[str, Kind] | None:
        """Return the longer name that the text itself has for a word."""
        word = one.tokens[0].text
        if word in self._persons and word not in self.shorts and one.kind != "place":
            return self._persons[word], "person"
        name = self.shorts.get(word) or self._parts.get(word)
        return (name, "organisation") if name else None

    def _is_short_state(self, one: _Run) -> bool:
        """Whether it is the 'Nev.' of 'RENO, Nev.'."""
        has_stop = "." in self._text[one.end - 1 : one.end + 1]
        return one.tokens[0].lower in STATE_SHORT_FORMS and has_stop and self._text.endswith(", ", 0, one.start)

    def _kind_of_unknown(self, one: _Run) -> Kind | None:
        """Return the kind of a word of which nothing is known, by its neighbours."""
        word, lower = one.tokens[0].text, one.tokens[0].lower
        if word not in self._inside or is_title_word(lower) or len(word) < 2:
            return None
        if word.isupper():
            return "organisation" if word.isalpha() and len(word) <= _LONGEST_ACRONYM else None
        by_neighbours = self._kind_beside(one)
        if by_neighbours or lower in GIVEN_NAMES:
            return by_neighbours
        if self._is_located(one):
            return "place"
        return "organisation" if self._alone[word] >= _OFTEN else None

    def _kind_of_several(self, one: _Run) -> Kind | None:
        """Return the kind of a name of several words that do not tell it themselves."""
        words = [token.lower for token in one.tokens]
        may_be_person = len(words) <= _LONGEST_PERSON
        is_given = words[0] in GIVEN_NAMES
        if not is_given and self._has_country(one):
            return "place"
        by_neighbours = self._kind_beside(one)
        if by_neighbours == "person" or _AGE.match(self._text, one.end):
            return "person" if may_be_person else None
        is_wordy = any(word in COMMON or word in ORDINARY for word in words[is_given:])
        if is_given and may_be_person and not is_wordy and by_neighbours != "place":
            return "person"
        return by_neighbours or (None if is_wordy else self._kind_of_strangers(one, words))

    def _kind_of_strangers(self, one: _Run, words: Sequence[str]) -> Kind | None:
        is_called = self._alone[called(one.tokens)] > 0
        if any(word in OTHERS or word in self._lower for word in words):
            return None
        if self._is_located(one) and not is_called:
            return "place"
        has_acronym = any(token.text.isupper() and len(token.text) > 2 for token in one.tokens)
        is_person = len(words) < _LONGEST_PERSON and not has_acronym and (is_called or not one.opens)
        return "person" if is_person else None

    def _kind_beside(self, one: _Run) -> Kind | None:
        """Return the kind that the words before and behind a name tell: 'actor', 'said', 'province', 'shares'."""
        before, after = self._beside(one)
        if before in PERSON_NOUNS or after in SPEAKING or (after in PERSON_NOUNS and self._has_comma(one)):
            return "person"
        if after in PLACE_NOUNS:
            return "place"
        return "organisation" if before in ORGANISATION_NOUNS or after in ORGANISATION_NOUNS else None

    def _beside(self, one: _Run) -> tuple[str, str]:
        """Return the word before a name and the one after it, articles and auxiliaries left out."""
        before = _BEFORE.search(self._text, max(0, one.start - 24), one.start)
        after = _AFTER.match(self._text, one.end)
        return (before[1].lower() if before else ""), (after[1].lower() if after else "")

    def _has_comma(self, one: _Run) -> bool:
        return self._text.startswith(",", one.end)

    def _is_located(self, one: _Run) -> bool:
        """Whether 'in' or the like stands before a name, or a country or state behind its comma."""
        before = _BEFORE.search(self._text, max(0, one.start - 20), one.start)
        return (before is not None and before[1].lower() in _LOCATIVES) or self._has_country(one)

    def _has_country(self, one: _Run) -> bool:
        after = _NEXT.match(self._text, one.end)
        if after is None or not after[1][0].isupper():
            return False
        word = after[1].lower().rstrip(".")
        return is_country_or_state(word) or (word in STATE_SHORT_FORMS and len(word) > 1)

    # -- one run of words with capitals --------------------------------------------------------------------------------

    def _parse(self, run: Tokens) -> Iterator[_Run]:
        yield from self._named(run, opens=opens(self._text, run[0].start))

    def _named(self, tokens: Tokens, *, opens: bool) -> Iterator[_Run]:
        """Yield the names in a run: mostly one, with a title between them two."""
        if not tokens:
            return
        whole = lower_of(tokens)
        if len(tokens) == 1 and may_be_word(whole) and (opens or whole in self._lower) and not tokens[0].text.isupper():
            return
        if whole in KNOWN_ORGANISATIONS or whole in PLACE_NAMES:
            yield _Run(tokens, kind_by_words(tokens), opens)
            return
        if _is_credit(tokens):
            yield _Run(tokens[:1], "organisation", opens)
            yield from self._named(tokens[1:], opens=False)
        elif begin := self._leading(tokens, opens=opens):
            yield from self._named(tokens[begin:], opens=False)
        elif end := end_of_title(tokens):
            yield from self._titled(tokens, end, opens=opens)
        elif (name := trimmed(tokens)) and not is_of_other_kind(name):
            yield _Run(name, kind_by_words(name), opens)

    def _leading(self, tokens: Tokens, *, opens: bool) -> int:
        """Return 1 where the first word belongs to the sentence and not to the name."""
        word, is_last = tokens[0].lower, len(tokens) == 1
        if word in GIVEN_NAMES and not is_last and not (opens and word in ORDINARY):
            return 0
        if word in CALENDAR or (
            word in ORDINARY and not _is_acronym(tokens[0]) and (is_last or word not in DIRECTIONS)
        ):
            return 1
        if word in DEMONYMS:
            return 0 if is_organisation(tokens) else 1
        is_word = opens and not is_last and word in self._lower
        return (
            1 if is_word and not is_title_word(word) and word not in DIRECTIONS and not is_organisation(tokens) else 0
        )

    def _titled(self, tokens: Tokens, end: int, *, opens: bool) -> Iterator[_Run]:
        """Yield what stands before a title, 'Texas' before 'Gov. Greg Abbott', and who has it."""
        begin = begin_of_title(tokens, end)
        if begin:
            yield from self._named(trimmed(tokens[:begin]), opens=opens)
        name = trimmed(tokens[end:])
        if not name or is_of_other_kind(name):
            return
        if len(name) > 1:
            yield _Run(name, "person" if len(name) <= _LONGEST_PERSON else kind_by_words(name), False)
        elif not any(name[0].lower in words for words in (ORDINARY, CALENDAR, DEMONYMS)):
            kind = kind_by_words(name)
            yield _Run(name, kind if kind == "place" and is_country_or_state(name[0].lower) else "person", False)


def _in_lower_case(name: str, lower: str) -> str:
    """Return the name of a place that a dateline has in capitals as it is written elsewhere."""
    is_shouted = len(name) >= _SHORTEST_SHOUTED and name.isupper() and "." not in name and lower in PLACE_NAMES
    return name.title() if is_shouted else name


def _is_credit(tokens: Tokens) -> bool:
    """Whether an organisation stands before a person without a word between them: 'AP Ada Brandt'."""
    first = tokens[0].lower
    is_sure = first in KNOWN_ORGANISATIONS and not may_be_word(first) and first not in GIVEN_NAMES
    return is_sure and len(tokens) > 2 and tokens[1].lower in GIVEN_NAMES and not (tokens[1].link or tokens[2].link)


def _is_acronym(token: Token) -> bool:
    return len(token.text) > 1 and token.text.isupper()


# Words with which organisations begin that are not called by them alone.
_TELL_NOTHING = (PLACE_NAMES, DEMONYMS, COMMON, ORGANISATIONS, GIVEN_NAMES, DIRECTIONS, ORDINARY, CALENDAR, OTHERS)


def _named_above(headline: str, mentions: Sequence[Mention], text: str) -> dict[tuple[str, Kind], None]:
    """Return what a headline names: what the body names too, and what is known or looks like a person by itself.

    All words of a headline may have capitals, so that they tell little.
    """
    known: dict[str, tuple[str, Kind]] = {}
    for one in mentions:
        known.setdefault(one.name, (one.name, one.kind))
        known.setdefault(text[one.start : one.end], (one.name, one.kind))
    named: dict[tuple[str, Kind], None] = {}
    for run in runs(headline):
        begin = 0
        while begin < len(run):
            for end in range(len(run), begin, -1):
                part = run[begin:end]
                key = known.get(name_of(part)) or _known_alone(part, is_whole=end - begin == len(run))
                if key is not None:
                    named.setdefault(key)
                    begin = end
                    break
            else:
                begin += 1
    return named


def _known_alone(tokens: Tokens, *, is_whole: bool) -> tuple[str, Kind] | None:
    """Return what words of a headline name that the body does not."""
    whole = lower_of(tokens)
    if may_be_word(whole) or whole in DOUBTFUL:
        return None
    if whole in KNOWN_ORGANISATIONS or whole in PLACE_NAMES:
        return name_of(tokens), kind_by_words(tokens) or "place"
    is_pair = len(tokens) == 2 and tokens[0].lower in GIVEN_NAMES and not tokens[1].link and is_whole
    strange = not any(
        tokens[-1].lower in words for words in (ORDINARY, COMMON, OTHERS, CALENDAR, DEMONYMS, GIVEN_NAMES)
    )
    return (name_of(tokens), "person") if is_pair and strange else None
