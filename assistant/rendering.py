"""Answers, hits and reports → text for people or JSON for programs. Pure: nothing is printed here."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from assistant.citations import past_markers
from assistant.llm.stopping import STOPPED_EARLY
from store.cleaning import JSON_ESCAPES, plain
from store.records import day_of, page_at
from store.splitting import split_sentences
from store.words import content_words

if TYPE_CHECKING:
    from assistant.conversation import Answer, Citation, Planned, Support, Turn
    from assistant.history import Change
    from assistant.llm.listing import ModelState
    from store.archive import Status
    from store.catalog import Counts
    from store.records import AddReport, Article, ArticleRef, Draft, Hit, Why, Window

# Months in English, whatever the locale: the rest of the text is English too.
_MONTHS = "January February March April May June July August September October November December".split()

# What bears no mark is borne out. Signs, not colours: they outlive a pipe, a copy and a colour-blind reader.
_SUPPORT_MARKS = {"weak": " (~)", "unsupported": " (?)"}
_SUPPORT_WORDS: dict[Support, str] = {
    "quoted": "quoted",
    "supported": "supported",
    "weak": "weakly supported (~)",
    "unsupported": "not supported by a source (?)",
}

# Outlets that are named when the archive says what it covers.
_NAMED_OUTLETS = 5
TRUNCATED = "only the beginning: the source did not give the whole article"


@dataclass(frozen=True, slots=True)
class Style:
    """How text is set: columns to wrap at (0: not at all) and whether ANSI styles may be used."""

    width: int = 0
    colour: bool = False

    def strong(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self.colour else text

    def dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self.colour else text

    def wrap(self, text: str, indent: str = "") -> str:
        """Return ``text`` wrapped paragraph by paragraph; what follows the first line of each is indented."""
        if not self.width:
            return text
        wrapped = (
            textwrap.fill(
                line, max(20, self.width), subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
            )
            for line in text.split("\n")
        )
        return "\n".join(wrapped)


# -- text --------------------------------------------------------------------------------------------------------------


def answer_text(answer: Answer, style: Style) -> str:
    """Return the answer alone, with a mark on each statement that its source does not bear out."""
    text, position = "", 0
    for statement in answer.statements:
        end = past_markers(answer.text, statement.end)
        text += answer.text[position:end] + support_mark(statement.support)
        position = end
    return style.wrap(plain(text + answer.text[position:]))


def support_mark(support: Support | None) -> str:
    """Return what is written behind a statement that its sources do not bear out, else nothing."""
    return _SUPPORT_MARKS.get(support or "quoted", "")


def support_text(answer: Answer) -> str:
    """Return in words how the statements of an answer are borne out, and whether it is whole.

    Nothing is said of a whole answer by the built-in model, which only quotes, nor where there is no text.
    """
    if not answer.text or (answer.model == "extractive" and answer.complete):
        return ""
    counted = Counter(statement.support for statement in answer.statements)
    told = [(counted[support], words) for support, words in _SUPPORT_WORDS.items() if counted[support]]
    total = f"{len(answer.statements)} statement{'s' if len(answer.statements) != 1 else ''}"
    if len(told) == 1:
        parts = f"{'all ' if len(answer.statements) > 1 else ''}{told[0][1]}"
    else:
        parts = ", ".join(f"{count} {words}" for count, words in told)
    why = "stopped" if STOPPED_EARLY in answer.warnings else "the model broke off"
    broken = "" if answer.complete else f"Incomplete: {why}. "
    return f"{broken}{total}: {parts}." if told else broken.rstrip()


def below_text(turn: Turn, style: Style) -> str:
    """Return what is said below an answer of where the reports differ; nothing where they do not."""
    if not turn.differences:
        return ""
    from assistant.claims.telling import differences_text  # only where reports differ

    return differences_text(turn.differences, style)


def sources_text(citations: Sequence[Citation], style: Style) -> str:
    """Return the cited places, one a line: number, outlet, headline, day and where to open it."""
    lines = []
    for citation in citations:
        ref = citation.hit.passage.article
        place = f"{ref.id}:{citation.start}-{citation.end}"
        described = " · ".join(part for part in (describe(ref), pages_text(ref, citation.start, citation.end)) if part)
        lines.append(_entry(f"[{citation.number}]", described, place, style))
        if citation.hit.copies:
            copies = plain("; ".join(describe(copy) for copy in citation.hit.copies))
            lines.append(_below(f"also in: {copies}", "    ", style))
    return "\n".join(lines)


def pages_text(ref: ArticleRef, start: int, end: int) -> str:
    """Return the page or pages on which ``body[start:end]`` stands, nothing where the article has none."""
    first, last = page_at(ref, start), page_at(ref, end - 1)
    if first is None:
        return ""
    return f"page {first}" if first == last else f"pages {first}-{last}"


def _entry(number: str, described: str, place: str, style: Style) -> str:
    """Return ``number described  place`` on one line, or, where that is too narrow, wrapped with the place below."""
    described, place = plain(described), plain(place)
    line = f"{number} {described}"
    if not style.width or len(line) + len(place) + 2 <= style.width:
        return f"{style.strong(number)} {described}  {style.dim(place)}"
    wrapped = style.wrap(line, indent="    ").removeprefix(number)
    return f"{style.strong(number)}{wrapped}\n    {style.dim(place)}"


def plan_texts(planned: Planned) -> Iterator[str]:
    """Yield in words what was understood beside the query: what stands for 'it', the window, preferences, parts."""
    if planned.asked and planned.asked != planned.question:
        yield f"understood as: {planned.question}"
    if planned.carried:
        yield f"taken over: {planned.carried}"
    if planned.window:
        yield f"searching articles {window_text(planned.window)}"
    if planned.filter.outlets and not planned.given.outlets:
        yield f"searching articles of {_listed(planned.filter.outlets)} (the question names it)"
    if planned.filter.about:
        yield f"searching articles that name {_listed(planned.filter.about)}"
    preferred = planned.preferred_window
    if preferred and preferred != planned.window:
        yield f"preferring articles {window_text(preferred)}"
    if planned.preference.outlets:
        yield f"preferring articles of {_listed(planned.preference.outlets)}"
    if len(planned.queries) > 1:
        yield f"searching for the parts as well: {' · '.join(planned.queries[1:])}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def hits_text(query: str, hits: Sequence[Hit], style: Style, *, explain: bool = False) -> str:
    """Return hits, best first, each with the sentences of its passage that share most with the query.

    With ``explain`` each says how it came to its rank.
    """
    blocks = []
    for hit in hits:
        head = _entry(f"{hit.rank}.", describe(hit.passage.article), hit.passage.id, style)
        lines = [head, _below(plain(excerpt(hit.passage.text, query)), "   ", style)]
        if hit.copies:
            copies = plain("; ".join(describe(copy) for copy in hit.copies))
            lines.append(_below(f"also printed: {copies}", "   ", style))
        if explain and hit.why:
            lines.append(style.dim(_below(why_text(hit.why), "   ", style)))
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def _below(text: str, indent: str, style: Style) -> str:
    """Return a paragraph that belongs to the entry above it."""
    if style.width:
        text = textwrap.fill(text, max(20, style.width - len(indent)), break_on_hyphens=False)
    return textwrap.indent(text, indent)


def why_text(why: Why) -> str:
    """Return how a hit came to its rank, in one line."""
    parts = [f"words {why.lexical:.1f} (rank {why.lexical_rank})" if why.lexical_rank else "words 0"]
    if why.dense is not None:
        parts.append(f"meaning {why.dense:.2f} (rank {why.dense_rank})")
    parts.append(f"together {why.fused:+.1f} (rank {why.fused_rank})")
    if round(why.preference, 1):
        parts.append(f"time and outlet {why.preference:+.1f}")
    if why.reranked is not None:
        parts.append(f"reranker {why.reranked:+.1f}")
    if why.words:
        parts.append(f"matched: {plain(', '.join(why.words))}")
    return "; ".join(parts)


def excerpt(text: str, query: str, *, chars: int = 280) -> str:
    """Return about ``chars`` characters of ``text`` from the sentence on that shares most words with ``query``."""
    wanted = set(content_words(query))
    spans = split_sentences(text)
    if not spans:
        return ""
    start, _ = max(spans, key=lambda span: (len(wanted.intersection(content_words(text[slice(*span)]))), -span[0]))
    shortened = textwrap.shorten(text[start:], chars, placeholder=" …")
    return f"… {shortened}" if start else shortened


def article_text(article: Article, span: tuple[int, int] | None, style: Style) -> str:
    """Return an article to be read; a span is shown between its neighbouring paragraphs and marked."""
    ref = article.ref
    head = [style.strong(plain(ref.headline)), plain(byline(ref))]
    if ref.url:
        head.append(plain(ref.url))
    if ref.is_truncated:
        head.append(TRUNCATED)
    if span is None:
        return "\n".join([*(line for line in head if line), "", style.wrap(plain(article.body.replace("\n", "\n\n")))])
    start, end = span
    before = article.body[:start].rsplit("\n", 2)
    after = article.body[end:].split("\n", 2)
    quote = article.body[start:end]
    marked = f"\x1b[7m{plain(quote)}\x1b[0m" if style.colour else f">>> {plain(quote)} <<<"
    lead = plain("\n".join(before[-2:]) if len(before) > 1 else before[-1])
    tail = plain("\n".join(after[:2]))
    cut = ("… " if len(before) > 2 else "", " …" if len(after) > 2 else "")
    return "\n".join([*(line for line in head if line), "", f"{cut[0]}{lead}{marked}{tail}{cut[1]}"])


def history_text(article: Article, changes: Sequence[Change], style: Style) -> str:
    """Return what changed in an article and when it was seen, oldest first, taken out (-) above put in (+)."""
    lines = [style.strong(plain(article.ref.headline)), plain(byline(article.ref))]
    if not changes:
        lines += ["", "unchanged since it was added"]
    for change in changes:
        lines += ["", style.strong(f"{format_day(change.seen.date())}, {change.seen:%H:%M} UTC")]
        lines += [f"{part.field}: {part.before or '—'} → {part.after or '—'}" for part in change.fields]
        for part in change.body:
            lines += [style.wrap(plain(f"- {sentence}"), "  ") for sentence in part.removed]
            lines += [style.wrap(plain(f"+ {sentence}"), "  ") for sentence in part.added]
    return "\n".join(lines)


def articles_text(refs: Iterable[ArticleRef], style: Style) -> Iterable[str]:
    """Yield one line an article: id, day, outlet, headline."""
    for ref in refs:
        day = day_of(ref.published)
        yield f"{style.dim(plain(ref.id))}  {day or '—'!s:<10}  {plain(ref.outlet or '—')}  {plain(ref.headline)}"


def added_text(report: AddReport) -> str:
    """Return the summary of an ``add`` in one line."""
    parts = [f"{report.added:,} added", f"{report.updated:,} updated", f"{report.unchanged:,} unchanged"]
    if report.skipped_count:
        parts.append(f"{report.skipped_count:,} skipped")
    return ", ".join(parts)


def draft_text(draft: Draft, style: Style) -> str:
    """Return one line for an article as a reader found it."""
    day = day_of(draft.published)
    place = draft.source if draft.line is None else f"{draft.source}:{draft.line}"
    told = f"{day or '—'!s:<10}  {draft.outlet or '—'}  {draft.headline}"
    return f"{plain(told)}  {style.dim(plain(place))}"


def draft_json(draft: Draft) -> dict[str, Any]:
    return {
        "source": draft.source,
        "line": draft.line,
        "id": draft.id,
        "headline": draft.headline,
        "outlet": draft.outlet,
        "authors": list(draft.authors),
        "published": _iso(draft.published),
        "modified": _iso(draft.modified),
        "url": draft.url,
        "language": draft.language,
        "section": draft.section,
        "truncated": draft.is_truncated,
        "body": draft.body,
    }


def status_text(status: Status, style: Style) -> str:
    """Return the state of an archive as aligned lines."""
    counts = status.counts
    covered = _days(counts.first, counts.last) or "—"
    if counts.undated:
        covered += f", {counts.undated:,} without a date"
    named = [f"{name or 'no outlet'} ({count:,})" for name, count in status.outlets[:6]]
    more = len(status.outlets) - len(named)
    rows = {
        "archive": str(status.path),
        "articles": f"{counts.articles:,}" + (f" and {counts.revisions:,} earlier texts" if counts.revisions else ""),
        "published": covered,
        "outlets": ", ".join(named) + (f" and {more:,} more" if more > 0 else "") or "—",
        "passages": f"{counts.passages:,}, {_share(counts.vectors, counts.passages)} embedded",
        "embedder": status.embedder or "none yet",
        "index": _index_words(status),
        "size": f"{status.bytes_on_disk / 1e6:,.1f} MB",
    }
    return "\n".join(f"{style.dim(f'{name:<10}')} {plain(value)}" for name, value in rows.items())


def models_text(models: Sequence[ModelState], default: str, style: Style) -> Iterator[str]:
    """Yield one line a model: the name for ``--model``, whether it answers, where it is, what is known of it."""
    names = [plain(model.name) for model in models]
    widest = max(map(len, names), default=0)
    for name, model in zip(names, models, strict=True):
        read = f"reads {model.context_tokens:,} tokens" if model.context_tokens else ""
        known = ["the default" if model.name == default else "", model.where, model.detail, read]
        told = plain(" · ".join(filter(None, known)))
        yield f"{style.strong(name)}{' ' * (widest - len(name))}  {model.status:<11}  {told}"


def coverage_text(counts: Counts, outlets: Sequence[tuple[str | None, int]]) -> str:
    """Return what an archive covers, in a clause; ``outlets`` come with their number of articles, most first."""
    days = f" published {_days(counts.first, counts.last)}" if counts.first and counts.last else ""
    held = f"it holds {counts.articles:,} article{'s' if counts.articles != 1 else ''}{days}"
    named = [f"{plain(name)} ({count:,})" for name, count in outlets if name is not None]
    if not named:
        return held
    more = len(named) - _NAMED_OUTLETS
    if more > 0:
        named[_NAMED_OUTLETS:] = [f"{more:,} other{'s' if more > 1 else ''}"]
    return f"{held}, by {_listed(named)}"


def _days(first: date | None, last: date | None) -> str:
    return format_day(first) if first == last else f"{format_day(first)} to {format_day(last)}"


def window_text(window: Window) -> str:
    """Return a window in words, with where it came from."""
    if window.since and window.since == window.until:
        days = window.since.isoformat()
    elif window.since and window.until:
        days = f"{window.since.isoformat()} to {window.until.isoformat()}"
    elif window.since:
        days = f"{window.since.isoformat()} or later"
    else:
        assert window.until is not None  # a window has one end at least
        days = f"{window.until.isoformat()} or earlier"
    return f"published {days} ({window.basis})"


def describe(ref: ArticleRef) -> str:
    """Return outlet, headline and day of an article in one line."""
    day = format_day(day_of(ref.published))
    return " · ".join(part for part in (ref.outlet, ref.headline, day) if part)


def byline(ref: ArticleRef) -> str:
    """Return outlet, authors and day of an article in one line."""
    authors = ("by " + " and ".join(ref.authors)) if ref.authors else None
    return " · ".join(part for part in (ref.outlet, authors, ref.place, format_day(day_of(ref.published))) if part)


def format_day(day: date | None) -> str:
    """Return a day as 2 January 2020, or nothing."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}" if day else ""


def _share(part: int, whole: int) -> str:
    if not whole:
        return "none"
    return "all" if part == whole else f"{part:,} ({100 * part // max(1, whole)} %)"


def _index_words(status: Status) -> str:
    if status.generation is None:
        return "none yet: searched exactly" if status.counts.vectors else "none yet"
    newer = f", {status.fresh:,} newer vectors beside it" if status.fresh else ""
    return f"generation {status.generation.folder.name}, {status.generation.rows:,} vectors{newer}"


# -- JSON --------------------------------------------------------------------------------------------------------------


def to_json(value: Any, *, indent: int | None = 2) -> str:
    """Return JSON in which no control character, and nothing else that a terminal obeys, stands unescaped."""
    return json.dumps(value, ensure_ascii=False, indent=indent).translate(JSON_ESCAPES)


def answer_json(turn: Turn, planned: Planned, *, coverage: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a finished turn as ``dateline.answer/1``; ``coverage`` is what the archive holds if not the answer."""
    answer = turn.answer
    return {
        "schema": "dateline.answer/1",
        "question": turn.question,
        "query": turn.query,
        "window": window_json(turn.window),
        "as_of": planned.as_of.isoformat(),
        "answered": answer.answered,
        "answer": answer.text,
        "statements": [
            {
                "text": statement.text,
                "start": statement.start,
                "end": statement.end,
                "citations": list(statement.citations),
                "support": statement.support,
            }
            for statement in answer.statements
        ],
        "citations": [_citation_json(citation) for citation in answer.citations],
        "nearest": [hit_json(hit) for hit in answer.nearest],
        "disagreements": _disagreements_json(turn),
        "model": answer.model,
        "usage": _usage_json(answer),
        "timings_ms": dict(turn.timings_ms),
        "warnings": list(answer.warnings),
        "plan": _plan_json(planned),
        "asked": turn.asked or turn.question,
        "complete": answer.complete,
        "coverage": coverage,
    }


def _disagreements_json(turn: Turn) -> list[dict[str, Any]]:
    if not turn.differences:
        return []
    from assistant.claims.telling import disagreements_json  # only where reports differ

    return disagreements_json(turn.differences)


def failure_json(question: str, error: str, code: int) -> dict[str, Any]:
    """Return what stands in the place of an answer that could not be given, as ``dateline.failure/1``."""
    return {"schema": "dateline.failure/1", "question": question, "answered": False, "error": error, "code": code}


def coverage_json(counts: Counts, outlets: Sequence[tuple[str | None, int]]) -> dict[str, Any]:
    """Return what an archive covers, with the outlets that have most articles."""
    named = [(name, count) for name, count in outlets if name is not None]
    return {
        "articles": counts.articles,
        "first": _iso(counts.first),
        "last": _iso(counts.last),
        "outlets": [{"outlet": name, "articles": count} for name, count in named[:_NAMED_OUTLETS]],
        "outlet_count": len(named),
    }


def hits_json(planned: Planned, window: Window | None, hits: Sequence[Hit]) -> dict[str, Any]:
    """Return hits, looked for in ``window``, as ``dateline.hits/1``."""
    return {
        "schema": "dateline.hits/1",
        "query": planned.query,
        "window": window_json(window),
        "hits": [hit_json(hit) for hit in hits],
        "as_of": planned.as_of.isoformat(),
        "plan": _plan_json(planned),
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    keys = ("id", "headline", "outlet", "authors", "published", "url")
    article = ref_json(passage.article)
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "scorer": hit.scorer,
        "passage_id": passage.id,
        "article": {key: article[key] for key in keys},
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "copies": [_copy_json(copy) for copy in hit.copies],
        "why": _why_json(hit.why),
    }


def added_json(report: AddReport) -> dict[str, Any]:
    """Return the report of an ``add`` as ``dateline.added/1``."""
    return {
        "schema": "dateline.added/1",
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "skipped": [{"source": s.source, "line": s.line, "reason": s.reason} for s in report.skipped],
        "passages": report.passages,
        "skipped_count": report.skipped_count,
    }


def article_json(article: Article) -> dict[str, Any]:
    """Return an article with the body that all offsets count in."""
    return {"schema": "dateline.article/1", **ref_json(article.ref), "body": article.body}


def ref_json(ref: ArticleRef) -> dict[str, Any]:
    return {
        "id": ref.id,
        "headline": ref.headline,
        "outlet": ref.outlet,
        "authors": list(ref.authors),
        "published": _iso(ref.published),
        "modified": _iso(ref.modified),
        "url": ref.url,
        "language": ref.language,
        "section": ref.section,
        "place": ref.place,
        "final_url": ref.final_url,
        "fetched": _iso(ref.fetched),
        "truncated": ref.is_truncated,
        "page_starts": list(ref.page_starts),
    }


def history_json(article: Article, changes: Sequence[Change]) -> dict[str, Any]:
    """Return what changed in an article as ``dateline.history/1``, oldest first."""
    listed = [
        {
            "seen": change.seen.isoformat(),
            "fields": {part.field: {"before": part.before, "after": part.after} for part in change.fields},
            "body": [{"removed": list(part.removed), "added": list(part.added)} for part in change.body],
        }
        for change in changes
    ]
    return {"schema": "dateline.history/1", "id": article.ref.id, "headline": article.ref.headline, "changes": listed}


def models_json(models: Sequence[ModelState], default: str) -> dict[str, Any]:
    """Return the models as ``dateline.models/1``; ``default`` is the one that answers where none is named."""
    listed = [
        {
            "name": model.name,
            "provider": model.provider,
            "where": model.where,
            "status": model.status,
            "model": model.model,
            "detail": model.detail,
            "context_tokens": model.context_tokens,
        }
        for model in models
    ]
    return {"schema": "dateline.models/1", "default": default, "models": listed}


def status_json(status: Status) -> dict[str, Any]:
    """Return the state of an archive as ``dateline.status/1``."""
    counts = status.counts
    return {
        "schema": "dateline.status/1",
        "archive": str(status.path),
        "articles": counts.articles,
        "passages": counts.passages,
        "embedded": counts.vectors,
        "revisions": counts.revisions,
        "undated": counts.undated,
        "first": _iso(counts.first),
        "last": _iso(counts.last),
        "outlets": [{"outlet": name, "articles": count} for name, count in status.outlets],
        "embedder": status.embedder,
        "generation": status.generation.folder.name if status.generation else None,
        "indexed": status.generation.rows if status.generation else 0,
        "bytes": status.bytes_on_disk,
    }


def _citation_json(citation: Citation) -> dict[str, Any]:
    ref = citation.hit.passage.article
    return {
        "n": citation.number,
        "article_id": ref.id,
        "headline": ref.headline,
        "outlet": ref.outlet,
        "authors": list(ref.authors),
        "published": _iso(ref.published),
        "url": ref.url,
        "passage_id": citation.hit.passage.id,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "copies": [_copy_json(copy) for copy in citation.hit.copies],
        "page": page_at(ref, citation.start),
    }


def _copy_json(ref: ArticleRef) -> dict[str, Any]:
    return {"article_id": ref.id, "outlet": ref.outlet, "published": _iso(ref.published), "url": ref.url}


def _usage_json(answer: Answer) -> Mapping[str, int | None] | None:
    if answer.usage is None:
        return None
    return {
        "prompt_tokens": answer.usage.prompt_tokens,
        "completion_tokens": answer.usage.completion_tokens,
    }


def _plan_json(planned: Planned) -> dict[str, Any]:
    """Return what a question was understood to ask for, beside its window."""
    preference = planned.preference
    return {
        "parts": list(planned.queries[1:]),
        "outlets": list(planned.filter.outlets),
        "about": list(planned.filter.about),
        "preference": {
            "near": _iso(preference.near),
            "window": window_json(planned.preferred_window),
            "outlets": list(preference.outlets),
            "newest_first": preference.newest_first,
        },
    }


def _why_json(why: Why | None) -> dict[str, Any] | None:
    if why is None:
        return None
    rounded = {name: value if value is None else round(value, 4) for name, value in _scores(why).items()}
    return {"words": list(why.words), **rounded}


def _scores(why: Why) -> dict[str, float | None]:
    return {
        "lexical": why.lexical,
        "lexical_rank": why.lexical_rank,
        "dense": why.dense,
        "dense_rank": why.dense_rank,
        "fused": why.fused,
        "fused_rank": why.fused_rank,
        "preference": why.preference,
        "reranked": why.reranked,
    }


def window_json(window: Window | None) -> dict[str, Any] | None:
    """Return a window as it stands in every JSON."""
    if window is None:
        return None
    return {
        "since": _iso(window.since),
        "until": _iso(window.until),
        "basis": window.basis,
        "inferred": window.inferred,
    }


def _iso(moment: date | datetime | None) -> str | None:
    return moment.isoformat() if moment else None
