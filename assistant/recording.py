"""A turn is saved as it happens, and nothing that goes wrong with that reaches the answer."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assistant.conversation import Answered, Delta, Planned
from assistant.errors import LLMStopped, SessionMissing, told
from assistant.llm.stopping import STOPPED_EARLY
from assistant.planning import Scope
from assistant.rendering import answer_json, plan_texts
from store.errors import DatelineError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from assistant.conversation import AnswerEvent, Turn
    from assistant.saved_turns import SavedTurn, State, Stood
    from assistant.sessions import Session, Sessions

# A power cut costs what was shown in so many seconds; a killed process only the sentence that is being written.
_DURABLE_EVERY_S = 1.0

# Kept as the error of a turn that somebody stopped, who knows it.
STOPPED = "stopped"

# Kept as the error of a turn that nobody waited for any more: the program was left.
INTERRUPTED = "interrupted"


class Recording:
    """Saves the turns of one session as their events pass through; started with its first turn if there is none yet.

    With ``as_it_happens`` the question is saved as soon as it is understood and each sentence before it is shown;
    without, everything is saved after the answer, which then waits for no disk. ``file`` is that of the sessions,
    ``turns`` are those of the session so far, as far as they are known.

    ``trouble`` says why something that was said is not saved; it is with the next turn that can be. ``notice`` says
    that the session was deleted by somebody else and begun anew with what is known of it.
    """

    def __init__(
        self,
        file: Path,
        archive: Path,
        *,
        session: Session | None,
        name: str | None,
        as_it_happens: bool,
        turns: Sequence[SavedTurn] = (),
    ) -> None:
        self.session = session
        self.trouble: DatelineError | None = None
        self.notice: str | None = None
        self._file = file
        self._archive = archive
        self._name = name
        self._as_it_happens = as_it_happens
        self._over = [_Taken.of(saved) for saved in turns]

    def save(
        self, events: Iterator[AnswerEvent], scope: Scope | None, model: str, stood: Stood | None = None
    ) -> Generator[AnswerEvent, None, None]:
        """Yield the events of one turn, saving them; close the iterator where it is not read to its end.

        ``stood`` is what holds for every question, where that is known.
        """
        turn = _Taken(scope or Scope(), model, stood)
        try:
            for event in events:
                self._before(event, turn)
                yield event
                if isinstance(event, Answered):
                    self._finish(event.turn, turn)
        except BaseException as exc:
            self._break_off(exc, turn)
            raise
        finally:
            if turn.state is not None:
                self._over.append(turn)

    def close(self) -> None:
        """Close the file; a further turn opens it again."""
        self._sessions.close()

    def _before(self, event: AnswerEvent, turn: _Taken) -> None:
        match event:
            case Planned():
                turn.planned = event
                if self._as_it_happens:  # Now, not when the model is asked: that should go out at once.
                    self._try(turn, lambda: self._write(turn, durable=False))  # The model is not to wait for the disk.
            case Delta(text=text) if self._as_it_happens:
                turn.text += text
                self._try(turn, lambda: self._append(turn, text))
            case _:
                pass

    @cached_property
    def _sessions(self) -> Sessions:
        from assistant.sessions import open_sessions  # 6 ms, which an answer from here need not wait for

        return open_sessions(self._file)

    def _write(self, turn: _Taken, *, durable: bool = True) -> None:
        """Write what the file does not have yet of a turn, and of those before it."""
        with self._sessions.writing(durable=durable):
            session = self.session or self._sessions.start(self._archive, self._name)
            late = [taken for taken in (*self._over, turn) if not taken.is_kept]
            keys = [self._keep(session, taken) for taken in late]
        self.session = session
        for taken, key in zip(late, keys, strict=True):
            taken.key, taken.is_kept = key, taken.state is not None

    def _keep(self, session: Session, turn: _Taken) -> int:
        key = turn.key
        if key is None:
            key = self._sessions.begin(
                session, turn.asked, turn.scope, turn.opening(),
                plan=turn.plan(), stood=turn.stood, asked_utc=turn.asked_utc,
            )  # fmt: skip
            if turn.text:
                self._sessions.append(key, turn.text)
        if turn.state is not None and turn.state != "unfinished":
            self._sessions.end(key, turn.state, record=turn.record, error=turn.error)
        return key

    def _append(self, turn: _Taken, text: str) -> None:
        assert turn.key is not None  # Where the turn was not begun, nothing more of it is tried.
        is_due = time.monotonic() - turn.durable_at >= _DURABLE_EVERY_S
        self._sessions.append(turn.key, text, durable=is_due)
        if is_due:
            turn.durable_at = time.monotonic()

    def _finish(self, finished: Turn, turn: _Taken) -> None:
        from assistant.saved_turns import state_of

        assert turn.planned is not None  # always the first event
        turn.state, turn.record = state_of(finished.answer), answer_json(finished, turn.planned)
        turn.error = STOPPED if STOPPED_EARLY in finished.answer.warnings else None
        self._try(turn, lambda: self._write(turn))

    def _break_off(self, exc: BaseException, turn: _Taken) -> None:
        """Say why a turn has no answer; one that nobody waited for any more is kept only if it was begun."""
        if turn.state is not None or turn.planned is None:
            return
        if isinstance(exc, DatelineError) and not isinstance(exc, LLMStopped):
            turn.state, turn.error = "failed", told(exc)
        elif self._as_it_happens:
            turn.state, turn.error = "incomplete", STOPPED if isinstance(exc, LLMStopped) else INTERRUPTED
        else:
            return
        self._try(turn, lambda: self._write(turn))

    def _try(self, turn: _Taken, write: Callable[[], None]) -> None:
        """Write, unless something went wrong before with the same turn."""
        if turn.is_given_up:
            return
        try:
            try:
                write()
            except SessionMissing:
                self._begin_anew(turn)
        except DatelineError as exc:
            self.trouble, turn.is_given_up = exc, True
        else:
            self.trouble = None

    def _begin_anew(self, turn: _Taken) -> None:
        """Write all that is known to a session in the place of one that somebody deleted."""
        gone, self.session = self.session, None
        if gone is not None:
            self._name = gone.name
            if gone.name is not None and self._sessions.find(gone.name) is not None:
                self._name = None  # What has the name now is another conversation.
        for taken in (*self._over, turn):
            taken.key, taken.is_kept = None, False
        self._write(turn)
        deleted = f"session {gone.label!r} was deleted meanwhile" if gone else "the session was deleted meanwhile"
        self.notice = f"{deleted}; it is begun anew with {_questions(len(self._over) + 1)}"


class _Taken:
    """What is known of a turn: of one that is being answered, or of one that is over.

    ``text`` is what was shown of its answer, ``record`` that of an answer; ``state`` is None before its end. It is
    ``is_kept`` when the file has all of it.
    """

    def __init__(self, scope: Scope, model: str, stood: Stood | None) -> None:
        self.scope = scope
        self.stood = stood
        self.planned: Planned | None = None
        self.asked_utc = datetime.now(UTC)
        self.text = ""
        self.state: State | None = None
        self.record: Mapping[str, Any] | None = None
        self.error: str | None = None
        self.key: int | None = None
        self.is_kept = False
        self.is_given_up = False
        self.durable_at = time.monotonic()
        self._model = model
        self._saved: SavedTurn | None = None

    @classmethod
    def of(cls, saved: SavedTurn) -> _Taken:
        """Return a turn that was saved."""
        taken = cls(saved.scope, saved.turn.answer.model, saved.stood)
        taken._saved, taken.asked_utc, taken.is_kept = saved, saved.asked_utc, True
        taken.state, taken.error = saved.state, saved.error
        if saved.state == "unfinished":
            taken.text = saved.turn.answer.text
        elif saved.turn.answer.text:
            taken.record = saved.record
        return taken

    @property
    def asked(self) -> str:
        known = self._saved.turn if self._saved else self.planned
        assert known is not None  # what is not understood is not saved
        return known.asked or known.question

    def plan(self) -> Sequence[str] | None:
        if self._saved is not None:
            return self._saved.plan
        assert self.planned is not None
        return tuple(plan_texts(self.planned))

    def opening(self) -> Mapping[str, Any]:
        from assistant.saved_turns import opening_record  # 3 ms, which an answer from here need not wait for

        if self._saved is not None:
            return self._saved.record
        assert self.planned is not None
        return opening_record(self.planned, self._model)


def _questions(count: int) -> str:
    return f"the {count} questions that are known here" if count != 1 else "this question"
