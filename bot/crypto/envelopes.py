"""Sealed for several offices at once: one key per report, sealed to each office's key.

An envelope is: three bytes that say which layout, one for the number of offices, for each its key
id and a sealed box of {week, key id, report key}, then the content under the report key. An office
that is not to read it has a slot like the others, which holds another key.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from bot.crypto.office_keys import KEY_ID_BYTES, OfficeKey
from bot.crypto.provider import KEY_BYTES, CryptoProvider
from bot.domain.errors import Undecipherable
from bot.domain.periods import Week

_LAYOUT = b"QZ1"
_WEEK_BYTES = 4
_HELD_BYTES = _WEEK_BYTES + KEY_ID_BYTES + KEY_BYTES


def seal_for(
    provider: CryptoProvider,
    plain: bytes,
    *,
    purpose: str,
    week: Week,
    keys: Sequence[OfficeKey],
    readers: Collection[bytes],
    token_bytes: Callable[[int], bytes],
) -> bytes:
    """An envelope with a slot for each of `keys`, of which those in `readers` (ids) open it."""
    report_key = token_bytes(KEY_BYTES)
    slots = b""
    for key in keys:
        held = report_key if key.id in readers else token_bytes(KEY_BYTES)
        slots += key.id + provider.seal_to(key.seal, _week(week) + key.id + held)
    content = provider.encrypt(report_key, plain, _context(purpose, week))
    return _LAYOUT + bytes([len(keys)]) + slots + content


def slots(envelope: bytes, provider: CryptoProvider) -> Mapping[bytes, bytes]:
    """The office keys (ids) that an envelope was sealed to, and the sealed box for each.

    Empty for bytes of another layout.
    """
    if envelope[:3] != _LAYOUT or len(envelope) < 4:
        return {}
    step = KEY_ID_BYTES + provider.sealed_bytes(_HELD_BYTES)
    starts = range(4, 4 + envelope[3] * step, step)
    return {
        envelope[start : start + KEY_ID_BYTES]: envelope[start + KEY_ID_BYTES : start + step]
        for start in starts
    }


def open_envelope(
    provider: CryptoProvider, envelope: bytes, *, purpose: str, key_id: bytes, secret: bytes
) -> tuple[Week, bytes]:
    """The week it was sealed in and the content, for the holder of an office key.

    Raises Undecipherable when there is no slot for this key, when it is not a reader, and when
    it was sealed for another purpose or key.
    """
    found = slots(envelope, provider)
    if key_id not in found:
        raise Undecipherable("not sealed to this key")
    held = provider.open_with(secret, found[key_id])
    if held[_WEEK_BYTES:-KEY_BYTES] != key_id:
        raise Undecipherable("sealed for another key")
    week = _week_of(held[:_WEEK_BYTES])
    content = envelope[4 + len(found) * (KEY_ID_BYTES + len(found[key_id])) :]
    return week, provider.decrypt(held[-KEY_BYTES:], content, _context(purpose, week))


def _week(week: Week) -> bytes:
    return (week.year * 100 + week.number).to_bytes(_WEEK_BYTES, "big")


def _week_of(raw: bytes) -> Week:
    try:
        return Week(*divmod(int.from_bytes(raw, "big"), 100))
    except ValueError:
        raise Undecipherable("sealed for no week") from None


def _context(purpose: str, week: Week) -> bytes:
    return b"/".join((_LAYOUT, purpose.encode(), str(week).encode()))
