"""A folder as a Speaker: a digest is a folder of files that appears as a whole, or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.domain.attachments import Enclosures
from bot.domain.errors import ContentRefused, PlatformError, RecipientUnknown, Unreachable
from bot.domain.issues import Issue
from bot.domain.messages import Reply, ReplyAddress
from handlers.ports import Destination, Parcel

PLATFORM = "folder"


class FolderSpeaker:
    """Satisfies handlers.ports.Speaker, WholeSpeaker and RepeatableSpeaker; a destination's id
    names a folder.

    Nothing that lies there is ever changed: what is there already, byte for byte, was delivered;
    what is there and differs is refused. So a delivery that was cut off can be repeated.
    """

    platform = PLATFORM
    repeats_harmlessly = True

    def __init__(self, folders: Mapping[str, Path], forms: tuple[str, ...]) -> None:
        self._folders = dict(folders)
        self.enclosures = Enclosures(forms, proof=True)

    def parts(self, parcel: Parcel) -> Sequence[str]:
        """A file has no limit that words would meet."""
        return [parcel.markdown]

    async def send(self, parcel: Parcel) -> str:
        """The words alone, as a file of their own."""
        return await self.send_whole(parcel, {})

    async def send_whole(self, parcel: Parcel, files: Mapping[str, bytes]) -> str:
        """A digest as a folder `2026-W42-office`; other words as a file `note-….md`."""
        folder = self._folders.get(parcel.destination.id.reveal())
        if folder is None:
            raise RecipientUnknown("folder")
        issue = Issue.of_key(parcel.key)
        if issue is not None and files:
            name, whole = f"{issue.label}-{issue.office}", dict(files)
        else:
            mark = hashlib.sha256(parcel.key.encode()).hexdigest()[:16]
            name, whole = f"note-{mark}", {f"note-{mark}.md": parcel.markdown.encode()}
        try:
            await asyncio.to_thread(_deliver, folder, name, whole)
        except OSError as error:
            raise Unreachable(f"folder {os.strerror(error.errno or 0)}") from None
        return ""

    async def check(self) -> None:
        """Whether every folder is there and can be written to."""
        for folder in self._folders.values():
            if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
                raise Unreachable("folder")

    async def recall(self, _destination: Destination, _receipt: str) -> None:
        """What was put down stays."""
        raise PlatformError("folder")

    async def answer(self, _address: ReplyAddress, _reply: Reply) -> None:
        """Nobody asks the bot by a folder."""
        raise RecipientUnknown("folder")


def _deliver(base: Path, name: str, files: Mapping[str, bytes]) -> None:
    """Write beside the place and move into it. Raises ContentRefused and OSError."""
    target, unfinished = base / name, base / f".{name}.part"
    if os.path.lexists(target):
        _require_same(target, files)
        return
    if unfinished.is_dir():
        shutil.rmtree(unfinished)  # ours, from a try that was cut off
    unfinished.mkdir()
    try:
        for each, content in files.items():
            _write(unfinished / each, content)
        _flush(unfinished)
        # A folder with something in it is not replaced: the system refuses.
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    _flush(base)


def _require_same(target: Path, files: Mapping[str, bytes]) -> None:
    is_folder = target.is_dir() and not target.is_symlink()
    there = {each.name for each in target.iterdir()} if is_folder else set()
    if not files.keys() <= there or any(
        (target / name).read_bytes() != content for name, content in files.items()
    ):
        raise ContentRefused("folder exists")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Make names durable, where the file system can (a network share may not)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
