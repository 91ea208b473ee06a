"""The numbers are the same however the messages come: twice, out of order, after a crash."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import BooksUnavailable
from bot.domain.groups import GroupProfile
from bot.domain.judging import Judge
from bot.domain.messages import IncomingMessage
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.tallies import CountTable
from bot.platforms.transcripts import read_transcript
from config.calendar import load_calendar
from config.directory import CsvDirectory
from config.rulebook import load_rulebook
from handlers.count_messages import Counted, CountMessages
from handlers.import_transcripts import ImportTranscripts
from storage.memory import MemoryStore, memory_store
from storage.store import Store, open_store

CORPUS = Path(__file__).parents[1] / "corpus" / "dev_b.jsonl"
JUDGE = Judge(load_rulebook(), load_calendar())
TOLD = tuple(read_transcript(CORPUS))
MESSAGES = tuple(one for one in TOLD if isinstance(one, IncomingMessage))
GROUPS = tuple(one for one in TOLD if isinstance(one, GroupProfile))
AFTERWARDS = datetime(2027, 1, 1, tzinfo=UTC)


class FixedClock:
    """Stands still."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


# The corpus lies in the past of no test: the clock stands before its first message.
CLOCK = FixedClock(min(message.sent_at for message in MESSAGES) - timedelta(minutes=1))


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Store]:
    url = f"sqlite+aiosqlite:///{folder / 'books.db'}"
    async with open_store(url, folder / "keys", secrets.token_bytes) as store:
        await register(store)
        yield store


async def in_memory() -> MemoryStore:
    """The same ports without a disk, where a test counts the corpus many times over."""
    store = memory_store(secrets.token_bytes)
    await register(store)
    return store


async def register(store: Store | MemoryStore) -> None:
    for group in GROUPS:
        if store.registry.group(group.code) is None:
            await store.registry.put_group(group)
            await store.registry.bind(
                "transcript", "transcript", Opaque(group.code), group.code, True
            )


def counting(store: Store | MemoryStore) -> CountMessages:
    """The use case as a process has it: with its own memory of what it has counted."""
    return CountMessages(
        judge=JUDGE,
        books=store.books,
        ledger=store.ledger,
        registry=store.registry,
        directory=CsvDirectory(),
        keyring=store.keyring,
        clock=CLOCK,
    )


async def closed(store: Store | MemoryStore) -> dict[Week, CountTable]:
    """The tallies of all weeks once they are closed."""
    found = {}
    for week in await store.ledger.open_weeks():
        await store.ledger.close(week, AFTERWARDS, "test")
        found[week] = await store.ledger.tallies(week)
    return found


@pytest.fixture(scope="module")
def in_order() -> dict[Week, CountTable]:
    """What comes out when every message comes once, in order."""

    async def run() -> dict[Week, CountTable]:
        store = await in_memory()
        count = counting(store)
        for message in MESSAGES:
            assert await count(message) is Counted.NEW
        return await closed(store)

    return asyncio.run(run())


def shuffled_within_each_minute(seed: int) -> list[IncomingMessage]:
    draw = random.Random(seed)
    minutes: dict[tuple[str, datetime], list[IncomingMessage]] = defaultdict(list)
    for message in MESSAGES:
        minute = message.sent_at.replace(second=0)
        minutes[message.conversation.id.reveal(), minute].append(message)
    for said in minutes.values():
        draw.shuffle(said)
    return [message for said in minutes.values() for message in said]


async def test_a_second_delivery_changes_nothing(in_order) -> None:
    store = await in_memory()
    count = counting(store)
    for message in MESSAGES:
        await count(message)
        assert await count(message) is Counted.DUPLICATE

    assert await closed(store) == in_order


async def test_a_second_delivery_after_a_restart_changes_nothing(tmp_path: Path, in_order) -> None:
    async with opened(tmp_path) as store:
        await at_once(counting(store), MESSAGES)
    async with opened(tmp_path) as store:
        again = counting(store)
        outcomes = {await again(message) for message in MESSAGES}

        assert outcomes == {Counted.DUPLICATE}
        assert await closed(store) == in_order


async def test_thirty_two_at_a_time_give_the_same_numbers(tmp_path: Path, in_order) -> None:
    async with opened(tmp_path) as store:
        await at_once(counting(store), MESSAGES)

        assert await closed(store) == in_order


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_order_within_a_minute_does_not_matter(in_order, seed: int) -> None:
    async def run() -> dict[Week, CountTable]:
        store = await in_memory()
        await deliver(counting(store), shuffled_within_each_minute(seed))
        return await closed(store)

    assert asyncio.run(run()) == in_order


@pytest.mark.parametrize("restart_after", [1, 57, 250, 499])
async def test_a_restart_in_the_middle_gives_the_same_numbers(
    in_order, restart_after: int
) -> None:
    """What is remembered of a group is only what the store holds."""
    store = await in_memory()
    await deliver(counting(store), MESSAGES[:restart_after])
    await deliver(counting(store), MESSAGES[restart_after:])

    assert await closed(store) == in_order


async def test_an_import_gives_the_same_numbers_and_a_second_one_adds_nothing(
    tmp_path: Path, in_order
) -> None:
    async with opened(tmp_path) as store:
        first = await ImportTranscripts(counting(store), store.registry)(TOLD)
        open_again = await ImportTranscripts(counting(store), store.registry)(TOLD)
        tallies = await closed(store)
        closed_already = await ImportTranscripts(later(store), store.registry)(TOLD)
        weeks = [await store.ledger.closed(week) for week in tallies]

    assert tallies == in_order
    assert first.outcomes == {Counted.NEW: len(MESSAGES)}
    assert open_again.outcomes == {Counted.DUPLICATE: len(MESSAGES)}
    assert closed_already.outcomes == {Counted.LATE: len(MESSAGES)}
    assert sum(line.late for line in weeks) == 0


def later(store: Store | MemoryStore) -> CountMessages:
    count = counting(store)
    count._clock = FixedClock(AFTERWARDS)
    return count


async def test_what_could_not_be_written_is_not_remembered(in_order) -> None:
    """A full disk: nothing is acknowledged, and when the platform delivers again all is well."""
    store = await in_memory()
    count = counting(store)
    count._books = Failing(store, every=7)
    for message in MESSAGES:
        try:
            await count(message)
        except BooksUnavailable:
            assert await count(message) is Counted.NEW

    assert await closed(store) == in_order


class Failing:
    """Books whose every nth write finds the disk full."""

    def __init__(self, store: MemoryStore, every: int) -> None:
        self._books = store.books
        self._every = every
        self._calls = 0

    def __getattr__(self, name: str):
        return getattr(self._books, name)

    async def record(self, entries: Sequence[object]) -> Sequence[object]:
        self._calls += 1
        if self._calls % self._every == 0:
            raise BooksUnavailable("disk full")
        return await self._books.record(entries)


async def test_a_message_of_a_closed_week_is_counted_as_late_and_nowhere_else(
    in_order,
) -> None:
    store = await in_memory()
    await deliver(counting(store), MESSAGES[1:])
    before = await closed(store)

    outcome = await later(store)(MESSAGES[0])
    week = Week.of(MESSAGES[0].sent_at, GROUPS[0].zone)

    assert outcome is Counted.LATE
    assert (await store.ledger.closed(week)).late == 1
    assert await store.ledger.tallies(week) == before[week]


async def test_a_group_that_nobody_registered_is_not_counted(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'books.db'}"
    async with open_store(url, tmp_path / "keys", secrets.token_bytes) as store:
        assert await counting(store)(MESSAGES[0]) is Counted.UNREGISTERED
        assert await store.ledger.open_weeks() == []


async def deliver(count: CountMessages, messages: Iterable[IncomingMessage]) -> None:
    for message in messages:
        await count(message)


async def at_once(count: CountMessages, messages: Sequence[IncomingMessage]) -> None:
    """Thirty-two under way at any time."""
    source = iter(messages)

    async def worker() -> None:
        for message in source:
            await count(message)

    await asyncio.gather(*(worker() for _ in range(32)))
