"""Articles in lines, of which only those near the ones in sight are held: a million are scrolled like ten."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from assistant.tui.plain_text import shown_line
from store.records import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.binding import BindingType

    from store.records import ArticleRef

# Articles that are read at once, and pages of them that are held.
PAGE = 100
_HELD = 30

_DAY_CHARS = 10


class ArticleTable(ScrollView, can_focus=True):
    """Shows a line for every article and says which pages of them it wants, and which article is to be read."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ArticleTable {
        height: 1fr; background: $background; padding: 0 1; scrollbar-size-vertical: 1; overflow-x: hidden;
        pointer: pointer;
    }
    ArticleTable > .table--day { color: $text-muted; }
    ArticleTable > .table--cursor { background: $boost; text-style: underline; }
    ArticleTable:focus > .table--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: none;
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--day", "table--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Read", key_display="Enter"),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "leaf(-1)", show=False),
        Binding("pagedown,space", "leaf(1)", show=False),
        Binding("home", "move(-1000000000)", show=False),
        Binding("end", "move(1000000000)", show=False),
    ]

    class Wanted(Message):
        """Pages are in sight that are not here: their numbers, from 0."""

        def __init__(self, pages: Sequence[int]) -> None:
            super().__init__()
            self.pages = pages

    class Opened(Message):
        """An article is to be read."""

        def __init__(self, ref: ArticleRef) -> None:
            super().__init__()
            self.ref = ref

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(id=id)
        self.total = 0
        self.cursor = 0
        self._pages: dict[int, Sequence[ArticleRef]] = {}

    def show(self, total: int, *, at: int = 0) -> None:
        """Show other articles, so many of them, with the cursor at one; they are asked for."""
        self.total, self.cursor = total, max(0, min(at, total - 1))
        self._pages.clear()
        self.virtual_size = Size(self.scrollable_content_region.width, total)
        self._bring_into_sight()
        self._want()
        self.refresh()

    def put(self, page: int, refs: Sequence[ArticleRef]) -> None:
        """Take the articles of a page."""
        self._pages[page] = refs
        while len(self._pages) > _HELD:
            here = self.scroll_offset.y // PAGE
            del self._pages[max(self._pages, key=lambda held: abs(held - here))]
        self.refresh()

    def ref(self, index: int) -> ArticleRef | None:
        """Return the article of a line, None where it is not here yet."""
        page = self._pages.get(index // PAGE, ())
        return page[index % PAGE] if index % PAGE < len(page) else None

    # -- moving --------------------------------------------------------------------------------------------------------

    def action_move(self, lines: int) -> None:
        if self.total:
            self.cursor = max(0, min(self.total - 1, self.cursor + lines))
            self._bring_into_sight()
            self.refresh()

    def action_leaf(self, pages: int) -> None:
        self.action_move(pages * max(1, self.scrollable_content_region.height - 1))

    def action_open(self) -> None:
        ref = self.ref(self.cursor)
        if ref is not None:
            self.post_message(self.Opened(ref))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and offset.y + self.scroll_offset.y < self.total:
            self.cursor = offset.y + self.scroll_offset.y
            self.refresh()
            self.action_open()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._want()

    def on_resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self.total)
        self._want()

    def _bring_into_sight(self) -> None:
        top, height = self.scroll_offset.y, max(1, self.scrollable_content_region.height)
        if not top <= self.cursor < top + height:
            self.scroll_to(y=self.cursor if self.cursor < top else self.cursor - height + 1, animate=False)

    def _want(self) -> None:
        """Ask for what is in sight, and for what would be after one more screen up or down."""
        top, height = self.scroll_offset.y, max(1, self.scrollable_content_region.height)
        first, last = max(0, top - height) // PAGE, min(self.total - 1, top + 2 * height) // PAGE
        missing = [page for page in range(first, last + 1) if page not in self._pages]
        if missing:
            self.post_message(self.Wanted(missing))

    # -- drawing -------------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        index, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        if index >= self.total:
            return Strip.blank(width, self.rich_style)
        ref = self.ref(index)
        line = Content("…") if ref is None else self._line(ref, width, is_marked=index == self.cursor)
        style = self.get_visual_style("table--cursor") if index == self.cursor else self.visual_style
        return Visual.to_strips(self, line.truncate(width, ellipsis=True, pad=True), width, 1, style)[0]

    def _line(self, ref: ArticleRef, width: int, *, is_marked: bool) -> Content:
        day = day_of(ref.published)
        outlet_chars = max(10, min(24, width // 5))
        dated = Content(f"{day.isoformat() if day else 'no date':{_DAY_CHARS}}")
        return Content("  ").join(
            [
                dated if is_marked else dated.stylize(self.get_visual_style("table--day")),
                shown_line(ref.outlet or "no outlet").truncate(outlet_chars, ellipsis=True, pad=True),
                shown_line(ref.headline or "no headline"),
            ]
        )
