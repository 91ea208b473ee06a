"""What two holders unlock together: an office's secret, in memory only, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.crypto.office_keys import OfficeKey, encode_office_key
from bot.crypto.provider import KEY_BYTES, CryptoProvider
from bot.crypto.shares import (
    LockedShare,
    Stretching,
    join_shares,
    lock_share,
    split_secret,
)
from bot.domain.errors import Undecipherable
from bot.domain.periods import Week


@dataclass(frozen=True, slots=True)
class OfficeSecret:
    """The private half. It is never written; every key in use comes from it by purpose."""

    key: OfficeKey
    provider: CryptoProvider = field(repr=False)
    _seed: bytes = field(repr=False)

    @property
    def opening(self) -> bytes:
        """For what was sealed to the office."""
        return self.provider.expand(self._seed, "seal")

    @property
    def case_book(self) -> bytes:
        """For the office's own case book."""
        return self.provider.expand(self._seed, "case book")

    @property
    def rounding(self) -> bytes:
        """For the rounding of figures; it dies with the rest (R4)."""
        return self.provider.expand(self._seed, "rounding")

    def sign(self, message: bytes) -> bytes:
        """The office's signature."""
        return self.provider.sign(signing_secret(self.provider, self._seed), message)

    def public_file(self) -> bytes:
        """The key that the bot is given, as a file signed by itself."""
        return encode_office_key(self.key, self.sign)


@dataclass(frozen=True, slots=True)
class KeyCeremony:
    """What `keygen` makes: the secret, and its three shares, each under a passphrase."""

    secret: OfficeSecret
    shares: tuple[LockedShare, ...]


def make_key(
    provider: CryptoProvider,
    *,
    office: str,
    title: str,
    week: Week,
    serial: int = 1,
    passphrases: tuple[str, ...],
    token_bytes: Callable[[int], bytes],
    stretching: Stretching,
) -> KeyCeremony:
    """A new key for an office. ValueError for a passphrase that is too short."""
    seed = token_bytes(KEY_BYTES)
    key = _public_of(provider, seed, office, title, week, serial)
    parts = split_secret(seed)
    shares = tuple(
        lock_share(part, passphrase, key.id, provider, token_bytes, stretching)
        for part, passphrase in zip(parts, passphrases, strict=True)
    )
    return KeyCeremony(OfficeSecret(key, provider, seed), shares)


def unlock(
    key: OfficeKey,
    first: bytes,
    second: bytes,
    provider: CryptoProvider,
) -> OfficeSecret:
    """The secret of two unlocked shares. Raises Undecipherable for shares of another key."""
    try:
        seed = join_shares(first, second)
    except ValueError:
        raise Undecipherable("the same share twice") from None
    if _public_of(provider, seed, key.office, key.title, key.made, key.serial) != key:
        raise Undecipherable("shares of another key")
    return OfficeSecret(key, provider, seed)


def signing_secret(provider: CryptoProvider, seed: bytes) -> bytes:
    """The signing half of a seed."""
    return provider.expand(seed, "sign")


def _public_of(
    provider: CryptoProvider, seed: bytes, office: str, title: str, week: Week, serial: int
) -> OfficeKey:
    return OfficeKey(
        provider=provider.name,
        office=office,
        title=title,
        made=week,
        seal=provider.exchange_public(provider.expand(seed, "seal")),
        sign=provider.signing_public(signing_secret(provider, seed)),
        serial=serial,
    )
