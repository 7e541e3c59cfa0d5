import pytest

from store.readers.page.blocks import Block
from store.readers.page.leftovers import Surroundings, drop_leftovers

PROSE = (
    "The ferry to Port Ellen ran aground on Tuesday with 212 people aboard, and all of them were saved by noon, said "
    "the coast guard, which had sent two helicopters and a lifeboat."
)
AROUND = Surroundings(
    headings=frozenset({"ferry runs aground off islay"}),
    links=frozenset({"harbour master resigns over the old pier", "more from the harbour"}),
    captions=frozenset({"the ferry on the rocks"}),
    authors=("jane doe",),
    outlet="example post",
)


def kept(*texts: str | Block) -> list[str]:
    blocks = [text if isinstance(text, Block) else Block(text) for text in texts]
    return [block.text for block in drop_leftovers(blocks, AROUND)]


@pytest.mark.parametrize(
    "label",
    [
        "Ferry runs aground off Islay",
        "Shipping: Ferry runs aground off Islay",
        "By Jane Doe",
        "Jane Doe, maritime correspondent",
        "Example Post",
        "January 2, 2020",
        "Updated 15.59 | Published 14.14",
        "4 min read",
    ],
)
def test_labels_above_the_article_are_dropped(label: str) -> None:
    assert kept(label, PROSE) == [PROSE]


@pytest.mark.parametrize(
    "line",
    [
        "Harbour master resigns over the old pier",
        "More: Harbour master resigns over the old pier",
        "READ MORE: something else",
        "The ferry on the rocks",
        "The ferry at noon (Photo: John Roe)",
        "Advertisement",
        "* * *",
        PROSE,
    ],
)
def test_pointers_captions_and_repeats_in_the_article_are_dropped(line: str) -> None:
    assert kept(PROSE, line, PROSE[4:]) == [PROSE, PROSE[4:]]


@pytest.mark.parametrize(
    "line",
    [
        "Jane Doe is the maritime correspondent of Example Post.",
        "Additional reporting by John Roe",
        "© 2020 Example Post",
        "jane@example.com",
        "Follow us on Twitter",
        "Subscribe to continue reading",
        "Tags: ferry, Islay",
    ],
)
def test_credits_below_the_article_are_dropped(line: str) -> None:
    assert kept(PROSE, PROSE[4:], PROSE[8:], line) == [PROSE, PROSE[4:], PROSE[8:]]


@pytest.mark.parametrize(
    "block",
    [
        "“Nobody was hurt.”",
        "Jane Doe was at the pier when it happened.",
        Block("LOW | 113.40 | -1.62", "row"),
        Block("Harbour master resigns over the old pier", "heading"),
        Block("— The Senate (@senate) October 9, 2018", "quote"),
        Block("Read the timetable: it changes on Monday", "item"),
    ],
)
def test_what_is_of_the_article_stays(block: str | Block) -> None:
    assert len(kept(PROSE, PROSE[4:], block, PROSE[8:])) == 4
