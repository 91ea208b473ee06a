"""The Stream client against a gateway that behaves, misbehaves and falls silent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.errors import BooksUnavailable
from bot.platforms.backoff import Backoff
from bot.platforms.dingtalk.notices import Notice
from bot.platforms.dingtalk.stream import Patience
from bot.standins.dingtalk_gateway import CONNECT_PATH, OPEN_PATH, PUSH
from bot.standins.faults import Fault
from tests.platforms.dingtalk_stage import Stage, Trouble, staged, until


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(Stage) as stage:
        yield stage


async def test_a_message_is_handed_over_and_acknowledged(stage: Stage) -> None:
    async with stage.streaming() as stream:
        await stage.standin.gateway.joined()

        assert await stage.standin.push(stage.says("@所有人 今晚8点前截图上报", mentions=("li",)))

        assert stream.is_connected
    (message,) = stage.desk.handed
    assert message.text.reveal() == "@所有人 今晚8点前截图上报"
    assert message.mentions_all
    assert [who.reveal() for who in message.mentions] == ["li"]
    assert message.sent_at == stage.time.now()
    assert stage.standin.gateway.acks == [200]
    assert stage.notices == [Notice.CONNECTED]


async def test_the_acknowledgement_waits_for_the_front_desk_and_others_do_not(
    stage: Stage,
) -> None:
    async with stage.streaming():
        await stage.standin.gateway.joined()
        stage.desk.gate.clear()
        pushes = [asyncio.create_task(stage.standin.push(stage.says())) for _ in range(3)]

        await until(lambda: len(stage.desk.handed) == 3)
        acknowledged_early = list(stage.standin.gateway.acks)
        stage.desk.gate.set()

        assert await asyncio.gather(*pushes) == [True, True, True]
        assert acknowledged_early == []


async def test_a_message_pushed_twice_is_counted_once(stage: Stage) -> None:
    async with stage.streaming():
        await stage.standin.gateway.joined()
        stage.standin.faults.plan(Fault.DUPLICATE, PUSH)

        assert await stage.standin.push(stage.says())

    assert len(stage.desk.handed) == 2
    assert stage.desk.counted == {"m1": 1}
    assert stage.standin.gateway.acks == [200, 200]


async def test_a_lost_acknowledgement_brings_the_message_again_and_counts_it_once(
    stage: Stage,
) -> None:
    async with stage.streaming():
        await stage.standin.gateway.joined()
        stage.standin.faults.plan(Fault.LOST_ACK, PUSH)

        assert await stage.time.passes_during(stage.standin.push(stage.says()))

    assert len(stage.desk.handed) == 2
    assert stage.desk.counted == {"m1": 1}


async def test_what_the_books_could_not_take_is_answered_as_failed_and_comes_again(
    stage: Stage,
) -> None:
    async with stage.streaming():
        await stage.standin.gateway.joined()
        stage.desk.troubles = [BooksUnavailable("locked"), BooksUnavailable("locked")]

        assert await stage.time.passes_during(stage.standin.push(stage.says()))

    assert stage.standin.gateway.acks == [500, 500, 200]
    assert stage.desk.counted == {"m1": 1}
    assert stage.refused == {"books": 2}


async def test_an_error_of_ours_is_reported_and_ends_neither_connection_nor_message(
    stage: Stage,
) -> None:
    async with stage.streaming():
        await stage.standin.gateway.joined()
        stage.desk.troubles = [Trouble("x")]

        assert await stage.time.passes_during(stage.standin.push(stage.says()))

    assert [type(fault) for fault in stage.faults] == [Trouble]
    assert stage.standin.gateway.opened == 1
    assert stage.desk.counted == {"m1": 1}


async def test_asked_to_go_it_opens_the_next_connection_before_it_closes_the_old(
    stage: Stage,
) -> None:
    async with stage.streaming() as stream:
        await stage.standin.gateway.joined()
        stage.desk.gate.clear()
        in_hand = asyncio.create_task(stage.standin.push(stage.says()))
        await until(lambda: len(stage.desk.handed) == 1)

        await stage.standin.gateway.disconnect()
        await until(lambda: stage.standin.gateway.opened == 2)
        await until(lambda: stream.is_connected)
        stage.desk.gate.set()

        assert await in_hand, "what was in hand is acknowledged on the old connection"
        assert await stage.standin.push(stage.says())
    assert stage.notices == [Notice.CONNECTED, Notice.RENEWED]
    assert stage.desk.counted == {"m1": 1, "m2": 1}


async def test_no_message_is_lost_over_disconnects_resets_and_lost_acknowledgements(
    stage: Stage,
) -> None:
    for place, fault in enumerate(
        [Fault.DISCONNECT, Fault.LOST_ACK, Fault.RESET, Fault.DUPLICATE, Fault.DISCONNECT]
    ):
        stage.standin.faults.plan(fault, PUSH)
        stage.standin.faults.plan(Fault.SERVER_ERROR, OPEN_PATH, place % 2)
    said = [stage.says() for _ in range(30)]

    async with stage.streaming():
        await stage.time.passes_until(lambda: stage.standin.gateway.listening == 1)
        for one in said:
            assert await stage.time.passes_during(stage.standin.push(one))

    assert stage.desk.counted == {one.key: 1 for one in said}
    assert stage.standin.gateway.opened >= 3


async def test_a_flapping_gateway_is_tried_ever_more_slowly_and_for_ever(stage: Stage) -> None:
    stage.standin.faults.plan(Fault.DISCONNECT, CONNECT_PATH, 40)
    began = stage.time.now()

    async with stage.streaming() as stream:
        await stage.time.passes_until(lambda: stage.standin.gateway.opened > 40, step=5)
        await until(lambda: stream.is_connected)

        assert await stage.standin.push(stage.says())

    passed = (stage.time.now() - began).total_seconds()
    assert passed > 34 * 30, "the wait is at least half of the ceiling of 60 s"
    assert stage.standin.gateway.opened == 41


async def test_an_unreachable_gateway_is_tried_with_growing_waits_of_at_most_a_minute(
    stage: Stage,
) -> None:
    base = stage.standin.base_url
    await stage.standin.stop()

    async with stage.streaming(api_base=base, random=lambda: 0.999):
        await stage.time.passes_until(lambda: len(stage.time.waits) >= 12, step=60)

    assert [round(wait) for wait in stage.time.waits[:12]] == [2, 4, 8, 16, 32] + [60] * 7
    assert set(stage.notices) == {Notice.NOT_OPENED}


@pytest.mark.parametrize("luck", [0.0, 0.5, 0.999999])
def test_the_wait_lies_between_one_second_and_its_ceiling_however_many_failed(
    luck: float,
) -> None:
    backoff = Backoff(lambda: luck, 60.0)

    waits = [backoff.delay()]
    for _ in range(2_000):
        backoff.failed()
        waits.append(backoff.delay())
    backoff.recovered()

    assert waits[0] == backoff.delay() == 0.0
    assert min(waits[1:]) >= 1.0
    assert max(waits) <= 60.0


async def test_refused_credentials_alert_and_are_tried_again_every_few_minutes(
    stage: Stage,
) -> None:
    async with stage.streaming(secret="wrong"):
        await stage.time.passes_until(lambda: stage.standin.gateway.refused == 4, step=30)

    assert set(stage.notices) == {Notice.CREDENTIAL_REFUSED}
    assert set(stage.time.waits) == {180.0}


async def test_a_connection_that_brings_nothing_is_given_up_and_replaced(stage: Stage) -> None:
    stage.standin.faults.plan(Fault.HALF_OPEN, CONNECT_PATH)

    async with stage.streaming() as stream:
        await stage.standin.gateway.joined()
        await stage.time.passes_until(lambda: Notice.SILENT in stage.notices, step=10)
        await stage.time.passes_until(lambda: stage.standin.gateway.opened == 2)
        await until(lambda: stream.is_connected)

        assert await stage.time.passes_during(stage.standin.push(stage.says()))


async def test_pings_alone_keep_a_quiet_connection(stage: Stage) -> None:
    async with stage.streaming() as stream:
        await stage.standin.gateway.joined()
        began = stage.time.now()

        await stage.time.passes_until(
            lambda: (stage.time.now() - began).total_seconds() > 3_600, step=10
        )

        assert stream.is_connected
        assert stage.standin.gateway.opened == 1


async def test_shutting_down_finishes_what_is_in_hand_and_closes_the_socket(
    stage: Stage,
) -> None:
    async with stage.streaming():
        await stage.standin.gateway.joined()
        stage.desk.gate.clear()
        in_hand = asyncio.create_task(stage.standin.push(stage.says()))
        await until(lambda: len(stage.desk.handed) == 1)
        asyncio.get_running_loop().call_soon(stage.desk.gate.set)

    assert await in_hand
    await until(lambda: stage.standin.gateway.listening == 0)


async def test_with_full_hands_it_stops_reading_until_one_is_free(stage: Stage) -> None:
    async with stage.streaming(patience=Patience(in_hand=2)):
        await stage.standin.gateway.joined()
        stage.desk.gate.clear()
        pushes = [asyncio.create_task(stage.standin.push(stage.says())) for _ in range(5)]
        await until(lambda: len(stage.desk.handed) == 2)
        for _ in range(300):
            await asyncio.sleep(0)
        handed_at_most = len(stage.desk.handed)
        stage.desk.gate.set()

        assert await asyncio.gather(*pushes) == [True] * 5

    assert handed_at_most == 2


async def test_a_front_desk_that_hangs_for_ever_costs_its_messages_and_not_the_route(
    stage: Stage,
) -> None:
    patience = Patience(in_hand=1, drain=timedelta(0))
    async with stage.streaming(patience=patience) as stream:
        await stage.standin.gateway.joined()
        stage.desk.gate.clear()
        stuck = [asyncio.create_task(stage.standin.push(stage.says())) for _ in range(3)]
        await until(lambda: len(stage.desk.handed) == 1)

        await stage.time.passes_until(lambda: stage.standin.gateway.opened > 1, step=5)
        stage.desk.gate = asyncio.Event()
        stage.desk.gate.set()
        await stage.time.passes_until(lambda: all(push.done() for push in stuck))

        assert stream.is_connected
    assert stage.desk.keys == {"m1", "m2", "m3"}


async def test_nothing_of_a_message_reaches_a_log_whatever_goes_wrong(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for fault in (Fault.LOST_ACK, Fault.RESET, Fault.DISCONNECT, Fault.DUPLICATE):
        stage.standin.faults.plan(fault, PUSH)
    stage.desk.troubles = [BooksUnavailable("locked"), Trouble("canary-trouble")]

    async with stage.streaming():
        await stage.time.passes_until(lambda: stage.standin.gateway.listening == 1)
        said = stage.says(
            "canary-words", sender="canary-id", group="canary-group", key="canary-key"
        )
        assert await stage.time.passes_during(stage.standin.push(said))

    assert "canary" not in caplog.text
    assert stage.standin.client_secret not in caplog.text
