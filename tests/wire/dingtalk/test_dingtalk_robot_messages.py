"""Robot message bodies, one per documented or observed shape, and what is made of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Undecipherable
from bot.domain.messages import Form, IncomingMessage, Quote, Route
from bot.domain.private import Opaque, PrivateText
from bot.platforms.dingtalk.wire import (
    OverQuota,
    RobotChannel,
    parse_robot_message,
)

SENT = datetime(2026, 9, 21, 14, 13, 20, 123000, UTC)
RECEIVED = SENT + timedelta(seconds=1)
CHANNEL = RobotChannel("dingdemoappkey", Route.DINGTALK_STREAM, "轻装", "dingdemoappkey")


def body_of(**fields: Any) -> dict[str, Any]:
    """A group message as the platform composes it; a field set to None is left out."""
    body: dict[str, Any] = {
        "conversationId": "cidDEMO1==",
        "conversationType": "2",
        "conversationTitle": "街道综治工作群",
        "msgId": "msgDEMO1==",
        "createAt": int(SENT.timestamp() * 1000),
        "senderId": "$:LWCP_v1:$abc",
        "senderStaffId": "zhangsan01",
        "senderNick": "张三",
        "isAdmin": True,
        "chatbotUserId": "$:LWCP_v1:$bot",
        "isInAtList": True,
        "atUsers": [
            {"dingtalkId": "$:LWCP_v1:$bot"},
            {"dingtalkId": "$:LWCP_v1:$li", "staffId": "lisi02"},
        ],
        "robotCode": "dingdemoappkey",
        "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=deadbeef",
        "sessionWebhookExpiredTime": int((SENT + timedelta(minutes=90)).timestamp() * 1000),
        "msgtype": "text",
        "text": {"content": " /状态 本周"},
        "aFieldOfNextYear": {"with": ["anything", 1, None]},
    }
    return {name: value for name, value in (body | fields).items() if value is not None}


def parsed(**fields: Any) -> IncomingMessage:
    message = parse_robot_message(orjson.dumps(body_of(**fields)), CHANNEL, RECEIVED)
    assert isinstance(message, IncomingMessage)
    return message


def test_a_group_text_becomes_an_addressed_message_without_the_leading_space() -> None:
    message = parsed()

    assert message.platform == "dingtalk"
    assert message.account == "dingdemoappkey"
    assert message.route is Route.DINGTALK_STREAM
    assert message.key == Opaque("msgDEMO1==")
    assert message.conversation.is_group
    assert message.conversation.id == Opaque("cidDEMO1==")
    assert message.sender == Opaque("zhangsan01")
    assert message.sent_at == SENT
    assert not message.timed_by_receipt
    assert message.form is Form.TEXT
    assert message.text == PrivateText("/状态 本周")
    assert message.mentions == (Opaque("lisi02"),)
    assert message.is_addressed
    assert message.quote is None
    assert not message.is_from_bot


def test_the_reply_address_holds_the_session_webhook_its_end_and_who_asked() -> None:
    address = parsed().reply_address

    assert address is not None
    assert address.hook == Opaque("https://oapi.dingtalk.com/robot/sendBySession?session=deadbeef")
    assert address.hook_expires_at == SENT + timedelta(minutes=90)
    assert address.to == Opaque("zhangsan01")


def test_a_direct_message_is_known_by_its_peer() -> None:
    message = parsed(conversationType="1", isInAtList=None, atUsers=None)

    assert not message.conversation.is_group
    assert message.conversation.id == Opaque("zhangsan01")
    assert message.is_addressed


def test_a_number_is_taken_where_the_platform_says_string_and_the_other_way_round() -> None:
    message = parsed(conversationType=2, createAt=str(int(SENT.timestamp() * 1000)))

    assert message.conversation.is_group
    assert message.sent_at == SENT


@pytest.mark.parametrize(
    "created",
    [None, "soon", "", -1, 0, True, 1e300, "9" * 16, {}, 1_790_000_000, 4_102_444_800_000],
)
def test_a_missing_or_impossible_time_is_the_receipts(created: Any) -> None:
    message = parsed(createAt=created)

    assert message.sent_at == RECEIVED
    assert message.timed_by_receipt


def test_an_old_message_keeps_its_time_however_late_it_comes() -> None:
    body = orjson.dumps(body_of())

    message = parse_robot_message(body, CHANNEL, RECEIVED + timedelta(days=40))

    assert isinstance(message, IncomingMessage)
    assert message.sent_at == SENT


def test_without_a_staff_id_the_encrypted_id_stands_and_nobody_can_be_written_to() -> None:
    """External people and unpublished robots have no staff id."""
    message = parsed(senderStaffId=None)

    assert message.sender == Opaque("$:LWCP_v1:$abc")
    assert message.reply_address is not None
    assert message.reply_address.to is None


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        (" ", ""),
        ("", ""),
        ("@轻装 /状态", "/状态"),
        ("@轻装/状态", "/状态"),
        ("@轻装\u2005请今晚8点前截图", "请今晚8点前截图"),
        ("@轻装备科今晚报表", "@轻装备科今晚报表"),
        ("@王五 今晚报表", "@王五 今晚报表"),
        ("\u3000／状态\u3000", "／状态"),
    ],
)
def test_only_a_typed_mention_of_this_robot_is_taken_off_plain_text(typed: str, left: str) -> None:
    assert parsed(text={"content": typed}).text == PrivateText(left)


RICH_PICTURE = {"type": "picture", "downloadCode": "d", "pictureDownloadCode": "p"}


@pytest.mark.parametrize(
    ("kind", "content", "form", "text"),
    [
        ("richText", {"richText": [{"text": "@轻装"}, {"text": "请各村报表\n"}, RICH_PICTURE, {"text": "见图"}]},
         Form.TEXT, "请各村报表\n见图"),
        ("richText", {"richText": [RICH_PICTURE]}, Form.IMAGE, "[图片]"),
        ("richText", {"richText": None}, Form.IMAGE, "[图片]"),
        ("picture", {"downloadCode": "d"}, Form.IMAGE, "[图片]"),
        ("audio", {"duration": 3000, "recognition": "今晚八点前截图"}, Form.VOICE, "今晚八点前截图"),
        ("audio", {"duration": 3000}, Form.VOICE, "[语音]"),
        ("video", {"duration": 3, "videoType": "mp4"}, Form.VIDEO, "[视频]"),
        ("file", {"fileName": "台账.xlsx"}, Form.FILE, "台账.xlsx"),
        ("markdown", {"title": "通知"}, Form.LINK, "通知"),
        ("interactiveCard", {"biz_custom_action_url": "x"}, Form.LINK, ""),
        ("unknownMsgType", {"unknownMsgType": "不支持的消息"}, Form.OTHER, ""),
        ("aTypeOfNextYear", {"text": "x"}, Form.OTHER, ""),
        ("text", None, Form.TEXT, ""),
    ],
)  # fmt: skip
def test_each_type_gives_its_form_and_words(
    kind: str, content: Any, form: Form, text: str
) -> None:
    message = parsed(msgtype=kind, text=None, content=content)

    assert (message.form, message.text) == (form, PrivateText(text))


def quoted(message: IncomingMessage) -> tuple[str, str] | None:
    quote = message.quote
    if quote is None:
        return None
    return quote.text.reveal(), quote.sender.reveal() if quote.sender else ""


WORDS = "请各社区今晚8点前截图上报"


@pytest.mark.parametrize(
    "content",
    [
        {"text": WORDS},
        {"content": WORDS},
        json.dumps({"text": WORDS}),
        json.dumps({"content": {"content": WORDS}}),
        WORDS,
        {"richText": [{"msgType": "at", "content": "@x"}, {"msgType": "text", "content": WORDS}]},
        {"summary": WORDS},
    ],
)
@pytest.mark.parametrize("holder", ["text", "content"])
def test_a_quote_is_found_wherever_this_client_put_it(holder: str, content: Any) -> None:
    replied = {
        "msgType": "text",
        "msgId": "mOLD",
        "senderId": "$:LWCP_v1:$boss",
        "content": content,
    }
    held = {"content": "登记", "isReplyMsg": True, "repliedMsg": replied}

    message = parsed(**{"text": {"content": "登记"}, holder: held})

    assert quoted(message) == (WORDS, "$:LWCP_v1:$boss")
    assert message.reply_to == Opaque("mOLD")
    assert message.text == PrivateText("登记")


def test_the_older_shape_of_a_quote_is_read_too() -> None:
    older = {"msgId": "m0", "msgtype": "text", "text": {"content": WORDS}, "senderNick": "王五"}

    message = parsed(quoteMessage=older)

    assert quoted(message) == (WORDS, "")
    assert message.reply_to == Opaque("m0")


def test_a_reply_of_which_only_the_key_is_known_has_no_quote() -> None:
    message = parsed(originalMsgId="m0")

    assert message.quote is None
    assert message.reply_to == Opaque("m0")


@pytest.mark.parametrize("words", ["[1]", "[收到]", "{收到}", "[", '{"a": 1'])
def test_quoted_words_that_look_like_json_are_words(words: str) -> None:
    message = parsed(text={"content": "登记", "repliedMsg": {"content": words}})

    assert message.quote == Quote(PrivateText(words))


RECORDS = [
    {"senderName": "王五", "content": "请今晚8点前截图"},
    {"senderNick": "赵六", "text": {"content": "收到"}},
    {"senderId": "x", "message": "还差三个社区"},
    "not a record",
]


@pytest.mark.parametrize("name", ["chatRecord", "records", "messages"])
@pytest.mark.parametrize("encode", [lambda value: value, json.dumps], ids=["list", "text"])
def test_a_forwarded_bundle_is_a_quote_without_names(name: str, encode: Any) -> None:
    message = parsed(
        conversationType="1", msgtype="chatRecord", text=None,
        content={"summary": "王五: …", "title": "聊天记录", name: encode(RECORDS)},
    )  # fmt: skip

    assert message.text == PrivateText("")
    assert quoted(message) == ("请今晚8点前截图\n收到\n还差三个社区", "")


def test_a_bundle_of_which_only_the_summary_came_is_quoted_by_it() -> None:
    message = parsed(msgtype="chatRecord", text=None, content={"summary": WORDS})

    assert quoted(message) == (WORDS, "")


@pytest.mark.parametrize("code", [20001, "20001"])
def test_a_message_withheld_for_the_used_up_quota_is_said_to_be_one(code: Any) -> None:
    raw = orjson.dumps(body_of(errCode=code, errMsg="over quota", text=None))

    assert parse_robot_message(raw, CHANNEL, RECEIVED) == OverQuota("dingdemoappkey")


def test_everybody_is_mentioned_only_where_the_text_says_so() -> None:
    assert parsed(text={"content": "@所有人 今晚8点前截图"}).mentions_all
    assert not parsed().mentions_all


@pytest.mark.parametrize("name", ["msgId", "conversationId", "conversationType"])
@pytest.mark.parametrize("value", [None, "", 7, [], {}])
def test_a_message_without_what_makes_it_one_is_refused_without_a_word_of_it(
    name: str, value: Any
) -> None:
    raw = orjson.dumps(body_of(**{name: value}))

    with pytest.raises(Undecipherable) as refused:
        parse_robot_message(raw, CHANNEL, RECEIVED)

    assert "状态" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_message_without_any_sender_is_refused() -> None:
    with pytest.raises(Undecipherable):
        parse_robot_message(
            orjson.dumps(body_of(senderId=None, senderStaffId=None)), CHANNEL, RECEIVED
        )


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b'{"a":NaN}', b'{"msgId":"\\ud800"}',
     b"[" * 100_000, b'{"a":' * 30 + b"1" + b"}" * 30],
)  # fmt: skip
def test_what_is_not_a_shallow_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(Undecipherable):
        parse_robot_message(raw, CHANNEL, RECEIVED)


def test_words_beyond_twenty_thousand_characters_are_cut() -> None:
    message = parsed(text={"content": "报" * 30_000})

    assert len(message.text.reveal()) == 20_000


def test_a_message_shows_neither_words_nor_ids_when_printed() -> None:
    shown = repr(parsed()) + str(parsed())

    for private in ("状态", "zhangsan01", "cidDEMO1", "msgDEMO1", "deadbeef", "张三", "街道"):
        assert private not in shown


@pytest.mark.parametrize(
    ("route", "named", "is_taken"),
    [
        (Route.DINGTALK_HTTP, "dingsomebodyelse", False),
        (Route.DINGTALK_HTTP, "dingdemoappkey", True),
        (Route.DINGTALK_HTTP, None, True),
        (Route.DINGTALK_STREAM, "dingsomebodyelse", True),
    ],
)
def test_over_http_a_message_that_names_another_robot_is_refused(
    route: Route, named: str | None, is_taken: bool
) -> None:
    raw = orjson.dumps(body_of(robotCode=named))

    if is_taken:
        parse_robot_message(raw, replace(CHANNEL, route=route), RECEIVED)
    else:
        with pytest.raises(Undecipherable):
            parse_robot_message(raw, replace(CHANNEL, route=route), RECEIVED)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(fields=st.dictionaries(st.sampled_from(sorted(body_of())), ANYTHING, max_size=4))
def test_no_field_of_any_type_breaks_the_parser(fields: dict[str, Any]) -> None:
    raw = orjson.dumps(body_of() | fields, default=str)

    try:
        message = parse_robot_message(raw, CHANNEL, RECEIVED)
    except Undecipherable:
        return
    assert isinstance(message, IncomingMessage | OverQuota)


@given(kind=st.sampled_from(["text", "richText", "audio", "file", "chatRecord", "markdown"]),
       content=ANYTHING, replied=ANYTHING)  # fmt: skip
def test_no_content_of_any_type_breaks_the_parser(kind: str, content: Any, replied: Any) -> None:
    held = {"content": content, "repliedMsg": replied, "richText": content, "chatRecord": content}

    message = parsed(msgtype=kind, text=held, content=held)

    assert isinstance(message.text.reveal(), str)
