"""What is left of a page around an article: captions, credits, bylines, datelines alone, links to other articles."""

from __future__ import annotations

import re
from functools import cache

_AGENCY = (
    r"(?:AP|AFP|ANP|EPA|PA|UPI|TASS|Xinhua|Reuters|REUTERS|Bloomberg|Anadolu|NurPhoto|Shutterstock|Getty(?: Images)?)"
)
_UNENDED = r"(?!.*[.?!][\"'”’)\]]*$)"
_CAPITALS = r"[A-Z][\w.’'-]*,?(?: (?:(?:of|de|la|el|the) )?[A-Z\d][\w.’'-]*,?){0,6}"
_NAME = r"[A-Z][\w.’'-]*(?: (?:(?:de|van|von|bin|al) )?[A-Z][\w.’'-]*){1,3}"

# Each is looked for at the beginning of a sentence, or, after '…', anywhere in it. Case counts: 'More: ', 'MORE: '.
_FORMS = (
    # Links to other articles, films and newsletters.
    r"(?:More|MORE|Related|RELATED|See also|SEE ALSO|Also read|ALSO READ|For subscribers) ?:",
    r"(?:READ|Read|WATCH|Watch|More|MORE) (?:on|from|in|about|ON|FROM|IN|ABOUT) [^:.?!]{2,40} ?:",
    rf"(?:Opinion|Listen|Video|In pictures|Gallery|Fact check|Explainer) ?:{_UNENDED}",
    r"(?:Read|READ|Watch|WATCH)(?:(?: more| MORE| also| ALSO| next| NEXT| it| the full story)\b[^.]{0,80}$| ?[:|])",
    r"(?:MUST|JUST|NOW) (?:WATCH(?:ED|ING)?|PLAYING)\b",
    r"More (?:pictures|photos|videos|stories|news|coverage|headlines|details)(?: \w+){0,4}\.?$",
    r"(?:Click|Tap|Sign up|Subscribe|Register|Scroll)\s(?:here|on|to|for|now|up|down|below)\b",
    r"Follow (?:us|@\w+|.{2,60} on (?:Twitter|Facebook|Instagram|X))\b",
    # A label that the next words are glued to is a link's: 'Ferries:Why the new one is late'.
    rf"[^.:?!]{{2,60}}(?<=[\w’'”\"]):(?=[A-Z'‘“\"]){_UNENDED}",
    rf"[:|]\s*\S{_UNENDED}",
    # Films: their length or source at the end.
    r"Video Ad Feedback\b|Hide Caption\b|Show Caption\b|Advertisement\b|Story continues below\b",
    r"…\b\d\d:\d\d(?: - Source: .*)?$",
    # Captions and credits.
    r"(?:Photos?|PHOTOS?|Image|Picture|Caption|Photograph(?:er|y)?|Credit) ?:",
    r"(?:Photo|Image|Photograph|Picture)s? (?:by|courtesy)\b",
    r"(?:FILE|File)(?: [Pp]hoto| PHOTO| image)?\s?(?:[-–—:,]|$)",
    r"…[(\[](?:(?:FILE|File) )?(?:[Pp]hoto|PHOTO|[Ii]mage|[Pp]icture|Credit)\w*(?: by| courtesy| credit|[:)\]])",
    rf"…\b{_NAME} ?/ ?(?:(?:The )?{_AGENCY}\b|Pool\b|.{{2,30}}\bvia\b)",
    rf"…(?:^|[\s(]){_AGENCY} ?/ ?{_NAME}|…\b{_AGENCY} [Pp]hoto\b|…\bvia (?:{_AGENCY})[)\]]?$|…\((?:{_AGENCY})\)\.?$",
    r"…\b(?:[Ff]ile|FILE) (?:photo|PHOTO)[)\].]*$",
    # Bylines.
    rf"(?:By|BY) {_NAME}(?:(?:,| and|,? with) (?:{_NAME}|[A-Z][\w’' ]+))*\W*$",
    r"(?:(?:Additional )?[Rr]eporting|(?:Story|Written|Edited|Compiled|Produced)) by [A-Z]",
    r"…\bcontributed (?:reporting )?to this (?:report|story|article)\b",
    # A place and an agency with nothing after them.
    rf"{_CAPITALS} ?(?:\([^()]{{2,40}}\) ?)?[—–-]+\s*$",
)


# Without one of these no sentence has a form that is looked for anywhere in it.
_MAY_BE = re.compile(r"[/()\[:]|hoto|PHOTO|contributed")


def is_boilerplate(sentence: str, following: str = "") -> bool:
    """Whether a sentence of a body, by its form, is none of the article: nobody wrote it to be read in its place.

    ``following`` is the next sentence on its line: before a credit in brackets it is a caption.
    """
    text = sentence.strip()
    opening, within = _patterns()
    if opening.match(text) or (_MAY_BE.search(text) and within.search(text)):
        return True
    return following.startswith("(") and is_boilerplate(following)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the forms of a beginning and those of any place, each as one pattern, compiled when first needed."""
    parts = [part for form in _FORMS for part in re.split(r"\|(?=…)", form)]
    opening = "|".join(f"(?:{part})" for part in parts if not part.startswith("…"))
    within = "|".join(f"(?:{part[1:]})" for part in parts if part.startswith("…"))
    return re.compile(opening), re.compile(within)
