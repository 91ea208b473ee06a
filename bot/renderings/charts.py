"""Charts of a document as SVG: one drawing for the page, the PDF, the Word file and the picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from html import escape

from bot.domain.documents import Bars, Block, Document, Heat, HeatRow, Strip

WIDTH = 340
_SVG = "http://www.w3.org/2000/svg"
SHADES = 4
Chart = Bars | Heat | Strip

_CELL, _GAP, _HEAD = 26, 2, 18
_ROW, _BAR, _LEGEND = 15, 10, 19
_EM = 12
_LEAST_BAND = 8

# On paper and in pictures the colours are fixed; the page has its own, for light and for dark.
_ON_PAPER = """
text { font-family: 'Qingzhuang Hei'; font-size: 12px; fill: #1b1b1b }
.faint { fill: #5d5a55 }
.middle { text-anchor: middle }
.end { text-anchor: end }
.h0 { fill: #f1efe9 } .h1 { fill: #f0d9c6 } .h2 { fill: #e2ab83 } .h3 { fill: #c8743f } .h4 { fill: #9a4715 }
text.on3 { fill: #000 }
text.on4 { fill: #fff }
.bar { fill: #c8743f }
.mark { fill: #1b1b1b }
"""


def charts_of(document: Document) -> tuple[Chart, ...]:
    """All that is drawn, in its order."""
    return tuple(
        block
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Bars | Heat | Strip)
    )


def is_chart(block: Block) -> bool:
    """Whether a block is drawn."""
    return isinstance(block, Bars | Heat | Strip)


def drawn(chart: Chart) -> str:
    """The chart as an SVG element without colours: its classes wait for a page's style.

    A screen reader gets the sentence that says the same.
    """
    if isinstance(chart, Bars):
        return _bars(chart)
    return _heat(_one_band(chart) if isinstance(chart, Strip) else chart)


def on_paper(chart: Chart) -> str:
    """The chart as an SVG file of its own, in fixed colours and the bundled type."""
    svg = drawn(chart).replace("<svg ", f'<svg xmlns="{_SVG}" ', 1)
    end_of_tag = svg.index(">") + 1
    return f"{svg[:end_of_tag]}<style>{_ON_PAPER}</style>{svg[end_of_tag:]}"


def _one_band(strip: Strip) -> Heat:
    return Heat(
        strip.caption,
        tuple(cell.label for cell in strip.cells),
        tuple(cell.is_rest for cell in strip.cells),
        (HeatRow("", tuple(cell.value for cell in strip.cells)),),
        strip.sentence,
    )


def _heat(heat: Heat) -> str:
    labels = max((_width(row.label) for row in heat.rows), default=0)
    left = labels + _LEAST_BAND if labels else 0
    step = (WIDTH - left) / max(len(heat.columns), 1)
    shades = iter(_shades([value for row in heat.rows for value in row.values]))
    parts = []
    for place, (name, rest) in enumerate(zip(heat.columns, heat.rest, strict=True)):
        x = left + step * (place + 0.5)
        for line, part in enumerate(_folded(name, step)):
            tone = "middle" if rest else "middle faint"
            parts.append(_text(part, x, _EM + line * 13, tone))
    top = _HEAD + 13 * any(len(_folded(name, step)) > 1 for name in heat.columns)
    for number, row in enumerate(heat.rows):
        y = top + number * (_CELL + _GAP)
        if row.label:
            parts.append(_text(row.label, 0, y + _CELL / 2 + 4, "faint"))
        for place, value in enumerate(row.values):
            shade, x = next(shades), left + step * place
            parts.append(
                f'<rect class="h{shade}" x="{_n(x + 1)}" y="{_n(y)}" width="{_n(step - 2)}" '
                f'height="{_CELL}" rx="2"/>'
            )
            at = (x + step / 2, y + _CELL / 2 + 4)
            parts.append(_text(str(value), *at, f"middle on{shade}"))
    return _svg(top + len(heat.rows) * (_CELL + _GAP), heat.sentence, parts)


def _bars(bars: Bars) -> str:
    left = max((_width(bar.label) for bar in bars.bars), default=0) + 8
    said = [str(bar.value) for bar in bars.bars]
    room = WIDTH - left - max(map(_width, said), default=0) - 8
    most = max((max(bar.value, bar.before or 0) for bar in bars.bars), default=0) or 1
    parts = [f'<rect class="bar" x="0" y="3" width="10" height="{_BAR}"/>']
    parts.append(_text(bars.now, 15, 13, "faint"))
    if bars.before:
        x = 15 + _width(bars.now) + 16
        parts.append(f'<rect class="mark" x="{_n(x)}" y="1" width="2" height="{_BAR + 4}"/>')
        parts.append(_text(bars.before, x + 7, 13, "faint"))
    for number, (bar, told) in enumerate(zip(bars.bars, said, strict=True)):
        y = _LEGEND + number * _ROW
        end = left + room * bar.value / most
        parts.append(_text(bar.label, left - 8, y + 11, "end"))
        parts.append(
            f'<rect class="bar" x="{_n(left)}" y="{y + 2}" width="{_n(end - left)}" height="{_BAR}"/>'
        )
        if bars.before and bar.before is not None:
            at = left + room * bar.before / most
            end = max(end, at + 2)
            parts.append(
                f'<rect class="mark" x="{_n(at)}" y="{y}" width="2" height="{_BAR + 4}"/>'
            )
        parts.append(_text(told, end + 5, y + 11, ""))
    return _svg(_LEGEND + len(bars.bars) * _ROW + 2, bars.sentence, parts)


def _shades(values: list[int]) -> Iterable[int]:
    """For each value 0 (nothing) to SHADES (the most of all)."""
    most = max(values, default=0)
    return [-(-value * SHADES // most) if most else 0 for value in values]


def _folded(label: str, room: float) -> tuple[str, ...]:
    """A label in one line or, where it is too wide, broken before its bracket."""
    head, bracket, rest = label.partition("（") if "（" in label else label.partition(" (")
    if not bracket or _width(label) <= room:
        return (label,)
    return (head, (bracket + rest).strip())


def _width(text: str) -> float:
    """About how wide a text is: Chinese a full em, the rest six tenths."""
    wide = sum(unicodedata.east_asian_width(character) in "WFA" for character in text)
    return _EM * (wide + 0.6 * (len(text) - wide))


def _text(said: str, x: float, y: float, classes: str) -> str:
    named = f' class="{classes}"' if classes else ""
    return f'<text{named} x="{_n(x)}" y="{_n(y)}">{escape(said)}</text>'


def _svg(height: float, sentence: str, parts: list[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {_n(height)}" role="img" '
        f'aria-label="{escape(sentence)}">' + "".join(parts) + "</svg>"
    )


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
