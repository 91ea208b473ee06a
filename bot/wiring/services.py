"""What a platform is given to work with, and what it gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from aiohttp import web

from bot.domain.messages import Route
from bot.domain.private import Opaque
from bot.domain.sending import Allowance
from bot.logs import Log
from bot.metrics import Metrics
from bot.platforms.base import AnswerLater, FrontDesk, NoteGroupEvent, TokenBytes, Wait
from handlers.ports import Clock, Contacts, Cursors, Speaker
from handlers.watch_routes import WatchRoutes


class Rooms(Protocol):
    """What a platform tells the operator of archived rooms. Raises PlatformError subclasses."""

    async def archived(self) -> int:
        """Members for whom the archive is switched on."""
        ...

    async def size(self, room: Opaque) -> int | None:
        """Members of a room; None for one that is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """The house's side of every platform."""

    take: FrontDesk
    answer_later: AnswerLater
    note_group_event: NoteGroupEvent
    is_command: Callable[[str], bool]  # words to the bot that are a command and nothing more
    clock: Clock
    elapsed: Callable[[], float]
    wait: Wait
    token_bytes: TokenBytes
    random: Callable[[], float]
    cursors: Cursors
    metrics: Metrics
    log: Log
    resources: AsyncExitStack
    watch: WatchRoutes
    archive_library: Any = None  # the demo's; the vendor's is made from the settings

    def refused(self, door: str) -> Callable[[str], None]:
        """A counter of refused requests for one door."""
        return lambda reason: self.metrics.refused.labels(door, reason).inc()

    def faulted(self, door: str) -> Callable[[BaseException], None]:
        """Who hears of errors that a door survived: the log, by class and place only."""

        def tell(error: BaseException) -> None:
            self.log.fault(door, error)

        return tell


@dataclass(slots=True)
class Wired:
    """A platform that is set up. Everything may be empty: then it is not configured."""

    speakers: dict[str, Speaker] = field(default_factory=dict)
    routes: list[web.RouteDef] = field(default_factory=list)
    tasks: dict[str, Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=dict)
    checks: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    doors: list[str] = field(default_factory=list)
    watched: set[Route] = field(default_factory=set)  # routes that tell `watch` how they are
    # Routes that are pulled, with how long the platform keeps what it has.
    pulled: dict[Route, timedelta] = field(default_factory=dict)
    open_doors: set[Route] = field(default_factory=set)  # routes that are up while we run
    books: list[Contacts] = field(default_factory=list)
    own_ids: set[Opaque] = field(default_factory=set)
    allowances: dict[str, Allowance] = field(default_factory=dict)
    rooms: Rooms | None = None
