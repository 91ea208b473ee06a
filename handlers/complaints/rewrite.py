"""Once a week, after its end: withdrawals, replies, expiry and the hand-over, all in one rewrite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from bot.domain.complaint_files import Batch, HandOver, SealedReport, hand_over
from bot.domain.periods import Week, is_over
from bot.domain.sealed_notes import ID_BYTES
from handlers.complaints.box import SpooledBox
from handlers.complaints.ports import Exchange, ReportStore, Rewriting
from handlers.ports import Clock

REPLACED_AT_ONCE = 16
"""Withdrawn records leave among dummies, always as many in all: which was real is not seen."""
FEWEST_DUMMIES = 10 * REPLACED_AT_ONCE
"""With fewer that this process knows of, none leave: the few that stayed would be the real ones."""


@dataclass(frozen=True, slots=True)
class RewriteWeekly:
    """Rewrites when it is due; however often it is called, each week is rewritten once.

    What a kill interrupts is finished by the next call: the change is one transaction, the files
    are written anew until it is noted that they were, and a batch's file until it is there.
    """

    box: SpooledBox
    store: ReportStore
    exchange: Exchange
    clock: Clock
    zone: tzinfo
    grace: timedelta
    offices: Callable[[], frozenset[str]]

    async def __call__(self) -> bool:
        """Rewrite after the week that ended last; False when there was nothing to do."""
        now = self.clock.now()
        week = Week.of(now, self.zone).shifted(-1)
        is_due = self.box.is_open and is_over(week, now, self.zone, self.grace)
        if is_due and not await self.store.is_rewritten(week):
            await self._rewrite(week)
        if not await self.store.is_reclaimed():
            self.exchange.keep_batches(await self.store.batches())
            await self.store.reclaim()
        for batch in await self.store.unwritten():
            self.exchange.put_batch(batch, await self.store.batch(batch.id))
            await self.store.written(batch.id)
        return is_due

    async def _rewrite(self, week: Week) -> None:
        spool = self.box.spool
        reading = self.box.sealer.reading(spool.counted(week))
        decision = hand_over(await self.store.held_weeks(week), week, reading)
        batch = None
        if decision is not HandOver.HOLD:
            batch = Batch(self.box.token_bytes(ID_BYTES), week, decision is HandOver.WHOLE)
        came = tuple(self.exchange.replies())
        replaced = self._replaced(week)
        await self.store.rewrite(
            Rewriting(
                week=week,
                replies=came,
                replaced=replaced,
                batch=batch,
                units=decision is not HandOver.WITHOUT_UNITS,
                offices=self.offices(),
            )
        )
        for each in came:
            self.exchange.drop(each.mark)
        for report, new in replaced:
            spool.withdrawn.pop(report, None)
            spool.dummies.pop(report, None)
            spool.dummies[new.id] = new.week
        if batch is not None:
            spool.handed_over(week)

    def _replaced(self, week: Week) -> tuple[tuple[bytes, SealedReport], ...]:
        spool = self.box.spool
        leaving = [(report, of) for report, of in spool.withdrawn.items() if of <= week]
        dummies = [(report, of) for report, of in spool.dummies.items() if of <= week]
        if len(dummies) < FEWEST_DUMMIES:
            return ()  # the office is told of each withdrawal by the spool too
        steps = max(1, -(-len(leaving) // REPLACED_AT_ONCE))
        # Drawn at random: were it the oldest ones, those beside them that stay would be real.
        dummies.sort(key=lambda _each: self.box.token_bytes(ID_BYTES))
        leaving += dummies[: steps * REPLACED_AT_ONCE - len(leaving)]
        return tuple((report, self.box.dummy(of)) for report, of in sorted(leaving))
