"""Adding beside the chat: what is told on the way and at the end, and that nothing is left running."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Input
from textual.worker import Worker

from assistant.tui.adding import (
    Added,
    Adding,
    AddingLine,
    AddOptions,
    Embedded,
    Embedding,
    Failed,
    Outcome,
    Progress,
    progress_text,
    report_text,
)
from store.archive import open_archive
from store.locking import writer_lock
from tests.assistant.tui.waiting import until
from tests.command_line import child_environment
from tests.invented import invented

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the children find the code under test, and nothing of whoever runs the test."""
    home = child_environment(HOME=str(tmp_path), DATELINE_HOME=str(tmp_path / "home"))
    for name in ("HOME", "DATELINE_HOME", "PYTHONPATH"):
        monkeypatch.setenv(name, home[name])


def write_articles(path: Path, number: int, *, sentences: int = 3) -> Path:
    drafts = (invented(i, sentences=sentences) for i in range(number))
    lines = (json.dumps({"id": draft.id, "headline": draft.headline, "body": draft.body}) for draft in drafts)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


async def all_of(adding: Adding | Embedding) -> list[Progress | Outcome]:
    return [event async for event in adding.events()]


def process_of(adding: Adding) -> asyncio.subprocess.Process:
    assert adding._process is not None
    return adding._process


def is_running(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


# -- the run -----------------------------------------------------------------------------------------------------------


async def test_a_run_tells_its_stages_and_then_what_it_did(tmp_path: Path) -> None:
    file = write_articles(tmp_path / "logs.jsonl", 60)
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.4\n\0\0")

    *progress, outcome = await all_of(Adding(tmp_path / "archive", [str(file), str(tmp_path / "x.pdf")]))

    assert isinstance(outcome, Added)
    assert outcome == Added(60, 0, 0, skipped=outcome.skipped)
    assert len(outcome.skipped) == 1
    assert outcome.skipped[0].startswith(f"{tmp_path / 'x.pdf'}: ")
    assert all(isinstance(event, Progress) for event in progress)
    assert progress[0] == Progress("articles", 60, None)
    last = [event for event in progress if isinstance(event, Progress) and event.stage == "vectors"][-1]
    assert last.done == last.total
    with open_archive(tmp_path / "archive") as archive:
        assert archive.counts().vectors == archive.counts().passages == last.total


async def test_options_hold_for_articles_that_name_none(tmp_path: Path) -> None:
    (tmp_path / "-odd name.txt").write_text("Ferry sinks\n\nThe ferry sank at noon.", encoding="utf-8")
    options = AddOptions(outlet="The Skelby Post", published=date(2017, 3, 5))

    *_, outcome = await all_of(Adding(tmp_path / "archive", [str(tmp_path / "-odd name.txt")], options))

    assert outcome == Added(1, 0, 0)
    with open_archive(tmp_path / "archive") as archive:
        (ref,) = archive.articles()
    assert (ref.outlet, ref.published) == ("The Skelby Post", date(2017, 3, 5))


async def test_a_path_that_looks_like_an_option_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("--help.txt").write_text("Ferry sinks\n\nThe ferry sank at noon.", encoding="utf-8")

    *_, outcome = await all_of(Adding(tmp_path / "archive", ["--help.txt"]))

    assert isinstance(outcome, Added)
    assert (outcome.added, outcome.skipped) == (1, ())


async def test_what_gives_no_article_says_why(tmp_path: Path) -> None:
    *_, outcome = await all_of(Adding(tmp_path / "archive", [str(tmp_path / "none.txt"), "-"]))

    assert isinstance(outcome, Added)
    assert report_text(outcome).startswith(f"Articles: 2 skipped\n  skipped {tmp_path / 'none.txt'}: ")
    assert outcome.notices == ()


async def test_an_archive_that_another_process_writes_to_is_told(tmp_path: Path) -> None:
    file = write_articles(tmp_path / "logs.jsonl", 1)
    archive = tmp_path / "archive"
    await all_of(Adding(archive, [str(file)]))

    with writer_lock(archive):
        (outcome,) = await all_of(Adding(archive, [str(file)]))

    assert isinstance(outcome, Failed)
    assert "another process" in outcome.message


async def test_settings_that_are_wrong_are_told_as_the_command_line_tells_them(tmp_path: Path) -> None:
    config = tmp_path / "own.toml"
    config.write_text("embedder = 3\n", encoding="utf-8")
    file = write_articles(tmp_path / "logs.jsonl", 1)

    (outcome,) = await all_of(Adding(tmp_path / "archive", [str(file)], AddOptions(config=config)))

    assert isinstance(outcome, Failed)
    assert "embedder" in outcome.message
    assert "\n" not in outcome.message


async def test_a_model_that_is_missing_is_a_notice(tmp_path: Path) -> None:
    config = tmp_path / "own.toml"
    config.write_text('embedder = "no/such-model"\n', encoding="utf-8")
    file = write_articles(tmp_path / "logs.jsonl", 1)

    *_, outcome = await all_of(Adding(tmp_path / "archive", [str(file)], AddOptions(config=config)))

    assert isinstance(outcome, Added)
    assert outcome.added == 1
    assert outcome.notices[0].startswith("not embedded, so searched by words alone: ")


async def test_what_was_added_is_embedded_where_that_stopped(tmp_path: Path) -> None:
    file = write_articles(tmp_path / "logs.jsonl", 80, sentences=20)
    adding = Adding(tmp_path / "archive", [str(file)])
    async for event in adding.events():
        if isinstance(event, Progress) and event.stage == "vectors":
            adding.cancel()
    with open_archive(tmp_path / "archive") as archive:
        counts = archive.counts()
    assert counts.vectors < counts.passages

    *progress, outcome = await all_of(Embedding(tmp_path / "archive"))

    assert outcome == Embedded(f"{counts.passages:,} of {counts.passages:,} passages embedded")
    assert {event.stage for event in progress if isinstance(event, Progress)} >= {"vectors"}


async def test_without_an_archive_nothing_is_embedded(tmp_path: Path) -> None:
    (outcome,) = await all_of(Embedding(tmp_path / "archive"))

    assert isinstance(outcome, Failed)
    assert report_text(outcome).endswith("make one with /add FILE…")


# -- ending it ---------------------------------------------------------------------------------------------------------


async def test_cancelled_it_ends_and_what_was_added_stays(tmp_path: Path) -> None:
    file = write_articles(tmp_path / "logs.jsonl", 3_000)
    adding = Adding(tmp_path / "archive", [str(file)])
    outcome: Progress | Outcome | None = None

    async for event in adding.events():
        outcome = event
        if isinstance(event, Progress):
            adding.cancel()

    assert outcome == Failed("stopped; what was added before stays")
    assert process_of(adding).returncode == 130
    with open_archive(tmp_path / "archive") as archive:
        assert 0 < archive.counts().articles < 3_000
        assert archive.problems() == []


async def test_cancelled_while_it_embeds_it_tells_what_was_added(tmp_path: Path) -> None:
    file = write_articles(tmp_path / "logs.jsonl", 400, sentences=20)
    adding = Adding(tmp_path / "archive", [str(file)])
    outcome: Progress | Outcome | None = None

    async for event in adding.events():
        outcome = event
        if isinstance(event, Progress) and event.stage == "vectors":
            adding.cancel()

    assert outcome == Added(400, 0, 0, notices=("stopped; what is embedded is kept, and `dateline embed` goes on",))


async def test_left_before_its_end_it_ends_the_process(tmp_path: Path) -> None:
    file = write_articles(tmp_path / "logs.jsonl", 3_000)
    adding = Adding(tmp_path / "archive", [str(file)])

    async with aclosing(adding.events()) as events:
        await anext(events)
        number = process_of(adding).pid

    assert not is_running(number)


async def test_a_process_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.tui.adding._COMMAND", _DEAF)
    monkeypatch.setattr("assistant.tui.adding._GRACE_S", 0.2)
    adding = Adding(tmp_path / "archive", [])

    async def first(events: AsyncGenerator[Any, None]) -> None:
        async for _ in events:
            adding.cancel()

    async with aclosing(adding.events()) as events:
        await first(events)

    assert process_of(adding).returncode == -9


_DEAF = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
descriptor = int(sys.argv[sys.argv.index("--progress-fd") + 1])
os.write(descriptor, b'{"stage": "articles", "done": 1, "total": null}\\n')
time.sleep(60)
"""


# -- the line ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("progress", "elapsed_s", "text"),
    [
        (Progress("articles", 1, None), 0, "adding 1 article"),
        (Progress("articles", 312, None), 5, "adding 312 articles"),
        (Progress("articles", 312, 1_204), 5, "adding 312 of 1,204"),
        (Progress("words", 0, 900), 5, "1,204 articles read · indexing their words"),
        (Progress("vectors", 0, 900), 0, "1,204 articles read · embedding 0 %"),
        (Progress("vectors", 0, 0), 9, "1,204 articles read · embedding 0 %"),
        (Progress("vectors", 300, 900), 30, "1,204 articles read · embedding 33 % · 60 s left"),
        (Progress("vectors", 120, 1_000), 24, "1,204 articles read · embedding 12 % · 3 min left"),
        (Progress("vectors", 1, 1_000), 60, "1,204 articles read · embedding 0 % · 16.6 h left"),
        (Progress("vectors", 900, 900), 60, "1,204 articles read · embedding 100 %"),
        (Progress("index", 900, 900), 1, "1,204 articles read · building the index"),
    ],
)
async def test_progress_is_one_line(progress: Progress, elapsed_s: float, text: str) -> None:
    articles = progress.done if progress.stage == "articles" else 1_204

    assert progress_text(progress, articles, elapsed_s) == text


REPORT = Added(12, 0, 0)


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (REPORT, "Articles: 12 added"),
        (replace(REPORT, updated=1, unchanged=3_000), "Articles: 12 added, 1 updated, 3,000 unchanged"),
        (
            replace(REPORT, skipped=("x.pdf: not a text",)),
            "Articles: 12 added, 1 skipped\n  skipped x.pdf: not a text",
        ),
        (
            Added(0, 0, 0, ("a: no", "b: no", "c: no", "d: no", "e: no", "f: no", "g: no")),
            "\n  skipped ".join(("Articles: 7 skipped", "a: no", "b: no", "c: no", "d: no", "e: no"))
            + "\n  and 2 more; `dateline add --dry-run PATH …` names them all",
        ),
        (Added(0, 0, 0), "Articles: none was found"),
        (replace(REPORT, notices=("`dateline embed` goes on",)), "Articles: 12 added\n/embed goes on"),
        (Embedded("3 of 5 passages embedded", ("no model",)), "Embedding: 3 of 5 passages embedded\nno model"),
        (Failed("no space left"), "✗ no space left"),
    ],
)
async def test_an_outcome_is_told_whole(outcome: Outcome, text: str) -> None:
    assert report_text(outcome) == text


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.run: Worker[Outcome] | None = None

    def compose(self) -> ComposeResult:
        yield AddingLine()
        yield Input()

    def add(self, adding: Adding) -> None:
        self.run = self.run_worker(self.line.follow(adding), exit_on_error=False)

    @property
    def line(self) -> AddingLine:
        return self.query_one(AddingLine)

    @property
    def text(self) -> str:
        return str(self.line.content) if self.line.display else ""


async def test_the_line_tells_how_it_goes_while_the_screen_lives(tmp_path: Path) -> None:
    file = write_articles(tmp_path / "[@click=app.quit]x.jsonl", 30)
    app = Host()
    async with app.run_test(size=(80, 10)) as pilot:
        before = app.text
        app.add(Adding(tmp_path / "archive", [str(file), str(tmp_path / "[b]none[/]")]))
        await until(pilot, lambda: app.text)
        app.query_one(Input).focus()
        await pilot.press(*"hello")
        typed, on_the_way = app.query_one(Input).value, app.text
        await until(pilot, lambda: not app.line.is_adding)
        outcome, gone = app.run and app.run.result, app.text

    assert (before, typed) == ("", "hello")
    assert on_the_way.startswith(("adding", "30 articles"))
    assert on_the_way.endswith(" · Esc stops")
    assert isinstance(outcome, Added)
    assert outcome.skipped[0].startswith(f"{tmp_path}/[b]none[/]: ")
    assert gone == ""


@pytest.mark.parametrize("way", ["key", "click"])
async def test_a_run_is_stopped_by_key_and_by_click(tmp_path: Path, way: str) -> None:
    file = write_articles(tmp_path / "logs.jsonl", 20_000)
    app = Host()
    async with app.run_test(size=(80, 10)) as pilot:
        app.add(Adding(tmp_path / "archive", [str(file)]))
        await until(pilot, lambda: "articles" in app.text)
        if way == "key":
            app.line.focus()
            await pilot.press("s")
        else:
            await pilot.click(AddingLine, offset=(1 + app.text.index("stop"), 0))
        await until(pilot, lambda: not app.line.is_adding)

    assert app.run is not None
    assert app.run.result == Failed("stopped; what was added before stays")


async def test_leaving_the_program_ends_the_run(tmp_path: Path) -> None:
    file = write_articles(tmp_path / "logs.jsonl", 20_000)
    adding = Adding(tmp_path / "archive", [str(file)])
    app = Host()
    async with app.run_test(size=(80, 10)) as pilot:
        app.add(adding)
        await until(pilot, lambda: "articles" in app.text)
        number = process_of(adding).pid
        app.exit()

    assert not is_running(number)
