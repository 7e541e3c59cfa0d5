"""What stands on a page around articles and belongs to none: widgets, share buttons, post footers, rules."""

from __future__ import annotations

import re

LONGEST_FURNITURE_CHARS = 200

_RULE = re.compile(r"(?:[-*_=~#•·—–]\s*){3,}|-30-|\(?ends\)?|\(end\)", re.IGNORECASE)

# The foot of a weblog post: nothing of the same article follows it.
_FOOTER = re.compile(
    r"posted (?:by|on|in|at)\b.{0,120}(?<![.!?])"  # With a full stop it is prose.
    r"|labels?: .+|filed under:? .+|tags?: .+|categor(?:y|ies): .+"
    r"|(?:no|\d+) comments?:?|leave a (?:comment|reply)|post a comment|links to this post:?"
    r"|\W*(?:(?:(?:older|newer) posts?|home)\b\W*)+"
    r"|subscribe to: .+",
    re.IGNORECASE,
)
_WIDGET = re.compile(
    r"blog widget by\b.{0,60}|powered by (?:blogger|wordpress|typepad|linkwithin|disqus)\W*"
    r"|(?:(?:email|blog|tweet|pin|share|like|print|save) ?this(?: (?:post|article|story|page))?\W*)+"
    r"(?:share to .{1,80})?"
    r"|share (?:on|to|via) .{1,80}|share:?|tweet"
    r"|(?:facebook|twitter|whatsapp|pinterest|linkedin|reddit|tumblr|email|print)"
    r"|(?:read|see|show) more(?:\W{0,3}|:.*)|continue reading\b.{0,100}|click here to .{1,100}"
    r"|you might also like:?|related (?:posts|articles|stories):?|like this:?|like loading\W*|loading\W*"
    r"|advertisements?|story continues below(?: advertisement)?"
    r"|(?:sign up for|subscribe to) (?:our|the) .{1,80}newsletters?\W*"
    r"|follow us on .{1,60}|skip to (?:main )?content"
    r"|(?:(?:published|posted|(?:last )?updated):? )?(?:\d{1,2}|an?) (?:min(?:ute)?s?|hours?|days?|weeks?) ago"
    r"|\d{1,2}[ -]min(?:ute)?s?(?: read)?|(?:copyright )?(?:©|\(c\)) ?(?:copyright )?\d{4}\b.{0,120}"
    r"|(?:for )?immediate release:?|for release (?:immediately|on receipt):?|(?:press|news|media) release:?",
    re.IGNORECASE,
)
# Whom to call about a press release, and the lines of a mail: they stand above a headline and in no article.
_PREAMBLE = re.compile(
    r"(?:(?:media |press )?contacts?(?: information)?|phone|telephone|tel|mobile|fax|e-?mail)\s?:.{0,150}"
    r"|(?:from|to|cc|reply-to|message-id)\s?:.{0,150}@.{0,150}",
    re.IGNORECASE,
)


def is_rule(line: str) -> bool:
    """Say whether ``line`` only divides: '---', '* * *', '###', '-30-'."""
    return bool(_RULE.fullmatch(line[:LONGEST_FURNITURE_CHARS]))


def is_post_footer(line: str) -> bool:
    """Say whether ``line`` closes a weblog post: 'Posted by Jane at 10:02 PM', 'Labels: ferry', 'Newer Post'."""
    return len(line) <= LONGEST_FURNITURE_CHARS and bool(_FOOTER.fullmatch(line))


def is_widget(line: str) -> bool:
    """Say whether ``line`` is a widget's or button's leftover: 'Blog Widget by …', 'Share this', 'Advertisement'."""
    return len(line) <= LONGEST_FURNITURE_CHARS and bool(_WIDGET.fullmatch(line))


def is_preamble(line: str) -> bool:
    """Say whether ``line``, above a headline, is of a mail or press release: 'From: desk@…', 'Contact: Jane Doe'."""
    return bool(_PREAMBLE.fullmatch(line))
