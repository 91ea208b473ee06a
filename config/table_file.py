"""Rows of a table that an office keeps: CSV (UTF-8 or GBK) or the first sheet of an .xlsx file."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from bot.domain.errors import BadDirectory
from config.directory import decoded

MOST_BYTES = 20 * 1024 * 1024
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_COLUMN = re.compile(r"[A-Z]+")

Rows = list[tuple[int, list[str]]]
"""Rows with their numbers as the office sees them (the head is row 1), cells without blanks."""


def read_rows(path: Path) -> Rows:
    """All rows that are not empty. Raises BadDirectory for what is no table."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadDirectory(str(path), "file", "expected.readable", reason=error.strerror) from None
    rows = _of_workbook(raw, path) if raw.startswith(b"PK") else _of_csv(raw, path)
    return [(number, cells) for number, cells in rows if any(cells)]


def _of_csv(raw: bytes, path: Path) -> Rows:
    try:
        lines = csv.reader(io.StringIO(decoded(raw, path), newline=""))
        return [(number, [cell.strip() for cell in row]) for number, row in enumerate(lines, 1)]
    except csv.Error:
        most = csv.field_size_limit()
        raise BadDirectory(str(path), "file", "expected.csv_long", n=most) from None


def _of_workbook(raw: bytes, path: Path) -> Rows:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            if sum(one.file_size for one in book.infolist()) > MOST_BYTES:
                raise BadDirectory(str(path), "file", "expected.workbook", n=MOST_BYTES >> 20)
            strings = _strings(book)
            sheets = sorted(name for name in book.namelist() if _is_sheet(name))
            return list(_cells(_tree(book.read(sheets[0])), strings))
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, ElementTree.ParseError):
        raise BadDirectory(str(path), "file", "expected.xlsx") from None


def _is_sheet(name: str) -> bool:
    return re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name) is not None


def _tree(raw: bytes) -> ElementTree.Element:
    # A table has no use for a document type, and entities could make a small file grow.
    if b"<!DOCTYPE" in raw[:4096] or b"<!ENTITY" in raw:
        raise ValueError("a document type")
    return ElementTree.fromstring(raw)  # noqa: S314 - see above


def _strings(book: zipfile.ZipFile) -> list[str]:
    name = "xl/sharedStrings.xml"
    if name not in book.namelist():
        return []
    items = _tree(book.read(name)).iter(f"{_MAIN}si")
    return ["".join(part.text or "" for part in item.iter(f"{_MAIN}t")) for item in items]


def _cells(sheet: ElementTree.Element, strings: list[str]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(sheet.iter(f"{_MAIN}row"), 1):
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            place = _place(cell.get("r", ""), len(cells))
            cells += [""] * (place - len(cells))
            cells.append(_value(cell, strings).strip())
        yield int(row.get("r", number)), cells


def _place(reference: str, following: int) -> int:
    found = _COLUMN.match(reference)
    if found is None:
        return following
    place = 0
    for letter in found[0]:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _value(cell: ElementTree.Element, strings: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
    value = cell.findtext(f"{_MAIN}v") or ""
    return strings[int(value)] if cell.get("t") == "s" else value
