"""Everything that can go wrong below the surface, by what the person at the terminal can do about it.

DatelineError
├── InputError          a source that cannot be read at all
├── ArchiveError
│   ├── ArchiveMissing  there is no archive at that path
│   ├── ArchiveEmpty    the archive holds no article
│   ├── ArchiveLocked   another process is writing
│   ├── ArchiveNewer    written by a newer version of this program
│   └── ArchiveDamaged  the file does not hold what it should
├── ArticleMissing      no article has that id
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


class ArticleMissing(DatelineError):
    """No article has the id."""


class EmbedderError(DatelineError):
    """The embedding model is missing, is not the one that was named, or cannot be run."""


class RerankerError(DatelineError):
    """The reranking model is missing, is not the one that was named, or cannot be run."""
