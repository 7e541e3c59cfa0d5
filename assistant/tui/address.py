"""The address of an article, spelt out so that nobody is led elsewhere, and opened when a person says so."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote, urlsplit, urlunsplit

from textual import on, work
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Click
from textual.screen import ModalScreen
from textual.widgets import Static

from assistant.tui.plain_text import shown_line
from store.cleaning import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]")
_SAFE = "%/?:@!$&'()*+,;=~-._[]"


@dataclass(frozen=True, slots=True)
class Address:
    """An address that can be opened: ``url`` and ``host`` in ASCII, ``written_host`` as the article has it.

    ``user`` is what stands before an '@' and looks like a host to who reads from the left.
    """

    url: str
    host: str
    written_host: str
    user: str
    is_encrypted: bool


def read_address(url: str) -> Address | None:
    """Return a stored URL as it can be opened, or None: only web pages, and only where the host is beyond doubt."""
    try:
        parts = urlsplit(url.strip())
        written, port = parts.hostname or "", parts.port
        host = written.encode("idna").decode("ascii").lower()
        # What an older standard spells otherwise than browsers do ('ß') does not come back as it was.
        is_faithful = host.encode("ascii").decode("idna") == written
    except (ValueError, UnicodeError):
        return None
    host = f"[{host}]" if ":" in host else host
    if parts.scheme not in {"http", "https"} or not is_faithful or not _HOST.fullmatch(host):
        return None
    # Browsers take a backslash for the end of the host.
    if "\\" in parts.netloc or re.search(r"\s", parts.netloc) or plain(url) != url:
        return None
    user = parts.netloc.rpartition("@")[0]
    netloc = (f"{quote(user, safe=':%')}@" if user else "") + host + (f":{port}" if port is not None else "")
    rest = (quote(part, safe=_SAFE) for part in (parts.path, parts.query, parts.fragment))
    return Address(urlunsplit((parts.scheme, netloc, *rest)), host, written, user, parts.scheme == "https")


class AddressScreen(ModalScreen[bool]):
    """Shows an address, opens it when that is confirmed, and gives whether it was opened.

    Where no browser takes it, the address stays to be copied. ``open_page`` is called in a thread.
    """

    DEFAULT_CSS = """
    AddressScreen {
        align: center middle;
        & > VerticalScroll {
            width: 84; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $surface;
            border: round $foreground 30%;
        }
        & Static { height: auto; }
        & #address-title { text-style: bold; margin: 0 0 1 0; }
        & #address-warning { color: $text-warning; margin: 1 0 0 0; }
        & #address-trouble { color: $text-error; margin: 1 0 0 0; }
        & #address-keys {
            height: 1; margin: 1 0 0 0;
            & > Static { width: auto; margin: 0 3 0 0; color: $text-muted; pointer: pointer; }
            & > Static:hover { text-style: underline; }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter,y", "open", "Open"),
        ("c", "copy", "Copy"),
        ("escape,n,q", "leave", "Leave"),
    ]

    def __init__(self, url: str, open_page: Callable[[str], bool]) -> None:
        super().__init__()
        self._stored = url
        self._address = read_address(url)
        self._open_page = open_page
        self._is_opening = False

    def compose(self) -> ComposeResult:
        address = self._address
        with VerticalScroll():
            title = "Open this page in the browser?" if address else "The address of the article"
            yield Static(title, id="address-title")
            yield Static(shown_line(address.url if address else self._stored), id="address-url")
            if address:
                yield Static(Content("host: ").append(shown_line(address.host).stylize("bold")), id="address-host")
            yield Static(Content("\n").join(_warnings(address)), id="address-warning")
            yield Static(id="address-trouble")
            with Horizontal(id="address-keys"):
                if address:
                    yield Static("Enter Open", id="address-open")
                yield Static("c Copy the address", id="address-copy")
                yield Static("Esc Leave it", id="address-leave")

    def on_mount(self) -> None:
        self.query_one("#address-trouble").display = False
        self.query_one("#address-warning").display = bool(list(_warnings(self._address)))

    @on(Click, "#address-open")
    def action_open(self) -> None:
        """Open the page, once."""
        if self._address is not None and not self._is_opening:
            self._is_opening = True
            self._tell("opening …")
            self._open(self._address.url)

    @on(Click, "#address-copy")
    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._address.url if self._address else plain(self._stored))
        self._tell("the address is in the clipboard, where the terminal lets programs write to it")

    @on(Click, "#address-leave")
    def action_leave(self) -> None:
        self.dismiss(False)

    @work(group="opening")
    async def _open(self, url: str) -> None:
        is_opened = await asyncio.to_thread(self._open_page, url)
        self._is_opening = False
        if is_opened:
            self.dismiss(True)
        else:
            self._tell("there is no browser to open it with from here: select the address above, or copy it with c")

    def _tell(self, text: str) -> None:
        trouble = self.query_one("#address-trouble", Static)
        trouble.display = True
        trouble.update(Content(text))


def _warnings(address: Address | None) -> list[Content]:
    """Return what is to be known before the address is opened, a line each."""
    if address is None:
        return [Content("It is not opened: it is no web page, or its host cannot be told beyond doubt.")]
    told = []
    if address.host.strip("[]") != address.written_host:
        told.append(Content("(!) The host is written ").append(shown_line(f"‘{address.written_host}’ in the article.")))
    if address.user:
        told.append(Content("(!) ").append(shown_line(f"‘{address.user}’ before the @ is a user, not the host.")))
    if not address.is_encrypted:
        told.append(Content("(!) The page comes unencrypted."))
    return told
