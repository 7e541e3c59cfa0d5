"""What text may reach the screen: cleaned, and no markup. A widget takes a ``str`` for markup, which runs actions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import assistant.tui
from assistant.tui.plain_text import in_chat_words, shown, shown_line, told
from store.cleaning import plain
from store.errors import ArchiveEmpty
from tests.hostile_text import HOSTILE, SURROGATES

SOURCES = {path.stem: path for path in sorted(Path(assistant.tui.__file__).parent.glob("*.py"))}

# What takes a text to show: as its first argument, or as every one. `Content` takes no markup, but whatever a terminal
# obeys.
_TAKING = {"Static", "Label", "Button", "Option", "Checkbox", "Collapsible", "Content", "Text", "notify"}
_TAKING |= {"update", "set_content", "from_markup", "add_row", "add_column", "add_option"}
_JOINING = {"assemble", "styled", "append"}
_TITLES = {"border_title", "border_subtitle", "tooltip", "placeholder", "title", "sub_title"}

_CLEANING = {"shown", "shown_line", "plain", "clean_text", "clean_line"}
_KEEPING = {"stylize", "truncate", "join", "expand_tabs", *_JOINING}

# Names of numbers and days, which may stand in an f-string.
_COUNTED = {"number", "count", "rank", "hidden", "day", "more", "unit", "total"}

# Where the rules below see no further, and why it is all right.
LOOKED_AT = {
    "address._tell": "called with literals",
    "answer_view.finish": "Markdown, without links and cleaned by answer_text",
    "answer_view.point_at": "contents that Markdown made, with another style",
    "article_lines._cells": "cleaned by displayed",
    "article_view.render_line": "cleaned by displayed",
    "histogram._caption": "days and numbers alone",
    "reader._tell_position": "numbers alone",
    "turn_record.places": "a set of ids, no widget",
}


@pytest.mark.parametrize("said", [*HOSTILE.values(), *SURROGATES.values()], ids=[*HOSTILE, *SURROGATES])
def test_a_text_is_shown_as_it_stands_without_what_a_terminal_obeys(said: str) -> None:
    for content in (shown(said), shown_line(said)):
        assert content.spans == []
        assert plain(content.plain) == content.plain
        assert re.findall("[ -~]", content.plain.replace(" ", "")) == re.findall("[!-~]", said)


def test_an_error_is_told_in_a_line_with_what_helps() -> None:
    assert told(ArchiveEmpty("it is empty", hint="fill it")) == "it is empty; fill it"


@pytest.mark.parametrize(
    ("said", "in_chat"),
    [
        ("swap --since and --until", "swap /since and /until"),
        ("add some with `dateline add FILE…`", "add some with /add FILE…"),
        ("`dateline sessions` lists them", "/sessions lists them"),
        ("`dateline list` shows the ids", "/archive shows the ids"),
        ("`dateline embed` goes on", "/embed goes on"),
        (
            "make them anew with `dateline rebuild --embedder e5`",
            "make them anew with `dateline rebuild --embedder e5`",
        ),
        ("`dateline check` says more, --sincerely", "`dateline check` says more, --sincerely"),
    ],
)
def test_what_the_command_line_calls_otherwise_has_the_names_of_the_chat(said: str, in_chat: str) -> None:
    assert in_chat_words(said) == in_chat
    assert told(ArchiveEmpty("none", hint=said)) == f"none; {in_chat}"


@pytest.mark.parametrize("module", SOURCES)
def test_no_widget_is_given_a_text_that_was_not_made_fit_for_it(module: str) -> None:
    assert [found for found in unfit_texts(module) if found.partition(":")[0] not in LOOKED_AT] == []


def test_what_was_looked_at_is_still_there() -> None:
    found = {text.partition(":")[0] for module in SOURCES for text in unfit_texts(module)}

    assert set(LOOKED_AT) <= found


def unfit_texts(module: str) -> Iterator[str]:
    """Yield where a module gives a widget something else than a literal or a text that was cleaned."""
    tree = ast.parse(SOURCES[module].read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    making = {one.name for one in functions if one.returns is not None and "Content" in ast.unparse(one.returns)}
    for function in functions:
        rules = _Rules(function, making)
        for node in ast.walk(function):
            if not all(map(rules.is_fit, _texts_in(node))):
                yield f"{module}.{function.name}: {ast.unparse(node)}"


def _texts_in(node: ast.AST) -> Sequence[ast.expr]:
    """Return what an expression or a statement gives to a widget, or to what a widget is given."""
    if isinstance(node, ast.Call):
        name = _name(node.func)
        is_content = name != "append" or (
            isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call)
        )
        return node.args if name in _JOINING and is_content else node.args[:1] if name in _TAKING else ()
    if isinstance(node, ast.Assign) and any(
        isinstance(one, ast.Attribute) and one.attr in _TITLES for one in node.targets
    ):
        return (node.value,)
    return ()


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


class _Rules:
    """What is fit to be shown in one function, where ``making`` names functions that return contents."""

    def __init__(self, function: ast.FunctionDef | ast.AsyncFunctionDef, making: set[str]) -> None:
        given = [*function.args.args, *function.args.kwonlyargs]
        self._fit = {
            one.arg for one in given if one.annotation is not None and "Content" in ast.unparse(one.annotation)
        }
        self._making = making
        assigned = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
        for target in (target for node in assigned if self.is_fit(node.value) for target in node.targets):
            self._fit |= {target.id} if isinstance(target, ast.Name) else set()

    def is_fit(self, node: ast.expr) -> bool:
        """Whether a text needs no cleaning any more."""
        fit = isinstance(node, ast.Constant)
        match node:
            case ast.Name(id=name):
                fit = name in self._fit or name.isupper()
            case ast.FormattedValue(value=value, format_spec=form):
                fit = form is not None or _last(value) in _COUNTED or self.is_fit(value)
            case ast.Call(func=called, args=given):
                name = _name(called)
                is_literal = name in {"Content", "from_markup"} and all(map(self.is_fit, given))
                fit = is_literal or name in _CLEANING | _KEEPING | self._making
            case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
                fit = self.is_fit(one) and self.is_fit(other)
            case ast.BoolOp(values=parts) | ast.JoinedStr(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
                fit = all(map(self.is_fit, parts))
            case ast.Starred(value=value) | ast.ListComp(elt=value) | ast.GeneratorExp(elt=value):
                fit = self.is_fit(value)
        return fit


def _last(value: ast.expr) -> str:
    return value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
