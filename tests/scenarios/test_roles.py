"""Every role and every command: what is not granted is denied, and nothing typed breaks anything."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.commands import CommandCall
from bot.domain.messages import Reply
from bot.domain.private import Opaque
from bot.domain.registers import TAKES_TWO, Sort
from bot.domain.vocabulary import Kind
from bot.routes import COMMANDS
from config.load import load_texts
from handlers.commands.asked import Asked
from handlers.commands.permissions import MAY
from handlers.commands.screen import MOST_BYTES
from handlers.ports import Role
from storage.memory import memory_store
from tests.scenarios.admin_house import AdminHouse
from tests.scenarios.test_commands_answer import asked
from tests.storage.entries import demand

TEXTS = load_texts("zh-CN")
DENIED = TEXTS("admin.denied.role")
EVERYBODY = frozenset(Role)
OFFICE, ADMIN = frozenset({Role.OFFICE}), frozenset({Role.GROUP_ADMIN})

SCOPES = {Role.GROUP_ADMIN: ["g-1"]}

# Who may, written down a second time on purpose: a change of the table must be meant.
CALLS: dict[str, frozenset[Role]] = {
    "/状态": EVERYBODY,
    "/解释 各村报表": EVERYBODY,
    "/预检 各村报表": EVERYBODY,
    "/限额": EVERYBODY,
    "/限额 打卡接龙": EVERYBODY,
    "/限额 打卡接龙 1": OFFICE,
    "/限额 打卡接龙 off": OFFICE,
    "/限额 确认 1": OFFICE | {Role.APPROVER},
    "/限额 撤回 1": OFFICE | {Role.APPROVER},
    "/备案": EVERYBODY,
    "/备案 ABCDEF 督备3号": ADMIN,
    "/登记": ADMIN | OFFICE | {Role.APPROVER},
    "/登记 督备3号 防火检查 @g-1": ADMIN | OFFICE,
    "/登记 停用 督备3号": ADMIN | OFFICE,
    "/登记 恢复 督备3号": ADMIN | OFFICE,
    "/登记 确认 1": OFFICE | {Role.APPROVER},
    "/登记 撤回 1": ADMIN | OFFICE | {Role.APPROVER},
    "/应急": EVERYBODY,
    "/应急 开始 防汛": ADMIN | OFFICE,
    "/应急 结束 ABCDEF": ADMIN | OFFICE,
    "/无会周": EVERYBODY,
    "/无会周 下周": OFFICE,
    "/无会周 取消 ABCDEF": OFFICE,
    "/误报": ADMIN | OFFICE,
    "/误报 ABCDEF": ADMIN | OFFICE,
    "/误报 成立 ABCDEF": ADMIN | OFFICE,
    "/周报": OFFICE | {Role.AUDITOR},
    "/周报 2026-W42": OFFICE | {Role.AUDITOR},
    "/周报 2026-W42 放行": OFFICE,
    "/周报 2026-W42 更正": OFFICE,
    "/隐私": EVERYBODY,
    "/帮助": EVERYBODY,
    "/投诉": EVERYBODY,
    "/查询": EVERYBODY,
    "/补充": EVERYBODY,
    "/撤回": EVERYBODY,
    "/确认": EVERYBODY,
    "/绑定": EVERYBODY,
}


async def a_house() -> AdminHouse:
    """Everybody has one role, named by it; `member` has none."""
    house = await AdminHouse(memory_store(bytes)).open()
    for role in set(Role) - {Role.MEMBER}:
        await house.grant(role.value, {role: SCOPES.get(role, ["*"])})
    return house


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("call", CALLS)
async def test_a_role_may_what_it_was_given_and_nothing_else(role: Role, call: str) -> None:
    house = await a_house()

    for group in ("", "g-1"):
        said = await house.say(call, role.value, group)

        assert said
        assert (said == DENIED) is (role not in CALLS[call])


def test_every_command_there_is_stands_in_the_matrix() -> None:
    called = {call.split()[0].strip("/") for call in CALLS}

    assert {TEXTS(f"commands.words.{name}").split()[0] for name in COMMANDS} == called
    assert set(COMMANDS) <= MAY.keys()


async def test_a_command_that_stands_in_no_table_is_denied_to_everybody() -> None:
    house = await a_house()
    called: list[str] = []

    async def unlisted(_asked: Asked) -> Reply:
        called.append("unlisted")
        return Reply("told")

    house.commands["unlisted"] = unlisted
    for role in Role:
        message = replace(asked().message, sender=Opaque(role.value))
        assert (await house.router.answer(message, CommandCall("unlisted"))).text == DENIED
    assert called == []


# --- anything typed ---

WORDS = sorted(
    {word for name in COMMANDS for word in TEXTS(f"commands.words.{name}").split()}
    | {
        word
        for verb in (
            "standing", "withdrawn", "off", "begin", "end", "everywhere", "unmark", "no_notices",
            "this_week", "next_week",
        )
        for word in TEXTS(f"admin.verbs.{verb}").split()
    }
    | {
        word
        for verb in ("add", "retire", "restore", "confirm", "withdraw")
        for word in TEXTS(f"filing.verbs.{verb}").split()
    }
    | {word for sort in Sort for word in TEXTS(f"filing.sorts.{sort}").split()}
)  # fmt: skip
PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        [
            "@g-1", "@g-2", "@u-2", "@*", "@", "3", "-1", "99999999999", "2026-W42", "2026-W99",
            "0000-W01", "9999-12-31", "2026-10-14", "周三", "Ⅲ级", "999天", "0小时", "ABCDEF",
            "打卡接龙", "check_in.group.day", "check_in.group.day@g-2", "check_in.group.day@",
            "a.b.c@", "{0}", "{name}", "%s", "\x00", "\u202e", "督备〔2026〕3号", "每", "工作群", "条线:应急",
            "关键词:查", "负担:会议", "13月40日", "11月30日", "2次", "999999次", "@全部", "安全生产",
        ]
    ),
    st.text(max_size=12),
)  # fmt: skip
LINES = st.builds(
    lambda slash, pieces, gap: slash + gap.join(pieces),
    st.sampled_from(["/", "／", "、", ""]),
    st.lists(PIECES, max_size=6),
    st.sampled_from([" ", "  ", "：", ""]),
)
THEIR_ALIAS = "群g-2"


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(LINES, min_size=1, max_size=4),
    role=st.sampled_from(list(Role)),
    group=st.sampled_from(["", "g-1"]),
)
def test_whatever_is_typed_is_answered_and_shows_no_other_group(
    lines: list[str], role: Role, group: str
) -> None:
    """No crash, one screen, and nothing of another group's counts (DESIGN 12.9)."""

    async def play() -> None:
        house = await AdminHouse(memory_store(bytes)).open()
        scope = {Role.GROUP_ADMIN: ["g-1"], Role.OFFICE: ["u-1"]}.get(role, ["*"])
        if role is not Role.MEMBER:
            await house.grant(role.value, {role: scope})
        await house.store.books.record(
            [demand(f"t{n}", group="g-2", unit="u-2", kinds=(Kind.PLEDGE,)) for n in range(7)]
        )
        for line in lines:
            said = await house.say(line, role.value, group)
            assert len(said.encode()) <= MOST_BYTES + 200
            assert THEIR_ALIAS not in said
            assert "责任状：7" not in said
        assert not [one for one in house.registers.emergencies() if one.group == "g-2"]
        assert not [one for one in house.registers.emergencies() if one.unit == "u-2"]
        assert not [one for one in house.limits.history() if one.confirmed_by]
        # One person alone makes nothing count less.
        assert not [one for one in house.registers.view.entries if one.sort in TAKES_TWO]
        proposed = [one.filing for one in house.filings.proposals()]
        if role is Role.GROUP_ADMIN or role is Role.OFFICE:
            assert not [one for one in proposed if one.unit == "u-2" or one.group == "g-2"]

    asyncio.run(play())
