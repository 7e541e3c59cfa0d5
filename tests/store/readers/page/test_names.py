import pytest

from store.readers.page.names import clean_authors


@pytest.mark.parametrize(
    ("written", "authors"),
    [
        (["Jane Doe"], ("Jane Doe",)),
        (["By Jane Doe and John Roe, Staff Writers"], ("Jane Doe", "John Roe")),
        (["Von Jörg Brückner und Ute Maar"], ("Jörg Brückner", "Ute Maar")),
        (["Jane Doe, maritime correspondent"], ("Jane Doe",)),
        (["Jane Doe | Example Post"], ("Jane Doe",)),
        (["Jane Doe (text)", "jane doe"], ("Jane Doe",)),
        (["JANE DOE", "AFP"], ("Jane Doe",)),
        (["Leonardo da Vinci"], ("Leonardo da Vinci",)),
        (["Amanda Hale"], ("Amanda Hale",)),
        (["admin", "Staff", "Newsroom", "webmaster", "j.doe", "https://example.com/jane", "jane@example.com"], ()),
        (["Example Post", "EXAMPLE-POST"], ()),
        (["", " ", "1234"], ()),
        (["松岡大地"], ("松岡大地",)),
    ],
)
def test_names_of_people_are_left(written: list[str], authors: tuple[str, ...]) -> None:
    assert clean_authors(written, outlet="Example Post") == authors
