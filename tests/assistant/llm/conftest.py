"""Servers for the tests of models: real ones on this machine that follow a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.assistant.llm.wires import WIRES, Wire
from tests.scripted_server import Reply, ScriptedServer


@pytest.fixture
def serve() -> Iterator[Callable[..., ScriptedServer]]:
    """Give a function that starts a server with a script for each request; all end with the test."""
    servers: list[ScriptedServer] = []

    def start(*scripts: Reply) -> ScriptedServer:
        servers.append(ScriptedServer(list(scripts)))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(params=WIRES, ids=lambda wire: wire.name)
def wire(request: pytest.FixtureRequest) -> Wire:
    """Give each wire format in turn."""
    found: Wire = request.param
    return found
