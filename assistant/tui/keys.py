"""The keys of the chat as Textual binds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from assistant.keys import ACTIONS, key_name, keys_of

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from textual.binding import BindingType

    from assistant.keys import Context

# What is an action of Textual's own.
_NAMES: Mapping[str, str] = {"palette": "app.command_palette", "quit": "app.quit"}
# Not before the box has had it: Esc first closes what is open there.
_LATE = "stop"
_BY_ID = {action.id: action for action in ACTIONS}


def bindings(context: Context, *, shown: Container[str] = ()) -> list[BindingType]:
    """Return the bindings of a context, for ``BINDINGS``; those in ``shown`` are in the footer.

    Each has the name of its action as its id, by which ``App.set_keymap`` gives it other keys, and calls the method of
    that name. Those of the screen and the program come before what the box does with a key, Esc after it.
    """
    return [
        Binding(
            action.keys, _NAMES.get(action.id, action.id), action.title, id=action.id, tooltip=action.help,
            show=action.id in shown, priority=context != "box" and action.id != _LATE,
        )
        for action in ACTIONS
        if action.context == context
    ]  # fmt: skip


def help_binding(context: Context) -> Binding:
    """Return the binding of another screen by which it shows the page of help, at the key that is set for that."""
    help_ = _BY_ID["help"]
    return Binding(help_.keys, f"app.help_about('{context}')", help_.title, id=help_.id, key_display="F1")


def key_for(action: str, given: Mapping[str, str]) -> str:
    """Return the first key of an action as people write it, where ``given`` are those that a person gave."""
    return key_name(keys_of(_BY_ID[action], given)[0])
