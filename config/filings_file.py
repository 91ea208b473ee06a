"""Registers from a table: approved inspections, admitted matters, filed apps, lists of duties."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bot.domain.errors import BadDirectory, UserError
from bot.domain.filing_checks import check_entry
from bot.domain.filing_words import Vocabulary
from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.registers import Filing, Sort, plain
from bot.domain.vocabulary import KINDS, Kind
from config.load import LOCALES, load_texts
from config.table_file import read_rows

COLUMNS = (
    "number", "sort", "title", "line", "unit", "starts", "ends", "kinds", "words", "quota", "group",
)  # fmt: skip
NEEDED = ("number", "sort", "title", "starts", "ends")
_CHINESE = {
    "编号": "number", "类别": "sort", "事项": "title", "条线": "line", "单位": "unit",
    "开始": "starts", "截止": "ends", "负担类型": "kinds", "关键词": "words", "次数": "quota",
    "工作群": "group",
}  # fmt: skip
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_SEVERAL = re.compile(r"[、，,;；\s]+")
# Excel keeps a day as a number of days since this one.
_EXCEL_ZERO = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used: its number, and the key of the sentence that says why."""

    number: int
    expected: str


class BadFilings(BadDirectory):
    """Rows that cannot be used; none of the file is taken."""

    def __init__(self, where: str, rows: list[BadRow]) -> None:
        super().__init__(where, f"row {rows[0].number}", rows[0].expected)
        self.rows = rows


def filing_vocabulary() -> Vocabulary:
    """What a sort, a kind or a label may be called, in any language of ours."""
    sorts: dict[str, Sort] = {}
    kinds: dict[str, Kind] = {}
    labels: dict[str, str] = {}
    for locale in LOCALES:
        texts = load_texts(locale)
        for sort in Sort:
            named = (sort.value, texts(f"register_commands.sort.{sort}"))
            called = (*named, *texts(f"filing.sorts.{sort}").split())
            sorts |= dict.fromkeys((word.casefold() for word in called), sort)
        for kind in KINDS:
            called = (kind.value, texts(f"measures.name.{kind}"))
            for word in (*called, *texts(f"filing.kinds.{kind}").split()):
                kinds[word.casefold()] = kind
        for label in ("line", "words", "kinds"):
            words = texts(f"filing.labels.{label}").casefold().split()
            labels |= dict.fromkeys(words, label)
    return Vocabulary(sorts, kinds, labels)


def load_filings(path: Path, known: Vocabulary) -> list[Filing]:
    """Read a CSV or .xlsx table with a head of COLUMNS, in English or Chinese.

    `known` says what sorts and kinds are called. Raises BadFilings with every row that is wrong, BadDirectory for what is no such table.
    """
    rows = read_rows(path)
    head = [_CHINESE.get(cell, cell) for cell in rows[0][1]] if rows else []
    if any(name not in head for name in NEEDED):
        chinese = [word for word, name in _CHINESE.items() if name in NEEDED]
        columns = f"{', '.join(chinese)} ({', '.join(NEEDED)})"
        raise BadDirectory(str(path), "row 1", "expected.columns", columns=columns)
    found: dict[str, Filing] = {}
    wrong: list[BadRow] = []
    for number, cells in rows[1:]:
        row = dict(zip(head, [*cells, *[""] * len(head)], strict=False))
        try:
            filing = _filing(row, known)
            check_entry(filing)
            _refuse_twice(filing, found)
            found[plain(filing.number)] = filing
        except UserError as error:
            wrong.append(BadRow(number, error.key))
    if wrong:
        raise BadFilings(str(path), wrong)
    return list(found.values())


def _refuse_twice(filing: Filing, found: dict[str, Filing]) -> None:
    if plain(filing.number) in found:
        raise UserError("register_commands.expected.once")


def _filing(row: dict[str, str], known: Vocabulary) -> Filing:
    sort = known.sorts.get(row["sort"].casefold())
    if sort is None:
        raise UserError("register_commands.expected.sort")
    named = [word.casefold() for word in _SEVERAL.split(row.get("kinds", "")) if word]
    if any(word not in known.kinds for word in named):
        raise UserError("register_commands.expected.kinds")
    quota = row.get("quota", "")
    if quota and not re.fullmatch(r"\d{1,5}(?:\.0+)?", quota):
        raise UserError("register_commands.expected.quota")
    return Filing(
        number=row["number"],
        sort=sort,
        title=row["title"],
        starts=_day(row["starts"]),
        ends=_day(row["ends"]),
        unit=UnitCode(row.get("unit", "")),
        line=LineCode(row.get("line", "")),
        kinds=tuple(known.kinds[word] for word in named),
        words=tuple(word for word in _SEVERAL.split(row.get("words", "")) if word),
        quota=int(float(quota)) if quota else None,
        group=GroupCode(row.get("group", "")),
    )


def _day(written: str) -> date:
    if re.fullmatch(r"\d{5}(?:\.0+)?", written):
        return _EXCEL_ZERO + timedelta(days=int(float(written)))
    found = _DATE.fullmatch(written)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise UserError("register_commands.expected.date")
