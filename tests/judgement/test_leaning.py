"""Whether a message is a burden is said by the vote and by trees, each heard as much as the other."""

from __future__ import annotations

import pytest

from bot.domain.episodes import GroupMemory
from bot.domain.judging import Judge
from bot.domain.leaning import LEANING_MEASURES, leaning_measures, leaning_signs, sign_bits
from bot.domain.moments import moment_of
from bot.domain.voting import ACTS, Model, Node, Trees
from config.calendar import load_calendar
from config.rulebook import load_rulebook
from tests.judgement.test_judging import message, read

UNSURE = (0, 2000, -9000, -9000, *[3000] * 11)
CALENDAR = load_calendar()


def leans(text: str, *trees: Node) -> float:
    model = Model("made", bias=UNSURE, burden=Trees(0, trees))
    judge = Judge(load_rulebook(model=model), CALENDAR)
    reading = read(message("boss", 0, text, 1), judge=judge)
    moment = moment_of(reading, GroupMemory.EMPTY, judge.bits)
    return judge.leaning(reading, moment, judge.act_scores(reading, moment))


def test_without_trees_the_vote_alone_is_heard() -> None:
    assert leans("天上云很多") == pytest.approx(2.0, abs=0.01)


def test_trees_and_vote_are_heard_alike() -> None:
    assert leans("天上云很多", -5000) == pytest.approx((2.0 - 5.0) / 2, abs=0.01)


def test_trees_ask_for_scores_for_traits_and_for_rules() -> None:
    sure: Node = ("act.demand", 1.5, 0, 100)
    short: Node = ("trait:length.14", 0.5, 0, 20)
    quoted: Node = ("rule:excuse.hearsay", 0.5, 0, -4000)

    plain = leans("天上云很多", sure, short, quoted)
    told = leans("一位网格员说天上云很多", sure, short, quoted)

    assert plain == pytest.approx((2.0 + 0.12) / 2, abs=0.01)
    assert told < 0 < plain


def test_a_rule_that_the_office_took_out_is_never_there() -> None:
    assert leans("各村报数", ("rule:excuse.gone", 0.5, 300, -9000)) == leans("各村报数", 300)


def test_what_is_measured_and_what_is_there_stands_where_its_name_says() -> None:
    judge = Judge(load_rulebook(), CALENDAR)
    reading = read(message("boss", 0, "@所有人 各村今天下班前把防汛台账报应急办", 1), judge=judge)
    moment = moment_of(reading, GroupMemory.EMPTY, judge.bits)
    scores = judge.act_scores(reading, moment)
    told = dict(zip(LEANING_MEASURES, leaning_measures(reading, moment, scores), strict=True))
    bits, signs = sign_bits(judge.rulebook), leaning_signs(reading, moment)

    assert tuple(told[f"act.{act}"] for act in ACTS) == scores
    assert told["kind.form_filling"] > 0 > told["kind.pledge"]
    assert (told["open"], told["like"]) == (0, 0.0)
    assert signs & bits["trait:memory.empty"]
    assert signs & bits["rule:cue.everybody"]
    assert not signs & bits["rule:excuse.reply"]
