"""How the bot says things: part by part, at the platform's pace, on its own budget."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.errors import (
    BooksUnavailable,
    ContentRefused,
    DeliveryUncertain,
    PlatformError,
    Unreachable,
)
from bot.domain.private import Opaque
from bot.domain.sending import Allowance, Progress, Quota, Rate, Urgency
from handlers.ports import DeliveryState, Destination, Parcel
from tests.scenarios.week_end_house import House, at, house

NINE = at("2026-10-19 09:00")  # a Monday
GROUP = Destination("wecom", "corp", True, Opaque("group-1"))
LONG = "\n\n".join(["甲" * 600, "乙" * 600, "丙" * 600])
MINUTE = timedelta(minutes=1)


def parcel(
    key: str,
    markdown: str = "m",
    urgency: Urgency = Urgency.DIGEST,
    expires_at: datetime | None = None,
) -> Parcel:
    return Parcel(key, GROUP, "t", markdown, NINE, urgency, expires_at)


async def with_parcels(*parcels: Parcel) -> House:
    home = house()
    home.clock.moment = NINE
    home.speaker.longest = 2048
    await home.store.outbox.put(parcels)
    return home


async def state_of(home: House, key: str) -> DeliveryState:
    listed = await home.store.outbox.listed(list(DeliveryState))
    (found,) = [stored.state for stored in listed if stored.parcel.key == key]
    return found


def beginnings(home: House) -> list[str]:
    return [said.markdown[0] for said in home.speaker.said]


async def test_a_long_parcel_is_said_in_numbered_parts() -> None:
    home = await with_parcels(parcel("long", LONG))

    await home.deliver()

    assert [said.markdown[-5:] for said in home.speaker.said] == ["(1/3)", "(2/3)", "(3/3)"]
    assert beginnings(home) == ["甲", "乙", "丙"]


async def test_after_a_fault_it_goes_on_with_the_part_that_was_not_said() -> None:
    home = await with_parcels(parcel("long", LONG))
    home.speaker.faults.extend([None, Unreachable()])

    await home.deliver()
    assert await state_of(home, "long") is DeliveryState.PENDING
    home.restart()
    home.clock.moment += 2 * MINUTE
    await home.deliver()

    assert beginnings(home) == ["甲", "乙", "丙"]
    assert await state_of(home, "long") is DeliveryState.SENT


async def test_an_uncertain_part_is_shown_and_only_from_it_on_is_said_again_when_asked() -> None:
    home = await with_parcels(parcel("long", LONG))
    home.speaker.faults.extend([None, DeliveryUncertain()])

    await home.deliver()
    (uncertain,) = await home.store.outbox.listed([DeliveryState.UNCERTAIN])
    assert uncertain.progress.parts == 1
    await home.store.outbox.renew(uncertain.id, home.clock.now())
    await home.deliver()

    assert beginnings(home) == ["甲", "乙", "丙"]


async def test_a_process_that_dies_between_two_parts_repeats_neither() -> None:
    home = await with_parcels(parcel("long", LONG))
    home.speaker.faults.extend([None, asyncio.CancelledError()])  # type: ignore[list-item]

    with pytest.raises(asyncio.CancelledError):
        await home.deliver()
    home.restart()
    await home.deliver.recover()
    await home.deliver()

    assert beginnings(home) == ["甲"]
    (uncertain,) = await home.store.outbox.listed([DeliveryState.UNCERTAIN])
    assert uncertain.progress == Progress(1, NINE, ("receipt-1",))


class OutboxThatForgetsOnce:
    """The first note of a part finds the database locked."""

    def __init__(self, inner: object) -> None:
        self.inner = inner
        self.fails = True

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    async def settle(self, *args: object, **kwargs: object) -> None:
        if self.fails:
            self.fails = False
            raise BooksUnavailable("locked")
        await self.inner.settle(*args, **kwargs)


async def test_a_part_that_could_not_be_noted_is_not_said_twice() -> None:
    home = await with_parcels(parcel("long", LONG))
    deliver = replace(home.deliver, outbox=OutboxThatForgetsOnce(home.store.outbox))

    with pytest.raises(BooksUnavailable):
        await deliver()
    await deliver()

    assert beginnings(home) == ["甲", "乙", "丙"]


async def test_the_digest_goes_before_answers_and_answers_before_hints() -> None:
    home = house()
    home.clock.moment = NINE
    await home.store.outbox.put(
        [
            replace(
                parcel(urgency.name, urgency=urgency),
                destination=replace(GROUP, id=Opaque(urgency.name)),
            )
            for urgency in reversed(Urgency)
        ]
    )

    await home.deliver()

    assert home.said == ["DIGEST", "ANSWER", "HINT"]


async def test_what_has_lost_its_point_is_not_said() -> None:
    late = parcel("late", expires_at=NINE + timedelta(hours=8))
    home = await with_parcels(late)
    home.clock.moment = at("2026-10-19 18:30")  # off-hours; next morning it is pointless

    await home.deliver()
    assert await state_of(home, "late") is DeliveryState.PENDING
    home.clock.moment = at("2026-10-20 09:00")
    await home.deliver()

    assert home.said == []
    assert await state_of(home, "late") is DeliveryState.EXPIRED


async def test_a_group_hears_two_hints_a_day_and_the_rest_next_working_day() -> None:
    hints = [parcel(f"hint {n}", urgency=Urgency.HINT) for n in range(5)]
    home = await with_parcels(*hints, parcel("digest"))

    await home.deliver()
    assert home.said == ["hint 0", "hint 1", "digest"]
    home.clock.moment = at("2026-10-19 17:00")
    await home.deliver()
    assert len(home.said) == 3

    home.clock.moment = at("2026-10-20 08:30")
    await home.deliver()
    assert home.said[3:] == ["hint 2", "hint 3"]


async def test_hints_left_over_on_friday_wait_for_monday_unless_they_expire() -> None:
    home = await with_parcels(
        *(parcel(f"hint {n}", urgency=Urgency.HINT) for n in range(3)),
        parcel("soon over", urgency=Urgency.HINT, expires_at=at("2026-10-25 12:00")),
    )
    home.clock.moment = at("2026-10-23 09:00")

    await home.deliver()
    home.clock.moment = at("2026-10-24 09:00")
    await home.deliver()
    assert home.said == ["hint 0", "hint 1"]
    home.clock.moment = at("2026-10-26 08:30")
    await home.deliver()

    assert home.said[2:] == ["hint 2"]
    assert await state_of(home, "soon over") is DeliveryState.EXPIRED


async def test_the_budget_survives_a_restart() -> None:
    home = await with_parcels(*(parcel(f"hint {n}", urgency=Urgency.HINT) for n in range(3)))
    home.speaker.faults.extend([None, DeliveryUncertain()])
    await home.deliver()

    home.restart()
    await home.deliver()

    assert home.said == ["hint 0"], "an uncertain one may have been heard, and counts"


async def test_sixty_messages_to_a_chat_of_twenty_a_minute_all_arrive_in_order() -> None:
    home = await with_parcels(*(parcel(f"{n:02}") for n in range(60)))
    home.allowances["wecom"] = Allowance(per_conversation=(Rate(20, MINUTE),))
    said_at: list[datetime] = []

    while len(home.said) < 60:
        before = len(home.said)
        await home.deliver()
        said_at += [home.clock.now()] * (len(home.said) - before)
        home.clock.moment += timedelta(seconds=7)

    assert home.said == [f"{n:02}" for n in range(60)]
    for first, twentieth in zip(said_at, said_at[20:], strict=False):
        assert twentieth - first >= MINUTE


async def test_one_slow_chat_does_not_hold_up_the_others() -> None:
    home = await with_parcels(parcel("a"), parcel("b"))
    home.allowances["wecom"] = Allowance(per_conversation=(Rate(1, MINUTE),))
    other = replace(parcel("other"), destination=replace(GROUP, id=Opaque("group-2")))
    await home.store.outbox.put([other])

    await home.deliver()

    assert home.said == ["a", "other"]


async def test_a_monthly_quota_is_kept_over_a_restart_and_the_digest_has_the_last_word() -> None:
    hints = [
        replace(
            parcel(f"hint {n}", urgency=Urgency.HINT),
            destination=replace(GROUP, id=Opaque(f"group-{n}")),
        )
        for n in range(12)
    ]
    home = await with_parcels(*hints)
    home.allowances["wecom"] = Allowance(quota=Quota(10, monthly=True))

    await home.deliver()
    assert len(home.said) == 8, "hints stop at four fifths"
    home.restart()
    await home.store.outbox.put([parcel("digest")])
    await home.deliver()
    assert home.said[8:] == ["digest"]

    home.clock.moment = at("2026-11-02 09:00")
    await home.deliver()
    assert len(home.said) == 13


async def test_a_recall_takes_back_every_part_even_off_hours() -> None:
    home = await with_parcels(parcel("long", LONG))
    await home.deliver()
    (sent,) = await home.store.outbox.listed([DeliveryState.SENT])
    home.clock.moment = at("2026-10-19 22:00")

    await home.store.outbox.settle(sent.id, DeliveryState.RECALLING)
    done = await home.deliver()

    assert home.speaker.recalled == ["receipt-1", "receipt-2", "receipt-3"]
    assert done == {DeliveryState.RECALLED: 1}
    assert await state_of(home, "long") is DeliveryState.RECALLED


@pytest.mark.parametrize(
    ("fault", "comes_to"),
    [
        (Unreachable(), DeliveryState.RECALLING),
        (DeliveryUncertain(), DeliveryState.RECALLING),
        (ContentRefused("1"), DeliveryState.SENT),
        (PlatformError("2"), DeliveryState.SENT),
        (RuntimeError(), DeliveryState.SENT),
    ],
)
async def test_a_recall_that_fails_is_tried_again_or_given_up(
    fault: Exception, comes_to: DeliveryState
) -> None:
    home = await with_parcels(parcel("a"))
    await home.deliver()
    (sent,) = await home.store.outbox.listed([DeliveryState.SENT])
    await home.store.outbox.settle(sent.id, DeliveryState.RECALLING)
    home.speaker.faults.append(fault)

    await home.deliver()

    assert await state_of(home, "a") is comes_to


async def test_after_a_day_nothing_can_be_recalled() -> None:
    home = await with_parcels(parcel("a"))
    await home.deliver()
    (sent,) = await home.store.outbox.listed([DeliveryState.SENT])
    await home.store.outbox.settle(sent.id, DeliveryState.RECALLING)

    home.clock.moment += timedelta(hours=24)
    await home.deliver()

    (kept,) = await home.store.outbox.listed([DeliveryState.SENT])
    assert kept.error == "not_recallable"
    assert home.speaker.recalled == []
