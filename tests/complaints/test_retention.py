"""How many days a complaint lives, counted on the calendar, and that its end is in the signed log."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest

from bot.counting import open_counting
from bot.crypto.office_keys import SUFFIX
from bot.domain.complaint_files import Batch, OfficeReplies
from config.settings import Settings
from handlers.complaints.ports import Rewriting
from tests.complaints.house import WEEK, ZONE, BotSide, MovedClock, new_office
from tests.complaints.test_store import answered, report


async def days_until_it_is_gone(bot: BotSide, since: datetime) -> int:
    """Rewrite week by week; the days from a moment to the rewrite after which nothing is left."""
    for _ in range(60):
        await bot.next_monday()
        if await bot.store.size() == 0:
            return (bot.clock.at.astimezone(ZONE).date() - since.astimezone(ZONE).date()).days
    raise AssertionError("it is kept for more than a year")


@pytest.mark.parametrize("weekday", [0, 3, 6])
async def test_of_each_day_of_closing_the_record_goes_after_eighty_five_to_ninety_one_days(
    bot: BotSide, weekday: int
) -> None:
    mine = [report(bot.week), report(bot.week)]
    await bot.store.write_slot(1, mine)
    await bot.store.rewrite(
        Rewriting(
            week=bot.week.shifted(-1),
            replies=(),
            replaced=(),
            batch=Batch(os.urandom(16), bot.week, True),
            units=True,
            offices=frozenset({"county"}),
        )
    )
    await bot.next_monday()
    closed_at = WEEK.shifted(1).ends_at(ZONE) - timedelta(days=7 - weekday, hours=-9)
    came = answered(mine, closed=True, sealed=b"x")
    bot.clock.at = closed_at
    object.__setattr__(bot.rewrite, "exchange", _Bringing(bot.exchange, [came]))

    days = await days_until_it_is_gone(bot, closed_at)

    assert 85 <= days <= 91
    assert days == 91 - weekday


class _Bringing:
    """The exchange folder, with a reply file in it whose signature fitted."""

    def __init__(self, folder, came: list[OfficeReplies]) -> None:
        self._folder, self._came = folder, came

    def __getattr__(self, name):
        return getattr(self._folder, name)

    def replies(self) -> tuple[OfficeReplies, ...]:
        return tuple(self._came)

    def drop(self, mark: bytes) -> None:
        self._came = [each for each in self._came if each.mark != mark]


@pytest.mark.parametrize("weekday", [0, 3, 6])
async def test_of_each_day_of_writing_the_record_goes_after_at_most_175_days(
    bot: BotSide, weekday: int
) -> None:
    written = WEEK.ends_at(ZONE) - timedelta(days=7 - weekday)
    bot.clock.at = written
    await bot.slots(1)

    days = await days_until_it_is_gone(bot, written)

    assert days == 175 - weekday


async def test_the_running_bot_logs_what_each_rewrite_deleted(tmp_path):
    keys = tmp_path / "complaints" / "office-keys"
    keys.mkdir(parents=True, mode=0o700)
    (keys / f"county{SUFFIX}").write_bytes(new_office().public_file())
    async with AsyncExitStack() as resources:
        clock = MovedClock(WEEK.ends_at(ZONE) + timedelta(hours=3))
        house = await open_counting(
            Settings(data_dir=tmp_path), clock, secrets.token_bytes, lambda: 0.5, resources
        )
        assert house.complaints is not None
        old = WEEK.shifted(-30)
        await house.complaints.store.write_slot(1, [report(old), report(old), report(old)])

        for _ in range(3):
            await house.tick()

        assert house.failing == set()
        size = await house.complaints.store.size()
        assert size == 2, "the slot of this tick, and nothing old"
        told = [json.loads(one.content) for one in await house.store.proof_log.openings(999)]
        assert [each for each in told if "complaint_records" in each] == [{"complaint_records": 3}]
        lines = b"\n".join(await house.store.proof_log.lines()).decode()
        assert f"forgotten complaints {WEEK}" in lines
