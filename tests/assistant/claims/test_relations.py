"""How two claims stand to each other; the pairs of the quality gate say how well, these say why."""

from __future__ import annotations

import pytest

from assistant.claims.relations import relate_all
from tests.assistant.claims.invented_claims import claims_of

SAID = "At least 31 people drowned when the ferry capsized off Sellick Island on Tuesday, the coast guard said."


@pytest.mark.parametrize(
    ("relation", "text", "published"),
    [
        ("agree", "The capsizing of the ferry off Sellick Island killed 31 people.", "2021-05-04T12:00"),
        ("agree", "The capsizing of the ferry off Sellick Island killed 32 people.", "2021-05-04T12:00"),
        ("number", "The capsizing of the ferry off Sellick Island killed 45 people.", "2021-05-04T12:00"),
        ("update", "The capsizing of the ferry off Sellick Island killed 45 people.", "2021-05-06T12:00"),
        ("confirmation", "The ferry capsized off Sellick Island, reportedly killing 31 people.", "2021-05-04T12:00"),
        ("unrelated", "The capsizing of the ferry off Sellick Island killed 12 children.", "2021-05-04T12:00"),
        ("unrelated", "The capsizing of a ferry off Port Ilse killed 45 people.", "2021-05-04T12:00"),
        ("unrelated", "The ferry capsized off Sellick Island and 45 people were injured.", "2021-05-04T12:00"),
        ("unrelated", "A fire at the harbour of Sellick Island killed 45 people.", "2021-05-04T12:00"),
        ("unrelated", "The capsizing of the ferry off Sellick Island killed 12 people.", "2021-05-06T12:00"),
        ("unrelated", "In 1987 a ferry capsized off Sellick Island, killing 45 people.", "2021-05-04T12:00"),
    ],
)
def test_a_second_report_is_told_from_the_first(relation: str, text: str, published: str) -> None:
    other = claims_of(text, outlet="The Inland Post", published=published)

    assert relate_all(claims_of(SAID), other) == relation
    assert relate_all(other, claims_of(SAID)) == relation
