from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from store.catalog import Catalog, create_catalog, open_catalog
from store.entities.roster import Roster
from store.errors import NameUnknown
from store.records import Draft, SearchFilter
from store.schema import FILE_NAME, NAMES_PENDING
from tests.earlier_formats import make_earlier

BODIES = (
    "General Kasim Haddad, commander of the Harbour Guard, spoke in Oslo. Haddad left Norway at once.",
    "Police said Kassim Haddad had been seen near Oslo. The International Harbour Agency (IHA) was told.",
    "The driver said General Haddad never came. The IHA, an agency in Norway, said so too.",
    "Ada Brandt and Michael Jordan met in Jordan, a country. Brandt flew home.",
    "Prices in Jordan rose again, and in Jordan nobody knew why.",
)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(create_catalog(tmp_path / FILE_NAME)) as catalog:
        yield catalog


def draft(number: int, body: str) -> Draft:
    return Draft(f"Report {number}", body, f"{number}.txt", id=f"id-{number}", outlet=f"Outlet {number % 2}",
                 published=date(2020, 1, 1 + number))  # fmt: skip


def put(catalog: Catalog, drafts: Sequence[Draft]) -> None:
    catalog.begin_run()
    with catalog.transaction():
        for one in drafts:
            catalog.put(one)


@pytest.fixture
def filled(catalog: Catalog) -> Catalog:
    put(catalog, [draft(number, body) for number, body in enumerate(BODIES)])
    return catalog


def about(catalog: Catalog, *names: str) -> list[str]:
    return [ref.id for ref in catalog.articles(SearchFilter(about=names))]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Kasim Haddad", ["id-0", "id-1", "id-2"]),
        ("haddad", ["id-0", "id-1", "id-2"]),
        ("Gen. Qassim Haddad", ["id-0", "id-1", "id-2"]),
        ("IHA", ["id-1", "id-2"]),
        ("international harbour agency", ["id-1", "id-2"]),
        ("Jordan", ["id-4"]),
        ("Jordan (place)", ["id-4"]),
        ("Michael Jordan", ["id-3"]),
        ("norway", ["id-0", "id-2"]),
    ],
)
def test_articles_are_found_by_any_name_of_what_they_name(filled: Catalog, name: str, expected: list[str]) -> None:
    assert about(filled, name) == expected


def test_several_names_must_all_be_there(filled: Catalog) -> None:
    assert about(filled, "Haddad", "Norway") == ["id-0", "id-2"]
    assert about(filled, "Haddad", "Jordan") == []


def test_an_unknown_name_is_an_error_that_tells_the_nearest(filled: Catalog) -> None:
    with pytest.raises(NameUnknown) as caught:
        about(filled, "Kasim Hadad")

    assert str(caught.value) == "no article names 'Kasim Hadad'"
    assert caught.value.hint is not None
    assert "Kasim Haddad" in caught.value.hint


def test_a_family_name_of_several_persons_must_be_told_apart(catalog: Catalog) -> None:
    put(catalog, [draft(0, "It was Ada Brandt, 40, of Oslo."), draft(1, "It was Karl Brandt, 50, of Oslo.")])

    with pytest.raises(NameUnknown, match=r"'Brandt' may be 'Ada Brandt' \(person\), 'Karl Brandt' \(person\)"):
        about(catalog, "Brandt")


def test_what_is_named_most_is_listed_with_articles_outlets_and_days(filled: Catalog) -> None:
    found = filled.roster.most_named(SearchFilter(), kind="person", limit=2)

    assert [(one.entity.name, one.articles, one.outlets, one.first, one.last) for one in found] == [
        ("Kasim Haddad", 3, 2, 20200101, 20200103),
        ("Ada Brandt", 1, 1, 20200104, 20200104),
    ]


def test_who_is_named_beside_somebody_leaves_him_out(filled: Catalog) -> None:
    found = filled.roster.most_named(SearchFilter(about=("Haddad",)), kind=None, limit=9)

    assert {one.entity.name for one in found} >= {"Oslo", "Norway"}
    assert "Kasim Haddad" not in {one.entity.name for one in found}


def told(catalog: Catalog) -> list[object]:
    rows = catalog._db.execute(
        "SELECT a.id, n.name, n.kind, m.count, m.first, m.in_headline, m.short FROM mentions m "
        "JOIN names n ON n.key = m.name JOIN articles a ON a.key = m.article ORDER BY 1, 2, 3"
    ).fetchall()
    listed = catalog.roster.most_named(SearchFilter(), kind=None, limit=50)
    return [*rows, *((one.entity.name, one.articles, [n.name for n in one.entity.names]) for one in listed)]


def test_the_order_of_adding_makes_no_difference(filled: Catalog, tmp_path: Path) -> None:
    drafts = [draft(number, body) for number, body in enumerate(BODIES)]
    for number, order in enumerate((drafts[::-1], drafts[2:] + drafts[:2])):
        (tmp_path / str(number)).mkdir()
        with closing(create_catalog(tmp_path / str(number) / FILE_NAME)) as other:
            put(other, order)

            assert told(other) == told(filled)


def test_what_is_removed_or_replaced_names_nothing_any_more(filled: Catalog) -> None:
    put(filled, [draft(3, "It was Olav Dahl, 40.")])
    with filled.transaction():
        filled.remove("id-0")

    assert about(filled, "Haddad") == ["id-1", "id-2"]
    with pytest.raises(NameUnknown):
        about(filled, "Ada Brandt")
    orphans = filled._db.execute("SELECT count(*) FROM names WHERE key NOT IN (SELECT name FROM mentions)").fetchone()
    assert orphans == (0,)


def test_an_earlier_format_gets_its_names_with_the_next_run_in_steps(
    filled: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = told(filled)
    make_earlier(filled._db, 3)
    path = filled.path
    with closing(open_catalog(path, writable=False)) as read, pytest.raises(NameUnknown):
        about(read, "Haddad")
    monkeypatch.setattr("store.entities.roster.MISSING_BATCH", 2)

    with closing(open_catalog(path, writable=True)) as catalog:
        catalog.begin_run()

        assert told(catalog) == before
        assert catalog.setting(NAMES_PENDING) is None


def test_an_archive_without_names_lists_none(catalog: Catalog) -> None:
    assert Roster(catalog._db).most_named(SearchFilter(), kind=None, limit=5) == []
