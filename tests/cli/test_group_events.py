"""group list says what a platform told of a group, until the operator enters or binds it again."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.group_events import GroupChange, GroupEvent
from bot.domain.private import Opaque
from bot.terminal.session import counting
from handlers.note_group_events import NoteGroupEvents


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("QZ_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("QZ_DINGTALK__CLIENT_ID", "ding1")


def said(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def happens(*changes: GroupChange) -> None:
    async def note() -> None:
        async with counting(None, counts=False) as (_, house):
            noting = NoteGroupEvents(house.store.registry, house.store.cursors, lambda *_: None)
            for change in changes:
                await noting(GroupEvent("dingtalk", "ding1", Opaque("cidXyz=="), change))

    asyncio.run(note())


def test_a_dissolved_and_resized_group_is_shown_as_such_until_it_is_bound_and_entered_again() -> (
    None
):
    said(
        *("group", "set", "G01", "--alias", "综治工作群", "--unit", "青石镇", "--line", "综治"),
        *("--size", "46", "--hours", "08:30-12:00,14:30-17:30", "--chat", "dingtalk:cidXyz=="),
    )
    assert "已解散" not in said("group", "list")

    happens(GroupChange.DISSOLVED, GroupChange.RESIZED, GroupChange.RENAMED)
    listed = said("group", "list")
    assert "平台称群已解散或机器人被移出" in listed
    assert "dingtalk（已失效）" in listed
    assert "人数可能已变" in listed
    assert "无：群已解散" in said("group", "coverage")

    said("group", "set", "G01", "--size", "44")
    listed = said("group", "list")
    assert "人数可能已变" not in listed
    assert "平台称群已解散" in listed  # no chat of it is bound yet

    said("group", "set", "G01", "--chat", "dingtalk:cidXyz==")
    assert "已解散" not in said("group", "list")
    assert "已失效" not in said("group", "list")


def test_a_group_that_is_no_longer_counted_is_not_noted() -> None:
    said(
        *("group", "set", "G01", "--alias", "综治工作群", "--unit", "青石镇", "--line", "综治"),
        *("--size", "46", "--hours", "08:30-12:00,14:30-17:30", "--chat", "dingtalk:cidXyz=="),
    )
    said("group", "retire", "G01")

    happens(GroupChange.DISSOLVED)

    assert "平台称群已解散" not in said("group", "list")
