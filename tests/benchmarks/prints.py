"""Invented news stories, the prints that other outlets make of them, and articles that only look like prints.

Everything follows from the numbers given: the same on every machine and in every run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

ACTORS = """harbour board; regional court; teachers' union; water authority; city council; ferry company; bus operator;
public prosecutor; health ministry; fishing association; museum trust; power supplier; school inspectorate; fire
service; housing office; audit chamber; football league; farmers' cooperative; railway inspector; election commission;
tax office; coastguard; forestry agency; hospital group; port police; broadcaster; chamber of commerce; library network;
weather service; mine owner; airport operator; tenants' league; prison service; road agency; university senate;
food inspectorate; shipyard; grain exporter; telephone company; savings bank"""
VERBS = """approved; rejected; put off; defended; criticised; halved; cancelled; doubled; announced; withdrew; examined;
questioned; postponed; financed; published; stopped; welcomed; condemned; copied; reopened; audited; extended; sold;
bought; tested; shortened; revived; split; abandoned; rewrote; blocked; celebrated; leaked; priced; renamed; mapped"""
MAKES = """costly; late; disputed; modest; secret; popular; provisional; second; final; narrow; ambitious; overdue;
unusual; cheaper; wider; temporary; rural; coastal; northern; electric; wooden; private; joint; public; annual; digital;
tidal; medieval; urgent; partial; contested; quiet; unfinished; experimental; seasonal; foreign"""
THINGS = """bridge; tunnel; timetable; contract; dam; budget; licence; archive; tariff; merger; strike; settlement;
inquiry; vaccine trial; nature reserve; wind farm; ferry line; museum wing; tax refund; road toll; radio tower; school
meal scheme; fishing quota; harbour wall; night bus; drainage plan; concert hall; border post; flood barrier; pay deal;
rescue boat; census; evacuation drill; stadium roof; grain store; sewage plant; market hall; loan; pension fund;
orchard"""
PURPOSES = """serve; replace; protect; connect; supply; inspect; repay; house; train; warn; feed; employ; insure; heat;
count; relocate; compensate; register; transport; advise; lure; entertain; resettle; vaccinate; fine; exempt"""
PEOPLE = """families; nurses; commuters; fishermen; pensioners; students; growers; drivers; tenants; islanders; miners;
visitors; pilots; taxpayers; shopkeepers; villagers; divers; apprentices; musicians; refugees; welders; gardeners;
librarians; cyclists; beekeepers; sailors"""
WHEN = """since the spring; before the winter; within weeks; over the summer; until further notice; for a trial year; by
Easter; after the holidays; during the harvest; at short notice; in the small hours; ahead of the vote; for the third
time; without a debate; behind closed doors; on the last day of the session; despite the rain; under a new law"""
SPEAKERS = """a spokeswoman; the mayor; a witness; the chairman; an engineer; a lawyer for the town; the minister; a
union official; the deputy director; a resident; the lead investigator; a councillor; the head teacher; a retired
pilot; an economist; the captain; a volunteer; the auditor"""
SAYING = "said; told reporters; said in a statement; told the assembly; wrote in a letter; said on the radio; added"
DAYS = "Monday; Tuesday; Wednesday; Thursday; Friday; Saturday; Sunday"
SYLLABLES = "bar bel dor fen gar hal ing kel lin mar nor ost pel quin rav sel tor ul ven wick yar zel lund mere sted by"

OUTLETS = """Almery Gazette; Brindle Post; Corran Times; Dunmere Herald; Eastwold Echo; Farrow Dispatch; Gild Standard;
Hexley Mail; Inver Observer; Jessop Tribune; Kelder Star; Lowmoor News; Marrick Argus; Nethering Sentinel; Oakhanger
Journal; Pendry Chronicle"""
AGENCY = "Tidewater News Agency"

BOILERPLATE = (
    (
        "Thank you for reading. Sign up for our morning letter and have the day's most important "
        "stories sent to you before"
        " breakfast, free of charge and without advertisements."
    ),
    (
        "This report may not be published, broadcast, rewritten or redistributed without written "
        "permission from its owner."
        " All rights to words and pictures are reserved in every country."
    ),
)


def _bank(text: str) -> tuple[str, ...]:
    return tuple(" ".join(one.split()) for one in text.split(";"))


_ACTORS, _VERBS, _MAKES, _THINGS, _PURPOSES, _PEOPLE, _WHEN, _SPEAKERS, _SAYING, _DAYS, _OUTLETS = map(
    _bank, (ACTORS, VERBS, MAKES, THINGS, PURPOSES, PEOPLE, WHEN, SPEAKERS, SAYING, DAYS, OUTLETS)
)
_SYLLABLES = SYLLABLES.split()


@dataclass(frozen=True, slots=True)
class Printed:
    """An article as an outlet prints it. Those with one ``story`` are prints of each other; ``kind`` says how made."""

    story: str
    kind: str
    headline: str
    outlet: str
    published: date
    paragraphs: tuple[str, ...]

    @property
    def body(self) -> str:
        return "\n".join(self.paragraphs)


def chance(*seed: object) -> Random:
    """Return numbers that look random and follow from ``seed`` alone."""
    return Random(" ".join(map(str, seed)))  # noqa: S311 - nothing is kept secret here


def write_story(number: int, *, day: date | None = None, paragraphs: int | None = None) -> Printed:
    """Return invented story ``number`` as an agency sends it: by default five to twelve paragraphs."""
    pick = chance("story", number)
    place, thing = _name(pick), _thing(pick)
    lead = (
        f"{place.upper()} (TNA) — The {pick.choice(_ACTORS)} of {place} {pick.choice(_VERBS)} the {thing} on "
        f"{pick.choice(_DAYS)}, {pick.choice(_WHEN)}, {pick.choice(_SPEAKERS)} {pick.choice(_SAYING)}."
    )
    length = paragraphs or pick.randint(5, 12)
    rest = (_paragraph(pick, place) for _ in range(length - 1))
    return Printed(
        story=f"story {number}",
        kind="original",
        headline=f"{place} {pick.choice(_ACTORS)} {pick.choice(_VERBS)} {thing}",
        outlet=AGENCY,
        published=day or date(2014, 1, 1) + timedelta(days=pick.randrange(2_000)),
        paragraphs=(lead, *rest),
    )


def _name(pick: Random) -> str:
    return "".join(pick.sample(_SYLLABLES, pick.randint(2, 3))).capitalize()


def _thing(pick: Random) -> str:
    return f"{pick.choice(_MAKES)} {pick.choice(_THINGS)}"


def _paragraph(pick: Random, place: str) -> str:
    return " ".join(pick.choice(_SENTENCES)(pick, place) for _ in range(pick.randint(1, 3)))


def _decision(pick: Random, place: str) -> str:
    return (
        f"The {pick.choice(_ACTORS)} {pick.choice(_VERBS)} {pick.choice(('its', 'a', 'every'))} {_thing(pick)} "
        f"{pick.choice(_WHEN)} to {pick.choice(_PURPOSES)} {pick.randint(3, 9_000):,} {pick.choice(_PEOPLE)} near "
        f"{pick.choice((place, _name(pick)))}."
    )


def _quote(pick: Random, _: str) -> str:
    return (
        f'"We {pick.choice(_VERBS)} the {pick.choice(_THINGS)} and nobody {pick.choice(_VERBS)} our {_thing(pick)}," '
        f"{_name(pick)} {_name(pick)}, {pick.choice(_SPEAKERS)}, {pick.choice(_SAYING)} on {pick.choice(_DAYS)}."
    )


def _background(pick: Random, place: str) -> str:
    return (
        f"{place} {pick.choice(_VERBS)} a {_thing(pick)} in {pick.randint(1950, 2013)}, when {pick.randint(2, 96)} "
        f"percent of its {pick.choice(_PEOPLE)} {pick.choice(_VERBS)} the {pick.choice(_THINGS)} {pick.choice(_WHEN)}."
    )


def _claim(pick: Random, _: str) -> str:
    return (
        f"According to {pick.choice(_SPEAKERS)}, {pick.choice(_MAKES)} {pick.choice(_PEOPLE)} from {_name(pick)} "
        f"{pick.choice(_VERBS)} {pick.randint(2, 9)} {pick.choice(_MAKES)} {pick.choice(_THINGS)}s worth "
        f"{pick.randint(2, 900)} million crowns, which {pick.choice(_SPEAKERS)} of the {pick.choice(_ACTORS)} denies."
    )


def _outlook(pick: Random, _: str) -> str:
    return (
        f"Whether the {_thing(pick)} will {pick.choice(_PURPOSES)} {pick.choice(_PEOPLE)} {pick.choice(_WHEN)} is for "
        f"the {pick.choice(_ACTORS)} to decide; {_name(pick)} {pick.choice(_VERBS)} one that would only "
        f"{pick.choice(_PURPOSES)} {pick.choice(_PEOPLE)}."
    )


_SENTENCES: tuple[Callable[[Random, str], str], ...] = (_decision, _quote, _background, _claim, _outlook)

# -- prints ------------------------------------------------------------------------------------------------------------

Report = Callable[[int, date], "Printed"]

Rewrite = Callable[[Random, tuple[str, ...]], tuple[str, ...]]


def _cut(share: float) -> Rewrite:
    """Keep the beginning, by words, whole paragraphs."""

    def rewrite(_: Random, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
        wanted = share * sum(len(one.split()) for one in paragraphs)
        kept: list[str] = []
        for one in paragraphs:
            kept.append(one)
            if sum(len(one.split()) for one in kept) >= wanted:
                break
        return tuple(kept)

    return rewrite


def _drop_middle(pick: Random, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    inner = range(1, len(paragraphs) - 1)
    gone = set(pick.sample(inner, max(1, len(inner) // 3)))
    return tuple(one for i, one in enumerate(paragraphs) if i not in gone)


def _new_lead(pick: Random, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    return (f"{_decision(pick, _name(pick))} {_claim(pick, '')}", *paragraphs[1:])


def _added_lead(pick: Random, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    return (f"{_decision(pick, _name(pick))} {_outlook(pick, '')}", *paragraphs)


def _local_paragraphs(pick: Random, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    place = _name(pick)
    one, two = _background(pick, place), f"{_quote(pick, place)} {_claim(pick, place)}"
    middle = len(paragraphs) // 2
    return (*paragraphs[:middle], one, *paragraphs[middle:], two)


def _byline(pick: Random, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    return (f"By {_name(pick)} {_name(pick)}, staff writer", *paragraphs, f"Edited by {_name(pick)} {_name(pick)}.")


def _with_boilerplate(_: Random, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    return (*paragraphs, *BOILERPLATE)


_NUMBERS = dict(zip("2 3 4 5 6 7 8 9".split(), "two three four five six seven eight nine".split(), strict=True))


def _house_style(pick: Random, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    """Edit as a copy desk does: days without 'on', numbers spelled, curly quotes, one word in fifty another."""

    def edit(text: str) -> str:
        text = re.sub(rf"\bon ({'|'.join(_DAYS)})\b", r"\1", text)
        text = re.sub(r"(?<![\d.,])[2-9](?![\d.,])", lambda found: _NUMBERS[found[0]], text)
        text = text.replace(" percent", "%").replace(" — ", " – ").replace("U.S.", "US")
        text = re.sub(r'"([^"]*)"', r"“\1”", text).replace("'", "’")
        words = text.split(" ")
        for i in range(len(words)):
            if pick.random() < 0.02:
                words[i] = pick.choice(("the", "that", "some", "new", "also", "local"))
        return " ".join(words)

    return tuple(edit(one) for one in paragraphs)


def _joined(_: Random, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(" ".join(paragraphs[i : i + 2]) for i in range(0, len(paragraphs), 2))


REWRITES: dict[str, tuple[Rewrite, ...]] = {
    "headline and byline": (_byline,),
    "cut to three quarters": (_cut(0.75),),
    "cut to a half": (_cut(0.5),),
    "cut to a third": (_cut(0.33),),
    "middle removed": (_drop_middle,),
    "new lead": (_new_lead,),
    "added lead": (_added_lead,),
    "local paragraphs": (_local_paragraphs,),
    "house style": (_house_style, _joined),
    "boilerplate": (_with_boilerplate,),
    "cut to a half, new lead": (_cut(0.5), _new_lead),
    "cut to a third, house style": (_cut(0.33), _house_style, _byline),
    "middle removed, local paragraphs": (_drop_middle, _local_paragraphs),
    "new lead, house style, boilerplate": (_new_lead, _house_style, _with_boilerplate),
    "cut to a half, added lead, house style": (_cut(0.5), _added_lead, _house_style),
    "cut to a half, local paragraphs": (_cut(0.5), _local_paragraphs),
}


def reprint(original: Printed, kind: str, number: int) -> Printed:
    """Return another outlet's print of a story, a few days later at most, under a headline of its own."""
    pick = chance("print", original.story, kind, number)
    paragraphs = original.paragraphs
    for rewrite in REWRITES[kind]:
        paragraphs = rewrite(pick, paragraphs)
    place = re.split(r"\W", original.paragraphs[0])[0].capitalize()
    return replace(
        original,
        kind=kind,
        headline=f"{place}: {pick.choice(_WHEN)} and {pick.choice(_WHEN)}",
        outlet=_OUTLETS[number % len(_OUTLETS)],
        published=original.published + timedelta(days=pick.randint(0, 4)),
        paragraphs=paragraphs,
    )


# -- what only looks like a print --------------------------------------------------------------------------------------


def follow_up(original: Printed, number: int) -> Printed:
    """Return the next day's story: new paragraphs, then up to three of the first story as background."""
    pick = chance("follow-up", original.story, number)
    new = write_story(1_000_000 + pick.randrange(1_000_000), paragraphs=6).paragraphs
    kept = original.paragraphs[-min(3, len(original.paragraphs) // 2) :]
    return replace(
        original,
        story=f"{original.story}, follow-up {number}",
        kind="follow-up",
        outlet=_OUTLETS[number % len(_OUTLETS)],
        published=original.published + timedelta(days=1),
        paragraphs=(*new, *kept),
    )


def same_quotes(original: Printed, number: int) -> Printed:
    """Return another writer's story on the same event: one paragraph of quotes is the same."""
    pick = chance("own report", original.story, number)
    own = write_story(2_000_000 + pick.randrange(1_000_000), paragraphs=5).paragraphs
    return replace(
        original,
        story=f"{original.story}, own report {number}",
        kind="own report",
        outlet=_OUTLETS[number % len(_OUTLETS)],
        paragraphs=(*own[:3], original.paragraphs[len(original.paragraphs) // 2], *own[3:]),
    )


def roundup(originals: Sequence[Printed], number: int) -> Printed:
    """Return one outlet's roundup of several stories' beginnings; the headline is always the same."""
    pick = chance("roundup", number)
    parts = [one for original in originals for one in original.paragraphs[: pick.randint(2, 3)]]
    return replace(
        originals[0],
        story=f"roundup {number}",
        kind="roundup",
        headline=f"The week in {_name(chance('roundups'))}",
        outlet=_OUTLETS[number % len(_OUTLETS)],
        published=max(original.published for original in originals) + timedelta(days=1),
        paragraphs=tuple(parts),
    )


def market_report(number: int, day: date) -> Printed:
    """Return a day's report from the exchange: the same sentences, other names and figures."""
    pick = chance("market", number)
    up, down = pick.sample(_SHARES, 2)
    points = pick.randint(4_000, 9_000)
    text = (
        (
            f"Shares in Quayside closed {pick.choice(('higher', 'lower'))} on {pick.choice(_DAYS)}, with the "
            "index of the "
            f"thirty largest companies ending the session at {points}.{pick.randint(10, 99)} points, a change of "
            f"{pick.randint(0, 3)}.{pick.randint(10, 99)} percent from the day before."
        ),
        (
            f"{up} led the list with a gain of {pick.randint(2, 9)}.{pick.randint(1, 9)} percent to "
            f"{pick.randint(20, 400)}.{pick.randint(10, 99)} crowns, while {down} lost {pick.randint(2, 9)}."
            f"{pick.randint(1, 9)} percent and was the weakest of the large companies at the end of the day."
        ),
        (
            f"The crown stood at {pick.randint(70, 99)}.{pick.randint(10, 99)} cents in late trading and a "
            "barrel of crude "
            f"oil for delivery next month cost {pick.randint(40, 110)}.{pick.randint(10, 99)} dollars, against "
            f"{pick.randint(40, 110)}.{pick.randint(10, 99)} dollars at the close of trading on the day before."
        ),
        (
            f"Turnover on the exchange came to {pick.randint(200, 990)} million crowns, with {pick.randint(30, 90)} "
            "million shares changing hands, the exchange said after the closing bell."
        ),
    )
    return Printed(f"market {number}", "market report", "Quayside shares at the close", _OUTLETS[number % 7], day, text)


_SHARES = "Orlan Steel; Bexmoor Foods; Tarn Shipping; Halden Paper; Kestrel Air; Lune Power; Marl Cement".split("; ")


def weather_report(number: int, day: date) -> Printed:
    """Return a day's forecast: the same sentences, other figures and districts."""
    pick = chance("weather", number)
    north, south = _name(pick), _name(pick)
    text = (
        (
            f"It will be {pick.choice(_SKIES)} in {north} with a high of {pick.randint(10, 31)} degrees and a low of "
            f"{pick.randint(1, 12)} overnight; the chance of rain is {pick.randint(10, 95)} percent, the "
            "weather service "
            "said in its forecast for the coming day."
        ),
        (
            f"Winds from the {pick.choice(_WINDS)} reach {pick.randint(10, 70)} kilometres an hour around {south}, and "
            f"bathers find the sea at {pick.randint(11, 21)} degrees. The sun rises at {pick.randint(4, 8)}."
            f"{pick.randint(10, 59)} and sets at {pick.randint(16, 21)}.{pick.randint(10, 59)}."
        ),
        (
            f"The outlook for the days after that is {pick.choice(_SKIES)} with {pick.randint(10, 31)} "
            "degrees by day and "
            f"{pick.randint(1, 12)} by night. People who are sensitive to pollen should keep their windows closed."
        ),
    )
    return Printed(f"weather {number}", "weather report", f"Weather for {north}", _OUTLETS[number % 7], day, text)


_SKIES = "sunny; cloudy; mild and grey; bright; foggy at first; wet; changeable; hot; cold and clear".split("; ")
_WINDS = "north; south-west; east; west; north-east".split("; ")


def match_report(number: int, day: date) -> Printed:
    """Return a short report of a match: the same sentences, other teams, players and scores."""
    pick = chance("match", number)
    home, away, one, two, referee = (_name(pick) for _ in range(5))
    text = (
        (
            f"{home} beat {away} {pick.randint(2, 6)}-{pick.randint(0, 1)} at home on {pick.choice(_DAYS)} in front of "
            f"{pick.randint(900, 30_000):,} spectators and moved up to place {pick.randint(2, 17)} in the league."
        ),
        (
            f"{one} put the home side ahead after {pick.randint(2, 44)} minutes with a shot from the edge of "
            "the area, and "
            f"{two} added the second goal in minute {pick.randint(46, 88)} after a corner from the left."
        ),
        (
            f"{away} had more of the ball in the second half but found no way past the goalkeeper; "
            f"{referee}, the referee, "
            f"showed {pick.randint(2, 8)} yellow cards. {home} play {_name(pick)} next and {away} travel to "
            f"{_name(pick)}."
        ),
    )
    return Printed(f"match {number}", "match report", f"{home} beat {away}", _OUTLETS[number % 7], day, text)


def blocked_page(number: int, day: date) -> Printed:
    """Return what a group of websites shows in place of an article to those who have not paid."""
    text = (
        (
            "You have read all your free articles this month. To go on reading, choose one of our offers: "
            "for the first "
            "eight weeks you pay one crown a week and can give notice at any time."
        ),
        *BOILERPLATE,
    )
    return replace(
        write_story(3_000_000 + number, day=day),
        story=f"blocked {number}",
        kind="blocked page",
        outlet=_OUTLETS[number % 3],
        paragraphs=text,
    )


def short_notes(count: int, day: date) -> Iterator[Printed]:
    """Yield notes of fewer than thirty words of which most are the same."""
    for number in range(count):
        pick = chance("note", number)
        text = f"Police are looking for witnesses to an accident in {_name(pick)} on {pick.choice(_DAYS)} night."
        yield Printed(f"note {number}", "short note", "Witnesses wanted", _OUTLETS[number % 7], day, (text,))
