"""Address books over real sockets: who is in which department, by ids; nothing is written down."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.departments import Unit
from bot.domain.groups import LineCode, UnitCode
from bot.domain.messages import Conversation, IncomingMessage, Route
from bot.domain.private import Opaque
from bot.platforms.dingtalk import transport as dingtalk_transport
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.contacts import DingtalkContacts
from bot.platforms.wecom import transport as wecom_transport
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.contacts import WecomContacts
from bot.standins.dingtalk import DingtalkStandin
from bot.standins.faults import Fault, Faults
from bot.standins.wecom import WecomStandin
from config.directory import CsvDirectory
from handlers.know_senders import KnowSenders
from handlers.ports import Contacts
from storage.memory import MemoryRegistry
from tests.contracts.test_speakers import NOW, FixedClock, at_once

DAY = timedelta(days=1)
BOOK = {1: (0, ("chief",)), 2: (1, ("li", "wang")), 5: (2, ("li",))}
UNITS = {"2": "town", "5": "village"}


@dataclass
class Stage:
    book: Contacts
    faults: Faults
    path: str
    fill: Callable[[dict[int, tuple[int, tuple[str, ...]]]], None]


@asynccontextmanager
async def wecom() -> AsyncIterator[Stage]:
    standin = WecomStandin(FixedClock(), random.Random(1).randbytes, wait=at_once)
    base = await standin.start()
    account = standin.account
    try:
        async with wecom_transport.open_session() as session:
            client = WecomClient(
                session,
                api_base=base,
                corp_id=account.corp_id,
                secret=account.secret,
                agent_id=account.agent_id,
                clock=FixedClock(),
            )
            yield Stage(
                WecomContacts(client, "account"),
                standin.faults,
                "/cgi-bin/user/simplelist",
                standin.api.departments.update,
            )
    finally:
        await standin.stop()


@asynccontextmanager
async def dingtalk() -> AsyncIterator[Stage]:
    standin = DingtalkStandin(FixedClock(), wait=at_once)
    await standin.start()
    try:
        async with dingtalk_transport.open_session() as session:
            client = DingtalkClient(
                session=session,
                api_base=standin.base_url,
                oapi_base=standin.base_url,
                client_id=standin.client_id,
                secret=standin.client_secret,
                robot_code=standin.robot_code,
                clock=FixedClock(),
                wait=at_once,
                random=lambda: 0.0,
                notify=lambda _notice: None,
            )
            yield Stage(
                DingtalkContacts(client, "account"),
                standin.faults,
                "/topapi/user/listid",
                standin.api.departments.update,
            )
    finally:
        await standin.stop()


@pytest.fixture(params=[wecom, dingtalk], ids=["wecom", "dingtalk"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with request.param() as opened:
        opened.fill(BOOK)
        yield opened


async def knowing(stage: Stage, *, registered: bool = True) -> KnowSenders:
    registry = MemoryRegistry()
    if registered:
        await registry.put_units(
            [
                Unit(UnitCode(code), code, ((stage.book.platform, number, LineCode("L")),))
                for number, code in UNITS.items()
            ]
        )
    return KnowSenders(CsvDirectory(), registry, FixedClock(), [stage.book])


def said_by(stage: Stage, sender: str) -> IncomingMessage:
    return IncomingMessage(
        platform=stage.book.platform,
        account="account",
        route=Route.TRANSCRIPT,
        key=Opaque("m"),
        conversation=Conversation(True, Opaque("c")),
        sender=Opaque(sender),
        sent_at=NOW,
    )


def units_of(senders: KnowSenders, stage: Stage) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for who in ("chief", "li", "wang", "nobody"):
        origin = senders.origin_of(said_by(stage, who))
        found[who] = origin.unit if origin else None
    return found


def silent(_platform: str, error: Exception) -> None:
    raise AssertionError(error)


async def test_senders_are_known_by_their_departments(stage: Stage) -> None:
    senders = await knowing(stage)

    assert await senders.refresh(silent, DAY) == DAY

    assert units_of(senders, stage) == {
        "chief": None, "li": "village", "wang": "town", "nobody": None,
    }  # fmt: skip


async def test_who_moved_is_known_by_the_new_department_after_the_next_reading(
    stage: Stage,
) -> None:
    senders = await knowing(stage)
    await senders.refresh(silent, DAY)
    stage.fill({2: (1, ("wang", "chief")), 5: (2, ())})

    await senders.refresh(silent, DAY)

    assert units_of(senders, stage) == {
        "chief": "town", "li": None, "wang": "town", "nobody": None,
    }  # fmt: skip


async def test_a_book_that_cannot_be_read_leaves_what_was_known_and_is_tried_soon(
    stage: Stage,
) -> None:
    senders = await knowing(stage)
    await senders.refresh(silent, DAY)
    stage.faults.plan(Fault.SERVER_ERROR, stage.path, 9)
    told: list[Any] = []

    wait = await senders.refresh(lambda platform, error: told.append((platform, error)), DAY)

    assert wait == timedelta(hours=1)
    assert [platform for platform, _ in told] == [stage.book.platform]
    assert units_of(senders, stage)["wang"] == "town"


async def test_a_worn_token_is_renewed_in_the_middle_of_the_book(stage: Stage) -> None:
    senders = await knowing(stage)
    stage.faults.plan(Fault.TOKEN_EXPIRED, stage.path)

    await senders.refresh(silent, DAY)

    assert len(senders) == 2


async def test_without_registered_departments_nobody_is_asked_for(stage: Stage) -> None:
    senders = await knowing(stage, registered=False)
    stage.faults.plan(Fault.SERVER_ERROR, "*", 9)

    await senders.refresh(silent, DAY)

    assert len(senders) == 0


async def test_what_a_file_says_goes_before_the_book(stage: Stage) -> None:
    senders = await knowing(stage)
    await senders.refresh(silent, DAY)
    wang = said_by(stage, "wang")
    origin = senders.origin_of(said_by(stage, "li"))
    assert origin is not None
    key = (stage.book.platform, "account", Opaque("wang"))

    senders.file = CsvDirectory({key: origin})

    assert senders.origin_of(wang) == origin
