"""`qingzhuang demo` as a visitor runs it: every form is written, and the page answers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from bot.demo.clock import SharedClock
from bot.demo.player import LOOKS
from bot.demo.story import WEEK, ZONE, load_story
from bot.renderings.forms import FORMS
from bot.renderings.json_document import decode_digest
from tests.golden.test_inspector_reads import LAST_WEEK, NOTES, OVER, OVERALL, sections_on_the_page


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where the demo wrote, and what it said."""
    out = tmp_path_factory.mktemp("demo")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("QZ_")}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "demo", "--out", str(out)],
        env=plain | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return out, done.stdout.decode()


@pytest.fixture
def written(played: tuple[Path, str]) -> dict[str, Path]:
    return {path.suffix[1:]: path for path in played[0].iterdir() if path.is_file()}


def test_the_demo_writes_every_form(written: dict[str, Path]) -> None:
    assert set(FORMS) <= written.keys()
    assert all(written[form].stat().st_size > 1000 for form in FORMS)


def test_the_demo_says_where_the_late_hours_of_its_log_come_from(played: tuple[Path, str]) -> None:
    said = "".join(played[1].split())  # however it was wrapped

    remark = said.index("补记的小时")
    assert remark < said.index("是演示造成的：演示时钟一次跳过几个小时")


@pytest.mark.parametrize(
    ("section", "answer"),
    [
        (OVERALL, r"环比：上周无可比数据"),  # its first week: nothing can have got worse
        (OVERALL, r"按条线分：\w+\d+件、"),
        (OVERALL, r"估算占用\d+至\d+人时"),
        (OVER, r"青石镇截图上报每日1件\d+件\d+件1"),
        (NOTES, r"判断误差：本期未做抽样核验"),
        (NOTES, r"登记工作群7个：3个登记为读取全部消息"),
        (LAST_WEEK, r"没有上期周报"),
    ],
)
def test_its_page_answers_an_inspector(
    written: dict[str, Path], section: str, answer: str
) -> None:
    document = decode_digest(written["json"].read_bytes()).document

    assert re.search(answer, sections_on_the_page(document)[section])


def test_its_page_is_one_page(written: dict[str, Path]) -> None:
    document = decode_digest(written["json"].read_bytes()).document

    assert document.closing[-1].replace(" ", "") in sections_on_the_page(document)[NOTES]


def test_the_story_decides_when_the_bot_looks(written: dict[str, Path]) -> None:
    """So that it says the same however fast the machine is: at so many hours, and a few more
    times until the digest, the hand-over and the reply have come."""
    begins = load_story()[1][0].at.astimezone(ZONE) - timedelta(hours=1)
    monday = datetime.combine(WEEK.shifted(1).monday, time(0), ZONE)
    hours = int((monday - begins) / timedelta(hours=1)) + 1
    looks = [begins + timedelta(hours=n) for n in range(hours)]
    expected = sum(look.hour in LOOKS and look > begins for look in looks)

    clock = SharedClock(written["json"].parent / "data" / "clock")
    asked, taken = clock.looks_asked(), clock.looks_taken()
    clock.close()

    assert taken == asked
    assert expected + 4 <= taken <= expected + 12
