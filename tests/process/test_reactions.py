"""A limit gone over, and the real server killed again and again: it is said once, and not lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.clock import SystemClock
from bot.domain.groups import GroupProfile
from bot.domain.periods import Week
from bot.domain.vocabulary import Kind
from bot.platforms.transcripts import read_transcript
from storage import tables
from storage.engine import open_database
from tests.process.server import Server
from tests.storage.entries import demand

CORPUS = Path(__file__).parents[1] / "corpus" / "dev_a.jsonl"
GROUP = next(one for one in read_transcript(CORPUS) if isinstance(one, GroupProfile))
KILLS = 40 if os.environ.get("SOAK") else 4


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    made = Server(tmp_path, more={"QZ_SCHEDULE__TICK_SECONDS": "0.05"})
    await made.prepare([GROUP])
    yield made
    await made.close()


async def put(server: Server) -> list[str]:
    database = await open_database(f"sqlite+aiosqlite:///{server.folder / 'books.db'}")
    box = tables.outbox.c
    try:
        return list(
            await database.read(
                lambda connection: connection.scalars(
                    select(box.key).where(box.key.like("limit:over:%:check_in:%"))
                ).all()
            )
        )
    finally:
        await database.close()


async def test_kill_nine_between_a_count_and_its_reaction_neither_loses_nor_doubles_it(
    server: Server,
) -> None:
    today = SystemClock().now().astimezone(GROUP.zone)
    async with server.store() as store:
        store.keyring.tags(Week.of(today, GROUP.zone))
        await store.books.record(
            [
                demand(
                    f"d{n}",
                    week=Week.of(today, GROUP.zone),
                    weekday=today.isoweekday(),
                    hour=today.hour,
                    group=GROUP.code,
                    unit=GROUP.unit,
                    line=GROUP.line,
                    kinds=(Kind.CHECK_IN,),
                )
                for n in range(3)
            ]
        )

    for number in range(KILLS):
        await server.start()
        for _ in range(40 * number):  # at another point of the first ticks
            await asyncio.sleep(0)
        await server.kill()
        assert len(await put(server)) <= 1
    await server.start()
    async with asyncio.timeout(100):
        while not await put(server):
            await asyncio.sleep(0.05)
    assert await server.stop() == 0

    assert len(await put(server)) == 1
