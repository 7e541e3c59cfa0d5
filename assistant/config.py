"""Settings: flags over ``DATELINE_*`` over the config file over defaults.

Nothing is read from the current folder: a cloned repository must not be able to configure us.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Literal, NoReturn, TypeVar, get_args

from assistant.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_T = TypeVar("_T")
_L = TypeVar("_L", bound=str)

# Whose wire format a server speaks; ``local`` is a file of weights that a process of ours runs.
Provider = Literal["openai", "ollama", "anthropic", "gemini", "local"]
# How a server of embeddings is asked; as store.embedding.endpoint has it, without importing that for every question.
Api = Literal["openai", "tei"]
# What keeps an answer to cited sentences: a grammar of llama.cpp, or a JSON schema.
Constraint = Literal["grammar", "schema"]

# Where the evidence is less sure than this, the archive is said to hold no answer. Of RealTimeQA's answerable questions
# .06 to .09 are then refused, of those whose articles are hidden .87 to .96, and all on other events; with .50 .05 to
# .06 and .83 to .93. tests/benchmarks/answers.py prints it.
CONFIDENT = 0.54

# The most passages that can be searched for.
LARGEST_K = 100

# The file that makes a folder an archive.
_ARCHIVE_FILE = "archive.sqlite3"

_FIRST_TOKEN_S = 60.0
# Two ordinary cores read a prompt of 4,000 tokens at 20-25 a second.
_FIRST_TOKEN_HERE_S = 300.0

_ARCHIVE_NAME = re.compile(r"\w[\w.-]{0,99}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class Secret:
    """A text that shows as ``***`` wherever it is printed, logged or formatted; ``reveal`` is the only way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def prefixed(self, words: str) -> Secret:
        """Return the secret after words that are none, as a header wants it."""
        return Secret(words + self._text)

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled")


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """How one model is reached: a table ``[models.NAME]``, used by ``NAME`` or ``PROVIDER:NAME``.

    ``model`` is what the server calls it, or the path of a local file; without it, the table's NAME. ``base_url`` ends
    before ``/chat/completions``, ``/api/chat``, ``/messages`` or ``/models``. ``api_key_env`` names the variable that
    holds the key. ``context_tokens`` is how much the model can read and write in one request, ``max_tokens`` how much
    of that it may write. ``constrain`` lets the server hold the model to cited sentences.
    """

    model: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    context_tokens: int | None = None
    max_tokens: int | None = None
    temperature: float = 0.0
    provider: Provider = "openai"
    constrain: Constraint | None = None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Deadlines for an LLM in seconds; without ``first_token_s``, ``first_token`` says it."""

    connect_s: float = 10.0
    first_token_s: float | None = None
    between_tokens_s: float = 30.0
    total_s: float = 600.0

    def first_token(self, *, is_here: bool) -> float:
        """Return how long the first word may take: longer on this machine, which may have to load the model first."""
        if self.first_token_s is not None:
            return self.first_token_s
        return _FIRST_TOKEN_HERE_S if is_here else _FIRST_TOKEN_S


@dataclass(frozen=True, slots=True)
class Chroma:
    """The Chroma server that may hold an archive's vector index: the table ``[chroma]``.

    ``token_env`` names the variable whose value is sent as ``x-chroma-token``; ``headers`` holds further headers, each
    with the variable that holds its value.
    """

    url: str
    tenant: str = "default_tenant"
    database: str = "default_database"
    token_env: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Embeddings:
    """A server that embeds passages in bulk by the archive's own model: the table ``[embeddings]``.

    ``model`` is what the server calls it, ``api`` how it is asked, ``api_key_env`` the variable that holds its key.
    """

    url: str
    model: str
    api: Api = "openai"
    api_key_env: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting, resolved.

    ``home`` is the data folder, ``prompts`` the folder for prompts of the user's own, which need not exist, ``archive``
    a name or an absolute path (``archive_path`` says which), ``embedder`` a model's name or ``None`` for the built-in
    one, ``k`` how many hits are searched for, ``confidence`` how sure the evidence must be for an answer, from 0 to 1,
    ``rerank`` whether a cross-encoder looks at their order and ``reranker`` its name, ``None`` for the built-in one,
    and ``allow_download`` lets ``add`` fetch weights from a hub. ``theme`` is one of Textual's, ``None`` for its own
    choice, and ``keys`` are those of the chat's actions that are not the default, as Textual spells them.
    """

    home: Path
    prompts: Path
    archive: str = "default"
    model: str = "extractive"
    embedder: str | None = None
    k: int = 10
    rerank: bool = False
    reranker: str | None = None
    allow_download: bool = False
    confidence: float = CONFIDENT
    theme: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, ModelProfile] = field(default_factory=dict)
    timeouts: Timeouts = field(default_factory=Timeouts)
    chroma: Chroma | None = None
    embeddings: Embeddings | None = None


def load_config(
    path: Path | None,
    env: Mapping[str, str],
    *,
    archive: str | None = None,
    model: str | None = None,
    embedder: str | None = None,
    k: int | None = None,
    rerank: bool | None = None,
    allow_download: bool | None = None,
) -> Config:
    """Return the settings from flags, ``env``, the config file and the defaults, in this order of precedence.

    ``path`` is what ``--config`` names; then ``DATELINE_CONFIG``; then ``dateline/config.toml`` in the XDG config
    folder, the only one that may be missing. A flag that is ``None`` was not given. Raise ``ConfigError``.
    """
    named = path or _folder_in(env, "DATELINE_CONFIG")
    file = config_file(path, env)
    config = Config(home=_xdg_folder(env, "XDG_DATA_HOME", ".local/share"), prompts=file.parent / "prompts")
    text = _read(file, may_be_missing=named is None)
    if text is not None:
        config = _with_file(config, _Table(parse_toml(text, file), file))
    config = _with_env(config, env)
    if k is not None and _K.read(k) is None:
        raise ConfigError(f"k must be {_K.what}, not {k}")
    return replace(
        config,
        archive=_archive_flag(archive, config.home) or config.archive,
        model=model or config.model,
        embedder=embedder or config.embedder,
        k=config.k if k is None else k,
        rerank=config.rerank if rerank is None else rerank,
        allow_download=config.allow_download if allow_download is None else allow_download,
    )


def parse_config(text: str, file: Path) -> Config:
    """Return what the text of a config file says, over the defaults; raise ``ConfigError`` where it cannot be one."""
    return _with_file(Config(home=file.parent, prompts=file.parent), _Table(parse_toml(text, file), file))


def config_file(path: Path | None, env: Mapping[str, str]) -> Path:
    """Return the file that ``load_config`` reads, whether it is there or not."""
    named = path or _folder_in(env, "DATELINE_CONFIG")
    return (named or _xdg_folder(env, "XDG_CONFIG_HOME", ".config") / "config.toml").absolute()


def archive_path(config: Config) -> Path:
    """Return the archive's folder: a name is a folder below ``home/archives``, anything else a path."""
    if Path(config.archive).is_absolute():
        return Path(config.archive)
    if not _ARCHIVE_NAME.fullmatch(config.archive):
        raise ConfigError(
            f"{config.archive!r} cannot be an archive's name",
            hint="use letters, digits, '.', '-' and '_', or give a path with a '/'",
        )
    return config.home / "archives" / config.archive


@dataclass(frozen=True, slots=True)
class _Kind(Generic[_T]):
    """What a value may be, in words, and how it is read: ``None`` when it is something else."""

    what: str
    read: Callable[[object], _T | None]


def _whole(low: int, high: int) -> _Kind[int]:
    def read(value: object) -> int | None:
        return value if type(value) is int and low <= value <= high else None

    return _Kind(f"a whole number from {low} to {high}", read)


def _number(low: float, high: float) -> _Kind[float]:
    def read(value: object) -> float | None:
        return float(value) if type(value) in (int, float) and low <= value <= high else None  # type: ignore[operator, arg-type]  # mypy does not narrow by type()

    return _Kind(f"a number from {low:g} to {high:g}", read)


def _one_of(known: tuple[_L, ...]) -> _Kind[_L]:
    def read(value: object) -> _L | None:
        return next((name for name in known if name == value), None)

    return _Kind("one of " + ", ".join(f'"{name}"' for name in known), read)


def _read_url(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    from store.json_server import checked_url

    try:
        checked_url(value)
    except ValueError:
        return None
    return value.rstrip("/")


_TEXT = _Kind("a text", lambda value: value if isinstance(value, str) and value.strip() else None)
_VARIABLE = _Kind(
    "the name of an environment variable that holds the value",
    lambda value: value if isinstance(value, str) and _VARIABLE_NAME.fullmatch(value) else None,
)
_URL = _Kind("a URL like http://HOST:PORT or https://HOST, without a name or password", _read_url)
_FLAG = _Kind("true or false", lambda value: value if isinstance(value, bool) else None)
_TABLE: _Kind[dict[str, object]] = _Kind("a table", lambda value: value if isinstance(value, dict) else None)
_PROVIDER: _Kind[Provider] = _one_of(get_args(Provider))
_API: _Kind[Api] = _one_of(get_args(Api))
_CONSTRAINT: _Kind[Constraint] = _one_of(get_args(Constraint))
_K = _whole(1, LARGEST_K)
_TOKENS = _whole(1, 100_000_000)
_TEMPERATURE = _number(0, 2)
_SHARE = _number(0, 1)
_SECONDS = _number(0.001, 86_400)


class _Table:
    """One table of the config file, read key by key; ``close`` refuses the keys that nobody asked for."""

    def __init__(self, values: dict[str, object], file: Path, name: str = "") -> None:
        self._values = values
        self._asked: set[str] = set()
        self._name = name
        self.file = file

    def take(self, key: str, kind: _Kind[_T], default: _T) -> _T:
        value = self.take_given(key, kind)
        return default if value is None else value

    def take_given(self, key: str, kind: _Kind[_T]) -> _T | None:
        """Return what stands there, ``None`` if nothing does."""
        self._asked.add(key)
        if key not in self._values:
            return None
        value = kind.read(self._values[key])
        if value is None:
            raise ConfigError(f"{self.file}: {self._name}{key} must be {kind.what}")
        return value

    def take_text(self, key: str) -> str | None:
        return self.take_given(key, _TEXT)

    def tables(self) -> Iterable[tuple[str, _Table]]:
        """Yield every key with its table, for a table of tables."""
        for key in self._values:
            yield key, self.table(key)

    def table(self, key: str) -> _Table:
        return _Table(self.take(key, _TABLE, {}), self.file, f"{self._name}{key}.")

    def names(self) -> list[str]:
        return list(self._values)

    def close(self) -> None:
        for key in self._values.keys() - self._asked:
            near = nearest(key, self._asked)
            known = ", ".join(sorted(self._asked))
            hint = f"did you mean {self._name}{near}?" if near else f"the keys here are {known}"
            raise ConfigError(f"{self.file}: unknown key {self._name + key!r}", hint=hint)


def _with_file(config: Config, table: _Table) -> Config:
    folder = table.file.parent
    home = table.take_text("home")
    archive = table.take_text("archive")
    changed = replace(
        config,
        home=folder / _expanded(home) if home else config.home,
        archive=_anchored(archive, folder) if archive else config.archive,
        model=table.take("model", _TEXT, config.model),
        embedder=table.take_text("embedder"),
        k=table.take("k", _K, config.k),
        rerank=table.take("rerank", _FLAG, config.rerank),
        reranker=table.take_text("reranker"),
        allow_download=table.take("allow_download", _FLAG, config.allow_download),
        confidence=table.take("confidence", _SHARE, config.confidence),
        theme=_read_theme(table),
        keys=_read_keys(table.table("keys")),
        models={name: _read_profile(profile) for name, profile in table.table("models").tables()},
        timeouts=_read_timeouts(table.table("timeouts")),
        chroma=_read_chroma(table.table("chroma")),
        embeddings=_read_embeddings(table.table("embeddings")),
    )
    table.close()
    return changed


def _with_env(config: Config, env: Mapping[str, str]) -> Config:
    archive = env.get("DATELINE_ARCHIVE")
    return replace(
        config,
        home=_folder_in(env, "DATELINE_HOME") or config.home,
        archive=_anchored(archive, Path.cwd()) if archive else config.archive,
        model=env.get("DATELINE_MODEL") or config.model,
        embedder=env.get("DATELINE_EMBEDDER") or config.embedder,
    )


def _read_profile(table: _Table) -> ModelProfile:
    profile = ModelProfile(
        model=table.take_text("model"),
        base_url=table.take_text("base_url"),
        api_key_env=table.take_text("api_key_env"),
        context_tokens=table.take_given("context_tokens", _TOKENS),
        max_tokens=table.take_given("max_tokens", _TOKENS),
        temperature=table.take("temperature", _TEMPERATURE, ModelProfile().temperature),
        provider=table.take("provider", _PROVIDER, ModelProfile().provider),
        constrain=table.take_given("constrain", _CONSTRAINT),
    )
    table.close()
    return profile


def _read_timeouts(table: _Table) -> Timeouts:
    default = Timeouts()
    timeouts = Timeouts(
        connect_s=table.take("connect_s", _SECONDS, default.connect_s),
        first_token_s=table.take_given("first_token_s", _SECONDS),
        between_tokens_s=table.take("between_tokens_s", _SECONDS, default.between_tokens_s),
        total_s=table.take("total_s", _SECONDS, default.total_s),
    )
    table.close()
    return timeouts


def _read_chroma(table: _Table) -> Chroma | None:
    url = table.take_given("url", _URL)
    tenant, database = table.take("tenant", _TEXT, "default_tenant"), table.take("database", _TEXT, "default_database")
    token_env = table.take_given("token_env", _VARIABLE)
    given = table.table("headers")
    headers = {name: variable for name in given.names() if (variable := given.take_given(name, _VARIABLE))}
    for name in headers:
        if not _HEADER_NAME.fullmatch(name):
            raise ConfigError(f"{table.file}: chroma.headers: {name!r} cannot be the name of a header")
    table.close()
    return None if url is None else Chroma(url, tenant, database, token_env, headers)


def _read_embeddings(table: _Table) -> Embeddings | None:
    url = table.take_given("url", _URL)
    model, api = table.take("model", _TEXT, "default"), table.take("api", _API, "openai")
    api_key_env = table.take_given("api_key_env", _VARIABLE)
    table.close()
    return None if url is None else Embeddings(url, model, api, api_key_env)


def _read_theme(table: _Table) -> str | None:
    from assistant.themes import THEMES  # only for those who have a config file, as what follows

    name = table.take_text("theme")
    if name is not None and name not in THEMES:
        near = nearest(name, THEMES)
        hint = f"did you mean {near!r}?" if near else f"the themes are {', '.join(THEMES)}"
        raise ConfigError(f"{table.file}: there is no theme {name!r}", hint=hint)
    return name


def _read_keys(table: _Table) -> Mapping[str, str]:
    from assistant.keys import ACTIONS, read_keys

    given = {action.id: table.take_text(action.id) for action in ACTIONS}
    table.close()
    try:
        return read_keys({action: keys for action, keys in given.items() if keys is not None})
    except ConfigError as exc:
        raise ConfigError(f"{table.file}: {exc}", hint=exc.hint) from exc


def _read(file: Path, *, may_be_missing: bool) -> str | None:
    try:
        return file.read_text(encoding="utf-8-sig")  # as some editors of Windows begin it
    except FileNotFoundError:
        if may_be_missing:
            return None
        raise ConfigError(f"there is no config file {str(file)!r}") from None
    except OSError as exc:
        raise ConfigError(f"cannot read config file {str(file)!r}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{file}: not UTF-8", hint="save the config file as UTF-8") from exc


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name most like one that is none, None where nothing is like it."""
    from difflib import get_close_matches  # 7 ms, for a typing error only

    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.5)), None)


def parse_toml(text: str, file: Path) -> dict[str, object]:
    """Return the tables of a config file as they are written; raise ``ConfigError`` with the line of a mistake."""
    import tomllib  # only for those who have a config file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        what = str(exc)
        place = _TOML_PLACE.search(what)
        line = (place and place[1]) or str(text.count("\n") + 1)
        raise ConfigError(f"{file}:{line}: not valid TOML: {_TOML_PLACE.sub('', what)}") from exc


def _xdg_folder(env: Mapping[str, str], variable: str, fallback: str) -> Path:
    """Return our folder under an XDG base folder.

    By hand: ``import platformdirs`` takes 26-31 ms. A relative path must be ignored, says the XDG specification.
    """
    base = Path(env.get(variable, ""))
    return (base if base.is_absolute() else Path(env.get("HOME") or Path.home()) / fallback) / "dateline"


def _folder_in(env: Mapping[str, str], variable: str) -> Path | None:
    value = env.get(variable)
    return _expanded(value).absolute() if value else None


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError as exc:
        raise ConfigError(f"no home folder for {path!r}") from exc


def _is_path(archive: str) -> bool:
    return os.sep in archive or archive.startswith("~") or archive in {".", ".."}


def _anchored(archive: str, folder: Path) -> str:
    """Return a name as it is and a path as an absolute one, relative paths counted from ``folder``."""
    return str(folder / _expanded(archive)) if _is_path(archive) else archive


def _archive_flag(archive: str | None, home: Path) -> str | None:
    """Return what ``--archive`` names.

    Only a flag may mean a folder without a separator, for only a flag is typed where the folder is seen; and only where
    an archive lies in it: ``-a news add news/*.txt`` must not put an archive among the articles.
    """
    if not archive:
        return None
    here = Path.cwd() / archive
    if not _is_path(archive) and not (home / "archives" / archive).exists() and (here / _ARCHIVE_FILE).is_file():
        return str(here)
    return _anchored(archive, Path.cwd())
