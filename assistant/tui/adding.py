"""Filling the archive beside the chat: ``dateline add`` or ``embed`` in a process of its own, and a line about it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from assistant.durations import duration_text
from assistant.tui.plain_text import in_chat_words, shown_line
from store.cleaning import plain

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from textual.binding import BindingType

_COMMAND = "from assistant.cli import main; main()"

# A run that is told to end takes at most a batch of articles or vectors more: a second or two.
_GRACE_S = 5.0
_LEAVING_S = 1.0

# A line of progress is short; one report may name many thousand files.
_LONGEST_LINE = 1 << 16

# Of what was skipped so much is named: the conversation is not to be pushed out of sight.
_NAMED_SKIPPED = 5


@dataclass(frozen=True, slots=True)
class AddOptions:
    """The options of ``dateline add``: what holds for articles that name no outlet or day, and the settings' file."""

    outlet: str | None = None
    published: date | None = None
    config: Path | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is (``articles``, ``words``, ``vectors``, ``index``); ``total`` is None where nobody knows."""

    stage: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Added:
    """What was done, in articles. ``skipped`` has a place and a reason each; ``notices`` are for people."""

    added: int
    updated: int
    unchanged: int
    skipped: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Embedded:
    """How far embedding is, in words; ``notices`` are for people."""

    text: str
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """Why nothing is reported; what was done before stays."""

    message: str


Outcome: TypeAlias = Added | Embedded | Failed


class _Run:
    """One run of a command of ours that fills the archive. Make another one for another run."""

    def __init__(self, archive: Path, command: str, arguments: Sequence[str]) -> None:
        self._archive = archive
        self._command = command
        self._arguments = tuple(arguments)
        self._process: asyncio.subprocess.Process | None = None
        self._outputs: list[asyncio.Task[str]] = []
        self._is_cancelled = False

    async def events(self) -> AsyncGenerator[Progress | Outcome, None]:
        """Yield the progress of the run and, last, its outcome. Left before its end, or cancelled, it ends the run."""
        reading, writing = os.pipe()
        try:
            process = self._process = await self._start(writing)
        except OSError as exc:
            os.close(reading)
            yield Failed(f"cannot start a process: {exc.strerror}")
            return
        finally:
            os.close(writing)
        out, err = self._outputs = [asyncio.create_task(_rest(pipe)) for pipe in (process.stdout, process.stderr)]
        try:
            if self._is_cancelled:  # while it was started
                self.cancel()
            async with aclosing(_progress(reading)) as progress:
                async for event in progress:
                    yield event
            code = await process.wait()
            yield self._outcome(await out, _lines(await err), code)
        finally:
            await self.end()

    def cancel(self) -> None:
        """End the run as Ctrl+C would, and a little later whatever it says; what was added stays."""
        self._is_cancelled = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        _send(process, signal.SIGINT)
        asyncio.get_running_loop().call_later(_GRACE_S, _send, process, signal.SIGKILL)

    async def end(self) -> None:
        """End the run, in a second at most: killed, it loses the batch that it is at and nothing else."""
        process = self._process
        if process is None:
            return
        _send(process, signal.SIGINT)
        try:
            await asyncio.wait_for(process.wait(), _LEAVING_S)
        except TimeoutError:
            _send(process, signal.SIGKILL)
            await process.wait()
        await asyncio.wait(self._outputs)

    async def _start(self, writing: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", _COMMAND, "-a", str(self._archive.absolute()), self._command),
            *("--progress-fd", str(writing), *self._arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=(writing,),
            process_group=0,  # Ctrl+C on the terminal is for the chat alone.
        )

    def _outcome(self, out: str, err: Sequence[str], code: int) -> Outcome:
        raise NotImplementedError


class Adding(_Run):
    """One run of ``dateline add`` on files, folders and patterns."""

    def __init__(self, archive: Path, paths: Sequence[str], options: AddOptions | None = None) -> None:
        options = options or AddOptions()
        given = _given({"--outlet": options.outlet, "--date": options.published, "--config": options.config})
        super().__init__(archive, "add", ("--json", *given, "--", *paths))

    def _outcome(self, out: str, err: Sequence[str], code: int) -> Outcome:
        try:
            report: dict[str, Any] = json.loads(out)
        except ValueError:
            return Failed("stopped; what was added before stays" if self._is_cancelled else _last(err, code))
        skipped = tuple(
            f"{one['source']}{':' + str(one['line']) if one['line'] is not None else ''}: {one['reason']}"
            for one in report["skipped"]
        )
        notices = tuple(line for line in err if not line.removeprefix("dateline: ").startswith("skipped "))
        return Added(report["added"], report["updated"], report["unchanged"], skipped, notices)


class Embedding(_Run):
    """One run of ``dateline embed``, which goes on where the last one stopped; ``config`` is the settings' file."""

    def __init__(self, archive: Path, config: Path | None = None) -> None:
        super().__init__(archive, "embed", _given({"--config": config}))

    def _outcome(self, out: str, err: Sequence[str], code: int) -> Outcome:
        if out.strip():
            return Embedded(plain(out).strip(), tuple(err))
        stopped = "stopped; what is embedded is kept, and `dateline embed` goes on"
        return Failed(stopped if self._is_cancelled else _last(err, code))


def _given(options: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(part for name, value in options.items() if value is not None for part in (name, str(value)))


def _lines(err: str) -> list[str]:
    return [line for line in plain(err).splitlines() if line.strip()]


def _last(lines: Sequence[str], code: int) -> str:
    return lines[-1].removeprefix("dateline: ") if lines else f"the run ended with {code}"


def _send(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


async def _rest(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None  # piped
    return (await stream.read()).decode(errors="replace")


async def _progress(descriptor: int) -> AsyncGenerator[Progress, None]:
    """Yield what is written to a pipe until its other end is closed; close this one."""
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    pipe = os.fdopen(descriptor, "rb", buffering=0)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    try:
        while line := await reader.readline():
            told: dict[str, Any] = json.loads(line)
            yield Progress(told["stage"], told["done"], told["total"])
    finally:
        transport.close()


class AddingLine(Static, can_focus=True):
    """One line that says how a run goes; out of sight without one. Its ``stop`` ends the run.

    ``stop_key`` is the key that stops it from elsewhere, as people write it.
    """

    DEFAULT_CSS = """
    AddingLine {
        height: 1; text-wrap: nowrap; text-overflow: ellipsis; padding: 0 1; background: $panel; display: none;
    }
    AddingLine:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "stop", "Stop adding"),
        Binding("escape", "leave", "Back", show=False),
    ]

    def __init__(self, stop_key: str = "Esc", *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(id=id)
        self._stop_key = stop_key
        self._adding: Adding | Embedding | None = None
        self._articles = 0
        self._stage = ""
        self._began = 0.0

    @property
    def is_adding(self) -> bool:
        return self._adding is not None

    async def follow(self, adding: Adding | Embedding) -> Outcome:
        """Show a run until its end and return its outcome. Cancelled, it ends the run. One run at a time."""
        self._adding, self._articles, self._stage = adding, 0, ""
        self.display = True
        self._show("adding" if isinstance(adding, Adding) else "embedding")
        outcome: Outcome = Failed("stopped")
        try:
            async with aclosing(adding.events()) as events:
                async for event in events:
                    if isinstance(event, Progress):
                        self._show(self._told(event))
                    else:
                        outcome = event
        finally:
            self._adding = None
            self.display = False
        return outcome

    async def on_unmount(self) -> None:
        """End the run with the program."""
        if self._adding is not None:
            await self._adding.end()

    def action_stop(self) -> None:
        """End the run."""
        if self._adding is not None:
            self._show("stopping")
            self._adding.cancel()

    def action_leave(self) -> None:
        self.screen.focus_previous()

    def _told(self, progress: Progress) -> str:
        if progress.stage != self._stage:
            self._stage, self._began = progress.stage, time.monotonic()
        if progress.stage == "articles":
            self._articles = progress.done
        return progress_text(progress, self._articles, time.monotonic() - self._began)

    def _show(self, text: str) -> None:
        stop = Content.from_markup("[@click=stop]$key stops[/]", key=self._stop_key)
        self.update(shown_line(text).append(" · ").append(stop))


def progress_text(progress: Progress, articles: int, elapsed_s: float) -> str:
    """Return how far a run is in a line: how many articles it has read, and how long this stage takes."""
    done, total = progress.done, progress.total
    read = f"{articles:,} article{'s' if articles != 1 else ''}"
    was_read = f"{read} read · " if articles else ""  # None, where what was added before is embedded.
    if progress.stage == "articles":
        return f"adding {done:,} of {total:,}" if total else f"adding {read}"
    if progress.stage != "vectors":
        return f"{was_read}{'indexing their words' if progress.stage == 'words' else 'building the index'}"
    text = f"{was_read}embedding {100 * done // total if total else 0} %"
    if total and 0 < done < total and elapsed_s > 1:
        text += f" · {duration_text((total - done) * elapsed_s / done)} left"
    return text


def report_text(outcome: Outcome) -> str:
    """Return how a run ended: what was done in a line, then what was skipped and why, then what else is to be known."""
    return in_chat_words("\n".join(_report(outcome)))


def _report(outcome: Outcome) -> Iterator[str]:
    if isinstance(outcome, Failed):
        yield f"✗ {outcome.message}"
        return
    if isinstance(outcome, Embedded):
        yield f"Embedding: {outcome.text}"
    else:
        counted = {
            "added": outcome.added,
            "updated": outcome.updated,
            "unchanged": outcome.unchanged,
            "skipped": len(outcome.skipped),
        }
        done = ", ".join(f"{count:,} {name}" for name, count in counted.items() if count)
        yield f"Articles: {done or 'none was found'}"
        yield from (f"  skipped {what}" for what in outcome.skipped[:_NAMED_SKIPPED])
        more = len(outcome.skipped) - _NAMED_SKIPPED
        if more > 0:
            yield f"  and {more:,} more; `dateline add --dry-run PATH …` names them all"
    yield from outcome.notices
