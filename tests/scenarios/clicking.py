"""Cards that are signed and clicked in a test."""

from __future__ import annotations

import os

from bot.clicking import Clicks
from bot.routing import Router
from handlers.ports import Clock, SpentCards
from handlers.sign_cards import SignCards
from storage.memory import MemorySpentCards

KEY = bytes(range(32))


def clicks(router: Router, clock: Clock, spent: SpentCards | None = None) -> Clicks:
    """What obeys clicks, under a known key."""
    return Clicks(SignCards(lambda: KEY, spent or MemorySpentCards(), clock, os.urandom), router)
