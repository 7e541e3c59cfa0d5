"""Claims of invented articles, read from their sentences, for the tests of what is made of them."""

from __future__ import annotations

from datetime import datetime

from assistant.claims.claim import Claim
from assistant.claims.reading import Text, read_claims
from store.records import ArticleRef

HEADLINE = "Ferry sinks off Sellick Island"


def claims_of(
    text: str,
    *,
    outlet: str = "Cape Herald",
    published: str = "2021-05-04T09:00",
    headline: str = HEADLINE,
    id_: str = "",
) -> list[Claim]:
    """Return the claims of an article of one paragraph."""
    moment = datetime.fromisoformat(f"{published}+00:00")
    article = ArticleRef(id_ or f"{outlet} {published}", headline, outlet=outlet, published=moment)
    return read_claims([Text(article, text)])
