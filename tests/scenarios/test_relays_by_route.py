"""Who asked first and who passed it on are two facts, by every sort of route; a quote is no relay."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.departments import Unit
from bot.domain.groups import LineCode, UnitCode
from bot.domain.periods import Week
from bot.domain.relations import Relation, RelationKind, Shift, find_relations
from bot.domain.vocabulary import Tallied
from bot.standins.dingtalk_messages import Said, body_of
from tests.scenarios.running_bot import House, running
from tests.scenarios.week_end_house import at, profile

NINE = at("2026-10-13 09:00")
TEN = NINE + timedelta(hours=1)
WEEK = Week(2026, 42)
COUNTY, TOWN = profile("g-county", unit="county"), profile("g-town", unit="town")
ASKED = "各乡镇明天18:00前把防溺水隐患排查台账报送县应急局，附现场照片"
PASSED_ON = "转县应急局通知：各村今天17:00前把防溺水隐患排查台账报给我，附现场照片"
QUOTING = f"「李局长：{ASKED}」\n- - - - - - - - - - - - - - -\n{PASSED_ON}"


def add_to_archive(
    house: House, key: str, group: str, when: datetime, kind: str, **said: object
) -> None:
    house.wecom.archive.add(
        {
            "msgid": key,
            "action": "send",
            "from": f"from-{group}",
            "roomid": group,
            "msgtime": round(when.timestamp() * 1000),
            "msgtype": kind,
            kind: said,
        }
    )


def heard(house: House, n: int) -> bool:
    told = f'qingzhuang_messages_total{{outcome="new",route="wecom_archive"}} {n}.0'
    return told in house.bot.metrics.text().decode()


async def found_in(house: House) -> list[Relation]:
    demands = await house.bot.counting.store.compared.demands(WEEK)
    return find_relations(demands, WEEK)


async def charged(house: House, measure: Tallied) -> Counter[str]:
    counted: Counter[str] = Counter()
    for table in (await house.tallies(NINE + timedelta(days=14))).values():
        for cell, n in table:
            counted[cell.unit] += n if cell.measure is measure else 0
    return +counted


@pytest.mark.parametrize("passed_on", [PASSED_ON, QUOTING], ids=["in own words", "with a quote"])
async def test_by_the_archive_the_relay_is_the_town_s_and_the_demand_the_county_s(
    tmp_path: Path, passed_on: str
) -> None:
    async with running(tmp_path, NINE, [COUNTY, TOWN], "wecom", archive=True) as house:
        add_to_archive(house, "m1", COUNTY.code, NINE, "text", content=ASKED)
        add_to_archive(house, "m2", TOWN.code, TEN, "text", content=passed_on)
        await house.until(lambda: heard(house, 2))
        (relay,) = await found_in(house)
        told = await house.tallies(NINE + timedelta(days=14))

    assert_is_the_county_s_passed_on_by_the_town(relay)
    numbers = Counter({(c.unit, c.measure): n for c, n in told[WEEK]})
    assert numbers["town", Tallied.RELAYED] == numbers["town", Tallied.PRESSED] == 1
    assert numbers["county", Tallied.RELAYED] == 0
    assert numbers["county", Tallied.EPISODES] == numbers["town", Tallied.EPISODES] == 1


def assert_is_the_county_s_passed_on_by_the_town(relay: Relation) -> None:
    assert relay.kind is RelationKind.RELAY
    assert (relay.earlier.unit, relay.later.unit) == ("county", "town")
    assert (relay.depth, relay.shift) == (1, Shift.EARLIER_DAY)


async def test_by_dingtalk_the_relay_is_the_town_s_and_the_demand_the_county_s(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, NINE, [COUNTY, TOWN], "dingtalk", archive=False) as house:
        assert await house.dingtalk.push(Said("m1", "li", ASKED, NINE, COUNTY.code))
        assert await house.dingtalk.push(Said("m2", "wang", PASSED_ON, TEN, TOWN.code))

        (relay,) = await found_in(house)
        assert_is_the_county_s_passed_on_by_the_town(relay)
        assert await charged(house, Tallied.PRESSED) == {"town": 1}


async def test_who_forwards_or_quotes_it_to_the_robot_has_passed_nothing_on(
    tmp_path: Path,
) -> None:
    """The member is of a village; the one whose words they are is of the county, if it is told."""
    async with running(tmp_path, NINE, [TOWN], "dingtalk", archive=False) as house:
        await in_the_book(house, county="li", village="wang")
        quoted = Said("m1", "wang", "记一下", NINE, TOWN.code, quoted="各村今晚8点前截图上报")
        assert await house.dingtalk.push(quoted)
        assert await house.dingtalk.gateway.push(forwarded(house, "m2", "li", ASKED))

        assert await found_in(house) == []
        assert await charged(house, Tallied.REPORTED) == {"town": 1, "county": 1}


async def in_the_book(house: House, **members: str) -> None:
    counting, departments = house.bot.counting, {}
    for number, (unit, member) in enumerate(members.items(), 7):
        place = ("dingtalk", str(number), LineCode("civil"))
        await counting.store.registry.put_units([Unit(UnitCode(unit), unit, (place,))])
        departments[number] = (1, (member,))
    house.dingtalk.api.departments.update({1: (0, ()), **departments})
    await counting.senders.refresh(lambda _platform, error: None, timedelta(days=1))


def forwarded(house: House, key: str, sender: str, words: str) -> dict[str, object]:
    """A chat record of one message, as a member of a village forwards it to the robot."""
    standin = house.dingtalk
    body = body_of(
        Said(key, "wang", "", NINE, TOWN.code),
        robot_code=standin.robot_code,
        corp_id="corp",
        session_webhook="",
    )
    record = [{"senderId": sender, "msgtype": "text", "content": words}]
    content = {"chatRecord": json.dumps(record, ensure_ascii=False)}
    return body | {"msgtype": "chatRecord", "text": None, "content": content}
