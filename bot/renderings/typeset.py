"""A document set in the bundled type by typst: a PDF to print, a picture for a chat."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from bot.domain.documents import Document, Section
from bot.renderings.charts import Chart, charts_of, on_paper
from bot.renderings.json_document import plain

LACKING = "〓"
_HERE = Path(str(files("bot.renderings")))
_PIXELS_PER_INCH = 192


def pdf(document: Document) -> bytes:
    """A tagged PDF: one A4 page as long as the smallest usual type allows it, the annex behind.

    The same bytes for the same document: there is no time of making in it.
    """
    return _set("digest.typ", document, format="pdf")


def picture(document: Document) -> bytes:
    """A PNG with title, headline numbers and charts, 983 pixels wide."""
    return _set("picture.typ", document, format="png", ppi=_PIXELS_PER_INCH)


def chart_picture(chart: Chart, locale: str) -> bytes:
    """A PNG of one chart alone."""
    alone = Document(locale, "", "", (), (Section("", (chart,)),), ())
    return _set("chart.typ", alone, format="png", ppi=_PIXELS_PER_INCH)


def _set(template: str, document: Document, **options: Any) -> bytes:
    held = plain(document) | {"annex": plain(document.printed_annex), "unprintable": ""}
    page = _printable(held)
    charts = [
        {"caption": one.caption, "sentence": one.sentence, "svg": on_paper(one)}
        for one in charts_of(document)
    ]
    if page != held:
        page["closing"].append(document.unprintable)
    made = typst.compile(
        (_HERE / "templates" / template).read_bytes(),
        font_paths=_type(),
        sys_inputs={"document": json.dumps(page), "charts": json.dumps(_printable(charts))},
        **options,
    )
    if not isinstance(made, bytes):
        raise TypeError("one page or one file was expected")
    return made


@cache
def _type() -> typst.Fonts:
    # Of the machine's own fonts none: the same bytes everywhere, and nothing that nobody looked at.
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(_HERE / "fonts")],
    )


def _printable(held: Any) -> Any:
    """The same with 〓 for every character that the bundled type lacks; typst would drop it."""
    if isinstance(held, str):
        return "".join(one if one in _characters() else LACKING for one in held)
    if isinstance(held, dict):
        return {name: _printable(value) for name, value in held.items()}
    if isinstance(held, list):
        return [_printable(value) for value in held]
    return held


@cache
def _characters() -> frozenset[str]:
    return frozenset((_HERE / "fonts" / "characters.txt").read_text("utf-8")) | {" ", "\u00a0"}
