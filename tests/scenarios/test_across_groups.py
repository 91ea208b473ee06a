"""Demands of several groups, from the message to the tallies: once, in whatever order."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bench.relations import SAMPLES, sorted_by_time
from bot.domain.groups import GroupProfile
from bot.domain.judging import Judge
from bot.domain.limits import breaches
from bot.domain.messages import IncomingMessage
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.vocabulary import Measure, Tallied
from bot.platforms.transcripts import read_transcript
from config.calendar import load_calendar
from config.directory import CsvDirectory
from config.policy_file import load_limits
from config.rulebook import load_rulebook
from handlers.count_messages import Counted, CountMessages
from handlers.import_transcripts import ImportTranscripts
from storage import tables
from storage.engine import open_database
from storage.store import Store, open_store
from tests.scenarios.running_bot import MovedClock

WEEK = Week(2026, 43)
NEXT = WEEK.shifted(1)
SUNDAY_NIGHT = datetime(2026, 10, 25, 15, tzinfo=UTC)
FILE = SAMPLES["tuned"]
BESIDE = (Measure.REPEAT, Measure.SHORT_NOTICE, Measure.DUPLICATE)
MEASURES = (Measure.DUPLICATE, Tallied.RELAYED, Tallied.PRESSED, Tallied.BROADCAST)


def no_chance(size: int) -> bytes:
    """The same keys in every run, so that runs can be compared."""
    return b"k" * size


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load_rulebook(), load_calendar())


def told() -> list[GroupProfile | IncomingMessage]:
    return sorted_by_time(read_transcript(FILE))


def messages() -> list[IncomingMessage]:
    return [one for one in told() if isinstance(one, IncomingMessage)]


@asynccontextmanager
async def opened(url: str, keys: Path, judge: Judge) -> AsyncIterator[tuple[Store, CountMessages]]:
    async with open_store(url, keys, no_chance) as store:
        yield (
            store,
            CountMessages(
                judge=judge,
                books=store.books,
                ledger=store.ledger,
                registry=store.registry,
                directory=CsvDirectory(),
                keyring=store.keyring,
                clock=MovedClock(SUNDAY_NIGHT),
            ),
        )


async def relations(url: str) -> list[tuple[Any, ...]]:
    database = await open_database(url)
    try:
        rows = await database.read(
            lambda connection: connection.execute(select(tables.relations)).all()
        )
    finally:
        await database.close()
    return sorted(tuple(row) for row in rows)


async def sums(store: Store, week: Week = WEEK) -> Counter[Any]:
    counted: Counter[Any] = Counter()
    for cell, n in await store.ledger.tallies(week):
        counted[cell.measure] += n
    return counted


async def test_a_week_with_relays_and_duplicates_is_tallied_so(
    database_url: str, tmp_path: Path, judge: Judge
) -> None:
    async with opened(database_url, tmp_path / "keys", judge) as (store, count):
        await ImportTranscripts(count, store.registry)(told())
        await store.ledger.close(WEEK, SUNDAY_NIGHT, "1")
        counted = await sums(store)
        table = await store.ledger.tallies(WEEK)

    assert counted[Measure.DUPLICATE] == 3
    assert counted[Tallied.RELAYED] >= counted[Tallied.PRESSED] >= 8
    over = [
        one for one in breaches(table, load_limits()) if one.limit.measure is Measure.DUPLICATE
    ]
    assert sorted(one.code for one in over) == ["枫林街道", "清源县委宣传部", "龙泉镇"]


async def test_as_many_counts_say_that_they_are_of_a_measure_as_its_tallies_add_up_to(
    database_url: str, tmp_path: Path, judge: Judge
) -> None:
    """A sentence about a limit names a count by it: of what went over, never of something else."""
    async with opened(database_url, tmp_path / "keys", judge) as (store, count):
        await ImportTranscripts(count, store.registry)(told())
        await store.ledger.relate(WEEK)
        shown = [
            one
            for group in store.registry.groups()
            for one in await store.disputes.latest(group.code, WEEK, 999)
        ]
        await store.ledger.close(WEEK, SUNDAY_NIGHT, "1")
        counted = await sums(store)

    said = Counter(measure for one in shown for measure in one.beside)
    assert said == {measure: counted[measure] for measure in BESIDE}
    assert all(said[measure] for measure in BESIDE)


async def test_groups_may_come_in_any_order(
    sqlite_template: Path, tmp_path: Path, judge: Judge
) -> None:
    found = []
    heads = [one for one in told() if isinstance(one, GroupProfile)]
    groups = [head.code for head in heads]
    for name, order in (("time", None), ("by group", groups), ("backwards", groups[::-1])):
        said = messages()
        if order is not None:
            said.sort(key=lambda one: order.index(one.conversation.id.reveal()))
        url = f"sqlite+aiosqlite:///{tmp_path / name / 'books.db'}"
        async with opened(url, tmp_path / name / "keys", judge) as (store, count):
            await ImportTranscripts(count, store.registry)([*heads, *said])
            for week in (WEEK, NEXT):
                await store.ledger.close(week, SUNDAY_NIGHT + timedelta(days=7), "1")
        found.append(await relations(url))

    assert len(found[0]) >= 15
    assert found[0] == found[1] == found[2]


async def test_what_is_delivered_again_or_late_changes_nothing(
    database_url: str, tmp_path: Path, judge: Judge
) -> None:
    async with opened(database_url, tmp_path / "keys", judge) as (store, count):
        await ImportTranscripts(count, store.registry)(told())
        await store.ledger.relate(WEEK)
    before = await relations(database_url)

    # Another process, after a kill: it finds what is durable, and hears everything again.
    async with opened(database_url, tmp_path / "keys", judge) as (store, count):
        for message in messages():
            assert await count(message) is Counted.DUPLICATE
        await store.ledger.relate(WEEK)
        assert await relations(database_url) == before
        await store.ledger.close(WEEK, SUNDAY_NIGHT, "1")
        closed = await relations(database_url)
        first = await sums(store)
        late = replace(messages()[0], key=Opaque("only now"))
        assert await count(late) is Counted.LATE
        await store.ledger.relate(WEEK)
        await store.ledger.rebuild(WEEK)
        assert await sums(store) == first

    assert closed == before == await relations(database_url)


async def test_a_closed_week_keeps_hours_for_the_next_and_then_nothing(
    database_url: str, tmp_path: Path, judge: Judge
) -> None:
    async with opened(database_url, tmp_path / "keys", judge) as (store, count):
        await ImportTranscripts(count, store.registry)(told())
        await store.ledger.close(WEEK, SUNDAY_NIGHT, "1")
        kept = await minutes(database_url)
        await store.ledger.close(NEXT, SUNDAY_NIGHT + timedelta(days=7), "1")
        left = await minutes(database_url)

    assert {minute % 60 for week, minute in kept if week == 202643} == {0}
    assert {week for week, _ in kept} == {202643, 202644}
    assert {week for week, _ in left} == {202644}


async def minutes(url: str) -> list[tuple[int, int]]:
    database = await open_database(url)
    demand = tables.demands.c
    try:
        rows = await database.read(
            lambda connection: connection.execute(select(demand.week, demand.minute)).all()
        )
    finally:
        await database.close()
    return [(week, minute) for week, minute in rows]
