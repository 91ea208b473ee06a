"""What --help says fits a terminal of 80 columns: Chinese is broken at blanks, and never cut."""

from __future__ import annotations

import re
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner

from bot.cli import app

CUT = re.compile(r"…\s*│\s*$", re.MULTILINE)


def commands(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command there is, as it is typed."""
    within = getattr(command, "commands", {}).items()
    return [path, *(one for name, each in within for one in commands(each, (*path, name)))]


def test_no_help_is_cut_in_a_terminal_of_the_usual_width() -> None:
    cut: dict[str, list[str]] = {}
    for path in commands(get_command(app)):
        shown = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "80"}).stdout
        if lines := [line for line in shown.splitlines() if CUT.search(line)]:
            cut[" ".join(path)] = lines

    assert cut == {}
