"""The X-Hmac signature of 专有钉钉 and 浙政钉, as their Java SDK (zwdd-sdk-java 1.2.0) makes it."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime

VERSION = "1.0"


def canonical(
    method: str, timestamp: str, nonce: str, path: str, params: Mapping[str, str]
) -> str:
    """What is signed: a line each, then the parameters by name, not URL-encoded, empty ones left out."""
    given = sorted((item for item in params.items() if item[1]), key=lambda item: item[0].lower())
    lines = [method, timestamp, nonce, path]
    if given:
        lines.append("&".join(f"{name}={value}" for name, value in given))
    return "\n".join(lines)


def sign(
    secret: str, method: str, timestamp: str, nonce: str, path: str, params: Mapping[str, str]
) -> str:
    """Base64 of HMAC-SHA256 over the canonical text, under the app's secret."""
    text = canonical(method, timestamp, nonce, path, params)
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()


def written_time(now: datetime) -> str:
    """The time stamp: ISO 8601 with milliseconds and zone."""
    return now.astimezone().isoformat(timespec="milliseconds")
