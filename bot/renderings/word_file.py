"""A document as an editable Word file in the page, type and line pitch of GB/T 9704-2012.

The standard's facts: A4; 37 mm above, 28 mm beside the binding, a type area of 156 by 225 mm; 22
lines of 28 characters in size 3 (16 pt); the title in size 2; first-level heads in 黑体; page
numbers in size 4 between dashes, odd ones right and even ones left. Head, number, issuer and seal
belong to the office and stay empty.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from docx import Document as new_file
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table as WordTable

from bot.domain.documents import (
    Bars,
    Block,
    Bullets,
    Column,
    Document,
    Figures,
    Heat,
    Note,
    Paragraph,
    Sheet,
    Strip,
    Table,
)
from bot.renderings.archives import without_times
from bot.renderings.charts import Chart
from bot.renderings.typeset import chart_picture

SIZE_2, SIZE_3, SIZE_4, SIZE_5 = Pt(22), Pt(16), Pt(14), Pt(10.5)
_LINE_PITCH = 579  # twips: 225 mm / 22 lines
_TIGHTENED = -4  # twentieths of a point: 28 characters of 16 pt would be 2 mm too long
_MOST_COLUMNS = 8
_AREA = 156  # mm
_TABLE_TEXT, _NOTE = "Table Text", "Note Text"


def word_file(document: Document) -> bytes:
    """The bytes of a .docx file, the same for the same document: no time of making in it.

    Styles carry the look, so that an office changes one and the whole file follows. Lists are
    Word's own numbering, tables real ones with a repeated head; a chart is a picture whose
    alternative text says its numbers.
    """
    made = new_file()
    _forget_the_template(made)
    _styles(made, document.locale)
    _page(made, document)
    made.add_paragraph(document.title, style="Title")
    for line in document.particulars:
        made.add_paragraph(line, style=_NOTE)
    for section in document.sections:
        made.add_heading(section.heading, 1)
        for block in section.blocks:
            _block(made, block, document.locale)
    for line in document.closing:
        made.add_paragraph(line, style=_NOTE)
    _annex(made, document)
    held = BytesIO()
    made.save(held)
    return without_times(held.getvalue())


def _block(made: WordDocument, block: Block, locale: str) -> None:
    match block:
        case Paragraph(text):
            made.add_paragraph(text)
        case Note(text):
            made.add_paragraph(text, style=_NOTE)
        case Bullets(items, numbered):
            # The digits are written: Word's own numbering would run on from list to list.
            for number, item in enumerate(items, 1):
                made.add_paragraph(f"{number}. {item}" if numbered else item)
        case Figures(items):
            _table(
                made,
                tuple(Column(one.label) for one in items),
                [tuple(f"{one.value} {one.remark}".strip() for one in items)],
            )
        case Table(caption, columns, rows):
            made.add_paragraph(caption, style="Caption")
            _table(made, columns, [row.cells for row in rows])
        case Strip() | Heat() | Bars():
            _chart(made, block, locale)


def _chart(made: WordDocument, chart: Chart, locale: str) -> None:
    made.add_paragraph(chart.caption, style="Caption")
    holder = made.add_paragraph(style=_TABLE_TEXT)
    holder.alignment = WD_ALIGN_PARAGRAPH.CENTER
    picture = holder.add_run().add_picture(BytesIO(chart_picture(chart, locale)), width=Mm(100))
    picture._inline.docPr.set("descr", chart.sentence)
    made.add_paragraph(chart.sentence, style=_NOTE)


def _annex(made: WordDocument, document: Document) -> None:
    sheets = [one for one in document.printed_annex if len(one.columns) <= _MOST_COLUMNS]
    if not sheets:
        return
    heading = made.add_heading(document.annex_title, 1)
    heading.paragraph_format.page_break_before = True
    for sheet in sheets:
        made.add_paragraph(sheet.caption, style="Caption")
        _sheet(made, sheet)


def _sheet(made: WordDocument, sheet: Sheet) -> None:
    _table(made, sheet.columns, [tuple(str(cell) for cell in row) for row in sheet.rows])


def _table(made: WordDocument, columns: tuple[Column, ...], rows: list[tuple[str, ...]]) -> None:
    table = made.add_table(rows=1 + len(rows), cols=len(columns), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _repeat_head(table)
    widths = _widths(columns, rows)
    for place, width in zip(table.columns, widths, strict=True):
        place.width = width
    texts = [tuple(column.title for column in columns), *rows]
    # Asking a table for a cell counts all cells each time; its rows are cheaper.
    for row, held in zip(texts, list(table.rows), strict=True):
        for text, cell, column, width in zip(row, held.cells, columns, widths, strict=True):
            cell.width = width
            _fill(cell, text, right=column.is_number)
    made.add_paragraph(style=_TABLE_TEXT)


def _widths(columns: tuple[Column, ...], rows: list[tuple[str, ...]]) -> list[Any]:
    """The type area shared out by the widest texts; a long one does not squeeze the others out."""
    texts = [tuple(column.title for column in columns), *rows]
    wanted = [
        min(max(sum(1 + (ord(one) > 0x2E7F) for one in row[place]) for row in texts), 60) + 5
        for place in range(len(columns))
    ]
    return [Mm(_AREA * one / sum(wanted)) for one in wanted]


def _fill(cell: Any, text: str, *, right: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.style = _TABLE_TEXT
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.add_run(text)


def _repeat_head(table: WordTable) -> None:
    properties = table.rows[0]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))


def _styles(made: WordDocument, locale: str) -> None:
    faces = _faces(locale)
    styles = made.styles
    for name in (_TABLE_TEXT, _NOTE):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    looks = {
        "Normal": ("body", SIZE_3),
        "Title": ("title", SIZE_2),
        "Heading 1": ("head", SIZE_3),
        "Caption": ("caption", Pt(12)),
        _TABLE_TEXT: ("body", SIZE_5),
        _NOTE: ("body", Pt(12)),
        "Header": ("head", SIZE_4),
        "Footer": ("page_number", SIZE_4),
    }
    for name, (role, size) in looks.items():
        _look(styles[name], faces[role], size)
    tight = OxmlElement("w:spacing")
    tight.set(qn("w:val"), str(_TIGHTENED))
    styles["Normal"].element.get_or_add_rPr().append(tight)
    body = styles["Normal"].paragraph_format
    body.line_spacing_rule, body.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
    body.space_before = body.space_after = Pt(0)
    if locale.startswith("zh"):
        _indent(styles["Normal"], 2)
    for name in ("Title", "Heading 1", "Caption", _TABLE_TEXT, _NOTE, "Header", "Footer"):
        form = styles[name].paragraph_format
        form.space_before = form.space_after = Pt(0)
        _indent(styles[name], 2 if name == "Heading 1" and locale.startswith("zh") else 0)
    for name, pitch in (("Title", 34), (_TABLE_TEXT, 15), (_NOTE, 19), ("Caption", 22)):
        styles[name].paragraph_format.line_spacing = Pt(pitch)
    styles[_TABLE_TEXT].paragraph_format.line_spacing_rule = WD_LINE_SPACING.AT_LEAST
    for name in (_TABLE_TEXT, _NOTE):
        free = OxmlElement("w:snapToGrid")
        free.set(qn("w:val"), "0")
        styles[name].element.get_or_add_pPr().insert(0, free)
    styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    styles["Title"].paragraph_format.space_after = Pt(10)
    styles["Caption"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    styles["Caption"].paragraph_format.keep_with_next = True


def _look(style: Any, faces: tuple[str, str], size: Any) -> None:
    chinese, latin = faces
    font = style.font
    font.size, font.bold, font.italic = size, False, False
    font.color.rgb = None
    properties = style.element.get_or_add_rPr()
    old = properties.find(qn("w:rFonts"))
    if old is not None:  # the template's theme faces would win over ours
        properties.remove(old)
    named = OxmlElement("w:rFonts")
    for script, face in (
        ("w:ascii", latin),
        ("w:hAnsi", latin),
        ("w:cs", latin),
        ("w:eastAsia", chinese),
    ):
        named.set(qn(script), face)
    properties.insert(0, named)
    tongue = OxmlElement("w:lang")  # or a reader sets Chinese with Japanese stops
    tongue.set(qn("w:val"), "en-US")
    tongue.set(qn("w:eastAsia"), "zh-CN")
    spoken = properties.find(qn("w:lang"))
    if spoken is not None:
        properties.remove(spoken)
    properties.append(tongue)
    for mark in ("w:color", "w:spacing", "w:kern"):
        found = properties.find(qn(mark))
        if found is not None:
            properties.remove(found)
    border = style.element.get_or_add_pPr().find(qn("w:pBdr"))
    if border is not None:
        style.element.pPr.remove(border)


def _indent(style: Any, characters: int) -> None:
    """A first line set in by so many characters, whatever their size."""
    properties = style.element.get_or_add_pPr()
    indent = properties.get_or_add_ind()
    indent.set(qn("w:firstLineChars"), str(100 * characters))
    indent.set(qn("w:firstLine"), str(320 * characters))


def _page(made: WordDocument, document: Document) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(24), Mm(25)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(_LINE_PITCH))
    made.settings.odd_and_even_pages_header_footer = True
    for holder, foot, side in (
        (section.header, section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_header, section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        marking = holder.paragraphs[0]
        marking.text, marking.style = document.marking, made.styles["Header"]
        marking.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        number = foot.paragraphs[0]
        number.style, number.alignment = made.styles["Footer"], side
        _page_number(number)


def _page_number(paragraph: Any) -> None:
    paragraph.add_run("— ")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run = OxmlElement("w:r")
    shown = OxmlElement("w:t")
    shown.text = "1"
    run.append(shown)
    field.append(run)
    paragraph._p.append(field)
    paragraph.add_run(" —")


def _forget_the_template(made: WordDocument) -> None:
    """The template's author and dates say nothing about this file."""
    properties = made.core_properties._element
    for held in list(properties):
        properties.remove(held)


@cache
def _faces(locale: str) -> dict[str, tuple[str, str]]:
    held = tomllib.loads((files("bot.renderings") / "faces.toml").read_text("utf-8"))
    return {role: (faces[0], faces[1]) for role, faces in held[locale].items()}
