"""The chat's keys: what a person may give, how it is spelled, and what is refused."""

from __future__ import annotations

import string

import pytest
from textual.keys import _character_to_key
from textual.theme import BUILTIN_THEMES

from assistant.errors import ConfigError
from assistant.keys import ACTIONS, READER_ACTIONS, key_name, keys_of, read_keys
from assistant.themes import THEMES


def test_every_action_has_keys_of_its_own() -> None:
    every = [key for action in ACTIONS for key in keys_of(action, {})]

    assert len(every) == len(set(every))
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


def test_the_default_keys_may_be_written_out() -> None:
    assert read_keys({action.id: action.keys for action in ACTIONS}) == {}


def test_no_default_key_is_one_that_terminals_or_multiplexers_keep() -> None:
    every = {key for action in (*ACTIONS, *READER_ACTIONS) for key in keys_of(action, {})}

    assert every & {f"ctrl+{letter}" for letter in "abchimz"} == set()


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("f2", "f2"),
        (" Ctrl+Shift+K , F3,f3", "ctrl+shift+k,f3"),
        ("shift+alt+ctrl+x", "alt+ctrl+shift+x"),
        ("Control+Return", "ctrl+enter"),
        ("ctrl+?", "ctrl+question_mark"),
        ("ctrl++", "ctrl+plus"),
        ("alt+Esc", "alt+escape"),
        ("ctrl+ä", "ctrl+ä"),
    ],
)
def test_keys_are_read_as_people_write_them(given: str, read: str) -> None:
    assert read_keys({"read": given}) == {"read": read}


# A comma stands between keys, and for Ctrl+[ a terminal sends Esc.
@pytest.mark.parametrize("character", sorted(set(string.punctuation) - set(",[")))
def test_punctuation_has_the_names_that_textual_gives_it(character: str) -> None:
    assert read_keys({"read": f"ctrl+{character}", "help": "f1"})["read"] == f"ctrl+{_character_to_key(character)}"


def test_keys_may_be_exchanged() -> None:
    assert read_keys({"read": "ctrl+g", "sources": "ctrl+o"}) == {"read": "ctrl+g", "sources": "ctrl+o"}


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ({"read": "nonsense"}, "keys.read: there is no key 'nonsense'", "write it as 'ctrl+o'"),
        ({"read": "f2,"}, "keys.read: there is no key ''", "write it as"),
        ({"read": "crtl+o"}, "keys.read: there is no key 'crtl+o'", "write it as"),
        ({"read": "ctrl+m"}, "keys.read: a terminal sends 'ctrl+m' as 'enter'", "choose another key"),
        ({"read": "alt+f"}, "keys.read: a terminal sends 'alt+f' as 'ctrl+right'", "choose another key"),
        ({"read": "r"}, "keys.read: 'r' is needed for typing", "choose one with ctrl or alt"),
        ({"read": "?"}, "keys.read: 'question_mark' is needed for typing", "choose one with ctrl or alt"),
        ({"read": "up"}, "keys.read: 'up' is needed for typing", "choose one with ctrl or alt"),
        ({"read": "ctrl+c"}, "keys.read: 'ctrl+c' is needed for typing", "choose one with ctrl or alt"),
        ({"read": "ctrl+g"}, "keys.sources and keys.read are both 'ctrl+g'", "give keys.read another key"),
        ({"sources": "ctrl+o"}, "keys.read and keys.sources are both 'ctrl+o'", "give keys.sources another key"),
        ({"send": "f2", "quit": "f2"}, "keys.send and keys.quit are both 'f2'", "give keys.quit another key"),
    ],
)
def test_a_key_that_cannot_be_is_refused(given: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_keys(given)

    assert str(caught.value) == message
    assert (caught.value.hint or "").startswith(hint)


@pytest.mark.parametrize(
    ("key", "name"),
    [("ctrl+o", "Ctrl+O"), ("ctrl+down", "Ctrl+↓"), ("escape", "Esc"), ("f1", "F1"), ("ctrl+slash", "Ctrl+/")],
)
def test_a_key_is_named_as_on_a_keyboard(key: str, name: str) -> None:
    assert key_name(key) == name


def test_an_action_has_the_keys_that_were_given_or_its_own() -> None:
    action = next(action for action in ACTIONS if action.id == "help")

    assert keys_of(action, {}) == ("f1", "ctrl+underscore", "ctrl+slash")
    assert keys_of(action, {"help": "f2"}) == ("f2",)


def test_the_themes_are_those_of_textual() -> None:
    assert set(THEMES) == set(BUILTIN_THEMES)
