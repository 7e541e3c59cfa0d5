"""What outlets write around their articles, in the languages of the larger ones: lines by which each is known."""

from __future__ import annotations

import re

# Lines are judged up to these lengths: what is longer is prose that happens to begin so, and costs the patterns time.
_LONGEST_POINTER_CHARS = 160
_LONGEST_INVITATION_CHARS = 300
_LONGEST_CREDIT_CHARS = 400
_LONGEST_APPEAL_CHARS = 400
_LONGEST_CONTACT_CHARS = 200
_LONGEST_TIME_CHARS = 80
_MOST_WORDS_OF_TIME = 3


def _one_of(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_POINTER = _one_of(
    r"\W*(?:also |please )?(?:read|see|watch|listen)(?: more| also| next| now| this| here)?[^.?!]{0,40}[:|>»]",
    r"\W*(?:read|see) (?:more|also|next)\b",
    r"\W*don['’]?t miss\b",
    r"\W*(?:more|most) (?:from|on|read|popular|stories)\b.{0,60}$",
    r"\W*related(?: \w+)?\s*(?:[:|>»]|$)",
    r"\W*you (?:may|might) (?:also )?(?:like|be interested)",
    r"\W*recommended(?: for you| stories)?\s*[:|]?\s*$",
    r"\W*(?:also on \S+|up next\b|what to read next)",
    r"\W*(?:mehr|lesen sie|lesetipp|lesen|auch interessant|siehe|zum thema|passend dazu|weitere)\b(?: \w+){0,4}\s*[:|]",
    r"\W*(?:lesen sie|lies) (?:auch|hier|dazu|mehr)\b",
    r"\W*mehr (?:zum thema|dazu|lesen)\b",
    r"\W*(?:à |a )?(?:lire|voir) (?:aussi|également)\b",
    r"\W*(?:lea|lee|leer|vea) (?:también|más)\b",
    r"\W*leggi anche\b",
    r"\W*leia (?:também|mais)\b",
    r"\W*lees (?:ook|meer)\b",
    r"\W*(?:läs (?:också|mer|även)|les (?:også|mer)|læs (?:også|mere))\b",
    r"\W*czytaj (?:też|także|więcej)\b",
    r"\W*čtěte (?:také|více)\b",
)
_NETWORKS = r"(?:twitter|facebook|instagram|youtube|telegram|whatsapp|linkedin|tiktok|x)"
_INVITATION = _one_of(
    r"(?:sign up|subscribe|register|join) (?:for|to|up|us|our|on|the|now|here|today)\b",
    rf"(?:follow|like|find|join|visit) .{{0,60}}\b{_NETWORKS}\b",
    r"(?:follow|like) (?:us|me|him|her|our)\b",
    r"(?:share|tweet|print|email|save|pin) (?:this|it|article|story|on)\b",
    r"(?:like (?:this|what you)|(?:enjoyed?|liked?) (?:this|reading|what)|if you (?:enjoyed|liked))\b",
    r"get .{0,60}\b(?:newsletter|delivered|inbox|app|alerts)\b",
    r"(?:download (?:our|the) .{0,30}\bapp|click here)\b",
    r"tell us what|what do you think|let us know",
    r"(?:have (?:your|a)|got a) (?:say|story|tip|news tip)\b",
    r"do you have .{0,40}\b(?:tip|story|information)\b",
    r"our journalism|support (?:our|independent)",
    r".{0,80}\bnewsletter\b.{0,80}$",
    r"(?:abonnieren|abonniere|folgen|folge|folgst|jetzt|hier) .{0,80}"
    r"\b(?:newsletter|whatsapp|instagram|facebook|app|kanal|abo|testen|anmelden|abonnieren|melden)\b",
    r"fehler gefunden|hat ihnen dieser artikel",
)
_AGENCIES = "dpa afp reuters ap apa sda sid ansa efe tt ntb ritzau anp belga pap čtk aa xinhua kyodo yonhap"
_CREDIT = _one_of(
    r"\W*.{0,200}\bcontribut(?:ed|ing) (?:to|reporting|from)\b",
    r"\W*(?:additional )?(?:reporting|writing|editing|compiled|edited|written|translated|produced|research|photos?|"
    r"photographs?|report|story|text|video) by\b",
    r"\W*with (?:reports?|reporting|files|information|input|inputs|material) (?:from|by)\b",
    r"\W*(?:first|originally|previously) (?:published|appeared)\b",
    r"\W*this (?:article|story|piece|post|report|copy) (?:was|is|has been|originally|first|appeared)\b",
    r"\W*(?:source|sources|quelle|quellen|fonte|fuente|bron|kilde|källa|zdroj|źródło)\s*:",
    r"\W*(?:<?copyright\b|©|ⓒ|\(c\) ?\d{4})",
    r"\W*(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos)",
    r"\W*mit material von\b",
    rf"\W*(?:{_AGENCIES.replace(' ', '|')})(?:[/,; -]{{1,3}}\w{{2,12}}){{0,4}}\W{{0,4}}$",
)
_PICTURES = r"(?:photo|image|picture|photograph|foto|bild|bilder|credit|grafik|video)s?"
_CAPTION = _one_of(
    rf".{{0,300}}\({_PICTURES}(?:\W| by).{{0,80}}\)\W{{0,3}}$",
    rf"{_PICTURES}\s?(?:credit|:|by\b|von\b).{{0,80}}$",
)
_ACCESS = r"(?:the (?:full|rest|whole|entire)|this|more|on)"
# What stands where a text breaks off. Headers ask to subscribe on every page; these speak of going on reading.
_APPEAL = _one_of(
    r"(?:subscri(?:be|ption)|sign (?:in|up)|log ?in|register|create (?:a|an|your) (?:free )?account|join|"
    r"become a (?:member|subscriber)|start your .{0,30}trial)\b.{0,80}\b(?:to|and) "
    rf"(?:continue|keep|finish|unlock|read(?:ing)? {_ACCESS}|access (?:this|the full))",
    r"(?:continue|keep) reading (?:this (?:article|story)|the (?:full|rest)|with|by|for)\b",
    r"to (?:continue|keep) reading|(?:want|like) to (?:read|keep reading)\b.{0,60}\bsubscri",
    r"to read (?:the (?:full|rest|entire|whole)|this) (?:article|story|of)",
    r"this (?:article|story|content|post) is (?:only |reserved |exclusively |available ){0,3}(?:for|to) "
    r"(?:our )?(?:paid |paying |premium |registered ){0,2}(?:subscribers|members)",
    r"(?:subscriber|member|premium)s?[- ](?:only|exclusive) (?:content|article|story)",
    r"you(?:['’]ve| have) (?:reached|read|used) (?:your|all|the)\b.{0,40}\b(?:articles?|limit|stories)",
    r"(?:weiterlesen (?:mit|nach|und)|jetzt weiterlesen)\b",
    r"(?:um|zum) (?:diesen artikel |den ganzen artikel )?(?:weiter(?:zu)?lesen|vollständig(?:en)?)\b",
    r"(?:diesen|den (?:ganzen|vollständigen)) artikel (?:mit|weiter|lesen sie mit|jetzt)\b",
    r"(?:exklusiv|nur) für abonnent",
    r"(?:article|contenu) (?:est )?réservé (?:à|aux) (?:nos )?abonné|la suite est réservée",
    r"il vous reste [\d.,]{1,6} ?% .{0,40}à (?:lire|découvrir)",
    r"(?:contenido|artículo|noticia) (?:exclusiv[oa]|solo) para (?:nuestros )?(?:suscriptores|socios)",
    r"para (?:seguir|continuar) leyendo|para continuar a ler|(?:conteúdo|artigo) exclusivo para assinantes",
    r"(?:contenuto|articolo) (?:riservato|per) (?:agli |gli )?abbonati|per continuare a leggere",
    r"lees verder (?:met|als)|alleen voor abonnees|for at læse videre|for å lese videre|för att läsa vidare",
    r"aby (?:przeczytać|czytać) (?:dalej|całość)",
    r"残り\s?[\d,]{1,6}\s?文字|この(?:記事は有料|先は会員)",
)
_CONTACT_WORD = _one_of(
    r"[^\s@]{1,60}@[^\s@]{1,60}\.\w{2,10}",
    r"@\w{2,30}",
    r"https?://\S+",
    r"(?:www\.)?[\w-]{1,40}\.(?:com|org|net)/\S+",
    r"comments?\W*",
    r"\W+",
)
_FILED = _one_of(
    r"\d+ comments?",
    r"(?:filed under|tags?|topics?|categories|schlagwörter|themen)\s?:?\s.{0,200}",
)
_CLOCK = r"(?<![\d.,])\d{1,2}[:.]\d\d(?![\d%])(?:\s?(?:uhr|[ap]\.?m\.?|h)\b)?"
# A line that only says when, or how long it takes to read: numbers with few words around them, in any language.
_TIME = _one_of(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}",
    _CLOCK,
    r"\b\d{1,2}\.?\s[^\W\d_]{3,10}\.?,?\s\d{4}\b",
    r"\b[^\W\d_]{3,10}\.?\s\d{1,2},?\s\d{4}\b",
    r"\b\d{1,3}[\s-]?(?:min|minut(?:e[ns]?|os?|i|er)?|mins)\b",
)
_WORD = re.compile(r"[^\W\d_]+")


def is_pointer(line: str) -> bool:
    """Say whether ``line`` points to another article: 'READ MORE: …', 'Lesen Sie auch …', 'Related'."""
    return len(line) <= _LONGEST_POINTER_CHARS and bool(_POINTER.match(line))


def is_invitation(line: str) -> bool:
    """Say whether ``line`` asks the reader to subscribe, follow, share or write."""
    return len(line) <= _LONGEST_INVITATION_CHARS and bool(_INVITATION.match(line))


def is_credit(line: str) -> bool:
    """Say whether ``line`` says who made, owns or first printed the article."""
    return len(line) <= _LONGEST_CREDIT_CHARS and bool(_CREDIT.match(line))


def is_caption(line: str) -> bool:
    """Say whether ``line`` is the text below a picture, as far as it tells: '… (Photo: Jane Doe)'."""
    return len(line) <= _LONGEST_CREDIT_CHARS and bool(_CAPTION.fullmatch(line))


def is_appeal(line: str) -> bool:
    """Say whether ``line`` asks to pay or register to go on reading."""
    return len(line) <= _LONGEST_APPEAL_CHARS and bool(_APPEAL.search(line))


def is_contact(line: str) -> bool:
    """Say whether ``line`` consists of addresses and accounts, or files the article under tags."""
    if len(line) > _LONGEST_CONTACT_CHARS:
        return False
    return all(map(_CONTACT_WORD.fullmatch, line.split())) or bool(_FILED.fullmatch(line))


def is_time(line: str) -> bool:
    """Say whether ``line`` only says when the article appeared or changed, or how long it takes to read."""
    if len(line) > _LONGEST_TIME_CHARS or line[-1:] in {"?", "!"} or not _TIME.search(line):
        return False
    return len(_WORD.findall(_TIME.sub(" ", line))) <= _MOST_WORDS_OF_TIME
