"""Robot messages as DingTalk composes them, for the stand-in (sheet 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SESSION_LIFE = timedelta(milliseconds=5_400_060)
ROBOT_MENTION = "$:LWCP_v1:$robot"


@dataclass(frozen=True, slots=True)
class Said:
    """Something a person says to the robot: in a `group`, or directly when that is empty.

    `key` is the message's id; the same key again is the same message. `quoted` is the text of
    the message it answers, `nick` what its sender is called.
    """

    key: str
    sender: str
    text: str
    at: datetime
    group: str = ""
    mentions: Sequence[str] = ()
    quoted: str = ""
    nick: str = "某某"


def body_of(said: Said, *, robot_code: str, corp_id: str, session_webhook: str) -> dict[str, Any]:
    """The body that Stream frames carry and HTTP callbacks post.

    As the platform does, the robot's visible mention is gone from the text and a space is left.
    """
    text: dict[str, Any] = {"content": f" {said.text}" if said.group else said.text}
    if said.quoted:
        text["isReplyMsg"] = True
        text["repliedMsg"] = {
            "msgType": "text",
            "msgId": f"{said.key}-quoted",
            "senderId": "$:LWCP_v1:$quoted",
            "content": {"text": said.quoted},
        }
    body: dict[str, Any] = {
        "conversationId": said.group or f"dm-{said.sender}",
        "conversationType": "2" if said.group else "1",
        "msgId": said.key,
        "createAt": _milliseconds(said.at),
        "senderId": f"$:LWCP_v1:${said.sender}",
        "senderStaffId": said.sender,
        "senderNick": said.nick,
        "senderCorpId": corp_id,
        "chatbotUserId": ROBOT_MENTION,
        "chatbotCorpId": corp_id,
        "isAdmin": False,
        "senderPlatform": "Win",
        "robotCode": robot_code,
        "sessionWebhook": session_webhook,
        "sessionWebhookExpiredTime": _milliseconds(said.at + SESSION_LIFE),
        "msgtype": "text",
        "text": text,
    }
    if said.group:
        mentioned = [{"dingtalkId": f"$:LWCP_v1:${who}", "staffId": who} for who in said.mentions]
        body |= {
            "conversationTitle": "工作群",
            "isInAtList": True,
            "atUsers": [{"dingtalkId": ROBOT_MENTION}, *mentioned],
        }
    return body


def _milliseconds(when: datetime) -> int:
    return round(when.timestamp() * 1000)
