"""The archive to look through: how its articles lie in time, which ones there are, and what is found in them."""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.suggester import Suggester
from textual.widgets import Footer, Input, Label, Static

from assistant.tui.archive_filter import ArchiveFilter, completed
from assistant.tui.article_table import PAGE, ArticleTable
from assistant.tui.histogram import Histogram
from assistant.tui.hit_list import HitList
from assistant.tui.keys import help_binding
from assistant.tui.plain_text import shown_line, told
from store.cleaning import clean_line
from store.errors import DatelineError
from store.records import ArticleRef, SearchFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widgets import OptionList

    from assistant.tui.archive_thread import ArchiveThread
    from assistant.tui.time_bins import Bin
    from store.archive import Archive
    from store.listing import Listing

# A person types on within this time.
_TYPING_S = 0.25

# Who waits longer is told for what: a word that stands in half of a million headlines takes seconds.
_PATIENCE_S = 0.5

# While articles are being added, what is listed is made anew so often.
_CHANGED_S = 2.0

_HITS = 30

_NONE = "No article fits what is typed above."
_EMPTY = "The archive is empty. Put articles into it with /add FILE…, or a folder."


class FilterInput(Input):
    """A field of the filter. Enter and ↓ go on to what is listed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,down", "screen.go_to_list", "To the list", key_display="Enter")
    ]


class OutletInput(FilterInput):
    """The field for outlets. Tab takes what is suggested, as → does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", "Complete", show=False)]

    def __init__(self, *, id: str) -> None:  # noqa: A002 - as every widget
        self.known: Sequence[str] = ()
        super().__init__(id=id, suggester=_OutletSuggester(self))

    def action_complete(self) -> None:
        better = completed(self.value, self.known)
        if better is None:
            self.screen.focus_next()
        else:
            self.value = clean_line(better)
            self.cursor_position = len(self.value)


class _OutletSuggester(Suggester):
    def __init__(self, field: OutletInput) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._field = field

    async def get_suggestion(self, value: str) -> str | None:
        better = completed(value, self._field.known)
        # What is shown is the rest of what is typed.
        fits = better is not None and better.casefold().startswith(value.casefold())
        return better if fits else None


class SearchInput(Input):
    """What is searched for in the texts of all articles."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "screen.go_to_list", "To the list", show=False)]


class ArchiveView(Screen[ArticleRef | None]):
    """Gives the article that was read last, None where none was.

    ``read`` makes the screen that shows an article by its id, at the place of some words where there are any. With
    ``words`` they are searched for at once.
    """

    DEFAULT_CSS = """
    ArchiveView {
        background: $background; layout: vertical;
        & > #archive-title { height: 1; padding: 0 1; background: $panel; text-style: bold; }
        & > #archive-fields { height: 1; padding: 0 1; }
        & > #archive-fields > Label { color: $text-muted; padding: 0 1 0 0; }
        & Input { border: none; height: 1; padding: 0; background: $foreground 8%; }
        & Input:focus { border: none; background: $foreground 8%; text-style: bold; }
        & > #archive-fields > Input { margin: 0 2 0 0; }
        & #archive-since, & #archive-until { width: 10; }
        & #archive-outlets { width: 2fr; }
        & #archive-headline { width: 3fr; }
        & > #archive-asked { height: 1; padding: 0 1; display: none; }
        & > #archive-asked > Label { color: $text-muted; padding: 0 1 0 0; }
        & #archive-query { width: 1fr; }
        & > #archive-told { height: auto; max-height: 3; padding: 0 1; }
        & > #archive-listed { height: 1fr; }
        & > HitList { display: none; }
        &.-searching > #archive-asked, &.-searching > HitList { display: block; }
        &.-searching > #archive-fields, &.-searching > #archive-listed { display: none; }
        &.-low Histogram { display: none; }
        &.-high Histogram { height: 12; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-usual"), (36, "-high")]  # noqa: RUF012 - as in Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/"),
        Binding("f", "go_to('since')", "Filter"),
        Binding("o", "go_to('outlets')", "Outlet", show=False),
        Binding("h", "go_to('headline')", "Headline", show=False),
        Binding("t", "go_to_histogram", "Time"),
        Binding("r", "turn", "Order"),
        Binding("z", "widen", "Widen"),
        Binding("escape", "back", "Back", key_display="Esc"),
        help_binding("archive"),
    ]

    def __init__(
        self, reading: ArchiveThread, *, read: Callable[[str, str | None], Screen[Any]], words: str = ""
    ) -> None:
        super().__init__()
        self._reading = reading
        self._read = read
        self._words = clean_line(words)
        self._listing: Listing | None = None
        self._whole = 0
        self._newest_first = True
        self._wanted = ArchiveFilter()
        self._where = SearchFilter()
        self._before: list[ArchiveFilter] = []
        self._last_read: ArticleRef | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="archive-title")
        with Horizontal(id="archive-fields"):
            yield Label("Since")
            yield FilterInput(id="archive-since", placeholder="any day")
            yield Label("Until")
            yield FilterInput(id="archive-until", placeholder="any day")
            yield Label("Outlet")
            yield OutletInput(id="archive-outlets")
            yield Label("Headline")
            yield FilterInput(id="archive-headline")
        with Horizontal(id="archive-asked"):
            yield Label("Search in the texts:")
            yield SearchInput(self._words, id="archive-query", select_on_focus=True)
        yield Static(id="archive-told")
        with Vertical(id="archive-listed"):
            yield Histogram()
            yield ArticleTable()
        yield HitList()
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._title("Archive", "opening …")
        self._tell("")
        self._table.focus()
        self._load_outlets()
        self._load()
        if self._words:
            self._open_search()
            self._search(self._words)

    @property
    def _table(self) -> ArticleTable:
        return self.query_one(ArticleTable)

    @property
    def _is_searching(self) -> bool:
        return self.has_class("-searching")

    # -- the list ------------------------------------------------------------------------------------------------------

    @property
    def _is_closed(self) -> bool:
        """Whether what shows the list is gone, as while the view is being left: what comes then is for nobody."""
        return not self.query(ArticleTable)

    @work(group="outlets")
    async def _load_outlets(self) -> None:
        try:
            names = await self._reading.run(lambda archive: archive.outlet_names())
        except (DatelineError, sqlite3.Error):  # The list says why.
            return
        for field in self.query(OutletInput):  # None where the view is being left.
            field.known = [clean_line(name) for name in names if name]

    @work(exclusive=True, group="listing")
    async def _load(self, *, after_s: float = 0.0, at: int = 0) -> None:
        """List what is wanted, with the cursor at one of its lines."""
        await asyncio.sleep(after_s)
        typed = self._wanted

        def job(archive: Archive) -> tuple[SearchFilter, Listing, int]:
            where = typed.where([name for name in archive.outlet_names() if name] if typed.outlets else ())
            listing = archive.listing(where, typed.headline)
            return where, listing, listing.total if typed.is_empty else archive.listing().total

        waiting = self.set_timer(_PATIENCE_S, partial(self._tell, "counting …"))
        try:
            self._where, listing, self._whole = await self._reading.run(job)
        except (DatelineError, sqlite3.Error) as exc:
            if not self._is_closed:
                self._tell(_told(exc), is_trouble=True)
            return
        finally:
            waiting.stop()
        if self._is_closed:
            return
        self._listing = listing
        self._tell("" if listing.total else _NONE if self._whole else _EMPTY)
        self.query_one(Histogram).show(listing.days, undated=listing.undated)
        self._table.show(listing.total, at=at)
        self._title_list()

    @on(ArticleTable.Wanted)
    def _load_wanted(self, event: ArticleTable.Wanted) -> None:
        event.stop()
        if self._listing is not None:
            self._load_pages(self._listing, tuple(event.pages), newest_first=self._newest_first)

    @work(exclusive=True, group="pages")
    async def _load_pages(self, listing: Listing, pages: tuple[int, ...], *, newest_first: bool) -> None:
        """Fill the table; where the archive has changed since it was counted, count again."""
        for page in pages:
            try:
                refs, is_stale = await self._reading.run(partial(_page, listing, page, newest_first))
            except sqlite3.Error:  # The archive was opened anew meanwhile, and this listing is of the one before.
                refs, is_stale = [], True
            if self._is_closed or listing is not self._listing or newest_first != self._newest_first:
                return
            if refs:
                self._table.put(page, refs)
            if is_stale:
                self._load(after_s=_CHANGED_S if refs else 0.0, at=self._table.cursor)

    def _title_list(self) -> None:
        listing = self._listing
        if listing is None or self._is_searching:
            return
        counted = f"{listing.total:,} of {self._whole:,}" if listing.total != self._whole else f"{self._whole:,}"
        parts = [f"{counted} article{'s' if self._whole != 1 else ''}"]
        if listing.days:
            parts.append(" to ".join(dict.fromkeys(day.isoformat() for day, _ in (listing.days[0], listing.days[-1]))))
        parts.append("newest first" if self._newest_first else "oldest first")
        if listing.undated:
            parts.append(f"{listing.undated:,} without a date")
        self._title("Archive", *parts)

    # -- the filter ----------------------------------------------------------------------------------------------------

    @on(Input.Changed)
    def _filter_anew(self, event: Input.Changed) -> None:
        event.stop()
        typed = self._typed()
        if typed != self._wanted:
            self._wanted = typed
            self._load(after_s=_TYPING_S)

    def _typed(self) -> ArchiveFilter:
        since, until, outlets, headline = (
            clean_line(self.query_one(f"#archive-{name}", Input).value)
            for name in ("since", "until", "outlets", "headline")
        )
        return ArchiveFilter(since, until, outlets, headline)

    def _put(self, typed: ArchiveFilter) -> None:
        """Change the fields, and list what they say."""
        self._wanted = typed
        for name in ("since", "until", "outlets", "headline"):
            self.query_one(f"#archive-{name}", Input).value = clean_line(getattr(typed, name))
        self._load()

    @on(Histogram.Chosen)
    def _narrow(self, event: Histogram.Chosen) -> None:
        """Keep to the days of a bin, as far as they were kept to before."""
        event.stop()
        since, until = _narrowed(event.bin, self._where)
        if (since, until) != (self._wanted.since, self._wanted.until):
            self._before.append(self._wanted)
            self._put(ArchiveFilter(since, until, self._wanted.outlets, self._wanted.headline))

    def action_widen(self) -> None:
        """Take the last narrowing back; without one, show everything."""
        if self._before:
            self._put(self._before.pop())
        elif not self._wanted.is_empty:
            self._put(ArchiveFilter())

    def action_turn(self) -> None:
        """Turn the order round."""
        if not self._is_searching:
            self._newest_first = not self._newest_first
            self._table.show(self._table.total)
            self._title_list()

    # -- searching -----------------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        self._open_search()
        self.query_one(SearchInput).focus()

    def _open_search(self) -> None:
        self.add_class("-searching")
        self.refresh_bindings()
        self._tell("")
        self._title("Archive", "search" + _kept_to(self._where))

    @on(Input.Submitted, "#archive-query")
    def _search_typed(self, event: Input.Submitted) -> None:
        event.stop()
        query = clean_line(event.value)
        if query:
            self._search(query)

    @work(exclusive=True, group="searching")
    async def _search(self, query: str) -> None:
        where = self._where
        self._tell("searching …")
        try:
            found = await self._reading.run(lambda archive: archive.search(query, _HITS, where))
        except (DatelineError, sqlite3.Error) as exc:
            self._tell(_told(exc), is_trouble=True)
            return
        articles = len({hit.passage.article.id for hit in found.hits})
        listed = self.query_one(HitList)
        listed.show(found.hits, query)
        self._tell(" · ".join(found.notices) if found.hits else "No passage fits these words.")
        if not self._is_searching:
            return
        counted = f"the {len(found.hits)} best passages, of {articles} article{'s' if articles != 1 else ''}"
        self._title("Archive", (counted if found.hits else "nothing found") + _kept_to(where))
        if found.hits:
            self.call_after_refresh(listed.focus)  # it is shown only once the screen knows that it searches

    @on(HitList.OptionSelected)
    def _read_hit(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        hit, words = self.query_one(HitList).place(event.option_index)
        self._open(hit.passage.article, words)

    # -- moving about --------------------------------------------------------------------------------------------------

    @on(ArticleTable.Opened)
    def _read_listed(self, event: ArticleTable.Opened) -> None:
        event.stop()
        self._open(event.ref, None)

    def _open(self, ref: ArticleRef, words: str | None) -> None:
        self._last_read = ref
        self.app.push_screen(self._read(ref.id, words))

    def action_go_to(self, field: str) -> None:
        self._close_search()
        self.query_one(f"#archive-{field}", Input).focus()

    def action_go_to_histogram(self) -> None:
        self._close_search()
        histogram = self.query_one(Histogram)
        if histogram.display:
            histogram.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        return not (self._is_searching and action in {"turn", "widen"})

    def action_go_to_list(self) -> None:
        (self.query_one(HitList) if self._is_searching else self._table).focus()

    def action_back(self) -> None:
        """Leave the search, then the field or the plot, then the screen."""
        if self._is_searching:
            self._close_search()
            self._table.focus()
        elif self.focused is not None and self.focused is not self._table:
            self._table.focus()
        else:
            self.dismiss(self._last_read)

    def _close_search(self) -> None:
        if self._is_searching:
            self.remove_class("-searching")
            self.refresh_bindings()
            self._tell("")
            self._title_list()

    def _title(self, name: str, *parts: str) -> None:
        self.query_one("#archive-title", Static).update(shown_line(" · ".join((name, *parts))))

    def _tell(self, text: str, *, is_trouble: bool = False) -> None:
        line = self.query_one("#archive-told", Static)
        line.display = bool(text)
        line.update(Content("✗ " if is_trouble else "").append(shown_line(text)))


def _page(listing: Listing, page: int, newest_first: bool, _: Archive) -> tuple[list[ArticleRef], bool]:
    return listing.page(page * PAGE, PAGE, newest_first=newest_first), listing.is_stale


def _narrowed(chosen: Bin, where: SearchFilter) -> tuple[str, str]:
    since = max(filter(None, (chosen.first, where.since)))
    until = min(filter(None, (chosen.last, where.until)))
    return since.isoformat(), until.isoformat()


def _kept_to(where: SearchFilter) -> str:
    """Return in words which articles are searched, where not all are."""
    days = [f"since {where.since}" if where.since else "", f"until {where.until}" if where.until else ""]
    outlets = (
        [f"{len(where.outlets)} outlets" if len(where.outlets) > 1 else f"of {where.outlets[0]}"]
        if where.outlets
        else []
    )
    kept = [part for part in (*days, *outlets) if part]
    return f" · only {', '.join(kept)}" if kept else ""


def _told(error: Exception) -> str:
    return told(error) if isinstance(error, DatelineError) else f"the archive cannot be read: {error}"
