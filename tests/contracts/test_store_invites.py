"""What every store does with one-time codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.invites import mark_of
from bot.domain.work_calendar import OfficeHours

NOW = datetime(2026, 10, 19, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MARK = mark_of("1234567890")
GROUP = GroupProfile(
    GroupCode("G01"),
    "网格群",
    UnitCode("U01"),
    LineCode("L01"),
    40,
    ZoneInfo("Asia/Shanghai"),
    OfficeHours.parse("08:30-12:00,14:30-17:30"),
)


@pytest.fixture
async def invites(store):
    await store.registry.put_group(GROUP)
    await store.invites.put(MARK, GROUP.code, NOW + DAY)
    return store.invites


async def test_a_living_code_leads_to_its_group_and_any_other_to_none(invites):
    assert await invites.find(MARK, NOW, whole=False) == "G01"
    assert await invites.find(mark_of("1234567891"), NOW, whole=False) is None


async def test_a_code_serves_once_for_each_sort_of_route(invites):
    assert await invites.use(MARK, NOW, whole=False)
    assert not await invites.use(MARK, NOW, whole=False)
    assert await invites.find(MARK, NOW, whole=False) is None

    assert await invites.find(MARK, NOW, whole=True) == "G01"
    assert await invites.use(MARK, NOW, whole=True)
    assert await invites.find(MARK, NOW, whole=True) is None


async def test_a_code_dies_when_its_time_is_over(invites):
    assert await invites.find(MARK, NOW + DAY, whole=False) is None
    assert not await invites.use(MARK, NOW + DAY, whole=False)
