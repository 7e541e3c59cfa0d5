"""The answer that needs no model: literal sentences, each with its source."""

from __future__ import annotations

from assistant.citations import cite
from assistant.conversation import Source
from assistant.llm import Prompt
from assistant.llm.extractive import MOST_SENTENCES, Extractive, choose
from assistant.sentences import Candidate
from prompts import REFUSAL
from store.records import ArticleRef, Hit, Passage
from store.words import content_words

BODY = "The ferry sank at noon [2]. Nobody was hurt in Skelby. A pilot saw smoke. The owner kept silent. Gulls flew by."
SENTENCES = [sentence.rstrip(".") + "." for sentence in BODY.split(". ")]
HIT = Hit(Passage("ferry:0", ArticleRef("ferry", "Ferry"), 0, 0, len(BODY), BODY), 1, 1.0, "fused")
OTHER = Hit(Passage("copy:0", ArticleRef("copy", "Copy"), 0, 0, len(BODY), BODY), 2, 1.0, "fused")


def source(number: int, hit: Hit = HIT, start: int = 0, end: int = len(BODY)) -> Source:
    return Source(number, hit, start, end, BODY[start:end])


def candidate(sentence: int, score: float, hit: Hit = HIT) -> Candidate:
    text = SENTENCES[sentence]
    start = BODY.index(text)
    stems = frozenset(content_words(text))
    return Candidate(hit, start, start + len(text), text, stems, coverage=0.0, context=0.0, fits=True, score=score)


def answer(*candidates: Candidate, sources: tuple[Source, ...] = (source(1), source(2, OTHER))) -> str:
    written = Extractive().stream(Prompt("What?", sources, "", (), candidates))
    return "".join(piece for piece in written if isinstance(piece, str))


def test_the_best_sentence_is_the_answer_with_the_number_of_its_source() -> None:
    assert answer(candidate(1, 9.0), candidate(2, 1.0)) == "Nobody was hurt in Skelby. [1]"
    assert answer(candidate(1, 2.0, OTHER)) == "Nobody was hurt in Skelby. [2]"


def test_sentences_nearly_as_good_follow_in_the_printed_order() -> None:
    assert answer(candidate(2, 2.0), candidate(3, 1.95), candidate(1, 1.9)) == (
        "A pilot saw smoke. [1] Nobody was hurt in Skelby. [1] The owner kept silent. [1]"
    )


def test_an_answer_is_short() -> None:
    chosen = choose(tuple(candidate(i, 2.0) for i in range(5)), (source(1),))

    assert len(chosen) == MOST_SENTENCES


def test_what_says_the_same_is_said_once() -> None:
    assert answer(candidate(1, 2.0), candidate(1, 2.0, OTHER)) == "Nobody was hurt in Skelby. [1]"


def test_a_number_in_an_article_is_no_citation() -> None:
    text = answer(candidate(0, 2.0))

    assert text == "The ferry sank at noon (2). [1]"
    _, statements, citations, warnings = cite(text, (source(1), source(2, OTHER)))
    assert ([s.support for s in statements], [c.quote for c in citations]) == (["quoted"], [SENTENCES[0]])
    assert warnings == ()


def test_a_sentence_outside_the_sources_cannot_be_cited_and_is_left_out() -> None:
    only_end = (source(1, start=BODY.index("A pilot")),)

    assert answer(candidate(1, 2.0), candidate(2, 1.9), sources=only_end) == "A pilot saw smoke. [1]"


def test_without_a_sentence_it_declines() -> None:
    assert answer() == REFUSAL
    assert answer(candidate(1, 2.0), sources=()) == REFUSAL


def test_a_headline_without_a_full_stop_keeps_its_own_citation() -> None:
    body = "Eight dead in the flood\nThe river rose by two metres, the council said. It fell [in May, ]later."
    ref = ArticleRef("flood", "Flood")
    passage = Passage("flood:0", ref, 0, 0, len(body), body)
    found = Hit(passage, 1, 1.0, "fused")
    sentences = (
        "Eight dead in the flood",
        "The river rose by two metres, the council said.",
        "It fell [in May, ]later.",
    )
    candidates = tuple(
        Candidate(
            found,
            body.index(text),
            body.index(text) + len(text),
            text,
            frozenset(content_words(text)),
            0.0,
            0.0,
            True,
            2.0,
        )
        for text in sentences
    )
    sources = (Source(1, found, 0, len(body), body),)

    written = "".join(map(str, Extractive().stream(Prompt("What?", sources, "", (), candidates))))
    text, statements, citations, warnings = cite(written, sources)

    assert [statement.support for statement in statements] == ["quoted"] * 3
    assert {citation.quote for citation in citations} == set(sentences)
    assert warnings == ()
    assert "flood [1]\n" in text
