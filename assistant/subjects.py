"""What a question or an answer speaks of: its noun phrases with their kind and number, read from closed word lists."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from store.words import forms

Kind = Literal["person", "place", "group", "thing", "unknown"]
Gender = Literal["he", "she"]

# Read of a text: enough for any question and for the lead of an answer.
_LONGEST_TEXT = 1500
_LONGEST_PHRASE_WORDS = 8

_TOKEN = re.compile(
    r"(?:[A-Z]\.){2,}|[A-Z]\.(?=\s+[A-Z])|[$€£]?\d[\d.,]*\d%?|\w+(?:[-.&]\w+|['’](?!s\b)\w+)*|['’]s?(?=\W|$)"
)

DETERMINERS = frozenset("the a an this that these those my your his her its their our some any no every each".split())
PRONOUNS = frozenset(
    """i you he she it we they me him us them his her hers its their theirs mine yours himself herself itself
    themselves there here who whom what which anyone anybody someone somebody everyone everybody anything
    something everything nothing nobody one ones this that these those""".split()
)
_ACTORS = frozenset("i you he she it we they there who".split())
ASKING = frozenset("who whom whose what which when where why how".split())
BE = frozenset("is are was were am be been being 's".split())
HAVE = frozenset("has have had having".split())
DO = frozenset("do does did done can could will would shall should may might must cannot didn don doesn".split())
PREPOSITIONS = frozenset(
    """of in on at by for from with to about against between among during after before over under into through
    without within across around behind beyond near off onto out outside since until till toward towards up upon
    via versus vs than like as per inside along amid despite except regarding concerning down""".split()
)
CONJUNCTIONS = frozenset("and or but nor if because while whereas though although so unless whether".split())
ADVERBS = frozenset(
    """not also still ever never just only very too now then again already yet once always often usually really
    actually currently today yesterday tomorrow tonight recently originally eventually finally first later
    earlier ago else instead together away back much more most many several few other another please maybe
    perhaps well quite exactly even how far long both besides abroad aboard ashore overseas""".split()
)
_OPENINGS = frozenset(
    """tell describe give show list explain compare name find say know learn talk summarize summarise go oh ok okay
    yes no thanks thank sure wow interesting tell let want would like help please and so but""".split()
)
# Verbs as questions use them; regular ones, those with irregular forms are in store.words.
_VERBS = frozenset(
    """accept accuse achieve acquire act add admit adopt affect agree aim allow announce answer appear apply
    appoint approve argue arrest arrive ask attack attempt attend attract avoid ban base behave believe belong
    benefit blame block boost call cancel carry cause celebrate change charge choose claim close collapse
    collect combine comment commit compare compete complete condemn conduct confirm connect consider contain
    continue contribute control convict cook cost count cover crash create cure damage deal decide declare
    decline defeat define deliver demand deny depend describe design destroy detain develop die differ disband
    disappear discover discuss donate earn elect emerge employ enable end endorse engage enjoy enter escape
    establish evolve exist expand expect experience explain explode express face fail feature fire focus follow
    force form found function gain graduate guide happen hate help hit hire host hurt impact impeach impose
    improve include increase influence injure inspire introduce invade invent invest involve issue join judge
    jump kill last launch learn let like live look love manage march marry matter measure mention merge move
    murder name need nominate object occur offer open operate oppose order originate own participate pass
    perform plan play please plead prefer prepare prevent produce promise promote propose protect protest prove
    provide publish pull push put quit raise range reach react receive recommend record recover reduce refuse
    regain reject relate release rely remain remove repair replace report require rescue resign respond result
    retire return reveal roll rule say scare score seem sentence serve set settle share shift sign sound spread
    start stay stop study succeed suffer suggest support surrender survive suspend target taste tell test
    threaten touch tour trade train transfer travel treat trigger try turn use vaccinate veto visit vote wait
    walk want warn watch wear weigh withstand work worry""".split()
)
# After these nouns a question means those of its subject: 'what are the symptoms?'.
_RELATIONS = """
account accusation achievement adaptation advantage affect age aftermath aim allegation alternative amount
    answer application approach area argument arrest artist aspect attacker attribute author award background
    backlash beginning behavior benefit birthplace budget career casualty cast cause ceasefire challenge chance
    change character characteristic charge child city claim class coach comment company competitor complication
    component con concern condition consequence contribution controversy cost coverage creator criticism culprit
    cure damage danger date deadline deal death decision defence defense definition demand design detail
    development difference director disadvantage disease drawback driver education effect election employee
    ending estimate event evidence example exception explanation extent fact factor family fate father feature
    fee finding flaw founder function fund funding future game goal governor harm height hero history home
    hypothesis idea illness impact implication importance incident industry influence ingredient injury
    investigation investigator issue job judge key killer kind layer lawyer leader legacy length level limit
    limitation link location loser loss mayor meaning measure mechanism member message method minister mission
    mistake mother motivation motive name nature number objection objective opinion option organizer origin
    other outcome owner parent part participant past penalty people percentage performance perpetrator phase
    place plan plaintiff player plot point policy population position power prediction premise president price
    principle prize problem process producer product profit proof pro property prosecutor protester provision
    purpose quality range rate reaction reason reception recipe recommendation record relationship release reply
    report request requirement response rest result revenue review reward risk role root rule ruling salary sale
    score season section sentence setting shape shooter side sign significance similarity size soldier solution
    song source species spokesman spokesperson stage start statement status step story strategy strength
    structure style subject suspect symptom system target team term terms test theme theory time timeline toll
    topic trait treatment trend trial trigger type upside use value variant variation verdict version victim
    view vote warning weakness weight winner witness word work""".split()

_HUMANS = frozenset(
    """actor actress admiral ambassador analyst artist athlete attorney author boss boxer boy brother candidate
    captain chairman champion chief child coach commander congressman congresswoman criminal daughter defendant
    dictator director doctor driver emperor engineer executive father founder general girl governor guitarist
    husband inventor journalist judge killer king lawyer leader man mayor minister mother musician officer
    official owner painter pilot player poet politician pope president priest prince princess professor
    prosecutor queen rapper reporter researcher scientist secretary senator sheriff singer sister soldier son
    spokesman spokeswoman student suspect teacher victim wife woman writer""".split()
)
_WOMEN = frozenset("actress congresswoman daughter girl mother princess queen sister spokeswoman wife woman".split())
_MEN = frozenset("boy brother congressman father husband king man pope prince son spokesman".split())
_GROUPS = frozenset(
    """academy administration agency airline airlines airways alliance army assembly association authority band
    bank brigade bureau cabinet church club coalition college commission committee company congress corporation
    council court crew department family federation firm force forces foundation front government group guard
    house industries institute jury legion league military militia ministry movement navy office orchestra
    organisation organization panel parliament party police press regiment school senate service society squad
    staff syndicate team tribunal troops trust union university inc corp ltd llc co""".split()
)
_PLACE_WORDS = frozenset(
    """airport avenue bay beach bridge camp canal capital city coast continent country county district harbor
    harbour hill island islands kingdom lake mountain mountains neighborhood nation ocean park peninsula port
    province region republic river sea square state states strait street suburb territory town valley village""".split()
)
_THINGS = frozenset(
    """act agreement amendment attack award bill bombing book case championship convention conflict crisis cup day
    deal disease election experiment festival film flu game games law movie plan policy prize program project
    protocol report scandal series show story storm study summit syndrome system test theory treaty trial virus
    war world museum music hurricane""".split()
)
_TITLES = frozenset(
    """mr mrs ms miss dr sir dame lord lady president king queen prince princess pope senator governor general
    judge justice secretary chancellor premier mayor captain colonel professor minister saint
    st representative""".split()
)
_PLURALS = frozenset("people police children men women troops forces media data both two three four others".split())
_SINGULARS = frozenset(
    "news politics series species mathematics economics physics diabetes measles texas paris netflix".split()
)
_CALENDAR = frozenset(
    """january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday st nd rd th week month year day""".split()
)
_PLACES = frozenset(
    """afghanistan africa alabama alaska albania algeria america amsterdam angola arizona argentina arkansas
    armenia asia athens atlanta austin australia austria azerbaijan baghdad bahrain bangladesh barcelona beijing
    beirut belarus belgium berlin bolivia bosnia boston botswana brazil britain brussels bulgaria burma cairo
    california cambodia cameroon canada caracas chad chicago chile china colombia colorado connecticut crimea
    croatia cuba cyprus damascus dallas delaware delhi denmark denver detroit donetsk dubai dublin ecuador
    edinburgh egypt england eritrea estonia ethiopia europe finland florida france gaza geneva georgia germany
    ghana greece guatemala haiti hamburg havana hawaii helsinki honduras houston hungary iceland idaho illinois
    india indiana indonesia iowa iran iraq ireland islamabad israel istanbul italy jakarta jamaica japan
    jerusalem jordan kabul kansas kazakhstan kentucky kenya kherson kosovo kuwait kyiv kiev laos latvia lebanon
    libya lisbon lithuania liverpool london louisiana lviv madrid maine malaysia mali malta manchester mariupol
    maryland massachusetts melbourne mexico miami michigan milan minnesota mississippi missouri moldova mongolia
    montana morocco moscow mosul mozambique mumbai munich myanmar namibia nebraska nepal netherlands nevada
    niger nigeria norway ohio oklahoma oman oregon oslo pakistan palestine panama paris pennsylvania peru
    philadelphia philippines phoenix poland portugal prague qatar quebec riyadh romania rome russia rwanda
    scotland seattle senegal seoul serbia shanghai singapore slovakia slovenia somalia spain stockholm sudan
    sweden switzerland sydney syria taiwan tehran tennessee texas thailand tibet tokyo toronto tunisia turkey
    uganda ukraine utah uzbekistan venezuela vermont vienna vietnam virginia wales warsaw washington wisconsin
    wuhan wyoming yemen zambia zimbabwe""".split()
)
_MORE_PLACES = frozenset(
    ("us", "u.s", "usa", "uk", "new york", "north korea", "south korea", "hong kong", "saudi arabia")
)
_GIVEN_MEN = frozenset(
    """aaron adam alan albert alex alexander ali andrew anthony antonio arthur barack ben benjamin bernard bernie
    bill bob boris brad brett brian bruce carl carlos charles chris christopher daniel david dennis derek donald
    douglas ed edward elon emmanuel eric frank fred gary george gerald glenn greg harold harry henry hugh ian
    isaac jack jacob jake james jared jason jay jeff jeffrey jeremy jerry jim jimmy joe joel john jon jonathan
    jordan jose joseph josh joshua juan justin keith ken kenneth kevin kurt kyle larry lee leo leon louis luis
    luke marc marcus mario mark martin matt matthew michael mike mitch mohammed muhammad narendra nathan neil
    nicholas nick nigel oliver oscar patrick paul pedro pete peter phil philip ralph ray richard rick rob robert
    rodrigo roger ron ronald roy russell ryan sam samuel scott sean sergei simon stephen steve steven ted terry
    theodore thomas tim timothy toby tom tony travis tyler victor vincent vladimir volodymyr walter warren wayne
    will william xi""".split()
)
_GIVEN_WOMEN = frozenset(
    """abigail alexandria alice alison amanda amber amy andrea angela ann anna anne annie ashley barbara beth betty
    beyonce brenda brittney camilla carol caroline catherine charlotte cheryl christina christine cynthia
    deborah diana diane donna dorothy elena elizabeth ellen emily emma evelyn frances ghislaine gloria grace
    greta hannah heather helen hillary irene ivanka jane janet jean jennifer jessica jill joan joanna joyce
    judith judy julia julie kamala karen kate katherine kathleen katie kelly kim kristin laura lauren linda lisa
    liz lori louise lucy madonna margaret maria marie marilyn martha mary megan meghan melania melissa michelle
    monica nancy naomi natalie nicole nikki olivia pamela patricia rachel rebecca rosa rose ruth sally samantha
    sandra sara sarah serena sharon shirley sonia sophia stephanie susan taylor teresa theresa tina ursula
    vanessa victoria virginia whitney yulia""".split()
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, ``text[start:end]``; ``word`` is it in lower case."""

    start: int
    end: int
    text: str
    word: str

    @property
    def is_capital(self) -> bool:
        return self.text[:1].isupper()


@dataclass(frozen=True, slots=True)
class Subject:
    """A noun phrase that later questions may mean, as it stands in its text, ``start`` and ``end`` included.

    ``head`` is its last word in lower case, ``role`` its place in the question: 3 what it is about, 2 its subject or
    complement, 1 the rest; ``is_object`` says that a verb acts on it: 'did X reject it', 'who won it'.
    """

    text: str
    start: int
    end: int
    head: str
    kind: Kind
    is_plural: bool
    is_name: bool
    role: int
    gender: Gender | None = None
    is_object: bool = False

    @property
    def bare(self) -> str:
        """The phrase without its article."""
        first, _, rest = self.text.partition(" ")
        return rest if first.lower() in DETERMINERS and rest else self.text


def split_words(text: str) -> list[Token]:
    """Return the words of ``text`` in order; a possessive ending is one of its own."""
    found = _TOKEN.finditer(text[:_LONGEST_TEXT])
    return [Token(one.start(), one.end(), one[0], one[0].lower().replace("’", "'")) for one in found]


def find_subjects(text: str) -> list[Subject]:
    """Return the noun phrases of a question in order; of 'the causes of X' both 'the causes of X' and 'X'."""
    text = text[:_LONGEST_TEXT]
    tokens = split_words(text)
    runs = _runs(text, tokens)
    subjects = [subject for run in runs if (subject := _subject(text, tokens, run))]
    return _with_complements(text, subjects)


def find_names(text: str) -> list[Subject]:
    """Return the names in an answer in order, each once."""
    text = text[:_LONGEST_TEXT]
    tokens = split_words(text)
    names: dict[str, Subject] = {}
    for first, last in _name_runs(text, tokens):
        if all(_is_date(token) for token in tokens[first:last]):
            continue
        subject = _make(text, tokens[first:last], role=1, led=_led(tokens, first))
        names.setdefault(subject.text.lower(), subject)
    return list(names.values())


@cache
def relations() -> frozenset[str]:
    """Return nouns that stand for something of the subject: 'the symptoms', 'the verdict'."""
    return frozenset(form for noun in _RELATIONS for form in (noun, *_plurals(noun)))


def is_verb(word: str) -> bool:
    """Whether a lower-case word may be the base form of a verb."""
    return word in _VERBS or bool(forms(word))


def _is_gerund(word: str) -> bool:
    stem = word[:-3]
    return word.endswith("ing") and (is_verb(stem) or is_verb(f"{stem}e") or is_verb(stem[:-1]))


def is_action(word: str) -> bool:
    """Whether a lower-case word looks like a verb in any of its forms."""
    return is_verb(word) or is_past(word) or _is_gerund(word) or (word.endswith("s") and is_verb(word[:-1]))


def is_past(word: str) -> bool:
    """Whether a lower-case word looks like a past or a participle."""
    if word.endswith("ed") and (len(word) > 4 or word in {"died", "used"}):
        return True
    return bool(forms(word)) and forms(word)[0] != word


def kind_of(text: str) -> Kind:
    """Return the kind of a name or a noun phrase."""
    return _kind([token for token in split_words(text) if token.word not in DETERMINERS and token.word != "'s"])


def _plurals(noun: str) -> tuple[str, ...]:
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return (f"{noun[:-1]}ies",)
    return (f"{noun}es",) if noun.endswith(("s", "x", "ch", "sh")) else (f"{noun}s", f"{noun}es")


def _runs(text: str, tokens: list[Token]) -> list[tuple[int, int, int]]:
    """Return (first, last, role) of every noun phrase, ``last`` not included."""
    runs: list[tuple[int, int, int]] = []
    i = 0
    while i < len(tokens):
        if not _may_start(tokens, i):
            i += 1
            continue
        last = _end_of_run(text, tokens, i)
        runs += _cut(tokens, i, last)
        i = max(last, i + 1)
    return runs


def _may_start(tokens: list[Token], i: int) -> bool:
    token = tokens[i]
    if token.word in DETERMINERS:
        return True
    return not _is_function(tokens, i)


def _is_function(tokens: list[Token], i: int) -> bool:
    word = tokens[i].word
    if word in {"us", "it", "who", "may", "will", "like"} and tokens[i].is_capital and i > 0:
        return False  # the US, the WHO, May
    closed = (PRONOUNS, ASKING, BE, HAVE, DO, PREPOSITIONS, CONJUNCTIONS, ADVERBS)
    if any(word in words for words in closed) or word.startswith("'") or word.partition("'")[0] in ASKING:
        return True
    return (i == 0 and word in _OPENINGS) or word in {"tell", "know", "want", "learn"}


def _end_of_run(text: str, tokens: list[Token], first: int) -> int:
    i = first + 1 if tokens[first].word in DETERMINERS else first
    start = i
    while i < len(tokens) and i - first < _LONGEST_PHRASE_WORDS:
        token = tokens[i]
        gap = text[tokens[i - 1].end : token.start] if i > first else ""
        if i > first and gap.strip(" \t\"“”‘’'"):
            break
        if token.word == "'s" and i > start and i + 1 < len(tokens) and not _is_function(tokens, i + 1):
            i += 1
            continue
        if _joins(tokens, i) and i > start:
            i += 1
            continue
        if token.word in DETERMINERS or _is_function(tokens, i):
            break
        i += 1
    return i


def _joins(tokens: list[Token], i: int) -> bool:
    """Whether a small word stands inside a name: 'Bank of England', 'Air and Space Museum'."""
    if tokens[i].word not in {"of", "and", "&", "de", "al", "bin", "van", "von"} or i + 1 >= len(tokens):
        return False
    before, after = tokens[i - 1], tokens[i + 1]
    return before.is_capital and after.is_capital and before.word not in _OPENINGS and i - 1 > 0


def _cut(tokens: list[Token], first: int, last: int) -> list[tuple[int, int, int]]:
    """Return the noun phrases in a run, without the verb or adjective that it ends with or that divides it."""
    led = _led(tokens, first)
    nouns = first + (tokens[first].word in DETERMINERS)
    if nouns >= last:
        return []
    if (
        led in {"what", "who", "which"}
        and nouns == first
        and _is_predicate(tokens[first], led, is_alone=last - first < 2)
    ):
        return _runs_of((first + 1, last, 2))  # 'What causes X', 'who won X': a verb first.
    if led in _ACTORS or (led == "to" and not tokens[first].is_capital):
        while nouns == first and first < last and is_action(tokens[first].word):
            first = nouns = first + 1
        return _runs_of((first, last, 1))
    if led in PREPOSITIONS and nouns == first and last - first > 1 and _is_gerund(tokens[first].word):
        first += 1
    if led in DO or _follows_do(tokens, first):
        return _cut_at_verb(tokens, first, nouns, last)
    return _cut_at_predicate(tokens, first, nouns, last)


def _runs_of(*runs: tuple[int, int, int]) -> list[tuple[int, int, int]]:
    return [run for run in runs if run[0] < run[1]]


def _is_predicate(token: Token, led: str, *, is_alone: bool) -> bool:
    is_third_person = token.word.endswith("s") and is_verb(token.word[:-1]) and not is_alone
    return not token.is_capital and (led == "who" or is_past(token.word) or is_third_person)


def _cut_at_verb(tokens: list[Token], first: int, nouns: int, last: int) -> list[tuple[int, int, int]]:
    """Return the subject and the object of 'did X reject Y'."""
    for i in range(nouns + 1, last):
        if not tokens[i].is_capital and is_verb(tokens[i].word):
            return _runs_of((first, i, 2), (i + 1, last, 1))
    ends = last == len(tokens) or tokens[last].word not in PREPOSITIONS
    is_verb_last = last - nouns > 1 and ends and not tokens[last - 1].is_capital
    return [(first, last - is_verb_last, 2)]


def _cut_at_predicate(tokens: list[Token], first: int, nouns: int, last: int) -> list[tuple[int, int, int]]:
    """Return the subject of 'is X endangered', and what 'about X' is about."""
    led = _led(tokens, first)
    if led in BE and first == nouns and not tokens[first].is_capital and is_past(tokens[first].word):
        return _runs_of((first + 1, last, 1))  # 'Were brought ashore', 'was elected mayor'.
    for i in range(nouns + 1, last):
        if not tokens[i].is_capital and is_past(tokens[i].word):
            return _runs_of((first, i, 2), (i + 1, last, 1))
    asks = first > 1 and tokens[first - 2].word in {"what", "who"}
    if led in BE and not asks and last - nouns > 1 and not tokens[last - 1].is_capital:
        return [(first, last - 1, 2)]
    role = 3 if led in {"about", "of"} else 2 if led in BE | HAVE | ASKING or not led else 1
    return [(first, last, role)]


def _led(tokens: list[Token], first: int) -> str:
    return tokens[first - 1].word if first else ""


def _follows_do(tokens: list[Token], first: int) -> bool:
    """Whether the words before are an auxiliary and its 'not'."""
    return first > 1 and tokens[first - 1].word in {"not", "t"} and tokens[first - 2].word in DO


def _subject(text: str, tokens: list[Token], run: tuple[int, int, int]) -> Subject | None:
    first, last, role = run
    while last > first and (tokens[last - 1].word in {"of", "and", "'s"} or tokens[last - 1].word.startswith("'")):
        last -= 1
    nouns = [token for token in tokens[first:last] if token.word not in DETERMINERS]
    if not nouns or all(_is_date(token) for token in nouns):
        return None
    return _make(text, tokens[first:last], role=role, led=_led(tokens, first))


def _is_date(token: Token) -> bool:
    return token.word in _CALENDAR or not token.word[:1].isalpha()


def _make(text: str, tokens: list[Token], *, role: int, led: str) -> Subject:
    nouns = [token for token in tokens if token.word not in DETERMINERS and not token.word.startswith("'")]
    kept = tokens
    if tokens[0].word in DETERMINERS - {"the", "a", "an"} and len(tokens) > 1:
        kept = tokens[1:]
    phrase = text[kept[0].start : kept[-1].end]
    is_name = any(token.is_capital and token.start > 0 for token in nouns) or all(
        token.is_capital for token in nouns[:2]
    )
    kind = _kind(nouns)
    if tokens[0].word == "the" and is_name and kind == "unknown":
        kind = "thing"
    if kind == "unknown" and is_name and led in {"in", "at", "near", "from", "around", "off", "outside", "across"}:
        kind = "place"
    head = nouns[-1].word
    return Subject(
        phrase,
        kept[0].start,
        kept[-1].end,
        head,
        kind,
        _is_plural(nouns, tokens[0].word),
        is_name,
        role,
        _gender(nouns),
        is_object=not tokens[0].is_capital and led not in BE | HAVE | DO | PREPOSITIONS and is_action(led),
    )


def _kind(nouns: list[Token]) -> Kind:
    if not nouns:
        return "unknown"
    said = [token.word.rstrip(".") for token in nouns]
    if said[-1] in _PLACES or " ".join(said) in _MORE_PLACES:
        return "place"
    if by_head := _kind_of_head(nouns, said[-1]):
        return by_head
    if not any(token.is_capital for token in nouns):
        return "thing"
    if said[0] in _TITLES or (said[0] in _GIVEN_MEN | _GIVEN_WOMEN and len(nouns) < 4):
        return "person"
    return _kind_of_name(nouns, said) if all(token.is_capital for token in nouns) else "thing"


def _kind_of_head(nouns: list[Token], head: str) -> Kind | None:
    """Return the kind that the last word of a phrase tells."""
    forms_of_head = {head, head.removesuffix("s")}
    is_long_name = len(nouns) > 2 and all(token.is_capital for token in nouns)
    kinds: tuple[tuple[frozenset[str], Kind], ...] = (
        (frozenset() if is_long_name else _HUMANS, "person"),
        (_GROUPS, "group"),
        (_PLACE_WORDS, "place"),
        (_THINGS, "thing"),
    )
    return next((kind for known, kind in kinds if known & forms_of_head), None)


def _kind_of_name(nouns: list[Token], said: list[str]) -> Kind:
    if not _HUMANS.isdisjoint(said[:-1]):
        return "person"  # 'Majority Leader Brandt'.
    if any(word in _GROUPS for word in said):
        return "group"
    if any(word in _THINGS | _PLACE_WORDS for word in said) or nouns[-1].text.isupper():
        return "thing"
    return "group" if len(nouns) > 1 and said[-1].endswith(("ies", "ians", "ers")) else "unknown"


def _is_plural(nouns: list[Token], determiner: str) -> bool:
    head = nouns[-1].word
    if determiner in {"a", "an", "this", "that", "each", "every"}:
        return False
    if head in _PLURALS or any(token.word == "and" for token in nouns):
        return True
    if head in _SINGULARS or (len(nouns) > 1 and all(token.is_capital for token in nouns) and head not in _GROUPS):
        return head.endswith(("ers", "ies", "ians", "ors"))
    return head.endswith("s") and not head.endswith(("ss", "us", "is"))


def _gender(nouns: list[Token]) -> Gender | None:
    first, head = nouns[0].word, nouns[-1].word
    if first in _GIVEN_WOMEN or head in _WOMEN or first in {"mrs", "ms", "miss", "lady", "queen", "dame"}:
        return "she"
    if first in _GIVEN_MEN or head in _MEN or first in {"mr", "sir", "king", "lord", "pope"}:
        return "he"
    return None


def _name_runs(text: str, tokens: list[Token]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    i = 0
    while i < len(tokens):
        if not tokens[i].is_capital or _is_function(tokens, i) or tokens[i].word in DETERMINERS:
            i += 1
            continue
        last = i + 1
        while last < len(tokens) and _goes_on(text, tokens, last):
            last += 1
        while not tokens[last - 1].is_capital:
            last -= 1
        starts_sentence = i == 0 or text[tokens[i - 1].end : tokens[i].start].strip(" \"“'‘(").endswith((".", "?", "!"))
        is_known = tokens[i].word in _GIVEN_MEN | _GIVEN_WOMEN | _PLACES
        is_common = starts_sentence and last == i + 1 and (is_verb(tokens[i].word) or tokens[i].text[1:].islower())
        if is_known or not is_common:
            runs.append((i, last))
        i = last
    return runs


def _goes_on(text: str, tokens: list[Token], i: int) -> bool:
    gap = text[tokens[i - 1].end : tokens[i].start]
    if gap.strip(" .") or ("." in gap and len(tokens[i - 1].text) > 2):
        return False
    if tokens[i].word in {"of", "de", "al", "bin", "van", "von"}:
        return i + 1 < len(tokens) and tokens[i + 1].is_capital
    return tokens[i].is_capital and not (_is_function(tokens, i) and not tokens[i].text.isupper())


def _with_complements(text: str, subjects: list[Subject]) -> list[Subject]:
    """Return the subjects, 'the causes of X' as one whole besides its two parts, of which X is what it is about."""
    joined: list[Subject] = []
    for i, subject in enumerate(subjects):
        before = subjects[i - 1] if i else None
        if owner := _owner(subject):
            joined += [replace(subject, role=1), owner]
            continue
        between = text[before.end : subject.start].strip() if before else ""
        if before and between in {"in", "at"} and subject.is_name and before.text.lower().startswith("the "):
            # 'The floods in Germany'.
            joined += [replace(before, text=text[before.start : subject.end], end=subject.end, role=3), subject]
            continue
        if before is None or between != "of":
            joined.append(subject)
            continue
        whole = replace(before, text=text[before.start : subject.end], end=subject.end, role=1)
        if joined and joined[-1] == before and not before.is_name:
            joined[-1] = replace(before, role=1)
        joined += [whole, replace(subject, role=3)]
    return joined


def _owner(subject: Subject) -> Subject | None:
    """Return X of 'X's brother'; the name 'Mother's Day' is one thing."""
    owned = re.fullmatch(r"(.+?)['’]s? (?=[a-z\d]).+", subject.text)
    found = find_subjects(owned[1].strip()) if owned else []
    if owned is None or not found:
        return None
    end = subject.start + len(owned[1])
    return replace(found[-1], text=owned[1].strip(), start=subject.start, end=end, role=3, is_name=subject.is_name)
