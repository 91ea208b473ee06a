"""What one sentence of a notice asks is heard, whatever the others ask."""

from __future__ import annotations

import pytest

from bot.domain.judging import Judge
from bot.domain.reading import Reading
from bot.domain.vocabulary import KINDS, Kind
from config.calendar import load_calendar
from config.model.samples import judged, readings, told_line
from config.rulebook import load_rulebook

JUDGE = Judge(load_rulebook(), load_calendar())
FORM, PICTURES, PLEDGE = "各村今晚把台账报来", "每处现场拍三张照片", "责任状签了字交回镇里"


def read(text: str) -> Reading:
    label = {"act": "none", "kinds": [], "episode": None, "exempt": None}
    ((_, reading, _),) = readings(JUDGE, told_line("line", text, text, label))
    return reading


def kinds_of(text: str) -> set[Kind]:
    (judgement,) = judged(JUDGE, told_line("line", text, text, {}))
    return set(judgement.kinds)


def test_a_single_sentence_has_nothing_to_be_set_apart() -> None:
    assert read(FORM).sentence_scores == ()
    assert read(f"{FORM}。").sentence_scores == ()


@pytest.mark.parametrize("end", ["。", "；", ";", "！", "\n"])
def test_each_kind_is_told_by_the_sentence_that_says_most_of_it(end: str) -> None:
    said = read(end.join((FORM, PICTURES))).sentence_scores
    turned = read(end.join((PICTURES, FORM))).sentence_scores

    assert len(said) == len(KINDS)
    assert said == turned
    assert min(said[KINDS.index(Kind.FORM_FILLING)], said[KINDS.index(Kind.SCREENSHOT_REPORT)]) > 0


def test_more_sentences_take_nothing_from_what_one_says() -> None:
    two = read(f"{FORM}。{PICTURES}。").sentence_scores
    three = read(f"{FORM}。{PICTURES}。{PLEDGE}。").sentence_scores

    at = KINDS.index(Kind.PLEDGE)
    assert three[at] > two[at]


def test_a_notice_that_asks_three_things_is_of_their_kinds() -> None:
    found = kinds_of(f"{FORM}；{PICTURES}；{PLEDGE}。")

    assert found == {Kind.FORM_FILLING, Kind.SCREENSHOT_REPORT, Kind.PLEDGE}


def test_of_a_text_of_a_thousand_sentences_the_first_are_heard() -> None:
    said = read("各村报表。" * 20 + f"{PLEDGE}。" * 800).sentence_scores

    assert said[KINDS.index(Kind.FORM_FILLING)] > 0 > said[KINDS.index(Kind.PLEDGE)]
