import pytest

from store.readers.page.phrases import is_appeal, is_caption, is_contact, is_credit, is_invitation, is_pointer, is_time


@pytest.mark.parametrize(
    "line", ["Read more", "RELATED: Ferries", "Lesen Sie auch: Fähren", "Leggi anche", "À lire aussi"]
)
def test_pointers_are_known(line: str) -> None:
    assert is_pointer(line)


@pytest.mark.parametrize(
    "line", ["Reading more is good for you.", "Seen from the pier, the ferry was small.", "More ferries sank."]
)
def test_prose_is_no_pointer(line: str) -> None:
    assert not is_pointer(line)


@pytest.mark.parametrize("line", ["Sign up for our newsletter", "Follow Jane Doe on Twitter", "Share this article"])
def test_invitations_are_known(line: str) -> None:
    assert is_invitation(line)
    assert not is_invitation(line * 30)


@pytest.mark.parametrize(
    "line",
    ["John Roe contributed to this report.", "(Reporting by Jane Doe)", "Quelle: dpa", "(dpa/lno)", "© 2020 Post"],
)
def test_credits_are_known(line: str) -> None:
    assert is_credit(line)


@pytest.mark.parametrize("line", ["The ferry on the rocks (Photo: AP)", "Photo by Jane Doe", "Foto: dpa"])
def test_captions_are_known(line: str) -> None:
    assert is_caption(line)


@pytest.mark.parametrize(
    "line",
    [
        "Subscribe to continue reading",
        "To read the full story, subscribe or sign in",
        "This article is for subscribers only",
        "Il vous reste 57.09% de cet article à lire.",
        "Jetzt weiterlesen mit Plus",
        "Para seguir leyendo, suscríbete",
        "残り1,234文字",
    ],
)
def test_appeals_to_pay_are_known(line: str) -> None:
    assert is_appeal(line)


@pytest.mark.parametrize(
    "line", ["Subscribe", "Already a subscriber? Log in", "He wants to read the letters to his wife."]
)
def test_what_stands_in_every_header_is_no_appeal(line: str) -> None:
    assert not is_appeal(line)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Stand: 22.04.2024, 06:00 Uhr", True),
        ("Lesedauer: 4 Minuten", True),
        ("12 March 2024, 8:15", True),
        ("The ferry left at 8:15 with 212 people", False),
        ("It cost 113.40 in 2019", False),
        ("", False),
    ],
)
def test_a_line_of_time_has_few_other_words(line: str, wanted: bool) -> None:
    assert is_time(line) is wanted


def test_addresses_and_tags_are_contacts() -> None:
    assert is_contact("jane@example.com @janedoe https://example.com/jane")
    assert is_contact("Filed under: ferries")
    assert not is_contact("Write to jane@example.com")


@pytest.mark.parametrize("line", ["a " * 200, "12:34 " * 60, "(" * 400, "a@b " * 100, "photo by " * 40, "read : " * 50])
def test_hostile_lines_end(line: str) -> None:
    for judge in (is_pointer, is_invitation, is_credit, is_caption, is_appeal, is_contact, is_time):
        assert judge(line[:400]) in {True, False}
