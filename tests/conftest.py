"""How patient the suites are, and that a failure is named when it happens.

`make soak` looks longer for what a quick run does not find.
"""

from __future__ import annotations

import os
import sys
from functools import cache

import pytest
import typer.testing
from hypothesis import settings
from typer.main import get_command

settings.register_profile("quick", deadline=None)
settings.register_profile("soak", deadline=None, max_examples=2000)
settings.load_profile("soak" if os.environ.get("SOAK") else "quick")

# The runner builds the tree of commands at every call, which takes longer than most commands do;
# it is the same tree each time.
typer.testing._get_command = cache(get_command)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits longest for processes of its own begins first, so that no core ends up idle."""
    items.sort(key=lambda item: "process" not in item.path.parts)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name what failed at once: a run that is cut off has no summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.stderr.write(f"\nFAILED {report.nodeid} ({report.when})\n")
        sys.stderr.flush()
