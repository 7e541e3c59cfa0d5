import pytest

from store.readers.page.headlines import choose_headline, fold


@pytest.mark.parametrize(
    ("declared", "headings", "titles", "outlet", "headline"),
    [
        ("Ferry sinks", ["Other words"], ["Ferry sinks | Post"], "Post", "Ferry sinks"),
        (None, ["Ferry sinks"], ["Ferry sinks off Islay - World - Post"], "Post", "Ferry sinks"),
        ("Ferry sinks off Islay - Post", ["Ferry sinks off Islay"], [], None, "Ferry sinks off Islay"),
        (None, [], ["Ferry sinks – Example Post"], "Example Post", "Ferry sinks"),
        (None, [], ["Ferry sinks | ExamplePost"], "Example Post", "Ferry sinks"),
        (None, [], ["Ferry sinks - and rises"], "Post", "Ferry sinks - and rises"),
        (None, [], ["Ferry sinks in-shore"], None, "Ferry sinks in-shore"),
        (None, ["", " "], ["", "Ferry\n sinks"], None, "Ferry sinks"),
        (None, [], [], "Post", None),
    ],
)
def test_a_headline_is_the_most_trusted_without_what_titles_add(
    declared: str | None, headings: list[str], titles: list[str], outlet: str | None, headline: str | None
) -> None:
    assert choose_headline(declared=declared, headings=headings, titles=titles, outlet=outlet) == headline


def test_titles_are_compared_by_letters_and_digits() -> None:
    assert fold(" “Ferry” sinks — 3 dead! ") == "ferry sinks 3 dead"
