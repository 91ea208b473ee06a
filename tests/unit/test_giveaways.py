"""What would give a writer away, found and put in general words."""

from __future__ import annotations

import unicodedata
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.check_digits import is_id_number, passes_luhn
from bot.domain.giveaways import (
    KnownWords,
    Sign,
    find_giveaways,
    taken_out,
    tidied,
)
from config.load import load_texts

TODAY = date(2026, 10, 16)
TEXTS = load_texts("zh-CN")
KNOWN = KnownWords(
    units=frozenset({"东街镇", "平安东街工作群"}),
    names=frozenset({"欧阳修远"}),
    posts=frozenset({"微机员"}),
)


def signs(text: str) -> list[tuple[Sign, str]]:
    return [
        (each.sign, text[each.start : each.end]) for each in find_giveaways(text, TODAY, KNOWN)
    ]


@pytest.mark.parametrize(
    ("text", "sign", "part"),
    [
        ("身份证11010519491231002X的", Sign.ID_NUMBER, "11010519491231002X"),
        (
            "证号 １１０１０５１９４９１２３１００２Ｘ",
            Sign.ID_NUMBER,
            "１１０１０５１９４９１２３１００２Ｘ",
        ),
        ("打我电话13812345678", Sign.PHONE, "13812345678"),
        ("打 138-1234-5678 找我", Sign.PHONE, "138-1234-5678"),
        ("座机0571-87654321", Sign.PHONE, "0571-87654321"),
        ("写到li.hua@county.gov.cn去", Sign.EMAIL, "li.hua@county.gov.cn"),
        ("车停着，粤B12345", Sign.PLATE, "粤B12345"),
        ("新能源粤BD12345也一样", Sign.PLATE, "粤BD12345"),
        ("卡号6222020200000000006上", Sign.BANK_CARD, "6222020200000000006"),
        ("见 https://oa.example.cn/a?id=7 里", Sign.URL, "https://oa.example.cn/a?id=7"),
        ("登录oa.example.gov.cn打卡", Sign.URL, "oa.example.gov.cn"),
        ("我的userid是li.hua7", Sign.ACCOUNT, "userid是li.hua7"),
        ("工号：A0371", Sign.ACCOUNT, "工号：A0371"),
        ("发给wxid_9k2abc", Sign.ACCOUNT, "wxid_9k2abc"),
        ("群id是cidAbc123def==", Sign.ACCOUNT, "cidAbc123def"),
        ("就像这样[图片]，每天都要", Sign.PICTURE, "[图片]"),
        ("文件 20260017 说的", Sign.NUMBER, "20260017"),
        ("10月14日那次", Sign.DATE, "10月14日"),
        ("2026-09-30就这样", Sign.DATE, "2026-09-30"),
        ("上周三开会", Sign.DATE, "上周三"),
        ("星期五又来", Sign.DATE, "星期五"),
        ("晚上十点半还在催", Sign.TIME, "晚上十点半"),
        ("22:47发的通知", Sign.TIME, "22:47"),
        ("晚上9点30分", Sign.TIME, "晚上9点30分"),
        ("他说：明早八点前必须交齐。", Sign.QUOTATION, "明早八点前必须交齐"),
        ("群里写“谁不报谁负责到底”", Sign.QUOTATION, "“谁不报谁负责到底”"),
        ("我是全镇唯一的女驻村干部", Sign.ONLY_ONE, "我是全镇唯一的女驻村干部"),
        ("台账只有我一个人做", Sign.ONLY_ONE, "只有我一个人做"),
        ("作为党政办主任，很为难", Sign.POST, "作为党政办主任"),
        ("我是村里的会计", Sign.POST, "我是村里的会计"),
        ("微机员天天加班", Sign.POST, "微机员"),
        ("王建国主任要的", Sign.NAME, "王建国主任"),
        ("上周三王主任催", Sign.NAME, "王主任"),
        ("周主任要的", Sign.NAME, "周主任"),
        ("李书记发火", Sign.NAME, "李书记"),
        ("老张和我", Sign.NAME, "老张"),
        ("@小赵 你来", Sign.NAME, "@小赵"),
        ("欧阳修远天天催", Sign.NAME, "欧阳修远"),
        ("我们东街镇都这样", Sign.UNIT, "东街镇"),
        ("王建国天天在群里催我们", Sign.NAME, "王建国"),
        ("昨天李晓燕让我们补照片", Sign.NAME, "李晓燕"),
        ("是张伟要求的，每天三次", Sign.NAME, "张伟"),
        ("欧阳书记叫我们截图", Sign.NAME, "欧阳书记"),
        ("刘局说每天要报", Sign.NAME, "刘局"),
        ("曹建国天天催我们", Sign.NAME, "曹建国"),
        ("昨天彭丽让我们补照片", Sign.NAME, "彭丽"),
        ("高一（12）班每天打卡", Sign.UNIT, "高一（12）班"),
        ("下岗村3组每天拍照", Sign.UNIT, "下岗村3组"),
        ("我1987年参加工作，还要学这个", Sign.SENIORITY, "1987年参加工作"),
        ("教龄32年的人也要刷分", Sign.SENIORITY, "教龄32年"),
        ("三个里我最老，也要爬楼拍照", Sign.ONLY_ONE, "里我最老"),
        ("片区只有我和老刘，表填不完", Sign.ONLY_ONE, "只有我和老刘"),
        ("他原话是谁不交谁滚蛋", Sign.QUOTATION, "谁不交谁滚蛋"),
    ],
)
def test_what_tells_who_it_was_is_found(text: str, sign: Sign, part: str) -> None:
    assert (sign, part) in signs(text)


@pytest.mark.parametrize(
    "text",
    [
        "每天早上8点打卡，每周三报表，天天晚上11点还要接龙",
        "早一点说也好，有两点建议，提3点意见",
        "一个网格四个人管十一公里，光拍照就要一个多小时",
        "小程序天天要点，小金库没有",
        "马上要报数，于是我们加班，高度重视，天天要报",
        "金融局要求每天报，江苏让我们报，方案要求一天一报，高校要求也一样",
        "周末让我们加班，白天让我们开会，石材厂说不行，任务催我们",
        "报数3.14平方米，占百分之20",
        "周末两天都在补材料，周一到周五也不闲",
        "@所有人 报台账，@全体成员 开会",
        "截图要二十张，表要填六份，群有17个",
        "45号楼的事不归我们，3院5线",
    ],
)
def test_what_tells_nobody_is_left(text: str) -> None:
    assert signs(text) == []


def test_a_day_becomes_its_week_and_an_hour_its_part_of_the_day() -> None:
    text = "10月14日晚上9点半催，10月20日早上七点半又催，22:47再催，12月30日14点"

    plain = taken_out(text, find_giveaways(text, TODAY), TEXTS)

    # A day still to come is last year's: what is told has happened.
    assert plain == "10月12日那周夜间催，10月20日那周上午又催，夜间再催，12月29日那周下午"


def test_everything_that_was_found_can_be_taken_out() -> None:
    text = "我是东街镇的会计，李书记让我22:47打13812345678，说：不报就处分到底。"

    plain = taken_out(text, find_giveaways(text, TODAY, KNOWN), TEXTS)

    assert not any(part in plain for part in ("东街", "李", "22:47", "138", "处分", "会计"))
    assert find_giveaways(plain, TODAY, KNOWN) == ()


def test_every_sign_has_a_name_and_a_general_word() -> None:
    for sign in Sign:
        assert f"complaints.sign.{sign}" in TEXTS
        if sign is not Sign.TIME:
            assert f"complaints.instead.{sign}" in TEXTS


@pytest.mark.parametrize(
    ("digits", "fits"),
    [
        ("11010519491231002X", True),  # GB 11643, the standard's own example
        ("440524188001010014", True),
        ("110105194912310021", False),
        ("11010519491331002X", False),  # a thirteenth month
        ("11010519491231002", False),
    ],
)
def test_an_identity_number_is_known_by_its_check_place(digits: str, fits: bool) -> None:
    assert is_id_number(digits) is fits


@pytest.mark.parametrize(
    ("digits", "fits"), [("79927398713", True), ("79927398710", False), ("x", False)]
)
def test_a_card_is_known_by_its_check_digit(digits: str, fits: bool) -> None:
    assert passes_luhn(digits) is fits


def test_marks_that_nobody_sees_are_taken_from_a_text() -> None:
    assert tidied(" 天天\u200b截图\u2060，\ufeff累\U000e0041 ") == "天天截图，累"


@given(
    st.text(
        alphabet=st.sampled_from(
            "年月日号点时半我是唯一王老小主任说：“”0123456789Xx@.-东街镇a ，\n"
        ),
        max_size=60,
    )
)
def test_places_lie_in_the_text_in_order_and_apart(text: str) -> None:
    found = find_giveaways(text, TODAY, KNOWN)

    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(st.text(max_size=200))
def test_no_text_breaks_it_and_none_of_the_invisible_stays(text: str) -> None:
    plain = tidied(text)

    taken_out(plain, find_giveaways(plain, TODAY, KNOWN), TEXTS)
    assert not any(unicodedata.category(letter) == "Cf" for letter in plain)


@pytest.mark.parametrize(
    "piece", ["1", "我是", "1 ", "a.", "王", "10月", "晚上", "说：", "“", "@"]
)
def test_a_long_text_of_one_piece_is_searched_in_bounded_steps(piece: str) -> None:
    """No pattern nests repetitions: ten times the text, about ten times the work."""
    find_giveaways(piece * (2000 // len(piece)), TODAY, KNOWN)
