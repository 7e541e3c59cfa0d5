"""Captions, credits, bylines and links in an article's text, told from its sentences by their form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.boilerplate import is_boilerplate


@pytest.mark.parametrize(
    "text",
    [
        "More: Why the pier of Skelby has no roof",
        "More:Why the pier of Skelby has no roof",
        "MORE FROM SKELBY: The pier has no roof",
        "Related: Ferry sinks off Skelby",
        "Read more",
        "READ MORE:",
        "Read more about the harbour of Skelby",
        "Watch: The ferry sinks",
        "JUST WATCHED 'It was cold': fishermen on the rescue Replay More Videos ...",
        "Ferry rescue:Fishermen bring 212 ashore",
        "'It was cold':Fishermen on the rescue off Skelby",
        ": The council opens the pier",
        "Sign up here for the harbour newsletter.",
        "Fishermen on the rescue off Skelby 02:14",
        "(Photo by Jo Vale/Skelby Press)",
        "The pier of Skelby, which opened on Monday. (Photo by Jo Vale)",
        "Photo: Jo Vale",
        "File photo",
        "The pier of Skelby in a file photo.",
        "FILE - The pier of Skelby is closed in winter.",
        "Jo Vale/AP",
        "Jo Vale/AFP/Getty Images Fishermen bring people ashore off Skelby on Wednesday.",
        "Fishermen bring people ashore off Skelby. (AP Photo/Jo Vale)",
        "By Ida Holm",
        "By Ida Holm and Bo Lund, Harbour Courier",
        "Reporting by Ida Holm in Skelby; Editing by Bo Lund",
        "Bo Lund in Bergen contributed to this report.",
        "SKELBY —",
        "LONDON — ",
        "Skelby, Norland CNN —",
    ],
)
def test_it_is_told_by_its_form(text: str) -> None:
    assert is_boilerplate(text)


@pytest.mark.parametrize(
    "text",
    [
        "The ferry sank off Skelby on Wednesday.",
        "More than 200 people were brought ashore.",
        "More people live in Skelby than in Bergen: 9,000.",
        "Read by few, the report was written by the council.",
        "Watch keepers saw the ferry sink.",
        "Related firms own the pier.",
        "Eight dead in the flood",
        'The mayor said: "We open at noon."',
        "The mayor had one wish: The pier should open.",
        "By Friday the river had risen by two metres.",
        "By noon Ida Holm and Bo Lund had left.",
        "Getty Images sued the museum of Skelby over a photo.",
        "A photo by a fisherman shows the ferry.",
        "The AP reported that the ferry sank.",
        "The train leaves at 20:30.",
        "Follow the river, and you reach Skelby.",
        "Sign language is taught at the school.",
        "• All 212 people were brought ashore",
        "Images of the wreck were sold to papers.",
        "The ferry — a gift of the king — sank.",
    ],
)
def test_sentences_of_the_article_stay(text: str) -> None:
    assert not is_boilerplate(text)


def test_before_a_credit_in_brackets_it_is_a_caption() -> None:
    assert is_boilerplate("The mayor at the quay.", "(Photo by Jo Vale)")
    assert not is_boilerplate("The mayor spoke at the quay.", "(She is 40.)")


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert is_boilerplate(text) in {True, False}
