"""The saved sessions: looked through, searched, resumed, renamed, exported, deleted."""

from __future__ import annotations

import asyncio
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Static

from assistant.exports import default_file_name, export_session, form_of, write_export
from assistant.sessions import Found, Session, Sessions, open_sessions
from assistant.tui.line_bar import LineBar
from assistant.tui.plain_text import shown, shown_line, told
from assistant.tui.session_deletion import SessionDeletion
from assistant.tui.session_list import SessionList
from assistant.tui.session_preview import SessionPreview
from store.cleaning import clean_line
from store.errors import DatelineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize
    from textual.widgets import OptionList

T = TypeVar("T")

# Listed at once; further ones when the list is scrolled down to them. All of 10,000 would take seconds to lay out.
PAGE = 200
_PREVIEWED = 3

# A person types on within this time, and moves on in a list within the other.
_TYPING_S = 0.15
_MOVING_S = 0.05

_NONE = """\
No conversation with this archive is saved yet.

What you ask here, and with `dateline ask` on a terminal, is kept as a session: the questions, the answers and their \
sources, in a file that you alone can read. Here you go on with an earlier one, look through all that was said, and \
rename, export or delete it."""


class SearchBox(Input):
    """What is looked for in all that was said."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,pagedown", "screen.go_to_list", "To the list", key_display="↓"),
        Binding("enter", "submit", "Resume", key_display="Enter"),
    ]


class SessionsView(ModalScreen[Session | None]):
    """Gives the session of ``archive`` that is to be resumed. ``current`` is the id of the one that is open.

    Opened with ``words``, it looks for these at once. What happens to the session that is open is told with ``Deleted``
    and ``Renamed``, which reach the app. Sessions of other archives can be looked at and exported.
    """

    DEFAULT_CSS = """
    SessionsView {
        background: $background;
        & > #sessions-title { height: 1; padding: 0 1; background: $panel; text-style: bold; }
        & > SearchBox { border: none; height: 1; padding: 0 1; margin: 1 0; background: $foreground 8%; }
        & > SearchBox:focus { border: none; background: $foreground 8%; text-style: bold; }
        & > #sessions-body { height: 1fr; }
        & #sessions-listed { width: 1fr; height: 1fr; }
        & #sessions-none { height: auto; padding: 0 1; color: $text-muted; max-width: 90; }
        & > #sessions-told { height: auto; padding: 0 1; }
        & SessionPreview { display: none; }
        &.-wide SessionPreview { display: block; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back", key_display="Esc")]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as in Textual

    class Deleted(Message):
        """A session is gone."""

        def __init__(self, session: Session) -> None:
            super().__init__()
            self.session = session

    class Renamed(Message):
        """A session has another name."""

        def __init__(self, session: Session) -> None:
            super().__init__()
            self.session = session

    def __init__(self, file: Path, archive: Path, current: str | None, *, words: str = "") -> None:
        super().__init__()
        self._file = file
        self._archive = archive
        self._current = current
        self._words = clean_line(words)
        self._everywhere = False
        self._found: list[Found] | None = None
        self._total = 0
        self._loaded: tuple[str, bool] | None = None
        self._is_chosen = False
        self._asked: tuple[Literal["rename", "export"], Session] | None = None
        self._refused: Path | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="sessions-title")
        yield SearchBox(self._words, placeholder="Search all questions and answers", select_on_focus=False)
        with Horizontal(id="sessions-body"):
            with Vertical(id="sessions-listed"):
                yield Static(id="sessions-none")
                yield SessionList(self._current, self._archive)
            yield SessionPreview()
        yield Static(id="sessions-told")
        yield LineBar()
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._tell("")
        self.query_one("#sessions-none").display = False
        self.query_one(SearchBox).focus()
        self._load()

    # -- the list ------------------------------------------------------------------------------------------------------

    @property
    def _list(self) -> SessionList:
        return self.query_one(SessionList)

    @property
    def _wanted(self) -> tuple[str, bool]:
        """What is to be listed: what holds these words, in all archives or in one."""
        return self._words, self._everywhere

    @on(Input.Changed)
    def _search_for(self, event: Input.Changed) -> None:
        event.stop()
        words = clean_line(event.value)
        if words != self._words:
            self._words = words
            self._tell("")
            self._load(after_s=_TYPING_S)

    @on(Input.Submitted)
    def _take_first(self, event: Input.Submitted) -> None:
        event.stop()
        if self._loaded == self._wanted:
            self._resume()
        else:  # What is seen is not what was typed.
            self._is_chosen = True

    @work(exclusive=True, group="list")
    async def _load(self, *, at: int = 0, after_s: float = 0.0) -> None:
        """List what is wanted from its beginning, and mark one."""
        await asyncio.sleep(after_s)
        (words, everywhere), archive = self._wanted, self._scope
        trouble: DatelineError | None = None
        try:
            if words:
                self._found = await self._do(lambda sessions: sessions.search(words, archive))
                total, page = len(self._found), self._found[:PAGE]
            else:
                self._found = None
                most = max(PAGE, at + 1)
                total, page = await self._do(lambda sessions: (sessions.count(archive), _page(sessions, archive, most)))
        except DatelineError as exc:
            total, page, trouble = 0, [], exc
            self._tell(told(exc), is_trouble=True)
        self._total, self._loaded = total, (words, everywhere)
        self._list.show(page, at=at)
        self._tell_count(is_known=trouble is None)
        if not page:
            self.query_one(SessionPreview).tell(Content(""))
        if self._is_chosen:
            self._is_chosen = False
            self._resume()

    @on(SessionList.NearEnd)
    def _list_more(self, event: SessionList.NearEnd) -> None:
        event.stop()
        if self._list.listed < self._total and self._loaded == self._wanted:
            self._load_more()

    @work(exclusive=True, group="more")
    async def _load_more(self) -> None:
        wanted, listed, archive = self._wanted, self._list.listed, self._scope
        if self._found is not None:
            page = self._found[listed : listed + PAGE]
        else:
            try:
                page = await self._do(partial(_page, archive=archive, most=PAGE, skip=listed))
            except DatelineError as exc:
                self._tell(told(exc), is_trouble=True)
                return
        if wanted == self._loaded and listed == self._list.listed:
            self._list.show_more(page)

    @property
    def _scope(self) -> Path | None:
        return None if self._everywhere else self._archive

    def _tell_count(self, *, is_known: bool) -> None:
        """Say above the list what it shows, and in its place why it shows nothing, where that ``is_known``."""
        where = "all archives" if self._everywhere else f"archive {self._archive.name}"
        counted = f"{self._total:,} session{'s' if self._total != 1 else ''}"
        if self._words:
            held = "holds" if self._total == 1 else "hold"
            title = f"{counted} with {where} {held} “{self._words}”"
            none = f"In no turn stand all words of “{self._words}”, or words that begin with them."
        else:
            title, none = f"{counted} with {where}", _NONE
        if not self._everywhere and not self._total:
            none += "\n\n↓ and then a: look at those with other archives, too."
        self.query_one("#sessions-title", Static).update(shown_line(title if is_known else f"Sessions with {where}"))
        nothing = self.query_one("#sessions-none", Static)
        nothing.display = is_known and not self._total
        nothing.update(shown(none))

    def action_go_to_list(self) -> None:
        self._list.focus()

    @on(SessionList.Left)
    def action_search(self) -> None:
        """Go to the box above the list."""
        self.query_one(SearchBox).focus()

    def action_archives(self) -> None:
        """List the sessions of all archives, or of this one again."""
        self._everywhere = not self._everywhere
        self._tell("")
        self._load()

    # -- the preview ---------------------------------------------------------------------------------------------------

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._preview()

    def on_resize(self, event: Resize) -> None:
        del event
        self.call_after_refresh(self._preview)

    @work(exclusive=True, group="preview")
    async def _preview(self) -> None:
        """Show the end of the session that is marked."""
        await asyncio.sleep(_MOVING_S)
        if not self.query(SessionList):  # The view was left meanwhile.
            return
        session, preview = self._list.session, self.query_one(SessionPreview)
        if session is None or not preview.display:
            return
        try:
            turns = await self._do(lambda sessions: sessions.turns(session, most=_PREVIEWED))
        except DatelineError as exc:
            preview.tell(shown(told(exc)))
        else:
            preview.show(session, turns)

    # -- what can be done ----------------------------------------------------------------------------------------------

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._resume()

    @work(exclusive=True, group="doing")
    async def _resume(self) -> None:
        """Give the session that is marked, as it is now, if it can be resumed."""
        session = self._list.session
        if session is None or self._is_elsewhere(session, "resumed"):
            return
        try:
            session = await self._do(partial(_readable, session=session))
        except DatelineError as exc:
            self._tell(told(exc), is_trouble=True)
        else:
            self.dismiss(session)

    def action_rename(self) -> None:
        session = self._list.session
        if session is not None and not self._is_elsewhere(session, "renamed"):
            self._ask("rename", session, "Name:", session.name or "")

    def action_export(self) -> None:
        """Ask for the file that the session is to be written to."""
        session = self._list.session
        if session is not None:
            self._refused = None
            name = default_file_name(session, "md")
            self._ask("export", session, "Export to (Tab: .md or .json):", name, suffixes=(".md", ".json"))

    @work(exclusive=True, group="doing")
    async def action_delete(self) -> None:
        """Delete the session that is marked, if a person really wants that."""
        session, at = self._list.session, self._list.highlighted or 0
        if session is None or self._is_elsewhere(session, "deleted"):
            return
        is_meant = await self.app.push_screen_wait(SessionDeletion(session, is_current=session.id == self._current))
        if not is_meant:
            return
        try:
            await self._do(lambda sessions: sessions.delete(session))
        except DatelineError as exc:
            self._tell(told(exc), is_trouble=True)
            return
        self._tell(f"{session.label!r} is deleted")
        self.post_message(self.Deleted(session))
        self._load(at=at)

    def _ask(
        self,
        what: Literal["rename", "export"],
        session: Session,
        label: str,
        text: str,
        *,
        suffixes: tuple[str, ...] = (),
    ) -> None:
        self._tell("")
        self._asked = (what, session)
        self.query_one(LineBar).ask(label, text, suffixes=suffixes)

    @on(LineBar.Left)
    def _ask_no_more(self) -> None:
        self.query_one(LineBar).close()
        self._tell("")
        self._list.focus()

    @on(LineBar.Given)
    @work(exclusive=True, group="doing")
    async def _take(self, event: LineBar.Given) -> None:
        event.stop()
        if self._asked is None:
            return
        what, session = self._asked
        try:
            if what == "rename":
                await self._rename(session, event.text)
            else:
                await self._export(session, Path(event.text).expanduser())
        except (DatelineError, RuntimeError) as exc:  # RuntimeError: of whose home '~x' is
            self._tell(told(exc), is_trouble=True)
            return
        self.query_one(LineBar).close()
        self._list.focus()

    async def _rename(self, session: Session, name: str) -> None:
        renamed = await self._do(lambda sessions: sessions.rename(sessions.get(session.id), name))
        self._tell(f"now called {renamed.label!r}")
        self.post_message(self.Renamed(renamed))
        self._load(at=self._list.highlighted or 0)

    async def _export(self, session: Session, path: Path) -> None:
        form, again = form_of(path), path == self._refused

        def write(sessions: Sessions) -> Path:
            kept = sessions.get(session.id)
            write_export(path, export_session(kept, sessions.turns(kept), form), overwrite=again)
            return path.absolute()

        try:
            written = await self._do(write)
        except DatelineError as exc:
            if again or not await asyncio.to_thread(path.is_file):
                raise
            self._refused = path
            raise DatelineError(str(exc), hint="Enter once more replaces it") from exc
        self._tell(f"written to {written}")

    def _is_elsewhere(self, session: Session, done: str) -> bool:
        """Whether a session is one of another archive, and so cannot be changed from here; say so."""
        if session.archive == self._archive:
            return False
        self._tell(
            f"{session.label!r} is one with the archive at {str(session.archive)!r} and cannot be {done} from here; "
            "open the chat with -a and that archive",
            is_trouble=True,
        )
        return True

    def _tell(self, text: str, *, is_trouble: bool = False) -> None:
        line = self.query_one("#sessions-told", Static)
        line.display = bool(text)
        line.update(Content("✗ " if is_trouble else "").append(shown_line(text)))

    async def _do(self, job: Callable[[Sessions], T]) -> T:
        """Return what ``job`` returns in a thread of its own, with the file opened there for it alone."""

        def work() -> T:
            with closing(open_sessions(self._file)) as sessions:
                return job(sessions)

        return await asyncio.to_thread(work)


def _page(sessions: Sessions, archive: Path | None, most: int, skip: int = 0) -> list[Found]:
    return [Found(session, ()) for session in sessions.all(archive, most=most, skip=skip)]


def _readable(sessions: Sessions, session: Session) -> Session:
    """Return a session as it is now; raise SessionsError where it is gone or damaged."""
    now = sessions.get(session.id)
    sessions.turns(now)
    return now
