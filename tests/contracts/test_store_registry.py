"""What every registry does: look-ups without waiting, and clear refusals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.errors import BadInput
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.messages import Conversation, IncomingMessage, Route
from bot.domain.private import Opaque
from bot.domain.work_calendar import OfficeHours
from handlers.ports import Destination, Office, Registry, Role

DAY = date(2026, 10, 12)
HOURS = OfficeHours.parse("08:30-12:00,14:30-18:00;05-01..09-30:08:00-12:00,15:00-18:00")


def group(code: str = "g-1", **fields) -> GroupProfile:
    values = {
        "code": GroupCode(code),
        "alias": "民政工作群",
        "unit": UnitCode("u-1"),
        "line": LineCode("civil"),
        "size": 42,
        "zone": ZoneInfo("Asia/Urumqi"),
        "hours": HOURS,
    }
    return GroupProfile(**values | fields)


def message(chat: str, platform: str = "wecom", account: str = "corp", is_group: bool = True):
    return IncomingMessage(
        platform=platform,
        account=account,
        route=Route.WECOM_ARCHIVE,
        key=Opaque("m"),
        conversation=Conversation(is_group, Opaque(chat)),
        sender=Opaque("s"),
        sent_at=datetime(2026, 10, 12, tzinfo=UTC),
    )


async def bound(store, code: str = "g-1", chat: str = "chat-1", sees_everything: bool = False):
    await store.registry.put_group(group(code))
    await store.registry.bind("wecom", "corp", Opaque(chat), GroupCode(code), sees_everything)


async def test_a_group_comes_back_as_it_was_entered(store):
    await store.registry.put_group(group())
    await store.registry.load()

    assert store.registry.group(GroupCode("g-1")) == group()
    assert store.registry.group(GroupCode("g-9")) is None


@pytest.mark.parametrize("hours", ["24h", "09:00-17:00", "08:30-12:00,14:30-18:00"])
async def test_hours_of_every_sort_come_back(store, hours):
    await store.registry.put_group(group(hours=OfficeHours.parse(hours)))
    await store.registry.load()

    assert store.registry.group(GroupCode("g-1")).hours == OfficeHours.parse(hours)


async def test_a_message_finds_its_group_by_platform_account_and_chat(store):
    await bound(store)
    await store.registry.load()

    assert store.registry.group_of(message("chat-1")) == group()
    assert store.registry.group_of(message("chat-2")) is None
    assert store.registry.group_of(message("chat-1", platform="dingtalk")) is None
    assert store.registry.group_of(message("chat-1", account="other")) is None
    assert store.registry.group_of(message("chat-1", is_group=False)) is None


async def test_a_transcript_finds_its_group_by_the_id_of_its_header(store):
    await store.registry.put_group(group())
    await store.registry.bind("transcript", "transcript", Opaque("G01"), GroupCode("g-1"), True)

    found = store.registry.group_of(message("G01", "transcript", "transcript"))

    assert found == group()


async def test_groups_of_a_transcript_come_together_each_as_its_own_chat(store):
    await store.registry.put_heard([group("g-1"), group("g-2")], "transcript", "transcript")
    await store.registry.load()

    for code in (GroupCode("g-1"), GroupCode("g-2")):
        said = message(code, platform="transcript", account="transcript")
        assert store.registry.group_of(said) == group(code)
        assert store.registry.is_passively_counted(code)


async def test_of_groups_that_come_together_all_are_entered_or_none(store):
    with pytest.raises(BadInput, match="size"):
        await store.registry.put_heard([group("g-1"), group("g-2", size=-1)], "here", "here")
    await store.registry.load()

    assert not store.registry.groups()


async def test_a_group_of_a_transcript_takes_no_chat_from_another(store):
    await store.registry.put_group(group("g-2"))
    await store.registry.bind("here", "here", Opaque("g-1"), GroupCode("g-2"), True)

    with pytest.raises(BadInput, match="chat_id"):
        await store.registry.put_heard([group("g-1")], "here", "here")
    assert store.registry.group(GroupCode("g-1")) is None


async def test_a_group_is_counted_passively_when_one_of_its_chats_is(store):
    await bound(store, chat="chat-1")
    assert not store.registry.is_passively_counted(GroupCode("g-1"))

    await store.registry.bind("wecom", "corp", Opaque("room-1"), GroupCode("g-1"), True)
    await store.registry.load()
    assert store.registry.is_passively_counted(GroupCode("g-1"))

    assert await store.registry.unbind("wecom", "corp", Opaque("room-1"))
    assert not await store.registry.unbind("wecom", "corp", Opaque("room-1"))
    assert not store.registry.is_passively_counted(GroupCode("g-1"))
    assert [b.chat_id for b in store.registry.bindings(GroupCode("g-1"))] == [Opaque("chat-1")]


async def test_a_chat_that_is_gone_carries_no_route_until_it_is_bound_again(store):
    await bound(store, sees_everything=True)

    assert await store.registry.end_chat("wecom", "corp", Opaque("chat-1"))
    assert not await store.registry.end_chat("wecom", "corp", Opaque("chat-1"))
    assert not await store.registry.end_chat("wecom", "corp", Opaque("another"))
    await store.registry.load()
    assert store.registry.is_gone(GroupCode("g-1"))
    assert not store.registry.is_passively_counted(GroupCode("g-1"))
    assert store.registry.platforms_of(GroupCode("g-1")) == frozenset()

    await store.registry.bind("wecom", "corp", Opaque("chat-1"), GroupCode("g-1"), True)
    await store.registry.load()
    assert not store.registry.is_gone(GroupCode("g-1"))
    assert store.registry.is_passively_counted(GroupCode("g-1"))


async def test_nobody_speaks_where_a_chat_is_gone_and_what_was_said_there_still_counts(store):
    await bound(store)
    await store.registry.end_chat("wecom", "corp", Opaque("chat-1"))
    await store.registry.load()

    assert store.registry.chats_of(GroupCode("g-1")) == []
    assert store.registry.robot_chats(GroupCode("g-1")) == []
    assert store.registry.group_of(message("chat-1")) == group()


async def test_a_group_is_gone_when_its_last_chat_is(store):
    await bound(store)
    await bound(store, chat="room-1", sees_everything=True)
    await store.registry.put_group(group("g-2"))

    await store.registry.end_chat("wecom", "corp", Opaque("chat-1"))
    assert not store.registry.is_gone(GroupCode("g-1"))
    assert store.registry.hears_whole(GroupCode("g-1"), "wecom")

    await store.registry.end_chat("wecom", "corp", Opaque("room-1"))
    assert store.registry.is_gone(GroupCode("g-1"))
    assert not store.registry.is_gone(GroupCode("g-2"))  # it never had one


async def test_what_two_routes_still_bring_of_a_group_that_is_gone_is_heard_once(store):
    await bound(store, sees_everything=True)
    await store.registry.end_chat("wecom", "corp", Opaque("chat-1"))
    assert store.registry.hears_whole(GroupCode("g-1"), "wecom")

    await bound(store, chat="chat-2")
    assert not store.registry.hears_whole(GroupCode("g-1"), "wecom")


async def test_a_retired_group_is_found_by_its_code_only(store):
    await bound(store)
    await bound(store, "g-0", "chat-0")

    await store.registry.retire(GroupCode("g-1"))
    await store.registry.load()

    assert store.registry.group_of(message("chat-1")) is None
    assert store.registry.group(GroupCode("g-1")).retired
    assert [g.code for g in store.registry.groups()] == ["g-0"]


async def test_a_group_may_be_changed_and_groups_come_in_order_of_their_codes(store):
    await store.registry.put_group(group("g-2"))
    await store.registry.put_group(group("g-1"))

    await store.registry.put_group(group("g-2", size=50))

    assert [(g.code, g.size) for g in store.registry.groups()] == [("g-1", 42), ("g-2", 50)]


async def test_roles_are_held_with_their_scopes_until_they_are_taken_back(store):
    await store.registry.put_group(group())
    who = ("wecom", "corp", Opaque("zhang"))
    await store.registry.grant(*who, Role.OFFICE, "*", DAY)
    await store.registry.grant(*who, Role.GROUP_ADMIN, "g-1", DAY)
    await store.registry.grant(*who, Role.APPROVER, "u-1", DAY)
    await store.registry.grant(*who, Role.APPROVER, "u-2", DAY)
    await store.registry.load()

    assert store.registry.roles_of(*who) == {
        Role.OFFICE: {"*"},
        Role.GROUP_ADMIN: {"g-1"},
        Role.APPROVER: {"u-1", "u-2"},
    }
    assert store.registry.roles_of("wecom", "other", Opaque("zhang")) == {}

    await store.registry.revoke(*who, Role.APPROVER, "u-1")
    await store.registry.revoke(*who, Role.OFFICE, "*")
    await store.registry.load()
    assert store.registry.roles_of(*who) == {
        Role.GROUP_ADMIN: {"g-1"},
        Role.APPROVER: {"u-2"},
    }
    assert [(g.role, g.granted_on) for g in store.registry.grants()] == [
        (Role.APPROVER, DAY),
        (Role.GROUP_ADMIN, DAY),
    ]


async def test_an_office_comes_back_with_its_units_and_destinations_in_order(store):
    first = Office("relief", "减负专班", (), (Destination("wecom", "c", False, Opaque("b")),))
    second = Office(
        "county",
        "县专班",
        (UnitCode("u-2"), UnitCode("u-1")),
        tuple(Destination("dingtalk", "c", True, Opaque(name)) for name in "ba"),
    )
    await store.registry.put_office(first)
    await store.registry.put_office(second)
    await store.registry.load()

    assert store.registry.offices() == [second, first]

    changed = Office("relief", "减负办", (UnitCode("u-3"),), ())
    await store.registry.put_office(changed)
    await store.registry.load()
    assert store.registry.offices() == [second, changed]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": "g 1"}, "code"),
        ({"code": "g" * 65}, "code"),
        ({"unit": ""}, "unit"),
        ({"line": "a\tb"}, "line"),
        ({"alias": "  "}, "alias"),
        ({"alias": "群" * 129}, "alias"),
        ({"size": -1}, "size"),
    ],
)
async def test_a_group_with_a_wrong_field_is_refused_by_its_name(store, fields, field):
    with pytest.raises(BadInput) as refused:
        await store.registry.put_group(group(**fields))

    assert (refused.value.where, refused.value.field) == ("group", field)
    assert store.registry.groups() == []


async def test_a_chat_belongs_to_one_registered_group(store):
    await bound(store)
    await store.registry.put_group(group("g-2"))
    chat = ("wecom", "corp", Opaque("chat-1"))

    with pytest.raises(BadInput, match=r"expected\.free_chat"):
        await store.registry.bind(*chat, GroupCode("g-2"), False)
    with pytest.raises(BadInput, match=r"expected\.registered_group"):
        await store.registry.bind("wecom", "corp", Opaque("chat-2"), GroupCode("g-9"), False)
    with pytest.raises(BadInput, match=r"expected\.platform_id"):
        await store.registry.bind("wecom", "corp", Opaque(""), GroupCode("g-1"), False)
    await store.registry.bind(*chat, GroupCode("g-1"), True)

    assert store.registry.group_of(message("chat-1")).code == "g-1"


async def test_only_what_is_registered_can_be_retired(store):
    with pytest.raises(BadInput, match=r"expected\.registered_group"):
        await store.registry.retire(GroupCode("g-9"))


@pytest.mark.parametrize(
    ("role", "scope", "person"),
    [
        (Role.MEMBER, "*", "zhang"),
        (Role.GROUP_ADMIN, "*", "zhang"),
        (Role.GROUP_ADMIN, "g-9", "zhang"),
        (Role.OFFICE, "", "zhang"),
        (Role.OFFICE, "*", ""),
    ],
)
async def test_a_role_that_cannot_be_held_is_not_granted(store, role, scope, person):
    with pytest.raises(BadInput) as refused:
        await store.registry.grant("wecom", "corp", Opaque(person), role, scope, DAY)

    assert refused.value.where == "role"
    assert store.registry.grants() == []


async def test_a_refusal_never_repeats_an_id(store):
    secret = "x" * 300

    with pytest.raises(BadInput) as refused:
        await store.registry.grant("wecom", "corp", Opaque(secret), Role.OFFICE, "*", DAY)

    assert "xxx" not in str(refused.value)


@pytest.mark.parametrize(
    "office",
    [
        Office("", "t", (), ()),
        Office("a", "", (), ()),
        Office("a", "t", (UnitCode("u 1"),), ()),
        Office("a", "t", (), (Destination("wecom", "c", False, Opaque("")),)),
    ],
)
async def test_an_office_with_a_wrong_field_is_refused(store, office):
    with pytest.raises(BadInput):
        await store.registry.put_office(office)

    assert store.registry.offices() == []


def test_every_registry_has_the_shape_of_the_port(store):
    registry: Registry = store.registry
    assert registry.groups() == []
