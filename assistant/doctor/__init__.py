"""What ails an archive, its machine or its models, each finding with the command that helps.

Nothing is changed, nothing is sent to another machine, and whatever does not answer in time is left with a word.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from assistant.doctor.findings import Finding, Patient, problem, warning
from store.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LONGEST_S", "Examination", "Finding", "Patient", "examine"]

Examination = Callable[[Patient], Iterator[Finding]]

# All examinations begin at once, and this long after the first is asked for its findings none is waited for any more.
LONGEST_S = 4.0


def examine(
    patient: Patient, *, longest_s: float = LONGEST_S, examinations: Mapping[str, Examination] | None = None
) -> Iterator[tuple[str, Sequence[Finding]]]:
    """Yield each section with its findings, in the order in which a person needs them."""
    due = time.monotonic() + longest_s
    running = {name: _Running(look, patient) for name, look in (examinations or _examinations()).items()}
    for name, one in running.items():
        yield name, one.findings(due)


def _examinations() -> Mapping[str, Examination]:
    from assistant.doctor.holdings import examine_archive, examine_backups, examine_feeds, examine_index
    from assistant.doctor.machine import examine_disk, examine_settings, examine_terminal, examine_versions
    from assistant.doctor.models import examine_embedder, examine_llms, examine_reranker
    from assistant.doctor.servers import examine_chroma, examine_embeddings

    return {
        "settings": examine_settings,
        "versions": examine_versions,
        "terminal": examine_terminal,
        "disk": examine_disk,
        "archive": examine_archive,
        "index": examine_index,
        "embedding": examine_embedder,
        "reranking": examine_reranker,
        "models": examine_llms,
        "chroma": examine_chroma,
        "embeddings": examine_embeddings,
        "feeds": examine_feeds,
        "backups": examine_backups,
    }


class _Running:
    """An examination in a thread of its own, which nobody has to wait for."""

    def __init__(self, look: Examination, patient: Patient) -> None:
        self._found: list[Finding] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(look, patient), daemon=True)
        self._thread.start()

    def findings(self, due: float) -> Sequence[Finding]:
        """Return what was found until ``due``; raise what the examination raised."""
        self._thread.join(max(0.0, due - time.monotonic()))
        if self._error is not None:
            raise self._error
        found = list(self._found)
        if self._thread.is_alive():
            found.append(warning("this takes long and was left; the rest is not known", "dateline check"))
        return found

    def _run(self, look: Examination, patient: Patient) -> None:
        try:
            for finding in look(patient):
                self._found.append(finding)
        except (ArchiveError, sqlite3.Error, OSError) as exc:
            self._found.append(problem(str(exc), getattr(exc, "hint", None) or "dateline check"))
        except BaseException as exc:  # noqa: BLE001 - raised where the findings are asked for
            self._error = exc
