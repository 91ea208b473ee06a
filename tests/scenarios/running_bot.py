"""The whole bot in this process, on loopback stand-ins, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.app import Bot, Surroundings
from bot.domain.groups import GroupProfile
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.tallies import CountTable
from bot.logs import Log
from bot.standins.dingtalk import DingtalkStandin
from bot.standins.wecom import WecomStandin
from config.platform_settings import (
    DingtalkSettings,
    WecomAibotSettings,
    WecomAppSettings,
    WecomArchiveSettings,
    WecomDataServiceSettings,
    WecomSettings,
)
from config.settings import Settings

PATIENCE_SECONDS = 60
NEVER_IN_A_TEST = 86_400.0


@dataclass
class MovedClock:
    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass
class Recorder:
    """Stands where structlog stands."""

    lines: list[dict[str, object]] = field(default_factory=list)

    def __getattr__(self, level: str) -> Callable[..., None]:
        return lambda event, **values: self.lines.append({"event": event, **values})


@dataclass
class House:
    bot: Bot
    base: str
    clock: MovedClock
    wecom: WecomStandin
    dingtalk: DingtalkStandin
    log: Recorder

    async def tallies(self, closed_at: datetime) -> dict[Week, CountTable]:
        """Close every week; what was counted."""
        ledger, found = self.bot.counting.store.ledger, {}
        for week in await ledger.open_weeks():
            await ledger.close(week, closed_at, "test")
            found[week] = await ledger.tallies(week)
        return found

    async def until(self, holds: Callable[[], bool]) -> None:
        """Let the loop run until something holds; a test that waits in vain fails."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():
                # A loop that never rests keeps the interpreter from the thread that reads rows.
                await asyncio.sleep(0.001)


@cache
def an_archive_key() -> RSAPrivateKey:
    """A key pair of a tenant's; to make one takes longer than most of what is done with it."""
    return generate_private_key(65537, 2048)


@asynccontextmanager
async def running(
    folder: Path,
    start: datetime,
    groups: Sequence[GroupProfile],
    platform: str,
    *,
    archive: bool,
    data_service: bool = False,
    adjust: Callable[[Settings, WecomStandin], Settings] = lambda settings, _standin: settings,
) -> AsyncIterator[House]:
    """A bot on both platforms; `groups` are bound to `platform` under their own codes.

    `archive` and `data_service` turn on the routes that see everything; `adjust` has the last
    word on the settings. The bot has looked once at what is due when it is handed over, and does
    not look again by itself: a tick between two of a test's would take what the test waits for.
    """
    sees_everything = archive or data_service
    clock, log = MovedClock(start), Recorder()
    wecom, dingtalk = WecomStandin(clock, secrets.token_bytes), DingtalkStandin(clock)
    wecom.archive.keys[1] = an_archive_key()
    async with AsyncExitStack() as resources:
        settings = await _settings(folder, wecom, dingtalk, resources)
        if data_service:
            settings = _with_data_service(settings, folder, wecom)
        settings = adjust(settings, wecom)
        bot = await Bot.build(
            settings,
            Log(log, lambda: "incident"),
            Surroundings(clock, archive_library=wecom.archive if archive else None),
            resources,
        )
        registry = bot.counting.store.registry
        account = wecom.account.corp_id if platform == "wecom" else dingtalk.client_id
        for group in groups:
            await registry.put_group(group)
            await registry.bind(platform, account, Opaque(group.code), group.code, sees_everything)
        stop = asyncio.Event()
        running_bot = asyncio.create_task(bot.run(stop))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                house = House(bot, await bot.address, clock, wecom, dingtalk, log)
                if settings.dingtalk.mode == "stream":
                    await house.dingtalk.gateway.joined()
            await house.until(lambda: b"qingzhuang_ticks_total 1.0" in bot.metrics.text())
            yield house
        finally:
            stop.set()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await running_bot


async def _settings(
    folder: Path, wecom: WecomStandin, dingtalk: DingtalkStandin, resources: AsyncExitStack
) -> Settings:
    wecom_base, dingtalk_base = await wecom.start(), await dingtalk.start()
    resources.push_async_callback(wecom.stop)
    resources.push_async_callback(dingtalk.stop)
    key = _pem(folder / "archive.pem", wecom.archive.private_keys[1])
    account = wecom.account
    return Settings(
        data_dir=folder,
        server={"port": 0},
        schedule={"tick_seconds": NEVER_IN_A_TEST},
        wecom=WecomSettings(
            api_base=wecom_base,
            corp_id=account.corp_id,
            app=WecomAppSettings(
                agent_id=account.agent_id,
                secret=account.secret,
                token=account.app_token,
                encoding_aes_key=account.app_key,
            ),
            aibot=WecomAibotSettings(
                bot_id=account.bot_id,
                name=account.bot_name,
                token=account.bot_token,
                encoding_aes_key=account.bot_key,
            ),
            archive=WecomArchiveSettings(private_keys={1: key}, poll_seconds=0.01),
        ),
        dingtalk=DingtalkSettings(
            api_base=dingtalk_base,
            oapi_base=dingtalk_base,
            client_id=dingtalk.client_id,
            client_secret=dingtalk.client_secret,
            robot_code=dingtalk.robot_code,
        ),
    )


def _with_data_service(settings: Settings, folder: Path, wecom: WecomStandin) -> Settings:
    ours = WecomDataServiceSettings(
        secret=wecom.account.secret,
        private_keys=[_pem(folder / "data_service.pem", wecom.data_service.key)],
        poll_seconds=0.01,
    )
    return settings.model_copy(
        update={"wecom": settings.wecom.model_copy(update={"data_service": ours})}
    )


def _pem(path: Path, key: RSAPrivateKey) -> Path:
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path
