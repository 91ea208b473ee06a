"""Saying something once: what the platform's answer makes of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.errors import (
    BooksUnavailable,
    ContentRefused,
    CredentialRefused,
    DeliveryUncertain,
    RateLimited,
    RecipientUnknown,
    Unreachable,
)
from bot.domain.private import Opaque
from handlers.deliver import RetryPolicy
from handlers.ports import DeliveryState, Destination, Parcel
from storage.memory import MemoryOutbox
from tests.scenarios.week_end_house import House, at, house

NINE = "2026-10-19 09:00"


async def with_parcels(count: int, *faults: Exception) -> House:
    """A house on a Monday at nine with parcels to as many people, and faults in turn."""
    home = house()
    home.clock.moment = at(NINE)
    home.speaker.faults.extend(faults)
    await home.store.outbox.put(
        [
            Parcel(
                f"parcel {n}",
                Destination("wecom", "corp", False, Opaque(f"person {n}")),
                "t",
                "m",
                at(NINE),
            )
            for n in range(count)
        ]
    )
    return home


async def states(home: House) -> list[DeliveryState]:
    return [stored.state for stored in await home.store.outbox.listed(list(DeliveryState))]


@pytest.mark.parametrize(
    "fault", [Unreachable("-1"), RateLimited("45009", timedelta(minutes=1)), CredentialRefused()]
)
async def test_what_was_not_taken_is_tried_again_and_said_once(fault: Exception) -> None:
    home = await with_parcels(1, fault)

    await home.deliver()
    assert await states(home) == [DeliveryState.PENDING]
    home.clock.moment += timedelta(minutes=2)
    await home.deliver()
    await home.deliver()

    assert home.said == ["parcel 0"]
    assert home.speaker.tries == 2


@pytest.mark.parametrize("fault", [ContentRefused("40058"), RecipientUnknown("81013")])
async def test_what_was_refused_for_good_is_not_repeated(fault: Exception) -> None:
    home = await with_parcels(1, fault)

    await home.deliver()
    home.clock.moment += timedelta(hours=1)
    await home.deliver()

    assert await states(home) == [DeliveryState.FAILED]
    assert home.speaker.tries == 1


@pytest.mark.parametrize("fault", [DeliveryUncertain(), RuntimeError("canary-id")])
async def test_what_may_have_gone_out_is_left_to_the_operator(fault: Exception) -> None:
    home = await with_parcels(1, fault)

    await home.deliver()
    home.clock.moment += timedelta(hours=1)
    await home.deliver()

    (stored,) = await home.store.outbox.listed([DeliveryState.UNCERTAIN])
    assert home.speaker.tries == 1
    assert stored.error == type(fault).__name__


async def test_one_fault_does_not_hold_up_the_others() -> None:
    home = await with_parcels(30, RuntimeError(), Unreachable(), ContentRefused())

    done = await home.deliver()

    assert done[DeliveryState.SENT] == 27
    assert len(home.said) == 27


async def test_a_rate_limit_is_waited_for() -> None:
    home = await with_parcels(1, RateLimited("45009", timedelta(minutes=90)))
    await home.deliver()

    home.clock.moment += timedelta(minutes=89)
    await home.deliver()
    assert home.said == []
    home.clock.moment += timedelta(minutes=1)
    await home.deliver()
    assert home.said == ["parcel 0"]


@pytest.mark.parametrize(
    "fault", [Unreachable("-1"), RateLimited("45009", timedelta(0)), CredentialRefused()]
)
async def test_an_outage_of_days_loses_nothing(fault: Exception) -> None:
    home = await with_parcels(1, *[fault] * 60)

    for _ in range(14 * 24 * 2):
        await home.deliver()
        home.clock.moment += timedelta(minutes=30)

    assert home.said == ["parcel 0"]


async def test_it_gives_up_two_weeks_after_it_was_due() -> None:
    home = await with_parcels(1, *[Unreachable() for _ in range(999)])

    for _ in range(20 * 24):
        await home.deliver()
        home.clock.moment += timedelta(hours=1)

    assert await states(home) == [DeliveryState.FAILED]
    assert 60 < home.speaker.tries < 120


async def test_a_parcel_that_is_renewed_is_tried_as_long_as_a_new_one() -> None:
    home = await with_parcels(1, *[Unreachable() for _ in range(999)])
    home.clock.moment += timedelta(days=14)
    await home.deliver()
    (failed,) = await home.store.outbox.listed([DeliveryState.FAILED])

    await home.store.outbox.renew(failed.id, home.clock.now())
    await home.deliver()
    assert await states(home) == [DeliveryState.PENDING]
    home.speaker.faults.clear()
    home.clock.moment += timedelta(minutes=1)
    await home.deliver()

    assert home.said == ["parcel 0"]


@dataclass
class OutboxThatForgets:
    """Its first settling is the moment at which the database is locked."""

    inner: MemoryOutbox
    fails: bool = True

    async def settle(self, *outcome: Any) -> None:
        if self.fails:
            self.fails = False
            raise BooksUnavailable("database is locked")
        await self.inner.settle(*outcome)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


async def test_an_outcome_that_could_not_be_written_strands_no_parcel() -> None:
    home = await with_parcels(5)
    deliver = replace(home.deliver, outbox=OutboxThatForgets(home.store.outbox))

    with pytest.raises(BooksUnavailable):
        await deliver()
    assert (await states(home)).count(DeliveryState.SENDING) == 1
    await deliver()

    assert home.said == [f"parcel {n}" for n in range(5)]
    assert set(await states(home)) == {DeliveryState.SENT}


async def test_a_process_that_dies_leaves_one_parcel_uncertain_and_says_the_others() -> None:
    home = await with_parcels(5)
    home.speaker.faults.append(asyncio.CancelledError())  # type: ignore[arg-type]

    with pytest.raises(asyncio.CancelledError):
        await home.deliver()
    home.restart()
    assert await home.deliver.recover() == 1
    await home.deliver()

    assert home.said == [f"parcel {n}" for n in range(1, 5)]


def test_waits_double_up_to_a_ceiling_and_are_spread() -> None:
    policy = RetryPolicy()

    assert policy.wait(1, 1.0) == timedelta(seconds=30)
    assert policy.wait(2, 1.0) == timedelta(seconds=60)
    assert policy.wait(2, 0.0) == timedelta(seconds=30)
    assert policy.wait(1000, 1.0) == timedelta(hours=1)


@pytest.mark.parametrize("moment", ["2026-10-19 07:00", "2026-10-19 13:00", "2026-10-18 10:00"])
async def test_nothing_is_claimed_off_hours(moment: str) -> None:
    home = await with_parcels(1)
    home.clock.moment = at(moment)

    assert not await home.deliver()
    assert await states(home) == [DeliveryState.PENDING]
