"""The command line: what an operator types.

A file for each subject; it holds names and options, `bot/terminal/` does the deeds. Each command
loads only what it needs.
"""

from __future__ import annotations

import io
import sys

# Importing a subject enters its commands; the order is the help's.
# isort: off
from bot.cli import (  # noqa: F401
    running,
    judging,
    digests,
    registering,
    deciding,
    outbox,
    complaints,
    office,
)

# isort: on
from bot.cli.frame import app

__all__ = ["app", "main"]


def main() -> None:
    """The `qingzhuang` command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a GBK terminal has no ✓
    app()
