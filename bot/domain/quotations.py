"""What a text quotes, and its frame takes back: asked about, done, laughed at, called off."""

from __future__ import annotations

import re

from bot.domain.prohibitions import UNASKED

_SHORTEST = 9
"""A shorter quotation is a name or a slogan, or what must be answered: 回复“收到”."""

_LENGTH = f"{{{_SHORTEST},200}}"
_QUOTED = re.compile(rf"“[^“”\n]{_LENGTH}”|「[^「」\n]{_LENGTH}」|『[^『』\n]{_LENGTH}』")
# Within so many characters before and after it stands what the sender thinks of it.
_BEFORE, _AFTER = 20, 28
_FRAMED_BEFORE = re.compile(
    r"(?:又来了|又是一?[条个]|听说|据说|隔壁|外地|上个?月|上次|去年|往年|反面典型|反例|典型案例|"
    r"帮我看看|什么叫|所谓的?|谢谢大家|感谢大家|不再|不得|禁止|严禁|不要再?发)[^。;!?\n“「『]{0,12}$"
)
# Those who are done (已完成的), and what else is not needed (不用填姓名), take nothing back.
_FRAMED_AFTER = re.compile(
    r",?[^,。;!\n“「『]{0,10}?(?:取消|作废|撤回|收回|暂停|不用[再做报交弄搞管写填接拍]{0,2}了|不必[再做报交写填]{0,2}了"
    r"|不再(?:执行|实行|要求|提|报)|不算了?(?=[,。!]|$)"
    r"|已经?(?:全部)?(?:完成|办结|落实|上报)(?!的)|(?:完成|做完|办完|结束|报完)了(?!的)"
    r"|特此报告|之类的?|被通报|什么意思|没完没了|一天天|烦死|烦人|累死|通不通|顺不顺|(?:吗|么)\?)"
    r"|[^,。;!\n“「『]{0,14}\?"
)
# What is quoted must be an order: the name of a form, an account or a contest has no hour and no comma.
_ORDER = re.compile(
    r"[,。;!、]|请|务必|必须|今[天日晚]|明[天早晚]|下班|[\d一二三四五六七八九十]{1,2}[点时日号]|周[一二三四五六日]|每[天日周晚班村人组户]|本[周月]|人人|全体|全员|所有|要求|各|一律"
)
# A form, a heading or an answer in quotation marks is asked for in these words.
_ASKED_BEFORE = re.compile(
    r"(?:改成|改为|换成|写上?|标注|注明|备注|回复?|命名为?|格式为?|标题为?|内容为?)[::]?$"
)


def without_quoted(text: str) -> str:
    """The normal form with `UNASKED` for a quotation that its frame takes back; of the same length.

    "刚才发的“各村五点前报台账”作废" asks for no ledger; "“各村五点前报台账”,请照办" does.
    """
    if "“" not in text and "「" not in text and "『" not in text:
        return text
    return _QUOTED.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - _BEFORE) : found.start()]
    after = found.string[found.end() : found.end() + _AFTER]
    if _ASKED_BEFORE.search(before) or _ORDER.search(found[0]) is None:
        return found[0]
    if _FRAMED_BEFORE.search(before) or _FRAMED_AFTER.match(after):
        opened, closed = found[0][0], found[0][-1]
        return opened + UNASKED * (len(found[0]) - 2) + closed
    return found[0]
