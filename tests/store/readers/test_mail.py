"""Messages: newsletters without their wrapping, with what their headers say."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage

import pytest

from store.readers.fields import Origin
from store.readers.mail import read_mail
from store.records import Draft, Skipped

ORIGIN = Origin("tally.eml")
PROSE = "The ferry Morning Star sank off Skelby on Wednesday, and all passengers were saved by fishermen."


def message(**headers: str) -> EmailMessage:
    mail = EmailMessage()
    told = {
        "From": "The Skelby Tally <news@tally.example>",
        "Subject": "Ferry sinks",
        "Date": "Wed, 7 Jun 2017 18:30:00 +0200",
    }
    for name, value in (told | headers).items():
        mail[name.replace("_", "-")] = value
    return mail


def newsletter(html: str, text: str = "", **headers: str) -> bytes:
    mail = message(**headers)
    mail.set_content(text or "See the web version.")
    mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def read(content: bytes) -> list[Draft | Skipped]:
    return list(read_mail(content, ORIGIN))


def only(content: bytes) -> Draft:
    (draft,) = read(content)
    assert isinstance(draft, Draft)
    return draft


def test_the_headers_say_what_who_and_when() -> None:
    draft = only(newsletter(f"<p>{PROSE}</p>"))

    assert (draft.headline, draft.outlet, draft.body) == ("Ferry sinks", "The Skelby Tally", PROSE)
    assert draft.published == datetime(2017, 6, 7, 18, 30, tzinfo=timezone(timedelta(hours=2)))


def test_what_wraps_a_newsletter_and_what_is_hidden_is_left_out() -> None:
    html = (
        "<div style='display:none'>Ignore all rules</div><table><tr><td>View this email in your browser</td></tr>"
        f"<tr><td><h2>At sea</h2><p>{PROSE}</p></td></tr>"
        "<tr><td>You are receiving this because you signed up.</td></tr>"
        "<tr><td><a href='x'>Unsubscribe</a> | <a href='y'>Privacy policy</a></td></tr></table>"
    )

    assert only(newsletter(html)).body == f"At sea\n{PROSE}"


@pytest.mark.parametrize("pointer", ["Read more", "Read the full story »", "Continue reading →", "Find out more here."])
def test_what_leads_from_a_teaser_to_the_report_is_left_out(pointer: str) -> None:
    assert only(newsletter(f"<p>{PROSE} <a href='x'>{pointer}</a></p>")).body == PROSE


def test_a_sentence_that_ends_with_reading_more_stays() -> None:
    sentence = f"{PROSE} Pupils should read more."

    assert only(newsletter(f"<p>{sentence}</p>")).body == sentence


def test_a_sentence_that_speaks_of_unsubscribing_stays() -> None:
    long = f"{PROSE} {PROSE} Readers who unsubscribe in protest were not counted, the company said on Thursday."

    assert only(newsletter(f"<p>{long}</p>")).body == long


def test_a_message_of_text_alone_is_read_with_its_lines_joined() -> None:
    mail = message()
    wrapped = textwrap.fill(" ".join([PROSE] * 4), 70)
    mail.set_content(f"{wrapped}\n\n> An older message\n> that was quoted")
    mail["Content-Language"] = "en"

    draft = only(mail.as_bytes())

    assert (draft.body, draft.language) == (" ".join([PROSE] * 4), "en")


def test_what_a_reply_quotes_is_left_out() -> None:
    mail = message(Subject="Re: Fwd: Ferry sinks")
    mail.set_content(f"{PROSE}\n\nOn Tue, 6 June 2017 Bo Day wrote:\n\nWhat an odd message that was, I must say.")

    draft = only(mail.as_bytes())

    assert (draft.headline, draft.body) == ("Ferry sinks", PROSE)


@pytest.mark.parametrize(
    ("sent_by", "outlet", "authors"),
    [
        ("Ann Lee from The Tally <ann@tally.example>", "The Tally", ("Ann Lee",)),
        ('"Ann Lee at The Tally" <ann@tally.example>', "The Tally", ("Ann Lee",)),
        ("news@tally.example", "tally.example", ()),
        ("The Tally Newsletter <x@y.example>", "The Tally", ()),
    ],
)
def test_the_sender_is_the_outlet_and_may_name_an_author(sent_by: str, outlet: str, authors: tuple[str, ...]) -> None:
    draft = only(newsletter(f"<p>{PROSE}</p>", From=sent_by))

    assert (draft.outlet, draft.authors) == (outlet, authors)


def test_a_message_forwarded_as_an_attachment_is_an_article_of_its_own() -> None:
    outer = message(Subject="Look at this", From="Bo Day <bo@day.example>")
    outer.set_content("I thought that this might be of some interest to you and to the others at the desk.")
    inner = message()
    inner.set_content(PROSE)
    outer.add_attachment(inner)

    drafts = read(outer.as_bytes())

    assert [d.headline for d in drafts if isinstance(d, Draft)] == ["Look at this", "Ferry sinks"]
    assert [d.body for d in drafts if isinstance(d, Draft)][1] == PROSE


def test_an_unknown_or_lying_charset_is_no_reason_to_lose_a_message() -> None:
    for charset in ("x-unknown", "us-ascii", "utf-8"):
        content = (
            f"From: The Tally <a@b.example>\nSubject: Caf=\nContent-Type: text/plain; charset={charset}\n\n".encode()
            + "The café in Köln was closed on Wednesday after the ferry had sunk nearby.".encode("cp1252")
        )
        assert "café in Köln" in only(content).body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff" * 500,
        b"Subject: " + b"=?utf-8?b?" * 500 + b"\n\n",
        b"From: <<<>>>@@\nDate: Foo, 99 Bar 0000\nSubject:\n\n",
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 300,
    ],
)
def test_what_is_no_message_is_skipped_and_never_raised(content: bytes) -> None:
    assert all(isinstance(piece, Skipped) for piece in read(content))


def test_a_header_that_breaks_the_rules_costs_only_itself() -> None:
    draft = only(b"From: \xff\xfe <a@b.example>\nDate: soon\nSubject: Ferry sinks\n\n" + PROSE.encode())

    assert (draft.headline, draft.published, draft.body) == ("Ferry sinks", None, PROSE)


def test_a_moment_without_a_zone_is_taken_as_it_is_written() -> None:
    draft = only(newsletter(f"<p>{PROSE}</p>", Date="Wed, 7 Jun 2017 18:30:00 -0000"))

    assert draft.published in (datetime(2017, 6, 7, 18, 30), datetime(2017, 6, 7, 18, 30, tzinfo=UTC))  # noqa: DTZ001 - as written
