"""Backups, exports and what is made again from them, on a disk that fails or under a program that is killed."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from store.archive import open_archive
from store.backup import verify_backup, write_backup
from store.errors import DatelineError
from store.exporting import write_export
from store.integrity import check_archive
from store.records import SearchFilter
from store.schema import FILE_NAME
from tests.faults.commands import run_dateline, wrong_words
from tests.faults.injection import Ended, Fault, Injector
from tests.faults.scenarios import Held, Outcome, files_in, held_in, prepare_old
from tests.faults.victim import ARCHIVE
from tests.hash_embedder import HashEmbedder

BACKUP, EXPORT, RESTORED = "kept.dateline", "kept.jsonl", "restored"


@dataclass(frozen=True)
class Keeping:
    """Arguments of ``dateline``, what there is before, and what they make below the folder ``{place}``.

    ``flaw`` says what is wrong with what was made. ``is_whole`` says that it is there whole or not at all, ``builds``
    that an index is built after that.
    """

    name: str
    arguments: tuple[str, ...]
    prepare: Callable[[Path, HashEmbedder], None]
    makes: str
    flaw: Callable[[Path, Held], str | None]
    is_whole: bool = True
    builds: bool = False


def prepare_kept(folder: Path, embedder: HashEmbedder) -> None:
    """Make an archive, a backup and an export of it, and remove some of its articles."""
    prepare_old(folder, embedder)
    write_backup(folder / ARCHIVE / FILE_NAME, folder / BACKUP)
    write_export(folder / ARCHIVE / FILE_NAME, folder / EXPORT, SearchFilter())
    with open_archive(folder / ARCHIVE, writable=True) as archive:
        archive.remove(["log-00001", "log-00002"])


def prepare_export(folder: Path, embedder: HashEmbedder) -> None:
    """Leave nothing but an export."""
    prepare_kept(folder, embedder)
    shutil.rmtree(folder / ARCHIVE)
    (folder / BACKUP).unlink()


def _flaw_of_backup(file: Path, before: Held) -> str | None:
    count = verify_backup(file).counts["articles"]
    return None if count == len(before.articles) else f"it holds {count} articles"


def _flaw_of_export(file: Path, before: Held) -> str | None:
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    missing = set(before.articles) - {record.get("id") for record in records}
    return f"it lacks {sorted(missing)}" if missing else None


def _flaw_of_restored(archive: Path, before: Held) -> str | None:
    del before
    # Restored first of all; its indexes are made afterwards, and by the next command that writes where that failed.
    found = [str(one) for one in check_archive(archive, full=True, asks=False).findings if one.is_broken]
    found = [told for told in found if not told.startswith("index/")]
    with open_archive(archive) as restored:
        count = restored.counts().articles
    return "; ".join(found) or (None if count == 8 else f"it holds {count} articles")


KEEPING = (
    Keeping("backup", ("backup", "{place}/new.dateline"), prepare_kept, "new.dateline", _flaw_of_backup),
    Keeping("export", ("export", "-o", "{place}/new.jsonl"), prepare_kept, "new.jsonl", _flaw_of_export),
    Keeping(
        "restore", ("restore", f"{{place}}/{BACKUP}", "--to", f"{{place}}/{RESTORED}"), prepare_kept, RESTORED,
        _flaw_of_restored, builds=True,
    ),
    Keeping(
        "import", ("import", "--no-embed", f"{{place}}/{EXPORT}"), prepare_export, ARCHIVE, _flaw_of_restored,
        is_whole=False,
    ),
)  # fmt: skip


class KeepingTrial:
    """One of these commands, run once undisturbed; each fault gets a copy of what was prepared."""

    def __init__(self, injector: Injector, keeping: Keeping, folder: Path) -> None:
        self.keeping = keeping
        self._injector = injector
        self._base, self._place = folder / "base", folder / "place"
        self._base.mkdir(parents=True)
        keeping.prepare(self._base, HashEmbedder(injector.scratch / "weights-1"))
        self._before = held_in(self._base)
        undisturbed = self._run_in_copy(Fault())
        assert undisturbed.code == 0, undisturbed
        assert not self._wrong_made(undisturbed)
        self.calls = undisturbed.calls
        self._files = files_in(self._place)
        self.largest = max(path.stat().st_size for path in self._base.rglob("*") if path.is_file())

    def attempt(self, fault: Fault, *, file_bytes: int | None = None) -> Outcome:
        """Let ``fault`` happen; look at what was said, at the archive and at what was made; do it again."""
        ended = self._run_in_copy(fault, file_bytes=file_bytes)
        told = f"after {fault}" if file_bytes is None else f"after at most {file_bytes} bytes a file"
        wrong = [] if ended.was_killed else wrong_words(ended, self._place)
        wrong += [*self._wrong_archive(), *self._wrong_made(ended)]
        if not ended.was_killed:
            wrong += self._surplus()
        wrong = [f"{told}: {what}" for what in wrong]
        if not (self.keeping.is_whole and self._made.exists()):
            again = self._run(Fault())
            after = [f"code {again.code}: {again.err}"] if again.code else []
            wrong += [f"{told}, done again: {what}" for what in (*after, *self._wrong_made(again), *self._surplus())]
        return Outcome(self.keeping.name, fault, ended, tuple(wrong))

    @property
    def _made(self) -> Path:
        return self._place / self.keeping.makes

    def _run_in_copy(self, fault: Fault, *, file_bytes: int | None = None) -> Ended:
        if self._place.exists():
            shutil.rmtree(self._place)
        shutil.copytree(self._base, self._place)
        return self._run(fault, file_bytes=file_bytes)

    def _run(self, fault: Fault, *, file_bytes: int | None = None) -> Ended:
        written = [part.format(place=self._place) for part in self.keeping.arguments]
        return run_dateline(self._injector, self._place, written, fault, file_bytes=file_bytes)

    def _wrong_archive(self) -> list[str]:
        if not self._before.articles:
            return []
        return [] if held_in(self._place) == self._before else ["the archive is not as it was"]

    def _wrong_made(self, ended: Ended) -> list[str]:
        if not self._made.exists():
            return ["done, it says, and nothing was made"] if ended.code == 0 else []
        if ended.code != 0 and not self.keeping.is_whole:
            return []
        try:
            flaw = self.keeping.flaw(self._made, self._before)
        except (DatelineError, OSError, ValueError, sqlite3.Error) as exc:
            flaw = f"{type(exc).__name__}: {exc}"
        return [f"what was made: {flaw}"] if flaw else []

    def _surplus(self) -> Iterator[str]:
        """Yield what lies about that an undisturbed run does not leave."""
        # A journal is SQLite's, and undoes what was half-written when the file is opened next.
        for name in sorted(files_in(self._place) - self._files):
            if name != f"{ARCHIVE}/archive.sqlite#-journal":
                yield f"a file too many: {name}"
