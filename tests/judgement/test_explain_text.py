"""Two lines say what counts, by which words, what spoke against it and which policy stands behind."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.judging import Judge
from bot.domain.vocabulary import Act, Kind
from bot.domain.work_calendar import OfficeHours
from config.calendar import load_calendar
from config.load import LOCALES, load_texts
from config.rulebook import load_rulebook
from handlers.check_rules import labelled, rule_precisions
from handlers.explain_text import ExplainText, explained

SHANGHAI = ZoneInfo("Asia/Shanghai")
GROUP = GroupProfile(
    GroupCode("g"), "工作群", UnitCode("u"), LineCode("l"), 60, SHANGHAI,
    OfficeHours.parse("08:30-12:00,14:30-17:30"),
)  # fmt: skip
RULEBOOK = load_rulebook()
EXPLAIN = ExplainText(Judge(RULEBOOK, load_calendar()))
MORNING = datetime(2026, 10, 14, 9, 30, tzinfo=SHANGHAI)
NIGHT = MORNING.replace(hour=21)
DEMAND = "@所有人 各村今天下班前把巡查照片发群里"


def test_a_demand_is_explained_by_its_words() -> None:
    explanation = EXPLAIN(DEMAND, MORNING, GROUP)

    assert explanation.act is Act.DEMAND
    assert explanation.kinds == (Kind.SCREENSHOT_REPORT,)
    assert explanation.deadline == MORNING.replace(hour=17, minute=30)
    assert "《整治形式主义为基层减负若干规定》" in explanation.basis
    assert any(share.words in DEMAND for share in explanation.because)


def test_a_complaint_is_explained_by_its_excuse() -> None:
    explanation = EXPLAIN("又要截图,一天到晚光截图了[捂脸]", MORNING, GROUP)

    assert not explanation.counts
    assert "excuse.complaint" in {share.rule for share in explanation.because}


@pytest.mark.parametrize(
    "text",
    [DEMAND, "收到", "又要截图,一天到晚光截图了[捂脸]", "老规矩,四点半", "不得要求基层打卡截图"],
)
def test_the_parts_of_a_decision_add_up(text: str) -> None:
    explanation = EXPLAIN(text, MORNING, GROUP)
    named = sum(share.share for share in (*explanation.because, *explanation.against))

    assert named + explanation.others + explanation.words.share == pytest.approx(1)
    assert all(share.supports for share in explanation.because)
    assert not any(share.supports for share in explanation.against)


def test_a_word_that_names_the_kind_is_never_held_against_it() -> None:
    explanation = EXPLAIN(DEMAND, MORNING, GROUP)

    assert not {share.kind for share in explanation.against} & set(explanation.kinds)
    shown = explained(explanation, load_texts("zh-CN"))
    assert "事项：截图上报←“照片" in shown
    assert "-" not in shown.splitlines()[1].replace(explanation.rulebook, "")


@pytest.mark.parametrize(
    "text", [DEMAND, "各社区报底数和照片，明早开会", "到了甩个实时位置，各中队七点到岗"]
)
def test_each_kind_says_what_it_rests_on(text: str) -> None:
    explanation = EXPLAIN(text, MORNING, GROUP)

    assert tuple(share.kind for share in explanation.of_kinds) == explanation.kinds != ()
    for share in explanation.of_kinds:
        assert abs(share.rules) + abs(share.wording) + abs(share.together) == pytest.approx(1)
        assert all(word in text for word in share.words)


def test_a_kind_that_no_rule_names_shows_the_words_it_rests_on() -> None:
    explanation = EXPLAIN("各村今天下班前把九宫格甩上来", MORNING, GROUP)
    (share,) = explanation.of_kinds

    assert share.words
    assert all(word in "各村今天下班前把九宫格甩上来" for word in share.words)


def test_what_no_rule_found_says_that_it_rests_on_the_wording() -> None:
    explanation = EXPLAIN("@李四 来一下", MORNING, GROUP)

    assert not explanation.because
    assert explanation.words.share == pytest.approx(1)
    assert "措辞和句式" in explained(explanation, load_texts("zh-CN"))


@pytest.mark.parametrize("locale", LOCALES)
def test_what_looks_like_a_demand_and_is_doubted_says_so(locale: str) -> None:
    """Else all reasons would speak for counting what is not counted."""
    texts = load_texts(locale)
    explanation = EXPLAIN("明天下午三点前交总结", MORNING, GROUP)

    assert not explanation.counts
    assert explanation.doubt == 5
    verdict, reasons = explained(explanation, texts).splitlines()
    assert verdict == texts("explain.verdict.doubted")
    assert texts("explain.reasons.doubted", times="5") in reasons


@pytest.mark.parametrize("text", ["收到", "今天还要截图吗？", "", DEMAND])
def test_what_is_plainly_one_or_the_other_is_not_doubted(text: str) -> None:
    assert EXPLAIN(text, MORNING, GROUP).doubt is None


def test_the_hour_of_the_message_decides_off_hours() -> None:
    assert EXPLAIN(DEMAND, NIGHT, GROUP).off_hours
    assert not EXPLAIN(DEMAND, MORNING, GROUP).off_hours


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "text", [DEMAND, "收到", "紧急：明早9点前报零报告", "不得要求基层打卡截图", "", "@李四 来一下"]
)
def test_two_lines_in_each_language(locale: str, text: str) -> None:
    shown = explained(EXPLAIN(text, NIGHT, GROUP), load_texts(locale))

    assert len(shown.splitlines()) == 2
    assert "{" not in shown


def test_rules_are_weighed_against_a_labelled_corpus() -> None:
    rows = [
        {"text": "今日接龙", "label": {"act": "demand", "kinds": ["check_in"]}},
        {"text": "接龙完毕", "label": {"act": "none", "kinds": []}},
        {"group": "g1"},
    ]

    found = {one.rule: one for one in rule_precisions(RULEBOOK, labelled(rows))}

    assert found["check_in.named"].fired == 2
    assert found["check_in.named"].precision == 0.5
    assert found["pledge.signed"].precision is None
