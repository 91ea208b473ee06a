"""The CSV of units: Excel writes it, and every wrong row is named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import BadDirectory
from config.units_file import BadRows, load_units

HEAD = "unit,name,line,platform,department\n"


def written(folder: Path, rows: str, encoding: str = "utf-8") -> Path:
    path = folder / "units.csv"
    path.write_text(HEAD + rows, encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_units_have_names_and_departments(tmp_path: Path, encoding: str) -> None:
    rows = "U01,青石镇,综治,wecom,12\nU01,,民政,dingtalk,7\n\nU02,🐟乡,,,\n"

    first, second = load_units(written(tmp_path, rows, encoding))

    assert (first.code, first.name) == ("U01", "青石镇")
    assert first.departments == (("wecom", "12", "综治"), ("dingtalk", "7", "民政"))
    assert (second.name, second.departments) == ("🐟乡", ())


def test_every_wrong_row_is_named_and_none_is_taken(tmp_path: Path) -> None:
    rows = (
        "U01,甲,L,wecom,1\n,甲,L,wecom,2\nU 1,甲,L,wecom,3\nU01,乙,L,wecom,4\nU01,甲,L,lark,5\n"
        "U01,甲,L,wecom,x\nU01,甲,,wecom,6\nU02,乙,L,wecom,1\nU03,丙,L,wecom,\n"
    )

    with pytest.raises(BadRows) as caught:
        load_units(written(tmp_path, rows))

    assert caught.value.rows == [
        (3, "codes"),
        (4, "codes"),
        (5, "one_name"),
        (6, "platform"),
        (7, "department"),
        (8, "line"),
        (9, "once"),
        (10, "department"),
    ]


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text("a,b\n1,2\n", "utf-8")

    with pytest.raises(BadDirectory, match="unit, name, line"):
        load_units(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadDirectory, match="nowhere"):
        load_units(tmp_path / "nowhere.csv")


def test_how_many_work_there_and_at_which_level_may_be_said(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    head = HEAD.strip() + ",staff,level\n"
    path.write_text(
        head + "U01,青石镇,L,wecom,1,60,乡镇\nU01,,L,wecom,2,,\nU02,某局,,,,21,\n", "utf-8"
    )

    first, second = load_units(path)

    assert (first.staff, first.level) == (60, "township")
    assert (second.staff, second.level) == (21, "")
    path.write_text(head + "U01,甲,,,,many,\nU02,乙,,,,1,city\n", "utf-8")
    with pytest.raises(BadRows) as caught:
        load_units(path)
    assert caught.value.rows == [(2, "staff"), (3, "level")]
