"""Mailboxes in one file (.mbox) → their messages, one at a time, for the parsers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from store.parsing import Job
from store.readers.fields import Origin
from store.records import Skipped

LARGEST_MESSAGE_BYTES = 50_000_000

_LINE_BYTES = 1_000_000
# 'From jane@post.example Thu Mar  5 10:00:00 2015', whose year no sentence at the start of a paragraph has there.
_ENVELOPE = re.compile(rb"From \S.{0,200}\d\d:\d\d.{0,40}\b(?:19|20)\d\d\b.{0,20}\r?\n")
_QUOTED = re.compile(rb">+From ")


def split_mbox(stream: io.BufferedReader, origin: Origin) -> Iterator[Job | Skipped]:
    """Yield a job for each message with the line it begins at, or why it is left out. One is in memory at a time."""
    message = io.BytesIO()
    start, number = 1, 0
    is_after_blank, is_line_start = True, True
    while line := stream.readline(_LINE_BYTES):
        number += is_line_start
        if is_line_start and is_after_blank and _ENVELOPE.match(line):
            yield from _message(message, origin, start)
            message, start = io.BytesIO(), number
        elif message.tell() <= LARGEST_MESSAGE_BYTES:
            message.write(line[1:] if is_line_start and _QUOTED.match(line) else line)
        is_after_blank = is_line_start and not line.strip()
        is_line_start = line.endswith(b"\n")
    yield from _message(message, origin, start)


def _message(message: io.BytesIO, origin: Origin, line: int) -> Iterator[Job | Skipped]:
    content = message.getvalue()
    if len(content) > LARGEST_MESSAGE_BYTES:
        yield Skipped(origin.source, line, f"the message is larger than {LARGEST_MESSAGE_BYTES // 1_000_000} MB")
    elif content.strip():
        yield Job("mail", content, origin, line)
