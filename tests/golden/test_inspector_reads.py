"""Five questions of an inspector, answered by the one printed page alone, each in its section.

The page is read as it is printed: the first page of the PDF, nothing of the annex.
"""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from bot.domain.documents import Document
from bot.renderings.forms import written
from tests.golden.weeks import WEEKS

OVERALL, OVER, CASES, COMPLAINTS, LAST_WEEK, NEXT_WEEK, NOTES = (
    "一、总体情况",
    "二、超限情况",
    "三、典型情形",
    "四、匿名诉求",
    "五、上期事项办理",
    "六、下周提示",
    "七、说明",
)
HEADS = (OVERALL, OVER, CASES, COMPLAINTS, LAST_WEEK, NEXT_WEEK, NOTES)


def sections_on_the_page(document: Document) -> dict[str, str]:
    page = PdfReader(BytesIO(written(document, "pdf"))).pages[0].extract_text()
    text = re.sub(r"\s", "", page)
    places = [text.index(head) for head in HEADS]
    ends = [*places[1:], len(text)]
    return {head: text[start:end] for head, start, end in zip(HEADS, places, ends, strict=True)}


@pytest.fixture(scope="module")
def page() -> dict[str, str]:
    return sections_on_the_page(WEEKS["busy"]("zh-CN").document)


@pytest.mark.parametrize(
    ("question", "section", "answer"),
    [
        ("what got worse", OVERALL, r"工作要求增加12件，催办持平，非工作时间@提醒增加2次"),
        ("what got worse", OVERALL, r"增加较多的事项：打卡接龙\+4件、填表报数\+3件"),
        ("which line", OVERALL, r"增加最多的条线：民政（工作要求增加9件）"),
        ("which unit is over which limit", OVER, r"青石镇截图上报每日1件9件6件2①"),
        (
            "how sure",
            NOTES,
            r"2026-10-15抽样核验1115条.*漏计32条（95%置信区间5\.9%至11\.4%）.*误计12条",
        ),
        ("how sure", OVERALL, r"1个因统计范围不足不作判断"),
        ("what was not seen", NOTES, r"登记工作群8个：5个登记为读取全部消息；3个登记为只读取@"),
        ("what was not seen", NOTES, r"未登记的工作群、私聊、语音和图片中的内容不计"),
        (
            "what became of last week's item",
            LAST_WEEK,
            r"青石镇截图上报：上周9件，本周9件，仍超限额",
        ),
    ],
)
def test_the_page_answers(page: dict[str, str], question: str, section: str, answer: str) -> None:
    assert re.search(answer, page[section]), f"{question}: nothing in {section}"


def test_no_answer_waits_behind_the_page(page: dict[str, str]) -> None:
    assert "附表" not in "".join(page.values()).replace("见附表", "")


@pytest.mark.parametrize("name", WEEKS)
def test_a_page_without_an_answer_says_that_there_is_none(name: str) -> None:
    page = sections_on_the_page(WEEKS[name]("zh-CN").document)

    compared = re.search(r"环比：(上周无可比数据|工作要求)|没有消息可统计", page[OVERALL])
    assert compared
    assert re.search(r"未做抽样核验|抽样核验\d+条", page[NOTES])
    assert re.search(r"没有上期周报|没有超限事项|上周\d+", page[LAST_WEEK])
    assert re.search(r"接收途径", page[NOTES])
