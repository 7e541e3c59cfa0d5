"""The config file as a text to be changed: a setting at a time, with everything else left as its owner wrote it."""

from __future__ import annotations

import fcntl
import os
import secrets
import shlex
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from assistant.config import Chroma, Config, Embeddings, ModelProfile, Timeouts, nearest, parse_config, parse_toml
from assistant.errors import ConfigError

# What Config holds that no setting names: where the prompts are follows from the file's place.
_NO_SETTING = frozenset({"prompts"})
_TABLES = {"chroma": Chroma, "embeddings": Embeddings, "timeouts": Timeouts}
# Tables whose keys anybody may name.
_OPEN_TABLES = ("keys", "models", "chroma.headers")

_MARK = "\ufeff"


class ConfigFile:
    """One config file, which need not exist; ``save`` writes what was changed. Raise ConfigError.

    It must be TOML; what its settings say may be wrong, so that it can be mended.
    """

    def __init__(self, path: Path) -> None:
        try:
            # Where it is a link, as in folders of dotfiles, what it points to is written, and the link stays.
            self._path = path.resolve()
            self._found = _bytes_of(self._path)
            text = (self._found or b"").decode()
        except (OSError, RuntimeError, UnicodeDecodeError) as exc:  # RuntimeError: a link to itself
            raise ConfigError(f"cannot read config file {str(path)!r}: {exc}") from exc
        self._mark = _MARK if text.startswith(_MARK) else ""
        text = text.removeprefix(_MARK)
        parse_toml(text, self._path)
        # As some editors end lines; where both are there, each line keeps its own.
        self._newline = "\r\n" if "\r\n" in text and "\n" not in text.replace("\r\n", "") else "\n"
        try:
            self._document = tomlkit.parse(text.replace("\r\n", "\n") if self._newline == "\r\n" else text)
        except TOMLKitError as exc:
            raise ConfigError(f"{self._path}: {exc}", hint="edit it by hand") from exc

    def get(self, key: str) -> str | None:
        """Return a setting as TOML writes it, None where the file says nothing; raise for a key that cannot be."""
        _check_key(key)
        table, name = self._table_of(_parts(key))
        if table is None or name not in table:
            return None
        return _written(table[name])

    def settings(self) -> Iterator[tuple[str, str]]:
        """Yield each setting with its value as TOML writes it, in the order of the file."""
        yield from _settings_below(self._document, "")

    def set(self, key: str, value: str) -> None:
        """Change or add a setting: a number, true or false where the setting is one, a text otherwise."""
        _check_key(key)
        if not f"{key}{value}".isascii():
            _require_utf8(key, value)
        before, parts = tomlkit.dumps(self._document), _parts(key)
        read = self._reading(parts, value)
        refused: ConfigError | None = None
        # In a table that is written in one line, or by keys with dots, no other can begin but in one line.
        for new_table in (tomlkit.table, tomlkit.inline_table):
            try:
                self._put(parts, read, new_table)
                self._require_only(before, parts, read)
                self._require_not_worse(before)
            except ConfigError as exc:
                refused = exc
                self._document = tomlkit.parse(before)
            else:
                return
        assert refused is not None  # tried twice
        raise refused

    def unset(self, key: str) -> bool:
        """Take out what stands there, a setting, a table or what is neither; return whether it was there."""
        table, name = self._table_of(_parts(key))
        if table is None or name not in table:
            _check_key(key)
            return False
        before = tomlkit.dumps(self._document)
        del table[name]
        self._require_not_worse(before)
        self._require_only(before, _parts(key), None)
        return True

    def save(self) -> None:
        """Write the file aside and put it in place, for its owner's eyes alone."""
        text = tomlkit.dumps(self._document)
        content = (self._mark + (text.replace("\n", "\r\n") if self._newline == "\r\n" else text)).encode()
        aside = self._path.with_name(f".{self._path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _alone_in(self._path.parent):
                self._require_as_found()
                try:
                    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - with a mode from the beginning
                        file.write(content)
                        file.flush()
                        os.fsync(file.fileno())
                    aside.replace(self._path)
                finally:
                    aside.unlink(missing_ok=True)
        except OSError as exc:
            raise ConfigError(f"cannot write config file {str(self._path)!r}: {exc.strerror}") from exc
        self._found = content

    def _require_as_found(self) -> None:
        """Raise where somebody else wrote the file since it was read, or wants nobody to."""
        if _bytes_of(self._path) != self._found:
            raise ConfigError(f"{self._path} was changed by somebody else meanwhile", hint="run the command again")
        if self._found is not None and not self._path.stat().st_mode & 0o222:
            raise ConfigError(
                f"config file {str(self._path)!r} is read-only", hint=f"chmod u+w {shlex.quote(str(self._path))}"
            )

    def _require_not_worse(self, before: str) -> None:
        """Raise where a file whose settings could be used cannot be any more."""
        try:
            parse_config(tomlkit.dumps(self._document), self._path)
        except ConfigError:
            if _is_usable(before, self._path):
                raise

    def _require_only(self, before: str, parts: Sequence[str], value: object) -> None:
        """Raise where something else was changed than one setting, None for one that is taken out."""
        expected = tomllib.loads(before)
        table = expected
        for one in parts[:-1]:
            table = table.setdefault(one, {})
        if value is None:
            del table[parts[-1]]
        else:
            table[parts[-1]] = value
        try:
            is_as_expected = _pruned(tomllib.loads(tomlkit.dumps(self._document))) == _pruned(expected)
        except tomllib.TOMLDecodeError:
            is_as_expected = False
        if not is_as_expected:
            raise self._unchangeable(parts)

    def _table_of(self, parts: Sequence[str]) -> tuple[Any, str]:
        *tables, name = parts
        table: Any = self._document
        for one in tables:
            table = table.get(one)
            if not isinstance(table, dict):
                return None, name
        return table, name

    def _put(self, parts: Sequence[str], value: object, new_table: Callable[[], object]) -> None:
        *tables, name = parts
        table: Any = self._document
        try:
            for one in tables:
                if one not in table:
                    table[one] = new_table()
                table = table[one]
                if not isinstance(table, dict):
                    raise ConfigError(f"{self._path}: {one!r} is not a table, so there is no {'.'.join(parts)!r}")
            table[name] = value
        except (TOMLKitError, ValueError) as exc:
            raise self._unchangeable(parts) from exc

    def _reading(self, parts: Sequence[str], value: str) -> object:
        """Return what a typed value means for a setting by itself: the rest of the file may be wrong."""
        refused: ConfigError | None = None
        for read in _readings(value):
            try:
                parse_config(tomlkit.dumps(_nested(parts, read)), self._path)
            except ConfigError as exc:
                refused = exc
            else:
                return read
        assert refused is not None  # a text is always among the readings
        raise refused

    def _unchangeable(self, parts: Sequence[str]) -> ConfigError:
        return ConfigError(f"{self._path}: {'.'.join(parts)!r} cannot be changed here", hint="edit it by hand")


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep another process that does this waiting."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_usable(text: str, file: Path) -> bool:
    try:
        parse_config(text, file)
    except ConfigError:
        return False
    return True


def _require_utf8(key: str, value: str) -> None:
    try:
        f"{key}{value}".encode()
    except UnicodeEncodeError:
        raise ConfigError(f"what was typed for {key!a} is not UTF-8") from None


def _nested(parts: Sequence[str], value: object) -> dict[str, Any]:
    nested: Any = value
    for one in reversed(parts):
        nested = {one: nested}
    assert isinstance(nested, dict)  # a key has a part
    return nested


def _pruned(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table without the empty ones below it."""
    pruned = {name: _pruned(value) if isinstance(value, dict) else value for name, value in table.items()}
    return {name: value for name, value in pruned.items() if value != {}}


def _parts(key: str) -> list[str]:
    """Return the names of the tables and of the setting; a model's or a header's may have dots in it."""
    if not all(key.split(".")):
        raise ConfigError(f"{key!r} cannot be a setting's name", hint="write it like k or chroma.url")
    parts = key.split(".")
    if parts[0] == "models":
        of_profile = len(parts) > 2 and parts[-1] in {one.name for one in fields(ModelProfile)}
        name = ".".join(parts[1 : -1 if of_profile else None]).strip("\"'")
        return [one for one in ("models", name, parts[-1] if of_profile else "") if one]
    if parts[:2] == ["chroma", "headers"]:
        return [one for one in ("chroma", "headers", ".".join(parts[2:]).strip("\"'")) if one]
    return parts


def _check_key(key: str) -> None:
    """Raise ConfigError, naming the nearest, for a key that no setting can have."""
    parts = _parts(key)
    if any(key.startswith(f"{table}.") for table in _OPEN_TABLES):
        if parts[0] != "models" or len(parts) > 2:
            return
        table = key.rpartition(".")[0] if key.count(".") > 1 else key
        known = [f"{table}.{one.name}" for one in fields(ModelProfile)]
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
