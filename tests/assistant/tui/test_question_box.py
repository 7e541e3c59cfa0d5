"""The box that is typed into: what a key does, what is sent, what is offered, and that nothing typed is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input, Static

from assistant.tui.commands import COMMANDS, Completion, complete
from assistant.tui.question_box import LONGEST_QUESTION, CompletionList, QuestionBox
from tests.assistant.tui.waiting import until

pytestmark = pytest.mark.anyio

Complete = Callable[[str], Sequence[Completion] | Awaitable[Sequence[Completion]]]


def offered(text: str) -> Sequence[Completion]:
    outlets = ["BBC News", "[@click=app.bell]CNN[/]", "BBC\x1b]52;c;cm0gLXJm\x07 Two"]
    return complete(text, outlets=outlets, models=["extractive", "ollama:tiny"], paths=lambda _: ["news/", "a b.txt"])


class Host(App[None]):
    """A screen with a box, which notes what is sent and which keys come through."""

    CSS = "#transcript { height: 1fr; }"
    BINDINGS = [  # noqa: RUF012 - as in Textual
        Binding(key, f"note('{key}')") for key in ("escape", "up", "down", "ctrl+c", "ctrl+n")
    ]

    def __init__(self, complete: Complete = offered) -> None:
        super().__init__()
        self.box = QuestionBox(complete)
        self.sent: list[str] = []
        self.came_through: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static("Somewhat to select", id="transcript")
        yield self.box
        yield Input(id="other")

    def on_mount(self) -> None:
        self.box.focus()

    def on_question_box_sent(self, event: QuestionBox.Sent) -> None:
        self.sent.append(event.text)

    def action_note(self, key: str) -> None:
        self.came_through.append(key)

    @property
    def completions(self) -> CompletionList:
        return self.query_one(CompletionList)

    @property
    def labels(self) -> list[str]:
        """What is offered on the screen."""
        return [str(option.prompt).rstrip() for option in self.completions.options] if self.completions.is_open else []

    @property
    def told(self) -> list[str]:
        return [notification.message for notification in self._notifications]


@asynccontextmanager
async def running(app: Host) -> AsyncIterator[Pilot[None]]:
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        yield pilot


async def type_in(pilot: Pilot[None], text: str) -> None:
    for character in text:
        await pilot.press({" ": "space", "/": "slash", "\n": "ctrl+j"}.get(character, character))


async def paste(app: Host, pilot: Pilot[None], text: str) -> None:
    app.box.post_message(Paste(text))
    await pilot.pause()


async def test_enter_sends_and_empties_the_box() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "Who died?")
        await pilot.press("enter")

        await until(pilot, lambda: app.sent)
        assert app.sent == ["Who died?"]
        assert app.box.text == ""


async def test_keys_that_arrive_together_are_obeyed_in_their_order() -> None:
    app = Host()
    async with running(app) as pilot:
        for key, character in [("a", "a"), ("b", "b"), ("backspace", None), ("c", "c"), ("enter", "\r"), ("d", "d")]:
            app.post_message(Key(key, character))

        await until(pilot, lambda: app.box.text == "d")
        assert app.sent == ["ac"]


async def test_nothing_is_sent_of_an_empty_box() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, " \n ")
        await pilot.press("enter")

        assert app.sent == []


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter"])
async def test_a_question_may_have_several_lines_and_the_box_grows_to_six(key: str) -> None:
    app = Host()
    async with running(app) as pilot:
        assert app.box.size.height == 1
        for line in range(8):
            await type_in(pilot, str(line))
            await pilot.press(key)
        await until(pilot, lambda: app.box.size.height == 6)
        await pilot.press("enter")

        await until(pilot, lambda: app.sent)
        assert app.sent == ["0\n1\n2\n3\n4\n5\n6\n7"]
        await until(pilot, lambda: app.box.size.height == 1)


async def test_a_long_line_is_wrapped_and_counts_as_several() -> None:
    app = Host()
    async with running(app) as pilot:
        app.box.put("word " * 40)

        await until(pilot, lambda: app.box.size.height == 3)


async def test_up_recalls_earlier_questions_and_down_comes_back_to_the_draft() -> None:
    app = Host()
    async with running(app) as pilot:
        app.box.asked = ["first", "second"]
        await type_in(pilot, "dra")
        seen = []
        for key in ("up", "up", "up", "down", "down", "down"):
            await pilot.press(key)
            seen.append(app.box.text)

        assert seen == ["second", "first", "first", "second", "dra", "dra"]
        await type_in(pilot, "ft")
        assert app.box.text == "draft"


async def test_the_arrows_move_within_several_lines_but_pass_over_recalled_ones() -> None:
    app = Host()
    async with running(app) as pilot:
        app.box.asked = ["first", "a\nb\nc"]
        await type_in(pilot, "1\n2")

        await pilot.press("up")
        assert (app.box.text, app.box.cursor_location) == ("1\n2", (0, 1))
        await pilot.press("up")
        assert app.box.text == "a\nb\nc"
        await pilot.press("up")
        assert app.box.text == "first"
        await pilot.press("down", "left", "up")
        assert (app.box.text, app.box.cursor_location[0]) == ("a\nb\nc", 1)


async def test_what_was_sent_and_what_was_asked_otherwise_can_be_recalled() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "typed")
        await pilot.press("enter")
        app.box.remember("clicked")

        assert app.box.asked == ("typed", "clicked")
        await pilot.press("up", "up")
        assert app.box.text == "typed"


async def test_a_recalled_command_opens_no_list_that_would_take_the_arrows() -> None:
    app = Host()
    async with running(app) as pilot:
        app.box.asked = ["first", "/s"]
        await pilot.press("up")
        await pilot.pause()
        assert (app.box.text, app.labels) == ("/s", [])

        await pilot.press("up")
        assert app.box.text == "first"


async def test_what_comes_back_is_selected_and_ctrl_c_clears_it() -> None:
    app = Host()
    async with running(app) as pilot:
        app.box.put_back("/sinse 2020")
        await pilot.pause()
        assert app.box.selected_text == "/sinse 2020"
        assert not app.completions.is_open

        await pilot.press("ctrl+c")
        assert (app.box.text, app.clipboard) == ("", "")

        app.box.put_back("/sinse 2020")
        await pilot.press(*"Who")
        assert app.box.text == "Who"


async def test_a_slash_lists_the_commands_with_their_help() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "/")
        await until(pilot, lambda: len(app.labels) == len(COMMANDS))
        assert app.labels[0].split("  ")[0] == "/since [DAY]"
        assert app.labels[0].endswith("only articles of that day or later: 2020-01, last week")
        assert app.completions.region.bottom == app.box.region.y

        await type_in(pilot, "ren")
        await until(pilot, lambda: len(app.labels) == 1)
        assert app.labels == ["/rename [NAME]  give the conversation a name"]


async def test_tab_takes_the_first_completion_and_goes_on_with_its_argument() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "/mo")
        await pilot.press("tab")
        await until(pilot, lambda: app.box.text == "/model ")
        await until(pilot, lambda: app.labels == ["extractive", "ollama:tiny"])

        await pilot.press("down", "tab")
        await until(pilot, lambda: app.box.text == "/model ollama:tiny")
        await until(pilot, lambda: not app.labels)
        await pilot.press("enter")
        await until(pilot, lambda: app.sent == ["/model ollama:tiny"])


async def test_enter_sends_what_is_typed_unless_a_completion_was_chosen() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "/so")
        await until(pilot, lambda: app.labels)
        await pilot.press("enter")
        await until(pilot, lambda: app.sent == ["/so"])

        await type_in(pilot, "/so")
        await until(pilot, lambda: app.labels)
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.sent == ["/so", "/sources"])
        assert not app.labels


async def test_a_chosen_command_that_takes_words_waits_for_them() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "/mod")
        await until(pilot, lambda: app.labels)
        await pilot.press("down", "enter")

        await until(pilot, lambda: app.box.text == "/model ")
        assert app.sent == []


async def test_a_completion_is_taken_by_a_click() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "/ex")
        await until(pilot, lambda: app.labels)
        await pilot.pause()
        await pilot.click(CompletionList, offset=(5, 1))

        await until(pilot, lambda: app.box.text == "/export ")
        assert app.focused is app.box


async def test_escape_closes_the_list_and_then_goes_its_way() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "/s")
        await until(pilot, lambda: app.labels)

        await pilot.press("escape")
        assert (app.labels, app.came_through) == ([], [])
        await pilot.press("escape")
        assert app.came_through == ["escape"]
        await pilot.press("tab")
        await until(pilot, lambda: app.box.text == "/since ")


async def test_tab_leaves_a_box_without_a_command() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "who")
        await pilot.press("tab")

        assert app.focused is not None
        assert app.focused.id == "other"


async def test_nothing_is_offered_in_the_middle_of_a_command_or_for_a_question() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "/s")
        await until(pilot, lambda: app.labels)
        await pilot.press("left")
        await until(pilot, lambda: not app.labels)

        app.box.put("//s")
        await pilot.pause()
        assert app.labels == []


async def test_names_are_shown_as_they_are_and_without_what_a_terminal_obeys() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "/outlet ")
        await until(pilot, lambda: app.labels)

        assert app.labels == ["BBC News", "[@click=app.bell]CNN[/]", "BBC]52;c;cm0gLXJm Two"]
        await pilot.press("up", "tab")
        await until(pilot, lambda: app.box.text == "/outlet BBC Two")


async def test_completions_may_take_their_time_while_typing_goes_on() -> None:
    began, may_end = threading.Event(), threading.Event()

    def slow(text: str) -> Sequence[Completion]:
        began.set()
        assert may_end.wait(60)
        return [Completion(f"{text}!", text)]

    app = Host(slow)
    async with running(app) as pilot:
        await type_in(pilot, "/a")
        await until(pilot, began.is_set)
        await type_in(pilot, "bc")
        assert (app.box.text, app.labels) == ("/abc", [])

        may_end.set()
        await until(pilot, lambda: app.labels == ["/abc"])


async def test_completions_may_come_from_a_coroutine() -> None:
    async def found(text: str) -> Sequence[Completion]:
        await asyncio.sleep(0)
        return [Completion(f"{text}!", text)]

    app = Host(found)
    async with running(app) as pilot:
        await type_in(pilot, "/a")
        await pilot.press("tab")

        await until(pilot, lambda: app.box.text == "/a!")


async def test_completions_that_fail_are_none() -> None:
    def fail(text: str) -> Sequence[Completion]:
        raise OSError(text)

    app = Host(fail)
    async with running(app) as pilot:
        await type_in(pilot, "/a")
        await pilot.press("enter")

        await until(pilot, lambda: app.sent == ["/a"])


async def test_pasted_lines_are_one_question_without_control_characters() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "See: ")
        await paste(app, pilot, "one\r\ntwo\x1b]52;c;cm0gLXJm\x07 \u202ethree\x00\n\n")
        await pilot.press("enter")

        await until(pilot, lambda: app.sent)
        assert app.sent == ["See: one\ntwo three"]
        assert app.told == []


async def test_of_a_megabyte_as_much_is_taken_as_a_question_holds_and_that_is_said() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "See ")
        await paste(app, pilot, "word and\n" * 120_000)
        await until(pilot, lambda: len(app.box.text) > 4)
        assert LONGEST_QUESTION - 10 < len(app.box.text) <= LONGEST_QUESTION
        assert app.told == [
            "only 19,996 of 1,080,000 characters were taken: a question has at most 20,000",
        ]

        await pilot.press("enter")
        await until(pilot, lambda: len(app.sent) == 1)


async def test_a_paste_replaces_what_is_selected() -> None:
    app = Host()
    async with running(app) as pilot:
        app.box.put("x" * LONGEST_QUESTION)
        app.box.select_all()
        await paste(app, pilot, "short")

        assert (app.box.text, app.told) == ("short", [])


async def test_ctrl_c_copies_what_is_selected() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "who died")
        await pilot.press("ctrl+shift+left", "ctrl+c")

        assert (app.clipboard, app.box.text, app.came_through) == ("died", "who died", [])


async def test_ctrl_c_clears_the_box_and_then_goes_its_way() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "who died")
        await pilot.press("ctrl+c")
        assert (app.box.text, app.came_through) == ("", [])

        await pilot.press("up")
        assert app.box.text == "who died"
        await pilot.press("ctrl+c", "ctrl+c")
        assert app.came_through == ["ctrl+c"]


async def test_ctrl_c_leaves_the_box_alone_while_something_is_selected_on_the_screen() -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "who")
        await pilot.mouse_down("#transcript", offset=(0, 0))
        await pilot.hover("#transcript", offset=(8, 0))
        await pilot.mouse_up("#transcript", offset=(8, 0))
        app.box.focus()
        await pilot.pause()
        await pilot.press("ctrl+c")

        assert app.box.text == "who"
        assert app.clipboard.startswith("Somewhat")


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (["ctrl+w"], "one two "),
        (["ctrl+u"], ""),
        (["ctrl+a", "ctrl+k"], ""),
        (["home", "alt+d"], " two three"),
        (["ctrl+left", "x"], "one two xthree"),
        (["ctrl+a", "x", "ctrl+e", "y"], "xone two threey"),
        (["ctrl+u", "ctrl+z"], "one two three"),
    ],
)
async def test_words_and_lines_are_edited_as_in_a_shell(keys: list[str], text: str) -> None:
    app = Host()
    async with running(app) as pilot:
        await type_in(pilot, "one two three")
        await pilot.press(*keys)

        assert app.box.text == text


async def test_sending_can_have_another_key() -> None:
    app = Host()
    async with running(app) as pilot:
        app.set_keymap({"send": "ctrl+s", "newline": "f5"})
        await type_in(pilot, "a")
        await pilot.press("enter", "b", "f5", "c", "ctrl+s")

        await until(pilot, lambda: app.sent == ["a\nb\nc"])


async def test_an_empty_box_says_what_can_be_typed() -> None:
    app = Host()
    async with running(app):
        assert app.box.placeholder == "Ask the archive, or / for commands"
