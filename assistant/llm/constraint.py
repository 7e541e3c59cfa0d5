"""What keeps a weak model to cited sentences: a grammar for llama.cpp, and a JSON schema with its reader for others.

Both force the shape of an answer, not the right number in it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Literal, Protocol

from assistant.errors import ConfigError
from prompts import REFUSAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant.config import Constraint, ModelProfile
    from assistant.llm import Prompt

# A model that finds no end is ended: the longest sentences of news answers have 60 words, and more than eight
# sentences are no answer to a question.
MAX_SENTENCES = 8
MAX_SENTENCE_WORDS = 60
_MAX_MARKERS = 3

# A full stop ends a sentence, so only what is known to be an abbreviation may hold one before a blank.
_ABBREVIATIONS = "Mr Mrs Ms Dr Prof St Gen Col Capt Lt Sgt Sen Rep Gov Rev Jr Sr Inc Ltd Co Corp No vs approx".split()
_ABBREVIATIONS += "Jan Feb Aug Sept Oct Nov Dec".split()

# The full stop comes before the citations, where small models want it; with the citations first SmolLM2-135M never
# reached them. Within a sentence it may stand in '1.5' and after abbreviations and initials only, and a word has an
# end: else small models write sentence after sentence, leaving out the blank between two, and cite once.
_GRAMMAR = r"""root ::= {refusal} | sentence (" " sentence){{0,{more_sentences}}}
sentence ::= word (" " word){{0,{more_words}}} [.!?] [\"”’)]? " " marker{{1,{markers}}}
marker ::= "[" number "]"
number ::= {number}
word ::= plain ([?!] [\"”’)]+)? | decimal | ({abbreviations}) "." | initials
decimal ::= [$€£(]? [0-9,]{{1,9}} "." [0-9]{{1,3}} [a-z%)]{{0,9}}
initials ::= ([A-Za-z] "."){{1,4}} ("-" plain | [,;:] | [’'] "s")?
plain ::= [^ \t\r\n.!?<>\[\]{{}}]{{1,40}}
"""

_MARKER = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_PERHAPS_A_MARKER = re.compile(r"\s*(?:\[[\d\s,]{0,20})?$")
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]]*\s*$")
_FENCED = re.compile(r"```\w{0,10}\s*\{")
_PERHAPS_FENCED = re.compile(r"`{1,3}\w{0,10}\s*")
# What is kept of a sentence: longer than the refusal, and than quotation marks after a full stop.
_ENOUGH_CHARS = 200
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class AnswerReader(Protocol):
    """Takes what a model writes, in pieces cut anywhere, and gives the answer as plain text."""

    def feed(self, piece: str) -> str:
        """Return what is certain to be answer so far and was not returned before."""

    def finish(self) -> str:
        """Return what was held back."""


def grammar_of(numbers: int, refusal: str) -> str:
    """Return a grammar in GBNF: ``refusal``, or sentences that each end in citations of 1 to ``numbers``: '. [2]'.

    Quotation marks, decimal points and common abbreviations may stand in a sentence; brackets and line breaks may not.
    """
    return _GRAMMAR.format(
        refusal=json.dumps(refusal, ensure_ascii=False),
        more_sentences=MAX_SENTENCES - 1,
        more_words=MAX_SENTENCE_WORDS - 1,
        markers=_MAX_MARKERS,
        number=_numbers_to(numbers),
        abbreviations=" | ".join(f'"{word}"' for word in _ABBREVIATIONS),
    )


def schema_of(numbers: int) -> dict[str, object]:
    """Return a JSON schema of an answer in which every sentence has sources from 1 to ``numbers``.

    No sentences mean that the sources do not answer the question.
    """
    number = {"type": "integer", "enum": list(range(1, numbers + 1))}
    sentence = {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "sources": {"type": "array", "items": number, "minItems": 1},
        },
        "required": ["text", "sources"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"sentences": {"type": "array", "items": sentence}},
        "required": ["sentences"],
        "additionalProperties": False,
    }


def check_constraint(name: str, profile: ModelProfile, known: frozenset[Constraint]) -> None:
    """Raise ``ConfigError`` when a profile asks for a constraint that its server does not have."""
    if profile.constrain is not None and profile.constrain not in known:
        raise ConfigError(
            f"{name!r} cannot be constrained by a {profile.constrain}",
            hint=f"`constrain` may be {' or '.join(sorted(known))} here" if known else "leave `constrain` out",
        )


def constraint_for(constrain: Constraint | None, prompt: Prompt) -> Constraint | None:
    """Return what constrains the answer to a prompt: nothing where there is no source to cite."""
    return constrain if prompt.sources else None


def reader_for(constraint: Constraint | None) -> AnswerReader:
    """Return the reader of an answer under a constraint."""
    return SentencesReader(REFUSAL) if constraint == "schema" else PlainReader()


class PlainReader:
    """The answer is what the model writes."""

    def feed(self, piece: str) -> str:
        return piece

    def finish(self) -> str:
        return ""


class SentencesReader:
    """Reads ``schema_of``'s JSON as it comes and gives 'Text. [1][2] Text. [3]'.

    A sentence's text comes at once, its citations when its object ends. Markers that the model wrote into the text are
    sources too. JSON that breaks off gives what had come; what is no JSON is given as it is. An empty list of sentences
    is the ``refusal``, which has no citations.
    """

    def __init__(self, refusal: str) -> None:
        self._refusal = refusal
        self._beginning = ""
        self._scanner: _Scanner | None = None
        self._is_plain = False
        self._sentence = _Sentence()
        self._has_text = False

    def feed(self, piece: str) -> str:
        if self._is_plain:
            return piece
        if self._scanner is None:
            return self._begin(piece)
        return "".join(self._take(*token) for token in self._scanner.feed(piece))

    def finish(self) -> str:
        if self._scanner is None:
            return "" if self._is_plain else self._beginning
        return self._end_sentence()

    def _begin(self, piece: str) -> str:
        """Find out whether this is JSON at all; some models put it into a fence of Markdown."""
        self._beginning += piece
        start = self._beginning.lstrip()
        if not start or _PERHAPS_FENCED.fullmatch(start):
            return ""
        if not (start.startswith("{") or _FENCED.match(start)):
            self._is_plain = True
            return self._beginning
        self._scanner = _Scanner()
        return self.feed(start[start.index("{") :])

    def _take(self, kind: _Token, path: tuple[str, ...], text: str) -> str:
        if path == ("sentences", "text") and kind == "string":
            return self._shown(self._sentence.add(text))
        if path == ("sentences", "sources") and kind in {"string", "scalar"}:
            self._sentence.cite(text)
        elif path == ("sentences",) and kind == "close":
            if text == "}":
                return self._end_sentence()
            return "" if self._has_text else self._shown(self._refusal)
        return ""

    def _end_sentence(self) -> str:
        ended, self._sentence = self._sentence, _Sentence()
        if not ended.has_words or ended.says(self._refusal):
            return ""
        return ended.full_stop() + ended.markers()

    def _shown(self, text: str) -> str:
        """Return a piece of a sentence, with a blank before all sentences but the first."""
        if not text:
            return ""
        between = " " if self._has_text and self._sentence.is_new else ""
        self._has_text = True
        self._sentence.is_new = False
        return between + text


class _Sentence:
    """One sentence of the answer as it comes."""

    def __init__(self) -> None:
        self.is_new = True
        self._begins = ""
        self._ends = ""
        self._held = ""
        self._numbers: list[int] = []

    def add(self, text: str) -> str:
        """Return what is new and certain: what may be blanks at the end or half a marker is held back."""
        self._held += text
        held = _PERHAPS_A_MARKER.search(self._held)
        certain = self._held[: held.start()] if held else self._held
        self._held = self._held[len(certain) :]
        for found in _MARKER.finditer(certain):
            self.cite(found[1])
        new = _MARKER.sub("", certain)
        new = new if self._ends else new.lstrip()
        self._begins = (self._begins + new)[:_ENOUGH_CHARS]
        self._ends = (self._ends + new)[-_ENOUGH_CHARS:]
        return new

    def cite(self, text: str) -> None:
        self._numbers.extend(int(number) for number in re.findall(r"\d{1,9}", text))

    @property
    def has_words(self) -> bool:
        return bool(self._ends)

    def says(self, text: str) -> bool:
        return self._begins == text

    def full_stop(self) -> str:
        """Return what a sentence without an end lacks: the next one would be taken for its second half."""
        return "" if _ENDED.search(self._ends) else "."

    def markers(self) -> str:
        marks = "".join(f"[{number}]" for number in dict.fromkeys(self._numbers))
        return f" {marks}" if marks else ""


_Token = Literal["string", "scalar", "close"]


class _Scanner:
    """Reads JSON character by character: values and ends of containers, each with the keys that lead to it.

    What breaks JSON's rules is passed over; nothing is read after the outermost container has ended.
    """

    def __init__(self) -> None:
        self._path: list[str | None] = []  # one entry for each open container: an object's key, None for an array
        self._expects_key = False
        self._string: str | None = None
        self._escape = ""
        self._surrogate = 0
        self._scalar = ""
        self._ended = False

    def feed(self, piece: str) -> Iterator[tuple[_Token, tuple[str, ...], str]]:
        text = ""
        for character in piece:
            if self._ended:
                return
            if not self._in_string():
                yield from self._outside(character)
                continue
            text += self._inside(character)
            if text and not self._in_string():
                yield "string", self._keys(), text
                text = ""
        if text:
            yield "string", self._keys(), text

    def _in_string(self) -> bool:
        return self._string is not None

    def _keys(self) -> tuple[str, ...]:
        return tuple(key for key in self._path if key is not None)

    def _outside(self, character: str) -> Iterator[tuple[_Token, tuple[str, ...], str]]:
        if character not in '{}[],:" \t\r\n':
            self._scalar += character
            return
        if self._scalar:
            yield "scalar", self._keys(), self._scalar
            self._scalar = ""
        if character == '"':
            self._string = ""
        elif character in "{[":
            self._path.append("" if character == "{" else None)
            self._expects_key = character == "{"
        elif character in "}]":
            self._path = self._path[:-1]
            self._expects_key = False
            self._ended = not self._path
            yield "close", self._keys(), character
        elif character == ",":
            self._expects_key = bool(self._path) and self._path[-1] is not None
        elif character == ":":
            self._expects_key = False

    def _inside(self, character: str) -> str:
        """Take a character of a string; return what of a value it completes."""
        assert self._string is not None
        if self._escape:
            text = self._escaped(character)
        elif character == "\\":
            self._escape = character
            return ""
        elif character == '"':
            if self._expects_key and self._path:
                self._path[-1] = self._string
            self._string = None
            return ""
        else:
            text = character
        if not self._expects_key:
            return text
        self._string += text
        return ""

    def _escaped(self, character: str) -> str:
        self._escape += character
        if self._escape[1] != "u":
            self._escape = ""
            return _ESCAPES.get(character, character)
        if len(self._escape) < 6:
            return ""
        code, self._escape = _code(self._escape[2:]), ""
        if 0xD800 <= code < 0xDC00:
            self._surrogate = code
            return ""
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((self._surrogate & 0x3FF) << 10) + (code & 0x3FF) if self._surrogate else 0xFFFD
        self._surrogate = 0
        return chr(code)


def _code(digits: str) -> int:
    try:
        return int(digits, 16)
    except ValueError:
        return 0xFFFD


def _numbers_to(last: int) -> str:
    """Return a rule for the numbers from 1 to ``last`` with few branches: llama.cpp follows each of them."""
    if last < 10:
        return f"[1-{max(last, 1)}]"
    if last >= 100:
        return "[1-9] [0-9]? | " + " | ".join(f'"{number}"' for number in range(100, last + 1))
    tens, ones = divmod(last, 10)
    below = f" | [1-{tens - 1}] [0-9]" if tens > 1 else ""
    return f'[1-9]{below} | "{tens}" [0-{ones}]'
