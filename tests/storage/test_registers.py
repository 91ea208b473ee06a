"""Registers and limits in the database: quotas, emergencies and matches as they change the numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.authors import Author
from bot.domain.disputes import public_id
from bot.domain.errors import UserError
from bot.domain.groups import GroupCode
from bot.domain.limit_changes import ChangeState, LimitChange, Source
from bot.domain.limits import Action, Days, Ground, Level, Limit, Scope, Window
from bot.domain.periods import Week
from bot.domain.reactions import Note
from bot.domain.registers import EmergencyWindow, Filed, Filing, How, Mark, MarkSort, Sort
from bot.domain.tallies import Counted
from bot.domain.vocabulary import Exemption, Kind, Measure, Tallied
from handlers.dispute_counts import DisputeCounts
from handlers.keep_registers import KeepRegisters
from storage.store import Store, open_store
from tests.scenarios.running_bot import MovedClock
from tests.scenarios.week_end_house import SHANGHAI, at
from tests.storage.entries import GROUP, LINE, WEEK, demand, reminder, tag_of

NOW = datetime(2026, 10, 14, 2, tzinfo=UTC)
APPROVED = Filing(
    "督备〔2026〕3号", Sort.INSPECTION, "安全生产", date(2026, 10, 1), date(2026, 10, 31),
    line=LINE, kinds=(Kind.INSPECTION,), words=("安全生产", "隐患"), quota=2,
)  # fmt: skip
VISIT = {"kinds": (Kind.INSPECTION,)}


@pytest.fixture
async def store(database_url, tmp_path) -> AsyncIterator[Store]:
    async with open_store(database_url, tmp_path / "keys", lambda size: b"k" * size) as opened:
        yield opened


def registers_of(store: Store) -> KeepRegisters:
    clock = MovedClock(at("2026-10-14 10:00"))
    counts = DisputeCounts(store.disputes, clock, SHANGHAI)
    return KeepRegisters(store.registers, store.matches, counts, clock, SHANGHAI)


async def running(store: Store, week: Week = WEEK) -> Counter[Counted]:
    sums: Counter[Counted] = Counter()
    for cell, n in await store.ledger.running(week):
        sums[cell.measure] += n
    return sums


def filed(name: str, number: str, how: How, **fields: object):
    return replace(demand(name, **VISIT, **fields), filed=(Filed(number, how),))


async def test_what_was_entered_is_read_again(store: Store) -> None:
    emergency = EmergencyWindow("A1", "县防指7号", "Ⅲ级", NOW, NOW + timedelta(days=1), "who")
    mark = Mark("B1", MarkSort.NO_MEETINGS, date(2026, 10, 19), date(2026, 10, 25), "who")
    await store.registers.put_entries([APPROVED], "who", NOW)
    await store.registers.put_emergency(emergency)
    await store.registers.put_mark(mark, NOW)
    before = store.registers.view

    await store.registers.load()

    assert store.registers.view == before
    assert before.entries == (APPROVED,)
    assert before.emergencies == (emergency,)
    assert before.marks == (mark,)
    assert await store.registers.remove_mark("B1", "who", NOW)
    assert not await store.registers.remove_mark("B1", "who", NOW)
    assert store.registers.view.marks == ()


async def test_a_proposal_waits_until_it_is_entered_or_withdrawn_once(store: Store) -> None:
    author = Author(WEEK, b"mark" + bytes(range(16)))
    wanted = replace(APPROVED, group=GroupCode("g"), authors=(author,))
    first = await store.registers.propose(wanted, "a", NOW)
    second = await store.registers.propose(replace(wanted, number="督备4号"), "a", NOW)
    await store.registers.load()
    assert store.registers.view.proposals == (first, second)
    assert store.registers.view.entries == ()

    both = replace(wanted, authors=(author, author))
    assert await store.registers.settle(first, both, "b", NOW)
    assert not await store.registers.settle(first, both, "b", NOW)
    assert await store.registers.settle(second, None, "b", NOW)
    assert not await store.registers.settle(second, wanted, "b", NOW)

    await store.registers.load()
    assert store.registers.view.entries == (both,)
    assert store.registers.view.proposals == ()


async def test_what_rests_on_an_entry_is_counted_apart(store: Store) -> None:
    await store.books.record(
        [
            filed("a", APPROVED.number, How.QUOTED),
            filed("b", APPROVED.number, How.BEYOND),
            filed("c", "", How.UNLISTED),
            filed("d", APPROVED.number, How.ALIKE),
            demand("e", exempt=Exemption.DECLARED, **VISIT),
            reminder("f", "a"),
        ]
    )

    found = await running(store)

    assert found[Measure.INSPECTION] == found[Tallied.EPISODES] == 3
    assert (found[Tallied.EXEMPT], found[Tallied.REGISTERED]) == (2, 1)
    assert (found[Tallied.DECLARED], found[Tallied.UNLISTED]) == (1, 1)
    assert found[Measure.REPEAT] == 1  # the inspection is approved, pressing for it is not
    await store.ledger.close(WEEK, NOW, "1")
    await store.ledger.rebuild(WEEK)
    assert dict(await store.ledger.tallies(WEEK))


async def test_the_quota_is_used_up_by_what_the_books_hold_and_by_what_is_on_its_way(
    store: Store,
) -> None:
    await store.registers.put_entries([APPROVED], "who", NOW)
    await store.books.record([filed("a", APPROVED.number, How.QUOTED)])
    await store.registers.load()
    assert store.registers.view.used == {APPROVED.number: 1}

    store.registers.use(APPROVED.number, tag_of("b"))
    store.registers.use(APPROVED.number, tag_of("b"))

    assert store.registers.view.used == {APPROVED.number: 2}


async def test_a_count_is_matched_with_an_entry_until_its_week_is_closed(store: Store) -> None:
    registers = registers_of(store)
    await registers.add([APPROVED], "who")
    await store.books.record(
        [filed("a", APPROVED.number, How.ALIKE, weekday=3), filed("b", "", How.UNLISTED)]
    )
    offered = await registers.candidates(GROUP)
    assert {(one.count.id, one.number) for one in offered} == {
        (public_id(tag_of("a")), APPROVED.number),
        (public_id(tag_of("b")), ""),
    }

    count, entry = await registers.match(GROUP, public_id(tag_of("a")), "督备[2026]3号")

    assert (count.tag, entry) == (tag_of("a"), APPROVED)
    assert (await running(store))[Measure.INSPECTION] == 1
    assert registers.used(APPROVED.number) == 1
    assert [one.number for one in await registers.candidates(GROUP)] == [""]
    await store.ledger.close(WEEK, NOW, "1")
    with pytest.raises(UserError, match="closed"):
        await registers.match(GROUP, public_id(tag_of("b")), APPROVED.number)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"quota": 1}, "quota"),
        ({"starts": date(2026, 10, 20)}, "other_period"),
        ({"sort": Sort.APP}, "legitimises_nothing"),
        ({"retired": True}, "unknown"),
    ],
    ids=str,
)
async def test_an_entry_that_does_not_fit_is_refused(store: Store, changed, said: str) -> None:
    await store.books.record(
        [filed("used", APPROVED.number, How.QUOTED), filed("a", "", How.UNLISTED)]
    )
    await store.registers.put_entries([replace(APPROVED, **changed)], "who", NOW)
    await store.registers.load()

    with pytest.raises(UserError, match=rf"registers\.error\.{said}"):
        await registers_of(store).match(GROUP, public_id(tag_of("a")), APPROVED.number)


async def test_an_emergency_ends_by_itself_or_by_hand(store: Store) -> None:
    registers = registers_of(store)
    opened = await registers.open_emergency("县防指〔2026〕7号", "Ⅲ级", "who")
    assert list(registers.emergencies()) == [opened]

    closed = await registers.close_emergency(opened.id.lower(), "other")

    assert (closed.by, closed.closed_by) == ("who", "other")
    assert list(registers.emergencies()) == []
    with pytest.raises(UserError, match="no_emergency"):
        await registers.close_emergency(opened.id, "other")
    for wrong in (timedelta(), timedelta(days=31)):
        with pytest.raises(UserError, match="lasts_for"):
            await registers.open_emergency("文", "", "who", lasts_for=wrong)
    with pytest.raises(UserError, match="basis"):
        await registers.open_emergency(" ", "", "who")


async def test_versions_of_limits_are_kept_with_both_persons(store: Store) -> None:
    limit = Limit(
        Measure.CHECK_IN, Scope.UNIT, Window.MONTH, 3, Ground.DESIGN, "", "本办〔2026〕1号",
        "qingxi", 0.75, Days.WORKING, frozenset({Action.SENDER}),
    )  # fmt: skip
    change = LimitChange(0, limit, Source.COMMAND, ChangeState.PROPOSED, NOW, "one")

    (written,) = await store.limit_log.append([change])
    assert await store.limit_log.settle(
        written.number, ChangeState.STANDING, "two", date(2026, 11, 1)
    )
    assert not await store.limit_log.settle(written.number, ChangeState.WITHDRAWN, "x", None)

    (read,) = await store.limit_log.changes()
    assert read == replace(
        written, state=ChangeState.STANDING, confirmed_by="two", effective_on=date(2026, 11, 1)
    )
    assert read.limit == limit


async def test_days_of_closed_weeks_are_summed_over_a_span(store: Store) -> None:
    weeks = [WEEK, WEEK.shifted(1), WEEK.shifted(2)]
    for week in weeks:
        await store.books.record(
            [demand(f"{week} {day}", week=week, weekday=day) for day in range(1, 8)]
        )
    for week in weeks[:2]:
        await store.ledger.close(week, NOW, "1")
    saturday, tuesday = WEEK.days[5], WEEK.shifted(2).days[1]

    found = await store.ledger.summed(saturday, tuesday)
    without = await store.ledger.summed(saturday, tuesday, [WEEK.days[6]])

    assert [n for cell, n in found if cell.measure is Measure.FORM_FILLING] == [9]
    assert [n for cell, n in without if cell.measure is Measure.FORM_FILLING] == [8]


async def test_notes_and_parcels_are_written_together_or_not_at_all(store: Store) -> None:
    note = Note("off_hours.group.week|g-1|over", WEEK.monday, Level.OVER, 2, WEEK.days[2])

    with pytest.raises(AttributeError):
        await store.limit_notes.say([note], [object()])
    assert list(await store.limit_notes.since(WEEK.monday)) == []

    await store.limit_notes.say([note], [])
    await store.limit_notes.say([replace(note, counted=3)], [])
    assert list(await store.limit_notes.since(WEEK.monday)) == [replace(note, counted=3)]
    assert list(await store.limit_notes.since(WEEK.days[1])) == []
