"""What a text does not ask beside what it asks: of some, or of one thing among others."""

from __future__ import annotations

import re

from bot.domain.prohibitions import UNASKED

_HINT = re.compile("不用|不必|无需|无须|不需|别")
_NOT_NEEDED = "(?:不用|不必|无需|无须|不需要?)(?:再|先|另|另外|重新)?"
# 特别, 区别, 级别 are other words; 别忘了 asks.
_DO_NOT = "(?<![特区级])别(?:再|光|只|发|用|报|写|走)"
_WAIVED = re.compile(
    r"(?:^|(?<=[,。;!?\n: ]))"
    rf"[^,。;!?\n: ]{{0,14}}?(?:(?:可以|都|就|暂时|先)?{_NOT_NEEDED}|{_DO_NOT})[^,。;!?\n: ]{{0,14}}"
    r"(?=[,。;!?\n ]|$)"
)
# 不用报了 takes back what was asked, but where it is of some: 报过的就不用报了.
_TAKES_BACK = re.compile("了[吧啊哈]?$")
_OF_SOME = re.compile(
    "的(?:人|村|户|同志|单位|科室)?(?:可以|都|就|暂时|先)?(?:不用|不必|无需|无须|不需)"
)
_SHORTEST_REST = 5


def without_waived(text: str) -> str:
    """The normal form with `UNASKED` for clauses that waive something; of the same length.

    What is left of "纸质的不用交,电子版今天发我" asks by itself; of "照片不用交" nothing is left, and the
    text stays as it is. So does "照片不用拍了": it may take back what was asked before.
    """
    if _HINT.search(text) is None:
        return text
    rest = _WAIVED.sub(_blank, text)
    left = sum(1 for sign in rest if sign != UNASKED and sign.isalnum())
    return rest if left >= _SHORTEST_REST else text


def _blank(found: re.Match[str]) -> str:
    if _TAKES_BACK.search(found[0]) and not _OF_SOME.search(found[0]):
        return found[0]
    return UNASKED * len(found[0])
