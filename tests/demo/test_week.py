"""The written week of the demo: its format, its calendar and its labels hold together."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.messages import Conversation, Form, IncomingMessage, Route
from bot.domain.private import Opaque
from bot.domain.vocabulary import Act, Exemption, Kind
from bot.domain.work_calendar import OfficeHours
from config.calendar import load_calendar
from config.directory import load_directory

DEMO = Path(__file__).parents[2] / "bot" / "demo"
CALENDAR = load_calendar()
BURDENS = {Act.DEMAND, Act.REMINDER}
TEXT_ONLY = {Route.WECOM_AIBOT, Route.DINGTALK_STREAM, Route.DINGTALK_HTTP}
COMPLAINT = ("offered", "category", "unit", "text", "check", "confirm", "receipt")
EXPECTED = {"status", "help", "privacy", "explain", "nearest"} | {
    f"complaint_{step}" for step in COMPLAINT
}

Row = dict[str, Any]


def rows_of(name: str) -> list[Row]:
    lines = (DEMO / name).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


ROWS = rows_of("week.jsonl")
HEADS = {row["group"]: row for row in ROWS if "id" not in row}
MESSAGES = [row for row in ROWS if "id" in row]
PRIVATE = rows_of("private.jsonl")


def moment_of(row: Row, key: str = "sent_at") -> datetime:
    return datetime.fromisoformat(row[key]).astimezone(ZoneInfo("Asia/Shanghai"))


def said_by(sender: str, platform: str) -> IncomingMessage:
    return IncomingMessage(
        platform=platform,
        account="any",
        route=Route.TRANSCRIPT,
        key=Opaque("m1"),
        conversation=Conversation(True, Opaque("c1")),
        sender=Opaque(sender),
        sent_at=datetime(2026, 10, 12, tzinfo=UTC),
    )


def said_in(group: str) -> list[Row]:
    return [row for row in MESSAGES if row["group"] == group]


def test_the_week_is_large_and_varied_enough() -> None:
    kinds = {kind for row in MESSAGES for kind in row["label"]["kinds"]}

    assert 570 <= len(MESSAGES) <= 640
    assert len(HEADS) >= 6
    assert kinds == set(Kind)
    assert {row["type"] for row in MESSAGES} == set(Form) - {Form.OTHER}
    assert {row["label"]["act"] for row in MESSAGES} == set(Act)
    assert len({head["unit_code"] for head in HEADS.values()}) == 2
    assert len({head["line_code"] for head in HEADS.values()}) >= 2


def test_every_message_has_an_id_of_its_own_and_stands_under_its_group() -> None:
    current = ""
    seen: set[str] = set()
    for row in ROWS:
        if "id" not in row:
            current = row["group"]
            continue
        assert row["group"] == current
        assert row["id"] not in seen
        seen.add(row["id"])


def test_few_texts_are_said_twice_but_receipts() -> None:
    said = Counter(row["text"] for row in MESSAGES if row["type"] == "text")

    repeated = {text for text, count in said.items() if count > 1}

    assert all(len(text) <= 8 for text in repeated)


@pytest.mark.parametrize("group", sorted(HEADS))
def test_a_group_speaks_in_order_of_time_within_the_week(group: str) -> None:
    moments = [moment_of(row) for row in said_in(group)]

    assert moments == sorted(set(moments))
    assert date(2026, 10, 12) <= moments[0].date()
    assert moments[-1].date() <= date(2026, 10, 18)
    assert all(moment.isocalendar()[:2] == (2026, 42) for moment in moments)


@pytest.mark.parametrize("group", sorted(HEADS))
def test_a_route_carries_only_what_its_platform_delivers(group: str) -> None:
    route = Route(HEADS[group]["demo_route"])

    if route in TEXT_ONLY:
        assert {row["type"] for row in said_in(group)} == {"text"}
        assert "bot" not in {row["role"] for row in said_in(group)}


def test_the_routes_are_spread_as_the_demo_promises() -> None:
    routes = Counter(head["demo_route"] for head in HEADS.values())
    sizes = sorted(head["size"] for head in HEADS.values())

    assert routes == {
        "wecom_archive": 3,
        "wecom_aibot": 2,
        "dingtalk_stream": 2,
    }
    assert sizes[0] == 7
    assert all(23 <= size <= 160 for size in sizes[1:])


@pytest.mark.parametrize("group", sorted(HEADS))
def test_a_label_says_nothing_that_contradicts_itself(group: str) -> None:
    hours = OfficeHours.parse(HEADS[group]["work_hours"])
    for row in said_in(group):
        label = row["label"]
        act = Act(label["act"])
        burden = act in BURDENS
        outside = CALENDAR.is_off_hours(moment_of(row), hours)

        assert label["off_hours"] == (label["ping"] and outside), row["id"]
        assert label["ping"] or not burden, row["id"]
        assert not label["kinds"] or burden, row["id"]
        assert len(set(label["kinds"])) == len(label["kinds"]), row["id"]
        assert label["episode"] is not None or act is Act.NONE, row["id"]
        assert label["deadline"] is None or burden, row["id"]
        assert label["exempt"] in (None, Exemption.EMERGENCY), row["id"]
        assert label["exempt"] is None or burden, row["id"]
        assert row["text"].strip(), row["id"]


@pytest.mark.parametrize("group", sorted(HEADS))
def test_an_episode_is_opened_once_and_deadlines_lie_ahead(group: str) -> None:
    opened: set[str] = set()
    for row in said_in(group):
        label = row["label"]
        if label["act"] == Act.DEMAND:
            assert label["episode"] not in opened
        if label["act"] == Act.REMINDER:
            assert label["episode"] in opened
        if label["act"] in BURDENS:
            opened.add(label["episode"])
        if label["deadline"]:
            assert moment_of(row) < datetime.fromisoformat(label["deadline"])


@pytest.mark.parametrize("group", sorted(HEADS))
def test_replies_point_back_to_the_same_group(group: str) -> None:
    before: set[str] = set()
    for row in said_in(group):
        assert row["reply_to"] is None or row["reply_to"] in before
        before.add(row["id"])


def test_a_flood_night_is_exempt_and_the_pictures_of_it_are_not() -> None:
    exempt = [row for row in MESSAGES if row["label"]["exempt"]]
    pictures = [
        row
        for row in MESSAGES
        if row["label"]["act"] == Act.DEMAND
        and moment_of(row).date() == date(2026, 10, 15)
        and Kind.SCREENSHOT_REPORT in row["label"]["kinds"]
    ]

    assert {moment_of(row).date() for row in exempt} == {date(2026, 10, 14)}
    assert len({row["group"] for row in exempt}) >= 3
    assert all(row["label"]["exempt"] is None for row in pictures)
    assert len(pictures) >= 3


def test_private_messages_come_in_order_and_say_what_they_expect() -> None:
    moments = [moment_of(row, "at") for row in PRIVATE]

    assert moments == sorted(set(moments))
    assert {row["expect"] for row in PRIVATE} == EXPECTED
    assert sum(row["expect"] == "complaint_receipt" for row in PRIVATE) >= 5
    for row in PRIVATE:
        assert set(row) == {"at", "platform", "route", "from", "conversation", "text", "expect"}
        assert Route(row["route"]).value.startswith(row["platform"])
        assert row["conversation"] == "dm" or row["conversation"] in HEADS
        assert row["expect"].startswith("complaint_") != row["text"].startswith("/")


def test_complaints_are_only_made_in_private() -> None:
    asked_in = {r["conversation"] for r in PRIVATE if r["expect"].startswith("complaint_")}

    assert asked_in == {"dm"}


def test_each_complaint_is_told_from_the_offer_to_the_receipt_in_its_order() -> None:
    told: dict[str, list[str]] = {}
    for row in PRIVATE:
        if row["expect"].startswith("complaint_"):
            told.setdefault(row["from"], []).append(row["expect"].removeprefix("complaint_"))

    assert len(told) >= 5
    for steps in told.values():
        assert [step for step in steps if step != "check"] == [
            step for step in COMPLAINT if step != "check"
        ]


def test_the_complaints_come_from_two_units_so_that_they_are_handed_over() -> None:
    directory = load_directory(DEMO / "directory.csv")
    makers = {(r["from"], r["platform"]) for r in PRIVATE if r["expect"] == "complaint_unit"}

    assert len({directory.origin_of(said_by(*maker)).unit for maker in makers}) == 2


def test_the_directory_knows_most_senders_and_not_all() -> None:
    directory = load_directory(DEMO / "directory.csv")
    units = {head["unit"] for head in HEADS.values()}
    people = {
        (row["sender"], HEADS[row["group"]]["demo_route"].split("_")[0])
        for row in MESSAGES
        if row["sender"] != "sys"
    }

    origins = [directory.origin_of(said_by(*person)) for person in people]

    assert sum(origin is None for origin in origins) >= 5
    assert {origin.unit for origin in origins if origin} == units
    assert sum(origin is not None for origin in origins) > len(people) * 0.8
