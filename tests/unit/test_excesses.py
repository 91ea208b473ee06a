"""What is too much by its size: long texts, long meetings, several materials at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.excesses import Excess, excesses, meeting_hours
from bot.domain.vocabulary import Kind

MEETING, VISIT = (Kind.MEETING,), (Kind.INSPECTION,)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("明天上午9点在三楼开会", 0),
        ("会期半天", 4),
        ("会期:1天", 8),
        ("会期一天半", 12),
        ("培训为期两天", 16),
        ("会议预计3小时", 3),
        ("时长约90分钟", 1.5),
        ("会议时间:9:00-11:30", 2.5),
        ("周三上午9点至下午5点集中培训", 8),
        ("上午8点30分到12点开会", 3.5),
        ("历时1个半小时", 1.5),
    ],
)
def test_how_long_a_meeting_is_said_to_take(text: str, hours: float) -> None:
    assert meeting_hours(text) == pytest.approx(hours)


@pytest.mark.parametrize(
    ("text", "is_long"),
    [
        ("请各村参加会议,会期半天", False),
        ("请各村参加会议,会期一天", True),
        ("请各村参加会议,会期一天,下午分组讨论", False),
        ("请各村参加会议,会期两天,安排分组讨论", True),
        ("召开视频会议,预计2小时", True),
        ("召开视频会议,预计1小时", False),
        ("明天上午开会", False),
    ],
)
def test_a_meeting_is_long_beyond_half_a_day(text: str, is_long: bool) -> None:
    assert (Excess.LONG_MEETING in excesses(text, MEETING)) is is_long
    assert excesses(text, VISIT) == ()


def test_a_text_is_long_beyond_four_thousand_characters() -> None:
    assert excesses("报" * 4000, ()) == ()
    assert excesses("报" * 4001, ()) == (Excess.LONG_TEXT,)


def test_an_inspection_with_two_kinds_of_materials_is_too_much() -> None:
    assert excesses("", (*VISIT, Kind.SHOWCASE)) == ()
    assert excesses("", (*VISIT, Kind.SHOWCASE, Kind.FORM_FILLING)) == (Excess.MATERIALS,)
    assert excesses("", (Kind.SHOWCASE, Kind.FORM_FILLING)) == ()


@given(st.text(alphabet="会期为期时长半一两3.天小时分钟9:0点-至到视频讨论 \n", max_size=200))
def test_anything_typed_has_a_length(text: str) -> None:
    assert 0 <= meeting_hours(text) < 10_000
