"""A document as neutral blocks: what is said, before any platform's or page's way of showing it."""

from __future__ import annotations

from dataclasses import dataclass

MOST_PRINTED_ROWS = 60


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """Sentences of equal rank, numbered where the order is that of the document."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A remark that qualifies what stands before it."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline number: what, how many, and beside it the change or the unit."""

    label: str
    value: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Headline numbers side by side."""

    items: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head; numbers are set flush right."""

    title: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns, and the same as one sentence, where no table can be."""

    cells: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under one caption; the first cell of a row names what the row is about."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        if any(len(row.cells) != len(self.columns) for row in self.rows):
            raise ValueError("every row has one cell for each column")


@dataclass(frozen=True, slots=True)
class StripCell:
    """One day of a strip; `is_rest` marks a day that is not worked."""

    label: str
    value: int
    is_rest: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """A number for each day, to be shaded by size; `sentence` says the same in words."""

    caption: str
    cells: tuple[StripCell, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A band of the day: a number for each column of its chart."""

    label: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """Numbers by day and band of the day, to be shaded by size; `sentence` says the same.

    `rest` says of each column whether that day is not worked.
    """

    caption: str
    columns: tuple[str, ...]
    rest: tuple[bool, ...]
    rows: tuple[HeatRow, ...]
    sentence: str

    def __post_init__(self) -> None:
        widths = {len(self.columns), len(self.rest), *(len(row.values) for row in self.rows)}
        if len(widths) != 1:
            raise ValueError("every row has one number for each column")


@dataclass(frozen=True, slots=True)
class Bar:
    """A name with its number now and, where there is one to compare with, before."""

    label: str
    value: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """Numbers as bars, each with a mark where it was before; `sentence` says the same in words.

    `now` and `before` name the two; `before` is empty where nothing can be compared.
    """

    caption: str
    now: str
    before: str
    bars: tuple[Bar, ...]
    sentence: str


Block = Paragraph | Bullets | Note | Figures | Table | Strip | Heat | Bars


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the annex: numbers stay numbers, "" is no figure.

    `name` fits the tab of a workbook (at most 31 characters). `explains` marks a sheet without
    which the page cannot be understood, so that a chat gets it too; `repeats` one that says the
    page's table again, in typed cells, so that only a workbook needs it.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | int, ...], ...]
    explains: bool = False
    repeats: bool = False

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("every row has one cell for each column")


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of a document."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. `marking` (供内部参考) keeps it from passing for a formal one.

    `particulars` are the lines under the title (period, compiled by, for whom); `closing` are
    the lines at the foot. The office's own head, number, issuer and seal are not in it. The
    `annex` takes what would not fit on the page; `annex_title` stands over it. `unprintable` is
    said where the bundled type has no character for one, which is then shown as 〓.
    """

    locale: str
    title: str
    marking: str
    particulars: tuple[str, ...]
    sections: tuple[Section, ...]
    closing: tuple[str, ...]
    annex_title: str = ""
    annex: tuple[Sheet, ...] = ()
    unprintable: str = ""

    @property
    def printed_annex(self) -> tuple[Sheet, ...]:
        """The sheets that are printed behind the page; long ones stand in the workbook only."""
        return tuple(
            sheet
            for sheet in self.annex
            if not sheet.repeats and len(sheet.rows) <= MOST_PRINTED_ROWS
        )
