"""An archive against a plain model of it: whatever is done, killed and restored, both hold the same."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import store.adding
import store.filling
import store.publishing
from store.archive import Archive, create_archive, open_archive
from store.backup import write_backup
from store.errors import EmbedderError
from store.records import Draft, SearchFilter
from store.restoring import restore_backup
from store.schema import FILE_NAME
from store.splitting import split_passages
from tests.hash_embedder import HashEmbedder
from tests.invented import invented

RUNS, STEPS = 200, 50

# Where there is one, in memory: a killed process leaves the same there, and nothing waits for a disk.
PLACE = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

# Articles that a process about to be killed makes durable together.
BATCH = 3
# More than an archive of these runs has passages: all that fit are hits.
ALL = 500

numbers = st.integers(0, 19)
some_numbers = st.lists(numbers, min_size=1, max_size=8, unique=True)
versions = st.integers(0, 3)


@dataclass(frozen=True)
class Kept:
    """A backup, and what the archive held when it was made."""

    file: Path
    articles: dict[int, int]


def draft(number: int, version: int) -> Draft:
    """Return a version of an article: each has sentences of its own, and a word that tells it from the others."""
    return invented(number, sentences=1 + (number + version) % 4, headline=f"Harbour log {number} edition{version}")


class ArchiveMachine(RuleBasedStateMachine):
    """``articles`` is the model: of each article in the archive, its number and its version."""

    kept = Bundle("kept")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="dateline-machine-", dir=PLACE))
        self.embedder = HashEmbedder(self.folder / "weights")
        self.archive = create_archive(self.path, embedder=self.embedder)
        self.articles: dict[int, int] = {}
        self.backups = 0

    @property
    def path(self) -> Path:
        return self.folder / "archive"

    # Chroma is built by a process that takes seconds: few runs have an index, and no more than two.
    @initialize(builds=st.sampled_from([0] * 24 + [2]))
    def begin(self, builds: int) -> None:
        self.builds = builds

    # -- writing -------------------------------------------------------------------------------------------------------

    @rule(given=some_numbers, version=versions)
    def add(self, given: list[int], version: int) -> None:
        before = dict(self.articles)

        report = self.archive.add(draft(number, version) for number in given)

        self.articles |= dict.fromkeys(given, version)
        assert (report.added, report.updated, report.unchanged, report.skipped) == (
            sum(number not in before for number in given),
            sum(before.get(number, version) != version for number in given),
            sum(before.get(number) == version for number in given),
            (),
        )

    @rule(given=some_numbers)
    def remove(self, given: list[int]) -> None:
        removed = self.archive.remove([id_of(number) for number in given])

        assert removed == len(self.articles.keys() & set(given))
        for number in given:
            self.articles.pop(number, None)

    @rule()
    def embed(self) -> None:
        self.archive.embed()
        assert self.archive.counts().vectors == len(self.passages())

    @rule(after=st.integers(0, 10))
    def fail_to_embed(self, after: int) -> None:
        missing = len(self.passages()) - self.archive.counts().vectors
        self.embedder.fails_after = len(self.embedder.embedded) + after
        try:
            self.archive.embed()
            assert missing <= after
        except EmbedderError:
            assert missing > after
        self.embedder.fails_after = None

    @precondition(lambda self: self.builds > 0)
    @rule()
    def publish(self) -> None:
        self.builds -= 1
        self.archive.embed()
        self.archive.rebuild()
        generation = self.archive.status().generation
        assert (generation.rows if generation else 0) == len(self.passages())

    @rule()
    def compact(self) -> None:
        self.archive._seal_words(None)

    # -- kills and moves -----------------------------------------------------------------------------------------------

    @rule(given=some_numbers, version=versions, at=st.integers(0, 7))
    def kill_adding(self, given: list[int], version: int, at: int) -> None:
        """What was made durable before the kill is there, in the order in which it came, and nothing else."""
        at = min(at, len(given) - 1)

        def add(archive: Archive) -> None:
            store.adding.ARTICLE_BATCH = BATCH
            archive.add(killing(draft(number, version) for number in given[:at]))

        self.run_killed(add)

        there = {int(ref.id.removeprefix("log-")): ref.headline for ref in self.archive.articles()}
        is_new = [there.get(number) == draft(number, version).headline for number in given[:at]]
        durable = is_new.index(False) if False in is_new else at
        assert durable >= at - at % BATCH
        self.articles |= dict.fromkeys(given[:durable], version)

    @rule(at=st.integers(0, 6))
    def kill_embedding(self, at: int) -> None:
        before, missing = self.archive.counts().vectors, len(self.passages()) - self.archive.counts().vectors

        def embed(archive: Archive) -> None:
            store.filling.VECTOR_BATCH = BATCH
            for done, _ in enumerate(archive._embed_pending(None)):
                if done == at:
                    kill_self()
            kill_self()

        self.run_killed(embed)

        assert self.archive.counts().vectors == before + min(missing, BATCH * (at + 1))

    @rule()
    def reopen(self) -> None:
        self.archive.close()
        self.archive = open_archive(self.path, writable=True, embedder=self.embedder)

    @rule(target=kept)
    def back_up(self) -> Kept:
        self.backups += 1
        file = self.folder / f"{self.backups}.dateline"
        write_backup(self.path / FILE_NAME, file)
        return Kept(file, dict(self.articles))

    @rule(backup=kept, is_lost=st.booleans())
    def restore(self, backup: Kept, is_lost: bool) -> None:
        self.archive.close()
        if is_lost:
            shutil.rmtree(self.path)
        restored = restore_backup(backup.file, self.path, replace=True)
        if restored.moved is not None:
            shutil.rmtree(restored.moved)
        self.articles = dict(backup.articles)
        self.archive = open_archive(self.path, writable=True, embedder=self.embedder)

    # -- reading -------------------------------------------------------------------------------------------------------

    @rule(number=numbers)
    def search_for_one(self, number: int) -> None:
        hits = self.archive.search(f"crate{number}x0", ALL).hits

        found = [hit for hit in hits if f"crate{number}x0" in hit.passage.text]
        assert bool(found) == (number in self.articles)
        assert not found or found[0].why.lexical_rank == 1

    @rule(
        since=st.none() | st.dates(date(2017, 1, 1), date(2017, 12, 31)),
        outlets=st.sampled_from([(), ("harbour courier",), ("The Skelby Post",)]),
    )
    def search_for_all(self, since: date | None, outlets: tuple[str, ...]) -> None:
        hits = self.archive.search("crate logged on a quay", ALL, SearchFilter(since=since, outlets=outlets)).hits

        drafts = [draft(number, version) for number, version in self.articles.items()]
        fitting = {
            one.id
            for one in drafts
            if (since is None or day_of(one) >= since)
            and (not outlets or str(one.outlet).casefold() in [name.casefold() for name in outlets])
        }
        # The other half of a pair of nearly equal articles is told as a copy of it.
        assert {ref.id for hit in hits for ref in (hit.passage.article, *hit.copies)} == fitting
        for hit in hits:
            passage = hit.passage
            assert self.archive.article(passage.article.id).body[passage.start : passage.end] == passage.text

    @invariant()
    def counts_agree(self) -> None:
        counts = self.archive.counts()
        assert (counts.articles, counts.passages) == (len(self.articles), len(self.passages()))
        assert counts.vectors <= counts.passages

    def teardown(self) -> None:
        self.check_all()
        self.archive.close()
        shutil.rmtree(self.folder)

    def check_all(self) -> None:
        held = {ref.id: self.archive.article(ref.id) for ref in self.archive.articles()}
        expected = {id_of(number): draft(number, version) for number, version in self.articles.items()}
        assert {id_: (one.ref.headline, one.body) for id_, one in held.items()} == {
            id_: (one.headline, one.body) for id_, one in expected.items()
        }
        assert self.archive.problems() == []

    # -- the model -----------------------------------------------------------------------------------------------------

    def passages(self) -> Sequence[tuple[int, int]]:
        bodies = (draft(number, version).body for number, version in self.articles.items())
        return [span for body in bodies for span in split_passages(body)]

    def run_killed(self, work: Callable[[Archive], None]) -> None:
        """Let another process do ``work``, which ends in a kill, and open what it left."""
        self.archive.close()
        child = os.fork()
        if not child:
            try:
                work(open_archive(self.path, writable=True, embedder=self.embedder))
            finally:
                os._exit(1)  # Not reached by who is killed.
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status)
        assert os.WTERMSIG(status) == signal.SIGKILL
        self.archive = open_archive(self.path, writable=True, embedder=self.embedder)


def killing(drafts: Iterator[Draft]) -> Iterator[Draft]:
    """Yield the drafts, then kill the process."""
    yield from drafts
    kill_self()


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def id_of(number: int) -> str:
    return f"log-{number:05}"


def day_of(one: Draft) -> date:
    assert type(one.published) is date
    return one.published


def test_an_archive_holds_what_a_plain_model_of_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.publishing, "FIRST_ROWS", ALL)  # An index is built by the rule `publish` alone.
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        ArchiveMachine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
