"""How fast may be spoken: the platforms' rates and quotas, kept before they are met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from bot.domain.private import Opaque
from bot.domain.sending import Allowance, Quota, Urgency
from bot.domain.windows import AT_ONCE, MovingWindows
from handlers.ports import Clock, Spendings

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
    windows: MovingWindows = field(default_factory=lambda: MovingWindows(20_000))

    async def wait_before(
        self, platform: str, account: str, conversation: Opaque, urgency: Urgency
    ) -> timedelta:
        """How long to wait; AT_ONCE when it may go now, and then it is counted as gone."""
        allowance = self.allowances.get(platform)
        if allowance is None:
            return AT_ONCE
        now = self.clock.now()
        kept = [
            ((platform, account), allowance.per_account),
            ((platform, account, conversation), allowance.per_conversation),
        ]
        wait = max(AT_ONCE, self.windows.wait(kept, now))
        if wait:
            return wait
        if allowance.quota is not None:
            wait = await self._quota_wait(platform, account, allowance.quota, urgency, now)
            if wait:
                return wait
        self.windows.note(kept, now)
        return AT_ONCE

    def wait_in(self, platform: str, account: str, conversation: Opaque) -> timedelta:
        """The same for what is said in an acknowledgement: it is no call and uses no quota, but
        the platform counts it among the conversation's messages."""
        allowance = self.allowances.get(platform)
        if allowance is None:
            return AT_ONCE
        now = self.clock.now()
        kept = [((platform, account, conversation), allowance.per_conversation)]
        wait = max(AT_ONCE, self.windows.wait(kept, now))
        if not wait:
            self.windows.note(kept, now)
        return wait

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
