"""What the chat looks like: its screens as images, which are kept in tests/screens and looked at by people.

After a change that is meant, `python tests/screens/draw.py` draws them again.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static, TextArea

from assistant.config import load_config
from assistant.session_file import sessions_path
from assistant.tui.answer_view import AnswerView
from assistant.tui.app import Begun, ChatApp
from assistant.tui.archive_view import ArchiveView
from assistant.tui.article_table import ArticleTable
from assistant.tui.article_view import ArticleView
from assistant.tui.help_view import HelpView
from assistant.tui.histogram import Histogram
from assistant.tui.reader import ArticleReader
from assistant.tui.session_preview import SessionPreview
from assistant.tui.sessions_view import SessionsView
from store.archive import open_archive
from tests.assistant.tui.driving import NOT_HELD, QUESTION, ask, running, send
from tests.assistant.tui.waiting import until
from tests.model_server import WAIT, Model, serving
from tests.screens.images import FOLDER, compare
from tests.scripted_server import KEY

pytestmark = pytest.mark.anyio

# The day on which everything is asked, two days behind the last article.
TODAY = date(2020, 1, 13)

AIRLINER = "Who shot down the Ukrainian airliner, and what was said about it at first?"

# A screen that looks the same so many times in a row is drawn to its end.
_SAME = 5

# ⟦words⟧ stands for the number of the source with these words. One sentence says more than its source, one what none
# says.
WRITTEN = (
    "Iran's own armed forces shot down Flight 752 by mistake, ",
    "the general staff admitted on 11 January. ⟦taken for a hostile target⟧ ",
    "A missile operator had taken the jet for a cruise missile and had 10 seconds to decide. ⟦10 seconds to⟧\n\n",
    "Until then Iranian officials had blamed a technical fault: ",
    "the head of civil aviation called a missile strike scientifically impossible. ⟦scientifically impossible⟧ ",
    "Canada and Britain had said on 9 January that an Iranian missile brought the airliner down. ",
    "⟦might well have been fired by accident⟧ ",
    "Ukraine is suing Iran for 900 million euros. ⟦taken for a hostile target⟧",
)


class Writer(Model):
    """A model that cites by the words of a source."""

    def reply(self, body: bytes) -> Iterator[bytes]:
        prompt = json.loads(body)["messages"][-1]["content"]
        self.pieces = [re.sub(r"⟦(.+?)⟧", lambda words: _marker(prompt, words[1]), piece) for piece in self.pieces]
        yield from super().reply(body)


def _marker(prompt: str, words: str) -> str:
    return "[" + prompt[: prompt.index(words)].rsplit(" source ", 1)[1].split("\n", 1)[0] + "]"


@dataclass
class Clock:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Stage:
    """What a scene is played with: the chat, its keys, and what the model writes."""

    app: ChatApp
    pilot: Pilot[Any]
    model: Writer
    clock: Clock

    async def until(self, condition: Callable[[], object]) -> None:
        await until(self.pilot, condition)


async def first(stage: Stage) -> None:
    await stage.until(lambda: stage.app.chat.welcome.questions)


async def answer(stage: Stage) -> None:
    stage.model.pieces = list(WRITTEN)
    await ask(stage.pilot, AIRLINER)


async def writing(stage: Stage) -> None:
    stage.model.pieces = [*WRITTEN[:3], "Until then Iranian officials had blamed", WAIT]
    await send(stage.pilot, AIRLINER)
    await stage.until(lambda: stage.app.chat.transcript.views)
    view = stage.app.chat.transcript.views[0]
    await stage.until(lambda: "10 seconds to decide" in view.query_one(AnswerView).source)
    stage.clock.seconds = 3.1
    await stage.until(lambda: "3 s · Esc stops · 5 words" in str(view.query_one(".state", Static).content))


async def abstention(stage: Stage) -> None:
    await ask(stage.pilot, NOT_HELD)


async def reader(stage: Stage) -> None:
    await ask(stage.pilot, QUESTION)
    await stage.pilot.press("ctrl+o")
    await stage.until(lambda: isinstance(stage.app.screen, ArticleReader))
    await stage.until(lambda: stage.app.screen.query_one(ArticleView).body)


async def sessions(stage: Stage) -> None:
    names = ("airliner", "embassy", "soleimani")
    questions = (AIRLINER, "How many paratroopers were sent to Kuwait?", QUESTION)
    for name, question in zip(names, questions, strict=True):
        stage.app.asker.begin(name=name)
        await stage.app.chat.show_turns([])
        await ask(stage.pilot, question)
    _date_sessions(stage.app.sessions_file)
    await stage.pilot.press("ctrl+r")
    await stage.until(lambda: isinstance(stage.app.screen, SessionsView))
    await stage.until(lambda: str(stage.app.screen.query_one(SessionPreview).query_one(Static).content))


def _date_sessions(file: Path) -> None:
    """Let everything that was said have been said on given days."""
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE turns SET asked_utc = '2020-01-' || (10 + key) || 'T09:30:00+00:00'")
        db.execute("UPDATE sessions SET started_utc = '2020-01-11T09:15:00+00:00'")


async def archive(stage: Stage) -> None:
    await stage.pilot.press("ctrl+l")
    await stage.until(lambda: isinstance(stage.app.screen, ArchiveView))
    await stage.until(lambda: stage.app.screen.query_one(ArticleTable).ref(0))
    await stage.until(lambda: stage.app.screen.query_one(Histogram).bins.bins)


async def help_page(stage: Stage) -> None:
    await stage.pilot.press("f1")
    await stage.until(lambda: isinstance(stage.app.screen, HelpView))
    await stage.until(lambda: str(stage.app.screen.query(Static).first().content))


@dataclass(frozen=True)
class Scene:
    """A screen, how to come to it, and in what it is shown."""

    play: Callable[[Stage], Awaitable[None]]
    model: str = "extractive"
    size: tuple[int, int] = (120, 40)
    theme: str | None = None
    environment: dict[str, str] = field(default_factory=dict)


SCENES = {
    "first": Scene(first),
    "answer": Scene(answer, "openai:scripted"),
    "answer-80x24": Scene(answer, "openai:scripted", (80, 24)),
    "answer-200x60": Scene(answer, "openai:scripted", (200, 60)),
    "answer-light": Scene(answer, "openai:scripted", theme="textual-light"),
    "answer-no-color": Scene(answer, "openai:scripted", environment={"NO_COLOR": "1"}),
    "writing": Scene(writing, "openai:scripted"),
    "abstention": Scene(abstention),
    "reader": Scene(reader),
    "archive": Scene(archive),
    "sessions": Scene(sessions),
    "help": Scene(help_page),
}


@asynccontextmanager
async def playing(scene: Scene, archive: Path) -> AsyncIterator[Stage]:
    """Run the chat on one archive, under a name and a path that are everywhere the same, until it can be asked."""
    model, clock = Writer(tokens=(2103, 118)), Clock()
    with serving(model) as url, pytest.MonkeyPatch.context() as patch:
        patch.delenv("NO_COLOR", raising=False)
        for name, value in {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url, "TZ": "UTC", **scene.environment}.items():
            patch.setenv(name, value)
        time.tzset()
        config = load_config(None, os.environ, archive=str(archive), model=scene.model)
        app = ChatApp(
            replace(config, theme=scene.theme),
            Path("/archives/samples"),
            sessions_path(config.home),
            partial(open_archive, archive, session=True),
            begun=Begun(),
            today=lambda: TODAY,
            clock=clock,
        )
        app.animation_level = "none"
        try:
            async with running(app, scene.size) as pilot:
                yield Stage(app, pilot, model, clock)
        finally:
            model.go_on.set()
            app.close_threads()
    time.tzset()


async def settled(stage: Stage) -> str:
    """Return the image of the screen when it changes no more, with a cursor that does not blink."""
    for box in (*stage.app.screen.query(TextArea), *stage.app.screen.query(Input)):
        box.cursor_blink = False
    images = [""]

    def is_settled() -> bool:
        images.append(stage.app.export_screenshot())
        return len(set(images[-_SAME:])) == 1

    await stage.until(is_settled)
    return images[-1]


@pytest.mark.parametrize("name", SCENES)
async def test_a_screen_looks_as_people_last_saw_it(name: str, sample_archive: Path, tmp_path: Path) -> None:
    async with playing(SCENES[name], sample_archive) as stage:
        await SCENES[name].play(stage)
        image = await settled(stage)

    compare(name, image, tmp_path)


def test_the_images_that_are_kept_are_those_of_the_scenes() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.svg")) == sorted(SCENES)


@pytest.mark.parametrize("name", SCENES)
def test_an_image_fetches_nothing_tells_nothing_of_a_machine_and_is_small(name: str) -> None:
    path = FOLDER / f"{name}.svg"
    text = path.read_text(encoding="utf-8")

    assert path.stat().st_size < 120_000
    assert "url(http" not in text
    assert "@import" not in text
    assert "href" not in text
    assert not re.search(r"/(tmp|home|root|Users|var)/", text)
