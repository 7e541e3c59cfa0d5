"""Commands: what each asks for, what is refused in which words, and what is offered while one is typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from assistant.errors import ConfigError
from assistant.tui.commands import (
    COMMANDS,
    AddSources,
    BrowseArchive,
    Completion,
    EmbedRest,
    Export,
    Given,
    ListSessions,
    NewSession,
    Quit,
    ReadPassages,
    RenameSession,
    SearchEverything,
    SetAbout,
    SetAsOf,
    SetOutlets,
    SetSince,
    SetUntil,
    ShowHelp,
    ToggleSources,
    UseModel,
    complete,
    list_paths,
    question_of,
    read_command,
)

TODAY = date(2021, 6, 10)


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("/since 2020", SetSince(date(2020, 1, 1))),
        ("/until 2020", SetUntil(date(2020, 12, 31))),
        ("/as-of 2020-02", SetAsOf(date(2020, 2, 29))),
        ("/since 2020-01-03", SetSince(date(2020, 1, 3))),
        ("/since yesterday", SetSince(date(2021, 6, 9))),
        ("/since last week", SetSince(date(2021, 5, 31))),
        ("/until last week", SetUntil(date(2021, 6, 6))),
        ("/as-of March 2020", SetAsOf(date(2020, 3, 31))),
        ("/since", SetSince(None)),
        ("/until ", SetUntil(None)),
        ("/as-of", SetAsOf(None)),
        ("/outlet BBC News", SetOutlets(("BBC News",))),
        ("/outlet BBC News, People's Daily,, ", SetOutlets(("BBC News", "People's Daily"))),
        ('/outlet "Weight, Ltd" , CNN, "CNN"', SetOutlets(("Weight, Ltd", "CNN"))),
        ("/outlet CNN /outlet BBC News", SetOutlets(("CNN", "BBC News"))),
        ("/outlet CNN\n/outlet Al  Jazeera", SetOutlets(("CNN", "Al Jazeera"))),
        ("/outlet", SetOutlets(())),
        ("/about Ada Brandt, Jordan (place)", SetAbout(("Ada Brandt", "Jordan (place)"))),
        ("/about", SetAbout(())),
        ("/everything", SearchEverything()),
        ("/model openai:gpt-x", UseModel("openai:gpt-x")),
        ("/model", UseModel(None)),
        ("/k 20", ReadPassages(20)),
        ("/k", ReadPassages(None)),
        ("/sources", ToggleSources()),
        ("/archive embassy  fire", BrowseArchive("embassy fire")),
        ("/archive", BrowseArchive("")),
        ("/add a.txt 'my news' b\\ c", AddSources(("a.txt", "my news", "b c"))),
        ("/add a.txt ", AddSources(("a.txt",))),
        ("/export", Export(None, "md")),
        ("/export My notes.md", Export(Path("My notes.md"), "md")),
        ('/export "notes.JSON"', Export(Path("notes.JSON"), "json")),
        ("/sessions drones", ListSessions("drones")),
        ("/rename The harbour line", RenameSession("The harbour line")),
        ("/rename", RenameSession(None)),
        ("/embed", EmbedRest()),
        ("/new", NewSession(None)),
        ("/new harbour", NewSession("harbour")),
        ("/help", ShowHelp()),
        ("/quit", Quit()),
        ("  /SINCE   2020 \n", SetSince(date(2020, 1, 1))),
    ],
)
def test_a_command_says_what_it_asks_for(text: str, given: Given) -> None:
    assert read_command(text, today=TODAY) == given


def test_a_tilde_is_the_home_folder() -> None:
    home = Path.home()

    assert read_command("/add ~/news '~/b c/'") == AddSources((f"{home}/news", f"{home}/b c/"))
    assert read_command("/export ~/notes.md") == Export(home / "notes.md", "md")


@pytest.mark.parametrize("text", ["", "Who died?", "a /since b", "//since is what?", " //etc/passwd"])
def test_anything_else_is_a_question(text: str) -> None:
    assert read_command(text) is None


@pytest.mark.parametrize(
    ("text", "question"), [("//etc was?", "/etc was?"), (" Who? ", "Who?"), ("///", "//"), ("a//b", "a//b")]
)
def test_a_question_that_begins_with_a_slash_is_typed_with_two(text: str, question: str) -> None:
    assert question_of(text) == question


QUESTION = "a question that begins with '/' is written with '//'"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("/sorces", "there is no command '/sorces'", f"did you mean /sources? {QUESTION}"),
        ("/etc/passwd was what?", "there is no command '/etc/passwd'", f"/help lists the commands; {QUESTION}"),
        ("/", "there is no command '/'", f"/help lists the commands; {QUESTION}"),
        (f"/{'x' * 50}", f"there is no command '/{'x' * 38}…'", f"/help lists the commands; {QUESTION}"),
        ("/since soon", "'soon' is not a day", "write it as 2020-01-02, 2020-01, 2020 or 'last week'"),
        ("/since before 2019", "'before 2019' is not a day", "write it as 2020-01-02, 2020-01, 2020 or 'last week'"),
        ("/until since March", "'since March' is not a day", "write it as 2020-01-02, 2020-01, 2020 or 'last week'"),
        ("/k ten", "k must be a whole number from 1 to 100, not 'ten'", None),
        ("/k 0", "k must be a whole number from 1 to 100, not '0'", None),
        ("/k 101", "k must be a whole number from 1 to 100, not '101'", None),
        ("/help me", "/help takes no more words, not 'me'", None),
        ("/add", "/add needs to be told what", "write /add FILE…, a folder or a pattern such as *.txt"),
        (
            "/add Bob's news",
            'a quotation mark in "Bob\'s news" is not closed',
            "close it, or write '\\' before it",
        ),
        ("/export notes.pdf", "'.pdf' files are not written", "let the name end with .md or .json"),
        ("/export notes", "the kind of 'notes' is not said", "let the name end with .md or .json"),
        ("/new " + "n" * 101, f"'{'n' * 100}' cannot be a session's name", "give one of 1 to 100 characters"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(text: str, message: str, hint: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        read_command(text, today=TODAY)

    assert (str(caught.value), caught.value.hint) == (message, hint)


def test_every_command_has_a_line_of_help_and_is_found_by_its_name() -> None:
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)
    for command in COMMANDS:
        assert 10 < len(command.help) < 75
        argument = {"PATH …": " a.txt", "NAME": " a", "TOPIC": " ferry"}.get(command.argument, "")
        assert read_command(f"/{command.name}{argument}", today=TODAY) is not None


def offered(text: str, **given: object) -> list[str]:
    def paths(beginning: str) -> Sequence[str]:
        return [path for path in ("news/", "new year.txt", "notes.md") if path.startswith(beginning)]

    known = {"outlets": ("BBC News", "CNN", "The News, Daily", "Newsweek"), "models": ("extractive", "ollama:llama")}
    known |= {"names": ("Oslo", "Ada Brandt")}
    found = complete(text, paths=paths, today=TODAY, **(known | given))  # type: ignore[arg-type]  # as the test says
    return [completion.text for completion in found]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("/se", ["/sessions "]),
        ("/e", ["/everything", "/embed", "/export ", "/since ", "/outlet ", "/model ", "/sources", "/archive ",
                "/timeline ", "/compare ", "/brief ", "/sessions ", "/rename ", "/new ", "/help"]),
        ("/xyz", []),
        ("/quit", []),
        ("/model ", ["/model extractive", "/model ollama:llama"]),
        ("/model LLA", ["/model ollama:llama"]),
        ("/outlet news", ["/outlet Newsweek", "/outlet BBC News", '/outlet "The News, Daily"']),
        ("/outlet cnn, n", ["/outlet cnn, Newsweek", "/outlet cnn, BBC News", '/outlet cnn, "The News, Daily"']),
        ('/outlet "The News, Daily",', ['/outlet "The News, Daily", BBC News', '/outlet "The News, Daily", CNN',
                                        '/outlet "The News, Daily", Newsweek']),
        ("/about brandt", ["/about Ada Brandt"]),
        ("/about os, ad", ["/about os, Ada Brandt"]),
        ("/since las", ["/since last week", "/since last month"]),
        ("/since 202", ["/since 2021", "/since 2020"]),
        ("/until 2021-0", [f"/until 2021-0{month}" for month in range(1, 7)]),
        ("/add ne", ["/add news/", "/add 'new year.txt'"]),
        ("/add a.txt 'new ", ["/add a.txt 'new year.txt'"]),
        ("/add new\\ ", ["/add 'new year.txt'"]),
        ("/export no", ["/export notes.md"]),
        ("/rename n", []),
        ("who", []),
        ("//s", []),
        ("/s\n", []),
    ],
)  # fmt: skip
def test_what_begins_so_is_offered_before_what_holds_it(text: str, texts: list[str]) -> None:
    assert offered(text) == texts


def test_a_command_is_offered_with_its_form_and_its_help() -> None:
    (found,) = complete("/rena", outlets=(), models=(), paths=list_paths)

    assert found == Completion("/rename ", "/rename [NAME]", "give the conversation a name")


def test_days_of_an_old_archive_are_its_own_and_never_today() -> None:
    covered = (date(2018, 11, 5), date(2019, 2, 7))

    assert offered("/since ", covered=covered) == ["/since 2019", "/since 2018"]
    assert offered("/since 2018", covered=covered) == ["/since 2018-11", "/since 2018-12"]


def test_a_day_is_offered_with_the_date_that_it_stands_for() -> None:
    found = complete("/until 2020-0", outlets=(), models=(), paths=list_paths, today=TODAY)

    assert found[1] == Completion("/until 2020-02", "2020-02", "2020-02-29")


def test_no_more_is_offered_than_can_be_looked_through() -> None:
    assert len(offered("/outlet ", outlets=[f"Outlet {number}" for number in range(5_000)])) == 50


def test_paths_are_those_of_a_folder_without_what_is_hidden_or_cannot_be_typed(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden", "a\x1b[2J.txt"):
        (tmp_path / name).touch()
    (tmp_path / "attic").mkdir()

    assert list_paths(f"{tmp_path}/") == [f"{tmp_path}/a.txt", f"{tmp_path}/attic/", f"{tmp_path}/b.txt"]
    assert list_paths(f"{tmp_path}/a") == [f"{tmp_path}/a.txt", f"{tmp_path}/attic/"]
    assert list_paths(f"{tmp_path}/.h") == [f"{tmp_path}/.hidden"]
    assert list_paths(f"{tmp_path}/none/x") == list_paths("a\0b/") == []
