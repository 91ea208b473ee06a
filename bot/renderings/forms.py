"""The forms that a published digest is written in, all from its stored bytes."""

from __future__ import annotations

from bot.domain.documents import Document
from bot.renderings.chat_markdown import chat_markdown
from bot.renderings.json_document import decode_digest
from bot.renderings.web_page import web_page

FORMS = ("md", "html", "docx", "pdf", "xlsx", "png", "json")


def rendered(stored: bytes, form: str) -> bytes:
    """A stored digest in one of FORMS; the same bytes every time. KeyError for another form."""
    return stored if form == "json" else written(decode_digest(stored).document, form)


def written(document: Document, form: str) -> bytes:
    """A document in one of FORMS but `json`."""
    # The libraries behind the files take half a second to load, and most commands need none.
    match form:
        case "md":
            return chat_markdown(document).encode()
        case "html":
            return web_page(document).encode()
        case "docx":
            from bot.renderings.word_file import word_file

            return word_file(document)
        case "pdf":
            from bot.renderings.typeset import pdf

            return pdf(document)
        case "png":
            from bot.renderings.typeset import picture

            return picture(document)
        case "xlsx":
            from bot.renderings.workbook import workbook

            return workbook(document)
    raise KeyError(form)
