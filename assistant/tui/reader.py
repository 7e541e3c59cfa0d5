"""The article reader: an article with what is cited in it marked, to be read, searched, quoted and opened."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from assistant.rendering import TRUNCATED, byline, format_day
from assistant.tui.address import AddressScreen
from assistant.tui.article_view import ArticleView, Mark
from assistant.tui.attribution import attributed, file_name
from assistant.tui.browser import open_in_browser
from assistant.tui.cited_place import CitedPlace, cited_place
from assistant.tui.find_bar import FindBar, FindInput
from assistant.tui.keys import help_binding
from assistant.tui.plain_text import shown, shown_line, told
from assistant.tui.print_list import PrintList
from assistant.tui.quotation_file import QuotationFile
from store.cleaning import plain
from store.errors import ArticleMissing, DatelineError
from store.records import Article, ArticleRef, day_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import DescendantBlur, DescendantFocus

    from assistant.conversation import Citation
    from assistant.tui.archive_thread import ArchiveThread
    from store.splitting import Span

# What is copied: what is selected, else the quotation that is looked at, else the paragraph at the top.
_Kind = Literal["selection", "citation", "paragraph"]

# Most terminals take no more by OSC 52.
_CLIPBOARD_BYTES = 70_000

_KEYED = frozenset("next previous copy write open prints search step".split())
_NAMED_PRINTS = 3
_TOLD_CHARS = 72


@dataclass(frozen=True, slots=True)
class _Quotation:
    text: str
    ref: ArticleRef
    span: Span


class ArticleReader(ModalScreen[int | None]):
    """Opens the article of a citation at the quotation; gives the index of the citation that was looked at last.

    ``open_page`` opens an address in a browser, is called in a thread and says whether it could.
    """

    DEFAULT_CSS = """
    ArticleReader {
        background: $background;
        & > #column {
            height: auto; max-height: 50%; align: center top; padding: 0 1 0 0;
            & > #head {
                width: 100%; max-width: 91; height: auto; max-height: 100%; overflow-y: auto; padding: 0 2 0 1;
                margin: 0 0 0 6; scrollbar-size-vertical: 1;
                border-bottom: solid $foreground 30%; border-subtitle-color: $text; border-subtitle-align: left;
            }
        }
        & #head Static { height: auto; }
        & #headline { text-style: bold; }
        & #byline { color: $text-muted; }
        & #address, & #prints { color: $text-muted; pointer: pointer; }
        & #address:hover, & #prints:hover { text-style: underline; }
        & #trouble { color: $text-warning; }
        &:light #trouble { color: $foreground; text-style: bold; }
        &.-tall > #column { padding: 1 1 0 0; }
        &.-tall > ArticleView { margin: 1 0 0 0; }
        & > FindBar { display: none; }
        &.-finding > FindBar { display: block; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - as in Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next", "Next"),
        Binding("p", "previous", "Previous"),
        Binding("y", "copy('selection')", "Copy selection"),
        Binding("y", "copy('citation')", "Copy quote"),
        Binding("y", "copy('paragraph')", "Copy top paragraph"),
        Binding("w", "write", "Save"),
        Binding("c", "prints", "Prints"),
        Binding("o", "open", "Page"),
        Binding("slash", "search", "Find", key_display="/"),
        Binding("enter", "step(1)", "Next found", show=False),
        Binding("N,shift+enter", "step(-1)", "Previous found", show=False),
        # First of all: a screen takes it to let go of a selection, and would be closed with it.
        Binding("escape", "close", "Close", key_display="Esc", priority=True),
        Binding("q", "close", "Close", show=False),
        help_binding("reader"),
    ]

    def __init__(
        self,
        reading: ArchiveThread,
        citations: Sequence[Citation],
        at: int = 0,
        *,
        article_id: str | None = None,
        find: str | None = None,
        open_page: Callable[[str], bool] = open_in_browser,
    ) -> None:
        super().__init__()
        self._reading = reading
        self._citations = tuple(citations)
        self._at = max(0, min(at, len(self._citations) - 1))
        self._print = 0
        self._article_id = article_id
        self._wanted_words = find
        self._open_page = open_page
        self._article: Article | None = None
        self._place = CitedPlace(None, is_as_cited=True)

    @classmethod
    def of_article(cls, reading: ArchiveThread, article_id: str, *, find: str | None = None) -> ArticleReader:
        """Return a reader of an article from its beginning, or from the first place of the words to ``find``."""
        return cls(reading, (), article_id=article_id, find=find)

    def compose(self) -> ComposeResult:
        with Vertical(id="column"), Vertical(id="head"):
            for part in ("headline", "byline", "trouble", "address", "prints"):
                yield Static(id=part)
        yield ArticleView(id="article")
        yield FindBar(id="find")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._view.focus()
        self._show_head(self._ref)
        self._load()

    @property
    def _view(self) -> ArticleView:
        return self.query_one(ArticleView)

    @property
    def _bar(self) -> FindBar:
        return self.query_one(FindBar)

    @property
    def _citation(self) -> Citation | None:
        return self._citations[self._at] if self._citations else None

    @property
    def _prints(self) -> tuple[ArticleRef, ...]:
        """The article that is cited, and its copies."""
        if self._citation is None:
            return (self._article.ref,) if self._article else ()
        return (self._citation.hit.passage.article, *self._citation.hit.copies)

    @property
    def _ref(self) -> ArticleRef:
        """What is to be read, as far as it is known."""
        prints = self._prints
        wanted = prints[self._print] if prints else ArticleRef(self._article_id or "", "")
        return self._article.ref if self._article and self._article.ref.id == wanted.id else wanted

    # -- reading -------------------------------------------------------------------------------------------------------

    @work(group="article", exclusive=True)
    async def _load(self) -> None:
        """Show what is to be read, out of the archive unless it is shown already."""
        wanted = self._ref.id
        if self._article is None or self._article.ref.id != wanted:
            self._tell_trouble("opening …")
            try:
                article = await self._reading.run(lambda archive: archive.article(wanted))
            except ArticleMissing:
                self._show_missing()
                return
            except DatelineError as exc:
                self._show_failed(told(exc))
                return
            except sqlite3.Error as exc:
                self._show_failed(f"{exc}; `dateline check` says more")
                return
            # The archive takes the beginning of an id for the whole, which a citation never is.
            if self._citations and article.ref.id != wanted:
                self._show_missing()
                return
            self._article = article
        self._show_article(self._article)

    def _show_article(self, article: Article) -> None:
        self._show_head(article.ref)
        citation = self._citation
        self._place = cited_place(citation, article.body) if citation else CitedPlace(None, is_as_cited=True)
        self._tell_trouble(self._difference())
        is_other = self._view.body is not article.body
        self._view.show(article.body, list(self._marks(article)))
        self._tell_position()
        if self._wanted_words is not None:
            words, self._wanted_words = self._wanted_words, None
            self._bar.put(words)
            self._bar.look(article.body, 0)
            self.add_class("-finding")
            self._mark_found()
        elif is_other and self.has_class("-finding"):
            self._bar.look(article.body, 0)
            self._view.mark_matches(self._bar.matches, None)

    def _difference(self) -> str:
        """Return what is not as the answer has it, in words."""
        citation, place = self._citation, self._place
        if citation is None or place.is_as_cited:
            return ""
        if self._print:
            cited = self._prints[0].outlet or "no outlet"
            told_where = "is marked" if place.span else "is not in it word for word"
            return f"another print than the one that is cited ({cited}); the quotation {told_where}"
        if place.span:
            return "the article has changed since the answer was written: the quotation stands elsewhere now"
        return f"the article has changed since the answer was written, and no longer says: “{citation.quote}”"

    def _marks(self, article: Article) -> Iterator[Mark]:
        for index, citation in enumerate(self._citations):
            is_current = index == self._at
            is_here = citation.hit.passage.article.id == article.ref.id
            if is_current or (is_here and citation.number):
                span = cited_place(citation, article.body).span
                if span is not None:
                    yield Mark(*span, citation.number, is_current)

    def _show_missing(self) -> None:
        """Say that an article is gone, and show what was quoted of it."""
        citation = self._citation
        self._forget()
        if citation is None:
            self._tell_trouble("the archive does not hold this article; it may have been removed")
        elif self._print:
            self._tell_trouble("the archive does not hold this print")
        else:
            self._tell_trouble("the archive no longer holds this article; this is what the answer quoted of it")
            self._view.show(citation.quote, [Mark(0, len(citation.quote), citation.number, is_current=True)])

    def _show_failed(self, reason: str) -> None:
        self._forget()
        self._tell_trouble(f"the article cannot be read: {reason}")

    def _forget(self) -> None:
        self._article = None
        self._place = CitedPlace(None, is_as_cited=False)
        self._show_head(self._ref)
        self._view.show("", [])
        self._tell_position()

    # -- the head ------------------------------------------------------------------------------------------------------

    def _show_head(self, ref: ArticleRef) -> None:
        modified = format_day(day_of(ref.modified))
        cut = TRUNCATED if ref.is_truncated else None
        described = (byline(ref), ref.section, f"modified {modified}" if modified else None, cut)
        self._put("headline", shown_line(ref.headline or "(no headline)"))
        self._put("byline", shown_line(" · ".join(part for part in described if part)))
        self._put("address", shown_line(ref.url or ""))
        self._put("prints", shown_line(self._prints_text()))
        self.refresh_bindings()

    def _prints_text(self) -> str:
        prints = self._prints
        others = [ref for index, ref in enumerate(prints) if index != self._print]
        if not others:
            return ""
        days = ((ref.outlet or "no outlet", format_day(day_of(ref.published))) for ref in others[:_NAMED_PRINTS])
        named = "; ".join(", ".join(part for part in pair if part) for pair in days)
        more = len(others) - _NAMED_PRINTS
        return f"also printed by {named}{f' and {more} more' if more > 0 else ''} (c)"

    def _put(self, part: str, text: Content) -> None:
        static = self.query_one(f"#{part}", Static)
        static.display = bool(text)
        static.update(text)

    def _tell_trouble(self, text: str) -> None:
        self._put("trouble", Content("(!) ").append(shown(text)) if text else Content())

    def _tell_position(self) -> None:
        self.query_one("#head").border_subtitle = Content(f" {self._position_text()} ")
        self.refresh_bindings()

    def _position_text(self) -> str:
        citation, span = self._citation, self._place.span
        if citation is None:
            return f"{len(self._article.body):,} characters" if self._article else ""
        cited = [index for index, other in enumerate(self._citations) if other.number]
        if citation.number:
            position = f"citation {cited.index(self._at) + 1} of {len(cited)}"
        else:
            position = f"found, not cited: {self._at + 1 - len(cited)} of {len(self._citations) - len(cited)}"
        return f"{position} · characters {span[0]:,}–{span[1]:,}" if span else position

    # -- citations and prints ------------------------------------------------------------------------------------------

    def action_next(self) -> None:
        self._go(1)

    def action_previous(self) -> None:
        self._go(-1)

    def _go(self, step: int) -> None:
        """Look at another citation, in its own article."""
        if 0 <= self._at + step < len(self._citations):
            self._at += step
            self._print = 0
            self.clear_selection()
            self._load()

    @on(Click, "#prints")
    @work(group="dialog", exclusive=True)
    async def action_prints(self) -> None:
        """Read another print of the story: the other one where there are two, else the one that is chosen."""
        prints = self._prints
        if len(prints) < 2:
            self._say("no other prints of this article are known here")
            return
        chosen: int | None = 1 - self._print
        if len(prints) > 2:
            chosen = await self.app.push_screen_wait(PrintList(prints, self._print))
        if chosen is not None and chosen < len(prints) and chosen != self._print:
            self._print = chosen
            self._load()

    # -- searching -----------------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        self.add_class("-finding")
        self.query_one(FindInput).focus()

    def action_step(self, count: int) -> None:
        self._bar.step(count)
        self._mark_found()

    @on(FindBar.Changed)
    def _look(self) -> None:
        if self.has_class("-finding"):
            found = self._bar.found
            self._bar.look(self._view.body, found[0] if found else self._view.top)
            self._mark_found()

    @on(FindBar.Stepped)
    def _step(self, event: FindBar.Stepped) -> None:
        self.action_step(event.count)

    def _mark_found(self) -> None:
        self._view.mark_matches(self._bar.matches, self._bar.found)

    # -- quoting -------------------------------------------------------------------------------------------------------

    @property
    def _copied_kind(self) -> _Kind | None:
        """What would be copied now."""
        if self.selections and self.get_selected_text():
            return "selection"
        if self._citation and (self._place.span or not self._print):
            return "citation"
        return "paragraph" if self._article else None

    def _quotation(self) -> _Quotation | None:
        """Return what is copied and where it stands; None where it is not of the article's text."""
        ref, view, citation = self._ref, self._view, self._citation
        kind = self._copied_kind
        if kind == "citation" and citation is not None:
            span = self._place.span or (citation.start, citation.end)
            return _Quotation(citation.quote, ref, span)
        span = view.paragraph_at(view.top) if kind == "paragraph" else view.selected or (0, 0)
        text = view.body[slice(*span)]
        if self._article is None and citation is not None:
            # Of a removed article only the quotation is shown, so that positions count from its beginning.
            span = (citation.start + span[0], citation.start + span[1])
        return _Quotation(text, ref, span) if text else None

    def action_copy(self, kind: _Kind) -> None:
        """Copy what is quoted with where it comes from, and say what was copied."""
        text = self._attributed()
        if len(text.encode()) > _CLIPBOARD_BYTES:
            self._say("this is too long for a terminal's clipboard; w writes it to a file", is_trouble=True)
            return
        self.app.copy_to_clipboard(text)
        what = {"selection": "what is selected", "citation": "the quotation", "paragraph": "the paragraph at the top"}
        self._say(f"copied {what[kind]}: {_shortened(text)}\nw saves it, should the clipboard not take it")

    @work(group="dialog", exclusive=True)
    async def action_write(self) -> None:
        """Write the same to a file."""
        quotation = self._quotation()
        name = file_name(quotation.ref, quotation.span) if quotation else "quotation.txt"
        path = await self.app.push_screen_wait(QuotationFile(self._attributed(), name))
        if path is not None:
            self._say(f"written to {path}")

    def _attributed(self) -> str:
        quotation = self._quotation()
        if quotation is None:
            return plain(self.get_selected_text() or "")
        return attributed(quotation.text, quotation.ref, quotation.span)

    # -- the page ------------------------------------------------------------------------------------------------------

    @on(Click, "#address")
    @work(group="dialog", exclusive=True)
    async def action_open(self) -> None:
        """Show the address, and open it once that is confirmed."""
        url = self._ref.url
        if not url:
            return
        is_opened = await self.app.push_screen_wait(AddressScreen(url, self._open_page))
        if is_opened:
            self._say("the page was opened in the browser")

    # -- keys ----------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say which keys do something: False hides one, None shows that it does nothing now."""
        if action not in _KEYED:
            return True
        if isinstance(self.focused, FindInput):
            return False
        if action in {"next", "previous"}:
            there = self._at + (1 if action == "next" else -1)
            return (0 <= there < len(self._citations) or None) if len(self._citations) > 1 else False
        return {
            "copy": parameters[:1] == (self._copied_kind,),
            "write": self._copied_kind is not None,
            "open": bool(self._ref.url),
            "prints": self._article is not None or len(self._prints) > 1,
            "search": self._article is not None,
            "step": self.has_class("-finding"),
        }[action]

    @on(ArticleView.Selected)
    def _tell_keys(self) -> None:
        self.refresh_bindings()

    def on_descendant_focus(self, _: DescendantFocus) -> None:
        self.refresh_bindings()

    def on_descendant_blur(self, _: DescendantBlur) -> None:
        self.refresh_bindings()

    def action_close(self) -> None:
        """Leave what was begun last: the selection, the search, then the article."""
        if self.selections:
            self.clear_selection()
        elif self.has_class("-finding"):
            self.remove_class("-finding")
            self._view.focus()
            self._view.mark_matches((), None)
        else:
            self.dismiss(self._at if self._citations else None)

    def _say(self, text: str, *, is_trouble: bool = False) -> None:
        self.notify(plain(text), severity="warning" if is_trouble else "information", markup=False, timeout=5)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TOLD_CHARS else f"{line[: _TOLD_CHARS // 2]} … {line[-_TOLD_CHARS // 2 :]}"
