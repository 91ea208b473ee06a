"""Interactive cards on DingTalk's stand-in: made by a template, clicked, changed by the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TEMPLATE = "standin.schema"
LONGEST_VALUE = 1024
MOST_BUTTONS = 6
_SPACES = {"IM_GROUP": "group", "IM_ROBOT": "person"}


@dataclass(slots=True)
class ShownCard:
    """A card as its readers see it; `route_key` is empty where clicks go by Stream."""

    by: str
    to: str
    track: str
    params: dict[str, str]
    route_key: str = ""

    @property
    def title(self) -> str:
        """Its head."""
        return self.params.get("title", "")

    @property
    def status(self) -> str:
        """What was done; empty before."""
        return self.params.get("status", "")

    @property
    def buttons(self) -> dict[str, str]:
        """Label → value, of those that are not hidden."""
        params = self.params
        return {
            params[f"label{n}"]: params.get(f"value{n}", "")
            for n in range(1, MOST_BUTTONS + 1)
            if params.get(f"label{n}")
        }


class StandinCards:
    """Cards by their track id. `template` is the one that is published; "" for none."""

    def __init__(self) -> None:
        self.template = TEMPLATE
        self.shown: dict[str, ShownCard] = {}
        self.registered: dict[str, tuple[str, str]] = {}  # route key → address and secret

    def take(self, asked: Mapping[str, Any]) -> str:
        """Make a card and deliver it; the error's code, empty for none."""
        track = str(asked.get("outTrackId", ""))
        if asked.get("cardTemplateId") != self.template or not self.template:
            return "cardTemplate.not.exist"
        if not track:
            return "card.outTraceIdEmpty"
        if track in self.shown:
            return "card.outTraceIdError"
        space, _, to = str(asked.get("openSpaceId", "")).removeprefix("dtv1.card//").partition(".")
        if space not in _SPACES or not to:
            return "param.openSpaceIdInvalid"
        params = asked.get("cardData", {}).get("cardParamMap", {})
        if not _are_texts(params):
            return "contentCheckError"
        callback, route_key = asked.get("callbackType"), str(asked.get("callbackRouteKey", ""))
        if callback not in ("STREAM", "HTTP") or (callback == "HTTP") is not bool(route_key):
            return "param.error"
        self.shown[track] = ShownCard(_SPACES[space], to, track, dict(params), route_key)
        return ""

    def register(self, asked: Mapping[str, Any]) -> None:
        """Remember where clicks go over HTTP."""
        address = (str(asked.get("callbackUrl", "")), str(asked.get("apiSecret", "")))
        self.registered[str(asked.get("callbackRouteKey", ""))] = address

    def change(self, track: str, answer: Any) -> None:
        """Change a card as the answer to its click says."""
        if not isinstance(answer, dict) or not answer.get("cardUpdateOptions"):
            return
        params = answer.get("cardData", {}).get("cardParamMap", {})
        if _are_texts(params):
            self.shown[track].params.update(params)

    def latest(self, to: str) -> ShownCard:
        """The newest card that was shown somewhere; LookupError where there is none."""
        for card in reversed(self.shown.values()):
            if card.to == to:
                return card
        raise LookupError("no card was shown there")


def click_body(card: ShownCard, who: str, value: str, corp_id: str) -> dict[str, Any]:
    """A click as the platform tells of it (sheet 8.3)."""
    content = {"cardPrivateData": {"actionIds": ["choose"], "params": {"value": value}}}
    return {
        "type": "actionCallback",
        "outTrackId": card.track,
        "corpId": corp_id,
        "userId": who,
        "userIdType": 1,
        "spaceId": card.to,
        "spaceType": "IM_GROUP" if card.by == "group" else "IM_ROBOT",
        "extension": "{}",
        "content": json.dumps(content, ensure_ascii=False),
    }


def _are_texts(params: Any) -> bool:
    return isinstance(params, dict) and all(
        isinstance(value, str) and len(value.encode()) <= LONGEST_VALUE
        for value in params.values()
    )
