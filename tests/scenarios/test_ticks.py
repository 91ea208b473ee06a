"""The tick: whatever is due is done, once, by whoever looks first."""

from __future__ import annotations

import secrets
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.counting import open_counting
from bot.domain.errors import StoreError
from bot.domain.periods import Week
from config.settings import Settings
from storage import tables
from tests.scenarios.running_bot import MovedClock
from tests.storage.entries import demand

MONDAY = datetime(2026, 10, 19, 1, 0, tzinfo=UTC)


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
