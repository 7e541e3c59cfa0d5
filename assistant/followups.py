"""A follow-up question → one that stands alone, with the days and outlets it keeps: by rules, from the words alone.

A question of its own stays word for word. The other way, by an LLM, is ``assistant.rewriting``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from assistant.ellipsis import complete, replace_part
from assistant.incidents import asks_for_detail, incident_of, tells_of_incident
from assistant.references import Said, candidates_of, resolve, topic_of
from assistant.subjects import Subject, find_subjects, relations, split_words
from store.cleaning import clean_line
from store.records import Window
from store.words import STOP_WORDS, content_words

if TYPE_CHECKING:
    from datetime import date

    from assistant.references import Candidate
    from assistant.time_shifts import Days
    from store.outlets import OutletIndex, OutletMention

# Turns that a question may point back to, and what is read of a question; an answer is read by its beginning.
_REACH, _LONGEST_QUESTION, _LONGEST_ANSWER = 8, 600, 1500

# A question of so few meaningful words, naming nothing, hardly says what it is about.
_FEW_WORDS, _FEW_OF_OTHERS = 2, 3

_PATTERNS = {
    # From here on about something new: 'what is inflation?', 'tell me about the weather'.
    "introduces": (
        r"\W*(?:(?:what|who)(?:['’]s| is| are| was| were)"
        r"|(?:can you |could you |please )*(?:tell me|describe|explain|talk)"
        r"(?: more)?(?: about)?) (?!the |some |any |other )"
    ),
    "others": r"\b(?:any|anyone|anybody|else|other|another|also|too|instead)\b",
    "unsure": r"\b(?:the|any|some|other|another)\b",
    "asks": r"\W*(?:what|which|who)\b",
    "ends in of": r"\bof\s+$",
    "led": r"\W*(?:(?:and|but|so|then|ok|okay|what about|how about|what happened)\b[\s,]*)*",
    # 'And Reuters?', 'the Harbour Courier?'
    "name": (
        r"\W*(?:(?:and|what about|how about)\s+(?P<led>[^?]{2,60}?)"
        r"|(?P<bare>(?:the\s+)?(?-i:[A-Z])[\w.&’'-]*(?:\s(?-i:[A-Z])[\w.&’'-]*){0,4}))\W*"
    ),
    "only outlet": (
        r"\W*(?:(?:and|but|so)\s+)?"
        r"(?:(?:what|how)\s+(?:about|did|does|do|has|have|is|was)|according\s+to|in|by|from)?\s*"
        r"(?:the\s+)?['\"“‘]?\x00['\"”’]?"
        r"(?:\s+(?:say|says|said|saying|report|reported|reporting|write|written|wrote|think|thinks|publish|published"
        r"|have\s+to\s+say|put\s+it))?(?:\s+(?:about\s+)?(?:it|that|this))?(?:\s+(?:then|too|instead))?\W*"
    ),
    "unknown outlet": (
        r"\W*(?:(?:and|but|so)\s+)?what\s+(?:did|does|do|has|have)\s+the\s+"
        r"(?P<name>(?-i:[A-Z])[\w.&’'-]*(?:\s(?-i:[A-Z])[\w.&’'-]*){0,3})\s+"
        r"(?:say|said|report|reported|write|written|wrote)(?:\s+(?:about\s+)?(?:it|that|this))?\W*"
    ),
    "other outlets": (
        r"\W*(?:(?:and|but|so)\s+)?(?:(?:what|how)\s+(?:about|do|did|does|have)\s+)?"
        r"(?:according\s+to\s+|in\s+|by\s+|from\s+)?(?:all\s+|any\s+)?(?:the\s+)?(?:others?|rest)"
        r"(?:\s+(?:outlets?|sources?|papers?|newspapers?|media|articles?|sites?"
        r"|reports?|publications?))?(?:\s+(?:say|said|saying|report|reported|write|written|think))?"
        r"(?:\s+(?:about\s+)?(?:it|that|this))?\W*"
    ),
    # 'What happened last week?': about whatever was spoken of, or about anything.
    "general": r"\W*what(?:['’]s|\s+(?:is|was|has|else))?\s+(?:happen(?:ed|ing|s)?|(?:the\s+)?news?|going\s+on)\b",
    "about it": r"\babout\s+(?:it|that|this)\W*$",
    "how many": r"\W*how\s+many\b",
    "preposition": r"\b(?:in|at|by|from|to|of|for|with|about|on)\b",
    "tells": r"\b(?:say|said|think|report|reported|write|know|announce|comment|hear|learn|respond|react|tell)\W*$",
    "I": r"I\b|[A-Z]{2}|[A-Z]\.",
}


@dataclass(frozen=True, slots=True)
class Past:
    """A question that was asked, as typed and as it was answered, the beginning of its answer, and where it was sought.

    ``window`` are the days that were searched, ``outlets`` those that it was kept to, ``as_of`` is the day it was
    asked on, ``told`` that of the article which the answer cites first. ``reports`` are the texts of the articles that
    it cites, where anybody needs to know whether they call a person 'he' or 'she'.
    """

    question: str
    standalone: str
    answer: str = ""
    window: Window | None = None
    outlets: tuple[str, ...] = ()
    as_of: date | None = None
    told: date | None = None
    reports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that needs no conversation.

    ``window`` and ``outlets`` are what it keeps to besides what it says itself: where it names days or outlets of its
    own, they are None and empty. ``basis`` tells people what was carried over. With ``is_guess`` no word points back:
    the question is so short that it seems to leave something out.
    """

    question: str
    is_follow_up: bool = False
    basis: str = ""
    window: Window | None = None
    outlets: tuple[str, ...] = ()
    is_guess: bool = False


def standalone(question: str, history: Sequence[Past], *, today: date, known: OutletIndex | None = None) -> Standalone:
    """Return ``question``, asked on ``today`` after ``history``, as one that stands alone.

    ``known`` are the archive's outlets. A question that leans on nothing comes back as it is.
    """
    asked = clean_line(question)
    if not history or not asked or len(asked) > _LONGEST_QUESTION:
        return Standalone(asked)
    return _Talk(history[-_REACH:], today, known).read(asked)


class _Talk:
    """A conversation as the next question finds it."""

    def __init__(self, history: Sequence[Past], today: date, known: OutletIndex | None) -> None:
        self._last = history[-1]
        self._today = today
        self._known = known
        self._said = [Said(one.standalone, one.answer[:_LONGEST_ANSWER], one.question) for one in history]
        reports = "\n".join(report for one in history for report in one.reports)
        cited = {mention.text.lower() for past in history for mention in _cited(past.standalone, known)}
        self._candidates: list[Candidate] = [
            _with_gender(one, reports)
            for one in candidates_of(self._said)
            if one.subject.bare.lower() not in cited  # who reports it is not what it is about
        ]
        self._topic: Subject | None = topic_of(self._candidates)

    def read(self, asked: str) -> Standalone:
        return self._of_outlet(asked) or self._of_time(asked) or self._of_words(asked)

    # -- outlets -------------------------------------------------------------------------------------------------------

    def _of_outlet(self, asked: str) -> Standalone | None:
        """Return the last question asked of the outlets that ``asked`` names and hardly more, or of all again."""
        if _matches("other outlets", asked):
            return self._keeping(asked, self._without_citing(), "the last question, of all outlets", outlets=())
        found = _pattern("name").fullmatch(asked)
        if self._known is None or (found and self._is_about_outlet(self._known)):
            return None
        # Where nothing cites it, a name like the Guardian is a word of every day.
        asked = f"according to {found['led'] or found['bare']}" if found else asked
        mentions = self._known.named_in(asked)
        if not mentions:
            return self._of_unknown_outlet(asked)
        if len(mentions) != 1:
            return None
        mention = mentions[0]
        if not _matches("only outlet", f"{asked[: mention.start]}\0{asked[mention.end :]}") or self._is_about(asked):
            return None
        the = "the " if re.search(r"\bthe\s+['\"“‘]?$", asked[: mention.start], re.IGNORECASE) else ""
        carried = f"the last question, of {', '.join(mention.outlets)}"
        return self._keeping(asked, self._citing(f"{the}{mention.text}"), carried, outlets=mention.outlets)

    def _is_about(self, asked: str) -> bool:
        """Whether it is said what an outlet shall write about, and not that it shall answer the last question."""
        return _searches("about it", asked) and bool(resolve(asked, self._candidates).meant)

    def _of_unknown_outlet(self, asked: str) -> Standalone | None:
        """Return the last question for 'What did the Guardian say?' where the archive has nothing by the Guardian."""
        found = _pattern("unknown outlet").fullmatch(asked)
        if found is None:
            return None
        carried, unknown = "the last question", f"no article here is known to be by the {found['name']}"
        text = f"{self._without_citing().rstrip(' ?.!')}, according to the {found['name']}?"
        if self._is_about(asked):
            resolved = resolve(asked, self._candidates)
            text, carried = resolved.text, ", ".join(subject.text for subject in resolved.meant)
        return self._keeping(asked, text, f"{carried}; {unknown}")

    def _is_about_outlet(self, known: OutletIndex) -> bool:
        """Whether the last question asks about an outlet itself: then another one takes its place in it."""
        return any(
            known.named(one.text)
            and not any(
                mention.start < one.end <= mention.end for mention in _cited(self._last.standalone, self._known)
            )
            for one in find_subjects(self._last.standalone)
        )

    def _citing(self, name: str) -> str:
        """Return the last question asked of the outlet ``name`` instead."""
        last, cited = self._last.standalone, _cited(self._last.standalone, self._known)
        if len(cited) != 1:
            return f"{self._without_citing().rstrip(' ?.!')}, according to {name}?"
        before = re.sub(r"\bthe\s+(['\"“‘]?)$", r"\1", last[: cited[0].start], flags=re.IGNORECASE)
        return f"{before}{name}{last[cited[0].end :]}"

    def _without_citing(self) -> str:
        from assistant.outlet_cues import read_outlet_cue  # only where outlets are spoken of

        cue = read_outlet_cue(self._last.standalone, self._known) if self._known else None
        return cue.query if cue else self._last.standalone

    # -- time ----------------------------------------------------------------------------------------------------------

    def _of_time(self, asked: str) -> Standalone | None:
        """Return the question with the days that ``asked`` counts from the last ones, or puts in their place."""
        from assistant.time_shifts import (
            only_time,
            placed,
            read_shift,
            with_year,
            words_of,
        )  # 5 ms for the grammar of dates

        anchor = self._anchor()
        shift = read_shift(asked, anchor, self._today)
        if shift is not None and shift.days is not None:
            said = words_of(shift.days)
            text = self._happened(said) if shift.is_vague else None
            text = text if text and not _says(shift.rest) else self._dated(shift.rest, said)
            return self._keeping(asked, text, f"{shift.words}: {said}", days=(self._window(shift.days),))
        if shift is not None and not _says(shift.rest):
            text = self._happened(shift.words) if shift.is_vague else None
            return self._keeping(asked, text or self._dated("", shift.words), "the last question")
        bare = _pattern("led").sub("", asked, count=1).rstrip(" ?.!")
        if bare and only_time(bare, self._today) is not None:
            if _matches_start("general", asked):
                return self._of_other_days(asked, placed(bare, self._today))
            text = self._dated("", placed(with_year(bare, anchor, self._today), self._today))
            return self._keeping(asked, text, f"the last question, {bare}", days=(None,))
        return None

    def _of_other_days(self, asked: str, when: str) -> Standalone:
        """Return 'what happened last week?' about the topic, of all outlets: it asks for no less than all there is."""
        if self._topic is None:
            return Standalone(asked)
        text = f"About {self._topic.text}: what happened {when}?"
        found = self._keeping(asked, text, self._topic.text, days=(None,), outlets=())
        return replace(found, is_guess=True)

    def _anchor(self) -> Days | None:
        """Return the days that the last question was about: those that it names, were searched, or told the answer."""
        from assistant.time_shifts import Days, anchor_of

        window = self._last.window
        named = anchor_of(self._last.standalone, self._last.as_of or self._today)
        if named is None and window is not None and window.since is not None:
            return Days(window.since, window.until)
        told = self._last.told
        return Days(told, told) if named is None and told is not None else named

    def _dated(self, rest: str, days: str) -> str:
        """Return ``rest`` on its own feet, or where it says nothing the last question, with ``days`` at its end."""
        from assistant.time_shifts import without_times

        if _says(rest):
            base = self._of_words(re.sub(r"\s+([?.!,])", r"\1", rest)).question
        else:
            base = without_times(self._last.standalone, self._last.as_of or self._today)
        end = "." if base.rstrip().endswith(".") else "?"
        return f"{base.rstrip(' ?.!')} {days}{end}"

    def _happened(self, when: str) -> str | None:
        """Return what was asked by 'and then?', where the conversation has a topic."""
        if self._topic is None:
            return None
        when = when if re.match(r"on|in|from|since|before", when) else "next"
        return f"About {self._topic.text}: what happened {when}?"

    def _window(self, days: Days) -> Window | None:
        """Return the days to search, after a single one the day of its papers; None where they lie ahead."""
        from assistant.time_shifts import words_of

        until = days.until or self._today
        until = min(until + timedelta(until == days.since), self._today)
        return Window(days.since, until, words_of(days), inferred=True) if days.since <= until else None

    # -- words ---------------------------------------------------------------------------------------------------------

    def _of_words(self, asked: str) -> Standalone:
        """Return the question with what it leaves out or points back to filled in."""
        last = self._last.standalone
        if completed := complete(asked, last, self._said[-1].answer, self._topic):
            return self._keeping(asked, completed.text, "the last question")
        resolved = resolve(asked, self._candidates)
        if resolved.meant:
            named = ", ".join(subject.text for subject in resolved.meant)
            text = self._fragment(resolved.text) or resolved.text
            return self._keeping(asked, text, named)
        is_detail = self._topic is not None and self._is_detail(asked)
        if self._topic is not None and (is_detail or _leans(asked, self._topic)):
            found = self._keeping(asked, _attached(asked, self._topic), self._topic.text)
            # By itself 'how many children died?' would be answered from any report of dead children.
            return replace(found, is_guess=not is_detail)
        return self._unchanged(asked)

    def _is_detail(self, asked: str) -> bool:
        """Whether a question leaves out which incident it asks about, right after a question about one."""
        if not tells_of_incident(self._last.standalone) or not asks_for_detail(asked):
            return False
        from store.dates import find_times  # 5 ms for its grammar

        return not find_times(asked, self._today)

    def _fragment(self, resolved: str) -> str | None:
        """Return the last question about another subject: 'and his wife?', once 'his' is said."""
        found = re.fullmatch(r"\W*(?:and|or|what about|how about)\s+(?P<what>[^?]+?)\W*", resolved, re.IGNORECASE)
        return replace_part(self._last.standalone, found["what"]) if found else None

    def _unchanged(self, asked: str) -> Standalone:
        """Return a full question as it is; on the same subject it keeps days and outlets, with days of its own none."""
        if not self._is_on_subject(asked):
            return Standalone(asked)
        from store.dates import find_times  # 5 ms for its grammar

        return Standalone(asked) if find_times(asked, self._today) else self._keeping(asked, asked, "")

    def _is_on_subject(self, asked: str) -> bool:
        names = {
            stem
            for one in self._candidates
            if one.ago == 0 and not one.in_answer and one.subject.is_name
            for stem in content_words(one.subject.text)
        }
        topic = set(content_words(self._topic.text)) if self._topic else set()
        said = set(content_words(asked))
        return bool(said & names) or (bool(topic) and topic <= said)

    # -- what goes on --------------------------------------------------------------------------------------------------

    def _keeping(
        self,
        asked: str,
        text: str,
        carried: str,
        *,
        days: tuple[Window | None] | None = None,
        outlets: tuple[str, ...] | None = None,
    ) -> Standalone:
        """Return a follow-up with the last days and outlets, unless ``asked`` names its own or others are given."""
        window = days[0] if days else self._kept_window(asked)
        kept = outlets if outlets is not None else self._kept_outlets(asked)
        same = "the same days" if days is None and window is not None else ""
        only = f"only {', '.join(kept)}" if outlets is None and kept else ""
        basis = "; ".join(part for part in (carried, same, only) if part)
        return Standalone(text[:1].upper() + text[1:], bool(basis), basis, window, kept)

    def _kept_window(self, asked: str) -> Window | None:
        if self._last.window is None:
            return None
        from store.dates import find_times  # 5 ms for its grammar

        return None if find_times(asked, self._today) else self._last.window

    def _kept_outlets(self, asked: str) -> tuple[str, ...]:
        if self._known is not None and any(mention.cited for mention in self._known.named_in(asked)):
            return ()
        return self._last.outlets


def _says(rest: str) -> bool:
    """Whether what is left of a question without its time words asks anything."""
    return len(re.findall(r"\w{2,}", _pattern("led").sub("", rest, count=1))) > 1


def _leans(question: str, topic: Subject) -> bool:
    """Whether a question without a word that points back still leaves out what it is about."""
    own = find_subjects(question)
    if any(one.is_name for one in own) or set(content_words(question)) & set(content_words(topic.text)):
        return False
    if _matches_start("introduces", question) and own and own[0].head not in relations():
        return False
    if any(_is_complement(question, one) for one in own) or _has_subject(question, own):
        return False
    telling = [word for word in split_words(question) if word.word not in STOP_WORDS]
    if len(telling) <= _FEW_OF_OTHERS and _pattern("others").search(question):
        return True
    if len(telling) <= _FEW_OF_OTHERS and any(one.head in relations() for one in own):
        return True
    return len(telling) <= _FEW_WORDS


def _is_complement(question: str, one: Subject) -> bool:
    """Whether a subject says of what another is: 'the causes of inflation'."""
    return one.role == 3 and one.head not in relations() and bool(_pattern("ends in of").search(question[: one.start]))


def _has_subject(question: str, own: Sequence[Subject]) -> bool:
    """Whether a question begins with a subject of its own, as 'are sharks endangered?' does."""
    if not own or own[0].role < 2 or own[0].head in relations():
        return False
    return not _pattern("unsure").search(question[: own[0].end]) and not _matches_start("asks", question)


def _attached(question: str, topic: Subject) -> str:
    """Return the question with its topic, where it fits an English sentence."""
    body, end = question.rstrip(" ?.!"), "." if question.endswith(".") else "?"
    if _pattern("tells").search(body):
        return f"{body} about {topic.text}{end}"
    own = find_subjects(question)
    if incident_of(topic.text) and _matches_start("how many", question) and not _searches("preposition", body):
        return f"{body} in {topic.text}{end}"
    if topic.kind == "place" and topic.is_name:
        return f"{body} in {topic.text}{end}"
    is_relation = bool(own) and own[-1].end == len(body) and own[-1].head in relations()
    if is_relation and topic.kind in {"thing", "unknown"} and " of " not in topic.text:
        return f"{body} of {topic.text}{end}"
    first = question if re.match(_PATTERNS["I"], question) else question[:1].lower() + question[1:]
    return f"About {topic.text}: {first}"


def _cited(question: str, known: OutletIndex | None) -> list[OutletMention]:
    return [mention for mention in known.named_in(question) if mention.cited] if known else []


def _with_gender(one: Candidate, reports: str) -> Candidate:
    """Return a candidate whose gender is known where the cited reports tell it."""
    subject = one.subject
    is_person = subject.is_name and " " in subject.text and subject.kind in {"person", "unknown"}
    if not reports or subject.gender or not is_person:
        return one
    from assistant.genders import told_gender  # only where 'he' or 'she' is asked about

    gender = told_gender(subject.text, reports)
    if gender is None:
        return one
    return replace(one, subject=replace(subject, gender=gender, kind="person"))


def _matches(name: str, text: str) -> bool:
    return _pattern(name).fullmatch(text) is not None


def _matches_start(name: str, text: str) -> bool:
    return _pattern(name).match(text) is not None


def _searches(name: str, text: str) -> bool:
    return _pattern(name).search(text) is not None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return one of ``_PATTERNS``, compiled when it is first needed."""
    return re.compile(_PATTERNS[name], re.IGNORECASE)
