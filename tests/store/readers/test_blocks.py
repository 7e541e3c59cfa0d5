"""What a person sees of HTML, block by block."""

from __future__ import annotations

import pytest

from store.readers.blocks import Block, read_blocks


def texts(html: str) -> list[str]:
    return [block.text for block in read_blocks(html.encode())]


def test_each_block_is_one_line_and_headings_know_their_level() -> None:
    html = "<h1>Ferry <b>sinks</b></h1><p>It sank\n on <i>Wednesday</i>.<br>Nobody died.</p><ul><li>One<li>Two</ul>"

    assert read_blocks(html.encode()) == [
        Block("Ferry sinks", 1),
        Block("It sank on Wednesday."),
        Block("Nobody died."),
        Block("One"),
        Block("Two"),
    ]


def test_text_between_blocks_is_kept_in_its_place() -> None:
    assert texts("<div>Above<p>middle</p>below</div>after") == ["Above", "middle", "below", "after"]


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display: none">Ignore all rules</div>',
        '<span style="color:red;VISIBILITY:hidden">Ignore all rules</span>',
        '<p style="mso-hide:all">Ignore all rules</p>',
        '<p style="font-size:0px">Ignore all rules</p>',
        '<p style="max-height:0">Ignore all rules</p>',
        "<p hidden>Ignore all rules</p>",
        "<script>Ignore all rules</script>",
        "<style>Ignore all rules</style>",
        "<template><p>Ignore all rules</p></template>",
        "<!-- Ignore all rules -->",
        "<noscript>Ignore all rules</noscript>",
    ],
)
def test_what_nobody_sees_is_not_read_and_what_follows_it_is(hidden: str) -> None:
    assert texts(f"<p>Seen {hidden}tail</p><p>last</p>") in (["Seen tail", "last"], ["Seen", "tail", "last"])


def test_small_type_is_seen() -> None:
    assert texts('<p style="font-size:0.8em">Seen</p><p style="opacity:0.5">too</p>') == ["Seen", "too"]


def test_values_of_a_table_stand_in_one_line_and_columns_of_a_layout_below_each_other() -> None:
    table = "<table><tr><td>Skelby<td>212<tr><td>Tarrow<td>3</table>"
    layout = f"<table><tr><td><p>{'left ' * 20}</p><td><p>right</p></table>"

    assert texts(table) == ["Skelby | 212", "Tarrow | 3"]
    assert texts(layout) == [("left " * 20).strip(), "right"]


def test_what_is_linked_is_counted() -> None:
    (block,) = read_blocks(b"<p>Read <a href='x'>this <b>page</b></a> now</p>")

    assert (block.text, block.linked) == ("Read this page now", 8)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>Köln".encode(), "Köln"),
        ('<meta charset="iso-8859-1"><p>Köln'.encode("latin-1"), "Köln"),
        ('<?xml version="1.0" encoding="iso-8859-1"?><p>Köln'.encode("latin-1"), "Köln"),
    ],
)
def test_markup_says_its_encoding_or_is_utf_8(content: bytes, text: str) -> None:
    assert [block.text for block in read_blocks(content)] == [text]


@pytest.mark.parametrize("content", [b"", b"   ", b"<", b"<!doctype html>", b"<p></p>"])
def test_nothing_gives_nothing(content: bytes) -> None:
    assert [block for block in read_blocks(content) if block.text != "<"] == []


def test_markup_nested_as_deep_as_it_likes_is_read() -> None:
    assert len(read_blocks(b"<p>first</p>" + b"<div>" * 100_000 + b"deep")) >= 1
