"""The plot above the articles: what it draws, what is looked at, what is chosen, at any size."""

from __future__ import annotations

from datetime import date

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from assistant.tui.histogram import Histogram
from assistant.tui.time_bins import Bin
from tests.assistant.tui.waiting import until

pytestmark = pytest.mark.anyio

DAYS = ((date(2020, 1, 3), 4), (date(2020, 1, 4), 1), (date(2020, 1, 7), 8))


class Host(App[None]):
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[Bin] = []

    def compose(self) -> ComposeResult:
        yield Histogram()

    def on_histogram_chosen(self, event: Histogram.Chosen) -> None:
        self.chosen.append(event.bin)

    @property
    def histogram(self) -> Histogram:
        return self.query_one(Histogram)

    def lines(self) -> list[str]:
        """Return the plot as it is seen, without the blanks at the right."""
        strips = self.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips][:9]


async def test_bars_are_as_high_as_their_counts_and_labelled() -> None:
    app = Host()
    async with app.run_test(size=(60, 12)) as pilot:
        app.histogram.show(DAYS, undated=0)
        await until(pilot, lambda: "█" in "".join(app.lines()))

        drawn = app.lines()

    assert [line[10:] for line in drawn[1:6]] == [
        "                        █████ ┃",
        "                        █████ ┃",
        "▄▄▄▄▄                   █████ ┃",
        "█████                   █████ ┃",
        "█████ ▅▅▅▅▅             █████ ┃",
    ]
    assert (drawn[0].split()[0], drawn[6].split()[0]) == ("8", "0")
    assert [drawn[7].split(), drawn[8].strip()] == [["3", "Jan", "5", "Jan", "7", "Jan"], "articles per day"]


async def test_a_bin_is_looked_at_with_the_arrows_and_chosen_with_enter() -> None:
    app = Host()
    async with app.run_test(size=(60, 12)) as pilot:
        app.histogram.show(DAYS, undated=2)
        await pilot.pause()
        without = str(app.query_one(".caption", Static).content).strip()
        app.histogram.focus()
        await pilot.press("left", "enter", "home", "right", "enter", "left", "enter")
        await pilot.pause()

    assert without == "articles per day · 2 without a date are not in it"
    # Where there is nothing, nothing is chosen.
    assert [found.name for found in app.chosen] == ["4 Jan 2020", "3 Jan 2020"]


async def test_the_mark_stands_below_its_bar() -> None:
    app = Host()
    async with app.run_test(size=(60, 12)) as pilot:
        app.histogram.show(DAYS, undated=0)
        app.histogram.focus()
        await until(pilot, lambda: "▲" in app.lines()[8] and "█" in app.lines()[5])
        last, column = app.lines()[8], app.lines()[8].index("▲")
        over = app.lines()[5][column]
        await pilot.press("home")
        await until(pilot, lambda: "3 Jan 2020" in app.lines()[8])
        first = app.lines()[8]

    assert over == "█"
    assert last.strip() == "7 Jan 2020 · 8 articles ▲"  # no room on its right
    assert first.strip() == "▲ 3 Jan 2020 · 4 articles"


async def test_a_click_looks_at_a_bar_and_a_second_one_chooses_it() -> None:
    app = Host()
    async with app.run_test(size=(60, 12)) as pilot:
        app.histogram.show(DAYS, undated=0)
        await until(pilot, lambda: "█" in "".join(app.lines()))
        await pilot.click(Histogram, offset=(11, 4))
        picked, chosen = app.histogram.picked, list(app.chosen)
        await pilot.click(Histogram, offset=(11, 4))
        await pilot.click(Histogram, offset=(58, 4))  # beside the plot
        await pilot.pause()

    assert (picked, chosen) == (Bin(date(2020, 1, 3), date(2020, 1, 3), "3 Jan 2020", 4), [])
    assert app.chosen == [picked]


@pytest.mark.parametrize("size", [(200, 60), (80, 24), (30, 9), (12, 4), (5, 2)])
async def test_any_size_will_do(size: tuple[int, int]) -> None:
    app = Host()
    async with app.run_test(size=size) as pilot:
        app.histogram.show([(date(year, 1, 1), year) for year in range(1600, 2026)], undated=1)
        app.histogram.focus()
        await pilot.press("left", "left")
        await pilot.resize_terminal(80, 24)
        await pilot.press("left")
        await until(pilot, lambda: "█" in "".join(app.lines()))

        assert sum(found.count for found in app.histogram.bins.bins) == sum(range(1600, 2026))


async def test_no_colour_and_no_articles_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.histogram.show([], undated=0)
        app.histogram.focus()
        await pilot.press("left", "enter", "right")
        app.histogram.show(DAYS, undated=0)
        await until(pilot, lambda: "█" in "".join(app.lines()))
        app.theme = "textual-light"
        await pilot.pause()

    assert app.chosen == []
