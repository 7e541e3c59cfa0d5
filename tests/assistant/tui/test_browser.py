from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from assistant.tui.browser import open_in_browser

WINDOWED = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME")


@pytest.fixture(autouse=True)
def without_window(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in WINDOWED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")


def browser_that(tmp_path: Path, script: str) -> str:
    """Return what BROWSER is set to for a browser of our own."""
    path = tmp_path / "browser.py"
    path.write_text(script)
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(path))} %s"


def test_over_ssh_nothing_is_started() -> None:
    assert not open_in_browser("https://courier.example/")


def test_the_browser_gets_the_address_and_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    script = f"import sys; print('noise'); open({str(tmp_path / 'got')!r}, 'w').write(sys.argv[1] + sys.stdin.read())"
    monkeypatch.setenv("BROWSER", browser_that(tmp_path, script))

    assert open_in_browser("https://courier.example/?a=1&b='$(id)'")
    assert (tmp_path / "got").read_text() == "https://courier.example/?a=1&b='$(id)'"
    assert capfd.readouterr() == ("", "")


def test_nothing_of_the_current_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "webbrowser.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BROWSER", browser_that(tmp_path, ""))

    assert open_in_browser("https://courier.example/")
    assert not (tmp_path / "run").exists()
