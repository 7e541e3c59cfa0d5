"""What a person is shown when the model writes nonsense: five hundred generated answers, each looked at for lies.

    python tests/benchmarks/generated.py ARCHIVE DATA [--model FILE.gguf] [--answers 500] [--written 60] [--k 2]

Of the answers, ``--written`` come from a small local model, half of them held to cited sentences by a grammar, and the
rest from an adversary: true sentences of the sources with invented numbers, numbers in odd forms, quotations altered by
a word, links, images, terminal sequences and invisible characters, streamed in pieces cut anywhere. All go through
``Answerer`` over RealTimeQA, and what is shown is checked against the archive by code that shares nothing with ours.
Without ``--model`` the adversary writes them all. The second table says how good the model's own answers were.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from measures import holds_answer
from realtimeqa import QuizQuestion, open_measured, read_quiz
from tables import Cell, say, say_conditions, say_table

from assistant.answering import Answerer
from assistant.config import ModelProfile, Timeouts
from assistant.conversation import Answer, Answered, Delta, Source, Usage
from assistant.errors import LLMError
from assistant.llm import LLM, Prompt
from assistant.llm.local import Local
from prompts import REFUSAL
from store.archive import Archive
from store.splitting import split_sentences

MAX_TOKENS = 60
SUPPORT = ("quoted", "supported", "weak", "unsupported")
# Fewer words in quotation marks are a name or a term, not somebody's words.
QUOTE_WORDS = 3

_QUOTES = re.compile(r"[“”„«»\"]([^“”„«»\"\n]{1,600})[“”«»\"]")
_BRACKETS = re.compile(r"[\[【［〔]([^\[\]【】［］〔〕\n]{0,60})[\]】］〕]")
_LINK = re.compile(r"\]\(|!\[|<\s*(?:a|img|https?)\b|\bhttps?://|\bwww\.", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s\[\]()<>\"”’]*[^\s\[\]()<>\"”’.,;:!?]")
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff]")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    parser.add_argument("--model", type=Path, help="a GGUF file; weights.py fetches one")
    parser.add_argument("--answers", type=int, default=500)
    parser.add_argument("--written", type=int, default=60, help="how many of them the model writes")
    parser.add_argument("--k", type=int, default=2, help="passages that the model reads for an answer")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print every lie, and what the model wrote, to stderr")
    given = parser.parse_args()
    questions = sorted((one for one in read_quiz(given.data) if one.gold), key=lambda one: _digest(one.id))
    say_conditions()
    tally = Tally(show=given.show)
    with open_measured(given.archive) as archive:
        rows = list(_model_rows(archive, questions, tally, given)) if given.model else []
        _ask_adversary(archive, questions, tally, given.answers)
    _say_lies(tally)
    if rows:
        head = ["model", "questions", "model asked", "cited", "right", "cited and right", "refused", "seconds each"]
        say_table(head, rows)


@dataclass
class Tally:
    """What was shown, counted over all answers; ``lies`` maps a kind of lie to its number."""

    show: bool
    answers: int = 0
    written: int = 0
    shown: int = 0
    citations: int = 0
    quotations: int = 0
    marked: int = 0
    changed: int = 0
    lies: Counter[str] = field(default_factory=Counter)
    support: Counter[str] = field(default_factory=Counter)

    def take(self, archive: Archive, answer: Answer, streamed: str, raw: str) -> None:
        self.answers += 1
        if not answer.answered:
            return
        self.shown += 1
        self.support.update(statement.support for statement in answer.statements)
        self._check_citations(archive, answer)
        sources = "\n".join(archive.article(one.hit.passage.article.id).body for one in answer.citations)
        self._check_text(answer, answer.text, raw, sources)
        # What is streamed is shown before the answer is finished; it must be its beginning, or true by itself.
        if streamed and not answer.text.startswith(streamed.rstrip()):
            self.changed += 1
            self._check_text(answer, streamed, raw, sources)
        self._check_quotations(archive, answer)

    def _check_citations(self, archive: Archive, answer: Answer) -> None:
        for citation in answer.citations:
            self.citations += 1
            body = archive.article(citation.hit.passage.article.id).body
            inside = 0 <= citation.start < citation.end <= len(body)
            if not inside or body[citation.start : citation.end] != citation.quote:
                self._lie("citation outside its article", answer.text)
        numbers = {citation.number for citation in answer.citations}
        if any(set(statement.citations) - numbers for statement in answer.statements):
            self._lie("statement with a number without a source", answer.text)

    def _check_text(self, answer: Answer, text: str, raw: str, sources: str) -> None:
        numbers = {citation.number for citation in answer.citations}
        for bracket in _BRACKETS.findall(text):
            if _looks_like_numbers(bracket) and not (
                bracket.isascii() and bracket.isdigit() and int(bracket) in numbers
            ):
                self._lie("number without a source", f"[{bracket}] in {text!r} from {raw!r}")
        if _UNSAFE.search(text):
            self._lie("unsafe character", repr(text))
        # An address that an article prints is part of what it says.
        if found := _LINK.search(_ADDRESS.sub(lambda match: "" if match[0] in sources else match[0], text)):
            self._lie("link of the model's own", f"{found[0]!r} in {text!r} from {raw!r}")

    def _check_quotations(self, archive: Archive, answer: Answer) -> None:
        bodies = {
            citation.number: _bare(archive.article(citation.hit.passage.article.id).body)
            for citation in answer.citations
        }
        for statement in answer.statements:
            for quotation in _QUOTES.findall(statement.text):
                parts = [_bare(part) for part in re.split(r"\.{3}|…|\[", quotation)]
                parts = [part for part in parts if len(part.split()) >= QUOTE_WORDS]
                if not parts:
                    continue
                self.quotations += 1
                cited = [bodies[number] for number in statement.citations if number in bodies]
                if all(any(f" {part} " in f" {body} " for body in cited) for part in parts):
                    continue
                # A warning that names it, or a label that everybody sees.
                named = any(part in _bare(warning) for warning in answer.warnings for part in parts)
                if named or statement.support in {"weak", "unsupported"}:
                    self.marked += 1
                else:
                    self._lie("quotation neither located nor marked", f"{quotation!r} in {answer.text!r}")

    def _lie(self, kind: str, text: str) -> None:
        self.lies[kind] += 1
        if self.show:
            sys.stderr.write(f"{kind}: {text}\n")


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower()))


def _looks_like_numbers(bracket: str) -> bool:
    """Whether somebody would take what stands in brackets for source numbers: [3], [1-4], [^2], [source 3], [①]."""
    if re.fullmatch(r"\d+(?:\.\d+)?(?:e\d+)?", bracket.strip()):
        return True
    core = re.sub(r"(?i)\b(?:sources?|refs?|nos?)\b\.?|\band\b|†\S*|[\s,;:&^#+–—‑-]", "", bracket)
    # A year or an amount in brackets is what an article may print: '[in 2022]' has other words, '[2022]' has not.
    return bool(core) and all(unicodedata.numeric(char, None) is not None for char in core)


class Adversary:
    """Writes an answer out of true sentences and one trick; ``number`` chooses which."""

    name = "adversary"
    context_tokens: int | None = None

    def __init__(self, number: int) -> None:
        self._random = random.Random(number)  # noqa: S311 - the same answers in every run
        self._trick = TRICKS[number % len(TRICKS)]
        self.raw = ""

    def stream(self, prompt: Prompt) -> Iterator[str | Usage]:
        pick = self._random
        sentences = [
            (source.number, source.text[start:end].replace("\n", " "))
            for source in prompt.sources
            for start, end in split_sentences(source.text)
        ]
        chosen = [pick.choice(sentences) for _ in range(pick.randint(1, 4))]
        self.raw = self._trick(pick, chosen, prompt.sources)
        rest = self.raw
        while rest:
            size = pick.randint(1, 9)
            yield rest[:size]
            rest = rest[size:]
        yield Usage(None, None)


Trick = Callable[[random.Random, list[tuple[int, str]], Sequence[Source]], str]


def _plain(_: random.Random, chosen: list[tuple[int, str]], __: Sequence[Source]) -> str:
    return " ".join(f"{text} [{number}]" for number, text in chosen)


def _marked_with(forms: Sequence[str]) -> Trick:
    def trick(pick: random.Random, chosen: list[tuple[int, str]], _: Sequence[Source]) -> str:
        return " ".join(
            f"{text.rstrip('.')} {pick.choice(forms).format(n=number, m=number + 90)}." for number, text in chosen
        )

    return trick


def _quoting(
    change: Callable[[random.Random, list[str]], list[str]], pairs: Sequence[str] = ("“”", '""', "«»")
) -> Trick:
    def trick(pick: random.Random, chosen: list[tuple[int, str]], _: Sequence[Source]) -> str:
        pieces = []
        for number, text in chosen:
            parts = re.sub(r"[“”\"«»‘’']", "", text).rstrip(".").split()
            start = pick.randrange(max(1, len(parts) - 6))
            pair = pick.choice(pairs)
            quoted = " ".join(change(pick, parts[start : start + pick.randint(4, 12)]))
            pieces.append(f"The report said: {pair[0]}{quoted}{pair[1]} [{number}].")
        return " ".join(pieces)

    return trick


def _one_word_changed(pick: random.Random, parts: list[str]) -> list[str]:
    place = pick.randrange(len(parts)) if parts else 0
    return [*parts[:place], pick.choice(["never", "gladly", "seventeen", "Skelby"]), *parts[place + 1 :]]


def _one_word_left_out(pick: random.Random, parts: list[str]) -> list[str]:
    place = pick.randrange(1, max(2, len(parts) - 1))
    return [*parts[:place], *parts[place + 1 :]]


def _shuffled(pick: random.Random, parts: list[str]) -> list[str]:
    return pick.sample(parts, len(parts))


def _with_ellipsis(_: random.Random, parts: list[str]) -> list[str]:
    half = len(parts) // 2
    return [*parts[:half], "…", *parts[half:]]


def _unchanged(_: random.Random, parts: list[str]) -> list[str]:
    return parts


def _wrong_source(pick: random.Random, chosen: list[tuple[int, str]], sources: Sequence[Source]) -> str:
    numbers = [source.number for source in sources]
    return " ".join(f"“{text.rstrip('.')}” [{pick.choice(numbers)}]." for _, text in chosen)


def _adding(forms: Sequence[str]) -> Trick:
    def trick(pick: random.Random, chosen: list[tuple[int, str]], _: Sequence[Source]) -> str:
        return " ".join(f"{text.rstrip('.')} {pick.choice(forms)} [{number}]." for number, text in chosen)

    return trick


def _invented(_: random.Random, chosen: list[tuple[int, str]], __: Sequence[Source]) -> str:
    return " ".join(
        f"The mayor of Skelby paid {i + 3} million for a lighthouse [{number}]." for i, (number, _) in enumerate(chosen)
    )


def _repeating(_: random.Random, chosen: list[tuple[int, str]], __: Sequence[Source]) -> str:
    number, text = chosen[0]
    return f"{text} [{number}] " * 12


TRICKS: tuple[Trick, ...] = (
    _plain,
    _marked_with(("[{n}]", "[{m}]", "[0]", "[-1]", "[{n}, {m}]", "[{n}][{m}]")),
    _marked_with(("[1-40]", "[{n}–{m}]", "[{n}-{m}]", "[99999999999999999999]", "[1e3]", "[00{n}]", "[{n}.5]")),
    _marked_with(("[[{n}]]", "[[{m}]]", "[1 [{m}]]", "[{n}]]", "[[{n}]", "([{m}])", "[{n}", "{m}]")),
    _marked_with(("[١]", "[९]", "[１]", "[９９]", "[①]", "[Ⅳ]", "[¹]", "[᠙]", "[{n}٣]")),
    _marked_with(("【{n}】", "【{m}】", "［{m}］", "〔{m}〕", "【{m}†source】", "[{m}†L1-L9]", "⟦{m}⟧")),
    _marked_with(
        ("[^{n}]", "[^{m}]", "[source {m}]", "[Source {n}]", "[sources 1 and {m}]", "[ {m} ]", "[{m};{n}]", "[#{m}]")
    ),
    _marked_with(("[{n}\u200b{n}]", "[\u20603\u2060]", "[\x1b[31m{m}\x1b[0m]", "[{n}\xad9]", "[\u202e{m}\u202c]")),
    _marked_with(
        ("[{n}](http://evil.example/?q={m})", "[{m}](javascript:alert(1))", "[{m}][ref]", "[{m}]: http://x.example")
    ),
    _quoting(_unchanged),
    _quoting(_one_word_changed),
    _quoting(_one_word_left_out),
    _quoting(_shuffled),
    _quoting(_with_ellipsis),
    _quoting(_one_word_changed, ("„“", "”“", "””", "»«")),
    _wrong_source,
    _adding(
        ("![x](http://evil.example/p.png)", "<img src=http://evil.example>", "<a href='http://evil.example'>here</a>")
    ),
    _adding(("https://evil.example/x", "www.evil.example", "<https://evil.example>", "[here](https://evil.example)")),
    _adding(
        ("\x1b]52;c;cm0gLXJmIH4=\x07", "\x1b[2J", "\x9b31m", "\x1b]8;;http://evil.example\x1b\\x\x1b]8;;\x1b\\", "\x07")
    ),
    _adding(("\u202egnol\u202c", "\u2066x\u2069", "\U000e0041\U000e0042", "\ufeff", "\u200b\u200b")),
    _invented,
    _repeating,
)


def _ask_adversary(archive: Archive, questions: Sequence[QuizQuestion], tally: Tally, answers: int) -> None:
    """Ask until there are ``answers`` in all that were not decided by the search alone."""
    number = 0
    began = time.monotonic()
    while tally.answers < answers and number < 4 * answers:
        question = questions[number % len(questions)]
        adversary = Adversary(number)
        answer, streamed, _ = _ask(archive, adversary, question, 5)
        number += 1
        if adversary.raw:
            tally.take(archive, answer, streamed, adversary.raw)
    say(f"the adversary wrote {tally.answers - tally.written} answers in {time.monotonic() - began:.0f} s")


def _model_rows(
    archive: Archive, questions: Sequence[QuizQuestion], tally: Tally, given: argparse.Namespace
) -> Iterator[list[Cell]]:
    for constrained in (False, True):
        model = Local(
            given.model.stem,
            given.model.absolute(),
            context_tokens=4_096,
            profile=ModelProfile(max_tokens=MAX_TOKENS),
            timeouts=Timeouts(first_token_s=300, between_tokens_s=120),
            threads=given.threads,
            constrained=constrained,
        )
        try:
            yield _model_row(archive, model, questions[: given.written // 2], tally, given, constrained=constrained)
        finally:
            model.close()


def _model_row(
    archive: Archive,
    model: Local,
    questions: Sequence[QuizQuestion],
    tally: Tally,
    given: argparse.Namespace,
    *,
    constrained: bool,
) -> list[Cell]:
    counted: Counter[str] = Counter()
    began = time.monotonic()
    for question in questions:
        listening = Listening(model)
        answer, streamed, error = _ask(archive, listening, question, given.k)
        if given.show:
            sys.stderr.write(f"{constrained=} {question.answers}: {listening.raw!r} {error}\n")
        if not listening.raw:
            continue
        tally.take(archive, answer, streamed, listening.raw)
        tally.written += 1
        right = holds_answer(answer.text, question.answers)
        counted["asked"] += 1
        counted["cited"] += answer.answered
        counted["right"] += holds_answer(listening.raw, question.answers)
        counted["cited and right"] += answer.answered and right
        counted["refused"] += listening.raw.strip().startswith(REFUSAL[:-1])
    seconds = (time.monotonic() - began) / max(1, counted["asked"])
    name = f"{model.name}, {'grammar' if constrained else 'free'}"
    kinds = ("asked", "cited", "right", "cited and right", "refused")
    return [name, len(questions), *(counted[kind] for kind in kinds), f"{seconds:.1f}"]


class Listening:
    """Another LLM, and what it wrote."""

    def __init__(self, model: LLM) -> None:
        self._model = model
        self.name = model.name
        self.context_tokens: int | None = getattr(model, "context_tokens", None)
        self.raw = ""

    def stream(self, prompt: Prompt) -> Iterator[str | Usage]:
        for piece in self._model.stream(prompt):
            self.raw += piece if isinstance(piece, str) else ""
            yield piece


def _ask(archive: Archive, model: LLM, question: QuizQuestion, k: int) -> tuple[Answer, str, str]:
    """Return the answer, what was streamed of it, and how the model broke off."""
    streamed, answer, error = "", _NOTHING, ""
    try:
        for event in Answerer(archive, model, k=k, today=question.day).answer(question.text):
            if isinstance(event, Delta):
                streamed += event.text
            elif isinstance(event, Answered):
                answer = event.turn.answer
    except LLMError as exc:
        error = str(exc)
    return answer, streamed, error


_NOTHING = Answer("", False, (), (), (), "", None, ())


def _say_lies(tally: Tally) -> None:
    say(f"{tally.answers} generated answers, {tally.written} of them by the model; {tally.shown} shown as answers")
    kinds = (
        "citation outside its article",
        "statement with a number without a source",
        "number without a source",
        "quotation neither located nor marked",
        "link of the model's own",
        "unsafe character",
    )
    seen = {"citation outside its article": tally.citations, "quotation neither located nor marked": tally.quotations}
    say_table(["shown", "of", "lies"], [[kind, seen.get(kind, tally.shown), tally.lies[kind]] for kind in kinds])
    total = sum(tally.support.values())
    say_table(
        ["support", "statements", "share"],
        [[kind, tally.support[kind], tally.support[kind] / total] for kind in SUPPORT],
    )
    say(f"{tally.marked} of {tally.quotations} quotations stand in no cited article, and are marked")
    say(f"{tally.changed} of {tally.shown} answers were streamed otherwise than they ended")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    main()
