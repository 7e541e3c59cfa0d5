"""Damage an archive's files in many ways: no answer is wrong, the damage is found, and what can be mended is.

By hand: ``python tests/faults/damages.py`` does all of it and prints a table.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from store.archive import create_archive, open_archive
from store.errors import ArchiveError, DatelineError
from store.integrity import check_archive
from store.integrity.repairing import repair_archive
from store.records import Hit
from store.schema import FILE_NAME
from tests.hash_embedder import HashEmbedder
from tests.invented import invented

# So many that Chroma has written its graph.
ARTICLES = 1_100
INDEX_DAMAGES = 200
FILE_DAMAGES = 50

PROBES = ("crate7x1", "Who logged the crates on quay 3?", "harbour log 11")

# A question is answered, or refused, in this time whatever the files hold: exact search takes milliseconds here.
PATIENCE_S = 30.0

Damage = Callable[[Path, random.Random], object]


@dataclass(frozen=True)
class Outcome:
    """What became of one damage; ``faults`` are promises that were broken, in words."""

    kind: str
    was_found: bool
    articles: int
    faults: tuple[str, ...]


# -- the index ---------------------------------------------------------------------------------------------------------


def _cut(file: Path, share: float) -> None:
    with file.open("r+b") as opened:
        opened.truncate(int(file.stat().st_size * share))


def _flip(file: Path, chance: random.Random, *, count: int = 1) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(min(count, len(content))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)


def _one(index: Path, pattern: str) -> Path:
    return min(index.glob(pattern))


def _files(index: Path) -> list[Path]:
    return sorted(path for path in index.rglob("*") if path.is_file())


def _largest(folder: Path) -> Path:
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


NAMED: dict[str, Damage] = {
    "CURRENT deleted": lambda index, _: (index / "CURRENT").unlink(),
    "CURRENT empty": lambda index, _: _cut(index / "CURRENT", 0),
    "CURRENT garbled": lambda index, _: (index / "CURRENT").write_bytes(b"\xff\0../.."),
    "CURRENT points nowhere": lambda index, _: (index / "CURRENT").write_text("g000099\n"),
    "facts garbled": lambda index, _: _one(index, "g*/generation.json").write_text("{not json"),
    "facts deleted": lambda index, _: _one(index, "g*/generation.json").unlink(),
    "generation deleted": lambda index, _: shutil.rmtree(_one(index, "g*")),
    "vectors cut": lambda index, _: _cut(_one(index, "g*/vectors.f32"), 0.5),
    "vectors flipped": lambda index, chance: _flip(_one(index, "g*/vectors.f32"), chance, count=40),
    "keys cut": lambda index, _: _cut(_one(index, "g*/vectors.i64"), 0.5),
    "keys flipped": lambda index, chance: _flip(_one(index, "g*/vectors.i64"), chance, count=5),
    "Chroma's SQLite garbled": lambda index, _: _one(index, "g*/chroma/chroma.sqlite3").write_bytes(b"no"),
    "Chroma's graph flipped": lambda index, chance: _flip(_largest(_one(index, "g*/chroma/*-*")), chance, count=40),
    "Chroma deleted": lambda index, _: shutil.rmtree(_one(index, "g*/chroma")),
}


def damage_at_random(index: Path, chance: random.Random) -> str:
    """Damage one file of an index, and say how: bits, a stretch of zeros or noise, a cut, a swap, or its loss."""
    file = chance.choice(_files(index))
    size = file.stat().st_size
    how = chance.choice(("bits", "zeros", "noise", "cut", "lost", "grown", "swapped"))
    if how == "bits":
        _flip(file, chance, count=chance.choice((1, 10, 100)))
    elif how in {"zeros", "noise"}:
        start, length = chance.randrange(max(1, size)), chance.choice((16, 512, 4096))
        with file.open("r+b") as opened:
            opened.seek(start)
            opened.write(bytes(length) if how == "zeros" else chance.randbytes(length))
    elif how == "cut":
        _cut(file, chance.random())
    elif how == "lost":
        file.unlink()
    elif how == "grown":
        with file.open("ab") as opened:
            opened.write(chance.randbytes(chance.choice((1, 4096))))
    else:
        other = chance.choice(_files(index))
        content = file.read_bytes()
        file.write_bytes(other.read_bytes())
        other.write_bytes(content)
    return f"{how} {file.relative_to(index)}"


# -- the SQLite file ---------------------------------------------------------------------------------------------------


def damage_file(path: Path, chance: random.Random) -> str:
    """Damage the SQLite file as a bad disk would, and say how. Its log is empty."""
    size = path.stat().st_size
    how = chance.choice(("bits", "page of zeros", "page of noise", "cut", "head", "pages swapped"))
    page = chance.randrange(1, size // 4096)
    with path.open("r+b") as file:
        if how == "bits":
            for _ in range(chance.choice((1, 10, 100))):
                place = chance.randrange(size)
                file.seek(place)
                (byte,) = file.read(1)
                file.seek(place)
                file.write(bytes([byte ^ 1 << chance.randrange(8)]))
        elif how in {"page of zeros", "page of noise"}:
            file.seek(page * 4096)
            file.write(bytes(4096) if how.endswith("zeros") else chance.randbytes(4096))
        elif how == "cut":
            file.truncate(int(size * chance.uniform(0.3, 0.99)))
        elif how == "head":
            file.write(chance.randbytes(chance.choice((16, 100, 4096))))
        else:
            other = chance.randrange(1, size // 4096)
            file.seek(page * 4096)
            one = file.read(4096)
            file.seek(other * 4096)
            two = file.read(4096)
            file.seek(page * 4096)
            file.write(two)
            file.seek(other * 4096)
            file.write(one)
    return how


# -- trying ------------------------------------------------------------------------------------------------------------


def build(folder: Path, *, articles: int = ARTICLES) -> Path:
    """Make an archive with an index in ``folder`` and return its path."""
    path = folder / "archive"
    with create_archive(path, embedder=HashEmbedder(folder / "weights")) as archive:
        archive.add(invented(i) for i in range(articles))
        archive.embed()
        archive.rebuild()
    return path


def hits_of(path: Path) -> Sequence[Sequence[Hit]]:
    """Return what an archive finds for the probes; raise AssertionError for what does not stand in its article."""
    with open_archive(path, writable=True, embedder=HashEmbedder(path.parent / "weights")) as archive:
        found = [archive.search(probe, 5).hits for probe in PROBES]
        for hit in (hit for hits in found for hit in hits):
            passage = hit.passage
            body = archive.article(passage.article.id).body
            number = int(passage.article.id.removeprefix("log-"))
            assert body[passage.start : passage.end] == passage.text, f"{passage.id} is not in its article"
            assert body == invented(number).body, f"{passage.article.id} is not as it was added"
        return found


def try_index_damage(path: Path, expected: Sequence[Sequence[Hit]], kind: str, damage: Damage, seed: str) -> Outcome:
    """Damage the index of a copy: answers are the same before and after it is mended; nothing of it is lost."""
    with _copied(path) as copy:
        told = damage(copy / "index", random.Random(seed))  # noqa: S311 - reproducible, not secret
        faults: list[str] = []
        differing = _differing(copy, expected, "damaged")
        was_found = bool(check_archive(copy, full=True).findings)
        # What is found may have led to other hits; whatever they are, they were read from the archive itself.
        faults += [fault for fault in differing if fault != _OTHER.format("damaged") or not was_found]
        repair_archive(copy)
        faults += _differing(copy, expected, "mended")
        after = check_archive(copy, full=True)
        faults += [f"mended, still: {finding}" for finding in after.findings]
        return Outcome(told if isinstance(told, str) else kind, was_found, after.articles, tuple(faults))


def try_file_damage(path: Path, seed: str) -> Outcome:
    """Damage the SQLite file of a copy: what is read is as it was stored, or refused, and what can be read is kept."""
    with _copied(path) as copy:
        kind = damage_file(copy / FILE_NAME, random.Random(seed))  # noqa: S311 - reproducible, not secret
        faults: list[str] = []
        began = time.monotonic()
        try:
            hits_of(copy)
            garbled = None
        except AssertionError as exc:
            garbled = str(exc)
        except (DatelineError, sqlite3.DatabaseError):  # Refused; the command line has words for both.
            garbled = None
        try:
            was_found = not check_archive(copy, full=True).is_sound
            faults += [garbled] if garbled and not was_found else []
            repair_archive(copy)
            after = check_archive(copy, full=True)
            # An article that changed where nothing else tells is named, for a person to restore or remove.
            faults += [f"mended, still: {finding}" for finding in after.findings if finding.mending is not None]
            articles = after.articles
            with suppress(*([AssertionError] if after.findings else [])):
                hits_of(copy)
        except ArchiveError as exc:
            # Where nothing can be read that is said, with the way back.
            faults += [] if "backup" in (exc.hint or "") else [f"{exc}; {exc.hint}"]
            was_found, articles = True, 0
        if time.monotonic() - began > PATIENCE_S:
            faults.append(f"took {time.monotonic() - began:.0f} s")
        return Outcome(kind, was_found, articles, tuple(faults))


_OTHER = "{}: other hits"


class _copied:  # noqa: N801 - a context, not a thing
    """A copy of an archive, with its embedder's weights, for the length of a block."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Path:
        self._folder = Path(tempfile.mkdtemp(prefix="dateline-damages-", dir=self._path.parent))
        shutil.copytree(self._path, self._folder / "archive")
        shutil.copytree(self._path.parent / "weights", self._folder / "weights")
        return self._folder / "archive"

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _differing(path: Path, expected: Sequence[Sequence[Hit]], state: str) -> list[str]:
    began = time.monotonic()
    try:
        found = hits_of(path)
    except (DatelineError, AssertionError) as exc:
        return [f"{state}: {exc}"]
    if not all(found):
        return [f"{state}: nothing is found"]
    faults = [] if _places(found) == _places(expected) else [_OTHER.format(state)]
    if time.monotonic() - began > PATIENCE_S:
        faults.append(f"{state}: took {time.monotonic() - began:.0f} s")
    return faults


def _places(found: Sequence[Sequence[Hit]]) -> list[list[str]]:
    return [[hit.passage.id for hit in hits] for hits in found]


def named_outcomes(path: Path) -> Iterator[Outcome]:
    expected = hits_of(path)
    for kind, damage in NAMED.items():
        outcome = try_index_damage(path, expected, kind, damage, kind)
        yield Outcome(kind, outcome.was_found, outcome.articles, outcome.faults)


def random_outcomes(path: Path, count: int) -> Iterator[Outcome]:
    expected = hits_of(path)
    for i in range(count):
        yield try_index_damage(path, expected, "", damage_at_random, f"index {i}")


def file_outcomes(path: Path, count: int) -> Iterator[Outcome]:
    for i in range(count):
        yield try_file_damage(path, f"file {i}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=int, default=INDEX_DAMAGES, help="random damages of the index")
    parser.add_argument("--file", type=int, default=FILE_DAMAGES, help="random damages of the SQLite file")
    chosen = parser.parse_args()
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
    failed = 0
    with tempfile.TemporaryDirectory(prefix="dateline-damages-", dir=place) as folder:
        path = build(Path(folder))
        _say("| damages | tried | found by `check --full` | articles left, mean | broken promises | seconds |")
        _say("|---|---|---|---|---|---|")
        for name, outcomes in (
            ("index, named", named_outcomes(path)),
            ("index, random", random_outcomes(path, chosen.index)),
            ("SQLite file", file_outcomes(path, chosen.file)),
        ):
            failed += _tell(name, outcomes)
    return 1 if failed else 0


def _tell(name: str, outcomes: Iterator[Outcome]) -> int:
    """Print a row for these outcomes, and what was broken or not found; return how many promises were broken."""
    began = time.monotonic()
    done = list(outcomes)
    faults = [f"{outcome.kind}: {fault}" for outcome in done for fault in outcome.faults]
    mean = sum(outcome.articles for outcome in done) / max(1, len(done))
    found = sum(outcome.was_found for outcome in done)
    seconds = time.monotonic() - began
    _say(f"| {name} | {len(done)} | {found} | {mean:.1f} of {ARTICLES} | {len(faults)} | {seconds:.0f} |")
    for told in (*faults, *(f"not found: {outcome.kind}" for outcome in done if not outcome.was_found)):
        _say(f"  {told}")
    return len(faults)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - run by hand


if __name__ == "__main__":
    sys.exit(main())
