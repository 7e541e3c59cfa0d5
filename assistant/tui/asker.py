"""Asks in the archive's thread what is typed in the chat, with the turns before, and saves it as it happens."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.conversation import LEANED_ON, Answer, Answered, Conversation, Planned, Turn
from assistant.coverage import coverage_of
from assistant.rendering import coverage_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from datetime import date
    from pathlib import Path

    from assistant.config import Config
    from assistant.conversation import AnswerEvent
    from assistant.llm import LLM
    from assistant.llm.stopping import Stop
    from assistant.planning import Scope
    from assistant.recording import Recording
    from assistant.saved_turns import SavedTurn, Stood
    from assistant.sessions import Session
    from assistant.tui.archive_thread import ArchiveThread
    from assistant.tui.header import Standing
    from store.archive import Archive
    from store.errors import DatelineError


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the archive holds, in words, after an answer that it does not hold."""

    text: str


class Asker:
    """One conversation with one archive. Only ``ask`` and ``warm_up`` use the thread; one question is asked at a time.

    ``file`` is that of the sessions; without ``saves`` nothing is written to it.
    """

    def __init__(
        self,
        thread: ArchiveThread,
        config: Config,
        file: Path,
        archive: Path,
        *,
        today: Callable[[], date],
        saves: bool = True,
    ) -> None:
        self.thread = thread
        self._today = today
        self._config = config
        self._file = file
        self._archive = archive
        self.saves = saves
        self._llm: LLM | None = None
        self._turns: list[Turn] = []
        self._recording: Recording | None = None

    @property
    def session(self) -> Session | None:
        """The session that is saved to; None before its first question."""
        return self._recording.session if self._recording else None

    @property
    def trouble(self) -> DatelineError | None:
        """Why something that was said is not saved, for as long as it is not."""
        return self._recording.trouble if self._recording else None

    def take_notice(self) -> str | None:
        """Return what is to be known of how the conversation is saved, once."""
        if self._recording is None:
            return None
        notice, self._recording.notice = self._recording.notice, None
        return notice

    def begin(
        self, session: Session | None = None, *, name: str | None = None, turns: tuple[SavedTurn, ...] = ()
    ) -> None:
        """Go on with a session and its turns, or begin a new one, which is saved with its first question."""
        self._turns = [saved.turn for saved in turns[-LEANED_ON:]]
        self._recording = None
        if self.saves:
            from assistant.recording import Recording  # 10 ms that the first paint need not wait for

            self._recording = Recording(
                self._file, self._archive, session=session, name=name, as_it_happens=True, turns=turns
            )

    def rename(self, session: Session) -> None:
        """Know the session by its new name."""
        if self._recording is not None and self._recording.session is not None:
            self._recording.session = session

    def forget_session(self) -> None:
        """Save to another session from the next question on: the one so far is deleted. The turns are still known."""
        turns = self._turns
        self.begin()
        self._turns = turns

    async def warm_up(self) -> None:
        """Open what the first question will need."""
        await self.thread.run(lambda archive: archive.warm_up(rerank=self._config.rerank))
        await self.thread.run(_prepare)

    async def ask(
        self, question: str, scope: Scope, standing: Standing, stop: Stop, on_piece: Callable[[str], None]
    ) -> AsyncIterator[AnswerEvent | Coverage]:
        """Yield the events of an answer as they come, and ``Coverage`` behind one that the archive does not hold.

        ``scope`` is what this question is kept to, whatever stands.
        ``on_piece`` is called, in the archive's thread, with what a model writes before it is checked.
        """
        asked = (question, scope, standing, stop, on_piece)
        turn: Turn | None = None
        try:
            async for event in self.thread.each(lambda archive: self._events(archive, *asked)):
                if isinstance(event, Planned):
                    turn = _unanswered(event, standing.model)
                elif isinstance(event, Answered):
                    turn = event.turn
                yield event
        finally:
            # What was asked can be followed up, answered or not.
            if turn is not None:
                self._turns = [*self._turns, turn][-LEANED_ON:]

    def close(self) -> None:
        """End what a model of this machine runs on."""
        close = getattr(self._llm, "close", None)
        if close is not None:
            close()

    # -- in the archive's thread ---------------------------------------------------------------------------------------

    def _events(
        self,
        archive: Archive,
        question: str,
        scope: Scope,
        standing: Standing,
        stop: Stop,
        on_piece: Callable[[str], None],
    ) -> Iterator[AnswerEvent | Coverage]:
        from assistant.answering import Answerer

        config = replace(self._config, model=standing.model)
        llm = self._opened(config)
        answerer = Answerer(
            archive,
            llm,
            k=standing.k,
            rerank=config.rerank,
            confident=config.confidence,
            prompts=config.prompts,
            today=self._today(),  # a chat may outlive its day
        )
        conversation = Conversation(tuple(self._turns))
        events = answerer.answer(question, scope, conversation, stop=stop, on_piece=on_piece)
        if self._recording is None:
            yield from _with_coverage(events, archive, scope.as_of)
            return
        # SQLite's connections belong to a thread, and to no turn longer than it lasts.
        saving = self._recording.save(events, scope, llm.name, self._stood(standing))
        with closing(self._recording), closing(saving) as saved:
            yield from _with_coverage(saved, archive, scope.as_of)

    def _stood(self, standing: Standing) -> Stood:
        from assistant.saved_turns import Stood  # comes with what saves

        return Stood(standing.scope, standing.model, standing.k, self._config.model, self._config.k)

    def _opened(self, config: Config) -> LLM:
        """Return the model, the one of the last question where it is the same: it may have been loaded."""
        if self._llm is None or self._llm.name != config.model:
            from assistant.llm import open_llm

            self.close()
            self._llm = open_llm(config.model, config)
        return self._llm


def _unanswered(planned: Planned, model: str) -> Turn:
    answer = Answer("", False, (), (), (), model, None, (), complete=False)
    return Turn(
        planned.question, planned.query, planned.window, answer, {},
        asked=planned.asked, outlets=planned.filter.outlets, as_of=planned.as_of,
    )  # fmt: skip


def _with_coverage(
    events: Iterator[AnswerEvent], archive: Archive, as_of: date | None
) -> Iterator[AnswerEvent | Coverage]:
    for event in events:
        yield event
        if isinstance(event, Answered) and not event.turn.answer.answered:
            yield Coverage(coverage_text(*coverage_of(archive, as_of)))


def _prepare(archive: Archive) -> None:
    """Load in the archive's thread what the first question would load."""

    archive.similarity()
