"""Commands on a disk that is full, broken or may not be written to: what they say, and what they leave."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from store.errors import DatelineError
from store.integrity import check_archive
from store.records import Draft
from tests.faults.injection import Ended, Fault, Injector
from tests.faults.scenarios import (
    Outcome,
    differences,
    files_in,
    held_in,
    prepare_newer,
    prepare_nothing,
    prepare_old,
    prepare_unembedded,
)
from tests.faults.victim import ARCHIVE, new_articles
from tests.hash_embedder import HashEmbedder

ARCHIVE_ERROR = 3
INTERRUPTED = 130
STOPS_WITHIN_S = 2.0
_NO_FAULT = Fault()
QUESTION = "Who logged the crates on quay 3?"
SEARCHING = ("search", "crate3x1")
ADD = ("add", "{dump}")


@dataclass(frozen=True)
class Command:
    """Arguments of ``dateline``, and what there is before. ``{dump}`` among them is a file of new articles.

    ``asks`` says that it answers, whatever becomes of what it saves.
    """

    arguments: tuple[str, ...]
    prepare: Callable[[Path, HashEmbedder], None]
    asks: bool = False

    @property
    def name(self) -> str:
        return f"{self.arguments[0]}, {self.prepare.__name__.removeprefix('prepare_')}"


COMMANDS = (
    Command(ADD, prepare_nothing),
    Command(ADD, prepare_old),
    Command(("embed",), prepare_unembedded),
    Command(("rebuild",), prepare_newer),
    Command(("remove", "log-00001", "log-00002", "--yes"), prepare_old),
    Command(("ask", "--save", QUESTION), prepare_old, asks=True),
)


class CommandTrial:
    """One command, run once undisturbed; each fault gets a copy of what was prepared."""

    def __init__(self, injector: Injector, command: Command, folder: Path) -> None:
        self.command = command
        self._injector = injector
        self._base, self._place = folder / "base", folder / "place"
        self._base.mkdir(parents=True)
        self._dump = folder / "dump.jsonl"
        self._dump.write_text("\n".join(map(_line, new_articles())), encoding="utf-8")
        command.prepare(self._base, HashEmbedder(injector.scratch / "weights-1"))
        self.before = held_in(self._base)
        undisturbed = self._run_in_copy(Fault())
        assert undisturbed.code in (0, 1), undisturbed
        self.code = undisturbed.code
        self.calls = undisturbed.calls
        self.whole, self._files = held_in(self._place), files_in(self._place)
        self.largest = max((path.stat().st_size for path in self._base.rglob("*") if path.is_file()), default=0)

    def attempt(self, fault: Fault, *, file_bytes: int | None = None) -> Outcome:
        """Let ``fault`` happen, look at what was said and at what is left, run the same command again, look again."""
        ended = self._run_in_copy(fault, file_bytes=file_bytes)
        told = f"{fault}" if file_bytes is None else f"at most {file_bytes} bytes a file"
        wrong = [f"after {told}: {what}" for what in (*self._wrong_words(ended), *self._wrong_state(fault, ended))]
        again = self._run()
        wrong += [f"done again: {what}" for what in self._wrong_at_the_end(again)]
        return Outcome(self.command.name, fault, ended, tuple(wrong))

    def interrupt(self, signals: Sequence[int], at: int) -> Outcome:
        """Send signals to it once it has written ``at`` times, and go on as after a fault."""
        ended = self._run_in_copy(Fault(), signals=signals, signals_at=at)
        told = f"after {' '.join(signal.Signals(one).name for one in signals)} at {at}"
        wrong = [f"{told}: {what}" for what in (*_wrong_end(ended, signals), *self._wrong_state(Fault(), ended))]
        wrong += [f"{told}, done again: {what}" for what in self._wrong_at_the_end(self._run())]
        return Outcome(self.command.name, Fault(), ended, tuple(wrong))

    def _run_in_copy(
        self, fault: Fault, *, file_bytes: int | None = None, signals: Sequence[int] = (), signals_at: int = 0
    ) -> Ended:
        if self._place.exists():
            shutil.rmtree(self._place)
        shutil.copytree(self._base, self._place)
        return self._run(fault, file_bytes=file_bytes, signals=signals, signals_at=signals_at)

    def _run(
        self,
        fault: Fault = _NO_FAULT,
        arguments: Sequence[str] = (),
        *,
        file_bytes: int | None = None,
        signals: Sequence[int] = (),
        signals_at: int = 0,
    ) -> Ended:
        written = [part.format(dump=self._dump) for part in arguments or self.command.arguments]
        return run_dateline(
            self._injector,
            self._place,
            written,
            fault,
            file_bytes=file_bytes,
            signals=signals,
            signals_at=signals_at,
        )

    def _wrong_words(self, ended: Ended) -> list[str]:
        """Return what is wrong with code and messages of a command of which something went wrong."""
        wrong = wrong_words(ended, self._place)
        if ended.code == 0 and ended.call and not ended.err and differences(self.whole, held_in(self._place)):
            wrong.append("done, it says, but not all of it is there")
        if self.command.asks and ended.code != self.code:
            wrong.append(f"no answer: code {ended.code}: {ended.err}")
        return wrong

    def _wrong_state(self, fault: Fault, ended: Ended) -> list[str]:
        try:
            held = held_in(self._place)
        except (DatelineError, OSError, sqlite3.Error) as exc:
            return [f"{type(exc).__name__}: {exc}"]
        kept = set(self.whole.articles) & set(self.before.articles)
        wrong = [f"lost: {id_}" for id_ in sorted(kept - set(held.articles))]
        if self.before.articles:
            wrong += self._wrong_search(Fault("disk full from", 1) if fault.kind == "disk full from" else Fault())
            found = check_archive(self._place / ARCHIVE, full=True, asks=False).findings
            wrong += [str(finding) for finding in found if finding.is_broken]
        del ended
        return wrong

    def _wrong_search(self, fault: Fault) -> list[str]:
        searched = self._run(fault, SEARCHING)
        return [] if searched.code == 0 and "Harbour log 3" in searched.out else [f"cannot be searched: {searched.err}"]

    def _wrong_at_the_end(self, again: Ended) -> list[str]:
        # What was removed before the fault is not there to be removed.
        if again.code not in (self.code, 1):
            return [f"code {again.code}: {again.err}"]
        held = held_in(self._place)
        # Of what is embedded in two runs the index may hold the first part; the rest is searched exactly.
        wrong = differences(self.whole, replace(held, indexed=self.whole.indexed) if held.indexed else held)
        wrong += map(str, check_archive(self._place / ARCHIVE, full=True, asks=False).findings)
        surplus = files_in(self._place) ^ self._files
        return [*wrong, *(f"a file too many or too few: {name}" for name in sorted(surplus))]


def run_dateline(
    injector: Injector,
    place: Path,
    arguments: Sequence[str],
    fault: Fault = _NO_FAULT,
    *,
    file_bytes: int | None = None,
    is_bound: bool = False,
    signals: Sequence[int] = (),
    signals_at: int = 0,
) -> Ended:
    """Run the command line on the archive in ``place``."""
    return injector.run(
        "dateline",
        place,
        fault,
        arguments=("-a", str(place / ARCHIVE), *arguments),
        file_bytes=file_bytes,
        is_bound=is_bound,
        signals=signals,
        signals_at=signals_at,
    )


def wrong_words(ended: Ended, place: Path) -> list[str]:
    """Return what is wrong with the code and the messages of a command that could not do all that it should."""
    wrong = [f"says {word!r}: {ended.err}" for word in ("Traceback", "bug of dateline") if word in ended.err]
    if ended.code not in (0, 1, ARCHIVE_ERROR):
        wrong.append(f"code {ended.code}: {ended.err}")
    if ended.code == ARCHIVE_ERROR:
        last = (ended.err.splitlines() or [""])[-1]
        if not (last.startswith("dateline: ") and str(place) in last and "; " in last):
            wrong.append(f"no line that names the file and the remedy: {ended.err!r}")
    return wrong


def _wrong_end(ended: Ended, signals: Sequence[int]) -> list[str]:
    """Return what is wrong with how a command ended that was told to stop, if it had not ended before."""
    if ended.stopping_s is None:
        return [] if ended.code in (0, 1) else [f"code {ended.code}: {ended.err}"]
    # What Ctrl-C asks for is done in order; the other signals end a process at once, as they do any other.
    codes = (0, 1, INTERRUPTED) if signals[0] == signal.SIGINT else (0, 1, -signals[0], 128 + signals[0])
    wrong = [] if ended.code in codes else [f"code {ended.code}: {ended.err}"]
    wrong += ["a traceback: " + ended.err] if "Traceback" in ended.err else []
    return wrong + ([f"took {ended.stopping_s:.1f} s to end"] if ended.stopping_s > STOPS_WITHIN_S else [])


def _line(draft: Draft) -> str:
    fields = {"id": draft.id, "headline": draft.headline, "body": draft.body, "outlet": draft.outlet}
    modified = draft.modified.isoformat() if draft.modified else None
    return json.dumps(fields | {"published": str(draft.published), "modified": modified})
