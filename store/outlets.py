"""Outlets as archives name them and as people name them: 'nytimes.com', 'The New York Times', 'the NYT'."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

# One outlet an entry, ended by a semicolon: its names, abbreviations and hosts. What two entries share stands for both
# ('ABC'). Not repeated: what differs only in 'The', case, blanks and punctuation, and a host whose label is the name.
_KNOWN = """
Associated Press, AP, AP News, apnews.com; Agence France-Presse, AFP; Reuters, Thomson Reuters; Deutsche
Presse-Agentur, DPA; Press Trust of India, PTI, ptinews.com; Asian News International, ANI, aninews.in; United Press
International, UPI; Press Association, PA Media, PA; Australian Associated Press, AAP; EFE, Agencia EFE; ANSA, Agenzia
ANSA; TASS, Itar-Tass; Interfax; RIA Novosti, RIA, ria.ru; Ukrinform; Xinhua, Xinhua News Agency, xinhuanet.com,
news.cn; Kyodo News, Kyodo; Jiji Press, Jiji; Yonhap, Yonhap News Agency, yna.co.kr; Anadolu Agency, Anadolu,
aa.com.tr; Bernama; Antara, antaranews.com; Canadian Press, thecanadianpress.com; Bloomberg, Bloomberg News,
bloomberg.com; Dow Jones Newswires, dowjones.com; BBC, BBC News, BBC Sport, BBC Sports, BBC World Service, BBC World,
bbc.co.uk, bbci.co.uk; The Guardian, guardian.co.uk, Guardian UK; The Observer; The Times, Times of London, The Times
of London, thetimes.co.uk, thetimes.com; The Sunday Times; Financial Times, FT, ft.com; The Daily Telegraph, The
Telegraph, telegraph.co.uk; The Independent, independent.co.uk; i newspaper, inews.co.uk; Daily Mail, MailOnline, Mail
Online, dailymail.co.uk; The Sun, thesun.co.uk; Daily Mirror, The Mirror, mirror.co.uk; Daily Express, express.co.uk;
Evening Standard, London Evening Standard, standard.co.uk; Metro, metro.co.uk; The Economist; New Statesman; The
Spectator, spectator.co.uk; Sky News, news.sky.com; Sky Sports; ITV News, ITV, itv.com; Channel 4 News, Channel 4; The
Scotsman; The Herald, heraldscotland.com; Private Eye; TalkSport; The Register, theregister.co.uk; The Irish Times;
Irish Independent, independent.ie; RTÉ, RTÉ News, rte.ie; The Journal, thejournal.ie; The New York Times, NYT, NY
Times, New York Times, nytimes.com; The Washington Post, WaPo, Wash Post, Washington Post; The Wall Street Journal,
WSJ, Wall Street Journal; USA Today; Los Angeles Times, LA Times, LAT, latimes.com; Chicago Tribune; Chicago Sun-Times,
suntimes.com; Boston Globe, The Boston Globe; Boston Herald; New York Post, NY Post, nypost.com; New York Daily News,
nydailynews.com; San Francisco Chronicle, SF Chronicle, sfchronicle.com; SFGate; The Philadelphia Inquirer,
Philadelphia Inquirer, inquirer.com; Miami Herald; Houston Chronicle; The Dallas Morning News, dallasnews.com; The
Denver Post; The Seattle Times; Star Tribune, startribune.com; Tampa Bay Times; The Atlanta Journal-Constitution, AJC,
ajc.com; Baltimore Sun, The Baltimore Sun; Detroit Free Press, freep.com; The Texas Tribune; The Arizona Republic,
azcentral.com; The Mercury News; The Oregonian, oregonlive.com; Newsday; Politico, politico.eu; Axios; The Hill; Roll
Call; ProPublica; The Intercept; Vox; Slate; Salon; The Atlantic; The New Yorker; New York Magazine, nymag.com; Vanity
Fair; Time, Time Magazine; Newsweek; US News & World Report, U.S. News, US News, usnews.com; The Nation; National
Review; Mother Jones; The New Republic, tnr.com; Reason; The Week; Daily Beast, The Daily Beast; HuffPost, Huffington
Post, huffingtonpost.com; BuzzFeed News, BuzzFeed; Vice, Vice News; Semafor; Quartz, qz.com; People, People Magazine;
Rolling Stone; Variety; The Hollywood Reporter, Hollywood Reporter, THR; Deadline, Deadline Hollywood; Billboard;
Entertainment Weekly, EW, ew.com; TMZ; Us Weekly, usmagazine.com; Pitchfork; Vulture; IndieWire; NME; Vogue; E! News,
eonline.com; CNN, CNN International; Fox News, FNC; Fox Business; Fox Sports; MSNBC, MS NOW; NBC News, NBC; NBC Sports;
CBS News, CBS; CBS Sports; ABC News, ABC, abcnews.go.com; ESPN, espncricinfo.com, ESPNcricinfo; PBS, PBS NewsHour; NPR,
National Public Radio; C-SPAN; CNBC; Newsmax; OAN, One America News, oann.com; Breitbart; The Daily Caller; The
Washington Times; Washington Examiner; The Christian Science Monitor, CSM, csmonitor.com; Stars and Stripes; Voice of
America, VOA, VOA News; Radio Free Europe, RFE/RL, RFERL; Radio Free Asia, RFA; The Conversation; Snopes; PolitiFact;
Business Insider, Insider; Forbes; Fortune; MarketWatch; Barron's, barrons.com; Seeking Alpha; TheStreet; Yahoo News,
news.yahoo.com; Yahoo Finance, finance.yahoo.com; Yahoo Sports, sports.yahoo.com; Investopedia; Fast Company; Inc.,
Inc. Magazine, inc.com; Harvard Business Review, HBR, hbr.org; CoinDesk; Cointelegraph; TechCrunch; The Verge;
Engadget; Wired; CNET; ZDNet; Ars Technica; Mashable; Gizmodo; The Next Web, TNW; VentureBeat; 9to5Mac; 9to5Google;
MacRumors; PCMag, PC Magazine; PCWorld; TechRadar; Tom's Hardware, tomshardware.com; Tom's Guide, tomsguide.com;
Digital Trends; MIT Technology Review, Technology Review; Rest of World; The Information; 404 Media; Protocol; Polygon;
Kotaku; IGN; GameSpot; Eurogamer; PC Gamer; Rock Paper Shotgun; Lifehacker; Hacker News, news.ycombinator.com; Sporting
News; Sports Illustrated, SI, si.com; Bleacher Report, B/R; The Athletic; The Ringer; Yardbarker; Essentially Sports;
Deadspin; SB Nation; Sportskeeda; Cricbuzz; The Roar, theroar.com.au; L'Équipe; Marca; Kicker; La Gazzetta dello Sport,
gazzetta.it; Goal, Goal.com; Motorsport.com; Nature, Nature News; Science, Science Magazine, science.org,
sciencemag.org; Scientific American, sciam.com; New Scientist; Live Science; ScienceDaily; Space.com; Phys.org;
National Geographic, NatGeo; Popular Science, popsci.com; The Lancet; STAT, STAT News; Smithsonian Magazine,
smithsonianmag.com; CBC, CBC News, cbc.ca; CTV News, CTV; Global News, globalnews.ca; The Globe and Mail, Globe and
Mail; National Post; Toronto Star, The Toronto Star, thestar.com; Toronto Sun; ABC News, ABC, Australian Broadcasting
Corporation, abc.net.au; The Age, theage.com.au; The Sydney Morning Herald, SMH, Sydney Morning Herald; The Australian;
Australian Financial Review, AFR, Financial Review; News.com.au; Nine News, 9News; 7News; SBS News, SBS; Herald Sun;
The West Australian; Wide World of Sports; New Zealand Herald, NZ Herald, nzherald.co.nz; RNZ, Radio New Zealand;
Stuff, stuff.co.nz; Le Monde, lemonde.fr; Le Figaro; Libération; Les Echos; Mediapart; France 24; RFI; L'Express,
lexpress.fr; Der Spiegel, Spiegel, Spiegel Online; Die Zeit, Zeit Online; Süddeutsche Zeitung, SZ, sueddeutsche.de;
Frankfurter Allgemeine Zeitung, Frankfurter Allgemeine, FAZ, faz.net; Die Welt; Bild; Deutsche Welle, DW, dw.com;
Handelsblatt; Tagesschau; taz; Neue Zürcher Zeitung, NZZ, nzz.ch; Swissinfo; Der Standard, derstandard.at; Die Presse;
ORF; El País; El Mundo, elmundo.es; ABC España, abc.es; La Vanguardia; Corriere della Sera, corriere.it; La Repubblica,
repubblica.it; La Stampa, lastampa.it; Il Sole 24 Ore; Público; NRC; De Volkskrant; De Telegraaf; Politiken; Dagens
Nyheter; Aftonbladet; Aftenposten; NRK; VG; YLE; Helsingin Sanomat; Gazeta Wyborcza, wyborcza.pl; Euronews; EUobserver;
Kathimerini, ekathimerini.com; Hürriyet, Hürriyet Daily News; Daily Sabah; TRT World, TRT; Kyiv Independent, The Kyiv
Independent; Kyiv Post; Ukrainska Pravda, pravda.com.ua; Meduza; Novaya Gazeta; The Moscow Times; Kommersant;
Vedomosti; RT, Russia Today; Sputnik, sputniknews.com; Bellingcat; Al Jazeera, aljazeera.com, Aljazeera English; Al
Arabiya; The National, thenationalnews.com; Arab News; Gulf News; Khaleej Times; Asharq Al-Awsat, aawsat.com; Middle
East Eye; Haaretz; The Jerusalem Post, JPost; The Times of Israel; Ynet, ynetnews.com; Globes, globes.co.il; IRNA;
Tasnim, Tasnim News; Press TV; Tehran Times; Iran International, iranintl.com; Rudaw; Al-Ahram, ahram.org.eg;
L'Orient-Le Jour, lorientlejour.com, L'Orient Today; The Times of India, TOI, Times of India; The Hindu; Hindustan
Times; The Indian Express, Indian Express; NDTV; India Today; The Economic Times; Mint, Livemint; Business Standard;
Business Line, The Hindu BusinessLine, thehindubusinessline.com; Business Today, businesstoday.in; Zee Business,
zeebiz.com; Zee News; The Wire, thewire.in; Scroll, scroll.in; The Quint; Firstpost; Moneycontrol; YourStory; Deccan
Herald; The Telegraph, The Telegraph India, telegraphindia.com; Dawn, dawn.com; Geo News, geo.tv; The Express Tribune,
tribune.com.pk; The Daily Star; bdnews24; South China Morning Post, SCMP; China Daily; Global Times; People's Daily,
people.cn, people.com.cn; CGTN; Caixin; Hong Kong Free Press, HKFP; Taipei Times; Focus Taiwan; The Japan Times, Japan
Times; Nikkei, Nikkei Asia; NHK, NHK World; The Asahi Shimbun, Asahi Shimbun, Asahi; The Mainichi, Mainichi Shimbun,
mainichi.jp; The Yomiuri Shimbun, Yomiuri Shimbun, Yomiuri; The Korea Herald, Korea Herald; The Korea Times; JoongAng
Daily, joongang.co.kr; The Chosun Ilbo, Chosun Ilbo, chosun.com; Hankyoreh; KCNA; NK News; The Straits Times, Straits
Times; Channel NewsAsia, CNA, channelnewsasia.com; Bangkok Post; The Jakarta Post; Rappler; Philippine Daily Inquirer,
inquirer.net; The Star, thestar.com.my; Malaysiakini; VnExpress; The Diplomat; Foreign Policy; Foreign Affairs; Mail &
Guardian, mg.co.za; News24; Daily Maverick; Sunday Times, timeslive.co.za; Daily Nation, nation.africa; The East
African; Premium Times; Punch, punchng.com; The Guardian Nigeria, guardian.ng; allAfrica; Folha de S.Paulo, Folha,
uol.com.br; O Globo, oglobo.globo.com; G1, g1.globo.com; Estadão, O Estado de S. Paulo; Clarín; La Nación,
lanacion.com.ar; Infobae; El Universal; Reforma; Milenio; El Tiempo, eltiempo.com; El Comercio; El Mercurio, emol.com;
MercoPress; TeleSUR; Music Business Worldwide; Science News for Students, Science News Explores, snexplores.org
"""

# What an outlet brings out ...
PIECES = (
    "accounts? analys[ei]s articles? blogs? broadcasts? claims? columns? coverage dispatch(?:es)? editorials?"
    " exclusives? explainers? features? headlines? interviews? investigations? journalism newsletters? op-eds?"
    " pieces? podcasts? portrayals? posts? profiles? publications? reporting reports? reviews? scoops? stories story"
    " write-?ups?"
).replace(" ", "|")
# ... and what it does there: 'did X report', 'X suggests', 'described by X'.
_VERBS = (
    "allege analyse analyze argue assert attribute characterise characterize claim cover credit depict describe detail"
    " discuss emphasise emphasize explain highlight imply indicate mention note portray print publish quote recount"
    " report reveal say state suggest write"
).split()
# Not asked of an outlet ('did CNN air' is about CNN), but done to a story: 'aired by CNN'.
DONE = (
    "accused aired anticipated appear appeared appears broadcast carried featured identified posted presented raised"
    " recogni[sz]ed reviewed rumou?red seen shown speculated"
).replace(" ", "|")
# 'What was it called by People?'
_NAMED = "called|crowned|dubbed|named|picked|ranked|rated|voted"
_OUTLETS = (
    "outlets? sources? publications? (?:news)?papers? magazines? agenc(?:y|ies) (?:web)?sites? wires? networks?"
    " broadcasters?"
).replace(" ", "|")


def _forms(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb[:-1]}(?:es?|ed|ing)"
    if verb.endswith("ly"):
        return f"{verb[:-1]}(?:y|ies|ied|ying)"
    return f"{verb}(?:s|es|ed|ing)?"


REPORTING = "|".join((*map(_forms, _VERBS), "said", "wrote", "written"))
_ADVERB = r"(?:\w+ly|also|again|as|back|did|does|first|had|has|have|in|later|earlier|never|not|on|once|then|when)"
QUOTES = "'\"‘’“”"
# What may stand between a word that cites and the name: 'by both the', 'in an article from sources like "'.
LEAD = (
    r"(?:(?:both|either|each|the|an?|another|its|multiple|several|different|various|other|recent|subsequent|latest|last"
    rf"|{_OUTLETS}|like|such as|including|namely)\s+){{0,4}}"
)
# Outlets that the archive does not know, in one list with the name: 'according to Bloomberg and X'.
OTHERS = (
    rf"(?:[{QUOTES}]?(?-i:[A-Z])[\w.]*(?: (?-i:[A-Z])[\w.]*){{0,3}}[{QUOTES}]?(?:,(?: and| or)?|\s+(?:and|or))\s+"
    r"(?:(?:by|from|in|the)\s+)?){0,3}"
)
_CITED_BEFORE = (
    r"\b(?:according to|as per|per|citing|quoting|quoted in|via|tell|tells|telling|told|spoke to|spoken to|speaking to"
    r"|(?:only|just|solely|exclusively|anything|news) (?:from|in|by|use|using)|(?:from|in|using) (?:only|just|solely)"
    r"|interview(?:s|ed)? (?:with|by|in|on)"
    rf"|(?:{PIECES})(?: {_ADVERB}){{0,2}} (?:from|by|in|at)|(?:{_OUTLETS}),? (?:from|like|such as|including)"
    r"|(?:coverage|descriptions?|explanations?|portrayals?|reporting|reviews?) (?:about|of|on)(?: [\w’'-]+){1,10}? by"
    rf"|(?:{_NAMED})(?: [\w’'-]+){{1,8}}? by"
    # Up to 'by', 'described' may be followed by what as: 'described as the last of its kind by X'.
    rf"|(?:{REPORTING}|{DONE})(?: (?:{_ADVERB}|(?:as|to)(?: [\w’'-]+){{1,7}}?)){{0,2}} (?:by|in|from|on)"
    rf")\s+{LEAD}{OTHERS}[{QUOTES}(]*$"
)
_CITED_AFTER = (
    rf"[{QUOTES})]*s?\s+(?:"
    r"(?:(?!(?:and|or|that|which|who|is|was|were|will|about|of|in|on|by|to|for|from|its|the|an?)\b)[\w’'-]+\s+)?"
    rf"(?:{PIECES})\b|(?:{_ADVERB}\s+){{0,2}}(?:fail(?:s|ed)? to\s+)?(?:{REPORTING}|focus(?:es|ed)? on)\b)"
)
# After another citation in the same question: 'covered by X for this, and by Y for that'.
_CITED_TOO = rf"(?:,|\band|\bor)\s+(?:also\s+)?(?:by|from)\s+{LEAD}[{QUOTES}]*$"
# How far back what cites is looked for.
REACH_CHARS = 120
# Says that the name before it is an outlet's, not that it is cited.
_KIND = rf"[{QUOTES}]*\s+(?:magazine|newspaper|newsroom|tabloid|website|news agency|news site|daily|weekly)\b"
_LINK = (
    rf"[{QUOTES}]*s?\s*(?:/|,\s*(?:and|or|as well as|but also)?|\b(?:and|or|as well as|versus|vs\.?)\b)"
    rf"\s*(?:(?:both|by|from|in|later|then|also|even|the|an?|another)\s+)*[{QUOTES}]*"
)

_TOKEN = re.compile(r"&|(?<=\w)['’]s\b|[^\W_]+(?:\.[^\W_]+)*")
# Between the words of one name: 'Daily Beast', 'The Roar | Sports', 'L’Express', 'U.S. News'.
_WITHIN = re.compile(r"\s+|\s*[|:–—>-]\s*|['’]|[.!]\s+|")
_HOST = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[:/].*)?", re.IGNORECASE)
_SECTION = re.compile(r"\s+[-–—·•>»:/(]\s*|\s*\|\s*|:\s+")
_SECOND_LEVEL = frozenset("ac co com edu go gob gov ne net nic or org".split())
# The label of such a host is a state, a town or a school: nobody cites them as outlets by it.
_OFFICIAL = frozenset("ac edu gob gov int mil".split())
_SMALL = frozenset("a an and at d da de del der di du e en for in la le les of on the to und y &".split())
# Known names that are words of every day: they need their capital and a place where something is cited.
_ORDINARY = frozenset(
    """age antara athletic atlantic australian bild billboard conversation dawn deadline diplomat express
    fortune globes goal guardian herald hill hindu inc independent information insider intercept journal kicker
    lancet marca metro mint mirror nation national nature observer people polygon protocol punch quartz quint
    reason reforma register ringer roar salon science scotsman scroll slate spectator spiegel sputnik standard
    star stat street stuff sun telegraph time times variety verge vice vogue vox vulture week welt wire wired""".split()
)
# Words with a capital before a name that are no part of it.
_OPENING = frozenset(
    """a according after all also although an and any are as at because before between both but by can compare compared
    comparing considering could did do does during find following for from give given had has have how if in is list
    may might most on only or per regarding should show since so some summarise summarize tell than that the then there
    these they this those to under unlike until via was were what when where whether which while who whom whose why will
    with within would monday tuesday wednesday thursday friday saturday sunday january february march april june july
    august september october november december""".split()
)
_LONGEST_NAME_WORDS = 12
# 'CNN-sponsored', '@BBC', 'time.com'.
_GLUE = frozenset("@#-_.")
_GLUED = re.compile(r"[-_@]\w")


@dataclass(frozen=True, slots=True)
class OutletMention:
    """An outlet's name in a text, without quotes around it: ``text`` from ``start`` to ``end`` of the whole.

    ``outlets`` are the archive's own names that it stands for, sorted. ``cited`` says that it stands where somebody
    refers to what an outlet published ('according to X', 'the X article'), not where the outlet is spoken of.
    """

    start: int
    end: int
    text: str
    outlets: tuple[str, ...]
    cited: bool


class OutletIndex:
    """The outlets of an archive by all the names that people give them."""

    def __init__(self, names: Iterable[str]) -> None:
        gathered: dict[str, set[str]] = {}
        for name in names:
            for key in _keys(name):
                gathered.setdefault(key, set()).add(name)
        self._names = {key: tuple(sorted(found)) for key, found in gathered.items()}

    def named(self, name: str) -> tuple[str, ...]:
        """Return the archive's names for one outlet, sorted: 'BBC' is both 'BBC News - Technology' and 'bbc.co.uk'."""
        return self._known_as(_keys(name))

    def named_in(self, text: str) -> list[OutletMention]:
        """Return the outlets that ``text`` names, in order, without overlap.

        An ordinary word counts only where it is cited ('according to Time') or plainly a name ('The Age' within a
        sentence, 'Time magazine'), small letters only where they are cited, and part of a longer name never
        ('Fortune 500', 'Irish Times').
        """
        words = _Words(text)
        found = list(self._mentions(words))
        cited = _spread(text, found, [_is_cited(text, mention) for mention, _ in found])
        return [
            replace(mention, cited=is_cited)
            for (mention, is_plain), is_cited in zip(found, cited, strict=True)
            if is_cited or is_plain
        ]

    def _mentions(self, words: _Words) -> Iterator[tuple[OutletMention, bool]]:
        """Yield the names, at each word the longest, and whether they are plainly names; nothing is cited yet."""
        i = 0
        while i < len(words):
            for last in words.ends(i):
                outlets = self._known_as(words.keys(i, last))
                if outlets and words.stand_alone(i, last):
                    start, end = words.span(i, last)
                    yield (
                        OutletMention(start, end, words.text[start:end], outlets, cited=False),
                        words.are_plain(i, last),
                    )
                    i = last
                    break
            i += 1

    def _known_as(self, keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({name for key in keys for name in self._names.get(key, ())}))


class _Words:
    """The words of a text, and which runs of them may be a name."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = list(_TOKEN.finditer(text))
        self._folded = [_fold(token[0]) for token in self._tokens]
        self._gaps = [text[a.end() : b.start()] for a, b in pairwise(self._tokens)]

    def __len__(self) -> int:
        return len(self._tokens)

    def span(self, first: int, last: int) -> tuple[int, int]:
        return self._tokens[first].start(), self._tokens[last].end()

    def ends(self, first: int) -> Iterator[int]:
        """Yield the last words that a name beginning at ``first`` may have, the farthest first."""
        word = self._tokens[first][0]
        if word in _SMALL or word == "'s":
            return
        end = first
        while end < len(self._gaps) and end - first < _LONGEST_NAME_WORDS and _WITHIN.fullmatch(self._gaps[end]):
            end += 1
        yield from range(end, first - 1, -1)

    def keys(self, first: int, last: int) -> Sequence[str]:
        if first == last and "." in self._folded[first]:
            return _keys(self._tokens[first][0])
        key = _without_the("".join(self._folded[first : last + 1]).replace(".", ""))
        return key, *_aliases().get(key, ())

    def stand_alone(self, first: int, last: int) -> bool:
        """Return whether a run is no part of a longer name or word, and has capitals throughout or nowhere."""
        start, end = self.span(first, last)
        if self.text[max(0, start - 1) : start] in _GLUE or _GLUED.match(self.text, end):
            return False
        telling = [i for i in range(first, last + 1) if self._folded[i] not in _SMALL and self._folded[i] != "'s"]
        capitals = {self._has_capital(i) for i in telling}
        if len(capitals) > 1:
            return False
        if self._is_lone(first, last):
            return len(telling) > 1 or not self._goes_on_after(last)
        return capitals == {True} and not (self._goes_on_before(first) or self._goes_on_after(last))

    def are_plain(self, first: int, last: int) -> bool:
        """Return whether a run is a name wherever it stands."""
        start, end = self.span(first, last)
        if _pattern(_KIND).match(self.text, end) or _host(self.text[start:end]):
            return True
        if not any(map(self._has_capital, range(first, last + 1))):
            return False
        if (
            self._tokens[first][0] == "The"
            and first < last
            and start
            and self.text[:start].rstrip(" '\"‘“")[-1:].isalnum()
        ):
            return True
        return self._is_lone(first, last) or any(letter.isupper() for letter in self._tokens[last][0][1:])

    def _is_lone(self, first: int, last: int) -> bool:
        """Return whether a run is hardly anything else than an outlet: of several words, or known and no word."""
        if _host(self._tokens[first][0]):
            return True
        key = _without_the("".join(self._folded[first : last + 1]))
        if len(key) <= 2 or key in _ORDINARY:
            return False
        return key in _aliases() or last - first > (self._folded[first] == "the")

    def _goes_on_before(self, first: int) -> bool:
        if not first or self._gaps[first - 1] != " " or not self._has_capital(first - 1):
            return False
        return self._folded[first - 1] not in _OPENING

    def _goes_on_after(self, last: int) -> bool:
        if last >= len(self._gaps) or self._gaps[last] != " ":
            return False
        following = self._folded[last + 1]
        return self._has_capital(last + 1) and following not in _OPENING and not re.fullmatch(PIECES, following)

    def _has_capital(self, i: int) -> bool:
        token = self._tokens[i][0]
        # Digits and scripts without capitals stand for names as they are.
        return token != token.lower() or token == token.upper()


def outlet_key(name: str) -> str:
    """Return what is left of a name to compare: letters and digits, folded, no 'The', of a host its own label."""
    host = _host(name)
    return _label(host) if host else _without_the("".join(map(_fold, _TOKEN.findall(name))).replace(".", ""))


def _keys(name: str) -> tuple[str, ...]:
    """Return what a name is filed and looked up under: its key, and the known outlets that it may stand for."""
    heads = [_head_keys(part) for part in _SECTION.split(name) if part.strip(" )")] or [_head_keys(name)]
    # Feeds write 'BBC News - Technology' and 'Technology | The Guardian'.
    head = next((keys for keys in heads if len(keys) > 1), heads[0])
    return (outlet_key(name), *head) if len(heads) > 1 else head


def _head_keys(name: str) -> tuple[str, ...]:
    host = _host(name)
    if not host:
        key = outlet_key(name)
        return key, *_aliases().get(key, ())
    key, labels = _label(host), host.split(".")
    known = (_hosts().get(".".join(labels[i:])) for i in range(len(labels) - 1))
    return key, *(next(filter(None, known), None) or _aliases().get(key, ()))


def _host(name: str) -> str | None:
    match = _HOST.fullmatch(name.strip()) if "." in name else None
    return match[1].lower() if match else None


def _label(host: str) -> str:
    *labels, top = host.split(".")
    if len(labels) > 1 and len(top) == 2 and labels[-1] in _SECOND_LEVEL:
        top = labels.pop()
    return host if top in _OFFICIAL or not labels else _without_the(labels[-1].replace("-", ""))


def _without_the(key: str) -> str:
    return key[3:] if key.startswith("the") and len(key) > 4 else key


def _fold(word: str) -> str:
    folded = "and" if word == "&" else word.lower().replace("’", "'")
    if folded.isascii():
        return folded
    return "".join(letter for letter in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(letter))


@cache
def _surfaces() -> list[tuple[str, list[str]]]:
    """Return the known outlets: a name that no key can be, and all that it goes by."""
    entries = [[surface.strip() for surface in entry.split(",")] for entry in " ".join(_KNOWN.split()).split(";")]
    return [(f"*{i}", surfaces) for i, surfaces in enumerate(entries)]


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    gathered: dict[str, tuple[str, ...]] = {}
    for family, surfaces in _surfaces():
        for key in {outlet_key(surface) for surface in surfaces if not _host(surface)}:
            gathered[key] = (*gathered.get(key, ()), family)
    return gathered


@cache
def _hosts() -> dict[str, tuple[str, ...]]:
    return {host: (family,) for family, surfaces in _surfaces() for surface in surfaces if (host := _host(surface))}


def are_listed(text: str, one: OutletMention, next_one: OutletMention) -> bool:
    """Return whether two mentions stand side by side in a list: 'X, Y and by Z'."""
    return _pattern(_LINK).fullmatch(text, one.end, next_one.start) is not None


def _is_cited(text: str, mention: OutletMention) -> bool:
    if _pattern(_CITED_AFTER).match(text, mention.end):
        return True
    return _pattern(_CITED_BEFORE).search(text[max(0, mention.start - REACH_CHARS) : mention.start]) is not None


def _spread(text: str, found: Sequence[tuple[OutletMention, bool]], cited: list[bool]) -> list[bool]:
    """Return what is cited when a list is cited as a whole: 'by X, Y and Z'."""
    if any(cited):
        cited = [
            is_cited
            or _pattern(_CITED_TOO).search(text[max(0, mention.start - REACH_CHARS) : mention.start]) is not None
            for (mention, _), is_cited in zip(found, cited, strict=True)
        ]
    linked = [are_listed(text, a, b) for (a, _), (b, _) in pairwise(found)]
    for i in (*range(len(linked)), *reversed(range(len(linked)))):
        if linked[i] and (cited[i] or cited[i + 1]):
            cited[i] = cited[i + 1] = True
    return cited


@cache
def _pattern(expression: str) -> re.Pattern[str]:
    """Return a pattern, compiled when the first outlet is named: most questions name none."""
    return re.compile(expression, re.IGNORECASE)
