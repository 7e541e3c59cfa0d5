"""The commands of the chat: what is typed after '/', what it asks for, and how it is completed."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

from assistant.config import LARGEST_K
from assistant.days import read_day
from assistant.errors import ConfigError
from store.cleaning import clean_line, plain
from store.words import content_words

# What is offered at once: more is not read but narrowed down.
_MOST_OFFERED = 50
# Entries of a folder that are looked at for a completion.
_MOST_LISTED = 10_000
# Of a mistyped command that is quoted back.
_QUOTED_CHARS = 40


@dataclass(frozen=True, slots=True)
class SetSince:
    """Keep to articles of that day or later; None: no longer. So with the two below."""

    day: date | None


@dataclass(frozen=True, slots=True)
class SetUntil:
    day: date | None


@dataclass(frozen=True, slots=True)
class SetAsOf:
    day: date | None


@dataclass(frozen=True, slots=True)
class SetOutlets:
    """Keep to these outlets and no other; none: to no outlet."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetAbout:
    """Keep to articles that name all of these; none: to no name."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchEverything:
    """Keep to no days, no outlets and no names."""


@dataclass(frozen=True, slots=True)
class UseModel:
    """Let this model answer; None: only say which one does."""

    name: str | None


@dataclass(frozen=True, slots=True)
class ReadPassages:
    """Search for so many passages; None: only say how many."""

    k: int | None


@dataclass(frozen=True, slots=True)
class ToggleSources:
    pass


@dataclass(frozen=True, slots=True)
class AddSources:
    """Put files, folders or patterns into the archive; ``~`` is the home folder already."""

    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EmbedRest:
    """Embed what is not embedded yet."""


@dataclass(frozen=True, slots=True)
class Export:
    """Write the conversation to a file; without one, to a name of the chat's choice."""

    file: Path | None
    form: Literal["md", "json"]


@dataclass(frozen=True, slots=True)
class ListSessions:
    """Show the conversations that hold the words; all, where there are none."""

    words: str


@dataclass(frozen=True, slots=True)
class RenameSession:
    """Give the conversation a name; None: only say which one it has."""

    name: str | None


@dataclass(frozen=True, slots=True)
class NewSession:
    name: str | None


@dataclass(frozen=True, slots=True)
class BrowseArchive:
    """Show the articles that hold the words; all, where there are none."""

    words: str


@dataclass(frozen=True, slots=True)
class ShowTimeline:
    """Show what happened when on a topic."""

    topic: str


@dataclass(frozen=True, slots=True)
class ShowBrief:
    """Show what is new on a topic since its last brief."""

    topic: str


@dataclass(frozen=True, slots=True)
class CompareReports:
    """Show what several outlets say of a topic."""

    topic: str


@dataclass(frozen=True, slots=True)
class ShowHelp:
    pass


@dataclass(frozen=True, slots=True)
class Quit:
    pass


Given: TypeAlias = (
    SetSince | SetUntil | SetAsOf | SetOutlets | SetAbout | SearchEverything | UseModel | ReadPassages | ToggleSources
    | AddSources | EmbedRest | Export | ListSessions | RenameSession | NewSession | BrowseArchive | ShowTimeline
    | ShowBrief | CompareReports | ShowHelp | Quit
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Command:
    """A command: ``argument`` is how what follows it is written, in brackets where it may be left out."""

    name: str
    argument: str
    help: str
    read: Callable[[str, date], Given] = field(repr=False, compare=False)

    @property
    def form(self) -> str:
        """How the whole command is written."""
        return f"/{self.name} {self.argument}".rstrip()


@dataclass(frozen=True, slots=True)
class Completion:
    """What may be meant: ``text`` is the whole of the box with it, ``label`` what is shown, ``help`` what it means."""

    text: str
    label: str
    help: str = ""


def read_command(text: str, *, today: date | None = None) -> Given | None:
    """Return what a command asks for; None where ``text`` is a question, as one that begins with '//'.

    ``today`` is the day on the asker's calendar where it is not given. Raise ConfigError for a command that there is
    not, or whose argument cannot be.
    """
    text = text.strip()
    if not text.startswith("/") or text.startswith("//"):
        return None
    name, argument = _split(text)
    command = _BY_NAME.get(name.lower())
    if command is None:
        raise _unknown(name)
    if argument and not command.argument:
        raise ConfigError(f"/{command.name} takes no more words, not {_quoted_back(argument)}")
    return command.read(argument.strip(), today or _today())


def question_of(text: str) -> str:
    """Return the question in what was typed: one that begins with '/' is typed with two."""
    text = text.strip()
    return text[1:] if text.startswith("//") else text


def complete(
    text: str,
    *,
    outlets: Sequence[str],
    models: Sequence[str],
    names: Sequence[str] = (),
    paths: Callable[[str], Sequence[str]],
    covered: tuple[date, date] | None = None,
    today: date | None = None,
) -> tuple[Completion, ...]:
    """Return what the command at the end of ``text`` may become: what begins so first, then what holds it.

    ``paths`` returns the files and folders that begin like a text; ``covered`` are the first and the last day of the
    archive, of which the years are offered. Nothing is offered for a question.
    """
    if not text.startswith("/") or text.startswith("//") or "\n" in text:
        return ()
    name, space, rest = text[1:].partition(" ")
    if not space:
        found: Iterable[Completion] = _commands(name)
    elif name in {"since", "until", "as-of"}:
        found = _days(name, rest, covered, today or _today())
    elif name == "outlet":
        found = _listed("outlet", rest, outlets)
    elif name == "about":
        found = _listed("about", rest, names)
    elif name == "model":
        found = (Completion(f"/model {model}", model) for model in _matching(rest, models))
    elif name == "add":
        found = _files(rest, paths)
    elif name == "export":
        found = (Completion(f"/export {path}", path) for path in paths(rest.strip()))
    else:
        found = ()
    return tuple(islice((completion for completion in found if completion.text != text), _MOST_OFFERED))


def list_paths(beginning: str) -> list[str]:
    """Return the files and folders whose path begins so, sorted, folders with a '/' behind them; none on any error.

    Hidden ones are left out unless their dot is typed, and always those with a character that no box can hold.
    """
    folder, name = os.path.split(beginning)
    try:
        with os.scandir(Path(folder or ".").expanduser()) as entries:
            found = [
                entry.name + ("/" if entry.is_dir() else "")
                for entry in islice(entries, _MOST_LISTED)
                if entry.name.startswith(name) and (name or not entry.name.startswith("."))
                if plain(entry.name) == entry.name
            ]
    except (OSError, ValueError, RuntimeError):
        return []
    return [os.path.join(folder, entry) for entry in sorted(found)]  # noqa: PTH118 - Path drops the '/' at the end


def _split(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"/(\S*)\s*(.*)", text, re.DOTALL)
    assert found  # of any text that begins with '/'
    return found[1], found[2]


def _unknown(name: str) -> ConfigError:
    from difflib import get_close_matches  # 7 ms, for a typing error only

    nearest = get_close_matches(name.lower(), _BY_NAME, n=1, cutoff=0.5)
    meant = f"did you mean /{nearest[0]}?" if nearest else "/help lists the commands;"
    hint = f"{meant} a question that begins with '/' is written with '//'"
    return ConfigError(f"there is no command {_quoted_back('/' + name)}", hint=hint)


def _quoted_back(text: str) -> str:
    return repr(text if len(text) <= _QUOTED_CHARS else text[: _QUOTED_CHARS - 1] + "…")


def _today() -> date:
    return date.today()  # noqa: DTZ011 - the day on the asker's calendar is meant


# -- arguments ---------------------------------------------------------------------------------------------------------


def _read_since(text: str, today: date) -> Given:
    return SetSince(read_day(text, last=False, today=today) if text else None)


def _read_until(text: str, today: date) -> Given:
    return SetUntil(read_day(text, last=True, today=today) if text else None)


def _read_as_of(text: str, today: date) -> Given:
    return SetAsOf(read_day(text, last=True, today=today) if text else None)


def _read_outlets(text: str, _: date) -> Given:
    return SetOutlets(_names_in(text, "outlet"))


def _read_about(text: str, _: date) -> Given:
    return SetAbout(_names_in(text, "about"))


def _names_in(text: str, command: str) -> tuple[str, ...]:
    names = (clean_line(given.replace('"', "")) for given in _NAMES.findall(_with_plain_quotes(text, command)))
    return tuple(dict.fromkeys(filter(None, names)))


def _read_model(text: str, _: date) -> Given:
    return UseModel(clean_line(text) or None)


def _read_k(text: str, _: date) -> Given:
    k = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0
    if text and not 1 <= k <= LARGEST_K:
        raise ConfigError(f"k must be a whole number from 1 to {LARGEST_K}, not {_quoted_back(text)}")
    return ReadPassages(k or None)


def _read_add(text: str, _: date) -> Given:
    try:
        sources = shlex.split(text)
    except ValueError as exc:
        raise ConfigError(
            f"a quotation mark in {_quoted_back(text)} is not closed", hint="close it, or write '\\' before it"
        ) from exc
    if not sources:
        raise ConfigError("/add needs to be told what", hint="write /add FILE…, a folder or a pattern such as *.txt")
    return AddSources(tuple(os.path.expanduser(source) for source in sources))  # noqa: PTH111 - keeps a '/' at the end


def _read_export(text: str, _: date) -> Given:
    file = Path(os.path.expanduser(_unquoted(text))) if text else None  # noqa: PTH111 - never raises
    suffix = file.suffix.lower() if file else ".md"
    if suffix in {".md", ".markdown"}:
        return Export(file, "md")
    if suffix == ".json":
        return Export(file, "json")
    what = f"{suffix!r} files are not written" if suffix else f"the kind of {_quoted_back(text)} is not said"
    raise ConfigError(what, hint="let the name end with .md or .json")


def _read_archive(text: str, _: date) -> Given:
    return BrowseArchive(clean_line(text))


def _read_timeline(text: str, _: date) -> Given:
    return ShowTimeline(_topic(text, "timeline"))


def _read_brief(text: str, _: date) -> Given:
    return ShowBrief(_topic(text, "brief"))


def _read_compare(text: str, _: date) -> Given:
    return CompareReports(_topic(text, "compare"))


def _topic(text: str, command: str) -> str:
    topic = clean_line(text)
    if not content_words(topic):
        raise ConfigError(
            f"/{command} needs a topic", hint=f"write /{command} and a few words: a name, a place, an event"
        )
    return topic


def _read_sessions(text: str, _: date) -> Given:
    return ListSessions(clean_line(text))


def _read_new(text: str, _: date) -> Given:
    return NewSession(_session_name(text) if text else None)


def _read_rename(text: str, _: date) -> Given:
    return RenameSession(_session_name(text) if text else None)


def _session_name(text: str) -> str:
    from assistant.sessions import checked_name  # the SQLite file of the sessions comes with it

    return checked_name(clean_line(_unquoted(text)))


# Between commas, which may stand in quotation marks.
_NAMES = re.compile(r'(?:[^,"]|"[^"]*"?)+')


def _with_plain_quotes(text: str, command: str) -> str:
    # '/outlet' itself may be repeated, as `--outlet` on the command line.
    return re.sub(rf"(?:^|\s)/{command}(?:\s|$)", ",", re.sub("[“”„]", '"', text))


def _unquoted(text: str) -> str:
    """Return a name that needs no quotation marks, but may have them."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


COMMANDS: tuple[Command, ...] = (
    Command("since", "[DAY]", "only articles of that day or later: 2020-01, last week", _read_since),
    Command("until", "[DAY]", "only articles of that day or earlier", _read_until),
    Command("as-of", "[DAY]", "ask as on that day: hide what was published after it", _read_as_of),
    Command("outlet", "[NAME, …]", "only these outlets", _read_outlets),
    Command("about", "[NAME, …]", "only articles that name these people, places, organisations", _read_about),
    Command("everything", "", "all days and all outlets again", lambda *_: SearchEverything()),
    Command("model", "[NAME]", "who answers", _read_model),
    Command("k", "[N]", "how many passages are read for an answer", _read_k),
    Command("sources", "", "show or hide the sources", lambda *_: ToggleSources()),
    Command("archive", "[WORDS]", "look through the archive", _read_archive),
    Command("timeline", "TOPIC", "what happened when on a topic", _read_timeline),
    Command("compare", "TOPIC", "who says what of a topic, and where they differ", _read_compare),
    Command("brief", "TOPIC", "what is new on a topic since its last brief", _read_brief),
    Command("add", "PATH …", "put files, folders or patterns into the archive", _read_add),
    Command("embed", "", "go on embedding what was added, where it stopped", lambda *_: EmbedRest()),
    Command("export", "[FILE]", "write the conversation to FILE.md or FILE.json", _read_export),
    Command("sessions", "[WORDS]", "go back to an earlier conversation", _read_sessions),
    Command("rename", "[NAME]", "give the conversation a name", _read_rename),
    Command("new", "[NAME]", "begin another conversation", _read_new),
    Command("help", "", "the keys, the commands and the marks", lambda *_: ShowHelp()),
    Command("quit", "", "leave; the conversation is saved", lambda *_: Quit()),
)

_BY_NAME = {command.name: command for command in COMMANDS}


# -- completions -------------------------------------------------------------------------------------------------------


def _commands(typed: str) -> Iterator[Completion]:
    for name in _matching(typed, _BY_NAME):
        command = _BY_NAME[name]
        yield Completion(f"/{name} " if command.argument else f"/{name}", command.form, command.help)


def _days(name: str, typed: str, covered: tuple[date, date] | None, today: date) -> Iterator[Completion]:
    for offered in _matching(typed, [*_spoken(covered, today), *_months(typed, covered, today)]):
        day = read_day(offered, last=name != "since", today=today)
        yield Completion(f"/{name} {offered}", offered, day.isoformat() if offered != day.isoformat() else "")


def _spoken(covered: tuple[date, date] | None, today: date) -> Iterator[str]:
    first, last = covered or (today - timedelta(3653), today)
    if last >= today - timedelta(366):
        yield from ("today", "yesterday", "last week", "last month")
    yield from (str(year) for year in range(min(last, today).year, first.year - 1, -1))


def _months(typed: str, covered: tuple[date, date] | None, today: date) -> Iterator[str]:
    year = typed.partition("-")[0]
    if not re.fullmatch(r"[12][0-9]{3}", year):
        return
    first, last = covered or (date(int(year), 1, 1), today)
    yield from (
        month for number in range(1, 13) if f"{first:%Y-%m}" <= (month := f"{year}-{number:02}") <= f"{last:%Y-%m}"
    )


def _listed(command: str, typed: str, names: Sequence[str]) -> Iterator[Completion]:
    *given, last = _NAMES.findall(typed + " ")
    if typed.rstrip().endswith(","):
        given, last = [*given, last], ""
    head = "".join(f"{name.strip()}, " for name in given if name.strip())
    chosen = {clean_line(name.replace('"', "")).casefold() for name in given}
    for name in _matching(last.replace('"', "").strip(), names):
        if name.casefold() not in chosen:
            yield Completion(f"/{command} {head}" + (f'"{name}"' if "," in name else name), name)


def _files(typed: str, paths: Callable[[str], Sequence[str]]) -> Iterator[Completion]:
    head, word = _last_word(typed)
    for path in paths(word):
        safe = re.fullmatch(r"[\w@%+=:,./~*?-]+", path)
        yield Completion(f"/add {head}" + (path if safe else shlex.quote(path)), path)


def _last_word(argument: str) -> tuple[str, str]:
    """Return what stands before the last word of a line of the shell, and that word without its quotation marks."""
    start, word, quote, is_escaped = 0, "", "", False
    for position, character in enumerate(argument):
        if is_escaped:
            word, is_escaped = word + character, False
        elif character == "\\" and quote != "'":
            is_escaped = True
        elif character == quote:
            quote = ""
        elif not quote and character in "\"'":
            quote = character
        elif not quote and character.isspace():
            start, word = position + 1, ""
        else:
            word += character
    return argument[:start], word


def _matching(typed: str, names: Iterable[str]) -> Iterator[str]:
    """Yield the names that begin with what is typed, then those that hold it."""
    wanted = typed.strip().casefold()
    within = []
    for name in dict.fromkeys(names):
        at = name.casefold().find(wanted)
        if at == 0:
            yield name
        elif at > 0:
            within.append(name)
    yield from within
