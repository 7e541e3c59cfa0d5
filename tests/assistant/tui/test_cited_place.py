from __future__ import annotations

import pytest

from assistant.conversation import Citation
from assistant.tui.cited_place import CitedPlace, cited_place
from store.records import ArticleRef, Hit, Passage


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("It sank. All were saved.", CitedPlace((9, 24), is_as_cited=True)),
        ("All were saved.", CitedPlace((0, 15), is_as_cited=False)),
        ("All were saved. On Friday it sank. All were saved.", CitedPlace((0, 15), is_as_cited=False)),
        ("It sank off Skelby. All were saved. All were saved.", CitedPlace((20, 35), is_as_cited=False)),
        ("All were Saved.", CitedPlace(None, is_as_cited=False)),
        ("", CitedPlace(None, is_as_cited=False)),
    ],
)
def test_a_quotation_stands_where_it_is_nearest_to_its_place(body: str, place: CitedPlace) -> None:
    passage = Passage("a:9", ArticleRef("a", "Ferry"), 0, 9, 24, "All were saved.")

    assert cited_place(Citation(1, Hit(passage, 1, 0.0, "fused"), 9, 24, "All were saved."), body) == place
