"""Every error of ours has an exit code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant import errors
from assistant.errors import exit_code_of
from store.errors import ArchiveLocked, ArticleMissing, DatelineError, EmbedderError, InputError, RerankerError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ArticleMissing("no article 'x'"), 1),
        (InputError("unreadable"), 2),
        (EmbedderError("no weights"), 2),
        (RerankerError("no cross-encoder"), 2),
        (errors.ConfigError("unknown key"), 2),
        (ArchiveLocked("pid 7 writes"), 3),
        (errors.SessionMissing("no session 'x'"), 1),
        (errors.SessionsError("not to be read"), 3),
        (errors.LLMAuthenticationError("no key"), 4),
        (errors.LLMUnreachable("refused"), 5),
        (errors.LLMRateLimited("slow down"), 6),
        (errors.LLMTimeout("too late"), 7),
        (errors.LLMStopped("stopped"), 130),
        (errors.LLMFailed("broke off"), 8),
        (errors.LLMContextExceeded("too long"), 8),
        (DatelineError("nobody knows"), 70),
    ],
)
def test_the_exit_code_says_what_a_script_can_do_about_it(error: DatelineError, code: int) -> None:
    assert exit_code_of(error) == code


def test_no_class_of_the_tree_is_without_a_code() -> None:
    def below(kind: type[DatelineError]) -> Iterator[type[DatelineError]]:
        for narrower in kind.__subclasses__():
            yield narrower
            yield from below(narrower)

    assert [kind for kind in below(DatelineError) if exit_code_of(kind.__new__(kind)) == 70] == []
