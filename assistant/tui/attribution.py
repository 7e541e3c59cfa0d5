"""A quotation with where it comes from, for what a person writes: a line for the clipboard, a name for a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.rendering import format_day, pages_text
from store.cleaning import plain
from store.records import day_of

if TYPE_CHECKING:
    from store.records import ArticleRef
    from store.splitting import Span

_NAME_CHARS = 60


def attributed(quote: str, ref: ArticleRef, span: Span) -> str:
    """Return ``“quote” — Outlet, “Headline”, 3 January 2020, page 4, URL (id:start-end)``, as far as it is known."""
    headline = f"“{ref.headline}”" if ref.headline else None
    known = (ref.outlet, headline, format_day(day_of(ref.published)), pages_text(ref, *span), ref.url)
    origin = ", ".join(" ".join(part.split()) for part in known if part)
    return plain(f"“{quote.strip()}” — {origin or 'source unknown'} ({ref.id}:{span[0]}-{span[1]})")


def file_name(ref: ArticleRef, span: Span) -> str:
    """Return a name for a file with that: day, outlet and place, in letters that every system takes."""
    parts = [str(day_of(ref.published) or ""), ref.outlet or "", ref.headline]
    told = re.sub(r"[^\w]+", "-", " ".join(parts).casefold()).strip("-")[:_NAME_CHARS].rstrip("-")
    return f"{told or 'quotation'}-{span[0]}-{span[1]}.txt"
