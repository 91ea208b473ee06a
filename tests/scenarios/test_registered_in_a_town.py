"""What is registered of a town's groups and units, as counting and the office feel it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from importlib.resources import as_file
from pathlib import Path

import pytest

from bot.domain.authors import Person
from bot.domain.departments import Unit
from bot.domain.judging import Judge
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.registers import Filing, Sort
from bot.domain.tallies import Counted
from bot.domain.vocabulary import Measure, Tallied
from config.calendar import load_calendar
from config.load import packaged
from config.rulebook import load_rulebook
from handlers.explain_text import ExplainText
from handlers.ports import Role
from tests.scenarios.town import CIVIL, CORP, SAFETY, TOWN, Town, a_town
from tests.scenarios.week_end_house import at, profile

AT_NIGHT = "@所有人 各村今晚把巡查照片发群里"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path, "2026-11-02 08:00") as made:
        yield made


async def off_hours(town: Town, group: str) -> int:
    table = await town.counting.store.books.standing(group, Week(2026, 45))
    return sum(n for cell, n in table if cell.measure is Measure.OFF_HOURS)


async def test_a_group_on_duty_is_not_off_hours_while_it_is_registered(town: Town) -> None:
    first, last = date(2026, 11, 3), date(2026, 11, 4)
    on_duty = Filing("值〔2026〕1号", Sort.ON_DUTY, "防汛值班", first, last, group=SAFETY)
    await town.counting.registers.add([on_duty], "operator")

    await town.say("2026-11-03 21:10", SAFETY, AT_NIGHT)
    await town.say("2026-11-03 21:15", CIVIL, AT_NIGHT)
    assert await off_hours(town, SAFETY) == 0
    assert await off_hours(town, CIVIL) == 1

    await town.say("2026-11-05 21:10", SAFETY, AT_NIGHT)
    assert await off_hours(town, SAFETY) == 1


@pytest.mark.parametrize(("level", "is_told"), [("village", True), ("township", False)])
async def test_the_office_hears_of_more_groups_than_the_unit_s_scale_allows(
    town: Town, level: str, is_told: bool
) -> None:
    await town.counting.store.registry.put_units([Unit(TOWN, "清溪", (), 8, level)])

    await town.go_to("2026-11-03 10:00")

    assert any("现有工作群2个，限额1个" in said for said in town.told) is is_told


AT_HAND = "@所有人 河堤决口,启动防汛三级响应,各村每小时在群里报一次转移人数"


async def apart(town: Town, group: str) -> Counter[Counted]:
    table = await town.counting.store.books.standing(group, Week(2026, 45))
    return Counter({cell.measure: n for cell, n in table})


async def test_what_only_the_text_shows_is_apart_but_not_declared(town: Town) -> None:
    await town.say("2026-11-03 21:10", SAFETY, AT_HAND)
    await town.say("2026-11-03 21:20", CIVIL, "@所有人 紧急!各村今晚把巡查照片发群里")

    shown, claimed = await apart(town, SAFETY), await apart(town, CIVIL)

    assert (shown[Tallied.EXEMPT], shown[Tallied.DECLARED], shown[Measure.OFF_HOURS]) == (1, 0, 0)
    assert (claimed[Tallied.EXEMPT], claimed[Tallied.CLAIMED_URGENT]) == (0, 1)
    assert claimed[Measure.OFF_HOURS] == 1


async def test_in_a_window_that_somebody_opened_it_is_declared(town: Town) -> None:
    await town.go_to("2026-11-03 21:00")
    await town.counting.registers.open_emergency("县防指7号", "Ⅲ级", "office", unit=TOWN)

    await town.say("2026-11-03 21:10", SAFETY, AT_HAND)

    found = await apart(town, SAFETY)
    assert (found[Tallied.EXEMPT], found[Tallied.DECLARED]) == (1, 1)


@pytest.mark.parametrize("status", ["stable", "retired"])
def test_an_office_may_want_only_what_was_declared_to_be_apart(
    tmp_path: Path, status: str
) -> None:
    rules = tmp_path / "rules"
    with as_file(packaged("rules")) as shipped:
        shutil.copytree(shipped, rules)
    file = rules / "emergency.toml"
    written = file.read_text("utf-8")
    rule = '[[rule]]\nid = "emergency.at_hand"\nstatus = "stable"'
    assert rule in written
    file.write_text(written.replace(rule, rule.replace("stable", status)), "utf-8")
    judge = Judge(load_rulebook(rules), load_calendar())

    found = ExplainText(judge)(AT_HAND, at("2026-11-03 21:10"), profile("g-1", "u-1"))

    assert (found.exempt is None) is (status == "retired")


async def test_the_second_person_hears_of_a_proposal_in_working_time_once(town: Town) -> None:
    counting = town.counting
    for who in ("approver", "chief-of-office"):
        await counting.store.registry.grant(
            "wecom", CORP, Opaque(who), Role.APPROVER, "*", date(2026, 11, 2)
        )
    await town.go_to("2026-11-03 21:00")
    entry = Filing(
        "督备9号", Sort.INSPECTION, "防火检查", date(2026, 11, 1), date(2026, 11, 30), unit=TOWN
    )
    await counting.filings.enter(entry, Person("wecom", CORP, Opaque("approver")))

    await town.go_to("2026-11-05 10:00")

    told = [one for one in town.told if "登记 确认" in one]
    assert [one.splitlines()[0] for one in told] == ["11-04 09:00 私聊 chief-of-office"]
    assert "督检考备案 督备9号：防火检查" in told[0]


async def test_the_digest_tells_what_was_registered_of_the_week_that_begins(town: Town) -> None:
    days = date(2026, 11, 10), date(2026, 11, 11)
    known = Filing("督备〔2026〕31号", Sort.INSPECTION, "森林防火检查", *days, unit=TOWN)
    await town.counting.registers.add([known], "operator")

    await town.go_to("2026-11-09 09:00")
    later = Filing("督备〔2026〕32号", Sort.INSPECTION, "消防检查", *days, unit=TOWN)
    await town.counting.registers.add([later], "operator")

    (office,) = town.counting.publish.offices()
    kept = await town.counting.publish.stored(Week(2026, 45), office.code)
    assert kept is not None
    assert "森林防火检查" in kept.decode()
    assert "消防检查" not in kept.decode()
