"""What is to be said is said once or shown as uncertain, whatever the platform answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.domain.private import Opaque
from bot.domain.work_calendar import OfficeHours
from bot.platforms.dingtalk import transport as dingtalk_transport
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.speaker import DingtalkSpeaker
from bot.platforms.wecom import transport as wecom_transport
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.speaker import WecomSpeaker
from bot.standins.faults import Fault
from config.calendar import load_calendar
from handlers.deliver import DeliverParcels
from handlers.pacing import Pacing
from handlers.ports import DeliveryState, Destination, Outbox, Parcel, Speaker
from storage.memory import MemorySpendings
from storage.memory_outbox import MemoryOutbox
from tests.contracts.test_speakers import READER, Talk, at_once, dingtalk, wecom
from tests.scenarios.week_end_house import SHANGHAI, MovedClock, at

SENT, UNCERTAIN = DeliveryState.SENT, DeliveryState.UNCERTAIN
FAILED, PENDING = DeliveryState.FAILED, DeliveryState.PENDING
NINE = at("2026-10-12 09:00")
LONG = "\n\n".join("数" * 600 for _ in range(12))
MOST_CALLS_AN_HOUR = 12


@dataclass
class House:
    """The delivery of one working day, to one speaker."""

    speaker: Speaker
    outbox: Outbox = field(default_factory=MemoryOutbox)
    clock: MovedClock = field(default_factory=lambda: MovedClock(NINE))

    async def delivers(self, markdown: str, hours: float = 2.0) -> DeliveryState:
        """Put it, and look every two minutes; the state it came to."""
        to = Destination(self.speaker.platform, "account", False, Opaque(READER))
        await self.outbox.put([Parcel("k", to, "周报", markdown, NINE)])
        deliver = DeliverParcels(
            self.outbox,
            {self.speaker.platform: self.speaker},
            self.clock,
            load_calendar(),
            OfficeHours.parse("08:30-12:00,14:30-17:30"),
            SHANGHAI,
            random=lambda: 0.5,
            pacing=Pacing({}, MemorySpendings(), self.clock, SHANGHAI),
        )
        until = NINE + timedelta(hours=hours)
        while self.clock.moment < until:
            await deliver()
            self.clock.moment += timedelta(minutes=2)
        (stored,) = await self.outbox.listed(list(DeliveryState))
        return stored.state


# --- faults of the line, against the stand-ins ------------------------------------------------

SEND = "the sending address"
TOKEN = {"wecom": "/cgi-bin/gettoken", "dingtalk": "/v1.0/oauth2/accessToken"}

LINE_FAULTS: dict[str, tuple[Sequence[tuple[Fault, str, int]], set[DeliveryState]]] = {
    "nothing goes wrong": ((), {SENT}),
    "the token ended early": (((Fault.TOKEN_EXPIRED, SEND, 1),), {SENT}),
    "too fast once": (((Fault.RATE_LIMITED, SEND, 1),), {SENT}),
    "too fast for a while": (((Fault.RATE_LIMITED, SEND, 6),), {SENT}),
    "HTTP 500 while sending": (((Fault.SERVER_ERROR, SEND, 1),), {SENT, UNCERTAIN}),
    "the answer is cut off": (((Fault.RESET, SEND, 1),), {UNCERTAIN}),
    "no token for HTTP 500": (((Fault.SERVER_ERROR, TOKEN["wecom"], 3),), {SENT}),
    "no token for a cut line": (((Fault.RESET, TOKEN["wecom"], 2),), {SENT}),
    "no token, too fast": (((Fault.RATE_LIMITED, TOKEN["wecom"], 2),), {SENT}),
    "the token ended and then the line": (
        ((Fault.TOKEN_EXPIRED, SEND, 1), (Fault.RESET, SEND, 1)),
        {UNCERTAIN, SENT},
    ),
}


@pytest.mark.parametrize("platform", [wecom, dingtalk], ids=["wecom", "dingtalk"])
@pytest.mark.parametrize("words", ["短", LONG], ids=["one part", "several parts"])
@pytest.mark.parametrize(("faults", "comes_to"), LINE_FAULTS.values(), ids=LINE_FAULTS)
async def test_it_is_said_once_or_shown_as_uncertain(
    platform: Any,
    words: str,
    faults: Sequence[tuple[Fault, str, int]],
    comes_to: set[DeliveryState],
) -> None:
    talk: Talk
    async with platform() as talk:
        for fault, where, times in faults:
            where = TOKEN[talk.speaker.platform] if where == TOKEN["wecom"] else where
            talk.faults.plan(fault, talk.send_path if where == SEND else where, times)
        house = House(talk.speaker)

        state = await house.delivers(words)

        parts = list(talk.speaker.parts(talk.parcel(words)))
        said = talk.said()
        assert state in comes_to
        assert said == parts[: len(said)], "in order, and none of them twice"
        if state is SENT:
            assert said == parts
        else:
            (stored,) = await house.outbox.listed([UNCERTAIN])
            assert stored.progress.parts <= len(said) <= stored.progress.parts + 1


# --- what the platforms answer, code by code --------------------------------------------------


@dataclass
class Answering:
    """A platform that answers the sending call with what it is told, in turn, then with success."""

    answers: list[tuple[int, dict[str, Any]]]
    success: dict[str, Any]
    tokens: int = 0
    calls: list[datetime] = field(default_factory=list)
    taken: int = 0
    clock: MovedClock | None = None

    async def answer(self, request: web.Request) -> web.Response:
        if "oken" in request.path:
            self.tokens += 1
            body = {"errcode": 0, "access_token": f"t{self.tokens}", "expires_in": 7200}
            body |= {"accessToken": f"t{self.tokens}", "expireIn": 7200}
            return web.json_response(body)
        assert self.clock is not None
        self.calls.append(self.clock.now())
        if self.answers:
            status, body = self.answers.pop(0)
            return web.json_response(body, status=status)
        self.taken += 1
        return web.json_response(self.success)


def wecom_speaker(base: str, session: ClientSession, clock: MovedClock) -> Speaker:
    client = WecomClient(session, api_base=base, corp_id="ww", secret="s", agent_id=1, clock=clock)
    return WecomSpeaker(client, session, api_base=base, clock=clock)


def dingtalk_speaker(base: str, session: ClientSession, clock: MovedClock) -> Speaker:
    client = DingtalkClient(
        session=session,
        api_base=base,
        oapi_base=base,
        client_id="c",
        secret="s",
        robot_code="r",
        clock=clock,
        wait=at_once,
        random=lambda: 0.0,
        notify=lambda _notice: None,
    )
    return DingtalkSpeaker(client, clock, at_once)


@asynccontextmanager
async def answering(
    platform: str, answers: Sequence[tuple[int, dict[str, Any]]]
) -> AsyncIterator[tuple[House, Answering]]:
    is_wecom = platform == "wecom"
    success = {"errcode": 0, "msgid": "m"} if is_wecom else {"processQueryKey": "k"}
    said = Answering(list(answers), success)
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", said.answer)
    opened = wecom_transport.open_session if is_wecom else dingtalk_transport.open_session
    async with TestServer(app) as server, opened() as session:
        clock = said.clock = MovedClock(NINE)
        base = str(server.make_url("")).rstrip("/")
        make = wecom_speaker if is_wecom else dingtalk_speaker
        yield House(make(base, session, clock), clock=clock), said


def wecom_says(*codes: int) -> list[tuple[int, dict[str, Any]]]:
    return [(200, {"errcode": code, "errmsg": "x"}) for code in codes]


def dingtalk_says(*codes: str, status: int = 400) -> list[tuple[int, dict[str, Any]]]:
    return [(status, {"code": code, "message": "x", "requestid": "r"}) for code in codes]


ANSWERS: dict[str, tuple[str, list[tuple[int, dict[str, Any]]], DeliveryState]] = {
    "wecom 40014, the token is not good": ("wecom", wecom_says(40014), SENT),
    "wecom 42001, the token has ended": ("wecom", wecom_says(42001), SENT),
    "wecom 40001, the token was taken back": ("wecom", wecom_says(40001), SENT),
    "wecom 41001, the token is missing": ("wecom", wecom_says(41001), SENT),
    "wecom 40014, 42001 and 40001 in turn": ("wecom", wecom_says(40014, 42001, 40001), SENT),
    "wecom 45009, too many calls": ("wecom", wecom_says(45009), SENT),
    "wecom 45033, too many at once": ("wecom", wecom_says(45033), SENT),
    "wecom -1, busy, for an hour": ("wecom", wecom_says(*[-1] * 8), SENT),
    "wecom 6000, a conflict": ("wecom", wecom_says(6000), SENT),
    "wecom 60020, the address is not trusted yet": ("wecom", wecom_says(60020, 60020), SENT),
    "wecom 48002, no right": ("wecom", wecom_says(*[48002] * 99), PENDING),
    "wecom 81013, nobody is left": ("wecom", wecom_says(81013), FAILED),
    "wecom 60111, no such person": ("wecom", wecom_says(60111), FAILED),
    "wecom 45002, too long": ("wecom", wecom_says(45002), FAILED),
    "wecom 40058, a wrong parameter": ("wecom", wecom_says(40058), FAILED),
    "wecom names the only recipient as invalid": (
        "wecom",
        [(200, {"errcode": 0, "invaliduser": READER})],
        FAILED,
    ),
    "wecom HTTP 429": ("wecom", [(429, {})], SENT),
    "wecom HTTP 502": ("wecom", [(502, {})], UNCERTAIN),
    "wecom HTTP 503": ("wecom", [(503, {})], SENT),
    "wecom a redirect": ("wecom", [(302, {})], FAILED),
    "dingtalk 401, the token is worn": (
        "dingtalk",
        dingtalk_says("InvalidAuthentication", status=401),
        SENT,
    ),
    "dingtalk over the calls per second": (
        "dingtalk",
        dingtalk_says(*["Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"] * 7, status=403),
        SENT,
    ),
    "dingtalk 130101, twenty a minute": ("dingtalk", dingtalk_says("130101"), SENT),
    "dingtalk send.too.fast": ("dingtalk", dingtalk_says("send.too.fast"), SENT),
    "dingtalk the month's quota is used up": (
        "dingtalk",
        dingtalk_says(*["Forbidden.AccessDenied.ApiCountLimitForOrg"] * 99, status=403),
        PENDING,
    ),
    "dingtalk the robot was stopped": ("dingtalk", dingtalk_says(*["bot.stopped"] * 99), PENDING),
    "dingtalk the person left": (
        "dingtalk",
        [(200, {"processQueryKey": "k", "invalidStaffIdList": [READER]})],
        FAILED,
    ),
    "dingtalk slows the person down": (
        "dingtalk",
        [(200, {"processQueryKey": "k", "flowControlledStaffIdList": [READER]})],
        SENT,
    ),
    "dingtalk refuses the content": (
        "dingtalk",
        dingtalk_says("contain.notAllowed.content"),
        FAILED,
    ),
    "dingtalk HTTP 502": ("dingtalk", [(502, {})], UNCERTAIN),
    "dingtalk HTTP 503": ("dingtalk", [(503, {})], SENT),
    "dingtalk blocks the address": (
        "dingtalk",
        [(200, {"status": 1111, "wait": 5, "punish": "deny"})],
        SENT,
    ),
}


@pytest.mark.parametrize(("platform", "answers", "comes_to"), ANSWERS.values(), ids=ANSWERS)
async def test_an_answer_leads_to_one_outcome_and_to_no_hammering(
    platform: str, answers: list[tuple[int, dict[str, Any]]], comes_to: DeliveryState
) -> None:
    async with answering(platform, answers) as (house, said):
        state = await house.delivers("周报")

    assert state is comes_to
    assert said.taken == (1 if comes_to is SENT else 0)
    for first in said.calls:
        within = [call for call in said.calls if first <= call < first + timedelta(hours=1)]
        assert len(within) <= MOST_CALLS_AN_HOUR


async def test_the_api_fails_for_an_hour_and_one_post_comes_at_the_end() -> None:
    async with answering("wecom", wecom_says(*[-1] * 500)) as (house, said):
        assert await house.delivers("周报", hours=1) is PENDING
        tried = len(said.calls)
        said.answers.clear()
        assert await house.delivers("周报", hours=2.9) is SENT

    assert tried <= MOST_CALLS_AN_HOUR
    assert said.taken == 1


async def test_nothing_that_is_refused_shows_words_or_ids_in_the_list() -> None:
    async with answering("wecom", wecom_says(81013)) as (house, _):
        await house.delivers("机密的字")
        (stored,) = await house.outbox.listed([FAILED])

    assert READER not in json.dumps(stored.error)
    assert "机密" not in stored.error
