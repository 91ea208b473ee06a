"""One way of showing and clicking cards a platform, by the whole bot on loopback."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot.domain.private import Opaque
from bot.standins.dingtalk_cards import TEMPLATE
from bot.standins.dingtalk_messages import Said
from bot.standins.wecom import WecomStandin
from config.platform_settings import DingtalkCardSettings
from config.settings import Settings
from handlers.ports import Role
from tests.scenarios.running_bot import House, running
from tests.scenarios.week_end_house import profile

WEDNESDAY = datetime(2026, 10, 14, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
OURS = profile("wr-1", "u-1")
SECRET = "cardsecret"


class Way(ABC):
    """Somebody asks in private, gets a card, clicks it, and reads what follows."""

    platform: ClassVar[str]

    def __init__(self, house: House) -> None:
        self.house = house

    @staticmethod
    def adjust(settings: Settings, _standin: WecomStandin) -> Settings:
        """The settings that this way needs."""
        return settings

    @property
    @abstractmethod
    def account(self) -> str: ...

    @abstractmethod
    async def ask(self, text: str, who: str) -> None: ...

    @abstractmethod
    def words(self, who: str) -> list[str]:
        """All that was said to somebody that is no card."""

    @abstractmethod
    def shown(self, who: str) -> list[str]:
        """The ids of the cards shown to somebody, oldest first."""

    @abstractmethod
    def buttons(self, card: str) -> dict[str, str]: ...

    @abstractmethod
    def done(self, card: str) -> str:
        """What a card shows in place of its buttons; empty while they are there."""

    @abstractmethod
    async def click(self, card: str, value: str, who: str) -> None: ...

    @abstractmethod
    def refuse_cards(self) -> None:
        """From now on the tenant takes no cards."""

    async def card(self, text: str, who: str) -> str:
        before = len(self.shown(who))
        await self.ask(text, who)
        await self.house.until(lambda: len(self.shown(who)) > before)
        return self.shown(who)[-1]

    async def answer(self, card: str, value: str, who: str) -> str:
        """The words that follow a click."""
        before = len(self.words(who))
        await self.click(card, value, who)
        await self.house.until(lambda: len(self.words(who)) > before)
        return self.words(who)[-1]

    async def grant(self, who: str, role: Role = Role.OFFICE) -> None:
        registry = self.house.bot.counting.store.registry
        await registry.grant(self.platform, self.account, Opaque(who), role, "*", WEDNESDAY.date())

    async def revoke(self, who: str, role: Role = Role.OFFICE) -> None:
        registry = self.house.bot.counting.store.registry
        await registry.revoke(self.platform, self.account, Opaque(who), role, "*")


class _Wecom(Way):
    platform = "wecom"
    via: ClassVar[str]

    @property
    def account(self) -> str:
        return self.house.wecom.account.corp_id

    def words(self, who: str) -> list[str]:
        return [
            one.content
            for one in self.house.wecom.sent
            if one.to == who and one.via == self.via and one.kind != "template_card"
        ]

    def shown(self, who: str) -> list[str]:
        cards = self.house.wecom.api.cards.shown.values()
        return [one.task_id for one in cards if one.to == who and one.via == self.via]

    def buttons(self, card: str) -> dict[str, str]:
        return dict(self.house.wecom.api.cards.shown[card].buttons)

    def done(self, card: str) -> str:
        return self.house.wecom.api.cards.shown[card].faded

    def refuse_cards(self) -> None:
        self.house.wecom.api.cards.refuses = True


class WecomApp(_Wecom):
    via = "app"

    async def ask(self, text: str, who: str) -> None:
        await self.house.wecom.post.post_app_text(f"{self.house.base}/wecom/app", who, text)

    async def click(self, card: str, value: str, who: str) -> None:
        url = f"{self.house.base}/wecom/app"
        assert (await self.house.wecom.post.click_app(url, who, card, value)).accepted


class WecomLive(_Wecom):
    via = "live"

    @staticmethod
    def adjust(settings: Settings, standin: WecomStandin) -> Settings:
        aibot = settings.wecom.aibot.model_copy(
            update={
                "secret": SecretStr(standin.account.bot_secret),
                "ws_url": standin.live_url,
                "token": None,
                "encoding_aes_key": None,
            }
        )
        app = settings.wecom.app.model_copy(update={"secret": None, "token": None})
        wecom = settings.wecom.model_copy(update={"aibot": aibot, "app": app})
        return settings.model_copy(update={"wecom": wecom})

    async def ask(self, text: str, who: str) -> None:
        await self.house.until(lambda: self.house.wecom.live.is_held)
        await self.house.wecom.live.say(who, text)

    async def click(self, card: str, value: str, who: str) -> None:
        await self.house.wecom.live.click_value(who, card, value)


class _Dingtalk(Way):
    platform = "dingtalk"

    @property
    def account(self) -> str:
        return self.house.dingtalk.client_id

    def words(self, who: str) -> list[str]:
        sent = self.house.dingtalk.sent
        return [one.text for one in sent if one.to == who and one.by != "card"]

    def shown(self, who: str) -> list[str]:
        cards = self.house.dingtalk.api.cards.shown.values()
        return [one.track for one in cards if one.to == who]

    def buttons(self, card: str) -> dict[str, str]:
        return self.house.dingtalk.api.cards.shown[card].buttons

    def done(self, card: str) -> str:
        return self.house.dingtalk.api.cards.shown[card].status

    def refuse_cards(self) -> None:
        self.house.dingtalk.api.cards.template = ""


class DingtalkStream(_Dingtalk):
    @staticmethod
    def adjust(settings: Settings, _standin: WecomStandin) -> Settings:
        card = DingtalkCardSettings(template=TEMPLATE)
        return settings.model_copy(
            update={"dingtalk": settings.dingtalk.model_copy(update={"card": card})}
        )

    async def ask(self, text: str, who: str) -> None:
        key = f"said-{len(self.house.dingtalk.sent)}-{text}"
        assert await self.house.dingtalk.push(Said(key, who, text, self.house.clock.now()))

    async def click(self, card: str, value: str, who: str) -> None:
        assert await self.house.dingtalk.click(card, who, value)


class DingtalkHttp(_Dingtalk):
    @staticmethod
    def adjust(settings: Settings, _standin: WecomStandin) -> Settings:
        card = DingtalkCardSettings(template=TEMPLATE, secret=SecretStr(SECRET))
        dingtalk = settings.dingtalk.model_copy(update={"card": card, "mode": "http"})
        return settings.model_copy(update={"dingtalk": dingtalk})

    async def ask(self, text: str, who: str) -> None:
        key = f"said-{len(self.house.dingtalk.sent)}-{text}"
        said = Said(key, who, text, self.house.clock.now())
        assert await self.house.dingtalk.post(f"{self.house.base}/dingtalk/robot", said) == 200

    async def click(self, card: str, value: str, who: str) -> None:
        url = f"{self.house.base}/dingtalk/card"
        assert await self.house.dingtalk.post_click(url, SECRET, card, who, value) == 200


WAYS: dict[str, type[Way]] = {
    "wecom_app": WecomApp,
    "wecom_live": WecomLive,
    "dingtalk_stream": DingtalkStream,
    "dingtalk_http": DingtalkHttp,
}


@asynccontextmanager
async def opened(name: str, folder: Path) -> AsyncIterator[Way]:
    """The whole bot, set up for one way."""
    way = WAYS[name]
    async with running(
        folder,
        WEDNESDAY,
        [OURS],
        way.platform,
        archive=False,
        adjust=way.adjust,
    ) as house:
        yield way(house)
