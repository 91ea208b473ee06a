"""The data service of 政务微信 on loopback: sealed records by time and page."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import orjson
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

GROUP_TALK = 90000037
RECEIVERS_PER_RECORD = 50
MOST_PER_PAGE = 1000
_DAY_SECONDS = 86_400
_EAST_8 = 8 * 3600
_BLOCK_BYTES = 16
_BAD_PARAMETER = 40035


@dataclass(slots=True)
class StandinDataService:
    """Holds records as a private deployment would: split by receivers, sealed, found by time."""

    token_bytes: Callable[[int], bytes]
    _key: rsa.RSAPrivateKey | None = None
    _records: list[tuple[int, dict[str, object]]] = field(default_factory=list)

    @property
    def key(self) -> rsa.RSAPrivateKey:
        """What the operator made; it is generated when it is first asked for."""
        return self._key or self.rotate_key()

    def rotate_key(self) -> rsa.RSAPrivateKey:
        """A new key from now on. Records do not tell under which they were sealed."""
        self._key = rsa.generate_private_key(65537, 2048)
        return self._key

    def add(self, record: Mapping[str, object], *, receivers: int = 1, written: int = 0) -> None:
        """Keep a message (msgid, chatid, sender, send_time, msg_type, content).

        A record for every fifty receivers; `written` is the second it came into the log.
        """
        at = written or int(str(record["send_time"]))
        for first in range(0, max(receivers, 1), RECEIVERS_PER_RECORD):
            last = min(first + RECEIVERS_PER_RECORD, receivers)
            people = [{"openid": f"r{number}", "type": 0} for number in range(first, last)]
            self._keep(at, orjson.dumps({**record, "receiver": people}))

    def add_raw(self, plain: bytes, written: int) -> None:
        """Keep bytes as they are, for what does not parse."""
        self._keep(written, plain)

    def _keep(self, at: int, plain: bytes) -> None:
        aes_key, vector = self.token_bytes(_BLOCK_BYTES), self.token_bytes(_BLOCK_BYTES)
        padder = PKCS7(AES128.block_size).padder()
        sealer = Cipher(AES128(aes_key), CBC(vector)).encryptor()
        sealed = vector + sealer.update(padder.update(plain) + padder.finalize())
        sealed_key = self.key.public_key().encrypt(aes_key, PKCS1v15())
        self._records.append(
            (
                at,
                {
                    "feature_id": GROUP_TALK,
                    "log_time": at,
                    "idc": "",
                    "enc_key": base64.b64encode(sealed_key).decode(),
                    "enc_data": base64.b64encode(sealed + sealer.finalize()).decode(),
                },
            )
        )

    def answer(self, asked: Mapping[str, object]) -> web.Response:
        """One page; a stretch over two days and a page over the limit are refused."""
        start, end, index, limit = (
            int(str(asked.get(name, -1)))
            for name in ("start_time", "end_time", "start_index", "limit")
        )
        days = {(at + _EAST_8) // _DAY_SECONDS for at in (start, end)}
        if len(days) > 1 or index < 0 or not 0 < limit <= MOST_PER_PAGE:
            return _answer({"errcode": _BAD_PARAMETER, "errmsg": "invalid parameter"})
        found = [
            record
            for at, record in self._records
            if start <= at <= end and record["feature_id"] == asked.get("feature_id")
        ]
        page = found[index : index + limit]
        return _answer({"errcode": 0, "errmsg": "ok", "log_list": page})


def _answer(value: Mapping[str, object]) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")
