"""Direct messages told apart: offered the way to complain, pointed elsewhere, or just talk."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.errors import BadPolicy
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.judging import Judge
from bot.domain.private_hearing import PrivateHearing, Told
from bot.domain.work_calendar import OfficeHours
from config.calendar import load_calendar
from config.private_cues import load_private_cues
from config.rulebook import load_rulebook
from handlers.explain_text import ExplainText

HERE = Path(__file__).parent
ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 10, 12, 12, tzinfo=ZONE)
NOWHERE = GroupProfile(
    code=GroupCode("nowhere"),
    alias="",
    unit=UnitCode("u"),
    line=LineCode("l"),
    size=50,
    zone=ZONE,
    hours=OfficeHours.parse("08:30-12:00,14:30-17:30"),
)


@cache
def judge() -> Judge:
    return Judge(load_rulebook(None), load_calendar())


def told(text: str) -> Told:
    house = judge()
    hearing = PrivateHearing(house.hearing, house.rulebook.normaliser, load_private_cues())
    counts = ExplainText(house)(text, NOON, NOWHERE).counts
    return hearing(text, would_count=counts)


def lines_of(name: str) -> list[tuple[Told, str]]:
    lines = (HERE / name).read_text("utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(Told(label), text) for label, text in pairs]


@cache
def judged(name: str) -> Counter[tuple[Told, Told]]:
    return Counter((label, told(text)) for label, text in lines_of(name))


def share(table: Counter[tuple[Told, Told]], meant: Told, heard: Told) -> float:
    return table[meant, heard] / sum(n for (label, _), n in table.items() if label is meant)


def test_the_lists_are_long_and_say_nothing_twice() -> None:
    texts = [text for name in ("dev.tsv", "held_out.tsv") for _, text in lines_of(name)]

    assert len(texts) >= 250
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("name", "complaints", "talk"), [("dev.tsv", 0.88, 0.98), ("held_out.tsv", 0.72, 0.96)]
)
def test_complaints_are_offered_the_way_and_talk_is_left_alone(
    name: str, complaints: float, talk: float
) -> None:
    """The figures stand in docs/complaints.md; these are their floors."""
    table = judged(name)

    assert share(table, Told.COMPLAINT, Told.COMPLAINT) >= complaints
    assert share(table, Told.TALK, Told.TALK) >= talk


@pytest.mark.parametrize("name", ["dev.tsv", "held_out.tsv"])
def test_no_accusation_is_taken_for_a_complaint_of_a_burden(name: str) -> None:
    assert share(judged(name), Told.ACCUSATION, Told.ACCUSATION) == 1.0


@pytest.mark.parametrize("name", ["dev.tsv", "held_out.tsv"])
def test_no_complaint_and_no_talk_is_taken_for_an_accusation(name: str) -> None:
    wrongly = {meant for meant, heard in judged(name) if heard is Told.ACCUSATION}

    assert wrongly == {Told.ACCUSATION}


@pytest.mark.parametrize("name", ["dev.tsv", "held_out.tsv"])
def test_a_pasted_demand_is_never_offered_the_way_to_complain(name: str) -> None:
    assert judged(name)[Told.DEMAND, Told.COMPLAINT] == 0


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("enough = 0\n[weights.a]\nweight = 1", "enough"),
        ("enough = 1", "weights"),
        ("enough = 1\n[weights.a]\npatterns = []", "weights.a"),
        ("enough = 1\n[weights.a]\nweight = 1\nwieght = 1", "weights.a.wieght"),
        ("enough = 1\n[weights.a]\nweight = 1\npatterns = ['(']", "weights.a.patterns 1"),
        ("enough = 1\n[weights.a]\nweight = 1\nrules = 'x'", "weights.a.rules"),
        ("enough = 1\naccuses = 'x'\n[weights.a]\nweight = 1", "accuses"),
        ("enough = ", "file"),
    ],
)
def test_a_cues_file_that_is_wrong_is_refused_by_its_field(
    tmp_path: Path, written: str, named: str
) -> None:
    file = tmp_path / "cues.toml"
    file.write_text(written, "utf-8")

    with pytest.raises(BadPolicy) as refused:
        load_private_cues(file)

    assert refused.value.field == named


def test_every_rule_that_the_cues_name_exists() -> None:
    known = {rule.id for rule in load_rulebook(None).rules}

    assert {rule for group in load_private_cues().groups for rule in group.rules} <= known
