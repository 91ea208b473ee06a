"""The operator's page says the same in both languages: the same commands, settings and files."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
ENGLISH = (DOCS / "operating.md").read_text("utf-8")
CHINESE = (DOCS / "operating.zh-CN.md").read_text("utf-8")

BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
# Where a link leads, without the heading, which each language names in its own words.
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
SETTING = re.compile(r"\bQZ_[A-Z][A-Z_]*")
SECTION = re.compile(r"^##+ ", re.MULTILINE)
HEADING = re.compile(r"^(#+) ", re.MULTILINE)


def test_both_pages_name_the_same_commands_settings_and_files() -> None:
    assert set(SETTING.findall(ENGLISH)) == set(SETTING.findall(CHINESE))
    assert set(CODE.findall(BLOCK.sub("", ENGLISH))) == set(CODE.findall(BLOCK.sub("", CHINESE)))


def test_both_pages_show_the_same_blocks_to_type() -> None:
    assert BLOCK.findall(ENGLISH) == BLOCK.findall(CHINESE)


def test_both_pages_have_the_same_sections_in_the_same_order() -> None:
    assert HEADING.findall(ENGLISH) == HEADING.findall(CHINESE)


def test_each_section_names_the_same_settings_in_both_pages() -> None:
    pairs = zip(SECTION.split(ENGLISH), SECTION.split(CHINESE), strict=True)

    differing = [
        chinese.splitlines()[0]
        for english, chinese in pairs
        if set(SETTING.findall(english)) != set(SETTING.findall(chinese))
    ]
    assert differing == []


def test_each_page_opens_with_a_link_to_the_other_and_both_lead_to_the_same_pages() -> None:
    assert ENGLISH.splitlines()[2] == "[中文](operating.zh-CN.md)"
    assert CHINESE.splitlines()[2] == "[English](operating.md)"
    assert set(LINK.findall(ENGLISH)) - {"operating.zh-CN.md"} == set(LINK.findall(CHINESE)) - {
        "operating.md"
    }
