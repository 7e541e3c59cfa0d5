"""The process that is killed: ``writer.py add FOLDER ARTICLES EMBEDDER`` or ``writer.py rebuild FOLDER``.

ARTICLES is how many invented ones, or a file that ``dateline add`` reads; EMBEDDER is ``hash`` or a model's name. It
prints "started" when all that it needs is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from store.archive import create_archive, open_archive
from store.embedding import Embedder
from store.readers import read_sources
from store.records import Draft, Reached, Skipped
from tests.hash_embedder import HashEmbedder
from tests.invented import invented


def embedder_of(name: str, folder: Path) -> str | Embedder:
    return HashEmbedder(folder.with_name(f"{folder.name}-weights")) if name == "hash" else name


def drafts_of(articles: str) -> Iterable[Draft | Skipped | Reached]:
    if articles.isdigit():
        return (invented(i, sentences=5 + i % 60) for i in range(int(articles)))
    return read_sources([articles])


def add(folder: Path, articles: str, embedder: str) -> None:
    with create_archive(folder, embedder=embedder_of(embedder, folder)) as archive:
        archive.add(drafts_of(articles))
        for notice in archive.embed().notices:
            raise SystemExit(notice)


def rebuild(folder: Path) -> None:
    with open_archive(folder, writable=True) as archive:
        archive.rebuild()


if __name__ == "__main__":
    command, folder, *others = sys.argv[1:]
    print("started", flush=True)  # noqa: T201 - the harness waits for it
    if command == "add":
        add(Path(folder), *others)
    else:
        rebuild(Path(folder))
