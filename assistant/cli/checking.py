"""``dateline check``: whether the archive is whole, and ``--repair``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from assistant.cli.options import as_json, common, load, terminal_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assistant.cli.terminal import Terminal
    from store.integrity import Checked, Finding
    from store.integrity.repairing import Repaired
    from store.integrity.salvage import Salvaged

_BROKEN = 3
_MOST_NAMED = 20


@click.command()
@click.option("--full", is_flag=True, help="Read every byte: texts, words, vectors, the index and what it finds.")
@click.option(
    "--sample", "percent", type=click.FloatRange(0, 100, min_open=True), metavar="PERCENT",
    help="With --full, read this share of the articles and vectors, always the same ones.",
)  # fmt: skip
@click.option("--repair", is_flag=True, help="Mend what can be mended without loss, and say what was done.")
@as_json
@common
@click.pass_context
def check(ctx: click.Context, full: bool, percent: float | None, repair: bool, json_: bool) -> int:
    """Check that the archive is whole, without changing anything: exits with 3 when it is not.

    \b
    dateline check                       its structure: seconds
    dateline check --full                every byte of it: ten seconds for 36,000 passages
    dateline check --repair              mend what is wrong; what is damaged is kept aside
    """
    from assistant.config import archive_path

    if percent is not None and (not full or repair):
        raise click.UsageError("--sample goes with --full, and without --repair", ctx)
    terminal, path = terminal_of(ctx), archive_path(load(ctx))
    if repair:
        return _repair(path, terminal, json_=json_)
    from store.integrity import check_archive

    checked = check_archive(path, full=full, percent=percent or 100.0, progress=_progress_of(terminal))
    terminal.end_progress()
    if json_:
        _say_json(terminal, checked)
    else:
        for line in _lines(checked):
            terminal.say(line)
    return 0 if checked.is_sound else _BROKEN


def _repair(path: Path, terminal: Terminal, *, json_: bool) -> int:
    from store.integrity.repairing import repair_archive

    repaired = repair_archive(path, progress=_progress_of(terminal), show=terminal.progress)
    terminal.end_progress()
    if json_:
        _say_json(terminal, repaired.after, repaired)
    else:
        for line in _repair_lines(repaired):
            terminal.say(line)
    return 0 if repaired.after.is_sound else _BROKEN


def _progress_of(terminal: Terminal) -> Any:
    def show(stage: str) -> None:
        terminal.show_progress(_STAGES.get(stage, f"checking {stage}"))

    return show


_STAGES = {"salvage": "reading what can be read of the damaged file", "repair": "mending"}


def _lines(checked: Checked) -> Iterator[str]:
    """Yield a line for each finding, the broken ones first, and a last line."""
    from store.cleaning import plain

    for severity, title in (("broken", "broken"), ("wasteful", "could be better")):
        findings = [finding for finding in checked.findings if finding.severity == severity]
        if findings:
            yield f"{title}:"
        for finding in findings:
            yield f"  {plain(str(finding))} → {finding.remedy}"
    yield _last_line(checked)


def _last_line(checked: Checked) -> str:
    broken = sum(finding.is_broken for finding in checked.findings)
    if broken:
        return f"{broken:,} {'thing is' if broken == 1 else 'things are'} broken"
    counts = f"{checked.articles:,} articles, {checked.passages:,} passages, {checked.vectors:,} vectors"
    if not checked.full:
        return f"no problem found in the structure of {counts}; --full reads every byte"
    read = "" if checked.percent >= 100 else f" ({checked.percent:g} % of them read)"
    return f"no problem found in {counts}{read}"


def _repair_lines(repaired: Repaired) -> Iterator[str]:
    from store.cleaning import plain

    if not repaired.before.findings:
        yield _last_line(repaired.after)
        return
    yield "found:"
    yield from (f"  {plain(str(finding))}" for finding in repaired.before.findings)
    if repaired.done:
        yield "done:"
        yield from (f"  {plain(done)}" for done in repaired.done)
    yield from _lost_lines(repaired.salvaged)
    left = repaired.after.findings
    if left:
        yield "not mended:"
        yield from (f"  {plain(str(finding))} → {finding.remedy}" for finding in left)
    if repaired.after.vectors < repaired.after.passages:
        missing = repaired.after.passages - repaired.after.vectors
        yield f"{missing:,} passages have no vector: `dateline embed` makes them"
    yield _last_line(repaired.after)


def _lost_lines(salvaged: Salvaged | None) -> Iterator[str]:
    from store.cleaning import plain

    if salvaged is None or not salvaged.lost:
        return
    yield "lost, unless a backup or their sources hold them:"
    for article_id, headline in salvaged.lost[:_MOST_NAMED]:
        yield f"  {plain(article_id)}{f' {plain(headline)}' if headline else ''}"
    more = len(salvaged.lost) - _MOST_NAMED
    if more > 0:
        yield f"  and {more:,} more: --json names them all"


def _say_json(terminal: Terminal, checked: Checked, repaired: Repaired | None = None) -> None:
    from assistant.rendering import to_json

    salvaged = repaired.salvaged if repaired else None
    terminal.say(
        to_json(
            {
                "schema": "dateline.check/1",
                "archive": str(checked.path),
                "full": checked.full,
                "sample": checked.percent,
                "sound": checked.is_sound,
                "articles": checked.articles,
                "passages": checked.passages,
                "vectors": checked.vectors,
                "findings": [_finding_json(finding) for finding in checked.findings],
                "found_before": [_finding_json(finding) for finding in repaired.before.findings] if repaired else [],
                "done": list(repaired.done) if repaired else [],
                "damaged": str(salvaged.damaged) if salvaged else None,
                "lost": [{"id": one, "headline": headline} for one, headline in salvaged.lost] if salvaged else [],
            }
        )
    )


def _finding_json(finding: Finding) -> dict[str, str]:
    return {"where": finding.where, "what": finding.what, "severity": finding.severity, "remedy": finding.remedy}
