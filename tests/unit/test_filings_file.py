"""Registers as an office keeps them: CSV and XLSX, and every row that is wrong."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from bot.domain.errors import BadDirectory
from bot.domain.registers import Filing, Sort
from bot.domain.vocabulary import Kind
from config.filings_file import BadFilings, filing_vocabulary, load_filings

HEAD = ["编号", "类别", "事项", "条线", "单位", "开始", "截止", "负担类型", "关键词", "次数"]
ROW = [
    "督备〔2026〕3号",
    "督检考备案",
    "安全生产",
    "anjian",
    "",
    "2026-11-01",
    "2026年11月30日",
    "督检考",
    "安全、隐患",
    "2",
]
FILING = Filing(
    "督备〔2026〕3号", Sort.INSPECTION, "安全生产", date(2026, 11, 1), date(2026, 11, 30),
    line="anjian", kinds=(Kind.INSPECTION,), words=("安全", "隐患"), quota=2,
)  # fmt: skip


def csv_of(folder: Path, *rows: list[str], encoding: str = "utf-8-sig") -> Path:
    path = folder / "filings.csv"
    path.write_bytes("\r\n".join(",".join(row) for row in rows).encode(encoding))
    return path


def load(path: Path) -> list[Filing]:
    return load_filings(path, filing_vocabulary())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_from_excel_is_read_in_its_encodings(tmp_path: Path, encoding: str) -> None:
    assert load(csv_of(tmp_path, HEAD, ROW, [], encoding=encoding)) == [FILING]


def test_a_workbook_is_read_with_its_days_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "filings.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(2, 0, ROW[:5])  # a blank row between, as people leave them
        sheet.write_datetime(2, 5, date(2026, 11, 1), book.add_format({"num_format": "yyyy-m-d"}))
        sheet.write_row(2, 6, ROW[6:9])
        sheet.write_number(2, 9, 2)

    assert load(path) == [FILING]


def test_the_head_may_be_english_and_short(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        ["number", "sort", "title", "starts", "ends"],
        ["A-100", "matter", "低保复核", "2026/1/1", "2026/12/31"],
    )

    assert load(path) == [
        Filing("A-100", Sort.MATTER, "低保复核", date(2026, 1, 1), date(2026, 12, 31))
    ]


def test_every_wrong_row_is_named_and_none_is_taken(tmp_path: Path) -> None:
    def changed(place: int, value: str) -> list[str]:
        return [*ROW[:place], value, *ROW[place + 1 :]]

    path = csv_of(
        tmp_path, HEAD, ROW, ROW, changed(1, "别的"), changed(5, "2026-13-01"),
        changed(7, "吃饭"), changed(9, "两次"), changed(0, "1"), changed(6, "2026-10-01"),
    )  # fmt: skip

    with pytest.raises(BadFilings) as refused:
        load(path)

    assert [(row.number, row.expected) for row in refused.value.rows] == [
        (3, "register_commands.expected.once"),
        (4, "register_commands.expected.sort"),
        (5, "register_commands.expected.date"),
        (6, "register_commands.expected.kinds"),
        (7, "register_commands.expected.quota"),
        (8, "registers.error.number"),
        (9, "registers.error.period"),
    ]


def test_what_is_no_table_is_refused_with_the_file_s_name(tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing")
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    large = tmp_path / "large.xlsx"
    with zipfile.ZipFile(large, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b" " * (21 << 20))

    for path in (broken, bomb, large, tmp_path / "none.csv", csv_of(tmp_path, ["编号", "类别"])):
        with pytest.raises(BadDirectory, match=path.name):
            load(path)
