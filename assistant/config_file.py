"""The config file as a text to be changed: a setting at a time, with everything else left as its owner wrote it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from assistant.config import Chroma, Config, ModelProfile, Timeouts, nearest, parse_config
from assistant.errors import ConfigError

# What Config holds that no setting names: where the prompts are follows from the file's place.
_NO_SETTING = frozenset({"prompts"})
_TABLES = {"chroma": Chroma, "timeouts": Timeouts}
# Tables whose keys anybody may name.
_OPEN_TABLES = ("keys", "models", "chroma.headers")


class ConfigFile:
    """One config file, which need not exist; ``save`` writes what was changed. Raise ConfigError."""

    def __init__(self, path: Path) -> None:
        # Where it is a link, as in folders of dotfiles, what it points to is written, and the link stays.
        self._path = path.resolve()
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            text = ""
        except (OSError, UnicodeDecodeError) as exc:
            raise ConfigError(f"cannot read config file {str(path)!r}: {exc}") from exc
        if text:
            parse_config(text, self._path)
        self._document = tomlkit.parse(text)

    def get(self, key: str) -> str | None:
        """Return a setting as TOML writes it, None where the file says nothing; raise for a key that cannot be."""
        _check_key(key)
        table, name = self._table_of(key)
        if table is None or name not in table:
            return None
        return _written(table[name])

    def settings(self) -> Iterator[tuple[str, str]]:
        """Yield each setting with its value as TOML writes it, in the order of the file."""
        yield from _settings_below(self._document, "")

    def set(self, key: str, value: str) -> None:
        """Change or add a setting: a number, true or false where the setting is one, a text otherwise."""
        _check_key(key)
        before = tomlkit.dumps(self._document)
        refused: ConfigError | None = None
        for read in _readings(value):
            self._document = tomlkit.parse(before)
            self._put(key, read)
            try:
                parse_config(tomlkit.dumps(self._document), self._path)
            except ConfigError as exc:
                refused = exc
            else:
                return
        self._document = tomlkit.parse(before)
        assert refused is not None  # a text is always among the readings
        raise refused

    def unset(self, key: str) -> bool:
        """Take a setting out and return whether it was there."""
        _check_key(key)
        table, name = self._table_of(key)
        if table is None or name not in table:
            return False
        del table[name]
        parse_config(tomlkit.dumps(self._document), self._path)
        return True

    def save(self) -> None:
        """Write the file aside and put it in place, for its owner's eyes alone."""
        aside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - with a mode from the beginning
                    file.write(tomlkit.dumps(self._document))
                    file.flush()
                    os.fsync(file.fileno())
                aside.replace(self._path)
            finally:
                aside.unlink(missing_ok=True)
        except OSError as exc:
            raise ConfigError(f"cannot write config file {str(self._path)!r}: {exc.strerror}") from exc

    def _table_of(self, key: str) -> tuple[Any, str]:
        *tables, name = key.split(".")
        table: Any = self._document
        for one in tables:
            table = table.get(one)
            if not isinstance(table, dict):
                return None, name
        return table, name

    def _put(self, key: str, value: object) -> None:
        *tables, name = key.split(".")
        table: Any = self._document
        for one in tables:
            if one not in table:
                table[one] = tomlkit.table()
            table = table[one]
            if not isinstance(table, dict):
                raise ConfigError(f"{self._path}: {one!r} is not a table, so there is no {key!r}")
        table[name] = value


def _check_key(key: str) -> None:
    """Raise ConfigError, naming the nearest, for a key that no setting can have."""
    if not all(key.split(".")):
        raise ConfigError(f"{key!r} cannot be a setting's name", hint="write it like k or chroma.url")
    parts = key.split(".")
    if any(key.startswith(f"{table}.") for table in _OPEN_TABLES):
        known = [f"{'.'.join(parts[:2])}.{one.name}" for one in fields(ModelProfile)]
        if parts[0] != "models" or key in known:
            return
    else:
        known = list(_known_keys())
    if key not in known:
        near = nearest(key, known)
        raise ConfigError(
            f"there is no setting {key!r}", hint=f"did you mean {near}?" if near else f"there are {', '.join(known)}"
        )


def _known_keys() -> Iterator[str]:
    tables = {"keys", "models", *_TABLES}
    yield from (one.name for one in fields(Config) if one.name not in tables | _NO_SETTING)
    for table, kind in _TABLES.items():
        yield from (f"{table}.{one.name}" for one in fields(kind) if f"{table}.{one.name}" not in _OPEN_TABLES)


def _readings(value: str) -> Iterator[object]:
    """Yield what a typed value may mean: what TOML reads, where that is no table, and the text as it stands."""
    try:
        read = tomlkit.parse(f"value = {value}").unwrap()["value"] if "\n" not in value else None
    except TOMLKitError:
        read = None
    if isinstance(read, bool | int | float | str | list):
        yield read
    yield value


def _settings_below(table: Any, name: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _settings_below(value, f"{name}{key}.")
        else:
            yield f"{name}{key}", _written(value)


def _written(value: Any) -> str:
    return str(value.as_string()).strip() if hasattr(value, "as_string") else str(tomlkit.item(value).as_string())
