"""Courtesies at the edges of a text: thanks and greetings that change nothing of what it asks."""

from __future__ import annotations

import re

from bot.domain.normal_form import DECORATION
from bot.domain.prohibitions import UNASKED

_HINT = re.compile(r"[好早苦谢搅扰忙烦托我\]🙏🌹👍💪👏👌]|愉快|快乐")
_ALL = "(?:各位|大家|诸位|同志们|同事们|亲们|家人们|兄弟们|姐妹们|伙伴们|老师们|领导们)"
_LEAD = re.compile(
    rf"(?:(?:{_ALL}[^,。!~\n]{{0,6}}?(?:辛苦[了啦]?|好|早)"
    rf"|(?:辛苦|感谢|谢谢|多谢)了?(?:大家|各位|诸位|你们)[^,。!~\n]{{0,14}}?"
    r"|(?:早上|上午|中午|下午|晚上|周末|节日)(?:好|愉快|快乐)"
    r"|(?:理解|知道)(?:大家|各位)[^,。!\n]{0,6}?(?:辛苦|忙|累|不容易|不易)"
    r"|(?:周末|节假日|假期)(?:打扰|辛苦)(?:大家|各位)?了?"
    r"|[这那]么晚了?还?打扰(?:大家|各位)?了?|不好意思,?(?:打扰一下|打扰了|打扰大家了?)?)"
    r"[,。!~… ]+(?:但是?|不过)?,?)+"
)
_TAIL = re.compile(
    r"(?:[,。!~ ]*(?:谢谢(?:大家|各位|配合|理解|支持)*|感谢(?:大家|各位)?[^,。!\n]{0,8}"
    r"|(?:大家|各位)?辛苦(?:大家|各位)?[了啦]?|麻烦(?:大家|各位)?了|拜托(?:大家|各位)?了?"
    rf"|有问题随?时?(?:私聊|联系|找|问)我|\[(?:微笑|呲牙|ok)\]|{DECORATION}))+"
    r"[!。~… ]*$"
)
# So far from the end thanks may begin; a text of nothing else must not take longer.
_LONGEST_TAIL = 40
_SHORTEST_REST = 8
"""What is shorter without them may be nothing but courtesy: 收到,谢谢 stays as it is."""


def without_courtesy(text: str) -> str:
    """The normal form with `UNASKED` for thanks and greetings at its edges; of the same length.

    "各位辛苦了,今天下班前报台账[抱拳]" asks what it would ask without them; "大家辛苦了" stays.
    """
    if _HINT.search(text) is None:
        return text
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    tail = _TAIL.search(text, max(start, len(text) - _LONGEST_TAIL))
    end = tail.start() if tail else len(text)
    if end - start < _SHORTEST_REST or end - start == len(text):
        return text
    return UNASKED * start + text[start:end] + UNASKED * (len(text) - end)
