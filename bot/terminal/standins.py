"""standin: a platform on loopback, for whoever builds against it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping

import typer

from bot.clock import SystemClock
from bot.domain.errors import BadInput
from bot.domain.texts import Texts
from bot.standins import dingtalk, wecom
from bot.standins.settings import dingtalk_settings, wecom_settings


async def run_standin(platform: str, port: int, texts: Texts) -> int:
    """Serve until the terminal says stop; first say where, and which settings fit it."""
    clock = SystemClock()

    async def forever() -> object:
        return await asyncio.Event().wait()

    def tell(url: str, settings: Mapping[str, str]) -> None:
        typer.echo(texts("cli.standin.ready", platform=platform, url=url))
        typer.echo(texts("cli.standin.settings"))
        for name, value in settings.items():
            typer.echo(f"{name}={value}")

    if platform == "wecom":
        await wecom.run(
            port,
            clock,
            secrets.token_bytes,
            forever,
            lambda one: tell(one.post.base, wecom_settings(one)),
        )
    elif platform == "dingtalk":
        await dingtalk.run(
            port, clock, forever, lambda one: tell(one.base_url, dingtalk_settings(one))
        )
    else:
        raise BadInput("standin", "PLATFORM", "cli.error.platform")
    return 0
