from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.cleaning import clean_text
from store.splitting import LONGEST_WORD_CHARS, split_passages, split_sentences


def sentences(body: str) -> list[str]:
    return [body[start:end] for start, end in split_sentences(body)]


def passages(body: str, words: int) -> list[str]:
    return [body[start:end] for start, end in split_passages(body, words=words)]


@pytest.mark.parametrize(
    "expected",
    [
        ["The ferry sank.", "Nobody was hurt."],
        ["Gen. Marit Aas spoke at 9 a.m. on Tuesday.", "She left at noon."],
        ["The U.S. coastguard sent Lt. Cmdr. Holm and Dr. Vale.", "They landed on Jan. 3 in Skelby."],
        ["Sen. A. B. Roe, D-Vt., and Rep. Vale met Mr. Holm of Harbour Inc. in St. Anne.", "It was late."],
        ["“It sank.”", "She wept."],
        ["“We are safe,” said Mrs. Holm.", "“All of us.”"],
        ["It cost $1.5 million, or 3.2 per cent.", "Why?", "Nobody knew!"],
        ["He asked, “Who sank it?”", "No one answered."],
        ["No. 7 berth was closed vs. the plan."],
        ["SKELBY, Norland (HC) — The ferry sank.", "It was old."],
    ],
)
def test_sentences_of_news_end_where_a_reader_would_say(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize("title", ["Mr.", "Ms.", "Mx.", "Spc.", "Amb.", "Ft.", "(Ms.", "“Mlle."])
def test_a_title_ends_no_sentence(title: str) -> None:
    body = f"It was said by {title} Holm in Skelby."

    assert sentences(f"{body} {body}") == [body, body]


def test_a_title_at_the_end_of_a_line_ends_its_sentence() -> None:
    assert sentences("It was said by Ms.\nIt sank.") == ["It was said by Ms.", "It sank."]


def test_a_line_break_ends_a_sentence() -> None:
    assert sentences("Ferry sinks off Skelby\n\n  By Ida Holm  \nIt sank.") == [
        "Ferry sinks off Skelby",
        "By Ida Holm",
        "It sank.",
    ]


@pytest.mark.parametrize("body", ["", " ", "\n \n\t"])
def test_a_body_without_words_has_neither_sentences_nor_passages(body: str) -> None:
    assert split_sentences(body) == []
    assert split_passages(body) == []


def test_passages_are_whole_sentences_shared_out_evenly() -> None:
    body = " ".join(f"Berth {i} is free." for i in range(9))

    assert passages(body, words=16) == [
        "Berth 0 is free. Berth 1 is free. Berth 2 is free. Berth 3 is free. Berth 4 is free.",
        "Berth 5 is free. Berth 6 is free. Berth 7 is free. Berth 8 is free.",
    ]


def test_a_short_body_is_one_passage() -> None:
    body = "The ferry sank.\nNobody was hurt."

    assert passages(body, words=200) == [body]


def test_a_table_without_full_stops_is_cut_between_words() -> None:
    body = " ".join(["berth"] * 1_000)

    assert [len(sentence.split()) for sentence in sentences(body)] == [300, 300, 300, 100]


def test_a_word_without_end_is_cut() -> None:
    body = "x" * (LONGEST_WORD_CHARS * 2 + 5)

    assert [len(piece) for piece in passages(body, words=200)] == [len(body)]
    assert max(len(piece.split()) for piece in sentences(body)) == 1


_PROSE = st.lists(
    st.sampled_from(
        ["ferry", "Skelby", "U.S.", "Gen.", "sank.", "“Why?”", "a.m.", "…", "1.5", "\n", "who!", "🛳️", "沈", "—"]
    ),
    max_size=120,
).map(" ".join)
_BODIES = (_PROSE | st.text(max_size=300)).map(clean_text)


@settings(deadline=None, max_examples=150)
@given(_BODIES)
def test_sentences_are_in_order_and_cover_all_but_blanks(body: str) -> None:
    spans = split_sentences(body)

    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(body[start:end] == body[start:end].strip() for start, end in spans)
    assert "".join("".join(body[start:end] for start, end in spans).split()) == "".join(body.split())


@settings(deadline=None, max_examples=150)
@given(_BODIES, st.integers(3, 30))
def test_passages_are_whole_sentences_in_order_and_not_much_too_long(body: str, words: int) -> None:
    spans = split_sentences(body)
    lengths = {start: len(body[start:end].split()) for start, end in spans}
    starts, ends = {start for start, _ in spans}, {end for _, end in spans}

    cut = split_passages(body, words=words)

    assert all(start in starts and end in ends for start, end in cut)
    assert "".join("".join(body[start:end] for start, end in cut).split()) == "".join(body.split())
    assert all(before[1] <= after[0] for before, after in pairwise(cut))
    for start, end in cut:
        inside = [length for place, length in lengths.items() if start <= place < end]
        assert len(inside) == 1 or sum(inside) <= 1.5 * words + max(inside)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=60))
def test_no_passage_of_ordinary_sentences_is_twice_too_long(lengths: list[int]) -> None:
    body = "\n".join(" ".join(["berth"] * length) for length in lengths)

    assert max(len(passage.split()) for passage in passages(body, words=200)) <= 400
