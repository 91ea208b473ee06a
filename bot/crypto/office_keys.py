"""An office's public key: what the bot seals to, and whose signatures it believes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.crypto.provider import CryptoProvider
from bot.domain.errors import BadInput
from bot.domain.periods import Week

FORMAT = "qingzhuang-office-key/1"
SUFFIX = ".qzpub"
KEY_ID_BYTES = 8
MOST_BYTES = 4096
OFFICE_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")
"""What an office may be called: its key's file is named after it."""


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """`office` is the code under which the office is registered; `made` is the week of its making.

    `serial` tells keys of one week apart: a ceremony that went wrong is held again at once.
    """

    provider: str
    office: str
    title: str
    made: Week
    seal: bytes
    sign: bytes
    serial: int = 1

    @property
    def id(self) -> bytes:
        """What records and files name it by."""
        return self._digest()[:KEY_ID_BYTES]

    @property
    def fingerprint(self) -> str:
        """For people: eight groups of four, to be compared by voice."""
        shown = self._digest()[:16].hex().upper()
        return " ".join(shown[start : start + 4] for start in range(0, 32, 4))

    def _digest(self) -> bytes:
        named = "\0".join((FORMAT, *_named(self).values()))
        return hashlib.sha256(named.encode() + b"\0" + self.seal + self.sign).digest()


def key_name(key: OfficeKey) -> str:
    """What the file of a key is called, wherever it lies."""
    return f"{key.office}-{key.made}-{key.id.hex()[:8]}{SUFFIX}"


def encode_office_key(key: OfficeKey, sign: Callable[[bytes], bytes]) -> bytes:
    """The file, signed by the key itself, so that a damaged copy is found."""
    fields = _fields(key)
    signature = sign(_signed(fields))
    whole = {**fields, "signature": base64.b64encode(signature).decode()}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"


def decode_office_key(data: bytes, where: str, provider: CryptoProvider) -> OfficeKey:
    """The key of a file. Raises BadInput for what is damaged, foreign or of another family."""
    try:
        found = json.loads(data[:MOST_BYTES])
        signature = base64.b64decode(found.pop("signature"), validate=True)
        key = OfficeKey(
            provider=found["provider"],
            office=_code(found["office"]),
            title=found["title"],
            made=Week.parse(found["made"]),
            seal=base64.b64decode(found["seal"], validate=True),
            sign=base64.b64decode(found["sign"], validate=True),
            serial=int(found.get("serial", "1")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(where, "file", "expected.office_key") from None
    if key.provider != provider.name:
        raise BadInput(where, "provider", "expected.family", name=provider.name)
    if found != _fields(key) or not provider.verify(key.sign, _signed(found), signature):
        raise BadInput(where, "signature", "expected.undamaged_key")
    return key


def load_office_keys(folder: Path, provider: CryptoProvider) -> tuple[OfficeKey, ...]:
    """All keys in a folder, oldest first; none when there is no such folder."""
    if not folder.is_dir():
        return ()
    keys = (
        decode_office_key(path.read_bytes(), path.name, provider)
        for path in sorted(folder.glob(f"*{SUFFIX}"))
    )
    return tuple(sorted(keys, key=_age))


class OfficeKeyFolder:
    """The keys in a folder, read again when files come or go, so that none needs a restart."""

    def __init__(self, folder: Path, provider: CryptoProvider) -> None:
        self._folder = folder
        self._provider = provider
        self._seen: tuple[tuple[str, int], ...] = ()
        self._keys: tuple[OfficeKey, ...] = ()

    def all(self) -> tuple[OfficeKey, ...]:
        """All keys, oldest first: whose signatures are believed."""
        seen = tuple(
            sorted(
                (path.name, path.stat().st_mtime_ns) for path in self._folder.glob(f"*{SUFFIX}")
            )
        )
        if seen != self._seen:
            self._keys = load_office_keys(self._folder, self._provider)
            self._seen = seen
        return self._keys

    def in_use(self) -> tuple[OfficeKey, ...]:
        """The newest of each office: what is sealed now is sealed to these."""
        return keys_in_use(self.all())


def keys_in_use(keys: Iterable[OfficeKey]) -> tuple[OfficeKey, ...]:
    """The newest key of each office, by office code: what is sealed now is sealed to these."""
    newest: dict[str, OfficeKey] = {}
    for key in sorted(keys, key=_age):
        newest[key.office] = key
    return tuple(newest[office] for office in sorted(newest))


def _age(key: OfficeKey) -> tuple[Week, int, bytes]:
    return key.made, key.serial, key.id


def _code(said: str) -> str:
    if not OFFICE_CODE.fullmatch(said):
        raise ValueError("a code that is no file name")
    return said


def _named(key: OfficeKey) -> dict[str, str]:
    named = {
        "provider": key.provider,
        "office": key.office,
        "title": key.title,
        "made": str(key.made),
    }
    return named if key.serial == 1 else {**named, "serial": str(key.serial)}


def _fields(key: OfficeKey) -> dict[str, str]:
    return {
        "format": FORMAT,
        **_named(key),
        "seal": base64.b64encode(key.seal).decode(),
        "sign": base64.b64encode(key.sign).decode(),
    }


def _signed(fields: dict[str, str]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()
