"""How long something takes, in words."""

from __future__ import annotations


def duration_text(seconds: float) -> str:
    """Return about how long so many seconds are: '75 s', '12 min', '1.5 h'."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"
