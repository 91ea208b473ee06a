"""What every store keeps of when routes were connected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.reach import RouteGap, Watch

NOON = datetime(2026, 10, 13, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ROUTE = "dingtalk_stream"


async def test_a_route_is_watched_from_the_first_time_on(store):
    await store.routes.watch([ROUTE], NOON)
    await store.routes.watch([ROUTE, "wecom_app"], NOON + MINUTE)

    assert await store.routes.watched() == {
        ROUTE: Watch(NOON, NOON),
        "wecom_app": Watch(NOON + MINUTE, NOON + MINUTE),
    }


async def test_only_what_is_connected_was_seen_now(store):
    await store.routes.watch([ROUTE, "wecom_app"], NOON)

    await store.routes.write([ROUTE], NOON + MINUTE, [])

    watched = await store.routes.watched()
    assert watched[ROUTE].seen_at == NOON + MINUTE
    assert watched["wecom_app"].seen_at == NOON


async def test_a_gap_is_open_until_its_end_is_known(store):
    await store.routes.watch([ROUTE], NOON)
    await store.routes.write([], NOON, [RouteGap(ROUTE, NOON)])
    assert (await store.routes.watched())[ROUTE].gap_began_at == NOON

    ended = RouteGap(ROUTE, NOON, NOON + 5 * MINUTE)
    await store.routes.write([ROUTE], NOON + 5 * MINUTE, [ended])

    assert (await store.routes.watched())[ROUTE].gap_began_at is None
    assert await store.routes.gaps(NOON, NOON + 60 * MINUTE) == [ended]


async def test_a_gap_that_comes_to_nothing_is_forgotten(store):
    await store.routes.watch([ROUTE], NOON)
    await store.routes.write([], NOON, [RouteGap(ROUTE, NOON)])

    await store.routes.write([ROUTE], NOON, [RouteGap(ROUTE, NOON, NOON)])

    assert await store.routes.gaps(NOON - MINUTE, NOON + MINUTE) == []


@pytest.mark.parametrize(
    ("begin", "end", "is_found"),
    [(-9, 0, False), (-9, 1, True), (3, 4, True), (9, 19, True), (10, 20, False)],
)
async def test_a_gap_belongs_to_every_span_that_it_reaches_into(store, begin, end, is_found):
    gap = RouteGap(ROUTE, NOON, NOON + 10 * MINUTE)
    await store.routes.write([], NOON, [gap])

    found = await store.routes.gaps(NOON + begin * MINUTE, NOON + end * MINUTE)

    assert found == ([gap] if is_found else [])
