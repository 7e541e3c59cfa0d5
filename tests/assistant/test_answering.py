"""Retrieval and generation together: the events of a question, with models that say what they are told to say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import pytest

from assistant.answering import NO_ANSWER, Answerer
from assistant.conversation import Answer, Answered, AnswerEvent, Delta, Planned, Searched, Usage
from assistant.errors import LLMError, LLMTimeout
from assistant.llm import Prompt
from assistant.llm.extractive import Extractive
from assistant.planning import Scope
from prompts import REFUSAL
from store.archive import Archive
from store.errors import ArchiveEmpty
from store.records import Draft

TODAY = date(2020, 2, 1)
QUESTION = "How many people on board the ferry were brought ashore?"
NUMBER = re.compile(r"\[(\d+)\]")


@dataclass
class Scripted:
    """A model that streams ``pieces``, then raises ``error`` if there is one, and keeps its prompts."""

    pieces: Sequence[str | Usage]
    error: LLMError | None = None
    prompts: list[Prompt] = field(default_factory=list)
    name: str = "scripted"

    def stream(self, prompt: Prompt) -> Iterator[str | Usage]:
        self.prompts.append(prompt)
        yield from self.pieces
        if self.error:
            raise self.error


@pytest.fixture
def filled(archive: Archive, ferry: Draft, council: Draft, gulls: Draft) -> Archive:
    """Give an archive of three articles, not embedded: words are enough to find them."""
    archive.add([ferry, council, gulls])
    return archive


def ask(archive: Archive, llm: Scripted | Extractive, question: str = QUESTION) -> list[AnswerEvent]:
    return list(Answerer(archive, llm, today=TODAY).answer(question))


def shown(events: Sequence[AnswerEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, Delta)]


def answer_of(events: Sequence[AnswerEvent]) -> Answer:
    last = events[-1]
    assert isinstance(last, Answered)
    return last.turn.answer


def test_the_events_come_in_order(filled: Archive) -> None:
    events = ask(filled, Extractive())

    planned, searched, *deltas, answered = events
    assert isinstance(planned, Planned)
    assert isinstance(searched, Searched)
    assert deltas
    assert all(isinstance(delta, Delta) for delta in deltas)
    assert isinstance(answered, Answered)
    assert answered.turn.question == planned.question == QUESTION
    assert list(answered.turn.timings_ms) == ["search", "evidence", "prompt", "model"]


def test_the_built_in_model_answers_with_a_literal_sentence(filled: Archive) -> None:
    answer = answer_of(ask(filled, Extractive()))

    first = answer.citations[0]
    assert (answer.answered, answer.model, answer.complete) == (True, "extractive", True)
    assert first.quote == "All 212 people on board were brought ashore."
    assert filled.article("ferry-1").body[first.start : first.end] == first.quote


def test_what_is_shown_is_the_answer(filled: Archive) -> None:
    for llm in (Extractive(), Scripted(["All 212", " were saved [1]. ", "It sank [7] slowly. And", " so on"])):
        events = ask(filled, llm)

        assert "".join(shown(events)) == answer_of(events).text


def test_each_piece_is_a_whole_sentence_with_what_its_source_says_of_it(filled: Archive) -> None:
    script = "All 212 people on board were brought ashore. [1] The ferry flew to Bergen. Gulls"

    events = ask(filled, Scripted(list(script)))

    deltas = [event for event in events if isinstance(event, Delta)]
    assert [delta.text for delta in deltas] == [
        "All 212 people on board were brought ashore. [1]",
        " The ferry flew to Bergen.",
        " Gulls",
    ]
    assert deltas[0].support == "quoted"
    assert deltas[1].support == "unsupported"
    assert [delta.support for delta in deltas] == [statement.support for statement in answer_of(events).statements]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_however_a_stream_is_cut_nobody_sees_a_number_without_a_source(filled: Archive, size: int) -> None:
    script = (
        "All 212 people on board were brought ashore [1][99]. [98] The U.S. [1] coastguard said so [97, 1] on Monday.\n"
        "- It sank [see](https://evil.example/[96]) off Skelby. 【95】 It met Gen. Holm [1-3]. [Source 94] The end [93"
    )
    pieces = [script[i : i + size] for i in range(0, len(script), size)]

    events = ask(filled, Scripted(pieces))

    answer = answer_of(events)
    known = {citation.number for citation in answer.citations}
    for text in shown(events):
        assert {int(number) for number in NUMBER.findall(text)} <= known
        assert not re.search(r"9[4-9]", text)
        assert "evil.example" not in text
    assert "".join(shown(events)) == answer.text


def test_a_stop_inside_a_word_ends_no_sentence(filled: Archive) -> None:
    events = ask(filled, Scripted(list("The U.S.S. Morning Star sank off St. Skelby at 5.30 p.m. [1] It was a ferry.")))

    assert shown(events)[0].startswith("The U.S.S. Morning Star sank off St. Skelby at 5.30 p.m.")


def test_a_refusal_is_no_answer_and_nothing_of_it_is_shown(filled: Archive) -> None:
    events = ask(filled, Scripted([REFUSAL[:5], REFUSAL[5:], Usage(3, 2)]))

    answer = answer_of(events)
    assert (answer.answered, answer.text, answer.citations) == (False, NO_ANSWER, ())
    assert answer.nearest
    assert (answer.usage, shown(events)) == (Usage(3, 2), [])


@pytest.mark.parametrize("pieces", [[], [""], [" \n"]])
def test_a_model_that_says_nothing_gives_no_answer(filled: Archive, pieces: list[str]) -> None:
    assert not answer_of(ask(filled, Scripted(pieces))).answered


def test_without_evidence_the_model_is_not_asked(filled: Archive) -> None:
    llm = Scripted(["A lie [1]."])

    events = ask(filled, llm, "Which chess player won the tournament in Reykjavik?")

    answer = answer_of(events)
    assert (llm.prompts, shown(events)) == ([], [])
    assert (answer.answered, answer.text, answer.model) == (False, NO_ANSWER, "scripted")


def test_what_nothing_mentions_is_named_as_the_person_wrote_it(filled: Archive) -> None:
    answer = answer_of(ask(filled, Extractive(), "Who wrote the symphonies of Reykjavik's orchestra?"))

    assert answer.warnings == ("nothing found mentions wrote, symphonies, Reykjavik's, orchestra",)


def test_what_arrived_before_a_model_broke_off_is_kept_and_its_error_raised_after(filled: Archive) -> None:
    error = LLMTimeout("nothing came for 30 s", hint="ask again")
    events = Answerer(filled, Scripted(["All 212 were brought ashore [1]. It"], error), today=TODAY).answer(QUESTION)
    seen: list[AnswerEvent] = []

    with pytest.raises(LLMTimeout) as caught:
        seen.extend(iter(lambda: next(events), None))

    answer = answer_of(seen)
    assert caught.value is error
    assert (answer.answered, answer.complete) == (True, False)
    assert answer.text == "All 212 were brought ashore [1]. It"
    assert answer.warnings[-1] == "the model broke off: nothing came for 30 s"


def test_a_model_that_fails_before_its_first_word_gives_no_answer_at_all(filled: Archive) -> None:
    events = Answerer(filled, Scripted([], LLMTimeout("late")), today=TODAY).answer(QUESTION)
    seen: list[AnswerEvent] = []

    with pytest.raises(LLMTimeout):
        seen.extend(iter(lambda: next(events), None))

    assert [type(event) for event in seen] == [Planned, Searched]


def test_the_prompt_holds_the_question_the_sources_and_the_day(filled: Archive) -> None:
    llm = Scripted(["Yes."])

    list(Answerer(filled, llm, today=TODAY).answer(QUESTION, Scope(as_of=date(2018, 1, 5))))

    (prompt,) = llm.prompts
    asked = prompt.messages[-1].text
    assert prompt.question == QUESTION
    assert "All 212 people on board were brought ashore." in asked
    assert "2018-01-05" in asked
    assert [source.number for source in prompt.sources] == list(range(1, len(prompt.sources) + 1))


def test_only_what_the_scope_leaves_is_searched(filled: Archive) -> None:
    events = Answerer(filled, Extractive(), today=TODAY).answer(
        "What about Skelby?", Scope(outlets=("The Skelby Post",))
    )

    searched = next(event for event in events if isinstance(event, Searched))
    assert {hit.passage.article.outlet for hit in searched.hits} == {"The Skelby Post"}


def test_k_passages_are_read(filled: Archive) -> None:
    events = Answerer(filled, Extractive(), k=2, today=TODAY).answer("What about Skelby and the harbour?")

    searched = next(event for event in events if isinstance(event, Searched))
    assert len(searched.hits) == 2


def test_an_empty_archive_is_an_error_before_anything_else(archive: Archive) -> None:
    with pytest.raises(ArchiveEmpty, match="the archive holds no article"):
        next(Answerer(archive, Extractive(), today=TODAY).answer(QUESTION))


def test_an_answer_that_cites_nothing_is_none(filled: Archive) -> None:
    events = ask(filled, Scripted(["The ferry flew to Bergen. ", "All 300 people were lost [9]."]))

    answer = answer_of(events)
    assert shown(events) == []
    assert (answer.answered, answer.text, answer.citations) == (False, NO_ANSWER, ())
    assert "the model wrote 2 sentences without a source; none is shown" in answer.warnings
    assert answer.nearest


def test_a_model_that_goes_round_is_stopped(filled: Archive) -> None:
    endless = ["All 212 people were brought ashore [1]. ", *["The ferry sank [1]. "] * 10_000]

    answer = answer_of(ask(filled, Scripted(endless)))

    assert answer.text.count("The ferry sank") < 6
    assert "the model repeated itself and was stopped" in answer.warnings
