from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.outlet_cues import OutletCue, read_outlet_cue
from store.outlets import OutletIndex, OutletMention

ARCHIVE = ("Harbour Line", "Lantern Post", "Reuters", "Time", "bbc.co.uk", "BBC News")
KNOWN = OutletIndex(ARCHIVE)


def test_a_cue_holds_outlets_effect_mentions_and_the_rest_of_the_question() -> None:
    assert read_outlet_cue("Who sank the ferry, according to the BBC?", KNOWN) == OutletCue(
        ("BBC News", "bbc.co.uk"),
        "preference",
        (OutletMention(37, 40, "BBC", ("BBC News", "bbc.co.uk"), cited=True),),
        "Who sank the ferry?",
    )


@pytest.mark.parametrize(
    "question",
    [
        "What did the Harbour Line report about the ferry?",
        "How has the Harbour Line covered the loss?",
        "Which articles from the Harbour Line mention the ferry?",
        "Summarise the Harbour Line's coverage of the loss",
        "Who sank the ferry, using only the Harbour Line?",
        "Only from the Harbour Line: who sank the ferry?",
    ],
)
def test_one_outlets_own_words_are_a_filter(question: str) -> None:
    cue = read_outlet_cue(question, KNOWN)

    assert cue is not None
    assert (cue.outlets, cue.effect) == (("Harbour Line",), "filter")


@pytest.mark.parametrize(
    ("question", "outlets"),
    [
        ("Who sank it, according to Reuters?", ("Reuters",)),
        ("What did the Harbour Line say about it?", ("Harbour Line",)),
        ("What does the Harbour Line article on dues claim?", ("Harbour Line",)),
        ("What did the minister tell Reuters?", ("Reuters",)),
        ("Which articles from Reuters and the Lantern Post agree?", ("Reuters", "Lantern Post")),
        ("What did Reuters report, and what did the Lantern Post report?", ("Reuters", "Lantern Post")),
    ],
)
def test_others_and_several_are_a_preference(question: str, outlets: tuple[str, ...]) -> None:
    cue = read_outlet_cue(question, KNOWN)

    assert cue is not None
    assert (cue.outlets, cue.effect) == (outlets, "preference")


@pytest.mark.parametrize(
    "question",
    [
        "Why did the BBC suspend its presenter?",
        "Who sank it, but not according to Reuters?",
        "Who sank it in Time?",
        "What does the Quillfield Examiner report say?",
        "Who sank it?",
        "",
    ],
)
def test_an_outlet_that_is_the_subject_or_ruled_out_is_no_cue(question: str) -> None:
    assert read_outlet_cue(question, KNOWN) is None


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("Who, as reported by Reuters and Time, sank it?", "Who sank it?"),
        ("According to a Reuters report, who sank the ferry?", "Who sank the ferry?"),
        ("What does the Harbour Line article on dues say?", "What does the article on dues say?"),
        ("Does the Lantern Post's report on dues agree?", "Does the report on dues agree?"),
        ("How does Reuters' coverage of dues differ?", "How does the coverage of dues differ?"),
        ("Did Reuters report on the ferry?", "Did they report on the ferry?"),
        ("Who was described by Time as the best?", "Who was described as the best?"),
        ("What did the minister tell the BBC about dues?", "What did the minister tell them about dues?"),
        ("Who sank it, as reported by Reuters and 'Quillfield Examiner'?", "Who sank it?"),
        ("Does the report by Reuters agree with the Lantern Post's report?", "Does the report agree with the report?"),
    ],
)
def test_what_only_cites_is_left_out_of_the_query(question: str, query: str) -> None:
    cue = read_outlet_cue(question, KNOWN)

    assert cue is not None
    assert cue.query == query


def test_a_question_of_citing_alone_stays_as_it_is() -> None:
    cue = read_outlet_cue("according to Reuters", KNOWN)

    assert cue is not None
    assert cue.query == "according to Reuters"


WORDS = [
    *ARCHIVE,
    "the",
    "by",
    "as reported by",
    "according to",
    "article",
    "says",
    ",",
    "and",
    "'",
    "’s",
    "?",
    "only from",
]


@given(st.lists(st.sampled_from(WORDS)), st.text())
def test_any_question_can_be_read(parts: list[str], tail: str) -> None:
    question = " ".join(parts) + tail

    cue = read_outlet_cue(question, KNOWN)

    if cue:
        assert all(question[mention.start : mention.end] == mention.text for mention in cue.mentions)
        assert set(cue.outlets) == {outlet for mention in cue.mentions for outlet in mention.outlets}
        assert cue.query.strip()
