"""A group that the platform refuses as dissolved is covered no more, until it is bound again."""

from __future__ import annotations

from pathlib import Path

from bot.domain.private import Opaque
from bot.domain.sending import Urgency
from handlers.ports import Destination, Parcel
from tests.scenarios.running_bot import House, running
from tests.scenarios.week_end_house import at, profile

NINE = at("2026-10-13 09:00")
GROUP = profile()


async def say(house: House, key: str) -> None:
    to = Destination("dingtalk", house.dingtalk.client_id, True, Opaque(GROUP.code))
    await house.bot.counting.store.outbox.put(
        [Parcel(key, to, "提示", "提示", NINE, Urgency.HINT)]
    )
    await house.bot.counting.deliver()


async def test_a_refused_hint_ends_the_binding_and_a_new_one_renews_it(tmp_path: Path) -> None:
    async with running(tmp_path, NINE, [GROUP], "dingtalk", archive=False) as house:
        registry = house.bot.counting.store.registry
        await say(house, "first")
        assert not registry.is_gone(GROUP.code)

        house.dingtalk.api.dissolved = {GROUP.code}
        await say(house, "second")
        await registry.load()
        assert registry.is_gone(GROUP.code)
        assert registry.chats_of(GROUP.code) == []

        account = house.dingtalk.client_id
        await registry.bind("dingtalk", account, Opaque(GROUP.code), GROUP.code, False)
        assert not registry.is_gone(GROUP.code)
