"""The process in which things go wrong: it loads what every task needs, and forks for each one.

Run by injection.py, whose control file and preloaded shim it has. Everything that must be the same each time that a
task runs is: sizes of batches, seeds of hashes, and nothing depends on how long something takes.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import assistant.cli
import store.adding
import store.filling
import store.free_pages
import store.index
import store.lexical
import store.search
import store.vectors
from assistant.cli import adding
from assistant.conversation import Answered, AnswerEvent, Delta, Planned
from assistant.recording import Recording
from assistant.session_file import sessions_path
from store.archive import Archive, create_archive, open_archive
from store.records import Draft
from store.subscriptions import KnownEntry
from tests.assistant.turns import answered, planned
from tests.faults.injection import Control, Fault
from tests.hash_embedder import HashEmbedder
from tests.invented import invented

# Beyond it whatever hangs is killed; nothing here takes a tenth of it.
DEADLINE_S = 120

# Small, so that a few articles are several transactions.
ARTICLES_A_BATCH = 3
VECTORS_A_BATCH = 8

ARCHIVE, HOME = "archive", "home"
FEED = "https://courier.example/feed"
QUESTIONS = ("Who was saved?", "Who owned the ferry?")

Tell = Callable[[Any], None]


def new_articles() -> list[Draft]:
    """Return what is added; the last one replaces one that was added before in the same run."""
    drafts = [invented(i, sentences=20 + 30 * (i % 3)) for i in range(100, 110)]
    later = datetime(2018, 1, 1, tzinfo=UTC)
    return [*drafts, invented(101, sentences=31, modified=later)]


def old_articles() -> list[Draft]:
    """Return what is there before."""
    return [invented(i, sentences=20 + 30 * (i % 3)) for i in range(8)]


def changed_articles() -> list[Draft]:
    """Return the old articles with other texts."""
    return [replace(invented(i + 500, sentences=35), id=draft.id) for i, draft in enumerate(old_articles())]


def removed_ids() -> list[list[str]]:
    """Return the ids that are removed, in the calls in which they are."""
    ids = [draft.id or "" for draft in old_articles()]
    return [ids[:3], ids[3:5]]


def said(question: str) -> tuple[Planned, Answered]:
    """Return the first and the last event of a turn."""
    understood = planned(question)
    return understood, Answered(answered(understood))


def embedder(seed: str = "1") -> HashEmbedder:
    # Beside whatever is counted; always the same weights.
    return HashEmbedder(Path(sys.argv[1]) / f"weights-{seed}", seed=seed)


# -- tasks -------------------------------------------------------------------------------------------------------------


def write(folder: Path, tell: Tell) -> None:
    """Write once, to see whether it is seen."""
    folder.mkdir(exist_ok=True)
    (folder / "file").write_text("written", encoding="ascii")
    tell("written")


def create(folder: Path, tell: Tell) -> None:
    with create_archive(folder / ARCHIVE, embedder=None) as archive:
        tell(["articles", 0])
        _add(archive, new_articles()[:2], tell)


def add(folder: Path, tell: Tell) -> None:
    with create_archive(folder / ARCHIVE, embedder=embedder()) as archive:
        _add(archive, new_articles(), tell)
        _embed(archive, tell)


def update(folder: Path, tell: Tell) -> None:
    with open_archive(folder / ARCHIVE, writable=True, embedder=embedder()) as archive:
        _add(archive, changed_articles(), tell)
        _embed(archive, tell)


def remove(folder: Path, tell: Tell) -> None:
    with open_archive(folder / ARCHIVE, writable=True) as archive:
        for ids in removed_ids():
            archive.remove(ids)
            tell(["removed", ids])


def subscribe(folder: Path, tell: Tell) -> None:
    """Subscribe to a feed, and keep what became of its entries."""
    with open_archive(folder / ARCHIVE, writable=True) as archive:
        feeds = archive.subscriptions()
        feeds.add(FEED, outlet="Harbour Courier")
        tell(["feed", FEED])
        feed = feeds.find(FEED)
        for start in (0, 40):
            entries = [KnownEntry(f"guid-{i}", f"{FEED}/{i}", f"mark-{i}") for i in range(start, start + 40)]
            feeds.note_entries(feed, entries, has_news=True)
            tell(["entries", start + 40])
        feeds.note_done(feed, etag='"1"', last_modified=None, listed=())
        tell(["etag", '"1"'])


def migrate(folder: Path, tell: Tell) -> None:
    """Open an archive of an earlier format for writing, and add to it."""
    with open_archive(folder / ARCHIVE, writable=True) as archive:
        tell(["format", store.schema.SCHEMA_VERSION])
        _add(archive, new_articles()[:1], tell)


def chat(folder: Path, tell: Tell) -> None:
    """Save turns as they are shown."""
    recording = Recording(
        sessions_path(folder / HOME), folder / ARCHIVE, session=None, name="harbour", as_it_happens=True
    )  # fmt: skip
    with closing(recording):
        for question in QUESTIONS:
            shown = ""
            for event in recording.save(events_of(question), None, "openai:m"):
                if recording.trouble:
                    tell(["trouble", str(recording.trouble)])
                    continue
                shown += event.text if isinstance(event, Delta) else ""
                tell(["shown", question, shown])


def events_of(question: str) -> Iterator[AnswerEvent]:
    """Yield the events of a turn, its answer in pieces of a word."""
    understood, end = said(question)
    yield understood
    yield from (Delta(f"{word} ", None) for word in end.turn.answer.text.split(" "))
    yield end


def rebuild(folder: Path, tell: Tell) -> None:
    with open_archive(folder / ARCHIVE, writable=True) as archive:
        archive.rebuild()
        tell(["rebuilt"])


def embed(folder: Path, tell: Tell) -> None:
    """Embed what is left, and build the index, which is due."""
    with open_archive(folder / ARCHIVE, writable=True, embedder=embedder()) as archive:
        _embed(archive, tell)


def move(folder: Path, tell: Tell) -> None:
    """Make all vectors anew with another model."""
    with open_archive(folder / ARCHIVE, writable=True) as archive:
        notices = archive.move(embedder("2")).notices
        tell(["moved", notices])


def embed_with_stopped_builder(folder: Path, tell: Tell) -> None:
    """Embed as ``embed``, with little patience for the process that builds the index."""
    store.index.BUILD_PATIENCE_S = 3.0
    embed(folder, tell)


TASKS: dict[str, Callable[[Path, Tell], None]] = {
    task.__name__: task
    for task in (
        write, create, add, update, remove, subscribe, migrate, chat, rebuild, embed, move, embed_with_stopped_builder
    )
}  # fmt: skip


def _add(archive: Archive, drafts: Sequence[Draft], tell: Tell) -> None:
    report = archive.add(drafts, progress=lambda stage, done, _: tell([stage, done]) if stage == "articles" else None)
    tell(["notices", report.notices])


def _embed(archive: Archive, tell: Tell) -> None:
    report = archive.embed(progress=lambda stage, done, _: tell([stage, done]) if stage == "vectors" else None)
    tell(["notices", report.notices])


# -- the process -------------------------------------------------------------------------------------------------------


def serve(scratch: Path) -> None:
    control = Control(Path(os.environ["FAULTS_CONTROL"]))
    _say({"ready": True})
    for line in sys.stdin:
        asked = json.loads(line)
        began = time.monotonic()
        child = os.fork()
        if not child:
            _be_victim(scratch, control, asked)
        code, signalled = _wait(child, control, asked["signals"], asked["signals_at"])
        ended = time.monotonic()
        calls, call = control.disarm()
        stopping = ended - signalled if signalled else None
        _say({"code": code, "calls": calls, "call": call, "seconds": ended - began, "stopping_s": stopping})


def _say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _be_victim(scratch: Path, control: Control, asked: dict[str, Any]) -> None:
    code = 99
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # A run in the background may ignore it.
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(scratch / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        told = os.open(scratch / "told", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        _make_small()
        if asked["file_bytes"] is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (asked["file_bytes"],) * 2)
        if asked["is_bound"]:
            obey_permissions()
        folder = Path(asked["folder"])
        control.arm(folder, Fault(asked["kind"], asked["at"]), os.getpid())

        def tell(what: Any) -> None:
            os.write(told, (json.dumps(what) + "\n").encode())

        os.environ["DATELINE_HOME"] = str(folder / HOME)
        if asked["task"] == "dateline":
            code = assistant.cli.run(asked["arguments"])
        else:
            TASKS[asked["task"]](folder, tell)
            code = 0
    except BaseException:  # noqa: BLE001 - the harness reads what it was
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _make_small() -> None:
    store.adding.ARTICLE_BATCH, store.adding.ARTICLE_BATCH_S = ARTICLES_A_BATCH, float("inf")
    store.filling.VECTOR_BATCH = VECTORS_A_BATCH
    store.free_pages._FREE_PAGES, store.free_pages._FREE_SHARE = 1, 0.0
    adding.embedder_of = lambda _: embedder()  # type: ignore[assignment,return-value]


def obey_permissions() -> None:
    """Let the permissions of files bind this process, also where root runs it."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        # linux/securebits.h: programs that are started are not given root's capabilities either.
        noroot, pr_set_securebits = 0b11, 28
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        if libc.prctl(pr_set_securebits, noroot, 0, 0, 0) or libc.capset(header, (ctypes.c_uint32 * 6)()):
            raise OSError(ctypes.get_errno(), "cannot give up root's capabilities")


def _wait(child: int, control: Control, signals: Sequence[int], at: int) -> tuple[int, float | None]:
    """Wait for the end of a process, and of its group where it hangs; return its code, and when it was signalled.

    The signals are sent when it has written ``at`` times, the second one a moment after the first.
    """
    descriptor = os.pidfd_open(child)
    ends = time.monotonic() + DEADLINE_S
    left, signalled = list(signals), None
    while not select.select([descriptor], [], [], 0.001 if left else DEADLINE_S)[0]:
        if time.monotonic() > ends:
            os.killpg(child, signal.SIGKILL)
            break
        if left and control.count >= at:
            os.kill(child, left.pop(0))
            signalled = signalled or time.monotonic()
            time.sleep(0.05 if left else 0)
    os.close(descriptor)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), signalled


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
