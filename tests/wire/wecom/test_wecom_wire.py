"""WeCom's payloads, one of each type, and what is made of them."""

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cards import Click
from bot.domain.errors import Undecipherable
from bot.domain.messages import Form, IncomingMessage, Route
from bot.domain.private import Opaque
from bot.platforms.base import TEXT_LIMIT
from bot.platforms.wecom.aibot_wire import encrypted_part, parse_aibot
from bot.platforms.wecom.app_wire import parse_app_xml, slice_encrypt
from bot.platforms.wecom.archive_wire import ArchiveReader
from bot.platforms.wecom.payload import (
    Event,
    Occurrence,
    Recall,
    mentions_in,
    read_json,
    split_quotation,
    without_first_mention,
)

CORP = "ww0123456789abcdef"
NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
READER = ArchiveReader(CORP, "统计助手", ("wbOWN",), lambda said: said == "/状态")


def app_xml(kind: str, inner: str, sender: str = "li.hua") -> bytes:
    return (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName>"
        f"<FromUserName><![CDATA[{sender}]]></FromUserName>\n<CreateTime>1788238800</CreateTime>"
        f"<MsgType><![CDATA[{kind}]]></MsgType>{inner}<AgentID>1000007</AgentID></xml>"
    ).encode()


def from_app(kind: str, inner: str) -> IncomingMessage:
    found = parse_app_xml(app_xml(kind, inner + "<MsgId>7412345678901234567</MsgId>"), CORP)
    assert isinstance(found, IncomingMessage)
    return found


def aibot(**fields: object) -> bytes:
    body = {
        "msgid": "CAIQ1f",
        "aibotid": "AIBxyz",
        "chatid": "wrAbCdEfGh",
        "chattype": "group",
        "from": {"userid": "zhang.wei"},
        "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC",
        **fields,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def from_aibot(**fields: object) -> IncomingMessage:
    found = parse_aibot(aibot(**fields), CORP, "AIBxyz", "统计助手", NOW)
    assert isinstance(found, IncomingMessage)
    return found


def archived(kind: str, **fields: object) -> bytes:
    record = {
        "msgid": "9_1788238800",
        "action": "send",
        "from": "wang.fang",
        "tolist": ["zhang.wei", "li.hua"],
        "roomid": "wrJawBCQAAxx",
        "msgtime": 1788238800123,
        "msgtype": kind,
        **fields,
    }
    return json.dumps(record, ensure_ascii=False).encode()


def from_archive(kind: str, **fields: object) -> IncomingMessage:
    found = READER.read(archived(kind, **fields))
    assert isinstance(found, IncomingMessage)
    return found


def record_item(kind: str, **content: object) -> dict[str, object]:
    """A message of a chat record; its object comes as a JSON string, its time in seconds."""
    written = json.dumps(content, ensure_ascii=False)
    return {"type": kind, "msgtime": 1_788_235_200, "content": written, "from_chatroom": True}


class TestApp:
    @pytest.mark.parametrize(
        ("kind", "inner", "form", "text"),
        [
            ("text", "<Content><![CDATA[/投诉 三号群]]></Content>", Form.TEXT, "/投诉 三号群"),
            ("text", "<Content>没有 CDATA &amp; 也行</Content>", Form.TEXT, "没有 CDATA & 也行"),
            ("image", "<PicUrl>http://x</PicUrl><MediaId>m</MediaId>", Form.IMAGE, "[图片]"),
            ("voice", "<MediaId>m</MediaId><Format>amr</Format>", Form.VOICE, "[语音]"),
            ("voice", "<Recognition>明早报数</Recognition>", Form.VOICE, "明早报数"),
            ("video", "<MediaId>m</MediaId>", Form.VIDEO, "[视频]"),
            (
                "location",
                "<Label><![CDATA[双井路闸口]]></Label>",
                Form.LOCATION,
                "[位置] 双井路闸口",
            ),
            ("link", "<Title>通知</Title><Url>http://x</Url>", Form.LINK, "通知"),
            ("file", "<FileName>台账.xlsx</FileName>", Form.FILE, "台账.xlsx"),
            ("hologram", "<Beam>1</Beam>", Form.OTHER, ""),
        ],
    )
    def test_each_type_becomes_a_message(self, kind, inner, form, text):
        message = from_app(kind, inner)

        assert (message.form, message.text.reveal()) == (form, text)
        assert message.route is Route.WECOM_APP
        assert message.key.reveal() == "7412345678901234567"
        assert message.sent_at == datetime(2026, 9, 1, 5, 0, tzinfo=UTC)
        assert message.is_addressed
        assert message.reply_address is not None
        assert message.reply_address.to == message.sender

    def test_a_menu_whose_key_is_a_command_is_that_command(self):
        inner = "<Event>click</Event><EventKey>/状态</EventKey>"
        found = parse_app_xml(app_xml("event", inner), CORP)

        assert isinstance(found, IncomingMessage)
        assert (found.text.reveal(), found.click) == ("/状态", None)

    def test_a_card_s_key_is_a_value_to_be_verified_and_never_words(self):
        inner = (
            "<Event>template_card_event</Event><EventKey>/状态</EventKey><TaskId>T</TaskId>"
            "<ResponseCode>RC</ResponseCode>"
        )
        found = parse_app_xml(app_xml("event", inner), CORP)

        assert isinstance(found, IncomingMessage)
        assert found.text.reveal() == ""
        assert found.click == Click(Opaque("/状态"), Opaque("T"))
        assert found.reply_address is not None
        assert found.reply_address.clicked == Opaque("RC")

    def test_the_menu_of_a_card_is_none_of_ours(self):
        inner = "<Event>template_card_menu_event</Event><EventKey>/状态</EventKey>"
        found = parse_app_xml(app_xml("event", inner), CORP)

        assert isinstance(found, Event)
        assert found.occurrence is Occurrence.OTHER

    def test_two_clicks_in_one_second_are_two_and_a_repetition_is_one(self):
        def key(event_key: str) -> str:
            inner = f"<Event>click</Event><EventKey>{event_key}</EventKey>"
            found = parse_app_xml(app_xml("event", inner), CORP)
            assert isinstance(found, IncomingMessage)
            return found.key.reveal()

        assert key("/状态") != key("/帮助")
        assert key("/状态") == key("/状态")

    @pytest.mark.parametrize(
        ("event", "occurrence"),
        [
            ("subscribe", Occurrence.SUBSCRIBED),
            ("enter_agent", Occurrence.ENTERED),
            ("inactive_alert", Occurrence.INACTIVE),
            ("low_active_alert", Occurrence.INACTIVE),
            ("reopen_inactive_agent", Occurrence.ACTIVE_AGAIN),
            ("change_contact", Occurrence.OTHER),
            ("never_heard_of", Occurrence.OTHER),
        ],
    )
    def test_events_are_named_from_a_closed_list(self, event, occurrence):
        found = parse_app_xml(app_xml("event", f"<Event>{event}</Event>"), CORP)

        assert isinstance(found, Event)
        assert found.occurrence is occurrence

    def test_what_the_platform_itself_says_has_no_sender(self):
        found = parse_app_xml(app_xml("event", "<Event>x</Event>", sender="sys"), CORP)

        assert found == Event(Occurrence.NO_SENDER)

    def test_the_outer_element_is_cut_out_with_or_without_cdata(self):
        assert slice_encrypt(b"<xml><Encrypt><![CDATA[QUJD]]></Encrypt></xml>") == "QUJD"
        assert slice_encrypt(b"<xml>\n<Encrypt>\nQUJD\n</Encrypt></xml>") == "QUJD"


class TestAibot:
    def test_a_group_message_loses_its_leading_mention(self):
        message = from_aibot(msgtype="text", text={"content": "@统计助手 /记 截图"})

        assert message.text.reveal() == "/记 截图"
        assert message.is_addressed
        assert message.conversation.is_group
        assert message.conversation.id.reveal() == "wrAbCdEfGh"
        assert message.timed_by_receipt
        assert message.sent_at == NOW

    def test_its_own_time_is_preferred(self):
        message = from_aibot(msgtype="text", text={"content": "x"}, create_time=1788238800)

        assert not message.timed_by_receipt
        assert message.sent_at == datetime(2026, 9, 1, 5, 0, tzinfo=UTC)

    def test_a_direct_message_is_of_its_sender(self):
        message = from_aibot(chattype="single", msgtype="text", text={"content": "@王主任 在吗"})

        assert not message.conversation.is_group
        assert message.conversation.id == message.sender
        assert message.text.reveal() == "@王主任 在吗"

    def test_the_answer_goes_to_the_reply_address_within_the_hour(self):
        address = from_aibot(msgtype="text", text={"content": "x"}).reply_address

        assert address is not None
        assert address.hook is not None
        assert address.hook.reveal().endswith("response_code=RC")
        assert address.hook_expires_at == NOW + timedelta(hours=1)

    @pytest.mark.parametrize(
        ("message", "form", "text"),
        [
            ({"msgtype": "image", "image": {"url": "https://x"}}, Form.IMAGE, "[图片]"),
            ({"msgtype": "voice", "voice": {"content": "明早报数"}}, Form.VOICE, "明早报数"),
            ({"msgtype": "video", "video": {"url": "https://x"}}, Form.VIDEO, "[视频]"),
            ({"msgtype": "file", "file": {"url": "https://x"}}, Form.FILE, ""),
            ({"msgtype": "hologram"}, Form.OTHER, ""),
            (
                {
                    "msgtype": "mixed",
                    "mixed": {
                        "msg_item": [
                            {"msgtype": "text", "text": {"content": "@统计助手 看这个"}},
                            {"msgtype": "image", "image": {"url": "https://x"}},
                        ]
                    },
                },
                Form.TEXT,
                "看这个\n[图片]",
            ),
        ],
    )
    def test_each_type_becomes_a_message(self, message, form, text):
        found = from_aibot(**message)

        assert (found.form, found.text.reveal()) == (form, text)

    @pytest.mark.parametrize(
        ("quote", "text"),
        [
            ({"msgtype": "text", "text": {"content": "今晚截图"}}, "今晚截图"),
            ({"msgtype": "image", "image": {"url": "https://x"}}, "[图片]"),
            ({"msgtype": "voice", "voice": {"content": "报数"}}, "报数"),
        ],
    )
    def test_a_quotation_comes_along(self, quote, text):
        message = from_aibot(msgtype="text", text={"content": "@统计助手 /记"}, quote=quote)

        assert message.quote is not None
        assert message.quote.text.reveal() == text

    @pytest.mark.parametrize(
        "event",
        [
            {
                "eventtype": "template_card_event",
                "template_card_event": {"event_key": "/状态", "task_id": "T-9"},
            },
            {"eventtype": "template_card_event", "event_key": "/状态", "task_id": "T-9"},
        ],
    )
    def test_a_card_click_is_a_value_to_be_verified_in_either_shape(self, event):
        found = from_aibot(msgtype="event", event=event)

        assert found.text.reveal() == ""
        assert found.click == Click(Opaque("/状态"), Opaque("T-9"))

    @pytest.mark.parametrize(
        ("fields", "occurrence"),
        [
            ({"msgtype": "stream", "stream": {"id": "S1"}}, Occurrence.STREAM_POLL),
            ({"msgtype": "event", "event": {"eventtype": "enter_chat"}}, Occurrence.ENTERED),
            ({"msgtype": "event", "event": {"eventtype": "feedback_event"}}, Occurrence.FEEDBACK),
            ({"msgtype": "event", "event": {"eventtype": "later"}}, Occurrence.OTHER),
            ({"msgtype": "event", "event": []}, Occurrence.OTHER),
            ({"msgtype": "text", "from": {}}, Occurrence.NO_SENDER),
            ({"msgtype": "text", "from": {"userid": "sys"}}, Occurrence.NO_SENDER),
        ],
    )
    def test_what_is_no_message_is_named(self, fields, occurrence):
        found = parse_aibot(aibot(**fields), CORP, "AIBxyz", "统计助手", NOW)

        assert isinstance(found, Event)
        assert found.occurrence is occurrence

    @pytest.mark.parametrize("fields", [{"msgid": ""}, {"chatid": None}, {"aibotid": "AIBother"}])
    def test_a_message_without_its_ids_is_refused(self, fields):
        with pytest.raises(Undecipherable):
            parse_aibot(aibot(msgtype="text", **fields), CORP, "AIBxyz", "统计助手", NOW)

    def test_the_sealed_part_is_read_from_json(self):
        assert encrypted_part(b'{"encrypt":"QUJD"}') == "QUJD"


ARCHIVED = [
    ("text", {"text": {"content": "请截图回传"}}, Form.TEXT, "请截图回传"),
    ("markdown", {"info": {"content": "# 通知"}}, Form.TEXT, "# 通知"),
    ("image", {"image": {"sdkfileid": "f", "md5sum": "0"}}, Form.IMAGE, "[图片]"),
    ("emotion", {"emotion": {"type": 1}}, Form.IMAGE, "[图片]"),
    ("voice", {"voice": {"play_length": 3}}, Form.VOICE, "[语音]"),
    ("video", {"video": {"play_length": 3}}, Form.VIDEO, "[视频]"),
    ("file", {"file": {"filename": "台账.xlsx"}}, Form.FILE, "台账.xlsx"),
    ("qydiskfile", {"info": {"filename": "盘.docx"}}, Form.FILE, "盘.docx"),
    ("link", {"link": {"title": "签到链接", "link_url": "u"}}, Form.LINK, "签到链接"),
    ("docmsg", {"doc": {"title": "排班表"}}, Form.LINK, "排班表"),
    ("news", {"info": {"item": [{"title": "一"}, {"title": "二"}]}}, Form.LINK, "一\n二"),
    ("weapp", {"weapp": {"title": "早岗签到"}}, Form.LINK, "[小程序] 早岗签到"),
    ("location", {"location": {"title": "东门", "address": "路"}}, Form.LOCATION, "[位置] 东门"),
    ("location", {"location": {"address": "学府路"}}, Form.LOCATION, "[位置] 学府路"),
    (
        "collect",
        {
            "collect": {
                "title": "夜间在岗打卡",
                "details": [{"id": 1, "ques": "姓名"}, {"id": 2, "ques": "定位"}],
            }
        },
        Form.LINK,
        "[填表] 夜间在岗打卡\n姓名、定位",
    ),
    (
        "vote",
        {"vote": {"votetitle": "最美", "voteitem": ["甲", "乙"]}},
        Form.LINK,
        "[投票] 最美\n甲、乙",
    ),
    ("todo", {"todo": {"title": "待办", "content": "报数"}}, Form.LINK, "[待办] 待办\n报数"),
    ("chain", {"chain": {"title": "接龙报平安"}}, Form.LINK, "[接龙] 接龙报平安"),
    ("calendar", {"calendar": {"title": "例会", "place": "三楼"}}, Form.LINK, "[日程] 例会\n三楼"),
    ("meeting", {"meeting": {"topic": "防汛调度"}}, Form.LINK, "[会议] 防汛调度"),
    (
        "mixed",
        {
            "mixed": {
                "item": [
                    {"type": "text", "content": '{"content":"照这个报"}'},
                    {"type": "image", "content": '{"md5sum":"0"}'},
                    {"type": "text", "content": "not json"},
                ]
            }
        },
        Form.TEXT,
        "照这个报\n[图片]",
    ),
    ("redpacket", {"redpacket": {"wish": "发财"}}, Form.OTHER, ""),
    ("card", {"card": {"userid": "u"}}, Form.OTHER, ""),
    ("sphfeed", {"sphfeed": {"feed_desc": "x"}}, Form.OTHER, ""),
    ("voiptext", {"info": {"callduration": 3}}, Form.OTHER, ""),
    ("never_heard_of", {}, Form.OTHER, ""),
    ("text", {"text": None}, Form.TEXT, ""),
    ("vote", {"vote": {"voteitem": [1, None, {}]}}, Form.LINK, "[投票] 1"),
]


class TestArchive:
    @pytest.mark.parametrize(("kind", "fields", "form", "text"), ARCHIVED)
    def test_each_type_becomes_a_message(self, kind, fields, form, text):
        message = from_archive(kind, **fields)

        assert (message.form, message.text.reveal()) == (form, text)
        assert message.route is Route.WECOM_ARCHIVE
        assert message.conversation.id.reveal() == "wrJawBCQAAxx"
        assert message.sent_at == datetime(2026, 9, 1, 5, 0, 0, 123_000, tzinfo=UTC)
        assert message.reply_address is None
        assert not message.is_addressed

    def test_a_forwarded_record_is_its_inside_and_not_the_title_that_names_people(self):
        message = from_archive(
            "chatrecord",
            chatrecord={
                "title": "王芳和李强的聊天记录",
                "item": [
                    record_item("ChatRecordText", content="@所有人 今晚截图"),
                    record_item("ChatRecordImage"),
                    record_item("ChatRecordFile", filename="台账.xlsx"),
                    record_item("ChatRecordHologram", beam=1),
                ],
            },
        )

        assert message.text.reveal() == ""
        assert message.quote is None
        assert [(one.form, one.text.reveal()) for one in message.forwarded] == [
            (Form.TEXT, "@所有人 今晚截图"),
            (Form.IMAGE, "[图片]"),
            (Form.FILE, "台账.xlsx"),
        ]
        first = message.forwarded[0]
        assert first.mentions_all
        assert first.sender is None
        assert first.said_at == datetime(2026, 9, 1, 4, tzinfo=UTC)

    @pytest.mark.parametrize("kind", ["ChatRecord", "chatrecord", "ChatRecordChatrecord"])
    def test_a_record_in_a_record_is_read_to_a_depth(self, kind):
        inner = {"item": [record_item("ChatRecordText", content="最里面的话")]}
        for depth in range(4):
            item = record_item("ChatRecordText", content=f"第{depth}层")
            inner = {"item": [item, record_item(kind, **inner)]}
        message = from_archive("chatrecord", chatrecord=inner)

        assert [one.text.reveal() for one in message.forwarded] == ["第3层", "第2层", "第1层"]

    @pytest.mark.parametrize(
        "inside",
        [
            None,
            "text",
            {},
            {"item": None},
            {"item": [None, 7, "words", [], {}]},
            {"item": [{"type": "ChatRecordText", "content": "no json"}]},
            {"item": [{"type": "ChatRecordText", "content": '{"content":"  "}'}]},
            {"item": [{"type": 5, "content": {"content": "an object"}, "msgtime": "then"}]},
        ],
    )
    def test_an_empty_or_garbled_record_holds_nothing_and_breaks_nothing(self, inside):
        message = from_archive("chatrecord", chatrecord=inside)

        assert message.form is Form.OTHER
        assert message.forwarded == ()

    def test_of_a_giant_record_the_beginning_is_read(self):
        said = "各村今晚截图。" * 1_500
        items = [record_item("ChatRecordText", content=said) for _ in range(100)]
        message = from_archive("chatrecord", chatrecord={"item": items})

        lengths = [len(one.text.reveal()) for one in message.forwarded]
        assert lengths == [2_000] * 10

    @pytest.mark.parametrize(
        "text",
        [
            "「王芳：今晚截图」\n- - - - - - - - - - - - - - -\n收到",
            '这是一条引用/回复消息：\n"王芳：\n今晚截图"\n------\n收到',
        ],
    )
    def test_a_reply_written_into_the_text_is_taken_apart(self, text):
        message = from_archive("text", text={"content": text})

        assert message.text.reveal() == "收到"
        assert message.quote is not None
        assert "今晚截图" in message.quote.text.reveal()

    def test_mentions_stand_in_the_text_only(self):
        message = from_archive("text", text={"content": "@所有人 @张伟 @李四\u2005今晚报数"})

        assert message.mentions_all
        assert [name.reveal() for name in message.mentions] == ["张伟", "李四"]

    def test_robots_are_known_by_the_platforms_own_prefix(self):
        assert from_archive("text", **{"from": "wbABC", "text": {"content": "x"}}).is_from_bot

    @pytest.mark.parametrize(
        ("record", "occurrence"),
        [
            (archived("", action="switch", user="u", time=1), Occurrence.SWITCHED),
            (archived("agree", agree={"userid": "u"}), Occurrence.CONSENT),
            (archived("text", roomid="", text={"content": "私聊"}), Occurrence.DIRECT_TALK),
            (archived("text", **{"from": "wbOWN"}), Occurrence.OWN),
            (archived("text", **{"from": ""}), Occurrence.NO_SENDER),
            (archived("text", text={"content": "@统计助手 /状态"}), Occurrence.COMMAND),
        ],
    )
    def test_what_is_not_to_be_judged_is_named(self, record, occurrence):
        assert READER.read(record) == Event(occurrence)

    def test_a_mention_of_the_bot_in_front_is_no_way_round_the_count(self):
        message = from_archive("text", text={"content": "@统计助手 今晚都截图"})

        assert message.text.reveal() == "今晚都截图"

    def test_a_recall_says_which(self):
        found = READER.read(archived("revoke", action="recall", revoke={"pre_msgid": "9_1"}))

        assert isinstance(found, Recall)
        assert found.of.reveal() == "9_1"

    def test_raw_control_characters_do_no_harm(self):
        raw = archived("text", text={"content": "一X二"}).replace(b"X", b"\x01\x0b\n")

        found = READER.read(raw)

        assert isinstance(found, IncomingMessage)
        assert found.text.reveal() == "一\x01\x0b\n二"

    @pytest.mark.parametrize("time", [None, "x", -1, 10**30, 0, 253402300800000000])
    def test_a_record_without_a_time_is_refused(self, time):
        with pytest.raises(Undecipherable):
            READER.read(archived("text", msgtime=time))


class TestPayload:
    @pytest.mark.parametrize(
        ("text", "rest"),
        [
            ("@统计助手 /help", "/help"),
            ("@统计助手\u2005/help", "/help"),
            ("  @统计助手/help", "/help"),
            ("@统计助手", ""),
            ("@改了名的助手 /help", "/help"),
            ("@所有人 今晚截图", "@所有人 今晚截图"),
            ("@张伟 问问 @统计助手", "@张伟 问问 @统计助手"),
            ("看看 @统计助手 怎么说", "看看 @统计助手 怎么说"),
        ],
    )
    def test_the_leading_mention_of_the_bot_is_taken_off(self, text, rest):
        assert without_first_mention(text, "统计助手") == rest

    def test_a_name_with_spaces_is_taken_off_whole(self):
        assert without_first_mention("@Count Bot /help", "Count Bot") == "/help"

    @pytest.mark.parametrize("text", ["a@b.com", "没有", "", "someone@example.gov.cn 收"])
    def test_an_address_is_no_mention(self, text):
        assert mentions_in(text) == ((), False)

    @pytest.mark.parametrize(
        "called", ["@所有人", "@全体成员", "@全体党员", "@全体包村干部", "@all"]
    )
    def test_a_call_on_all_is_no_name(self, called):
        assert mentions_in(f"{called} 今天把台账补上") == ((), True)

    def test_text_that_only_looks_like_a_quotation_stays(self):
        text = "「要截图」是什么意思"

        assert split_quotation(text) == (text, None)

    def test_a_long_text_is_cut_and_a_half_surrogate_mended(self):
        long = from_archive("text", text={"content": "长" * (TEXT_LIMIT + 5)})
        broken = READER.read(archived("text", text={"content": "X"}).replace(b"X", rb"\ud83d"))

        assert len(long.text.reveal()) == TEXT_LIMIT
        assert isinstance(broken, IncomingMessage)
        broken.text.reveal().encode()

    def test_depth_is_bounded(self):
        assert read_json(b'{"a":' * 19 + b"[]" + b"}" * 19)
        with pytest.raises(Undecipherable):
            read_json(b'{"a":' * 20 + b"[1]" + b"}" * 20)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=20,
        )
    )
    def test_no_json_whatever_makes_a_reader_stumble(self, value):
        """Each field may be of any type; only Undecipherable may come out."""
        names = ["msgtype", "text", "mixed", "quote", "event", "from", "chatid", "collect", "vote"]
        for name in names:
            for kind in ("text", "mixed", "collect", "vote", "chatrecord", "event"):
                for read in (
                    lambda raw: parse_aibot(raw, CORP, "", "统计助手", NOW),
                    READER.read,
                ):
                    try:
                        found = read(aibot(**{**json.loads(archived(kind)), name: value}))
                    except Undecipherable:
                        continue
                    assert isinstance(found, IncomingMessage | Event | Recall)

    @given(st.binary(max_size=300))
    def test_no_bytes_whatever_make_a_parser_stumble(self, raw):
        for read in (
            lambda data: parse_app_xml(data, CORP),
            slice_encrypt,
            encrypted_part,
            READER.read,
        ):
            with contextlib.suppress(Undecipherable):
                assert not isinstance(read(raw), IncomingMessage)
