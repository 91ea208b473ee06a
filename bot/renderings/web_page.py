"""A document as one HTML page that needs nothing else: no script, no address, no file beside it."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from bot.domain.documents import Document, Strip

SHADES = 4


def web_page(document: Document) -> str:
    """The page: readable on a telephone, in the dark and to a screen reader; prints on A4."""
    return _template().render(document=document)


@cache
def _template() -> Template:
    pages = Environment(
        loader=PackageLoader("bot.renderings"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pages.tests["block"] = lambda value, name: type(value).__name__ == name
    pages.filters["shades"] = _shades
    return pages.get_template("digest.html.j2")


def _shades(strip: Strip) -> list[int]:
    """For each cell 0 (nothing) to SHADES (the most of the week)."""
    most = max((cell.value for cell in strip.cells), default=0)
    return [-(-cell.value * SHADES // most) if most else 0 for cell in strip.cells]
