"""A document as one HTML page that needs nothing else: no script, no address, no file beside it."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from bot.domain.documents import Document
from bot.renderings.charts import Chart, drawn, is_chart


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
    pages.tests["chart"] = is_chart
    pages.filters["drawn"] = _drawn
    return pages.get_template("digest.html.j2")


def _drawn(chart: Chart) -> Markup:
    # Every text in it was escaped where it was drawn.
    return Markup(drawn(chart))  # noqa: S704
