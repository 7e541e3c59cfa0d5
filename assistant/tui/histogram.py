"""Articles over time as a small plot, and the bin that is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Grid, Vertical
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Static
from textual_hires_canvas import Canvas
from textual_plot import AxisFormatter, HiResMode, PlotWidget

from assistant.tui.time_bins import Bin, TimeBins, bin_days

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from rich.style import Style
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

_EIGHTHS = "▁▂▃▄▅▆▇█"

# The columns on the left, for "999,999".
_MARGIN = 9

# Wider bars say nothing more.
_WIDEST = 6

# The frame that the plot draws around itself, on either side.
_FRAME = 1


class Histogram(Vertical, can_focus=True):
    """Plots how many articles each stretch of time has. ← and → look at a bin, Enter or a click chooses it."""

    DEFAULT_CSS = """
    Histogram { height: 9; padding: 0; }
    Histogram > _Plot { height: 1fr; background: $background; }
    Histogram > .caption { height: 1; color: $text-muted; }
    Histogram:focus > .caption { color: $foreground; text-style: bold; }
    Histogram > _Plot > .plot--axis { color: $panel; }
    Histogram > _Plot > .plot--tick { color: $text-muted; text-style: none; }
    Histogram > _Plot > .histogram--bar { color: $primary; }
    Histogram > _Plot > .histogram--picked { color: $accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Look", key_display="← →"),
        Binding("right", "step(1)", show=False),
        Binding("home", "step(-1000000)", show=False),
        Binding("end", "step(1000000)", show=False),
        Binding("enter", "choose", "Only these", key_display="Enter"),
    ]

    class Chosen(Message):
        """The articles of one bin alone are to be shown."""

        def __init__(self, bin: Bin) -> None:  # noqa: A002 - the word of the field
            super().__init__()
            self.bin = bin

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(id=id)
        self.bins = TimeBins()
        self._days: Sequence[tuple[date, int]] = ()
        self._undated = 0
        self._picked: int | None = None

    def compose(self) -> ComposeResult:
        yield _Plot()
        yield Static(classes="caption")

    @property
    def picked(self) -> Bin | None:
        """The bin that is looked at."""
        return self.bins.bins[self._picked] if self._picked is not None else None

    def show(self, days: Sequence[tuple[date, int]], *, undated: int) -> None:
        """Plot how many articles each day has, oldest first; ``undated`` ones are only told."""
        self._days, self._undated, self._picked = days, undated, None
        self._arrange()
        if self.has_focus:
            self.on_focus()

    def on_resize(self) -> None:
        self._arrange()

    def on_focus(self) -> None:
        if self._picked is None and self.bins.bins:
            self._pick(len(self.bins.bins) - 1)

    def action_step(self, step: int) -> None:
        if self.bins.bins:
            last = len(self.bins.bins) - 1
            self._pick(max(0, min(last, (last + 1 if self._picked is None else self._picked) + step)))

    def action_choose(self) -> None:
        if self.picked is not None and self.picked.count:
            self.post_message(self.Chosen(self.picked))

    def on_click(self, event: events.Click) -> None:
        """Look at the bin that is clicked, and choose it with the second click."""
        at = self.query_one(_Plot).bin_at(event.screen_x)
        if at is None:
            return
        if at == self._picked:
            self.action_choose()
        self._pick(at)

    def _pick(self, at: int) -> None:
        self._picked = at
        self.query_one(_Plot).pick(at)
        self._caption()

    def _arrange(self) -> None:
        """Gather the days into as many bins as there is room for, keeping to the time that is looked at."""
        columns = max(1, self.size.width - _MARGIN - 2 * _FRAME)
        looked_at = self.picked
        self.bins = bin_days(self._days, most=columns)
        self._picked = self.bins.at(looked_at.first) if looked_at else None
        cells = min(_WIDEST, columns // max(1, len(self.bins.bins)))
        plot = self.query_one(_Plot)
        plot.display = bool(self.bins.bins)
        plot.show(self.bins, self._picked, cells=max(1, cells))
        self._caption()

    def _caption(self) -> None:
        """Say what the bin holds, with a mark right below it: colour alone tells it from the others to some only."""
        caption = self.query_one(".caption", Static)
        picked, plot = self.picked, self.query_one(_Plot)
        if picked is None or self._picked is None:
            undated = f"{self._undated:,} without a date are not in it" if self._undated else ""
            told = [f"articles per {self.bins.length}" if self.bins.bins else "", undated]
            caption.update(Content(" " * (_MARGIN + _FRAME) + " · ".join(filter(None, told))))
            return
        text = f"{picked.name} · {picked.count:,} article{'s' if picked.count != 1 else ''}"
        column = plot.column_of(self._picked)
        fits_right = column + 2 + len(text) <= self.size.width
        line = " " * column + f"▲ {text}" if fits_right else f"{text} ▲".rjust(column + 1)
        caption.update(Content(line))


class _Labels(AxisFormatter):
    """Writes at each tick what was said beforehand."""

    def __init__(self, labels: dict[float, str]) -> None:
        self._labels = labels

    def get_ticks(self, min_: float, max_: float, max_ticks: int = 8) -> list[float]:
        del max_ticks
        return [tick for tick in self._labels if min_ <= tick <= max_]

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        return [self._labels[tick] for tick in ticks]


class _Canvas(Canvas):
    """Mends two things of textual-hires-canvas 0.14.

    Its filled rectangles are a pixel too wide, a bar's height then stands in its neighbour's column; and where nothing
    was drawn yet it gives a strip that NO_COLOR stumbles on.
    """

    def draw_filled_hires_rectangle(
        self, x0: float, y0: float, x1: float, y1: float, hires_mode: HiResMode | None = None, style: str = "white"
    ) -> None:
        """Fill whole columns up from ``y1``, to an eighth of a cell."""
        del hires_mode
        bottom, eighths = round(y1), max(1, round(8 * (y1 - y0)))
        whole, rest = divmod(eighths, 8)
        column = [*((bottom - 1 - i, _EIGHTHS[7]) for i in range(whole))]
        if rest:
            column.append((bottom - 1 - whole, _EIGHTHS[rest - 1]))
        for x in range(round(x0), round(x1)):
            for y, character in column:
                self.set_pixel(x, y, character, style)

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        return strip if strip.cell_length else Strip.blank(self.size.width, self.rich_style)


class _Plot(PlotWidget, can_focus=False, inherit_bindings=False):
    """Bars of whole cells, all of one width, in a frame that ends where they end. One of them may be picked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"histogram--bar", "histogram--picked"}
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self) -> None:
        super().__init__(allow_pan_and_zoom=False)
        # Set once: the canvas does not learn of a margin that changes.
        self.set_reactive(PlotWidget.margin_top, 0)
        self.set_reactive(PlotWidget.margin_bottom, 1)
        self.set_reactive(PlotWidget.margin_left, _MARGIN)
        self._bins = TimeBins()
        self._picked: int | None = None
        self._cells = 1

    def compose(self) -> ComposeResult:
        with Grid():
            for part in ("margin-top", "margin-left", "plot", "margin-bottom"):
                yield _Canvas(1, 1, id=part)
        yield Static(id="legend")

    def on_resize(self) -> None:
        self.draw()

    def show(self, bins: TimeBins, picked: int | None, *, cells: int) -> None:
        """Plot the bins, each so many cells wide."""
        self._bins, self._picked, self._cells = bins, picked, cells
        self.styles.width = _MARGIN + 2 * _FRAME + cells * len(bins.bins)
        self.draw()

    def pick(self, at: int) -> None:
        """Show another bar as the one that is looked at."""
        self._picked = at
        self.draw()

    def column_of(self, at: int) -> int:
        """Return the column of a bar's middle, from the left of the widget."""
        return _MARGIN + _FRAME + int((at + 0.5) * self._cells)

    def bin_at(self, screen_x: int) -> int | None:
        """Return which bar stands in a column of the screen."""
        at = (screen_x - self.region.x - _MARGIN - _FRAME) // self._cells
        return at if 0 <= at < len(self._bins.bins) else None

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_mounted:  # the colours of the bars are another theme's
            self.draw()

    def draw(self) -> None:
        """Draw the bars, even the lowest one so that it can be seen."""
        self.clear()
        bins = self._bins.bins
        if not bins or self.size.height <= self.margin_bottom + 2 * _FRAME:
            return
        highest = max(found.count for found in bins)
        self.set_xlimits(0, len(bins))
        self.set_ylimits(0, highest)
        self.set_yticks([0, highest])
        self.set_y_formatter(_Labels({0: "0", highest: _number(highest)}))
        labels = {i + 0.5: text for i, text in self._bins.labels(cells_per_bin=self._cells)}
        self.set_xticks(list(labels))
        self.set_x_formatter(_Labels(labels))
        plain, picked = (_colour(self.get_component_rich_style(f"histogram--{name}")) for name in ("bar", "picked"))
        gap = 1 / self._cells if self._cells > 2 else 0.0
        filled = [(i, found.count) for i, found in enumerate(bins) if found.count]
        self.bar(
            [i + 0.5 - gap / 2 for i, _ in filled],
            [count for _, count in filled],
            width=1 - gap,
            bar_style=[picked if i == self._picked else plain for i, _ in filled],
            hires_mode=HiResMode.HALFBLOCK,
        )


def _number(count: int) -> str:
    return f"{count:,}" if count < 1_000_000 else f"{count / 1e6:.1f} m"


def _colour(style: Style) -> str:
    return style.color.name if style.color else "default"
