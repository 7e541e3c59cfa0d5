"""A GGUF file run by llama.cpp on this machine, without a server to start and without a port.

llama.cpp is C++: what it cannot cope with ends its process. So it runs in a child process, which also makes it certain
that a generation can be stopped, and keeps its output away from ours. This module is both: imported, the LLM; run with
``-m``, the child.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from assistant.config import ModelProfile, Timeouts
from assistant.conversation import Usage
from assistant.errors import ConfigError, LLMContextExceeded, LLMError, LLMFailed, LLMStopped, LLMTimeout
from assistant.llm.constraint import check_constraint, grammar_of
from assistant.llm.gguf import NotGGUF, read_gguf_header
from assistant.llm.server import shortened
from assistant.llm.wire import chat_messages
from prompts import REFUSAL
from store.cleaning import clean_line, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assistant.config import Config
    from assistant.llm import Prompt
    from assistant.llm.stopping import Stop

# What a laptop holds: at 8,192 tokens a model of eight billion parameters needs a gigabyte beside its weights.
MOST_CONTEXT_TOKENS = 8_192
# For a file that does not say.
_USUAL_CONTEXT_TOKENS = 4_096

# An answer of four sentences is a hundred tokens; a small model that goes on may never end.
USUAL_MAX_TOKENS = 600

# So many tokens of a prompt are read between two signs of life: 15 s for 1.5 billion parameters on one slow core.
_BATCH_TOKENS = 256

# With more threads than idle cores llama.cpp's workers wait for each other: generation was 20 times slower with two
# threads on two busy cores than with one. Beyond eight the memory is the limit.
_MOST_THREADS = 8

_INSTALL = "pip install 'dateline[local]'"
_SAID_BYTES = 8_192
# '0.00.033.795 E llama_model_load: error loading model: …'; server messages have 'srv    load_model: ' there.
_ERROR_LINE = re.compile(r"^[\d.]+ E (?:(?:srv|slot|cmn)\s+)?\S+: (.+)$", re.MULTILINE)
_ASSERTION = re.compile(r"^.*\b(?:GGML_ASSERT|GGML_ABORT|terminate called|what\(\)|std::bad_alloc).*$", re.MULTILINE)


class _Ended(Exception):
    """The child is gone."""


class _Silent(Exception):
    """The child said nothing in time."""


class _Woken(Exception):
    """Nobody wants to hear more."""


class Local:
    """The model of one GGUF file. It is loaded by the first ``stream`` and stays for as long as the object lives.

    Between questions llama.cpp keeps what it has read: of the next prompt only what is new is read. One answer is
    written at a time; a new ``stream`` ends the one before. With sources it holds to cited sentences or the refusal,
    unless it is not ``constrained``: the benchmarks compare both.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        *,
        context_tokens: int,
        profile: ModelProfile | None = None,
        timeouts: Timeouts | None = None,
        threads: int | None = None,
        constrained: bool = True,
    ) -> None:
        self.name = name
        self.context_tokens: int | None = context_tokens
        self._path = path
        self._profile = profile or ModelProfile()
        self._timeouts = timeouts or Timeouts()
        self._settings = {
            "path": str(path),
            "context_tokens": context_tokens,
            "threads": threads or usual_threads(),
        }
        self._constrained = constrained
        self._child: _Child | None = None

    def stream(self, prompt: Prompt) -> Iterator[str | Usage]:
        """Yield the answer as it is written, then its ``Usage``.

        ``first_token_s`` bounds the loading of the model and each stretch of the prompt that it reads, ``total_s``
        all of it. Raise ``LLMContextExceeded`` for a prompt that is too long, else ``LLMTimeout`` or ``LLMFailed``. One
        that is stopped leaves the model loaded, or being loaded; the next question waits for the step it is at.
        """
        prompt.stop.check()
        ends = time.monotonic() + self._timeouts.total_s
        child = self._child
        if child is None or not child.is_alive:
            child = self._child = self._start()
        number = 0
        with _closed_by(prompt.stop) as alarm:
            reading = _Reading(self._path.name, child, self._timeouts, ends, alarm)
            try:
                reading.wait_for_model()
                number = child.ask(self._request(prompt))
                yield from reading.pieces(number)
            except _Woken:
                raise LLMStopped("stopped") from None
            except _Silent:
                child.end()  # What hangs may hang for ever; the next question starts anew.
                raise reading.overdue() from None
            except _Ended:
                raise self._died(child) from None
            finally:
                child.stop(number)

    def close(self) -> None:
        """End the model's process now; else it ends with this object or with this program."""
        if self._child is not None:
            self._child.end()

    def _start(self) -> _Child:
        try:
            return _Child(self._settings)
        except OSError as exc:
            raise LLMFailed(f"cannot start llama.cpp: {exc}", hint="is there memory, and room in TMPDIR?") from exc

    def _request(self, prompt: Prompt) -> dict[str, object]:
        request: dict[str, object] = {
            "messages": [{"role": "system", "content": prompt.system}, *chat_messages(prompt)],
            "stream": True,
            "stream_options": {"include_usage": True},
            "return_progress": True,
            "cache_prompt": True,
            "temperature": self._profile.temperature,
            "max_tokens": self._profile.max_tokens or USUAL_MAX_TOKENS,
        }
        if prompt.sources and self._constrained:
            request["grammar"] = grammar_of(len(prompt.sources), REFUSAL)
            # The grammar leaves no room for thinking: what is written is the answer.
            request |= {"chat_template_kwargs": {"enable_thinking": False}, "reasoning_format": "none"}
        return request

    def _died(self, child: _Child) -> LLMError:
        code, said = child.end(), child.said()
        if not child.was_ready:
            return LLMFailed(
                f"llama.cpp cannot load {self._path.name!r}: {said or _cause_of(code)}",
                hint="is the file complete, and a model that can chat?",
            )
        # SIGKILL comes from the system when memory runs out.
        hint = (
            "is the memory too small for it? a smaller or more quantised file needs less" if code == -9 else "ask again"
        )
        return LLMFailed(f"llama.cpp {_cause_of(code)} while answering{': ' * bool(said)}{said}", hint=hint)


def open_local(path: str, config: Config) -> Local:
    """Return the model in the GGUF file at ``path``, or in the one that the profile of that name has as ``model``.

    Nothing is loaded yet, but what can be seen without loading is checked: that the file is GGUF and can fit into the
    memory, and that the library is there. Raise ``ConfigError``.
    """
    profile = config.models.get(path)
    if profile is not None:
        check_constraint(f"local:{path}", profile, frozenset({"grammar"}))  # which it has in any case
    file = _file_of(path, profile)
    try:
        header = read_gguf_header(file)
    except NotGGUF as exc:
        raise ConfigError(f"{str(file)!r} is no model file: {exc}", hint="local models are GGUF files") from exc
    except FileNotFoundError:
        known = f", and no [models.{path}] in the config file" if profile is None else ""
        raise ConfigError(f"there is no model file {str(file)!r}{known}", hint="local:PATH names a GGUF file") from None
    except OSError as exc:
        hint = "local:PATH names a GGUF file that you may read"
        raise ConfigError(f"cannot read model file {str(file)!r}: {exc.strerror}", hint=hint) from exc
    _check_memory(file, header.size)
    if find_spec("xllamacpp") is None:
        raise ConfigError("running a model file needs the library xllamacpp", hint=_INSTALL)
    wanted = profile.context_tokens if profile else None
    most = header.context_tokens or _USUAL_CONTEXT_TOKENS
    return Local(
        f"local:{path}",
        file,
        context_tokens=min(wanted or MOST_CONTEXT_TOKENS, most),
        profile=profile,
        timeouts=config.timeouts,
    )


def usual_threads() -> int:
    """Return how many threads to compute with: the physical cores but one, which is for everybody else."""
    return max(1, min(_physical_cores() - 1, _MOST_THREADS))


def _file_of(path: str, profile: ModelProfile | None) -> Path:
    if profile is not None and not profile.model:
        raise ConfigError(f"[models.{path}] names no file", hint="set its `model` to the path of a GGUF file")
    try:
        file = Path((profile and profile.model) or path).expanduser()
    except RuntimeError as exc:
        raise ConfigError(f"no home folder for {path!r}", hint="begin the path with '/'") from exc
    if profile is not None and not file.is_absolute():
        # The folder one happens to be in must not decide which model is loaded.
        raise ConfigError(f"the `model` of [models.{path}] is not an absolute path", hint="begin it with '/' or '~/'")
    return file.absolute()


def _check_memory(file: Path, size: int) -> None:
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return
    if 0 < memory < size:
        raise ConfigError(
            f"{file.name!r} has {size / 1e9:.1f} GB, this machine's memory {memory / 1e9:.1f} GB",
            hint="take a smaller or more quantised file",
        )


def _physical_cores() -> int:
    """Return the cores that this process may use, two threads of one counted once; a guess where nothing says so."""
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    siblings = set()
    for cpu in usable:
        with contextlib.suppress(OSError):
            path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
            siblings.add(path.read_text(encoding="ascii"))
    return len(siblings) or len(usable)


def _cause_of(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


class _Reading:
    """The reading of one answer: what the child says, as text and usage, each in its time."""

    def __init__(self, where: str, child: _Child, timeouts: Timeouts, ends: float, alarm: socket.socket) -> None:
        self._where, self._child, self._timeouts, self._ends, self._alarm = where, child, timeouts, ends, alarm
        self._started = False
        self._finished: str | None = None
        self._usage: Usage | None = None

    def wait_for_model(self) -> None:
        """Return when the model is loaded: until then the child takes no more than a pipe holds, 64 kB on Linux."""
        while not self._child.was_ready:
            self._hear()

    def pieces(self, number: int) -> Iterator[str | Usage]:
        """Yield the text of answer ``number``, then its usage. Raise ``LLMError`` or what ``hear`` does."""
        while True:
            if self._child.asked != number:
                raise LLMFailed(f"a later question ended the answer of {self._where}", hint="ask again")
            said = self._hear()
            if said.get("number") != number:
                continue  # The end of an answer that nobody waits for any more.
            if "chunk" not in said:
                break
            if text := self._text_in(said["chunk"]):
                self._started = True
                yield text
        if self._usage is not None:
            yield self._usage
        self._check_end(said.get("failed"))

    def overdue(self) -> LLMTimeout:
        if time.monotonic() >= self._ends:
            message, setting = f"did not finish within {self._timeouts.total_s:g} s", "total_s"
        elif self._started:
            message, setting = f"wrote nothing more for {self._timeouts.between_tokens_s:g} s", "between_tokens_s"
        else:
            message = f"got no further for {self._timeouts.first_token(is_here=True):g} s"
            setting = "first_token_s"
        hint = f"is the machine busy? a smaller model is faster; `timeouts.{setting}` sets how long to wait"
        return LLMTimeout(f"{self._where} {message}", hint=hint)

    def _hear(self) -> dict[str, Any]:
        step = self._timeouts.between_tokens_s if self._started else self._timeouts.first_token(is_here=True)
        return self._child.hear(min(step, self._ends - time.monotonic()), self._alarm)

    def _text_in(self, chunk: Mapping[str, Any]) -> str:
        """Return the text of one chunk of the chat completion; keep what it says about the whole."""
        if error := chunk.get("error"):
            raise self._refusal(error)
        if usage := chunk.get("usage"):
            self._usage = Usage(usage.get("prompt_tokens"), usage.get("completion_tokens"))
        choice = (chunk.get("choices") or [{}])[0]
        self._finished = choice.get("finish_reason") or self._finished
        return plain((choice.get("delta") or {}).get("content") or "")

    def _refusal(self, error: Mapping[str, Any]) -> LLMError:
        message = _short(str(error.get("message", "")))
        if error.get("type") == "exceed_context_size_error":
            return LLMContextExceeded(f"{self._where} cannot read so much at once: {message}", hint=_MORE_CONTEXT)
        return LLMFailed(f"llama.cpp refused the prompt: {message}", hint="is it a model that can chat?")

    def _check_end(self, failed: str | None) -> None:
        if failed is not None:
            raise LLMFailed(f"llama.cpp broke off: {_short(failed)}", hint="ask again")
        if self._finished is None:
            raise LLMFailed(f"the answer of {self._where} ended early", hint="ask again")
        if self._finished == "length":
            raise LLMFailed(
                f"{self._where} stopped at the longest answer it may give",
                hint=f"raise the `max_tokens` of its profile; {_MORE_CONTEXT}",
            )
        if not self._started:
            raise LLMFailed(f"{self._where} gave an empty answer", hint="is it a model that can chat?")


_MORE_CONTEXT = "the `context_tokens` of a profile sets how much it reads and writes, where memory allows"


@contextlib.contextmanager
def _closed_by(stop: Stop) -> Iterator[socket.socket]:
    """Give a socket that can be read from when the answer is stopped: it is waited for beside a pipe."""
    alarm, other_end = socket.socketpair()
    with alarm, other_end, stop.calling(other_end.close):
        yield alarm


class _Child:
    """The process with the model. It ends itself when this object, or this program, is gone."""

    def __init__(self, settings: Mapping[str, object]) -> None:
        self.was_ready = False
        self.asked = 0
        # For what llama.cpp says, and for the socket that it wants: both are gone with the finalizer.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        folder = tempfile.mkdtemp(prefix="dateline-")
        try:
            self._process = _started(self._errors)
        except OSError:
            self._errors.close()
            shutil.rmtree(folder)
            raise
        self._end = weakref.finalize(self, _end, self._process, self._errors, folder)
        assert self._process.stdout is not None
        self._output = self._process.stdout.fileno()
        self._received = b""
        self._errors_seen = 0
        self._last_words, self._code = "", 0
        # A child that dies at once is noticed when it is listened to.
        with contextlib.suppress(_Ended):
            self._say({**settings, "folder": folder})

    @property
    def is_alive(self) -> bool:
        return self._end.alive and self._process.poll() is None

    def ask(self, request: Mapping[str, object]) -> int:
        """Send a request and return its number, which stands on everything that the child says to it.

        An answer that is still being written is broken off.
        """
        self._errors_seen = os.fstat(self._errors.fileno()).st_size
        self.asked += 1
        self._say({"number": self.asked, "request": request})
        return self.asked

    def stop(self, number: int) -> None:
        """Let go of an answer that is still being written; without effect on one that is finished."""
        with contextlib.suppress(_Ended):
            self._say({"stop": number})

    def hear(self, wait_s: float, alarm: socket.socket) -> dict[str, Any]:
        """Return the next thing that the child says.

        Raise ``_Silent`` after ``wait_s``, ``_Ended`` after the last, ``_Woken`` when ``alarm`` can be read from.
        """
        due = time.monotonic() + wait_s
        with selectors.DefaultSelector() as selector:
            if not self._end.alive:
                raise _Ended
            selector.register(self._output, selectors.EVENT_READ)
            selector.register(alarm, selectors.EVENT_READ)
            while True:
                has_line = b"\n" in self._received
                ready = [key.fileobj for key, _ in selector.select(0 if has_line else max(due - time.monotonic(), 0))]
                if alarm in ready:
                    raise _Woken
                if has_line:
                    break
                if not ready:
                    raise _Silent
                self._received += self._read()
        line, _, self._received = self._received.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        self.was_ready = self.was_ready or "ready" in said
        return said

    def _read(self) -> bytes:
        piece = os.read(self._output, 65_536)
        if not piece:
            raise _Ended
        return piece

    def said(self) -> str:
        """Return what llama.cpp wrote about the present trouble, on one short line; empty where it wrote nothing."""
        return self._last_words

    def end(self) -> int:
        """End the process and return its exit code, a signal's number negative."""
        if self._end.alive:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.2)  # It may be ending by itself, with a code that says why.
            code = self._process.poll()
            self._last_words = _words_in(self._errors, self._errors_seen)
            self._end()
            self._code = self._process.returncode if code is None else code
        return self._code

    def _say(self, message: Mapping[str, object]) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps(message).encode() + b"\n")
            pipe.flush()
        except (OSError, ValueError) as exc:
            raise _Ended from exc


def _started(errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """Return this module as a process. Raise ``OSError``."""
    here = str(Path(__file__).resolve().parents[2])  # Where the child finds this package, installed or not.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "assistant.llm.local"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))},
        process_group=0,  # Ctrl-C is for us to see; we end the child.
    )


def _end(process: subprocess.Popen[bytes], errors: IO[bytes], folder: str) -> None:
    process.kill()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
    for pipe in (process.stdin, process.stdout, errors):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()


def _words_in(errors: IO[bytes], start: int) -> str:
    errors.seek(start)
    text = errors.read(_SAID_BYTES).decode("utf-8", errors="replace")
    if found := _ERROR_LINE.search(text):
        return _short(found[1])
    found = _ASSERTION.search(text)
    return _short(found[0] if found else next((line for line in reversed(text.splitlines()) if line.strip()), ""))


def _short(foreign: str) -> str:
    return shortened(clean_line(foreign))


class _Server:
    """The child's side: llama.cpp with one model, asked over the pipes."""

    def __init__(self) -> None:
        # llama.cpp prints; what it prints must not come between our lines.
        self._output = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        self._requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._stopped = 0

    def run(self) -> None:
        settings = json.loads(sys.stdin.readline())
        threading.Thread(target=self._listen, args=(settings["folder"],), daemon=True).start()
        model = _load(settings)
        self._say({"ready": True})
        while True:
            asked = self._requests.get()
            if asked["number"] > self._stopped:
                self._answer(model, asked["number"], asked["request"])

    def _listen(self, folder: str) -> None:
        for line in sys.stdin:
            said = json.loads(line)
            if "request" in said:
                self._requests.put(said)
            # A new question ends the answer before it.
            self._stopped = max(self._stopped, said["number"] - 1 if "request" in said else said["stop"])
        # Whoever asked is gone. Taking the model apart in good order would take time and serve nobody.
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)

    def _answer(self, model: Any, number: int, request: Mapping[str, object]) -> None:
        def take(chunk: Mapping[str, object]) -> bool:
            if self._stopped < number:
                self._say({"number": number, "chunk": chunk})
            return self._stopped >= number  # True ends the generation.

        end: dict[str, object] = {"number": number}
        try:
            model.handle_chat_completions(request, take)
        except (RuntimeError, ValueError) as exc:
            end["failed"] = str(exc)
        self._say(end)

    def _say(self, message: Mapping[str, object]) -> None:
        self._output.write(json.dumps(message) + "\n")
        self._output.flush()


def _load(settings: Mapping[str, Any]) -> Any:
    import xllamacpp  # 34 MB of C++, for this process only

    parameters = xllamacpp.CommonParams()
    parameters.model.path = settings["path"]
    parameters.n_ctx = settings["context_tokens"]
    parameters.n_parallel = 1
    parameters.n_batch = parameters.n_ubatch = _BATCH_TOKENS
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = settings["threads"]
    parameters.cache_ram_mib = 0  # One conversation needs no more than the slot's own memory; 8 GB is the default.
    parameters.verbosity = 1  # Errors only.
    # It opens a door for HTTP in any case. A socket in a folder of our own that is taken away at once lets nobody in.
    os.chdir(settings["folder"])
    parameters.hostnames = ["door.sock"]  # Relative: a socket's path has at most 107 bytes.
    server = xllamacpp.Server(parameters)
    os.chdir("/")
    shutil.rmtree(settings["folder"], ignore_errors=True)
    return server


if __name__ == "__main__":
    _Server().run()
