"""The chat as a program: its screens, its threads, its keys, and how it ends."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import App, SystemCommand
from textual.events import Paste
from textual.worker import WorkerFailed

from assistant.keys import ACTIONS
from assistant.planning import Scope
from assistant.rendering import coverage_text
from assistant.tui.archive_thread import ArchiveThread
from assistant.tui.asker import Asker
from assistant.tui.chat_screen import ChatScreen
from assistant.tui.crash import write_crash_report
from assistant.tui.header import Standing
from assistant.tui.keys import bindings, key_for
from assistant.tui.loading import load
from assistant.tui.plain_text import TELLABLE, told
from assistant.tui.theme_file import read_theme, write_theme
from assistant.tui.turn_record import saved_record
from store.cleaning import plain
from store.errors import ArchiveMissing, DatelineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from rich.console import RenderableType
    from textual.await_complete import AwaitComplete
    from textual.binding import BindingType
    from textual.driver import Driver
    from textual.events import Event
    from textual.screen import Screen
    from textual.theme import Theme

    from assistant.config import Config
    from assistant.keys import Context
    from assistant.saved_turns import SavedTurn
    from assistant.sessions import Session
    from assistant.tui.adding import Adding, Embedding
    from assistant.tui.commands import Completion
    from assistant.tui.sessions_view import SessionsView
    from store.archive import Archive

_SIGNALS = {signal.SIGTERM: 143, signal.SIGHUP: 129}
_BUG = 70

# Of the commands of its palette; in the chat the page of help tells the keys.
_OF_TEXTUAL = ("Theme", "Quit")

# How long a turn that is stopped by leaving may take to be saved.
_LEAVING_S = 2.0


@dataclass(frozen=True, slots=True)
class Begun:
    """The session that the chat begins with: one with its turns, or a ``name`` for a new one."""

    session: Session | None = None
    turns: tuple[SavedTurn, ...] = ()
    name: str | None = None


# Completed to behind /about are so many names.
_NAMES_OFFERED = 2_000


class ChatApp(App[int]):
    """The whole program. ``open_archive`` is called in threads, after the first screen is painted.

    ``today`` gives the day on the asker's calendar; what is asked is counted from it. ``clock`` gives seconds, for how
    long an answer takes. ``config_file`` is the one that was named, for what runs in another process.
    """

    TITLE = "Dateline"
    BINDINGS: ClassVar[list[BindingType]] = bindings("app")
    ENABLE_COMMAND_PALETTE = True
    CSS = """
    /* Textual's place for them is over the box that is typed into; elsewhere the top is what is read. */
    ChatScreen ToastRack { dock: top; align: right top; margin: 0; }
    Toast { padding: 0 1; max-width: 75%; }
    """

    def __init__(
        self,
        config: Config,
        archive: Path,
        file: Path,
        open_archive: Callable[[], Archive],
        *,
        begun: Begun | None = None,
        scope: Scope | None = None,
        saves: bool = True,
        today: Callable[[], date] = date.today,
        clock: Callable[[], float] = time.monotonic,
        config_file: Path | None = None,
    ) -> None:
        super().__init__()
        self._config_file = config_file
        self.today = today
        self.config = config
        self.archive = archive
        self.sessions_file = file
        self.crash: BaseException | None = None
        self._is_leaving = False
        self.reading = ArchiveThread(open_archive, "reading")
        self.asker = Asker(ArchiveThread(open_archive, "answering"), config, file, archive, today=today, saves=saves)
        self._begun = begun or Begun()
        self.chat = ChatScreen(
            self.asker,
            self.reading,
            Standing(config.model, config.k, scope or Scope()),
            archive=archive.name,
            keys=config.keys,
            complete=self._complete,
            obey=self._obey,
            clock=clock,
        )
        self.outlets: tuple[str, ...] = ()
        self.covered: tuple[date, date] | None = None
        self._models: tuple[str, ...] = ()
        self._names: tuple[str, ...] | None = None
        self._last_theme = ""

    def get_css_variables(self) -> dict[str, str]:
        """Return the colours of the theme; what a scroll bar runs in is not to be seen."""
        colours = super().get_css_variables()
        names = ("scrollbar-background", "scrollbar-background-hover", "scrollbar-background-active")
        return colours | dict.fromkeys((*names, "scrollbar-corner-color"), colours["background"])

    def get_default_screen(self) -> Screen[Any]:
        return self.chat

    def on_mount(self) -> None:
        self.set_keymap(dict(self.config.keys))
        theme = self.config.theme or read_theme(self.config.home)
        if theme in self.available_themes:
            self.theme = theme
        self._last_theme = self.theme
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        loop = asyncio.get_running_loop()
        for number, code in _SIGNALS.items():
            with suppress(NotImplementedError, RuntimeError, ValueError):  # not in a thread, not on every system
                loop.add_signal_handler(number, self.leave, code)

    # -- the archive ---------------------------------------------------------------------------------------------------

    @on(ChatScreen.Painted)
    @work(group="opening", exclusive=True)
    async def _open(self) -> None:
        begun = self._begun
        await load("assistant.recording")
        self.asker.begin(begun.session, name=begun.name, turns=begun.turns)
        if begun.turns:
            await load("assistant.tui.restoring")  # only for a conversation that is gone on with
            from assistant.tui.restoring import restored

            await self.chat.show_turns([saved_record(saved) for saved in begun.turns])
            now = self.chat.standing
            standing, notice = await restored(begun.turns, now, self.config, given=now.scope)
            self.chat.change_standing(standing)
            if notice:
                self.chat.say(notice, is_trouble=True)
        self.chat.has_begun.set()
        await self.open_archive()
        await load("assistant.tui.obeying")  # Not for the palette to wait for.

    async def open_archive(self) -> None:
        """Open the archive, or open it again, and say what it holds."""
        header, welcome = self.chat.header, self.chat.welcome
        try:
            status = await self.reading.run(lambda archive: archive.status())
        except TELLABLE as exc:
            missing = isinstance(exc, ArchiveMissing)
            header.state = "no archive yet" if missing else "cannot be opened"
            welcome.tell(told(exc))
            welcome.tell_none()
            return
        header.tell_counts(status.counts)
        if not status.counts.articles:
            welcome.tell("The archive is empty. Put articles into it with /add FILE…, or a folder.")
            welcome.tell_none()
            return
        self.outlets = tuple(name for name, _ in status.outlets if name)
        first, last = status.counts.first, status.counts.last
        self.covered = (first, last) if first and last else None
        welcome.tell(_sentence(coverage_text(status.counts, status.outlets)))
        with suppress(*TELLABLE):  # The first question will say what is wrong.
            await self.asker.warm_up()
        header.is_ready = True
        if not self.chat.transcript.records:
            self.offer()

    @work(group="offering", exclusive=True)
    async def offer(self) -> None:
        """Offer questions on the first screen."""
        await load("assistant.suggesting")  # only for a first screen
        from assistant.suggesting import suggest_questions

        try:
            offered = await self.reading.run(lambda archive: suggest_questions(archive, day=self.today()))
        except TELLABLE:
            return
        await self.chat.welcome.offer([suggestion.question for suggestion in offered])

    # -- commands ------------------------------------------------------------------------------------------------------

    async def _obey(self, screen: ChatScreen, text: str) -> bool:
        await load("assistant.tui.obeying", "assistant.sessions")  # only for a command
        from assistant.tui.obeying import obey

        try:
            await obey(self, text)
        except TELLABLE as exc:
            screen.say(told(exc), is_trouble=True)
            return False
        return True

    def _complete(self, text: str) -> Sequence[Completion]:
        from assistant.tui.obeying import completions  # only for a command

        return completions(self, text)

    def model_names(self) -> tuple[str, ...]:
        """Return the models known so far; the servers of this machine are asked meanwhile."""
        if not self._models:
            self._models = ("extractive", *self.config.models)
            self.call_later(self._ask_for_models)  # This runs in a thread of the box.
        return self._models

    @work
    async def _ask_for_models(self) -> None:
        await load("assistant.llm.listing")  # httpx comes with it
        from assistant.llm.listing import list_models

        try:
            found = await asyncio.to_thread(list_models, self.config)
        except DatelineError:
            return
        # One that ends in NAME stands for any of a provider's.
        names = [m.name for m in found if m.status in {"ready", "configured"} and not m.name.endswith(":NAME")]
        self._models = tuple(dict.fromkeys((*self._models, *names)))

    def names(self) -> tuple[str, ...]:
        """Return what articles name most, as far as it is known; where it is not, it is looked up meanwhile."""
        if self._names is None:
            self._names = ()
            self.call_later(self._look_up_names)  # This runs in a thread of the box.
        return self._names

    @work
    async def _look_up_names(self) -> None:
        with suppress(*TELLABLE):
            known = await self.reading.run(lambda archive: archive.roster().common_names(limit=_NAMES_OFFERED))
            self._names = tuple(known)

    # -- other screens -------------------------------------------------------------------------------------------------

    @work
    async def show_sessions(self, words: str) -> None:
        """Let a person choose a conversation to go on with."""
        await load("assistant.tui.obeying", "assistant.tui.sessions_view")
        from assistant.tui.obeying import resume
        from assistant.tui.sessions_view import SessionsView

        if self._shows(SessionsView):
            return
        current = self.asker.session
        chosen = await self.push_screen_wait(
            SessionsView(self.sessions_file, self.archive, current.id if current else None, words=words)
        )
        if chosen is not None:
            try:
                async with self.chat.taking:
                    await resume(self, chosen)
            except TELLABLE as exc:
                self.chat.say(told(exc), is_trouble=True)

    def on_sessions_view_deleted(self, event: SessionsView.Deleted) -> None:
        """Begin another conversation where the one on the screen was deleted: it could not be saved any more."""
        current = self.asker.session
        if current is not None and event.session.id == current.id:
            self.asker.forget_session()
            self.chat.header.session = ""

    def on_sessions_view_renamed(self, event: SessionsView.Renamed) -> None:
        current = self.asker.session
        if current is not None and event.session.id == current.id:
            self.asker.rename(event.session)
            self.chat.header.session = event.session.name or ""

    @work
    async def show_archive(self, words: str) -> None:
        """Look through the archive."""
        await load("assistant.tui.archive_view", "assistant.tui.reader")
        from assistant.tui.archive_view import ArchiveView
        from assistant.tui.reader import ArticleReader

        if self._shows(ArchiveView):
            return

        def read(article_id: str, find: str | None) -> Screen[Any]:
            return ArticleReader.of_article(self.reading, article_id, find=find)

        await self.push_screen_wait(ArchiveView(self.reading, read=read, words=words))

    @work(group="telling", exclusive=True)
    async def show_timeline(self, topic: str) -> None:
        """Look through what happened when on a topic."""
        await load("assistant.tui.telling")  # only for timelines and briefs
        from assistant.tui.telling import timeline_view

        await self.push_screen(timeline_view(self, topic))

    @work(group="telling", exclusive=True)
    async def show_brief(self, topic: str) -> None:
        """Look through what is new on a topic since its last brief."""
        await load("assistant.tui.telling")
        from assistant.tui.telling import brief_view

        try:
            view = await brief_view(self, topic)
        except TELLABLE as exc:
            self.chat.say(told(exc), is_trouble=True)
            return
        if view is not None:
            await self.push_screen(view)

    def action_help_about(self, context: Context) -> None:
        """Show the page of help from another screen than the chat's: first what can be done there."""
        self.show_help(context)

    @work
    async def show_help(self, about: Context = "chat") -> None:
        """Show the keys, the commands and the marks."""
        await load("assistant.tui.help_view")
        from assistant.tui.help_view import HelpView

        if not self._shows(HelpView):
            await self.push_screen(HelpView(self.config.keys, about=about))

    def _shows(self, kind: type[Screen[Any]]) -> bool:
        """Whether there is such a screen already: its key may have been pressed again while it was loaded."""
        return any(isinstance(screen, kind) for screen in self.screen_stack)

    @work(group="filling")
    async def add_sources(self, sources: Sequence[str]) -> None:
        """Put articles into the archive, in a process of their own, while the chat goes on."""
        await load("assistant.tui.adding")
        from assistant.tui.adding import Adding, AddOptions

        await self._follow(Adding(self.archive, sources, AddOptions(config=self._config_file)))

    @work(group="filling")
    async def embed_rest(self) -> None:
        """Embed what is not embedded yet, in a process of its own, while the chat goes on."""
        await load("assistant.tui.adding")
        from assistant.tui.adding import Embedding

        await self._follow(Embedding(self.archive, self._config_file))

    async def _follow(self, run: Adding | Embedding) -> None:
        from assistant.tui.adding import report_text

        line = await self.chat.adding_line()
        if line.is_adding:
            self.chat.say("the archive is being filled already; wait for it, or stop it", is_trouble=True)
            return
        await self.chat.tell(report_text(await line.follow(run)))
        # Whatever became of it: some of it may be there.
        await self.reading.renew()
        await self.asker.thread.renew()
        await self.open_archive()

    # -- the palette ---------------------------------------------------------------------------------------------------

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yield what the palette offers: what is of use of Textual's, and every action and command of the chat."""
        kept = _OF_TEXTUAL if screen is self.chat else (*_OF_TEXTUAL, "Keys")
        yield from (command for command in super().get_system_commands(screen) if command.title in kept)
        if screen is not self.chat:
            return
        for action in ACTIONS:
            if action.is_in_palette:
                yield SystemCommand(action.title, action.help, self._runner(action.id))
        from assistant.tui.commands import COMMANDS  # loaded behind the first screen

        for command in COMMANDS:
            offer = partial(self.chat.offer_command, command.name, takes_more=bool(command.argument))
            # Not its form: brackets would be markup here.
            yield SystemCommand(f"/{command.name}{' …' if command.argument else ''}", command.help, offer)

    def _runner(self, action: str) -> Callable[[], None]:
        def run() -> None:
            self.call_later(self.chat.run_action, action)

        return run

    # -- text from elsewhere -------------------------------------------------------------------------------------------

    async def on_event(self, event: Event) -> None:
        """Take what is pasted as the foreign text that it is: a field would show it with all that a terminal obeys."""
        if isinstance(event, Paste):
            event.text = plain(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        await super().on_event(event)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text without anything that the terminal it is pasted into would obey."""
        super().copy_to_clipboard(plain(text))

    # -- leaving -------------------------------------------------------------------------------------------------------

    def pop_screen(self) -> AwaitComplete:
        """Leave a screen; what it waits for is given up at once, while its parts are still there to be looked for.

        Textual does so when they are gone: a worker that went on in between would fail, and the program with it.
        """
        self.workers.cancel_node(self.screen)
        return super().pop_screen()

    async def action_quit(self) -> None:
        self.leave(0)

    def action_help_quit(self) -> None:
        """At Ctrl+C with nothing to copy and nothing to clear: stop what is being answered, else tell how to leave."""
        if self.chat.is_answering and not self.chat.is_stopping:
            self.chat.action_stop()
        else:
            kept = "the conversation is saved" if self.asker.saves else "nothing of this chat is saved"
            self.chat.say(f"{key_for('quit', self.config.keys)} leaves; {kept}")

    def _keep_theme(self, theme: Theme) -> None:
        """Let the chats to come look as this one does now, unless the config file says how they look."""
        if theme.name == self._last_theme:  # as at the beginning
            return
        self._last_theme = theme.name
        if self.config.theme is not None:
            self.chat.say(f"for now: the config file says theme = {self.config.theme!r}")
            return
        try:
            write_theme(self.config.home, theme.name)
        except OSError as exc:
            self.chat.say(f"for now: the theme cannot be kept: {told(exc)}", is_trouble=True)

    def get_driver_class(self) -> type[Driver]:
        """Return what drives the terminal: Textual's choice, but that a terminal may go away."""
        driver = super().get_driver_class()
        if driver.__name__ != "LinuxDriver":  # on Windows, or what TEXTUAL_DRIVER names
            return driver
        from assistant.tui.driver import TerminalDriver  # no such module on Windows

        return TerminalDriver

    def on_terminal_lost(self) -> None:
        self.leave(_SIGNALS[signal.SIGHUP])

    def leave(self, code: int) -> None:
        """End the program with an exit code; what is being answered is stopped and saved as far as it goes."""
        self._is_leaving = True
        self.chat.stop_all()
        self.exit(code, return_code=code)

    def close_threads(self) -> None:
        """Let the threads end, after the screen is gone; one that does not is left behind."""
        threads = (self.asker.thread, self.reading)
        for thread in threads:
            thread.close()
        for thread in threads:  # One that is still at work in a library of C++ when the process ends aborts it.
            thread.wait(_LEAVING_S)
        self.asker.close()

    def _fatal_error(self) -> None:
        """End after a bug without Textual's traceback, which prints the values of variables: keys among them."""
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """End after a bug that could print itself; it is not to."""
        del renderables
        self._close_messages_no_wait()

    def _handle_exception(self, error: Exception) -> None:
        if self._is_leaving:
            # What was still to be shown has lost its place: no bug, and no reason to end otherwise than was asked for.
            self._close_messages_no_wait()
            return
        # What failed in a worker is not chained to the error that says so.
        self.crash = self.crash or (error.error if isinstance(error, WorkerFailed) else error)
        super()._handle_exception(error)


def run_chat(app: ChatApp, home: Path) -> tuple[int, str]:
    """Run the chat to its end; return the exit code and, after a bug, a line that says where its report is."""
    try:
        code = app.run()
    finally:
        app.close_threads()
    if app.crash is None:
        return code or 0, ""
    path = write_crash_report(app.crash, home)
    kept = f"report what {str(path)!r} holds" if path else "no report could be written"
    return _BUG, f"this is a bug of dateline, not of yours: {type(app.crash).__name__}; {kept}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
