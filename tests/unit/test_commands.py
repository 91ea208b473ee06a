"""What people type, and which command they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.commands import CommandCall, CommandSpec, CommandTable, Unrecognised, nearest
from bot.routes import command_table
from config.load import load_texts

TABLE = command_table(load_texts("zh-CN"))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("/状态", CommandCall("status")),
        ("／状态", CommandCall("status")),  # full-width slash
        ("、状态", CommandCall("status")),  # what a Chinese keyboard gives for the slash key
        ("/ 状态", CommandCall("status")),
        ("状态", CommandCall("status")),
        ("  /STATUS  ", CommandCall("status")),
        ("/ｓｔａｔｕｓ", CommandCall("status")),  # full-width letters
        ("/status 本周", CommandCall("status", "本周")),
        ("/状态 本周", CommandCall("status", "本周")),
        ("/解释 各村今天下班前报台账", CommandCall("explain", "各村今天下班前报台账")),
        ("/解释各村今天下班前报台账", CommandCall("explain", "各村今天下班前报台账")),
        ("/解释：@所有人 截图", CommandCall("explain", "@所有人 截图")),
        ("解释 各村截图", CommandCall("explain", "各村截图")),
        ("/why 收到请回复", CommandCall("explain", "收到请回复")),
        ("/帮助", CommandCall("help")),
        ("帮助", CommandCall("help")),
        ("?", CommandCall("help")),
        ("/隐私", CommandCall("privacy")),
        ("/投诉 天天要截图", CommandCall("complain", "天天要截图")),
        ("限额", CommandCall("limits")),
        ("限额 确认 12", CommandCall("limits", "确认 12")),
        ("limits confirm 12", CommandCall("limits", "confirm 12")),
        ("／限额 打卡接龙 3", CommandCall("limits", "打卡接龙 3")),
        ("应急 开始 县防指3号", CommandCall("emergency", "开始 县防指3号")),
        ("/应急开始 县防指3号", CommandCall("emergency", "开始 县防指3号")),
        ("无会周 下周", CommandCall("calendar", "下周")),
        ("无会周2026-W48", CommandCall("calendar", "2026-W48")),
        ("周报 2026-W42", CommandCall("digest", "2026-W42")),
        ("预检 各村截图", CommandCall("precheck", "各村截图")),
        ("/PRECHECK draft", CommandCall("precheck", "draft")),
    ],
)
def test_a_command_is_understood(typed: str, expected: CommandCall) -> None:
    assert TABLE.parse(typed, addressed=True) == expected


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("/壮态", "状态"),
        ("/状太", "状态"),
        ("/staus", "status"),
        ("/hlep", "help"),
        ("/限厄", "限额"),
        ("/emergancy", "emergency"),
        ("/预捡", "预检"),
        ("/xyzzyx", ""),
    ],
)
def test_a_typing_slip_gets_the_nearest_command(typed: str, nearest: str) -> None:
    assert TABLE.parse(typed, addressed=True) == Unrecognised(nearest)


@pytest.mark.parametrize(
    "talk",
    [
        "限额是多少啊",
        "应急 物资到了吗",
        "周报 谁写",
        "备案的事问一下",
        "状态怎么样了",
        "帮助一下小王",
        "隐私很重要",
        "",
        "   ",
        "各村今天报表",
    ],
)
def test_talk_is_no_command(talk: str) -> None:
    assert TABLE.parse(talk, addressed=True) is None


def test_without_a_slash_only_addressed_words_are_commands() -> None:
    assert TABLE.parse("状态", addressed=False) is None
    assert TABLE.parse("/状态", addressed=False) == CommandCall("status")


def test_two_commands_may_not_answer_to_one_word() -> None:
    with pytest.raises(ValueError, match="two commands"):
        CommandTable([CommandSpec("a", ("状态",)), CommandSpec("b", ("状态",))])


WORDS = [word for spec in TABLE.specs for word in spec.words]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("staus", "status"),
        ("sttatus", "status"),
        ("statis", "status"),
        ("satus", "status"),
        ("tsatus", "status"),
        ("壮态", "状态"),
        ("状太", "状态"),
    ],
)
def test_one_slip_in_a_bare_word_is_told(typed: str, meant: str) -> None:
    assert TABLE.parse(typed, addressed=True) == Unrecognised(meant)


@pytest.mark.parametrize("typed", ["sttu", "stattuus", "状态吗", "壮太", "说一下", "状"])
def test_a_bare_word_that_is_less_like_a_command_is_talk(typed: str) -> None:
    assert TABLE.parse(typed, addressed=True) is None


@given(
    word=st.sampled_from(WORDS),
    place=st.integers(0, 12),
    letters=st.text("状态限额报周助帮staeuhlp", max_size=2),
    dropped=st.integers(0, 2),
)
def test_the_word_meant_by_a_slip_is_the_nearest_of_all(
    word: str, place: int, letters: str, dropped: int
) -> None:
    typed = word[:place] + letters + word[place + dropped :]
    near = nearest(typed.casefold(), sorted(map(str.casefold, WORDS), key=len, reverse=True))
    found = TABLE.parse(typed, addressed=True)

    if isinstance(found, Unrecognised):
        assert found.nearest == near


@given(st.text(max_size=80), st.booleans())
def test_whatever_is_typed_is_parsed_without_complaint(text: str, addressed: bool) -> None:
    found = TABLE.parse(text, addressed=addressed)

    assert found is None or isinstance(found, CommandCall | Unrecognised)
