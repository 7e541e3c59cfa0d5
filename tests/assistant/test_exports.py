"""Sessions as files: Markdown that shows what was said and nothing else, JSON, and never over what is there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from assistant.conversation import Answer, Citation, Statement, Turn
from assistant.errors import ConfigError
from assistant.exports import default_file_name, export_session, form_of, write_export
from assistant.planning import Scope
from assistant.rendering import answer_json
from assistant.saved_turns import SavedTurn, State
from assistant.sessions import Session
from assistant.transcripts import session_json
from store.records import ArticleRef, Hit, Passage
from tests.assistant.turns import abstained, answered, planned

AT = datetime(2020, 2, 1, 12, 30, tzinfo=UTC)
EXPORTED = datetime(2020, 2, 3, 9, 0, tzinfo=UTC)
FERRY = Session("abc1234", "ferry", Path("/archives/news"), AT, AT, 2, "Who sank the ferry?")
UNNAMED = replace(FERRY, name=None)


def saved(
    state: State = "finished", error: str | None = None, asked: str | None = None, scope: Scope | None = None
) -> SavedTurn:
    understood = planned(asked=asked)
    turn = abstained(understood) if state == "abstained" else answered(understood, complete=state == "finished")
    return SavedTurn(turn, state, AT, scope or Scope(), error, answer_json(turn, understood))


def without_text(turn: SavedTurn) -> SavedTurn:
    answer = Answer("", False, (), (), (), "openai:m", None, (), complete=False)
    return replace(turn, turn=replace(turn.turn, answer=answer))


def markdown(*turns: SavedTurn, session: Session = FERRY) -> str:
    return export_session(session, turns, "md", exported_utc=EXPORTED)


def front_matter(text: str) -> dict[str, object]:
    loaded: dict[str, object] = yaml.load(text.split("---\n")[1], yaml.BaseLoader)  # noqa: S506 - makes strings only
    return loaded


def html(text: str) -> str:
    body = text.split("\n---\n", 1)[1]
    page: str = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(body)
    return page


def test_a_session_in_markdown() -> None:
    text = markdown(saved(asked="Who was?"), saved("abstained"))

    assert re.sub(r'"dateline.*"', '"dateline"', text) == (
        '---\ntitle: "ferry"\nsession: "abc1234"\narchive: "/archives/news"\n'
        "started: 2020-02-01T12:30:00+00:00\nlast_asked: 2020-02-01T12:30:00+00:00\nquestions: 2\n"
        'models: ["openai:m", "extractive"]\nexported: 2020-02-03T09:00:00+00:00\ngenerator: "dateline"\n---\n\n'
        "## 1. Who was?\n\n"
        "- Asked: 1 February 2020, 12:30 UTC\n- Understood as: Who was brought ashore?\n"
        "- Searched: articles published 2017-01-01 or later (from '2017')\n- Model: openai:m\n\n"
        "All 212 were saved [1]. They were glad. (?)\n\n"
        "2 statements: 1 supported, 1 not supported by a source (?).\n\n"
        "- Note: careful\n\n"
        "### Sources\n\n"
        "1. Harbour Courier, “Ferry sinks”, 7 June 2017, <https://courier.example/ferry>, `ferry-1:53-88`\n\n"
        "   > All 212 people were brought ashore.\n\n"
        "   Also printed by: The Post, 8 June 2017\n\n"
        "## 2. Who was brought ashore?\n\n"
        "- Asked: 1 February 2020, 12:30 UTC\n"
        "- Searched: articles published 2017-01-01 or later (from '2017')\n- Model: extractive\n\n"
        "The archive does not say.\n\n"
        "### Nearest evidence\n\n"
        "1. Harbour Courier, “Ferry sinks”, 7 June 2017, <https://courier.example/ferry>, `ferry-1:0-52`\n\n"
        "   > The ferry Morning Star sank off Skelby on Wednesday.\n"
    )


def test_the_same_session_is_the_same_text() -> None:
    assert markdown(saved(), saved("abstained")) == markdown(saved(), saved("abstained"))


def test_front_matter_holds_what_was_last_set_by_hand() -> None:
    scope = Scope(date(2017, 1, 1), None, date(2017, 7, 1), ("The Post", 'The "Old" Post: late'))

    known = front_matter(markdown(saved(scope=Scope(date(1999, 1, 1))), saved(scope=scope)))

    assert (known["since"], known["as_of"]) == ("2017-01-01", "2017-07-01")
    assert known["outlets"] == ["The Post", 'The "Old" Post: late']
    assert "until" not in known
    assert "- As of: 1 July 2017\n" in markdown(saved(scope=scope))


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        (saved("failed", "nobody answers"), "**Not answered:** nobody answers.\n"),
        (saved("incomplete"), "**Incomplete:** the model broke off.\n\n2 statements: 1 supported, "),
        (saved("incomplete", "stopped"), "**Incomplete:** stopped.\n\n2 statements: 1 supported, "),
        (saved("unfinished"), "**Unfinished:** no end of the answer was kept.\n"),
        (without_text(saved("unfinished")), "**Unfinished:** no answer was kept.\n"),
        (without_text(saved("failed", "no <b>")), "**Not answered:** no \\<b>.\n"),
    ],
)
def test_a_turn_without_its_end_says_so(turn: SavedTurn, told: str) -> None:
    assert f"\n\n{told}" in markdown(turn)


def test_an_answer_whose_sources_were_not_kept_says_so() -> None:
    turn = saved("unfinished")
    answer = replace(turn.turn.answer, statements=(), citations=())

    text = markdown(replace(turn, turn=replace(turn.turn, answer=answer)))

    assert "All 212 were saved \\[1\\]." in text
    assert "**Unfinished:** no end of the answer was kept. Its sources were not kept.\n" in text
    assert "### Sources" not in text


HOSTILE = "# *Big* <script>x</script> [x](http://evil.example) ![i](http://evil.example/i) `a` &lt; 1. - | _b_\x1b[2J"


def hostile(model: str) -> SavedTurn:
    ref = ArticleRef(f"id`{HOSTILE}", HOSTILE, outlet=HOSTILE, published=date(2020, 1, 2), url=f"javascript:{HOSTILE}")
    copies = (replace(ref, outlet=f"- {HOSTILE}"),)
    hit = Hit(Passage("p", ref, 0, 0, 9, HOSTILE), 1, 0.5, "fused", copies)
    quote = f"{HOSTILE}\n---\n{HOSTILE}\n\n```\n- {HOSTILE}"
    text = f"{HOSTILE} [1]"
    answer = Answer(
        text, True, (Statement(text, 0, len(text), (1,), "quoted"),), (Citation(1, hit, 0, 9, quote),), (), model, None,
        (HOSTILE,),
    )  # fmt: skip
    turn = Turn(HOSTILE, HOSTILE, None, answer, {}, asked=f"1. {HOSTILE}", outlets=(HOSTILE,))
    return SavedTurn(turn, "incomplete", AT, Scope(), HOSTILE, {})


@pytest.mark.parametrize("model", ["extractive", "openai:m"])
def test_nothing_that_was_said_is_markup(model: str) -> None:
    session = replace(FERRY, name=None, first_asked=HOSTILE, archive=Path("/a\n---\nb: <b>"))
    text = markdown(hostile(model), session=session)

    page = html(text)
    allowed = {"h2", "h3", "ul", "ol", "li", "p", "br", "blockquote", "code", "strong"} | (
        {"em"} if model != "extractive" else set()
    )
    assert set(re.findall(r"<(\w+|!)", page)) <= allowed
    assert len(re.findall("<h[23]>", page)) == 2
    assert len(re.findall("<blockquote>", page)) == 1
    assert "\x1b" not in text
    assert front_matter(text)["archive"] == "/a --- b: <b>"
    assert "<" not in str(front_matter(text)["title"]).replace("\\<", "")  # Pandoc reads it as Markdown.


def test_in_json_it_is_what_the_command_prints() -> None:
    turn = saved()

    assert json.loads(export_session(FERRY, [turn], "json")) == session_json(FERRY, [turn])


@pytest.mark.parametrize(
    ("session", "name"),
    [
        (FERRY, "ferry-{day}.md"),
        (UNNAMED, "Who-sank-the-ferry-{day}.md"),
        (replace(FERRY, name="../Zoë's / notes_7"), "Zoë-s-notes-7-{day}.md"),
        (replace(FERRY, name="..."), "abc1234-{day}.md"),
        (replace(UNNAMED, first_asked=""), "abc1234-{day}.md"),
        (replace(UNNAMED, first_asked="Why " * 40), "Why-" * 11 + "Why-{day}.md"),
        (replace(FERRY, name="橋" * 100), "橋" * 50 + "-{day}.md"),
    ],
)
def test_a_file_is_named_for_its_session_and_day(session: Session, name: str) -> None:
    named = default_file_name(session, "md")

    assert named == name.format(day=f"{AT.astimezone():%Y-%m-%d}")
    assert len(named.encode()) <= 255


def test_the_form_is_in_the_name(tmp_path: Path) -> None:
    assert [form_of(tmp_path / name) for name in ("a.md", "a.MARKDOWN", "a.b.json")] == ["md", "md", "json"]
    with pytest.raises(ConfigError, match=r"'a\.pdf' says no format"):
        form_of(tmp_path / "a.pdf")


def test_a_file_is_written_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()

    write_export(tmp_path / "a.md", "Zoë\n")

    assert (tmp_path / "a.md").read_bytes() == "Zoë\n".encode()
    assert (tmp_path / "a.md").stat().st_mode == (tmp_path / "usual").stat().st_mode
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.md", "usual"]


def test_what_is_there_is_replaced_only_when_that_is_said(tmp_path: Path) -> None:
    file, link = tmp_path / "a.md", tmp_path / "link.md"
    file.write_text("mine", encoding="utf-8")
    link.symlink_to(file)
    (tmp_path / "broken.md").symlink_to(tmp_path / "nowhere")

    for path in (file, link, tmp_path / "broken.md"):
        with pytest.raises(ConfigError, match=r"there is a file .* already") as caught:
            write_export(path, "new")
        assert caught.value.hint == "choose another name"
    assert file.read_text(encoding="utf-8") == "mine"

    write_export(link, "new", overwrite=True)
    assert (file.read_text(encoding="utf-8"), link.is_symlink()) == ("new", True)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (".", "is no file"),
        ("none/a.md", "there is no folder"),
        ("file.txt/a.md", "cannot write"),
        ("n" * 300 + ".md", "cannot write"),
        ("a\0.md", "cannot write"),
    ],
)
@pytest.mark.parametrize("overwrite", [False, True])
def test_where_no_file_can_be_that_is_said(tmp_path: Path, name: str, message: str, *, overwrite: bool) -> None:
    (tmp_path / "file.txt").touch()

    with pytest.raises(ConfigError, match=message) as caught:
        write_export(tmp_path / name, "new", overwrite=overwrite)

    assert caught.value.hint
    assert [file.name for file in tmp_path.iterdir()] == ["file.txt"]
