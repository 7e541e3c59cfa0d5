"""The claim pairs of the gate: two invented reports each, and how they stand to each other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assistant.claims.claim import Claim, Relation
from assistant.claims.reading import Text, read_claims
from assistant.claims.relations import relate_all
from store.records import ArticleRef

HERE = Path(__file__).parent
# The rules were written with the first in sight; the second was written before them and looked at after them.
SEEN, UNSEEN = HERE / "claim_pairs.jsonl", HERE / "claim_pairs_blind.jsonl"


@dataclass(frozen=True)
class ClaimPair:
    """Two sentences, each from an article with its own headline, outlet and day. ``relation`` is the right answer."""

    relation: Relation
    one: Text
    other: Text

    def told(self) -> Relation:
        """Return how the claims of the two stand to each other as we read them."""
        return relate_all(_claims(self.one), _claims(self.other))


def read_pairs(path: Path) -> list[ClaimPair]:
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [ClaimPair(row["relation"], _text("one", row["one"]), _text("other", row["other"])) for row in rows]


def _text(article_id: str, row: dict[str, str]) -> Text:
    published = date.fromisoformat(row["day"])
    return Text(ArticleRef(article_id, row["headline"], outlet=row["outlet"], published=published), row["text"])


def _claims(text: Text) -> list[Claim]:
    return read_claims([text])
