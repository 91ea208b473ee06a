"""What every store makes of demands that several groups have."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.groups import UNKNOWN_ORIGIN, LineCode, Origin, UnitCode
from bot.domain.judgement import DemandRecord, Entry
from bot.domain.tallies import Cell, Counted, CountTable
from bot.domain.traces import RARE, Level, Trace
from bot.domain.vocabulary import Act, Measure, Tallied
from tests.storage.entries import WEEK, demand

MONDAY = datetime(2026, 10, 19, 2, tzinfo=UTC)
NINE = 29_000_000
WORDS = frozenset(n << 2 | RARE for n in range(6))


def asked(
    name: str, group: str, line: str, *, level: Level, after: int = 0, revision: int = 0,
    due: int = 1440, **fields: object,
) -> Entry:  # fmt: skip
    entry = demand(name, revision, group=group, line=line, **fields)
    record = DemandRecord(NINE + after, NINE + due, Trace(level, False, WORDS).encode())
    return replace(entry, demand=record)


COUNTY = asked("county", "g-1", "civil", unit="bureau", level=Level.TOWNS)
TOWN = asked("town", "g-2", "civil", level=Level.VILLAGES, after=60, due=1000)
GRID = asked("grid", "g-3", "grid", level=Level.VILLAGES, after=120)


def found(table: CountTable) -> dict[tuple[str, Counted], int]:
    wanted = {Measure.DUPLICATE, Tallied.RELAYED, Tallied.PRESSED, Tallied.BROADCAST}
    return {(cell.group, cell.measure): n for cell, n in table if cell.measure in wanted}


async def test_relations_are_tallied_where_the_later_demand_was_laid(store):
    await store.books.record([GRID, TOWN, COUNTY])

    await store.ledger.close(WEEK, MONDAY, "1")

    table = await store.ledger.tallies(WEEK)
    assert found(table) == {
        ("g-2", Tallied.RELAYED): 1,
        ("g-2", Tallied.PRESSED): 1,
        ("g-3", Measure.DUPLICATE): 1,
    }
    assert dict(table)[Cell("g-3", "u-1", "grid", 1, Measure.DUPLICATE)] == 1


async def test_a_group_s_standing_knows_them_once_they_were_looked_for(store):
    await store.books.record([COUNTY, TOWN])
    await store.ledger.relate(WEEK)

    assert found(await store.books.standing("g-2", WEEK)) == {
        ("g-2", Tallied.RELAYED): 1,
        ("g-2", Tallied.PRESSED): 1,
    }
    assert found(await store.books.standing("g-1", WEEK)) == {}


async def test_a_demand_that_turns_out_to_be_none_is_no_relation(store):
    await store.books.record([COUNTY, TOWN])
    await store.ledger.relate(WEEK)
    await store.books.record(
        [demand("town", 1, group="g-2", line="civil", act=Act.REMINDER, opens=False)]
    )

    await store.ledger.close(WEEK, MONDAY, "1")

    assert found(await store.ledger.tallies(WEEK)) == {}
    await store.ledger.rebuild(WEEK)
    assert found(await store.ledger.tallies(WEEK)) == {}


async def test_what_comes_after_the_close_relates_to_nothing(store):
    await store.books.record([COUNTY])
    await store.ledger.close(WEEK, MONDAY, "1")
    await store.books.record([TOWN])
    await store.ledger.relate(WEEK)
    await store.ledger.rebuild(WEEK)

    assert found(await store.ledger.tallies(WEEK)) == {}


@pytest.mark.parametrize("asker", [UNKNOWN_ORIGIN, Origin(UnitCode("bureau"), LineCode("civil"))])
async def test_a_forwarded_demand_is_the_relay_of_whoever_forwarded_it(store, asker):
    entry = asked("record", "g-2", "civil", level=Level.UNTOLD)
    await store.books.record([replace(entry, demand=replace(entry.demand, passed_on=asker))])

    await store.ledger.close(WEEK, MONDAY, "1")

    assert found(await store.ledger.tallies(WEEK)) == {("g-2", Tallied.RELAYED): 1}
