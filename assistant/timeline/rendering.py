"""Timelines and briefs → text for people, JSON for programs. Pure: nothing is printed here."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from assistant.rendering import sources_text
from assistant.timeline.citing import Cited, cite
from assistant.timeline.phrasing import counted, days_text, legend, marks_of, outlets_text
from store.cleaning import clean_line, plain
from store.records import page_at

if TYPE_CHECKING:
    from assistant.rendering import Style
    from assistant.timeline.briefs import Brief
    from assistant.timeline.events import Event, Quote
    from assistant.timeline.timelines import Timeline
    from assistant.timeline.told import Told
    from store.records import ArticleRef

_BAR_CHARS = 5
_EIGHTHS = " ▏▎▍▌▋▊▉█"
# Narrower than that, the sentence stands below its day.
_COLUMNS_FROM = 64


def timeline_text(timeline: Timeline, style: Style) -> str:
    """Return the events of a timeline, oldest first, each with its day, then where they are told.

    On a terminal a bar shows how much a day matters.
    """
    head = f"{plain(clean_line(timeline.topic))}: {counted(timeline.articles, 'article')}"
    return _told_text(head, timeline.events, style)


def brief_text(brief: Brief, style: Style) -> str:
    """Return what is new, by the day on which it happened, then where it is told."""
    head = f"{plain(clean_line(brief.topic))}: {news_text(brief)}"
    return _told_text(head, brief.events, style)


def news_text(brief: Brief) -> str:
    """Return since when what is told is new, and how many articles tell it."""
    since = ""
    if brief.since is not None:
        since = f"published since {brief.since.isoformat()}, "
    elif brief.last is not None:
        since = f"new since the last brief ({_last_text(brief.last)}), "
    return f"{since}{counted(brief.articles, 'article')}, {brief.earlier:,} earlier"


def _last_text(last: Told) -> str:
    """Return when a brief was told; where it was told as of another day, that day."""
    is_usual = abs(last.day - last.moment.date()) <= timedelta(1)  # the calendar of another zone
    return f"{last.moment:%Y-%m-%d %H:%M} UTC" if is_usual else f"as of {last.day.isoformat()}"


def bar(importance: float, chars: int = _BAR_CHARS) -> str:
    """Return a bar of up to so many columns, never an empty one."""
    eighths = max(1, round(importance * chars * 8))
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()).ljust(chars)


def _told_text(head: str, events: Sequence[Event], style: Style) -> str:
    cited = cite(events)
    widest = max((len(days_text(event.days)) for event in events), default=0)
    lines = [style.wrap(style.strong(head)), ""]
    before: Event | None = None
    for event in events:
        is_same_day = before is not None and before.days == event.days
        lines.append(_event_text(event, cited, widest, style, is_same_day=is_same_day))
        before = event
        for dating in event.disputing:
            told = f"{dating.quote.article.outlet or 'no outlet'}: {days_text(dating.days)}"
            lines.append(_paragraph(f"{told} [{cited.number(dating.quote)}]", _indent(widest, style), style))
    lines += ["", sources_text(cited.told, style)]
    meanings = legend(events)
    if meanings:
        lines += ["", *(style.dim(style.wrap(meaning, "  ")) for meaning in meanings)]
    return "\n".join(lines)


def _event_text(event: Event, cited: Cited, widest: int, style: Style, *, is_same_day: bool) -> str:
    day = days_text(event.days)
    text = f"{clean_line(event.quote.text)} [{cited.number(event.quote)}]"
    notes = ", ".join(filter(None, (outlets_text(event), *marks_of(event))))
    told = plain(f"{text} ({notes})" if notes else text)
    if not style.width:
        return f"{day:<{widest}}  {told}"
    indent = _indent(widest, style)
    if is_same_day:
        return _paragraph(told, indent, style)
    if style.width < _COLUMNS_FROM:
        return f"{style.strong(day)} {bar(event.importance).rstrip()}\n{_paragraph(told, indent, style)}"
    head = f"{style.strong(day.ljust(widest))} {bar(event.importance)} "
    return head + _paragraph(told, indent, style).removeprefix(indent)


def _indent(widest: int, style: Style) -> str:
    if not style.width:
        return " " * (widest + 2)
    return "  " if style.width < _COLUMNS_FROM else " " * (widest + _BAR_CHARS + 2)


def _paragraph(text: str, indent: str, style: Style) -> str:
    if not style.width:
        return indent + text
    return textwrap.fill(
        text,
        max(20, style.width),
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


# -- JSON --------------------------------------------------------------------------------------------------------------


def timeline_json(timeline: Timeline, *, nearest: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return a timeline as ``dateline.timeline/1``; ``nearest`` is what was found instead where there are no events."""
    return {
        "schema": "dateline.timeline/1",
        "topic": timeline.topic,
        "since": _iso(timeline.since),
        "until": _iso(timeline.until),
        "as_of": _iso(timeline.as_of),
        "outlets": list(timeline.outlets),
        "about": list(timeline.about),
        **_told_json(timeline.events),
        "articles": timeline.articles,
        "undated": timeline.undated,
        "nearest": list(nearest),
        "warnings": list(timeline.notices),
    }


def brief_json(brief: Brief) -> dict[str, Any]:
    """Return a brief as ``dateline.brief/1``; ``last`` is the one before, if it counts from there."""
    return {
        "schema": "dateline.brief/1",
        "topic": brief.topic,
        "since": _iso(brief.since),
        "last": {"moment": _iso(brief.last.moment), "day": _iso(brief.last.day)} if brief.last else None,
        "as_of": _iso(brief.as_of),
        "outlets": list(brief.outlets),
        "about": list(brief.about),
        **_told_json(brief.events),
        "articles": brief.articles,
        "earlier": brief.earlier,
        "undated": brief.undated,
        "warnings": list(brief.notices),
    }


def _told_json(events: Sequence[Event]) -> dict[str, Any]:
    cited = cite(events)
    return {
        "events": [_event_json(event, cited) for event in events],
        "citations": [_quote_json(number, quote) for quote, number in cited.numbers.items()],
    }


def _event_json(event: Event, cited: Cited) -> dict[str, Any]:
    return {
        "since": event.days.since.isoformat(),
        "until": event.days.until.isoformat(),
        "approximate": event.days.is_approximate,
        "basis": event.basis,
        "announced": event.is_announced,
        "importance": round(event.importance, 4),
        "text": event.quote.text,
        "citation": cited.number(event.quote),
        "outlets": list(event.outlets),
        "also": [cited.number(quote) for quote in event.also],
        "disputed": list(_disputed_json(event, cited)),
    }


def _disputed_json(event: Event, cited: Cited) -> Iterator[dict[str, Any]]:
    for days, quote in event.disputing:
        yield {"since": days.since.isoformat(), "until": days.until.isoformat(), "citation": cited.number(quote)}


def _quote_json(number: int, quote: Quote) -> dict[str, Any]:
    ref = quote.article
    return {
        "n": number,
        "article_id": ref.id,
        "headline": ref.headline,
        "outlet": ref.outlet,
        "authors": list(ref.authors),
        "published": _iso(ref.published),
        "url": ref.url,
        "start": quote.start,
        "end": quote.end,
        "quote": quote.text,
        "copies": [_copy_json(copy) for copy in quote.copies],
        "page": page_at(ref, quote.start),
    }


def _copy_json(ref: ArticleRef) -> dict[str, Any]:
    return {"article_id": ref.id, "outlet": ref.outlet, "published": _iso(ref.published), "url": ref.url}


def _iso(moment: date | datetime | None) -> str | None:
    return moment.isoformat() if moment else None
