"""The value behind a button: a command, bound to its card, its place and its time, and signed."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import datetime

from bot.domain.cards import CLICKABLE, Choice, Click
from bot.domain.commands import CommandCall
from bot.domain.errors import SignatureMismatch, Stale
from bot.domain.private import Opaque

LONGEST_VALUE = 1000
"""WeCom takes 1 024 bytes of a button's key, DingTalk 1 KB of a parameter."""
_PURPOSE = "qingzhuang/card/1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card is shown or clicked, and to or by whom."""

    platform: str
    account: str
    is_group: bool
    conversation: Opaque
    person: Opaque


def sign(key: bytes, choice: Choice, card: str, place: Place, expires_at: datetime) -> str:
    """The value of a button: `payload.mac`, both URL-safe base64 without padding.

    The place is in the MAC (HMAC-SHA256) and not in the payload: no id is written into it.
    """
    said = [
        card, int(expires_at.timestamp()), choice.is_private, choice.command, choice.argument
    ]  # fmt: skip
    payload = _coded(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())
    return f"{payload}.{_mac(key, payload, place, is_private=choice.is_private)}"


def called(key: bytes, click: Click, place: Place, now: datetime) -> CommandCall:
    """The command that a click means. Raises SignatureMismatch and Stale.

    The MAC covers the payload as it is written, and is compared as it is written: base64 has
    several ways of writing the same bytes, and only ours is taken.
    """
    value = click.value.reveal()
    payload, _, mac = value.partition(".")
    if len(value) > LONGEST_VALUE or not value.isascii() or not mac:
        raise SignatureMismatch("no value of a card")
    # Who clicked is in the MAC or not: which, only an authentic payload can say.
    is_private = hmac.compare_digest(mac, _mac(key, payload, place, is_private=True))
    if not is_private and not hmac.compare_digest(
        mac, _mac(key, payload, place, is_private=False)
    ):
        raise SignatureMismatch("the value of a card does not fit")
    card, expires_at, _, command, argument = json.loads(_decoded(payload))
    if command not in CLICKABLE or card != click.card.reveal():
        raise SignatureMismatch("the value belongs to another card")
    if now.timestamp() >= expires_at:
        raise Stale("the card has expired")
    return CommandCall(command, argument)


def _mac(key: bytes, payload: str, place: Place, *, is_private: bool) -> str:
    bound = [
        _PURPOSE,
        place.platform,
        place.account,
        "group" if place.is_group else "person",
        place.conversation.reveal(),
        [place.person.reveal()] if is_private else [],
        payload,
    ]
    return _coded(hmac.digest(key, json.dumps(bound).encode(), "sha256"))


def _coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(written: str) -> bytes:
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
