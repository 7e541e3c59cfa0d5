"""Comparisons → text for people or JSON for programs. Pure: nothing is printed here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from assistant.rendering import describe, format_day
from store.cleaning import plain

if TYPE_CHECKING:
    from assistant.claims.changes import Changes
    from assistant.claims.claim import Claim, Comparison, Relation, Side
    from assistant.rendering import Style
    from store.records import ArticleRef

_KINDS: dict[Relation, str] = {
    "number": "the numbers differ",
    "attribution": "the reports differ",
    "confirmation": "confirmed by some, unconfirmed by others",
    "update": "updated",
    "agree": "the reports agree",
}

# Below an answer: comparisons, and claims of a side. All of them are in the JSON, and in `dateline compare`.
_MOST_BELOW = 3
_MOST_CLAIMS = 4


def comparisons_text(comparisons: Sequence[Comparison], style: Style) -> str:
    """Return comparisons to be read: value beside value with outlets and days, updates, and the places cited."""
    numbers = _numbers(comparisons)
    blocks = [_comparison_text(comparison, numbers, style) for comparison in comparisons]
    cited = [
        style.wrap(plain(f"[{number}] {_outlet(claim)}, {format_day(claim.day)}: “{claim.quote}”"), "    ")
        + f"\n    {style.dim(plain(_place(claim)))}{_printed_by(claim)}"
        for (claim, number) in _cited(comparisons, numbers)
    ]
    return "\n\n".join([*blocks, "\n".join(cited)]) if blocks else ""


def differences_text(comparisons: Sequence[Comparison], style: Style) -> str:
    """Return what is said below an answer of where the reports differ; nothing where they do not."""
    if not comparisons:
        return ""
    lines = [style.strong("Where they differ:")]
    for comparison in comparisons[:_MOST_BELOW]:
        sides = "; ".join(_side_in_line(side) for side in comparison.sides)
        lines.append(style.wrap(plain(f"- {comparison.subject} ({_KINDS[comparison.kind]}): {sides}"), "  "))
        lines += [style.wrap(plain(f"  {line}"), "  ") for line in update_lines(comparison)]
    more = len(comparisons) - _MOST_BELOW
    if more > 0:
        lines.append(f"- and {more} more: `dateline compare` shows all")
    return "\n".join(lines)


def difference_lines(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Yield each comparison in a line, with its updates: for a list."""
    for comparison in comparisons:
        sides = "; ".join(_side_in_line(side) for side in comparison.sides)
        updates = "".join(f"; {line}" for line in update_lines(comparison))
        yield f"{comparison.subject} ({_KINDS[comparison.kind]}): {sides}{updates}"


def update_lines(comparison: Comparison) -> Iterator[str]:
    """Yield what was changed by a later report, a line each: old → new, who told it and when."""
    for update in comparison.updates:
        first = next((claim for claim in update.new.claims if not claim.is_earlier), update.new.claims[0])
        old = next((claim for claim in update.old.claims if not claim.is_earlier), None)
        before = f" ({_outlet(old)}, {format_day(old.day)})" if old else ""
        yield f"{update.old.value}{before} → {update.new.value} ({_outlet(first)}, {format_day(first.day)})"


def comparison_json(
    topic: str, comparisons: Sequence[Comparison], window: Any, as_of: str, articles: int
) -> dict[str, Any]:
    """Return what was compared on a topic as ``dateline.comparison/1``."""
    return {
        "schema": "dateline.comparison/1",
        "topic": topic,
        "window": window,
        "as_of": as_of,
        "articles": articles,
        "comparisons": disagreements_json(comparisons),
    }


def disagreements_json(comparisons: Iterable[Comparison]) -> list[dict[str, Any]]:
    """Return comparisons, each with its sides, as they stand in the JSON of an answer."""
    return [
        {
            "kind": comparison.kind,
            "subject": comparison.subject,
            "outlets": list(comparison.outlets),
            "sides": [_side_json(side) for side in comparison.sides],
            "updates": [
                {"old": update.old.value, "new": update.new.value, "published": _iso(_first(update.new))}
                for update in comparison.updates
            ],
        }
        for comparison in comparisons
    ]


def changes_text(changes: Changes, style: Style) -> str:
    """Return what has changed since a day."""
    lines = [style.strong(f"Since {format_day(changes.since)}:")]
    for comparison in changes.updated:
        lines += [style.wrap(plain(f"- {comparison.subject}: {line}"), "  ") for line in update_lines(comparison)]
    lines += [style.wrap(plain(f"+ {text}"), "  ") for text in changes.added]
    lines += [style.wrap(plain(f"- {text}"), "  ") for text in changes.dropped]
    return "\n".join(lines) if len(lines) > 1 else f"{lines[0]} nothing changed."


def changes_json(changes: Changes) -> dict[str, Any]:
    return {
        "since": changes.since.isoformat(),
        "changed": not changes.is_empty,
        "updated": disagreements_json(changes.updated),
        "added": list(changes.added),
        "dropped": list(changes.dropped),
    }


def _comparison_text(comparison: Comparison, numbers: dict[tuple[str, int], int], style: Style) -> str:
    counted = len(comparison.outlets)
    outlets = f"{counted} independent outlet{'s' if counted != 1 else ''}"
    lines = [style.strong(plain(f"{comparison.subject}: {_KINDS[comparison.kind]} ({outlets})"))]
    widest = max(len(side.value) for side in comparison.sides)
    for side in comparison.sides:
        told = "; ".join(_voice(claim, numbers) for claim in _distinct(side.claims))
        lines.append(style.wrap(plain(f"  {side.value:<{widest}}  {told}"), " " * (widest + 4)))
    lines += [style.wrap(plain(f"  {line}"), "    ") for line in update_lines(comparison)]
    return "\n".join(lines)


def _voice(claim: Claim, numbers: dict[tuple[str, int], int]) -> str:
    marks = [name for name, is_so in (("unconfirmed", claim.is_hedged), ("as said before", claim.is_earlier)) if is_so]
    cites = f", citing {claim.speaker}" if claim.speaker else ""
    said = f" ({', '.join(marks)})" if marks else ""
    return f"{_outlet(claim)}, {format_day(claim.day)}{cites}{said} [{numbers[_key(claim)]}]"


def _side_in_line(side: Side) -> str:
    first = _first(side)
    hedge = ", unconfirmed" if side.is_hedged else ", as said before" if first.is_earlier else ""
    outlets = side.outlets
    others = f" and {len(outlets) - 1} more" if len(outlets) > 1 else ""
    return f"{side.value} — {_outlet(first)}{others}, {format_day(first.day)}{hedge}"


def _first(side: Side) -> Claim:
    return next((claim for claim in side.claims if not claim.is_earlier), side.claims[0])


def _distinct(claims: Sequence[Claim]) -> list[Claim]:
    """Return the first claim of each outlet and speaker."""
    found: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        found.setdefault((claim.outlet, claim.speaker), claim)
    return list(found.values())[:_MOST_CLAIMS]


def _numbers(comparisons: Sequence[Comparison]) -> dict[tuple[str, int], int]:
    numbering = count(1)
    numbers: dict[tuple[str, int], int] = {}
    for comparison in comparisons:
        for side in comparison.sides:
            for claim in _distinct(side.claims):
                if _key(claim) not in numbers:
                    numbers[_key(claim)] = next(numbering)
    return numbers


def _cited(comparisons: Sequence[Comparison], numbers: dict[tuple[str, int], int]) -> list[tuple[Claim, int]]:
    claims = {_key(claim): claim for comparison in comparisons for claim in comparison.claims}
    return [(claims[key], number) for key, number in numbers.items()]


def _key(claim: Claim) -> tuple[str, int]:
    return claim.article.id, claim.start


def _place(claim: Claim) -> str:
    return f"{claim.article.id}:{claim.start}-{claim.end}"


def _printed_by(claim: Claim) -> str:
    if not claim.copies:
        return ""
    return plain(f" · also printed: {'; '.join(_copy_text(copy) for copy in claim.copies)}")


def _copy_text(copy: ArticleRef) -> str:
    return describe(copy)


def _outlet(claim: Claim) -> str:
    return claim.outlet


def _side_json(side: Side) -> dict[str, Any]:
    return {
        "value": side.value,
        "outlets": list(side.outlets),
        "hedged": side.is_hedged,
        "citations": [_claim_json(claim) for claim in side.claims],
    }


def _claim_json(claim: Claim) -> dict[str, Any]:
    return {
        "article_id": claim.article.id,
        "headline": claim.article.headline,
        "outlet": claim.article.outlet,
        "published": _iso(claim),
        "start": claim.start,
        "end": claim.end,
        "quote": claim.quote,
        "speaker": claim.speaker or None,
        "hedged": claim.is_hedged,
        "denied": claim.is_denied,
        "earlier": claim.is_earlier,
        "copies": [{"article_id": copy.id, "outlet": copy.outlet} for copy in claim.copies],
    }


def _iso(claim: Claim) -> str | None:
    return claim.article.published.isoformat() if claim.article.published else None
