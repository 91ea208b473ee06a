"""The demo's bot: the real server process, with the shared clock and the archive's bridge put in.

python -m bot.demo.server CLOCK_FILE ARCHIVE_ADDRESS
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

from bot.app import Surroundings, serve
from bot.demo.bridge import BridgedArchive
from bot.demo.clock import SharedClock, look_when_asked
from config.load import load_texts


def main() -> int:
    """Serve with settings from the environment, as the operator's process does."""
    clock = SharedClock(Path(sys.argv[1]))
    around = Surroundings(
        clock,
        archive_library=BridgedArchive(sys.argv[2]),
        ticks=partial(look_when_asked, clock),
    )
    return serve(None, load_texts(os.environ.get("QZ_LOCALE", "zh-CN")), around)


if __name__ == "__main__":
    sys.exit(main())
