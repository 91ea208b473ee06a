"""The last sieve before the log: it never has to act, and says so when it does.

Logs are clean by construction: events are named, values are counts and classes. Should a number
or an account slip in all the same, the line is replaced by one that names the event only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

SCRUBBED = "scrubbed"
_KEPT = ("level", "timestamp", "incident")

_PERSONAL = re.compile(
    r"(?<!\d)(?:\d[ -]?){17,21}[\dXx](?!\d)"  # an identity number, a receipt, a card
    r"|(?<!\d)1[3-9]\d{9}(?!\d)"  # a mobile number
    r"|(?:wxid_|\$:LWCP_|cid[A-Za-z0-9+/]{8}|(?:wm|wo|wr|wb)[A-Za-z0-9_-]{12})"  # platforms' ids
    r"|(?:access_token|sessionWebhook|response_code|session)=[A-Za-z0-9._-]{6}"
    r"|[\u4e00-\u9fff]{12}"  # words: our own events are English
)


def looks_personal(text: str) -> bool:
    """Whether a text holds what no log of ours may hold."""
    return _PERSONAL.search(text) is not None


def scrubbed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A structlog processor: the event as it is, or, where it holds somebody's, its name alone."""
    if not any(looks_personal(str(value)) for value in event.values()):
        return event
    name = str(event.get("event", ""))
    kept = {key: event[key] for key in _KEPT if key in event}
    return {"event": SCRUBBED, "of": "" if looks_personal(name) else name, **kept}
