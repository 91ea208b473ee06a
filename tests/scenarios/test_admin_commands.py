"""限额、备案、应急、无会周、预检、确认: what people type, what they read, what then holds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.domain.disputes import public_id
from bot.domain.groups import UnitCode
from bot.domain.issues import Issue
from bot.domain.periods import Week
from bot.domain.registers import Filing, MarkSort, Sort
from bot.domain.vocabulary import Kind, Tallied
from bot.renderings.json_document import encode_digest
from config.load import LOCALES
from handlers.commands.screen import MOST_BYTES, MOST_LINES
from handlers.ports import Office, Role
from storage.store import open_store
from tests.golden.weeks import busy
from tests.scenarios.admin_house import OURS, WEDNESDAY, AdminHouse
from tests.storage.entries import WEEK, demand, tag_of

ID = public_id(tag_of("a"))
NUMBER = "督备〔2026〕3号"
FILING = Filing(NUMBER, Sort.INSPECTION, "安全生产检查", date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture
async def house(sqlite_url, tmp_path):
    async with open_store(sqlite_url, tmp_path / "keys", lambda size: b"k" * size) as store:
        opened = await AdminHouse(store).open()
        await opened.grant("admin", {Role.GROUP_ADMIN: ["g-1"]})
        await opened.grant("office", {Role.OFFICE: ["*"]})
        await opened.grant("second", {Role.APPROVER: ["*"]})
        await opened.grant("town", {Role.OFFICE: ["u-2"]})
        await store.books.record([demand("a", kinds=(Kind.INSPECTION,))])
        yield opened


# --- 限额 ---


async def test_a_limit_is_changed_by_two_persons(house: AdminHouse) -> None:
    proposed = await house.say("/限额 打卡接龙 1", "office")
    assert "还没有生效" in proposed
    number = house.limits.proposals()[0].number

    assert "/限额 确认 编号" in await house.say("/限额", "second")
    refused = await house.say(f"/限额 确认 {number}", "office")
    assert "两个人" in refused
    assert [one.at_most for one in house.limits.today() if one.measure == "check_in"] == [2]

    assert "已由第二人确认" in await house.say(f"限额 确认 {number}", "second")
    assert [one.at_most for one in house.limits.today() if one.measure == "check_in"] == [1]
    change = house.limits.history("check_in.group.day")[-1]
    assert change.by
    assert change.confirmed_by
    assert change.by != change.confirmed_by


async def test_the_same_change_is_proposed_once(house: AdminHouse) -> None:
    await house.say("/限额 打卡接龙 1", "office")
    (waiting,) = house.limits.proposals()

    said = await house.say("/限额 check_in.group.day １次", "office")

    assert f"/限额 确认 {waiting.number}" in said
    assert "已经有人提出" in said
    assert house.limits.proposals() == (waiting,)
    await house.say("/限额 打卡接龙 取消", "office")
    assert len(house.limits.proposals()) == 2


async def test_a_proposal_is_taken_back(house: AdminHouse) -> None:
    await house.say("/limits check_in off", "office")
    number = house.limits.proposals()[0].number

    assert "已撤回" in await house.say(f"/限额 撤回 {number}", "office")
    assert house.limits.proposals() == ()


async def test_an_office_of_some_units_changes_what_holds_for_them_alone(
    house: AdminHouse,
) -> None:
    assert "会议（单位 u-2 每周）改为1" in await house.say("/限额 会议 1", "town")
    assert "不在您负责的范围" in await house.say("/限额 打卡接龙 1", "town")
    assert "不在您负责的范围" in await house.say("/限额 meeting.unit.week@u-1 1", "town")
    assert "不在您负责的范围" in await house.say("/限额 check_in.group.day@g-1 1", "town")
    assert "已提出" in await house.say("/限额 meeting.unit.week@u-2 0", "town")
    assert "已提出" in await house.say("/限额 check_in.group.day@g-2 1", "town")


async def test_a_limit_is_read_with_its_basis_and_an_unknown_one_is_said_so(
    house: AdminHouse,
) -> None:
    read = await house.say("/限额 打卡接龙")

    assert "依据：" in read
    assert "check_in.group.day" in read
    assert "没有这样的限额" in await house.say("/限额 天气")
    assert "没有这样的限额" in await house.say("/限额 天气 3", "office")
    assert "编号" in await house.say("/限额 确认 abc", "second")


async def test_what_an_office_decides_is_not_said_before_a_group(house: AdminHouse) -> None:
    for text in ("/限额 打卡接龙 1", "/无会周 下周", "/周报"):
        assert "私聊" in await house.say(text, "office", "g-1")
    assert house.limits.proposals() == ()
    assert list(house.registers.marks()) == []


# --- 备案 and 确认 ---


async def test_a_count_is_claimed_after_a_yes_of_the_same_person_and_counted_apart(
    house: AdminHouse,
) -> None:
    await house.registers.add([FILING], "OFFICE")

    asked = await house.say(f"/备案 {ID.lower()} 督备[2026]3号", "admin", "g-1")
    assert "发“/确认”才办" in asked
    assert await _counted(house) == 1
    assert "没有等您确认的事" in await house.say("/确认", "zhao", "g-1")
    assert "没有等您确认的事" in await house.say("/确认", "admin")  # another conversation

    assert "已认领" in await house.say("确认", "admin", "g-1")
    assert await _counted(house) == 0
    assert "没有等您确认的事" in await house.say("确认", "admin", "g-1")


async def test_who_lost_the_role_meanwhile_confirms_nothing(house: AdminHouse) -> None:
    await house.registers.add([FILING], "OFFICE")
    await house.say(f"/备案 {ID} {NUMBER}", "admin", "g-1")

    await house.revoke("admin", Role.GROUP_ADMIN, "g-1")

    assert "已认领" not in await house.say("/确认", "admin", "g-1")
    assert await _counted(house) == 1


async def test_a_yes_that_comes_too_late_does_nothing(house: AdminHouse) -> None:
    await house.registers.add([FILING], "OFFICE")
    await house.say(f"/备案 {ID} {NUMBER}", "admin", "g-1")

    house.clock.moment += timedelta(minutes=5)

    assert "已过5分钟" in await house.say("/确认", "admin", "g-1")
    assert await _counted(house) == 1


async def test_a_claim_of_another_group_s_count_finds_nothing(house: AdminHouse) -> None:
    await house.registers.add([FILING], "OFFICE")
    await house.grant("other", {Role.GROUP_ADMIN: ["g-2"]})

    assert "发“/确认”" not in await house.say(f"/备案 {ID} {NUMBER}", "other")
    assert "没有等您确认的事" in await house.say("/确认", "other")


async def test_filings_are_listed_to_everybody(house: AdminHouse) -> None:
    await house.registers.add([FILING], "OFFICE")

    assert f"{NUMBER} 督检考备案：安全生产检查" in await house.say("备案")
    assert "安全生产检查" in await house.say("/备案 督备[2026]3号")


# --- 应急 ---


async def test_an_admin_declares_for_the_group_and_ends_it(house: AdminHouse) -> None:
    said = await house.say("／应急 开始 县防指〔2026〕3号 Ⅲ级 12小时", "admin", "g-1")

    (window,) = house.registers.emergencies()
    assert (window.group, window.unit, window.basis) == ("g-1", "", "县防指〔2026〕3号")
    assert window.ends - window.starts == timedelta(hours=12)
    assert window.id in said
    assert window.id in await house.say("应急", "zhao", "g-1")
    assert window.id not in await house.say("应急", "zhao", "g-2")
    assert window.id not in await house.say("应急", "zhao")

    assert "已结束" in await house.say(f"/应急 结束 {window.id}", "admin", "g-1")
    assert list(house.registers.emergencies()) == []


@pytest.mark.parametrize(
    ("text", "who", "answer"),
    [
        ("/应急 开始 防汛", "zhao", "没有做这件事的权限"),
        ("/应急 开始 防汛 3天", "admin", "最长24小时"),
        ("/应急 开始 防汛 @g-2", "admin", "不在您负责的范围"),
        ("/应急 开始 防汛 全部", "admin", "不在您负责的范围"),
        ("/应急 开始 防汛 全部", "town", "不在您负责的范围"),
        ("/应急 开始 防汛 @u-9", "office", "没有这个代码"),
        ("/应急 开始 3小时", "admin", "依据"),
        ("/应急 开始", "admin", "依据"),
        ("/应急 开始 防汛", "office", "写明哪个群"),
        ("/应急 怎么办", "admin", "宣布"),
    ],
)
async def test_an_emergency_that_may_not_be_declared_says_why(
    house: AdminHouse, text: str, who: str, answer: str
) -> None:
    assert answer in await house.say(text, who)
    assert list(house.registers.emergencies()) == []


async def test_an_office_declares_for_its_units_and_an_admin_may_not_end_it(
    house: AdminHouse,
) -> None:
    await house.say("应急 开始 县防指3号 10天 全部", "office")
    await house.say("应急 开始 镇防指1号 3天 @u-2", "town")
    everywhere, unit = house.registers.emergencies()
    assert (everywhere.group, everywhere.unit, unit.unit) == ("", "", "u-2")

    for who in ("admin", "town"):
        assert "不在您负责" in await house.say(f"/应急 结束 {everywhere.id}", who)
    assert "已结束" in await house.say(f"/应急 结束 {unit.id}", "town")


# --- 无会周 ---


async def test_an_office_marks_a_week_and_takes_it_back(house: AdminHouse) -> None:
    said = await house.say("无会周 下周", "office")

    (mark,) = house.registers.marks()
    assert (mark.sort, mark.first) == (MarkSort.NO_MEETINGS, Week(2026, 43).monday)
    assert mark.id in said
    assert mark.id in await house.say("无会周", "zhao", "g-2")
    assert "已取消" in await house.say(f"/无会周 取消 {mark.id}", "office")
    assert list(house.registers.marks()) == []


async def test_days_without_notices_of_a_unit(house: AdminHouse) -> None:
    await house.say("/无会周 无通知日 2026-10-14 2026-12-31 周三 @u-2", "town")

    (mark,) = house.registers.marks()
    assert (mark.sort, mark.weekday, mark.unit) == (MarkSort.NO_NOTICES, 3, "u-2")
    assert mark.last == date(2026, 12, 31)
    assert mark.id in await house.say("无会周", "zhao", "g-2")
    assert mark.id not in await house.say("无会周", "zhao", "g-1")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/无会周 2026-W99", "标记："),
        ("/无会周 随便", "标记："),
        ("/无会周 下周", "不在您负责"),
        ("/无会周 下周 @u-1", "不在您负责"),
        ("/无会周 取消 XXXXXX", "没有这个编号"),
    ],
)
async def test_a_mark_that_cannot_be_says_why(house: AdminHouse, text: str, answer: str) -> None:
    assert answer in await house.say(text, "town")
    assert list(house.registers.marks()) == []


# --- 预检 ---

CANARY = "金丝雀村"
DRAFT = f"{CANARY}各组今天下午3点前把防火台账报上来，截图发群里，收到请回复"


async def test_a_draft_is_told_what_it_would_count_as_and_how_to_ask_for_less(
    house: AdminHouse,
) -> None:
    said = await house.say(f"预检 {DRAFT}", "admin")

    assert "截图上报" in said.splitlines()[1]
    assert "收到请回复 每个工作群每日至多2；这将是本群第1件" in said
    assert "- 不要截图、照片" in said
    assert CANARY not in said


async def test_only_a_group_s_admin_reads_where_the_group_stands(house: AdminHouse) -> None:
    assert "本群第" not in await house.say(f"预检 {DRAFT}", "zhao")
    assert "本群第" not in await house.say(f"预检 {DRAFT}", "office")


async def test_a_draft_without_a_burden_is_told_so(house: AdminHouse) -> None:
    assert "不算工作要求" in await house.say("/预检 明天有雨，大家路上注意安全")


async def test_a_draft_said_in_a_group_is_a_notice_and_is_judged(house: AdminHouse) -> None:
    assert "私聊" in await house.say(f"/预检 {DRAFT}", "admin", "g-1")
    assert not house.router.table.is_for_the_bot(
        house.router.table.parse(f"/预检 {DRAFT}", addressed=True)
    )


async def test_nothing_of_a_draft_is_kept(house: AdminHouse, tmp_path) -> None:
    before = await _counted(house)
    for who in ("admin", "zhao"):
        await house.say(f"/预检 {DRAFT}", who)

    assert await _counted(house) == before
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert CANARY.encode() not in path.read_bytes()


# --- 周报 ---


@pytest.fixture
async def published(house: AdminHouse) -> AdminHouse:
    """A digest of everybody's office and one of the town's, of another week."""
    for office, units, week in (("county", (), WEEK), ("town", ("u-2",), WEEK.shifted(-1))):
        await house.store.registry.put_office(
            Office(office, office, tuple(UnitCode(unit) for unit in units), ())
        )
        await house.store.shelf.put(Issue(week, office), encode_digest(busy()), WEDNESDAY)
    return house


async def test_an_office_reads_the_first_screen_of_its_latest_digest(
    published: AdminHouse,
) -> None:
    said = await published.say("周报", "office")

    assert "2026-W42" in said.splitlines()[0]
    assert "没有列出" in said
    assert said.count("\n") < MOST_LINES
    assert "2026-W42" in (await published.say("/周报 2026-w42", "office")).splitlines()[0]


async def test_an_office_of_some_units_reads_its_own_digest_alone(published: AdminHouse) -> None:
    assert "2026-W41" in (await published.say("/周报", "town")).splitlines()[0]
    assert "没有这一周的周报" in await published.say("/周报 2026-W42", "town")
    await published.grant("elsewhere", {Role.OFFICE: ["u-1"]})
    assert "不在您负责" in await published.say("/周报", "elsewhere")


@pytest.mark.parametrize(
    ("typed", "issued", "answer"),
    [
        ("/周报 2026-W42 放行", "release 2026-W42 county", "已放行"),
        ("/周报 放行", "release 2026-W42 county", "已放行"),
        ("/digest release 2026-w42", "release 2026-W42 county", "已放行"),
        ("/周报 2026-W42 更正", "correct 2026-W42 county", "2026-W42-r2"),
    ],
)
async def test_an_office_lets_its_digest_go_or_has_it_corrected(
    published: AdminHouse, typed: str, issued: str, answer: str
) -> None:
    assert answer in await published.say(typed, "office")
    assert published.issued == [issued]


async def test_who_may_only_read_issues_nothing(published: AdminHouse) -> None:
    await published.grant("auditor", {Role.AUDITOR: ["*"]})

    for typed in ("/周报 2026-W42 放行", "/周报 2026-W42 更正"):
        await published.say(typed, "auditor")
        await published.say(typed, "office", "g-1")
        await published.say(typed, "zhao")

    assert published.issued == []


async def test_many_proposals_leave_the_list_on_one_screen(house: AdminHouse) -> None:
    for _ in range(30):
        await house.say("/限额 打卡接龙 1", "office")

    assert (await house.say("/限额", "office")).count("\n") < MOST_LINES


# --- every answer ---


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("who", ["zhao", "admin", "office", "second", "town"])
async def test_every_list_fits_one_screen(house: AdminHouse, locale: str, who: str) -> None:
    many = [
        Filing(f"督备〔2026〕{n}号", Sort.MATTER, "某" * 60, date(2026, 10, 1), date(2026, 12, 31))
        for n in range(1, 60)
    ]
    await house.registers.add(many, "OFFICE")
    english = await AdminHouse(house.store, locale).open()
    for text in ("/help", "/limits", "/register", "/emergency", "/calendar", f"/precheck {DRAFT}"):
        for group in ("", "g-1"):
            said = await english.say(text, who, group)
            assert said.count("\n") < MOST_LINES, said
            assert len(said.encode()) <= MOST_BYTES


async def test_help_differs_by_role(house: AdminHouse) -> None:
    member, admin = await house.say("帮助", "zhao"), await house.say("帮助", "admin")
    office = await house.say("帮助", "office")

    assert "误报" not in member
    assert "周报**" not in member
    assert "误报" in admin
    assert "**/周报**" not in admin
    assert "**/周报**" in office


async def _counted(house: AdminHouse) -> int:
    table = await house.store.books.standing(OURS.code, WEEK)
    assert Week.of(WEDNESDAY, OURS.zone) == WEEK
    return sum(n for cell, n in table if cell.measure is Tallied.EPISODES)


async def test_a_draft_is_told_that_it_is_too_much_by_its_size(house: AdminHouse) -> None:
    said = await house.say("/预检 请各村书记周五上午9点到镇里开会,会期两天", "admin")

    assert "会期超过半天" in said
    assert "不超过4000字" in await house.say("/预检 " + "请各村报表。" * 700, "admin")


# --- 打错、少打 ---


async def test_numbers_are_taken_in_chinese_and_what_is_none_is_not_passed_over(
    house: AdminHouse,
) -> None:
    assert "改为3" in await house.say("/限额 打卡接龙 三次", "office")

    for typed in ("/限额 打卡接龙 三百", "/限额 打卡接龙 少一点"):
        said = await house.say(typed, "office")
        assert "没有看懂" in said
        assert "依据：" not in said
    assert "依据：" in await house.say("/限额 打卡接龙 日", "office")


async def test_an_emergency_lasts_as_long_as_it_is_written_in_chinese(house: AdminHouse) -> None:
    await house.say("/应急 开始 县防指〔2026〕3号 十二小时", "admin", "g-1")

    (window,) = house.registers.emergencies()
    assert window.basis == "县防指〔2026〕3号"
    assert window.ends - window.starts == timedelta(hours=12)


async def test_an_emergency_is_told_by_the_groups_name_without_gaps(house: AdminHouse) -> None:
    said = await house.say("/应急 开始 县防指〔2026〕3号", "admin", "g-1")

    assert f"{OURS.alias}：县防指〔2026〕3号，至" in said


async def test_a_second_emergency_of_the_same_place_names_the_first(house: AdminHouse) -> None:
    await house.say("/应急 开始 县防指〔2026〕3号", "admin", "g-1")
    (first,) = house.registers.emergencies()
    house.clock.moment += timedelta(minutes=1)

    said = await house.say("/应急 开始 县防指〔2026〕4号", "admin", "g-1")

    assert f"还在执行：{first.id}" in said


async def test_ending_without_an_id_shows_which_there_are(house: AdminHouse) -> None:
    await house.say("/应急 开始 县防指〔2026〕3号", "admin", "g-1")
    (window,) = house.registers.emergencies()

    assert window.id in await house.say("/应急 结束", "admin", "g-1")
    assert "没有做这件事的权限" in await house.say("/应急 结束", "nobody", "g-1")


async def test_a_dispute_without_an_id_says_which_counts_there_are(house: AdminHouse) -> None:
    for typed in ("/误报", "/误报 2026-w42"):
        assert "可以提异议的计数 1 条" in await house.say(typed, "admin", "g-1")
    assert "没有可以提异议的计数" in await house.say("/误报 2026-W41", "admin", "g-1")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("10月26日至10月30日", "无会 2026-10-26 至 2026-10-30"),
        ("十月二十六日", "无会 2026-10-26 至 2026-10-26"),
        ("无通知日 周五", "无通知 2026-10-14 至 2026-12-31，每周五"),
    ],
)
async def test_days_are_marked_as_people_write_them(
    house: AdminHouse, typed: str, told: str
) -> None:
    assert told in await house.say(f"/无会周 {typed}", "office")


async def test_before_the_first_digest_is_issued_that_is_said(house: AdminHouse) -> None:
    await house.store.registry.put_office(Office("county", "county", (), ()))

    assert "还没有发布过周报" in await house.say("/周报", "office")


async def test_a_filing_that_there_is_not_is_said_to_be_none(house: AdminHouse) -> None:
    assert "没有这个编号的备案" in await house.say("/备案 督备3号", "admin")
    assert "看一条备案" in await house.say("/备案 安全", "admin")
