"""Every form of a digest says the document's figures, all of them, and the same each time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from docx import Document as open_word
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from bot.domain.documents import (
    Bar,
    Bars,
    Block,
    Bullets,
    Column,
    Document,
    Figures,
    Note,
    Paragraph,
    Row,
    Section,
    Sheet,
    Table,
)
from bot.renderings import forms
from bot.renderings.charts import charts_of, is_chart
from bot.renderings.forms import FORMS, rendered, written
from bot.renderings.json_document import encode_digest
from bot.renderings.typeset import LACKING, chart_picture
from tests.golden.weeks import WEEKS

FONTS = Path(forms.__file__).parent / "fonts"
PROMISED = frozenset((FONTS / "characters.txt").read_text("utf-8")) - {"\n"}
LOCALES = ("zh-CN", "en")
every_week = pytest.mark.parametrize(
    ("name", "locale"), [(name, locale) for name in WEEKS for locale in LOCALES]
)


@cache
def document_of(name: str, locale: str = "zh-CN") -> Document:
    """A week of the golden files."""
    return WEEKS[name](locale).document


@cache
def made_of(name: str, form: str, locale: str = "zh-CN") -> bytes:
    """The week in a form, made once for all that look at it."""
    return written(document_of(name, locale), form)


def squeezed(text: str) -> str:
    """Without the spaces and line ends that a page's layout puts between words."""
    return re.sub(r"\s", "", text)


def said_by(block: Block) -> Iterator[str]:
    """What a reader of the page must find of a block."""
    match block:
        case Paragraph(text) | Note(text):
            yield text
        case Bullets(items, _):
            yield from items
        case Figures(items):
            for one in items:
                yield from (one.label, one.value, one.remark)
        case Table(caption, columns, rows):
            yield caption
            yield from (column.title for column in columns)
            for row in rows:
                yield from row.cells
        case _ if is_chart(block):
            yield block.caption


def said(document: Document) -> list[str]:
    blocks = [block for section in document.sections for block in section.blocks]
    return [
        document.title,
        document.marking,
        *document.particulars,
        *(section.heading for section in document.sections),
        *(text for block in blocks for text in said_by(block) if text),
        *document.closing,
    ]


def word_text(made: bytes) -> str:
    file = open_word(BytesIO(made))
    section = file.sections[0]
    told = [paragraph.text for paragraph in (*section.header.paragraphs, *file.paragraphs)]
    told += [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return "\n".join(told)


def pdf_text(made: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages)


@every_week
def test_the_word_file_says_all_that_the_document_says(name: str, locale: str) -> None:
    document = document_of(name, locale)

    text = squeezed(word_text(made_of(name, "docx", locale)))

    assert [one for one in said(document) if squeezed(one) not in text] == []


@every_week
def test_the_pdf_says_all_that_the_document_says(name: str, locale: str) -> None:
    document = document_of(name, locale)

    text = squeezed(pdf_text(made_of(name, "pdf", locale)))

    assert [one for one in said(document) if squeezed(one) not in text] == []


@every_week
@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_no_number_stands_in_a_file_that_is_not_in_the_document(
    name: str, locale: str, form: str
) -> None:
    document = document_of(name, locale)
    cells = [str(cell) for sheet in document.printed_annex for row in sheet.rows for cell in row]
    heads = [column.title for sheet in document.annex for column in sheet.columns]
    charts = [one.sentence for one in charts_of(document)]
    before = [
        str(bar.before) for one in charts_of(document) if isinstance(one, Bars) for bar in one.bars
    ]
    captions = [sheet.caption for sheet in document.annex]
    known = " ".join((*said(document), *cells, *heads, *charts, *before, *captions))
    pages = [str(number) for number in range(1, 10)]
    listed = [f"{number}." for number in range(1, 41)]

    made = made_of(name, form, locale)
    text = word_text(made) if form == "docx" else pdf_text(made)

    numbers = set(re.findall(r"\d+", text)) - set(re.findall(r"\d+", " ".join(pages + listed)))
    assert numbers - set(re.findall(r"\d+", known)) == set()


@every_week
def test_the_workbook_holds_the_annex_cell_by_cell_with_numbers_as_numbers(
    name: str, locale: str
) -> None:
    document = document_of(name, locale)

    book = openpyxl.load_workbook(BytesIO(made_of(name, "xlsx", locale)))

    assert len(book.worksheets) == 1 + len(document.annex)
    for sheet, page in zip(document.annex, book.worksheets[1:], strict=True):
        head, *rows = list(page.iter_rows(min_row=2, values_only=True))
        assert head == tuple(column.title for column in sheet.columns)
        assert [tuple("" if cell is None else cell for cell in row) for row in rows] == list(
            sheet.rows
        )
        assert page.auto_filter.ref is not None


@pytest.fixture(scope="module")
def elsewhere() -> tuple[dict[str, str], ...]:
    """The sum of each form as two other processes make it."""
    program = (
        "import hashlib; from tests.golden.weeks import WEEKS;"
        "from bot.renderings.forms import FORMS, rendered;"
        "from bot.renderings.json_document import encode_digest;"
        "stored = encode_digest(WEEKS['busy']('zh-CN'));"
        "print(*(hashlib.sha256(rendered(stored, form)).hexdigest() for form in FORMS))"
    )

    def of(seed: str) -> dict[str, str]:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "America/New_York"},
            capture_output=True,
            text=True,
            check=True,
            timeout=100,
        )
        return dict(zip(FORMS, done.stdout.split(), strict=True))

    return of("1"), of("2")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_the_same_bytes_in_another_process(
    elsewhere: tuple[dict[str, str], ...], form: str
) -> None:
    one, other = elsewhere

    assert one[form] == other[form]


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_no_time_of_making_is_in_a_container(form: str) -> None:
    made = made_of("quiet", form)

    with ZipFile(BytesIO(made)) as container:
        assert {one.date_time for one in container.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def a_document(name: str, sheet_cell: str = "") -> Document:
    return Document(
        "zh-CN",
        name,
        "供内部参考",
        (name,),
        (
            Section(
                name,
                (
                    Paragraph(name),
                    Bullets((name,)),
                    Table(name, (Column(name),), (Row((name,), name),)),
                    Bars(name, name, "", (Bar(name, 3),), name),
                ),
            ),
        ),
        (name,),
        "附表",
        (Sheet("表", name, (Column(name),), ((sheet_cell or name,),)),),
        "〓：字库没有的字。",
    )


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "http://example.org", "'x"])
def test_no_name_becomes_a_formula_or_a_link(cell: str) -> None:
    book = openpyxl.load_workbook(BytesIO(written(a_document("名称", cell), "xlsx")))

    found = book.worksheets[1]["A3"]
    assert (found.value, found.data_type, found.hyperlink) == (cell, "s", None)


@pytest.mark.parametrize(
    "name", ["<b>&amp;", '#read("/etc/passwd")', "$x$ *y* _z_", "#{1 + 1} @ref <a>", "]]>&lt;"]
)
@pytest.mark.parametrize("form", ["docx", "pdf", "html"])
def test_no_name_becomes_markup(name: str, form: str) -> None:
    made = written(a_document(name), form)

    if form == "html":
        page = made.decode()
        assert name not in page.replace("&amp;", "&") or "<" not in name
        assert f"<h1>{name}" not in page or "<" not in name
    else:
        text = word_text(made) if form == "docx" else pdf_text(made)
        assert squeezed(name) in squeezed(text)


@pytest.mark.parametrize("form", ["pdf", "png"])
def test_a_character_that_the_type_lacks_is_shown_as_lacking(form: str) -> None:
    rare = "𠮷村"
    lacking = written(a_document(rare), form)

    assert lacking == written(a_document(f"{LACKING}村"), form) or form == "pdf"
    if form == "pdf":
        assert f"{LACKING}村" in pdf_text(lacking)
        assert "字库没有的字" in squeezed(pdf_text(lacking))
    assert rare in word_text(written(a_document(rare), "docx"))


def test_nothing_is_said_of_lacking_characters_where_none_lacks() -> None:
    assert "字库没有的字" not in squeezed(pdf_text(written(a_document("青石镇"), "pdf")))


@pytest.mark.parametrize("font", ["QingzhuangHei", "QingzhuangSong"])
def test_the_bundled_type_shows_what_it_promises_under_a_name_of_its_own(font: str) -> None:
    held = TTFont(FONTS / f"{font}.otf")
    assert {chr(code) for code in held.getBestCmap()} >= PROMISED
    assert len(PROMISED) > 9000
    assert "Noto" not in str(held["name"].getDebugName(1))
    assert "SIL Open Font License" in str(held["name"].getDebugName(13))


def test_every_character_of_our_own_sentences_is_in_the_type() -> None:
    used = {
        one
        for name in WEEKS
        for locale in LOCALES
        for text in said(document_of(name, locale))
        for one in text
    }

    assert used - PROMISED - {" "} == set()


def test_the_words_in_a_picture_are_drawn() -> None:
    """Without its font a renderer leaves text out and says nothing."""

    def of(label: str) -> bytes:
        return chart_picture(Bars("", label, "", (Bar(label, 3),), ""), "zh-CN")

    pictures = {of(label) for label in ("\u3000" * 4, "截图上报", "截图上根", "打卡接龙")}

    assert len(pictures) == 4
    assert min(len(of("截图上报")), len(of("打卡接龙"))) > 1.5 * len(of("\u3000" * 4))


def test_the_word_file_is_laid_out_by_the_standard() -> None:
    file = open_word(BytesIO(made_of("busy", "docx")))
    page = file.sections[0]

    def is_about(one: object, other: object) -> bool:
        return abs(int(one) - int(other)) < Mm(0.1)  # type: ignore[call-overload]

    assert is_about(page.page_width, Mm(210))
    assert is_about(page.page_height, Mm(297))
    assert is_about(page.page_width - page.left_margin - page.right_margin, Mm(156))
    assert is_about(page.page_height - page.top_margin - page.bottom_margin, Mm(225))
    assert is_about(page.top_margin, Mm(37))
    assert is_about(page.left_margin, Mm(28))
    sizes = {"Normal": Pt(16), "Title": Pt(22), "Heading 1": Pt(16), "Footer": Pt(14)}
    faces = {
        "Normal": "仿宋_GB2312",
        "Title": "方正小标宋简体",
        "Heading 1": "黑体",
        "Caption": "楷体_GB2312",
    }
    assert {name: file.styles[name].font.size for name in sizes} == sizes
    for name, face in faces.items():
        assert file.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")) == face
    for head, foot in (
        (page.header, page.footer),
        (page.even_page_header, page.even_page_footer),
    ):
        assert head.paragraphs[0].text == "供内部参考"
        assert 'w:instr="PAGE"' in foot.paragraphs[0]._p.xml
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in file.tables)


def test_a_picture_in_the_word_file_can_be_heard() -> None:
    document = document_of("busy")
    file = open_word(BytesIO(made_of("busy", "docx")))

    heard = [shape._inline.docPr.get("descr") for shape in file.inline_shapes]

    assert heard == [one.sentence for one in charts_of(document)]


@every_week
def test_the_pdf_keeps_the_page_to_one_page(name: str, locale: str) -> None:
    document = document_of(name, locale)

    first = PdfReader(BytesIO(made_of(name, "pdf", locale))).pages[0]

    assert squeezed(document.closing[-1]) in squeezed(first.extract_text())


def test_narrow_tables_of_the_annex_stand_side_by_side_and_none_is_torn() -> None:
    document = document_of("busy")
    width = {sheet.name: len(sheet.columns) for sheet in document.printed_annex}
    narrow = [sheet for sheet in document.printed_annex if width[sheet.name] < 5]
    assert len(narrow) > 1

    pages = [
        squeezed(page.extract_text()) for page in PdfReader(BytesIO(made_of("busy", "pdf"))).pages
    ]

    for sheet in document.printed_annex:
        (page,) = [page for page in pages if squeezed(sheet.caption) in page]
        if len(sheet.rows) <= 20:
            assert all(squeezed(str(row[0])) in page for row in sheet.rows), sheet.name


def test_the_annex_follows_on_the_page_where_a_page_that_is_too_long_ends() -> None:
    document = document_of("busy")
    more = Section("说明", tuple(Paragraph("本周工作要求。" * 20) for _ in range(30)))
    long = replace(document, sections=(*document.sections, more))

    pages = [
        squeezed(page.extract_text()) for page in PdfReader(BytesIO(written(long, "pdf"))).pages
    ]

    assert squeezed(document.closing[-1]) not in pages[0]
    (last,) = [page for page in pages if squeezed(document.closing[-1]) in page]
    assert squeezed(document.annex_title) in last


def test_all_forms_come_from_the_stored_bytes() -> None:
    digest = WEEKS["quiet"]("zh-CN")
    stored = encode_digest(digest)

    assert rendered(stored, "json") == stored
    for form in FORMS[:-1]:
        assert rendered(stored, form) == written(digest.document, form)
    with pytest.raises(KeyError):
        written(digest.document, "doc")
