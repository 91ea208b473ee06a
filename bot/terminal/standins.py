"""standin: a platform on loopback, for whoever builds against it."""

from __future__ import annotations

import asyncio
import secrets

import typer

from bot.clock import SystemClock
from bot.domain.errors import BadInput
from bot.domain.texts import Texts
from bot.standins import dingtalk, wecom


async def run_standin(platform: str, port: int, texts: Texts) -> int:
    """Serve until the terminal says stop."""

    async def forever() -> object:
        return await asyncio.Event().wait()

    if platform == "wecom":
        await wecom.run(
            port,
            SystemClock(),
            secrets.token_bytes,
            forever,
            lambda one: typer.echo(
                texts("cli.standin.ready", platform=platform, url=one.post.base)
            ),
        )
    elif platform == "dingtalk":
        await dingtalk.run(
            port,
            SystemClock(),
            forever,
            lambda one: typer.echo(
                texts("cli.standin.ready", platform=platform, url=one.base_url)
            ),
        )
    else:
        raise BadInput("standin", "PLATFORM", texts("cli.error.platform"))
    return 0
