"""/登记: what an admin, an office and a second person type, what they are told, what then counts."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

import pytest

from bot.domain.actors import actor_code
from bot.domain.disputes import public_id
from bot.domain.private import Opaque
from bot.domain.registers import ROUND_THE_CLOCK, Filing, Sort
from bot.domain.vocabulary import Kind
from handlers.commands.screen import MOST_LINES
from handlers.keep_filings import MOST_WAITING, WAITS_FOR
from handlers.ports import DeliveryState, Role
from storage.store import open_store
from tests.scenarios.admin_house import OURS, THEIRS, WEDNESDAY, AdminHouse
from tests.storage.entries import WEEK, demand, tag_of

NUMBER = "督备〔2026〕3号"
TYPED = "/登记 督备〔2026〕3号 安全生产检查 10月12日 10月30日 2次"


@pytest.fixture
async def house(sqlite_url, tmp_path):
    numbers = count(1)  # each key another one
    async with open_store(
        sqlite_url, tmp_path / "keys", lambda size: next(numbers).to_bytes(size, "big")
    ) as store:
        opened = await AdminHouse(store).open()
        await opened.grant("admin", {Role.GROUP_ADMIN: ["g-1"]})
        await opened.grant("colleague", {Role.GROUP_ADMIN: ["g-1"]})
        await opened.grant("office", {Role.OFFICE: ["*"]})
        await opened.grant("second", {Role.APPROVER: ["*"]})
        await opened.grant("town", {Role.OFFICE: ["u-2"]})
        yield opened


def entries(house: AdminHouse) -> list[Filing]:
    return [one for one in house.registers.view.entries if not one.retired]


async def told(house: AdminHouse) -> dict[str, str]:
    """What waits in the outbox, by whom it is for."""
    await house.seconds()
    pending = await house.store.outbox.listed([DeliveryState.PENDING])
    return {one.parcel.destination.id.reveal(): one.parcel.markdown for one in pending}


# --- two persons ---


async def test_an_admin_proposes_for_the_unit_and_somebody_else_confirms(
    house: AdminHouse,
) -> None:
    said = await house.say(TYPED, "admin")

    assert (
        "督检考备案 督备〔2026〕3号：安全生产检查，2026-10-12 至 2026-10-30，@u-1，限2次" in said
    )
    assert "还没有生效" in said
    assert entries(house) == []
    assert "没有做这件事的权限" in await house.say("/登记 确认 1", "admin")
    assert "不在您负责" in await house.say("/登记 确认 1", "town")

    assert "已由第二人确认" in await house.say("登记 确认 1", "second")
    (entry,) = entries(house)
    assert (entry.number, entry.sort, entry.unit, entry.quota) == (
        NUMBER,
        Sort.INSPECTION,
        "u-1",
        2,
    )
    assert "没有这条待确认" in await house.say("/登记 确认 1", "office")


async def test_who_proposed_does_not_confirm_in_whatever_role(house: AdminHouse) -> None:
    await house.say(TYPED, "office")
    await house.grant("office", {Role.APPROVER: ["*"]})

    assert "提出的人不能自己确认" in await house.say("/登记 确认 1", "office")
    house.clock.moment += timedelta(days=10)  # another week, another key
    assert "提出的人不能自己确认" in await house.say("/登记 确认 1", "office")
    assert entries(house) == []
    assert "已由第二人确认" in await house.say("/登记 确认 1", "second")


async def test_a_proposal_that_nobody_confirms_ends_by_itself(house: AdminHouse) -> None:
    await house.say(TYPED, "office")

    house.clock.moment += WAITS_FOR

    assert "没有这条待确认" in await house.say("/登记 确认 1", "second")
    assert "没有。" in await house.say("/登记", "second")
    assert "已提出" in await house.say(TYPED, "office")


async def test_a_proposal_is_taken_back_and_typed_anew(house: AdminHouse) -> None:
    await house.say(TYPED, "admin")
    assert "正待第二人确认" in await house.say(TYPED, "admin")

    assert "已撤回" in await house.say("/登记 撤回 1", "admin")

    assert "已提出" in await house.say(TYPED, "admin")
    assert "不在您负责" in await house.say("/登记 撤回 2", "town")


async def test_nobody_floods_the_second_person(house: AdminHouse) -> None:
    for number in range(MOST_WAITING):
        assert "已提出" in await house.say(f"/登记 督备{number}号 防火检查", "admin")

    assert "等第二人确认" in await house.say("/登记 督备99号 防火检查", "admin")
    assert "已提出" in await house.say("/登记 督备99号 防火检查", "colleague")
    assert "已撤回" in await house.say("/登记 撤回 1", "admin")
    assert "已提出" in await house.say("/登记 督备100号 防火检查", "admin")
    assert (await house.say("/登记", "second")).count("\n") < MOST_LINES


async def test_without_its_week_s_key_nobody_is_taken_for_somebody_else(house: AdminHouse) -> None:
    await house.say(TYPED, "office")
    house.store.keyring.destroy(WEEK.shifted(4))

    assert "周密钥已经不在" in await house.say("/登记 确认 1", "second")
    assert entries(house) == []


async def test_nobody_s_id_nor_an_unkeyed_code_of_it_rests_with_an_entry(
    house: AdminHouse, tmp_path
) -> None:
    await house.say(TYPED, "admin")
    await house.say("/登记 确认 1", "second")

    (entry,) = entries(house)
    first, second = entry.authors
    assert first != second
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for who in ("admin", "second"):
        assert actor_code("wecom", "ww1", Opaque(who)).encode() not in written
    assert first.name.encode() in written
    await house.say("/登记 督备〔2026〕4号 消防检查", "admin")
    (proposal,) = house.filings.proposals()
    assert proposal.filing.authors == (first,)  # the same person in the same week


# --- the second person is told ---


async def test_whoever_may_confirm_is_told_in_private_with_the_command(house: AdminHouse) -> None:
    said = await house.say(TYPED, "office")

    found = await told(house)

    assert "已安排私聊告知 1 人" in said
    assert set(found) == {"second"}  # not who proposed it, nor the office of another unit
    assert "“/登记 确认 1”" in found["second"]
    assert "安全生产检查" in found["second"]
    assert await house.seconds() == 0


async def test_a_change_of_a_limit_is_told_to_the_second_person_too(house: AdminHouse) -> None:
    said = await house.say("/限额 meeting.unit.week@u-2 1", "town")

    found = await told(house)

    assert "已安排私聊告知 2 人" in said
    assert set(found) == {"office", "second"}
    assert "“/限额 确认 " in found["second"]


async def test_that_nobody_could_confirm_is_said_at_once(house: AdminHouse) -> None:
    await house.revoke("second", Role.APPROVER, "*")

    assert "请运维人员" in await house.say(TYPED, "office")
    assert await told(house) == {}


async def test_it_is_told_in_working_time(house: AdminHouse) -> None:
    house.clock.moment += timedelta(hours=12)  # 23:00
    await house.say(TYPED, "office")
    await house.seconds()

    (parcel,) = await house.store.outbox.listed([DeliveryState.PENDING])

    assert parcel.not_before == WEDNESDAY + timedelta(hours=21, minutes=30)  # 8:30 next day


# --- what is entered ---


async def test_what_only_flags_is_entered_at_once_and_taken_back(house: AdminHouse) -> None:
    assert "已登记" in await house.say("/登记 应用 APP-12 浙政钉", "office")
    (entry,) = entries(house)
    assert (entry.sort, entry.starts, entry.ends) == (
        Sort.APP,
        date(2026, 10, 14),
        date(2026, 12, 31),
    )

    assert "已停用" in await house.say("/登记 停用 APP-12", "office")
    assert entries(house) == []
    assert "已登记" in await house.say("/登记 恢复 app-12", "office")
    assert len(entries(house)) == 1


async def test_a_retired_approval_takes_a_yes_and_to_restore_it_another_person(
    house: AdminHouse,
) -> None:
    await house.say(TYPED, "admin")
    await house.say("/登记 确认 1", "second")

    assert "5分钟内发“/确认”" in await house.say("/登记 停用 督备[2026]3号", "admin")
    assert len(entries(house)) == 1
    assert "已停用" in await house.say("/确认", "admin")
    assert entries(house) == []

    assert "还没有生效" in await house.say("/登记 恢复 督备[2026]3号", "admin")
    assert entries(house) == []
    await house.say("/登记 确认 2", "second")
    assert len(entries(house)) == 1


async def test_a_group_on_duty_has_no_off_hours_until_it_ends(house: AdminHouse) -> None:
    said = await house.say("/登记 值班群 防指值班1号 防汛值班 10月14日 10月20日", "admin")
    assert "值班群 防指值班1号：防汛值班" in said
    view = house.registers.view
    assert view.at_work(OURS, WEDNESDAY) is OURS

    await house.say("/登记 确认 1", "second")

    view = house.registers.view
    assert view.at_work(OURS, WEDNESDAY).hours == ROUND_THE_CLOCK
    assert view.at_work(OURS, WEDNESDAY + timedelta(days=7)) is OURS
    assert view.at_work(THEIRS, WEDNESDAY) is THEIRS


async def test_a_line_has_one_comprehensive_inspection_and_one_system_meeting_a_year(
    house: AdminHouse,
) -> None:
    for sort, first, second in (
        ("年度综合督查", "综督1号", "综督2号"),
        ("年度系统会议", "系会1号", "系会2号"),
    ):
        assert "要写明是哪个条线" in await house.say(f"/登记 {sort} {first} 年度工作", "office")
        await house.say(f"/登记 {sort} {first} 年度工作 条线:应急", "office")
        number = house.filings.proposals()[-1].number
        await house.say(f"/登记 确认 {number}", "second")

        refused = await house.say(f"/登记 {sort} {second} 再来一次 条线:应急", "office")

        assert first in refused
        assert "每年至多1次" in refused
        assert "已提出" in await house.say(f"/登记 {sort} {second} 别的条线 条线:民政", "office")
        next_year = f"/登记 {sort} {sort[:4]}9号 来年 条线:应急 2027-03-01 2027-03-05"
        assert "已提出" in await house.say(next_year, "office")


# --- typos, defaults, refusals ---


@pytest.mark.parametrize(
    ("text", "who", "said"),
    [
        ("/登记 督备3号", "admin", "请写编号和事项"),
        ("/登记 督查考备案 督备3号 防火检查", "admin", "类别“督检考备案”写错了"),
        ("/登记 防火 检查", "admin", "编号里要有数字"),
        ("/登记 督备3号 防火检查 13月1日", "admin", "日期写"),
        ("/登记 督备3号 防火检查 10月30日 10月1日", "admin", "截止日期早于开始日期"),
        ("/登记 督备3号 防火检查 @u-2", "admin", "不在您负责的范围"),
        ("/登记 督备3号 防火检查 @全部", "admin", "不在您负责的范围"),
        ("/登记 督备3号 防火检查 @u-9", "office", "没有这个代码"),
        ("/登记 值班群 值1号 值班 @g-2", "admin", "不在您负责的范围"),
        ("/登记 值班群 值1号 值班", "office", "哪个已登记的工作群"),
        ("/登记 确认", "second", "请写待确认的编号"),
        ("/登记 确认 99", "second", "没有这条待确认"),
        ("/登记 停用 督备9号", "office", "没有这个编号"),
        ("/登记 恢复 督备9号", "office", "没有这个编号"),
        ("/登计 督备3号 防火检查", "admin", "/登记"),
        ("/entre", "admin", "/enter"),
    ],
)
async def test_what_cannot_be_entered_says_why(
    house: AdminHouse, text: str, who: str, said: str
) -> None:
    assert said in await house.say(text, who)
    assert entries(house) == []
    assert house.filings.proposals() == []


@pytest.mark.parametrize(
    "text",
    [
        "／登记　督备〔2026〕3号　安全生产检查",
        "、登记 督备〔2026〕3号 安全生产检查",
        "登记 新增 督备〔2026〕3号 安全生产检查",
        "/enter add 督备〔2026〕3号 安全生产检查",
        "/登记督备〔2026〕3号 安全生产检查",
        "/ENTER inspection 督备〔2026〕3号 安全生产检查",
    ],
)
async def test_however_it_is_typed(house: AdminHouse, text: str) -> None:
    await house.say(text, "admin")

    (proposal,) = house.filings.proposals()
    assert (proposal.filing.title, proposal.filing.unit) == ("安全生产检查", "u-1")


async def test_it_is_said_in_private_alone(house: AdminHouse) -> None:
    assert "私聊" in await house.say(TYPED, "admin", "g-1")
    assert house.filings.proposals() == []


async def test_an_english_house_answers_in_english(house: AdminHouse) -> None:
    english = await AdminHouse(house.store, "en").open()

    said = await english.say("/enter A-2026-3 safety inspection 2026-10-31 2x", "admin")

    assert "approved inspection A-2026-3: safety inspection, 2026-10-14 to 2026-10-31" in said
    assert "/enter confirm 1" in said


# --- a claim takes two ---


async def test_who_entered_a_filing_does_not_claim_by_it(house: AdminHouse) -> None:
    await house.store.books.record([demand("a", kinds=(Kind.INSPECTION,))])
    await house.say(TYPED, "admin")
    await house.say("/登记 确认 1", "second")
    claim = f"/备案 {public_id(tag_of('a'))} {NUMBER}"

    assert "登记这条备案的人不能自己认领" in await house.say(claim, "admin")
    assert "发“/确认”才办" in await house.say(claim, "colleague")


async def test_a_running_mark_is_lifted_by_somebody_else(house: AdminHouse) -> None:
    await house.say("/无会周 本周", "office")
    (mark,) = house.registers.marks()

    assert "请另一个人取消" in await house.say(f"/无会周 取消 {mark.id}", "office")
    await house.grant("other", {Role.OFFICE: ["*"]})
    assert "已取消" in await house.say(f"/无会周 取消 {mark.id}", "other")
