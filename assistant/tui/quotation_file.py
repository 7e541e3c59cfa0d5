"""A quotation written to a file, for terminals without a clipboard: never over what is there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from assistant.tui.plain_text import shown, shown_line
from store.cleaning import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

_SHOWN_CHARS = 240


class QuotationFile(ModalScreen[Path | None]):
    """Asks for a name, writes ``text`` and gives where. A file that is there already is only added to, after asking."""

    DEFAULT_CSS = """
    QuotationFile {
        align: center middle;
        & > Vertical {
            width: 84; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $surface;
            border: round $foreground 30%;
        }
        & Static { height: auto; }
        & #file-title { text-style: bold; }
        & #file-text { color: $text-muted; margin: 1 0; }
        & Input { border: none; height: 1; padding: 0 1; background: $foreground 8%; }
        & Input:focus { border: none; background: $foreground 8%; text-style: bold; }
        & #file-trouble { color: $text-error; margin: 1 0 0 0; }
        & #file-keys { color: $text-muted; margin: 1 0 0 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "Leave")]

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self._text = text
        self._name = plain(name)
        self._added_to: Path | None = None

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("Write the quotation to a file", id="file-title")
            yield Static(shown_line(_shortened(self._text)), id="file-text")
            yield Input(self._name, id="file-name")
            yield Static(id="file-trouble")
            yield Static("Enter Write   Esc Leave it", id="file-keys")

    def on_mount(self) -> None:
        self.query_one("#file-trouble").display = False
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        self.dismiss(None)

    @on(Input.Submitted)
    def _write_to(self, event: Input.Submitted) -> None:
        event.stop()
        self._write(event.value.strip())

    @work(group="writing", exclusive=True)
    async def _write(self, name: str) -> None:
        path = Path(name)
        try:
            path = Path(name).expanduser()
            await asyncio.to_thread(_append if path == self._added_to else _write_new, path, self._text)
        except FileExistsError:
            self._added_to = path
            self._tell(f"{path} is there already: Enter adds the quotation at its end, another name begins a file")
        except (OSError, ValueError, RuntimeError) as exc:
            self._tell(f"cannot write {name!r}: {exc}")
        else:
            self.dismiss(path)

    def _tell(self, text: str) -> None:
        trouble = self.query_one("#file-trouble", Static)
        trouble.display = True
        trouble.update(Content("✗ ").append(shown(text)))


def _write_new(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write(f"{text}\n")


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS // 2]} … {text[-_SHOWN_CHARS // 2 :]}"
