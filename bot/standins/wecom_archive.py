"""The archive's stand-in: keeps the pull protocol, with a cipher of its own behind it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import orjson
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from bot.domain.errors import ContentRefused, Undecipherable, Unreachable
from bot.platforms.wecom.archive import SHORTEST_SEALED
from bot.platforms.wecom.crypto import PaddedCipher
from bot.standins.faults import Fault, Faults

FIRST_SEQ = 1000
SEQ_STEP = 3  # the platform's numbers rise with gaps


@dataclass(slots=True)
class StandinArchive:
    """Holds records as the platform would, and gives them as its library would.

    `private_keys` is what an operator would have uploaded the public halves of: the newest
    version seals, every old one stays. Satisfies ArchiveLibrary.
    """

    token_bytes: Callable[[int], bytes]
    faults: Faults = field(default_factory=Faults)
    keys: dict[int, rsa.RSAPrivateKey] = field(default_factory=dict)
    _records: list[dict[str, object]] = field(default_factory=list)

    @property
    def private_keys(self) -> dict[int, rsa.RSAPrivateKey]:
        """By version; the first is made when it is first asked for."""
        if not self.keys:
            self.rotate_key()
        return self.keys

    def rotate_key(self) -> int:
        """A new key pair from now on; its version."""
        version = max(self.keys, default=0) + 1
        self.keys[version] = rsa.generate_private_key(65537, 2048)
        return version

    def add(self, record: Mapping[str, object]) -> int:
        """Archive a record (msgid, action, from, roomid, msgtime …); its sequence number."""
        return self.add_raw(orjson.dumps(record), str(record.get("msgid", "")))

    def add_raw(self, record: bytes, msgid: str) -> int:
        """Archive bytes as they are, for what does not parse."""
        version = max(self.private_keys)
        random_key = base64.b64encode(self.token_bytes(32)).decode()
        sealed_key = (
            self.private_keys[version].public_key().encrypt(random_key.encode(), PKCS1v15())
        )
        sealed = _cipher(random_key).encrypt(record)
        return self._append(version, msgid, sealed_key, base64.b64encode(sealed).decode())

    def _append(self, version: int, msgid: str, sealed_key: bytes, sealed: str) -> int:
        seq = FIRST_SEQ + SEQ_STEP * (len(self._records) + 1)
        self._records.append(
            {
                "seq": seq,
                "msgid": msgid,
                "publickey_ver": version,
                "encrypt_random_key": base64.b64encode(sealed_key).decode(),
                "encrypt_chat_msg": sealed,
            }
        )
        return seq

    async def get_chat_data(self, seq: int, limit: int) -> bytes:
        """The next records after `seq`."""
        fault = self.faults.due("archive")
        if fault is Fault.RATE_LIMITED:
            return orjson.dumps({"errcode": 45009, "errmsg": "api freq out of limit"})
        if fault is not None:
            raise Unreachable("10001")
        rows = [row for row in self._records if int(str(row["seq"])) > seq][:limit]
        return orjson.dumps({"errcode": 0, "errmsg": "ok", "chatdata": rows})

    async def decrypt(self, random_key: str, encrypt_chat_msg: str) -> bytes:
        """The record, as the library would open it."""
        if len(encrypt_chat_msg) < SHORTEST_SEALED:
            raise ContentRefused("10000")
        try:
            return _cipher(random_key).decrypt(base64.b64decode(encrypt_chat_msg))
        except (Undecipherable, ValueError):
            raise ContentRefused("10008") from None


def _cipher(random_key: str) -> PaddedCipher:
    return PaddedCipher(hashlib.sha256(random_key.encode()).digest())
