"""What a search in the archive found: passages, best first, each with the sentences that fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from assistant.rendering import excerpt, format_day
from assistant.tui.plain_text import shown_line
from store.records import day_of
from store.splitting import split_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType

    from store.records import Hit

# Of an excerpt, by which its place in the article is found again.
_FOUND_WORDS = 25


class HitList(OptionList):
    """Lists hits; the one that is chosen is told as an OptionList tells it."""

    DEFAULT_CSS = """
    HitList {
        height: 1fr; border: none; background: $background; padding: 0 1; scrollbar-size-vertical: 1;
        &:focus { border: none; background-tint: $foreground 0%; }
        & > .option-list--option { padding: 0; }
        & > .option-list--option-highlighted { background: $boost; text-style: none; }
    }
    HitList:focus > .option-list--option-highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: none;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Read", key_display="Enter")]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(id=id)
        self.hits: tuple[Hit, ...] = ()
        self._query = ""

    def show(self, hits: Sequence[Hit], query: str) -> None:
        """List what was found for a query."""
        self.hits, self._query = tuple(hits), query
        self.set_options(Option(_entry(hit, query)) for hit in hits)
        if hits:
            self.highlighted = 0

    def place(self, index: int) -> tuple[Hit, str]:
        """Return a hit, and the words that stand in its article where its excerpt begins."""
        hit = self.hits[index]
        cited = excerpt(hit.passage.text, self._query).removeprefix("… ").removesuffix(" …")
        _, end = split_sentences(cited)[0]
        return hit, " ".join(cited[:end].split()[:_FOUND_WORDS])


def _entry(hit: Hit, query: str) -> Content:
    ref = hit.passage.article
    day = format_day(day_of(ref.published)) or "no date"
    head = Content.assemble(
        (f"{hit.rank}  ", "bold"), shown_line(ref.outlet or "no outlet").stylize("bold"), f" · {day}"
    )
    cited = shown_line(excerpt(hit.passage.text, query))
    words = hit.why.words if hit.why else ()
    if words:
        pattern = r"\b(?:" + "|".join(map(re.escape, words)) + r")\w*"
        cited = cited.highlight_regex(re.compile(pattern, re.IGNORECASE), style="bold")
    return Content("\n").join([head, shown_line(ref.headline or "no headline"), cited, Content(" ")])
