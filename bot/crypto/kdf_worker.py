"""The process that stretches one receipt and ends, so that its memory goes back to the system.

Run as `python -I kdf_worker.py`. It imports nothing of ours. On standard input: a line of JSON
{"salt": hex, "memory_kib": n, "passes": n, "secret": hex}; on standard output: 32 bytes.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import resource
import sys

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

_PR_SET_DUMPABLE = 4


def main() -> None:
    """Read, derive, write, end."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # As bot/hardening.py does for the bot: a new program begins without it. It holds a receipt.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    asked = json.loads(sys.stdin.buffer.readline())
    derivation = Argon2id(
        salt=bytes.fromhex(asked["salt"]),
        length=32,
        iterations=asked["passes"],
        lanes=1,
        memory_cost=asked["memory_kib"],
    )
    sys.stdout.buffer.write(derivation.derive(bytes.fromhex(asked["secret"])))


if __name__ == "__main__":
    main()
