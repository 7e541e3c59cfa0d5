"""What is wrong with what was built from an archive's SQLite file: the vector index and the index of words."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from store.catalog import Catalog
from store.errors import ArchiveError
from store.generations import Generation, current_generation
from store.index import CHROMA_FOLDER, CHROMA_SQLITE, ChromaIndex
from store.integrity.findings import REBUILD, Finding, Mending, broken, wasteful
from store.integrity.structure import counted
from store.sealing import current_folder
from store.word_facts import WordFacts, facts_of

if TYPE_CHECKING:
    from store.vectors import Keys, VectorTable
    from store.word_index import WordIndex

# So many vectors are looked up in Chroma, and so many of the nearest of each compared with what exact search finds.
_ASKED = 100
_NEAREST = 10

# How much of them must be found. One that is as near as the last of the nearest is as good.
_RECALL = 0.99
_AS_NEAR = 1e-3

# Words whose stems SQLite and we find differently ('biology', 'biological'): 0.12 % of them in 36,105 passages.
_MOST_DIFFERING = 0.01

_BATCH = 1_000

_AS_GOOD = "answers are as good, but slower"


def find_in_index(catalog: Catalog, index: Path, *, full: bool, asks: bool, percent: float) -> Iterator[Finding]:
    """Yield what is wrong with the vector index; ``asks`` says whether Chroma is asked, in a process of its own."""
    generation = current_generation(index)
    if generation is None:
        if current_folder(index) is not None:
            # As of an earlier version, too.
            yield wasteful("index", f"the published one cannot be read: {_AS_GOOD}", "index", remedy=REBUILD)
        elif catalog.setting("published"):
            yield wasteful("index", f"the published one is missing: {_AS_GOOD}", "index", remedy=REBUILD)
        return
    where = f"index/{generation.folder.name}"
    flaw = generation.flaw(catalog) or (None if generation.is_current() else f"from Chroma {generation.chromadb}")
    if flaw is not None:
        yield _broken(where, f"the vector index is {flaw}; it is not used", "index")
        return
    if not full:
        return
    found = list(_changed(where, generation, "index"))
    found += _wrong_chroma_file(where, generation)
    found += _differing_vectors(where, generation, catalog)
    if not found and asks:
        found += _not_nearest(where, generation, percent)
    yield from found


def find_in_words(catalog: Catalog, words: Path, *, full: bool) -> Iterator[Finding]:
    """Yield what is wrong with the index of words."""
    folder = current_folder(words)
    if folder is None:
        if words.is_dir() and catalog.setting("words"):
            yield _broken("index/words", "the index of words is missing", "words")
        return
    from store.word_index import open_word_index  # numpy, 0.1 s

    where = f"index/words/{folder.name}"
    try:
        facts = facts_of(folder)
        flaw = facts.flaw(catalog)
        sealed = open_word_index(folder) if flaw is None else None
    except (OSError, ValueError) as exc:
        yield _broken("index/words", f"the index of words cannot be read: {exc}", "words")
        return
    if sealed is None:
        yield _broken(where, f"the index of words is {flaw}; it is not used", "words")
    elif full:
        found = list(_changed(where, facts, "words"))
        yield from found or _differing_words(where, sealed, catalog)


def _broken(where: str, what: str, mending: Mending) -> Finding:
    return broken(where, what, mending, remedy=REBUILD)


def _changed(where: str, sealed: Generation | WordFacts, mending: Mending) -> Iterator[Finding]:
    for name in sealed.changed_files():
        yield _broken(f"{where}/{name}", "changed on the disk", mending)


def _wrong_chroma_file(where: str, generation: Generation) -> Iterator[Finding]:
    """Look into Chroma's own SQLite file, which it changes when it looks at it: it has no checksum."""
    path = generation.folder / CHROMA_FOLDER / CHROMA_SQLITE
    place = f"{where}/{CHROMA_FOLDER}/{CHROMA_SQLITE}"
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            told = [str(row[0]) for row in db.execute("PRAGMA quick_check(1)") if row[0] != "ok"]
            (rows,) = db.execute("SELECT count(*) FROM embeddings").fetchone()
    except sqlite3.DatabaseError as exc:
        told, rows = [str(exc)], generation.rows
    if told:
        yield _broken(place, f"SQLite: {told[0]}", "index")
    elif rows != generation.rows:
        yield _broken(place, f"it holds {rows:,} of {counted(generation.rows, 'vector')}", "index")


def _differing_vectors(where: str, generation: Generation, catalog: Catalog) -> Iterator[Finding]:
    """Compare the published vectors with the stored ones, byte for byte."""
    import numpy as np

    from store.vectors import open_table, rows_of, table_of

    try:
        table = open_table(generation.folder, generation.dimension)
    except (OSError, ValueError) as exc:
        yield _broken(where, f"its vectors cannot be read: {exc}", "index")
        return
    if not bool((np.diff(table.keys) > 0).all()):
        yield _broken(where, "its keys do not ascend", "index")
        return
    differing = 0
    rows = catalog.vectors(after=0)
    while batch := _next(rows, generation.sequence):
        stored = table_of(((key, vector) for _, key, vector in batch), generation.dimension)
        places, known = rows_of(table.keys, stored.keys)
        same = (table.vectors[places].view("<u4") == stored.vectors[known].view("<u4")).all(axis=1)
        differing += len(batch) - int(same.sum())
    if differing:
        yield _broken(where, f"{counted(differing, 'vector')} missing or other than stored", "index")


def _next(rows: Iterator[tuple[int, int, bytes]], last: int) -> list[tuple[int, int, bytes]]:
    batch = []
    for row in rows:
        if row[0] > last:
            break
        batch.append(row)
        if len(batch) == _BATCH:
            break
    return batch


def _not_nearest(where: str, generation: Generation, percent: float) -> Iterator[Finding]:
    """Ask Chroma for the neighbours of some of its own vectors, and compare them with those exact search finds."""
    from store.vectors import open_table

    table = open_table(generation.folder, generation.dimension)
    asked = range(0, len(table), max(1, round(len(table) / (_ASKED * percent / 100)))) if len(table) else range(0)
    try:
        with closing(ChromaIndex(generation.folder, table)) as index:
            while not index.is_open():
                time.sleep(0.05)
            shares = [_share_found(table, row, index) for row in asked]
    except (ArchiveError, OSError) as exc:
        yield _broken(where, str(exc), "index")
        return
    recall = sum(shares) / len(shares) if shares else 1.0
    if recall < _RECALL:
        yield _broken(where, f"Chroma finds {recall:.1%} of the nearest {_NEAREST} that exact search finds", "index")


def _share_found(table: VectorTable, row: int, index: ChromaIndex) -> float:
    import numpy as np

    query = np.array(table.vectors[row])
    k = min(_NEAREST, len(table))
    last = np.partition(table.similarities(query), -k)[-k]
    _, cosines = index.nearest(query, k)
    return float((cosines >= last - _AS_NEAR).sum()) / k


def _differing_words(where: str, sealed: WordIndex, catalog: Catalog) -> Iterator[Finding]:
    """Compare passages and words of the index with those of the full text."""
    import numpy as np

    from store.word_index import columns_of

    living: Keys = np.fromiter(catalog.all_passage_keys(), dtype=np.int64)
    living.sort()
    last = int(sealed.keys[-1]) if len(sealed) else 0
    newer = int((living > last).sum())
    gone = len(sealed) - int(np.isin(sealed.keys, living).sum())
    if len(living) - newer != len(sealed) - gone:
        yield _broken(where, "passages are missing in the index of words", "words")
        return
    kept = np.isin(sealed.keys, living)
    columns = columns_of([one for one in catalog.passages_to_index(texts=False) if one.key <= last])
    held = (sealed.keys, sealed.articles, sealed.days, sealed.outlets)
    if not all(np.array_equal(column[kept], now) for column, now in zip(held, columns, strict=True)):
        yield _broken(where, "the index of words has other articles, days or outlets than the archive", "words")
        return
    differing = total = 0
    for term, passages in catalog.word_counts():
        total += 1
        # Passages that came or went since are in one of the two only.
        differing += abs(sealed.holding(term) - passages) > newer + gone
    if differing > _MOST_DIFFERING * total:
        yield _broken(where, f"{differing:,} of {counted(total, 'word')} stand elsewhere in the full text", "words")
