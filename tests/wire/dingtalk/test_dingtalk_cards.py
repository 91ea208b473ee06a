"""DingTalk's interactive cards on the wire: what is sent, what comes back, what is refused."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cards import Card, Choice, Done, Fact
from bot.domain.errors import Undecipherable
from bot.domain.messages import Route
from bot.domain.private import Opaque
from bot.platforms.dingtalk.cards import CardChannel, answer_of, fits, parse_click
from bot.platforms.dingtalk.frames import acknowledge, parse_frame
from bot.platforms.dingtalk.wire import RobotChannel
from handlers.ports import Destination

NOW = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
CHANNEL = RobotChannel("dingapp", Route.DINGTALK_STREAM, "轻装")
CARD = Card(
    "有一件事待您确认", (Choice("确认", "limits", "确认 3"),), "会议改为1", (Fact("编号", "3"),)
).with_values("ab" * 16, ("v1",))
# As the sheet composes it (8.3), with our parameter.
CLICK: dict[str, Any] = {
    "type": "actionCallback",
    "outTrackId": "ab" * 16,
    "corpId": "dingcorp1",
    "userId": "zhangsan01",
    "userIdType": 1,
    "spaceId": "cidDEMO1==",
    "spaceType": "IM_GROUP",
    "extension": "{}",
    "content": json.dumps({"cardPrivateData": {"actionIds": ["a"], "params": {"value": "v1"}}}),
}


def click(**changed: Any):
    return parse_click(json.dumps(CLICK | changed), CHANNEL, NOW)


def test_a_card_for_a_group_has_the_fields_of_the_sheet() -> None:
    to = Destination("dingtalk", "dingapp", True, Opaque("cidDEMO1=="))

    call = CardChannel("b4fd.schema", "dingrobot").delivery(CARD, to)

    params = call["cardData"]["cardParamMap"]
    assert call == {
        "cardTemplateId": "b4fd.schema",
        "outTrackId": "ab" * 16,
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": params},
        "openSpaceId": "dtv1.card//IM_GROUP.cidDEMO1==",
        "imGroupOpenSpaceModel": {
            "supportForward": False,
            "lastMessageI18n": {"ZH_CN": "有一件事待您确认"},
        },
        "imGroupOpenDeliverModel": {"robotCode": "dingrobot"},
        "userIdType": 1,
    }
    assert params["title"] == "有一件事待您确认"
    assert params["text"] == "编号 3\n\n会议改为1"
    assert (params["label1"], params["value1"]) == ("确认", "v1")
    assert (params["label2"], params["value6"], params["status"]) == ("", "", "")
    assert all(isinstance(value, str) for value in params.values())


def test_a_card_for_a_person_over_http_names_the_registered_callback() -> None:
    to = Destination("dingtalk", "dingapp", False, Opaque("zhangsan01"))

    call = CardChannel("b4fd.schema", "dingrobot", "qingzhuang").delivery(CARD, to)

    assert (call["callbackType"], call["callbackRouteKey"]) == ("HTTP", "qingzhuang")
    assert call["openSpaceId"] == "dtv1.card//IM_ROBOT.zhangsan01"
    assert call["imRobotOpenDeliverModel"]["spaceType"] == "IM_ROBOT"


def test_what_is_longer_than_a_variable_is_said_in_words() -> None:
    assert fits(CARD)
    assert not fits(Card("标题", CARD.choices, "字" * 334))


def test_a_click_says_who_and_where_and_holds_the_value() -> None:
    found = click()

    assert found.conversation.is_group
    assert found.conversation.id == Opaque("cidDEMO1==")
    assert found.sender == Opaque("zhangsan01")
    assert found.click is not None
    assert (found.click.value, found.click.card) == (Opaque("v1"), Opaque("ab" * 16))
    assert found.text.reveal() == ""
    assert found.timed_by_receipt
    assert found.reply_address is not None
    assert found.reply_address.to == Opaque("zhangsan01")
    assert "zhangsan01" not in repr(found)


@pytest.mark.parametrize("space", ["cidDEMO1==", "dtv1.card//IM_GROUP.cidDEMO1=="])
def test_a_group_is_known_by_either_way_of_writing_its_space(space: str) -> None:
    assert click(spaceId=space).conversation.id == Opaque("cidDEMO1==")


@pytest.mark.parametrize("kind", ["IM_ROBOT", "", None])
def test_what_is_no_group_is_the_talk_with_who_clicked(kind: str | None) -> None:
    found = click(spaceType=kind, spaceId="zhangsan01")

    assert not found.conversation.is_group
    assert found.conversation.id == Opaque("zhangsan01")


def test_a_content_that_is_not_encoded_twice_is_read_as_well() -> None:
    found = click(content={"cardPrivateData": {"params": {"value": "v9"}}})

    assert found.click is not None
    assert found.click.value == Opaque("v9")


@pytest.mark.parametrize("content", ['{"cardPrivateData":{}}', "{}", '{"cardPrivateData":[1]}'])
def test_a_click_without_a_value_has_an_empty_one_which_nobody_signs(content: str) -> None:
    found = click(content=content)

    assert found.click is not None
    assert not found.click.value


@pytest.mark.parametrize(
    "changed",
    [{"userId": ""}, {"outTrackId": 3}, {"spaceId": ""}, {"content": "no"}, {"content": "[]"}],
)
def test_what_cannot_be_read_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Undecipherable):
        click(**changed)


@given(st.dictionaries(st.sampled_from(sorted(CLICK)), st.none() | st.integers() | st.text()))
def test_whatever_comes_is_a_click_or_refused(changed: dict[str, Any]) -> None:
    with contextlib.suppress(Undecipherable):
        assert click(**changed).click is not None


def test_a_repetition_has_the_same_key_and_a_later_click_another() -> None:
    raw = json.dumps(CLICK)
    first, again = (parse_click(raw, CHANNEL, NOW + timedelta(seconds=s)).key for s in (0, 20))

    assert first == again
    assert parse_click(raw, CHANNEL, NOW + timedelta(minutes=1)).key != first
    assert click(userId="lisi").key != first


def test_the_answer_to_a_click_takes_the_buttons_away() -> None:
    answer = answer_of(Done("已办", "/限额 确认 3"))

    params = answer["cardData"]["cardParamMap"]
    assert answer["cardUpdateOptions"] == {"updateCardDataByKey": True}
    assert params["status"] == "已办 /限额 确认 3"
    assert {params[f"label{n}"] for n in range(1, 7)} == {""}
    assert answer_of(None) == {}


def test_the_acknowledgement_holds_the_answer_as_text() -> None:
    frame = parse_frame(
        json.dumps({
            "type": "CALLBACK",
            "headers": {"topic": "/v1.0/card/instances/callback", "messageId": "m1"},
            "data": json.dumps(CLICK),
        })
    )  # fmt: skip

    sent = json.loads(acknowledge(frame, response=answer_of(Done("已办", ""))))

    assert sent["code"] == 200
    assert json.loads(sent["data"])["response"]["cardData"]["cardParamMap"]["status"] == "已办"
