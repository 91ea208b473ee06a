"""Ten thousand complaints by one account, and what they move in the published figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import pytest

from bot.domain.complaint_figures import ComplaintFigures, RawComplaints, publishable
from bot.domain.complaints import Complaint
from bot.domain.people_figures import PeoplePolicy
from bot.domain.periods import Week
from handlers.complaints.counters import Quotas
from tests.scenarios.talking import TEXTS, Talking, talking

WEEK = Week(2026, 42)
POLICY = PeoplePolicy()
ONE_STEP = 5
OPEN = Quotas(a_day=10**6, a_week=10**6, asked_a_day=10**6, of_all_a_day=10**6)


def figures(taken: Iterable[Complaint], key: bytes) -> ComplaintFigures:
    """What the office's offline tool would publish of these."""
    counted = Counter(complaint.category for complaint in taken if complaint.counts)
    raw = RawComplaints(met=True, complainants=counted, waited=(), remedies=(), purged=0)
    return publishable(raw, WEEK, "county", key, POLICY)


def values(made: ComplaintFigures) -> list[int | None]:
    return [made.total.value, *(each.people.value for each in made.by_category)]


async def others(house: Talking, number: int) -> None:
    for person in range(number):
        await house.complain(who=f"p{person}")
        house.pass_time(timedelta(seconds=30))


async def test_of_ten_thousand_tries_a_day_three_are_taken_and_none_reads_the_notice_again() -> (
    None
):
    async with talking() as house:
        for _ in range(3):
            await house.complain()
        refused = Counter([await house.say("投诉") for _ in range(10_000)])

    assert len(house.box.taken) == 3
    assert refused == {TEXTS("complaints.limit.day", most="3"): 10_000}


@pytest.mark.parametrize("beside", [12, 23, 40])
async def test_however_much_one_account_complains_no_figure_moves_by_more_than_one_step(
    beside: int,
) -> None:
    """Even with the limits off: a person counts once a week."""
    async with talking(OPEN) as house:
        await others(house, beside)
        without = list(house.box.taken.values())
        for _ in range(300):
            await house.complain(who="flood")
        flooded = list(house.box.taken.values())

    assert len(flooded) == beside + 300
    for number in range(50):
        key = number.to_bytes(32, "big")
        before, after = values(figures(without, key)), values(figures(flooded, key))
        # The total stands first; the gate may hide it beside a single category.
        assert [each is None for each in before[1:]] == [each is None for each in after[1:]]
        for one, other in zip(before, after, strict=True):
            assert one is None or other is None or abs(other - one) <= ONE_STEP


async def test_without_the_flag_the_same_flood_would_show() -> None:
    """The negative control."""
    async with talking(OPEN) as house:
        await others(house, 12)
        without = len(house.box.taken)
        for _ in range(100):
            await house.complain(who="flood")

    naive = RawComplaints(
        met=True,
        complainants=Counter(complaint.category for complaint in house.box.taken.values()),
        waited=(),
        remedies=(),
        purged=0,
    )
    shown = values(publishable(naive, WEEK, "county", bytes(32), POLICY))
    assert max(value for value in shown if value is not None) > without + ONE_STEP
