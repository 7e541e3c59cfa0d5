from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from store.errors import ArchiveError, ArchiveLocked
from store.locking import writer_lock

HOLD = """
import sys
from pathlib import Path
from store.locking import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold the lock of ``folder`` until the block ends."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        yield child
        child.kill()


def test_a_second_writer_is_refused_at_once_and_told_who_writes(tmp_path: Path) -> None:
    with another_holder(tmp_path) as child, pytest.raises(ArchiveLocked) as raised, writer_lock(tmp_path):
        pass

    assert f"(process {child.pid}, '-c " in str(raised.value)
    assert raised.value.hint == "wait until it has finished; asking and searching work meanwhile"


def test_a_second_writer_of_the_same_process_is_refused_too(tmp_path: Path) -> None:
    with writer_lock(tmp_path), pytest.raises(ArchiveLocked, match=f"process {os.getpid()}"), writer_lock(tmp_path):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with another_holder(tmp_path) as child:
        child.send_signal(signal.SIGKILL)
        child.wait()

        with writer_lock(tmp_path):
            told = json.loads((tmp_path / "LOCK").read_text())

    assert told["pid"] == os.getpid()
    assert told.keys() == {"pid", "host", "command", "since"}


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), writer_lock(tmp_path):
        raise KeyboardInterrupt

    with writer_lock(tmp_path):
        pass


@pytest.mark.parametrize("told", [b"", b"\xff\xfe", b"{", b"[]", b"{}", b'{"pid": 1}'])
def test_a_lock_file_that_says_nonsense_changes_only_the_message(tmp_path: Path, told: bytes) -> None:
    with another_holder(tmp_path):
        (tmp_path / "LOCK").write_bytes(told)

        with pytest.raises(ArchiveLocked) as raised, writer_lock(tmp_path):
            pass

    assert str(raised.value) == f"another process is writing to the archive at {str(tmp_path)!r}"


def test_a_folder_that_cannot_be_written_to_is_no_lock(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot write to the archive at") as raised, writer_lock(tmp_path / "gone"):
        pass

    assert raised.value.hint is not None
