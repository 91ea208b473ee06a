"""Encrypted userids of the AI bot: resolved by the app, or kept apart and counted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.messages import Conversation, IncomingMessage, ReplyAddress, Route
from bot.domain.private import Opaque, PrivateText
from bot.platforms.base import Taken
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.open_userids import (
    KNOWN_FOR,
    REST_AFTER_FAILURE,
    UNKNOWN_FOR,
    UNRESOLVED,
    OpenUserids,
)
from bot.platforms.wecom.transport import open_session
from bot.standins.faults import Fault
from bot.standins.wecom import WecomStandin

PATH = "/cgi-bin/batch/openuserid_to_userid"
ENCRYPTED, OTHER = "woAJ2GCAAAXtWyujaWJHDDGi0mACAAAA", "woAJ2GCAAAZZZyujaWJHDDGi0mACAAAA"


@dataclass
class Clock:
    moment: datetime = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@dataclass
class Desk:
    """What came through, and how often the platform was asked."""

    ids: OpenUserids
    standin: WecomStandin
    clock: Clock
    taken: list[IncomingMessage] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)

    async def hear(self, sender: str, group: str = "") -> IncomingMessage:
        where = Conversation(bool(group), Opaque(group or sender))
        message = IncomingMessage(
            platform="wecom",
            account="ww1",
            route=Route.WECOM_AIBOT,
            key=Opaque("k"),
            conversation=where,
            sender=Opaque(sender),
            sent_at=self.clock.now(),
            text=PrivateText("/状态"),
            is_addressed=True,
            reply_address=ReplyAddress("wecom", "ww1", where, to=Opaque(sender)),
        )
        await self.ids(message)
        return self.taken[-1]


@asynccontextmanager
async def opened() -> AsyncIterator[Desk]:
    clock = Clock()
    standin = WecomStandin(clock, random.Random(2).randbytes)
    base = await standin.start()
    account = standin.account
    standin.api.open_ids[ENCRYPTED] = "zhang.wei"
    try:
        async with open_session() as session:
            client = WecomClient(
                session,
                api_base=base,
                corp_id=account.corp_id,
                secret=account.secret,
                agent_id=account.agent_id,
                clock=clock,
            )
            desk: Desk

            async def take(message: IncomingMessage) -> Taken:
                desk.taken.append(message)
                return Taken()

            ids = OpenUserids(client, take, clock, lambda what: desk.happened.update([what]))
            desk = Desk(ids, standin, clock)
            yield desk
    finally:
        await standin.stop()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with opened() as found:
        yield found


async def test_an_encrypted_sender_is_known_by_the_corp_s_own_id(desk: Desk) -> None:
    heard = await desk.hear(ENCRYPTED, "wrGROUP")

    assert heard.sender == Opaque("zhang.wei")
    assert heard.conversation.id == Opaque("wrGROUP")
    assert heard.reply_address is not None
    assert heard.reply_address.to == Opaque("zhang.wei")


async def test_a_direct_talk_keeps_the_id_that_the_bot_s_connection_knows(desk: Desk) -> None:
    heard = await desk.hear(ENCRYPTED)

    assert (heard.sender, heard.conversation.id) == (Opaque("zhang.wei"), Opaque(ENCRYPTED))


@pytest.mark.parametrize("plain", ["zhang.wei", "wolfgang", "wo", "worker_of_the_month"])
async def test_a_plain_id_is_asked_about_by_nobody(desk: Desk, plain: str) -> None:
    desk.standin.faults.plan(Fault.SERVER_ERROR, PATH)

    assert (await desk.hear(plain)).sender == Opaque(plain)
    assert len(desk.standin.faults) == 1
    assert desk.happened == {}


async def test_who_is_outside_the_app_s_scope_stays_apart_and_is_counted(desk: Desk) -> None:
    assert (await desk.hear(OTHER)).sender == Opaque(OTHER)
    assert desk.happened == {UNRESOLVED: 1}


async def test_an_answer_is_kept_for_a_day_and_a_refusal_for_an_hour(desk: Desk) -> None:
    await desk.hear(ENCRYPTED)
    await desk.hear(OTHER)
    desk.standin.api.open_ids = {ENCRYPTED: "zhang.wei.2", OTHER: "li.na"}

    assert (await desk.hear(ENCRYPTED)).sender == Opaque("zhang.wei")
    assert (await desk.hear(OTHER)).sender == Opaque(OTHER)
    desk.clock.moment += UNKNOWN_FOR
    assert (await desk.hear(OTHER)).sender == Opaque("li.na")
    desk.clock.moment += KNOWN_FOR
    assert (await desk.hear(ENCRYPTED)).sender == Opaque("zhang.wei.2")


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.RESET, Fault.RATE_LIMITED])
async def test_while_the_app_is_out_of_reach_messages_go_on_and_it_is_left_in_peace(
    desk: Desk, fault: Fault
) -> None:
    await desk.hear(ENCRYPTED)
    desk.clock.moment += KNOWN_FOR
    desk.standin.faults.plan(fault, PATH, times=2)

    assert (await desk.hear(ENCRYPTED)).sender == Opaque("zhang.wei")
    assert (await desk.hear(OTHER)).sender == Opaque(OTHER)
    assert len(desk.standin.faults) == 1

    desk.standin.faults.due(PATH)
    desk.clock.moment += REST_AFTER_FAILURE + timedelta(seconds=1)
    desk.standin.api.open_ids[OTHER] = "li.na"
    assert (await desk.hear(OTHER)).sender == Opaque("li.na")


async def test_nothing_else_of_a_message_changes(desk: Desk) -> None:
    heard = await desk.hear(ENCRYPTED, "wrGROUP")

    assert replace(heard, sender=Opaque(ENCRYPTED)).text == PrivateText("/状态")
    assert heard.key == Opaque("k")
    assert heard.is_addressed
