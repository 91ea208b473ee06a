"""The annex of a document as an Excel workbook: typed cells, filters, no formula from anybody's text."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from bot.domain.documents import Document, Sheet

_WIDEST, _NARROWEST = 60, 8
_NO_TIME_OF_MAKING = datetime(2000, 1, 1)  # noqa: DTZ001 - the same bytes every time


def workbook(document: Document) -> bytes:
    """The bytes of an .xlsx file, the same for the same document.

    A text that begins with = + - or @ stays a text: nothing in a cell is ever a formula or a
    link. The first sheet says what the file is; a document without an annex has that sheet alone.
    """
    held = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(held, options) as book:
        book.set_properties({"title": document.title, "created": _NO_TIME_OF_MAKING})
        book.set_size(1600, 1000)
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        text = book.add_format({"text_wrap": True, "valign": "top"})
        number = book.add_format({"num_format": "0", "valign": "top"})
        _cover(book.add_worksheet(_tab(document.title)), document, head, text)
        for sheet in document.annex:
            _fill(book.add_worksheet(_tab(sheet.name)), sheet, head, text, number)
    return held.getvalue()


def _cover(page: Worksheet, document: Document, head: Format, text: Format) -> None:
    page.set_column(0, 0, _WIDEST)
    page.write_string(0, 0, document.title, head)
    for row, line in enumerate((document.marking, *document.particulars, *document.closing), 1):
        page.write_string(row, 0, line, text)
    _on_paper(page, document.marking)


def _fill(page: Worksheet, sheet: Sheet, head: Format, text: Format, number: Format) -> None:
    page.write_string(0, 0, sheet.caption)
    for place, column in enumerate(sheet.columns):
        page.write_string(1, place, column.title, head)
        page.set_column(place, place, _width(sheet, place))
    for line, row in enumerate(sheet.rows, 2):
        for place, cell in enumerate(row):
            if isinstance(cell, int):
                page.write_number(line, place, cell, number)
            elif cell:
                page.write_string(line, place, cell, text)
    page.autofilter(1, 0, len(sheet.rows) + 1, len(sheet.columns) - 1)
    page.freeze_panes(2, 1)
    _on_paper(page, sheet.caption)


def _on_paper(page: Worksheet, remark: str) -> None:
    page.set_paper(9)  # A4
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_footer(f"&L{remark.replace('&', '&&')}&R&P / &N")


def _width(sheet: Sheet, place: int) -> float:
    """In characters: the widest cell, a Chinese character taking two."""
    cells = (sheet.columns[place].title, *(str(row[place]) for row in sheet.rows))
    widest = max(sum(1 + (ord(one) > 0x2E7F) for one in cell) for cell in cells)
    return min(max(widest + 2, _NARROWEST), _WIDEST)


def _tab(name: str) -> str:
    """A name that Excel takes for a tab."""
    return "".join(" " if one in "[]:*?/\\" else one for one in name)[:31]
