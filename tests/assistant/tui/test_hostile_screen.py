"""The chat in a real terminal, given what articles, models, servers, files and people may send it.

Every byte that the program writes is looked at: there are the sequences of Textual and what we copy, and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from store.cleaning import clean_line, plain
from store.rows import REF_COLUMNS, told_fingerprint
from tests.command_line import child_environment, dateline_command
from tests.hostile_text import HOSTILE, SURROGATES
from tests.pty_screen import PtyScreen
from tests.scripted_server import KEY, ScriptedServer, head

SAID = [*HOSTILE.values(), *SURROGATES.values()]
# No binding of SQLite takes a lone surrogate.
STORED = [*HOSTILE.values()]

QUESTION = "Which pilot steered the ferry into the harbour?"
DARK = "When did the lighthouse of Gannet Rock go dark?"

# Keys as a terminal sends them.
ENTER, ESCAPE, TAB, UP, DOWN = "\r", "\x1b", "\t", "\x1b[A", "\x1b[B"
CHANGE, PAGE_DOWN = "\x14", "\x1b[6~"
QUIT, CANCEL, READ, COPY, ARCHIVE, SESSIONS, PALETTE, HELP = (
    "\x11",
    "\x03",
    "\x0f",
    "\x19",
    "\x0c",
    "\x12",
    "\x10",
    "\x1bOP",
)

# A folder may be called anything but '/'.
FOLDER = "\x1b]0;OWNED\x07[@click=app.quit]x[.."

_COLUMNS = ("id", "headline", "outlet", "outlet_folded", "authors", "url", "section", "place", "body")


def article(number: int, said: str, *, id_: str, place: str) -> dict[str, Any]:
    """Return an article that says something in every field; its other words are its own."""
    things = [f"{thing}{number}x{i}" for i in range(2) for thing in ("crate", "rope", "sail")]
    return {
        "id": id_,
        "url": f"https://post.example/{number}/{said}",
        "headline": f"Pilot {number} logged {said}",
        "outlet": f"Post {number} {said}",
        "authors": [f"Ida Holm {said}", said],
        "section": f"Coast {said}",
        "language": "en",
        "published": f"2017-06-{1 + number % 28:02}",
        "body": f"{place} (AP) — Pilot {number} steered the ferry into the harbour with {', '.join(things[:3])}, and "
        f"painted {said} on the hull. Nobody saw {', '.join(things[3:])}.",
    }


def a_print(number: int, said: str) -> dict[str, Any]:
    """Return one story as one outlet more printed it."""
    return {
        "id": f"print-{number}",
        "url": f"https://prints.example/{number}",
        "headline": "The lighthouse of Gannet Rock goes dark",
        "outlet": f"Print {number} {said}",
        "published": "2017-07-02",
        "body": "The lighthouse of Gannet Rock went dark on Wednesday, when its last keeper refused to leave it. "
        "She has tended the lamp for 31 years, and the one that replaces it was made in Bergen.",
    }


def add(folder: Path, articles: Sequence[dict[str, Any]]) -> Path:
    """Put articles into a new archive below a folder, as anybody does it."""
    (folder / "articles.jsonl").write_text("\n".join(map(json.dumps, articles)), encoding="utf-8")
    subprocess.run(
        dateline_command("-q", "-a", folder / "archive", "add", folder / "articles.jsonl"),
        env=child_environment(HOME=str(folder), DATELINE_HOME=str(folder)),
        capture_output=True,
        timeout=120,
        check=True,
    )
    return folder / "archive"


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive to which hostile articles were added: what they say was cleaned on the way in."""
    written = [article(i, said, id_=clean_id(i, said), place="SKELBY") for i, said in enumerate(SAID)]
    return add(tmp_path_factory.mktemp("added"), [*written, *(a_print(i, said) for i, said in enumerate(SAID))])


def clean_id(number: int, said: str) -> str:
    """Return an id with what is said in it, where an id may hold that."""
    return (
        f"log-{number}{said}" if clean_line(said) == said and " " not in said and len(said) < 100 else f"log-{number}"
    )


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive that another program wrote hostile text into, past all that cleans it."""
    names = [f"SAID{i:02}" for i in range(len(STORED))]
    written = [article(i, name, id_=f"log-{name}", place=f"SKELBY {name}") for i, name in enumerate(names)]
    folder = tmp_path_factory.mktemp("foreign")
    archive = add(folder, [*written, *(a_print(i, name) for i, name in enumerate(names))])
    columns = ", ".join(_COLUMNS)
    with closing(sqlite3.connect(archive / "archive.sqlite3", isolation_level=None)) as db:
        for key, *values in db.execute(f"SELECT key, {columns} FROM articles").fetchall():
            changed = [hostile(value, json_=name == "authors") for name, value in zip(_COLUMNS, values, strict=True)]
            db.execute(f"UPDATE articles SET ({columns}) = (?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE key = ?", (*changed, key))
            db.execute("UPDATE passages SET end = ? WHERE article = ?", (len(changed[-1] or ""), key))
        # What is not as it was stored would be left out; who writes so knows that.
        for key, *row in db.execute(f"SELECT key, {REF_COLUMNS}, body FROM articles").fetchall():
            told = told_fingerprint(row, row[-1])
            db.execute("UPDATE articles SET fingerprint = ? WHERE key = ?", (told, key))
    return archive.rename(folder / FOLDER)


def hostile(text: str | None, *, json_: bool = False) -> str | None:
    """Return a text with what is said in place of its names."""

    def said(found: re.Match[str]) -> str:
        text = STORED[int(found[1])]
        return json.dumps(text)[1:-1] if json_ else text

    return None if text is None else re.sub(r"(?i)SAID(\d\d)", said, text)


@contextmanager
def chatting(*arguments: str | Path, **settings: Any) -> Iterator[PtyScreen]:
    """Run the chat until its archive is open; leave it by its key, and see that it wrote nothing but its own."""
    with PtyScreen(*arguments, **settings) as terminal:
        terminal.wait_for("articles")
        yield terminal
        terminal.send(QUIT)
        code = terminal.wait()
        assert terminal.foreign == []
        assert (code, terminal.is_restored) == (0, True)
        told = " ".join(terminal.outside.split())
        assert re.fullmatch("(`dateline .+` goes on with this conversation)?", told)
    assert [copied for copied in terminal.clipboard if plain(copied) != copied] == []


def ask(terminal: PtyScreen, question: str) -> None:
    terminal.send(question + ENTER)
    asked = "".join(f"❯ {question}".split())
    terminal.wait_for(lambda screen: is_over("".join(conversation(screen).split()).partition(asked)[2]))


def conversation(screen: str) -> str:
    """Return what stands beside the sources."""
    return "\n".join(line.partition("│")[0] for line in screen.splitlines())


def is_over(told: str) -> bool:
    """Whether a turn of which this is told, without blanks, has come to its end."""
    return "Escstops" not in told and re.search(r"\[1\]|✗|doesnotsay", told) is not None


def leave(terminal: PtyScreen, gone: str) -> None:
    """Close a screen, until what it showed is gone."""
    terminal.send(ESCAPE)
    terminal.wait_for(lambda screen: gone not in screen)


def squeezed(text: str) -> str:
    """Return a text as it can be found on a screen, wherever lines were broken."""
    return "".join(plain(text).split())


def stored(archive: Path) -> dict[int, dict[str, Any]]:
    """Return the articles of the pilots as they are stored, by their number."""
    with closing(sqlite3.connect(archive / "archive.sqlite3")) as db:
        rows = db.execute(f"SELECT {', '.join(_COLUMNS)} FROM articles WHERE headline LIKE 'Pilot%'").fetchall()
    articles = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    return {int(re.findall(r"\d+", one["headline"])[0]): one for one in articles}


_POSITION = re.compile(r"─ ?(citation|found, not cited:) (\d+) of (\d+)")
_ADDRESS = re.compile("Open this page|The address of the article")
_COLUMN_OF_NOTICES = 158
_PILOT = re.compile(r"Pilot (\d+)\s+logged")


def read_all(terminal: PtyScreen, known: dict[int, dict[str, Any]], *, use: int) -> dict[int, str]:
    """Go through all that was found in the reader; return what is shown of each, by its number.

    Of one in ``use`` the quotation and the address are copied.
    """
    seen: dict[int, str] = {}
    terminal.send(READ)
    while True:
        terminal.wait_for(lambda screen: _POSITION.search(screen) and "opening …" not in screen)
        at = _POSITION.search(terminal.screen)
        assert at
        if found := _PILOT.search(terminal.screen):
            number = int(found[1])
            seen[number] = "\n".join(line[:_COLUMN_OF_NOTICES] for line in terminal.screen.splitlines())
            if number % use == 0:
                copy(terminal, has_address=bool(known[number]["url"]))
        if at[1] != "citation" and at[2] == at[3]:
            return seen
        terminal.send("n")
        terminal.wait_for(partial(is_elsewhere, at[0]))


def is_elsewhere(before: str, screen: str) -> bool:
    now = _POSITION.search(screen)
    return now is not None and now[0] != before


def copy(terminal: PtyScreen, *, has_address: bool) -> None:
    terminal.send("y")
    if has_address:
        terminal.send("o")
        terminal.wait_for(_ADDRESS.search)
        terminal.send("cq")
        terminal.wait_for(lambda screen: not _ADDRESS.search(screen))


@pytest.mark.parametrize(("source", "use", "columns"), [("added", 100, 100), ("foreign", 4, 220)])
def test_an_article_puts_nothing_on_the_terminal_but_its_text(
    source: str, use: int, columns: int, request: pytest.FixtureRequest
) -> None:
    archive: Path = request.getfixturevalue(source)
    known = stored(archive)

    with chatting("-a", archive, "chat", rows=50, columns=columns) as terminal:
        terminal.send("/k 100" + ENTER)
        ask(terminal, QUESTION)
        terminal.send(COPY)
        terminal.wait_for(lambda screen: "in the clipboard" in screen)
        terminal.wait_for(lambda screen: "in the clipboard" not in screen)  # It may stand over what is read.
        seen = read_all(terminal, known, use=use)
        terminal.send(ESCAPE)
        terminal.wait_for("Ask the archive")

    assert len(seen) >= 40
    for number, screen in seen.items():
        one, text = known[number], squeezed(screen).replace("▌", "")
        wanted = [one["headline"], one["outlet"], *json.loads(one["authors"]), one["section"], one["place"]]
        for field in wanted if len(one["headline"]) < 1000 else wanted[:1]:
            assert squeezed(field)[:60] in text


def test_every_screen_shows_hostile_text_as_it_stands(foreign: Path) -> None:
    with chatting("-a", foreign, "chat", rows=40, columns=120) as terminal:
        ask(terminal, DARK)
        terminal.send(READ)
        terminal.wait_for("citation 1 of")
        terminal.send("c")
        terminal.wait_for("Prints of this story")
        terminal.send("\x1b[F" + ENTER)
        terminal.wait_for(lambda screen: re.search(r"prints.example/[1-9]", screen))
        leave(terminal, "prints.example")

        terminal.send("/outlet ")
        terminal.wait_for("Post")
        for _ in range(len(STORED)):
            terminal.press(DOWN)
        terminal.send("[@")
        terminal.wait_for("Post 33 [@click=app.bell()]rin")
        terminal.send(TAB + ENTER)
        terminal.wait_for("only of Post 32 [@")
        ask(terminal, QUESTION)
        terminal.send(CHANGE)
        terminal.wait_for("Question, standing by itself")
        leave(terminal, "by itself")

        terminal.send(ARCHIVE)
        terminal.wait_for("newest first")
        for _ in range(4):
            terminal.press(PAGE_DOWN)
        terminal.send(ENTER)
        terminal.wait_for("(AP) — Pilot")
        terminal.send("q/")
        terminal.wait_for("Search in the texts")
        terminal.send("ferry harbour" + ENTER)
        terminal.wait_for("best passages")
        for _ in range(30):
            terminal.press(DOWN)
        terminal.send(ENTER)
        terminal.wait_for("(AP) — Pilot")
        terminal.wait_for("Find:")
        leave(terminal, "Find:")
        leave(terminal, "Copy top paragraph")
        leave(terminal, "best passages")
        terminal.wait_for("newest first")
        leave(terminal, "newest first")

        terminal.send(SESSIONS)
        terminal.wait_for("1 session with archive ]0;OWNED[@click=app.quit]x[..")
        leave(terminal, "1 session with")
        terminal.send(HELP)
        terminal.wait_for("/everything")
        leave(terminal, "While typing")
        terminal.send(PALETTE)
        terminal.wait_for("Search for commands")
        leave(terminal, "Search for commands")


Script = Callable[[bytes], Iterator[bytes]] | list[bytes]


def packed(said: Sequence[str], count: int = 7) -> list[str]:
    """Return what is said, a few texts at a time."""
    return [" ".join(said[i : i + count]) for i in range(0, len(said), count)]


def streamed(said: str, _: bytes) -> Iterator[bytes]:
    """Yield what a server writes whose model says this, in every block of Markdown: its beginning letter by letter."""
    blocks = [f"The keeper {said} left. [1]", f"# {said}", f"* {said} [1]", f"```{said}\n{said}\n```", f"> {said}"]
    text = "\n\n".join([*blocks, f"| a |\n|--|\n| {said} |"])
    yield head()
    for piece in [*text[:60], text[60:]]:
        yield b"data: " + json.dumps({"choices": [{"delta": {"content": piece}}]}).encode() + b"\n\n"
    yield b"data: " + json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]}).encode() + b"\n\n"
    yield b"data: [DONE]\n\n"


def refused(said: str, number: int) -> list[bytes]:
    """Return the answer of a server that refuses, in JSON or as a page."""
    if number % 2:
        return [head(400, "text/html"), f"<title>{said}</title><p>{said}".encode("utf-8", "surrogatepass")]
    error = {"message": said, "type": said, "code": said}
    return [head(400, "application/json"), json.dumps({"error": error}).encode()]


def has_been_asked(server: ScriptedServer, count: int, _: str) -> bool:
    return len(server.requests) >= count


@contextmanager
def serving(scripts: Sequence[Script]) -> Iterator[ScriptedServer]:
    server = ScriptedServer([*scripts])
    try:
        yield server
    finally:
        server.close()


def test_a_model_and_its_server_put_nothing_on_the_terminal_but_text(foreign: Path) -> None:
    written, refusals = packed(SAID), packed(SAID, 3)
    scripts: list[Script] = [partial(streamed, said) for said in written]
    scripts += [refused(said, i) for i, said in enumerate(refusals)]
    with serving(scripts) as server:
        variables = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url}
        with chatting("-a", foreign, "chat", "--model", "openai:m", rows=50, columns=140, **variables) as terminal:
            for number in range(len(scripts)):
                terminal.send(DARK + ENTER)
                terminal.wait_for(partial(has_been_asked, server, number + 1))
            terminal.wait_for(lambda screen: screen.count("✗") > 2 and "Esc stops" not in screen)
            terminal.send("\x1b[1;5A" + COPY)  # Ctrl+↑, to the last answer with a citation
            terminal.wait_for("in the clipboard")

            assert KEY.encode() not in terminal.raw
    assert len(terminal.clipboard) == 1


# A command for each way of saying back what was typed.
COMMANDS = ("since", "model", "export", "outlet", "k", "no-such")


def test_what_is_typed_or_pasted_puts_nothing_on_the_terminal_but_text(sample_archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in (said.encode("utf-8", "replace")[:200].replace(b"\0", b"").replace(b"/", b"") for said in SAID):
        (folder / os.fsdecode(b"x" + name)).write_bytes(b"\x1b]0;OWNED\x07 \x9d52;c;T1dORUQ=\x9c nothing of an article")
    archive = shutil.copytree(sample_archive, tmp_path / "archive")
    # TOML knows no pairs of surrogates, and takes no DEL as it is.
    names = [json.dumps(said).replace("\x7f", "\\u007f") for said in HOSTILE.values() if max(said) < "\ud800"]
    models = "".join(f"[models.{name}]\nmodel = {name}\n" for name in names)
    (tmp_path / "config.toml").write_text(models, encoding="utf-8")

    with chatting(
        "-a", archive, "--config", tmp_path / "config.toml", "chat", rows=50, columns=140, cwd=folder
    ) as terminal:
        for said in packed(STORED):
            type_in(terminal, said, ENTER)
        for number, said in enumerate(packed(STORED, 4)):
            terminal.paste(f"/{COMMANDS[number % len(COMMANDS)]} {said}")
            terminal.send(ENTER)
        # What is wrong with a command is told, and it is put back to be changed where nothing else is typed meanwhile.
        terminal.wait_for("there is no command")
        while "Ask the archive" not in terminal.screen:
            terminal.press(CANCEL)
        for beginning in ("/model ", "/add x", "/export x"):
            type_in(terminal, beginning, "")
            for _ in range(20):
                terminal.press(DOWN)
            terminal.send(CANCEL)
        type_in(terminal, "/add . 'x\\' nothing.txt *x* [@click=app.quit]", ENTER)
        terminal.wait_for("skipped")

        fields = "".join(said for said in STORED if "\x1b" not in said and len(said) < 1000)
        type_in(terminal, f"/archive {fields}", ENTER)
        terminal.wait_for("Search in the texts")
        leave(terminal, "Search in the texts")
        terminal.wait_for("newest first")
        leave(terminal, "newest first")
        type_in(terminal, DARK, ENTER)
        terminal.wait_for(f"❯ {DARK}")
        for opened, shows in ((CHANGE, "by itself"), (SESSIONS, "Search all"), (PALETTE, "Search for commands")):
            terminal.send(opened)
            terminal.wait_for(shows)
            terminal.paste(f"pasted {fields}")
            terminal.wait_for("pasted")
            leave(terminal, "pasted")


def type_in(terminal: PtyScreen, text: str, key: str) -> None:
    """Put a text into the empty box, see it there and press a key."""
    terminal.wait_for("Ask the archive")
    terminal.paste(text)
    terminal.wait_for(lambda screen: "Ask the archive" not in screen)
    terminal.send(key)


def test_saved_sessions_put_nothing_on_the_terminal_but_text(sample_archive: Path, home: Path) -> None:
    write_sessions(sample_archive, home / "dateline")

    with chatting("-a", sample_archive, "chat", rows=50, columns=160) as terminal:
        terminal.send(SESSIONS)
        terminal.wait_for(f"{len(STORED)} sessions")
        terminal.send(DOWN)
        for number in range(len(STORED) - 1, 0, -3):
            terminal.wait_for(partial(is_previewed, f"n{number:02}"))
            if number % 8 == 0:
                for key, shows in (("r", "Name:"), ("x", "Export to"), ("d", "for good?")):
                    terminal.send(key)
                    terminal.wait_for(shows)
                    leave(terminal, shows)
            terminal.send(DOWN * 3)
        terminal.send("/")
        terminal.wait_for("To the list")
        terminal.send("said")
        terminal.wait_for("“said”")
        terminal.send(ESCAPE)

    for number in range(0, len(STORED), 5):
        with chatting("-a", sample_archive, "chat", "--session", f"id{number}") as terminal:
            terminal.wait_for("❯")
            terminal.wait_for(f"n{number:02}")


def is_previewed(name: str, screen: str) -> bool:
    """Whether a session is shown beside the list, where its name stands twice."""
    return squeezed(screen).count(name) > 2


def write_sessions(archive: Path, home: Path) -> None:
    """Write sessions that say something hostile wherever something can be said, past all that cleans it."""
    ask = dateline_command("-a", archive, "ask", "--session", "first", "What kind of drone killed Qasem Soleimani?")
    subprocess.run(ask, env=child_environment(), capture_output=True, timeout=60, check=True)
    with closing(sqlite3.connect(home / "sessions.sqlite3", isolation_level=None)) as db:
        (record,) = db.execute("SELECT record FROM endings").fetchone()
        ((scope, began, asked_utc),) = db.execute(
            "SELECT t.scope, s.started_utc, t.asked_utc FROM turns t JOIN sessions s ON s.key = t.session"
        )
        db.execute("DELETE FROM sessions")
        for number, text in enumerate(STORED):
            said = f"n{number:02} {text}"
            told = json.dumps(saying(json.loads(record), said))
            row = (f"id{number}", said, str(archive.resolve()), began)
            session = db.execute("INSERT INTO sessions(id, name, archive, started_utc) VALUES (?, ?, ?, ?)", row)
            turn = db.execute(
                "INSERT INTO turns(session, asked_utc, asked, scope, record) VALUES (?, ?, ?, ?, ?)",
                (session.lastrowid, asked_utc, said, scope, told),
            ).lastrowid
            ended = ("failed", said, None) if number % 3 == 0 else ("finished", None, told)
            db.execute(
                "INSERT INTO endings(turn, ended_utc, state, error, record) VALUES (?, ?, ?, ?, ?)",
                (turn, asked_utc, *ended),
            )
            db.execute("INSERT INTO full_text(rowid, text) VALUES (?, ?)", (turn, f"SAID {said}"))


_SPEAKING = {"question", "asked", "query", "answer", "text", "quote", "headline", "outlet", "url", "model", "authors"}
_SPEAKING |= {"warnings", "outlets"}


def saying(value: Any, said: str, key: str = "") -> Any:
    """Return a record that says something wherever a text can stand, and shows it at the end where one stands."""
    if isinstance(value, dict):
        return {name: saying(inner, said, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [saying(inner, said, key) for inner in value] + ([said] if key in {"warnings", "authors"} else [])
    return f"{value} {said}" if isinstance(value, str) and key in _SPEAKING else value


def test_an_archive_that_cannot_be_read_is_told_in_a_line(added: Path, tmp_path: Path) -> None:
    archive = shutil.copytree(added, tmp_path / "archive")
    with closing(sqlite3.connect(archive / "archive.sqlite3", isolation_level=None)) as db:
        db.execute("UPDATE articles SET outlet = CAST(x'6f5b2f5ded' AS TEXT), headline = CAST(x'eda080' AS TEXT)")

    with PtyScreen("-a", archive, "chat") as terminal:
        terminal.wait_for("the archive cannot be read")
        for typed in (DARK + ENTER, "/outlet x" + ENTER, ARCHIVE):
            terminal.send(typed)
            terminal.wait_for("cannot be read")
        terminal.send(ESCAPE + QUIT)

        assert (terminal.wait(), terminal.outside, terminal.foreign) == (0, "", [])
