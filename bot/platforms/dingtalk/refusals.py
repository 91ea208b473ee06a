"""DingTalk's error codes → our error tree, in one table (sheet 5.7, 5.11).

Both server generations share it: new ones are dotted words, old ones numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bot.domain.errors import (
    ContentRefused,
    CredentialRefused,
    DeliveryUncertain,
    GroupGone,
    PlatformError,
    RateLimited,
    RecipientUnknown,
    Undecipherable,
    Unreachable,
)
from bot.platforms.dingtalk.untrusted import json_object


class TokenWorn(CredentialRefused):
    """The access token is not taken any more: fetch another once, and try once more."""


class QuotaUsedUp(RateLimited):
    """The organisation's calls of this month are used up; an operator has to buy or to wait."""


class TooQuick(RateLimited):
    """Over the calls per second; the same call passes within seconds."""


def _quick(code: str) -> PlatformError:
    return TooQuick(code, timedelta(seconds=1))


def _a_minute(code: str) -> PlatformError:
    return RateLimited(code, timedelta(seconds=60))


def _ten_minutes(code: str) -> PlatformError:
    return RateLimited(code, timedelta(minutes=10))


def _next_month(code: str) -> PlatformError:
    return QuotaUsedUp(code, timedelta(hours=12))


# The spelling "notExsit" is the platform's.
REACTIONS: Mapping[str, Callable[[str], PlatformError]] = {
    **dict.fromkeys(("InvalidAuthentication", "40014", "42001"), TokenWorn),
    **dict.fromkeys(
        ("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "90018",
         "Forbidden.AccessDenied.QpsLimitForApi", "90002"),
        _quick,
    ),
    **dict.fromkeys(
        ("send.too.fast", "send.byToken.tooFast", "too.many.group", "too.many.people", "410100"),
        _a_minute,
    ),
    "130101": _ten_minutes,
    **dict.fromkeys(
        ("Forbidden.AccessDenied.ApiCountLimitForOrg", "90020", "90030"), _next_month
    ),
    **dict.fromkeys(
        ("invalidClientIdOrSecret", "Forbidden.AccessDenied.AccessTokenPermissionDenied", "60011",
         "43007", "invalidParameter.robotCode.empty", "invalidParameter.robotCode.notExsit",
         "invalidParameter.robotCode.auth", "invalidParameter.robotCode.coolApp",
         "chat.coolApp.notInstalled", "bot.stopped", "bot.forbidden.sendMessage", "send.forbidden",
         "chatbotId.notAllow.sendOTO", "robot.oto.notExist", "310000", "400101", "400102",
         "400106", "300005"),
        CredentialRefused,
    ),
    **dict.fromkeys(
        ("invalid.openConversationId", "conversation.org.notMatch", "staffId.notExisted", "33012",
         "60121", "50002", "300001"),
        RecipientUnknown,
    ),
    **dict.fromkeys(("group.disbanded", "chatbotNotInstall", "400013"), GroupGone),
    **dict.fromkeys(
        ("contain.unsafe.url", "contain.notAllowed.text", "contain.notAllowed.picture",
         "contain.notAllowed.content", "invalidParameter.msgParam.tooLong",
         "only.groupAdmin.canAtAll", "400105", "430101", "430102", "430103", "430104", "43004",
         "40035", "460101"),
        ContentRefused,
    ),
    **dict.fromkeys(("15", "88", "isp.top-remote-connection-timeout"), DeliveryUncertain),
    **dict.fromkeys(("-1", "systemError", "ServiceUnavailable"), Unreachable),
}  # fmt: skip

_BY_STATUS: Mapping[int, Callable[[str], PlatformError]] = {
    401: TokenWorn,
    408: DeliveryUncertain,
    429: _a_minute,
    500: Unreachable,
    502: DeliveryUncertain,
    503: Unreachable,
    504: DeliveryUncertain,
}
_ADDRESS_BLOCKED = 1111
_BLOCKED_FOR = timedelta(minutes=5)
_PLAIN_CODE = re.compile(r"-?[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)


def answer_of(status: int, body: bytes) -> Mapping[str, Any]:
    """The JSON of a successful answer; else raises the PlatformError that its code stands for.

    The error holds the platform's code, never its message: that may echo what was sent.
    """
    try:
        answer = json_object(body)
    except Undecipherable:
        raise _without_json(status) from None
    if answer.get("status") == _ADDRESS_BLOCKED:
        raise RateLimited(str(_ADDRESS_BLOCKED), _BLOCKED_FOR)
    code = _code(answer)
    if status == 200 and code in ("", "0"):
        return answer
    reaction = REACTIONS.get(code) or _BY_STATUS.get(status, ContentRefused)
    raise reaction(code or str(status))


def _without_json(status: int) -> PlatformError:
    if status in _BY_STATUS:
        return _BY_STATUS[status](str(status))
    # A proxy's page or the block page: nobody of the platform has read the request.
    return Unreachable(str(status))


def _code(answer: Mapping[str, Any]) -> str:
    code = answer.get("code", answer.get("errcode", ""))
    if code is None or isinstance(code, bool) or not isinstance(code, str | int):
        return ""
    return str(code) if _PLAIN_CODE.fullmatch(str(code)) else "other" if code != "" else ""
