"""Long texts in parts: between paragraphs, never inside a table row or a character."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.splitting import numbered_parts, split_markdown

CHARACTERS = [
    "字",
    "a",
    "é",
    "🐟",
    "𠮷",
    "👨‍👩‍👧‍👦",
    "👍🏽",
    "🇨🇳",
    "e\u0301",
    "✍️",
    "\u202e",
    " ",
    "。",
]
ROWS = st.builds(
    lambda cells: "| " + " | ".join(cells) + " |",
    st.lists(st.text(st.sampled_from("数字次限额0123456789"), max_size=6), min_size=1, max_size=4),
)


@given(text=st.text(max_size=400), limit=st.integers(4, 120))
def test_every_part_fits_and_nothing_but_white_space_is_lost(text, limit):
    parts = split_markdown(text, limit)

    assert all(0 < len(part.encode()) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 10, []),
        ("\n \n", 10, []),
        ("一段", 6, ["一段"]),
        ("甲\n\n乙", 100, ["甲\n\n乙"]),
        ("甲甲\n\n乙乙", 8, ["甲甲", "乙乙"]),
        ("- 一\n- 二\n- 三", 11, ["- 一\n- 二", "- 三"]),
        ("一句。二句。三句", 18, ["一句。二句。", "三句"]),
        ("🐟🐟🐟", 9, ["🐟🐟", "🐟"]),
        ("aaaaaaaaaa", 4, ["aaaa", "aaaa", "aa"]),
    ],
)
def test_it_is_cut_where_a_reader_would_cut(text, limit, parts):
    assert split_markdown(text, limit) == parts


def test_a_part_too_small_for_a_character_is_refused():
    with pytest.raises(ValueError, match="4 bytes"):
        split_markdown("x", 3)


@given(rows=st.lists(ROWS, min_size=1, max_size=60), before=st.text("前言。", max_size=40))
def test_no_table_row_is_cut(rows: list[str], before: str) -> None:
    limit = max(len(line.encode()) for line in [before, *rows]) + 12

    parts = numbered_parts(f"{before}\n\n" + "\n".join(rows), limit)

    lines = [line for part in parts for line in part.split("\n") if line.startswith("|")]
    assert lines == rows


@given(st.lists(st.sampled_from(CHARACTERS), max_size=80), st.integers(30, 90))
def test_no_character_is_cut_as_a_reader_sees_it(characters: list[str], limit: int) -> None:
    parts = split_markdown("".join(characters), limit)

    whole = re.sub(r"\s", "", "".join(characters))
    cuts, place = set(), 0
    for part in parts:
        place += len(re.sub(r"\s", "", part))
        cuts.add(place)
    borders, place = {len(whole)}, 0
    for character in characters:
        borders.add(place)
        place += len(re.sub(r"\s", "", character))
    extended = {
        at for at in borders if at < len(whole) and unicodedata.category(whole[at]) == "Mn"
    }
    assert cuts <= borders - extended or not parts


@given(st.text(max_size=600), st.integers(24, 200))
def test_numbered_parts_fit_and_say_which_they_are(text: str, limit: int) -> None:
    parts = numbered_parts(text, limit)

    assert all(len(part.encode()) <= limit for part in parts)
    if len(parts) > 1:
        total = len(parts)
        assert [part.rsplit("\n\n", 1)[1] for part in parts] == [
            f"({place}/{total})" for place in range(1, total + 1)
        ]
        parts = [part.rsplit("\n\n", 1)[0] for part in parts]
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_what_fits_is_one_part_without_a_number() -> None:
    assert numbered_parts("数" * 682, 2048) == ["数" * 682]


def test_a_line_longer_than_the_limit_is_cut_inside_and_nothing_of_it_is_lost() -> None:
    row = "|" + "数" * 100 + "|"

    assert "".join(split_markdown(row, 60)) == row
