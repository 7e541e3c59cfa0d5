"""A model in a file, run by llama.cpp: a real one where it is installed, and every way to name one that is none."""

from __future__ import annotations

import os
import re
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answering import Answerer
from assistant.config import Config, ModelProfile, Timeouts
from assistant.conversation import Answer, Answered, Usage
from assistant.errors import ConfigError, LLMContextExceeded, LLMFailed, LLMStopped, LLMTimeout
from assistant.llm.local import Local, open_local, usual_threads
from assistant.llm.stopping import Stop
from store.archive import Archive
from store.records import Draft
from tests.assistant.running import Running
from tests.command_line import child_environment
from tests.small_model import CITING, LONG_STORY, SHORT, cites_or_refuses, prompt, small_model, text_of

HEAD = b"GGUF" + struct.pack("<IQQ", 3, 0, 0)


def config(**models: ModelProfile) -> Config:
    return Config(home=Path("data"), prompts=Path("data/prompts"), models=models)


def pid_of(model: Local) -> int:
    assert model._child is not None
    return model._child._process.pid


@pytest.fixture(scope="module")
def model() -> Iterator[Local]:
    """Give a real model; it is loaded once for all tests here."""
    model = Local("local:small", small_model(), context_tokens=1024, profile=ModelProfile(max_tokens=60), threads=1)
    yield model
    model.close()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no model file {!r}, and no [models.{}] in the config file"),
        (b"Hello, reader.", "{!r} is no model file: it does not begin as a GGUF file does"),
        (HEAD[:9], "{!r} is no model file: it ends too early: the download may be incomplete"),
    ],
)
def test_a_path_without_a_model_is_refused_before_anything_starts(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError) as raised:
        open_local(str(path), config())

    assert str(raised.value) == message.format(str(path), path)


def test_a_model_larger_than_the_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(HEAD)
    os.truncate(path, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") + 1)  # Sparse: it takes no room.

    with pytest.raises(ConfigError, match=r"^'model\.gguf' has [\d.]+ GB, this machine's memory [\d.]+ GB$") as raised:
        open_local(str(path), config())

    assert raised.value.hint == "take a smaller or more quantised file"


def test_without_the_library_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.gguf").write_bytes(HEAD)
    monkeypatch.setitem(sys.modules, "xllamacpp", None)

    with pytest.raises(ConfigError) as raised:
        open_local(str(tmp_path / "model.gguf"), config())

    assert (str(raised.value), raised.value.hint) == (
        "running a model file needs the library xllamacpp",
        "pip install 'dateline[local]'",
    )


def test_a_profile_names_its_file_absolutely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.gguf").write_bytes(HEAD)

    with pytest.raises(ConfigError) as raised:
        open_local("small", config(small=ModelProfile(model="model.gguf")))
    with pytest.raises(ConfigError) as unnamed:
        open_local("small", config(small=ModelProfile()))

    assert str(raised.value) == "the `model` of [models.small] is not an absolute path"
    assert str(unnamed.value) == "[models.small] names no file"


def test_a_constraint_that_it_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'local:small' cannot be constrained by a schema"):
        open_local("small", config(small=ModelProfile(str(tmp_path / "model.gguf"), constrain="schema")))


@pytest.mark.parametrize(
    ("wanted", "expected"), [(None, 8192), (2048, 2048), (1_000_000, 8192)], ids=["usual", "less", "too much"]
)
def test_it_reads_no_more_at_once_than_the_model_can(wanted: int | None, expected: int) -> None:
    opened = open_local("small", config(small=ModelProfile(model=str(small_model()), context_tokens=wanted)))

    assert (opened.name, opened.context_tokens) == ("local:small", expected)


def test_a_core_is_left_to_everybody_else() -> None:
    assert 1 <= usual_threads() <= max(1, (os.cpu_count() or 1) - 1)


def test_an_answer_streams_and_ends_with_its_usage(model: Local, capfd: pytest.CaptureFixture[str]) -> None:
    *pieces, usage = model.stream(prompt(SHORT))

    assert len(pieces) > 5
    assert all(isinstance(piece, str) for piece in pieces)
    assert isinstance(usage, Usage)
    assert usage.prompt_tokens is not None
    assert usage.prompt_tokens > 10
    assert usage.completion_tokens is not None
    assert 5 < usage.completion_tokens <= 60
    assert capfd.readouterr() == ("", "")  # llama.cpp keeps its words to itself.


def test_with_sources_the_answer_cites_them_or_refuses(model: Local) -> None:
    answer = text_of(model, prompt(CITING, sources=2))

    assert cites_or_refuses(answer), answer


def test_a_prompt_that_is_too_long_is_told_from_other_failures(model: Local) -> None:
    with pytest.raises(LLMContextExceeded) as raised:
        list(model.stream(prompt("A tree is a tree. " * 300)))

    assert re.search(r"cannot read so much at once: .*1024 tokens", str(raised.value))


def test_the_longest_answer_is_not_taken_for_a_whole_one(model: Local) -> None:
    pieces = model.stream(prompt(LONG_STORY))

    with pytest.raises(LLMFailed, match="stopped at the longest answer it may give"):
        list(pieces)


def test_an_answer_that_nobody_waits_for_is_stopped(model: Local) -> None:
    stopped = model.stream(prompt(LONG_STORY))
    next(stopped)
    before = pid_of(model)
    stopped.close()  # type: ignore[attr-defined]  # It is a generator.

    *_, usage = model.stream(prompt(SHORT))

    assert isinstance(usage, Usage)
    assert pid_of(model) == before  # Stopped, not killed: the model is still loaded.


def test_a_new_question_ends_the_answer_before_it(model: Local) -> None:
    before = model.stream(prompt(LONG_STORY))
    next(before)

    *_, usage = model.stream(prompt(SHORT))

    assert isinstance(usage, Usage)
    with pytest.raises(LLMFailed, match="a later question ended the answer"):
        next(before)


def test_an_answer_is_stopped_in_the_middle_and_the_model_stays_loaded(model: Local) -> None:
    asked = replace(prompt(LONG_STORY), stop=Stop())
    stopped = model.stream(asked)
    next(stopped)
    before, waiting = pid_of(model), Running(stopped)

    asked.stop.set()
    waiting.wait()

    assert (type(waiting.error), str(waiting.error)) == (LLMStopped, "stopped")
    assert text_of(model, prompt(SHORT))
    assert pid_of(model) == before


def test_a_model_that_reads_its_prompt_is_stopped_and_stays_loaded(model: Local) -> None:
    text_of(model, prompt(SHORT))
    asked = replace(prompt("A tree is a tree. " * 120), stop=Stop())
    before, waiting = pid_of(model), Running(model.stream(asked))

    asked.stop.set()
    waiting.wait()

    assert (type(waiting.error), waiting.pieces) == (LLMStopped, [])
    assert text_of(model, prompt(SHORT))
    assert pid_of(model) == before


def test_a_model_that_is_being_loaded_can_be_stopped_and_goes_on_loading(tmp_path: Path) -> None:
    small_model()  # or nothing would load the file
    path = tmp_path / "model.gguf"
    os.mkfifo(path)  # whoever opens it waits for ever
    model = Local("m", path, context_tokens=512, threads=1)
    asked = replace(prompt(SHORT), stop=Stop())
    waiting = Running(model.stream(asked))
    with path.open("wb"):  # It is opened when the child reads it.
        asked.stop.set()
        waiting.wait()
        is_alive = model._child is not None and model._child.is_alive
        model.close()

    assert isinstance(waiting.error, LLMStopped)
    assert is_alive


def test_a_question_that_is_stopped_already_starts_nothing(tmp_path: Path) -> None:
    model = Local("m", tmp_path / "gone.gguf", context_tokens=512)
    asked = replace(prompt(SHORT), stop=Stop())
    asked.stop.set()

    with pytest.raises(LLMStopped):
        next(model.stream(asked))

    assert model._child is None


def test_a_model_that_hangs_while_it_is_loaded_runs_into_its_deadline(tmp_path: Path) -> None:
    small_model()  # or nothing would load the file
    os.mkfifo(tmp_path / "model.gguf")  # whoever opens it waits for ever
    model = Local("m", tmp_path / "model.gguf", context_tokens=512, timeouts=Timeouts(first_token_s=0.5), threads=1)

    with pytest.raises(LLMTimeout, match=r"got no further for 0\.5 s"):
        list(model.stream(prompt("More than a pipe holds. " * 10_000)))


def test_whoever_goes_away_leaves_nothing_behind(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from assistant.llm.local import Local; "
        "child = Local('m', Path(sys.argv[1]), context_tokens=512, threads=1)._start(); "
        "print(child._process.pid, flush=True); os._exit(0)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, small_model()],
        capture_output=True, env=child_environment(TMPDIR=str(tmp_path)), timeout=120, check=True,
    )  # fmt: skip
    with suppress(ProcessLookupError):  # It may be gone already.
        child = os.pidfd_open(int(done.stdout))
        ended, _, _ = select.select([child], [], [], 60)
        os.close(child)
        assert ended

    assert list(tmp_path.iterdir()) == []


def test_a_process_that_cannot_be_started_is_an_error_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "gone"))

    with pytest.raises(LLMFailed, match=r"^cannot start llama\.cpp: .*No such file"):
        next(Local("m", tmp_path / "m.gguf", context_tokens=512).stream(prompt(SHORT)))

    assert list(tmp_path.iterdir()) == []


def test_a_model_that_dies_is_an_error_and_is_started_again(model: Local) -> None:
    broken = model.stream(prompt(LONG_STORY))
    next(broken)
    os.kill(pid_of(model), signal.SIGABRT)

    with pytest.raises(LLMFailed) as raised:
        list(broken)

    assert str(raised.value).startswith("llama.cpp was ended by signal 6 while answering")
    assert text_of(model, prompt("Name one colour in one short sentence."))


def test_a_deadline_ends_the_process() -> None:
    slow = Local("local:small", small_model(), context_tokens=512, timeouts=Timeouts(first_token_s=0.001), threads=1)

    with pytest.raises(LLMTimeout, match=r"got no further for 0\.001 s"):
        list(slow.stream(prompt("Name one colour.")))

    assert slow._child is not None
    assert not slow._child.is_alive


def test_a_damaged_file_is_one_line_with_the_words_of_llama_cpp(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    half = tmp_path / "half.gguf"
    half.write_bytes(small_model().read_bytes()[:20_000_000])

    with pytest.raises(LLMFailed) as raised:
        list(open_local(str(half), config()).stream(prompt("Name one colour.")))

    assert re.fullmatch(r"llama\.cpp cannot load 'half\.gguf': .*not within the file bounds.*", str(raised.value))
    assert capfd.readouterr() == ("", "")


def test_whatever_it_writes_no_citation_leaves_its_article(
    model: Local, archive: Archive, ferry: Draft, council: Draft
) -> None:
    archive.add([ferry, council])

    answer = answer_to(archive, model, "How much will the council of Skelby pay for a new pier?")

    assert answer.model == "local:small"
    assert answer.usage or not answer.complete  # The model was asked, not only the search.
    for citation in answer.citations:
        body = archive.article(citation.hit.passage.article.id).body
        assert citation.quote
        assert body[citation.start : citation.end] == citation.quote
    numbers = {citation.number for citation in answer.citations}
    assert {int(number) for number in re.findall(r"\[(\d+)\]", answer.text)} <= numbers


def answer_to(archive: Archive, model: Local, question: str) -> Answer:
    found: list[Answer] = []
    with suppress(LLMFailed):  # For the longest answer that it may give; it is marked as incomplete.
        found.extend(
            event.turn.answer for event in Answerer(archive, model, k=1).answer(question) if isinstance(event, Answered)
        )
    return found[-1]
