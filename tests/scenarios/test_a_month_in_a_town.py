"""A month in the life of a town: limits, a flood, inspections, a week without meetings, a dispute.

Every message that the bot sent stands in the golden file; `make golden` writes it anew.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.domain.authors import Person
from bot.domain.disputes import DisputeState, Moved
from bot.domain.groups import GroupCode, LineCode
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.registers import Filing, MarkSort, Sort
from bot.domain.tallies import Counted
from bot.domain.vocabulary import Kind, Measure, Tallied
from handlers.ports import Role
from tests.scenarios.town import CIVIL, CORP, ROLL_CALLS, SAFETY, TOWN, Town, a_town
from tests.scenarios.week_end_house import SHANGHAI, at

GOLDEN = Path(__file__).parents[1] / "golden" / "town" / "november.txt"
APPROVED = "督备〔2026〕3号"
SECOND = Person("wecom", CORP, Opaque("county-approver"))


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path, "2026-11-02 08:00") as made:
        yield made


async def counted(town: Town, week: Week, group: GroupCode) -> Counter[Counted]:
    """What a group's week adds up to, open or closed."""
    ledger = town.counting.store.ledger
    closed = await ledger.closed(week)
    table = await (ledger.tallies(week) if closed else ledger.running(week))
    sums: Counter[Counted] = Counter()
    for cell, n in table:
        if cell.group == group:
            sums[cell.measure] += n
    return sums


async def a_week_of_limits(town: Town) -> None:
    """A photo asked for at night, and one roll call too many; a dispute about it."""
    await town.say("2026-11-03 21:10", SAFETY, "@所有人 各村明天下午把巡查照片发群里")
    for place, text in enumerate(ROLL_CALLS):
        await town.say(f"2026-11-04 {9 + place:02}:20", CIVIL, text)
    this = Week(2026, 45)
    (latest,) = await town.counting.store.disputes.latest(CIVIL, this, 1)
    assert (
        await town.counting.disputes.move(latest, DisputeState.OPEN, "group_admin") is Moved.DONE
    )
    before = (await counted(town, this, CIVIL))[Measure.CHECK_IN]
    assert await town.counting.disputes.move(latest, DisputeState.UPHELD, "office") is Moved.DONE
    assert (await counted(town, this, CIVIL))[Measure.CHECK_IN] == before - 1


async def a_flood(town: Town) -> None:
    """Declared, expired by itself; what comes after it counts again."""
    await town.go_to("2026-11-10 18:30")
    opened = await town.counting.registers.open_emergency(
        "县防指〔2026〕7号", "Ⅲ级", "office-1", unit=TOWN, lasts_for=timedelta(hours=12)
    )
    await town.say("2026-11-10 21:00", SAFETY, "@所有人 各村每小时在群里报一次水位")
    await town.say("2026-11-11 05:30", SAFETY, "@所有人 各村6点半前把值守照片发群里")
    await town.go_to("2026-11-11 08:00")
    assert list(town.counting.registers.emergencies()) == []
    assert opened.over_at == at("2026-11-11 06:30")
    await town.say("2026-11-11 20:10", SAFETY, "@所有人 各村明天上班前把防汛宣传照片发群里")


async def two_inspections(town: Town) -> None:
    """One approved, entered by two persons and quoted by its number; one unapproved that calls
    itself a visit."""
    await town.counting.store.registry.grant(
        "wecom", CORP, SECOND.id, Role.APPROVER, "*", date(2026, 11, 2)
    )
    await town.go_to("2026-11-16 17:00")
    approved = Filing(
        APPROVED, Sort.INSPECTION, "安全生产督查", date(2026, 11, 1), date(2026, 11, 30), unit=TOWN,
        line=LineCode("anjian"), kinds=(Kind.INSPECTION,), words=("安全生产",), quota=1,
    )  # fmt: skip
    proposal = await town.counting.filings.enter(
        approved, Person("wecom", CORP, Opaque(f"admin-{SAFETY}"))
    )
    assert proposal is not None
    await town.go_to("2026-11-17 09:00")
    await town.counting.filings.confirm(proposal.number, SECOND)
    await town.say(
        "2026-11-17 10:00",
        SAFETY,
        f"县督查组周四到我镇检查安全生产，请各村准备好现场（{APPROVED}）",
    )
    await town.say(
        "2026-11-18 10:00",
        CIVIL,
        "县局领导周五来我镇调研养老服务，对照清单打分，请各村做好迎检准备",
    )


async def a_week_without_meetings(town: Town) -> None:
    """Marked by the office and broken; then two trainings for the same people on one day."""
    await town.go_to("2026-11-20 09:00")
    await town.counting.registers.mark(
        MarkSort.NO_MEETINGS, date(2026, 11, 23), date(2026, 11, 29), "office-1", unit=TOWN
    )
    await town.say(
        "2026-11-24 10:00", CIVIL, "请各村书记周五上午9点到镇三楼会议室参加工作推进会，不得请假"
    )
    await town.go_to("2026-11-30 09:00")
    await town.say(
        "2026-11-30 10:00", SAFETY, "请各村网格员周四下午2点半到镇政府参加消防培训，全员参加"
    )
    await town.say(
        "2026-11-30 11:00", CIVIL, "请各村网格员周四下午3点到镇政府参加反诈培训，全员参加"
    )
    await town.go_to("2026-12-01 18:00")


async def test_a_month_in_the_life_of_a_town(town: Town) -> None:
    await a_week_of_limits(town)
    await a_flood(town)
    await two_inspections(town)
    await a_week_without_meetings(town)

    flood = await counted(town, Week(2026, 46), SAFETY)
    assert flood[Tallied.DECLARED] == flood[Tallied.EXEMPT] == 2
    assert flood[Measure.OFF_HOURS] == 1
    approved = await counted(town, Week(2026, 47), SAFETY)
    unapproved = await counted(town, Week(2026, 47), CIVIL)
    assert (approved[Tallied.REGISTERED], approved[Measure.INSPECTION]) == (1, 0)
    assert (unapproved[Tallied.UNLISTED], unapproved[Measure.INSPECTION]) == (1, 1)
    said = "\n".join(town.told)
    if os.environ.get("GOLDEN") == "rewrite":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(said, "utf-8")
    assert keeps_its_budget_and_hours(town)
    assert said == GOLDEN.read_text("utf-8")


def keeps_its_budget_and_hours(town: Town) -> bool:
    """Whether all was said in working time, and to no group more than twice a day."""
    a_day: Counter[tuple[str, date]] = Counter()
    calendar, hours = town.counting.calendar, town.counting.nowhere.hours
    for parcel, moment in town.heard:
        local = moment.astimezone(SHANGHAI)
        if calendar.next_working_moment(local, hours) != local:
            return False
        if parcel.destination.is_group:
            a_day[parcel.destination.id.reveal(), local.date()] += 1
    return 0 < max(a_day.values(), default=0) <= 2
