import pytest

from store.readers.page.hidden import drop_hidden
from store.readers.page.markup import parse_markup


def shown(body: str, head: str = "") -> str:
    root = parse_markup(f"<html><head>{head}</head><body>{body}</body></html>".encode())
    assert root is not None
    drop_hidden(root)
    return " ".join(root.text_content().split())


@pytest.mark.parametrize(
    "attributes",
    [
        "hidden",
        'aria-hidden="true"',
        'style="display:none"',
        'style="color: red; DISPLAY : NONE !important"',
        'style="visibility:hidden"',
        'style="opacity:0"',
        'style="font-size:0px"',
        'style="font-size: 1px"',
        'style="height:0;overflow:hidden"',
        'style="position:absolute;left:-5000px"',
        'style="text-indent:-9999px"',
        'style="clip:rect(0,0,0,0)"',
        'style="clip-path: inset(50%)"',
        'style="transform:scale(0)"',
        'style="color:transparent"',
        'style="color:#fff"',
        'style="color:#123456;background:#123456"',
        'class="note sr-only"',
        'class="screen-reader-text"',
        'class="visually-hidden"',
    ],
)
def test_what_an_attribute_hides_is_dropped(attributes: str) -> None:
    assert shown(f"<p>one</p><p {attributes}>secret</p><p>two</p>") == "onetwo"


@pytest.mark.parametrize(
    "attributes",
    [
        'style="display:block"',
        'style="opacity:0.9"',
        'style="font-size:10px"',
        'style="margin-left:-10px"',
        'style="color:#fff;background:#000"',
        'style="line-height:1.5"',
        'class="hidden-treasure"',
        'aria-hidden="false"',
        'hidden="until-found"',
    ],
)
def test_what_is_seen_stays(attributes: str) -> None:
    assert "seen" in shown(f"<p {attributes}>seen</p>")


@pytest.mark.parametrize("tag", ["script", "style", "noscript", "template", "svg", "iframe", "textarea", "button"])
def test_what_is_no_text_is_dropped(tag: str) -> None:
    assert shown(f"<p>one <{tag}>secret</{tag}>two</p>") == "one two"


def test_a_dropped_capital_stays() -> None:
    assert shown('<p><span aria-hidden="true">T</span><span class="sr-only">The</span>he ferry</p>') == "The ferry"


def test_the_page_s_own_style_sheet_hides() -> None:
    sheet = "<style>.promo{display:none} #note{visibility:hidden}</style>"

    assert shown('<p class="big promo">secret</p><p id=note>secret</p><p class=promotion>seen</p>', sheet) == "seen"


def test_what_a_script_reveals_stays_where_it_is_the_page() -> None:
    text = "<p>The ferry ran aground on Tuesday, and nobody was hurt in it.</p>" * 5

    assert shown(f"<div hidden>{text}</div><p hidden>secret</p>").count("ferry") == 5


def test_texts_behind_what_is_dropped_stay_where_they_were() -> None:
    assert shown("a<i hidden>x</i>b<b>c</b>d<i hidden>x</i>e<i hidden>x</i>f") == "abcdef"
