"""What members are told about complaints names the same things as the documents (goal G16)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.domain.complaint_dialogue import LASTS_FOR
from bot.domain.complaint_files import (
    AFTER_CLOSING_WEEKS,
    FEWEST_COMPLAINTS,
    FEWEST_UNITS,
    HARD_CAP_WEEKS,
    HELD_WEEKS,
)
from bot.domain.complaints import MOST_CHARACTERS
from config.load import load_texts
from handlers.complaints.box import SLOT_SECONDS
from handlers.complaints.counters import Quotas
from handlers.complaints.rewrite import FEWEST_DUMMIES, REPLACED_AT_ONCE
from handlers.complaints.spool import SLOT_RECORDS, WAITING_ROOM
from handlers.keep_log import KEPT_HOURS
from storage import tables as book_tables
from storage.complaints import tables as complaint_tables
from storage.retention import FACT_WEEKS

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


HALVES = dict(zip(("zh-CN", "en"), PRIVACY.split("\n# English\n"), strict=True))
OF_COMPLAINTS = {
    "zh-CN": ("\n## 投诉\n", "\n## 证据\n"),
    "en": ("\n## Complaints\n", "\n## What proves it\n"),
}
IN_WORDS = {2: ("2", "two"), 16: ("16", "sixteen"), 32: ("32", "thirty-two"), 48: ("48", "forty-eight"),
            13: ("13", "thirteen")}  # fmt: skip
# Each number as the code has it, and how each half of docs/privacy.md says it.
PROMISED: tuple[tuple[str, str], ...] = (
    (f"每{SLOT_SECONDS // 60}分钟写{SLOT_RECORDS}条", "every ten minutes two are written"),
    (f"正常停机写{WAITING_ROOM}条", f"an orderly stop writes {IN_WORDS[WAITING_ROOM][1]}"),
    (f"凑成{REPLACED_AT_ONCE}条", f"among {IN_WORDS[REPLACED_AT_ONCE][1]}, drawn at random"),
    (f"不到{FEWEST_DUMMIES}条", f"fewer than {FEWEST_DUMMIES} dummies"),
    (f"办结后{AFTER_CLOSING_WEEKS}周，最长{HARD_CAP_WEEKS}周",
     f"{AFTER_CLOSING_WEEKS} weeks after the last case of its batch was closed, "
     f"{HARD_CAP_WEEKS} weeks in any case"),
    (f"从写入算最长{HARD_CAP_WEEKS * 7}天", f"at most {HARD_CAP_WEEKS * 7}"),
    (f"{AFTER_CLOSING_WEEKS * 7 - 6}至{AFTER_CLOSING_WEEKS * 7}天",
     f"{AFTER_CLOSING_WEEKS * 7 - 6} to {AFTER_CLOSING_WEEKS * 7}"),
    (f"够{FEWEST_COMPLAINTS}件、来自{FEWEST_UNITS}个以上单位", "five complaints from two units"),
    (f"一天{Quotas().a_day}件、一周{Quotas().a_week}件",
     f"{Quotas().a_day} complaints a day, {Quotas().a_week} a week"),
    ("最后一次回答起10分钟", "ten minutes from the last answer"),
)  # fmt: skip


def of_complaints(locale: str) -> str:
    begins, ends = OF_COMPLAINTS[locale]
    return HALVES[locale].partition(begins)[2].partition(ends)[0]


@pytest.mark.parametrize(("chinese", "english"), PROMISED)
def test_both_halves_promise_the_numbers_that_are_in_force(chinese: str, english: str) -> None:
    assert SLOT_SECONDS == 600
    assert (SLOT_RECORDS, FEWEST_COMPLAINTS, FEWEST_UNITS) == (2, 5, 2)
    assert chinese in of_complaints("zh-CN")
    assert english in of_complaints("en")


def test_the_record_of_facts_is_kept_as_long_as_both_halves_say() -> None:
    weeks = KEPT_HOURS // (7 * 24)

    assert weeks == FACT_WEEKS
    assert f"{weeks}周（13个月）" in HALVES["zh-CN"]
    assert f"{weeks} weeks (thirteen months)" in HALVES["en"]


def test_what_is_built_is_nowhere_said_to_be_missing() -> None:
    """A page that says so of one build is believed of the next."""
    stale = (
        "还没有开通",
        "尚未开通",
        "not built yet",
        "are not open yet",
        "nothing is said of complaints",
    )
    pages = [page for page in sorted((ROOT / "docs").rglob("*.md")) if page.name != "design.md"]

    assert [
        (page.name, words) for page in pages for words in stale if words in page.read_text("utf-8")
    ] == []


@pytest.mark.parametrize("name", [table.name for table in complaint_tables.metadata.sorted_tables])
def test_every_table_of_the_complaint_store_stands_in_both_halves(name: str) -> None:
    for locale in HALVES:
        assert f"`{name}`" in of_complaints(locale), (locale, name)


@pytest.mark.parametrize("name", [table.name for table in book_tables.metadata.sorted_tables])
def test_every_table_of_the_books_stands_in_both_halves(name: str) -> None:
    for locale, half in HALVES.items():
        assert f"`{name}`" in half, (locale, name)


@pytest.mark.parametrize("page", ["privacy.md", "complaints.md", "complaints_office.md"])
def test_a_page_that_offices_read_is_in_chinese_first(page: str) -> None:
    chinese, _, english = (ROOT / "docs" / page).read_text("utf-8").partition("\n# English\n")

    written = sum("\u4e00" <= sign <= "\u9fff" for sign in chinese)
    assert english
    assert written > 500
    assert written > len(chinese) / 3


def rows_of(half: str) -> dict[str, list[str]]:
    """The threat table's rows by their number."""
    rows = [row.strip("|").split("|") for row in half.splitlines() if re.match(r"\| P\d+ \|", row)]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows}


def test_the_threat_table_has_the_same_rows_in_both_languages() -> None:
    ours, theirs = rows_of(HALVES["zh-CN"]), rows_of(HALVES["en"])

    assert list(ours) == list(theirs) == [f"P{n}" for n in range(1, len(ours) + 1)]
    assert {len(row) for row in ours.values()} == {2}
    for name, row in ours.items():
        assert row[0].startswith("–") == theirs[name][0].startswith("–"), name
        numbers = set(re.findall(r"\bAT-\d+", row[0] + row[1]))
        assert numbers == set(re.findall(r"\bAT-\d+", theirs[name][0] + theirs[name][1])), name
        assert set(re.findall(r"T\d+", row[0])) == set(re.findall(r"T\d+", theirs[name][0])), name


def test_every_threat_of_the_model_stands_in_the_table() -> None:
    for half in HALVES.values():
        named = {name for row in rows_of(half).values() for name in re.findall(r"T\d+", row[0])}

        assert {f"T{n}" for n in range(1, 15)} - named == set()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_of_the_lock_is_pinned_by_its_hashes(lock: str) -> None:
    pinned = re.sub(r"\\\n\s*", " ", (ROOT / lock).read_text("utf-8")).splitlines()
    packages = [line for line in pinned if line and not line.lstrip().startswith(("#", "-"))]

    assert len(packages) > 20
    assert [
        line.split()[0] for line in packages if "==" not in line or "--hash=sha256:" not in line
    ] == []


def test_the_threat_table_names_a_test_in_every_row() -> None:
    rows = rows_of(HALVES["en"])

    assert len(rows) > 50
    assert [name for name, row in rows.items() if "`tests/" not in row[2]] == []
