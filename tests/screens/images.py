"""Images of the screen as this folder keeps them: with nothing in them that another run would draw otherwise."""

from __future__ import annotations

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent

# Set by the script that draws them.
DRAWS = "DRAW_SCREENS"

_FONTS = '"Fira Code", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'


def cleaned(svg: str) -> str:
    """Return an image that Textual drew without what it would fetch from the net, and with names that stay the same."""
    svg = re.sub(r"@font-face \{.*?\}\n", "", svg, flags=re.DOTALL)
    svg = re.sub(r" *<!--.*?-->\n", "", svg)
    svg = re.sub(r"terminal-\d+-", "terminal-", svg)  # a checksum of everything in it
    svg = svg.replace("font-family: Fira Code, monospace", f"font-family: {_FONTS}")
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines() if line.strip())


def compare(name: str, svg: str, folder: Path) -> None:
    """Compare an image with the one that is kept, or keep it where they are being drawn.

    One that differs is written to ``folder``.
    """
    kept, drawn = FOLDER / f"{name}.svg", cleaned(svg)
    if DRAWS in os.environ:
        kept.write_text(drawn, encoding="utf-8")
    elif not kept.exists() or kept.read_text(encoding="utf-8") != drawn:
        new = folder / kept.name
        new.write_text(drawn, encoding="utf-8")
        raise AssertionError(
            f"{new} is not {kept}: look at both; `python {FOLDER / 'draw.py'}` keeps what is drawn now"
        )
