"""Looking through the archive: what is listed, narrowed, searched and read, and what hostile articles do not do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

from assistant.tui.archive_thread import ArchiveThread
from assistant.tui.archive_view import ArchiveView
from assistant.tui.article_table import PAGE, ArticleTable
from assistant.tui.histogram import Histogram
from assistant.tui.hit_list import HitList
from store.archive import create_archive, open_archive
from store.records import ArticleRef, Draft, day_of
from tests.assistant.tui.waiting import until
from tests.hostile_text import HOSTILE
from tests.invented import invented

pytestmark = pytest.mark.anyio

OpenThread = Callable[[Path], ArchiveThread]


class Reader(Screen[None]):
    """Stands for the article reader."""

    BINDINGS = [("escape", "dismiss", "Back")]  # noqa: RUF012 - as in Textual

    def compose(self) -> ComposeResult:
        yield Static("an article")


class Host(App[None]):
    """Opens the view, and writes down what was read and what the view gave."""

    def __init__(self, reading: ArchiveThread, **options: Any) -> None:
        super().__init__()
        self.opened: list[tuple[str, str | None]] = []
        self.given: list[ArticleRef | None] = []
        self.view = ArchiveView(reading, read=self._read, **options)

    def on_mount(self) -> None:
        self.push_screen(self.view, self.given.append)

    def _read(self, article_id: str, words: str | None) -> Screen[Any]:
        self.opened.append((article_id, words))
        return Reader()

    @property
    def title_line(self) -> str:
        return str(self.view.query_one("#archive-title", Static).content)

    @property
    def told(self) -> str:
        line = self.view.query_one("#archive-told", Static)
        return str(line.content) if line.display else ""

    @property
    def table(self) -> ArticleTable:
        return self.view.query_one(ArticleTable)

    @property
    def hits(self) -> HitList:
        return self.view.query_one(HitList)

    def listed(self) -> list[str]:
        """Return the headlines of the lines that are here."""
        refs = (self.table.ref(i) for i in range(min(self.table.total, PAGE)))
        return [ref.headline for ref in refs if ref is not None]

    def lines(self) -> list[str]:
        strips = self.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


async def until_listed(pilot: Pilot[Any], app: Host, total: int) -> None:
    await until(pilot, lambda: f"{total:,} " in app.title_line and app.table.total == total)
    await until(pilot, lambda: len(app.listed()) == min(total, PAGE))


async def fill(pilot: Pilot[Any], app: Host, field: str, text: str) -> None:
    app.view.query_one(f"#archive-{field}", Input).value = text
    await pilot.pause()


@pytest.fixture
def open_thread() -> Iterator[OpenThread]:
    """Give a function that opens an archive in a thread."""
    threads: list[ArchiveThread] = []

    def open_one(path: Path) -> ArchiveThread:
        threads.append(ArchiveThread(lambda: open_archive(path), "reading"))
        return threads[-1]

    yield open_one
    for thread in threads:
        thread.close()
        thread.wait(10)


def make_archive(path: Path, drafts: Iterable[Draft]) -> Path:
    with create_archive(path, embedder=None) as archive:
        archive.add(drafts)
    return path


# -- the list ----------------------------------------------------------------------------------------------------------


async def test_all_articles_are_listed_newest_first_and_the_other_way_round(reading: ArchiveThread) -> None:
    app = Host(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_listed(pilot, app, 22)
        newest, title = app.listed(), app.title_line
        await pilot.press("r")
        await until(pilot, lambda: "oldest first" in app.title_line and len(app.listed()) == 22)
        oldest = app.listed()
        in_order = [ref.headline for ref in await reading.run(lambda archive: list(archive.articles()))]

        assert title == "Archive · 22 articles · 2019-12-27 to 2020-01-11 · newest first"
        assert newest == oldest[::-1]
        assert sorted(oldest) == sorted(in_order)
        assert app.lines()[0].startswith(" Archive · 22 articles")


async def test_filters_leave_what_fits_and_say_how_many(reading: ArchiveThread) -> None:
    app = Host(reading)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_listed(pilot, app, 22)
        await fill(pilot, app, "since", "2020-01-08")
        await until_listed(pilot, app, 7)
        by_day = app.title_line
        await fill(pilot, app, "outlets", "meridian, lantern post")
        await until_listed(pilot, app, 3)
        await fill(pilot, app, "headline", "americ")
        await until_listed(pilot, app, 1)
        headlines, days = app.listed(), app.view.query_one(Histogram).bins.bins
        await pilot.press("z")
        await until_listed(pilot, app, 22)

        assert by_day == "Archive · 7 of 22 articles · 2020-01-08 to 2020-01-11 · newest first"
        assert len(headlines) == 1
        assert "Americans" in headlines[0]
        assert [(found.first, found.count) for found in days] == [(date(2020, 1, 8), 1)]


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("since", "20", "✗ '20' is not a day; write it as 2020-01-02, 2020-01 or 2020"),
        ("outlets", "gazette", "✗ the archive has no outlet 'gazette'; what fits is shown while you type; → takes it"),
        ("headline", "zebra", "No article fits what is typed above."),
    ],
)
async def test_what_cannot_be_filtered_by_is_told(reading: ArchiveThread, field: str, text: str, told: str) -> None:
    app = Host(reading)
    async with app.run_test(size=(120, 30)) as pilot:
        await until_listed(pilot, app, 22)
        await fill(pilot, app, field, text)
        await until(pilot, lambda: app.told)
        said = app.told
        await fill(pilot, app, field, "")
        await until(pilot, lambda: not app.told)

        assert said == told


async def test_what_is_read_for_a_view_that_is_being_left_is_for_nobody(reading: ArchiveThread) -> None:
    app = Host(reading)
    async with app.run_test(size=(120, 30)) as pilot:
        await until_listed(pilot, app, 22)
        listing = app.view._listing
        assert listing is not None
        await app.view.query_children().remove()

        pages = app.view._load_pages(listing, (0,), newest_first=True)
        counted, outlets = app.view._load(), app.view._load_outlets()
        await app.workers.wait_for_complete([pages, counted, outlets])

        assert [one.is_finished for one in (pages, counted, outlets)] == [True] * 3


async def test_contradicting_days_are_told(reading: ArchiveThread) -> None:
    app = Host(reading)
    async with app.run_test(size=(120, 30)) as pilot:
        await until_listed(pilot, app, 22)
        await fill(pilot, app, "since", "2020-02")
        await fill(pilot, app, "until", "2020-01")
        await until(pilot, lambda: "✗" in app.told)

        assert "2020-02-01" in app.told


async def test_an_outlet_is_completed_by_tab_and_tab_goes_on_where_it_is_complete(reading: ArchiveThread) -> None:
    app = Host(reading)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_listed(pilot, app, 22)
        await pilot.press("o", *"the l")
        await until(pilot, lambda: app.view.query_one("#archive-outlets", Input)._suggestion == "The Lantern Post")
        await pilot.press("tab")
        completed = app.view.query_one("#archive-outlets", Input).value
        await pilot.press("tab")
        focused = app.focused
        await pilot.press("enter")

        assert completed == "The Lantern Post"
        assert focused is not None
        assert focused.id == "archive-headline"
        assert app.focused is app.table


async def test_a_bin_narrows_and_z_widens_again(reading: ArchiveThread) -> None:
    app = Host(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_listed(pilot, app, 22)
        await fill(pilot, app, "until", "2020-01-10")
        await until_listed(pilot, app, 20)
        await pilot.press("t", "left", "left", "enter")  # from 9 January back to the day of the airliner
        await until(pilot, lambda: app.view.query_one("#archive-since", Input).value)
        since, until_day = (app.view.query_one(f"#archive-{name}", Input).value for name in ("since", "until"))
        await until(pilot, lambda: len(app.listed()) == app.table.total < 20)
        days = {day_of(ref.published) for i in range(app.table.total) if (ref := app.table.ref(i))}
        await pilot.press("z")
        await until_listed(pilot, app, 20)
        await pilot.press("z")
        await until_listed(pilot, app, 22)

        assert since == until_day == "2020-01-07"
        assert days == {date(2020, 1, 7)}


# -- reading -----------------------------------------------------------------------------------------------------------


async def test_enter_reads_the_marked_article_and_escape_gives_it(reading: ArchiveThread) -> None:
    app = Host(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_listed(pilot, app, 22)
        await pilot.press("down", "down", "up", "enter")
        await until(pilot, lambda: isinstance(app.screen, Reader))
        second = app.table.ref(1)
        await pilot.press("escape", "escape")
        await pilot.pause()

        assert second is not None
        assert app.opened == [(second.id, None)]
        assert app.given == [second]


async def test_a_click_reads_the_article_it_is_on(reading: ArchiveThread) -> None:
    app = Host(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_listed(pilot, app, 22)
        await pilot.click(ArticleTable, offset=(20, 3))
        await until(pilot, lambda: isinstance(app.screen, Reader))
        fourth = app.table.ref(3)

        assert fourth is not None
        assert app.opened == [(fourth.id, None)]


async def test_escape_leaves_the_field_first_and_gives_nothing_where_nothing_was_read(reading: ArchiveThread) -> None:
    app = Host(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_listed(pilot, app, 22)
        await pilot.press("f", "escape")
        focused, table, given = app.focused, app.table, list(app.given)
        await pilot.press("escape")
        await pilot.pause()

        assert (focused, given) == (table, [])
        assert app.given == [None]


# -- searching ---------------------------------------------------------------------------------------------------------


async def test_a_search_lists_passages_and_reads_one_at_its_place(reading: ArchiveThread) -> None:
    app = Host(reading)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_listed(pilot, app, 22)
        await pilot.press("slash", *"reaper drone", "enter")
        await until(pilot, lambda: app.hits.hits)
        await pilot.pause()
        title, seen = app.title_line, "\n".join(app.lines())
        best = app.hits.hits[0]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Reader))
        body = (await reading.run(lambda archive: archive.article(best.passage.article.id))).body

        articles = len({hit.passage.article.id for hit in app.hits.hits})
        assert title == f"Archive · the {len(app.hits.hits)} best passages, of {articles} articles"
        assert best.passage.article.headline in seen
        article_id, words = app.opened[0]
        assert article_id == best.passage.article.id
        assert words
        assert words in " ".join(body.split())
        assert "Reaper" in words or "drone" in words


async def test_a_search_keeps_to_the_filter_and_says_so(reading: ArchiveThread) -> None:
    app = Host(reading)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_listed(pilot, app, 22)
        await fill(pilot, app, "outlets", "Lantern Post")
        await fill(pilot, app, "since", "2020-01-05")
        await until(pilot, lambda: app.table.total < 22)
        await pilot.press("slash", *"Tehran", "enter")
        await until(pilot, lambda: app.hits.hits and "only" in app.title_line)
        title = app.title_line
        await pilot.press("escape")
        await pilot.pause()

        assert title.endswith(" · only since 2020-01-05, of The Lantern Post")
        assert {hit.passage.article.outlet for hit in app.hits.hits} == {"The Lantern Post"}
        assert " of 22 articles" in app.title_line
        assert app.focused is app.table


async def test_words_given_at_the_beginning_are_searched_for(reading: ArchiveThread) -> None:
    app = Host(reading, words="airliner")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.hits.hits)
        await until(pilot, lambda: app.focused is app.hits)

        assert "passages" in app.title_line
        assert app.view.query_one("#archive-query", Input).value == "airliner"


async def test_a_search_that_finds_nothing_says_so(tmp_path: Path, open_thread: OpenThread) -> None:
    app = Host(open_thread(make_archive(tmp_path / "a", [invented(1)])))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"zebra", "enter")
        await until(pilot, lambda: "No passage" in app.told)

        assert "nothing found" in app.title_line


# -- much, none, broken, hostile ---------------------------------------------------------------------------------------


async def test_far_down_only_the_pages_in_sight_are_held(tmp_path: Path, open_thread: OpenThread) -> None:
    drafts = (replace(invented(i, sentences=1), published=None if i < 300 else date(2017, 1, 1)) for i in range(4_000))
    app = Host(open_thread(make_archive(tmp_path / "a", drafts)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_listed(pilot, app, 4_000)
        await pilot.press("end")
        await until(pilot, lambda: app.table.ref(3_999))
        last, held = app.table.ref(3_999), len(app.table._pages)
        for _ in range(30):
            await pilot.press("pageup")
        await pilot.press("home")
        await until(pilot, lambda: app.table.cursor == 0 and app.table.ref(0))
        first = app.table.ref(0)

        assert (first and first.headline, last and last.headline) == ("Harbour log 3999", "Harbour log 299")
        assert app.title_line.endswith("4,000 articles · 2017-01-01 · newest first · 300 without a date")
        assert held <= 4
        assert len(app.table._pages) <= 30


async def test_what_is_added_meanwhile_is_counted(tmp_path: Path, open_thread: OpenThread) -> None:
    path = make_archive(tmp_path / "a", (invented(i) for i in range(400)))
    thread = open_thread(path)
    app = Host(thread)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_listed(pilot, app, 400)
        make_archive(path, [invented(500)])
        await pilot.press("end")
        await until_listed_again(pilot, app, 401)
        await thread.renew()  # as after an `add`
        await pilot.press("home")
        await until(pilot, lambda: app.table.ref(0))


async def until_listed_again(pilot: Pilot[Any], app: Host, total: int) -> None:
    await until(pilot, lambda: app.table.total == total and app.table.ref(app.table.cursor))


async def test_an_empty_archive_says_how_to_fill_it(tmp_path: Path, open_thread: OpenThread) -> None:
    app = Host(open_thread(make_archive(tmp_path / "a", [])))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.told)
        await pilot.press("down", "enter", "end", "t", "enter", "r", "z")

        assert app.told == "The archive is empty. Put articles into it with /add FILE…, or a folder."
        assert app.opened == []


async def test_a_missing_archive_is_told_with_what_helps(tmp_path: Path, open_thread: OpenThread) -> None:
    app = Host(open_thread(tmp_path / "none"))
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: app.told)

        assert app.told == f"✗ there is no archive at '{tmp_path / 'none'}'; make one with /add FILE…"


async def test_a_file_that_breaks_is_told(tmp_path: Path, open_thread: OpenThread) -> None:
    path = make_archive(tmp_path / "a", [invented(1)])
    app = Host(open_thread(path))
    async with app.run_test(size=(120, 24)) as pilot:
        await until_listed(pilot, app, 1)
        with sqlite3.connect(path / "archive.sqlite3") as db:
            db.execute("DROP TABLE full_text")
        db.close()
        await fill(pilot, app, "headline", "log")
        await until(pilot, lambda: "cannot be read" in app.told)
        await pilot.press("slash", *"log", "enter")
        await until(pilot, lambda: "cannot be read" in app.told)


async def test_hostile_articles_are_only_text(tmp_path: Path, open_thread: OpenThread) -> None:
    drafts = [
        replace(
            invented(i, sentences=1), headline=f"{text} log", outlet=f"{text} {i}", body=f"the log said {text} here"
        )
        for i, text in enumerate(HOSTILE.values())
    ]
    app = Host(open_thread(make_archive(tmp_path / "a", drafts)), words="log")
    async with app.run_test(size=(100, 50)) as pilot:
        await until(pilot, lambda: app.hits.hits)
        await pilot.press("end", "home")
        found = app.lines()
        await pilot.press("escape", "end", "home")
        await until(pilot, lambda: len(app.listed()) == len(drafts))
        await pilot.press("o", "p", "a", "tab")
        listed = app.lines()

        control = [c for line in [*found, *listed] for c in line if ord(c) < 32 or 0x7F <= ord(c) < 0xA0]
        assert control == []


@pytest.mark.parametrize("size", [(200, 60), (80, 24), (60, 15), (40, 10), (20, 5)])
async def test_any_size_will_do_without_colour(
    reading: ArchiveThread, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Host(reading)
    async with app.run_test(size=size) as pilot:
        await until_listed(pilot, app, 22)
        await pilot.press("t", "left", "end", "slash", *"drone", "enter")
        await until(pilot, lambda: app.hits.hits)
        await pilot.resize_terminal(90, 30)
        await pilot.press("escape")
        await until(pilot, lambda: "22 articles" in app.title_line)
