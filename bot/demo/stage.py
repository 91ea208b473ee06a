"""The stage: stand-ins of both platforms, the real server process, and one clock for all."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import orjson
from aiohttp import web
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from bot.demo.bridge import bridge_routes
from bot.demo.clock import SharedClock
from bot.demo.story import Line
from bot.domain.errors import QingzhuangError
from bot.domain.messages import Route
from bot.standins.dingtalk import DingtalkStandin
from bot.standins.dingtalk_messages import Said
from bot.standins.settings import dingtalk_settings, wecom_settings
from bot.standins.wecom import WecomStandin

START_SECONDS = 20.0
CATCH_UP_SECONDS = 60.0
PAUSE = 0.02
MOST_LOOKS = 200


class DemoFailed(QingzhuangError):
    """The demo did not come to its end; what it waited for is named."""


@dataclass(slots=True)
class Stage:
    """Everything that runs during the demo. `folder` takes the bot's data and its log."""

    folder: Path
    package: Path
    clock: SharedClock = field(init=False)
    wecom: WecomStandin = field(init=False)
    dingtalk: DingtalkStandin = field(init=False)
    base: str = ""
    archived: int = 0
    _server: Process | None = None
    _bridge: web.AppRunner | None = None
    _session: aiohttp.ClientSession | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.clock = SharedClock(self.folder / "clock")
        self.wecom = WecomStandin(self.clock, secrets.token_bytes)
        self.dingtalk = DingtalkStandin(self.clock)

    # Setting up

    async def open_platforms(self) -> dict[str, str]:
        """Start the stand-ins; the settings that a bot on them needs."""
        await self.wecom.start()
        await self.dingtalk.start()
        key = self.folder / "archive.pem"
        key.write_bytes(
            self.wecom.archive.private_keys[1].private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            )
        )
        key.chmod(0o600)
        return {
            "QZ_DATA_DIR": str(self.folder),
            "QZ_DIRECTORY": str(self.package / "directory.csv"),
            "QZ_SERVER__PORT": "0",
            "QZ_OFFICE__TITLE": "清川县减负专班",
            **wecom_settings(self.wecom),
            "QZ_WECOM__ARCHIVE__PRIVATE_KEYS": f'{{"1": "{key}"}}',
            "QZ_WECOM__ARCHIVE__POLL_SECONDS": "0.05",
            **dingtalk_settings(self.dingtalk),
            "QZ_DINGTALK__CARD__TEMPLATE": self.dingtalk.api.cards.template,
        }

    async def start_bot(self, settings: dict[str, str]) -> None:
        """Start the real server in a process of its own and wait until it is ready."""
        bridge = web.Application()
        bridge.add_routes(bridge_routes(self.wecom.archive))
        self._bridge = web.AppRunner(bridge, access_log=None)
        await self._bridge.setup()
        await web.TCPSite(self._bridge, "127.0.0.1", 0).start()
        port = self._bridge.addresses[0][1]
        own = {name: value for name, value in os.environ.items() if not name.startswith("QZ_")}
        with self.log.open("wb") as log:
            self._server = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot.demo.server"),
                *(str(self.folder / "clock"), f"http://127.0.0.1:{port}"),
                env=own | settings,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        async with asyncio.timeout(START_SECONDS):
            while not self.base:
                if self._server.returncode is not None:
                    raise DemoFailed(f"the bot did not start, see {self.log}")
                self.base = self._address()
                await asyncio.sleep(PAUSE)
        await self.until("the Stream connection", self._is_connected, START_SECONDS)

    @property
    def log(self) -> Path:
        """What the bot wrote."""
        return self.folder / "bot.log"

    def _address(self) -> str:
        for line in self.log.read_text("utf-8").splitlines():
            if '"event": "ready"' in line or '"event":"ready"' in line:
                found = orjson.loads(line)
                return f"http://{found['host']}:{found['port']}"
        return ""

    async def _is_connected(self) -> bool:
        return self.dingtalk.gateway.listening > 0

    # Playing

    async def say(self, line: Line) -> bool:
        """Bring a line to the bot by its route; whether the bot acknowledged it."""
        self.clock.set(line.at)
        chat = line.scene.chat if line.scene else ""
        if line.route is Route.WECOM_ARCHIVE:
            return self._archive(line)
        if line.route is Route.WECOM_AIBOT:
            delivery = await self.wecom.post.post_aibot_text(
                f"{self.base}/wecom/aibot",
                line.sender,
                line.text,
                chat=chat,
                sent_at=line.at,
                msgid=line.key,
            )
            return delivery.accepted
        return await self.dingtalk.push(Said(line.key, line.sender, line.text, line.at, chat))

    def _archive(self, line: Line) -> bool:
        scene = line.scene
        if scene is None or line.form == "system":
            return True  # the archive keeps neither
        self.wecom.archive.add(
            {
                "msgid": line.key,
                "action": "send",
                "from": f"wb{line.sender}" if line.is_bot else line.sender,
                "tolist": [],
                "roomid": scene.chat,
                "msgtime": round(line.at.timestamp() * 1000),
                **_archived(line),
            }
        )
        self.archived += 1
        return True

    def heard(self) -> int:
        """How many things the bot said so far, on either platform."""
        return len(self.wecom.sent) + len(self.dingtalk.sent)

    def answers(self, line: Line) -> list[str]:
        """What was answered so far where a line was said: not what the bot says by itself."""
        where = line.scene.chat if line.scene else line.sender
        if line.route is Route.WECOM_AIBOT:
            return [s.content for s in self.wecom.sent if s.via == "ack" and s.to == where]
        return [
            f"{s.title}\n{s.text}"
            for s in self.dingtalk.sent
            if s.by in ("hook", "card") and s.to == where
        ]

    async def metric(self, name: str) -> float:
        """The sum of a counter of the running bot, of every line that begins with `name`."""
        if self._session is None:
            return 0.0
        async with self._session.get(f"{self.base}/metrics") as response:
            text = await response.text()
        return sum(
            float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name)
        )

    async def look(self) -> None:
        """Have the bot look what is due now, with all counted that was said before."""
        await self.until("the archive to be read", self.archive_read)
        number = self.clock.ask_for_a_look()

        async def is_taken() -> bool:
            return self.clock.looks_taken() >= number

        await self.until("the bot to look", is_taken)

    async def look_until(self, what: str, holds: Callable[[], Awaitable[bool]]) -> None:
        """Have the bot look, and again where what is due takes several looks, until `holds`."""
        await self.look()
        for _ in range(MOST_LOOKS):
            if await holds():
                return
            await self.look()
        raise DemoFailed(f"{what} did not come, see {self.log}")

    async def archive_read(self) -> bool:
        """Whether the bot has taken all that the archive holds."""
        counter = 'qingzhuang_messages_total{outcome="new",route="wecom_archive"}'
        return await self.metric(counter) >= self.archived

    async def until(
        self, what: str, holds: Callable[[], Awaitable[bool]], seconds: float = CATCH_UP_SECONDS
    ) -> None:
        """Wait until `holds`; raises DemoFailed that names `what` did not come."""
        try:
            async with asyncio.timeout(seconds):
                while not await holds():
                    if self._server is not None and self._server.returncode is not None:
                        raise DemoFailed(f"the bot ended while waiting for {what}, see {self.log}")
                    await asyncio.sleep(PAUSE)
        except TimeoutError:
            raise DemoFailed(f"waited {seconds:.0f} s for {what}, see {self.log}") from None

    # Closing

    async def stop_bot(self) -> int:
        """Tell the bot to stop, as an operator would; its exit code."""
        if self._server is None:
            return 0
        if self._server.returncode is None:
            self._server.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._server.wait(), START_SECONDS)

    async def close(self) -> None:
        """Stop whatever still runs."""
        if self._server is not None and self._server.returncode is None:
            self._server.kill()
            await self._server.wait()
        if self._session is not None:
            await self._session.close()
        if self._bridge is not None:
            await self._bridge.cleanup()
        await self.wecom.stop()
        await self.dingtalk.stop()
        self.clock.close()


def _archived(line: Line) -> dict[str, object]:
    """The record's own part, as the archive has it for each type."""
    match line.form:
        case "image":
            return {"msgtype": "image", "image": {"md5sum": "0" * 32, "filesize": 1}}
        case "video":
            return {"msgtype": "video", "video": {"md5sum": "0" * 32, "filesize": 1}}
        case "voice":
            return {"msgtype": "voice", "voice": {"md5sum": "0" * 32, "play_length": 3}}
        case "file":
            return {"msgtype": "file", "file": {"filename": line.text, "filesize": 1}}
        case "link":
            return {"msgtype": "link", "link": {"title": line.text}}
        case "location":
            return {"msgtype": "location", "location": {"title": line.text}}
        case _:
            return {"msgtype": "text", "text": {"content": line.text}}
