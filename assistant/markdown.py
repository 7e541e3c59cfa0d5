"""Foreign text → Markdown that shows it as it stands, on GitHub and by Pandoc: no markup, links or HTML of its own.

Escaped is what CommonMark, GitHub's extensions or Pandoc's would read as markup, and no more: people read it raw, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from store.cleaning import clean_line, plain

if TYPE_CHECKING:
    from collections.abc import Container

# A '_' within a word is none, nor an '@' behind a letter; '@who' is a citation to Pandoc. 'http\://' is no address.
_ALWAYS = r"[\\`\[\]<$^~#{]|&(?=[#\w])|(?<![^\W_])@|:(?=//)|(?<=www)\.|=(?==)|%(?=%)"
# '--' is a dash to Pandoc.
_UNWRITTEN = r"\*|(?<![^\W_])_|_(?![^\W_])|-(?=-)"
# '[1](…)', '[1]: …' and '[1]{…}' are links and such, whatever stands in the brackets.
_MARKER = r"\[(\d{1,3})\](?![(:{])"
_LITERAL = re.compile(f"{_MARKER}|{_ALWAYS}|{_UNWRITTEN}")
_WRITTEN = re.compile(f"{_MARKER}|{_ALWAYS}")

# What makes a list, a rule, a heading, a quotation, a table or a definition of a line that begins so. Pandoc numbers
# with letters as well, and in round brackets.
_OPENING = re.compile(r"(?=[-+=>:|%])|\(?(?:\d{1,9}|[A-Za-z]|[IVXLCDMivxlcdm]+)(?=[.)](?:\s|$))")
_ROW = re.compile(r"(?=\|)")
_ITEM = re.compile(r"(?P<indent>[ \t]*)(?P<sign>[-*+]|\d{1,2}[.)])[ \t]+(?P<rest>\S.*)")
_RULE = re.compile(r"[-=_* \t]+")

_ADDRESS = re.compile(r"https?://[^\s<>\\`\"{}|^]{1,2000}", re.IGNORECASE)


def line(text: str) -> str:
    """Return ``text`` on one line, wherever that stands."""
    return _opened(_escaped(clean_line(text), _LITERAL, ()))


def paragraphs(text: str, markers: Container[int] = ()) -> str:
    """Return ``text`` with its paragraphs and line breaks, but for the ``markers``: these numbers stay ``[1]``."""
    blocks = re.split(r"\n\s*\n", plain(text).strip())
    return "\n\n".join(
        "\\\n".join(_opened(_escaped(one.strip(), _LITERAL, markers)) for one in block.split("\n") if one.strip())
        for block in blocks
    )


def written(text: str, markers: Container[int] = ()) -> str:
    """Return what a model wrote as Markdown, of which lists, emphasis and tables stay."""
    lines: list[str] = []
    for one in plain(text).strip().split("\n"):
        item = _ITEM.fullmatch(one) if not _RULE.fullmatch(one) else None
        # Without a blank line before it Pandoc sees no list.
        if item and lines and lines[-1] and not _ITEM.fullmatch(lines[-1]):
            lines.append("")
        lines.append(_list_item(item, markers) if item else _written_line(one.strip(), markers))
    return "\n".join(lines)


def quotation(text: str) -> str:
    """Return ``text`` as a block quotation."""
    return "\n".join(f"> {one}".rstrip() for one in paragraphs(text).split("\n"))


def code(text: str) -> str:
    """Return ``text`` on one line as code."""
    text = clean_line(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def address(url: str) -> str:
    """Return the address of a page as a link that shows where it leads; of anything else, as text."""
    return f"<{url}>" if _ADDRESS.fullmatch(url) else line(url)


def indented(text: str, columns: int) -> str:
    """Return ``text`` indented, as a part of a list's item."""
    return "\n".join(" " * columns + one if one else "" for one in text.split("\n"))


def _list_item(item: re.Match[str], markers: Container[int]) -> str:
    indent = item["indent"].expandtabs(4)
    return f"{indent}{item['sign']} {_opened(_escaped(item['rest'], _WRITTEN, markers))}"


def _written_line(text: str, markers: Container[int]) -> str:
    if _RULE.fullmatch(text):
        return f"\\{text}"
    escaped = _escaped(text, _WRITTEN, markers)
    return escaped if _ROW.match(text) else _opened(escaped)


def _escaped(text: str, special: re.Pattern[str], markers: Container[int]) -> str:
    def escape(found: re.Match[str]) -> str:
        if not found[1]:
            return f"\\{found[0]}"
        return found[0] if int(found[1]) in markers else f"\\[{found[1]}\\]"

    return special.sub(escape, text)


def _opened(text: str) -> str:
    """Return a line, escaped within, that begins nothing but text."""
    found = _OPENING.match(text)
    return f"{text[: found.end()]}\\{text[found.end() :]}" if found else text
