"""A document as neutral blocks: what is said, before any platform's or page's way of showing it."""

from __future__ import annotations

from dataclasses import dataclass


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


Block = Paragraph | Bullets | Note | Figures | Table | Strip


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of a document."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. `marking` (供内部参考) keeps it from passing for a formal one.

    `particulars` are the lines under the title (period, compiled by, for whom); `closing` are
    the lines at the foot. The office's own head, number, issuer and seal are not in it.
    """

    locale: str
    title: str
    marking: str
    particulars: tuple[str, ...]
    sections: tuple[Section, ...]
    closing: tuple[str, ...]
