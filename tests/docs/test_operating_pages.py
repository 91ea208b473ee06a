"""What an operator follows says the same in both languages: commands, settings, files, sections."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
# The Chinese page of a platform is of its set-up alone.
FROM_THE_HEADING = {
    "operating": ("# Operating", "# 轻装"),
    "platforms/wecom": ("## Set-up, click by click", "## 一步一步装"),
    "platforms/dingtalk": ("## Setting it up, click by click", "## 一步一步装"),
    "platforms/zwdd": ("# 专有钉钉 and 浙政钉", "# 专有钉钉、浙政钉"),
    "transcripts": ("# Transcripts", "# 聊天记录"),
}

BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
# Where a link leads, without the heading, which each language names in its own words.
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
SETTING = re.compile(r"\bQZ_[A-Z][A-Z_]*")
SECTION = re.compile(r"^##+ ", re.MULTILINE)
HEADING = re.compile(r"^(#+) ", re.MULTILINE)

both_languages = pytest.mark.parametrize("page", FROM_THE_HEADING)


def pages(page: str) -> tuple[str, str]:
    """The whole of the English and of the Chinese page."""
    english, chinese = DOCS / f"{page}.md", DOCS / f"{page}.zh-CN.md"
    return english.read_text("utf-8"), chinese.read_text("utf-8")


def told(page: str) -> tuple[str, str]:
    """The part that stands in both languages, up to the next heading of its rank."""
    first, second = (
        _from(heading, text)
        for heading, text in zip(FROM_THE_HEADING[page], pages(page), strict=True)
    )
    return first, second


def _from(heading: str, text: str) -> str:
    rank = heading.split()[0]
    _, found, rest = f"\n{text}".partition(f"\n{heading}")
    assert found, f"no heading {heading}"
    return heading + re.split(rf"^{rank} ", rest, flags=re.MULTILINE)[0]


@both_languages
def test_both_languages_name_the_same_commands_settings_and_files(page: str) -> None:
    english, chinese = told(page)

    assert set(SETTING.findall(english)) == set(SETTING.findall(chinese))
    assert set(CODE.findall(BLOCK.sub("", english))) == set(CODE.findall(BLOCK.sub("", chinese)))


@both_languages
def test_both_languages_show_the_same_blocks_to_type(page: str) -> None:
    english, chinese = told(page)

    assert BLOCK.findall(english) == BLOCK.findall(chinese)


@both_languages
def test_both_languages_have_the_same_sections_in_the_same_order(page: str) -> None:
    english, chinese = told(page)

    assert HEADING.findall(english) == HEADING.findall(chinese)


@both_languages
def test_each_section_names_the_same_settings_in_both_languages(page: str) -> None:
    english, chinese = told(page)
    pairs = zip(SECTION.split(english), SECTION.split(chinese), strict=True)

    differing = [
        theirs.splitlines()[0]
        for ours, theirs in pairs
        if set(SETTING.findall(ours)) != set(SETTING.findall(theirs))
    ]
    assert differing == []


@both_languages
def test_each_page_opens_with_a_link_to_the_other(page: str) -> None:
    english, chinese = pages(page)
    name = page.rpartition("/")[2]

    assert f"]({name}.zh-CN.md)" in english.splitlines()[2]
    assert f"]({name}.md)" in chinese.splitlines()[2]


@both_languages
def test_both_languages_lead_to_the_same_pages(page: str) -> None:
    english, chinese = (
        {link.replace(".zh-CN", "") for link in LINK.findall(t)} for t in told(page)
    )

    assert english == chinese
