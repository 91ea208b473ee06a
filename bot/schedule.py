"""The ticks: when to look whether something is due. What is due, the ledger says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger


async def tick_every(interval: timedelta, look: Callable[[], Awaitable[None]]) -> None:
    """Call `look` at once and then every `interval` of real time, until cancelled.

    A look that takes longer is not overlapped, and missed ones become one.
    """
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(
        look,
        IntervalTrigger(seconds=interval.total_seconds(), timezone="UTC"),
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,  # the default of one second loses a late tick
    )
    await look()
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)
