"""The command line as a process, and the page of a weblog for it to read."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import assistant

REPOSITORY = Path(assistant.__file__).resolve().parents[1]

# Two articles under one date, as a weblog prints them: with a sub-heading, a notice in between, an agency's dateline
# and what a widget left behind.
WEBLOG = """Thursday, March 5, 2015

Lighthouse keeper refuses to leave Gannet Rock

The last lighthouse keeper on Gannet Rock, Elspeth Garrow, refused to leave the island on Wednesday. \
A boat had come to fetch her. She has tended the lamp for 31 years.
The Northern Light Board wants to replace her with an automatic lamp that was made in Bergen. \
The lamp costs 48,000 pounds, the board's engineer Tobias Renn told reporters.

Why the board is in a hurry

The old lens cracked during a storm on 11 January, and two fishing boats ran aground near Puffin Sound in February.
Nobody was injured, but the insurer Marlow Mutual threatened to raise its premiums.

Breaking: Cracks found in the Hollin dam.


Wardens warn of cracks in the dam above Tarrow

TARROW (AP) — Wardens found three cracks in the Hollin dam above Tarrow on Tuesday night, and 1,900 people were told \
to leave their homes.
Engineers lowered the water by two metres within six hours. The dam was built in 1931 from local granite.
Mayor Ignatius Bell said that the school in Overby would take in families for the night.


Blog Widget by LinkWithin
"""


@dataclass(frozen=True)
class Ran:
    """How a run of the command line ended."""

    code: int
    out: str
    err: str


def dateline_command(*arguments: str | Path) -> list[str]:
    call = "from assistant.cli import main; main()"
    return [sys.executable, "-P", "-c", call, *map(str, arguments)]


def child_environment(**variables: str) -> dict[str, str]:
    """Return the environment of the test with the code under test in front, installed or not."""
    path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, **variables}
