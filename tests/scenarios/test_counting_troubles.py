"""What goes wrong with one message does not touch the next."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import BooksUnavailable, NoCalendarForYear
from bot.domain.messages import Route
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.vocabulary import Tallied
from handlers.count_messages import Counted
from storage.memory import MemoryStore, memory_store
from tests.scenarios.test_reports import DEMAND, GROUP, TUESDAY_NIGHT, counting, said


@pytest.fixture
async def store() -> MemoryStore:
    made = memory_store(secrets.token_bytes)
    await made.registry.put_group(GROUP)
    await made.registry.bind("wecom", "ww1", Opaque("wr1"), GROUP.code, False)
    return made


async def episodes(store: MemoryStore) -> int:
    table = await store.books.standing(GROUP.code, Week(2026, 42))
    return sum(count for cell, count in table if cell.measure is Tallied.EPISODES)


async def test_a_message_that_cannot_be_judged_leaves_no_trace_on_the_desk(
    store: MemoryStore,
) -> None:
    count = counting(store)
    await count(said("m1", DEMAND))

    with pytest.raises(NoCalendarForYear):
        await count(replace(said("m2", DEMAND), sent_at=TUESDAY_NIGHT.replace(year=2077)))
    later = await count(replace(said("m3", "收到"), sent_at=TUESDAY_NIGHT + timedelta(minutes=1)))

    assert later is Counted.NEW
    assert await episodes(store) == 1


async def test_a_trial_import_does_not_silence_a_group(store: MemoryStore) -> None:
    await store.registry.bind("transcript", "transcript", Opaque("g1"), GROUP.code, True)

    assert await counting(store)(said("m1", DEMAND)) is Counted.NEW


async def test_what_the_archive_hears_is_not_counted_again_from_the_bot(
    store: MemoryStore,
) -> None:
    await store.registry.bind("wecom", "ww1", Opaque("room1"), GROUP.code, True)
    await store.registry.bind("dingtalk", "d1", Opaque("cid1"), GROUP.code, False)
    other = said("m2", DEMAND)
    by_dingtalk = replace(
        other,
        platform="dingtalk",
        account="d1",
        route=Route.DINGTALK_STREAM,
        conversation=replace(other.conversation, id=Opaque("cid1")),
    )

    assert await counting(store)(said("m1", DEMAND)) is Counted.COPY
    assert await counting(store)(by_dingtalk) is Counted.NEW


class SlowBooks:
    """Books that write when they are told to."""

    def __init__(self, store: MemoryStore) -> None:
        self._books = store.books
        self.go = asyncio.Event()

    def __getattr__(self, name: str):
        return getattr(self._books, name)

    async def record(self, entries: Sequence[object]) -> Sequence[object]:
        await self.go.wait()
        return await self._books.record(entries)


async def test_a_delivery_that_is_cancelled_while_it_is_written_counts_once(
    store: MemoryStore,
) -> None:
    count, slow = counting(store), SlowBooks(store)
    count._books = slow
    first = asyncio.create_task(count(said("m1", DEMAND)))
    second = asyncio.create_task(count(said("m1", DEMAND)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    with pytest.raises(BooksUnavailable):
        await second
    again = asyncio.create_task(count(said("m1", DEMAND)))
    await asyncio.sleep(0)
    slow.go.set()

    assert await again is Counted.DUPLICATE
    assert await episodes(store) == 1
