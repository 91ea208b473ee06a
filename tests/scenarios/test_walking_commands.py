"""An admin who types only Chinese, or only English, with slips, with any slash or with none."""

from __future__ import annotations

import re

import pytest

from bot.domain.commands import CommandCall, Unrecognised
from bot.domain.disputes import public_id
from bot.domain.vocabulary import Kind
from bot.routes import COMMANDS, command_table
from config.load import load_texts
from handlers.commands.screen import MOST_BYTES, MOST_LINES
from handlers.ports import Role
from storage.memory import memory_store
from tests.scenarios.admin_house import AdminHouse
from tests.storage.entries import demand, tag_of

TABLE = command_table(load_texts("zh-CN"))
WORDS = [
    (name, word)
    for name in COMMANDS
    for word in load_texts("en")(f"commands.words.{name}").split()
]
STUBS = ("judged", "elsewhere")  # answers of commands that have tests of their own
ID = public_id(tag_of("a"))


@pytest.mark.parametrize(("name", "word"), WORDS)
@pytest.mark.parametrize(
    "typed",
    ["/{}", "／{}", "、{}", "/ {}", " /{} ", "／　{}", "{}", "　{}　", "\u200b/{}"],
)
def test_every_word_is_understood_however_its_slash_is_typed(
    name: str, word: str, typed: str
) -> None:
    for said in (word, word.upper(), wide(word)):
        assert TABLE.parse(typed.format(said), addressed=True) == CommandCall(name)


def wide(word: str) -> str:
    """The word in full-width letters, as a Chinese keyboard may give it."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)


def slips(word: str) -> list[str]:
    """A letter left out, doubled, or two of them swapped; in Chinese one wrong character."""
    if not word.isascii():
        return [word[:-1] + "鹅", "鹅" + word[1:]] if len(word) > 1 else []
    if len(word) < 5:
        return []
    middle = len(word) // 2
    left_out = word[:middle] + word[middle + 1 :]
    doubled = word[:middle] + word[middle] + word[middle:]
    swapped = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    return [slip for slip in (left_out, doubled, swapped) if slip != word]


@pytest.mark.parametrize(("name", "word"), WORDS)
def test_a_slip_gets_a_command_named_and_never_silence(name: str, word: str) -> None:
    for slip in slips(word):
        for typed in (f"/{slip}", slip):
            found = TABLE.parse(typed, addressed=True)
            assert isinstance(found, Unrecognised), typed
            assert found.nearest, typed
            if word.isascii():
                assert found.nearest == word


CHINESE = [
    "帮助", "状态", "解释 各村截图上报", "预检 各村今天下班前报表", "限额", "限额 打卡接龙", "限额 打卡接龙 1",
    "备案", f"备案 {ID} 督备3号", "登记", "登记 督备〔2026〕3号 安全检查 10月30日", "登记 应用 应用3号 浙政钉",
    "应急", "应急 开始 县防指3号 Ⅲ级 12小时", "无会周", "无会周 下周 @u-1", f"误报 {ID}", "周报", "隐私",
    "投诉", "查询", "确认",
]  # fmt: skip
ENGLISH = [
    "help", "status", "explain send screenshots", "precheck all villages report today", "limits",
    "limits check_in", "limits check_in 1", "register", f"register {ID} A-3", "enter",
    "enter A-2026-3 safety visit 2026-10-30", "enter app APP-3 phone app", "emergency",
    "emergency start flood-3 level3 12h", "calendar", "calendar next-week @u-1", f"dispute {ID}",
    "digest", "privacy", "complain", "query", "confirm",
]  # fmt: skip


@pytest.mark.parametrize("slash", ["/", "／", "、", ""])
@pytest.mark.parametrize(("locale", "lines"), [("zh-CN", CHINESE), ("en", ENGLISH)])
async def test_an_admin_walks_through_every_command_in_one_language(
    locale: str, lines: list[str], slash: str
) -> None:
    store = memory_store(bytes)
    house = await AdminHouse(store, locale).open()
    await house.grant("admin", {Role.GROUP_ADMIN: ["g-1"], Role.OFFICE: ["*"]})
    await store.books.record([demand("a", group="g-1", unit="u-1", kinds=(Kind.CHECK_IN,))])
    texts = load_texts(locale)
    slip = texts("commands.unknown.nearest", nearest="").split("*")[0]

    for line in lines:
        group = "g-1" if line in ("状态", "status") else ""
        said = await house.say(slash + line, "admin", group)

        assert said, line
        assert not said.startswith(slip), line
        assert said.count("\n") < MOST_LINES, line
        assert len(said.encode()) <= MOST_BYTES, line
        if said not in STUBS:
            is_chinese = re.search(r"[\u4e00-\u9fff]{2}", in_own_words(said)) is not None
            assert is_chinese is (locale == "zh-CN"), said
    assert house.limits.proposals()
    assert house.filings.proposals()
    assert house.registers.emergencies()
    assert house.registers.marks()


def in_own_words(said: str) -> str:
    """Without what was entered by an office: its title, a group's name, official documents."""
    return re.sub(r"县减负专班|群g-\d|国办函|〔\d+〕\d+号|督备|elsewhere", "", said)
