"""What members are told about complaints names the same things as the documents (goal G16)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.complaint_dialogue import LASTS_FOR
from bot.domain.complaint_files import AFTER_CLOSING_WEEKS, HARD_CAP_WEEKS, HELD_WEEKS
from bot.domain.complaints import MOST_CHARACTERS
from config.load import load_texts
from handlers.complaints.counters import Quotas

ROOT = Path(__file__).resolve().parents[2]
PRIVACY = (ROOT / "docs" / "privacy.md").read_text("utf-8")
COMPLAINTS = (ROOT / "docs" / "complaints.md").read_text("utf-8")
# Who may know, and where else to turn; and a word that would promise too much.
SAID = {
    "zh-CN": ("企业微信", "钉钉", "平台管理员", "手机", "12388", "纪检监察", "信"),
    "en": (
        "WeCom",
        "DingTalk",
        "platform administrator",
        "phone",
        "12388",
        "inspectors",
        "letter",
    ),
}
TOO_MUCH = ("匿名", "绝对", "保证", "anonymous", "guarantee")


@pytest.mark.parametrize("locale", sorted(SAID))
@pytest.mark.parametrize("key", ["complaints.notice.text", "commands.privacy.body"])
def test_the_notice_says_who_may_still_know_and_where_else_to_turn(locale: str, key: str) -> None:
    said = load_texts(locale).raw(key)
    words = SAID[locale] if key != "commands.privacy.body" or locale != "en" else SAID["en"][:-1]

    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize("locale", sorted(SAID))
def test_no_text_about_complaints_promises_more_than_is_true(locale: str) -> None:
    texts = load_texts(locale)
    keys = [
        key for key in sorted(texts.keys()) if key.startswith(("complaints.", "complaint_box."))
    ]

    assert [key for key in keys if any(word in texts.raw(key) for word in TOO_MUCH)] == []


def test_the_numbers_of_the_notice_are_those_that_are_in_force() -> None:
    texts = load_texts("zh-CN")
    notice, privacy = texts.raw("complaints.notice.text"), texts.raw("commands.privacy.body")

    # Held so many weeks from the first Monday on which it could have gone.
    assert f"最多等{HELD_WEEKS + 1}周" in notice
    assert f"最多等{HELD_WEEKS + 1}周" in texts.raw("complaints.answers.none")
    assert "攒够5件、来自2个以上单位" in notice
    assert LASTS_FOR.total_seconds() == 600
    assert "十分钟" in notice
    assert str(MOST_CHARACTERS) in texts.raw("complaints.say.text")
    assert (AFTER_CLOSING_WEEKS * 7 <= 91, HARD_CAP_WEEKS * 7 <= 180) == (True, True)
    assert "办结约3个月后、最长180天" in privacy


def test_the_limits_of_the_document_are_those_that_are_in_force() -> None:
    quotas = Quotas()

    assert (
        f"{quotas.a_day} complaints a day and {quotas.a_week} a week, {quotas.asked_a_day} acts "
        f"by receipt a day, {quotas.of_all_a_day} complaints of all a day" in COMPLAINTS
    )


def test_the_threat_table_names_a_test_in_every_row() -> None:
    table = PRIVACY.split("## What proves it")[1]
    rows = [row for row in table.splitlines() if row.startswith("| ") and "---" not in row][1:]

    assert len(rows) > 30
    assert [row.split("|")[1] for row in rows if "`tests/" not in row.split("|")[3]] == []
