"""How many deadlines of the labelled transcripts are read right: a floor that must not sink."""

from __future__ import annotations

import json
import unicodedata
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.deadlines import find_deadline
from bot.domain.work_calendar import OfficeHours
from config.calendar import load_calendar

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
