"""Questions in a conversation about a real archive: asked as they stand alone, of the days and outlets before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from assistant.answering import Answerer
from assistant.continuing import plan_next
from assistant.conversation import Answered, Conversation, Planned, Turn
from assistant.errors import ConfigError, LLMAuthenticationError, LLMError, LLMStopped, LLMTimeout, LLMUnreachable
from assistant.llm.extractive import Extractive
from assistant.llm.stopping import Stop
from assistant.planning import Scope
from store.archive import Archive
from store.records import Draft, SearchFilter, Window
from tests.assistant.scripted_llm import ScriptedLLM

TODAY = date(2017, 9, 1)
FIRST = "How many people on board the ferry Morning Star were brought ashore?"
IN_JUNE = "Did the ferry Morning Star sink from 5 to 11 June 2017, according to the Harbour Courier?"
NEXT = "Why did it sink?"
BY_RULES = "Why did the ferry Morning Star sink?"
BY_MODEL = "Why did the ferry Morning Star sink off Skelby?"


@pytest.fixture
def filled(archive: Archive, ferry: Draft, council: Draft, gulls: Draft) -> Archive:
    """Give an archive of three articles, not embedded: words are enough to find them."""
    archive.add([ferry, council, gulls])
    return archive


def converse(archive: Archive, *questions: str, scope: Scope | None = None) -> Conversation:
    """Return a talk in which the built-in model has answered the questions."""
    turns: list[Turn] = []
    for question in questions:
        *_, last = Answerer(archive, Extractive(), today=TODAY).answer(question, scope, Conversation(tuple(turns)))
        assert isinstance(last, Answered)
        turns.append(last.turn)
    return Conversation(tuple(turns))


def planned(
    archive: Archive,
    question: str,
    conversation: Conversation | None,
    llm: ScriptedLLM | Extractive | None = None,
    scope: Scope | None = None,
) -> Planned:
    return plan_next(archive, question, scope or Scope(), conversation, today=TODAY, llm=llm or Extractive())


# -- by rules ----------------------------------------------------------------------------------------------------------


def test_a_follow_up_is_asked_standing_alone(filled: Archive) -> None:
    found = planned(filled, f" {NEXT} ", converse(filled, FIRST))

    assert (found.question, found.query, found.queries) == (BY_RULES, BY_RULES, (BY_RULES,))
    assert (found.asked, found.carried) == (NEXT, "the ferry Morning Star")


def test_the_answer_and_its_turn_are_to_the_question_that_stands_alone(filled: Archive) -> None:
    (_, turn) = converse(filled, FIRST, "Where did it sink?").turns

    assert (turn.question, turn.asked) == ("Where did the ferry Morning Star sink?", "Where did it sink?")
    assert turn.answer.citations[0].quote == (
        "The ferry Morning Star sank off Skelby on Wednesday, the coastguard said."
    )


def test_a_topic_goes_on_through_questions_that_only_point_to_it(filled: Archive) -> None:
    talk = converse(filled, FIRST, NEXT)

    assert planned(filled, "How old is it?", talk).question == "How old is the ferry Morning Star?"


@pytest.mark.parametrize("question", ["Who will pay for the new pier?", "What have gulls learned to open?"])
def test_a_new_topic_is_asked_word_for_word(filled: Archive, question: str) -> None:
    talk = converse(filled, IN_JUNE)

    assert planned(filled, question, talk) == planned(filled, question, None)


@pytest.mark.parametrize("conversation", [None, Conversation()])
def test_without_turns_before_it_a_question_is_asked_word_for_word(
    filled: Archive, conversation: Conversation | None
) -> None:
    found = planned(filled, NEXT, conversation)

    assert (found.question, found.asked, found.carried) == (NEXT, None, "")


def test_an_empty_question_is_refused_in_a_conversation_too(filled: Archive) -> None:
    with pytest.raises(ConfigError, match="the question is empty"):
        planned(filled, " \n ", converse(filled, FIRST))


# -- days and outlets --------------------------------------------------------------------------------------------------


def test_days_and_outlets_are_kept(filled: Archive) -> None:
    talk = converse(filled, "What did the Harbour Courier report about the ferry Morning Star from 5 to 11 June 2017?")

    found = planned(filled, NEXT, talk)

    assert found.filter == SearchFilter(date(2017, 6, 5), date(2017, 6, 11), ("Harbour Courier",))
    assert found.window == talk.turns[-1].window
    assert found.carried == "the ferry Morning Star; the same days; only Harbour Courier"
    assert found.given == SearchFilter()


def test_days_are_shifted(filled: Archive) -> None:
    found = planned(filled, "and the week after?", converse(filled, IN_JUNE))

    assert found.window == Window(date(2017, 6, 12), date(2017, 6, 18), "from 12 to 18 June 2017", inferred=True)
    assert (found.filter.since, found.filter.until) == (date(2017, 6, 12), date(2017, 6, 18))
    assert "from 12 to 18 June 2017" in found.question


def test_days_that_the_question_names_itself_replace_those_before(filled: Archive) -> None:
    found = planned(filled, "Did it sink in May 2016?", converse(filled, IN_JUNE))

    assert found.window is not None
    assert (found.window.since, found.question) == (date(2016, 5, 1), "Did the ferry Morning Star sink in May 2016?")


def test_another_outlet_is_asked_the_last_question(filled: Archive) -> None:
    found = planned(filled, "and the Skelby Post?", converse(filled, FIRST))

    assert found.question == f"{FIRST.rstrip('?')}, according to the Skelby Post?"
    assert (found.query, found.filter.outlets) == (FIRST, ("The Skelby Post",))


def test_flags_win_over_what_is_kept(filled: Archive) -> None:
    talk = converse(filled, "What did the Harbour Courier report about the ferry Morning Star from 5 to 11 June 2017?")
    scope = Scope(since=date(2017, 1, 1), until=date(2017, 2, 1), outlets=("The Skelby Post",))

    found = planned(filled, NEXT, talk, scope=scope)

    assert found.filter == SearchFilter(date(2017, 1, 1), date(2017, 2, 1), ("The Skelby Post",))
    assert found.question == BY_RULES


def test_what_was_set_by_hand_before_is_kept(filled: Archive) -> None:
    talk = converse(filled, FIRST, scope=Scope(since=date(2017, 6, 1), until=date(2017, 6, 30)))

    found = planned(filled, NEXT, talk)

    assert (found.filter.since, found.filter.until) == (date(2017, 6, 1), date(2017, 6, 30))


def test_where_the_kept_days_hold_nothing_the_others_are_searched(filled: Archive) -> None:
    llm = Extractive()
    talk = converse(filled, IN_JUNE)

    *_, last = Answerer(filled, llm, today=TODAY).answer("and the year before?", None, talk)

    assert isinstance(last, Answered)
    assert last.turn.window is None


def test_where_nothing_was_found_is_no_place_to_look_for_the_next_answer(filled: Archive) -> None:
    talk = converse(filled, "What did the Skelby Post write about the opera in Bergen from 5 to 11 June 2017?")
    assert not talk.turns[0].answer.answered
    assert talk.turns[0].outlets

    found = planned(filled, "Who sang in it?", talk)

    assert (found.filter, found.question) == (SearchFilter(), "Who sang in the opera?")


def test_after_no_answer_days_that_were_set_by_hand_stay(filled: Archive) -> None:
    talk = converse(filled, "Who sang in the opera in Bergen?", scope=Scope(since=date(2017, 6, 1)))

    assert planned(filled, "How old is it?", talk).filter == SearchFilter(since=date(2017, 6, 1))


def test_the_articles_that_an_answer_cites_tell_who_is_a_woman(archive: Archive) -> None:
    body = "Ksenia Volk and Toivo Aalt run the lighthouse of Skelby. Aalt paints his boat.\nVolk feeds her gulls."
    archive.add([Draft(headline="The lighthouse", body=body, source="lighthouse.txt", id="lighthouse")])
    talk = converse(archive, "Who runs the lighthouse of Skelby?")

    assert planned(archive, "How old is she?", talk).question == "How old is Ksenia Volk?"
    assert planned(archive, "How old is he?", talk).question == "How old is Toivo Aalt?"

    archive.remove(["lighthouse"])
    assert planned(archive, "How old is she?", talk).question == "How old is Ksenia Volk or Toivo Aalt?"


# -- by a model --------------------------------------------------------------------------------------------------------


def test_a_model_puts_the_question_in_its_own_words(filled: Archive) -> None:
    llm = ScriptedLLM([BY_MODEL[:9], BY_MODEL[9:]])

    found = planned(filled, NEXT, converse(filled, IN_JUNE), llm)

    (prompt,) = llm.prompts
    assert (found.question, found.asked) == (BY_MODEL, NEXT)
    assert NEXT in prompt.messages[-1].text
    assert IN_JUNE in prompt.messages[-1].text
    assert prompt.sources == ()


def test_what_is_kept_is_not_the_models_to_say(filled: Archive) -> None:
    talk = converse(filled, IN_JUNE)

    said = planned(
        filled, "and the week after?", talk, ScriptedLLM(["Did the ferry Morning Star sink in the week after?"])
    )

    assert said.window == planned(filled, "and the week after?", talk).window


@pytest.mark.parametrize(
    "reply",
    [
        [],
        ["   "],
        ["I cannot help with that."],
        ["Why did it sink [1]?"],
        ["See https://evil.example/?"],
        ["Why did the bank of Ostmark lose all its gold?"],
        ["Why did it sink?\nThe ferry sank because its steering had failed."],
        ["Why did the ferry \x1b[31msink?"],
        ["so "] * 100_000,
    ],
)
def test_a_reply_that_is_no_such_question_is_not_used(filled: Archive, reply: Sequence[str]) -> None:
    assert planned(filled, NEXT, converse(filled, FIRST), ScriptedLLM(reply)).question == BY_RULES


@pytest.mark.parametrize("pieces", [[], [BY_MODEL], ["Why did"]])
@pytest.mark.parametrize("error", [LLMTimeout("late"), LLMUnreachable("gone"), LLMAuthenticationError("wrong key")])
def test_where_the_model_fails_the_rules_have_a_question(
    filled: Archive, pieces: Sequence[str], error: LLMError
) -> None:
    assert planned(filled, NEXT, converse(filled, FIRST), ScriptedLLM(pieces, error)).question == BY_RULES


def test_a_model_that_puts_a_question_in_its_own_words_can_be_stopped(filled: Archive) -> None:
    llm, stop = ScriptedLLM([BY_MODEL]), Stop()
    talk = converse(filled, FIRST)
    stop.set()

    with pytest.raises(LLMStopped):
        plan_next(filled, NEXT, Scope(), talk, today=TODAY, llm=llm, stop=stop)

    assert llm.prompts[0].stop is stop


@pytest.mark.parametrize("question", ["Who will pay for the new pier?", "What have gulls learned to open?"])
def test_about_a_new_topic_no_model_is_asked(filled: Archive, question: str) -> None:
    llm = ScriptedLLM([BY_MODEL])

    found = planned(filled, question, converse(filled, FIRST), llm)

    assert (found.question, found.asked, llm.prompts) == (question, None, [])


def test_a_short_question_that_only_makes_sense_as_it_stands_is_answered_so(filled: Archive) -> None:
    asked = "What have the gulls learned?"
    assert planned(filled, asked, converse(filled, FIRST)).question.startswith("About the ferry")

    (_, turn) = converse(filled, FIRST, asked).turns

    assert (turn.question, turn.asked, turn.answer.answered) == (asked, None, True)
    assert turn.answer.text.startswith("Gulls at the harbour have learned to open lunch boxes.")


def test_a_short_question_that_nothing_answers_is_told_as_it_was_understood(filled: Archive) -> None:
    (_, turn) = converse(filled, FIRST, "What did the pilot eat?").turns

    assert (turn.asked, turn.answer.answered) == ("What did the pilot eat?", False)


class Counting:
    """An archive that keeps what was searched in it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.searched: list[Sequence[str]] = []

    def search(self, queries: Sequence[str], *arguments: Any, **options: Any) -> Any:
        self.searched.append(queries)
        return self._archive.search(queries, *arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)


@pytest.mark.parametrize(
    ("question", "tried"),
    [("How many people were on board?", 1), ("How many sandwiches?", 2)],
)
def test_what_a_guess_needs_is_searched_once(filled: Archive, question: str, tried: int) -> None:
    """What was found when the guess was tried is what is answered from."""
    talk, counting = converse(filled, FIRST), Counting(filled)
    guess = planned(filled, question, talk)
    assert guess.alone is not None
    archive: Any = counting

    *_, last = Answerer(archive, Extractive(), today=TODAY).answer(question, None, talk)

    assert counting.searched == [guess.queries, guess.alone.queries][:tried]
    assert isinstance(last, Answered)
