"""Files that hold one secret each: made once, private, overwritten before they go."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from bot.domain.errors import UnsafeStore
from bot.domain.pseudonyms import KEY_BYTES

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_OF_OTHERS = 0o077
CARD_KEY = "cards"


class CardKey:
    """The key that signs cards, in the folder of the weekly keys; made when it is first used.

    Where that folder is emptied (a restart, on tmpfs) the cards that are about are refused.
    """

    def __init__(self, folder: Path, token_bytes: Callable[[int], bytes]) -> None:
        self._folder, self._token_bytes = folder, token_bytes
        self._key: bytes | None = None

    def __call__(self) -> bytes:
        """The same at every call. Raises UnsafeStore."""
        if self._key is None:
            files = KeyFolder(self._folder, self._token_bytes)
            self._key = files.read(CARD_KEY) or files.make(CARD_KEY)
        return self._key


class KeyFolder:
    """A folder of secrets, by name. Raises UnsafeStore where it cannot be kept private."""

    def __init__(self, folder: Path, token_bytes: Callable[[int], bytes]) -> None:
        self._folder = folder
        self._token_bytes = token_bytes
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            folder.chmod(FOLDER_MODE)
        except OSError as error:
            raise UnsafeStore(f"the key folder cannot be made private: {error.strerror}") from None
        if folder.stat().st_mode & _OF_OTHERS:
            raise UnsafeStore("the key folder can be read by others: expected mode 0700")

    def names(self) -> list[str]:
        """The secrets there are."""
        return sorted(
            entry.name for entry in self._folder.iterdir() if not entry.name.startswith(".")
        )

    def read(self, name: str) -> bytes | None:
        """The secret, or None. A file of the wrong length or mode is refused, not replaced."""
        path = self._folder / name
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                secret = file.read(KEY_BYTES + 1)
        except FileNotFoundError:
            return None
        if mode & _OF_OTHERS:
            raise UnsafeStore(f"the key file {name} can be read by others: expected mode 0600")
        if len(secret) != KEY_BYTES:
            raise UnsafeStore(f"the key file {name} is damaged: expected {KEY_BYTES} bytes")
        return secret

    def make(self, name: str) -> bytes:
        """A new secret under this name, durable; the other's where another process was first."""
        secret = self._token_bytes(KEY_BYTES)
        # A link appears whole or not at all, so nobody reads half a key.
        draft = self._folder / f".{name}.{self._token_bytes(8).hex()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, self._folder / name)
            except FileExistsError:
                return self.read(name) or self.make(name)
        finally:
            draft.unlink()
        self._sync()
        return secret

    def destroy(self, name: str) -> None:
        """Overwrite and unlink; nothing happens where there is no such file."""
        path = self._folder / name
        try:
            with path.open("r+b") as file:
                file.write(bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        except FileNotFoundError:
            return
        self._sync()

    def _sync(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
