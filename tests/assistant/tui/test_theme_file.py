"""The theme that is remembered: kept, read again, and nothing where there is no such file."""

from __future__ import annotations

from pathlib import Path

from assistant.tui.theme_file import read_theme, write_theme


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    assert read_theme(tmp_path / "home") is None

    write_theme(tmp_path / "home", "nord")
    write_theme(tmp_path / "home", "dracula")

    assert read_theme(tmp_path / "home") == "dracula"
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_what_is_no_name_is_none(tmp_path: Path) -> None:
    (tmp_path / "theme").write_bytes(b"\xff\xfe\x00")

    assert read_theme(tmp_path) is None
