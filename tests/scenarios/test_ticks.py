"""The tick: whatever is due is done, once, by whoever looks first."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.counting import FORGETTING_LASTS_FOR, Counting, open_counting
from bot.domain.errors import PlatformError, StoreError
from bot.domain.groups import GroupProfile
from bot.domain.messages import Reply, ReplyAddress
from bot.domain.periods import Week
from bot.domain.private import Opaque
from config.settings import Settings
from handlers.ports import Destination, Office, Parcel
from storage import tables
from storage.key_files import KeyFolder
from tests.scenarios.running_bot import MovedClock, running
from tests.scenarios.week_end_house import OFFICE_HOURS, SHANGHAI
from tests.storage.entries import demand

MONDAY = datetime(2026, 10, 19, 1, 0, tzinfo=UTC)
LAST = Week(2026, 42)


async def test_facts_are_forgotten_after_thirteen_months_and_the_digest_stays(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as resources:
        clock = MovedClock(MONDAY)
        settings = Settings(data_dir=tmp_path)
        house = await open_counting(settings, clock, secrets.token_bytes, lambda: 0.5, resources)
        week = Week(2026, 42)
        await house.store.books.record([demand("d1", week=week)])
        await house.tick()
        assert await facts_in(house) == 1
        kept = await house.publish.stored(week, house.publish.offices()[0].code)

        clock.moment = MONDAY + timedelta(days=430)
        await house.tick()
        await house.tick()

        assert kept
        assert await house.publish.stored(week, house.publish.offices()[0].code) == kept
        assert list(await house.store.ledger.open_weeks()) == []
        assert (await house.store.ledger.closed(week)).facts == 1
        assert await facts_in(house) == 0
        with pytest.raises(StoreError, match="tallies stay"):
            await house.store.ledger.rebuild(week)
        assert len(await house.store.ledger.tallies(week)) > 0


async def facts_in(house) -> int:
    query = select(func.count()).select_from(tables.facts)
    return await house.store.books._database.read(lambda connection: connection.scalar(query))


async def test_a_week_that_is_being_imported_is_not_closed_by_the_bot_beside_it(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as resources:
        clock = MovedClock(MONDAY)
        house = await open_counting(
            Settings(data_dir=tmp_path), clock, secrets.token_bytes, lambda: 0.5, resources
        )
        week = Week(2026, 40)
        await house.store.books.record([demand("d1", week=week)])

        async with house.importing():
            await house.tick()
            assert week in await house.store.ledger.open_weeks()
        await house.tick()

        assert week not in await house.store.ledger.open_weeks()


async def test_an_import_that_crashed_frees_its_weeks_in_time(tmp_path: Path) -> None:
    async with AsyncExitStack() as resources:
        clock = MovedClock(MONDAY)
        house = await open_counting(
            Settings(data_dir=tmp_path), clock, secrets.token_bytes, lambda: 0.5, resources
        )
        await house.store.books.record([demand("d1", week=Week(2026, 40))])
        await house.store.claims.claim("import", MONDAY, MONDAY, timedelta(hours=6))

        clock.moment = MONDAY + timedelta(hours=7)
        await house.tick()

        assert list(await house.store.ledger.open_weeks()) == []


@dataclass
class Broken:
    """A step that fails as long as it is told to."""

    inner: Callable[..., Awaitable[object]]
    broken: bool = True

    async def __call__(self, *asked: object, **how: object) -> object:
        if self.broken:
            raise PermissionError(13, "canary-path")
        return await self.inner(*asked, **how)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@dataclass
class Speaker:
    """Keeps the weeks whose digests it was told to say."""

    platform: str = "wecom"
    said: list[str] = field(default_factory=list)

    def parts(self, parcel: Parcel) -> list[str]:
        return [parcel.markdown]

    async def send(self, parcel: Parcel) -> str:
        self.said.append(parcel.key.split(":")[1])
        return ""

    async def recall(self, destination: Destination, receipt: str) -> None:
        raise PlatformError("not here")

    async def answer(self, address: ReplyAddress, reply: Reply) -> None:
        raise PlatformError("not here")


@asynccontextmanager
async def counting_house(folder: Path) -> AsyncIterator[tuple[Counting, list[str]]]:
    """A house on Monday at nine, with a demand of the week before and a reader of its digest."""
    async with AsyncExitStack() as resources:
        house = await open_counting(
            Settings(data_dir=folder),
            MovedClock(MONDAY),
            secrets.token_bytes,
            lambda: 0.5,
            resources,
        )
        speaker = Speaker()
        house.speakers["wecom"] = speaker
        reader = Destination("wecom", "corp", False, Opaque("reader"))
        await house.store.registry.put_office(Office("office", "t", (), (reader,)))
        house.store.keyring.tags(LAST)
        await house.store.books.record([demand("d1", week=LAST)])
        yield house, speaker.said


@pytest.mark.parametrize("step", ["close", "publish", "deliver"])
async def test_a_step_that_fails_is_named_and_the_others_have_their_turn(
    tmp_path: Path, step: str
) -> None:
    async with counting_house(tmp_path) as (house, said):
        broken = Broken(getattr(house, step))
        failing = replace(house, **{step: broken})
        told: list[tuple[str, str]] = []

        await failing.tick(lambda at, error: told.append((at, type(error).__name__)))

        assert told == [(step, "PermissionError")]
        late = [f"close:{LAST}"] if step == "close" else []
        assert await failing.missing() == [*late, f"tick:{step}"]
        due = LAST.ends_at(house.close.zone)
        assert await house.store.claims.is_done("forget", due)

        broken.broken = False
        await failing.tick()

        assert await failing.missing() == []
        assert said == [str(LAST)]


async def test_a_key_that_cannot_be_destroyed_is_tried_again_and_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object) -> None:
        raise PermissionError(13, "canary-path")

    async with counting_house(tmp_path) as (house, said):
        told: list[str] = []
        with monkeypatch.context() as folder:
            folder.setattr(KeyFolder, "destroy", read_only)
            for _ in range(2):
                await house.tick(lambda step, _: told.append(step))

        assert told == ["close", "keys", "keys"]
        assert said == [str(LAST)]
        assert await house.missing() == [f"close:{LAST}", "tick:keys"]
        assert house.store.keyring.holds_tags(LAST)

        await house.tick()

        assert not house.store.keyring.holds_tags(LAST)
        assert await house.missing() == []


async def test_a_close_that_did_not_take_place_is_told_of_within_the_hour(tmp_path: Path) -> None:
    """Nothing failed: whatever kept it from its turn, the week is open when it should not be."""
    async with counting_house(tmp_path) as (house, _):
        clock, due = house.clock, LAST.ends_at(house.close.zone) + house.close.grace
        for minutes, told in ((0, []), (59, []), (60, [f"close:{LAST}"])):
            clock.moment = due + timedelta(minutes=minutes)  # type: ignore[attr-defined]
            assert await house.missing() == told

        await house.tick()
        assert await house.missing() == []


async def test_a_key_that_outlived_its_week_is_told_of_though_nothing_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with counting_house(tmp_path) as (house, _):
        with monkeypatch.context() as folder:
            folder.setattr(KeyFolder, "destroy", lambda *_: None)
            await house.tick()
            assert await house.missing() == [f"close:{LAST}"]

        (tmp_path / "keys" / f"{LAST}.tags").unlink()
        assert await house.missing() == []


async def test_while_an_old_month_is_filled_its_weeks_are_not_late(tmp_path: Path) -> None:
    async with counting_house(tmp_path) as (house, _):
        async with house.importing():
            assert await house.missing() == []
        assert await house.missing() == [f"close:{LAST}"]


async def test_a_close_that_is_late_is_in_the_log_and_the_metrics(tmp_path: Path) -> None:
    async with running(tmp_path, MONDAY, [], "wecom", archive=False) as home:
        bot = home.bot
        bot.counting = replace(bot.counting, close=Broken(bot.counting.close))  # type: ignore[arg-type]
        await bot.counting.store.books.record([demand("d1", week=LAST)])

        await bot._tick()

        assert b"qingzhuang_overdue_weeks 1.0" in bot.metrics.text()
        (line,) = [line for line in home.log.lines if line["event"] == "close_overdue"]
        assert line["weeks"] == [str(LAST)]


async def test_a_clearing_out_that_failed_stays_named_until_it_is_done(tmp_path: Path) -> None:
    async with counting_house(tmp_path) as (house, _):
        broken = Broken(house.store.retention.forget_facts)
        retention = SimpleNamespace(
            forget_facts=broken, forget_said=house.store.retention.forget_said
        )
        store = replace(house.store, retention=retention)  # type: ignore[arg-type]
        failing = replace(house, store=store)

        for _ in range(2):
            await failing.tick()
            assert await failing.missing() == ["tick:forget"]
        broken.broken = False
        house.clock.moment += FORGETTING_LASTS_FOR  # type: ignore[attr-defined]
        await failing.tick()

        assert await failing.missing() == []


async def test_what_failed_is_in_the_log_and_the_metrics_without_its_words(tmp_path: Path) -> None:
    async with running(tmp_path, MONDAY, [], "wecom", archive=False) as home:
        bot = home.bot
        bot.counting = replace(bot.counting, publish=Broken(bot.counting.publish))  # type: ignore[arg-type]

        await bot._tick()

        assert b'qingzhuang_failed_ticks_total{step="publish"} 1.0' in bot.metrics.text()
        (line,) = [line for line in home.log.lines if line["event"] == "tick_publish_failed"]
        assert line["error"] == "PermissionError"
        assert "canary" not in str(line)


async def test_a_bot_that_hears_nothing_says_so_week_by_week(tmp_path: Path) -> None:
    group = GroupProfile("g1", "一组", "u1", "l1", 40, SHANGHAI, OFFICE_HOURS)  # type: ignore[arg-type]
    async with running(tmp_path, MONDAY, [group], "wecom", archive=True) as home:
        ledger = home.bot.counting.store.ledger
        for weeks in range(5):
            home.clock.moment = MONDAY + timedelta(weeks=weeks)
            await home.bot._tick()

        assert list(await ledger.closed_weeks()) == [LAST.shifted(n) for n in range(1, 5)]
