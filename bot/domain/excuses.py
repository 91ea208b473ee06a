"""Named reasons why a message that looks like a demand is none."""

from __future__ import annotations

import re

from bot.domain.reading import Reading
from bot.domain.traits import TRAIT_BIT, RuleBits

# Half of what is said in a work group: an answer that is nothing else, whatever went before it.
REPLY_ALONE = re.compile(
    r"(?:@\S{1,8}\s)?(?:\S{1,6}[ ,，、])?"
    r"(?:收到|好的?|好嘞|好滴|[Oo][Kk]|嗯+|明白|知道了?|了解|遵命|得令|可以的?|没问题|谢谢|感谢|多谢|辛苦了?|"
    r"已(?:报|交|发|填|传|阅|读|转|投|签|回|学|完成|上报|上传|打卡|接龙|关注|注册|签到|传达|通知|落实)|"
    r"在路上|马上(?:到|办|报|发|来|交)?|\+1|1{1,3}|是的?|对的?|来了)"
    r"[了啦哈呢哦的！!。.~～ ]{0,3}(?:谢谢|感谢|辛苦)?[!！。~]?(?:\[[\u4e00-\u9fff]{1,3}\]){0,3}"
)

_NAMED = (
    "reply", "question", "complaint", "first_person", "offer", "prohibition", "information",
    "one_person", "report", "relay_line",
)  # fmt: skip


def stated_excuses(reading: Reading, bits: RuleBits) -> tuple[str, ...]:
    """The excuses that spoke and were outvoted, by the ids of their rules."""
    if not reading.fired & bits.excuses:
        return _ONLY_ANSWERS if reading.traits & _ANSWERS else ()
    told = tuple(
        f"excuse.{name}" for name in _NAMED if reading.fired & getattr(bits, _ATTRIBUTE[name])
    )
    return (*told, *_ONLY_ANSWERS) if reading.traits & _ANSWERS else told


def is_plain_order(reading: Reading, bits: RuleBits) -> bool:
    """Whether the words order several people, politely or not, and nothing in them excuses that."""
    # What is to be answered ("收到", "已转发") reads like an answer.
    excused = bits.excuses & ~bits.reply | bits.told
    return bool(reading.fired & bits.ordering) and not reading.fired & excused


_ANSWERS = TRAIT_BIT["answers"]
_ONLY_ANSWERS = ("excuse.answers",)
_ATTRIBUTE = {name: "mine" if name == "first_person" else name for name in _NAMED}
