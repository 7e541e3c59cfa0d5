"""A hostile server neither holds up the program, nor fills its memory, nor leads it to the inside."""

from __future__ import annotations

import pytest

from tests.faults.hostile_web import run_by_name

# By hand, hostile_web.py tries all with the deadline that people have.
DEADLINE_S = 2.0


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("300 MB in gzip, feed", "it is larger than 10 MB"),
        ("a header of 200 KB", "the headers of its answer are larger than 100 KB"),
        ("headers, one by one", "no complete answer within 2 seconds"),
        ("redirect to 2130706433", "its host is at 127.0.0.1 (this machine), not on the public internet"),
        ("redirect, then the host is inside", "its host is at 127.0.0.1 (this machine), not on the public internet"),
        ("feed: billion laughs", "entities"),
    ],
)
def test_a_hostile_server_is_told_from_others_in_time(case: str, reason: str) -> None:
    outcome = run_by_name(case, deadline_s=DEADLINE_S)

    assert outcome.faults == []
    assert reason in outcome.said
