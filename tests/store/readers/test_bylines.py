from datetime import date

import pytest

from store.readers.bylines import Byline, Dateline, find_byline, find_date_beside_byline, find_dateline, split_names


@pytest.mark.parametrize(
    ("opening", "place", "outlet"),
    [
        ("WASHINGTON (AP) — ", "WASHINGTON", "AP"),
        ("BAGHDAD, Jan 3 (Reuters) - ", "BAGHDAD", "Reuters"),
        ("PARIS (AFP) – ", "PARIS", "AFP"),
        ("PARIS (AFP) –", "PARIS", "AFP"),
        ("ST. LOUIS (AP) -- ", "ST. LOUIS", "AP"),
        ("TEHRAN, Iran (AP) — ", "TEHRAN, Iran", "AP"),
        ("WASHINGTON, D.C., Jan. 2 (UPI) -- ", "WASHINGTON, D.C.", "UPI"),
        ("Port Ellen, Scotland (The Associated Press) — ", "Port Ellen, Scotland", "AP"),
        ("LONDON/PARIS (Reuters) - ", "LONDON/PARIS", "Reuters"),
        ("BEIJING, Jan. 3 (Xinhua) -- ", "BEIJING", "Xinhua"),
        ("OTTAWA (AP/AFP) — ", "OTTAWA", "AP"),
        ("BOSTON (WCVB) — ", "BOSTON", "WCVB"),
        ("(CNN) -- ", None, "CNN"),
        ("LONDON — ", "LONDON", None),
        ("NEW YORK -- ", "NEW YORK", None),
        ("BEIRUT, Lebanon — ", "BEIRUT, Lebanon", None),
    ],
)
def test_a_dateline_names_place_and_agency(opening: str, place: str | None, outlet: str | None) -> None:
    assert find_dateline(opening + "The ferry sank.") == Dateline(place, outlet, len(opening))


@pytest.mark.parametrize(
    ("opening", "place"),
    [
        ("PORT ELLEN, Scotland – January 2, 2020 – ", "PORT ELLEN, Scotland"),
        ("Port Ellen, January 2, 2020 -- ", "Port Ellen"),
        ("NEW YORK, Jan. 2, 2020 /PRNewswire/ -- ", "NEW YORK"),
    ],
)
def test_the_dateline_of_a_press_release_names_the_day(opening: str, place: str) -> None:
    assert find_dateline(opening + "The ferry sank.") == Dateline(place, None, len(opening), date(2020, 1, 2))


@pytest.mark.parametrize(
    "paragraph",
    [
        "The ferry (Aurora) — built in 1990 — sank.",
        "London — the capital — was quiet.",
        "NATO — The alliance met.",
        "BREAKING — Ferry sinks off the island.",
        "WASHINGTON (Jan. 2) — The council met.",
        "PARIS (France) — The council met.",
        "WASHINGTON (AP) The council met.",
        "A - B",
        "(",
        "",
    ],
)
def test_prose_with_a_dash_is_no_dateline(paragraph: str) -> None:
    assert find_dateline(paragraph) is None


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("By Jane Doe", Byline(("Jane Doe",), None)),
        ("By JANE DOE and JOHN ROE", Byline(("JANE DOE", "JOHN ROE"), None)),
        ("by Jane Doe, John Roe and Ann van der Poe", Byline(("Jane Doe", "John Roe", "Ann van der Poe"), None)),
        ("By Jane O'Doe, Associated Press", Byline(("Jane O'Doe",), "AP")),
        ("By John Roe, Jr., Staff Writer", Byline(("John Roe, Jr.",), None)),
        ("By Qassim Abdul-Zahra in Port Ellen", Byline(("Qassim Abdul-Zahra",), None)),
        ("By Jane Doe | January 2, 2020", Byline(("Jane Doe",), None)),
        ("By The Associated Press", Byline((), "AP")),
        ("By Reuters Staff", Byline((), "Reuters")),
        ("By our staff", Byline((), None)),
        ("Par Hélène Garnier et Luc Roy", Byline(("Hélène Garnier", "Luc Roy"), None)),
        ("Von Anna Schmidt und Jörg Öhler", Byline(("Anna Schmidt", "Jörg Öhler"), None)),
        ("Por Ana de la Peña", Byline(("Ana de la Peña",), None)),
        ("Par ailleurs, le port reste fermé", None),
        ("Von der Insel kam niemand", None),
        ("By nightfall the ferry had sunk", None),
        ("By Friday, Forces Had Left", None),
        ("By Jane Doe the council was called a farce.", None),
        ("By " + "Jane Doe and " * 40, None),
        ("Byzantine Art", None),
    ],
)
def test_a_byline_is_told_from_prose(line: str, byline: Byline | None) -> None:
    assert find_byline(line) == byline


def test_the_day_beside_a_byline_is_found() -> None:
    assert find_date_beside_byline("By Jane Doe | January 2, 2020 | News") == "January 2, 2020"
    assert find_date_beside_byline("By Jane Doe") is None


@pytest.mark.parametrize(
    ("names", "authors"),
    [
        ("Jane Doe", ("Jane Doe",)),
        ("By Jane Doe and John Roe", ("Jane Doe", "John Roe")),
        ("Jane Doe, John Roe, and Ann Poe", ("Jane Doe", "John Roe", "Ann Poe")),
        ("Jane Doe & John Roe", ("Jane Doe", "John Roe")),
        ("Doe, Jane; Roe, John", ("Doe, Jane", "Roe, John")),
        ("Doe, Jane", ("Doe, Jane",)),
        ("Jane Doe et al", ("Jane Doe et al",)),
        ("", ()),
    ],
)
def test_names_are_split(names: str, authors: tuple[str, ...]) -> None:
    assert split_names(names).authors == authors
