"""The sample articles as files: complete, dated, and holding the answers that are expected of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from store.records import day_of
from tests.command_line import Ran, child_environment, dateline_command

AGENCY_OUTLET = "Meridian Wire"
AGENCY_STORY = "2020-01-05-parliament-vote-meridian-wire"
REPRINT = "2020-01-05-parliament-vote-northgate-courier"
SHORTENED_REPRINT = "2020-01-05-parliament-vote-delta-standardbearer"

# Question, stem of the file that answers it, words of the sentence that does.
SAMPLE_QUESTIONS = (
    (
        "When was the K-1 base near Kirkuk attacked?",
        "2019-12-27-rockets-kirkuk-harbour-line",
        "at about 7.20pm local time",
    ),
    (
        "How many Kataib Hezbollah sites did American warplanes bomb?",
        "2019-12-29-strikes-qaim-lantern-post",
        "bombed five sites",
    ),
    (
        "Where was the U.S. ambassador during the attack on the embassy in Baghdad?",
        "2019-12-31-embassy-baghdad-delta-standardbearer",
        "Matthew Tueller, was away from Baghdad",
    ),
    (
        "How many paratroopers did the United States send to Kuwait?",
        "2020-01-01-paratroopers-kuwait-meridian-wire",
        "About 750 soldiers",
    ),
    (
        "What kind of drone killed Qasem Soleimani?",
        "2020-01-03-soleimani-drone-meridian-wire",
        "American MQ-9 Reaper drone",
    ),
    (
        "Who took command of the Quds Force after Soleimani?",
        "2020-01-03-successor-ghaani-lantern-post",
        "appointed Esmail Ghaani",
    ),
    (
        "How many members of the Iraqi parliament took part in the vote on foreign troops?",
        AGENCY_STORY,
        "About 170 members of the 328-seat chamber",
    ),
    (
        "When did Iran tell Iraq that the missile attack was about to begin?",
        "2020-01-08-no-casualties-meridian-wire",
        "told Iraq shortly after midnight",
    ),
    (
        "How many Canadians were aboard the airliner that crashed near Tehran?",
        "2020-01-08-airliner-toll-lantern-post",
        "63 Canadians, 11 Ukrainians",
    ),
    (
        "Which air defence system did the missiles that hit the airliner come from?",
        "2020-01-09-missile-airliner-northgate-courier",
        "Russian-made Tor air defence system",
    ),
    (
        "How long did the Iranian missile operator have to decide?",
        "2020-01-11-iran-admits-meridian-wire",
        "10 seconds to decide",
    ),
    (
        "Which ambassador was held for a short time in Tehran?",
        "2020-01-11-protests-tehran-quillfield-examiner",
        "Rob Macaire, was held",
    ),
)

# Question, words that an answer could not do without. The first four ask about events that the articles report.
UNANSWERABLE_QUESTIONS = (
    ("What was the name of the American contractor killed at the K-1 base?", "Hamid"),
    ("How many American soldiers suffered concussions in the missile attack on Al Asad?", "concussion"),
    ("Which airline did Soleimani fly with from Syria to Baghdad?", "Cham Wings"),
    ("How much compensation did Iran pay to the families of the airliner's passengers?", "paid"),
    ("Who won the presidential election in Taiwan?", "Taiwan"),
    ("How many people drowned in the floods in Jakarta on New Year's Day?", "Jakarta"),
)


@dataclass(frozen=True)
class SampleArticle:
    front_matter: dict[str, Any]
    body: str

    @property
    def paragraphs(self) -> list[str]:
        return self.body.split("\n\n")


def read_samples() -> dict[str, SampleArticle]:
    """Return the sample articles by file stem, in order of file name."""
    samples = {}
    for path in sorted(files("assistant").joinpath("samples").iterdir(), key=lambda path: path.name):
        before, front_matter, body = path.read_text(encoding="utf-8").split("---\n", 2)
        assert (before, path.name[-3:]) == ("", ".md")
        samples[path.name.removesuffix(".md")] = SampleArticle(yaml.safe_load(front_matter), body.strip("\n"))
    return samples


SAMPLES = read_samples()
each_sample = pytest.mark.parametrize("stem", SAMPLES)


def test_there_are_enough_articles_and_outlets() -> None:
    outlets = {sample.front_matter["outlet"] for sample in SAMPLES.values()}

    assert len(SAMPLES) >= 16
    assert len(outlets) >= 4


@each_sample
def test_front_matter_is_complete(stem: str) -> None:
    front_matter = SAMPLES[stem].front_matter

    assert list(front_matter) == ["headline", "outlet", "byline", "published", "url", "section"]
    texts = [value for key, value in front_matter.items() if key != "published"]
    assert all(isinstance(text, str) and text == text.strip() != "" for text in texts)


@each_sample
def test_the_date_lies_in_the_period_and_agrees_with_file_name_and_url(stem: str) -> None:
    front_matter = SAMPLES[stem].front_matter
    day = day_of(front_matter["published"])

    assert day is not None
    assert date(2019, 12, 27) <= day <= date(2020, 1, 11)
    assert stem.startswith(f"{day:%Y-%m-%d}-")
    assert urlsplit(front_matter["url"]).path.startswith(f"/{day:%Y/%m/%d}/")


@each_sample
def test_a_moment_of_publication_names_its_offset(stem: str) -> None:
    published = SAMPLES[stem].front_matter["published"]

    assert not isinstance(published, datetime) or published.tzinfo is not None


def test_each_outlet_has_one_address_on_the_reserved_domain() -> None:
    addresses = {(s.front_matter["outlet"], urlsplit(s.front_matter["url"]).netloc) for s in SAMPLES.values()}

    assert len(addresses) == len({outlet for outlet, _ in addresses}) == len({host for _, host in addresses})
    assert all(host.endswith(".example") for _, host in addresses)


def test_no_url_is_used_twice() -> None:
    urls = [sample.front_matter["url"] for sample in SAMPLES.values()]

    assert len(urls) == len(set(urls))


@each_sample
def test_a_body_has_100_to_300_words_and_one_paragraph_a_line(stem: str) -> None:
    sample = SAMPLES[stem]

    assert 100 <= len(sample.body.split()) <= 300
    assert all(paragraph == paragraph.strip() != "" for paragraph in sample.paragraphs)
    assert not any("\n" in paragraph or paragraph.startswith("#") for paragraph in sample.paragraphs)


def test_one_outlet_prints_the_agency_story_word_for_word_under_its_headline() -> None:
    agency, reprint = SAMPLES[AGENCY_STORY], SAMPLES[REPRINT]

    assert agency.body.startswith("BAGHDAD (Meridian Wire) — ")
    assert reprint.body == agency.body
    assert reprint.front_matter["headline"] == agency.front_matter["headline"]
    assert reprint.front_matter["outlet"] != agency.front_matter["outlet"] == AGENCY_OUTLET


def test_another_outlet_cuts_its_last_paragraph_and_changes_the_headline() -> None:
    agency, shortened = SAMPLES[AGENCY_STORY], SAMPLES[SHORTENED_REPRINT]

    assert shortened.paragraphs == agency.paragraphs[:-1]
    assert shortened.front_matter["headline"] != agency.front_matter["headline"]


def test_the_agency_story_is_the_earliest_of_its_prints() -> None:
    prints = [SAMPLES[stem].front_matter["published"] for stem in (AGENCY_STORY, REPRINT, SHORTENED_REPRINT)]

    assert prints == sorted(prints)


@pytest.mark.parametrize(("question", "stem", "words"), SAMPLE_QUESTIONS)
def test_the_answer_stands_in_the_article_named_and_in_no_other(question: str, stem: str, words: str) -> None:
    holders = {name for name, sample in SAMPLES.items() if words in sample.body}

    prints = {AGENCY_STORY, REPRINT, SHORTENED_REPRINT}
    assert holders == (prints if stem in prints else {stem}), question


@pytest.mark.parametrize(("question", "words"), UNANSWERABLE_QUESTIONS)
def test_no_article_holds_what_an_unanswerable_question_asks_for(question: str, words: str) -> None:
    holders = [stem for stem, sample in SAMPLES.items() if words.lower() in sample.body.lower()]

    assert holders == [], question


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run ``dateline demo`` as a newcomer would, and give the archive it made."""
    home = tmp_path_factory.mktemp("demo")
    variables = {"HOME": str(home), "DATELINE_HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    done = subprocess.run(
        dateline_command("demo"),
        capture_output=True,
        text=True,
        env=child_environment(**variables),
        timeout=120,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("Question: What kind of drone killed Qasem Soleimani?\n\n")
    assert "American MQ-9 Reaper drone" in done.stdout
    assert done.stderr == f"22 sample articles by invented outlets, archive '{home}/archives/demo'\n"
    return home / "archives/demo"


@pytest.mark.parametrize(("question", "words"), [(question, words) for question, _, words in SAMPLE_QUESTIONS])
def test_the_demo_archive_answers_with_the_right_sentence(
    dateline: Callable[..., Ran], demo: Path, question: str, words: str
) -> None:
    ran = dateline("-a", demo, "ask", "--json", question)

    answer = json.loads(ran.out)
    assert ran.code == 0, "it abstained"
    assert [citation for citation in answer["citations"] if words in citation["quote"]], answer["answer"]
    for citation in answer["citations"]:
        body = json.loads(dateline("-a", demo, "show", "--json", citation["article_id"]).out)["body"]
        assert body[citation["start"] : citation["end"]] == citation["quote"]


# The words of these questions all stand close together in articles that do not answer them; telling them apart takes
# more than words. Each must begin to abstain one day.
NEAR_MISSES = (UNANSWERABLE_QUESTIONS[0], UNANSWERABLE_QUESTIONS[2])


@pytest.mark.parametrize(
    ("question", "words"),
    [
        pytest.param(
            *asked, marks=[pytest.mark.xfail(reason="words alone do not tell")] if asked in NEAR_MISSES else []
        )
        for asked in UNANSWERABLE_QUESTIONS
    ],
)
def test_the_demo_archive_says_that_it_does_not_know(
    dateline: Callable[..., Ran], demo: Path, question: str, words: str
) -> None:
    ran = dateline("-a", demo, "ask", "--json", question)

    answer = json.loads(ran.out)
    assert (ran.code, answer["answered"], answer["citations"]) == (1, False, []), (words, answer["answer"])


def test_the_demo_archive_shows_the_agency_s_print_and_names_the_others(
    dateline: Callable[..., Ran], demo: Path
) -> None:
    (hit,) = json.loads(dateline("-a", demo, "search", "--json", "-k", "1", "Iraqi parliament vote").out)["hits"]

    others = [SAMPLES[stem].front_matter["outlet"] for stem in (REPRINT, SHORTENED_REPRINT)]
    assert hit["article"]["outlet"] == AGENCY_OUTLET
    assert [copy["outlet"] for copy in hit["copies"]] == others


@pytest.mark.parametrize("stem", [REPRINT, SHORTENED_REPRINT])
def test_the_demo_archive_shows_the_print_of_the_outlet_that_is_asked_for(
    dateline: Callable[..., Ran], demo: Path, stem: str
) -> None:
    outlet = SAMPLES[stem].front_matter["outlet"]
    question = f"According to the {outlet}, how many members of the Iraqi parliament took part in the vote?"

    hits = json.loads(dateline("-a", demo, "search", "--json", question).out)["hits"]

    assert hits[0]["article"]["outlet"] == outlet
    assert "About 170 members of the 328-seat chamber" in hits[0]["text"]
    assert AGENCY_OUTLET in {copy["outlet"] for copy in hits[0]["copies"]}


def test_the_demo_archive_cites_the_print_of_the_outlet_that_is_asked_for(
    dateline: Callable[..., Ran], demo: Path
) -> None:
    question = "According to the Northgate Courier, how many members of the Iraqi parliament took part in the vote?"

    answer = json.loads(dateline("-a", demo, "ask", "--json", question).out)

    assert {citation["outlet"] for citation in answer["citations"]} == {"Northgate Courier"}
    assert [c for c in answer["citations"] if "About 170 members of the 328-seat chamber" in c["quote"]]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (
            "How many paratroopers were sent to Kuwait, and how many Kataib Hezbollah sites did warplanes bomb?",
            ("About 750 soldiers", "bombed five sites"),
        ),
        (
            "Who admitted that the airliner was shot down? And which ambassador was held for a short time in Tehran?",
            ("Iran admitted Saturday", "Rob Macaire, was held"),
        ),
    ],
)
def test_the_demo_archive_answers_both_parts_of_a_question(
    dateline: Callable[..., Ran], demo: Path, question: str, words: tuple[str, ...]
) -> None:
    answer = json.loads(dateline("-a", demo, "ask", "--json", question).out)

    assert len(answer["plan"]["parts"]) == 2
    assert [said for said in words if said in answer["answer"]] == list(words)


@pytest.mark.parametrize(
    ("question", "since", "until", "words"),
    [
        (
            "Which ambassador was held for a short time in Tehran yesterday?",
            "2020-01-10",
            "2020-01-12",
            "Rob Macaire, was held",
        ),
        ("What did Iran admit since Friday?", "2020-01-10", "2020-01-12", "Iran admitted Saturday"),
        (
            "How many Kataib Hezbollah sites were bombed in December 2019?",
            "2019-12-01",
            "2020-01-12",
            "bombed five sites",
        ),
    ],
)
def test_the_demo_archive_is_asked_for_days_as_people_say_them(
    dateline: Callable[..., Ran], demo: Path, question: str, since: str, until: str, words: str
) -> None:
    answer = json.loads(dateline("-a", demo, "ask", "--json", "--as-of", "2020-01-12", question).out)

    assert (answer["window"]["since"], answer["window"]["until"]) == (since, until)
    assert answer["window"]["inferred"]
    assert words in answer["answer"]
