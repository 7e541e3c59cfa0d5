"""``add`` and ``embed``: what is taken, what is refused and in which words, and text that means harm."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.command_line import Ran, child_environment

Dateline = Callable[..., Ran]

BINARY = b"\x89PNG\r\n\x1a\n\0\0"
NOTHING = "0 added, 0 updated, 0 unchanged, 1 skipped\n"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# -- what is taken -----------------------------------------------------------------------------------------------------


def test_adding_again_changes_nothing(dateline: Dateline, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", '{"id": "a", "body": "The ferry sank."}\n')

    first = dateline("add", "--no-embed", file)
    again = dateline("add", "--no-embed", file)
    write(file, '{"id": "a", "body": "The ferry sank at noon."}\n')
    changed = dateline("add", "--no-embed", file)

    assert first == Ran(0, "1 added, 0 updated, 0 unchanged\n", "")
    assert again == Ran(0, "0 added, 0 updated, 1 unchanged\n", "")
    assert changed == Ran(0, "0 added, 1 updated, 0 unchanged\n", "")


def test_the_report_in_json_has_every_key(dateline: Dateline, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", '{"body": "The ferry sank."}\n\n{"body": }\n{"body": 3}\n')

    broken = dateline("add", "--no-embed", "--json", file)
    write(file, '{"body": "The ferry sank."}\n')
    whole = dateline("add", "--no-embed", "--json", file)

    told = f"{file}:3: broken JSON at column 10: Expecting value"
    assert broken.code == 0
    assert broken.err == f"skipped {told}\nskipped {file}:4: 'body' is a number, not text\n"
    assert json.loads(broken.out) == {
        "schema": "dateline.added/1",
        "added": 1,
        "updated": 0,
        "unchanged": 0,
        "skipped": [
            {"source": str(file), "line": 3, "reason": "broken JSON at column 10: Expecting value"},
            {"source": str(file), "line": 4, "reason": "'body' is a number, not text"},
        ],
        "passages": 1,
        "skipped_count": 2,
    }
    assert json.loads(whole.out) == {
        "schema": "dateline.added/1",
        "added": 0,
        "updated": 0,
        "unchanged": 1,
        "skipped": [],
        "passages": 0,
        "skipped_count": 0,
    }


def test_articles_come_through_a_pipe_too(dateline_process: Dateline) -> None:
    added = dateline_process("add", "--no-embed", "-", stdin='{"id": "a", "body": "The ferry sank."}\n')

    assert added == Ran(0, "1 added, 0 updated, 0 unchanged\n", "")
    assert dateline_process("show", "a").out == "The ferry sank.\n\nThe ferry sank.\n"


def test_outlet_and_date_are_for_articles_that_name_none(dateline: Dateline, tmp_path: Path) -> None:
    lines = ['{"id": "a", "body": "One."}', '{"id": "b", "body": "Two.", "outlet": "Post", "date": "2020-01-03"}']
    file = write(tmp_path / "a.jsonl", "\n".join(lines))

    dateline("add", "--no-embed", "--outlet", "Courier", "--date", "2020-01-02", file)

    found = json.loads(dateline("list", "--json").out)["articles"]
    assert [(a["id"], a["outlet"], a["published"]) for a in found] == [
        ("a", "Courier", "2020-01-02"),
        ("b", "Post", "2020-01-03"),
    ]


def test_a_dry_run_shows_what_would_be_added_and_makes_no_archive(
    dateline: Dateline, tmp_path: Path, home: Path
) -> None:
    file = write(tmp_path / "a.jsonl", '{"body": "The ferry sank.", "date": "2020-01-03", "outlet": "Post"}\nno\n')

    text = dateline("add", "--dry-run", file)
    json_ = dateline("add", "-n", "--json", file)
    none = dateline("add", "-n", tmp_path / "missing.txt")

    skipped = f"skipped {file}:2: broken JSON at column 1: Expecting value\n"
    assert text == Ran(0, f"2020-01-03  Post  The ferry sank.  {file}:1\n", skipped)
    assert (json_.code, json.loads(json_.out)["body"]) == (0, "The ferry sank.")
    assert (none.code, none.out) == (2, "")
    assert not (home / "dateline").exists()


def test_fields_of_a_dump_are_taken_from_what_it_calls_them(dateline: Dateline, tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "kop,tekst,krant\nVeer gezonken,Het veer is gezonken.,De Dagpost\n")
    mapped = ["--map", "headline=kop", "--map", "body=tekst", "--map", "outlet=krant"]

    ran = dateline("add", "-n", "--json", *mapped, file)

    found = json.loads(ran.out)
    assert (ran.code, found["headline"], found["outlet"]) == (0, "Veer gezonken", "De Dagpost")
    assert found["body"] == "Het veer is gezonken."


def test_a_field_that_articles_do_not_have_ends_with_2(dateline: Dateline, tmp_path: Path) -> None:
    ran = dateline("add", "--map", "headlin=title", write(tmp_path / "a.csv", "title,body\n"))

    assert (ran.code, ran.out) == (2, "")
    assert "'headlin'" in ran.err
    assert "headline" in ran.err


def test_of_many_that_are_skipped_the_first_are_named_and_the_others_counted(
    dateline: Dateline, tmp_path: Path
) -> None:
    lines = ['{"body": "The ferry sank."}', *["{}"] * 25, *["[]"] * 3]
    file = write(tmp_path / "a.jsonl", "\n".join(lines))

    ran = dateline("add", "--no-embed", file)

    told = ran.err.splitlines()
    assert ran.code == 0
    assert ran.out == "1 added, 0 updated, 0 unchanged, 28 skipped\n"
    assert len([line for line in told if line.startswith(f"skipped {file}:")]) == 20
    assert told[20:] == [
        "skipped 8 more:",
        "  5 × no text in 'body' or 'text'; name the field that holds it with --map body=NAME",
        "  3 × the line is a list, not an object with a 'body'",
    ]


@pytest.mark.parametrize("arguments", [("--watch", "a.txt"), ("--watch", "-n", "."), ("--watch", ".", ".")])
def test_only_one_folder_is_watched(dateline: Dateline, arguments: tuple[str, ...]) -> None:
    told = "dateline: --watch takes one folder, and no --dry-run; see `dateline add --help`\n"

    assert dateline("add", *arguments) == Ran(2, "", told)


def test_what_comes_into_a_watched_folder_is_added_until_it_is_interrupted(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    named = os.path.relpath(folder)  # as people name one
    write(folder / "first.txt", "Ferry sinks\n\nThe ferry sank off Skelby on Wednesday.\n")
    command = [
        sys.executable,
        "-c",
        "from assistant.cli import main; main()",
        "add",
        "--no-embed",
        "--watch",
        named,
    ]
    environment = child_environment() | {"DATELINE_HOME": str(tmp_path / "home")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline() == "1 added, 0 updated, 0 unchanged\n"
        write(folder / "second.txt", "Dam holds\n\nThe dam above Tarrow held on Thursday.\n")
        assert watching.stdout.readline() == "1 added, 0 updated, 0 unchanged\n"
        watching.send_signal(signal.SIGINT)
        _, told = watching.communicate(timeout=60)

    assert watching.returncode == 130
    assert f"watching {named!r} for more; Ctrl-C ends it\n" in told


def test_a_run_that_was_killed_in_a_dump_goes_on_where_it_was(tmp_path: Path) -> None:
    lines = [json.dumps({"id": f"a{i}", "body": f"Ferry number {i} sank off Skelby."}) for i in range(3_000)]
    dump = write(tmp_path / "wire.jsonl", "\n".join(lines))
    home = tmp_path / "home"
    environment = child_environment() | {"DATELINE_HOME": str(home)}
    command = [sys.executable, "-c", "from assistant.cli import main; main()", "add", "--no-embed", str(dump)]
    reading, writing = os.pipe()
    with subprocess.Popen(
        [*command, "--progress-fd", str(writing)], pass_fds=[writing], env=environment, stdout=subprocess.DEVNULL
    ) as adding:
        os.close(writing)
        with os.fdopen(reading) as progress:
            while json.loads(progress.readline())["done"] < 600:
                pass
            adding.kill()

    ran = subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True, timeout=120, check=True)

    report = json.loads(ran.stdout)
    assert f"{dump}: going on after record " in ran.stderr
    assert report["added"] + report["unchanged"] < 3_000
    listed = subprocess.run(
        [*command[:3], "list", "--json"], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    assert sorted(article["id"] for article in json.loads(listed.stdout)["articles"]) == sorted(
        f"a{i}" for i in range(3_000)
    )


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_a_missing_file_ends_with_2(dateline: Dateline, tmp_path: Path) -> None:
    told = f"dateline: skipped {tmp_path}/none.txt: no such file or folder; check the path\n"

    assert dateline("add", tmp_path / "none.txt") == Ran(2, NOTHING, told)


def test_a_folder_without_articles_ends_with_2(dateline: Dateline, tmp_path: Path) -> None:
    told = f"dateline: skipped {tmp_path}: no article in this folder\n"

    assert dateline("add", tmp_path) == Ran(2, NOTHING, told)


def test_a_binary_file_ends_with_2(dateline: Dateline, tmp_path: Path) -> None:
    file = write(tmp_path / "image.txt", BINARY)

    told = f"dateline: skipped {file}: is binary, not text; save it as plain text in UTF-8\n"
    assert dateline("add", file) == Ran(2, NOTHING, told)


def test_broken_lines_alone_end_with_2(dateline: Dateline, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", "no\n")

    told = f"dateline: skipped {file}:1: broken JSON at column 1: Expecting value\n"
    assert dateline("add", file) == Ran(2, NOTHING, told)


def test_quiet_does_not_hide_why_nothing_was_added(dateline: Dateline, tmp_path: Path) -> None:
    told = f"dateline: skipped {tmp_path}/none.txt: no such file or folder; check the path\n"

    assert dateline("-q", "add", tmp_path / "none.txt") == Ran(2, NOTHING, told)


def test_one_good_file_among_bad_ones_ends_with_0(dateline: Dateline, tmp_path: Path) -> None:
    good = write(tmp_path / "good.txt", "Ferry sinks\n\nThe ferry sank off Skelby on Wednesday.\n")
    bad = write(tmp_path / "bad.txt", BINARY)

    ran = dateline("add", "--no-embed", bad, good, tmp_path / "none.txt")

    assert (ran.code, ran.out) == (0, "1 added, 0 updated, 0 unchanged, 2 skipped\n")
    assert ran.err.splitlines() == [
        f"skipped {bad}: is binary, not text; save it as plain text in UTF-8",
        f"skipped {tmp_path}/none.txt: no such file or folder; check the path",
    ]


def test_an_archive_cannot_lie_where_a_file_is(dateline: Dateline, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", '{"body": "The ferry sank."}\n')

    ran = dateline("-a", file, "add", file)

    assert ran == Ran(3, "", f"dateline: '{file}' is a file, not an archive; name a folder with -a\n")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that every user of this machine may enter: those of pytest belong to their owner alone."""
    folder = Path(tempfile.mkdtemp(prefix="dateline-test-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


# Permissions do not bind root: once everything is imported, the child goes on as another user. 65534 is nobody.
_ADD_AS_ANOTHER_USER = """
import os, sys
from assistant.cli import run
good, closed, archive = sys.argv[1:]
assert run(["-q", "-a", archive + "-of-root", "add", "--no-embed", good]) == 0
if os.geteuid() == 0:
    os.seteuid(65534)
sys.exit(run(["-a", archive, "add", closed]))
"""


def test_an_unreadable_folder_is_named_with_the_remedy(open_folder: Path) -> None:
    good = write(open_folder / "good.txt", "Ferry sinks\n\nThe ferry sank off Skelby on Wednesday.\n")
    closed = open_folder / "closed"
    closed.mkdir()
    shutil.copy(good, closed)
    closed.chmod(0)

    done = subprocess.run(
        [sys.executable, "-P", "-c", _ADD_AS_ANOTHER_USER, good, closed, open_folder / "archive"],
        env=child_environment(HOME=str(open_folder), XDG_CONFIG_HOME=str(open_folder)),
        capture_output=True,
        text=True,
        check=False,
    )
    closed.chmod(0o700)

    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == f"dateline: skipped {closed}: permission denied; make it readable with chmod"


# -- without the model -------------------------------------------------------------------------------------------------


def test_without_its_model_an_archive_answers_by_words_and_says_so(
    dateline: Dateline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_EMBEDDER", "nobody/nothing")
    file = write(tmp_path / "a.txt", "Ferry sinks\n\nThe ferry sank off Skelby on Wednesday, the coastguard said.\n")

    added = dateline("add", file)
    asked = dateline("ask", "Where did the ferry sink?")
    embedded = dateline("embed")

    missing = (
        "not embedded, so searched by words alone: the embedding model 'nobody/nothing' is not on this machine; "
        "`dateline add --download` fetches it, or set `embedder` to a folder or to 'bge-small-en-v1.5-int8'\n"
    )
    assert added == Ran(0, "1 added, 0 updated, 0 unchanged\n", missing)
    assert (asked.code, asked.out.splitlines()[0]) == (
        0,
        "The ferry sank off Skelby on Wednesday, the coastguard said. [1]",
    )
    assert asked.err == "searched by words alone: nothing is embedded yet; `dateline embed` does it\n"
    assert embedded == Ran(2, "0 of 1 passages embedded\n", missing)


def test_an_archive_whose_model_is_gone_answers_by_words_and_says_so(
    dateline: Dateline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weblog_archive: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(weblog_archive, copy)
    # The carrier package is hidden as an uninstalled one would be.
    monkeypatch.setattr("store.embedding.weights._CARRIERS", ())

    ran = dateline("-a", copy, "ask", "When was the dam built?")

    assert ran.code == 0
    assert "The dam was built in 1931 from local granite. [1]" in ran.out
    assert ran.err.startswith("searched by words alone: the embedding model 'bge-small-en-v1.5-int8' is not on this")
    assert ran.err.count("\n") == 1


# -- text that means harm ----------------------------------------------------------------------------------------------

# Clipboard and title of the terminal, colours, C1 forms, a bidi override, an invisible tag, a bell and a rubout.
HARM = (
    "\x1b]52;c;cm0gLXJmIH4=\x07",
    "\x1b]0;owned\x1b\\",
    "\x1b[31m\x1b[2J",
    "\x9b31m\x9d52;c;cm0gLXJmIH4=\x9c",
    "\u202edesrever\u2066",
    "\U000e0041\u200b\ufeff",
    "\x07\x08\x7f\x00",
)
_RANGES = (
    *((0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F)),
    *((0x200B, 0x200B), (0x202A, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xE0000, 0xE007F)),
)
FORBIDDEN = frozenset(code for first, last in _RANGES for code in range(first, last + 1))


def harmful() -> dict[str, object]:
    bad = "".join(HARM)
    return {
        "id": "harm",
        "headline": f"Ferry{bad} sinks [2] off Skelby",
        "outlet": f"Post{bad} [3]",
        "authors": [f"Ida{bad} Holm [1]"],
        "section": f"Coast{bad}",
        "url": "https://post.example/ferry",
        "published": "2017-06-07",
        "body": (
            f"The ferry Morning Star sank{bad} off Skelby on Wednesday [2], the coastguard said [9]. "
            f"See [the report](https://evil.example/?q=secret) and ![image](https://evil.example/i.png){bad}.\n"
            f"All 212 people{bad} on board were brought ashore [1]."
        ),
    }


@pytest.fixture
def harm(dateline: Dateline, tmp_path: Path) -> Path:
    """Give a file with one harmful article, which is in the archive too."""
    file = write(tmp_path / "harm.jsonl", json.dumps(harmful()))
    assert dateline("add", "--no-embed", file).code == 0
    return file


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "--no-embed"),
        ("add", "--dry-run"),
        ("add", "--dry-run", "--json"),
        ("ask", "Where did the ferry sink?"),
        ("ask", "Where did the ferry sink?", "--no-stream"),
        ("ask", "Where did the ferry sink?", "--json"),
        ("ask", "Who won the chess tournament of\x1b[31m Reykjavik?"),
        ("ask", "Who won the chess tournament of\x1b[31m\x9b Reykjavik?", "--json"),
        ("search", "ferry\x1b]52;c;aaaa\x07"),
        ("search", "ferry\u202e\x9d", "--json"),
        ("show", "harm"),
        ("show", "harm:4-60"),
        ("show", "harm", "--json"),
        ("show", "no\x1b[31m\x9bsuch\u202e"),
        ("list",),
        ("list", "--json"),
        ("list", "--outlet", "\x1b[31m"),
        ("status",),
        ("status", "--json"),
        ("\x1b[31m",),
    ],
)
def test_nothing_that_a_terminal_obeys_leaves_the_program(
    dateline: Dateline, harm: Path, arguments: tuple[str, ...]
) -> None:
    ran = dateline(*arguments, *([harm] if arguments[0] == "add" else []))

    assert ran.out + ran.err
    assert {hex(ord(c)) for c in ran.out + ran.err if ord(c) in FORBIDDEN} == set()


def test_a_file_whose_name_means_harm_is_named_without_it(dateline: Dateline, tmp_path: Path) -> None:
    file = write(tmp_path / "a\x1b]0;owned\x07\x9b31m.txt", BINARY)

    ran = dateline("add", file)

    assert (
        ran.err
        == f"dateline: skipped {tmp_path}/a]0;owned31m.txt: is binary, not text; save it as plain text in UTF-8\n"
    )


@pytest.mark.usefixtures("harm")
def test_numbers_in_an_article_are_no_citations(dateline: Dateline) -> None:
    answer = json.loads(dateline("ask", "--json", "Where did the ferry sink?").out)

    assert answer["answered"]
    cited = {number for statement in answer["statements"] for number in statement["citations"]}
    assert cited == {citation["n"] for citation in answer["citations"]}
    assert "off Skelby on Wednesday (2), the coastguard said (9)" in answer["answer"]
    assert "](" not in answer["answer"]
    body = json.loads(dateline("show", "harm", "--json").out)["body"]
    for citation in answer["citations"]:
        assert citation["article_id"] == "harm"
        assert body[citation["start"] : citation["end"]] == citation["quote"]


@pytest.mark.usefixtures("harm")
def test_the_list_of_sources_has_one_number_a_line_and_it_is_ours(dateline: Dateline) -> None:
    ran = dateline("ask", "Where did the ferry sink?")

    sources = ran.out.split("\n\n")[1].splitlines()
    assert [line.split(" ")[0] for line in sources] == [f"[{n}]" for n in range(1, len(sources) + 1)]
