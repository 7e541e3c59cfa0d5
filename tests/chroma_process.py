"""A real Chroma server in a process of its own, to be asked, killed, stopped and started again."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

_STARTED_WITHIN_S = 60


class ChromaProcess:
    """``chroma run`` on a port of this machine. It keeps what it holds when it is killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it where it does not run, and return once it answers."""
        if self._process is not None:
            return
        command = [Path(sys.executable).with_name("chroma"), "run", "--path", self._folder, "--port", str(self.port)]
        self._process = subprocess.Popen(
            list(map(str, command)),
            cwd=self._folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + _STARTED_WITHIN_S
        while not self._answers():
            assert time.monotonic() < end, "the Chroma server did not start"
            time.sleep(0.05)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it accept and never answer."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/api/v2/heartbeat")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()
