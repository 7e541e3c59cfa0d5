import pytest

from store.readers.page.markup import decode_markup, parse_markup, text_within


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<meta charset=utf-8>é".encode(), "é"),
        ("é".encode("utf-8-sig"), "é"),
        ("<p>é €".encode("utf-16"), "é €"),
        ("<meta charset=iso-8859-1>“é”".encode("cp1252"), "“é”"),
        ("<meta charset=iso-8859-1>é".encode(), "é"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">Ёлка'.encode("cp1251"), "Ёлка"),
        ("<meta charset=gb2312>镕".encode("gb18030"), "镕"),
        ("<meta charset=iso-2022-jp>日本".encode("iso-2022-jp"), "日本"),
        ('<?xml version="1.0" encoding="koi8-r"?>дом'.encode("koi8-r"), "дом"),
        ("<meta charset=base64>é".encode(), "é"),
        ("<meta charset=nonsense>é".encode(), "é"),
    ],
)
def test_text_is_decoded_as_it_is_and_else_as_declared(content: bytes, text: str) -> None:
    assert decode_markup(content).endswith(text)


def test_nothing_is_no_page() -> None:
    assert parse_markup(b"") is None


def test_a_tag_keeps_its_first_attributes() -> None:
    crowd = " ".join(f"a{number}=1" for number in range(1_000))

    root = parse_markup(f"<p class=x {crowd}>text</p>".encode())

    assert root is not None
    paragraph = root.find(".//p")
    assert (len(paragraph.attrib), paragraph.get("class"), paragraph.text) == (200, "x", "text")


def test_names_without_end_are_left_out_and_data_are_not() -> None:
    root = parse_markup(f'<p class="{"a " * 5_000}" data-x="{"b" * 9_000}">text</p>'.encode())

    assert root is not None
    assert list(root.find(".//p").attrib) == ["data-x"]


def test_a_page_ends_after_fifty_thousand_tags() -> None:
    root = parse_markup(("<p>x</p>" * 40_000).encode())

    assert root is not None
    assert len(root.findall(".//p")) == 25_000


def test_entities_and_files_are_not_loaded() -> None:
    root = parse_markup(b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]><p>&x;</p>')

    assert root is not None
    assert "&x;" in root.text_content()


def test_of_a_long_text_the_beginning_is_enough() -> None:
    root = parse_markup(("<div>" + "<p>word</p>" * 1_000 + "</div>").encode())

    assert root is not None
    assert text_within(root, 10) == "wordwordword"
