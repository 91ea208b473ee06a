"""Files that go by stick: a head, rows, and a signature over all of it. One JSON value a line.

The head says which format, which family and whose key. What was cut off, changed or signed by
somebody else is refused before anything of it is used.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.crypto.provider import CryptoProvider
from bot.domain.errors import BadInput

MOST_LINE = 64 * 1024


@dataclass(frozen=True, slots=True)
class SignedLines:
    """What stood in a file whose signature fits."""

    head: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]


def encode_signed(
    head: Mapping[str, object],
    rows: Iterable[Mapping[str, object]],
    sign: Callable[[bytes], bytes],
) -> bytes:
    """The bytes of a file; `sign` signs all lines but the last."""
    body = b"".join(_line(each) for each in (head, *rows))
    return body + _line({"signature": base64.b64encode(sign(body)).decode()})


def decode_signed(
    data: bytes,
    where: str,
    form: str,
    public_of: Callable[[str], bytes | None],
    provider: CryptoProvider,
) -> SignedLines:
    """The content of a file of the format `form`.

    `public_of` gives the signing key of the key id (hex) in the head, or None. Raises BadInput
    that says what is wrong: the format, a key nobody entered, or a signature that does not fit.
    """
    head = peek_head(data, where)
    if head.get("format") != form or head.get("provider") != provider.name:
        raise BadInput(where, "format", "expected.made_with", format=form, family=provider.name)
    public = public_of(str(head.get("key", "")))
    if public is None:
        raise BadInput(where, "key", "expected.entered_key")
    body, _, last = data.rstrip(b"\n").rpartition(b"\n")
    body += b"\n"
    try:
        signature = base64.b64decode(json.loads(last)["signature"], validate=True)
    except (ValueError, KeyError, TypeError):
        raise BadInput(where, "signature", "expected.whole") from None
    if not provider.verify(public, body, signature):
        raise BadInput(where, "signature", "expected.signed")
    rows = tuple(json.loads(line) for line in body.split(b"\n")[1:-1])
    return SignedLines(head, rows)


def peek_head(data: bytes, where: str) -> Mapping[str, Any]:
    """The head alone, not yet believed. Raises BadInput for a file of another kind."""
    try:
        head = json.loads(data[:MOST_LINE].partition(b"\n")[0])
    except ValueError:
        head = None
    if not isinstance(head, dict):
        raise BadInput(where, "file", "expected.made_here")
    return head


def _line(value: Mapping[str, object]) -> bytes:
    return (
        json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        + b"\n"
    )
