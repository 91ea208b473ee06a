"""Members who talk to a running server in private, through both platforms at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.clock import SystemClock
from bot.standins.dingtalk_messages import Said
from tests.process.server import Server

SHOWN = re.compile(r"\d{4}(?: \d{4}){4}")
ANSWER_SECONDS = 20.0


@dataclass
class Member:
    """One person on one platform; `receipts` are those that were shown to him."""

    server: Server
    id: str
    platform: str
    said: int = 0
    receipts: list[str] = field(default_factory=list)

    async def say(self, text: str) -> str:
        """Say it in private and wait for the answer."""
        before = len(self._heard())
        self.said += 1
        if self.platform == "wecom":
            await self.server.wecom.post.post_app_text(
                self.server.base + "/wecom/app", self.id, text
            )
        else:
            key = f"canarymsg-{self.id}-{self.said}"
            await self.server.dingtalk.push(Said(key, self.id, text, SystemClock().now()))
        async with asyncio.timeout(ANSWER_SECONDS):
            while len(self._heard()) <= before:
                await asyncio.sleep(0.005)
        answer = self._heard()[-1]
        self.receipts += SHOWN.findall(answer) if "已收下" in answer else []
        return answer

    def _heard(self) -> list[str]:
        if self.platform == "wecom":
            return [sent.content for sent in self.server.wecom.sent if sent.to == self.id]
        return [sent.text for sent in self.server.dingtalk.sent if sent.to == self.id]


async def talk_at_once(
    members: Sequence[Member], script: Callable[[int], Sequence[str]], at_once: int = 8
) -> int:
    """Let every member say his lines in their order, some at the same time; how much was said."""
    free = asyncio.Semaphore(at_once)

    async def one(number: int, member: Member) -> None:
        async with free:
            for line in script(number):
                await member.say(line.replace("{receipt}", (member.receipts or ["0"])[-1]))

    await asyncio.gather(*(one(number, member) for number, member in enumerate(members)))
    return sum(member.said for member in members)
