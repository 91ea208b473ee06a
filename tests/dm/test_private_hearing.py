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
LISTS = ("dev.tsv", "held_out.tsv", "sealed.tsv")
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


@cache
def hearing() -> PrivateHearing:
    house = judge()
    return PrivateHearing(house.hearing, house.rulebook.normaliser, load_private_cues())


def told(text: str) -> Told:
    counts = ExplainText(judge())(text, NOON, NOWHERE).counts
    return hearing()(text, would_count=counts)


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
    texts = [text for name in (*LISTS, "oblique.tsv") for _, text in lines_of(name)]

    assert len(texts) >= 480
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("name", "complaints", "talk"),
    [("dev.tsv", 0.85, 0.97), ("held_out.tsv", 0.78, 0.96), ("sealed.tsv", 0.8, 0.92)],
)
def test_complaints_are_offered_the_way_and_talk_is_left_alone(
    name: str, complaints: float, talk: float
) -> None:
    """The figures stand in docs/complaints.md; these are their floors."""
    table = judged(name)

    assert share(table, Told.COMPLAINT, Told.COMPLAINT) >= complaints
    assert share(table, Told.TALK, Told.TALK) >= talk


@pytest.mark.parametrize("name", LISTS)
def test_no_accusation_is_taken_for_a_complaint_of_a_burden(name: str) -> None:
    assert share(judged(name), Told.ACCUSATION, Told.ACCUSATION) == 1.0


@pytest.mark.parametrize("name", LISTS)
def test_no_complaint_and_no_talk_is_taken_for_an_accusation(name: str) -> None:
    wrongly = {meant for meant, heard in judged(name) if heard is Told.ACCUSATION}

    assert wrongly == {Told.ACCUSATION}


@pytest.mark.parametrize(
    ("name", "most"), [("dev.tsv", 1), ("held_out.tsv", 0), ("sealed.tsv", 1)]
)
def test_a_pasted_demand_is_hardly_ever_offered_the_way_to_complain(name: str, most: int) -> None:
    assert judged(name)[Told.DEMAND, Told.COMPLAINT] <= most


def test_most_accusations_in_other_words_are_asked_about_in_the_conversation() -> None:
    texts = [text for _, text in lines_of("oblique.tsv")]

    met = [text for text in texts if hearing().accuses(text) or hearing().is_personal(text)]

    assert len(met) / len(texts) >= 0.7
    assert Told.COMPLAINT not in {told(text) for text in met}


def test_a_post_of_one_s_own_accuses_nobody() -> None:
    assert not hearing().is_personal("我是村里的会计，一半时间在给各个部门凑数字")
    assert hearing().is_personal("村里的会计把公章借给了他舅舅")


@pytest.mark.parametrize("name", LISTS)
def test_hardly_any_complaint_is_asked_about_as_if_it_were_an_accusation(name: str) -> None:
    texts = [text for label, text in lines_of(name) if label is Told.COMPLAINT]

    assert sum(map(hearing().is_personal, texts)) / len(texts) <= 0.05


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
        ("enough = 1\npersons = 'x'\n[weights.a]\nweight = 1", "persons"),
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
