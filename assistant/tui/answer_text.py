"""An answer as Markdown for the screen: its citations can be followed, and nothing else in it can."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from assistant.citations import past_markers
from assistant.rendering import support_mark
from store.cleaning import plain

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

    from assistant.conversation import Answer, Support

# What a citation links to, with its number behind it.
SCHEME = "cite:"

# Off: whatever could make a link, hide text or write a character that was cleaned away ("&#27;" is ESC).
_OFF = ("link", "image", "autolink", "entity", "html_inline", "html_block", "reference", "code")

_MARKER = re.compile(r"\[(\d{1,3})\]")
_PUNCTUATION = re.compile(r"\[\d{1,3}\]|[!-/:-@\[-`{-~]")


def answer_parser() -> MarkdownIt:
    """Return a parser for answers: CommonMark and tables without links, but for ``[1]``, which leads to citation 1."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable(list(_OFF))
    parser.inline.ruler.before("emphasis", "citation", _citation)
    return parser


def piece_text(text: str, support: Support | None, *, literal: bool) -> str:
    """Return a piece of an answer as Markdown, with the mark of what its sources do not bear out.

    ``literal`` text was quoted by the built-in model: whatever looks like Markdown in it is an article's own.
    """
    cleaned = plain(text)
    return (escaped(cleaned) if literal else cleaned) + support_mark(support)


def whole_text(answer: Answer) -> str:
    """Return a finished answer as Markdown, marked as ``piece_text`` marks its pieces."""
    literal = answer.model == "extractive"
    text, position = "", 0
    for statement in answer.statements:
        end = past_markers(answer.text, statement.end)
        text += piece_text(answer.text[position:end], statement.support, literal=literal)
        position = end
    return text + piece_text(answer.text[position:], None, literal=literal)


def escaped(text: str) -> str:
    """Return text that Markdown shows as it stands, but for its citations."""
    return _PUNCTUATION.sub(lambda found: found[0] if len(found[0]) > 1 else f"\\{found[0]}", text)


def _citation(state: StateInline, silent: bool) -> bool:
    found = _MARKER.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("link_open", "a", 1).attrs = {"href": f"{SCHEME}{found[1]}"}
        state.push("text", "", 0).content = found[0]
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True
