"""The server as an operator starts it: a process of its own, settings from the environment."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.clock import SystemClock
from bot.domain.groups import GroupProfile
from bot.domain.private import Opaque
from bot.standins.dingtalk import DingtalkStandin
from bot.standins.settings import dingtalk_settings, wecom_settings
from bot.standins.wecom import WecomStandin
from storage.store import open_store

ROOT = Path(__file__).resolve().parents[2]


async def at_once(_seconds: float) -> None:
    """A stand-in's waits, without waiting."""
    await asyncio.sleep(0)


@dataclass
class Server:
    """`qingzhuang serve` in a folder; it can be killed and started again."""

    folder: Path
    wecom: WecomStandin = field(
        default_factory=lambda: WecomStandin(SystemClock(), secrets.token_bytes, wait=at_once)
    )
    dingtalk: DingtalkStandin = field(default_factory=lambda: DingtalkStandin(SystemClock()))
    more: dict[str, str] = field(default_factory=dict)
    base: str = ""
    _process: Process | None = None
    _settings: dict[str, str] = field(default_factory=dict)
    _starts: int = 0

    async def prepare(self, groups: Sequence[GroupProfile], *platforms: str) -> None:
        """Start the stand-ins and register the groups under their own codes, on WeCom or where
        `platforms` say."""
        await self.wecom.start()
        await self.dingtalk.start()
        self._settings = {
            "QZ_DATA_DIR": str(self.folder),
            "QZ_SERVER__PORT": "0",
            **wecom_settings(self.wecom),
            **dingtalk_settings(self.dingtalk),
            **self.more,
        }
        accounts = {"wecom": self.wecom.account.corp_id, "dingtalk": self.dingtalk.client_id}
        async with self.store() as store:
            for group in groups:
                await store.registry.put_group(group)
                for platform in platforms or ("wecom",):
                    of = accounts[platform]
                    await store.registry.bind(platform, of, Opaque(group.code), group.code, False)

    def store(self):
        """The store that the server works on; for before it starts and after it ended."""
        file = f"sqlite+aiosqlite:///{self.folder / 'books.db'}"
        url = self.more.get("QZ_DATABASE__URL", file)
        return open_store(url, self.folder / "keys", secrets.token_bytes)

    async def start(self) -> None:
        """Start the process and wait until it says that it is ready."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("QZ_")}
        self._starts += 1
        log = self.folder / f"server-{self._starts}.log"
        with log.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "serve"),
                env=own | self._settings | {"PYTHONPATH": str(ROOT)},
                cwd=self.folder,
                stdout=output,
                stderr=output,
            )
        self.base = ""
        async with asyncio.timeout(100):
            while not self.base:
                assert self._process.returncode is None, log.read_text("utf-8")
                for line in log.read_text("utf-8").splitlines():
                    if '"ready"' in line:
                        said = json.loads(line)
                        self.base = f"http://{said['host']}:{said['port']}"
                await asyncio.sleep(0.02)

    @property
    def process_id(self) -> int:
        """The process's number."""
        assert self._process is not None
        return self._process.pid

    async def run(self, *words: str) -> int:
        """A command of an operator with the same settings; its exit code."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("QZ_")}
        with (self.folder / f"command-{words[0]}.log").open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", *words),
                env=own | self._settings | {"PYTHONPATH": str(ROOT)},
                cwd=self.folder,
                stdout=output,
                stderr=output,
            )
        try:
            async with asyncio.timeout(300):
                return await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def kill(self) -> None:
        """kill -9: no goodbye, no flush."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM, as an operator's tools send it; the exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(100):
            return await self._process.wait()

    async def close(self) -> None:
        """Leave nothing running."""
        if self._process is not None and self._process.returncode is None:
            await self.kill()
        await self.wecom.stop()
        await self.dingtalk.stop()
