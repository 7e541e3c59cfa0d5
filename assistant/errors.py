"""What can go wrong with settings, saved sessions and LLMs, and the exit code of every error of this program.

DatelineError (store.errors)      exit
├── InputError                    2
├── ArchiveError and all below    3
├── ArticleMissing                1
├── NameUnknown                   2
├── EmbedderError                 2
├── RerankerError                 2
├── ConfigError                   2     a setting, a config file or a prompt of the user's own
├── SessionsError                 3     the file of the saved sessions cannot be read or written
│   └── SessionMissing            1     no session has that name
└── LLMError                      8
    ├── LLMAuthenticationError    4     no key, or one the server refuses
    ├── LLMUnreachable            5     no server answers there
    ├── LLMRateLimited            6     too many requests, or nothing left to spend
    ├── LLMTimeout                7     a deadline passed
    ├── LLMStopped              130     whoever asked wants no more of it
    └── LLMFailed                 8     anything else the server did, with its own words
        └── LLMContextExceeded    8     the prompt is longer than the model can read
"""

from __future__ import annotations

from store.errors import (
    ArchiveError,
    ArticleMissing,
    DatelineError,
    EmbedderError,
    InputError,
    NameUnknown,
    RerankerError,
)


class ConfigError(DatelineError):
    """A setting is unknown or has a value it cannot have."""


class SessionsError(DatelineError):
    """The saved sessions cannot be read or written."""


class SessionMissing(SessionsError):
    """No session has the name."""


class LLMError(DatelineError):
    """The LLM did not give a complete answer."""


class LLMAuthenticationError(LLMError):
    """The key is missing, or the server does not accept it."""


class LLMUnreachable(LLMError):
    """No connection to the server."""


class LLMRateLimited(LLMError):
    """The server asks to slow down."""


class LLMTimeout(LLMError):
    """The server let a deadline pass."""


class LLMStopped(LLMError):
    """Whoever asked stopped the answer; nothing went wrong."""


class LLMFailed(LLMError):
    """The server refused, broke off, or said something that is no answer."""


class LLMContextExceeded(LLMFailed):
    """The prompt is longer than the model can read; nothing was written. A shorter one may do."""


_EXIT_CODES: dict[type[BaseException], int] = {
    ArticleMissing: 1,
    NameUnknown: 2,
    InputError: 2,
    EmbedderError: 2,
    RerankerError: 2,
    ConfigError: 2,
    SessionMissing: 1,
    SessionsError: 3,
    ArchiveError: 3,
    LLMAuthenticationError: 4,
    LLMUnreachable: 5,
    LLMRateLimited: 6,
    LLMTimeout: 7,
    LLMStopped: 130,  # as by Ctrl-C
    LLMError: 8,
}

# sysexits.h EX_SOFTWARE: an error that nobody gave a code is a bug of ours.
_BUG = 70


def told(error: Exception) -> str:
    """Return what an error says, in one line: what happened and, where it is known, what helps."""
    hint = getattr(error, "hint", None)
    return f"{error}; {hint}" if hint else str(error)


def exit_code_of(error: DatelineError) -> int:
    """Return the exit code of the narrowest class of ``error`` that has one."""
    return next((_EXIT_CODES[kind] for kind in type(error).__mro__ if kind in _EXIT_CODES), _BUG)
