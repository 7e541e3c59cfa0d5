import io

from store.parsing import Job
from store.readers.fields import Origin
from store.readers.mbox import LARGEST_MESSAGE_BYTES, split_mbox
from store.records import Skipped

ORIGIN = Origin("news.mbox", outlet="Post")


def split(content: bytes) -> list[tuple[int | None, bytes] | Skipped]:
    pieces = split_mbox(io.BufferedReader(io.BytesIO(content)), ORIGIN)
    return [(piece.line, piece.content) if isinstance(piece, Job) else piece for piece in pieces]


def test_messages_are_split_where_an_envelope_stands_behind_a_blank_line() -> None:
    mailbox = (
        b"From a@post.example Thu Mar  5 10:00:00 2015\n"
        b"Subject: One\n"
        b"\n"
        b"From here on it is text.\n"
        b">From the first, and\n"
        b">>From the second.\n"
        b"\n"
        b"From b@post.example Fri Mar  6 10:00:00 2015 +0100\r\n"
        b"Subject: Two\r\n"
        b"\r\n"
        b"From b@post.example Fri Mar  6 10:00:00 2015 is no new message here.\r\n"
    )

    assert split(mailbox) == [
        (1, b"Subject: One\n\nFrom here on it is text.\nFrom the first, and\n>From the second.\n\n"),
        (8, b"Subject: Two\r\n\r\nFrom b@post.example Fri Mar  6 10:00:00 2015 is no new message here.\r\n"),
    ]


def test_jobs_carry_the_origin_of_the_mailbox() -> None:
    [job] = split_mbox(io.BufferedReader(io.BytesIO(b"Subject: One\n\nText.\n")), ORIGIN)

    assert job == Job("mail", b"Subject: One\n\nText.\n", ORIGIN, 1)


def test_a_message_that_is_too_large_is_left_out_alone() -> None:
    envelope = b"From a@post.example Thu Mar  5 10:00:00 2015\n"
    large = b"x" * (LARGEST_MESSAGE_BYTES + 10)

    assert split(envelope + b"One.\n\n" + envelope + large + b"\n\n" + envelope + b"Three.\n") == [
        (1, b"One.\n\n"),
        Skipped("news.mbox", 4, "the message is larger than 50 MB"),
        (7, b"Three.\n"),
    ]


def test_an_empty_mailbox_holds_nothing() -> None:
    assert split(b"\n\n") == []
