"""Gaps of a route, to the minute: lost and found, killed and started, told in the digest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import BooksUnavailable
from bot.domain.groups import UnitCode
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.reach import RouteGap, RouteOutage, outages
from bot.renderings.json_document import decode_digest
from handlers.ports import Office
from handlers.watch_routes import WatchRoutes
from storage.memory import MemoryRouteLog
from tests.scenarios.running_bot import running
from tests.scenarios.week_end_house import MovedClock, at, house, profile

ROUTE = "wecom_aibot"
NINE = at("2026-10-13 09:00")
YEAR = timedelta(days=366)


@dataclass
class Stage:
    log: MemoryRouteLog = field(default_factory=MemoryRouteLog)
    clock: MovedClock = field(default_factory=lambda: MovedClock(NINE))

    async def started(self) -> WatchRoutes:
        watch = WatchRoutes(self.log, self.clock)
        await watch.start([ROUTE])
        return watch

    def passes(self, **span: float) -> None:
        self.clock.moment += timedelta(**span)

    async def gaps(self) -> list[tuple[str, str]]:
        found = await self.log.gaps(NINE - YEAR, NINE + YEAR)
        return [
            (f"{g.began_at:%H:%M}", f"{g.ended_at:%H:%M}" if g.ended_at else "") for g in found
        ]


async def test_a_connection_lost_and_found_leaves_a_gap_from_minute_to_minute() -> None:
    stage = Stage()
    watch = await stage.started()
    watch.connected(ROUTE)
    stage.passes(hours=1, seconds=20)
    watch.lost(ROUTE)
    await watch()
    assert await stage.gaps() == [("10:00", "")]

    stage.passes(minutes=12, seconds=30)
    watch.connected(ROUTE)
    await watch()

    assert await stage.gaps() == [("10:00", "10:13")]


KEPT = timedelta(days=5)
ARCHIVE = "wecom_archive"


async def pulling(stage: Stage) -> WatchRoutes:
    watch = WatchRoutes(stage.log, stage.clock)
    await watch.start([], {ARCHIVE: KEPT})
    return watch


async def test_what_is_pulled_within_the_time_that_it_is_kept_leaves_no_gap() -> None:
    stage = Stage()
    watch = await pulling(stage)
    watch.pulled(ARCHIVE)
    await watch()
    stage.passes(days=4, hours=23)
    watch = await pulling(stage)
    watch.pulled(ARCHIVE)
    await watch()

    assert await stage.gaps() == []


async def test_what_fell_out_of_the_archive_before_it_was_pulled_is_a_gap() -> None:
    stage = Stage()
    watch = await pulling(stage)
    watch.pulled(ARCHIVE)
    await watch()
    stage.passes(days=7)
    watch = await pulling(stage)
    await watch()
    watch.pulled(ARCHIVE)
    await watch()

    (gap,) = await stage.log.gaps(NINE - YEAR, NINE + YEAR)
    assert gap == RouteGap(ARCHIVE, NINE, NINE + timedelta(days=2))


async def test_a_pull_that_fails_for_days_without_a_restart_is_a_gap_too() -> None:
    stage = Stage()
    watch = await pulling(stage)
    watch.pulled(ARCHIVE)
    for _ in range(6):
        await watch()
        stage.passes(days=1)
    watch.pulled(ARCHIVE)
    await watch()

    (gap,) = await stage.log.gaps(NINE - YEAR, NINE + YEAR)
    assert gap == RouteGap(ARCHIVE, NINE, NINE + timedelta(days=1))


async def test_told_twice_it_is_still_one_gap() -> None:
    stage = Stage()
    watch = await stage.started()
    watch.connected(ROUTE)
    watch.connected(ROUTE)
    for _ in range(3):
        stage.passes(minutes=1)
        watch.lost(ROUTE)
    watch.connected(ROUTE)
    watch.connected(ROUTE)
    await watch()

    assert await stage.gaps() == [("09:01", "09:03")]


async def test_a_silence_that_is_noticed_late_is_dated_back() -> None:
    stage = Stage()
    watch = await stage.started()
    watch.connected(ROUTE)
    stage.passes(minutes=30)
    watch.lost(ROUTE, timedelta(seconds=180))
    stage.passes(minutes=1)
    watch.connected(ROUTE)
    await watch()

    assert await stage.gaps() == [("09:27", "09:31")]


async def test_a_first_start_that_connects_at_once_has_no_gap() -> None:
    stage = Stage()
    watch = await stage.started()
    stage.passes(seconds=3)
    watch.connected(ROUTE)
    await watch()

    assert await stage.gaps() == []


async def test_while_the_process_was_dead_nothing_was_connected() -> None:
    stage = Stage()
    watch = await stage.started()
    watch.connected(ROUTE)
    for _ in range(10):
        stage.passes(minutes=1)
        await watch()
    stage.passes(hours=3)  # killed, without a word

    again = await stage.started()
    stage.passes(seconds=5)
    again.connected(ROUTE)
    await again()

    assert await stage.gaps() == [("09:10", "12:10")]


async def test_a_gap_that_was_open_when_the_process_died_goes_on() -> None:
    stage = Stage()
    watch = await stage.started()
    watch.connected(ROUTE)
    stage.passes(minutes=5)
    watch.lost(ROUTE)
    await watch()
    stage.passes(hours=1)

    again = await stage.started()
    again.connected(ROUTE)
    await again()

    assert await stage.gaps() == [("09:05", "10:05")]


@dataclass
class LockedOnce:
    """A log whose first writing fails."""

    inner: MemoryRouteLog
    is_locked: bool = True

    async def write(self, *told: object) -> None:
        if self.is_locked:
            self.is_locked = False
            raise BooksUnavailable("locked")
        await self.inner.write(*told)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


async def test_what_could_not_be_written_is_written_at_the_next_call() -> None:
    stage = Stage()
    watch = WatchRoutes(LockedOnce(stage.log), stage.clock)
    await watch.start([ROUTE])
    watch.connected(ROUTE)
    stage.passes(minutes=2)
    watch.lost(ROUTE)
    stage.passes(minutes=2)
    watch.connected(ROUTE)

    for _ in range(2):
        try:
            await watch()
        except BooksUnavailable:
            stage.passes(minutes=1)

    assert await stage.gaps() == [("09:02", "09:04")]


@given(st.lists(st.floats(1, 4000), min_size=2, max_size=40), st.data())
async def test_however_it_flaps_the_gaps_differ_from_the_truth_by_half_a_minute_an_end(
    spans: list[float], data: st.DataObject
) -> None:
    stage = Stage()
    watch = await stage.started()
    watch.connected(ROUTE)
    truth, down, count = timedelta(), False, 0
    for span in spans:
        stage.passes(seconds=span)
        if down:
            truth += timedelta(seconds=span)
            watch.connected(ROUTE)
        else:
            watch.lost(ROUTE)
            count += 1
        down = not down
        if data.draw(st.booleans()):
            await watch()
    if down:
        watch.connected(ROUTE)
    await watch()

    found = await stage.log.gaps(NINE - YEAR, NINE + YEAR)
    told = sum((gap.ended_at - gap.began_at for gap in found), timedelta())
    assert abs(told - truth) <= timedelta(minutes=count)
    assert all(a.ended_at <= b.began_at for a, b in pairwise(found))


def test_outages_count_only_what_lies_in_the_week() -> None:
    begin, end = at("2026-10-12 00:00"), at("2026-10-19 00:00")
    gaps = [
        RouteGap("a", at("2026-10-11 23:00"), at("2026-10-12 00:30")),
        RouteGap("a", at("2026-10-13 09:05"), at("2026-10-13 11:47")),
        RouteGap("b", at("2026-10-18 23:50")),
        RouteGap("c", at("2026-10-19 00:00"), at("2026-10-19 01:00")),
    ]

    assert outages(gaps, begin, end) == (
        RouteOutage("a", 2, 192, ("10-13 09:05", "10-13 11:47")),
        RouteOutage("b", 1, 10, ("10-18 23:50", "10-19 00:00")),
    )


WEEK = Week(2026, 42)


async def digest_of(since: str, *gaps: RouteGap, office: str = "county") -> str:
    """What the digest of a week says of connections."""
    home = house()
    await home.register()
    await home.store.registry.bind("wecom", "corp", Opaque("wr1"), profile().code, False)
    if since:
        await home.store.routes.watch([ROUTE], at(since))
    await home.store.routes.write([], at("2026-10-19 00:00"), gaps)
    await home.hear(WEEK)
    await home.tick("2026-10-19 09:00")
    stored = await home.publish.stored(WEEK, office)
    assert stored is not None
    assert decode_digest(stored).week == WEEK
    return stored.decode()


async def test_the_digest_tells_of_outages() -> None:
    gap = RouteGap(ROUTE, at("2026-10-13 09:05"), at("2026-10-13 11:47"))

    told = await digest_of("2026-10-01 00:00", gap)

    assert "企业微信智能机器人中断1次共162分钟（最长10-13 09:05至10-13 11:47）" in told
    assert "部分时间没有连接记录" not in told


async def test_a_week_without_outages_says_so_only_when_it_was_watched() -> None:
    assert "没有记到中断" in await digest_of("2026-10-01 00:00")
    partly = await digest_of("2026-10-14 00:00")
    assert "没有记到中断" in partly
    assert "部分时间没有连接记录" in partly
    assert "连接没有记录" in await digest_of("")
    assert "连接没有记录" in await digest_of("2026-10-19 08:00")


async def test_an_office_hears_only_of_routes_that_its_groups_are_on() -> None:
    home = house()
    other = Office("south", "南溪乡", (UnitCode("u-2"),), ())
    await home.register(profile(), profile("g-2", "u-2"), offices=(other,))
    await home.store.registry.bind("wecom", "corp", Opaque("wr1"), profile().code, False)
    await home.store.routes.watch([ROUTE], at("2026-10-01 00:00"))
    gap = RouteGap(ROUTE, at("2026-10-13 09:05"), at("2026-10-13 11:47"))
    await home.store.routes.write([], home.clock.now(), [gap])
    await home.hear(WEEK)

    await home.tick("2026-10-19 09:00")

    stored = await home.publish.stored(WEEK, "south")
    assert stored is not None
    assert "企业微信智能机器人" not in stored.decode()


async def test_the_running_bot_watches_every_route(tmp_path: Path) -> None:
    async with running(tmp_path, NINE, [profile()], "dingtalk", archive=True) as bot:
        routes = bot.bot.counting.store.routes
        await bot.until(lambda: not bot.bot.counting.watch.is_lost("dingtalk_stream"))
        await bot.bot.counting.watch()
        pushed = {"wecom_app", "wecom_aibot", "dingtalk_stream"}
        assert set(await routes.watched()) == pushed | {"wecom_archive"}
        assert await routes.gaps(NINE - YEAR, NINE + YEAR) == []

        bot.clock.moment += timedelta(minutes=7)
        await bot.dingtalk.gateway.close()
        await bot.until(lambda: bot.bot.counting.watch.is_lost("dingtalk_stream"))
        await bot.bot.counting.watch()

        (gap,) = await routes.gaps(NINE - YEAR, NINE + YEAR)
    assert gap == RouteGap("dingtalk_stream", NINE + timedelta(minutes=7))
