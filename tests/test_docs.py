"""The README, the CHANGELOG and the help say what is there."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import click
import pytest

from assistant.cli.commands import dateline
from assistant.config import Config, ModelProfile, load_config
from store.embedding.weights import DEFAULT_EMBEDDER
from store.reranking.weights import DEFAULT_RERANKER
from tests.command_line import REPOSITORY

README = REPOSITORY / "README.md"
COMMANDS = dateline.commands
SUBCOMMANDS = {
    f"{name} {below}": command
    for name, group in COMMANDS.items()
    if isinstance(group, click.Group)
    for below, command in group.commands.items()
}

# What a person never needs in order to use the program: the README may leave it to `--help`.
HELP_IS_ENOUGH = {"check", "embed", "rebuild"}


def readme() -> str:
    return README.read_text(encoding="utf-8")


def block(mark: str) -> str:
    """Return the code block below a comment of the README, as the machine that checks it finds it."""
    found = re.search(rf"<!-- {re.escape(mark)} -->\n```sh\n(.*?)\n```", readme(), re.DOTALL)
    assert found, f"the README has no block after {mark!r}"
    return found[1]


def options() -> Iterator[tuple[str, click.Option]]:
    for name, command in {"dateline": dateline, **COMMANDS, **SUBCOMMANDS}.items():
        yield from ((name, option) for option in command.params if isinstance(option, click.Option))


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - HELP_IS_ENOUGH))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert re.search(rf"dateline(?: \S+)*? {name}\b", readme())


@pytest.mark.parametrize("name", sorted(COMMANDS | SUBCOMMANDS))
def test_every_command_has_help_that_says_what_it_does(name: str) -> None:
    assert re.fullmatch(r"[A-Z].{10,}\.", {**COMMANDS, **SUBCOMMANDS}[name].get_short_help_str(limit=200))


def test_every_option_has_help() -> None:
    assert [
        f"{name} {option.opts[-1]}" for name, option in options() if not option.help and option.name != "help"
    ] == []


def test_every_option_that_the_readme_names_is_there() -> None:
    known = {spelling for _, option in options() for spelling in (*option.opts, *option.secondary_opts)}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", readme()))

    foreign = {"--index-url", "--path"}  # of pip, and of Chroma
    assert named - foreign <= known


def test_the_readme_installs_and_tests_in_one_command_each() -> None:
    install, test = block("ci:install"), block("ci:test")

    assert "\n" not in install + test
    assert "constraints.txt" in install
    assert "constraints.txt" in test
    assert install.endswith("dateline demo")
    assert test.endswith("pytest -n auto")


def test_the_settings_in_the_readme_are_settings(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", readme(), re.DOTALL)
    (tmp_path / "config.toml").write_text(shown, encoding="utf-8")

    config = load_config(tmp_path / "config.toml", {"HOME": str(tmp_path)})

    given = tomllib.loads(shown)
    assert given.keys() <= {field.name for field in fields(Config)}
    assert config.models.keys() == given["models"].keys()
    assert all(isinstance(profile, ModelProfile) for profile in config.models.values())
    # What is shown for a setting is its default, the names of the built-in models included.
    assert (given["embedder"], given["reranker"]) == (DEFAULT_EMBEDDER, DEFAULT_RERANKER)
    defaults = Config(config.home, config.prompts, models=config.models)
    assert config == replace(defaults, embedder=DEFAULT_EMBEDDER, reranker=DEFAULT_RERANKER)


def test_the_files_that_the_readme_names_are_there() -> None:
    named = re.findall(r"`((?:assistant|store|prompts|tests)/[\w./]+)`", readme())
    named += re.findall(r"\]\((?!https?:)([^)#]+)\)", readme())

    assert named
    assert [name for name in named if not (REPOSITORY / name).exists()] == []


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    headings = re.findall(r"^## (.+)$", (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert headings[0] == "[Unreleased]"


def test_no_file_names_a_place_on_somebody_s_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git repository")
    place = re.compile(r"(?<![\w.~])/(?:home|root|work|Users|mnt)/\w")

    found = [
        f"{name}: {match[0]}"
        for name in filter(None, listed.stdout.split("\0"))
        if (REPOSITORY / name).is_file()
        for match in place.finditer((REPOSITORY / name).read_text(encoding="utf-8"))
    ]

    assert found == []
