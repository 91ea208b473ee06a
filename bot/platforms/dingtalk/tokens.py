"""An access token that is fetched once however many ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from handlers.ports import Clock

EARLY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Token:
    """A token and until when the platform takes it."""

    value: str = field(repr=False)
    expires_at: datetime


class TokenCache:
    """Keeps one token; `fetch` runs in one flight, and its failure is everybody's who waited."""

    def __init__(self, fetch: Callable[[], Awaitable[Token]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token: Token | None = None
        self._flight: asyncio.Future[Token] | None = None

    async def get(self) -> str:
        """A token with at least five minutes to live; raises what `fetch` raises."""
        token = self._token
        if token is None or self._clock.now() >= token.expires_at - EARLY:
            if self._flight is None:
                self._flight = asyncio.ensure_future(self._fetch())
                self._flight.add_done_callback(self._landed)
            # Whoever gives up waiting does not take the token from the others.
            token = await asyncio.shield(self._flight)
        return token.value

    def drop(self, value: str) -> None:
        """Forget this token; one that was fetched meanwhile stays."""
        if self._token is not None and self._token.value == value:
            self._token = None

    def _landed(self, flight: asyncio.Future[Token]) -> None:
        self._flight = None
        if not flight.cancelled() and flight.exception() is None:
            self._token = flight.result()
