import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.parsing import READERS as REAL_READERS
from store.parsing import Job, ParserPool, Piece
from store.readers.fields import Origin
from store.records import Draft, Reached, Skipped
from tests.command_line import REPOSITORY, child_environment
from tests.store.parsing.hostile_readers import READERS


@pytest.fixture
def pool() -> Iterator[ParserPool]:
    with ParserPool(READERS, children=2, deadline_s=20) as pool:
        yield pool


def job(kind: str, content: bytes = b"", source: str = "a.html", line: int | None = None) -> Job:
    return Job(kind, content, Origin(source), line)


def bodies(pieces: list[Piece]) -> list[str]:
    return [piece.body for piece in pieces if isinstance(piece, Draft)]


def readers_of(pieces: list[Piece]) -> set[str]:
    """Return the children that echoed, by their headlines."""
    return {piece.headline for piece in pieces if isinstance(piece, Draft)}


def wait_for_end(pid: int) -> None:
    """Return when the process has ended; fail where it lives on for half a minute."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    ended = poll.poll(30_000)
    os.close(descriptor)
    assert ended


def test_pieces_come_in_the_order_of_their_jobs_and_others_in_their_places(pool: ParserPool) -> None:
    mark = Reached("dump.jsonl", "stamp", 100, 2)
    draft, skipped = Draft("Text", "Read by the parent.", "a.txt"), Skipped("b.txt", 3, "is broken")
    jobs = [draft, *(job("echo", b"%d" % number) for number in range(50)), mark, skipped, job("nothing"), job("echo")]

    pieces = list(pool.read(jobs))

    assert bodies(pieces) == ["Read by the parent.", *(str(number) for number in range(50)), ""]
    assert pieces[0] == draft
    assert pieces[51:53] == [mark, skipped]


def test_both_children_work(pool: ParserPool) -> None:
    busy = [piece for _ in range(5) for piece in pool.read(job("echo") for _ in range(200))]

    assert len(readers_of(busy)) == 2


def test_one_job_starts_one_child_and_none_starts_none(pool: ParserPool) -> None:
    assert list(pool.read([Skipped("a.txt", None, "is empty")])) == [Skipped("a.txt", None, "is empty")]
    assert len(pool._children) == 0

    pieces = [piece for _ in range(3) for piece in pool.read([job("echo")])]

    assert len(pool._children) == len(readers_of(pieces)) == 1


def test_what_is_read_is_given_before_the_next_job_is_asked_for(pool: ParserPool) -> None:
    """A slow source of jobs, such as a network, must not hold back what is finished."""
    first_is_given = threading.Event()

    def jobs() -> Iterator[Job | Piece]:
        yield Draft("First", "First.", "a.txt")
        assert first_is_given.is_set()
        yield job("echo", b"Second.")

    for piece in pool.read(jobs()):
        assert isinstance(piece, Draft)
        first_is_given.set()


def test_no_more_jobs_are_taken_ahead_than_the_children_need(pool: ParserPool) -> None:
    taken = 0

    def jobs() -> Iterator[Job]:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield job("echo")

    next(reading := pool.read(jobs()))
    assert taken <= 20

    taken = 0
    large = (job("echo", b"x" * 20_000_000) for _ in jobs())
    next(reading := pool.read(large))
    assert taken <= 3
    reading.close()  # type: ignore[attr-defined] # a generator


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("raise_error", "the parser failed: InputError: is broken"),
        ("recurse", "the parser failed: RecursionError: maximum recursion depth exceeded"),
        (
            "needs_library",
            "cannot be read without no_such_library; install it with `pip install no_such_library`",
        ),
        ("end_early", "the parser ended with code 3"),
        ("crash", "the parser crashed (SIGSEGV)"),
        ("flood", "gave more than 64 MB of text"),
        ("open_many", "the parser failed: OSError: [Errno 24] Too many open files: '/dev/null'"),
        ("eat_memory", "parsing needed more memory than 1 GB"),
    ],
)
def test_a_reader_that_goes_wrong_costs_its_own_input(pool: ParserPool, kind: str, reason: str) -> None:
    jobs = [job("echo", b"Before."), job(kind, source="bad.html", line=4), job("echo", b"After.")]

    before, bad, after = pool.read(jobs)

    assert bodies([before, after]) == ["Before.", "After."]
    assert isinstance(bad, Skipped)
    assert (bad.source, bad.line, bad.reason[: len(reason)]) == ("bad.html", 4, reason)


@pytest.mark.parametrize("kind", ["hang", "sleep"])
def test_a_reader_that_does_not_end_is_ended(kind: str) -> None:
    with ParserPool(READERS, children=2, deadline_s=1) as pool:
        pieces = list(pool.read([job("echo", b"Before."), job(kind), job("echo", b"After."), job(kind)]))

    overdue = Skipped("a.html", None, "parsing took more than 1 s")
    assert bodies(pieces) == ["Before.", "After."]
    assert [pieces[1], pieces[3]] == [overdue, overdue]


def test_articles_found_before_a_crash_are_kept(pool: ParserPool) -> None:
    assert list(pool.read([job("stop_halfway")])) == [
        Draft("First", "First.", "a.html"),
        Skipped("a.html", None, "the parser crashed (SIGKILL), so the rest is left out"),
    ]


def test_what_a_parser_prints_and_reads_does_not_reach_the_pipes(pool: ParserPool) -> None:
    assert bodies(list(pool.read([job("print_much"), job("echo", b"Next.")]))) == ["b''", "Next."]


def test_a_child_writes_no_file(pool: ParserPool, tmp_path: Path) -> None:
    path = tmp_path / "written.txt"

    [piece] = pool.read([job("write_file", str(path).encode())])

    assert piece == Skipped("a.html", None, "the parser failed: OSError: [Errno 27] File too large")
    assert path.read_bytes() == b""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are listed by Linux alone")
def test_a_child_sees_no_keys_settings_or_files_of_its_parent(
    pool: ParserPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("DATELINE_MODEL", "openai:x")
    with (tmp_path / "open.txt").open("w") as open_file:
        os.set_inheritable(open_file.fileno(), True)
        [piece] = pool.read([job("see")])

    assert isinstance(piece, Draft)
    seen = json.loads(piece.body)
    assert not [name for name in seen["environment"] if "KEY" in name or "DATELINE" in name or name == "HOME"]
    assert seen["folder"] == "/"
    assert seen["session"]
    # Three that lead nowhere or to the parent's error, two pipes, and the folder that lists them.
    assert len(seen["open files"]) == 6
    assert not {"sqlite3", "chromadb", "httpx", "numpy"} & set(seen["modules"])


def test_the_parent_believes_nothing_it_knows_better(pool: ParserPool) -> None:
    assert list(pool.read([job("forge", source="mail.mbox", line=12)])) == [
        Draft(
            "A red headline of two lines",
            "Text with hidden marks.",
            "mail.mbox",
            line=7,
            outlet="Post",
            authors=("Ada Lovelace",),
        ),
        Skipped("mail.mbox", 12, "no reason"),
    ]


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{}",
        b"[]",
        b"nonsense",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"draft": 1}',
        b'{"draft": {}}',
        b'{"skipped": {"reason": 1}}',
        b'{"skipped": {"reason": "x", "line": "__import__"}}',
        b'{"skipped": {"reason": "x", "line": ' + b"9" * 5000 + b"}}",
        b'{"began": true, "done": true}',
        b'{"unknown": {}}',
    ],
)
def test_an_answer_that_no_reader_writes_costs_its_own_input(pool: ParserPool, frame: bytes) -> None:
    taken_over, after = pool.read([job("take_over", frame), job("echo", b"After.")])

    assert taken_over == Skipped("a.html", None, "the parser gave an answer that cannot be read")
    assert bodies([after]) == ["After."]


def test_a_child_that_has_grown_is_replaced(pool: ParserPool) -> None:
    grown, other = (next(pool.read([job("leave")])) for _ in range(2))

    assert bodies([grown, other]) == ["Grown.", "Grown."]
    assert len(readers_of([grown, other])) == 2


def test_an_idle_child_that_was_killed_is_replaced(pool: ParserPool) -> None:
    [first] = pool.read([job("echo")])
    pid = int(readers_of([first]).pop().removeprefix("by "))
    os.kill(pid, signal.SIGKILL)
    wait_for_end(pid)

    assert bodies(list(pool.read([job("echo", b"Again.")]))) == ["Again."]


def test_what_a_parser_started_ends_with_it() -> None:
    with ParserPool(READERS, children=1, deadline_s=1) as pool:
        [forked, overdue] = pool.read([job("fork")])

    assert overdue == Skipped("a.html", None, "parsing took more than 1 s, so the rest is left out")
    [started] = bodies([forked])
    wait_for_end(int(started))


def test_closing_ends_children_at_work() -> None:
    with ParserPool(READERS, children=2) as pool:
        reading = pool.read([job("echo"), *[job("sleep") for _ in range(30)]])
        [echoed] = readers_of([next(reading)])

    wait_for_end(int(echoed.removeprefix("by ")))
    assert not [child for child in pool._children if child.is_alive()]


def test_children_end_with_a_parent_that_is_killed() -> None:
    program = (
        "from tests.store.parsing.hostile_readers import READERS\n"
        "from store.parsing import Job, ParserPool\n"
        "from store.readers.fields import Origin\n"
        "pool = ParserPool(READERS, children=1)\n"
        "reading = pool.read(Job(kind, b'', Origin('a')) for kind in ['echo', 'hang'])\n"
        "print(next(reading).headline, flush=True)\n"
        "next(reading)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert parent.stdout is not None
    child = int(parent.stdout.readline().removeprefix("by "))
    os.kill(child, 0)

    parent.kill()
    parent.wait()
    parent.stdout.close()

    wait_for_end(child)


def test_ctrl_c_ends_parent_and_children_without_a_word_of_theirs() -> None:
    program = (
        "import os, signal\n"
        "from tests.store.parsing.hostile_readers import READERS\n"
        "from store.parsing import Job, ParserPool\n"
        "from store.readers.fields import Origin\n"
        "try:\n"
        "    with ParserPool(READERS, children=2) as pool:\n"
        "        reading = pool.read(Job(kind, b'', Origin('a')) for kind in ['echo', 'hang', 'hang'])\n"
        "        print(next(reading).headline, flush=True)\n"
        "        next(reading)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        start_new_session=True,
        env=child_environment(),
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline().removeprefix("by "))

    os.killpg(parent.pid, signal.SIGINT)

    assert parent.communicate(timeout=30) == ("interrupted\n", "")
    wait_for_end(child)


def test_every_kind_names_a_reader_in_a_module_of_ours() -> None:
    assert {name.partition(":")[0].rpartition(".")[0] for name in REAL_READERS.values()} == {"store.readers"}
