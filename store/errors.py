"""Everything that can go wrong below the surface, by what the person at the terminal can do about it.

DatelineError
├── InputError          a source that cannot be read at all
│   └── FetchError      an address on the web that cannot be fetched
├── ArchiveError
│   ├── ArchiveMissing  there is no archive at that path
│   ├── ArchiveEmpty    the archive holds no article
│   ├── ArchiveLocked   another process is writing
│   ├── ArchiveNewer    written by a newer version of this program
│   ├── ArchiveDamaged  the file does not hold what it should
│   └── DiskFull        there is no room for what is to be done
├── ArticleMissing      no article has that id
├── NameUnknown         no article names anybody or anything so, or several that may be meant
├── EmbedderError       weights that are missing, wrong or cannot be run
└── RerankerError       the same for the cross-encoder
"""

from __future__ import annotations


class DatelineError(Exception):
    """An error with a message for a person and, where there is one, the next action as a command or setting."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class InputError(DatelineError):
    """A source cannot be read."""


class FetchError(InputError):
    """An address on the web cannot be fetched.

    ``reason`` is the message without the address. ``status`` is what the server answered, where that was the reason,
    and ``retry_after_s`` how long it wants to be left alone. ``may_pass`` says that it is worth another try later.
    """

    def __init__(
        self,
        url: str,
        reason: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        may_pass: bool = False,
    ) -> None:
        super().__init__(f"cannot fetch {url!r}: {reason}")
        self.reason = reason
        self.status = status
        self.retry_after_s = retry_after_s
        self.may_pass = may_pass

    @property
    def is_gone(self) -> bool:
        """Whether the server says that there is nothing at the address, now or for ever."""
        return self.status in {404, 410}


class ArchiveError(DatelineError):
    """The archive cannot do what was asked."""


class ArchiveMissing(ArchiveError):
    """There is no archive at the path."""


class ArchiveEmpty(ArchiveError):
    """The archive holds no article."""


class ArchiveLocked(ArchiveError):
    """Another process is writing to the archive."""


class ArchiveNewer(ArchiveError):
    """The archive was written by a newer version."""


class ArchiveDamaged(ArchiveError):
    """The archive's file is not what it should be."""


class DiskFull(ArchiveError):
    """The disk has no room for what is to be done."""


class ArticleMissing(DatelineError):
    """No article has the id."""


class NameUnknown(DatelineError):
    """No article names anybody, any place or any organisation so, or several do and it is not clear which is meant."""


class EmbedderError(DatelineError):
    """The embedding model is missing, is not the one that was named, or cannot be run."""


class RerankerError(DatelineError):
    """The reranking model is missing, is not the one that was named, or cannot be run."""
