"""What every store does with cards that were clicked."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

TODAY = date(2026, 10, 14)
UNTIL = TODAY + timedelta(days=7)
CARD, OTHER = bytes(16), bytes(range(16))


async def test_a_card_serves_once(store):
    assert await store.spent_cards.spend(CARD, UNTIL, TODAY)
    assert not await store.spent_cards.spend(CARD, UNTIL, TODAY)
    assert await store.spent_cards.spend(OTHER, UNTIL, TODAY)


async def test_of_two_clicks_at_once_one_is_the_first(store):
    async with asyncio.timeout(30):
        first = await asyncio.gather(
            *(store.spent_cards.spend(CARD, UNTIL, TODAY) for _ in range(8))
        )

    assert sorted(first) == [False] * 7 + [True]


async def test_what_was_given_back_serves_again(store):
    await store.spent_cards.spend(CARD, UNTIL, TODAY)

    await store.spent_cards.give_back(CARD)

    assert await store.spent_cards.spend(CARD, UNTIL, TODAY)


async def test_a_card_is_remembered_to_its_last_day_and_then_forgotten(store):
    await store.spent_cards.spend(CARD, UNTIL, TODAY)

    assert not await store.spent_cards.spend(CARD, UNTIL, UNTIL)
    assert await store.spent_cards.spend(CARD, UNTIL, UNTIL + timedelta(days=1))
