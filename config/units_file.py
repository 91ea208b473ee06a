"""Units from a CSV: their names, and the departments that they are on each platform."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.departments import Unit
from bot.domain.errors import BadDirectory
from bot.domain.groups import LineCode, UnitCode
from config.directory import decoded

COLUMNS = ("unit", "name", "line", "platform", "department")
MAY_STAND = ("staff", "level")
"""Columns that may be left out: how many work there, and whether it is a township or a village."""
LEVELS = {
    "": "", "township": "township", "village": "village",
    "乡镇": "township", "街道": "township", "村": "village", "社区": "village",
}  # fmt: skip
MOST_STAFF = 100_000
PLATFORMS = ("wecom", "dingtalk")
LONGEST = 64
LONGEST_NUMBER = 20


class BadRows(BadDirectory):
    """Rows that cannot be used, each with what was expected, as `units.expected` names it."""

    def __init__(self, where: str, rows: list[tuple[int, str]]) -> None:
        number, expected = rows[0]
        super().__init__(where, f"row {number}", f"units.expected.{expected}")
        self.rows = rows


@dataclass
class _Reading:
    names: dict[str, str] = field(default_factory=dict)
    scales: dict[str, tuple[int, str]] = field(default_factory=dict)
    places: dict[str, list[tuple[str, str, LineCode]]] = field(default_factory=dict)
    taken: set[tuple[str, str]] = field(default_factory=set)
    wrong: list[tuple[int, str]] = field(default_factory=list)


def load_units(path: Path) -> list[Unit]:
    """Read the CSV (UTF-8 or GBK, as Excel writes it), a row a department or a unit without any.

    Raises BadRows with every row that is wrong, BadDirectory when it is no such file at all.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadDirectory(str(path), "file", "expected.readable", reason=error.strerror) from None
    rows = csv.DictReader(io.StringIO(decoded(raw, path), newline=""))
    reading = _Reading()
    try:
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise BadDirectory(str(path), "row 1", "expected.columns", columns=", ".join(COLUMNS))
        for number, row in enumerate(rows, 2):
            cells = {name: (row.get(name) or "").strip() for name in (*COLUMNS, *MAY_STAND)}
            if any(cells.values()):
                _take(cells, number, reading)
    except csv.Error:
        most = csv.field_size_limit()
        raise BadDirectory(str(path), "file", "expected.csv_long", n=most) from None
    if reading.wrong:
        raise BadRows(str(path), reading.wrong)
    return [
        Unit(
            UnitCode(code),
            name,
            tuple(reading.places.get(code, ())),
            *reading.scales.get(code, (0, "")),
        )
        for code, name in sorted(reading.names.items())
    ]


def _take(cells: dict[str, str], number: int, reading: _Reading) -> None:
    trouble = _trouble(cells, reading)
    if trouble:
        reading.wrong.append((number, trouble))
        return
    code, name = cells["unit"], cells["name"]
    reading.names[code] = name or reading.names.get(code, code)
    staff, level = reading.scales.get(code, (0, ""))
    reading.scales[code] = (int(cells["staff"] or staff), LEVELS[cells["level"]] or level)
    if cells["department"]:
        place = (cells["platform"], cells["department"])
        reading.taken.add(place)
        reading.places.setdefault(code, []).append((*place, LineCode(cells["line"])))


def _trouble(cells: dict[str, str], reading: _Reading) -> str:
    """Which expectation a row does not meet (a key of units.expected); empty where it is right."""
    code, name = cells["unit"], cells["name"]
    if not code or not _is_code(code) or not _is_code(cells["line"]):
        return "codes"
    if name and reading.names.get(code, name) not in (name, code):
        return "one_name"
    if cells["staff"] and not (cells["staff"].isdecimal() and int(cells["staff"]) <= MOST_STAFF):
        return "staff"
    if cells["level"] not in LEVELS:
        return "level"
    if not cells["department"]:
        return "department" if cells["platform"] else ""
    if cells["platform"] not in PLATFORMS:
        return "platform"
    if not cells["department"].isdecimal() or len(cells["department"]) > LONGEST_NUMBER:
        return "department"
    if not cells["line"]:
        return "line"
    return "once" if (cells["platform"], cells["department"]) in reading.taken else ""


def _is_code(text: str) -> bool:
    return len(text) <= LONGEST and not any(letter.isspace() for letter in text)
