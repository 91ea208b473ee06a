"""How fast may be spoken: the platforms' rates and quotas, kept before they are met."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from bot.domain.private import Opaque
from bot.domain.sending import Allowance, Quota, Rate, Urgency
from handlers.ports import Clock, Spendings

AT_ONCE = timedelta(0)
# Of a quota, in per cent: when it runs low hints stop first, then answers; the digest goes last.
SHARES: Mapping[Urgency, int] = {Urgency.DIGEST: 100, Urgency.ANSWER: 95, Urgency.HINT: 80}


@dataclass
class Pacing:
    """Says how long to wait before the next message, and counts those that may go.

    `allowances` by platform; a platform without one is not held back. The windows of minutes and
    hours live in memory (they name conversations, which must not rest on a disk); what was used
    of a day's or month's quota is durable. A quota's day begins at midnight in `zone`.
    """

    allowances: Mapping[str, Allowance]
    spendings: Spendings
    clock: Clock
    zone: tzinfo
    most_windows: int = 20_000
    _windows: OrderedDict[Hashable, deque[datetime]] = field(
        default_factory=OrderedDict, init=False, repr=False
    )

    def __len__(self) -> int:
        """Windows in memory: the least lately used is forgotten beyond `most_windows`."""
        return len(self._windows)

    async def wait_before(
        self, platform: str, account: str, conversation: Opaque, urgency: Urgency
    ) -> timedelta:
        """How long to wait; AT_ONCE when it may go now, and then it is counted as gone."""
        allowance = self.allowances.get(platform)
        if allowance is None:
            return AT_ONCE
        now = self.clock.now()
        kept: list[tuple[Hashable, Sequence[Rate]]] = [
            ((platform, account), allowance.per_account),
            ((platform, account, conversation), allowance.per_conversation),
        ]
        wait = max(self._wait(key, rates, now) for key, rates in kept)
        if wait:
            return wait
        if allowance.quota is not None:
            wait = await self._quota_wait(platform, account, allowance.quota, urgency, now)
            if wait:
                return wait
        for key, rates in kept:
            if rates:
                self._windows.setdefault(key, deque()).append(now)
        return AT_ONCE

    def _wait(self, key: Hashable, rates: Sequence[Rate], now: datetime) -> timedelta:
        if not rates:
            return AT_ONCE
        said = self._windows.get(key)
        if said is None:
            while len(self._windows) >= self.most_windows:
                self._windows.popitem(last=False)
            return AT_ONCE
        self._windows.move_to_end(key)
        longest = max(rate.within for rate in rates)
        while said and said[0] <= now - longest:
            said.popleft()
        # The window is full while its most-th last message lies within it.
        waits = (said[-rate.most] + rate.within - now for rate in rates if len(said) >= rate.most)
        return max(AT_ONCE, *waits, AT_ONCE)

    async def _quota_wait(
        self, platform: str, account: str, quota: Quota, urgency: Urgency, now: datetime
    ) -> timedelta:
        today = now.astimezone(self.zone).date()
        begun = today.replace(day=1) if quota.monthly else today
        used = await self.spendings.spent(platform, account, begun)
        if used * 100 >= quota.most * SHARES[urgency]:
            return self._begin(_next(begun, quota)) - now
        await self.spendings.spend(platform, account, today)
        return AT_ONCE

    def _begin(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)


def _next(begun: date, quota: Quota) -> date:
    if not quota.monthly:
        return begun + timedelta(days=1)
    return (begun + timedelta(days=31)).replace(day=1)
