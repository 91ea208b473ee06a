"""Opens what a command needs: settings, and on demand the store with everything around it."""

from __future__ import annotations

import random
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.clock import SystemClock
from bot.counting import Counting, open_counting
from config.settings import Settings, load_settings
from handlers.ports import Clock


@asynccontextmanager
async def counting(
    config: Path | None, clock: Clock | None = None, *, counts: bool = True
) -> AsyncIterator[tuple[Settings, Counting]]:
    """Settings and the whole counting side, closed in order at the end.

    `counts` is False for a command that only looks or registers.
    """
    settings = load_settings(config)
    async with AsyncExitStack() as resources:
        yield (
            settings,
            await open_counting(
                settings,
                clock or SystemClock(),
                secrets.token_bytes,
                random.SystemRandom().random,
                resources,
                counts=counts,
            ),
        )
