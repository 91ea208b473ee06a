"""Cards as DingTalk's interactive cards (sheet 5.6), and their clicks (8.3).

A card is shown by a template that the organisation makes on the card platform; what is sent are
the variables of it: `title`, `text`, `status`, and for each button `label1` and `value1` to
`label6` and `value6`. A button shows its label, is hidden while that is empty, and gives its value
back as the parameter `value`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.cards import MOST_CHOICES, Card, Choice, Click, Done
from bot.domain.errors import Undecipherable
from bot.domain.messages import Conversation, Form, IncomingMessage, ReplyAddress
from bot.domain.private import Opaque
from bot.platforms.dingtalk.untrusted import json_object, object_of, text_of
from bot.platforms.dingtalk.wire import RobotChannel
from handlers.ports import Destination

LONGEST_PARAM = 1000  # of 1 KB; the signed values are held to the same
GROUP_SPACE, PERSON_SPACE = "IM_GROUP", "IM_ROBOT"
_SPACE = "dtv1.card//"
_BY_USER_ID = 1


@dataclass(frozen=True, slots=True)
class CardChannel:
    """By which template cards are shown, and where their clicks go: by Stream, or over HTTP to
    the address that was registered under `route_key`."""

    template: str
    robot_code: str
    route_key: str = ""

    def delivery(self, card: Card, to: Destination) -> Mapping[str, Any]:
        """The call that makes a signed card and delivers it to a group or person."""
        callback = {"callbackType": "STREAM"}
        if self.route_key:
            callback = {"callbackType": "HTTP", "callbackRouteKey": self.route_key}
        space = GROUP_SPACE if to.is_group else PERSON_SPACE
        return {
            "cardTemplateId": self.template,
            "outTrackId": card.id,
            **callback,
            "cardData": {"cardParamMap": _params(card)},
            "openSpaceId": f"{_SPACE}{space}.{to.id.reveal()}",
            "userIdType": _BY_USER_ID,
            **(self._of_group(card) if to.is_group else self._of_person(card)),
        }

    def _of_group(self, card: Card) -> dict[str, Any]:
        # Forwarded it would be a card elsewhere, whose values are refused there.
        model = {"supportForward": False, "lastMessageI18n": {"ZH_CN": card.title}}
        return {
            "imGroupOpenSpaceModel": model,
            "imGroupOpenDeliverModel": {"robotCode": self.robot_code},
        }

    def _of_person(self, card: Card) -> dict[str, Any]:
        model = {"supportForward": False, "lastMessageI18n": {"ZH_CN": card.title}}
        deliver = {"spaceType": PERSON_SPACE, "robotCode": self.robot_code}
        return {"imRobotOpenSpaceModel": model, "imRobotOpenDeliverModel": deliver}


def fits(card: Card) -> bool:
    """Whether every variable is short enough for the platform."""
    return all(
        len(value.encode()) <= LONGEST_PARAM for value in (card.title, _text(card))
    )  # fmt: skip


def answer_of(done: Done | None) -> Mapping[str, Any]:
    """What the acknowledgement of a click says: what was done, in place of the buttons."""
    if done is None:
        return {}
    return {
        "cardUpdateOptions": {"updateCardDataByKey": True},
        "cardData": {
            "cardParamMap": {"status": f"{done.label} {done.what}".strip(), **_buttons(())}
        },
    }


def parse_click(raw: str | bytes, channel: RobotChannel, received_at: datetime) -> IncomingMessage:
    """A click as a message in which nothing is said; raises Undecipherable.

    The platform gives no time and no number of the click: card, person, value and the minute in
    which it came are its key.
    """
    body = json_object(raw)
    person, card = text_of(body, "userId"), text_of(body, "outTrackId")
    if not person or not card:
        raise Undecipherable("a click without userId or outTrackId")
    params = object_of(object_of(_content(body), "cardPrivateData"), "params")
    value = text_of(params, "value")
    where = _conversation(body, person)
    return IncomingMessage(
        platform=channel.platform,
        account=channel.account,
        route=channel.route,
        key=Opaque("\x1f".join(("click", card, person, value, f"{received_at:%m%d%H%M}"))),
        conversation=where,
        sender=Opaque(person),
        sent_at=received_at,
        form=Form.OTHER,
        is_addressed=True,
        timed_by_receipt=True,
        reply_address=ReplyAddress(channel.platform, channel.account, where, to=Opaque(person)),
        click=Click(Opaque(value), Opaque(card)),
    )


def _content(body: Mapping[str, Any]) -> Mapping[str, Any]:
    written = body.get("content")
    # Documented as text; an object would be the same document not encoded twice.
    return json_object(written) if isinstance(written, str) else object_of(body, "content")


def _conversation(body: Mapping[str, Any], person: str) -> Conversation:
    # The full name of a space is dtv1.card//TYPE.ID; whether the field holds that or the ID
    # alone is not written anywhere.
    kind, space = text_of(body, "spaceType"), text_of(body, "spaceId")
    space = space.removeprefix(_SPACE).removeprefix(f"{GROUP_SPACE}.")
    if kind == GROUP_SPACE:
        if not space:
            raise Undecipherable("a click in a group without spaceId")
        return Conversation(is_group=True, id=Opaque(space))
    return Conversation(is_group=False, id=Opaque(person))


def _params(card: Card) -> dict[str, str]:
    return {"title": card.title, "text": _text(card), "status": "", **_buttons(card.choices)}


def _text(card: Card) -> str:
    return "\n\n".join([*(f"{fact.name} {fact.value}" for fact in card.facts), card.text]).strip()


def _buttons(choices: tuple[Choice, ...]) -> dict[str, str]:
    params: dict[str, str] = {}
    for place in range(MOST_CHOICES):
        choice = choices[place] if place < len(choices) else None
        params[f"label{place + 1}"] = choice.label if choice else ""
        params[f"value{place + 1}"] = choice.value if choice else ""
    return params
