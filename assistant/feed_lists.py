"""Feeds and what a sync of them brought, as text and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from store.cleaning import plain

if TYPE_CHECKING:
    from datetime import datetime

    from assistant.rendering import Style
    from store.subscriptions import Feed
    from store.syncing import FeedReport, SyncReport

# Failures in a row from which on a feed may well be dead.
SUSPICIOUS_FAILURES = 5


def feeds_text(feeds: Iterable[Feed], style: Style) -> Iterator[str]:
    """Yield two lines a feed: number, name and outlet; address and how it is."""
    for feed in feeds:
        outlet = f" · {feed.outlet}" if feed.outlet else ""
        yield f"{feed.number:>3}  {style.strong(plain(feed.name))}{plain(outlet)}"
        yield plain(f"     {feed.url} · {state_text(feed)}")


def state_text(feed: Feed) -> str:
    """Return how a feed is: when it last brought something, or what is wrong with it."""
    if feed.is_gone:
        return "closed by its publisher"
    if feed.failures:
        return f"{failed_text(feed.failures)}: {feed.error}"
    if feed.checked is None:
        return "not synced yet"
    news = f"last news on {_day(feed.news)}" if feed.news else "no news yet"
    return f"{news}, checked on {_day(feed.checked)}"


def failed_text(failures: int) -> str:
    """Return how often in a row a feed could not be had."""
    times = "" if failures == 1 else f" {failures} times in a row"
    return f"failed{times}"


def synced_text(report: SyncReport) -> str:
    """Return what a sync did, in one line."""
    articles = report.articles
    failed = sum(feed.error is not None for feed in report.feeds)
    told = f"{articles.added:,} added, {articles.updated:,} updated from {_count(len(report.feeds), 'feed')}"
    return f"{told}, {failed:,} of them failed" if failed else told


def notices(report: SyncReport) -> Iterator[str]:
    """Yield what a person should know of single feeds: what failed, what is closed, what is left for the next sync."""
    for one in report.feeds:
        name = one.feed.name
        if one.outcome == "gone":
            yield f"{name}: closed by its publisher; remove it with `dateline feeds remove {one.feed.number}`"
        elif one.error is not None:
            # Where no feed can be had, it is more likely that this machine is offline.
            is_dead = one.failures >= SUSPICIOUS_FAILURES and not report.has_failed
            advice = f"; `dateline feeds remove {one.feed.number}` forgets it" if is_dead else ""
            yield f"{name}: {failed_text(one.failures)}: {one.error}{advice}"
        elif one.waiting:
            yield f"{name}: {_count(one.waiting, 'entry')} left for the next sync"


def feeds_json(feeds: Sequence[Feed]) -> dict[str, Any]:
    """Return the feeds as ``dateline.feeds/1``."""
    return {"schema": "dateline.feeds/1", "feeds": [_feed_json(feed) for feed in feeds]}


def synced_json(report: SyncReport) -> dict[str, Any]:
    """Return what a sync did as ``dateline.synced/1``."""
    articles = report.articles
    return {
        "schema": "dateline.synced/1",
        "added": articles.added,
        "updated": articles.updated,
        "unchanged": articles.unchanged,
        "skipped": [{"source": one.source, "line": one.line, "reason": one.reason} for one in articles.skipped],
        "passages": articles.passages,
        "feeds": [_report_json(one) for one in report.feeds],
    }


def _feed_json(feed: Feed) -> dict[str, Any]:
    return {
        "number": feed.number,
        "url": feed.url,
        "title": feed.title,
        "outlet": feed.outlet,
        "added": _iso(feed.added),
        "checked": _iso(feed.checked),
        "news": _iso(feed.news),
        "failures": feed.failures,
        "error": feed.error,
        "gone": feed.is_gone,
    }


def _report_json(one: FeedReport) -> dict[str, Any]:
    return {
        "number": one.feed.number,
        "url": one.feed.url,
        "title": one.feed.title,
        "outcome": one.outcome,
        "added": one.added,
        "updated": one.updated,
        "waiting": one.waiting,
        "failures": one.failures,
        "error": one.error,
    }


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def _day(moment: datetime | None) -> str:
    return f"{moment.astimezone():%Y-%m-%d}" if moment else "—"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
