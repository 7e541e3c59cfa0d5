"""Saved sessions → text for people or JSON for programs. Pure: nothing is printed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.rendering import answer_text, below_text, sources_text, support_text
from assistant.saved_turns import scope_json
from store.cleaning import clean_line, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from assistant.rendering import Style
    from assistant.saved_turns import SavedTurn, State
    from assistant.sessions import Found, Session

_STATE_WORDS: dict[State, str] = {
    "incomplete": "incomplete",
    "failed": "not answered",
    "unfinished": "cut short",
}

_SHOWN_CHARS = 72


def sessions_text(sessions: Sequence[Session], style: Style) -> Iterator[str]:
    """Yield one line a session: what to call it by, when something was asked last, how much, and how it began."""
    widest = max((len(plain(session.label)) for session in sessions), default=0)
    for session in sessions:
        label = style.strong(plain(session.label)) + " " * (widest - len(plain(session.label)))
        turns = f"{session.turns:,} question{'s' if session.turns != 1 else ' '}"
        yield f"{label}  {minute(session.asked_utc)}  {turns:>12}  {_shortened(session.first_asked)}"


def found_text(found: Found, style: Style) -> Iterator[str]:
    """Yield a session and, below it, the questions whose turns hold what was searched."""
    yield from sessions_text([found.session], style)
    for asked in found.asked:
        if asked != found.session.first_asked:
            yield f"    {_shortened(asked)}"


def transcript_text(turns: Sequence[SavedTurn], style: Style) -> str:
    """Return a session to be read: each question, its answer and its sources."""
    return "\n\n".join("\n\n".join(_turn_parts(saved, style)) for saved in turns)


def _turn_parts(saved: SavedTurn, style: Style) -> Iterator[str]:
    turn = saved.turn
    asked = f"> {plain(turn.asked or turn.question)}"
    if turn.asked:
        asked += f"\n  understood as: {plain(turn.question)}"
    yield style.strong(style.wrap(asked, indent="  ")) + f"\n  {style.dim(minute(saved.asked_utc))}"
    if turn.answer.text:
        yield answer_text(turn.answer, style)
    if support := support_text(turn.answer) if saved.state in {"finished", "incomplete"} else "":
        yield style.wrap(support)
    if told := below_text(turn, style):
        yield told
    if saved.state in _STATE_WORDS and not (support and saved.state == "incomplete"):
        why = f": {plain(saved.error)}" if saved.error else ""
        yield style.wrap(f"({_STATE_WORDS[saved.state]}{why})")
    if turn.answer.citations:
        yield sources_text(turn.answer.citations, style)


def sessions_json(sessions: Sequence[Session]) -> dict[str, Any]:
    return {"schema": "dateline.sessions/1", "sessions": [_session_json(session) for session in sessions]}


def found_json(found: Sequence[Found]) -> dict[str, Any]:
    """Return the sessions in which something was found, like a list of sessions, with the questions that it was in."""
    listed = [{**_session_json(one.session), "found": list(one.asked)} for one in found]
    return {"schema": "dateline.sessions/1", "sessions": listed}


def session_json(session: Session, turns: Sequence[SavedTurn]) -> dict[str, Any]:
    """Return a session with its turns as ``dateline.session/1``; each ``answer`` is what ``ask --json`` printed."""
    return {
        "schema": "dateline.session/1",
        **_session_json(session),
        "turns": [
            {
                "asked_utc": saved.asked_utc.isoformat(),
                "state": saved.state,
                "error": saved.error,
                "scope": scope_json(saved.scope),
                "answer": dict(saved.record),
            }
            for saved in turns
        ],
    }


def _session_json(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "name": session.name,
        "archive": str(session.archive),
        "started_utc": session.started_utc.isoformat(),
        "asked_utc": session.asked_utc.isoformat(),
        "questions": session.turns,
        "first_asked": session.first_asked,
    }


def minute(moment: datetime) -> str:
    """Return a moment to the minute, on the clock of whoever reads it."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def _shortened(text: str) -> str:
    line = clean_line(text)
    return line if len(line) <= _SHOWN_CHARS else f"{line[: _SHOWN_CHARS - 2]} …"
