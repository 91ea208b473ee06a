"""The folder of an office on its offline machine: public keys, shares, sealed case books."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.crypto import shares
from bot.crypto.exchange import write_whole
from bot.crypto.office_keys import OfficeKey, key_name, load_office_keys
from bot.crypto.provider import CryptoProvider
from bot.crypto.shares import LockedShare, decode_share, encode_share
from bot.domain.errors import BadInput, Undecipherable
from bot.office.case_book import CaseBook, open_book, seal_book
from bot.office.secrets import KeyCeremony, OfficeSecret

_KEYS, _SHARES, _CASES = "keys", "shares", "cases"
_BOOK = ".qzcases"


@dataclass(frozen=True, slots=True)
class OfficeFolder:
    """What rests on the offline machine. The secret itself never does."""

    path: Path
    provider: CryptoProvider

    def keys(self) -> tuple[OfficeKey, ...]:
        """All keys of the office, oldest first. Raises BadInput for a damaged one."""
        return load_office_keys(self.path / _KEYS, self.provider)

    def shares_of(self, key: OfficeKey, more: Iterable[Path] = ()) -> Sequence[LockedShare]:
        """The shares of a key that are at hand: in the folder, and in the files and folders of
        `more` (the holders' sticks); each number once. Raises BadInput for a damaged one."""
        found: dict[int, LockedShare] = {}
        for place in (self.path / _SHARES, *more):
            for file in sorted(place.glob(f"*{shares.SUFFIX}")) if place.is_dir() else (place,):
                if not file.is_file():
                    continue
                locked = decode_share(file.read_bytes(), file.name, self.provider)
                if locked.key_id == key.id.hex():
                    found.setdefault(locked.number, locked)
        return [found[number] for number in sorted(found)]

    def put_key(self, made: KeyCeremony) -> tuple[Path, list[Path]]:
        """Write a new key: the public file and the three shares; where they are."""
        key = made.secret.key
        name = key.id.hex()
        public = self.path / _KEYS / key_name(key)
        write_whole(public, [made.secret.public_file()])
        parts = []
        for share in made.shares:
            path = self.path / _SHARES / f"{name[:8]}-{share.number}{shares.SUFFIX}"
            write_whole(path, [encode_share(share)])
            parts.append(path)
        return public, parts

    def book(self, secret: OfficeSecret) -> CaseBook:
        """The case book of a key; a new one where there is none. Raises BadInput for a damaged
        one."""
        path = self._book(secret.key)
        if not path.exists():
            return CaseBook()
        try:
            return open_book(path.read_bytes(), secret)
        except (Undecipherable, ValueError, KeyError, TypeError):
            raise BadInput(path.name, "file", "expected.case_book") from None

    def put_book(self, secret: OfficeSecret, book: CaseBook) -> None:
        """Keep a case book, whole or as it was."""
        write_whole(self._book(secret.key), [seal_book(book, secret)])

    def destroy(self, key: OfficeKey) -> list[Path]:
        """Overwrite and remove what this folder has of a key: shares and case book; which files."""
        name = key.id.hex()[:8]
        doomed = [*sorted((self.path / _SHARES).glob(f"{name}-*{shares.SUFFIX}")), self._book(key)]
        gone = [path for path in doomed if path.exists()]
        for path in gone:
            _overwrite(path)
            path.unlink()
        (self.path / _KEYS / key_name(key)).unlink(missing_ok=True)
        return gone

    def _book(self, key: OfficeKey) -> Path:
        return self.path / _CASES / f"{key.id.hex()[:8]}{_BOOK}"


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
