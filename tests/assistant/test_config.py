"""Settings: who wins, what is refused and in which words."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from assistant.config import Config, ModelProfile, Secret, Timeouts, archive_path, load_config
from assistant.errors import ConfigError

FULL = """
home = "elsewhere"
archive = "winter"
model = "openai:local"
embedder = "BAAI/bge-small-en-v1.5"
k = 20
rerank = true
reranker = "cross-encoder/ms-marco-MiniLM-L6-v2"
allow_download = true
theme = "nord"

[keys]
read = "F2, Ctrl+O"
quit = "ctrl+q"

[models.local]
model = "qwen2.5-1.5b"
base_url = "http://127.0.0.1:8080/v1"
api_key_env = "LOCAL_KEY"
context_tokens = 4096
max_tokens = 500
temperature = 1
constrain = "grammar"

[models.claude]
provider = "anthropic"

[timeouts]
first_token_s = 300
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def test_without_a_file_everything_has_a_default(tmp_path: Path, env: dict[str, str]) -> None:
    assert load_config(None, env) == Config(
        home=tmp_path / ".local/share/dateline", prompts=tmp_path / ".config/dateline/prompts"
    )


def test_a_file_sets_everything(file: Path, env: dict[str, str]) -> None:
    file.write_text(FULL, encoding="utf-8")

    assert load_config(file, env) == Config(
        home=file.parent / "elsewhere",
        prompts=file.parent / "prompts",
        archive="winter",
        model="openai:local",
        embedder="BAAI/bge-small-en-v1.5",
        k=20,
        rerank=True,
        reranker="cross-encoder/ms-marco-MiniLM-L6-v2",
        allow_download=True,
        theme="nord",
        keys={"read": "f2,ctrl+o"},
        models={
            "local": ModelProfile(
                model="qwen2.5-1.5b",
                base_url="http://127.0.0.1:8080/v1",
                api_key_env="LOCAL_KEY",
                context_tokens=4096,
                max_tokens=500,
                temperature=1.0,
                constrain="grammar",
            ),
            "claude": ModelProfile(provider="anthropic"),
        },
        timeouts=Timeouts(first_token_s=300.0),
    )


def test_flags_win_over_variables_and_variables_over_the_file(file: Path, env: dict[str, str]) -> None:
    file.write_text(FULL, encoding="utf-8")
    env |= {"DATELINE_ARCHIVE": "spring", "DATELINE_MODEL": "extractive", "DATELINE_EMBEDDER": "own"}

    config = load_config(file, env, archive="summer", k=5, allow_download=False, rerank=False)

    assert (config.archive, config.model, config.embedder) == ("summer", "extractive", "own")
    assert (config.k, config.allow_download, config.rerank) == (5, False, False)
    assert config.reranker == "cross-encoder/ms-marco-MiniLM-L6-v2"


@pytest.mark.parametrize(
    ("text", "flag", "rerank"),
    [("", None, False), ("", True, True), ("rerank = true", None, True), ("rerank = true", False, False)],
)
def test_hits_are_reranked_where_the_flag_or_else_the_file_says_so(
    file: Path, env: dict[str, str], text: str, flag: bool | None, rerank: bool
) -> None:
    file.write_text(text, encoding="utf-8")

    assert load_config(file, env, rerank=flag).rerank is rerank


def test_variables_name_the_data_folder_and_the_file(file: Path, env: dict[str, str], tmp_path: Path) -> None:
    file.write_text("k = 3", encoding="utf-8")
    env |= {"DATELINE_CONFIG": str(file), "DATELINE_HOME": str(tmp_path / "data")}

    config = load_config(None, env)

    assert (config.k, config.home) == (3, tmp_path / "data")


def test_the_xdg_folders_are_used_unless_they_are_relative(tmp_path: Path, env: dict[str, str]) -> None:
    (tmp_path / "xdg/dateline").mkdir(parents=True)
    (tmp_path / "xdg/dateline/config.toml").write_text("k = 4", encoding="utf-8")
    env |= {"XDG_CONFIG_HOME": str(tmp_path / "xdg"), "XDG_DATA_HOME": "share"}

    config = load_config(None, env)

    assert (config.k, config.home) == (4, tmp_path / ".local/share/dateline")


def test_nothing_is_read_from_the_current_folder(
    tmp_path: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clone/default").mkdir(parents=True)
    (tmp_path / "clone/default/archive.sqlite3").touch()
    for name in ("config.toml", "dateline.toml", ".env"):
        (tmp_path / "clone" / name).write_text("model = 'openai:evil'", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "clone")

    config = load_config(None, env)

    assert config.model == "extractive"
    assert archive_path(config) == tmp_path / ".local/share/dateline/archives/default"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("kk = 3", "unknown key 'kk'", "did you mean k?"),
        (
            "colour = 'red'",
            "unknown key 'colour'",
            "the keys here are allow_download, archive, chroma, confidence, embedder, embeddings, home, k, keys,",
        ),
        ("[timeouts]\nfirst_tokens_s = 3", "unknown key 'timeouts.first_tokens_s'", "did you mean timeouts.first_tok"),
        ("[models.a]\nbase_ulr = 'x'", "unknown key 'models.a.base_ulr'", "did you mean models.a.base_url?"),
        ("k = 'ten'", "k must be a whole number from 1 to 100", None),
        ("k = 0", "k must be a whole number from 1 to 100", None),
        ("k = true", "k must be a whole number from 1 to 100", None),
        ("model = ' '", "model must be a text", None),
        ("allow_download = 1", "allow_download must be true or false", None),
        ("rerank = 'yes'", "rerank must be true or false", None),
        ("reranker = true", "reranker must be a text", None),
        ("reranked = true", "unknown key 'reranked'", "did you mean rerank"),
        ("models = 3", "models must be a table", None),
        ("[models]\na = 3", "models.a must be a table", None),
        ("[models.a]\ntemperature = nan", "models.a.temperature must be a number from 0 to 2", None),
        (
            "[models.a]\nprovider = 'OpenAI'",
            'models.a.provider must be one of "openai", "ollama", "anthropic", "gemini", "local"',
            None,
        ),
        ("[models.a]\nconstrain = true", 'models.a.constrain must be one of "grammar", "schema"', None),
        ("theme = 'gruvbocks'", "there is no theme 'gruvbocks'", "did you mean 'gruvbox'?"),
        ("theme = 'x'", "there is no theme 'x'", "the themes are textual-dark, textual-light, ansi-dark,"),
        ("theme = 3", "theme must be a text", None),
        ("[keys]\nreed = 'f2'", "unknown key 'keys.reed'", "did you mean keys.read?"),
        ("[keys]\nread = ['f2']", "keys.read must be a text", None),
        ("[keys]\nread = 'ctrl+'", "keys.read: there is no key 'ctrl+'", "write it as 'ctrl+o'"),
        ("[keys]\nread = 'ctrl+g'", "keys.sources and keys.read are both 'ctrl+g'", "give keys.read another key"),
        ("[timeouts]\ntotal_s = 0", "timeouts.total_s must be a number from 0.001 to 86400", None),
    ],
)
def test_a_wrong_key_or_value_is_named_with_its_file(
    file: Path, env: dict[str, str], text: str, message: str, hint: str | None
) -> None:
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_config(file, env)

    assert str(caught.value) == f"{file}: {message}"
    assert (caught.value.hint or "").startswith(hint or "")


@pytest.mark.parametrize(("text", "line"), [("k = 1\nmodel", 2), ("\n\nk = 1 2\n", 3), ('a = """', 1)])
def test_broken_toml_is_named_with_file_and_line(file: Path, env: dict[str, str], text: str, line: int) -> None:
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_config(file, env)

    assert str(caught.value).startswith(f"{file}:{line}: not valid TOML: ")
    assert "(at " not in str(caught.value)


def test_a_file_that_is_named_must_be_there_and_readable(file: Path, env: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="there is no config file"):
        load_config(file, env)
    with pytest.raises(ConfigError, match="cannot read config file"):
        load_config(file.parent, env)
    file.write_bytes(b"model = '\xff'")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(file, env)


def test_k_is_checked_as_a_flag_too(env: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(None, env, k=101)

    assert str(caught.value) == "k must be a whole number from 1 to 100, not 101"


def test_an_archive_is_a_name_below_the_data_folder_or_a_path(
    tmp_path: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def path(archive: str) -> Path:
        return archive_path(load_config(None, env, archive=archive))

    assert path("news") == tmp_path / ".local/share/dateline/archives/news"
    assert path("./news") == tmp_path / "news"
    assert path(str(tmp_path / "deep/news")) == tmp_path / "deep/news"
    assert path(".") == tmp_path


def test_a_flag_may_name_an_archive_in_the_current_folder_but_not_any_folder(
    tmp_path: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "news").mkdir()
    monkeypatch.chdir(tmp_path)
    home = tmp_path / ".local/share/dateline"

    assert archive_path(load_config(None, env, archive="news")) == home / "archives/news"
    (tmp_path / "news/archive.sqlite3").touch()
    assert archive_path(load_config(None, env, archive="news")) == tmp_path / "news"
    assert archive_path(load_config(None, env | {"DATELINE_ARCHIVE": "news"})) == home / "archives/news"


def test_a_path_in_the_file_counts_from_the_files_folder(file: Path, env: dict[str, str]) -> None:
    file.write_text("archive = './news'", encoding="utf-8")

    assert archive_path(load_config(file, env)) == file.parent / "news"


@pytest.mark.parametrize("name", ["-rf", ".hidden", "a b", "a\n", "x" * 101])
def test_a_name_that_cannot_be_a_folder_is_refused(env: dict[str, str], name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be an archive's name"):
        archive_path(load_config(None, env, archive=name))


def test_the_first_word_may_take_longer_from_this_machine_unless_the_file_says() -> None:
    usual, told = Timeouts(), Timeouts(first_token_s=5)

    assert (usual.first_token(is_here=False), usual.first_token(is_here=True)) == (60, 300)
    assert (told.first_token(is_here=False), told.first_token(is_here=True)) == (5, 5)


def test_a_secret_never_shows() -> None:
    secret = Secret("sk-123")

    assert {repr(secret), str(secret), f"{secret}", f"{secret!r}"} == {"***"}
    assert secret.reveal() == "sk-123"
    assert (repr(secret.prefixed("Bearer ")), secret.prefixed("Bearer ").reveal()) == ("***", "Bearer sk-123")
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(secret)
