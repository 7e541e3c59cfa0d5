"""Invented articles of a small harbour, as the reports that a timeline is told from."""

from __future__ import annotations

from datetime import date

from assistant.timeline.events import Report
from store.records import Article, ArticleRef


def report(
    number: int, published: date | None, body: str, *, outlet: str | None = "The Skelby Post", headline: str = ""
) -> Report:
    """Return report ``number``; its headline is empty where none is given."""
    return Report(Article(ArticleRef(f"a{number}", headline, outlet, published=published), body))
