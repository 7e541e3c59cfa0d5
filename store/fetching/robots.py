"""What a site's robots.txt allows to programs that visit by themselves, after RFC 9309."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.fetching.deadlines import Deadline
from store.fetching.failures import Failed, Overdue, Stopped, Unreachable
from store.fetching.urls import Url

if TYPE_CHECKING:
    from protego import Protego

# The name that groups of rules are looked up by: the first word of the user agent that we send.
ROBOT = "dateline"

# RFC 9309 has everybody read 500 KiB at least; what follows is ignored.
MAX_BYTES = 500 * 1024

# A site may ask for a longer pause than ours, not for one that no reader sits through.
LONGEST_DELAY_S = 10.0


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for us.

    Without ``parsed`` rules everything is allowed, or nothing because of a ``refusal``, which ``may_pass``.
    """

    parsed: Protego | None = None
    refusal: str | None = None
    may_pass: bool = False

    def refuse(self, url: str) -> str | None:
        """Return why ``url`` must not be fetched, ``None`` where it may."""
        if self.parsed is None or self.parsed.can_fetch(url, ROBOT):
            return self.refusal
        return "the site's robots.txt does not allow it"

    @property
    def delay_s(self) -> float:
        """How long a pause between two requests the site asks for."""
        asked = self.parsed.crawl_delay(ROBOT) if self.parsed else None
        return min(asked or 0.0, LONGEST_DELAY_S)


class Robots:
    """The rules of every server that was asked for them, shared by all threads."""

    def __init__(self, fetch: Callable[[Url, Deadline], bytes]) -> None:
        self._fetch = fetch
        self._rules: dict[str, Rules] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def rules_for(self, url: Url, deadline: Deadline) -> Rules:
        """Return the rules of the server at ``url``, from its robots.txt the first time.

        As RFC 9309, 2.3.1, has it: where there is none (4xx) everything is allowed, where it cannot be had nothing is.
        """
        robots = url.at("/robots.txt")
        server = str(robots)
        with self._lock:
            lock = self._locks.setdefault(server, threading.Lock())
        with deadline.taking(lock):
            if server not in self._rules:
                self._rules[server] = self._ask(robots, deadline)
            return self._rules[server]

    def _ask(self, robots: Url, deadline: Deadline) -> Rules:
        try:
            return read_rules(self._fetch(robots, deadline))
        except (Overdue, Stopped):  # which need not be the server's fault: nothing is learnt from it
            raise
        except Unreachable as exc:  # nor would the page be reached
            return Rules(refusal=str(exc), may_pass=exc.may_pass)
        except Failed as exc:
            if exc.status is not None and 400 <= exc.status < 500:
                return Rules()
            return Rules(refusal=f"its robots.txt cannot be fetched: {exc}", may_pass=exc.may_pass)


def read_rules(content: bytes) -> Rules:
    """Return the rules that a robots.txt holds for us; what it does not say is allowed."""
    from protego import Protego

    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    return Rules(Protego.parse("\n".join(_with_known_robot(line) for line in lines)))


def _with_known_robot(line: str) -> str:
    """Return ``line``, or one naming a robot that is not us as "other".

    A file may name 20,000 robots above 20,000 rules, and the parser would keep each rule for each of them. It also
    finds names within ours, where the standard compares whole ones.
    """
    words = " ".join(line.partition("#")[0].replace(":", " ").split()).lower()
    for form in ("user-agent", "useragent", "user agent"):
        if words == form or words.startswith(f"{form} "):
            name = words[len(form) :].strip()
            return f"User-agent: {name if name in {'*', ROBOT} else 'other'}"
    return line
