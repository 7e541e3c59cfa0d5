"""The text of one answer, streamed as Markdown, with citations that can be pointed at and followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownBlock

from assistant.tui.answer_text import SCHEME, answer_parser, piece_text, whole_text

if TYPE_CHECKING:
    from assistant.conversation import Answer, Support


class AnswerView(Markdown):
    """Shows an answer piece by piece, then whole. ``point_at`` marks the place where a citation stands."""

    DEFAULT_CSS = """
    AnswerView { padding: 0; height: auto; }
    AnswerView > MarkdownParagraph { margin: 0 0 1 0; }
    """

    class Followed(Message):
        """A citation was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, answer: Answer | None = None) -> None:
        super().__init__(whole_text(answer) if answer else "", parser_factory=answer_parser, open_links=False)
        self._pointed = 0
        self._unmarked: dict[MarkdownBlock, Content] = {}

    async def add(self, text: str, support: Support | None, *, literal: bool) -> None:
        """Show the next piece of the answer."""
        await self.append(piece_text(text, support, literal=literal))

    async def finish(self, answer: Answer) -> None:
        """Show the whole answer, should it be another than its pieces were."""
        final = whole_text(answer)
        if final.strip() != self.source.strip():
            await self.update(final)

    def point_at(self, number: int) -> None:
        """Mark every place of a citation; 0 marks none. Known by reverse video, which needs no colour."""
        for block, unmarked in self._unmarked.items():
            if block.is_attached:
                block.update(unmarked)
        self._unmarked = {}
        self._pointed = number
        for block in self.query(MarkdownBlock) if number else ():
            content = block.content
            if isinstance(content, Content) and (places := _places(content, number)):
                self._unmarked[block] = content
                for start, end in places:
                    content = content.stylize("reverse bold", start, end)
                block.update(content)

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        event.prevent_default()
        number = event.href.removeprefix(SCHEME)
        if event.href.startswith(SCHEME) and number.isdigit():
            self.post_message(self.Followed(int(number)))


def _places(content: Content, number: int) -> list[tuple[int, int]]:
    action = f"link('{SCHEME}{number}')"
    return [
        (span.start, span.end)
        for span in content.spans
        if isinstance(span.style, Style) and span.style.meta.get("@click") == action
    ]
