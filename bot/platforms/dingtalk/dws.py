"""The user-side event stream: the platform's own `dws` command as a child process, kept alive.

It hears all that is said in the groups of the account that logged in. Source: the platform's
pages dingtalk-cli-event-subscription and dws-cli-frequently-asked-questions.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.errors import Undecipherable
from bot.domain.messages import IncomingMessage
from bot.platforms.backoff import Backoff
from bot.platforms.base import FrontDesk, Wait
from bot.platforms.dingtalk.dws_wire import (
    RECALLED,
    RECEIVED,
    Recalled,
    Trouble,
    parse_history,
    parse_line,
    written_time,
)
from bot.platforms.dingtalk.notices import Fault, Notice, Notify
from handlers.ports import Clock, Cursors

_LINE_LIMIT = 1024 * 1024
_READY = b"[event] ready"
_ONE_GROUP, _ALL_GROUPS = RECEIVED
# What a child may know of us: where programs and its own login are, and not one of our secrets.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "XDG_CONFIG_HOME", "HTTPS_PROXY", "NO_PROXY")
PAGE = 50
MOST_PAGES = 200
BEAT_SECONDS = 60.0
# The cursor may be this far ahead of a message that was not taken.
OVERLAP = timedelta(minutes=5)
LONGEST_BACKOFF_SECONDS = 300.0
REFUSED_FOR_SECONDS = 1800.0
END_SECONDS = 20.0


@dataclass(slots=True)
class DwsEar:
    """One child: all groups of the account, or with `group` one group and its recalls.

    `command` is the program and what stands before its own words. Nothing makes it give up: it is
    started anew with a growing wait, as late as it asked for itself, or rarely where it said that
    trying again is no use (a person must log in again). With `group`, what was said while it was
    down is asked for from its history; messages that were taken already are known by their tag.
    """

    command: Sequence[str]
    account: str
    group: str
    front_desk: FrontDesk
    cursors: Cursors
    clock: Clock
    wait: Wait
    random: Callable[[], float]
    happened: Callable[[str], None]
    notify: Notify
    fault: Fault
    _backoff: Backoff = field(init=False)

    def __post_init__(self) -> None:
        self._backoff = Backoff(self.random, LONGEST_BACKOFF_SECONDS)

    @property
    def cursor_name(self) -> str:
        """Where the minute up to which the group was heard is kept: the clock's, no message's."""
        return f"dingtalk_dws:{self.account}:{self.group}"

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            pause: float | None
            try:
                pause = await self._listen()
            except OSError as error:
                self.fault(error)  # no such program, or no right to run it
                pause = None
            except Exception as error:
                self.fault(error)
                pause = 0.0
            self._backoff.failed()
            if pause is None:
                self.notify(Notice.CREDENTIAL_REFUSED)
                await self.wait(REFUSED_FOR_SECONDS)
            else:
                self.notify(Notice.LOST)
                await self.wait(max(pause, self._backoff.delay()))

    async def _listen(self) -> float | None:
        """One life of the child; how long it asked us to wait, None where it sees no use."""
        child = await asyncio.create_subprocess_exec(
            *self._arguments(), stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=_LINE_LIMIT,
            env=_environment(),
        )  # fmt: skip
        told = asyncio.create_task(self._watch(child))
        try:
            if child.stdout is None:
                return 0.0
            pause: float | None = 0.0
            async for line in _lines(child.stdout):
                found = self._parsed(line)
                if isinstance(found, Trouble):
                    pause = found.again_after
                elif isinstance(found, IncomingMessage):
                    await self.front_desk(found)
                    self._backoff.recovered()
            return pause
        finally:
            told.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await told
            await _end(child)

    def _arguments(self) -> list[str]:
        keys = [_ONE_GROUP, RECALLED, "--group", self.group] if self.group else [_ALL_GROUPS]
        return [*self.command, "event", "consume", *keys, "--flatten", "-f", "ndjson"]

    async def _watch(self, child: Process) -> None:
        """What the child says beside its events; only that it is ready means anything to us."""
        if child.stderr is None:
            return
        async for line in _lines(child.stderr):
            if _READY in line:
                self.notify(Notice.CONNECTED)
                break
        else:
            return
        if self.group:
            try:
                await self._catch_up()
                await self._beat()
            except Exception as error:
                self.fault(error)

    def _parsed(self, line: bytes) -> IncomingMessage | Trouble | None:
        try:
            found = parse_line(line, self.account)
        except Undecipherable:
            self.happened("undecipherable")
            return None
        if isinstance(found, Recalled):
            self.happened("recalled")
            return None
        return found

    async def _beat(self) -> None:
        """Note minute by minute that the group is heard, for as long as the child lives."""
        while True:
            now = self.clock.now().replace(second=0, microsecond=0)
            await self.cursors.put(self.cursor_name, now.isoformat())
            await self.wait(BEAT_SECONDS)

    async def _catch_up(self) -> None:
        """Ask for what was said while nobody listened; nothing at the first start."""
        kept = await self.cursors.get(self.cursor_name)
        if kept is None:
            return
        since = datetime.fromisoformat(kept) - OVERLAP
        before, missed = self.clock.now(), []
        for _ in range(MOST_PAGES):
            page, more = parse_history(await self._history(before), self.account)
            missed += [message for message in page if message.sent_at >= since]
            earliest = min((message.sent_at for message in page), default=since)
            if not more or earliest <= since or earliest >= before:
                break
            before = earliest
        for message in sorted(missed, key=lambda one: one.sent_at):
            await self.front_desk(message)

    async def _history(self, before: datetime) -> bytes:
        child = await asyncio.create_subprocess_exec(
            *self.command, "chat", "message", "list", "--conversation-id", self.group,
            "--time", written_time(before), "--limit", str(PAGE), "--direction", "older",
            "-f", "json", stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=_environment(),
        )  # fmt: skip
        try:
            async with asyncio.timeout(60):
                said, _ = await child.communicate()
            return said
        finally:
            await _end(child)


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            continue  # longer than the limit: the reader has dropped it
        if not line:
            return
        if line.strip():
            yield line


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


async def _end(child: Process) -> None:
    """End the child gently: killed at once it would leave its subscriptions behind.

    What it still says is read and dropped, or it could not end; then nothing of it stays open.
    """
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(END_SECONDS):
            await child.communicate()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        # A child of its own may hold its pipes longer than it lives; we do not wait for that one.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await child.communicate()
