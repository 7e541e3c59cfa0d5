"""What the doctor found, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from assistant.doctor.findings import Finding
from store.cleaning import plain

if TYPE_CHECKING:
    from assistant.rendering import Style

Sections = Sequence[tuple[str, Sequence[Finding]]]


def section_text(name: str, findings: Sequence[Finding], style: Style) -> Iterator[str]:
    """Yield the lines of a section: a mark in words, what was found, and below it what helps."""
    for number, finding in enumerate(findings):
        mark = style.dim(f"{finding.mark:<8}") if finding.mark == "ok" else f"{finding.mark:<8}"
        yield f"{name if number == 0 else '':<10} {mark} {plain(finding.text)}"
        if finding.remedy:
            yield f"{'':<10} {'':<8} → {plain(finding.remedy)}"


def verdict_text(sections: Sections) -> str:
    """Return the findings in one line."""
    problems, warnings = (_count(sections, mark) for mark in ("problem", "warning"))
    counted = [f"{count} {noun}{'s' * (count != 1)}" for count, noun in ((problems, "problem"), (warnings, "warning"))]
    told = [text for text, count in zip(counted, (problems, warnings), strict=True) if count]
    return " and ".join(told) if told else "all is well"


def doctor_json(sections: Sections) -> dict[str, Any]:
    """Return the findings as ``dateline.doctor/1``."""
    return {
        "schema": "dateline.doctor/1",
        "healthy": is_healthy(sections),
        "problems": _count(sections, "problem"),
        "warnings": _count(sections, "warning"),
        "findings": [
            {"section": name, "mark": finding.mark, "text": finding.text, "remedy": finding.remedy}
            for name, findings in sections
            for finding in findings
        ],
    }


def is_healthy(sections: Sections) -> bool:
    return not _count(sections, "problem")


def _count(sections: Sections, mark: str) -> int:
    return sum(finding.mark == mark for _, findings in sections for finding in findings)
