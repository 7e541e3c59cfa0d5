"""The command line: owns stdout, stderr and the exit codes. stdout is the answer and nothing else."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from assistant.cli.commands import dateline
from assistant.cli.terminal import Terminal
from assistant.errors import exit_code_of, told

if TYPE_CHECKING:
    from store.errors import ArchiveError

_INTERRUPTED = 130
_BUG = 70
_PIPE_CLOSED = 141

# The machine's, not ours: a disk that is full, broken, or may not be written to.
_DISK_ERRORS = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG))


def main() -> NoReturn:
    """Run the command line and leave with its exit code; the entry point of ``dateline``."""
    # What this program writes, and what libraries and children write for it, is its owner's alone.
    os.umask(0o077)
    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # Closed by whoever read it.
            stream.flush()
    # Everything is closed and written. Taking numpy and onnxruntime down piece by piece would take 30 ms more.
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code. Every error of ours ends as one line on stderr."""
    # Imported before numpy: two BLAS threads on busy cores make a question six times slower.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    terminal = Terminal()
    try:
        code = _invoke(arguments, terminal)
        terminal.flush()
    except (KeyboardInterrupt, click.Abort):
        terminal.end_progress()
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    except NoArgsIsHelpError as exc:
        click.echo(exc.message, err=True)
        return exc.exit_code
    except click.ClickException as exc:
        terminal.fail(_usage(exc))
        return exc.exit_code
    except Exception as exc:  # noqa: BLE001 - the last line of defence: a bug is told as one
        return _explain(exc, terminal)
    return code


def _invoke(arguments: list[str], terminal: Terminal) -> int:
    # Not by `dateline.main`: it ends a run whose reader has enough with 1, which means that there is no answer.
    try:
        with dateline.make_context("dateline", list(arguments), obj=terminal) as ctx:
            return int(dateline.invoke(ctx) or 0)
    except click.exceptions.Exit as exc:  # --help, --version
        return exc.exit_code


def _usage(exc: click.ClickException) -> str:
    """Return a usage error in one line."""
    hint = f"; see `{exc.ctx.command_path} --help`" if isinstance(exc, click.UsageError) and exc.ctx else ""
    return f"{exc.format_message().rstrip('.')}{hint}"


def _explain(exc: Exception, terminal: Terminal) -> int:
    from store.errors import DatelineError

    terminal.end_progress()
    if terminal.debug:
        import traceback

        terminal.fail("".join(traceback.format_exception(exc)))
    exc = _of_the_disk(exc) or exc
    if isinstance(exc, DatelineError):
        terminal.fail(told(exc))
        return exit_code_of(exc)
    terminal.fail(
        f"this is a bug of dateline, not of yours: {type(exc).__name__}: {exc}; "
        "run it again with --debug and report what that prints"
    )
    return _BUG


def _of_the_disk(exc: Exception) -> ArchiveError | None:
    """Return as an error of ours what a disk or a damaged file brought about, None for anything else."""
    import sqlite3  # only when something went wrong

    from store.errors import ArchiveDamaged, ArchiveError

    if isinstance(exc, OSError) and exc.errno in _DISK_ERRORS:
        what = f"{exc.filename!r} cannot be read or" if exc.filename else "a file or the output cannot be"
        return ArchiveError(f"{what} written: {exc.strerror}", hint="run the same command again when this is mended")
    if _primary_code(exc) in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL):
        return ArchiveError(
            f"the archive cannot be read or written: {exc}", hint="look at the disk, then run the same command again"
        )
    if isinstance(exc, sqlite3.Error):
        return ArchiveDamaged(
            f"the archive cannot be read: {exc}",
            hint="mend it with `dateline check --repair`, or `dateline restore` a backup",
        )
    return None


def _primary_code(exc: Exception) -> int:
    return int(getattr(exc, "sqlite_errorcode", 0)) & 0xFF
