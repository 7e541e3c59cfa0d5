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
        ("embeddings.url", "http://127.0.0.1:8080/v1", '"http://127.0.0.1:8080/v1"'),
        ("embeddings.api", "tei", '"tei"'),
        ("models.gpt-4.1.model", "gpt-4.1", '"gpt-4.1"'),
        ('models."llama3.2".provider', "ollama", '"ollama"'),
        ("chroma.headers.X-Of.Mine", "CHROMA_MINE", '"CHROMA_MINE"'),
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
        ("chroma.url", "http://host/with space", "chroma.url must be a URL like"),
        ("chroma.headers.Not one", "CHROMA_AUTH", "'Not one' cannot be the name of a header"),
        ("model", "\udcff", "what was typed for 'model' is not UTF-8"),
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


def test_a_link_to_itself_is_told(file: Path) -> None:
    file.parent.mkdir()
    file.symlink_to(file)

    with pytest.raises(ConfigError, match="cannot read config file"):
        ConfigFile(file)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"k = 7 # mine\r\n\r\n[timeouts]\r\n", b"k = 9 # mine\r\n\r\n[timeouts]\r\ntotal_s = 30\r\n"),
        (b"\xef\xbb\xbfk = 7\n[timeouts]\n", b"\xef\xbb\xbfk = 9\n[timeouts]\ntotal_s = 30\n"),
        (b"k = 7\r\n[timeouts] # of Windows\n", b"k = 9\r\n[timeouts] # of Windows\ntotal_s = 30\n"),
        (b"k = 7", b"k = 9\n[timeouts]\ntotal_s = 30\n"),
    ],
)
def test_lines_end_and_begin_as_they_did(file: Path, written: bytes, expected: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(written)

    changed(file, "k", "9")
    changed(file, "timeouts.total_s", "30")

    assert file.read_bytes() == expected
    assert load_config(file, {}).k == 9


@pytest.mark.parametrize(
    "written",
    [
        'chroma = { url = "http://here", tenant = "mine" } # in a line\nk = 5\n',
        'chroma.url = "http://here"\nchroma.tenant = "mine" # with dots\nk = 5\n',
        'k = 5\n[chroma.headers] # first\n[chroma]\nurl = "http://here"\ntenant = "mine"\n[timeouts]\n',
    ],
)
def test_however_a_table_is_written_a_setting_comes_to_stand_in_it(file: Path, written: str) -> None:
    file.parent.mkdir()
    file.write_text(written, encoding="utf-8")

    changed(file, "chroma.headers.Authorization", "CHROMA_AUTH")

    config = load_config(file, {})
    assert config.chroma == Chroma("http://here", tenant="mine", headers={"Authorization": "CHROMA_AUTH"})
    assert config.k == 5
    assert [line.partition("#")[2] for line in written.splitlines() if "#" in line] == [
        line.partition("#")[2] for line in file.read_text(encoding="utf-8").splitlines() if "#" in line
    ]


def test_what_is_wrong_is_mended_one_by_one(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('k = "ten"\nmodell = "x"\nrerank = 1\n', encoding="utf-8")
    config = ConfigFile(file)

    config.set("rerank", "true")
    config.set("k", "10")
    assert config.unset("modell")
    config.save()

    assert file.read_text(encoding="utf-8") == "k = 10\nrerank = true\n"


def test_a_profile_is_taken_out_as_a_whole(file: Path) -> None:
    changed(file, "models.gpt-4.1.model", "gpt")
    changed(file, "models.small.model", "s")
    config = ConfigFile(file)

    assert config.unset("models.gpt-4.1")
    config.save()

    assert list(ConfigFile(file).settings()) == [("models.small.model", '"s"')]


def test_what_somebody_else_wrote_meanwhile_stays(file: Path) -> None:
    changed(file, "k", "7")
    ours, theirs = ConfigFile(file), ConfigFile(file)
    theirs.set("k", "8")
    theirs.save()
    ours.set("rerank", "true")

    with pytest.raises(ConfigError, match="was changed by somebody else meanwhile"):
        ours.save()

    assert file.read_text(encoding="utf-8") == "k = 8\n"


def test_a_file_that_is_read_only_stays_as_it_is(file: Path) -> None:
    changed(file, "k", "7")
    file.chmod(0o400)

    with pytest.raises(ConfigError, match="is read-only") as caught:
        changed(file, "k", "8")

    assert caught.value.hint == f"chmod u+w {file}"
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


def test_what_the_remedies_name_can_be_set_and_taken_out(file: Path) -> None:
    changed(file, "embeddings.url", "http://127.0.0.1:8080/v1")
    config = ConfigFile(file)

    assert config.unset("embeddings.url")
    config.save()

    assert load_config(file, {}).embeddings is None
