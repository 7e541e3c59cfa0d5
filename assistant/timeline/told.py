"""What was told of a topic in its last brief, kept in the data folder: an archive may be read-only."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assistant.errors import ConfigError
from store.words import words

_FOLDER = "briefs"
_SCHEMA = "dateline.told/1"
# What is larger was not written here.
_LARGEST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """A brief at a ``moment`` (UTC), of what was published up to ``day``.

    ``articles`` are the ids of all that were known, with the digests of their texts.
    """

    moment: datetime
    day: date
    articles: Mapping[str, str]


def digest(body: str) -> str:
    """Return what tells a text from another one of the same article."""
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def told_file(home: Path, archive: Path, topic: str, outlets: Sequence[str] = (), about: Sequence[str] = ()) -> Path:
    """Return where it is kept: the words of a topic count, not their case or the signs between them."""
    kept_to = [*sorted(name.casefold() for name in outlets), *sorted(f"about {name.casefold()}" for name in about)]
    told = "\n".join((str(archive.resolve()), " ".join(words(topic)), *kept_to))
    return home / _FOLDER / f"{digest(told)}.json"


def load_told(file: Path) -> Told | None:
    """Return what was told, None where there was no brief; raise ConfigError where the file cannot be read."""
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise ConfigError(f"cannot read {str(file)!r}: {exc.strerror}") from exc
    try:
        return _read(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ConfigError(
            f"{str(file)!r} does not hold what was told last", hint="remove it, or name a day with --since"
        ) from exc


def keep_told(file: Path, told: Told, topic: str) -> None:
    """Keep what was told, whole or not at all; raise OSError."""
    record = {
        "schema": _SCHEMA,
        "topic": topic,
        "moment": told.moment.isoformat(),
        "day": told.day.isoformat(),
        "articles": dict(sorted(told.articles.items())),
    }
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}-{os.getpid()}.new")
    try:
        with aside.open("w", encoding="utf-8") as opened:
            json.dump(record, opened, ensure_ascii=True)
            opened.flush()
            os.fsync(opened.fileno())
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)


def _read(record: Any) -> Told:
    if record["schema"] != _SCHEMA:
        raise ValueError(record["schema"])
    articles = {str(name): str(value) for name, value in record["articles"].items()}
    moment = datetime.fromisoformat(record["moment"])
    if moment.tzinfo is None:
        raise ValueError(record["moment"])
    return Told(moment, date.fromisoformat(record["day"]), articles)
