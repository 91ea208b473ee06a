"""The labelled sample across groups: what repeats, relays and presses what."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).parents[1] / "corpus" / "extra_cross.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in SAMPLE.read_text("utf-8").splitlines()]
HEADS = {row["group"]: row for row in ROWS if "id" not in row}
MESSAGES = {row["id"]: row for row in ROWS if "id" in row}
LINKED = [row for row in MESSAGES.values() if any(row["label"]["cross"].values())]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_sample_spans_units_and_lines() -> None:
    assert len(MESSAGES) >= 110
    assert len({head["unit_code"] for head in HEADS.values()}) >= 3
    assert len({head["line_code"] for head in HEADS.values()}) >= 3


def test_what_is_repeated_or_relayed_was_said_before_in_another_group() -> None:
    for row in LINKED:
        cross = row["label"]["cross"]
        for name in ("duplicate_of", "relay_of"):
            if cross[name] is not None:
                earlier = MESSAGES[cross[name]]
                assert earlier["group"] != row["group"], row["id"]
                assert moment(earlier["sent_at"]) < moment(row["sent_at"]), row["id"]
                assert row["label"]["act"] == earlier["label"]["act"] == "demand", row["id"]
                assert set(row["label"]["kinds"]) & set(earlier["label"]["kinds"]), row["id"]


def test_a_relay_is_pressed_when_its_deadline_is_earlier() -> None:
    relays = [row for row in LINKED if row["label"]["cross"]["relay_of"]]

    assert len({row["label"]["cross"]["pressed"] for row in relays}) == 2
    for row in relays:
        origin = MESSAGES[row["label"]["cross"]["relay_of"]]
        earlier = moment(row["label"]["deadline"]) < moment(origin["label"]["deadline"])
        assert row["label"]["cross"]["pressed"] == earlier, row["id"]


def test_only_a_relay_is_pressed() -> None:
    assert all(
        row["label"]["cross"]["relay_of"] for row in LINKED if row["label"]["cross"]["pressed"]
    )
