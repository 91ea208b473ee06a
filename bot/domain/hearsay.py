"""What a text tells of others: demands that somebody else was made to meet, in whatever words."""

from __future__ import annotations

import re

from bot.domain.prohibitions import UNASKED

_HINT = re.compile(
    "说|讲|反映|表示|坦言|直言|感叹|感慨|吐槽|抱怨|诉苦|牢骚|天天|每天|每晚|每周|要求"
)
_SAYS = "(?:说|讲(?!台|座|解|话)|反映|表示|坦言|直言|感叹|感慨|吐槽|抱怨|诉苦|发牢骚|念叨|告诉我|告诉记者|被要求)"
# Somebody from below, of whom the text does not say who: no order is passed on from him.
_SOMEBODY = (
    "(?:一位|一名|有个|有位|有的|有些|有|多位|多名|不少|好多|好些|一些|部分|许多|某|受访|几位|几个)"
    "[^,。:;!?\n请各]{0,10}?(?:干部|教师|老师|网格员|社工|医生|护士|民警|辅警|员工|职工|支书|校长|网友|读者"
    "|家长|群众|同志|同事|专干|文书|大姐|大哥|小伙|年轻人)[^,。:;!?\n请各]{0,6}?"
)
# One's own people, who work elsewhere: no class that is addressed (各位同学, 全体战友).
_KIN = (
    "(?:我(?:们家|家)?(?:妈|爸|姐|哥|妹|弟|媳妇|老公|老婆|爱人|对象|姑|姨|舅|叔|嫂子|闺女|儿子|侄子|外甥)"
    "|我?(?:有个)?(?<![位体名班各请])(?:老同学|同学|战友|邻居|老乡|发小|室友|闺蜜|表[哥姐弟妹]|堂[哥姐弟妹])(?!们|群|会|家访))"
    "[^,。:;!?\n请各]{0,14}?"
)
_ELSEWHERE = (
    "(?:隔壁|邻县|邻镇|邻市|外县|外地|别的|人家|他们|她们)"
    "(?:县|区|市|镇|乡|街道|村|社区|单位|学校|医院|局|所|厂|那边|那儿|那里)[^,。:;!?\n请各]{0,4}?"
)
_HABIT = "(?:天天|每天|每晚|每周|动不动|一天)"
# It goes on past commas until the sender turns to his own people or his own day.
_TURN = (
    "但|不过|可(?!能)|然而|结果|反正|今[天晚早]|明[天早晚]|后天|现在|目前|这[周月次回]|本[周月]|下周|周[一二三四五六日]"
    "|咱|我|大家|各|请|所以|因此|为此|为了|还是|照|就按|从|希望|务必|你|那"
    # What has an hour of its own, or is for all, is asked here and now.
    r"|[^, 。;!?\n每]{0,6}(?:[\d一二两三四五六七八九十]{1,3}(?:点|:|日)|下班前|马上|立即|立刻|尽快|抓紧)"
    "|统一|全体|全部|所有"
)
_REACH = (
    "(?:(?!请各|请大家|请把|各[村组科班站所单社位校镇乡街支部]|大家|咱们|你们|@)"
    rf"[^, 。;!?\n]|[, ](?!{_TURN}))*"
)
_STRETCH = re.compile(
    rf"(?:{_SOMEBODY}{_SAYS}|{_KIN}(?:{_SAYS}|(?={_HABIT}))|{_ELSEWHERE}(?={_HABIT}))(?P<told>[,:]?{_REACH})"
)


def without_told(text: str) -> str:
    """The normal form with `UNASKED` for what somebody else is said to be asked; of the same length.

    "一位网格员说,每天下班前都要报截图" asks for nothing; "有老师嫌烦,今天的还是要交" still does.
    """
    if _HINT.search(text) is None:
        return text
    return _STRETCH.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    start, end = found.span("told")
    return found[0][: start - found.start()] + UNASKED * (end - start)
