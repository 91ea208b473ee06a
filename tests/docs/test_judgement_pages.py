"""The page on judgement says the same figures in both languages, and what judgement really says."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.episodes import MOST_OPEN
from bot.domain.judging import DOUBT
from bot.domain.vocabulary import KINDS
from config.load import load_texts
from handlers.commands.status import MOST_LISTED
from handlers.dispute_counts import DISPUTABLE_WEEKS

DOCS = Path(__file__).resolve().parents[2] / "docs"
ENGLISH, CHINESE = (
    (DOCS / name).read_text("utf-8") for name in ("judgement.md", "judgement.zh-CN.md")
)
TEXTS = load_texts("zh-CN")
NAMES = {kind.value: TEXTS(f"measures.name.{kind.value}") for kind in KINDS}
IN_WORDS = {3: "三", 4: "四", 5: "五"}

# The columns of the English table after the first, and what the Chinese one calls them.
COLUMNS = {
    "left out (F1 unless said)": "轮流留出",
    "95 %": "95%区间",
    "held out": "未学",
    "sealed": "密封",
    "terse": "短句",
    "fresh": "生手",
    "fresh, all seven": "生手七群",
    "second person, all seven": "另一人",
}
ROWS = {
    "burden": "负担（工作要求、催办合计）",
    "demand": "工作要求",
    "reminder": "催办",
    "cancel": "撤销",
    "kinds": "事项（十一类合计）",
    "ping": "@提醒",
    "off_hours": "非工作时间@提醒",
    **{f"kind {kind}": name for kind, name in NAMES.items()},
    "deadline right": "时限正确",
    "false deadlines": "多给的时限",
    "b-cubed": "归件（B³）",
    "count error": "件数误差",
    "exempt": "应急（单独统计）",
}
GOALS = {"kinds": 0.92}
LARGEST_COUNT_ERROR = 0.10

SAID = re.compile(r"(次日)?“([^”]+)”")
SHOWN = re.compile(r'^\$ qingzhuang explain "([^"]+)" --at (\S+)\n(.+)$', re.MULTILINE)
WEDNESDAY = datetime.fromisoformat("2026-11-18T09:00:00+08:00")


@pytest.fixture(autouse=True)
def without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("QZ_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def table(page: str, first: str) -> list[list[str]]:
    """The rows of the table whose heading begins with `first`, the heading among them."""
    _, found, rest = page.partition(f"\n| {first} |")
    assert found, f"no table {first}"
    lines = re.match(r"(?:\|.*\n)*", f"| {first} |{rest}")
    assert lines is not None
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines[0].splitlines()
    ]
    return [rows[0], *rows[2:]]


def in_chinese(row: list[str]) -> list[str]:
    """A row of the English table as it stands in the Chinese one."""
    name, *figures = row
    behind = float(figures[-2]) - float(figures[-1])
    gap = f"{behind:+.3f}".replace("-", "−")
    return [ROWS[name], *(figure.replace(" to ", "至") for figure in figures), gap]


def test_each_page_opens_with_a_link_to_the_other() -> None:
    assert "](judgement.zh-CN.md)" in ENGLISH.splitlines()[2]
    assert "](judgement.md)" in CHINESE.splitlines()[2]


def test_both_languages_show_the_same_figures() -> None:
    english, chinese = table(ENGLISH, "figure"), table(CHINESE, "指标")
    wanted = [in_chinese(row) for row in english[1:]]

    assert english[0][1:] == list(COLUMNS)
    assert chinese[0] == ["指标", *COLUMNS.values(), "差距"]
    to_paste = "\n".join(f"| {' | '.join(row)} |" for row in wanted)
    assert chinese[1:] == wanted, f"the rows of docs/judgement.zh-CN.md should be\n{to_paste}"


def test_the_goals_that_are_said_to_be_missed_are_missed() -> None:
    left_out = {row[0]: float(row[1]) for row in table(ENGLISH, "figure")[1:]}

    assert "事项、件数误差都没有达到" in CHINESE
    assert [name for name, goal in GOALS.items() if left_out[name] >= goal] == []
    assert left_out["count error"] > LARGEST_COUNT_ERROR
    assert "没有一类低于0.80" in CHINESE
    assert min(f1 for name, f1 in left_out.items() if name.startswith("kind ")) >= 0.80


def test_both_languages_say_the_same_of_silence() -> None:
    told = re.search(
        r"\(([\d,]+) lines, hard on purpose.*?: ([\d.]+) in 1 000 are counted, the goal is (\d+)\."
        r".*?(\d+) of 100\s+demands",
        ENGLISH,
        re.DOTALL,
    )

    assert told is not None
    lines, counted, goal, heard = told.groups()
    for words in (f"{lines}句平常话", f"误计{counted}句，目标是{goal}句", f"听出{heard}条"):
        assert words in CHINESE


def test_the_chinese_page_says_the_numbers_that_are_in_force() -> None:
    for words in (
        f"最近{DISPUTABLE_WEEKS}周（含本周）",
        f"本周最近{IN_WORDS[MOST_LISTED]}条计数",
        f"可能{IN_WORDS[int(DOUBT)]}倍才计",
        f"最多记{MOST_OPEN}件",
    ):
        assert words in CHINESE


def test_the_chinese_page_explains_every_kind_by_its_name() -> None:
    assert [row[0] for row in table(CHINESE, "事项")[1:]] == list(NAMES.values())


def test_an_explanation_that_is_shown_is_the_one_that_is_given() -> None:
    shown = SHOWN.findall(CHINESE)
    given = [
        CliRunner().invoke(app, ["explain", text, "--at", moment]).stdout.splitlines()[0]
        for text, moment, _ in shown
    ]

    assert shown
    assert given == [verdict for _, _, verdict in shown]


def transcript(examples: list[str]) -> str:
    """Each example as a group of its own: one person speaks, an hour apart or the day after."""
    lines: list[dict[str, object]] = []
    for number, example in enumerate(examples):
        group, sent_at = f"g{number}", WEDNESDAY
        lines.append({"group": group})
        for next_day, text in SAID.findall(example):
            sent_at += timedelta(days=1) if next_day else timedelta(hours=1)
            said = {"group": group, "sender": "u1", "sent_at": sent_at.isoformat(), "text": text}
            lines.append({"id": f"{group}-{len(lines)}", **said})
    return "\n".join(json.dumps(line) for line in lines)


def judged(example: dict[str, object]) -> str:
    kinds = example["kinds"]
    assert isinstance(kinds, list)
    names = "、".join(NAMES[kind] for kind in kinds)
    words = {"none": "不计", "cancel": "撤销", "demand": "工作要求", "reminder": "催办"}
    return words[str(example["act"])] + (f"（{names}）" if names else "")


def test_what_is_said_to_be_judged_wrong_is_still_judged_so() -> None:
    """An example that a new model understands belongs out of the table, and another into it."""
    rows = table(CHINESE, "说了什么")[1:]
    done = CliRunner().invoke(app, ["classify"], input=transcript([row[0] for row in rows]))
    last = {}
    for line in done.stdout.splitlines():
        found = json.loads(line)
        last[found["id"].partition("-")[0]] = judged(found)

    assert done.exit_code == 0
    assert {row[0]: last[f"g{n}"] for n, row in enumerate(rows)} == {
        row[0]: row[1] for row in rows
    }
    assert [row[0] for row in rows if row[1] == row[2]] == []
