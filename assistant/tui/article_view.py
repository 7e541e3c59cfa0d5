"""The body of an article, to be read: a column of text that scrolls, with marks on what is cited and what is found."""

from __future__ import annotations

import asyncio
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.geometry import Offset, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from assistant.tui.article_lines import ArticleLines, displayed, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual import events
    from textual.binding import BindingType

    from store.splitting import Span

# Longer lines are hard to read, whatever the window allows.
_WIDEST = 88
# For '[12]' and a bar, before the text; what is left free behind it.
_GUTTER = 7
_MARGIN = 2

# Longer bodies are laid out in a thread: half of this takes 10 ms in Chinese.
_LONG = 100_000

_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
_PLAIN = Style()
_DIM = Style(dim=True)


@dataclass(frozen=True, slots=True)
class Mark:
    """A cited place of the body. The number 0 stands for one that was found and not cited."""

    start: int
    end: int
    number: int
    is_current: bool


class ArticleView(ScrollView, can_focus=True):
    """Shows a body. Every position in it is an offset into the body, by code point."""

    DEFAULT_CSS = """
    ArticleView {
        height: 1fr; background: $background; color: $foreground;
        overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1;
        & > .article--current-number { color: $text-accent; text-style: bold; }
        & > .article--current { color: $text-accent; background: $background; text-style: bold; }
        & > .article--cited { text-style: underline; }
        & > .article--match { text-style: bold underline; }
        & > .article--found { color: $text-warning; background: $background; text-style: bold; }
        /* Reversed: dark letters on a light colour, here as well. */
        &:light > .article--current { color: $accent; background: $foreground; }
        &:light > .article--found { color: $warning-lighten-1; background: $foreground; }
        &:light > .article--current-number { color: $foreground; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "article--current-number",
        "article--current",
        "article--cited",
        "article--match",
        "article--found",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_lines(1)", "Line down", show=False),
        Binding("k,up", "scroll_lines(-1)", "Line up", show=False),
        Binding("space,pagedown,f", "scroll_pages(1)", "Page down", show=False),
        Binding("b,pageup", "scroll_pages(-1)", "Page up", show=False),
        Binding("g,home", "scroll_to_end(-1)", "Beginning", show=False),
        Binding("G,end", "scroll_to_end(1)", "End", show=False),
    ]

    class Selected(Message):
        """Another part of the text is selected, or none."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(id=id)
        self.body = ""
        self._lines = ArticleLines()
        self._width = 0
        self._height = 0
        self._marks: tuple[Mark, ...] = ()
        self._matches: tuple[Span, ...] = ()
        self._match_starts: list[int] = []
        self._found: Span | None = None
        self._wanted: Span | None = None
        self._centred: tuple[int, Span] | None = None

    # -- what is shown -------------------------------------------------------------------------------------------------

    def show(self, body: str, marks: Sequence[Mark]) -> None:
        """Show a body from its current mark on, or from its beginning."""
        is_other = body is not self.body
        self.body, self._marks = body, tuple(marks)
        current = next((mark for mark in marks if mark.is_current), None)
        self._wanted = (current.start, current.end) if current else (0, 0)
        if is_other:
            self.mark_matches((), None)
            self._lay_out()
        else:
            self._show_wanted()
            self.refresh()

    def mark_matches(self, matches: Sequence[Span], found: Span | None) -> None:
        """Mark what was looked for, and bring the one that is looked at into sight."""
        self._matches, self._found = tuple(matches), found
        self._match_starts = [start for start, _ in matches]
        if found is not None:
            self._wanted = found
            self._show_wanted(only_if_hidden=True)
        self.refresh()

    @property
    def top(self) -> int:
        """Where in the body the first line in sight begins."""
        return self._lines.starts[min(self.scroll_offset.y, len(self._lines) - 1)] if len(self._lines) else 0

    @property
    def is_laid_out(self) -> bool:
        return self._wanted is None

    @property
    def selected(self) -> Span | None:
        """What is selected of the body."""
        selection = self.text_selection
        return self._span(selection) if selection is not None else None

    def _span(self, selection: Selection) -> Span | None:
        start = 0 if selection.start is None else self._position(selection.start)
        end = len(self.body) if selection.end is None else self._position(selection.end)
        return (start, end) if start < end else None

    def paragraph_at(self, position: int) -> Span:
        """Return the paragraph around a position, or the next one where that is blank."""
        start = self.body.rfind("\n", 0, position) + 1
        while start < len(self.body) and self.body[start].isspace():
            start += 1
        end = self.body.find("\n", start)
        return start, len(self.body) if end < 0 else end

    # -- lines ---------------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        width, height = self.scrollable_content_region.size
        if self._wanted is None and self._centred and self._centred[0] == self.scroll_offset.y:
            # Nobody has scrolled since.
            self._wanted = self._centred[1]
        if width != self._width:
            self._wanted = self._wanted or self._in_sight()
            self._width = width
            self._lay_out()
        else:
            self._show_wanted()
        self._height = height

    @property
    def _columns(self) -> int:
        return max(2, min(_WIDEST, self._width - _GUTTER - _MARGIN))

    @property
    def _indent(self) -> int:
        return max(0, self._width - _GUTTER - self._columns - _MARGIN) // 2 + _GUTTER

    def _lay_out(self) -> None:
        if not self._width:
            return
        if len(self.body) <= _LONG:
            self._take(lay_out(self.body, self._columns))
        else:
            self.run_worker(self._lay_out_beside(), group="lines", exclusive=True)

    async def _lay_out_beside(self) -> None:
        self._take(await asyncio.to_thread(lay_out, self.body, self._columns))

    def _take(self, lines: ArticleLines) -> None:
        self._lines = lines
        if self.text_selection is not None:
            self.screen.clear_selection()
        self.virtual_size = Size(self._width, len(lines) + 1)
        self._show_wanted()
        self.refresh()

    def _show_wanted(self, *, only_if_hidden: bool = False) -> None:
        """Bring what is wanted into the middle, or its beginning to the top where it is too long for that."""
        height = self.scrollable_content_region.height
        if self._wanted is None or not height or not len(self._lines):
            return
        start, end = self._wanted
        first, last = self._lines.line_of(start), self._lines.line_of(max(start, end - 1))
        at = self.scroll_offset.y
        if not (only_if_hidden and at <= first and last < at + height):
            self.scroll_to(y=max(0, min(first - 1, (first + last + 1 - height) // 2)), animate=False, force=True)
            self._centred = (self.scroll_offset.y, self._wanted)
        self._wanted = None

    def _in_sight(self) -> Span:
        """Return what is to stay in sight of what was: what is pointed at, else the middle of the view."""
        if not len(self._lines):
            return (0, 0)
        at, height = self.scroll_offset.y, self._height
        pointed = [(mark.start, mark.end) for mark in self._marks if mark.is_current]
        for span in ([self._found] if self._found else []) + pointed:
            if at <= self._lines.line_of(span[0]) < at + height:
                return span
        if at == 0:
            return (0, 0)
        middle = self._lines.starts[min(len(self._lines) - 1, at + height // 2)]
        return (middle, middle)

    # -- scrolling -----------------------------------------------------------------------------------------------------

    def action_scroll_lines(self, count: int) -> None:
        self.scroll_relative(y=count, animate=False)

    def action_scroll_pages(self, count: int) -> None:
        """Turn a page; two lines of the one before stay in sight."""
        self.scroll_relative(y=count * max(1, self.scrollable_content_region.height - 2), animate=False)

    def action_scroll_to_end(self, direction: int) -> None:
        self.scroll_to(y=0 if direction < 0 else self.max_scroll_y, animate=False)

    # -- selecting -----------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Select a word at the second click, its paragraph at the third."""
        if event.chain == 1 or not len(self._lines):
            return
        event.prevent_default()
        position = self._position(Offset(event.x, event.y + self.scroll_offset.y))
        words = _WORD.finditer(self.body, self.paragraph_at(position)[0], position + 200)
        word = next((match.span() for match in words if match.start() <= position < match.end()), None)
        span = word if event.chain == 2 else self.paragraph_at(position)
        if span is not None:
            self.screen.selections = {self: Selection(self._offset(span[0]), self._offset(span[1]))}

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        span = self._span(selection)
        return (self.body[slice(*span)], "\n") if span else None

    def selection_updated(self, selection: Selection | None) -> None:
        super().selection_updated(selection)
        self.post_message(self.Selected())

    def _position(self, offset: Offset) -> int:
        """Return the position in the body of a place on the screen, in lines and columns."""
        if not len(self._lines):
            return 0
        line = max(0, min(offset.y, len(self._lines) - 1))
        start, end = self._lines.starts[line], self._lines.ends[line]
        return max(start, min(end, start + offset.x - self._indent))

    def _offset(self, position: int) -> Offset:
        line = self._lines.line_of(position)
        return Offset(self._indent + position - self._lines.starts[line], line)

    # -- painting ------------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        line, width, style = self.scroll_offset.y + y, self.size.width, self.visual_style
        if line >= len(self._lines):
            return Strip.blank(width, style.rich_style)
        content = Content.assemble(*self._number(line), *self._pieces(line))
        strip = Strip(content.render_segments(style), content.cell_length)
        return strip.extend_cell_length(width, style.rich_style).crop(0, width).apply_offsets(0, line)

    def _number(self, line: int) -> Iterator[tuple[str, Style]]:
        """Yield what stands beside a line: the number of what is cited in it, and a bar along what is pointed at."""
        start, end = self._lines.starts[line], self._lines.ends[line]
        beside = [mark for mark in self._marks if mark.start < end and mark.end > start]
        current = next((mark for mark in beside if mark.is_current), None)
        first = next((mark for mark in [current, *beside] if mark and mark.start >= start), None)
        number = f"[{first.number}]" if first and first.number else ""
        is_found = self._found is not None and start <= self._found[0] < end
        current_style = self._style("article--current-number")
        yield " " * (self._indent - _GUTTER), _PLAIN
        yield f"{number:>5}", current_style if first and first.is_current else _DIM
        yield f"{'▌' if current else '›' if is_found else ' '} ", current_style

    def _pieces(self, line: int) -> Iterator[tuple[str, Style]]:
        """Yield the text of a line in pieces of one style each."""
        start, end = self._lines.starts[line], self._lines.ends[line]
        marks = [(mark.start, mark.end) for mark in self._marks if mark.start < end and mark.end > start]
        selected = self.selected
        spans = [*marks, *self._matches_in(start, end), *([selected] if selected else [])]
        inner = {place for span in spans for place in span if start < place < end}
        cuts = sorted({start, end, *inner})
        for left, right in pairwise(cuts):
            yield displayed(self.body[left:right]), self._style_at(left, selected)

    def _matches_in(self, start: int, end: int) -> tuple[Span, ...]:
        first = max(0, bisect_left(self._match_starts, start) - 1)
        near = self._matches[first : bisect_right(self._match_starts, end)]
        return tuple(match for match in near if match[0] < end and match[1] > start)

    def _style_at(self, position: int, selected: Span | None) -> Style:
        """Return the style of a character: selected, found, pointed at, matched or cited, the first that holds."""
        if selected is not None and selected[0] <= position < selected[1]:
            return self.screen.get_visual_style("screen--selection")
        is_match = any(start <= position < end for start, end in self._matches_in(position, position + 1))
        around = [mark for mark in self._marks if mark.start <= position < mark.end]
        is_current = any(mark.is_current for mark in around)
        if self._found is not None and self._found[0] <= position < self._found[1]:
            # Within what is reversed already, a hole is seen best.
            return self._style("article--match") if is_current else self._reversed("article--found")
        if is_current:
            return self._reversed("article--current") + (Style(underline=True) if is_match else _PLAIN)
        if is_match:
            return self._style("article--match")
        return self._style("article--cited") if any(mark.number for mark in around) else _PLAIN

    def _style(self, name: str) -> Style:
        return self.get_visual_style(name, partial=True)

    def _reversed(self, name: str) -> Style:
        # Neither does a component style keep 'reverse', nor a partial one its background.
        return self.get_visual_style(name) + Style(reverse=True)
