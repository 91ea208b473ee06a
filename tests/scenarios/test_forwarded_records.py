"""A chat record that a liaison forwards into a group counts there once, as the liaison's relay."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.demo.sweep import sweep
from bot.domain.groups import GroupProfile, LineCode, UnitCode
from bot.domain.judging import Judge
from bot.domain.messages import Conversation, Forwarded, IncomingMessage, Route
from bot.domain.periods import Week
from bot.domain.private import Opaque, PrivateText
from bot.domain.registers import Filing, Sort
from bot.domain.relations import Relation, RelationKind, find_relations
from bot.domain.tallies import Counted as Measured
from bot.domain.vocabulary import Measure, Tallied
from bot.standins.wecom import WecomStandin
from config.calendar import load_calendar
from config.directory import CsvDirectory
from config.rulebook import load_rulebook
from config.settings import Settings
from handlers.count_messages import Counted, CountMessages
from storage.memory import MemoryStore, memory_store
from tests.scenarios.running_bot import House, MovedClock, running
from tests.scenarios.week_end_house import at, profile

NINE = at("2026-10-13 09:00")
TEN = NINE + timedelta(hours=1)
WEEK = Week(2026, 42)
COUNTY, TOWN = profile("g-county", unit="county"), profile("g-town", unit="town")
ASKED = "各乡镇明天18:00前把防溺水隐患排查台账报送县应急局，附现场照片"
AS_IT_IS = "请各村按此执行"
BURDENS = (
    Tallied.EPISODES, Tallied.RELAYED, Tallied.REPORTED, Tallied.PRESSED, Measure.DUPLICATE,
    Measure.REPEAT, Measure.FORM_FILLING, Measure.SCREENSHOT_REPORT,
)  # fmt: skip
ONE_RELAY = {
    ("town", Tallied.EPISODES): 1,
    ("town", Tallied.RELAYED): 1,
    ("town", Measure.FORM_FILLING): 1,
    ("town", Measure.SCREENSHOT_REPORT): 1,
}


async def relations(house: House) -> list[Relation]:
    demands = await house.bot.counting.store.compared.demands(WEEK)
    return find_relations(demands, WEEK)


async def numbers(house: House) -> dict[tuple[str, Measured], int]:
    found: Counter[tuple[str, Measured]] = Counter()
    for cell, n in (await house.tallies(NINE + timedelta(days=14)))[WEEK]:
        if cell.measure in BURDENS:
            found[cell.unit, cell.measure] += n
    return dict(found)


def heard(house: House, route: str, outcome: str, n: int) -> bool:
    told = f'qingzhuang_messages_total{{outcome="{outcome}",route="{route}"}} {n}.0'
    return told in house.bot.metrics.text().decode()


def archive(house: House, key: str, group: GroupProfile, when: datetime, **said: object) -> None:
    """A message of the group's liaison: `text`, or the texts of a `record`."""
    if "record" in said:
        item = [
            {
                "type": "ChatRecordText",
                "msgtime": round((NINE - timedelta(minutes=9)).timestamp()),
                "content": json.dumps({"content": words}, ensure_ascii=False),
            }
            for words in said["record"]  # type: ignore[attr-defined]
        ]
        own: dict[str, object] = {
            "msgtype": "chatrecord",
            "chatrecord": {"title": "聊天记录", "item": item},
        }
    else:
        own = {"msgtype": "text", "text": {"content": said["text"]}}
    house.wecom.archive.add(
        {
            "msgid": key,
            "action": "send",
            "from": f"from-{group.code}",
            "roomid": group.code,
            "msgtime": round(when.timestamp() * 1000),
            **own,
        }
    )


async def test_by_the_archive_it_is_a_relay_of_what_nobody_tells_whose(tmp_path: Path) -> None:
    async with running(tmp_path, NINE, [TOWN], "wecom", archive=True) as house:
        archive(house, "m1", TOWN, TEN, record=["大家好", ASKED, "收到"])
        archive(house, "m2", TOWN, TEN + timedelta(minutes=1), text=AS_IT_IS)
        archive(house, "m3", TOWN, TEN + timedelta(hours=1), record=[ASKED, "收到"])
        archive(house, "m4", TOWN, TEN + timedelta(hours=2), record=["收到", "辛苦了"])
        await house.until(lambda: heard(house, "wecom_archive", "new", 4))
        (relay,) = await relations(house)
        counted = await numbers(house)

    assert sweep(tmp_path, (ASKED, ASKED[8:12], AS_IT_IS, f"from-{TOWN.code}")).found == ()
    assert (relay.kind, relay.later.unit) == (RelationKind.RELAY, "town")
    assert (relay.earlier.group, relay.earlier.unit, relay.earlier.line) == ("", "", "")
    assert counted == ONE_RELAY


async def test_by_the_archive_it_is_the_county_s_where_the_county_s_group_is_heard(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, NINE, [COUNTY, TOWN], "wecom", archive=True) as house:
        archive(house, "m1", COUNTY, NINE, text=ASKED)
        archive(house, "m2", TOWN, TEN, record=[ASKED, "收到"])
        await house.until(lambda: heard(house, "wecom_archive", "new", 2))
        (relay,) = await relations(house)
        counted = await numbers(house)

    assert (relay.earlier.unit, relay.later.unit, relay.depth) == ("county", "town", 1)
    of_the_county = {
        (("county", measure)): n for (_, measure), n in ONE_RELAY.items()
        if measure is not Tallied.RELAYED
    }  # fmt: skip
    assert counted == ONE_RELAY | of_the_county


@pytest.mark.parametrize(
    ("sender", "told"),
    [("oLi", ("county", "civil")), ("oNobodyKnows", ("", "")), ("", ("", ""))],
    ids=["known", "not in the directory", "not told"],
)
async def test_by_dws_whose_it_is_is_kept_where_the_directory_knows(
    tmp_path: Path, sender: str, told: tuple[str, str]
) -> None:
    folder = tmp_path / "dws"
    folder.mkdir()
    line = {
        "type": "user_im_message_receive_group_all",
        "message_id": "m1",
        "conversation_id": TOWN.code,
        "sender_open_dingtalk_id": "oWang",
        "content": "[聊天记录]县应急群的聊天记录",
        "create_time": f"{TEN:%Y-%m-%d %H:%M:%S}",
        "forward_messages": [
            {"content": ASKED, "sender_open_dingtalk_id": sender},
            {"content": "收到", "sender_open_dingtalk_id": "oWang"},
        ],
    }
    listed = tmp_path / "people.csv"
    listed.write_text(
        "platform,account,sender,unit,line\n"
        "dingtalk,*,oLi,county,civil\ndingtalk,*,oWang,town,civil\n",
        "utf-8",
    )

    def by_dws(settings: Settings, _standin: WecomStandin) -> Settings:
        command = [sys.executable, "-m", "bot.standins.dws", str(folder)]
        dws = settings.dingtalk.dws.model_copy(update={"command": command})
        dingtalk = settings.dingtalk.model_copy(update={"dws": dws})
        return settings.model_copy(update={"dingtalk": dingtalk, "directory": listed})

    async with running(tmp_path, NINE, [], "dingtalk", archive=False, adjust=by_dws) as house:
        registry = house.bot.counting.store.registry
        await registry.put_group(TOWN)
        account = house.dingtalk.client_id
        await registry.bind("dingtalk", account, Opaque(TOWN.code), TOWN.code, True)
        folder.joinpath("events").write_text(json.dumps(line) + "\n", "utf-8")
        await house.until(lambda: heard(house, "dingtalk_dws", "new", 1))
        (relay,) = await relations(house)
        counted = await numbers(house)

    assert (relay.later.unit, relay.later.line) == ("town", "civil")
    assert (relay.earlier.unit, relay.earlier.line) == told
    assert counted == ONE_RELAY


# --- Whatever order and however often -----------------------------------------------------------

JUDGE = Judge(load_rulebook(), load_calendar())


def said(key: str, sender: str, seconds: int, text: str, *record: str) -> IncomingMessage:
    return IncomingMessage(
        platform="wecom",
        account="corp",
        route=Route.WECOM_ARCHIVE,
        key=Opaque(key),
        conversation=Conversation(True, Opaque(TOWN.code)),
        sender=Opaque(sender),
        sent_at=TEN + timedelta(seconds=seconds),
        text=PrivateText(text),
        forwarded=tuple(Forwarded(PrivateText(words)) for words in record),
    )


TOLD = (
    said("m1", "liaison", 0, "转县应急局群里的通知，请各村照此报送台账"),
    said("m2", "liaison", 10, "", "大家好", ASKED, "收到"),
    said("m3", "liaison", 20, AS_IT_IS),
    said("m4", "v1", 30, "收到"),
    said("m5", "deputy", 50, "", ASKED, "收到"),
    said("m6", "deputy", 70, "", "辛苦了", "中午吃啥"),
    said("m7", "v2", 90, "", *[("各村把台账报来，附照片。" * 900)[:10_000]] * 100),
)


async def counting(store: MemoryStore) -> CountMessages:
    await store.registry.put_group(TOWN)
    await store.registry.bind("wecom", "corp", Opaque(TOWN.code), TOWN.code, True)
    return CountMessages(
        judge=JUDGE,
        books=store.books,
        ledger=store.ledger,
        registry=store.registry,
        directory=CsvDirectory(),
        keyring=store.keyring,
        clock=MovedClock(NINE),
        registers=store.registers,
    )


async def counted_of(messages: Sequence[IncomingMessage]) -> tuple[list[Counted], object]:
    store = memory_store(secrets.token_bytes)
    count = await counting(store)
    outcomes = [await count(one) for one in messages]
    return outcomes, sorted(await store.books.standing(TOWN.code, WEEK))


@pytest.fixture(scope="module")
def in_their_order() -> object:
    """What stands when they come in their order."""
    return asyncio.run(counted_of(TOLD))[1]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), again=st.integers(0, len(TOLD)))
async def test_the_numbers_are_the_same_in_any_order_and_sent_twice(
    in_their_order: object, seed: int, again: int
) -> None:
    shuffled = list(TOLD)
    random.Random(seed).shuffle(shuffled)

    outcomes, counted = await counted_of([*shuffled, *shuffled[:again]])

    assert Counter(outcomes) == +Counter({Counted.NEW: len(TOLD), Counted.DUPLICATE: again})
    assert counted == in_their_order


async def test_what_announces_it_what_follows_it_and_who_repeats_it_are_one_demand() -> None:
    _, counted = await counted_of(TOLD[:6])
    found = {cell.measure: n for cell, n in counted}  # type: ignore[attr-defined]

    assert (found[Tallied.EPISODES], found[Tallied.RELAYED]) == (1, 1)
    assert Measure.REPEAT not in found
    assert found[Measure.FORM_FILLING] == found[Measure.SCREENSHOT_REPORT] == 1
    unit, line = UnitCode(TOWN.unit), LineCode(TOWN.line)
    assert {(cell.unit, cell.line) for cell, _ in counted} == {(unit, line)}  # type: ignore[attr-defined]


FILED = "督备〔2026〕3号"


@pytest.mark.parametrize(
    ("record", "apart"),
    [
        ((f"按{FILED}，各镇明天上午9点迎接安全生产检查，准备台账", "收到"), 1),
        (("各镇明天上午9点迎接安全生产检查，准备台账", f"上次那个是{FILED}吧"), 0),
    ],
    ids=["in the demand", "in the talk after it"],
)
async def test_only_the_demand_itself_rests_on_a_number(
    record: tuple[str, ...], apart: int
) -> None:
    store = memory_store(secrets.token_bytes)
    first, last = NINE.date(), NINE.date() + timedelta(days=30)
    await store.registers.put_entries(
        [Filing(FILED, Sort.INSPECTION, "安全生产检查", first, last)], "operator", NINE
    )
    count = await counting(store)

    await count(said("m1", "liaison", 0, "", *record))

    found = {cell.measure: n for cell, n in await store.books.standing(TOWN.code, WEEK)}
    assert found.get(Tallied.REGISTERED, 0) == apart
    assert found.get(Tallied.EPISODES, 0) == 1 - apart
