"""Articles on a topic → its timeline, or its news: the days that matter most, each told by quoted sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from assistant.timeline.choosing import Candidate, Choice, confirming
from assistant.timeline.events import Dating, Days, Event, Quote, Report
from assistant.timeline.importance import weigh_days
from assistant.timeline.sentences import read_sentences

# Days shown where nothing else is asked for: what a person reads at once, and of those what is not too unimportant.
LIMIT = 15
NOTABLE = 0.2

# Of a day's news up to so many sentences are told; what happened so long before them is worth so much. By eye.
NEWS_A_DAY = 2
RECENT = timedelta(7)
BACKGROUND = 0.25


def tell_timeline(
    reports: Sequence[Report],
    weights: Mapping[str, float],
    *,
    since: date | None = None,
    until: date | None = None,
    limit: int = LIMIT,
    least: float = 0.0,
    sentences_a_day: int = 1,
    exact_days_only: bool = False,
) -> tuple[Event, ...]:
    """Return the events of up to ``limit`` days or spans, the most important ones, oldest first.

    Days of less than the ``least`` importance are left out. ``weights`` says how telling each stem of the topic's words
    is (see ``assistant.timeline.topics``). ``since`` and ``until`` are days on which things happened, both included,
    not of publication. What several articles tell of the same days is one event; what was told of one day is not told
    again of another. The same reports give the same timeline, in whatever order they come.
    """
    ordered = _oldest_first(reports)
    sentences = read_sentences(ordered, weights)
    worth = weigh_days(ordered, sentences)
    choice = Choice(sentences, tuple(weights))
    top = max(worth.values(), default=1.0)
    told: list[list[Event]] = []
    for days in sorted(worth, key=lambda days: (-worth[days], days)):
        if len(told) >= limit or worth[days] < least * top:
            break
        if not _is_between(days, since, until) or (exact_days_only and not days.is_exact_day):
            continue
        candidates = choice.candidates(days)
        chosen = choice.choose(candidates, sentences_a_day)
        if chosen:
            told.append([_event(ordered, choice, days, one, candidates, worth[days] / top) for one in chosen])
    return tuple(event for events in sorted(told, key=lambda events: events[0].days) for event in events)


def tell_news(
    new: Sequence[Report], before: Sequence[Report], weights: Mapping[str, float], *, limit: int = LIMIT
) -> tuple[Event, ...]:
    """Return what new reports tell that those before do not, of up to ``limit`` days, oldest first.

    What happened long before the new reports counts little, unless there is nothing before them.
    """
    ordered = [*_oldest_first(new), *_oldest_first(before)]
    sentences = read_sentences(ordered, weights)
    fresh = [sentence for sentence in sentences if sentence.report < len(new)]
    worth = weigh_days(ordered[: len(new)], fresh)
    if before:
        worth = _without_background(worth, new)
    choice = Choice(sentences, tuple(weights), told_before=[one for one in sentences if one.report >= len(new)])
    top = max(worth.values(), default=1.0)
    told: list[list[Event]] = []
    for days in sorted(worth, key=lambda days: (-worth[days], days)):
        if len(told) >= limit or worth[days] < NOTABLE * top:
            break
        candidates = [one for one in choice.candidates(days) if one.sentence.report < len(new)]
        chosen = choice.choose(candidates, NEWS_A_DAY)
        # What names no day is told of a day of which there is nothing else.
        chosen = [one for one in chosen if one.basis == "stated"] or chosen[:1]
        if chosen:
            told.append([_event(ordered, choice, days, one, candidates, worth[days] / top) for one in chosen])
    return tuple(event for events in sorted(told, key=lambda events: events[0].days) for event in events)


def _without_background(worth: Mapping[Days, float], new: Sequence[Report]) -> dict[Days, float]:
    first = min((report.published for report in new if report.published), default=date.min)
    return {
        days: value * (BACKGROUND if days.until < first - min(RECENT, first - date.min) else 1.0)
        for days, value in worth.items()
    }


def _oldest_first(reports: Sequence[Report]) -> list[Report]:
    return sorted(reports, key=lambda report: (report.published or date.max, report.article.ref.id))


def _is_between(days: Days, since: date | None, until: date | None) -> bool:
    return (since is None or days.since >= since) and (until is None or days.until <= until)


def _event(
    reports: Sequence[Report],
    choice: Choice,
    days: Days,
    chosen: Candidate,
    candidates: Sequence[Candidate],
    importance: float,
) -> Event:
    also = confirming(chosen, candidates)
    disputing = choice.disputing(chosen, days, lambda number: reports[number].article.ref.outlet)
    telling = [reports[one.sentence.report] for one in (chosen, *also)]
    outlets = {outlet.casefold(): outlet for report in reversed(telling) if (outlet := report.article.ref.outlet)}
    return Event(
        days=days,
        basis=chosen.basis,
        is_announced=chosen.sentence.published < days.since,
        quote=_quote(reports, chosen),
        importance=importance,
        outlets=tuple(outlets[key] for key in sorted(outlets)),
        also=tuple(_quote(reports, one) for one in also),
        disputing=tuple(
            Dating(others, _quote(reports, one))
            for others, one in disputing
            if reports[one.sentence.report].article.ref.outlet not in outlets.values()
        ),
    )


def _quote(reports: Sequence[Report], candidate: Candidate) -> Quote:
    sentence, report = candidate.sentence, reports[candidate.sentence.report]
    return Quote(report.article.ref, sentence.start, sentence.end, sentence.text, report.copies)
