"""What is made to go wrong: what there is before, which task runs, what it must not lose, and what it leads to."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.session_file import sessions_path
from assistant.sessions import open_sessions
from store.archive import create_archive, open_archive
from store.errors import DatelineError
from store.generations import current_generation
from store.integrity import check_archive
from store.records import Draft
from store.schema import FILE_NAME, SCHEMA_VERSION, connect
from tests.earlier_formats import make_earlier
from tests.faults.injection import Ended, Fault, Injector
from tests.faults.victim import ARCHIVE, HOME, changed_articles, new_articles, old_articles
from tests.hash_embedder import HashEmbedder
from tests.invented import invented

PROBES = ("crate3x1", "Who logged the ropes on quay 101?", "harbour log 7", "sail 5")


@dataclass(frozen=True)
class Held:
    """What an archive and the saved conversations hold, without numbers and moments that differ from run to run."""

    version: int = 0
    articles: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    stories: dict[str, str] = field(default_factory=dict)
    feeds: tuple[Any, ...] = ()
    entries: tuple[Any, ...] = ()
    settings: tuple[Any, ...] = ()
    indexed: int = 0
    turns: tuple[tuple[str, str, str], ...] = ()

    @property
    def vectors(self) -> int:
        return sum(vector is not None for *_, passages in self.articles.values() for *_, vector in passages)


@dataclass(frozen=True)
class Scenario:
    """``prepare`` fills a folder for ``task``. ``drafts`` are the articles it adds, in order.

    ``is_index`` says that it builds an index, in a process of its own and in an order that differs from run to run.
    """

    name: str
    task: str
    prepare: Callable[[Path, HashEmbedder], None]
    drafts: Sequence[Draft] = ()
    is_index: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of one fault: what was wrong after it, and after the same task ran again."""

    scenario: str
    fault: Fault
    ended: Ended
    wrong: tuple[str, ...]


def prepare_nothing(folder: Path, embedder: HashEmbedder) -> None:
    del folder, embedder


def prepare_old(folder: Path, embedder: HashEmbedder) -> None:
    """Make an archive with an index."""
    with create_archive(folder / ARCHIVE, embedder=embedder) as archive:
        archive.add(old_articles())
        archive.embed()


def prepare_newer(folder: Path, embedder: HashEmbedder, *, count: int = 30) -> None:
    """Make an archive with an index, of words as well, and articles that are newer than it."""
    prepare_old(folder, embedder)
    with open_archive(folder / ARCHIVE, writable=True, embedder=embedder) as archive:
        archive.rebuild()
        archive.add(invented(i) for i in range(1_000, 1_000 + count))
        archive.embed()


def prepare_more(folder: Path, embedder: HashEmbedder) -> None:
    prepare_newer(folder, embedder, count=1_000)


def prepare_unembedded(folder: Path, embedder: HashEmbedder) -> None:
    with create_archive(folder / ARCHIVE, embedder=embedder) as archive:
        archive.add(old_articles())


def prepare_earlier(version: int) -> Callable[[Path, HashEmbedder], None]:
    def prepare(folder: Path, embedder: HashEmbedder) -> None:
        prepare_old(folder, embedder)
        with closing(sqlite3.connect(folder / ARCHIVE / FILE_NAME)) as db:
            make_earlier(db, version)
        facts = folder / ARCHIVE / "index" / "g000001" / "generation.json"
        known = json.loads(facts.read_text(encoding="utf-8"))
        facts.write_text(json.dumps({name: known[name] for name in known.keys() - {"archive", "files"}}))

    return prepare


SQLITE = (
    Scenario("create", "create", prepare_nothing, new_articles()[:2]),
    Scenario("add", "add", prepare_old, new_articles()),
    Scenario("update", "update", prepare_old, changed_articles()),
    Scenario("remove", "remove", prepare_old),
    Scenario("feeds", "subscribe", prepare_old),
    *(
        Scenario(f"migrate from {i}", "migrate", prepare_earlier(i), new_articles()[:1])
        for i in range(1, SCHEMA_VERSION)
    ),
    Scenario("chat", "chat", prepare_nothing),
)  # fmt: skip
# What its child does when it is stopped for ever is waited for less long than a person would wait.
STOPPED = Scenario("first index, its builder stopped", "embed_with_stopped_builder", prepare_unembedded, is_index=True)
INDEX = (
    Scenario("rebuild", "rebuild", prepare_newer, is_index=True),
    Scenario("first index", "embed", prepare_unembedded, is_index=True),
    Scenario("move", "move", prepare_old, is_index=True),
)
# Chroma writes its index of neighbours several times.
LARGE = Scenario("rebuild, 1,000 more", "rebuild", prepare_more, is_index=True)


def scenario(name: str) -> Scenario:
    return next(one for one in (*SQLITE, *INDEX, STOPPED, LARGE) if one.name == name)


class Trial:
    """One scenario, prepared and run once undisturbed; each fault gets a copy of what was prepared."""

    def __init__(self, injector: Injector, scenario: Scenario, folder: Path) -> None:
        self.scenario = scenario
        self._injector = injector
        self._embedder = HashEmbedder(injector.scratch / "weights-1")
        self._base, self._place = folder / "base", folder / "place"
        self._base.mkdir(parents=True)
        scenario.prepare(self._base, self._embedder)
        self.undisturbed = self._run_in_copy(Fault())
        assert self.undisturbed.code == 0, self.undisturbed
        self.calls = self.undisturbed.calls
        self.whole, self._files = held_in(self._place), files_in(self._place)

    def calls_of_children(self) -> int:
        """Return how often the processes that the task starts write."""
        return self._run_in_copy(Fault("kill a child")).calls

    def attempt(self, fault: Fault, *, asks: bool = False) -> Outcome:
        """Let ``fault`` happen, look at what is left, run the same task again and look again.

        With ``asks`` a check at the end asks Chroma as well.
        """
        ended = self._run_in_copy(fault)
        wrong = [f"after {fault}: {told}" for told in self._wrong_after(ended)]
        again = self._injector.run(self.scenario.task, self._place)
        wrong += [f"done again: {told}" for told in self._wrong_at_the_end(again, asks=asks)]
        return Outcome(self.scenario.name, fault, ended, tuple(wrong))

    def _run_in_copy(self, fault: Fault) -> Ended:
        if self._place.exists():
            shutil.rmtree(self._place)
        shutil.copytree(self._base, self._place)
        return self._injector.run(self.scenario.task, self._place, fault)

    def _wrong_after(self, ended: Ended) -> list[str]:
        try:
            wrong = lost(self.scenario, ended, held_in(self._place))
            return wrong + self._wrong_to_readers()
        except (DatelineError, OSError, sqlite3.Error, ValueError) as exc:
            return [f"{type(exc).__name__}: {exc}"]

    def _wrong_to_readers(self) -> list[str]:
        archive = self._place / ARCHIVE
        if not (archive / FILE_NAME).exists():
            return []
        found = check_archive(archive, full=True, asks=False).findings
        wrong = [str(finding) for finding in found if finding.is_broken]
        return wrong + unlike_exact(archive, self._embedder)

    def _wrong_at_the_end(self, again: Ended, *, asks: bool) -> list[str]:
        if again.code != 0:
            return [f"code {again.code}: {again.err[-500:]}"]
        archive = self._place / ARCHIVE
        wrong = differences(self.whole, held_in(self._place))
        if (archive / FILE_NAME).exists():
            wrong += map(str, check_archive(archive, full=True, asks=asks).findings)
            wrong += unlike_exact(archive, self._embedder)
        surplus = files_in(self._place) ^ self._files
        return [*wrong, *(f"a file too many or too few: {name}" for name in sorted(surplus))]


# -- what is there -----------------------------------------------------------------------------------------------------


def held_in(folder: Path) -> Held:
    """Return what an archive and the conversations beside it hold; nothing, where there are none yet."""
    file = folder / ARCHIVE / FILE_NAME
    turns = _turns(sessions_path(folder / HOME))
    if not file.exists():
        return Held(turns=turns)
    with closing(connect(file, writable=False)) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        generation = current_generation(folder / ARCHIVE / "index")
        passages: dict[int, list[Any]] = {}
        for article, *passage in db.execute(
            "SELECT p.article, p.start, p.end, v.vector FROM passages p LEFT JOIN vectors v ON v.passage = p.key "
            "ORDER BY p.article, p.ordinal"
        ):
            passages.setdefault(article, []).append(tuple(passage))
        revisions: dict[int, list[str]] = {}
        for article, body in db.execute("SELECT article, body FROM revisions ORDER BY key"):
            revisions.setdefault(article, []).append(body)
        rows = db.execute("SELECT key, id, headline, body, outlet, day, modified FROM articles").fetchall()
        return Held(
            version,
            {row[1]: (*row[2:], tuple(revisions.get(row[0], ())), tuple(passages.get(row[0], ()))) for row in rows},
            _stories(db) if version > 1 else {},
            tuple(db.execute("SELECT url, outlet, etag FROM feeds ORDER BY url")) if version > 2 else (),
            tuple(db.execute("SELECT guid, mark FROM entries ORDER BY guid")) if version > 2 else (),
            tuple(db.execute("SELECT name, value FROM manifest WHERE name IN ('embedder', 'digest') ORDER BY name")),
            generation.rows if generation else 0,
            turns,
        )


def _stories(db: sqlite3.Connection) -> dict[str, str]:
    return dict(
        db.execute(
            "SELECT a.id, b.id FROM stories s JOIN articles a ON a.key = s.article JOIN articles b ON b.key = s.story"
        )
    )


def _turns(file: Path) -> tuple[tuple[str, str, str], ...]:
    if not file.exists():
        return ()
    with closing(open_sessions(file)) as sessions:
        turns = [saved for session in sessions.all() for saved in sessions.turns(session)]
        return tuple((saved.turn.question, saved.state, saved.turn.answer.text) for saved in turns)


def files_in(folder: Path) -> set[str]:
    """Return the names of all files, without the numbers in them."""
    return {
        re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+(T[0-9]+Z)?", "#", str(path.relative_to(folder)))
        for path in folder.rglob("*")
    }


def unlike_exact(archive: Path, embedder: HashEmbedder) -> list[str]:
    """Return for which questions an archive answers otherwise than a copy of its SQLite file, without an index."""
    bare = archive.with_name("bare")
    bare.mkdir()
    try:
        for file in archive.glob(f"{FILE_NAME}*"):
            if file.name in {FILE_NAME, f"{FILE_NAME}-wal"}:
                shutil.copy2(file, bare)
        hits = [_hits(folder, embedder) for folder in (archive, bare)]
    finally:
        shutil.rmtree(bare)
    pairs = zip(PROBES, *hits, strict=True)
    return [f"{probe!r} finds {found}, by exact search {exact}" for probe, found, exact in pairs if found != exact]


def _hits(folder: Path, embedder: HashEmbedder) -> list[set[str]]:
    """Return what is found; the index of words counts as of when it was sealed, so near scores may change places."""
    with open_archive(folder, embedder=embedder) as archive:
        return [{hit.passage.id for hit in archive.search(probe, 5).hits} for probe in PROBES]


# -- what must be ------------------------------------------------------------------------------------------------------


def lost(scenario: Scenario, ended: Ended, held: Held) -> list[str]:
    """Return what was acknowledged and is not there."""
    return [told for what, *values in ended.told if (told := _lost(scenario, held, what, values))]


def _lost(scenario: Scenario, held: Held, what: str, values: Sequence[Any]) -> str | None:
    is_kept: dict[str, Callable[[], bool]] = {
        "articles": lambda: _has(held, scenario.drafts[: values[0]], scenario.drafts),
        "vectors": lambda: held.vectors >= values[0],
        "removed": lambda: not set(values[0]) & set(held.articles),
        "feed": lambda: values[0] in [url for url, *_ in held.feeds],
        "entries": lambda: len(held.entries) >= values[0],
        "etag": lambda: values[0] in [etag for *_, etag in held.feeds],
        "format": lambda: held.version == values[0],
        "rebuilt": lambda: held.indexed == held.vectors,
        "moved": lambda: all(vector is not None for *_, passages in held.articles.values() for *_, vector in passages),
        "shown": lambda: any(_is_shown(turn, *values) for turn in held.turns),
    }
    if what not in is_kept or is_kept[what]():
        return None
    return f"lost: {what} {values}"


def _has(held: Held, done: Sequence[Draft], drafts: Sequence[Draft]) -> bool:
    """Return whether each draft is there, or what came after it under the same id."""
    texts: dict[str, set[str]] = {}
    for draft in drafts:
        texts.setdefault(draft.id or "", set()).add(draft.body)
    latest = {draft.id or "": draft.body for draft in done}
    return all(
        id_ in held.articles and (held.articles[id_][1] == body or held.articles[id_][1] in texts[id_])
        for id_, body in latest.items()
    )


def _is_shown(turn: tuple[str, str, str], question: str, text: str) -> bool:
    """Return whether all of an answer that was on the screen is kept; that it was at its end is written afterwards."""
    asked, state, kept = turn
    return asked == question and (state == "finished" or kept.startswith(text.strip()))


def differences(whole: Held, held: Held) -> list[str]:
    """Return in what an archive differs from that of an undisturbed run; turns may have been asked again."""
    wrong = [
        f"other {name} than undisturbed"
        for name in ("version", "articles", "stories", "feeds", "entries", "settings", "indexed")
        if getattr(whole, name) != getattr(held, name)
    ]
    if whole.turns and held.turns[-len(whole.turns) :] != whole.turns:
        wrong.append("other turns than undisturbed")
    return wrong
