"""Sessions: found again by name and by what was said, written by several shells at once, gone when deleted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from assistant.errors import ConfigError, SessionMissing, SessionsError
from assistant.planning import Scope
from assistant.rendering import answer_json
from assistant.saved_turns import Stood, opening_record, state_of
from assistant.session_file import sessions_path
from assistant.sessions import Session, Sessions, open_sessions
from tests.assistant.turns import answered, planned
from tests.command_line import child_environment

NEWS, OTHER = Path("/archives/news"), Path("/archives/other")


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    sessions = open_sessions(sessions_path(tmp_path))
    yield sessions
    sessions.close()


def say(sessions: Sessions, session: Session, question: str, scope: Scope | None = None) -> None:
    """Save a turn in which a question is answered."""
    understood = planned(question, scope)
    turn = answered(understood)
    key = sessions.begin(session, question, scope or Scope(), opening_record(understood, "openai:m"))
    sessions.append(key, turn.answer.text)
    sessions.end(key, state_of(turn.answer), record=answer_json(turn, understood))


def test_before_anything_is_saved_there_is_nothing_and_no_file(sessions: Sessions) -> None:
    assert (sessions.all(), sessions.last(NEWS), sessions.find("x"), sessions.search("ferry")) == ([], None, None, [])
    with pytest.raises(SessionMissing, match="there is no session 'x'"):
        sessions.get("x")
    assert not sessions.path.exists()


def test_a_session_is_what_was_said_in_it(sessions: Sessions) -> None:
    scope = Scope(since=date(2017, 1, 1), outlets=("The Post",))
    session = sessions.start(NEWS, "ferry")
    say(sessions, session, "Who was saved?", scope)
    say(sessions, session, "Who owned it?")

    listed = sessions.get("ferry")
    turns = sessions.turns(listed)

    assert (listed.name, listed.archive, listed.turns, listed.first_asked) == ("ferry", NEWS, 2, "Who was saved?")
    assert abs(listed.asked_utc - datetime.now(UTC)) < timedelta(minutes=5)
    assert [saved.turn for saved in turns] == [
        answered(planned("Who was saved?", scope)),
        answered(planned("Who owned it?")),
    ]
    assert [(saved.state, saved.scope, saved.error) for saved in turns] == [
        ("finished", scope, None),
        ("finished", Scope(), None),
    ]


def test_the_latest_turns_are_read_alone(sessions: Sessions) -> None:
    session = sessions.start(NEWS)
    for i in range(4):
        say(sessions, session, f"Who sank ferry {i}?")

    asked = [saved.turn.question for saved in sessions.turns(session, most=2)]

    assert asked == ["Who sank ferry 2?", "Who sank ferry 3?"]


def test_what_was_understood_and_what_stood_is_kept_with_a_turn(sessions: Sessions) -> None:
    session = sessions.start(NEWS)
    stood = Stood(Scope(since=date(2017, 1, 1), outlets=("The Post",)), "openai:m", 20, "extractive", 10)
    opening = opening_record(planned(), "openai:m")
    sessions.begin(session, "Who sank?", Scope(), opening, plan=["taken over: the ferry"], stood=stood)
    sessions.begin(session, "Who sank?", Scope(), opening)

    kept = [(saved.plan, saved.stood) for saved in sessions.turns(session)]

    assert kept == [(("taken over: the ferry",), stood), (None, None)]


def test_a_turn_of_a_session_that_was_deleted_is_no_riddle(sessions: Sessions) -> None:
    session = sessions.start(NEWS, "ferry")
    key = sessions.begin(session, "Who sank?", Scope(), opening_record(planned(), "openai:m"))
    sessions.delete(session)

    with pytest.raises(SessionMissing, match="was deleted meanwhile"):
        sessions.append(key, "Nobody.")
    with pytest.raises(SessionMissing, match="was deleted meanwhile"):
        sessions.end(key, "failed", error="nobody answers")
    with pytest.raises(SessionMissing, match="session 'ferry' was deleted meanwhile"):
        sessions.begin(session, "Who sank?", Scope(), opening_record(planned(), "openai:m"))


def test_the_last_session_is_the_one_that_was_asked_last_in_that_archive(sessions: Sessions) -> None:
    first, second, elsewhere = sessions.start(NEWS), sessions.start(NEWS), sessions.start(OTHER)
    for session in (first, second, elsewhere, first):
        say(sessions, session, "Who sank?")

    assert sessions.last(NEWS) == sessions.get(first.id)
    assert [session.id for session in sessions.all(NEWS)] == [first.id, second.id]
    assert [session.id for session in sessions.all()] == [first.id, elsewhere.id, second.id]
    assert sessions.last(Path("/archives/new")) is None


def test_many_sessions_come_page_by_page(sessions: Sessions) -> None:
    for i in range(5):
        say(sessions, sessions.start(NEWS, f"s{i}"), "Who sank?")
    sessions.start(NEWS, "empty")
    sessions.start(OTHER, "elsewhere")

    pages = [[one.label for one in sessions.all(NEWS, most=2, skip=skip)] for skip in (0, 2, 4, 6)]

    assert pages == [["s4", "s3"], ["s2", "s1"], ["s0", "empty"], []]
    assert (sessions.count(NEWS), sessions.count()) == (6, 7)


def test_without_a_file_nothing_is_counted_or_made(tmp_path: Path) -> None:
    sessions = open_sessions(sessions_path(tmp_path))

    assert (sessions.count(), sessions.all(), sessions.last(NEWS)) == (0, [], None)
    assert list(tmp_path.iterdir()) == []


def test_a_session_is_found_by_its_name_or_its_id(sessions: Sessions) -> None:
    named, unnamed = sessions.start(NEWS, "ferry"), sessions.start(NEWS)

    assert sessions.find("ferry") == sessions.find(named.id) == named
    assert sessions.find(unnamed.id) == unnamed
    assert (named.label, unnamed.label) == ("ferry", unnamed.id)


def test_a_name_is_started_once(sessions: Sessions) -> None:
    assert sessions.start(NEWS, "ferry") == sessions.start(NEWS, "ferry")
    assert len(sessions.all()) == 1


@pytest.mark.parametrize("name", ["", " ", "a ", "a\tb", "a\nb", "\x1b[31mred", "x" * 101])
def test_what_cannot_be_typed_again_is_no_name(sessions: Sessions, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be a session's name"):
        sessions.start(NEWS, name)

    assert sessions.all() == []


def test_a_session_is_renamed_but_not_to_the_name_of_another(sessions: Sessions) -> None:
    first, second = sessions.start(NEWS, "ferry"), sessions.start(NEWS)

    renamed = sessions.rename(second, "Brücke 7")

    assert (renamed.id, renamed.name) == (second.id, "Brücke 7")
    assert sessions.rename(renamed, "Brücke 7") == renamed
    with pytest.raises(ConfigError, match="there is a session 'ferry' already"):
        sessions.rename(renamed, "ferry")
    assert sessions.get("ferry") == first


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Garrow", ["Who is Zoë Garrow?"]),
        ("zoe gar", ["Who is Zoë Garrow?"]),  # without accents, by the beginnings of words
        ("212 saved garrow", ["Who is Zoë Garrow?"]),  # question and answer together
        ("Ferry sinks", ["Who is Zoë Garrow?", "Who owned it?"]),  # a cited headline
        ("garrow owned", []),
        ('"garrow" OR -( * NEAR', []),
        ("'\" *", []),
        ("", []),
    ],
)
def test_what_was_said_is_found_by_its_words(sessions: Sessions, text: str, found: list[str]) -> None:
    session, quiet = sessions.start(NEWS), sessions.start(OTHER)
    say(sessions, session, "Who is Zoë Garrow?")
    say(sessions, session, "Who owned it?")

    assert [one.asked for one in sessions.search(text)] == ([tuple(found)] if found else [])
    assert sessions.search(text, quiet.archive) == []


def test_a_turn_that_was_cut_short_has_what_was_shown_of_it(sessions: Sessions) -> None:
    session = sessions.start(NEWS)
    key = sessions.begin(session, "Who sank?", Scope(), opening_record(planned("Who sank?"), "openai:m"))
    for piece in ("The Morning Star sank [1].", " It was new."):
        sessions.append(key, piece)

    (saved,) = sessions.turns(session)

    assert (saved.state, saved.turn.question) == ("unfinished", "Who sank?")
    assert saved.turn.answer.text == "The Morning Star sank [1]. It was new."
    assert (saved.turn.answer.answered, saved.turn.answer.complete) == (True, False)
    assert saved.turn.answer.warnings == ("the answer was cut short",)
    assert [one.asked for one in sessions.search("morning new")] == [("Who sank?",)]


def test_a_turn_that_failed_says_why(sessions: Sessions) -> None:
    session = sessions.start(NEWS)
    key = sessions.begin(session, "Who sank?", Scope(), opening_record(planned("Who sank?"), "openai:m"))
    sessions.end(key, "failed", error="nobody answers")

    (saved,) = sessions.turns(session)

    assert (saved.state, saved.error, saved.turn.answer.answered) == ("failed", "nobody answers", False)


def test_text_that_no_file_can_hold_is_kept_as_far_as_it_is_text(sessions: Sessions) -> None:
    session = sessions.start(NEWS)
    key = sessions.begin(session, "Who\ud800?", Scope(), opening_record(planned("Who?"), "openai:m"))
    sessions.append(key, "It \udcffsank\x00.")

    (saved,) = sessions.turns(session)

    assert (sessions.get(session.id).first_asked, saved.turn.answer.text) == ("Who?", "It sank.")


def test_what_is_deleted_is_nowhere_in_the_files(sessions: Sessions) -> None:
    kept, secret = sessions.start(NEWS, "kept"), sessions.start(NEWS, "secret")
    say(sessions, kept, "Who owned it?")
    for i in range(20):
        say(sessions, secret, f"Who is Xanthippe Quill {i}?")

    sessions.delete(secret)

    assert sessions.all() == [sessions.get("kept")]
    assert sessions.search("xanthippe") == []
    assert len(sessions.search("owned")) == 1
    for file in sessions.path.parent.iterdir():
        assert b"anthippe" not in file.read_bytes().lower(), file.name


def test_a_session_that_was_deleted_meanwhile_takes_no_turn(sessions: Sessions) -> None:
    session = sessions.start(NEWS, "ferry")
    sessions.delete(session)

    with pytest.raises(SessionsError, match="session 'ferry' was deleted meanwhile"):
        say(sessions, session, "Who sank?")


def test_what_cannot_be_written_is_not_half_there(sessions: Sessions) -> None:
    session = sessions.start(NEWS)
    db = sessions._open()
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(SessionsError, match="database or disk is full"):
        say(sessions, session, "Who sank? " * 10_000)

    assert sessions.turns(session) == []
    db.execute("PRAGMA max_page_count = 100000")
    say(sessions, session, "Who sank?")
    assert len(sessions.turns(session)) == 1


def test_a_record_that_is_damaged_is_told(sessions: Sessions) -> None:
    session = sessions.start(NEWS, "ferry")
    say(sessions, session, "Who sank?")
    sessions._open().execute("""UPDATE endings SET record = '{"question": "Who?"}'""")

    with pytest.raises(SessionsError, match=r"session 'ferry' in .* is damaged"):
        sessions.turns(session)


def test_a_day_that_is_damaged_is_told(sessions: Sessions) -> None:
    say(sessions, sessions.start(NEWS, "ferry"), "Who sank?")
    sessions._open().execute("UPDATE turns SET asked_utc = 'soon'")

    with pytest.raises(SessionsError, match=r"the sessions in .* are damaged"):
        sessions.all()


def test_two_shells_in_one_session_lose_and_mix_nothing(sessions: Sessions) -> None:
    session = sessions.start(NEWS, "ferry")
    script = (
        "import sys; from pathlib import Path; from assistant.sessions import open_sessions; "
        "from tests.assistant.test_sessions import NEWS, say; sys.stdin.read(1)\n"
        "for i in range(25):\n"
        "    sessions = open_sessions(Path(sys.argv[1]))\n"
        "    say(sessions, sessions.start(NEWS, 'ferry'), f'{sys.argv[2]} {i}?')\n"
        "    say(sessions, sessions.start(NEWS, sys.argv[2]), f'{sys.argv[2]} {i}?')\n"
    )
    shells = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", script, sessions.path, name], stdin=-1, env=child_environment(), cwd=Path.cwd()
        )
        for name in ("left", "right")
    ]
    for shell in shells:
        assert shell.stdin is not None
        shell.stdin.write(b"!")
        shell.stdin.close()

    assert [shell.wait(120) for shell in shells] == [0, 0]
    asked = [saved.turn.question for saved in sessions.turns(session)]
    for name in ("left", "right"):
        own = [f"{name} {i}?" for i in range(25)]
        assert [question for question in asked if question.startswith(name)] == own
        assert [saved.turn for saved in sessions.turns(sessions.get(name))] == [
            answered(planned(question)) for question in own
        ]
    assert len(asked) == 50
    assert sessions._open().execute("PRAGMA integrity_check").fetchone() == ("ok",)
