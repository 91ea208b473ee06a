"""Saying something once: what the platform's answer makes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import (
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


async def test_it_gives_up_after_so_many_attempts() -> None:
    home = await with_parcels(1, *[Unreachable() for _ in range(99)])

    for _ in range(40):
        await home.deliver()
        home.clock.moment += timedelta(hours=1)

    assert await states(home) == [DeliveryState.FAILED]
    assert home.speaker.tries == home.deliver.retry.most_attempts


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
