"""PDF files small enough to be written by hand: lines of Helvetica at given places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Set(NamedTuple):
    """A line of type: where it begins, in points from the lower left corner of an A4 page, and its size."""

    x: float
    y: float
    size: float
    text: str


def column(
    texts: Sequence[str], *, top: float = 700, left: float = 72, size: float = 10, lead: float = 12
) -> list[Set]:
    """Return lines of a column below each other."""
    return [Set(left, top - i * lead, size, text) for i, text in enumerate(texts)]


def write_pdf(pages: Sequence[Sequence[Set]], info: Mapping[str, str] | None = None) -> bytes:
    """Return a PDF with the lines of each page, and what it says of itself."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    told = "".join(f"/{name} ({_escaped(value)}) " for name, value in (info or {}).items())
    objects.append(f"<< {told}>>".encode("cp1252"))
    kids = []
    for lines in pages:
        stream = "\n".join(
            f"BT /F1 {line.size} Tf {line.x} {line.y} Td ({_escaped(line.text)}) Tj ET" for line in lines
        ).encode("cp1252")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Kids [{listed}] /Count {len(kids)} >>".encode()
    return _assembled(objects)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _assembled(objects: Sequence[bytes]) -> bytes:
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return content + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, len(content))
    )
