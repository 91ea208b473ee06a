"""The vendor's archive library in a process of its own, restarted when it dies."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from pathlib import Path

import orjson

from bot.domain.errors import ContentRefused, CredentialRefused, PlatformError, Unreachable
from bot.platforms.wecom.archive import SHORTEST_SEALED, library_error
from bot.platforms.wecom.archive_worker import LIBRARY_NOT_LOADED

# A batch of a thousand long records, as Base64 in one line.
_LINE_LIMIT = 64 * 1024 * 1024
_WORKER = Path(__file__).with_name("archive_worker.py")


class NativeArchive:
    """An ArchiveLibrary over the customer's own copy of the vendor's shared object.

    `secret` is the archive's own, not an app's. It goes to the child through a pipe, never by
    argument or environment. One call at a time: the library has one handle.
    """

    def __init__(self, library: Path, *, corp_id: str, secret: str, seconds: int = 30) -> None:
        self._library = library
        self._corp_id = corp_id
        self._secret = secret
        self._seconds = seconds
        self._child: Process | None = None
        self._lock = asyncio.Lock()

    async def get_chat_data(self, seq: int, limit: int) -> bytes:
        """Raises PlatformError; the call itself waits for the network in the child."""
        request = {"do": "pull", "seq": seq, "limit": limit, "seconds": self._seconds}
        return await self._ask(request)

    async def decrypt(self, random_key: str, encrypt_chat_msg: str) -> bytes:
        """Raises ContentRefused for a record that ends the child twice: it is passed over."""
        if len(encrypt_chat_msg) < SHORTEST_SEALED:
            raise ContentRefused("short")
        request = {"do": "decrypt", "key": random_key, "message": encrypt_chat_msg}
        for _ in range(2):
            try:
                return await self._ask(request)
            except Unreachable as error:
                if error.code != "worker":
                    raise
        raise ContentRefused("worker")

    async def aclose(self) -> None:
        """End the child."""
        async with self._lock:
            await self._end()

    async def _ask(self, request: Mapping[str, object]) -> bytes:
        async with self._lock:
            child = await self._alive()
            return await self._exchange(child, request)

    async def _alive(self) -> Process:
        if self._child is not None and self._child.returncode is None:
            return self._child
        if not self._library.is_file():
            raise CredentialRefused("library")
        await self._end()
        # Isolated and by path: the child needs the standard library and nothing of ours.
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(_WORKER),
            str(self._library),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=_LINE_LIMIT,
        )
        begin = {"do": "init", "corp_id": self._corp_id, "secret": self._secret}
        await self._exchange(self._child, begin)
        return self._child

    async def _exchange(self, child: Process, request: Mapping[str, object]) -> bytes:
        """One line each way. What breaks off in between leaves the child out of step: it ends."""
        try:
            async with asyncio.timeout(self._seconds * 2):
                answer = orjson.loads(await _line(child, request))
            if "error" not in answer:
                return base64.b64decode(answer["data"])
            code = int(answer["error"])
        except (OSError, ValueError, LookupError, TypeError, TimeoutError):
            await self._end()
            raise _death(child) from None
        except asyncio.CancelledError:
            await self._end()
            raise
        if request["do"] != "decrypt":
            await self._end()  # a fresh start is how the library is initialised anew
        raise library_error(code)

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        await child.communicate()  # to the end of its pipes: none stays open


async def _line(child: Process, request: Mapping[str, object]) -> bytes:
    if child.stdin is None or child.stdout is None:
        raise ValueError("the child has no pipes")
    child.stdin.write(orjson.dumps(request) + b"\n")
    await child.stdin.drain()
    line = await child.stdout.readline()
    if not line:
        await child.wait()
    return line


def _death(child: Process) -> PlatformError:
    if child.returncode == LIBRARY_NOT_LOADED:
        return CredentialRefused("library")
    return Unreachable("worker")
