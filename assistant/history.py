"""What publishers changed in an article after it was first added: headline, other fields, sentences of the body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher

from store.records import Article, ArticleRef, Revision
from store.splitting import split_sentences

# Compared and told in this order; what only says how it was fetched is no change of the article.
_FIELDS = ("headline", "outlet", "authors", "published", "modified", "url", "section", "is_truncated")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of an article before and after, in words; ``None`` where it was not known."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class BodyChange:
    """Neighbouring sentences that were taken out and those that came in their place; either may be empty."""

    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What was different when the next text of an article was added, at ``seen`` (UTC)."""

    seen: datetime
    fields: tuple[FieldChange, ...]
    body: tuple[BodyChange, ...]


def changes_of(article: Article, revisions: Sequence[Revision]) -> list[Change]:
    """Return the changes from each of the ``revisions``, oldest first, to the next and at last to ``article``."""
    texts = [*(revision.article for revision in revisions), article]
    return [
        Change(revision.replaced, _field_changes(before.ref, after.ref), _body_changes(before.body, after.body))
        for revision, before, after in zip(revisions, texts, texts[1:], strict=False)
    ]


def _field_changes(before: ArticleRef, after: ArticleRef) -> tuple[FieldChange, ...]:
    pairs = ((name, _told(getattr(before, name)), _told(getattr(after, name))) for name in _FIELDS)
    return tuple(FieldChange(*pair) for pair in pairs if pair[1] != pair[2])


def _told(value: str | bool | date | tuple[str, ...] | None) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else None
    if isinstance(value, date):  # a moment is a date too
        return value.isoformat()
    if isinstance(value, tuple):
        return ", ".join(value) or None
    return value


def _body_changes(before: str, after: str) -> tuple[BodyChange, ...]:
    old, new = _sentences(before), _sentences(after)
    # Not junk: a sentence that stands often in a long live blog is as good a landmark as another.
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return tuple(
        BodyChange(tuple(old[first:last]), tuple(new[begin:end]))
        for kind, first, last, begin, end in blocks
        if kind != "equal"
    )


def _sentences(body: str) -> list[str]:
    return [body[start:end] for start, end in split_sentences(body)]
