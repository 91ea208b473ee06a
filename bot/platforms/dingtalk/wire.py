"""A robot message's JSON → IncomingMessage; the same body in Stream frames and HTTP callbacks.

Everything beyond the message's key, conversation and sender is optional, because the platform
leaves fields out (unpublished robots, external people, old clients) and adds new ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.errors import Undecipherable
from bot.domain.messages import Conversation, IncomingMessage, ReplyAddress, Route
from bot.domain.private import Opaque, PrivateText
from bot.platforms.dingtalk.contents import content_of, quote_of
from bot.platforms.dingtalk.untrusted import json_object, number_of, object_of, text_of

PLATFORM = "dingtalk"
QUOTA_USED_UP = 20001
_DIRECT, _GROUP = "1", "2"
_EVERYBODY = ("@所有人", "@all")
_EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
_CLOCK_SKEW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class RobotChannel:
    """One robot on one route. `account` is the app's client id and scopes every id.

    `platform` is another where a deployment of its own speaks the same body.

    Over HTTP a message that names another robot is refused, because the proof does not cover the
    body; a Stream connection is the robot's own.
    """

    account: str
    route: Route
    robot_name: str
    robot_code: str = ""
    platform: str = PLATFORM


@dataclass(frozen=True, slots=True)
class OverQuota:
    """Somebody spoke to the robot, but the month's quota is used up and the words were withheld.

    It cannot be counted; the operator must hear of it.
    """

    account: str


def parse_robot_message(
    raw: str | bytes, channel: RobotChannel, received_at: datetime
) -> IncomingMessage | OverQuota:
    """The message that `raw` holds; raises Undecipherable, which says nothing of it.

    A group message reaches the robot only when it mentions the robot, so it counts as addressed
    unless the platform says otherwise. A missing or impossible time is the receipt's.
    """
    body = json_object(raw)
    if channel.route is Route.DINGTALK_HTTP and not _is_for(body, channel.robot_code):
        raise Undecipherable("meant for another robot")
    content = content_of(body, channel.robot_name)
    if number_of(body, "errCode") == QUOTA_USED_UP and not content.text:
        return OverQuota(channel.account)
    is_group = _is_group(body)
    sender = text_of(body, "senderStaffId") or text_of(body, "senderId")
    if not sender:
        raise Undecipherable("a message without a sender")
    # A DM is known by its peer: its conversation id says nothing more and reaches nobody.
    conversation = Conversation(
        is_group, _required(body, "conversationId") if is_group else Opaque(sender)
    )
    sent_at, timed_by_receipt = _sent_at(body, received_at)
    return IncomingMessage(
        platform=channel.platform,
        account=channel.account,
        route=channel.route,
        key=_required(body, "msgId"),
        conversation=conversation,
        sender=Opaque(sender),
        sent_at=sent_at,
        form=content.form,
        text=PrivateText(content.text),
        mentions=_mentions(body),
        mentions_all=any(word in content.text for word in _EVERYBODY),
        quote=quote_of(body),
        reply_to=_reply_to(body),
        is_addressed=not is_group or body.get("isInAtList") is not False,
        timed_by_receipt=timed_by_receipt,
        reply_address=_reply_address(body, channel, conversation),
    )


def _required(body: Mapping[str, Any], name: str) -> Opaque:
    value = text_of(body, name)
    if not value:
        raise Undecipherable(f"a message without {name}")
    return Opaque(value)


def _is_for(body: Mapping[str, Any], robot_code: str) -> bool:
    named = text_of(body, "robotCode")
    return not named or not robot_code or named == robot_code


def _is_group(body: Mapping[str, Any]) -> bool:
    kind = str(body.get("conversationType"))
    if kind not in (_DIRECT, _GROUP):
        raise Undecipherable("neither a group nor a direct message")
    return kind == _GROUP


def _sent_at(body: Mapping[str, Any], received_at: datetime) -> tuple[datetime, bool]:
    moment = _moment(body, "createAt")
    if moment is None or moment > received_at + _CLOCK_SKEW:
        return received_at, True
    return moment, False


def _moment(body: Mapping[str, Any], name: str) -> datetime | None:
    milliseconds = number_of(body, name)
    # The lower bound also catches seconds sent in place of milliseconds.
    if milliseconds is None or not _EARLIEST.timestamp() <= milliseconds / 1000 < 1e11:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _mentions(body: Mapping[str, Any]) -> tuple[Opaque, ...]:
    robot = text_of(body, "chatbotUserId")
    mentioned = body.get("atUsers")
    if not isinstance(mentioned, list):
        return ()
    people = [
        text_of(user, "staffId") or text_of(user, "dingtalkId")
        for user in mentioned
        if isinstance(user, dict) and not (robot and text_of(user, "dingtalkId") == robot)
    ]
    return tuple(Opaque(person) for person in dict.fromkeys(people) if person)


def _reply_to(body: Mapping[str, Any]) -> Opaque | None:
    for fields in (object_of(body, "text"), object_of(body, "content")):
        if key := text_of(object_of(fields, "repliedMsg"), "msgId"):
            return Opaque(key)
    key = text_of(object_of(body, "quoteMessage"), "msgId") or text_of(body, "originalMsgId")
    return Opaque(key) if key else None


def _reply_address(
    body: Mapping[str, Any], channel: RobotChannel, conversation: Conversation
) -> ReplyAddress:
    hook = text_of(body, "sessionWebhook")
    # Only the organisation's own user id can be mentioned or written to.
    to = text_of(body, "senderStaffId")
    return ReplyAddress(
        platform=channel.platform,
        account=channel.account,
        conversation=conversation,
        hook=Opaque(hook) if hook else None,
        hook_expires_at=_moment(body, "sessionWebhookExpiredTime") if hook else None,
        to=Opaque(to) if to else None,
    )
