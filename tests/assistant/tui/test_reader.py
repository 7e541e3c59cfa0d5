from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.app import App
from textual.widgets import Input, OptionList, Static
from textual.widgets._footer import FooterKey

from assistant.conversation import Citation
from assistant.tui.address import AddressScreen
from assistant.tui.archive_thread import ArchiveThread
from assistant.tui.article_view import ArticleView
from assistant.tui.print_list import PrintList
from assistant.tui.quotation_file import QuotationFile
from assistant.tui.reader import ArticleReader
from store.archive import Archive
from store.errors import ArchiveDamaged, ArticleMissing
from store.records import Article, ArticleRef, Hit, Passage
from tests.assistant.tui.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from textual.pilot import Pilot
    from textual.screen import Screen

pytestmark = pytest.mark.anyio

FERRY = Article(
    ArticleRef(
        "ferry-1",
        "Ferry sinks off Skelby",
        outlet="Harbour Courier",
        authors=("Ida Holm",),
        published=date(2017, 6, 7),
        modified=date(2017, 6, 9),
        url="https://courier.example/ferry",
        section="Coast",
        place="SKELBY",
    ),
    "The ferry Morning Star sank off Skelby on Wednesday.\nAll 212 people were brought ashore, the coastguard said.\n"
    "The cause isn’t known.",
)
COPY = Article(
    ArticleRef("ferry-2", "Ferry lost", outlet="The Post", published=date(2017, 6, 8)),
    "Late on Wednesday a ferry was lost. All 212 people were brought ashore, the coastguard said.",
)
COUNCIL = Article(
    ArticleRef("council-1", "Council meets", outlet="The Post", published=date(2017, 6, 10)),
    "\n".join(f"Item {number}: the council spoke of the ferry." for number in range(1, 61)),
)
SAVED = "All 212 people were brought ashore"


class Shelf:
    """An archive of a few articles, where ``errors`` are raised instead of what is asked for."""

    def __init__(self, *articles: Article) -> None:
        self.articles = {article.ref.id: article for article in articles}
        self.errors: dict[str, Exception] = {}

    def article(self, article_id: str) -> Article:
        if article_id in self.errors:
            raise self.errors[article_id]
        found = [article for name, article in self.articles.items() if name.startswith(article_id)]
        if len(found) != 1:
            raise ArticleMissing(f"no article {article_id!r}")
        return found[0]

    def close(self) -> None:
        pass


class Host(App[None]):
    """Shows a reader, and keeps what it gives and what was copied."""

    def __init__(self, reader: ArticleReader) -> None:
        super().__init__()
        self.reader = reader
        self.given: list[int | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.reader, self.given.append)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(FERRY, COPY, COUNCIL)


@pytest.fixture
def shelved(shelf: Shelf) -> Iterator[ArchiveThread]:
    thread = ArchiveThread(lambda: as_archive(shelf), "reading")
    yield thread
    thread.close()
    thread.wait(10)


def as_archive(shelf: Shelf) -> Archive:
    """Return a shelf for an archive: the reader asks for articles alone."""
    archive: Any = shelf
    return archive  # type: ignore[no-any-return]


def cite(article: Article, quote: str, number: int = 1, copies: tuple[ArticleRef, ...] = ()) -> Citation:
    start = article.body.index(quote)
    passage = Passage(f"{article.ref.id}:{start}", article.ref, 0, start, start + len(quote), quote)
    return Citation(number, Hit(passage, 1, 0.0, "fused", copies), start, start + len(quote), quote)


@asynccontextmanager
async def opened(reader: ArticleReader, size: tuple[int, int] = (100, 30)) -> AsyncIterator[tuple[Host, Pilot[None]]]:
    host = Host(reader)
    async with host.run_test(size=size) as pilot:
        await until(pilot, lambda: reader.query(ArticleView) and not said(reader, "trouble").startswith("(!) opening"))
        await until(pilot, lambda: not view_of(reader).body or view_of(reader).is_laid_out)
        await pilot.pause()
        yield host, pilot


def view_of(reader: ArticleReader) -> ArticleView:
    return reader.query_one(ArticleView)


def said(reader: ArticleReader, part: str) -> str:
    static = reader.query_one(f"#{part}", Static)
    return str(static.render()) if static.display else ""


def position(reader: ArticleReader) -> str:
    return str(reader.query_one("#head").border_subtitle or "").strip()


def lines(reader: ArticleReader) -> list[str]:
    """Return the lines of the article that are in sight."""
    view = view_of(reader)
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


def styled(reader: ArticleReader, attribute: str) -> str:
    """Return what is in sight of the text in one style: 'reverse', 'underline'."""
    view = view_of(reader)
    segments = [segment for y in range(view.size.height) for segment in view.render_line(y)]
    return " ".join(s.text.strip() for s in segments if s.style and getattr(s.style, attribute) and s.text.strip())


def shown_keys(reader: ArticleReader) -> dict[str, str]:
    """Return the keys in the footer that do something, with their names."""
    bindings = reader.active_bindings.values()
    return {b.binding.key: b.binding.description for b in bindings if b.binding.show and b.enabled and b.node is reader}


# -- reading -----------------------------------------------------------------------------------------------------------


async def test_the_cited_span_is_marked_with_its_number_and_the_article_described(shelved: ArchiveThread) -> None:
    citations = [
        cite(FERRY, "The ferry Morning Star", 1),
        cite(FERRY, SAVED, 2, (COPY.ref,)),
        cite(COUNCIL, "Item 40: the council", 3),
    ]
    reader = ArticleReader(shelved, citations, 1)

    async with opened(reader):
        assert said(reader, "headline") == "Ferry sinks off Skelby"
        assert said(reader, "byline") == (
            "Harbour Courier · by Ida Holm · SKELBY · 7 June 2017 · Coast · modified 9 June 2017"
        )
        assert said(reader, "address") == "https://courier.example/ferry"
        assert said(reader, "prints") == "also printed by The Post, 8 June 2017 (c)"
        assert said(reader, "trouble") == ""
        assert position(reader) == "citation 2 of 3 · characters 53–87"
        assert [line.strip() for line in lines(reader) if line.strip()] == [
            "[1]  The ferry Morning Star sank off Skelby on Wednesday.",
            "[2]▌ All 212 people were brought ashore, the coastguard said.",
            "The cause isn’t known.",
        ]
        assert styled(reader, "reverse") == SAVED
        assert styled(reader, "underline") == "The ferry Morning Star"


async def test_n_and_p_go_through_the_citations_into_other_articles_and_the_last_one_is_given(
    shelved: ArchiveThread,
) -> None:
    citations = [cite(FERRY, SAVED, 1), cite(COUNCIL, "Item 40: the council", 2), cite(FERRY, "The cause", 3)]
    reader = ArticleReader(shelved, citations)

    async with opened(reader, (80, 24)) as (host, pilot):
        await pilot.press("p")
        assert position(reader).startswith("citation 1 of 3")
        await pilot.press("n")
        await until(pilot, lambda: said(reader, "headline") == "Council meets" and view_of(reader).is_laid_out)
        assert position(reader).startswith("citation 2 of 3")
        in_sight = lines(reader)
        cited = next(
            y for y, line in enumerate(in_sight) if line.endswith("[2]▌ Item 40: the council spoke of the ferry.")
        )
        assert abs(cited - len(in_sight) // 2) <= 1
        await pilot.press("n")
        await until(pilot, lambda: styled(reader, "reverse") == "The cause")
        assert "n" not in shown_keys(reader)
        await pilot.press("n", "p")
        await until(pilot, lambda: position(reader).startswith("citation 2 of 3"))
        await pilot.press("escape")
        await until(pilot, lambda: host.given)
        assert host.given == [1]


async def test_a_place_that_was_found_and_not_cited_has_no_number(shelved: ArchiveThread) -> None:
    reader = ArticleReader(shelved, [cite(FERRY, SAVED, 1), cite(FERRY, "The cause", 0)], 1)

    async with opened(reader):
        assert position(reader) == "found, not cited: 1 of 1 · characters 110–119"
        assert styled(reader, "reverse") == "The cause"
        assert "[0]" not in "".join(lines(reader))


async def test_an_article_is_read_without_citations_from_the_words_looked_for(shelved: ArchiveThread) -> None:
    reader = ArticleReader.of_article(shelved, "council-1", find="ITEM 55")

    async with opened(reader) as (host, pilot):
        await until(pilot, lambda: styled(reader, "reverse") == "Item 55")
        assert "n" not in shown_keys(reader)
        assert position(reader) == f"{len(COUNCIL.body):,} characters"
        await pilot.press("escape", "escape")
        await until(pilot, lambda: host.given)
        assert host.given == [None]


async def test_resizing_keeps_the_citation_in_sight(shelved: ArchiveThread) -> None:
    reader = ArticleReader(shelved, [cite(COUNCIL, "Item 40: the council")])

    async with opened(reader, (200, 60)) as (_, pilot):
        await pilot.resize_terminal(30, 20)
        await until(pilot, lambda: styled(reader, "reverse") == "Item 40: the council")


async def test_every_key_of_a_pager_scrolls(shelved: ArchiveThread) -> None:
    reader = ArticleReader.of_article(shelved, "council-1")

    async with opened(reader, (80, 24)) as (_, pilot):
        view = view_of(reader)
        page, end = view.size.height - 2, view.max_scroll_y
        reached = []
        for key in ["j", "down", "k", "up", "space", "pagedown", "b", "pageup", "G", "g", "end", "home"]:
            await pilot.press(key)
            await pilot.pause()
            reached.append(view.scroll_offset.y)
        assert reached == [1, 2, 1, 0, page, 2 * page, page, 0, end, 0, end, 0]


# -- what is not as it was ---------------------------------------------------------------------------------------------


async def test_a_quotation_that_moved_is_found_where_it_is_now(shelved: ArchiveThread, shelf: Shelf) -> None:
    citation = cite(FERRY, SAVED, 4)
    shelf.articles["ferry-1"] = replace(FERRY, body=f"Updated at noon.\n{FERRY.body}")
    reader = ArticleReader(shelved, [citation])

    async with opened(reader):
        assert "has changed since the answer was written: the quotation stands elsewhere" in said(reader, "trouble")
        assert position(reader) == "citation 1 of 1 · characters 70–104"
        assert styled(reader, "reverse") == SAVED


async def test_a_quotation_that_is_gone_is_shown_as_it_was_saved(shelved: ArchiveThread, shelf: Shelf) -> None:
    citation = cite(FERRY, SAVED, 4)
    shelf.articles["ferry-1"] = replace(FERRY, body="All but one were saved.")
    reader = ArticleReader(shelved, [citation])

    async with opened(reader) as (host, pilot):
        assert f"no longer says: “{SAVED}”" in said(reader, "trouble")
        assert "All but one were saved." in "\n".join(lines(reader))
        assert styled(reader, "reverse") == ""
        await pilot.press("y")
        assert host.clipboard.endswith("(ferry-1:53-87)")


async def test_of_a_removed_article_the_quotation_stays(shelved: ArchiveThread, shelf: Shelf) -> None:
    citation = cite(FERRY, SAVED, 4)
    shelf.articles = {"ferry-12": COPY}
    reader = ArticleReader(shelved, [citation])

    async with opened(reader):
        assert "the archive no longer holds this article" in said(reader, "trouble")
        assert said(reader, "headline") == "Ferry sinks off Skelby"
        assert styled(reader, "reverse") == SAVED


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ArchiveDamaged("the archive is damaged", hint="run `dateline check`"), "is damaged; run `dateline check`"),
        (sqlite3.OperationalError("disk I/O error"), "disk I/O error; `dateline check` says more"),
    ],
)
async def test_an_error_of_the_archive_is_a_line(
    shelved: ArchiveThread, shelf: Shelf, error: Exception, line: str
) -> None:
    shelf.errors["ferry-1"] = error
    reader = ArticleReader(shelved, [cite(FERRY, SAVED), cite(COUNCIL, "Item 3")])

    async with opened(reader) as (_, pilot):
        assert line in said(reader, "trouble")
        await pilot.press("n")
        await until(pilot, lambda: styled(reader, "reverse") == "Item 3")
        assert said(reader, "trouble") == ""


# -- other prints ------------------------------------------------------------------------------------------------------


async def test_c_reads_the_other_print_and_comes_back(shelved: ArchiveThread) -> None:
    reader = ArticleReader(shelved, [cite(FERRY, SAVED, 1, (COPY.ref,))])

    async with opened(reader) as (host, pilot):
        await pilot.press("c")
        await until(pilot, lambda: said(reader, "headline") == "Ferry lost" and view_of(reader).is_laid_out)
        assert "another print than the one that is cited (Harbour Courier)" in said(reader, "trouble")
        assert styled(reader, "reverse") == SAVED
        await pilot.press("y")
        assert host.clipboard == f"“{SAVED}” — The Post, “Ferry lost”, 8 June 2017 (ferry-2:36-70)"
        await pilot.click("#prints")
        await until(pilot, lambda: said(reader, "headline") == "Ferry sinks off Skelby" and not said(reader, "trouble"))


async def test_one_of_many_prints_is_chosen_and_one_that_is_gone_is_a_line(shelved: ArchiveThread) -> None:
    gone = ArticleRef("ferry-9", "", outlet="Morning Herald")
    reader = ArticleReader(shelved, [cite(FERRY, SAVED, 1, (COPY.ref, gone))])

    async with opened(reader) as (host, pilot):
        await pilot.press("c")
        await until(pilot, lambda: isinstance(host.screen, PrintList))
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: "does not hold this print" in said(reader, "trouble"))
        assert position(reader) == "citation 1 of 1"
        await pilot.press("c")
        await until(pilot, lambda: isinstance(host.screen, PrintList))
        assert host.screen.query_one(OptionList).highlighted == 2
        await pilot.press("home", "enter")
        await until(pilot, lambda: styled(reader, "reverse") == SAVED)


# -- searching ---------------------------------------------------------------------------------------------------------


async def test_searching_counts_and_goes_round(shelved: ArchiveThread) -> None:
    reader = ArticleReader(shelved, [cite(COUNCIL, "Item 1: the council")])

    async with opened(reader) as (_, pilot):
        await pilot.press("slash", *"tem 6")
        await until(pilot, lambda: said(reader, "find-count") == "1 of 2")
        assert styled(reader, "reverse") == "Item 1: the council tem 6"
        await pilot.press("enter")
        await until(pilot, lambda: said(reader, "find-count") == "2 of 2" and "tem 6" in styled(reader, "reverse"))
        await pilot.press("enter", "shift+enter")
        await until(pilot, lambda: said(reader, "find-count") == "2 of 2")
        await pilot.press("tab", "N")
        await until(pilot, lambda: said(reader, "find-count") == "1 of 2")
        await pilot.click("#find-next")
        await until(pilot, lambda: said(reader, "find-count") == "2 of 2")
        await pilot.press("escape")
        await until(pilot, lambda: not styled(reader, "reverse"))
        assert reader.is_current


async def test_letters_typed_into_the_search_are_no_commands(shelved: ArchiveThread) -> None:
    reader = ArticleReader(shelved, [cite(FERRY, SAVED), cite(FERRY, "The cause", 2)])

    async with opened(reader) as (host, pilot):
        await pilot.press("slash", *"nope yes, w q")
        await until(pilot, lambda: said(reader, "find-count") == "not found")
        assert position(reader).startswith("citation 1 of 2")
        assert host.clipboard == ""
        assert set(shown_keys(reader)) == {"escape", "f1", "ctrl+underscore", "ctrl+slash"}


# -- quoting -----------------------------------------------------------------------------------------------------------


async def test_y_copies_the_quotation_with_its_source(shelved: ArchiveThread) -> None:
    reader = ArticleReader(shelved, [cite(FERRY, SAVED)])

    async with opened(reader) as (host, pilot):
        assert shown_keys(reader)["y"] == "Copy quote"
        await pilot.press("y")
        assert host.clipboard == (
            f"“{SAVED}” — Harbour Courier, “Ferry sinks off Skelby”, 7 June 2017, https://courier.example/ferry "
            "(ferry-1:53-87)"
        )
        await until(pilot, lambda: len(host._notifications) == 1)
        assert "copied the quotation" in next(iter(host._notifications)).message


async def test_y_copies_what_is_selected_and_says_so_in_the_footer(shelved: ArchiveThread) -> None:
    reader = ArticleReader(shelved, [cite(FERRY, SAVED)])

    async with opened(reader) as (host, pilot):
        row = next(y for y, line in enumerate(lines(reader)) if "Morning" in line)
        column = lines(reader)[row].index("Morning")
        view = view_of(reader)
        await pilot.mouse_down(view, offset=(column, row))
        await pilot.hover(view, offset=(column + len("Morning Star") - 1, row))
        await pilot.mouse_up(view, offset=(column + len("Morning Star") - 1, row))
        await until(pilot, lambda: shown_keys(reader)["y"] == "Copy selection")
        await pilot.press("y")
        assert host.clipboard.startswith("“Morning Star” — Harbour Courier")
        assert host.clipboard.endswith("(ferry-1:10-22)")
        await pilot.press("escape")
        await until(pilot, lambda: shown_keys(reader)["y"] == "Copy quote")
        assert reader.is_current


async def test_two_clicks_select_a_word_and_three_its_paragraph(shelved: ArchiveThread) -> None:
    reader = ArticleReader.of_article(shelved, "ferry-1")

    async with opened(reader) as (host, pilot):
        row = next(y for y, line in enumerate(lines(reader)) if "isn’t" in line)
        place = (lines(reader)[row].index("isn’t") + 1, row)
        await pilot.click(ArticleView, offset=place, times=2)
        await pilot.press("y")
        assert host.clipboard.startswith("“isn’t” — ")
        await pilot.click(ArticleView, offset=place, times=3)
        await pilot.press("y")
        assert host.clipboard.startswith("“The cause isn’t known.” — ")


async def test_without_a_citation_y_copies_the_paragraph_at_the_top(shelved: ArchiveThread) -> None:
    reader = ArticleReader.of_article(shelved, "council-1")

    async with opened(reader, (80, 24)) as (host, pilot):
        assert shown_keys(reader)["y"] == "Copy top paragraph"
        await pilot.press("j", "j", "y")
        assert host.clipboard.startswith("“Item 2: the council spoke of the ferry.” — The Post")


async def test_w_writes_the_quotation_and_never_over_a_file(
    shelved: ArchiveThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    reader = ArticleReader(shelved, [cite(FERRY, SAVED)])

    async with opened(reader) as (host, pilot):
        for name in ("2017-06-07-harbour-courier-ferry-sinks-off-skelby-53-87.txt", "mine.txt"):
            await pilot.press("w")
            await until(pilot, lambda: isinstance(host.screen, QuotationFile))
            if name == "mine.txt":
                (tmp_path / name).write_text("first\n")
                host.screen.query_one(Input).value = name
            await pilot.press("enter")
            if name == "mine.txt":
                await until(pilot, lambda: "is there already" in str(host.screen.query_one("#file-trouble").render()))
                assert (tmp_path / name).read_text() == "first\n"
                await pilot.press("enter")
            await until(pilot, lambda: host.screen is reader)
            assert SAVED in (tmp_path / name).read_text()
        assert (tmp_path / "mine.txt").read_text().startswith("first\n\n“All 212")


async def test_a_file_that_cannot_be_written_is_a_line(shelved: ArchiveThread, tmp_path: Path) -> None:
    reader = ArticleReader(shelved, [cite(FERRY, SAVED)])

    async with opened(reader) as (host, pilot):
        await pilot.press("w")
        await until(pilot, lambda: isinstance(host.screen, QuotationFile))
        host.screen.query_one(Input).value = str(tmp_path / "none" / "x.txt")
        await pilot.press("enter")
        await until(pilot, lambda: "cannot write" in str(host.screen.query_one("#file-trouble").render()))
        await pilot.press("escape")
        await until(pilot, lambda: host.screen is reader)


async def test_what_is_too_long_for_a_clipboard_is_not_copied(shelved: ArchiveThread, shelf: Shelf) -> None:
    shelf.articles["long"] = Article(ArticleRef("long", "Long"), "word " * 20_000)
    reader = ArticleReader.of_article(shelved, "long")

    async with opened(reader) as (host, pilot):
        await pilot.press("y")
        await until(pilot, lambda: host._notifications)
        assert host.clipboard == ""
        assert "too long" in next(iter(host._notifications)).message


# -- the page ----------------------------------------------------------------------------------------------------------


async def test_o_opens_the_stored_address_after_asking(shelved: ArchiveThread) -> None:
    pages: list[str] = []
    reader = ArticleReader(shelved, [cite(FERRY, SAVED)], open_page=opener(pages))

    async with opened(reader) as (host, pilot):
        for key in ("escape", "enter"):
            await pilot.press("o")
            await until(pilot, lambda: isinstance(host.screen, AddressScreen))
            assert pages == []
            await pilot.press(key)
            await until(pilot, lambda: host.screen is reader)
        assert pages == ["https://courier.example/ferry"]


async def test_an_article_without_an_address_has_none_to_open(shelved: ArchiveThread) -> None:
    reader = ArticleReader.of_article(shelved, "council-1")

    async with opened(reader) as (host, pilot):
        assert "o" not in shown_keys(reader)
        await pilot.press("o")
        assert host.screen is reader


def opener(pages: list[str], *, works: bool = True) -> Callable[[str], bool]:
    def open_page(url: str) -> bool:
        pages.append(url)
        return works

    return open_page


# -- hostile text ------------------------------------------------------------------------------------------------------

HOSTILE = [
    "[@click=app.bell]x[/]",
    "[/]",
    "[/nope] [bold",
    "\x1b]52;c;cm0gLXJmIH4=\x07",
    "\x9d52;c;cm0=\x9c \x1b[2J",
    "\u202efdp.exe \u2066x",
    "$primary {0} %s",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_in_every_field_is_only_text(shelved: ArchiveThread, shelf: Shelf, text: str) -> None:
    ref = ArticleRef(
        "bad",
        text,
        outlet=text,
        authors=(text, text),
        published=date(2017, 6, 7),
        url=f"https://evil.example/{text}",
        section=text,
        place=text,
    )
    body = f"{text} and {text} was said.\nThen {text}."
    shelf.articles["bad"] = bad = Article(ref, body)
    copy = replace(ref, id=f"copy{text}")
    reader = ArticleReader(shelved, [cite(bad, f"{text} was said", 1, (copy, copy)), cite(bad, text, 2)])

    async with opened(reader, (120, 40)) as (host, pilot):
        painted = plain_screen(host)
        assert not set(painted) & {"\x1b", "\x9d", "\x9c", "\x07", "\u202e", "\u2066"}
        if text.isprintable():
            assert painted.count(text) >= 8
        for key, screen in (("o", AddressScreen), ("w", QuotationFile), ("c", PrintList)):
            await pilot.press(key)
            await until(pilot, partial(is_at, host, screen))
            assert "\x1b" not in plain_screen(host)
            await pilot.press("escape")
            await until(pilot, lambda: host.screen is reader)
        await pilot.press("y", "n")
        await until(pilot, lambda: position(reader).startswith("citation 2"))
        assert "\x1b" not in host.clipboard


def is_at(host: Host, screen: type[Screen[Any]]) -> bool:
    return isinstance(host.screen, screen)


def plain_screen(host: Host) -> str:
    compositor = host.screen._compositor
    return "\n".join("".join(segment.text for segment in line) for line in compositor.render_strips())


# -- the real archive --------------------------------------------------------------------------------------------------


async def test_an_article_of_an_archive_is_read(reading: ArchiveThread) -> None:
    refs: Sequence[ArticleRef] = await reading.run(lambda archive: list(archive.articles()))
    reader = ArticleReader.of_article(reading, refs[0].id)

    async with opened(reader):
        assert said(reader, "headline") == refs[0].headline
        assert len([line for line in lines(reader) if line.strip()]) > 5


async def test_where_there_is_no_other_print_its_key_says_so(shelved: ArchiveThread) -> None:
    reader = ArticleReader(shelved, [cite(FERRY, SAVED)])
    async with opened(reader, (80, 24)) as (host, pilot):
        await pilot.press("c")
        await until(pilot, lambda: host._notifications)

        assert [told.message for told in host._notifications] == ["no other prints of this article are known here"]
        assert reader.screen is host.screen


async def test_every_key_is_in_the_footer_of_a_small_window(shelved: ArchiveThread) -> None:
    """Between two others, with the quotation to be copied: nothing more can be done than that."""
    citations = [cite(FERRY, SAVED, number) for number in (1, 2, 3)]
    reader = ArticleReader(shelved, citations, 1)
    async with opened(reader, (80, 24)) as (_, _):
        keys = list(reader.query(FooterKey))

        told = [key.description for key in keys]
        assert told == ["Next", "Previous", "Copy quote", "Save", "Prints", "Page", "Find", "Close", "Help"]
        assert max(key.region.right for key in keys) <= 80
