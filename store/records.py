"""The nouns of the archive: what is read, kept, searched and found. Values only, no behaviour that touches a disk."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

Scorer = Literal["lexical", "dense", "fused", "reranked"]


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """What identifies and describes an article, without its text.

    ``published`` and ``modified`` are a plain day when only the day is known, else a moment; ``None`` means unknown.
    ``url`` is the address the article calls its own; ``final_url`` the one it was fetched from after redirects, at
    ``fetched`` (UTC). ``is_truncated`` says that the source held only the beginning, as behind a paywall.
    ``page_starts`` are the offsets in the body at which the pages of a paged document begin, the first one 0.
    """

    id: str
    headline: str
    outlet: str | None = None
    authors: tuple[str, ...] = ()
    published: date | datetime | None = None
    modified: date | datetime | None = None
    url: str | None = None
    language: str | None = None
    section: str | None = None
    place: str | None = None
    final_url: str | None = None
    fetched: datetime | None = None
    is_truncated: bool = False
    page_starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """A published text. ``body`` is what every offset in this project counts in, by code point."""

    ref: ArticleRef
    body: str


@dataclass(frozen=True, slots=True)
class Revision:
    """An article as it was until ``replaced`` (UTC), when another text of it was added."""

    article: Article
    replaced: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as a reader found it, before the archive knows it.

    ``source`` names the file, URL or ``-`` it was read from and ``line`` (1-based) where it begins there, for messages
    and to recognise the same article when it comes again. ``id`` is set only where the input itself names one.
    Every text has passed ``store.cleaning``; ``body`` has one paragraph a line. The fields of an ``ArticleRef`` mean
    here what they mean there.
    """

    headline: str
    body: str
    source: str
    line: int | None = None
    id: str | None = None
    outlet: str | None = None
    authors: tuple[str, ...] = ()
    published: date | datetime | None = None
    modified: date | datetime | None = None
    url: str | None = None
    language: str | None = None
    section: str | None = None
    place: str | None = None
    final_url: str | None = None
    fetched: datetime | None = None
    is_truncated: bool = False
    page_starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportedFeed:
    """A feed that an exported archive was subscribed to; ``added`` is when (UTC)."""

    url: str
    title: str | None
    outlet: str | None
    added: datetime
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class ExportHead:
    """What an export says before its articles: how many there are, and what its vectors are from, if it has any."""

    articles: int
    embedder: str | None = None
    digest: str | None = None
    dimension: int = 0
    feeds: tuple[ExportedFeed, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportedEntry:
    """The entry of a feed, known by the feed's address, that an exported article came from; see ``KnownEntry``."""

    feed: str
    guid: str
    url: str | None
    mark: str
    tries: int
    seen: datetime


@dataclass(frozen=True, slots=True)
class Exported:
    """An article of an export, with what only the archive knew of it.

    ``added`` is when it came into that archive, ``revisions`` what it was before, oldest first. ``spans`` are its
    passages, where they are to stay as they are; ``vectors`` then has one for each, or None, as little-endian float32,
    made by the model whose digest is ``digest``.
    """

    draft: Draft
    added: datetime
    revisions: tuple[Revision, ...] = ()
    entries: tuple[ExportedEntry, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    vectors: tuple[bytes | None, ...] = ()
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A place in a dump: everything before it has been read, so reading can go on there after a kill.

    ``stamp`` tells the dump and the options it is read with from any other; ``offset`` is in bytes of what is read,
    unpacked where a packed dump cannot be entered in its middle, ``None`` at the end: there is nothing to go on with.
    ``line`` is the number of lines or records before it.
    """

    source: str
    stamp: str
    offset: int | None
    line: int


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval: whole sentences of one article, with ``text == body[start:end]``."""

    id: str
    article: ArticleRef
    ordinal: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Preference:
    """What is preferred among what a filter leaves: closeness to a day, days of publication, outlets.

    ``near`` is the day the question is asked on: closeness to it counts as far as what is found speaks for a question
    about its present, wholly where the question says so itself (``present``). ``since`` and ``until`` are included;
    outlets match without case. With ``newest_first`` the newest of what fits comes first.
    """

    near: date | None = None
    present: bool = False
    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] = ()
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """How a hit came to its rank.

    ``lexical`` is its bm25 and ``dense`` its cosine, with their ranks among the passages looked at; ``fused`` is what
    both are worth together in standard deviations, for the article; ``preference`` what time and outlet added to it.
    ``words`` are those of the query that stand in it. ``reranked`` is the reranker's score where it was asked.
    """

    words: tuple[str, ...]
    lexical: float
    lexical_rank: int | None
    dense: float | None
    dense_rank: int | None
    fused: float
    fused_rank: int
    preference: float
    reranked: float | None = None


class PassageWords(NamedTuple):
    """A passage as its words are indexed. ``day`` is a proleptic ordinal, 0 where unknown; ``outlet`` is folded."""

    key: int
    article: int
    day: int
    outlet: str | None
    headline: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage at a 1-based rank for a query. Scores compare within one list of one scorer only.

    ``copies`` are other prints of the same story, which are no hits of their own.
    """

    passage: Passage
    rank: int
    score: float
    scorer: Scorer
    copies: tuple[ArticleRef, ...] = ()
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Days of publication, both ends included; ``None`` is open. ``basis`` says where it came from, for people."""

    since: date | None
    until: date | None
    basis: str
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What a hit's article must satisfy. Articles without a day satisfy no window; outlets match without case.

    ``about`` are persons, places and organisations, by any of their names, that it must name, all of them.
    """

    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] = ()
    about: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.since is None and self.until is None and not self.outlets and not self.about


@dataclass(frozen=True, slots=True)
class Skipped:
    """One piece of input that was not taken and why. ``line`` is 1-based, ``None`` for a whole source."""

    source: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class AddReport:
    """What an ``add`` did, in articles; ``passages`` counts those written, ``notices`` are for people.

    Of very many that were skipped, ``skipped`` holds the first, and ``unnamed`` counts the others.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: tuple[Skipped, ...] = field(default=())
    passages: int = 0
    notices: tuple[str, ...] = ()
    unnamed: int = 0

    @property
    def skipped_count(self) -> int:
        return len(self.skipped) + self.unnamed


def page_at(ref: ArticleRef, offset: int) -> int | None:
    """Return the 1-based number of the page on which the character at ``offset`` of the body stands, if it has pages.

    Pages without text begin where the next one does: what stands there belongs to the last of them.
    """
    return bisect_right(ref.page_starts, offset) or None


def day_of(moment: date | datetime | None) -> date | None:
    """Return the calendar day as the publisher wrote it: a moment keeps its own offset."""
    return moment.date() if isinstance(moment, datetime) else moment
