"""Rates are moving windows; quotas are calendar days and months that outlive the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.private import Opaque
from bot.domain.sending import Allowance, Quota, Rate, Urgency
from bot.domain.windows import AT_ONCE, MovingWindows
from handlers.pacing import Pacing
from storage.memory import MemorySpendings

START = datetime(2026, 10, 19, 1, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
CHAT = Opaque("chat")
MINUTE = timedelta(minutes=1)


@dataclass
class Clock:
    moment: datetime = START

    def now(self) -> datetime:
        return self.moment


@dataclass
class Stage:
    allowance: Allowance
    clock: Clock = field(default_factory=Clock)
    spendings: MemorySpendings = field(default_factory=MemorySpendings)

    def pacing(self) -> Pacing:
        return Pacing({"p": self.allowance}, self.spendings, self.clock, SHANGHAI)


async def ask(
    paced: Pacing, chat: Opaque = CHAT, urgency: Urgency = Urgency.DIGEST, platform: str = "p"
) -> timedelta:
    return await paced.wait_before(platform, "account", chat, urgency)


async def test_the_limit_passes_and_the_next_waits_for_the_window_to_move() -> None:
    stage = Stage(Allowance(per_conversation=(Rate(3, MINUTE),)))
    paced = stage.pacing()

    for _ in range(3):
        assert await ask(paced) == AT_ONCE
        stage.clock.moment += timedelta(seconds=10)
    assert await ask(paced) == timedelta(seconds=30)
    assert await ask(paced) == timedelta(seconds=30), "to ask is not to say"

    stage.clock.moment += timedelta(seconds=30)
    assert await ask(paced) == AT_ONCE


async def test_chats_are_apart_and_the_account_is_their_sum() -> None:
    stage = Stage(Allowance(per_account=(Rate(3, MINUTE),), per_conversation=(Rate(2, MINUTE),)))
    paced = stage.pacing()

    assert [await ask(paced, Opaque("a")) for _ in range(3)] == [AT_ONCE, AT_ONCE, MINUTE]
    assert await ask(paced, Opaque("b")) == AT_ONCE
    assert await ask(paced, Opaque("c")) == MINUTE


async def test_an_hours_limit_holds_beside_a_minutes() -> None:
    stage = Stage(Allowance(per_conversation=(Rate(2, MINUTE), Rate(3, 60 * MINUTE))))
    paced = stage.pacing()
    for _ in range(3):
        assert await ask(paced) == AT_ONCE
        stage.clock.moment += MINUTE

    assert await ask(paced) == 57 * MINUTE


async def test_a_platform_without_an_allowance_is_not_held_back() -> None:
    paced = Stage(Allowance(per_account=(Rate(1, MINUTE),))).pacing()

    assert [await ask(paced, platform="other") for _ in range(5)] == [AT_ONCE] * 5


@pytest.mark.parametrize(
    ("urgency", "most"), [(Urgency.HINT, 8), (Urgency.ANSWER, 10), (Urgency.DIGEST, 10)]
)
async def test_a_quota_that_runs_low_is_kept_for_the_more_urgent(
    urgency: Urgency, most: int
) -> None:
    stage = Stage(Allowance(quota=Quota(10, monthly=False)))

    waits = [await ask(stage.pacing(), urgency=urgency) for _ in range(12)]

    assert waits.count(AT_ONCE) == most
    # 09:00 in Shanghai: fifteen hours to midnight.
    assert set(waits) == {AT_ONCE, timedelta(hours=15)}


async def test_a_month_begins_on_its_first_at_midnight_of_the_office() -> None:
    stage = Stage(Allowance(quota=Quota(1, monthly=True)))
    stage.clock.moment = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai

    assert await ask(stage.pacing()) == AT_ONCE
    assert await ask(stage.pacing()) == MINUTE
    stage.clock.moment += MINUTE
    assert await ask(stage.pacing()) == AT_ONCE


async def test_memory_stays_bounded_over_ever_new_chats() -> None:
    paced = Stage(Allowance(per_conversation=(Rate(1, MINUTE),))).pacing()
    paced.windows = MovingWindows(50)

    for number in range(500):
        assert await ask(paced, Opaque(f"chat-{number}")) == AT_ONCE

    assert len(paced.windows) == 50


async def test_whoever_has_been_quiet_for_the_longest_window_is_forgotten() -> None:
    stage = Stage(Allowance(per_conversation=(Rate(9, MINUTE), Rate(99, timedelta(hours=1)))))
    paced = stage.pacing()
    for number in range(20):
        await ask(paced, Opaque(f"chat-{number}"))

    stage.clock.moment += timedelta(minutes=59)
    await ask(paced, Opaque("later"))
    kept = len(paced.windows)
    stage.clock.moment += MINUTE
    await ask(paced, Opaque("later"))

    assert (kept, len(paced.windows)) == (21, 1)


@given(st.lists(st.floats(0, 40), min_size=1, max_size=80), st.integers(1, 6))
async def test_no_window_ever_holds_more_than_allowed(gaps: list[float], most: int) -> None:
    stage = Stage(Allowance(per_conversation=(Rate(most, MINUTE),)))
    paced = stage.pacing()
    said: list[datetime] = []

    for gap in gaps:
        stage.clock.moment += timedelta(seconds=gap)
        if await ask(paced) == AT_ONCE:
            said.append(stage.clock.moment)

    for first, later in zip(said, said[most:], strict=False):
        assert later - first >= MINUTE


async def test_what_is_said_in_an_acknowledgement_counts_in_its_conversation_alone() -> None:
    stage = Stage(
        Allowance(
            per_account=(Rate(1, MINUTE),),
            per_conversation=(Rate(2, MINUTE),),
            quota=Quota(1, monthly=False),
        )
    )
    paced = stage.pacing()

    assert [paced.wait_in("p", "account", CHAT) for _ in range(3)] == [AT_ONCE, AT_ONCE, MINUTE]
    assert await ask(paced) == MINUTE, "a push waits for what was said in acknowledgements"
    assert await ask(paced, Opaque("other")) == AT_ONCE, "no call was made, no quota used"
    assert paced.wait_in("another platform", "account", CHAT) == AT_ONCE
