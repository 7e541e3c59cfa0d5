"""What may pass, and what does not."""

from __future__ import annotations

import pytest

from store.fetching.failures import Failed, NotPublic, Overdue, Stopped, Unreachable


@pytest.mark.parametrize(
    ("failed", "may_pass"),
    [
        (Failed("it is no page"), False),
        (Failed("the connection broke", is_transient=True), True),
        (Failed("404", status=404), False),
        (Failed("408", status=408), True),
        (Failed("429", status=429), True),
        (Failed("503", status=503), True),
        (Unreachable("there is no host"), True),
        (NotPublic("it is inside"), False),
        (Overdue("it takes too long"), True),
        (Stopped("nobody wants it any more"), True),
    ],
)
def test_some_failures_may_pass(failed: Failed, may_pass: bool) -> None:
    assert failed.may_pass == may_pass
