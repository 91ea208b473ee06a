"""What keeps a process's memory from reaching a disk through a crash or another process."""

from __future__ import annotations

import contextlib
import ctypes
import resource

_PR_SET_DUMPABLE = 4


def forbid_dumps() -> None:
    """No core file, and on Linux no tracing by another process of the same user.

    Python cannot wipe what it freed, so what can be promised is that nobody is handed a copy.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Elsewhere there is no prctl, and nothing more to forbid.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
