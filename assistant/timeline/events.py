"""The nouns of a timeline: the articles it is told from, sentences quoted from them, and what happened when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from store.records import Article, ArticleRef, day_of

Basis = Literal["stated", "published"]


class Days(NamedTuple):
    """The days of an event, both included. ``is_approximate``: one or some of them, as in 'last week' or 'in March'."""

    since: date
    until: date
    is_approximate: bool = False

    @property
    def is_exact_day(self) -> bool:
        return self.since == self.until and not self.is_approximate


@dataclass(frozen=True, slots=True)
class Report:
    """An article on the topic. ``copies`` are other prints of its story: they neither speak nor count by themselves."""

    article: Article
    copies: tuple[ArticleRef, ...] = ()

    @property
    def published(self) -> date | None:
        return day_of(self.article.ref.published)


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of an article: ``body[start:end] == text``, always. ``copies`` are other prints of the article."""

    article: ArticleRef
    start: int
    end: int
    text: str
    copies: tuple[ArticleRef, ...] = ()


class Dating(NamedTuple):
    """The day that another outlet gives for an event, and where it does."""

    days: Days
    quote: Quote


@dataclass(frozen=True, slots=True)
class Event:
    """What one sentence tells of some days.

    ``basis`` is 'stated' where ``quote`` itself says when, 'published' where the days are those of its publication.
    ``is_announced``: it was published before the days it speaks of. ``importance`` is above 0, that of the most
    important days of the topic being 1. ``outlets`` are those of ``quote`` and of ``also``, sentences of other articles
    that tell the same of the same days; an outlet that only prints another's story is not among them. ``disputing``
    are outlets that tell the same of another day.
    """

    days: Days
    basis: Basis
    is_announced: bool
    quote: Quote
    importance: float
    outlets: tuple[str, ...]
    also: tuple[Quote, ...]
    disputing: tuple[Dating, ...] = ()
