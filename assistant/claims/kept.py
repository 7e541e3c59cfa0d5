"""Comparisons as they are kept: the JSON of an answer → what can be shown again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from assistant.claims.claim import Cause, Claim, Comparison, Event, Side, Update
from store.records import ArticleRef

_NO_EVENT = Event(frozenset(), frozenset(), frozenset(), frozenset())


def read_comparisons(records: Iterable[Mapping[str, Any]]) -> tuple[Comparison, ...]:
    """Return the comparisons that records were made from, as far as they are shown.

    Raises KeyError, TypeError or ValueError for what is no record.
    """
    return tuple(map(_comparison, records))


def _comparison(record: Mapping[str, Any]) -> Comparison:
    sides = tuple(_side(side) for side in record["sides"])
    by_value = {side.value: side for side in sides}
    updates = tuple(Update(by_value[one["old"]], by_value[one["new"]]) for one in record["updates"])
    return Comparison(record["kind"], record["subject"], sides, updates)


def _side(record: Mapping[str, Any]) -> Side:
    value = record["value"]
    return Side(value, tuple(_claim(claim, value) for claim in record["citations"]))


def _claim(record: Mapping[str, Any], value: str) -> Claim:
    published = record["published"]
    moment = None
    if published is not None:
        moment = datetime.fromisoformat(published) if "T" in published else date.fromisoformat(published)
    article = ArticleRef(record["article_id"], record["headline"], outlet=record["outlet"], published=moment)
    copies = tuple(ArticleRef(copy["article_id"], "", outlet=copy["outlet"]) for copy in record["copies"])
    return Claim(
        article, record["start"], record["end"], record["quote"], "", "", Cause(value), _NO_EVENT,
        speaker=record["speaker"] or "",
        is_hedged=record["hedged"], is_denied=record["denied"], is_earlier=record["earlier"],
        copies=copies,
    )  # fmt: skip
