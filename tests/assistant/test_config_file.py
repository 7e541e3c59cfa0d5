"""The config file, changed a setting at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.config import Chroma, load_config
from assistant.config_file import ConfigFile
from assistant.errors import ConfigError

WRITTEN = """# mine, by hand
k = 7   # not ten

[models.small]     # at home
provider = "ollama"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dateline" / "config.toml"


def changed(file: Path, key: str, value: str) -> str:
    config = ConfigFile(file)
    config.set(key, value)
    config.save()
    return file.read_text(encoding="utf-8")


def test_comments_and_order_stay(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(WRITTEN, encoding="utf-8")

    assert changed(file, "k", "12") == WRITTEN.replace("k = 7 ", "k = 12 ")
    config = ConfigFile(file)
    assert config.unset("k")
    config.save()
    assert '[models.small]     # at home\nprovider = "ollama"\n' in file.read_text(encoding="utf-8")


def test_a_missing_file_is_made_for_its_owner_alone(file: Path) -> None:
    changed(file, "chroma.url", "https://vectors.example")
    changed(file, "chroma.headers.Authorization", "CHROMA_AUTH")

    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    chroma = load_config(file, {}).chroma
    assert chroma == Chroma("https://vectors.example", headers={"Authorization": "CHROMA_AUTH"})
    assert list(ConfigFile(file).settings()) == [
        ("chroma.url", '"https://vectors.example"'),
        ("chroma.headers.Authorization", '"CHROMA_AUTH"'),
    ]


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("model", "ollama:llama3.2:3b", '"ollama:llama3.2:3b"'),
        ("k", "12", "12"),
        ("rerank", "true", "true"),
        ("confidence", "0.5", "0.5"),
        ("archive", "2020", '"2020"'),
        ("model", 'a "b" c', r'"a \"b\" c"'),
        ("theme", "nord", '"nord"'),
        ("keys.read", "ctrl+o", '"ctrl+o"'),
        ("models.mine.base_url", "http://127.0.0.1:8080/v1", '"http://127.0.0.1:8080/v1"'),
        ("timeouts.total_s", "30", "30"),
    ],
)
def test_a_value_is_read_as_its_setting_wants_it(file: Path, key: str, value: str, told: str) -> None:
    changed(file, key, value)

    assert ConfigFile(file).get(key) == told
    load_config(file, {})


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("k", "400", "k must be a whole number from 1 to 100"),
        ("rerank", "perhaps", "rerank must be true or false"),
        ("theme", "gruvbocks", "there is no theme 'gruvbocks'"),
        ("chroma.url", "localhost:8000", "chroma.url must be a URL like"),
        ("chroma.url", "http://me:secret@host", "chroma.url must be a URL like"),
        ("chroma.token_env", "sk-123 456", "chroma.token_env must be the name of an environment variable"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_the_file_stays(file: Path, key: str, value: str, message: str) -> None:
    file.parent.mkdir()
    file.write_text(WRITTEN, encoding="utf-8")

    with pytest.raises(ConfigError, match=message):
        changed(file, key, value)

    assert file.read_text(encoding="utf-8") == WRITTEN


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("chroma.ulr", "did you mean chroma.url?"),
        ("rerankr", "did you mean reranker?"),
        ("models.a.base_ulr", "did you mean models.a.base_url?"),
        ("", "write it like k or chroma.url"),
        ("k..x", "write it like k or chroma.url"),
    ],
)
def test_a_wrong_key_suggests_the_nearest(file: Path, key: str, hint: str) -> None:
    for use in (
        lambda: changed(file, key, "x"),
        lambda: ConfigFile(file).get(key),
        lambda: ConfigFile(file).unset(key),
    ):
        with pytest.raises(ConfigError) as caught:
            use()
        assert caught.value.hint == hint
    assert not file.exists()


def test_a_broken_file_is_named_with_its_line(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("k = \n", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"config\.toml:1: not valid TOML"):
        ConfigFile(file)


def test_a_link_stays_one(file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(WRITTEN, encoding="utf-8")
    file.parent.mkdir()
    file.symlink_to(real)

    changed(file, "k", "9")

    assert file.is_symlink()
    assert "k = 9" in real.read_text(encoding="utf-8")
