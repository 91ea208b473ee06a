"""How often somebody complains and asks, without knowing who: counted in memory under keys of a day
and of a week that nothing writes down (facts on privacy, 3.9).

A restart forgets the counts; each restart lets one account count as one person more.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from bot.domain.errors import UserError
from bot.domain.messages import IncomingMessage
from bot.domain.periods import Week

TAG_BYTES = 8
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many of what: complaints a day and a week, acts by receipt a day, complaints of all."""

    a_day: int = 3
    a_week: int = 10
    asked_a_day: int = 20
    of_all_a_day: int = 200


class TooMany(UserError):
    """A quota is used up; `key` names the sentence that says which."""


@dataclass(frozen=True, slots=True)
class Tags:
    """Somebody, for today and for this week. Worthless without keys that die with them."""

    day: bytes = field(repr=False)
    week: bytes = field(repr=False)


class Counters:
    """Counts under ephemeral tags. Two platforms make two tags of one person."""

    def __init__(
        self,
        token_bytes: Callable[[int], bytes],
        zone: tzinfo,
        quotas: Quotas | None = None,
    ) -> None:
        self._token_bytes = token_bytes
        self._zone = zone
        self._quotas = quotas or Quotas()
        self._day: date | None = None
        self._week: Week | None = None
        self._day_key = b""
        self._week_key = b""
        self._complained_today: Counter[bytes] = Counter()
        self._asked_today: Counter[bytes] = Counter()
        self._complained_this_week: Counter[bytes] = Counter()

    def roll(self, now: datetime) -> bool:
        """Forget the day that is over, and the week; whether a new day began."""
        week = Week.of(now, self._zone)
        if week != self._week:
            self._week, self._week_key = week, self._token_bytes(KEY_BYTES)
            self._complained_this_week.clear()
        today = now.astimezone(self._zone).date()
        if today == self._day:
            return False
        self._day, self._day_key = today, self._token_bytes(KEY_BYTES)
        self._complained_today.clear()
        self._asked_today.clear()
        return True

    def tags_of(self, message: IncomingMessage) -> Tags:
        """The sender's tags; the counters must have been rolled to now."""
        who = b"".join(
            len(part).to_bytes(4, "big") + part
            for part in (
                message.platform.encode(),
                message.account.encode(),
                message.sender.reveal().encode(),
            )
        )
        return Tags(_tag(self._day_key, who), _tag(self._week_key, who))

    def require_may_complain(self, tags: Tags) -> None:
        """Raises TooMany when today's or this week's share is used up, or everybody's is."""
        if self._complained_today[tags.day] >= self._quotas.a_day:
            raise TooMany("complaints.limit.day", most=str(self._quotas.a_day))
        if self._complained_this_week[tags.week] >= self._quotas.a_week:
            raise TooMany("complaints.limit.week", most=str(self._quotas.a_week))
        if self._complained_today.total() >= self._quotas.of_all_a_day:
            raise TooMany("complaints.limit.all")

    def is_first_this_week(self, tags: Tags) -> bool:
        """Whether this person has not complained yet this week: figures count people."""
        return not self._complained_this_week[tags.week]

    def complained(self, tags: Tags) -> None:
        """Count a complaint before it is taken: meanwhile the same sender may begin another."""
        self._complained_today[tags.day] += 1
        self._complained_this_week[tags.week] += 1

    def not_taken(self, tags: Tags) -> None:
        """Take back what `complained` counted; nothing where its day or week is over."""
        for counts, tag in (
            (self._complained_today, tags.day),
            (self._complained_this_week, tags.week),
        ):
            counts[tag] = max(0, counts[tag] - 1)

    def ask(self, tags: Tags) -> None:
        """Count an act by receipt, whatever comes of it; raises TooMany when there were enough."""
        if self._asked_today[tags.day] >= self._quotas.asked_a_day:
            raise TooMany("complaints.limit.asked", most=str(self._quotas.asked_a_day))
        self._asked_today[tags.day] += 1


def _tag(key: bytes, who: bytes) -> bytes:
    return hmac.digest(key, who, "sha256")[:TAG_BYTES]
