"""Reading the registry again while it changes, and what another program entered."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

import pytest

from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.work_calendar import OfficeHours
from storage.engine import open_database
from storage.registry import SqlRegistry


def group(code: str) -> GroupProfile:
    return GroupProfile(
        code=GroupCode(code),
        alias="组",
        unit=UnitCode("u-1"),
        line=LineCode("civil"),
        size=9,
        zone=ZoneInfo("Asia/Shanghai"),
        hours=OfficeHours.parse("09:00-17:00"),
    )


class SlowReader:
    """A database whose answers take their time on the way back."""

    def __init__(self, database) -> None:
        self._database = database
        self.has_read = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def read(self, work):
        found = await self._database.read(work)
        self.has_read.set()
        await self.may_answer.wait()
        return found

    async def write(self, work):
        return await self._database.write(work)


@pytest.fixture
async def database(database_url):
    opened = await open_database(database_url)
    yield opened
    await opened.close()


async def test_a_group_entered_during_a_reload_is_not_lost(database):
    slow = SlowReader(database)
    registry = SqlRegistry(slow)
    reload = asyncio.create_task(registry.load())
    await slow.has_read.wait()

    await registry.put_group(group("g-1"))
    slow.may_answer.set()
    await reload

    assert registry.groups() == [group("g-1")]


async def test_what_another_program_entered_is_seen_after_a_reload(database):
    mine, theirs = SqlRegistry(database), SqlRegistry(database)
    await theirs.put_group(group("g-1"))
    assert mine.groups() == []

    await mine.load()

    assert mine.groups() == [group("g-1")]
