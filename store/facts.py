"""Facts about a sealed folder: a small JSON file that tells by a checksum of its own when it was changed."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

_CHECKSUM = "checksum"


def write_facts(path: Path, facts: dict[str, Any]) -> None:
    path.write_text(json.dumps({**facts, _CHECKSUM: _checksum(facts)}, indent=1), encoding="utf-8")


def read_facts(path: Path) -> dict[str, Any]:
    """Return the facts; raise OSError, or ValueError where they were changed. Early ones have no checksum."""
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    checksum = facts.pop(_CHECKSUM, None) if isinstance(facts, dict) else ""
    if checksum not in (None, _checksum(facts)):
        raise ValueError(f"{str(path)!r} does not say what it said")
    return facts


def _checksum(facts: dict[str, Any]) -> str:
    # What JSON makes of them: tuples become lists.
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
