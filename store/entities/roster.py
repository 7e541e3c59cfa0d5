"""Who and what the articles of an archive name, kept as they come and go, and which names are one entity.

Kept is what each article names by its own text. That 'Soleimani' here is 'Qassem Soleimani' there is found when it is
asked, from all names that are there: so nothing depends on the order in which articles were added.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from store.entities.gazetteer import PLACE_NAMES
from store.entities.shapes import Kind
from store.entities.spelling import family_of, fold, may_be_one, without_title
from store.entities.vocabulary import KNOWN_ORGANISATIONS
from store.errors import NameUnknown
from store.records import SearchFilter
from store.rows import conditions
from store.schema import NAMES_PENDING

# Articles read between two commits where an archive knew no names yet: about a second of work.
MISSING_BATCH = 200

# The format of archives that came with names.
_FIRST_FORMAT = 4

# A family name alone, or an acronym, stands for whoever has so large a share of the articles that name anybody so.
DOMINANT = 0.8
# Who asks for a name is told who was taken to be meant: there a smaller share will do.
MEANT = 0.6

# Among so many of the commonest names the entities with most articles are looked for, for each that is wanted.
_LOOKED_AT = 12
# Said of a name that may be several: so many of them; and so many that a wrong one comes near.
_TOLD = 4
_NEAR = 3
_MOST_COMPARED = 4_000

_WITH_KIND = re.compile(r"(.+?) \((person|place|organisation|organization)\)\s*", re.IGNORECASE)


class Name(NamedTuple):
    """A name as articles print it, and in how many."""

    key: int
    name: str
    kind: Kind
    folded: str
    articles: int


@dataclass(frozen=True, slots=True)
class Entity:
    """A person, place or organisation: ``names`` are what it is called, the commonest first.

    ``short`` are acronyms that articles give for it.
    """

    names: tuple[Name, ...]
    short: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The commonest name, of a person one with a given name where there is any."""
        return next((one.name for one in self.names if " " in one.folded), self.names[0].name)

    @property
    def kind(self) -> Kind:
        return self.names[0].kind

    @property
    def keys(self) -> tuple[int, ...]:
        return tuple(one.key for one in self.names)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much is written on an entity. Days are those of publication, ``None`` where no article has one."""

    entity: Entity
    articles: int
    outlets: int
    first: int | None
    last: int | None


class Roster:
    """The names over an archive's open connection. Call ``enter`` and ``forget`` where an article is written."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    # -- writing -------------------------------------------------------------------------------------------------------

    def enter(self, article: int) -> None:
        """Note what an article names that was just stored."""
        from store.entities.recognition import recognise  # 8 ms for its patterns, for those who add

        headline, body = self._db.execute("SELECT headline, body FROM articles WHERE key = ?", (article,)).fetchone()
        found = recognise(headline, body)
        rows = [(one.name, one.kind, folded, family_of(folded)) for one in found if (folded := fold(one.name))]
        self._db.executemany("INSERT OR IGNORE INTO names(name, kind, folded, family) VALUES (?, ?, ?, ?)", rows)
        self._db.executemany(
            "INSERT INTO mentions(article, name, count, first, in_headline, short) "
            "SELECT ?, key, ?, ?, ?, ? FROM names WHERE name = ? AND kind = ?",
            [
                (article, one.count, one.first, one.in_headline, one.short.lower() or None, one.name, one.kind)
                for one in found
            ],
        )

    def forget(self, article: int) -> None:
        """Take away what an article named, and the names that no other article has."""
        keys = self._db.execute("SELECT name FROM mentions WHERE article = ?", (article,)).fetchall()
        self._db.execute("DELETE FROM mentions WHERE article = ?", (article,))
        self._db.executemany(
            "DELETE FROM names WHERE key = ? AND NOT EXISTS (SELECT 1 FROM mentions m WHERE m.name = names.key)", keys
        )

    def enter_batch(self, *, after: int) -> int | None:
        """Read again up to ``MISSING_BATCH`` articles behind a key; return the last one's, ``None`` for none left."""
        keys = [
            key
            for (key,) in self._db.execute(
                "SELECT key FROM articles WHERE key > ? ORDER BY key LIMIT ?", (after, MISSING_BATCH)
            )
        ]
        for key in keys:
            self.forget(key)
            self.enter(key)
        return keys[-1] if keys else None

    def unread(self) -> int:
        """Return how many articles were not read for names yet: those that an earlier format left."""
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        row = self._db.execute("SELECT value FROM manifest WHERE name = ?", (NAMES_PENDING,)).fetchone()
        if row is None and version >= _FIRST_FORMAT:
            return 0
        reached = int(row[0]) if row else 0
        return int(self._db.execute("SELECT count(*) FROM articles WHERE key > ?", (reached,)).fetchone()[0])

    # -- which names are one -------------------------------------------------------------------------------------------

    def entity(self, text: str) -> Entity:
        """Return what a name, a family name or an acronym stands for, whatever its case; raise NameUnknown.

        Where it may be a person or a place, the kind behind it says which is meant: 'Jordan (place)'.
        """
        told = _WITH_KIND.fullmatch(text.strip())
        wanted, kind = (told[1], told[2].lower().replace("z", "s")) if told else (text, None)
        folded = fold(wanted)
        found = [one for one in self._called(folded) if kind in {None, one.kind}]
        if not found:
            raise NameUnknown(f"no article names {text!r}", hint=self._hint(folded))
        best = _dominant(found, share=MEANT)
        if best is None:
            raise NameUnknown(
                f"{text!r} may be {_listed(found)}",
                hint="give the whole name" if len({one.name for one in found}) == len(found) else "say which",
            )
        return best

    def keys_of(self, text: str) -> tuple[int, ...]:
        """Return the keys of all names of the entity that is meant by ``text``; raise NameUnknown."""
        return self.entity(text).keys

    def told(self, text: str) -> str:
        """Return the name that says what ``text`` means, with its kind where that is needed; raise NameUnknown."""
        entity = self.entity(text)
        try:
            is_clear = self.entity(entity.name).keys == entity.keys
        except NameUnknown:
            is_clear = False
        return entity.name if is_clear else f"{entity.name} ({entity.kind})"

    def entity_of(self, name: Name) -> Entity:
        """Return the entity that a name belongs to."""
        if _may_be_family(name) and (one := self._person_called(name.folded)) and name.key in one.keys:
            return one
        if name.kind == "place":
            return Entity(tuple(self._names("folded = ? AND kind = 'place'", name.folded)))
        if name.kind == "organisation":
            return self._organisation(name)
        family = self._family(family_of(name.folded))
        return next((one for one in family if name.key in one.keys), Entity((name,)))

    def _called(self, folded: str) -> list[Entity]:
        """Return what may be meant by a name: who or what is called so in full, else whom it may stand for."""
        exact = self._names("folded = ?", folded)
        if full := [one for one in exact if not _may_be_family(one)]:
            return _distinct(self.entity_of(one) for one in full)
        bare = without_title(folded)
        family = self._family(family_of(bare))
        if " " in bare:
            return [one for one in family if may_be_one(one.names[0].folded, bare)]
        persons = [one for one in family if _is_called(one, bare)]
        if long := self._expanded(bare):
            organisations = _distinct(self._with_acronyms(one.names) for one in long)
            taken = {key for one in organisations for key in one.keys}
            return [*organisations, *(one for one in persons if not taken.intersection(one.keys))]
        return [*persons, *(Entity((one,)) for one in exact if not persons)]

    def _person_called(self, folded: str) -> Entity | None:
        """Return the person who is meant nearly always where a family name stands alone."""
        best = _dominant([one for one in self._family(family_of(folded)) if " " in one.names[0].folded])
        return best if best and _is_called(best, folded) else None

    def _family(self, family: str) -> list[Entity]:
        """Return the persons of a family name, each with all spellings; the name alone goes to whom it dominates."""
        names = self._names("family = ?", family)
        persons: list[list[Name]] = []
        for one in (one for one in names if one.kind == "person" and " " in one.folded):
            same = next((person for person in persons if may_be_one(person[0].folded, one.folded)), None)
            if same is None:
                persons.append([one])
            else:
                same.append(one)
        alone = [one for one in names if _may_be_family(one)]
        best = _dominant([Entity(tuple(person)) for person in persons])
        # Articles say once who 'Keld' is. A 'Harry' that hardly any explains is no Mr. Harry.
        if best is None or _articles(best.names) < _articles(alone):
            of_nobody = [one for one in alone if one.kind == "person"]
            return [Entity(tuple(person)) for person in (*persons, *([of_nobody] if of_nobody else ()))]
        return [
            Entity((*person, *alone)) if person[0] == best.names[0] else Entity(tuple(person)) for person in persons
        ]

    def _organisation(self, name: Name) -> Entity:
        """Return an organisation with its acronym, or the one that its acronym stands for."""
        names = self._names("folded = ? AND kind = 'organisation'", name.folded)
        long = _dominant(self._expanded(name.folded))
        if long is not None and len(name.folded.split()) == 1:
            return self._with_acronyms(long.names)
        return self._with_acronyms(names)

    def _with_acronyms(self, names: Sequence[Name]) -> Entity:
        keys = tuple(one.key for one in names)
        shorts = [
            short
            for (short,) in self._db.execute(
                f"SELECT short FROM mentions WHERE name IN ({_marks(keys)}) AND short IS NOT NULL "
                "GROUP BY short ORDER BY count(*) DESC, short",
                keys,
            )
        ]
        own = [short for short in shorts if (best := _dominant(self._expanded(short))) and best.keys[0] in keys]
        alone = [one for short in own for one in self._names("folded = ? AND kind = 'organisation'", short)]
        both = sorted({one.key: one for one in (*names, *alone)}.values(), key=lambda one: (-one.articles, one.name))
        return Entity(tuple(both), tuple(short.upper() for short in own))

    def _expanded(self, short: str) -> list[Entity]:
        """Return the organisations that articles give an acronym for, without it."""
        rows = self._db.execute(
            "SELECT n.folded, count(*) FROM mentions m JOIN names n ON n.key = m.name WHERE m.short = ? "
            "GROUP BY n.folded ORDER BY count(*) DESC, n.folded",
            (short,),
        ).fetchall()
        entities = [Entity(tuple(self._names("folded = ? AND kind = 'organisation'", one))) for one, _ in rows]
        return [one for one in entities if one.names]

    def _names(self, condition: str, value: str) -> list[Name]:
        """Return the names that satisfy a condition, the commonest first."""
        rows = self._db.execute(
            "SELECT n.key, n.name, n.kind, n.folded, "
            "(SELECT count(*) FROM mentions m WHERE m.name = n.key) AS articles "
            f"FROM names n WHERE {condition} ORDER BY articles DESC, n.name",
            (value,),
        )
        return [Name(*row) for row in rows]

    def _hint(self, folded: str) -> str:
        near = self.near(folded)
        if near:
            return f"near it: {', '.join(near)}"
        unread = self.unread()
        return unread_text(unread) if unread else "`dateline entities` lists what they name"

    def near(self, folded: str) -> list[str]:
        """Return known names that are spelled most like ``folded``."""
        from difflib import get_close_matches  # 7 ms, for a name that is not there

        known: dict[str, str] = {}
        last = folded.rpartition(" ")[2]
        for word in dict.fromkeys((folded[:2], last[:2])):
            for column in ("folded", "family"):
                rows = self._db.execute(
                    f"SELECT {column}, name FROM names WHERE {column} >= ? AND {column} < ? ORDER BY name LIMIT ?",
                    (word, word + "\U0010ffff", _MOST_COMPARED),
                )
                for spelled, name in rows:
                    known.setdefault(spelled, name)
        return list(dict.fromkeys(known[one] for one in get_close_matches(folded, known, n=_NEAR, cutoff=0.7)))

    # -- filters and lists ---------------------------------------------------------------------------------------------

    def condition(self, where: SearchFilter) -> tuple[str, list[str | int]]:
        """Return what an article ``a`` must satisfy, all names of the filter among it; raise NameUnknown."""
        condition, values = conditions(where)
        for text in where.about:
            keys = self.keys_of(text)
            condition += f" AND a.key IN (SELECT article FROM mentions WHERE name IN ({_marks(keys)}))"
            values.extend(keys)
        return condition, values

    def articles_about(self, texts: Iterable[str]) -> set[int]:
        """Return the keys of the articles that name all of ``texts``; raise NameUnknown."""
        sets = []
        for text in texts:
            keys = self.keys_of(text)
            rows = self._db.execute(f"SELECT article FROM mentions WHERE name IN ({_marks(keys)})", keys)
            sets.append({article for (article,) in rows})
        return set.intersection(*sets) if sets else set()

    def most_named(self, where: SearchFilter, *, kind: Kind | None, limit: int) -> list[Coverage]:
        """Return the entities that most of the articles name that satisfy ``where``, those of the filter left out."""
        condition, values = self.condition(where)
        own = {key for text in where.about for key in self.keys_of(text)}
        is_all = where.is_empty
        rows = self._db.execute(
            "SELECT n.key, n.name, n.kind, n.folded, count(*) AS articles "
            "FROM mentions m JOIN names n ON n.key = m.name "
            + ("" if is_all else "JOIN articles a ON a.key = m.article ")
            + f"WHERE {'1' if is_all else condition} {'AND n.kind = ?' if kind else ''} "
            "GROUP BY m.name ORDER BY articles DESC, n.name LIMIT ?",
            (*values, *((kind,) if kind else ()), limit * _LOOKED_AT),
        ).fetchall()
        seen = own
        found: list[Coverage] = []
        for row in rows:
            if row[0] in seen:
                continue
            entity = self.entity_of(Name(*row))
            seen = seen | set(entity.keys)
            found.append(self._coverage(entity, condition, values))
            # Spellings that come later can still lift an entity, but not by much.
            if len(found) >= 2 * limit:
                break
        return sorted(found, key=lambda one: (-one.articles, one.entity.name))[:limit]

    def coverage(self, entity: Entity, where: SearchFilter) -> Coverage:
        """Return how much is written on an entity in the articles that satisfy ``where``."""
        return self._coverage(entity, *self.condition(where))

    def _coverage(self, entity: Entity, condition: str, values: Sequence[str | int]) -> Coverage:
        row = self._db.execute(
            "SELECT count(*), count(DISTINCT a.outlet_folded), min(a.day), max(a.day) FROM articles a "
            f"WHERE a.key IN (SELECT article FROM mentions WHERE name IN ({_marks(entity.keys)})) AND {condition}",
            (*entity.keys, *values),
        ).fetchone()
        return Coverage(entity, *row)

    def days(self, entity: Entity, where: SearchFilter) -> list[tuple[int | None, int]]:
        """Return on how many articles an entity is named each day, oldest first, those without a day last."""
        condition, values = self.condition(where)
        return self._db.execute(
            "SELECT a.day, count(*) FROM articles a "
            f"WHERE a.key IN (SELECT article FROM mentions WHERE name IN ({_marks(entity.keys)})) AND {condition} "
            "GROUP BY a.day ORDER BY a.day IS NULL, a.day",
            (*entity.keys, *values),
        ).fetchall()

    def common_names(self, *, limit: int) -> list[str]:
        """Return the names that most articles have, the commonest first."""
        rows = self._db.execute(
            "SELECT n.name FROM (SELECT name, count(*) AS articles FROM mentions GROUP BY name "
            "ORDER BY articles DESC LIMIT ?) c JOIN names n ON n.key = c.name ORDER BY c.articles DESC, n.name",
            (limit,),
        )
        return list(dict.fromkeys(name for (name,) in rows))


def unread_text(articles: int) -> str:
    """Say that so many articles were not read for names yet, and what reads them."""
    many = f"{articles:,} article{'s' if articles != 1 else ''}"
    return f"what {many} of an earlier version name is not known yet: `dateline rebuild` or the next `add` finds it"


def _may_be_family(name: Name) -> bool:
    """Whether it is a word alone that may be somebody's family name, whatever it was taken for where it stands."""
    is_known = name.folded in PLACE_NAMES or name.folded in KNOWN_ORGANISATIONS
    return " " not in name.folded and (name.kind == "person" or not is_known)


def _articles(names: Iterable[Name]) -> int:
    return sum(one.articles for one in names)


def _dominant(entities: Sequence[Entity], *, share: float = DOMINANT) -> Entity | None:
    """Return the entity that has nearly all articles of several, None where there is none."""
    if not entities:
        return None
    weights = [_articles(entity.names) for entity in entities]
    most = max(weights)
    return entities[weights.index(most)] if len(entities) == 1 or most >= share * sum(weights) else None


def _is_called(entity: Entity, folded: str) -> bool:
    """Whether a person has exactly this family name, as it is spelled in one of the names."""
    return any(folded in one.folded.split() for one in entity.names) or len(entity.names) == 1


def _distinct(entities: Iterable[Entity]) -> list[Entity]:
    return list({entity.keys[0]: entity for entity in entities}.values())


def _listed(entities: Sequence[Entity]) -> str:
    ranked = sorted(entities, key=lambda one: (-_articles(one.names), one.name))[:_TOLD]
    return ", ".join(f"{one.name!r} ({one.kind})" for one in ranked)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
