"""Pieces of HTML as plain text."""

from __future__ import annotations

import pytest

from store.readers.fragments import fragment_line, fragment_text, is_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("The ferry sank.", "The ferry sank."),
        (
            "<p>The ferry <i>sank</i>.</p><p>All &amp; everyone were saved.</p>",
            "The ferry sank.\nAll & everyone were saved.",
        ),
        ("The ferry sank.<br/>All were saved.", "The ferry sank.\nAll were saved."),
        ("<ul><li>Ferry<li>Pier</ul>", "Ferry\nPier"),
        ("<p>Unclosed <b>tags", "Unclosed tags"),
        ("<p>Seen.</p><p hidden>Not seen.</p><script>x</script>", "Seen."),
        ("Tags like &lt;b&gt; are named", "Tags like <b> are named"),
        ("A\x1b[31m red\u202e word\ud800", "A red word?"),
    ],
)
def test_what_a_reader_sees_is_kept(html: str, text: str) -> None:
    assert fragment_text(html) == text


def test_a_line_is_one_line() -> None:
    assert fragment_line("<p>Ferry</p><p>sinks</p>") == "Ferry sinks"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ferry", False),
        ("Waves < 3 m > 2", False),
        ("AT&T", False),
        ("a <b>c", True),
        ("a &amp; b", True),
        ("&#39;", True),
    ],
)
def test_html_is_known_by_a_tag_or_an_entity(text: str, expected: bool) -> None:
    assert is_html(text) == expected


@pytest.mark.parametrize("piece", ["<div>", "<", "<!--", "&", "<a b=c ", "<table>"])
def test_megabytes_of_one_mark_do_no_harm(piece: str) -> None:
    assert len(fragment_text(piece * (1_000_000 // len(piece)))) <= 1_000_000
