"""Opening a model in a thread: what came of it is told where it is waited for."""

from __future__ import annotations

import threading

import pytest

from store.errors import EmbedderError
from store.opening import Opening


def failed(error: Exception) -> EmbedderError:
    return EmbedderError(f"cannot open it: {error}")


def test_what_was_opened_is_given_to_who_waits() -> None:
    assert Opening(lambda: "model", failed).wait() == "model"


def test_one_that_is_not_open_yet_is_none() -> None:
    gate = threading.Event()
    opening = Opening(gate.wait, failed)

    assert opening.wait(0) is None
    gate.set()
    assert opening.wait() is True


@pytest.mark.parametrize(
    ("raised", "told"),
    [(EmbedderError("it is damaged"), "it is damaged"), (ValueError("bad magic"), "cannot open it: bad magic")],
)
def test_what_kept_it_from_opening_is_raised_for_who_waits(raised: Exception, told: str) -> None:
    def broken() -> str:
        raise raised

    with pytest.raises(EmbedderError, match=f"^{told}$"):
        Opening(broken, failed).wait()
