"""A session → a file to keep, send and print: Markdown with front matter for people, JSON for programs."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from assistant import markdown
from assistant.citations import past_markers
from assistant.errors import ConfigError
from assistant.rendering import format_day, support_mark, support_text, to_json, window_text
from assistant.transcripts import session_json
from store.cleaning import clean_line
from store.records import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assistant.claims.claim import Comparison
    from assistant.conversation import Answer
    from assistant.saved_turns import SavedTurn
    from assistant.sessions import Session
    from store.records import ArticleRef

Form: TypeAlias = Literal["md", "json"]

_FORMS: dict[str, Form] = {".md": "md", ".markdown": "md", ".json": "json"}

_TITLE_CHARS = 100
# A file's name has 255 bytes at most, and a character has up to four.
_NAME_CHARS = 50


def export_session(
    session: Session, turns: Sequence[SavedTurn], form: Form, *, exported_utc: datetime | None = None
) -> str:
    """Return a session as the text of a file; the same text whenever ``exported_utc``, which Markdown tells, is given.

    Where it is not given it is now.
    """
    if form == "json":
        return to_json(session_json(session, turns)) + "\n"
    parts = [_front_matter(session, turns, exported_utc or datetime.now(UTC))]
    for number, saved in enumerate(turns, start=1):
        parts += _turn_parts(number, saved)
    return "\n\n".join(parts) + "\n"


def form_of(path: Path) -> Form:
    """Return the form that a file's name asks for; raise ConfigError for a name that asks for none."""
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        raise ConfigError(f"{path.name!r} says no format", hint="let the name end with .md or .json")
    return form


def default_file_name(session: Session, form: Form) -> str:
    """Return what a session's file may be called: its name, or how it began, and the day of its last question."""
    told = re.sub(r"[\W_]+", "-", clean_line(session.name or session.first_asked)).strip("-")
    short = told[:_NAME_CHARS].rpartition("-")[0] or told[:_NAME_CHARS] if len(told) > _NAME_CHARS else told
    return f"{short or session.id}-{session.asked_utc.astimezone():%Y-%m-%d}.{form}"


def write_export(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write ``text`` to a new file, whole or not at all; with ``overwrite`` in place of the one that is there.

    Raises ConfigError where there is one already, or where none can be.
    """
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{str(path)!r} is no file", hint="name a file that ends with .md or .json")
        if overwrite:
            _write_aside(path.resolve(), text).replace(path.resolve())
        else:
            _write_new(path, text)
    except FileExistsError as exc:
        raise ConfigError(f"there is a file {str(path)!r} already", hint="choose another name") from exc
    except FileNotFoundError as exc:
        raise ConfigError(f"there is no folder {str(path.parent)!r}", hint="make it, or name another") from exc
    except (OSError, ValueError, RuntimeError) as exc:
        raise ConfigError(f"cannot write {str(path)!r}: {exc}", hint="name a file elsewhere") from exc


def _write_new(path: Path, text: str) -> None:
    if os.path.lexists(path):
        raise FileExistsError
    aside = _write_aside(path, text)
    try:
        path.hardlink_to(aside)  # Fails where a file came into being meanwhile, as a rename would not.
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _write_aside(path: Path, text: str) -> Path:
    """Write ``text`` to a file beside ``path``, with the rights of any new file, and return where."""
    aside = path.with_name(f".dateline-{os.getpid()}-{os.urandom(4).hex()}.new")
    try:
        with aside.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return aside


# -- front matter ------------------------------------------------------------------------------------------------------


def _front_matter(session: Session, turns: Sequence[SavedTurn], exported_utc: datetime) -> str:
    fields: dict[str, str] = {
        # The one field that Pandoc reads as Markdown. The others are for programs, and stand as they are.
        "title": _quoted(markdown.line(_title(session))),
        "session": _quoted(session.id),
        "archive": _quoted(str(session.archive)),
        "started": _moment(session.started_utc),
        "last_asked": _moment(session.asked_utc),
        "questions": str(len(turns)),
        "models": _listed(dict.fromkeys(saved.turn.answer.model for saved in turns)),
        **(_kept_to(turns[-1]) if turns else {}),
        "exported": _moment(exported_utc),
        "generator": _quoted(_generator()),
    }
    return "\n".join(["---", *(f"{name}: {value}" for name, value in fields.items()), "---"])


def _title(session: Session) -> str:
    title = clean_line(session.name or session.first_asked or session.id)
    return title if len(title) <= _TITLE_CHARS else f"{title[: _TITLE_CHARS - 1].rstrip()}…"


def _kept_to(saved: SavedTurn) -> Mapping[str, str]:
    """Return what was set by hand for a turn."""
    scope = saved.scope
    days = {"since": scope.since, "until": scope.until, "as_of": scope.as_of}
    kept = {name: day.isoformat() for name, day in days.items() if day}
    names = {"outlets": scope.outlets, "about": scope.about}
    return {**kept, **{name: _listed(given) for name, given in names.items() if given}}


def _generator() -> str:
    from importlib.metadata import PackageNotFoundError, version  # 20 ms

    try:
        return f"dateline {version('dateline')}"
    except PackageNotFoundError:  # run from its source, not installed
        return "dateline"


def _quoted(text: str) -> str:
    # A string of JSON is one of YAML.
    return json.dumps(clean_line(text), ensure_ascii=False)


def _listed(texts: Sequence[str] | Mapping[str, None]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


# -- turns -------------------------------------------------------------------------------------------------------------


def _turn_parts(number: int, saved: SavedTurn) -> Iterator[str]:
    turn, answer = saved.turn, saved.turn.answer
    yield f"## {number}. {markdown.line(turn.asked or turn.question)}"
    yield "\n".join(f"- {fact}" for fact in _facts(saved))
    if answer.text:
        yield _answer_text(answer)
    yield from _ending(saved)
    if turn.differences:
        yield _differences(turn.differences)
    if answer.warnings:
        yield "\n".join(f"- Note: {markdown.line(warning)}" for warning in answer.warnings)
    if answer.citations:
        yield "### Sources"
        for cited in answer.citations:
            yield _source(cited.number, cited.hit.passage.article, cited.start, cited.end, cited.quote)
            yield from _copies(cited.number, cited.hit.copies)
    elif answer.nearest:
        yield "### Nearest evidence"
        for place, hit in enumerate(answer.nearest, start=1):
            passage = hit.passage
            yield _source(place, passage.article, passage.start, passage.end, passage.text)
            yield from _copies(place, hit.copies)


def _differences(differences: Sequence[Comparison]) -> str:
    from assistant.claims.telling import difference_lines  # only where reports differ

    return "\n".join(
        ["### Where they differ", "", *(f"- {markdown.line(line)}" for line in difference_lines(differences))]
    )


def _facts(saved: SavedTurn) -> Iterator[str]:
    turn, asked = saved.turn, saved.asked_utc.astimezone(UTC)
    yield f"Asked: {format_day(asked.date())}, {asked:%H:%M} UTC"
    if turn.asked:
        yield f"Understood as: {markdown.line(turn.question)}"
    if saved.scope.as_of:
        yield f"As of: {format_day(saved.scope.as_of)}"
    if turn.window:
        yield f"Searched: articles {markdown.line(window_text(turn.window))}"
    if turn.outlets:
        yield f"Outlets: {markdown.line(', '.join(turn.outlets))}"
    yield f"Model: {markdown.line(turn.answer.model)}"


def _answer_text(answer: Answer) -> str:
    """Return the answer with the marks of what its sources do not bear out."""
    marked, position = "", 0
    for statement in answer.statements:
        end = past_markers(answer.text, statement.end)
        marked += answer.text[position:end] + support_mark(statement.support)
        position = end
    marked += answer.text[position:]
    numbers = {citation.number for citation in answer.citations}
    # The built-in model only quotes: what looks like Markdown in it is an article's own.
    return (markdown.paragraphs if answer.model == "extractive" else markdown.written)(marked, numbers)


def _ending(saved: SavedTurn) -> Iterator[str]:
    """Yield how the statements of an answer are borne out, and what keeps it from being whole."""
    answer, why = saved.turn.answer, markdown.line(saved.error or "")
    lost = " Its sources were not kept." if answer.text and not answer.statements else ""
    match saved.state:
        case "failed":
            yield f"**Not answered:** {why or 'no reason was kept'}.{lost}"
        case "incomplete":
            yield f"**Incomplete:** {why or 'the model broke off'}.{lost}"
        case "unfinished":
            yield f"**Unfinished:** no {'end of the ' if answer.text else ''}answer was kept.{lost}"
        case _:
            pass
    if saved.state in {"finished", "incomplete"} and (told := support_text(replace(answer, complete=True))):
        yield markdown.line(told)


def _source(number: int, ref: ArticleRef, start: int, end: int, quote: str) -> str:
    told = [markdown.line(ref.outlet) if ref.outlet else ""]
    told.append(f"“{markdown.line(ref.headline)}”" if ref.headline else "")
    told.append(format_day(day_of(ref.published)) or "no date")
    told.append(markdown.address(ref.url) if ref.url else "")
    told.append(markdown.code(f"{ref.id}:{start}-{end}"))
    item = f"{number}. "
    return f"{item}{', '.join(filter(None, told))}\n\n{markdown.indented(markdown.quotation(quote), len(item))}"


def _copies(number: int, copies: Sequence[ArticleRef]) -> Iterator[str]:
    if copies:
        told = (", ".join(filter(None, (copy.outlet, format_day(day_of(copy.published))))) for copy in copies)
        text = f"Also printed by: {markdown.line('; '.join(one or 'no outlet' for one in told))}"
        yield markdown.indented(text, len(f"{number}. "))
