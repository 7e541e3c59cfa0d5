from lxml import etree

from store.readers.page.blocks import Block, read_blocks


def blocks(markup: str) -> list[Block]:
    return read_blocks(etree.fromstring(f"<body>{markup}</body>"))


def test_each_block_is_a_line_of_its_kind() -> None:
    assert blocks(
        "<head>One</head><p>Two <hi>three</hi></p>four<quote><p>Five</p></quote><list><item>Six</item></list>"
    ) == [
        Block("One", "heading"),
        Block("Two three"),
        Block("four"),
        Block("Five", "quote"),
        Block("Six", "item"),
    ]


def test_a_row_is_a_line_whatever_stands_in_its_cells() -> None:
    assert blocks("<table><row><cell><p>One</p><p>two</p></cell><cell>3</cell><cell/></row></table>") == [
        Block("One two | 3", "row")
    ]


def test_a_break_ends_a_line() -> None:
    assert blocks("<p>One<lb/>two<br/></p>") == [Block("One"), Block("two")]


def test_blank_blocks_are_none() -> None:
    assert blocks("<p> </p><p>\u200b</p><table><row><cell/></row></table>") == []
