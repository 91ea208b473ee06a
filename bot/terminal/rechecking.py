"""complaints recheck: figures that the gate could not check, tried again; no figure is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import typer

from bot.domain.complaint_release import Returned, Verdict
from bot.domain.errors import UserError
from bot.domain.periods import Week
from bot.domain.releases import Solve
from bot.domain.texts import Texts
from bot.solver.client import SolverProcess
from bot.terminal.session import counting
from handlers.complaints.release import LAST_TRY


async def check_again(
    seconds: float | None, config: Path | None, texts: Texts, solve: Solve | None = None
) -> int:
    """Check everything that waits, each in at most `seconds`; 1 when something waits still.

    Raises UserError while complaints are not open.
    """
    async with counting(config) as (settings, house):
        if house.complaints is None or not house.complaints.box.is_open:
            raise UserError("office.complaints.closed")
        limit = seconds or settings.complaints.gate_seconds
        release = replace(house.complaints.release, solve=solve or SolverProcess(limit))
        waiting = await release.waiting(Week.of(house.clock.now(), settings.zone))
        found = [await release.again(one) for one in waiting]
    for line in told(found, texts):
        typer.echo(line)
    if not found:
        typer.echo(texts("release_gate.again.none"))
    return int(any(one.verdict is Verdict.UNCHECKED for one in found))


def told(found: Sequence[Returned], texts: Texts, *, before: bool = False) -> Iterator[str]:
    """A line for each: what became of it, or, `before` another try, that it waits."""
    for one in found:
        why = texts(f"release_gate.why.{one.why or 'unknown'}")
        last = "" if one.shown_in is None else str(one.shown_in.shifted(LAST_TRY))
        key = "waits" if before else str(one.verdict)
        week = one.figures.week
        yield texts(f"release_gate.again.{key}", office=one.office, week=week, why=why, last=last)
