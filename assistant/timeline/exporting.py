"""Timelines and briefs → Markdown to keep, send and print."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assistant import markdown
from assistant.rendering import describe, format_day
from assistant.timeline.citing import Cited, cite
from assistant.timeline.phrasing import counted, days_text, legend, marks_of, outlets_text
from assistant.timeline.rendering import news_text
from store.cleaning import clean_line

if TYPE_CHECKING:
    from assistant.conversation import Citation
    from assistant.timeline.briefs import Brief
    from assistant.timeline.events import Event
    from assistant.timeline.timelines import Timeline

# A file's name has 255 bytes at most, and a character has up to four.
_NAME_CHARS = 50


def timeline_markdown(timeline: Timeline) -> str:
    """Return a timeline as the text of a Markdown file."""
    facts = [counted(timeline.articles, "article")]
    facts += [f"happened since {format_day(timeline.since)}"] if timeline.since else []
    facts += [f"happened until {format_day(timeline.until)}"] if timeline.until else []
    facts += [f"as of {format_day(timeline.as_of)}"] if timeline.as_of else []
    facts += [f"of {' and '.join(timeline.outlets)}"] if timeline.outlets else []
    facts += [f"that name {' and '.join(timeline.about)}"] if timeline.about else []
    return _markdown(f"Timeline: {timeline.topic}", "; ".join(facts), timeline.events)


def brief_markdown(brief: Brief) -> str:
    """Return a brief as the text of a Markdown file."""
    facts = news_text(brief) + (f"; as of {format_day(brief.as_of)}" if brief.as_of else "")
    return _markdown(f"Brief: {brief.topic}", facts, brief.events)


def default_file_name(topic: str) -> str:
    """Return what the file of a topic's timeline may be called."""
    told = re.sub(r"[\W_]+", "-", clean_line(topic)).strip("-")[:_NAME_CHARS].strip("-")
    return f"timeline-{told or 'topic'}.md"


def _markdown(title: str, facts: str, events: Sequence[Event]) -> str:
    cited = cite(events)
    parts = [f"# {markdown.line(title)}", f"{markdown.line(facts)}."]
    parts.append("\n".join(line for event in events for line in _event_lines(event, cited)))
    parts += ["## Sources", "\n".join(_source(citation) for citation in cited.told)]
    meanings = legend(events)
    if meanings:
        parts.append("\n".join(f"- {markdown.line(meaning)}" for meaning in meanings))
    return "\n\n".join(parts) + "\n"


def _event_lines(event: Event, cited: Cited) -> Iterator[str]:
    notes = ", ".join(filter(None, (outlets_text(event), *marks_of(event))))
    text = f"{markdown.line(event.quote.text)} [{cited.number(event.quote)}]"
    yield f"- **{days_text(event.days)}**: {text}{f' ({notes})' if notes else ''}"
    for days, quote in event.disputing:
        yield f"  - {markdown.line(quote.article.outlet or 'no outlet')}: {days_text(days)} [{cited.number(quote)}]"


def _source(citation: Citation) -> str:
    ref = citation.hit.passage.article
    place = markdown.code(f"{ref.id}:{citation.start}-{citation.end}")
    told = [markdown.line(describe(ref)), markdown.address(ref.url) if ref.url else "", place]
    copies = "; ".join(describe(copy) for copy in citation.hit.copies)
    also = f" (also printed: {markdown.line(copies)})" if copies else ""
    return f"{citation.number}. {', '.join(filter(None, told))}{also}"
