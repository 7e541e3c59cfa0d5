"""A few articles out of many, the same for the same seed, found by their keys: no article is read that is not drawn."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import chain, zip_longest
from random import Random

from store.records import ArticleRef
from store.rows import REF_COLUMNS, ref_of
from store.stories import Stories

# Code points of a body that are read: its lede and what follows it.
LEAD_CHARS = 2_000

# The newest so many times what is wanted of them are drawn from.
NEWEST = 4


@dataclass(frozen=True, slots=True)
class Sampled:
    """An article with the beginning of its body, and how many prints its story has; it is the leading one."""

    article: ArticleRef
    lead: str
    prints: int


def sample_articles(connection: sqlite3.Connection, count: int, *, seed: str) -> list[Sampled]:
    """Return up to ``count`` articles of different stories: by turns new ones, of stories with more prints, and any.

    What is drawn follows from the seed and the articles that are there.
    """
    last = connection.execute("SELECT max(key) FROM articles").fetchone()[0] or 0
    chance = Random(f"{seed} {last}")  # noqa: S311 - nothing is kept secret here
    keys = [key for (key,) in connection.execute("SELECT key FROM articles ORDER BY key LIMIT ?", (count + 1,))]
    if len(keys) > count:
        keys = _draw(connection, count, last, chance)
    else:
        chance.shuffle(keys)
    stories = Stories(connection)
    leading = dict.fromkeys(stories.members(keys).values())
    drawn = (_read(connection, key, len(stories.prints_of(key))) for key in leading)
    return [one for one in drawn if one is not None][:count]


def _draw(connection: sqlite3.Connection, count: int, last: int, chance: Random) -> list[int]:
    newest = [
        key
        for (key,) in connection.execute(
            "SELECT key FROM articles WHERE day IS NOT NULL ORDER BY day DESC, key DESC LIMIT ?", (count * NEWEST,)
        )
    ]
    chance.shuffle(newest)
    places = [chance.randint(1, last) for _ in range(count)]
    found = (
        connection.execute("SELECT key FROM articles WHERE key >= ? ORDER BY key LIMIT 1", (place,)).fetchone()
        for place in places
    )
    anywhere = [key for (key,) in filter(None, found)]
    by_turns = chain.from_iterable(zip_longest(newest[:count], _printed_again(connection, places), anywhere))
    return list(dict.fromkeys(key for key in by_turns if key is not None))[:count]


def _printed_again(connection: sqlite3.Connection, places: list[int]) -> list[int]:
    """Return the leading articles of stories with other prints, the next one at or behind each place."""
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'stories'").fetchone() is None:
        return []  # Format 1 knew none.
    found = (
        connection.execute(
            "SELECT story FROM stories WHERE story <> article AND story >= ? ORDER BY story LIMIT 1", (place,)
        ).fetchone()
        for place in places
    )
    return list(dict.fromkeys(key for (key,) in filter(None, found)))


def _read(connection: sqlite3.Connection, key: int, prints: int) -> Sampled | None:
    row = connection.execute(
        f"SELECT {REF_COLUMNS}, substr(body, 1, ?) FROM articles WHERE key = ?", (LEAD_CHARS, key)
    ).fetchone()
    return None if row is None else Sampled(ref_of(row), row[-1], prints)
