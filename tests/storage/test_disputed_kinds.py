"""A dispute about a kind of a count: the kind goes and the count stays, in all that is derived."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.disputes import Correction, DisputedCounts, DisputeState, Moved, PublicCount
from bot.domain.log_leaves import canonical
from bot.domain.registers import Filed, How
from bot.domain.traces import Level
from bot.domain.vocabulary import Act, Exemption, Kind, Measure, Tallied
from handlers.log_entries import of_dispute
from handlers.reaction_words import is_of
from storage.store import open_store
from tests.contracts.test_store_across import asked
from tests.storage.entries import GROUP, LINE, UNIT, WEEK, demand, reminder, tag_of

NEXT, AFTER = WEEK.shifted(1), WEEK.shifted(2)
MONDAY = datetime(2026, 10, 19, 2, tzinfo=UTC)
OPEN, UPHELD = DisputeState.OPEN, DisputeState.UPHELD
REJECTED, WITHDRAWN = DisputeState.REJECTED, DisputeState.WITHDRAWN
FORM, SCREENSHOT, CHECK_IN = Kind.FORM_FILLING, Kind.SCREENSHOT_REPORT, Kind.CHECK_IN
BOTH = (SCREENSHOT, FORM)


@pytest.fixture
async def store(database_url, tmp_path):
    async with open_store(database_url, tmp_path / "keys", os.urandom) as opened:
        yield opened


async def the_count(store, name: str = "a", week=WEEK) -> PublicCount:
    counts = await store.disputes.latest(GROUP, week, 99)
    return next(count for count in counts if count.tag == tag_of(name))


async def uphold(store, count: PublicCount, kinds: Sequence[Kind], in_week=WEEK) -> Moved:
    await store.disputes.move(count, OPEN, "group_admin", in_week, kinds)
    return await store.disputes.move(count, UPHELD, "office", in_week, kinds)


async def running(store) -> dict[object, int]:
    return {cell.measure: n for cell, n in await store.ledger.running(WEEK)}


async def test_the_kind_goes_and_the_count_stays(store):
    await store.books.record([demand("a", kinds=BOTH), demand("b")])

    assert await uphold(store, await the_count(store), [FORM]) is Moved.DONE

    assert await running(store) | {Tallied.MESSAGES: 0} == {
        Measure.SCREENSHOT_REPORT: 1, Measure.FORM_FILLING: 1, Tallied.EPISODES: 2,
        Tallied.MESSAGES: 0,
    }  # fmt: skip
    left = await the_count(store)
    assert (left.kinds, left.disputed, left.state) == ((SCREENSHOT,), (FORM,), UPHELD)
    # A sentence about a limit names no count for a kind that it is not counted with.
    assert not is_of(left, Measure.FORM_FILLING)
    of_group = {cell.measure: n for cell, n in await store.books.standing(GROUP, WEEK)}
    assert of_group[Measure.FORM_FILLING] == 1
    await store.ledger.close(WEEK, MONDAY, "1")
    await store.ledger.rebuild(WEEK)
    closed = {cell.measure: n for cell, n in await store.ledger.tallies(WEEK)}
    assert (closed[Measure.FORM_FILLING], closed[Tallied.EPISODES]) == (1, 2)
    assert await store.disputes.corrections(WEEK) == []
    assert await store.disputes.corrections_of(WEEK) == []


async def test_until_it_is_decided_the_kind_counts(store):
    await store.books.record([demand("a", kinds=BOTH)])
    count = await the_count(store)
    for state in (OPEN, WITHDRAWN, OPEN, REJECTED):
        await store.disputes.move(count, state, "u", WEEK, [FORM])

        assert (await running(store))[Measure.FORM_FILLING] == 1
        assert (await the_count(store)).kinds == BOTH


async def test_a_count_without_all_of_its_kinds_still_counts_as_a_demand_and_a_ping(store):
    await store.books.record([demand("a", kinds=BOTH, ping=True, off_hours=True)])

    await uphold(store, await the_count(store), BOTH)

    left = await running(store)
    assert {left.get(Measure(kind.value), 0) for kind in BOTH} == {0}
    assert (left[Tallied.EPISODES], left[Tallied.PINGS], left[Measure.OFF_HOURS]) == (1, 1, 1)
    assert (await the_count(store)).kinds == ()


async def test_a_demand_keeps_a_kind_that_a_reminder_of_it_names_too(store):
    """A demand is of all kinds that any of its messages names: each is disputed by its own id."""
    await store.books.record(
        [
            demand("a", kinds=BOTH),
            reminder("r", of="a", kinds=(FORM,)),
            reminder("other", of="a", kinds=(SCREENSHOT,)),
            demand("b"),
        ]
    )
    count, pressed = await the_count(store), await the_count(store, "r")
    assert [one.id for one in await store.disputes.sharing(count, [FORM])] == [pressed.id]

    await uphold(store, count, [FORM])
    assert (await running(store))[Measure.FORM_FILLING] == 2
    await uphold(store, pressed, [FORM])

    left = await running(store)
    assert (left[Measure.FORM_FILLING], left[Measure.SCREENSHOT_REPORT]) == (1, 1)
    assert left[Measure.REPEAT] == 2
    assert await store.disputes.sharing(count, [FORM]) == []


async def test_what_shares_a_kind_is_of_the_episode_that_a_revision_moved_it_to(store):
    await store.books.record(
        [demand("a"), demand("b"), reminder("r", of="a"), reminder("s", of="b")]
    )
    await store.books.record([reminder("r", of="b", revision=1)])

    shared = await store.disputes.sharing(await the_count(store, "r"), [FORM])

    assert {one.tag for one in shared} == {tag_of("b"), tag_of("s")}


async def test_a_revised_count_stays_without_the_kind(store):
    await store.books.record([demand("a", kinds=BOTH)])
    await uphold(store, await the_count(store), [FORM])

    await store.books.record([demand("a", revision=1, kinds=(CHECK_IN, FORM))])

    assert (await the_count(store)).kinds == (CHECK_IN,)
    assert Measure.FORM_FILLING not in await running(store)


async def test_what_is_upheld_after_the_close_corrects_the_kind_and_changes_nothing(store):
    await store.books.record([demand("a", kinds=BOTH), demand("b", kinds=BOTH)])
    count = await the_count(store)
    await store.ledger.close(WEEK, MONDAY, "1")
    published = dict(await store.ledger.tallies(WEEK))

    assert await uphold(store, count, [FORM], NEXT) is Moved.CORRECTION

    await store.ledger.rebuild(WEEK)
    assert dict(await store.ledger.tallies(WEEK)) == published
    wrong = [Correction(WEEK, GROUP, UNIT, LINE, Measure.FORM_FILLING, 1)]
    assert await store.disputes.corrections(NEXT) == wrong
    assert await store.disputes.corrections_of(WEEK) == wrong
    assert await store.disputes.corrections(AFTER) == []
    assert await store.disputes.corrections(WEEK) == []
    corrected = dict(await store.ledger.corrected(WEEK))
    gone = {cell: n for cell, n in published.items() if corrected.get(cell, 0) != n}
    assert [(cell.measure, n) for cell, n in gone.items()] == [(Measure.FORM_FILLING, 2)]
    [found] = await store.disputes.found(count.id, WEEK, None)
    assert (found.kinds, found.disputed) == (BOTH, (FORM,))


async def test_a_correction_is_told_when_the_last_message_with_the_kind_is_decided(store):
    """No number is said to fall that did not: what a reminder names as well is still counted."""
    await store.books.record(
        [
            demand("a", kinds=BOTH),
            reminder("r", of="a", kinds=(FORM,)),
            demand("spared", kinds=BOTH, exempt=Exemption.DECLARED),
        ]
    )
    names = ("a", "r", "spared")
    counts = {name: await the_count(store, name) for name in names}
    await store.ledger.close(WEEK, MONDAY, "1")

    for name, week in (("spared", NEXT), ("a", NEXT), ("r", AFTER)):
        await uphold(store, counts[name], [FORM], week)

    assert await store.disputes.corrections(NEXT) == []
    wrong = [Correction(WEEK, GROUP, UNIT, LINE, Measure.FORM_FILLING, 1)]
    assert await store.disputes.corrections(AFTER) == wrong
    assert await store.disputes.corrections_of(WEEK) == wrong


async def test_whole_counts_and_kinds_are_corrected_beside_each_other(store):
    await store.books.record([demand(name, kinds=BOTH) for name in "abc"])
    counts = [await the_count(store, name) for name in "ab"]
    await store.ledger.close(WEEK, MONDAY, "1")

    await uphold(store, counts[0], (), NEXT)
    await uphold(store, counts[1], [FORM], NEXT)

    assert {(one.measure, one.n) for one in await store.disputes.corrections(NEXT)} == {
        (Tallied.EPISODES, 1),
        (Measure.FORM_FILLING, 1),
    }
    corrected = {cell.measure: n for cell, n in await store.ledger.corrected(WEEK)}
    assert (corrected[Tallied.EPISODES], corrected[Measure.FORM_FILLING]) == (2, 1)


@pytest.mark.parametrize(("filed", "decided"), [((), (FORM,)), ((FORM,), ()), ((FORM,), BOTH)])
async def test_only_what_was_called_wrong_is_decided_or_taken_back(store, filed, decided):
    await store.books.record([demand("a", kinds=BOTH)])
    count = await the_count(store)
    await store.disputes.move(count, OPEN, "u", WEEK, filed)

    for wanted in (UPHELD, REJECTED, WITHDRAWN):
        assert await store.disputes.move(count, wanted, "o", WEEK, decided) is Moved.REFUSED
    assert await store.disputes.move(count, OPEN, "u", WEEK, decided) is Moved.REFUSED
    assert await store.disputes.move(count, OPEN, "u", WEEK, filed) is Moved.ALREADY

    assert (await the_count(store)).disputed == filed
    assert await store.disputes.move(count, WITHDRAWN, "u", WEEK, filed) is Moved.DONE
    assert await store.disputes.move(count, OPEN, "u", WEEK, decided) is Moved.DONE
    assert (await the_count(store)).disputed == decided


async def test_a_demand_that_shares_no_kind_any_more_is_no_duplicate(store):
    ours = asked("a", GROUP, "civil", level=Level.VILLAGES, kinds=BOTH)
    theirs = asked("b", "g-2", "grid", level=Level.VILLAGES, after=60, kinds=(CHECK_IN, FORM))
    await store.books.record([ours, theirs])
    await store.ledger.relate(WEEK)
    assert (await running(store))[Measure.DUPLICATE] == 1

    await uphold(store, await the_count(store), [FORM])
    await store.ledger.relate(WEEK)

    assert Measure.DUPLICATE not in await running(store)
    await store.ledger.close(WEEK, MONDAY, "1")
    assert Measure.DUPLICATE not in {cell.measure for cell, _ in await store.ledger.tallies(WEEK)}


async def test_what_is_no_inspection_is_missed_in_no_list_of_inspections(store):
    unlisted = (Filed("", How.UNLISTED),)
    kinds = (Kind.MEETING, Kind.INSPECTION)
    await store.books.record(
        [
            *(_filed(demand(name, kinds=kinds), unlisted) for name in ("a", "b")),
            _filed(demand("c", kinds=(FORM, Kind.INSPECTION)), unlisted),
        ]
    )
    for name in ("a", "c"):
        await uphold(store, await the_count(store, name), [Kind.INSPECTION])

    assert (await running(store))[Tallied.UNLISTED] == 2
    offered = {one.count.tag for one in await store.matches.candidates(WEEK)}
    assert offered == {tag_of("b"), tag_of("c")}


def _filed(entry, filed):
    return replace(entry, filed=filed)


async def test_disputed_kinds_are_added_up_by_kind_and_not_as_counts(store):
    await store.books.record(
        [
            *(demand(name, kinds=BOTH) for name in "abcd"),
            reminder("r", of="a", kinds=(FORM,)),
            demand("apart", kinds=BOTH, exempt=Exemption.DECLARED),
        ]
    )
    await store.disputes.move(await the_count(store, "a"), OPEN, "u", WEEK)
    await uphold(store, await the_count(store, "b"), BOTH)
    for name in ("c", "r", "apart"):
        await store.disputes.move(await the_count(store, name), OPEN, "u", WEEK, [FORM])
    await store.disputes.move(await the_count(store, "c"), REJECTED, "o", WEEK, [FORM])

    assert await store.disputes.disputed(WEEK) == [
        DisputedCounts("episodes", disputed=1, upheld=0, rejected=0),
        DisputedCounts("screenshot_report", disputed=1, upheld=1, rejected=0),
        DisputedCounts("form_filling", disputed=3, upheld=1, rejected=1),
    ]


async def test_what_a_leaf_commits_to_names_the_kinds_and_is_unchanged_without_them(store):
    await store.books.record([demand("a", kinds=BOTH), demand("b", kinds=BOTH, weekday=2)])
    await uphold(store, await the_count(store, "a"), [FORM])
    await store.disputes.move(await the_count(store, "b"), OPEN, "group_admin", WEEK)

    by_state = {}
    for step in await store.disputes.steps():
        by_state.setdefault((step.state, bool(step.kinds)), of_dispute(step))

    whole, of_kinds = by_state[OPEN, False], by_state[UPHELD, True]
    assert whole.content == canonical({"by": "group_admin", "group": GROUP, "unit": UNIT})
    assert of_kinds.content == canonical(
        {"by": "office", "group": GROUP, "kinds": ["form_filling"], "unit": UNIT}
    )
    assert of_kinds.said.keys() == whole.said.keys()


async def test_a_ping_without_a_demand_has_no_kind_among_its_sharing_counts(store):
    await store.books.record(
        [
            demand("a", kinds=BOTH),
            demand(
                "p",
                act=Act.NONE,
                episode=None,
                opens=False,
                kinds=(FORM,),
                ping=True,
                off_hours=True,
            ),
        ]
    )
    assert await store.disputes.sharing(await the_count(store, "p"), [FORM]) == []
    assert await store.disputes.sharing(await the_count(store, "a"), [FORM]) == []
