"""What is told of somebody else is not asked; what the sender then asks himself is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.hearsay import without_told
from bot.domain.prohibitions import UNASKED

TOLD = [
    "一位网格员说,每天下班前都要报截图,光拍照就一小时",
    "不少村干部反映,每次走访都要拍照打卡",
    "我妈她们社区每天打卡三次",
    "老同学说,他们学校天天让家长截图",
    "隔壁镇每晚都要打卡接龙,真有他们的",
]
TOLD_AND_ASKED = [
    ("有老师说天天接龙没意思,校长的答复:照接不误。各班七点五十前接完", "各班七点五十前接完"),
    ("我知道有网格员说每天光拍照就得一个小时,今天的还是每人十张", "今天的还是每人十张"),
    ("又有家长跟我讲没看到通知,请各班主任看完都回个收到", "请各班主任看完都回个收到"),
    ("隔壁县每天一报,从明天起咱们也一样,五点前报", "从明天起咱们也一样,五点前报"),
    ("有同志抱怨签到太早请各位理解七点四十扫码", "请各位理解七点四十扫码"),
    ("有群众反映三组路灯不亮,五点前处理好拍照发群里", "五点前处理好拍照发群里"),
    ("有家长反映食堂问题,班主任下班前写个说明", "班主任下班前写个说明"),
    ("有干部被要求写说明,全体下班前写一份承诺书", "全体下班前写一份承诺书"),
]
ASKED = [
    "书记说,每天下班前都要报截图",
    "请各村说一下今天的数,五点前",
    "县里每天要两张照片,各村四点前发群里",
    "有村还没报的,四点前报",
    "各位同学每天晚上十点前打卡",
    "全体战友每天早上接龙报平安",
    "同学们每天晚上十点前打卡",
]


@pytest.mark.parametrize("text", TOLD)
def test_what_somebody_else_must_do_is_not_heard(text: str) -> None:
    heard = without_told(text)

    assert len(heard) == len(text)
    assert not {"打卡", "截图", "拍照", "接龙"} & {heard[at : at + 2] for at in range(len(heard))}


@pytest.mark.parametrize(("text", "asked"), TOLD_AND_ASKED)
def test_the_turn_to_one_s_own_people_is_heard(text: str, asked: str) -> None:
    heard = without_told(text)

    assert UNASKED in heard
    assert heard.endswith(asked)


@pytest.mark.parametrize("text", ASKED)
def test_who_is_named_passes_an_order_on(text: str) -> None:
    assert without_told(text) == text


@given(st.text(alphabet="我妈有位干部说讲每天,。 请各村报打卡今", max_size=40))
def test_the_rest_stays_in_its_place(text: str) -> None:
    heard = without_told(text)

    assert [a for a, b in zip(text, heard, strict=True) if b != UNASKED] == [
        b for b in heard if b != UNASKED
    ]
