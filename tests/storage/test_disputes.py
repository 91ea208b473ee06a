"""Disputes at rest: ids lead to counts, steps are only added, and numbers follow what was decided."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.domain.disputes import DisputedCounts, DisputeState, Moved, PublicCount
from bot.domain.registers import Filed, How
from bot.domain.traces import Level
from bot.domain.vocabulary import Act, Exemption, Kind, Lead, Measure, Tallied
from storage import tables
from storage.engine import open_database
from storage.store import open_store
from tests.contracts.test_store_across import asked
from tests.storage.entries import GROUP, WEEK, demand, reminder, tag_of

NEXT = WEEK.shifted(1)
MONDAY = datetime(2026, 10, 19, 2, tzinfo=UTC)
OPEN, UPHELD = DisputeState.OPEN, DisputeState.UPHELD
REJECTED, WITHDRAWN = DisputeState.REJECTED, DisputeState.WITHDRAWN


@pytest.fixture
async def store(database_url, tmp_path):
    async with open_store(database_url, tmp_path / "keys", os.urandom) as opened:
        yield opened


async def the_count(store, name: str = "a") -> PublicCount:
    [count] = [
        count for count in await store.disputes.latest(GROUP, WEEK, 9) if count.tag == tag_of(name)
    ]
    return count


async def sums(store) -> dict[object, int]:
    return {cell.measure: n for cell, n in await store.ledger.tallies(WEEK)}


async def test_a_count_is_found_by_its_id_in_its_group_only(store):
    await store.books.record([demand("a", kinds=(Kind.CHECK_IN,)), demand("b", group="g-2")])
    count = await the_count(store)

    assert await store.disputes.found(count.id, WEEK, [GROUP]) == [count]
    assert await store.disputes.found(count.id, WEEK, None) == [count]
    assert await store.disputes.found(count.id, WEEK, ["g-2"]) == []
    assert await store.disputes.found(count.id, NEXT, None) == []
    assert (count.kinds, count.rules, count.state) == (
        (Kind.CHECK_IN,), ("form_filling.table",), None
    )  # fmt: skip


async def test_a_count_says_in_which_measures_beside_its_kinds_it_counts(store):
    """So that a sentence about a limit names a demand that went over it, and no other."""
    await store.books.record(
        [
            demand("long", lead=Lead.LONGER),
            demand("short", lead=Lead.UNDER_DAY),
            demand("late", ping=True, off_hours=True),
            demand("spared", lead=Lead.UNDER_HOUR, exempt=Exemption.DECLARED),
            replace(demand("filed", lead=Lead.UNDER_HOUR), filed=(Filed("督备1号", How.QUOTED),)),
            reminder("again", of="long"),
        ]
    )

    assert {
        name: set((await the_count(store, name)).beside)
        for name in ("long", "short", "late", "spared", "filed", "again")
    } == {
        "long": set(),
        "short": {Measure.SHORT_NOTICE},
        "late": {Measure.OFF_HOURS},
        "spared": set(),
        "filed": set(),
        "again": {Measure.REPEAT},
    }


async def test_the_latest_counts_come_first_and_as_they_stand(store):
    await store.books.record(
        [
            demand("monday"),
            reminder("tuesday", of="monday", weekday=2),
            demand("noon", weekday=2, hour=12),
            demand("ping", act=Act.NONE, kinds=(), episode=None, opens=False, ping=True),
            demand("night", act=Act.NONE, episode=None, opens=False, ping=True, off_hours=True),
        ]
    )
    await store.books.record([demand("monday", revision=1, kinds=(Kind.MEETING,))])

    latest = await store.disputes.latest(GROUP, WEEK, 3)

    assert [count.tag for count in latest[:2]] == [tag_of("noon"), tag_of("tuesday")]
    everything = await store.disputes.latest(GROUP, WEEK, 9)
    assert {count.tag for count in everything} == {
        tag_of(name) for name in ("monday", "tuesday", "noon", "night")
    }
    assert (await the_count(store, "monday")).kinds == (Kind.MEETING,)


async def test_what_is_upheld_in_time_is_not_counted(store):
    await store.books.record([demand("a"), demand("b")])
    count = await the_count(store)

    assert await store.disputes.move(count, OPEN, "group_admin", WEEK) is Moved.DONE
    assert await store.disputes.move(count, UPHELD, "office", WEEK) is Moved.DONE

    assert [one.tag for one in await store.disputes.latest(GROUP, WEEK, 9)] == [tag_of("b")]
    await store.ledger.close(WEEK, MONDAY, "1")
    assert (await sums(store))[Tallied.EPISODES] == 1
    assert await store.disputes.corrections(WEEK) == []


async def test_a_demand_that_was_none_is_no_duplicate_either(store):
    ours = asked("a", GROUP, "civil", level=Level.VILLAGES)
    theirs = asked("b", "g-2", "grid", level=Level.VILLAGES, after=60)
    await store.books.record([ours, theirs])
    await store.ledger.relate(WEEK)
    [count] = await store.disputes.latest("g-2", WEEK, 9)
    before = await store.books.standing("g-2", WEEK)
    for state in (OPEN, UPHELD):
        await store.disputes.move(count, state, "office", WEEK)

    assert Measure.DUPLICATE in {cell.measure for cell, _ in before}
    assert dict(await store.books.standing("g-2", WEEK)).keys() & set(dict(before)) == {
        cell for cell in dict(before) if cell.measure is Tallied.MESSAGES
    }
    await store.ledger.close(WEEK, MONDAY, "1")
    assert Measure.DUPLICATE not in await sums(store)


async def test_what_is_upheld_after_the_close_is_a_correction_and_no_change(store):
    await store.books.record([demand("a"), reminder("b", of="a")])
    count, pressed = await the_count(store), await the_count(store, "b")
    await store.disputes.move(count, OPEN, "group_admin", WEEK)
    await store.ledger.close(WEEK, MONDAY, "1")
    published = await sums(store)
    await store.disputes.move(pressed, OPEN, "group_admin", NEXT)

    assert await store.disputes.move(count, UPHELD, "office", NEXT) is Moved.CORRECTION
    assert await store.disputes.move(pressed, UPHELD, "office", NEXT) is Moved.CORRECTION

    await store.ledger.rebuild(WEEK)
    assert await sums(store) == published
    corrected = await store.disputes.corrections(NEXT)
    assert {(one.week, one.unit, one.measure, one.n) for one in corrected} == {
        (WEEK, "u-1", Tallied.EPISODES, 1),
        (WEEK, "u-1", Measure.REPEAT, 1),
    }
    assert await store.disputes.corrections(WEEK) == []


async def test_a_dispute_is_taken_back_and_filed_again(store):
    await store.books.record([demand("a")])
    count = await the_count(store)

    for state in (OPEN, WITHDRAWN, OPEN, REJECTED):
        assert await store.disputes.move(count, state, "group_admin", WEEK) is Moved.DONE
    assert (await the_count(store)).state is REJECTED


@pytest.mark.parametrize(
    ("stands", "wanted"),
    [
        ((), UPHELD), ((), REJECTED), ((), WITHDRAWN),
        ((OPEN, UPHELD), OPEN), ((OPEN, UPHELD), REJECTED), ((OPEN, UPHELD), WITHDRAWN),
        ((OPEN, REJECTED), OPEN), ((OPEN, REJECTED), UPHELD), ((OPEN, WITHDRAWN), UPHELD),
    ],
)  # fmt: skip
async def test_what_cannot_follow_is_refused(store, stands, wanted):
    await store.books.record([demand("a")])
    count = await the_count(store)
    for state in stands:
        await store.disputes.move(count, state, "office", WEEK)

    assert await store.disputes.move(count, wanted, "office", WEEK) is Moved.REFUSED


async def test_doing_it_twice_or_at_once_writes_one_step(store, database_url):
    await store.books.record([demand("a")])
    count = await the_count(store)

    moved = await asyncio.gather(
        *(store.disputes.move(count, OPEN, "group_admin", WEEK) for _ in range(8))
    )

    assert sorted(moved) == [Moved.ALREADY] * 7 + [Moved.DONE]
    assert await steps(database_url) == [(1, "open", "group_admin", 202642, 0)]


async def test_every_step_stays_to_be_looked_at(store, database_url):
    await store.books.record([demand("a")])
    count = await the_count(store)
    for state, by in ((OPEN, "group_admin"), (REJECTED, "office")):
        await store.disputes.move(count, state, by, WEEK)

    assert await steps(database_url) == [
        (1, "open", "group_admin", 202642, 0),
        (2, "rejected", "office", 202642, 0),
    ]
    assert [one.tag for one in await store.disputes.listed({REJECTED})] == [tag_of("a")]
    assert await store.disputes.listed({OPEN}) == []


async def steps(url: str) -> list[tuple[object, ...]]:
    step = tables.dispute_steps.c
    rows = select(step.step, step.state, step.by, step.in_week, step.after_close).order_by(
        step.step
    )
    database = await open_database(url)
    try:
        found = await database.read(lambda connection: connection.execute(rows).all())
    finally:
        await database.close()
    return [tuple(row) for row in found]


async def test_disputed_counts_are_added_up_by_what_they_count_in(store):
    names = ["a", "b", "c", "d", "apart"]
    await store.books.record(
        [
            *(demand(name) for name in names[:4]),
            demand("apart", exempt=Exemption.DECLARED),
            reminder("r", of="a"),
            demand("of next week", week=NEXT),
        ]
    )
    for name in [*names, "r"]:
        await store.disputes.move(await the_count(store, name), OPEN, "u", WEEK)
    await store.disputes.move(await the_count(store, "a"), UPHELD, "o", WEEK)
    await store.disputes.move(await the_count(store, "b"), REJECTED, "o", WEEK)
    await store.disputes.move(await the_count(store, "c"), WITHDRAWN, "u", WEEK)

    assert await store.disputes.disputed(WEEK) == [
        DisputedCounts("episodes", disputed=3, upheld=1, rejected=1),
        DisputedCounts("repeat", disputed=1, upheld=0, rejected=0),
    ]
    assert await store.disputes.disputed(NEXT) == []


async def test_what_is_called_wrong_or_decided_after_the_close_changes_no_disputed_count(store):
    await store.books.record([demand(name) for name in "abc"])
    await store.disputes.move(await the_count(store, "a"), OPEN, "u", WEEK)
    late = [await the_count(store, name) for name in "ab"]
    await store.ledger.close(WEEK, MONDAY, "1")
    await store.disputes.move(late[1], OPEN, "u", NEXT)
    for count in late:
        assert await store.disputes.move(count, UPHELD, "o", NEXT) is Moved.CORRECTION

    assert await store.disputes.disputed(WEEK) == [
        DisputedCounts("episodes", disputed=1, upheld=0, rejected=0)
    ]


async def test_what_nobody_decided_is_listed_over_weeks_and_counted_beyond_the_bound(store):
    await store.books.record(
        [
            demand("a"),
            demand("b", weekday=2),
            demand("c", week=NEXT),
            demand("d", group="g-2"),
            demand("e", weekday=3),
        ]
    )
    await store.disputes.move(await the_count(store, "b"), OPEN, "group_admin", WEEK)
    await store.disputes.move(await the_count(store, "e"), OPEN, "group_admin", WEEK)
    await store.disputes.move(await the_count(store, "e"), REJECTED, "office", WEEK)

    listed, there_are = await store.disputes.undecided([GROUP], WEEK, NEXT, 2)

    assert [(one.tag, one.state) for one in listed] == [(tag_of("c"), None), (tag_of("b"), OPEN)]
    assert there_are == 3
    of_week, number = await store.disputes.undecided([GROUP, "g-2"], WEEK, WEEK, 9)
    assert {one.tag for one in of_week} == {tag_of("a"), tag_of("b"), tag_of("d")}
    assert number == 3
    assert await store.disputes.undecided([], WEEK, NEXT, 9) == ([], 0)
