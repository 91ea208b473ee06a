"""Three days of a flapping gateway: nothing re-pushed is lost, and every gap stands in the books."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.platforms.dingtalk.notices import Notice
from bot.platforms.dingtalk.stream import Patience
from bot.wiring.dingtalk import note_connection
from handlers.watch_routes import WatchRoutes
from storage.memory import MemoryRouteLog
from tests.faults.books import CountingDesk, counting_desk
from tests.faults.test_stream_faults import CHAT, MOST_A_MINUTE, most_in_a_minute
from tests.platforms.dingtalk_stage import Stage, staged

HOURS = 72
ROUTE = "dingtalk_stream"
MINUTE = timedelta(minutes=1)
SEED = 20261013


class Feed(list[Notice]):
    """What the wiring does with a notice: the watch hears of it."""

    def __init__(self, watch: WatchRoutes) -> None:
        super().__init__()
        self.watch = watch

    def append(self, notice: Notice) -> None:
        note_connection(self.watch, notice, 180)
        super().append(notice)


@dataclass
class Weather:
    """Cuts and outages by chance, and when the gateway held no connection, as it saw it."""

    stage: Stage
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)

    async def strikes(self) -> None:
        """A short cut, or an outage of up to twenty minutes, until a connection is held again."""
        gateway, time = self.stage.standin.gateway, self.stage.time
        began = time.now()
        is_long = self.chance.random() < 0.3
        gateway.closed_until = began + timedelta(seconds=self.chance.uniform(90, 1200) * is_long)
        gateway.cut()
        await time.passes_until(lambda: gateway.listening == 0, step=0)
        await time.passes_until(lambda: gateway.listening > 0, step=2)
        self.gaps.append((began, time.now()))


@pytest.fixture
async def stage(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(Stage) as made:
        account = made.standin.client_id
        async with counting_desk(
            sqlite_url, tmp_path, made.time, "dingtalk", account, CHAT
        ) as desk:
            made.desk = desk
            yield made


async def test_nothing_that_is_pushed_again_is_lost_and_gaps_stand_to_the_minute(
    stage: Stage,
) -> None:
    desk, time = stage.desk, stage.time
    assert isinstance(desk, CountingDesk)
    log, weather = MemoryRouteLog(), Weather(stage)
    watch = WatchRoutes(log, time)
    stage.notices = Feed(watch)
    began = time.now()
    acknowledged = []
    await watch.start([ROUTE])
    # Time passes in leaps here, in which a gateway cannot ping.
    patience = Patience(silence=timedelta(days=1))
    async with stage.streaming(random=weather.chance.random, patience=patience):
        await time.passes_until(lambda: stage.standin.gateway.listening > 0)
        while time.now() - began < timedelta(hours=HOURS):
            if weather.chance.random() < 0.25:
                await weather.strikes()
            said = stage.says(f"今晚8点前截图上报，第{len(acknowledged)}项")
            if await time.passes_during(stage.standin.push(said), step=1):
                acknowledged.append(said.key)
            time.advance(weather.chance.uniform(20, 900))
            await watch()

    assert len(acknowledged) > 200
    assert len(weather.gaps) > 50
    assert desk.new == dict.fromkeys(acknowledged, 1)
    assert most_in_a_minute(stage.standin.gateway.asked_at) <= MOST_A_MINUTE
    written = await log.gaps(began, time.now())
    for first, last in weather.gaps:
        if last - first < 2 * MINUTE:
            continue
        assert any(
            abs(gap.began_at - first) <= MINUTE
            and gap.ended_at is not None
            and abs(gap.ended_at - last) <= MINUTE
            for gap in written
        ), "an outage of minutes is not in the books"
    for gap in written:
        assert gap.ended_at is not None
        assert any(
            first - MINUTE <= gap.began_at and gap.ended_at <= last + MINUTE
            for first, last in weather.gaps
        ), "a gap is in the books that was none"
