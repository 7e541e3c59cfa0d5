"""What is added becomes durable in batches, and is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import store.adding
from store.adding import Adding
from store.catalog import Catalog, create_catalog, open_catalog
from store.records import AddReport, Draft, Skipped
from store.schema import FILE_NAME

Write = Callable[..., Draft]


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(create_catalog(tmp_path / FILE_NAME)) as catalog:
        yield catalog


def test_each_batch_is_on_the_disk_before_the_next_begins(
    catalog: Catalog, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.adding, "ARTICLE_BATCH", 3)
    monkeypatch.setattr(store.adding, "ARTICLE_BATCH_S", float("inf"))
    seen = []
    for told in Adding(catalog).store(write(i) for i in range(8)):
        with closing(open_catalog(catalog.path, writable=False)) as reader:
            seen.append((told, reader.counts().articles))

    assert seen == [(3, 3), (6, 6), (8, 8)]


def test_slow_input_does_not_wait_for_a_batch_to_be_full(
    catalog: Catalog, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.adding, "ARTICLE_BATCH_S", -1.0)

    assert list(Adding(catalog).store(write(i) for i in range(5))) == [2, 4, 5]


def test_what_happened_to_each_is_counted(catalog: Catalog, write: Write) -> None:
    for _ in Adding(catalog).store([write(1), write(2)]):
        pass
    adding = Adding(catalog)
    bad = Skipped("wire.jsonl", 7, "no body")

    for _ in adding.store([write(1), write(9, id=write(2).id), bad, write(3)]):
        pass

    passages = catalog.passage_count() - len(catalog.passages([1]))
    assert adding.report(("told",)) == AddReport(
        added=1, updated=1, unchanged=1, skipped=(bad,), passages=passages, notices=("told",)
    )
