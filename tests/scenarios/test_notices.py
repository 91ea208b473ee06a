"""What a group is told when the bot comes, once, and again when it changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.private import Opaque
from config.calendar import load_calendar
from config.load import LOCALES, load_texts
from handlers.commands.screen import MOST_BYTES, MOST_LINES
from handlers.ports import DeliveryState
from handlers.tell_notices import TellNotices, is_to_be_told
from storage.memory import MemoryStore, memory_store
from tests.scenarios.week_end_house import OFFICE_HOURS, MovedClock, at, profile

EVENING = at("2026-10-19 21:00")
OURS = profile("g-1")


def notices(store: MemoryStore, office: str = "县减负专班", locale: str = "zh-CN") -> TellNotices:
    """As after a restart: nothing is remembered but what is in the store."""
    return TellNotices(
        store.registry,
        store.cursors,
        store.outbox,
        MovedClock(EVENING),
        load_calendar(),
        OFFICE_HOURS,
        load_texts(locale),
        office,
    )


@pytest.fixture
async def store() -> MemoryStore:
    made = memory_store(bytes)
    await made.registry.put_group(OURS)
    await made.registry.bind("wecom", "corp", Opaque("wr1"), OURS.code, False)
    return made


async def said(store: MemoryStore) -> list[str]:
    return [one.parcel.markdown for one in await store.outbox.listed([DeliveryState.PENDING])]


async def test_a_group_whose_chat_was_bound_is_told_once_in_working_time(
    store: MemoryStore,
) -> None:
    await is_to_be_told(OURS.code, store.cursors)

    assert await notices(store)() == 1
    assert await notices(store)() == 0

    (parcel,) = await store.outbox.listed([DeliveryState.PENDING])
    assert parcel.not_before == at("2026-10-20 08:30")
    for word in ("读：", "看不到：", "存：", "13个月", "谁看：", "异议："):
        assert word in parcel.parcel.markdown


async def test_it_is_told_again_when_everything_is_read_from_now_on(store: MemoryStore) -> None:
    await notices(store).told(OURS)
    assert await notices(store)() == 0

    await store.registry.bind("wecom", "corp", Opaque("room"), OURS.code, True)

    assert await notices(store)() == 1
    assert "全部消息" in (await said(store))[0]


async def test_it_is_told_again_when_another_office_reads(store: MemoryStore) -> None:
    await notices(store).told(OURS)

    assert await notices(store, office="市减负办")() == 1
    assert "市减负办" in (await said(store))[0]


async def test_a_group_of_before_and_one_that_went_are_not_told(store: MemoryStore) -> None:
    assert await notices(store)() == 0
    await store.registry.put_group(replace(OURS, retired=True))

    assert await notices(store, office="市减负办")() == 0


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_notice_fits_one_screen(store: MemoryStore, locale: str) -> None:
    for whole in (False, True):
        if whole:
            await store.registry.bind("wecom", "corp", Opaque("room"), OURS.code, True)
        text = notices(store, locale=locale).notice(OURS)

        assert text.count("\n") < MOST_LINES
        assert len(text.encode()) <= MOST_BYTES
