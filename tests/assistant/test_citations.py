"""Citations: read, located, checked, renumbered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.citations import cite, is_refusal, without_markers
from assistant.conversation import Source, Statement
from prompts import REFUSAL
from store.records import ArticleRef, Hit, Passage
from store.splitting import split_sentences

SourceMaker = Callable[..., Source]

FERRY = (
    "The ferry Morning Star sank off Skelby on Wednesday, the coastguard said. "
    "“Everyone is safe — and ashore,” said its spokeswoman, Ida Holm.\n"
    "In all 1,250 people were on board, three of them children. "
    "The operator did not say why it sank."
)
COUNCIL = "Skelby’s council met on Friday. It will pay $1.5 million for a new pier… at last."


def article(body_id: str, outlet: str = "Harbour Courier", day: date | None = date(2017, 6, 8)) -> ArticleRef:
    return ArticleRef(body_id, f"Headline of {body_id}", outlet=outlet, published=day)


def hit(ref: ArticleRef, body: str, start: int = 0, end: int | None = None, rank: int = 1) -> Hit:
    stop = len(body) if end is None else end
    return Hit(Passage(f"{ref.id}:{start}", ref, 0, start, stop, body[start:stop]), rank, 1.0, "fused")


@pytest.fixture
def source() -> Callable[..., Source]:
    """Give a numbered source of a body, whole or from ``start``."""

    def make(number: int, body: str, start: int = 0, name: str | None = None) -> Source:
        ref = article(name or f"article-{number}")
        return Source(number, hit(ref, body, start), start, len(body), body[start:])

    return make


def cited(text: str, *sources: Source) -> tuple[str, list[tuple[str, tuple[int, ...], str]], list[tuple[int, str]]]:
    """Cite and give the answer, the statements and the quotes, after checking all offsets."""
    answer, statements, citations, _ = cite(text, sources)
    for statement in statements:
        assert answer[statement.start : statement.end] == statement.text
    bodies = {source.hit.passage.article.id: source for source in sources}
    for citation in citations:
        source = bodies[citation.hit.passage.article.id]
        assert source.text[citation.start - source.start : citation.end - source.start] == citation.quote
    return (
        answer,
        [(statement.text, statement.citations, statement.support) for statement in statements],
        [(citation.number, citation.quote) for citation in citations],
    )


SANK = "The ferry Morning Star sank off Skelby on Wednesday, the coastguard said."
SAFE = "“Everyone is safe — and ashore,” said its spokeswoman, Ida Holm."
ABOARD = "In all 1,250 people were on board, three of them children."
WHY = "The operator did not say why it sank."


def test_verbatim_sentences_are_quoted_with_exact_offsets(source: SourceMaker) -> None:
    answer, statements, citations, warnings = cite(f"{WHY} [1] {SANK} [1]", [source(1, FERRY)])

    assert answer == f"{WHY} [1] {SANK} [2]"
    assert statements == (
        Statement(WHY, 0, len(WHY), (1,), "quoted"),
        Statement(SANK, len(WHY) + 5, len(WHY) + 5 + len(SANK), (2,), "quoted"),
    )
    assert [(c.number, c.start, c.end, c.quote) for c in citations] == [
        (1, FERRY.index(WHY), len(FERRY), WHY),
        (2, 0, len(SANK), SANK),
    ]
    assert warnings == ()


def test_offsets_count_from_the_beginning_of_the_article_not_of_the_source(source: SourceMaker) -> None:
    start = FERRY.index("In all")

    _, _, citations, _ = cite(f"{WHY} [3]", [source(3, FERRY, start)])

    assert [(c.number, c.start, c.quote) for c in citations] == [(1, FERRY.index(WHY), WHY)]


@given(st.lists(st.tuples(st.integers(1, 2), st.integers(0, 9)), min_size=1, max_size=6))
@settings(max_examples=50)
def test_whatever_is_extracted_comes_out_quoted_and_exact(picks: list[tuple[int, int]]) -> None:
    bodies = {1: FERRY, 2: COUNCIL}
    sources = [Source(n, hit(article(f"a{n}"), body), 0, len(body), body) for n, body in bodies.items()]
    spans = {n: split_sentences(body) for n, body in bodies.items()}
    chosen = [(n, spans[n][i % len(spans[n])]) for n, i in picks]

    text = " ".join(f"{bodies[n][start:end]} [{n}]" for n, (start, end) in chosen)
    _, statements, citations, warnings = cite(text, sources)

    assert [statement.support for statement in statements] == ["quoted"] * len(chosen)
    by_number = {c.number: (int(c.hit.passage.article.id[1:]), (c.start, c.end)) for c in citations}
    assert [by_number[statement.citations[0]] for statement in statements] == chosen
    assert warnings == ()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The ferry sank [1].", "The ferry sank [1]."),
        ("The ferry sank. [1]", "The ferry sank. [1]"),
        ("The ferry sank.[1] It is gone.", "The ferry sank.[1] It is gone."),
        ("The ferry sank [1][2].", "The ferry sank [1][2]."),
        ("The ferry sank [1] [2].", "The ferry sank [1][2]."),
        ("The ferry sank [2, 1].", "The ferry sank [1][2]."),
        ("The ferry sank [1-2].", "The ferry sank [1][2]."),
        ("The ferry sank [Source 1, source 2].", "The ferry sank [1][2]."),
        ("The ferry sank 【1】.", "The ferry sank [1]."),
        ("[1] The ferry sank.", "[1] The ferry sank."),
        ("[9] The ferry sank. [2]", "The ferry sank. [1]"),
        ("The ferry sank [9].", "The ferry sank."),
        ("The ferry sank [2][9][0].", "The ferry sank [1]."),
        ("The ferry sank in [2017] [sic] [1].", "The ferry sank in [2017] [sic] [1]."),
        ("[1]", ""),
        ("", ""),
    ],
)
def test_markers_are_read_in_every_form_and_renumbered_in_order_of_use(
    source: SourceMaker, text: str, answer: str
) -> None:
    assert cited(text, source(1, FERRY), source(2, COUNCIL))[0] == answer


def test_unknown_numbers_are_warned_about_once(source: SourceMaker) -> None:
    assert cite("It sank [7]. It is gone [1, 7].", [source(1, FERRY)])[3] == ("removed [7]: there is no source 7",)


def test_a_source_used_twice_for_the_same_span_keeps_its_number(source: SourceMaker) -> None:
    text = f"{SANK} [2] {COUNCIL[:31]} [1] {SANK} [2]"

    answer, statements, citations = cited(text, source(1, COUNCIL), source(2, FERRY))

    assert answer == f"{SANK} [1] {COUNCIL[:31]} [2] {SANK} [1]"
    assert [numbers for _, numbers, _ in statements] == [(1,), (2,), (1,)]
    assert [quote for _, quote in citations] == [SANK, COUNCIL[:31]]


def test_sentences_without_a_citation_are_unsupported(source: SourceMaker) -> None:
    _, statements, citations = cited(f"{SANK} It is sad. [1]", source(1, FERRY))

    assert statements == [(SANK, (), "unsupported"), ("It is sad.", (1,), "unsupported")]
    assert citations == [(1, FERRY)]


@pytest.mark.parametrize(
    ("statement", "support", "quote"),
    [
        ("In all, 1250 people and three children were on board [1].", "supported", ABOARD),
        ('The spokeswoman Ida Holm said: "Everyone is safe - and ashore" [1].', "quoted", SAFE),
        ("Morning Star sank off Skelby [1].", "quoted", SANK),
        ("1,250 [1].", "supported", ABOARD),
        ("In all 1,300 people were on board, three of them children [1].", "weak", ABOARD),
        ('The spokeswoman Ida Holm said "nobody is safe" ashore [1].', "weak", SAFE),
        ("The mayor of Paris bought a “ship that is safe” [1].", "unsupported", SAFE),
    ],
)
def test_a_citation_is_narrowed_to_the_sentence_that_bears_its_statement(
    source: SourceMaker, statement: str, support: str, quote: str
) -> None:
    _, statements, citations = cited(statement, source(1, FERRY))

    assert statements == [(statement, (1,), support)]
    assert citations == [(1, quote)]


def test_a_statement_from_two_sentences_is_cited_to_both(source: SourceMaker) -> None:
    _, _, citations = cited("1,250 people were aboard, but the operator did not say why it sank [1].", source(1, FERRY))

    assert citations == [(1, f"{ABOARD} {WHY}")]


def test_a_quotation_that_is_nowhere_is_warned_about(source: SourceMaker) -> None:
    warnings = cite("Ida Holm said “it was my own fault” [1].", [source(1, FERRY)])[3]

    assert warnings == ("not found in the cited source: “it was my own fault”",)


def test_an_abbreviation_before_a_marker_does_not_end_the_sentence(source: SourceMaker) -> None:
    _, statements, _ = cited("The U.S. [1] sent no ship.", source(1, FERRY))

    assert [text for text, _, _ in statements] == ["The U.S. [1] sent no ship."]


def test_list_items_are_statements_without_their_bullets(source: SourceMaker) -> None:
    _, statements, _ = cited(f"- {SANK} [1]\n2. {WHY} [1]\n---\n", source(1, FERRY))

    assert [(text, support) for text, _, support in statements] == [(SANK, "quoted"), (WHY, "quoted")]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("See ![a](http://evil.example/?q=s) this [1].", "See this [1]."),
        ("See [here](http://evil.example) [1].", "See here [1]."),
        ("See [1](http://evil.example).", "See [1]."),
        ("See [here][x] [1].\n\n[x]: http://evil.example/y 'title'", "See here [1]."),
        ("See ![a][x] [1].\n[x]: <data:text/html;base64,AAAA>", "See [1]."),
        ("See <http://evil.example> and <img src='//evil.example'> [1].", "See and [1]."),
        ("See https://evil.example/a?b=c, or www.evil.example. [1]", "See, or. [1]"),
        ("See javascript:alert(1) [1].", "See [1]."),
        ("See [![a](http://b.example)](http://c.example) it [1].", "See it [1]."),
        ("See \x1b]8;;http://evil.example\x07here\x1b]8;;\x07 [1].", "See here [1]."),
        (
            "See https://ferry.example/log and https://ferry.example/log?q=s [1].",
            "See https://ferry.example/log and [1].",
        ),
    ],
)
def test_the_models_own_links_and_images_are_removed(source: SourceMaker, text: str, answer: str) -> None:
    assert cited(text, source(1, "See the log at https://ferry.example/log for more."))[0] == answer


def test_removed_links_are_warned_about(source: SourceMaker) -> None:
    assert cite("[a](http://b.example) [1]", [source(1, FERRY)])[3] == ("removed 1 link of the model's own",)


def test_a_number_in_brackets_in_an_article_is_no_citation_of_ours(source: SourceMaker) -> None:
    body = "The pier [2] is closed, the council [12] of Skelby said."

    answer, statements, citations = cited(f"{without_markers(body)} [1]", source(1, body), source(2, FERRY))

    assert answer == "The pier (2) is closed, the council (12) of Skelby said. [1]"
    assert [support for _, _, support in statements] == ["quoted"]
    assert citations == [(1, body)]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (REFUSAL, True),
        (" not found in the sources [1]. \n", True),
        ("**Not found in the sources.**", True),
        (f"{REFUSAL} But the ferry sank.", False),
        ("The ferry was not found in the sources.", False),
        ("", False),
    ],
)
def test_a_refusal_is_the_one_sentence_and_nothing_else(text: str, refused: bool) -> None:
    assert is_refusal(text) is refused


@given(st.text(alphabet="aA 1[]【】.!?\n-,;“”\"'()<>:/hptw…", max_size=80))
@settings(max_examples=200)
def test_no_text_breaks_it_and_every_offset_holds(text: str) -> None:
    cited(text, Source(1, hit(article("a"), FERRY), 0, len(FERRY), FERRY))
