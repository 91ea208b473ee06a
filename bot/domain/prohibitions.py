"""What a text forbids: words of demands that nobody is asked to carry out."""

from __future__ import annotations

import re

UNASKED = "\0"
"""Stands for each character that is forbidden and not asked; no rule and no piece holds it."""

_HINT = re.compile("不得|严禁|禁止|不准|不许|不允许|整治|纠治|叫停|力戒")
_FORBIDS = (
    r"(?:(?<![恨巴由了舍见顾怪])不得(?!不|已|少于|低于|晚于|迟于|早于|超过|超出|多于|高于)"
    r"|严禁|禁止|不准(?![时确备])|不许|不允许)"
)
# Who asks too much is told so: all that follows is what he must not ask, past commas.
_OF_ASKING = (
    r"(?:再|一律|任何单位|各级)?(?:要求|以|将|把|让|叫|随意|擅自|变相|层层|强制|强迫|强行|硬性"
    r"|摊派|搞|借|向|通过|利用|频繁|多头|重复|过度|过多|仅|只|单纯|简单|一味|动辄|下指标|设置|设定"
    r"|规定|采取|滥|给|对)"
)
# Past a comma it goes on with more of the same kind only; else the sender asks for himself again.
_REACH = (
    r"(?:[^,。;!?\n”’」』]"
    r"|,(?=不|严禁|禁止|避免|防止|更|或|以|将|随意|层层|变相|强制|滥|重复|多头|频繁|过度|搞|作为|代替|增加|向))"
)
# A bare “不得迟到”, “严禁代签” ends with its clause; what is longer may be a name and is left.
_CLAUSE = (
    r"(?:(?!请|各|务必|必须|[今明]天|报|发)[^,。;!?\n、:“”’」』 \0]){1,8}(?=[,。;!?\n、”’」』 ]|$)"
)
# A list of ill habits says no “not”: “整治强制下载、随意考核等问题”.
_HABITS = (
    r"(?:整治|纠治|叫停|力戒)(?=[^。;!?\n]{0,40}(?:强制|随意|过度|频繁|多头|层层|变相|滥|动辄|痕迹|形式主义))"
    r"[^。;!?\n]{2,60}?(?:问题|乱象|现象|行为|做法|形式主义|负担)"
)
_STRETCH = re.compile(
    rf"{_FORBIDS}(?P<asking>{_OF_ASKING}{_REACH}*)|{_FORBIDS}(?P<clause>{_CLAUSE})|(?P<habits>{_HABITS})"
)


def without_forbidden(text: str) -> str:
    """The normal form with `UNASKED` for what it forbids; of the same length, so places hold.

    "各村报台账,严禁代签" still asks for the ledger; "严禁以打卡、截图作为考核依据" asks for nothing.
    """
    if _HINT.search(text) is None:
        return text
    return _STRETCH.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    start, end = found.span(found.lastgroup or 0)
    said = found[0]
    kept = start - found.start()
    return said[:kept] + UNASKED * (end - start)
