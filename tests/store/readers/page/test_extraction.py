from store.readers.page.extraction import extract_blocks, undo_layout
from store.readers.page.markup import parse_markup

SENTENCE = "The ferry to Port Ellen ran aground on Tuesday with 212 people aboard, and all of them were saved by noon. "
COMMENT = (
    "I have taken this ferry every week for thirty years and I have never once seen the captain sober, to be frank. "
)


def texts(markup: str) -> list[str]:
    root = parse_markup(f"<html><head><title>Ferry</title></head><body>{markup}</body></html>".encode())
    assert root is not None
    undo_layout(root)
    return [block.text for block in extract_blocks(root)]


def test_the_main_text_is_found_among_links() -> None:
    menu = "".join(f"<li><a href=/{number}>Section {number}</a></li>" for number in range(30))

    found = texts(f"<ul>{menu}</ul><div class=article-body>{f'<p>{SENTENCE}</p>' * 1}<p>{SENTENCE[4:]}</p></div>")

    assert found == [SENTENCE.strip(), SENTENCE[4:].strip()]


def test_text_in_an_unusual_frame_is_found() -> None:
    paragraphs = "".join(f"<p>{number}. {SENTENCE}</p>" for number in range(8))

    found = texts(f'<div class="sidebar-grid__content"><div class="banner-share">{paragraphs}</div></div>')

    assert len(found) == 8


def test_comments_are_not_taken_for_the_article() -> None:
    comments = "".join(f"<div class=comment-body>{number}. {COMMENT}</div>" for number in range(20))

    found = texts(f"<article><p>{SENTENCE * 3}</p></article><section id=comments>{comments}</section>")

    assert len(found) == 1
    assert "sober" not in found[0]


def test_a_layout_s_columns_are_no_table_and_values_are() -> None:
    cell = f"<td><p>{SENTENCE * 2}</p><p>{SENTENCE * 3}</p></td>"

    found = texts(f"<table><tr><td>menu</td>{cell}</tr></table><table><tr><td>2003</td><td>61</td></tr></table>")

    assert (SENTENCE * 2).strip() in found
    assert all("| " not in text or text == "2003 | 61" for text in found)


def test_a_page_without_text_has_no_blocks() -> None:
    assert texts("<div></div>") == []
