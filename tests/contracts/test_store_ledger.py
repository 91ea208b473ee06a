"""What every ledger does: a week is closed once and never changes."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.groups import GroupProfile
from bot.domain.periods import Week
from bot.domain.tallies import Cell, CountTable
from bot.domain.vocabulary import Act, Exemption, Kind, Lead, Tallied
from bot.domain.work_calendar import OfficeHours
from storage.memory import memory_store
from tests.storage.entries import (
    GROUP,
    LINE,
    UNIT,
    WEEK,
    demand,
    episode,
    episode_of,
    fact,
    reminder,
    tag_of,
    talk,
)

MONDAY = datetime(2026, 10, 19, 2, tzinfo=UTC)
NEXT = WEEK.shifted(1)


def group(unit: str = "u-1") -> GroupProfile:
    return GroupProfile(
        code=GROUP,
        alias="一组",
        unit=unit,
        line="civil",
        size=30,
        zone=ZoneInfo("Asia/Shanghai"),
        hours=OfficeHours.parse("08:30-12:00,14:30-18:00"),
    )


async def test_weeks_are_open_from_their_first_message_to_their_close(store):
    assert await store.ledger.open_weeks() == []

    await store.books.record([talk("b", week=NEXT), demand("a")])
    assert await store.ledger.open_weeks() == [WEEK, NEXT]

    await store.ledger.close(WEEK, MONDAY, "2026.1")
    assert await store.ledger.open_weeks() == [NEXT]


async def test_the_line_of_a_closed_week_says_what_was_counted(store):
    await store.books.record([demand("a"), reminder("b", of="a"), talk("c")])
    await store.books.record([demand("a", revision=1)])
    assert await store.ledger.closed(WEEK) is None

    line = await store.ledger.close(WEEK, MONDAY, "2026.1")

    assert line == await store.ledger.closed(WEEK)
    assert (line.week, line.closed_at, line.rulebook) == (WEEK, MONDAY, "2026.1")
    assert (line.facts, line.messages, line.late, line.incomplete) == (2, 3, 0, False)


async def test_tallies_are_what_stood_before_the_close(store):
    await store.registry.put_group(group())
    await store.books.record([demand("a"), reminder("b", of="a", weekday=2), talk("c")])
    stood = await store.books.standing(GROUP, WEEK)

    await store.ledger.close(WEEK, MONDAY, "2026.1")

    assert await store.ledger.tallies(WEEK) == stood
    assert dict(stood)[Cell(GROUP, UNIT, LINE, 1, Tallied.MESSAGES)] == 2


async def test_a_week_without_messages_closes_empty(store):
    line = await store.ledger.close(WEEK, MONDAY, "2026.1")

    assert (line.facts, line.messages) == (0, 0)
    assert await store.ledger.tallies(WEEK) == CountTable()


async def test_closing_again_changes_nothing(store):
    await store.books.record([demand("a")])
    first = await store.ledger.close(WEEK, MONDAY, "2026.1")
    await store.books.record([demand("b")])

    again = await store.ledger.close(WEEK, MONDAY.replace(hour=9), "2027.1")

    assert (again.closed_at, again.rulebook, again.facts) == (first.closed_at, "2026.1", 1)
    assert again.late == 1


async def test_a_rebuild_comes_out_the_same_even_when_the_group_has_moved(store):
    await store.registry.put_group(group())
    await store.books.record([demand("a"), reminder("b", of="a"), talk("c")])
    await store.books.record([demand("a", revision=1, kinds=(Kind.MEETING,))])
    await store.ledger.close(WEEK, MONDAY, "2026.1")
    before = await store.ledger.tallies(WEEK)
    await store.registry.put_group(group(unit="u-7"))

    await store.ledger.rebuild(WEEK)

    assert await store.ledger.tallies(WEEK) == before


async def test_an_open_week_has_no_tallies_and_is_not_rebuilt(store):
    await store.books.record([demand("a")])

    await store.ledger.rebuild(WEEK)

    assert await store.ledger.tallies(WEEK) == CountTable()


async def test_tags_go_with_the_close_and_other_weeks_keep_theirs(store):
    await store.books.record([demand("a"), talk("b", week=NEXT)])

    await store.ledger.close(WEEK, MONDAY, "2026.1")

    assert await store.books.seen(WEEK, [tag_of("a")]) == set()
    assert await store.books.seen(NEXT, [tag_of("b")]) == {tag_of("b")}


async def test_episodes_stay_open_as_long_as_their_sketch_can_be_read(store):
    weeks = [WEEK.shifted(-back) for back in range(5)]
    for number, week in enumerate(weeks):
        name = f"e{number}"
        await store.books.record([talk(name, week=week, episodes=[episode(name, week=week)])])

    await store.ledger.close(WEEK, MONDAY, "2026.1")

    kept = [record.week for record in await store.books.open_episodes(GROUP)]
    assert kept == weeks[:4]


async def test_a_week_whose_key_was_lost_is_closed_as_incomplete(store):
    await store.books.record([demand("a")])
    await store.ledger.mark_incomplete(WEEK)
    await store.ledger.mark_incomplete(WEEK)

    line = await store.ledger.close(WEEK, MONDAY, "2026.1")

    assert line.incomplete
    assert await store.ledger.was_lost(WEEK)
    assert not await store.ledger.was_lost(NEXT)


async def test_weeks_of_the_turn_of_the_year_are_kept_apart(store):
    last, first = Week(2026, 53), Week(2027, 1)
    await store.books.record([talk("a", week=first), talk("b", week=last)])

    assert await store.ledger.open_weeks() == [last, first]


NAMES = st.sampled_from([f"m{number}" for number in range(8)])
KINDS = st.lists(st.sampled_from(list(Kind)), max_size=3, unique=True).map(tuple)


@st.composite
def judged(draw: st.DrawFn):
    """An entry of any sort, as a judgement could leave it."""
    name = draw(NAMES)
    act = draw(st.sampled_from(list(Act)))
    opens = act.is_burden and draw(st.booleans())
    joins = act is not Act.NONE and draw(st.booleans())
    left = fact(
        name,
        weekday=draw(st.integers(1, 7)),
        group=draw(st.just(GROUP)),
        unit=draw(st.sampled_from(["u-1", "u-2"])),
        act=act,
        kinds=draw(KINDS) if act.is_burden else (),
        ping=draw(st.booleans()),
        off_hours=draw(st.booleans()),
        opens=opens,
        episode=episode_of(name if opens else draw(NAMES)) if opens or joins else None,
        lead=draw(st.sampled_from(list(Lead))),
        exempt=draw(st.sampled_from([None, Exemption.EMERGENCY])),
        claimed_urgent=draw(st.booleans()),
        reported=draw(st.booleans()),
    )
    entry = demand(name, draw(st.integers(0, 2)))
    return type(entry)(
        left.tag, WEEK, left.weekday, GROUP, left.route, draw(st.sampled_from([left, None])),
        entry.revision,
    )  # fmt: skip


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(entries=st.lists(judged(), max_size=25), data=st.data())
def test_the_query_counts_what_the_definition_says(sqlite_counts, entries, data):
    """SQL and plain Python agree on any week, whatever way it was delivered in."""
    cut = data.draw(st.integers(0, len(entries)))

    stored, remembered = sqlite_counts([entries[:cut], entries[cut:], entries])

    assert stored == remembered


@pytest.fixture
def sqlite_counts(sqlite_template, tmp_path):
    """Feed calls to a fresh SQLite store and a fresh one in memory; the tallies of both."""
    import asyncio
    import shutil

    from storage.store import open_store

    async def tallies_of(store, calls):
        for call in calls:
            await store.books.record(call)
        await store.ledger.close(WEEK, MONDAY, "2026.1")
        return await store.ledger.tallies(WEEK)

    async def both(calls):
        path = tmp_path / f"{os.urandom(8).hex()}.db"
        shutil.copy(sqlite_template, path)
        async with open_store(f"sqlite+aiosqlite:///{path}", tmp_path / "k", os.urandom) as store:
            stored = await tallies_of(store, calls)
        return stored, await tallies_of(memory_store(os.urandom), calls)

    return lambda calls: asyncio.run(both(calls))
