"""Draw the images in this folder again, those of README.md and of the tests, by `python tests/screens/draw.py`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]
_TESTS = "tests/assistant/tui/test_screens.py"


def main() -> int:
    """Run the tests of the screens, which keep what they draw, and then once more, as tests."""
    run = [sys.executable, "-m", "pytest", _TESTS]
    drawn = subprocess.run(run, cwd=_REPOSITORY, env={**os.environ, "DRAW_SCREENS": "1"}, check=False)
    return drawn.returncode or subprocess.run(run, cwd=_REPOSITORY, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
