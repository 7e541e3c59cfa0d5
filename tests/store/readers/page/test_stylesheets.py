import re

import pytest

from store.readers.page.markup import parse_markup
from store.readers.page.stylesheets import find_hidden_names

HIDING = re.compile(r"display\s*:\s*none")


def hidden(sheet: str, attributes: str = "") -> set[str]:
    root = parse_markup(f"<style {attributes}>{sheet}</style><p>x</p>".encode())
    assert root is not None
    return set(find_hidden_names(root, HIDING))


@pytest.mark.parametrize(
    ("sheet", "names"),
    [
        (".a{display:none}", {".a"}),
        (".a, #b { color: red; display: none }", {".a", "#b"}),
        ("/* .a{} */ .b{display:none}", {".b"}),
        ("@import 'x.css'; .a{display:none}", {".a"}),
        (".a .b{display:none} p.c{display:none}", set()),
        ("@media print{.a{display:none}} .b{display:none}", {".b"}),
        (".a{display:none} .a.open{display:block}", set()),
        (".a{display:none} .a{margin:0}", {".a"}),
        (".a{display:none", set()),
        ("}}.a{display:none}", {".a"}),
        ("/* .a{display:none}", set()),
    ],
)
def test_simple_selectors_that_nothing_shows_again_are_hidden(sheet: str, names: set[str]) -> None:
    assert hidden(sheet) == names


def test_a_sheet_for_printing_hides_nothing() -> None:
    assert hidden(".a{display:none}", "media=print") == set()
