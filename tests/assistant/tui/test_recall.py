"""Earlier questions: back and forth, and nothing that was written is lost."""

from __future__ import annotations

from assistant.tui.recall import Recall


def test_earlier_texts_come_one_after_the_other_and_the_draft_at_the_end() -> None:
    recall = Recall(["first", "second"])

    assert [recall.older("draft"), recall.older("second"), recall.older("first")] == ["second", "first", None]
    assert [recall.newer("first"), recall.newer("second"), recall.newer("draft")] == ["second", "draft", None]


def test_what_was_changed_on_the_way_stays_until_something_is_sent() -> None:
    recall = Recall(["first", "second"])
    recall.older("")
    recall.older("second, changed")

    assert recall.newer("first") == "second, changed"
    recall.remember("second, changed")
    assert recall.asked == ["first", "second", "second, changed"]
    assert recall.older("") == "second, changed"
    assert recall.older("second, changed") == "second"


def test_a_draft_that_was_left_for_an_earlier_question_can_be_recalled() -> None:
    recall = Recall(["first"])
    recall.older("half a thought")

    recall.remember("first")

    assert recall.asked == ["first", "half a thought", "first"]


def test_the_same_text_twice_is_kept_once() -> None:
    recall = Recall()
    for text in ("a", "a", " ", "", "b", "a"):
        recall.remember(text)

    assert recall.asked == ["a", "b", "a"]


def test_without_anything_there_is_nothing_to_go_to() -> None:
    recall = Recall()

    assert recall.older("draft") is None
    assert recall.newer("draft") is None
