"""The written week: groups, what was said in them, and what was said to the bot, in time order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.messages import Route
from bot.domain.periods import Week
from bot.domain.work_calendar import OfficeHours

WEEK = Week(2026, 42)
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Scene:
    """A registered group of the story and the route it is heard by."""

    profile: GroupProfile
    route: Route

    @property
    def chat(self) -> str:
        """The group's id on its platform."""
        code = self.profile.code
        return f"wr-{code}" if self.route.value.startswith("wecom") else f"cid-{code}=="


@dataclass(frozen=True, slots=True)
class Line:
    """Something said: in a scene, or to the bot alone (`scene` None). `expect` is what a command
    is to be answered with; None for talk."""

    key: str
    at: datetime
    route: Route
    sender: str
    text: str
    form: str
    scene: Scene | None
    is_bot: bool = False
    expect: str | None = None


def load_story() -> tuple[tuple[Scene, ...], tuple[Line, ...]]:
    """The scenes by code, and all lines in order of time."""
    scenes: dict[str, Scene] = {}
    lines: list[Line] = []
    for row in _rows("week.jsonl"):
        if "sent_at" not in row:
            scenes[row["group"]] = _scene(row)
            continue
        scene = scenes[row["group"]]
        lines.append(
            Line(
                key=row["id"],
                at=datetime.fromisoformat(row["sent_at"]),
                route=scene.route,
                sender=row["sender"],
                text=row["text"],
                form=row["type"],
                scene=scene,
                is_bot=row["role"] == "bot",
            )
        )
    for number, row in enumerate(_rows("private.jsonl"), 1):
        lines.append(
            Line(
                key=f"private-{number}",
                at=datetime.fromisoformat(row["at"]),
                route=Route(row["route"]),
                sender=row["from"],
                text=row["text"],
                form="text",
                scene=scenes.get(row["conversation"]),
                expect=row["expect"],
            )
        )
    return tuple(scenes.values()), tuple(sorted(lines, key=lambda line: (line.at, line.key)))


def _scene(row: Mapping[str, Any]) -> Scene:
    profile = GroupProfile(
        code=GroupCode(row["group"]),
        alias=row["name"],
        unit=UnitCode(row["unit"]),
        line=LineCode(row["line"]),
        size=row["size"],
        zone=ZoneInfo(row["timezone"]),
        hours=OfficeHours.parse(row["work_hours"]),
    )
    return Scene(profile, Route(row["demo_route"]))


def _rows(name: str) -> Iterator[Mapping[str, Any]]:
    for line in files("bot.demo").joinpath(name).read_text("utf-8").splitlines():
        if line.strip():
            yield json.loads(line)
