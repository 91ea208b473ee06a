"""Parcels in the outbox → said to their destinations, once, in working time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from bot.domain.errors import (
    CredentialRefused,
    DeliveryUncertain,
    PlatformError,
    RateLimited,
    Unreachable,
)
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from handlers.ports import Clock, DeliveryState, Outbox, Speaker, StoredParcel

_Outcome = tuple[DeliveryState, str, datetime | None]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How far apart, doubling from `first_wait` to `longest_wait` with jitter, and how long.

    An outage of days is outlasted: a parcel is given up `tries_for` after it was first due.
    """

    tries_for: timedelta = timedelta(days=14)
    first_wait: timedelta = timedelta(seconds=30)
    longest_wait: timedelta = timedelta(hours=1)

    def wait(self, attempts: int, drawn: float) -> timedelta:
        """The wait after so many attempts (from 1); `drawn` in [0, 1) spreads it by half."""
        doubled = self.first_wait * float(2 ** min(attempts - 1, 20))
        return min(self.longest_wait, doubled) * (0.5 + drawn / 2)


@dataclass(frozen=True, slots=True)
class DeliverParcels:
    """Says what is due, and writes how it went.

    pending → sending (claimed) → sent. What the platform did not take is pending again, until
    it is given up; what it refused for good is failed; what left without an answer is uncertain
    and never repeated by itself, since a late digest is better than two. Parcels are claimed one
    by one, so that a process which dies leaves one uncertain and not all.
    `random` gives numbers in [0, 1). `platform` names of `speakers` are those of destinations.
    """

    outbox: Outbox
    speakers: Mapping[str, Speaker]
    clock: Clock
    calendar: WorkCalendar
    hours: OfficeHours
    zone: tzinfo
    random: Callable[[], float]
    retry: RetryPolicy = RetryPolicy()
    # What the books would not take when it was known: written before anything else is claimed.
    _unwritten: dict[str, _Outcome] = field(default_factory=dict, init=False, repr=False)

    async def __call__(self) -> Counter[DeliveryState]:
        """Deliver what is due now; how many parcels came to which state. Off-hours: nothing.

        Raises NoCalendarForYear rather than guess whether today is worked, and BooksUnavailable
        when an outcome could not be written; the next call writes it.
        """
        await self._write_outcomes()
        done: Counter[DeliveryState] = Counter()
        now = self.clock.now()
        local = now.astimezone(self.zone)
        if self.calendar.next_working_moment(local, self.hours) != local:
            return done
        # What is put off is not due again at `now`, so this comes to an end.
        while claimed := await self.outbox.claim(now, 1):
            done[await self._deliver(claimed[0])] += 1
        return done

    async def recover(self) -> int:
        """At start: what a crash left `sending` is uncertain now; how many."""
        return await self.outbox.recover()

    async def _deliver(self, stored: StoredParcel) -> DeliveryState:
        speaker = self.speakers.get(stored.parcel.destination.platform)
        if speaker is None:
            return await self._settle(stored, DeliveryState.FAILED, "no_such_platform")
        try:
            await speaker.send(stored.parcel)
        except (RateLimited, Unreachable, CredentialRefused) as error:
            return await self._put_off(stored, error)
        except DeliveryUncertain as error:
            return await self._settle(stored, DeliveryState.UNCERTAIN, _name(error))
        except PlatformError as error:
            return await self._settle(stored, DeliveryState.FAILED, _name(error))
        except Exception as error:
            # A fault of ours: it may have gone out, and it must not hold up the other parcels.
            return await self._settle(stored, DeliveryState.UNCERTAIN, type(error).__name__)
        return await self._settle(stored, DeliveryState.SENT)

    async def _put_off(self, stored: StoredParcel, error: PlatformError) -> DeliveryState:
        now = self.clock.now()
        if now - stored.parcel.not_before >= self.retry.tries_for:
            return await self._settle(stored, DeliveryState.FAILED, _name(error))
        wait = self.retry.wait(max(stored.attempts, 1), self.random())
        if isinstance(error, RateLimited):
            wait = max(wait, error.retry_after)
        return await self._settle(stored, DeliveryState.PENDING, _name(error), now + wait)

    async def _settle(
        self,
        stored: StoredParcel,
        state: DeliveryState,
        error: str = "",
        retry_at: datetime | None = None,
    ) -> DeliveryState:
        self._unwritten[stored.id] = (state, error, retry_at)
        await self._write_outcomes()
        return state

    async def _write_outcomes(self) -> None:
        for parcel, outcome in list(self._unwritten.items()):
            await self.outbox.settle(parcel, *outcome)
            del self._unwritten[parcel]


def _name(error: PlatformError) -> str:
    """What may be written of an error: its kind and the platform's code, never its text."""
    kind = type(error).__name__
    return f"{kind} {error.code}" if error.code else kind
