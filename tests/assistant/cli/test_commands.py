"""The commands on a small archive: what they print for people and for programs, and how they end."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import commands, run
from assistant.cli.terminal import Terminal
from tests.command_line import Ran

Dateline = Callable[..., Ran]

KEEPER = "Lighthouse keeper refuses to leave Gannet Rock"
DAM = "Wardens warn of cracks in the dam above Tarrow"

# Question, words of the sentence that answers it.
QUESTIONS = (
    ("Who refused to leave Gannet Rock?", "Elspeth Garrow, refused to leave"),
    ("How long has Elspeth Garrow tended the lamp?", "for 31 years"),
    ("Where was the automatic lamp made?", "made in Bergen"),
    ("How much does the automatic lamp cost?", "48,000 pounds"),
    ("When did the old lens crack?", "during a storm on 11 January"),
    ("Which insurer threatened to raise its premiums?", "Marlow Mutual"),
    ("How many people were told to leave their homes?", "1,900 people"),
    ("How far did engineers lower the water?", "by two metres"),
    ("When was the dam built?", "built in 1931"),
    ("Which school will take in families for the night?", "school in Overby"),
)
UNANSWERABLE = (
    "Who won the chess tournament in Reykjavik?",
    "What did the minister of finance say about taxes?",
    "How many whales were counted near Iceland?",
)

HIT_KEYS = ["rank", "score", "scorer", "passage_id", "article", "start", "end", "text", "copies", "why"]
WHY_KEYS = "words lexical lexical_rank dense dense_rank fused fused_rank preference reranked".split()
# In the order of DESIGN 2.
CITATION_KEYS = ("n article_id headline outlet authors published url passage_id start end quote copies page").split()
ANSWER_KEYS = (
    "schema question query window as_of answered answer statements citations nearest disagreements model usage "
    "timings_ms warnings plan asked complete coverage"
).split()
ARTICLE_KEYS = (
    "id headline outlet authors published modified url language section place final_url fetched truncated page_starts"
).split()


def parsed(ran: Ran) -> dict[str, Any]:
    value = json.loads(ran.out)
    assert isinstance(value, dict)
    return value


@pytest.fixture
def on_weblog(dateline: Dateline, weblog_archive: Path) -> Dateline:
    """Give the command line on the archive of the weblog."""
    return lambda *arguments: dateline("-a", weblog_archive, *arguments)


@pytest.fixture
def bodies(on_weblog: Dateline) -> dict[str, str]:
    """Give the stored bodies by article id."""
    listed = parsed(on_weblog("list", "--json"))["articles"]
    return {article["id"]: parsed(on_weblog("show", article["id"], "--json"))["body"] for article in listed}


# -- what was read -----------------------------------------------------------------------------------------------------


def test_the_weblog_holds_two_dated_articles(on_weblog: Dateline) -> None:
    listed = parsed(on_weblog("list", "--json"))

    assert listed["schema"] == "dateline.articles/1"
    assert [list(article) for article in listed["articles"]] == [ARTICLE_KEYS, ARTICLE_KEYS]
    found = {(a["headline"], a["outlet"], a["place"], a["published"]) for a in listed["articles"]}
    assert found == {(KEEPER, None, None, "2015-03-05"), (DAM, "AP", "TARROW", "2015-03-05")}


def test_what_a_widget_left_on_the_page_is_not_in_the_archive(bodies: dict[str, str]) -> None:
    joined = "\n".join(bodies.values())

    assert "LinkWithin" not in joined
    assert "Why the board is in a hurry" in joined


# -- ask ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("question", "words"), QUESTIONS)
def test_a_question_is_answered_by_the_right_sentence(
    on_weblog: Dateline, bodies: dict[str, str], question: str, words: str
) -> None:
    ran = on_weblog("ask", "--json", question)

    answer = parsed(ran)
    assert (ran.code, ran.err, answer["answered"]) == (0, "", True)
    assert words in answer["statements"][0]["text"]
    assert words in answer["citations"][0]["quote"]
    for citation in answer["citations"]:
        assert bodies[citation["article_id"]][citation["start"] : citation["end"]] == citation["quote"]


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_a_question_that_the_archive_does_not_answer_ends_with_1(on_weblog: Dateline, question: str) -> None:
    ran = on_weblog("ask", question)

    assert ran.code == 1
    assert ran.out.startswith(
        "The archive does not say.\nAs far as it goes: it holds 2 articles published 5 March 2015"
    )


def test_an_answer_for_people_is_sentences_then_sources(on_weblog: Dateline) -> None:
    ran = on_weblog("ask", "When was the dam built?")

    shown, sources = ran.out.split("\n\n")
    assert "The dam was built in 1931 from local granite. [1]" in shown
    assert sources.startswith(f"[1] AP · {DAM} · 5 March 2015  ")
    assert (ran.code, ran.err) == (0, "")


def test_streamed_or_not_the_answer_is_the_same(on_weblog: Dateline) -> None:
    question = "How long has Elspeth Garrow tended the lamp?"

    assert on_weblog("ask", question) == on_weblog("ask", question, "--no-stream")


def test_an_answer_in_json_has_every_key_of_the_contract(on_weblog: Dateline) -> None:
    answer = parsed(on_weblog("ask", "--json", "When was the dam built?"))

    assert list(answer) == ANSWER_KEYS
    assert [list(citation) for citation in answer["citations"]] == [CITATION_KEYS] * len(answer["citations"])
    assert answer["schema"] == "dateline.answer/1"
    assert answer["question"] == answer["query"] == "When was the dam built?"
    assert (answer["window"], answer["nearest"], answer["disagreements"], answer["usage"]) == (None, [], [], None)
    assert (answer["model"], answer["warnings"]) == ("extractive", [])
    for statement in answer["statements"]:
        assert list(statement) == ["text", "start", "end", "citations", "support"]
        assert answer["answer"][statement["start"] : statement["end"]] == statement["text"]
        assert statement["support"] == "quoted"
    assert {n for statement in answer["statements"] for n in statement["citations"]} == {
        citation["n"] for citation in answer["citations"]
    }


def test_an_abstention_in_json_has_the_same_keys_and_the_nearest_hits(on_weblog: Dateline) -> None:
    ran = on_weblog("ask", "--json", "Which company sold the automatic chess lamp to Reykjavik's mayor?")

    answer = parsed(ran)
    assert list(answer) == ANSWER_KEYS
    assert (ran.code == 1) == (not answer["answered"])
    unanswered = parsed(on_weblog("ask", "--json", UNANSWERABLE[0]))
    assert list(unanswered) == list(answer)
    assert (unanswered["answered"], unanswered["statements"], unanswered["citations"]) == (False, [], [])
    assert unanswered["coverage"] == {
        "articles": 2,
        "first": "2015-03-05",
        "last": "2015-03-05",
        "outlets": [{"outlet": "AP", "articles": 1}],
        "outlet_count": 1,
    }
    assert [list(hit) for hit in unanswered["nearest"]] == [HIT_KEYS] * len(unanswered["nearest"])
    assert unanswered["nearest"]


def test_a_window_is_told_and_in_json_as_iso_days(on_weblog: Dateline) -> None:
    ran = on_weblog(
        "ask", "--json", "When was the dam built?", "--since", "2015-02", "--until", "2015", "--as-of", "2016"
    )

    answer = parsed(ran)
    assert answer["window"] == {
        "since": "2015-02-01",
        "until": "2015-12-31",
        "basis": "--since, --until, --as-of",
        "inferred": False,
    }
    assert answer["as_of"] == "2016-12-31"
    assert ran.err == "searching articles published 2015-02-01 to 2015-12-31 (--since, --until, --as-of)\n"


def test_what_was_published_after_as_of_is_not_seen(on_weblog: Dateline) -> None:
    ran = on_weblog("ask", "--json", "When was the dam built?", "--as-of", "2015-03-04")

    answer = parsed(ran)
    assert (ran.code, answer["nearest"]) == (1, [])


def test_an_outlet_leaves_only_its_articles(on_weblog: Dateline) -> None:
    ran = on_weblog("search", "--json", "lamp dam board", "--outlet", "ap")

    assert {hit["article"]["outlet"] for hit in parsed(ran)["hits"]} == {"AP"}


def test_a_question_may_come_from_a_pipe(dateline_process: Dateline, weblog_archive: Path) -> None:
    ran = dateline_process("ask", "-a", weblog_archive, "-", stdin="When was\nthe dam built?\n")

    assert (ran.code, ran.err) == (0, "")
    assert "1931" in ran.out


def test_a_batch_prints_one_object_a_line_in_the_order_of_the_questions(
    dateline_process: Dateline, weblog_archive: Path
) -> None:
    questions = [QUESTIONS[0][0], UNANSWERABLE[0], QUESTIONS[6][0]]

    ran = dateline_process("-a", weblog_archive, "ask", "--batch", stdin="\n\n".join(questions))

    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 0
    assert [answer["question"] for answer in answers] == questions
    assert [answer["answered"] for answer in answers] == [True, False, True]


# -- search ------------------------------------------------------------------------------------------------------------


def test_hits_in_json_have_every_key_and_their_texts_stand_in_the_bodies(
    on_weblog: Dateline, bodies: dict[str, str]
) -> None:
    ran = on_weblog("search", "--json", "lighthouse lamp", "-k", "1")

    found = parsed(ran)
    (hit,) = found["hits"]
    assert list(found) == ["schema", "query", "window", "hits", "as_of", "plan"]
    assert list(found["plan"]) == ["parts", "outlets", "about", "preference"]
    assert list(found["plan"]["preference"]) == ["near", "window", "outlets", "newest_first"]
    assert (ran.code, ran.err, found["schema"]) == (0, "", "dateline.hits/1")
    assert list(hit) == HIT_KEYS
    assert list(hit["why"]) == WHY_KEYS
    assert hit["why"]["words"] == ["lighthouse", "lamp"]
    assert list(hit["article"]) == ["id", "headline", "outlet", "authors", "published", "url"]
    assert hit["article"] == {
        "id": hit["article"]["id"],
        "headline": KEEPER,
        "outlet": None,
        "authors": [],
        "published": "2015-03-05",
        "url": None,
    }
    assert (hit["rank"], hit["scorer"], hit["copies"]) == (1, "fused", [])
    assert bodies[hit["article"]["id"]][hit["start"] : hit["end"]] == hit["text"]


def test_a_search_says_the_same_twice(on_weblog: Dateline) -> None:
    assert on_weblog("search", "--json", "dam lamp") == on_weblog("search", "--json", "dam lamp")


def test_a_search_for_people_shows_rank_article_and_place(on_weblog: Dateline) -> None:
    ran = on_weblog("search", "granite dam", "-k", "1")

    assert ran.out.startswith(f"1. AP · {DAM} · 5 March 2015  ")
    assert "The dam was built in 1931 from local granite." in ran.out


def test_a_search_without_a_hit_ends_with_1(on_weblog: Dateline) -> None:
    text = on_weblog("search", "dam", "--until", "1999")
    json_ = on_weblog("search", "--json", "dam", "--until", "1999")

    assert text == Ran(1, "", "searching articles published 1999-12-31 or earlier (--until)\nno hit\n")
    assert (json_.code, parsed(json_)["hits"]) == (1, [])


# -- days, outlets, copies ---------------------------------------------------------------------------------------------

ROCK = """The coastguard ended its search for the trawler Blue Heron after nine days.
The captain of the rescue cutter said that two of the crew had been found on Gannet Rock, cold but unharmed.
They had lived on rainwater and on a crate of tinned peaches that was washed ashore with them.
The owner of the trawler promised to pay for the search and thanked the fishermen who had joined it."""
FOUND = "two of the crew had been found on Gannet Rock"


@pytest.fixture(scope="module")
def coast_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive of a wire story in three outlets, and of other articles. Do not write to it."""
    folder = tmp_path_factory.mktemp("coast")
    prints = [("wire", "Coastline News Agency", 8), ("courier", "Harbour Courier", 8), ("late", "The Skelby Post", 12)]
    articles = [
        {
            "id": id_,
            "headline": "Search for the Blue Heron ends",
            "body": ROCK,
            "outlet": outlet,
            "date": f"2017-06-{day:02}",
        }
        for id_, outlet, day in prints
    ]
    articles += [
        {"id": "ferry", "headline": "Ferry sinks", "body": "The ferry sank off Skelby with 212 people on board.",
         "outlet": "Harbour Courier", "date": "2017-06-07"},
        {"id": "pier", "headline": "New pier", "body": "Skelby's council agreed to pay for a new pier of oak.",
         "outlet": "The Skelby Post", "date": "2017-06-09"},
        {"id": "seals", "headline": "Seals", "body": "A seal was found asleep on a rock.", "date": "2017-05-09"},
        {"id": "hostile", "headline": "Bell\x1b[31m rings\x9b", "body": "A bell\x1b]52;c;aGk=\x07 rang in the fog.",
         "outlet": "Fog\u202e Post", "date": "2017-05-10"},
    ]  # fmt: skip
    (folder / "coast.jsonl").write_text("\n".join(map(json.dumps, articles)), encoding="utf-8")
    with monkeypatched_home(folder):
        assert run(["-q", "-a", str(folder / "archive"), "add", "--no-embed", str(folder / "coast.jsonl")]) == 0
    return folder / "archive"


@contextmanager
def monkeypatched_home(folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(folder))
        yield


@pytest.fixture
def on_coast(dateline: Dateline, coast_archive: Path, monkeypatch: pytest.MonkeyPatch) -> Dateline:
    """Give the command line on the archive of the coast, on Wednesday, 14 June 2017."""
    monkeypatch.setattr(commands, "today", lambda: date(2017, 6, 14))
    return lambda *arguments: dateline("-a", coast_archive, *arguments)


def ids(ran: Ran) -> list[str]:
    return [hit["article"]["id"] for hit in parsed(ran)["hits"]]


def told(ran: Ran) -> list[str]:
    """Return the notices, but for the one that nothing is embedded."""
    return [line for line in ran.err.splitlines() if not line.startswith("searched by words alone")]


LAST_WEEK = {"since": "2017-06-05", "until": "2017-06-14", "basis": "from 'last week'", "inferred": True}


def test_days_that_a_question_names_are_searched_and_told(on_coast: Dateline) -> None:
    searched = on_coast("search", "--json", "What sank last week?")

    assert ids(searched) == ["ferry"]
    assert parsed(searched)["window"] == LAST_WEEK
    assert told(searched) == ["searching articles published 2017-06-05 to 2017-06-14 (from 'last week')"]
    assert on_coast("search", "--json", "-q", "What sank last week?") == Ran(0, searched.out, "")


def test_a_search_may_be_as_of_a_day(on_coast: Dateline) -> None:
    ran = on_coast("search", "--json", "Who was found on Gannet Rock this month?", "--as-of", "2017-06-10")

    found = parsed(ran)
    assert ids(ran)[0] == "wire"
    assert [copy["article_id"] for copy in found["hits"][0]["copies"]] == ["courier"]
    assert found["as_of"] == "2017-06-10"
    assert found["window"] == {"since": None, "until": "2017-06-10", "basis": "--as-of", "inferred": False}
    assert found["plan"]["preference"]["window"]["since"] == "2017-06-01"


def test_days_that_hold_nothing_are_widened_and_the_json_says_what_was_searched(on_coast: Dateline) -> None:
    text = on_coast("search", "Which ferry sank in March 2016?")
    json_ = on_coast("search", "--json", "Which ferry sank in March 2016?")

    assert text.code == 0
    assert text.out.startswith("1. Harbour Courier · Ferry sinks · 7 June 2017  ferry:0-51\n")
    assert parsed(json_)["window"] is None
    assert (
        told(text)
        == told(json_)
        == [
            "searching articles published 2016-03-01 to 2016-04-14 (from 'March 2016')",
            "no hit in articles published 2016-03-01 to 2016-04-14 (from 'March 2016'); searched the others",
        ]
    )


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_window_set_by_hand_is_never_widened(on_coast: Dateline, command: str) -> None:
    ran = on_coast(command, "--json", "Which ferry sank last week?", "--until", "2016")

    found = parsed(ran)
    assert (ran.code, found["hits" if command == "search" else "nearest"]) == (1, [])
    assert found["window"] == {"since": None, "until": "2016-12-31", "basis": "--until", "inferred": False}
    assert told(ran) == ["searching articles published 2016-12-31 or earlier (--until)"]


def test_an_answer_in_json_says_which_days_were_searched(on_coast: Dateline) -> None:
    kept = on_coast("ask", "--json", "How many people on board the ferry sank last week?")
    widened = on_coast("ask", "--json", "What sank off Skelby on 3 March 2016?")

    assert parsed(kept)["window"] == LAST_WEEK
    assert parsed(widened)["window"] is None
    assert [len(told(kept)), len(told(widened))] == [1, 2]


def test_an_outlet_that_a_question_goes_by_has_its_print_shown(on_coast: Dateline) -> None:
    plain = on_coast("search", "--json", "Who was found on Gannet Rock?")
    cited = on_coast("search", "--json", "Who was found on Gannet Rock, according to the Skelby Post?")

    assert (ids(plain)[0], ids(cited)[0]) == ("wire", "late")
    assert parsed(cited)["plan"]["preference"]["outlets"] == ["The Skelby Post"]
    assert told(cited) == ["preferring articles of The Skelby Post"]


def test_an_outlet_whose_own_words_are_asked_for_is_kept_to(on_coast: Dateline) -> None:
    ran = on_coast("search", "--json", "What did the Skelby Post write about the rock?")

    assert set(ids(ran)) == {"late"}
    assert parsed(ran)["plan"]["outlets"] == ["The Skelby Post"]
    assert told(ran) == ["searching articles of The Skelby Post (the question names it)"]


def test_an_outlet_that_holds_nothing_is_widened(on_coast: Dateline) -> None:
    ran = on_coast("search", "--json", "What did the Skelby Post write about the seal?")

    assert ids(ran) == ["seals"]
    assert told(ran)[1:] == ["no hit in articles of The Skelby Post; searched the others"]


def test_an_outlet_set_by_hand_is_the_only_one(on_coast: Dateline) -> None:
    ran = on_coast(
        "search", "--json", "What did the Skelby Post write about Gannet Rock?", "--outlet", "harbour courier"
    )

    assert set(ids(ran)) == {"courier", "ferry"}
    assert told(ran) == []


def test_the_other_prints_of_a_story_are_told_in_search_and_ask(on_coast: Dateline) -> None:
    searched, asked = on_coast("search", "Gannet Rock", "-k", "1"), on_coast("ask", "Who was found on Gannet Rock?")

    others = (
        "Harbour Courier · Search for the Blue Heron ends · 8 June 2017; "
        "The Skelby Post · Search for the Blue Heron ends · 12 June 2017"
    )
    assert f"\n   also printed: {others}\n" in searched.out
    assert FOUND in asked.out
    assert f"\n    also in: {others}\n" in asked.out
    assert "courier:" not in asked.out


def test_every_part_of_a_question_is_told_and_answered(on_coast: Dateline) -> None:
    ran = on_coast("ask", "Who was found on Gannet Rock, and how many people were on board the ferry?")

    assert ran.code == 0
    assert FOUND in ran.out
    assert "The ferry sank off Skelby with 212 people on board." in ran.out
    assert told(ran)[0].startswith("searching for the parts as well: Who was found on Gannet Rock? · How many people")


def test_list_and_remove_filter_without_reading_any_question(on_coast: Dateline) -> None:
    listed = on_coast("list", "--json", "--outlet", "harbour courier", "--since", "2017-06-08")

    assert [article["id"] for article in parsed(listed)["articles"]] == ["courier"]
    assert listed.err == ""


def test_a_batch_tells_what_was_widened_and_for_which_question(
    on_coast: Dateline, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = ["Which ferry sank in March 2016?", "Which ferry sank off Skelby?", "Which boat sank in March 2016?"]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(questions)))

    ran = on_coast("ask", "--batch")

    windows = [json.loads(line)["window"] for line in ran.out.splitlines()]
    widened, alone = ran.err.splitlines()
    assert windows == [None, None, None]
    assert widened.startswith(f"{questions[0]!r}: no hit in articles published 2016-03-01")
    assert alone.startswith(f"{questions[0]!r}: searched by words alone")


# -- explain -----------------------------------------------------------------------------------------------------------


def test_a_search_explains_its_order_where_that_is_asked_for(on_coast: Dateline) -> None:
    plain = on_coast("search", "ferry Skelby", "-k", "1")
    explained = on_coast("search", "ferry Skelby", "-k", "1", "--explain")

    (added,) = [line for line in explained.out.splitlines() if line not in plain.out.splitlines()]
    assert re.sub(r"\d+\.\d", "N", added) == (
        "   words N (rank 1); together +N (rank 1); time and outlet +N; matched: ferry, skelby"
    )


@pytest.mark.parametrize("columns", [40, 100])
@pytest.mark.parametrize("query", ["bell in the fog", "Gannet Rock seal"])
def test_an_explained_search_fits_its_terminal_and_holds_nothing_that_it_obeys(
    on_coast: Dateline, monkeypatch: pytest.MonkeyPatch, columns: int, query: str
) -> None:
    monkeypatch.setattr(Terminal, "width", columns)
    monkeypatch.setattr(Terminal, "has_colour", True)

    ran = on_coast("search", query, "--explain")

    shown = re.sub(r"\x1b\[[0127]?m", "", ran.out)
    assert ran.out != shown
    assert not set(shown) & {"\x1b", "\x9b", "\x07", "\u202e"}
    assert max(map(len, shown.splitlines())) <= columns
    assert "matched: " in " ".join(shown.split())


# -- reranking ---------------------------------------------------------------------------------------------------------

NOT_RERANKED = "not reranked: the reranking model 'no/such' is not on this machine"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Give a config file that wants a reranker which is not there: it is told wherever it is looked for."""
    file = tmp_path / "rerank.toml"
    file.write_text("rerank = true\nreranker = 'no/such'\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_reranker_that_is_missing_is_a_notice(on_coast: Dateline, settings: Path, command: str) -> None:
    ran = on_coast("--config", settings, command, "Who was found on Gannet Rock?")

    assert (ran.code, FOUND in ran.out) == (0, True)
    assert [line.startswith(NOT_RERANKED) for line in told(ran)] == [True]


@pytest.mark.parametrize(
    ("rerank", "flags", "is_wanted"),
    [
        ("", [], False),
        ("", ["--rerank"], True),
        ("rerank = true", [], True),
        ("rerank = true", ["--no-rerank"], False),
        ("rerank = false", ["--rerank"], True),
    ],
)
@pytest.mark.parametrize("command", ["ask", "search"])
def test_the_flag_beats_the_file_and_without_either_nothing_is_reranked(
    on_coast: Dateline, settings: Path, command: str, rerank: str, flags: list[str], *, is_wanted: bool
) -> None:
    settings.write_text(f"{rerank}\nreranker = 'no/such'\n", encoding="utf-8")

    ran = on_coast("--config", settings, command, "Who was found on Gannet Rock?", *flags)

    assert (NOT_RERANKED in ran.err) == is_wanted


def test_hits_are_reranked_by_the_model_that_comes_with_the_installation(on_coast: Dateline) -> None:
    ran = on_coast("search", "--json", "--rerank", "Who fed the animals of the rock?")

    assert told(ran) == []
    assert {hit["scorer"] for hit in parsed(ran)["hits"]} <= {"reranked", "lexical"}


# -- show --------------------------------------------------------------------------------------------------------------


def test_a_cited_place_is_shown_between_its_neighbours(on_weblog: Dateline, bodies: dict[str, str]) -> None:
    (article,) = (key for key, body in bodies.items() if "1931" in body)
    start = bodies[article].index("The dam was built")
    end = bodies[article].index("Mayor") - 1

    ran = on_weblog("show", f"{article}:{start}-{end}")

    assert ran.code == 0
    assert ran.out.startswith(f"{DAM}\nAP · TARROW · 5 March 2015\n\n")
    assert ">>> The dam was built in 1931 from local granite. <<<\nMayor" in ran.out


def test_an_article_is_found_by_the_beginning_of_its_id(on_weblog: Dateline, bodies: dict[str, str]) -> None:
    article = next(iter(bodies))

    assert on_weblog("show", article[:5], "--json") == on_weblog("show", article, "--json")
    assert list(parsed(on_weblog("show", article, "--json"))) == ["schema", *ARTICLE_KEYS, "body"]


def test_what_was_changed_in_an_article_is_shown(dateline: Dateline, tmp_path: Path) -> None:
    file = tmp_path / "wire.jsonl"
    for body in ("The bridge is open. Nobody was hurt.", "The bridge is closed. Nobody was hurt."):
        file.write_text(json.dumps({"id": "bridge-1", "headline": "Bridge", "body": body}), encoding="utf-8")
        assert dateline("add", "--no-embed", file).code == 0

    ran = dateline("show", "bridge-1", "--history")

    assert ran.code == 0
    assert ran.out.endswith(" UTC\n- The bridge is open.\n+ The bridge is closed.\n")
    (change,) = parsed(dateline("show", "bridge-1", "--history", "--json"))["changes"]
    assert change["body"] == [{"removed": ["The bridge is open."], "added": ["The bridge is closed."]}]


def test_the_history_of_a_span_is_refused(on_weblog: Dateline) -> None:
    told = "--history is of a whole article; leave out :0-5; see `dateline show --help`"
    assert on_weblog("show", "some-id:0-5", "--history") == Ran(2, "", f"dateline: {told}\n")


def test_an_unknown_id_ends_with_1(on_weblog: Dateline) -> None:
    assert on_weblog("show", "nosuchid") == Ran(
        1, "", "dateline: no article has the id 'nosuchid'; `dateline list` shows the ids\n"
    )


@pytest.mark.parametrize("span", ["0-999999", "5-5", "9-3", "0-999999999"])
def test_a_span_outside_the_article_is_refused(on_weblog: Dateline, bodies: dict[str, str], span: str) -> None:
    article, body = next(iter(bodies.items()))

    ran = on_weblog("show", f"{article}:{span}")

    told = f"the article has {len(body)} characters, there is no {span}; see `dateline show --help`"
    assert ran == Ran(2, "", f"dateline: {told}\n")


def test_a_span_of_thousands_of_digits_is_no_bug(on_weblog: Dateline, bodies: dict[str, str]) -> None:
    assert on_weblog("show", f"{next(iter(bodies))}:0-{'9' * 5000}").code == 1


# -- list, remove, status, check ---------------------------------------------------------------------------------------


def test_articles_are_listed_one_a_line_oldest_first(dateline: Dateline, tmp_path: Path) -> None:
    days = ["2015-03-07", "2014-12-31", None, "2015-03-06T08:00:00+02:00"]
    lines = [{"id": f"article-{i}", "body": f"Ferry {i} sank.", "published": day} for i, day in enumerate(days)]
    (tmp_path / "dump.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    dateline("add", "--no-embed", "--outlet", "Harbour Courier", tmp_path / "dump.jsonl")

    listed = dateline("list")
    found = parsed(dateline("list", "--json"))["articles"]

    assert listed.out.splitlines() == [
        "article-1  2014-12-31  Harbour Courier  Ferry 1 sank.",
        "article-3  2015-03-06  Harbour Courier  Ferry 3 sank.",
        "article-0  2015-03-07  Harbour Courier  Ferry 0 sank.",
        "article-2  —           Harbour Courier  Ferry 2 sank.",
    ]
    assert [a["published"] for a in found] == ["2014-12-31", "2015-03-06T08:00:00+02:00", "2015-03-07", None]


def test_nothing_to_list_ends_with_1(on_weblog: Dateline) -> None:
    assert on_weblog("list", "--since", "2016") == Ran(1, "", "no article\n")
    assert parsed(on_weblog("list", "--since", "2016", "--json")) == {"schema": "dateline.articles/1", "articles": []}


@pytest.fixture
def two(dateline: Dateline, tmp_path: Path) -> list[str]:
    """Put two articles into the default archive, not embedded, and give their ids."""
    lines = [
        {"id": "ferry", "headline": "Ferry sinks", "body": "The ferry sank off Skelby.", "date": "2017-06-07"},
        {"id": "pier", "headline": "New pier", "body": "Skelby gets a new pier.", "date": "2017-06-09"},
    ]
    (tmp_path / "two.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert dateline("add", "--no-embed", tmp_path / "two.jsonl").code == 0
    return ["ferry", "pier"]


def test_a_removed_article_is_gone(dateline: Dateline, two: list[str]) -> None:
    removed = dateline("remove", two[0])

    assert removed == Ran(0, "1 removed\n", "")
    assert dateline("show", two[0]).code == 1
    assert [hit["article"]["id"] for hit in parsed(dateline("search", "Skelby", "--json"))["hits"]] == ["pier"]


@pytest.mark.usefixtures("two")
def test_articles_can_be_removed_by_filter_where_nobody_can_be_asked(dateline_process: Dateline) -> None:
    asked = dateline_process("remove", "--until", "2017-06-08")
    told = dateline_process("remove", "--until", "2017-06-08", "--yes")
    again = dateline_process("remove", "--until", "2017-06-08", "--yes")

    assert asked == Ran(2, "", "dateline: 1 articles would be removed; say --yes; see `dateline remove --help`\n")
    assert told == Ran(0, "1 removed\n", "")
    assert again == Ran(1, "0 removed\n", "")


@pytest.mark.parametrize("arguments", [(), ("ferry", "--since", "2017")])
@pytest.mark.usefixtures("two")
def test_remove_wants_ids_or_filters(dateline: Dateline, arguments: tuple[str, ...]) -> None:
    told = "name articles by their ids, or by --since, --until, --outlet, --about; see `dateline remove --help`"

    assert dateline("remove", *arguments) == Ran(2, "", f"dateline: {told}\n")


@pytest.mark.usefixtures("two")
def test_removing_an_unknown_article_removes_none(dateline: Dateline) -> None:
    assert dateline("remove", "ferry", "nosuchid").code == 1
    assert len(parsed(dateline("list", "--json"))["articles"]) == 2


def test_the_status_in_json_has_every_key(on_weblog: Dateline, weblog_archive: Path) -> None:
    ran = on_weblog("status", "--json")

    state = parsed(ran)
    assert state.pop("bytes") > 0
    assert state == {
        "schema": "dateline.status/1",
        "archive": str(weblog_archive),
        "articles": 2,
        "passages": 2,
        "embedded": 2,
        "revisions": 0,
        "undated": 0,
        "first": "2015-03-05",
        "last": "2015-03-05",
        "outlets": [{"outlet": None, "articles": 1}, {"outlet": "AP", "articles": 1}],
        "embedder": "bge-small-en-v1.5-int8",
        "generation": "g000001",
        "indexed": 2,
    }


def test_the_status_for_people_says_how_far_embedding_is(
    dateline: Dateline, on_weblog: Dateline, two: list[str]
) -> None:
    assert "passages   2, all embedded\n" in on_weblog("status").out
    assert "passages   2, 0 (0 %) embedded\n" in dateline("status").out
    assert len(two) == 2


@pytest.mark.usefixtures("two")
def test_a_whole_archive_has_no_problem(dateline: Dateline) -> None:
    told = "no problem found in the structure of 2 articles, 2 passages, 0 vectors; --full reads every byte\n"

    assert dateline("check") == Ran(0, told, "")
    assert dateline("check", "--full") == Ran(0, "no problem found in 2 articles, 2 passages, 0 vectors\n", "")


def test_models_are_listed_with_where_they_are(dateline: Dateline, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[models.big]\nbase_url = 'https://api.example/v1'\napi_key_env = 'BIG_KEY'\n", encoding="utf-8")

    text, json_ = dateline("--config", file, "models"), dateline("--config", file, "models", "--json")

    models = {model["name"]: model for model in parsed(json_)["models"]}
    assert (text.code, json_.code, parsed(json_)["default"]) == (0, 0, "extractive")
    assert models["extractive"]["status"] == "ready"
    assert (models["big"]["where"], models["big"]["status"]) == ("https://api.example/v1", "no key")
    assert [line.split()[0] for line in text.out.splitlines()][:2] == ["extractive", "big"]
