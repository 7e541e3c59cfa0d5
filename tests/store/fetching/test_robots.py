"""What a robots.txt allows."""

from __future__ import annotations

import threading

import pytest

from store.fetching.deadlines import Deadline
from store.fetching.failures import Failed, NotPublic, Overdue, Unreachable
from store.fetching.robots import Robots, Rules, read_rules
from store.fetching.urls import Url, read_url

REFUSED = "the site's robots.txt does not allow it"
PAGE = read_url("https://harbour.example/a/b")


def deadline() -> Deadline:
    return Deadline(60, threading.Event())


@pytest.mark.parametrize(
    ("robots", "refused"),
    [
        ("", None),
        ("User-agent: *\nDisallow:", None),
        ("User-agent: *\nDisallow: /a", REFUSED),
        ("User-agent: *\nDisallow: /b", None),
        ("User-agent: *\nDisallow: /*b$", REFUSED),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", None),
        ("User-agent: other\nDisallow: /", None),
        ("User-agent: other\nUser-agent: *\nDisallow: /", REFUSED),
        ("User-agent: Dateline # us\nDisallow: /", REFUSED),
        ("User-agent: dateline\nAllow: /\n\nUser-agent: *\nDisallow: /", None),
        ("User-agent: *\nAllow: /\n\nUser-agent: dateline\nDisallow: /", REFUSED),
        ("User-agent: date\nDisallow: /", None),
        ("User-agent: dateline-image\nDisallow: /", None),
        ("\ufeffuser agent *\ndisallow /a", REFUSED),
        ("<html>Not found</html>", None),
        ("\x00\ud7ff\n:\n#\nUser-agent\nDisallow", None),
    ],
)
def test_the_group_that_names_us_counts_and_the_one_for_all_without_it(robots: str, refused: str | None) -> None:
    assert read_rules(robots.encode()).refuse(str(PAGE)) == refused


def test_bytes_that_are_no_text_are_no_rules() -> None:
    assert read_rules(b"\xff\xfe\x00User-agent: *\nDisallow: /").refuse(str(PAGE)) is None


@pytest.mark.parametrize(
    ("wanted", "delay_s"), [("0.5", 0.5), ("3", 3), ("86400", 10), ("-1", 0), ("nan", 0), ("soon", 0)]
)
def test_a_pause_that_the_site_wants_is_kept_up_to_a_limit(wanted: str, delay_s: float) -> None:
    assert read_rules(f"User-agent: *\nCrawl-delay: {wanted}".encode()).delay_s == delay_s


def test_thousands_of_robots_above_thousands_of_rules_cost_little() -> None:
    names = "".join(f"{form}{i}*\n" for i in range(6_000) for form in ("User-agent: a", "user  agent b"))
    rules = "".join(f"Disallow: /{i}\n" for i in range(20_000))

    parsed = read_rules(f"{names}User-agent: *\n{rules}".encode()).parsed

    assert parsed is not None
    assert set(parsed._user_agents) == {"*", "other"}


def test_a_server_is_asked_once_for_its_rules() -> None:
    asked: list[Url] = []

    def fetch(url: Url, _: Deadline) -> bytes:
        asked.append(url)
        return b"User-agent: *\nDisallow: /a"

    robots = Robots(fetch)
    refusals = [robots.rules_for(url, deadline()).refuse(str(url)) for url in (PAGE, PAGE.at("/c"))]
    robots.rules_for(read_url("http://harbour.example/"), deadline())

    assert refusals == [REFUSED, None]
    assert [str(url) for url in asked] == ["https://harbour.example/robots.txt", "http://harbour.example/robots.txt"]


@pytest.mark.parametrize(
    ("failed", "rules"),
    [
        (Failed("404", status=404), Rules()),
        (Failed("403", status=403), Rules()),
        (Failed("500 X", status=500), Rules(refusal="its robots.txt cannot be fetched: 500 X", may_pass=True)),
        (Failed("it breaks off"), Rules(refusal="its robots.txt cannot be fetched: it breaks off")),
        (NotPublic("it is inside"), Rules(refusal="it is inside")),
        (Unreachable("there is no host 'a'"), Rules(refusal="there is no host 'a'", may_pass=True)),
    ],
)
def test_without_a_robots_txt_all_is_allowed_and_without_an_answer_nothing(failed: Failed, rules: Rules) -> None:
    def fetch(url: Url, _: Deadline) -> bytes:  # noqa: ARG001
        raise failed

    assert Robots(fetch).rules_for(PAGE, deadline()) == rules


def test_nothing_is_learnt_from_a_deadline_that_was_over() -> None:
    answers: list[bytes | Failed] = [Overdue("no time"), b""]

    def fetch(url: Url, _: Deadline) -> bytes:  # noqa: ARG001
        answer = answers.pop(0)
        if isinstance(answer, Failed):
            raise answer
        return answer

    robots = Robots(fetch)
    with pytest.raises(Overdue):
        robots.rules_for(PAGE, deadline())

    assert robots.rules_for(PAGE, deadline()).refuse(str(PAGE)) is None
