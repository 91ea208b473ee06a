"""The keys that sign the log: 32 secret bytes each, behind functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from bot.crypto.provider import CryptoProvider
from handlers.proof_ports import SigningKey

_NAME = "log-{:04d}"


class Secrets(Protocol):
    """A folder of secrets by name, as storage.key_files has it."""

    def names(self) -> list[str]:
        """The secrets there are, in order."""
        ...

    def read(self, name: str) -> bytes | None:
        """The secret."""
        ...

    def make(self, name: str) -> bytes:
        """A new secret, or that which another process made meanwhile."""
        ...

    def destroy(self, name: str) -> None:
        """Overwrite and unlink."""
        ...


@dataclass(frozen=True, slots=True)
class FolderSigningKeys:
    """The SigningKeys port. The folder is opened when a key is first asked for."""

    open_folder: Callable[[], Secrets]
    provider: CryptoProvider

    def all(self) -> Sequence[SigningKey]:
        """See handlers.proof_ports.SigningKeys."""
        folder = self.open_folder()
        found = [secret for name in folder.names() if (secret := folder.read(name))]
        return [self._key(secret) for secret in found or [folder.make(_NAME.format(1))]]

    def make(self) -> SigningKey:
        """See handlers.proof_ports.SigningKeys."""
        folder = self.open_folder()
        last = max((int(name.rpartition("-")[2]) for name in folder.names()), default=0)
        return self._key(folder.make(_NAME.format(last + 1)))

    def destroy_former(self) -> None:
        """See handlers.proof_ports.SigningKeys."""
        folder = self.open_folder()
        for name in folder.names()[:-1]:
            folder.destroy(name)

    def _key(self, secret: bytes) -> SigningKey:
        public = self.provider.signing_public(secret)
        return SigningKey(public, partial(self.provider.sign, secret))
