"""A turn is saved as it happens, and nothing that goes wrong with that reaches the answer."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING

from assistant.conversation import Answered, Delta, Planned
from assistant.errors import LLMStopped
from assistant.llm.stopping import STOPPED_EARLY
from assistant.planning import Scope
from assistant.rendering import answer_json
from store.errors import DatelineError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from assistant.conversation import AnswerEvent, Turn
    from assistant.saved_turns import State
    from assistant.sessions import Session, Sessions

# A power cut costs what was shown in so many seconds; a killed process only the sentence that is being written.
_DURABLE_EVERY_S = 1.0

# Kept as the error of a turn that somebody stopped, who knows it.
_STOPPED = "stopped"


class Recording:
    """Saves the turns of one session as their events pass through; started with its first turn if there is none yet.

    With ``as_it_happens`` the question is saved as soon as it is understood and each sentence before it is shown;
    without, everything is saved after the answer, which then waits for no disk. ``trouble`` says why something of the
    last turn is not saved. ``file`` is that of the sessions.
    """

    def __init__(
        self, file: Path, archive: Path, *, session: Session | None, name: str | None, as_it_happens: bool
    ) -> None:
        self.session = session
        self.trouble: DatelineError | None = None
        self._file = file
        self._archive = archive
        self._name = name
        self._as_it_happens = as_it_happens

    def save(
        self, events: Iterator[AnswerEvent], scope: Scope | None, model: str
    ) -> Generator[AnswerEvent, None, None]:
        """Yield the events of one turn, saving them; close the iterator where it is not read to its end."""
        turn = _OpenTurn(scope or Scope(), model)
        self.trouble = None  # What kept the last turn from being saved may be over.
        try:
            for event in events:
                self._before(event, turn)
                yield event
                if isinstance(event, Answered):
                    self._finish(event.turn, turn)
        except BaseException as exc:
            self._break_off(exc, turn)
            raise

    def close(self) -> None:
        """Close the file; a further turn opens it again."""
        self._sessions.close()

    def _before(self, event: AnswerEvent, turn: _OpenTurn) -> None:
        match event:
            case Planned():
                turn.planned = event
                if self._as_it_happens:  # Now, not when the model is asked: that should go out at once.
                    self._try(lambda: self._begin(turn))
            case Delta(text=text) if turn.key is not None:
                self._try(lambda: self._append(turn, text))
            case _:
                pass

    @cached_property
    def _sessions(self) -> Sessions:
        from assistant.sessions import open_sessions  # 6 ms, which an answer from here need not wait for

        return open_sessions(self._file)

    def _begin(self, turn: _OpenTurn) -> None:
        assert turn.planned is not None  # always the first event
        from assistant.saved_turns import opening_record  # 3 ms, which an answer from here need not wait for

        with self._sessions.writing(durable=False):  # The model is not to wait for the disk.
            session = self.session or self._sessions.start(self._archive, self._name)
            asked = turn.planned.asked or turn.planned.question
            turn.key = self._sessions.begin(session, asked, turn.scope, opening_record(turn.planned, turn.model))
        self.session = session

    def _append(self, turn: _OpenTurn, text: str) -> None:
        assert turn.key is not None
        is_due = time.monotonic() - turn.durable_at >= _DURABLE_EVERY_S
        self._sessions.append(turn.key, text, durable=is_due)
        if is_due:
            turn.durable_at = time.monotonic()

    def _finish(self, finished: Turn, turn: _OpenTurn) -> None:
        from assistant.saved_turns import state_of

        assert turn.planned is not None
        record = answer_json(finished, turn.planned)
        error = _STOPPED if STOPPED_EARLY in finished.answer.warnings else None
        self._try(lambda: self._end(turn, state_of(finished.answer), record=record, error=error))

    def _break_off(self, exc: BaseException, turn: _OpenTurn) -> None:
        """Say why a turn has no answer; one that nobody waited for any more is kept only if it was begun."""
        if turn.is_ended or turn.planned is None:
            return
        if isinstance(exc, DatelineError) and not isinstance(exc, LLMStopped):
            self._try(lambda: self._end(turn, "failed", error=str(exc)))
        elif turn.key is not None:
            error = _STOPPED if isinstance(exc, LLMStopped) else "interrupted"
            self._try(lambda: self._end(turn, "incomplete", error=error))

    def _end(
        self, turn: _OpenTurn, state: State, *, record: dict[str, object] | None = None, error: str | None = None
    ) -> None:
        with self._sessions.writing():
            if turn.key is None:
                self._begin(turn)
            assert turn.key is not None
            self._sessions.end(turn.key, state, record=record, error=error)
        turn.is_ended = True

    def _try(self, write: Callable[[], None]) -> None:
        """Write, unless something went wrong before."""
        if self.trouble is not None:
            return
        try:
            write()
        except DatelineError as exc:
            self.trouble = exc


class _OpenTurn:
    """What is known of the turn that is being saved."""

    def __init__(self, scope: Scope, model: str) -> None:
        self.scope = scope
        self.model = model
        self.planned: Planned | None = None
        self.key: int | None = None
        self.durable_at = time.monotonic()
        self.is_ended = False
