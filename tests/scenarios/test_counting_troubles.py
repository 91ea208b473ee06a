"""What goes wrong with one message does not touch the next."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import BooksUnavailable, NoCalendarForYear
from bot.domain.groups import GroupCode
from bot.domain.judgement import Entry, EpisodeRecord
from bot.domain.messages import IncomingMessage, Route
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.vocabulary import Tallied
from handlers.count_messages import Counted, CountMessages
from handlers.ports import Recorded
from handlers.read_message import tag_of
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


class SlowDesk:
    """Books that open when they are told to; just then one more message comes in."""

    def __init__(
        self, store: MemoryStore, count: CountMessages, latecomer: IncomingMessage
    ) -> None:
        self._books = store.books
        self._count = count
        self._latecomer = latecomer
        self.go = asyncio.Event()
        self.recorded: list[bytes] = []
        self.late: asyncio.Task[Counted] | None = None

    def __getattr__(self, name: str):
        return getattr(self._books, name)

    async def open_episodes(self, group: GroupCode) -> Sequence[EpisodeRecord]:
        await self.go.wait()
        self.late = asyncio.create_task(self._count(self._latecomer))
        return await self._books.open_episodes(group)

    async def record(self, entries: Sequence[Entry]) -> Sequence[Recorded]:
        self.recorded.append(entries[0].tag)
        return await self._books.record(entries)


async def test_nobody_overtakes_those_who_wait_for_a_desk(store: MemoryStore) -> None:
    said_in_turn = [
        replace(said(f"m{minutes}", DEMAND), sent_at=TUESDAY_NIGHT + timedelta(minutes=minutes))
        for minutes in (0, 5, 10, 15)
    ]
    count = counting(store)
    slow = count._books = SlowDesk(store, count, said_in_turn[-1])
    waiting = [asyncio.create_task(count(message)) for message in said_in_turn[:-1]]
    await asyncio.sleep(0)

    slow.go.set()
    await asyncio.gather(*waiting)
    assert slow.late is not None
    await slow.late

    week = Week(2026, 42)
    assert slow.recorded == [tag_of(each, GROUP, week, store.keyring) for each in said_in_turn]
