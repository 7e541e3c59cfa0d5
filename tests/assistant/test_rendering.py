"""Answers, hits and articles as people and programs get them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assistant.conversation import Answer, Citation, Planned, Statement, Support, Turn, Usage
from assistant.history import changes_of
from assistant.llm.listing import ModelState
from assistant.llm.stopping import STOPPED_EARLY
from assistant.planning import Scope, plan
from assistant.rendering import (
    Style,
    added_text,
    answer_json,
    answer_text,
    article_text,
    articles_text,
    byline,
    coverage_json,
    coverage_text,
    describe,
    draft_text,
    excerpt,
    failure_json,
    format_day,
    history_json,
    history_text,
    hits_json,
    hits_text,
    models_json,
    models_text,
    pages_text,
    plan_texts,
    sources_text,
    status_json,
    status_text,
    support_text,
    to_json,
    why_text,
    window_text,
)
from store.archive import Status
from store.catalog import Counts
from store.records import (
    AddReport,
    Article,
    ArticleRef,
    Draft,
    Hit,
    Passage,
    Revision,
    Skipped,
    Why,
    Window,
)

PLAIN = Style()

# The contract: keys are only ever added, at the end.
ANSWER_KEYS = (
    "schema question query window as_of answered answer statements citations nearest disagreements model usage "
    "timings_ms warnings plan asked complete coverage"
).split()
CITATION_KEYS = ("n article_id headline outlet authors published url passage_id start end quote copies page").split()
COPY_KEYS = "article_id outlet published url".split()
HIT_KEYS = "rank score scorer passage_id article start end text copies why".split()
BODY = (
    "The ferry Morning Star sank off Skelby on Wednesday.\n"
    "All 212 people were brought ashore. Nobody knows why it sank.\n"
    "The harbour stays closed."
)
REF = ArticleRef(
    "ferry-1",
    "Ferry sinks",
    outlet="Harbour Courier",
    authors=("Ida Holm", "Jon Vale"),
    published=datetime(2017, 6, 7, 23, 30, tzinfo=UTC),
    url="https://courier.example/ferry",
    place="SKELBY",
)
BARE = ArticleRef("gulls", "Gulls")
HARMFUL = ArticleRef("x\x1b[31m", "He\x9b31mad\u202e", outlet="Out\x07let", authors=("A\x1bB",), url="https://x\x1b")


def hit(ref: ArticleRef = REF, text: str = BODY, rank: int = 1, copies: tuple[ArticleRef, ...] = ()) -> Hit:
    return Hit(Passage(f"{ref.id}:0-{len(text)}", ref, 0, 0, len(text), text), rank, 0.0163934426, "fused", copies)


WHY = Why(("ferry", "brought"), 12.345678, 2, 0.71234567, 1, 2.5, 1, 0.25, -3.75)


def planned(question: str, **scope: date) -> Planned:
    return plan(question, Scope(**scope), today=date(2020, 2, 1), outlets=("Harbour Courier", "The Post"))  # type: ignore[arg-type]


def citation(number: int = 1, start: int = 0, end: int = 52, of: Hit | None = None) -> Citation:
    return Citation(number, of or hit(), start, end, BODY[start:end])


def answer(text: str, *statements: Statement) -> Answer:
    return Answer(text, True, statements, (citation(),), (), "extractive", None, ())


# -- text --------------------------------------------------------------------------------------------------------------


def test_what_is_not_borne_out_is_marked_behind_its_citations() -> None:
    text = "It sank. [1][2] It burned [3]. It flew."
    statements = (
        Statement("It sank.", 0, 8, (1, 2), "quoted"),
        Statement("It burned [3].", 16, 30, (3,), "weak"),
        Statement("It flew.", 31, 39, (), "unsupported"),
    )

    assert answer_text(answer(text, *statements), PLAIN) == ("It sank. [1][2] It burned [3]. (~) It flew. (?)")


def test_a_place_in_a_paged_document_names_its_pages() -> None:
    paged = replace(REF, page_starts=(0, 53, 53, 80))
    there = citation(of=hit(ref=paged))

    assert sources_text([there], PLAIN) == ("[1] Harbour Courier · Ferry sinks · 7 June 2017 · page 1  ferry-1:0-52")
    assert pages_text(paged, 53, 60) == "page 3"
    assert pages_text(paged, 40, 81) == "pages 1-4"
    assert pages_text(REF, 40, 81) == ""


def test_text_for_a_terminal_is_wrapped_and_for_a_pipe_it_is_not() -> None:
    long = answer("word " * 30 + "end")

    assert answer_text(long, PLAIN).count("\n") == 0
    assert max(map(len, answer_text(long, Style(width=40)).split("\n"))) <= 40


def test_sources_say_who_what_when_and_where_to_open_it() -> None:
    copied = hit(copies=(replace(REF, outlet="The Post"), BARE))

    assert sources_text([citation(), citation(2, of=copied)], PLAIN).splitlines() == [
        "[1] Harbour Courier · Ferry sinks · 7 June 2017  ferry-1:0-52",
        "[2] Harbour Courier · Ferry sinks · 7 June 2017  ferry-1:0-52",
        "    also in: The Post · Ferry sinks · 7 June 2017; Gulls",
    ]


def test_hits_show_the_sentence_that_fits_the_query() -> None:
    assert hits_text("who was brought ashore", [hit(), hit(BARE, "Gulls eat.", 2)], PLAIN) == (
        "1. Harbour Courier · Ferry sinks · 7 June 2017  ferry-1:0-140\n"
        "   … All 212 people were brought ashore. Nobody knows why it sank. The harbour stays closed.\n"
        "2. Gulls  gulls:0-10\n"
        "   Gulls eat."
    )


def test_other_prints_of_a_hit_are_told_below_it() -> None:
    copied = hit(copies=(replace(REF, outlet="The Post"), BARE))

    assert hits_text("it sank", [copied], PLAIN).splitlines()[-1] == (
        "   also printed: The Post · Ferry sinks · 7 June 2017; Gulls"
    )


def test_only_where_it_is_asked_for_a_hit_says_how_it_came_to_its_rank() -> None:
    told = replace(hit(copies=(BARE,)), why=WHY)

    explained = hits_text("it sank", [told, hit()], PLAIN, explain=True).splitlines()

    assert explained[2:4] == ["   also printed: Gulls", f"   {why_text(WHY)}"]
    assert [line for line in explained if line not in hits_text("it sank", [told, hit()], PLAIN).splitlines()] == [
        f"   {why_text(WHY)}"
    ]


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (
            WHY,
            (
                "words 12.3 (rank 2); meaning 0.71 (rank 1); together +2.5 (rank 1); time and outlet +0.2; "
                "reranker -3.8; matched: ferry, brought"
            ),
        ),
        (Why((), 0.0, None, None, None, -1.0, 7, 0.0), "words 0; together -1.0 (rank 7)"),
        (Why((), 0.0, None, 0.5, 3, 0.0, 1, 1e-9), "words 0; meaning 0.50 (rank 3); together +0.0 (rank 1)"),
        (Why((), 1.0, 1, None, None, 0.0, 1, 0.0, 0.0), "words 1.0 (rank 1); together +0.0 (rank 1); reranker +0.0"),
    ],
)
def test_how_a_hit_came_to_its_rank_in_words(why: Why, told: str) -> None:
    assert why_text(why) == told


@pytest.mark.parametrize("width", [30, 40, 60, 100])
@pytest.mark.parametrize("colour", [False, True])
def test_no_line_of_hits_or_sources_is_wider_than_the_terminal(width: int, *, colour: bool) -> None:
    copies = tuple(replace(REF, id=f"c{i}", outlet="The Skelby Evening Post and Herald") for i in range(5))
    shown = replace(hit(copies=copies), why=WHY)

    text = "\n".join(
        [
            hits_text("brought ashore", [shown], Style(width, colour), explain=True),
            sources_text([citation(of=shown)], Style(width, colour)),
        ]
    )

    assert max(len(re.sub(r"\x1b\[\d*m", "", line)) for line in text.splitlines()) <= width
    assert ("\x1b" in text) == colour
    flat = " ".join(re.sub(r"\x1b\[\d*m", "", text).split())
    assert "also printed: The Skelby Evening Post and Herald · Ferry sinks · 7 June 2017;" in flat
    assert "also in: The Skelby Evening Post and Herald · Ferry sinks · 7 June 2017;" in flat
    assert why_text(WHY) in flat


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("", "ferry", ""),
        ("The ferry sank.", "nothing shared", "The ferry sank."),
        ("One. The ferry sank.", "ferry", "… The ferry sank."),
        ("The ferry sank. " * 40, "ferry", "The ferry sank. " * 17 + "The …"),
    ],
)
def test_an_excerpt_is_short_and_says_where_it_is_cut(text: str, query: str, shown: str) -> None:
    assert excerpt(text, query) == shown


def test_an_article_is_shown_with_its_head() -> None:
    assert article_text(Article(REF, BODY), None, PLAIN) == (
        "Ferry sinks\nHarbour Courier · by Ida Holm and Jon Vale · SKELBY · 7 June 2017\nhttps://courier.example/ferry\n\n"
        + BODY.replace("\n", "\n\n")
    )
    assert article_text(Article(BARE, "Gulls eat."), None, PLAIN) == "Gulls\n\nGulls eat."


def test_a_span_is_marked_between_its_neighbours() -> None:
    start, end = BODY.index("Nobody"), BODY.index("sank.\nThe") + 5

    shown = article_text(Article(BARE, f"Far away.\n{BODY}\nLater.\nFar below."), (start + 10, end + 10), PLAIN)

    assert shown == (
        "Gulls\n\n… The ferry Morning Star sank off Skelby on Wednesday.\nAll 212 people were brought ashore. "
        ">>> Nobody knows why it sank. <<<\nThe harbour stays closed. …"
    )


def test_an_article_of_which_only_the_beginning_was_there_says_so() -> None:
    shown = article_text(Article(replace(REF, is_truncated=True), BODY), None, PLAIN)

    assert "only the beginning: the source did not give the whole article" in shown.splitlines()


def test_what_was_changed_stands_below_when_it_was_seen() -> None:
    before = Article(replace(REF, headline="Ferry in distress"), BODY.replace("212", "200"))
    changes = changes_of(Article(REF, BODY), [Revision(before, datetime(2017, 6, 8, 9, 5, tzinfo=UTC))])

    assert history_text(Article(REF, BODY), changes, PLAIN).splitlines()[2:] == [
        "",
        "8 June 2017, 09:05 UTC",
        "headline: Ferry in distress → Ferry sinks",
        "- All 200 people were brought ashore.",
        "+ All 212 people were brought ashore.",
    ]
    assert history_json(Article(REF, BODY), changes) == {
        "schema": "dateline.history/1",
        "id": "ferry-1",
        "headline": "Ferry sinks",
        "changes": [
            {
                "seen": "2017-06-08T09:05:00+00:00",
                "fields": {"headline": {"before": "Ferry in distress", "after": "Ferry sinks"}},
                "body": [
                    {
                        "removed": ["All 200 people were brought ashore."],
                        "added": ["All 212 people were brought ashore."],
                    }
                ],
            }
        ],
    }


def test_an_article_that_was_never_changed_says_so() -> None:
    assert history_text(Article(REF, BODY), [], PLAIN).endswith("\n\nunchanged since it was added")


def test_articles_are_one_line_each() -> None:
    assert list(articles_text([REF, BARE], PLAIN)) == [
        "ferry-1  2017-06-07  Harbour Courier  Ferry sinks",
        "gulls  —           —  Gulls",
    ]


def test_nothing_that_a_terminal_obeys_is_in_any_text() -> None:
    harmful = replace(
        hit(HARMFUL, "The fer\x1b]52;c;aa\x07ry\x9b sank.", copies=(HARMFUL,)),
        why=replace(WHY, words=("fer\x1b[31mry", "sa\u202enk")),
    )
    said = replace(answer("It sank\x1b[31m."), citations=(citation(of=harmful),))
    draft = Draft("He\x1bad", "Body.", "a\x9b.txt", outlet="Out\u202elet")

    shown = "".join(
        [
            answer_text(said, PLAIN),
            sources_text(said.citations, PLAIN),
            hits_text("ferry", [harmful], PLAIN, explain=True),
            hits_text("ferry", [harmful], Style(40), explain=True),
            article_text(Article(HARMFUL, "The\x1b ferry."), None, PLAIN),
            article_text(Article(HARMFUL, "The\x1b ferry."), (0, 4), PLAIN),
            *articles_text([HARMFUL], PLAIN),
            draft_text(draft, PLAIN),
        ]
    )

    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}


def test_styles_are_only_there_where_they_are_wanted() -> None:
    coloured = Style(colour=True)

    assert "\x1b" in sources_text([citation()], coloured)
    assert (
        article_text(Article(BARE, "Gulls eat."), (0, 5), coloured) == "\x1b[1mGulls\x1b[0m\n\n\x1b[7mGulls\x1b[0m eat."
    )
    assert "\x1b" not in sources_text([citation()], PLAIN)


def test_small_texts() -> None:
    assert describe(BARE) == "Gulls"
    assert byline(BARE) == ""
    assert format_day(None) == ""
    assert format_day(date(2020, 1, 2)) == "2 January 2020"
    assert added_text(AddReport(1200, 1, 0)) == "1,200 added, 1 updated, 0 unchanged"
    assert added_text(AddReport(skipped=(Skipped("a", 1, "b"),))) == "0 added, 0 updated, 0 unchanged, 1 skipped"
    assert draft_text(Draft("Head", "Body.", "a.txt", line=3, published=date(2020, 1, 2)), PLAIN) == (
        "2020-01-02  —  Head  a.txt:3"
    )


@pytest.mark.parametrize(
    ("outlets", "told"),
    [
        ([], ""),
        ([(None, 4)], ""),
        ([("Post", 9)], ", by Post (9)"),
        ([("Post", 900), (None, 4), ("A\x1bP", 2)], ", by Post (900) and AP (2)"),
        ([(name, 1) for name in "ABCDEF"], ", by A (1), B (1), C (1), D (1), E (1) and 1 other"),
        (
            [(name, 1000) for name in "ABCDEFG"],
            ", by A (1,000), B (1,000), C (1,000), D (1,000), E (1,000) and 2 others",
        ),
    ],
)
def test_what_an_archive_covers_is_days_and_outlets(outlets: list[tuple[str | None, int]], told: str) -> None:
    dated = Counts(1200, 0, 0, 0, 0, date(2020, 1, 2), date(2020, 1, 3))

    assert coverage_text(dated, outlets) == (
        f"it holds 1,200 articles published 2 January 2020 to 3 January 2020{told}"
    )
    assert coverage_text(Counts(1, 0, 0, 0, 0, None, None), outlets) == f"it holds 1 article{told}"


@pytest.mark.parametrize(
    ("supports", "told"),
    [
        ([], ""),
        (["quoted"], "1 statement: quoted."),
        (["supported", "supported"], "2 statements: all supported."),
        (
            ["unsupported", "weak", "quoted", "supported", "weak"],
            "5 statements: 1 quoted, 1 supported, 2 weakly supported (~), 1 not supported by a source (?).",
        ),
    ],
)
def test_how_statements_are_borne_out_in_words(supports: list[Support], told: str) -> None:
    written = replace(answer("It.", *(Statement("It.", 0, 3, (), one) for one in supports)), model="openai:m")

    assert support_text(written) == told
    assert support_text(replace(written, complete=False)) == (f"Incomplete: the model broke off.{told and ' '}{told}")


def test_an_answer_that_was_stopped_says_so() -> None:
    written = replace(answer("It.", Statement("It.", 0, 3, (1,), "quoted")), complete=False, warnings=(STOPPED_EARLY,))

    assert support_text(written) == "Incomplete: stopped. 1 statement: quoted."


def test_of_an_answer_without_a_word_nothing_is_said() -> None:
    assert support_text(replace(answer(""), model="openai:m", complete=False)) == ""


def test_the_built_in_model_only_quotes_and_need_not_say_so() -> None:
    assert support_text(answer("It.", Statement("It.", 0, 3, (1,), "quoted"))) == ""


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window(date(2020, 1, 2), date(2020, 1, 3), "--since"), "published 2020-01-02 to 2020-01-03 (--since)"),
        (Window(date(2020, 1, 2), date(2020, 1, 2), "from 'today'"), "published 2020-01-02 (from 'today')"),
        (Window(date(2020, 1, 2), None, "--since"), "published 2020-01-02 or later (--since)"),
        (Window(None, date(2020, 1, 3), "--until"), "published 2020-01-03 or earlier (--until)"),
    ],
)
def test_a_window_is_told_with_its_basis(window: Window, words: str) -> None:
    assert window_text(window) == words


@pytest.mark.parametrize(
    ("question", "scope", "told"),
    [
        ("Who sank the ferry?", {}, []),
        ("Who sank?", {"until": date(2020, 1, 2)}, ["searching articles published 2020-01-02 or earlier (--until)"]),
        ("What sank last week?", {}, ["searching articles published 2020-01-20 to 2020-02-01 (from 'last week')"]),
        ("How did it go on in 2017?", {}, ["preferring articles published 2017-01-01 to 2018-03-31 (from '2017')"]),
        (
            "How did the council change in 2017?",
            {"as_of": date(2019, 1, 2)},
            [
                "searching articles published 2019-01-02 or earlier (--as-of)",
                "preferring articles published 2017-01-01 to 2018-03-31 (from '2017')",
            ],
        ),
        ("What did The Post write about it?", {}, ["searching articles of The Post (the question names it)"]),
        (
            "As reported by The Post and the Harbour Courier, who sank?",
            {},
            ["preferring articles of The Post and Harbour Courier"],
        ),
        (
            "Who sank the ferry, and when was the pier built?",
            {},
            ["searching for the parts as well: Who sank the ferry? · When was the pier built? (the ferry)"],
        ),
    ],
)
def test_what_was_understood_is_told(question: str, scope: dict[str, date], told: list[str]) -> None:
    assert list(plan_texts(planned(question, **scope))) == told


def test_an_outlet_set_by_hand_needs_no_telling() -> None:
    by_hand = plan("Who sank?", Scope(outlets=("The Post",)), today=date(2020, 2, 1))

    assert list(plan_texts(by_hand)) == []


MODELS = (
    ModelState("extractive", "extractive", "built in", "ready", detail="the articles' own sentences"),
    ModelState("ollama:small\x1b:1b", "ollama", "http://127.0.0.1:11434", "ready", "small:1b", "1B Q4", 131072),
    ModelState("big", "openai", "https://api.example/v1", "no key", "big-2", "set BIG_KEY"),
)


def test_models_are_a_line_each_with_what_is_known_of_them() -> None:
    assert list(models_text(MODELS, "big", PLAIN)) == [
        "extractive       ready        built in · the articles' own sentences",
        "ollama:small:1b  ready        http://127.0.0.1:11434 · 1B Q4 · reads 131,072 tokens",
        "big              no key       the default · https://api.example/v1 · set BIG_KEY",
    ]


def test_models_in_json() -> None:
    assert models_json(MODELS[2:], "extractive") == {
        "schema": "dateline.models/1",
        "default": "extractive",
        "models": [
            {
                "name": "big",
                "provider": "openai",
                "where": "https://api.example/v1",
                "status": "no key",
                "model": "big-2",
                "detail": "set BIG_KEY",
                "context_tokens": None,
            }
        ],
    }


def state(vectors: int = 1500) -> Status:
    counts = Counts(1200, 3000, vectors, 2, 3, date(2020, 1, 2), date(2020, 1, 9))
    return Status(Path("/a"), counts, (("Post", 900), (None, 300)), "m", None, 0, 1_500_000)


def test_the_status_says_what_is_there_and_how_far_embedding_is() -> None:
    assert status_text(state(), PLAIN).splitlines() == [
        "archive    /a",
        "articles   1,200 and 2 earlier texts",
        "published  2 January 2020 to 9 January 2020, 3 without a date",
        "outlets    Post (900), no outlet (300)",
        "passages   3,000, 1,500 (50 %) embedded",
        "embedder   m",
        "index      none yet: searched exactly",
        "size       1.5 MB",
    ]
    assert "passages   3,000, all embedded" in status_text(state(vectors=3000), PLAIN)


# -- JSON --------------------------------------------------------------------------------------------------------------


def test_an_answer_in_json_is_the_contract() -> None:
    window = Window(date(2020, 1, 1), None, "--since")
    copied = hit(copies=(BARE,))
    said = replace(
        answer("It sank. [1]", Statement("It sank.", 0, 8, (1,), "quoted")),
        citations=(citation(of=copied),),
        nearest=(hit(BARE, "Gulls eat."),),
        usage=Usage(12, None),
        warnings=("careful",),
    )
    asked = planned("Did it?", since=date(2020, 1, 1))

    written = answer_json(Turn("Did it?", "Did it?", window, said, {"search": 1.5}), asked)

    assert list(written) == ANSWER_KEYS
    assert list(written["citations"][0]) == CITATION_KEYS
    assert [list(copy) for copy in written["citations"][0]["copies"]] == [COPY_KEYS]
    assert list(written["nearest"][0]) == HIT_KEYS
    assert written == {
        "schema": "dateline.answer/1",
        "question": "Did it?",
        "query": "Did it?",
        "window": {"since": "2020-01-01", "until": None, "basis": "--since", "inferred": False},
        "as_of": "2020-02-01",
        "answered": True,
        "answer": "It sank. [1]",
        "statements": [{"text": "It sank.", "start": 0, "end": 8, "citations": [1], "support": "quoted"}],
        "citations": [
            {
                "n": 1,
                "article_id": "ferry-1",
                "headline": "Ferry sinks",
                "outlet": "Harbour Courier",
                "authors": ["Ida Holm", "Jon Vale"],
                "published": "2017-06-07T23:30:00+00:00",
                "url": "https://courier.example/ferry",
                "passage_id": "ferry-1:0-140",
                "start": 0,
                "end": 52,
                "quote": "The ferry Morning Star sank off Skelby on Wednesday.",
                "copies": [{"article_id": "gulls", "outlet": None, "published": None, "url": None}],
                "page": None,
            }
        ],
        "nearest": [
            {
                "rank": 1,
                "score": 0.016393,
                "scorer": "fused",
                "passage_id": "gulls:0-10",
                "article": {
                    "id": "gulls",
                    "headline": "Gulls",
                    "outlet": None,
                    "authors": [],
                    "published": None,
                    "url": None,
                },
                "start": 0,
                "end": 10,
                "text": "Gulls eat.",
                "copies": [],
                "why": None,
            }
        ],
        "disagreements": [],
        "model": "extractive",
        "usage": {"prompt_tokens": 12, "completion_tokens": None},
        "timings_ms": {"search": 1.5},
        "warnings": ["careful"],
        "plan": {
            "parts": [],
            "outlets": [],
            "about": [],
            "preference": {"near": None, "window": None, "outlets": [], "newest_first": False},
        },
        "asked": "Did it?",
        "complete": True,
        "coverage": None,
    }


def test_a_question_that_leaned_on_others_is_there_as_it_was_asked() -> None:
    asked = replace(planned("Why did the ferry sink?"), asked="Why?", carried="outlet The Post")
    turn = Turn(asked.question, asked.query, None, replace(answer("It"), complete=False), {}, asked="Why?")

    written = answer_json(turn, asked)

    assert (written["asked"], written["question"], written["complete"]) == ("Why?", "Why did the ferry sink?", False)
    assert list(plan_texts(asked)) == ["understood as: Why did the ferry sink?", "taken over: outlet The Post"]


def test_without_an_answer_json_says_what_the_archive_covers() -> None:
    counts = Counts(1200, 3000, 0, 0, 3, date(2020, 1, 2), None)
    outlets = [("Post", 900), (None, 200), *((f"O{i}", 10) for i in range(5))]

    covered = coverage_json(counts, outlets)

    turn = Turn("Did it?", "Did it?", None, replace(answer("No."), answered=False), {})
    assert answer_json(turn, planned("Did it?"), coverage=covered)["coverage"] == {
        "articles": 1200,
        "first": "2020-01-02",
        "last": None,
        "outlets": [
            {"outlet": "Post", "articles": 900},
            *({"outlet": f"O{i}", "articles": 10} for i in range(4)),
        ],
        "outlet_count": 6,
    }


def test_what_failed_in_json() -> None:
    assert failure_json("Did it?", "no key", 4) == {
        "schema": "dateline.failure/1",
        "question": "Did it?",
        "answered": False,
        "error": "no key",
        "code": 4,
    }


def test_hits_in_json_are_the_contract() -> None:
    asked = planned("Who sank, according to The Post?", as_of=date(2019, 5, 6))

    written = hits_json(asked, None, [replace(hit(copies=(BARE,)), why=WHY), hit(BARE, "Gulls eat.", 2)])

    first, second = written.pop("hits")
    assert list(first) == list(second) == HIT_KEYS
    assert first["copies"] == [{"article_id": "gulls", "outlet": None, "published": None, "url": None}]
    assert list(first["why"].items()) == [
        ("words", ["ferry", "brought"]),
        ("lexical", 12.3457),
        ("lexical_rank", 2),
        ("dense", 0.7123),
        ("dense_rank", 1),
        ("fused", 2.5),
        ("fused_rank", 1),
        ("preference", 0.25),
        ("reranked", -3.75),
    ]
    assert second["why"] is None
    assert list(written.items()) == [
        ("schema", "dateline.hits/1"),
        ("query", "Who sank?"),
        ("window", None),
        ("as_of", "2019-05-06"),
        (
            "plan",
            {
                "parts": [],
                "outlets": [],
                "about": [],
                "preference": {"near": "2019-05-06", "window": None, "outlets": ["The Post"], "newest_first": False},
            },
        ),
    ]


def test_the_parts_of_why_that_are_not_known_are_null() -> None:
    written = hits_json(planned("Who?"), None, [replace(hit(), why=Why((), 0.0, None, None, None, 0.0, 1, 0.0))])

    assert written["hits"][0]["why"] == {
        "words": [],
        "lexical": 0.0,
        "lexical_rank": None,
        "dense": None,
        "dense_rank": None,
        "fused": 0.0,
        "fused_rank": 1,
        "preference": 0.0,
        "reranked": None,
    }


@pytest.mark.parametrize(
    ("question", "plan_json"),
    [
        (
            "What is the latest on the ferry?",
            {"near": "2020-02-01", "window": None, "outlets": [], "newest_first": True},
        ),
        (
            "How did the council change in 2017?",
            {
                "near": None,
                "window": {"since": "2017-01-01", "until": "2018-03-31", "basis": "from '2017'", "inferred": True},
                "outlets": [],
                "newest_first": False,
            },
        ),
    ],
)
def test_what_is_preferred_is_in_the_plan(question: str, plan_json: dict[str, object]) -> None:
    assert hits_json(planned(question), None, [])["plan"] == {
        "parts": [],
        "outlets": [],
        "about": [],
        "preference": plan_json,
    }


def test_parts_and_outlets_are_in_the_plan() -> None:
    asked = planned("What did The Post write about the ferry? And when was the pier built?")

    assert hits_json(asked, None, [])["plan"] == {
        "parts": list(asked.queries[1:]),
        "outlets": ["The Post"],
        "about": [],
        "preference": {"near": "2020-02-01", "window": None, "outlets": [], "newest_first": False},
    }


def test_the_window_in_json_is_the_one_that_was_searched_not_the_one_that_was_read() -> None:
    asked = planned("Which ferry sank last week?")
    turn = Turn(asked.question, asked.query, None, answer("It sank."), {})

    assert asked.window is not None
    assert answer_json(turn, asked)["window"] is None
    assert hits_json(asked, None, [])["window"] is None
    assert hits_json(asked, asked.window, [])["window"] == {
        "since": "2020-01-20",
        "until": "2020-02-01",
        "basis": "from 'last week'",
        "inferred": True,
    }


def test_json_escapes_whatever_a_terminal_obeys_and_still_says_the_same() -> None:
    harmful = {"a": "\x1b]52\x07 \x9b31m \x7f \u202e\u2066 \u2028 “é” \u200d"}

    written = to_json(harmful)

    assert json.loads(written) == harmful
    assert not set(written) & {"\x1b", "\x07", "\x9b", "\x7f", "\u202e", "\u2066", "\u2028"}
    assert "“é”" in written


def test_json_on_one_line_is_one_line() -> None:
    assert to_json({"a": ["b\n"]}, indent=None) == '{"a": ["b\\n"]}'


def test_the_status_in_json_has_its_keys_for_an_empty_archive_too() -> None:
    empty = Status(Path("/a"), Counts(0, 0, 0, 0, 0, None, None), (), None, None, 0, 10)

    assert status_json(empty) == {
        "schema": "dateline.status/1",
        "archive": "/a",
        "articles": 0,
        "passages": 0,
        "embedded": 0,
        "revisions": 0,
        "undated": 0,
        "first": None,
        "last": None,
        "outlets": [],
        "embedder": None,
        "generation": None,
        "indexed": 0,
        "bytes": 10,
    }
