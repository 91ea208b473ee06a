"""What DingTalk tells of a group itself: dissolved, renamed, somebody came or went."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from bot.domain.errors import BooksUnavailable, Undecipherable
from bot.domain.group_events import GroupChange, GroupEvent
from bot.domain.private import Opaque
from bot.platforms.dingtalk.group_events import parse_group_event
from tests.platforms.dingtalk_stage import Stage, staged

# The composed example of the platform's pages.
RENAMED = {
    "timeStamp": 1790000000980,
    "chatId": "chat676e",
    "openConversationId": "cidXyz==",
    "title": "防汛群",
    "operator": "user456",
    "operatorUnionId": "Zun",
    "corpId": "dingcorp1",
}


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(Stage) as stage:
        yield stage


@pytest.mark.parametrize(
    ("event_type", "change"),
    [
        ("chat_disband", GroupChange.DISSOLVED),
        ("chat_update_title", GroupChange.RENAMED),
        ("chat_add_member", GroupChange.RESIZED),
        ("chat_remove_member", GroupChange.RESIZED),
        ("chat_quit", GroupChange.RESIZED),
    ],
)
def test_each_event_is_a_change_of_its_chat_and_nothing_more(
    event_type: str, change: GroupChange
) -> None:
    found = parse_group_event(event_type, json.dumps(RENAMED), "ding1")

    assert found == GroupEvent("dingtalk", "ding1", Opaque("cidXyz=="), change)
    assert "cidXyz" not in repr(found)


def test_the_older_writing_of_the_keys_is_read_too() -> None:
    found = parse_group_event("chat_disband", '{"OpenConversationId": "cidXyz=="}', "ding1")

    assert found is not None
    assert found.chat == Opaque("cidXyz==")


@pytest.mark.parametrize("event_type", ["chat_update_owner", "user_add_org", "", "chat_disbanded"])
def test_other_events_are_nothing_to_us(event_type: str) -> None:
    assert parse_group_event(event_type, "not even JSON", "ding1") is None


@pytest.mark.parametrize(
    "data", ["", "[]", "{}", '{"openConversationId": 7}', '{"openConversationId": ""}', "null"]
)
def test_an_event_without_a_chat_is_undecipherable(data: str) -> None:
    with pytest.raises(Undecipherable):
        parse_group_event("chat_disband", data, "ding1")


async def test_a_group_event_is_handed_over_before_it_is_acknowledged(stage: Stage) -> None:
    noted: list[GroupEvent] = []

    async def note(event: GroupEvent) -> None:
        noted.append(event)

    async with stage.streaming(note_group_event=note):
        gateway = stage.standin.gateway
        await gateway.joined()

        assert await gateway.push_event("chat_disband", RENAMED) == 200
        assert await gateway.push_event("user_add_org", {"userId": ["u1"]}) == 200
        assert await gateway.push_event("chat_disband", {}) == 400

    assert [event.change for event in noted] == [GroupChange.DISSOLVED]
    assert stage.refused == {"malformed": 1}


async def test_an_event_that_could_not_be_noted_is_asked_for_again(stage: Stage) -> None:
    async def closed(_event: GroupEvent) -> None:
        raise BooksUnavailable

    async with stage.streaming(note_group_event=closed):
        await stage.standin.gateway.joined()

        assert await stage.standin.gateway.push_event("chat_disband", RENAMED) == 500


async def test_without_the_setting_no_event_is_subscribed(stage: Stage) -> None:
    async with stage.streaming():
        await stage.standin.gateway.joined()

        assert await stage.standin.gateway.push_event("chat_disband", RENAMED) is None
