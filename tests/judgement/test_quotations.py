"""What a text quotes and takes back is not asked; courtesies around a demand change nothing of it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.courtesies import without_courtesy
from bot.domain.judgement import Judgement
from bot.domain.prohibitions import UNASKED
from bot.domain.quotations import without_quoted
from bot.domain.vocabulary import Act
from tests.judgement.test_judging import judged

CORPUS = Path(__file__).parents[1] / "corpus"
DEMAND = "各村今天五点前报台账"

TAKEN_BACK = [
    "刚才发的“{}”作废",
    "“{}”这个取消,不用做了",
    "又来了:“{}”,一天天的没完没了",
    "请问“{}”是发给我们的吗?",
    "“{}”这项工作我村已完成,特此报告",
    "文件明确:不得向基层提出“{}”之类的要求",
    "听说隔壁县也发了“{}”",
    "上个月那次“{}”的事早就结束了",
    "反面典型:某镇在群里发“{}”,被通报",
    "谢谢大家,“{}”都按时完成了",
    "你帮我看看「{}」这句话通不通顺",
]
HANDED_ON = [
    "“{}”,请大家照办",
    "转县里通知:“{}”",
    "请按“{}”抓好落实",
    "标题改成“{}”,之前印的作废",
    "格式为“{}”,不用盖章",
]
COURTEOUS = [
    "各位辛苦了,{}",
    "大家辛苦了!{}",
    "感谢各位一直以来的支持,{}",
    "周末打扰大家了,{}",
    "不好意思打扰一下,{}[抱拳]",
    "{},辛苦了",
    "{},谢谢大家!",
    "{}[玫瑰][玫瑰]",
    "晚上好,{},有问题随时找我",
]


@pytest.mark.parametrize("frame", TAKEN_BACK)
def test_a_quotation_that_is_taken_back_is_not_heard(frame: str) -> None:
    text = frame.format(DEMAND)
    heard = without_quoted(text)

    assert len(heard) == len(text)
    assert heard == text.replace(DEMAND, UNASKED * len(DEMAND))


@pytest.mark.parametrize("frame", HANDED_ON)
def test_a_quotation_that_is_handed_on_is_heard(frame: str) -> None:
    text = frame.format(DEMAND)

    assert without_quoted(text) == text


def test_a_name_or_an_answer_in_quotation_marks_stays() -> None:
    for text in ("收到的请回“收到”,不用打字", "“学习强国”积分不用报了"):
        assert without_quoted(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "关注“清源市生态环境局公众号”,已经完成的扣1",
        "“学习强国挑战答题”已完成的截图发群里",
        "请填“困难群众动态监测台账”,不再收纸质的",
        "各村“人居环境整治提升行动”不用等通知,今天就干",
        "转发“平安建设满意度调查问卷”,不用填姓名,今晚截图",
    ],
)
def test_the_name_of_what_is_to_be_done_stays(text: str) -> None:
    assert without_quoted(text) == text


@pytest.mark.parametrize("frame", COURTEOUS)
def test_courtesies_at_the_edges_are_not_heard(frame: str) -> None:
    text = frame.format(DEMAND)
    heard = without_courtesy(text)

    assert len(heard) == len(text)
    assert heard.strip(UNASKED) == DEMAND


@pytest.mark.parametrize("text", ["大家辛苦了", "收到,谢谢", "辛苦辛苦,早点休息", DEMAND, ""])
def test_what_is_nothing_but_courtesy_or_has_none_stays(text: str) -> None:
    assert without_courtesy(text) == text


@given(st.text(alphabet="“”「」谢大家辛苦了,。?作废取消各村报[抱拳]\n", max_size=60))
def test_places_hold_whatever_the_text(text: str) -> None:
    for heard in (without_quoted(text), without_courtesy(text)):
        assert len(heard) == len(text)
        assert all(new in (old, UNASKED) for new, old in zip(heard, text, strict=True))


@pytest.mark.parametrize(
    "piece", ["谢谢", "“", "各位辛苦了,", "[抱拳]", "“各村报台账报台账”", "不再“"]
)
def test_hostile_text_of_any_length_is_read_at_once(piece: str) -> None:
    """A pattern that went back and forth would not come to an end here."""
    text = piece * (60_000 // len(piece)) + "x"

    assert len(without_quoted(without_courtesy(text))) == len(text)


def alone(text: str) -> Judgement:
    (judgement,) = judged([("boss", 0, text)])
    return judgement


@cache
def demands() -> list[str]:
    """Short demands of the development transcripts that count by themselves."""
    rows = map(json.loads, CORPUS.joinpath("dev_b.jsonl").read_text("utf-8").splitlines())
    texts = [row["text"] for row in rows if row.get("label", {}).get("act") == "demand"]
    short = [one for one in texts if 12 <= len(one) <= 50 and not {"\n", "“", "「"} & {*one}]
    return [one for one in short if alone(one).act is Act.DEMAND]


@pytest.mark.parametrize("frame", TAKEN_BACK)
def test_no_demand_counts_in_a_frame_that_takes_it_back(frame: str) -> None:
    counted = [one for one in demands() if alone(frame.format(one)).act.is_burden]

    assert len(demands()) > 20
    assert counted == []


@pytest.mark.parametrize(
    ("frame", "floor"),
    [*[(frame, 0.95) for frame in COURTEOUS], *[(frame, 0.75) for frame in HANDED_ON[:3]]],
)
def test_most_demands_count_in_a_frame_that_hands_them_on(frame: str, floor: float) -> None:
    """Behind courtesies nearly all; one that is handed on in quotation marks has no sender's voice."""
    counted = [alone(frame.format(one)) for one in demands()]

    assert sum(one.act.is_burden for one in counted) >= floor * len(demands())
