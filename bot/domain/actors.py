"""Who changed a limit or a register: a code that tells two people apart and names nobody."""

from __future__ import annotations

import hashlib

from bot.domain.private import Opaque

OPERATOR = "operator"
CODE_LENGTH = 10
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def actor_code(platform: str, account: str, person: Opaque) -> str:
    """The same ten letters and digits for the same person.

    No key stands behind it, so that it outlives the weeks: whoever has the roster can try it.
    It is made of role holders only, who are configuration (DESIGN 8).
    """
    said = "\0".join((platform, account, person.reveal())).encode()
    number = int.from_bytes(hashlib.sha256(said).digest()[:8], "big")
    return "".join(_DIGITS[number >> 5 * place & 31] for place in range(CODE_LENGTH))


def operator_code(login: str) -> str:
    """The code of somebody at the host's command line, by the name they are logged in with."""
    return actor_code(OPERATOR, "", Opaque(login))
