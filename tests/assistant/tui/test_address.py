from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.widgets import Static

from assistant.tui.address import Address, AddressScreen, read_address
from tests.assistant.tui.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

COURIER = "https://courier.example/ferry?id=1#top"


class Host(App[None]):
    def __init__(self, screen: AddressScreen) -> None:
        super().__init__()
        self.asked = screen
        self.given: list[bool | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.asked, self.given.append)


def said(screen: AddressScreen, part: str) -> str:
    static = screen.query_one(f"#address-{part}", Static)
    return str(static.render()) if static.display else ""


# -- what can be opened ------------------------------------------------------------------------------------------------


def test_a_page_is_opened_at_its_own_address() -> None:
    assert read_address(COURIER) == Address(COURIER, "courier.example", "courier.example", "", is_encrypted=True)


@pytest.mark.parametrize(
    ("stored", "opened", "host"),
    [
        ("HTTP://Courier.Example:8080/A", "http://courier.example:8080/A", "courier.example"),
        ("https://bücher.example/straße?q=ä b", "https://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%A4%20b", None),
        ("https://аррӏе.example/", "https://xn--80ak6aa92e.example/", None),
        ("https://courier.example@evil.example/", "https://courier.example@evil.example/", "evil.example"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x", "[2001:db8::1]"),
        ("https://a.example/%5B1%5D\\x", "https://a.example/%5B1%5D%5Cx", "a.example"),
    ],
)
def test_an_address_is_spelt_out_in_ascii(stored: str, opened: str, host: str | None) -> None:
    address = read_address(stored)

    assert address is not None
    assert (address.url, address.host) == (opened, host or opened.split("/")[2])


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "courier.example/ferry",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://courier.example/",
        "https://",
        "https:///ferry",
        "https://courier.example:99999/",
        "https://courier.example\\@evil.example/",
        "https://cou rier.example/",
        "https://courier.example/\x1b]0;x\x07",
        "https://courier.example/\u202egnp.exe",
        "https://straße.example/",
        "https://courier%2eexample/",
        "https://[::1",
        "https://-x.example/",
        "--help",
        "https://.example/",
    ],
)
def test_what_is_no_page_or_whose_host_is_in_doubt_is_not_opened(stored: str) -> None:
    assert read_address(stored) is None


# -- the screen --------------------------------------------------------------------------------------------------------


async def test_a_host_that_is_written_otherwise_is_told() -> None:
    screen = AddressScreen("http://user@аррӏе.example/", lambda _: True)

    async with Host(screen).run_test(size=(80, 24)):
        assert said(screen, "url") == "http://user@xn--80ak6aa92e.example/"
        assert said(screen, "host") == "host: xn--80ak6aa92e.example"
        assert said(screen, "warning").splitlines() == [
            "(!) The host is written ‘аррӏе.example’ in the article.",
            "(!) ‘user’ before the @ is a user, not the host.",
            "(!) The page comes unencrypted.",
        ]


async def test_the_page_is_opened_once_outside_the_event_loop() -> None:
    threads: list[threading.Thread] = []
    screen = AddressScreen(COURIER, remembering(threads, works=True))
    host = Host(screen)

    async with host.run_test(size=(80, 24)) as pilot:
        assert said(screen, "warning") == ""
        await pilot.press("enter", "enter")
        await until(pilot, lambda: host.given)
        assert host.given == [True]
        assert len(threads) == 1
        assert threads[0] is not threading.main_thread()


async def test_without_a_browser_the_address_stays_to_be_copied() -> None:
    screen = AddressScreen(COURIER, remembering([], works=False))
    host = Host(screen)

    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.click("#address-open")
        await until(pilot, lambda: "there is no browser" in said(screen, "trouble"))
        await pilot.press("c")
        assert host.clipboard == COURIER
        await pilot.press("escape")
        await until(pilot, lambda: host.given == [False])


async def test_what_cannot_be_opened_is_shown_and_not_opened() -> None:
    threads: list[threading.Thread] = []
    screen = AddressScreen("javascript:alert('[b]x[/b]')", remembering(threads, works=True))
    host = Host(screen)

    async with host.run_test(size=(80, 24)) as pilot:
        assert said(screen, "url") == "javascript:alert('[b]x[/b]')"
        assert "It is not opened" in said(screen, "warning")
        await pilot.press("enter", "c")
        assert host.clipboard == "javascript:alert('[b]x[/b]')"
        assert not threads


def remembering(threads: list[threading.Thread], *, works: bool) -> Callable[[str], bool]:
    def open_page(_: str) -> bool:
        threads.append(threading.current_thread())
        return works

    return open_page
