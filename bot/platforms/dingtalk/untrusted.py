"""JSON from outside: parsed within limits, read without trusting a single type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from bot.domain.errors import Undecipherable
from bot.platforms.base import JSON_DEPTH_LIMIT, TEXT_LIMIT


def json_value(raw: str | bytes) -> Any:
    """What `raw` holds, at most 20 levels deep; raises Undecipherable, without a word of it."""
    try:
        value = orjson.loads(raw)
    except ValueError:
        raise Undecipherable("not JSON") from None
    if _may_be_deep(raw) and _depth(value) > JSON_DEPTH_LIMIT:
        raise Undecipherable("nested too deeply")
    return value


def json_object(raw: str | bytes) -> Mapping[str, Any]:
    """As `json_value`, and it is an object."""
    value = json_value(raw)
    if not isinstance(value, dict):
        raise Undecipherable("not a JSON object")
    return value


def _may_be_deep(raw: str | bytes) -> bool:
    # Counting brackets is a hundred times quicker than walking, and clears almost every message.
    if isinstance(raw, str):
        return raw.count("{") + raw.count("[") > JSON_DEPTH_LIMIT
    return raw.count(b"{") + raw.count(b"[") > JSON_DEPTH_LIMIT


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """The field, cut to 20 000 characters, when it is text; else empty."""
    value = fields.get(name)
    return value[:TEXT_LIMIT] if isinstance(value, str) else ""


def object_of(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The field when it is an object; else an empty one."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def number_of(fields: Mapping[str, Any], name: str) -> float | None:
    """The field when it is a number or the digits of one; the platform sends both."""
    value = fields.get(name)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 16:
        return float(value)
    return None
