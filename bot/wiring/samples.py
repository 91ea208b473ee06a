"""The last sample of judgement, kept as cursors: numbers, a day, the rulebook's version."""

from __future__ import annotations

from bot.domain.measured_error import MeasuredError, text_of_kind, with_kinds
from bot.domain.vocabulary import KINDS, Kind
from handlers.ports import Cursors

SAMPLE = "sample"


async def keep_sample(cursors: Cursors, found: MeasuredError) -> None:
    """From now on it is the last one. A process that dies meanwhile leaves the former's numbers,
    and lines of kinds that nobody takes for theirs."""
    for one in found.kinds:
        await cursors.put(_name(Kind(one.kind)), text_of_kind(one, found))
    await cursors.put(SAMPLE, found.text())


async def last_sample(cursors: Cursors) -> MeasuredError | None:
    """What was kept; None without any."""
    kept = await cursors.get(SAMPLE)
    if not kept:
        return None
    lines = [(kind, await cursors.get(_name(kind))) for kind in KINDS]
    return with_kinds(MeasuredError.parse(kept), [(kind, line) for kind, line in lines if line])


def _name(kind: Kind) -> str:
    return f"{SAMPLE} {kind.value}"
