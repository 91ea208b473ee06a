"""What every store of the books does: memory, SQLite and PostgreSQL alike."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.domain.groups import GroupCode
from bot.domain.messages import Route
from bot.domain.periods import Week
from bot.domain.tallies import Cell, CountTable
from bot.domain.vocabulary import Act, Exemption, Kind, Lead, Measure, Tallied
from handlers.ports import Books, Recorded
from tests.storage.entries import (
    GROUP,
    LINE,
    UNIT,
    WEEK,
    demand,
    episode,
    episode_of,
    reminder,
    tag_of,
    talk,
)

NEW, DUPLICATE, LATE = Recorded.NEW, Recorded.DUPLICATE, Recorded.LATE
MONDAY = datetime(2026, 10, 19, 2, tzinfo=UTC)


async def standing(store, group=GROUP, week=WEEK) -> dict[object, int]:
    """The group's counts by measure, over the weekdays, messages apart."""
    sums: dict[object, int] = {}
    for cell, n in await store.books.standing(group, week):
        assert cell.group == group
        if cell.measure is not Tallied.MESSAGES:
            sums[cell.measure] = sums.get(cell.measure, 0) + n
    return sums


def a_form(episodes: int = 1) -> dict[object, int]:
    return {Measure.FORM_FILLING: episodes, Tallied.EPISODES: episodes}


async def test_a_message_is_new_once(store):
    assert await store.books.record([demand("a"), talk("b")]) == [NEW, NEW]

    assert await store.books.record([demand("a"), talk("b")]) == [DUPLICATE, DUPLICATE]
    assert await standing(store) == a_form()


async def test_nothing_is_an_answer_to_nothing(store):
    assert list(await store.books.record([])) == []


async def test_a_message_twice_in_one_call_is_new_once(store):
    assert await store.books.record([demand("a"), demand("a")]) == [NEW, DUPLICATE]
    assert await standing(store) == a_form()


async def test_a_message_from_two_doors_at_the_same_time_is_counted_once(store):
    calls = [store.books.record([demand("a"), talk("b")]) for _ in range(20)]

    answers = await asyncio.gather(*calls)

    assert sorted(first for first, _ in answers) == [DUPLICATE] * 19 + [NEW]
    assert sorted(second for _, second in answers) == [DUPLICATE] * 19 + [NEW]
    assert await standing(store) == a_form()


async def test_it_says_which_messages_it_has_seen(store):
    await store.books.record([demand("a"), talk("b")])

    asked = [tag_of("a"), tag_of("b"), tag_of("c")]

    assert await store.books.seen(WEEK, asked) == {tag_of("a"), tag_of("b")}
    assert await store.books.seen(Week(2026, 43), asked) == set()
    assert await store.books.seen(WEEK, []) == set()


async def test_a_group_stands_alone(store):
    await store.books.record([demand("a"), demand("b", group=GroupCode("g-2"))])

    assert await standing(store) == a_form()
    assert await standing(store, GroupCode("g-2")) == a_form()
    assert await standing(store, GroupCode("g-3")) == {}


async def test_messages_are_counted_under_the_groups_own_unit_by_day(store):
    await store.books.record([talk("a"), talk("b"), talk("c", weekday=7)])

    table = await store.books.standing(GROUP, WEEK)

    assert table == CountTable(
        {
            Cell(GROUP, "", "", 1, Tallied.MESSAGES): 2,
            Cell(GROUP, "", "", 7, Tallied.MESSAGES): 1,
        }
    )


async def test_a_count_says_whom_it_is_charged_to_and_on_which_day(store):
    await store.books.record([demand("a", weekday=3, unit="u-9", line="party")])

    cells = dict(await store.books.standing(GROUP, WEEK))

    assert cells[Cell(GROUP, "u-9", "party", 3, Measure.FORM_FILLING)] == 1


async def test_an_episode_is_one_however_often_it_is_pressed(store):
    await store.books.record([demand("a"), reminder("b", of="a"), reminder("c", of="a")])

    assert await standing(store) == a_form() | {Measure.REPEAT: 2}


async def test_an_episode_carries_every_kind_that_its_messages_name(store):
    await store.books.record(
        [
            demand("a", kinds=(Kind.FORM_FILLING, Kind.CHECK_IN)),
            reminder("b", of="a", kinds=(Kind.SCREENSHOT_REPORT, Kind.CHECK_IN)),
            reminder("c", of="a", kinds=(Kind.RANKING,), weekday=5, unit="u-2"),
        ]
    )

    assert await standing(store) == {
        Tallied.EPISODES: 1,
        Measure.FORM_FILLING: 1,
        Measure.CHECK_IN: 1,
        Measure.SCREENSHOT_REPORT: 1,
        Measure.RANKING: 1,
        Measure.REPEAT: 2,
    }


async def test_kinds_go_to_the_day_and_unit_of_the_opener_and_reminders_to_their_own(store):
    await store.books.record(
        [demand("a"), reminder("b", of="a", kinds=(Kind.RANKING,), weekday=5, unit="u-2")]
    )

    cells = {cell for cell, _ in await store.books.standing(GROUP, WEEK)}

    assert Cell(GROUP, UNIT, LINE, 1, Measure.RANKING) in cells
    assert Cell(GROUP, "u-2", LINE, 5, Measure.REPEAT) in cells


async def test_a_reminder_of_last_weeks_demand_is_a_repeat_and_no_episode(store):
    await store.books.record([reminder("b", of="seen last week")])

    assert await standing(store) == {Measure.REPEAT: 1}


async def test_a_reminder_whose_notice_was_never_seen_opens_an_episode(store):
    await store.books.record([demand("b", act=Act.REMINDER)])

    assert await standing(store) == a_form()


async def test_in_an_emergency_only_the_exempt_episode_and_the_pings_are_counted(store):
    urgent = {"exempt": Exemption.EMERGENCY, "ping": True, "off_hours": True}
    await store.books.record(
        [
            demand("a", lead=Lead.UNDER_HOUR, claimed_urgent=True, **urgent),
            reminder("b", of="a", **urgent),
        ]
    )

    assert await standing(store) == {
        Tallied.EXEMPT: 1,
        Tallied.CLAIMED_URGENT: 1,
        Tallied.PINGS: 2,
    }


@pytest.mark.parametrize(
    ("lead", "short"),
    [
        (Lead.UNDER_HOUR, 1),
        (Lead.UNDER_HALF_DAY, 1),
        (Lead.UNDER_DAY, 1),
        (Lead.UNDER_TWO_DAYS, 0),
        (Lead.LONGER, 0),
        (Lead.NONE, 0),
    ],
)
async def test_notice_is_short_below_one_working_day(store, lead, short):
    await store.books.record([demand("a", lead=lead)])

    assert (await standing(store)).get(Measure.SHORT_NOTICE, 0) == short


async def test_pings_are_counted_and_those_outside_working_time_apart(store):
    plain = {"act": Act.NONE, "kinds": (), "episode": None, "opens": False}
    await store.books.record(
        [
            demand("a", ping=True, off_hours=True, **plain),
            demand("b", ping=True, **plain),
            demand("c", off_hours=True),
        ]
    )

    assert await standing(store) == a_form() | {Tallied.PINGS: 2, Measure.OFF_HOURS: 1}


async def test_cancellations_reported_and_urgent_episodes_are_counted(store):
    await store.books.record(
        [
            demand("a", reported=True, claimed_urgent=True),
            demand("b", act=Act.CANCEL, kinds=(), opens=False, episode=episode_of("a")),
        ]
    )

    assert await standing(store) == a_form() | {
        Tallied.REPORTED: 1,
        Tallied.CLAIMED_URGENT: 1,
        Tallied.CANCELLED: 1,
    }


# --- revisions ---


async def test_the_highest_revision_stands(store):
    await store.books.record([demand("a")])

    again = await store.books.record([demand("a", revision=1, kinds=(Kind.MEETING,))])

    assert again == [NEW]
    assert await standing(store) == {Tallied.EPISODES: 1, Measure.MEETING: 1}


async def test_a_revision_may_take_a_fact_back(store):
    await store.books.record([demand("a")])

    await store.books.record([talk("a", revision=1)])

    assert await standing(store) == {}


async def test_a_revision_may_find_a_fact_where_there_was_none(store):
    await store.books.record([talk("a")])

    assert await store.books.record([demand("a", revision=1)]) == [NEW]
    assert await standing(store) == a_form()


async def test_a_revision_is_new_once_and_counts_no_second_message(store):
    await store.books.record([demand("a")])
    await store.books.record([demand("a", revision=1)])

    assert await store.books.record([demand("a", revision=1)]) == [DUPLICATE]
    messages = [n for cell, n in await store.books.standing(GROUP, WEEK)
                if cell.measure is Tallied.MESSAGES]  # fmt: skip
    assert messages == [1]


async def test_an_older_revision_that_comes_late_does_not_stand(store):
    await store.books.record([demand("a"), demand("a", revision=2, kinds=(Kind.PLEDGE,))])

    assert await store.books.record([demand("a", revision=1)]) == [DUPLICATE]
    assert await standing(store) == {Tallied.EPISODES: 1, Measure.PLEDGE: 1}


async def test_revisions_may_come_together_with_what_they_revise(store):
    entries = [demand("a"), demand("a", revision=1), demand("a", revision=2, kinds=())]

    assert await store.books.record(entries) == [NEW, NEW, NEW]
    assert await standing(store) == {Tallied.EPISODES: 1}


# --- episodes ---


async def test_open_episodes_come_back_oldest_first(store):
    names = [f"e{number}" for number in range(20)]
    for name in names:
        await store.books.record([talk(name, episodes=[episode(name)])])
    await store.books.record([talk("x", episodes=[episode("e3", b"changed")])])

    found = await store.books.open_episodes(GROUP)

    assert [record.id for record in found] == [episode_of(name) for name in names]
    assert found[3] == episode("e3", b"changed")
    assert await store.books.open_episodes(GroupCode("g-2")) == []


async def test_an_episode_that_ended_is_gone(store):
    await store.books.record([talk("a", episodes=[episode("a"), episode("b")])])

    await store.books.record([talk("c", closed=[episode_of("a"), episode_of("unknown")])])

    assert await store.books.open_episodes(GROUP) == [episode("b")]


async def test_of_changes_in_one_call_the_last_one_holds(store):
    await store.books.record(
        [
            talk("a", episodes=[episode("a", b"1"), episode("b", b"1")]),
            talk("b", episodes=[episode("a", b"2")], closed=[episode_of("b")]),
            talk("c", closed=[episode_of("c")], episodes=[episode("a", b"3")]),
        ]
    )

    assert await store.books.open_episodes(GROUP) == [episode("a", b"3")]


async def test_a_duplicate_changes_no_episode(store):
    await store.books.record([talk("a", episodes=[episode("a", b"1")])])

    await store.books.record([talk("a", episodes=[episode("a", b"2")], closed=[episode_of("a")])])

    assert await store.books.open_episodes(GROUP) == [episode("a", b"1")]


# --- after the close ---


async def test_what_comes_after_the_close_is_late_and_changes_nothing(store):
    await store.books.record([demand("a")])
    await store.ledger.close(WEEK, MONDAY, "2026.1")
    tallies = await store.ledger.tallies(WEEK)

    answers = await store.books.record([demand("b", episode=None), talk("c")])

    assert answers == [LATE, LATE]
    assert (await store.ledger.closed(WEEK)).late == 2
    assert await store.ledger.tallies(WEEK) == tallies
    assert await store.books.open_episodes(GROUP) == []


async def test_one_call_may_hold_messages_of_open_and_of_closed_weeks(store):
    await store.books.record([demand("a")])
    await store.ledger.close(WEEK, MONDAY, "2026.1")

    answers = await store.books.record([talk("b"), talk("c", week=Week(2026, 43))])

    assert answers == [LATE, NEW]


async def test_messages_are_counted_by_route(store):
    await store.books.record([talk("a"), talk("b", route=Route.WECOM_ARCHIVE)])

    line = await store.ledger.close(WEEK, MONDAY, "2026.1")

    assert line.messages == 2


def test_every_store_has_the_shape_of_the_port(store):
    books: Books = store.books
    assert books is not None


@pytest.mark.parametrize("longest", [40, 2_000])
async def test_a_fact_with_more_rules_than_there_is_room_for_is_counted(store, longest):
    """An office's rulebook may have long ids, and many of them."""
    rules = tuple(f"office.{'x' * longest}{number}" for number in range(60))

    assert await store.books.record([demand("a", rules=rules)]) == [Recorded.NEW]

    assert len(await store.books.standing(GROUP, WEEK)) > 0
