"""DingTalk's error codes, each as the error of ours that it means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.errors import (
    ContentRefused,
    DeliveryUncertain,
    PlatformError,
    RateLimited,
    Unreachable,
)
from bot.platforms.dingtalk.refusals import (
    REACTIONS,
    QuotaUsedUp,
    TokenWorn,
    TooQuick,
    answer_of,
)


@pytest.mark.parametrize("code", sorted(REACTIONS))
@pytest.mark.parametrize("form", ["new", "old"])
def test_each_code_of_the_table_is_the_error_it_says(code: str, form: str) -> None:
    expected = type(REACTIONS[code](code))
    is_number = code.lstrip("-").isdigit()
    body = {"errcode": int(code) if is_number else code, "errmsg": "x"}
    if form == "new":
        body = {"code": code, "message": "x", "requestid": "r"}

    with pytest.raises(expected) as raised:
        answer_of(200 if form == "old" else 400, json.dumps(body).encode())

    assert raised.value.code == code


CASES: list[tuple[int, Any, type[PlatformError]]] = [
    (401, {"code": "whatever"}, TokenWorn),
    (400, {"code": "InvalidAuthentication"}, TokenWorn),
    (403, {"code": "Forbidden.AccessDenied.QpsLimitForApi"}, TooQuick),
    (403, {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg"}, QuotaUsedUp),
    (200, {"status": 1111, "wait": 5, "source": "x5", "punish": "deny"}, RateLimited),
    (429, {}, RateLimited),
    (500, {"code": "unheardOf"}, Unreachable),
    (500, b"<html>", Unreachable),
    (502, b"<html>", DeliveryUncertain),
    (504, {}, DeliveryUncertain),
    (200, b"<html>blocked</html>", Unreachable),
    (404, b"", Unreachable),
    (400, {"code": "a.new.code"}, ContentRefused),
    (200, {"errcode": 987654, "errmsg": "new"}, ContentRefused),
    (400, {"code": ["odd"]}, ContentRefused),
    (302, {}, ContentRefused),
]


@pytest.mark.parametrize(("status", "body", "error"), CASES)
def test_an_answer_outside_the_table_is_judged_by_its_status(
    status: int, body: Any, error: type[PlatformError]
) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    with pytest.raises(error):
        answer_of(status, raw)


@pytest.mark.parametrize(
    "body", [{}, {"errcode": 0, "errmsg": "ok"}, {"errcode": "0"}, {"processQueryKey": "k"}]
)
def test_a_good_answer_is_given_back(body: dict[str, Any]) -> None:
    assert answer_of(200, json.dumps(body).encode()) == body


def test_an_error_never_repeats_what_the_platform_echoed() -> None:
    body = {"code": "userid zhangsan01 不存在", "message": "zhangsan01 said 截图"}

    with pytest.raises(PlatformError) as raised:
        answer_of(400, json.dumps(body).encode())

    assert "zhangsan01" not in f"{raised.value!r} {raised.value.code}"
