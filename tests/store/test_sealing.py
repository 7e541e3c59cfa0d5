"""Publishing: readers find the old folder or the new one, whole, whatever moment a builder is killed at."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import store
from store.sealing import current_folder, drop_folders, hold_folder, publish_folder


def build_first(folder: Path) -> None:
    (folder / "words").write_text("first")


def build_second(folder: Path) -> None:
    (folder / "words").write_text("second")


def build_third(folder: Path) -> None:
    (folder / "words").write_text("third")


def content(root: Path) -> str | None:
    folder = current_folder(root)
    return None if folder is None else (folder / "words").read_text()


def test_nothing_is_current_where_nothing_was_published(tmp_path: Path) -> None:
    assert current_folder(tmp_path) is None
    assert current_folder(tmp_path / "nowhere") is None


def test_a_folder_is_built_aside_and_published(tmp_path: Path) -> None:
    root = tmp_path / "index" / "words"

    def build(aside: Path) -> None:
        build_first(aside)
        assert current_folder(root) is None

    published = publish_folder(root, 1, build)

    assert published == current_folder(root) == root / "g000001"
    assert content(root) == "first"
    assert published.stat().st_mode & 0o777 == 0o700


def test_the_next_one_takes_its_place_and_leftovers_go(tmp_path: Path) -> None:
    publish_folder(tmp_path, 1, build_first)
    (tmp_path / "g000002").mkdir()
    (tmp_path / "g000002" / "half").touch()
    (tmp_path / "g000002.4242.tmp").mkdir()

    publish_folder(tmp_path, 2, build_second)

    assert content(tmp_path) == "second"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CURRENT", "g000002"]
    assert [path.name for path in (tmp_path / "g000002").iterdir()] == ["words"]


def test_what_a_reader_holds_stays_until_the_next_but_one(tmp_path: Path) -> None:
    held = hold_folder(publish_folder(tmp_path, 1, build_first))

    publish_folder(tmp_path, 2, build_second)
    kept = sorted(path.name for path in tmp_path.glob("g*"))
    publish_folder(tmp_path, 3, build_third)
    os.close(held)

    assert kept == ["g000001", "g000002"]
    assert sorted(path.name for path in tmp_path.glob("g*")) == ["g000003"]


def test_what_is_published_is_its_owners_alone(tmp_path: Path) -> None:
    publish_folder(tmp_path / "index" / "words", 1, build_first)

    assert [path for path in (tmp_path / "index").rglob("*") if path.stat().st_mode & 0o077] == []
    assert (tmp_path / "index").stat().st_mode & 0o077 == 0


def test_what_a_reader_has_let_go_is_deleted(tmp_path: Path) -> None:
    os.close(hold_folder(publish_folder(tmp_path, 1, build_first)))

    publish_folder(tmp_path, 2, build_second)

    assert sorted(path.name for path in tmp_path.glob("g*")) == ["g000002"]


def test_what_is_not_a_sealed_folder_is_left_alone(tmp_path: Path) -> None:
    publish_folder(tmp_path / "words", 1, build_first)

    publish_folder(tmp_path, 1, build_second)
    drop_folders(tmp_path)

    assert content(tmp_path / "words") == "first"
    assert current_folder(tmp_path) is None


def test_who_holds_the_old_one_open_reads_on(tmp_path: Path) -> None:
    with (publish_folder(tmp_path, 1, build_first) / "words").open() as held:
        publish_folder(tmp_path, 2, build_second)

        assert held.read() == "first"


def test_a_build_that_fails_leaves_the_old_one_current(tmp_path: Path) -> None:
    def fail(aside: Path) -> None:
        build_second(aside)
        raise OSError("no space left")

    publish_folder(tmp_path, 1, build_first)

    with pytest.raises(OSError, match="no space left"):
        publish_folder(tmp_path, 2, fail)

    assert content(tmp_path) == "first"
    publish_folder(tmp_path, 3, build_second)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CURRENT", "g000003"]


@pytest.mark.parametrize("written", [b"", b"\n", b"g000009\n", b"..\n", b"caf\xc3\xa9\n", b"\xff\0", b"g000001\0\n"])
def test_a_garbled_pointer_does_not_stop_the_next_one(tmp_path: Path, written: bytes) -> None:
    publish_folder(tmp_path, 1, build_first)
    (tmp_path / "CURRENT").write_bytes(written)

    publish_folder(tmp_path, 2, build_second)

    assert content(tmp_path) == "second"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CURRENT", "g000002"]


def test_what_was_dropped_is_gone(tmp_path: Path) -> None:
    publish_folder(tmp_path, 1, build_first)

    drop_folders(tmp_path)
    drop_folders(tmp_path)
    drop_folders(tmp_path / "nowhere")

    assert list(tmp_path.iterdir()) == []


# Publishes, and kills itself at the nth step that touches the disk.
PUBLISH = """
import os, signal, sys
from pathlib import Path
from store.sealing import publish_folder

root, steps = Path(sys.argv[1]), int(sys.argv[2])

def build(folder):
    (folder / "words").write_text("second")

def count(event, arguments):
    global steps
    if event in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "shutil.rmtree"):
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
publish_folder(root, 2, build)
"""


def test_killed_at_any_step_the_old_one_or_the_new_one_is_current_and_whole(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(store.__path__[0]).resolve().parent)}
    found = []
    for step in range(100):
        root = tmp_path / f"killed-{step}"
        publish_folder(root, 1, build_first)

        child = subprocess.run([sys.executable, "-c", PUBLISH, root, str(step)], check=False, env=environment)

        assert child.returncode in {0, -signal.SIGKILL}
        found.append(content(root))
        publish_folder(root, 3, build_third)
        assert content(root) == "third"
        assert sorted(path.name for path in root.iterdir()) == ["CURRENT", "g000003"]
        shutil.rmtree(root)
        if child.returncode == 0:
            break

    assert child.returncode == 0
    assert found == ["first"] * found.count("first") + ["second"] * found.count("second")
    assert min(found.count("first"), found.count("second")) > 5
