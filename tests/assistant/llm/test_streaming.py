"""Servers of every kind, well behaved and otherwise: what holds whatever they speak."""

from __future__ import annotations

import logging
import socket
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from assistant.config import Timeouts
from assistant.errors import (
    LLMAuthenticationError,
    LLMContextExceeded,
    LLMError,
    LLMFailed,
    LLMRateLimited,
    LLMStopped,
    LLMTimeout,
    LLMUnreachable,
)
from assistant.llm.openai import ChatCompletions
from assistant.llm.stopping import Stop
from assistant.llm.streaming import MAX_TRIES
from assistant.llm.wire import Event
from tests.assistant.llm.wires import ANTHROPIC, GEMINI, KEY, OLLAMA, OPENAI, PROMPT, Asked, Wire, ask
from tests.assistant.running import LONGEST_S, Running
from tests.scripted_server import STALL, Reply, ScriptedServer, head

Serve = Callable[..., ScriptedServer]

# A deadline is short where it is to pass, and long where it is not: a busy machine may take seconds for anything.
NO_FIRST_TOKEN = Timeouts(connect_s=60, first_token_s=0.2, between_tokens_s=60)
NO_NEXT_TOKEN = Timeouts(connect_s=60, first_token_s=60, between_tokens_s=0.2)


def test_an_answer_streams_and_then_says_what_it_cost(wire: Wire, serve: Serve) -> None:
    server = serve(wire.good())

    assert ask(wire, server.url) == Asked(["It ", "was. [1]", wire.usage] if wire.usage else ["It ", "was. [1]"])


def test_an_answer_is_the_same_however_its_bytes_are_cut(wire: Wire, serve: Serve) -> None:
    stream = b"".join(piece for piece in wire.good()[1:] if isinstance(piece, bytes))
    cuts = list(range(5, len(stream), 13))
    pieces = [stream[start:end] for start, end in pairwise([0, *cuts, len(stream)])]
    one_by_one = [bytes([byte]) for byte in stream]
    server = serve([wire.head(), *pieces], [wire.head(), *one_by_one])

    assert [ask(wire, server.url).pieces for _ in range(2)] == [["It ", "was. [1]", wire.usage]] * 2


def test_an_answer_may_come_compressed(wire: Wire, serve: Serve) -> None:
    stream = b"".join(piece for piece in wire.good()[1:] if isinstance(piece, bytes))
    server = serve([wire.head(content_encoding="gzip"), zlib.compress(stream, wbits=31)])

    assert ask(wire, server.url).text == "It was. [1]"


def test_a_connection_that_stays_open_after_the_end_holds_nobody(wire: Wire, serve: Serve) -> None:
    server = serve([*wire.good(), STALL])

    assert ask(wire, server.url) == Asked(["It ", "was. [1]", wire.usage] if wire.usage else [])


def test_what_a_terminal_would_obey_is_taken_out(wire: Wire, serve: Serve) -> None:
    server = serve([wire.head(), wire.text("It \x1b\x9d"), wire.text("was.\u202e [1]"), *wire.end])

    assert ask(wire, server.url).text == "It was. [1]"


def test_what_a_model_thinks_is_no_part_of_its_answer(wire: Wire, serve: Serve) -> None:
    tagged = [wire.text("<thi"), wire.text("nk>Perhaps [2]?</th"), wire.text("ink>\n\n")]
    server = serve([wire.head(), wire.thought, *tagged, *wire.good()[1:]])

    assert ask(wire, server.url).text == "It was. [1]"


def test_an_answer_with_the_end_of_a_thought_in_it_is_none(wire: Wire, serve: Serve) -> None:
    server = serve([wire.head(), wire.text("Perhaps [2]?</think>It was. [1]"), *wire.end])

    asked = ask(wire, server.url)

    assert isinstance(asked.error, LLMFailed)
    assert str(asked.error) == f"{server.url} mixes the model's thoughts into its answer"


def test_a_thought_counts_as_a_sign_of_life(wire: Wire, serve: Serve) -> None:
    server = serve([wire.head(), wire.thought, STALL])

    asked = ask(wire, server.url, timeouts=NO_NEXT_TOKEN)

    assert str(asked.error) == f"{server.url} sent nothing more for 0.2 s"


def test_the_key_goes_into_a_header_and_nowhere_else(wire: Wire, serve: Serve) -> None:
    server = serve(wire.good())

    ask(wire, server.url)

    sent, body = server.requests[0]
    assert wire.key_header in sent.lower()
    assert KEY not in sent.splitlines()[0] + body.decode()
    assert sent.lower().count(KEY) == 1


def test_a_busy_server_is_asked_again(wire: Wire, serve: Serve) -> None:
    server = serve(wire.refusal(500), wire.refusal(503), wire.refusal(529), wire.good())

    asked = ask(wire, server.url)

    assert (asked.text, asked.error) == ("It was. [1]", None)
    assert all(0 <= pause <= 2**n / 2 for n, pause in enumerate(asked.pauses))
    assert len(asked.pauses) == 3


@pytest.mark.parametrize("wire", [OPENAI, ANTHROPIC, GEMINI], ids=lambda wire: wire.name)
def test_a_server_that_says_in_its_stream_that_it_is_busy_is_asked_again(wire: Wire, serve: Serve) -> None:
    server = serve([wire.head(), wire.error_event("Overloaded", 529)], wire.good())

    assert ask(wire, server.url).text == "It was. [1]"


def test_the_wait_that_the_server_asks_for_is_kept(wire: Wire, serve: Serve) -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    server = serve(wire.refusal(429, Retry_After="7"), wire.refusal(429, Retry_After=date), wire.good())

    assert ask(wire, server.url).pauses == [7.0, 0.0]


@pytest.mark.parametrize(
    ("wait", "hint"),
    [
        ("3600", "ask again in 3600 s"),
        ("99999999999999999999", "ask again later"),
        (format_datetime(datetime(2999, 1, 1, tzinfo=UTC), usegmt=True), "ask again in "),
    ],
)
def test_a_wait_that_is_too_long_is_shown_instead(wire: Wire, serve: Serve, wait: str, hint: str) -> None:
    server = serve(wire.refusal(429, "slow down", Retry_After=wait))

    asked = ask(wire, server.url)

    assert isinstance(asked.error, LLMRateLimited)
    assert str(asked.error) == f"{server.url} answered 429: slow down"
    assert (asked.error.hint or "").startswith(hint)
    assert sum(asked.pauses) < 60


def test_after_the_last_try_the_servers_own_words_are_shown(wire: Wire, serve: Serve) -> None:
    server = serve(wire.refusal(502, "upstream is down"))

    asked = ask(wire, server.url)

    assert str(asked.error) == f"{server.url} answered 502: upstream is down"
    assert len(server.requests) == MAX_TRIES


@pytest.mark.parametrize(
    ("status", "kind", "body", "error", "message"),
    [
        (400, "text/plain", b"bad", LLMFailed, "answered 400: bad"),
        (401, "text/plain", b"bad key", LLMAuthenticationError, "answered 401: bad key"),
        (403, "application/json", b'{"message": "not yours"}', LLMAuthenticationError, "answered 403: not yours"),
        (404, "application/json", b'{"error": "no such model"}', LLMFailed, "answered 404: no such model"),
        (404, "text/html", b"<html><title>Not\nhere</title><p>x", LLMFailed, "answered 404: Not here"),
        (404, "text/html", b"<html><p>x", LLMFailed, "answered 404"),
        (413, "text/html", b"<title>Request Entity Too Large</title>", LLMContextExceeded, "answered 413: Request"),
        (422, "application/json", b'{"detail": "bad"}', LLMFailed, "answered 422: bad"),
        (422, "application/json", b'{"detail": [{"msg": "a"}, {"msg": "b"}]}', LLMFailed, "answered 422: a; b"),
        (400, "text/plain", b"\x1b[31mno\x1b[0m \x00" + b"y" * 500, LLMFailed, f"answered 400: no {'y' * 196}…"),
        (400, "text/plain", b"\xff\xfe", LLMFailed, "answered 400: "),
        (307, "text/plain", b"", LLMFailed, "answered 307: a redirect, which is not followed"),
        (200, "text/html", b"<title>Log in</title>", LLMFailed, "sent text/html, not a stream of events: Log in"),
        (200, "", b"", LLMFailed, "sent something without a type, not a stream of events"),
        (204, "text/plain", b"", LLMFailed, "answered 204"),
    ],
)
def test_what_cannot_get_better_is_said_at_once_in_one_clean_line(
    wire: Wire, serve: Serve, status: int, kind: str, body: bytes, error: type[LLMError], message: str
) -> None:
    server = serve([head(status, kind, Location="http://127.0.0.1:1/"), body])

    asked = ask(wire, server.url)

    assert type(asked.error) is error
    assert str(asked.error).startswith(f"{server.url} {message}")
    assert "\n" not in str(asked.error)
    assert (asked.pieces, asked.pauses, len(server.requests)) == ([], [], 1)


def test_a_page_of_a_proxy_in_trouble_is_a_busy_server(wire: Wire, serve: Serve) -> None:
    page = [head(502, "text/html"), b"<html><head><title>502 Bad Gateway</title></head>" + b"<p>" * 100_000]
    server = serve(page)

    asked = ask(wire, server.url)

    assert str(asked.error) == f"{server.url} answered 502: 502 Bad Gateway"
    assert len(server.requests) == MAX_TRIES


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        (lambda _: [], "the answer of {url} ended early"),
        (lambda wire: [wire.text("half")[:-9]], "the answer of {url} ended early"),
        (lambda wire: [wire.frame("<html>")], "{url} sent an event that is not a JSON object"),
        (lambda wire: [wire.frame("[1]")], "{url} sent an event that is not a JSON object"),
        (lambda wire: [wire.frame("[" * 5000)], "{url} sent an event that is not a JSON object"),
        (lambda _: [b"x" * 1_100_000], "{url} sent an event of more than 1,000,000 bytes"),
        (lambda wire: [wire.error_event("out of memory", 500)], "{url} {did}: out of memory"),
        (lambda wire: wire.too_short, "{url} stopped at the longest answer it may give"),
    ],
)
@pytest.mark.parametrize("begun", [True, False])
def test_an_answer_that_breaks_off_is_never_taken_for_whole(
    wire: Wire, serve: Serve, rest: Callable[[Wire], Reply], message: str, begun: bool
) -> None:
    server = serve([wire.head(), *([wire.text("It was")] if begun else []), *rest(wire)])

    asked = ask(wire, server.url)

    assert isinstance(asked.error, LLMFailed)
    did = "broke off" if wire is OLLAMA else "answered 500"
    assert str(asked.error) == message.format(url=server.url, did=did)
    assert asked.text == ("It was" if begun else "")
    # What has begun is never asked again.
    assert len(server.requests) == (1 if begun or not str(asked.error).endswith("500: out of memory") else MAX_TRIES)


@pytest.mark.parametrize(
    ("wire", "word"),
    [(OPENAI, ""), (ANTHROPIC, " (refusal)"), (GEMINI, " (SAFETY)")],
    ids=lambda x: getattr(x, "name", x),
)
def test_a_filter_is_named(wire: Wire, serve: Serve, word: str) -> None:
    server = serve([wire.head(), wire.text("It was"), *wire.filtered])

    asked = ask(wire, server.url)

    assert str(asked.error) == f"{server.url} withheld the answer: its content filter{word}"
    assert asked.text == "It was"


def test_an_answer_without_words_is_none(wire: Wire, serve: Serve) -> None:
    server = serve([wire.head(), wire.text(" \n"), *wire.end])

    assert str(ask(wire, server.url).error) == f"{server.url} gave an empty answer"


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_that_is_cut_keeps_what_had_arrived(wire: Wire, serve: Serve, chunked: bool) -> None:
    said = wire.text("It was")
    if chunked:
        script = [wire.head(transfer_encoding="chunked"), f"{len(said):x}\r\n".encode(), said, b"\r\n40\r\n{"]
    else:
        script = [wire.head(content_length="999"), said]
    server = serve(script)

    asked = ask(wire, server.url)

    assert asked.text == "It was"
    assert isinstance(asked.error, LLMFailed)
    assert str(asked.error).startswith(f"the answer of {server.url} broke off: ")


@pytest.mark.parametrize(
    "script",
    [
        lambda _: [STALL],
        lambda _: [b"HTTP/1.1 200 X\r\n", STALL],
        lambda wire: [wire.head(), STALL],
        lambda wire: [wire.head(), b"\n\n" * 9, STALL],
    ],
)
def test_a_server_that_does_not_begin_runs_into_its_deadline(
    wire: Wire, serve: Serve, script: Callable[[Wire], Reply]
) -> None:
    server = serve(script(wire))

    asked = ask(wire, server.url, timeouts=NO_FIRST_TOKEN)

    assert isinstance(asked.error, LLMTimeout)
    assert str(asked.error) == f"{server.url} sent no first word within 0.2 s"
    assert (asked.text, asked.pauses) == ("", [])


@pytest.mark.parametrize("rest", [b"", b"d"])
def test_a_server_that_stalls_in_the_middle_runs_into_its_deadline(wire: Wire, serve: Serve, rest: bytes) -> None:
    server = serve([wire.head(), wire.text("It was"), rest, STALL])

    asked = ask(wire, server.url, timeouts=NO_NEXT_TOKEN)

    assert isinstance(asked.error, LLMTimeout)
    assert str(asked.error) == f"{server.url} sent nothing more for 0.2 s"
    assert (asked.text, len(server.requests)) == ("It was", 1)


def test_a_server_that_never_finishes_runs_into_the_deadline_for_all(wire: Wire, serve: Serve) -> None:
    server = serve([wire.head(), wire.text("a"), wire.text(" b"), STALL])

    asked = ask(wire, server.url, timeouts=Timeouts(first_token_s=60, between_tokens_s=60, total_s=0.3))

    assert str(asked.error) == f"{server.url} did not finish within 0.3 s"
    assert "a b".startswith(asked.text)  # A busy machine may not have come so far.


def test_nobody_at_the_address_is_said_after_trying_again(wire: Wire) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"

    asked = ask(wire, url)

    assert isinstance(asked.error, LLMUnreachable)
    assert str(asked.error).startswith(f"no connection to {url}: ")
    assert len(asked.pauses) == MAX_TRIES - 1


@pytest.fixture
def black_hole() -> Iterator[str]:
    """Give the URL of a machine that does not answer: a queue of connections that is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for connection in waiting:
            connection.setblocking(False)
            connection.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        for connection in waiting:
            connection.close()


def test_a_machine_that_does_not_answer_runs_into_its_deadline(wire: Wire, black_hole: str) -> None:
    asked = ask(wire, black_hole, timeouts=Timeouts(connect_s=0.2))

    assert isinstance(asked.error, LLMTimeout)
    assert str(asked.error) == f"no connection to {black_hole} within 0.2 s"


def test_a_server_without_tls_is_not_asked_in_the_clear(wire: Wire, serve: Serve) -> None:
    server = serve(wire.good())
    url = server.url.replace("http:", "https:")

    asked = ask(wire, url)

    assert isinstance(asked.error, LLMUnreachable)
    assert str(asked.error).startswith(f"no connection to {url}: ")
    assert server.requests == []


def test_a_bomb_of_gzip_is_cut(wire: Wire, serve: Serve) -> None:
    bomb = zlib.compress((b" " * 9_999 + b"\n") * 2_000, wbits=31)
    server = serve([wire.head(content_encoding="gzip"), bomb])

    assert str(ask(wire, server.url).error) == f"the answer of {server.url} broke off: more than 16,000,000 bytes"


def test_a_content_coding_that_was_not_asked_for_is_refused(wire: Wire, serve: Serve) -> None:
    server = serve([wire.head(content_encoding="gzip, gzip"), b"x"])

    assert str(ask(wire, server.url).error) == (
        f"the answer of {server.url} broke off: content coding 'gzip, gzip' was not asked for"
    )


@pytest.mark.parametrize(
    "script",
    [
        lambda wire: wire.refusal(401, f"Incorrect API key provided: {KEY}. Bearer {KEY}"),
        lambda _: [head(400, "text/plain"), KEY.encode()],
        lambda _: [head(302, "text/plain", Location=f"http://127.0.0.1:1/?key={KEY}"), KEY.encode()],
        lambda _: [head(200, "text/html"), f"<title>{KEY}</title>".encode()],
        lambda wire: [wire.head(), wire.error_event(f"key {KEY}", 400)],
    ],
)
def test_the_key_is_in_no_message_no_repr_and_no_log(
    wire: Wire, serve: Serve, script: Callable[[Wire], Reply], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(script(wire))

    asked = ask(wire, server.url)

    assert "***" in str(asked.error)
    assert KEY not in repr(asked) + caplog.text + repr(wire.llm(server.url))


def test_the_key_is_in_no_frame_of_an_errors_traceback(wire: Wire, serve: Serve) -> None:
    server = serve([wire.head(content_length="999"), wire.text("It was")])

    error: BaseException | None = ask(wire, server.url).error

    while error is not None:
        frame = error.__traceback__
        while frame is not None:
            # Those of the tests know the key by heart.
            if (
                "assistant/llm" in frame.tb_frame.f_code.co_filename
                and "tests" not in frame.tb_frame.f_code.co_filename
            ):
                assert KEY not in repr(frame.tb_frame.f_locals)
            assert "httpx" not in frame.tb_frame.f_code.co_filename
            frame = frame.tb_next
        error = error.__cause__ or error.__context__


def test_an_answer_that_is_no_longer_wanted_is_hung_up(wire: Wire, serve: Serve) -> None:
    server = serve([wire.head(), wire.text("It was"), STALL])
    stream = wire.llm(server.url).stream(PROMPT)

    assert next(stream) == "It was"
    stream.close()  # type: ignore[attr-defined]

    for thread in threading.enumerate():
        if thread.name == "exchange":
            thread.join(60)
            assert not thread.is_alive()


# -- stopped from another thread ---------------------------------------------------------------------------------------

PATIENT = Timeouts(connect_s=3600, first_token_s=3600, between_tokens_s=3600, total_s=3600)


def stoppable(wire: Wire, url: str, **more: object) -> tuple[Stop, Iterator[object]]:
    """Return an answer that waits for everything as long as it takes, and what stops it."""
    prompt = replace(PROMPT, stop=Stop())
    return prompt.stop, wire.llm(url, timeouts=PATIENT, **more).stream(prompt)


@pytest.mark.parametrize(
    "script",
    [
        lambda _: [STALL],
        lambda _: [b"HTTP/1.1 200 X\r\n", STALL],
        lambda wire: [wire.head(503), STALL],
        lambda wire: [wire.head(), STALL],
        lambda wire: [wire.head(), wire.thought, b"\n\n", STALL],
    ],
    ids=["no head", "half a head", "no refusal", "no text", "a thought"],
)
def test_a_model_that_has_not_begun_is_stopped_and_the_server_told(
    wire: Wire, serve: Serve, script: Callable[[Wire], Reply]
) -> None:
    server = serve(script(wire))
    stop, pieces = stoppable(wire, server.url)
    waiting = Running(pieces)
    assert server.is_asked.wait(LONGEST_S)

    stop.set()
    waiting.wait()

    assert (type(waiting.error), str(waiting.error), waiting.pieces) == (LLMStopped, "stopped", [])
    assert server.is_left.wait(LONGEST_S)
    assert len(server.requests) == 1


@pytest.mark.parametrize("rest", [b"", b"d"])
def test_a_model_is_stopped_in_the_middle_and_the_server_told(wire: Wire, serve: Serve, rest: bytes) -> None:
    server = serve([wire.head(), wire.text("It was"), rest, STALL])
    stop, pieces = stoppable(wire, server.url)
    first = next(pieces)
    waiting = Running(pieces)

    stop.set()
    waiting.wait()

    assert (first, type(waiting.error), waiting.pieces) == ("It was", LLMStopped, [])
    assert server.is_left.wait(LONGEST_S)


def test_what_came_with_a_piece_is_not_written_on(wire: Wire, serve: Serve) -> None:
    server = serve([wire.head(), wire.text("It was") + wire.text(" so.") * 1000, STALL])
    stop, pieces = stoppable(wire, server.url)
    next(pieces)

    stop.set()

    with pytest.raises(LLMStopped):
        next(pieces)


def test_a_connection_that_is_waited_for_can_be_stopped(wire: Wire, black_hole: str) -> None:
    stop, pieces = stoppable(wire, black_hole)
    waiting = Running(pieces)

    stop.set()
    waiting.wait()

    assert isinstance(waiting.error, LLMStopped)


def test_the_pause_between_two_tries_can_be_stopped(wire: Wire, serve: Serve) -> None:
    is_pausing = threading.Event()

    def sleep(stop: Stop, _: float) -> None:
        is_pausing.set()
        stop.wait(3600)

    server = serve(wire.refusal(503))
    stop, pieces = stoppable(wire, server.url, sleep=sleep)
    waiting = Running(pieces)
    assert is_pausing.wait(LONGEST_S)

    stop.set()
    waiting.wait()

    assert isinstance(waiting.error, LLMStopped)
    assert len(server.requests) == 1


def test_an_answer_that_is_stopped_before_it_is_asked_for_asks_nobody(wire: Wire, serve: Serve) -> None:
    server = serve(wire.good())
    stop, pieces = stoppable(wire, server.url)
    stop.set()

    with pytest.raises(LLMStopped):
        list(pieces)

    assert server.requests == []


def test_an_answer_that_is_stopped_after_its_last_word_is_whole(serve: Serve) -> None:
    server = serve([OPENAI.head(), OPENAI.text("It was. [1]"), OPENAI.end[0], STALL])
    stop = Stop()

    class StoppedByTheEnd(ChatCompletions):
        def read(self, data: Mapping[str, object]) -> Event:
            event = ChatCompletions.read(self, data)
            if event.ending is not None:
                stop.set()
            return event

    llm = replace(OPENAI, wire=StoppedByTheEnd()).llm(server.url, timeouts=PATIENT)

    assert list(llm.stream(replace(PROMPT, stop=stop))) == ["It was. [1]"]
