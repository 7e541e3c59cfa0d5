"""The command line under test, as a call and as a process, and archives of invented articles for it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import assistant
from assistant.cli import run
from tests.command_line import WEBLOG, Ran, child_environment, dateline_command
from tests.model_server import Model, serving
from tests.scripted_server import KEY


@pytest.fixture
def dateline(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Give the command line as a function in this process."""

    def call(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return call


@pytest.fixture
def dateline_process() -> Callable[..., Ran]:
    """Give the command line as a process of its own, with the environment of the test."""

    def call(*arguments: str | Path, stdin: str = "", **variables: str) -> Ran:
        done = subprocess.run(
            dateline_command(*arguments),
            input=stdin.encode(),
            capture_output=True,
            env=child_environment(**variables),
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def start_dateline() -> Callable[..., subprocess.Popen[bytes]]:
    """Give a function that starts the command line as a process; its caller sees that it ends."""

    def start(*arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        # A run in the background may ignore Ctrl-C, and its children with it; these must not.
        inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(dateline_command(*arguments), env=child_environment(), **options)
        finally:
            signal.signal(signal.SIGINT, inherited)

    return start


@pytest.fixture(scope="session")
def weblog_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive of ``WEBLOG``, made by a process as a person would make it. Do not write to it."""
    folder = tmp_path_factory.mktemp("weblog")
    (folder / "weblog.txt").write_text(WEBLOG, encoding="utf-8")
    path = folder / "archive"
    done = subprocess.run(
        dateline_command("-a", path, "add", folder / "weblog.txt"),
        capture_output=True,
        text=True,
        env=child_environment(HOME=str(folder), DATELINE_HOME=str(folder)),
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "2 added, 0 updated, 0 unchanged\n", "")
    return path


@pytest.fixture(scope="session")
def sample_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive of the sample articles with its vectors, made by a process. Do not write to it."""
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run(
        dateline_command("-q", "-a", folder / "archive", "add", Path(assistant.__file__).parent / "samples"),
        capture_output=True,
        env=child_environment(HOME=str(folder), DATELINE_HOME=str(folder)),
        timeout=120,
        check=True,
    )
    return folder / "archive"


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Model]]:
    """Give a function that starts a server with a model and points OPENAI_BASE_URL at it."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ExitStack() as servers:

        def start(*pieces: str, status: int = 200, breaks_off: bool = False) -> Model:
            model = Model(list(pieces), status, breaks_off)
            monkeypatch.setenv("OPENAI_BASE_URL", servers.enter_context(serving(model)))
            return model

        yield start
