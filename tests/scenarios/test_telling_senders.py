"""A word to who laid the demand: off by default; then private, once a day, and on no disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import Unreachable
from bot.domain.periods import Week
from config.policy_file import load_limits
from tests.scenarios.town import CIVIL, ROLL_CALLS, SAFETY, Town, a_town

CANARY = "canary.sender.7361"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "limits.toml"
    path.write_text(
        '[[limit]]\nmeasure = "check_in"\nscope = "group"\nwindow = "day"\nat_most = 2\n'
        'ground = "design"\nbasis = "check_in"\nactions = ["sender"]\n',
        "utf-8",
    )
    assert load_limits(path)
    return path


WORKED, RESTED = (9, 10, 15, 16), (19, 20, 21, 22)


async def ask_four_times(town: Town, hours: tuple[int, ...]) -> list[str]:
    for hour, text in zip(hours, ROLL_CALLS, strict=True):
        await town.say(f"2026-11-04 {hour:02}:10", CIVIL, text, CANARY)
    await town.go_to("2026-11-05 10:00")
    return [
        parcel.markdown for parcel in town.speaker.said if parcel.destination.id.reveal() == CANARY
    ]


async def test_by_default_no_sender_is_told_anything(tmp_path: Path) -> None:
    async with a_town(tmp_path / "town", "2026-11-02 08:00") as town:
        assert await ask_four_times(town, WORKED) == []


async def test_the_sender_over_the_limit_is_told_once_a_day_in_private(
    tmp_path: Path, policy: Path
) -> None:
    async with a_town(tmp_path / "town", "2026-11-02 08:00", policy) as town:
        said = await ask_four_times(town, WORKED)
        (group,) = [one for one in town.counting.store.registry.groups() if one.code == CIVIL]
        table = await town.counting.store.ledger.running(Week(2026, 45))
        assert len(table) > 0

    assert len(said) == 1
    assert group.alias in said[0]
    assert "打卡接龙已有3件，限额每日2件" in said[0]
    for path in (tmp_path / "town").rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path


async def test_off_hours_no_sender_is_told_then_or_later(tmp_path: Path, policy: Path) -> None:
    async with a_town(tmp_path / "town", "2026-11-02 08:00", policy) as town:
        assert await ask_four_times(town, RESTED) == []


async def test_a_platform_that_cannot_be_reached_is_not_asked_again(
    tmp_path: Path, policy: Path
) -> None:
    async with a_town(tmp_path / "town", "2026-11-02 08:00", policy) as town:
        town.speaker.faults = [Unreachable("down")]
        said = await ask_four_times(town, WORKED)

    assert said == []


@pytest.mark.parametrize(
    ("scope", "window", "whose"), [("unit", "day", "单位"), ("line", "year", "条线")]
)
async def test_of_a_limit_that_others_share_the_sender_reads_the_own_part_alone(
    tmp_path: Path, scope: str, window: str, whose: str
) -> None:
    path = tmp_path / "limits.toml"
    path.write_text(
        f'[[limit]]\nmeasure = "check_in"\nscope = "{scope}"\nwindow = "{window}"\n'
        'at_most = 2\nground = "design"\nbasis = "check_in"\nactions = ["sender"]\n',
        "utf-8",
    )
    async with a_town(tmp_path / "town", "2026-11-02 08:00", path) as town:
        if scope == "unit":  # one of the three that are over is another group's
            await town.say("2026-11-04 08:35", SAFETY, ROLL_CALLS[0], "another")
        said = await ask_four_times(town, WORKED)

    assert len(said) == 1
    mine = 2 if scope == "unit" else 3
    assert f"打卡接龙已有{mine}件；所属{whose}限额每" in said[0]
