"""What stands before or after a message, and changes nothing of what it does."""

from __future__ import annotations

import pytest

from bot.domain.episodes import GroupMemory
from bot.domain.judging import Judge
from bot.domain.moments import moment_of
from bot.domain.vocabulary import Act
from config.calendar import load_calendar
from config.model.edges import EVERY, edged_lines
from config.model.samples import Told, judged, readings, told_line
from config.rulebook import load_rulebook

JUDGE = Judge(load_rulebook(), load_calendar())


def lines(act: str, many: int = 400) -> list[Told]:
    label = {"act": act, "kinds": [], "episode": None, "exempt": None}
    return [told_line("file", f"file-{n}", f"第{n}句,到此为止", label) for n in range(many)]


def text_of(line: Told) -> str:
    (message,) = line.messages
    return message.text.reveal()


def test_an_edge_changes_neither_what_a_line_says_nor_what_it_is() -> None:
    edged = edged_lines(lines("demand"))

    assert len(edged) == -(-400 // EVERY)
    for line, plain in zip(edged, lines("demand")[::EVERY], strict=True):
        assert text_of(plain) in text_of(line)
        assert text_of(line) != text_of(plain)
        assert line.name == plain.name
        assert list(line.labels.values()) == list(plain.labels.values())


def test_they_are_the_same_ones_every_time() -> None:
    once, again = edged_lines(lines("none")), edged_lines(lines("none"))

    assert [text_of(line) for line in once] == [text_of(line) for line in again]


def test_nobody_calls_everybody_to_chat() -> None:
    assert any(text_of(line).startswith("@所有人") for line in edged_lines(lines("demand")))
    assert not any("@所有人" in text_of(line) for line in edged_lines(lines("none")))


@pytest.mark.parametrize(
    "ask", ["各村今天下班前报台账", "各班今天把体温表交到医务室", "各科室明早八点半到二楼开会"]
)
@pytest.mark.parametrize(
    "edge",
    [
        "通知:{}",
        "【重要提醒】{}",
        "温馨提示:{}",
        "{}。有问题找小王。",
        "{}\n党政办\n10月12日",
        "说个事,{}",
    ],
)
def test_a_demand_is_heard_whatever_stands_around_it(edge: str, ask: str) -> None:
    (judgement,) = judged(JUDGE, told_line("edges", ask, edge.format(ask), {}))

    assert judgement.act is Act.DEMAND


@pytest.mark.parametrize(
    "text",
    [
        "通知:明天上午九点至十一点停水。",
        "温馨提示:食堂今天有饺子",
        "@所有人 食堂今晚加菜",
        "@所有人 文件已上传群文件,供参考",
        "重要通知:社保窗口搬到一楼了",
    ],
)
def test_a_service_notice_is_none_whatever_it_is_headed_by(text: str) -> None:
    (judgement,) = judged(JUDGE, told_line("edges", text, text, {}))

    assert judgement.act is Act.NONE


def test_who_calls_everybody_is_no_stranger_whose_order_is_doubted() -> None:
    called, plain = (doubt_of(text) for text in ("@所有人 报送半年小结", "报送半年小结"))

    assert called == 1.0
    assert plain > called


def doubt_of(text: str) -> float:
    ((_, reading, _),) = readings(JUDGE, told_line("edges", text, text, {text: {}}))
    return JUDGE.doubt(reading, moment_of(reading, GroupMemory.EMPTY, JUDGE.bits))
