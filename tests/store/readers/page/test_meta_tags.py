from store.readers.page.markup import parse_markup
from store.readers.page.meta_tags import read_meta_tags


def test_tags_are_found_under_any_of_their_names_in_order() -> None:
    root = parse_markup(
        b"<meta property='og:Title' content='One'><meta name='og:title' content='Two'>"
        b"<meta itemprop='headline' content='Three'><meta name='empty' content=''>"
        b"<span itemprop='author name'>Jo</span>"
    )
    assert root is not None
    tags = read_meta_tags(root)

    assert tags.values == {"og:title": ["One", "Two"], "headline": ["Three"]}
    assert sorted(tags.properties) == ["author", "headline", "name"]
    assert (tags.first(("absent", "og:title")), tags.first(("absent",))) == ("One", None)
