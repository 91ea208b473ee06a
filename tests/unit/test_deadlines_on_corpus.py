"""How many deadlines of transcripts and of strangers' lines are read right: floors that must not sink."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.deadlines import find_deadline
from bot.domain.work_calendar import OfficeHours
from config.calendar import load_calendar
from config.rulebook import load_normaliser

CORPUS = Path(__file__).parents[1] / "corpus"
BURDENS = ("demand", "reminder")


def test_deadlines_of_the_dev_transcripts_are_read_right() -> None:
    """The grammar knows these sentences, so unseen ones fare worse; -s shows the figures."""
    calendar = load_calendar()
    groups: dict[str, tuple[OfficeHours, ZoneInfo]] = {}
    right = fixed = false = unfixed = 0
    for file in sorted(CORPUS.glob("dev_*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            if "label" not in row:
                zone = ZoneInfo(row["timezone"])
                groups[row["group"]] = (OfficeHours.parse(row["work_hours"]), zone)
            elif row["label"]["act"] in BURDENS:
                hours, zone = groups[row["group"]]
                sent_at = datetime.fromisoformat(row["sent_at"]).astimezone(zone)
                text = unicodedata.normalize("NFKC", row["text"])
                found = find_deadline(text, sent_at, hours, calendar)
                gold = row["label"]["deadline"]
                if gold is None:
                    unfixed += 1
                    false += found is not None
                else:
                    fixed += 1
                    within = timedelta(minutes=1)
                    right += bool(found) and abs(found - datetime.fromisoformat(gold)) < within
    print(f"right {right}/{fixed} = {right / fixed:.3f}, false {false}/{unfixed}")  # noqa: T201

    assert fixed > 150
    assert right / fixed >= 0.97
    assert false / unfixed < 0.02


def lines(name: str) -> Iterator[tuple[datetime | None, datetime | None]]:
    """The labelled and the found moment of each line of a file of `corpus/deadlines`."""
    calendar, normal, zone = load_calendar(), load_normaliser(), ZoneInfo("Asia/Shanghai")
    for line in CORPUS.joinpath("deadlines", name).read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        sent, hours, label, text = line.split("|", 3)
        sent_at = datetime.fromisoformat(sent).replace(tzinfo=zone)
        due = None if label == "-" else datetime.fromisoformat(label).replace(tzinfo=zone)
        yield due, find_deadline(normal(text).text, sent_at, OfficeHours.parse(hours), calendar)


@pytest.mark.parametrize(("name", "floor"), [("tuned.txt", 0.97), ("untouched.txt", 0.93)])
def test_deadlines_that_strangers_wrote_to_be_hard_are_read_right(name: str, floor: float) -> None:
    """A third of the lines fix none, though days and hours stand in them; -s shows the figures."""
    found = [*lines(name)]
    fixed = [due == read for due, read in found if due is not None]
    false = [read is not None for due, read in found if due is None]
    right = sum(fixed) / len(fixed)
    print(f"{name} right {sum(fixed)}/{len(fixed)} = {right:.3f}, false {sum(false)}/{len(false)}")  # noqa: T201

    assert right >= floor
    assert sum(false) / len(false) < 0.25
