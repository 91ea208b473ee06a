"""A demand is charged to its sender's unit as the platform's address book has it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.domain.departments import Unit
from bot.domain.groups import LineCode, UnitCode
from bot.domain.tallies import COLUMN
from bot.domain.vocabulary import Tallied
from bot.standins.dingtalk_messages import Said
from tests.scenarios.running_bot import House, running
from tests.scenarios.week_end_house import at, profile

NINE = at("2026-10-13 09:00")
DAY = timedelta(days=1)


async def demands_by_unit(house: House) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for table in (await house.tallies(NINE + timedelta(days=14))).values():
        for place, numbers in table.rows():
            if count := numbers[COLUMN[Tallied.EPISODES]]:
                key = (place.unit, place.line)
                found[key] = found.get(key, 0) + count
    return found


async def test_who_is_in_the_book_is_charged_by_it_and_others_by_their_group(
    tmp_path: Path,
) -> None:
    group = profile()
    async with running(tmp_path, NINE, [group], "dingtalk", archive=False) as house:
        counting = house.bot.counting
        place = ("dingtalk", "7", LineCode("civil-affairs"))
        await counting.store.registry.put_units([Unit(UnitCode("county"), "县民政局", (place,))])
        house.dingtalk.api.departments.update({1: (0, ()), 7: (1, ("li",))})
        await counting.senders.refresh(lambda _platform, error: None, DAY)

        said = {"li": "请各村今晚8点前截图上报", "wang": "各单位明天12点前填写低保统计表并报送"}
        for sender, words in said.items():
            assert await house.dingtalk.push(Said(sender, sender, words, NINE, group.code))

        assert await demands_by_unit(house) == {
            ("county", "civil-affairs"): 1,
            (group.unit, group.line): 1,
        }
