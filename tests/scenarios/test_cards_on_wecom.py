"""Cards on WeCom, beyond the contract: repetitions, changes that fail, groups, the callback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from bot.standins.faults import Fault
from bot.standins.wecom import WecomStandin
from bot.standins.wecom_cards import ShownCard
from config.settings import Settings
from tests.scenarios.running_bot import House, running
from tests.scenarios.week_end_house import profile

WEDNESDAY = datetime(2026, 10, 14, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
OURS = profile("wr-1", "u-1")
ADMIN, OTHER = "zhao", "qian"
REFUSED = "已经用过、过期了"


def by_long_connection(settings: Settings, standin: WecomStandin) -> Settings:
    """The AI bot without a callback; no DingTalk."""
    aibot = settings.wecom.aibot.model_copy(
        update={
            "secret": SecretStr(standin.account.bot_secret),
            "ws_url": standin.live_url,
            "token": None,
            "encoding_aes_key": None,
        }
    )
    wecom = settings.wecom.model_copy(update={"aibot": aibot})
    return settings.model_copy(update={"wecom": wecom})


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running(tmp_path, WEDNESDAY, [OURS], "wecom", archive=False) as opened:
        yield opened


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[House]:
    async with running(
        tmp_path, WEDNESDAY, [OURS], "wecom", archive=False, adjust=by_long_connection
    ) as opened:
        await opened.until(lambda: opened.wecom.live.is_held)
        yield opened


def said(house: House, to: str, via: str) -> list[str]:
    return [one.content for one in house.wecom.sent if one.to == to and one.via == via]


def outcome(house: House, route: str, outcome: str) -> float:
    counter = house.bot.metrics.messages.labels(route, outcome)
    return next(iter(counter.collect())).samples[0].value


class App:
    """The self-built app: asked and clicked through its callback."""

    def __init__(self, house: House) -> None:
        self.house, self.url = house, f"{house.base}/wecom/app"

    async def card(self, text: str, who: str = ADMIN) -> ShownCard:
        """The card that answers a command."""
        before = len(self.house.wecom.api.cards.shown)
        await self.house.wecom.post.post_app_text(self.url, who, text)
        await self.house.until(lambda: len(self.house.wecom.api.cards.shown) > before)
        return self.house.wecom.api.cards.latest(who)

    async def click(self, card: ShownCard, key: str, who: str = ADMIN, task: str = "") -> None:
        done = await self.house.wecom.post.click_app(self.url, who, task or card.task_id, key)
        assert done.accepted

    async def answer(self, card: ShownCard, key: str, who: str = ADMIN, task: str = "") -> str:
        """The words that follow a click."""
        before = len(said(self.house, who, "app"))
        await self.click(card, key, who, task)
        await self.house.until(lambda: len(said(self.house, who, "app")) > before)
        return said(self.house, who, "app")[-1]


async def test_help_is_a_menu_and_its_button_is_answered_as_the_command_is(house: House) -> None:
    app = App(house)
    card = await app.card("/帮助")
    assert list(card.buttons)[-1] == "全部"

    answer = await app.answer(card, card.buttons["限额"])

    assert "现行限额" in answer
    assert card.faded == "已办"
    assert outcome(house, "wecom_app", "clicked") == 1


async def test_a_click_that_is_delivered_again_is_obeyed_once(house: House) -> None:
    app = App(house)
    card = await app.card("/帮助")
    house.wecom.faults.plan(Fault.LOST_ACK, "callback")

    await app.answer(card, card.buttons["限额"])

    assert sum("现行限额" in one for one in said(house, ADMIN, "app")) == 1
    assert not any(REFUSED in one for one in said(house, ADMIN, "app"))


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.SERVER_ERROR, Fault.RATE_LIMITED])
async def test_a_card_that_cannot_be_changed_is_answered_all_the_same(
    house: House, fault: Fault
) -> None:
    app = App(house)
    card = await app.card("/帮助")
    house.wecom.faults.plan(fault, "/cgi-bin/message/update_template_card")

    assert "现行限额" in await app.answer(card, card.buttons["限额"])


# --- the AI bot, by callback ---


async def test_a_group_s_menu_is_in_the_acknowledgement_and_so_is_its_change(house: House) -> None:
    url, post = f"{house.base}/wecom/aibot", house.wecom.post
    await post.post_aibot_text(url, ADMIN, "/帮助", chat="wr-1")
    card = house.wecom.api.cards.latest("wr-1")

    clicked = await post.click_aibot(url, OTHER, card.task_id, card.buttons["状态"], chat="wr-1")

    assert clicked.answer is not None
    assert clicked.answer["response_type"] == "update_template_card"
    assert (card.title, card.faded) == ("已办 /状态", "已办")
    await house.until(lambda: any(one.via == "hook" for one in house.wecom.sent))
    again = await post.click_aibot(url, OTHER, card.task_id, card.buttons["已办"], chat="wr-1")
    assert again.answer is None
    await house.until(lambda: any(REFUSED in one.content for one in house.wecom.sent))


async def test_a_group_s_card_is_worth_nothing_in_another_group(house: House) -> None:
    url, post = f"{house.base}/wecom/aibot", house.wecom.post
    await post.post_aibot_text(url, ADMIN, "/帮助", chat="wr-1")
    card = house.wecom.api.cards.latest("wr-1")

    await post.click_aibot(url, ADMIN, card.task_id, card.buttons["限额"], chat="wr-2")

    await house.until(lambda: any(REFUSED in one.content for one in house.wecom.sent))
    assert card.faded == ""


# --- the AI bot, by long connection ---


async def test_the_long_connection_shows_changes_and_answers(live: House) -> None:
    await live.wecom.live.say(ADMIN, "/帮助", chat="wr-1")
    await live.until(lambda: bool(live.wecom.api.cards.shown))
    card = live.wecom.api.cards.latest("wr-1")

    await live.wecom.live.click(OTHER, card.task_id, "限额", chat="wr-1")

    await live.until(lambda: any("现行限额" in one for one in said(live, "wr-1", "live")))
    assert (card.title, card.faded) == ("已办 /限额", "已办")


async def test_a_click_pushed_twice_is_obeyed_once(live: House) -> None:
    await live.wecom.live.say(ADMIN, "/帮助", chat="wr-1")
    await live.until(lambda: bool(live.wecom.api.cards.shown))
    live.wecom.faults.plan(Fault.DUPLICATE, "click")

    card = live.wecom.api.cards.latest("wr-1")
    await live.wecom.live.click(OTHER, card.task_id, "限额", chat="wr-1")
    await live.until(lambda: outcome(live, "wecom_aibot", "duplicate") == 1)

    assert sum("现行限额" in one for one in said(live, "wr-1", "live")) == 1
