"""What is registered of a town's groups and units, as counting and the office feel it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.domain.departments import Unit
from bot.domain.periods import Week
from bot.domain.registers import Filing, Sort
from bot.domain.vocabulary import Measure
from tests.scenarios.town import CIVIL, SAFETY, TOWN, Town, a_town

AT_NIGHT = "@所有人 各村今晚把巡查照片发群里"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path, "2026-11-02 08:00") as made:
        yield made


async def off_hours(town: Town, group: str) -> int:
    table = await town.counting.store.books.standing(group, Week(2026, 45))
    return sum(n for cell, n in table if cell.measure is Measure.OFF_HOURS)


async def test_a_group_on_duty_is_not_off_hours_while_it_is_registered(town: Town) -> None:
    first, last = date(2026, 11, 3), date(2026, 11, 4)
    on_duty = Filing("值〔2026〕1号", Sort.ON_DUTY, "防汛值班", first, last, group=SAFETY)
    await town.counting.registers.add([on_duty], "operator")

    await town.say("2026-11-03 21:10", SAFETY, AT_NIGHT)
    await town.say("2026-11-03 21:15", CIVIL, AT_NIGHT)
    assert await off_hours(town, SAFETY) == 0
    assert await off_hours(town, CIVIL) == 1

    await town.say("2026-11-05 21:10", SAFETY, AT_NIGHT)
    assert await off_hours(town, SAFETY) == 1


@pytest.mark.parametrize(("level", "is_told"), [("village", True), ("township", False)])
async def test_the_office_hears_of_more_groups_than_the_unit_s_scale_allows(
    town: Town, level: str, is_told: bool
) -> None:
    await town.counting.store.registry.put_units([Unit(TOWN, "清溪", (), 8, level)])

    await town.go_to("2026-11-03 10:00")

    assert any("现有工作群2个，限额1个" in said for said in town.told) is is_told
