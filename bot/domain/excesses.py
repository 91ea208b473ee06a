"""What a notice asks too much of by its size: a long text, a long meeting, many materials at once.

The numbers stand in the rules on documents and meetings (facts on defaults, 1.3 and 1.5): task
documents up to 4 000 characters; meetings within half a day, with group discussion within a day
and a half; video meetings up to 90 minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from bot.domain.vocabulary import Kind

LONGEST_TEXT = 4000
HALF_A_DAY, DAY = 4.0, 8.0
"""Hours of a working day."""
LONGEST_WITH_DISCUSSION = 1.5 * DAY
LONGEST_BY_VIDEO = 1.5
MANY = 2
"""So many kinds of materials beside an inspection are worth a word."""

_MATERIALS = frozenset({Kind.FORM_FILLING, Kind.SCREENSHOT_REPORT, Kind.SHOWCASE, Kind.PLEDGE})
_FIGURES = {"半": 0.5, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}
_LASTS = re.compile(
    r"(?:会期|为期|时长|历时|培训|会议|开会|预计|共计?)[:约共为是,时间间]{0,4}"
    r"(\d{1,3}(?:\.\d)?|[半一二两三四五六七])(?:个半|个)?(天半|天|小时|钟头|分钟)"
)
_FROM_TO = re.compile(
    r"(\d{1,2})(?:[:点](\d{2})|点|时)分?(?:-|—|–|~|至|到){1,2}(?:上午|下午|晚上)?"
    r"(\d{1,2})(?:[:点](\d{2})|点|时)"
)
_DISCUSSION = re.compile(r"分组讨论|分组研讨|分团")
_VIDEO = re.compile(r"视频会|电视电话会|线上会|腾讯会议|视频调度|视频会商")
_UNITS = {"天": DAY, "天半": DAY, "小时": 1.0, "钟头": 1.0, "分钟": 1 / 60}


class Excess(StrEnum):
    """In what a notice asks too much by its size."""

    LONG_TEXT = "long_text"
    LONG_MEETING = "long_meeting"
    MATERIALS = "materials"


def meeting_hours(text: str) -> float:
    """How many working hours a meeting is said to take; 0 where nothing is said."""
    said = [0.0]
    for found in _LASTS.finditer(text):
        written, unit = found[1], found[2]
        figure = _FIGURES[written] if written in _FIGURES else float(written)
        figure += 0.5 if unit == "天半" or "个半" in found[0] else 0.0
        said.append(figure * _UNITS[unit])
    for found in _FROM_TO.finditer(text):
        begins = int(found[1]) + int(found[2] or 0) / 60
        ends = int(found[3]) + int(found[4] or 0) / 60
        ends += 12 if ends <= begins and ends < 12 else 0  # 上午9点到下午3点
        said.append(ends - begins if begins < ends <= 24 else 0.0)
    return max(said)


def excesses(text: str, kinds: Iterable[Kind]) -> tuple[Excess, ...]:
    """In what a demand of these kinds is too much; the text is looked at and not kept."""
    asked = frozenset(kinds)
    found = []
    if len(text) > LONGEST_TEXT:
        found.append(Excess.LONG_TEXT)
    if Kind.MEETING in asked and meeting_hours(text) > _longest_meeting(text):
        found.append(Excess.LONG_MEETING)
    if Kind.INSPECTION in asked and len(asked & _MATERIALS) >= MANY:
        found.append(Excess.MATERIALS)
    return tuple(found)


def _longest_meeting(text: str) -> float:
    if _DISCUSSION.search(text):
        return LONGEST_WITH_DISCUSSION
    return LONGEST_BY_VIDEO if _VIDEO.search(text) else HALF_A_DAY
