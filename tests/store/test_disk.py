"""Room is asked for before work begins, and the kind of a file system is read from the machine's own list."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.disk import SPARE_BYTES, bytes_below, file_system, free_bytes, is_network, require_room, size_text
from store.errors import DiskFull

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / {folder}/team\040share rw shared:2 - nfs4 server:/share rw
31 30 0:41 / {folder}/team\040share/local rw - xfs /dev/sdb rw
"""


def test_the_files_of_a_folder_are_added_up(tmp_path: Path) -> None:
    (tmp_path / "index" / "words").mkdir(parents=True)
    (tmp_path / "archive").write_bytes(b"1234")
    (tmp_path / "index" / "words" / "terms").write_bytes(b"12345")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")

    assert bytes_below(tmp_path) == 9 + (tmp_path / "gone").lstat().st_size
    assert bytes_below(tmp_path / "nowhere") == 0


def test_what_fits_is_let_through(tmp_path: Path) -> None:
    require_room(tmp_path / "not" / "there" / "yet", 1_000, "the test")


def test_what_does_not_fit_is_told_with_place_need_and_room(tmp_path: Path) -> None:
    with pytest.raises(DiskFull) as raised:
        require_room(tmp_path / "archive", 10**18, "the backup")

    said = str(raised.value)
    assert said.startswith(f"the backup needs about 1,000,000,000 GB of the disk of {str(tmp_path)!r}, and ")
    assert said.endswith(" are free")
    assert raised.value.hint == "make room there and run the same command again; nothing was changed"


def test_some_room_is_left_for_others(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        require_room(tmp_path, free_bytes(tmp_path) - SPARE_BYTES // 2, "the test")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_500, "1.5 kB"),
        (20_000_000, "20 MB"),
        (1_234_567_890, "1.2 GB"),
        (10**15, "1,000,000 GB"),
    ],
)
def test_sizes_are_told_in_the_unit_that_fits(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("place", "kind"),
    [("elsewhere", "ext4"), ("team share", "nfs4"), ("team share/archive", "nfs4"), ("team share/local/x", "xfs")],
)
def test_the_innermost_mount_says_the_kind(tmp_path: Path, place: str, kind: str) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS.replace("{folder}", str(tmp_path)), encoding="utf-8")
    (tmp_path / place).mkdir(parents=True)

    assert file_system(tmp_path / place, mounts=mounts) == kind


def test_a_machine_without_such_a_list_says_nothing(tmp_path: Path) -> None:
    assert file_system(tmp_path, mounts=tmp_path / "missing") is None


def test_file_systems_between_machines_are_known() -> None:
    assert [kind for kind in ("ext4", "nfs4", "tmpfs", "cifs", "fuse.sshfs") if is_network(kind)] == [
        "nfs4",
        "cifs",
        "fuse.sshfs",
    ]
