"""A member quotes a demand that the bot could not see, and it counts: once, and not to them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.groups import GroupCode, GroupProfile, LineCode, Origin, UnitCode
from bot.domain.judging import Judge
from bot.domain.messages import Conversation, IncomingMessage, Quote, Route
from bot.domain.periods import Week
from bot.domain.private import Opaque, PrivateText
from bot.domain.vocabulary import Measure, Tallied
from bot.domain.work_calendar import OfficeHours
from config.calendar import load_calendar
from config.rulebook import load_rulebook
from handlers.count_messages import Counted, CountMessages
from storage.memory import MemoryStore, memory_store
from tests.scenarios.running_bot import MovedClock

TUESDAY_NIGHT = datetime(2026, 10, 13, 14, 30, tzinfo=UTC)  # 22:30 in Shanghai
JUDGE = Judge(load_rulebook(), load_calendar())
GROUP = GroupProfile(
    code=GroupCode("g1"),
    alias="综治群",
    unit=UnitCode("青石镇"),
    line=LineCode("综治"),
    size=40,
    zone=ZoneInfo("Asia/Shanghai"),
    hours=OfficeHours.parse("08:30-12:00,14:30-17:30"),
)
DEMAND = "各村明天17:30前把矛盾纠纷排查台账报综治办，附现场照片"


class OthersUnit:
    """Knows the member who quotes, and not who was quoted."""

    def origin_of(self, message: IncomingMessage) -> Origin | None:
        if message.sender == Opaque("member-1"):
            return Origin(UnitCode("柏树村"), LineCode("村"))
        return None


@pytest.fixture
async def store() -> MemoryStore:
    made = memory_store(secrets.token_bytes)
    await made.registry.put_group(GROUP)
    await made.registry.bind("wecom", "ww1", Opaque("wr1"), GROUP.code, False)
    return made


def counting(store: MemoryStore) -> CountMessages:
    return CountMessages(
        judge=JUDGE,
        books=store.books,
        ledger=store.ledger,
        registry=store.registry,
        directory=OthersUnit(),
        keyring=store.keyring,
        clock=MovedClock(TUESDAY_NIGHT - timedelta(days=1)),
    )


def said(key: str, text: str, quoted: str = "", sender: str = "member-1") -> IncomingMessage:
    return IncomingMessage(
        platform="wecom",
        account="ww1",
        route=Route.WECOM_AIBOT,
        key=Opaque(key),
        conversation=Conversation(True, Opaque("wr1")),
        sender=Opaque(sender),
        sent_at=TUESDAY_NIGHT,
        text=PrivateText(text),
        quote=Quote(PrivateText(quoted)) if quoted else None,
        is_addressed=True,
    )


async def cells(store: MemoryStore) -> dict:
    table = await store.books.standing(GROUP.code, Week(2026, 42))
    return {(cell.unit, cell.measure): count for cell, count in table}


async def test_a_quoted_demand_is_counted_as_reported_and_charged_to_the_group_s_unit(
    store: MemoryStore,
) -> None:
    await counting(store)(said("m1", "记一下", quoted=DEMAND))

    found = await cells(store)

    assert found["青石镇", Tallied.EPISODES] == 1
    assert found["青石镇", Tallied.REPORTED] == 1
    assert found["青石镇", Measure.FORM_FILLING] == 1
    assert not any(unit == "柏树村" and m is not Tallied.MESSAGES for unit, m in found)


async def test_nobody_is_blamed_for_the_hour_at_which_it_was_shown(store: MemoryStore) -> None:
    await counting(store)(said("m1", "记一下", quoted=DEMAND))

    assert ("青石镇", Measure.OFF_HOURS) not in await cells(store)


async def test_however_many_members_show_it_it_counts_once(store: MemoryStore) -> None:
    count = counting(store)

    outcomes = [
        await count(said(f"m{n}", "又来了", quoted=DEMAND, sender=f"member-{n}")) for n in range(5)
    ]

    assert outcomes == [Counted.NEW, *[Counted.DUPLICATE] * 4]
    assert (await cells(store))["青石镇", Tallied.EPISODES] == 1


async def test_what_the_bot_has_seen_itself_is_not_counted_again(store: MemoryStore) -> None:
    count = counting(store)
    await count(said("m1", DEMAND, sender="leader"))

    await count(
        replace(said("m2", "记", quoted=DEMAND), sent_at=TUESDAY_NIGHT + timedelta(hours=1))
    )
    found = await cells(store)

    assert found["青石镇", Tallied.EPISODES] == 1
    assert ("青石镇", Tallied.REPORTED) not in found


async def test_a_quoted_joke_counts_for_nothing(store: MemoryStore) -> None:
    await counting(store)(said("m1", "哈哈", quoted="一天光截图了，老匡家的猪也要接龙"))

    assert set(await cells(store)) == {("青石镇", Tallied.MESSAGES)}
