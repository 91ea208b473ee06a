"""What is said fits a terminal of 80 columns: it is broken and folded, and never cut."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
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


def test_what_must_be_typed_is_never_cut_or_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QZ_WECOM__CORP_ID", "ww1")
    account, columns = f"wecom:{'long.name' * 9}", {"COLUMNS": "80"}
    CliRunner().invoke(app, ["role", "grant", "approver", account], env=columns)

    limits = CliRunner().invoke(app, ["limit", "list"], env=columns).stdout
    roles = CliRunner().invoke(app, ["role", "list"], env=columns).stdout

    assert "screenshot_report.unit.day" in limits
    assert "截图上报" in limits
    assert account in "".join(line.split("│")[2].strip() for line in roles.splitlines()[3:-1])
