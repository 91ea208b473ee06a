"""A document as chat markdown: the common subset of both platforms, no tables, short paragraphs."""

from __future__ import annotations

from bot.domain.documents import (
    Bars,
    Block,
    Bullets,
    Document,
    Figures,
    Heat,
    Note,
    Paragraph,
    Section,
    Sheet,
    Strip,
    Table,
)

# Names come from the registry, and a name must not turn into markup, a mention or a link.
_NEUTRAL = str.maketrans("*_[]<>@`#|\\", "＊＿［］＜＞＠｀＃｜＼")


def chat_markdown(document: Document) -> str:
    """Headings, bold, list lines and paragraphs, blank lines between them.

    Every paragraph and list line stands on a line of its own, so that a platform may cut
    between any two lines without cutting a row in half.
    """
    parts = [f"# {_plain(document.title)}", _lines((document.marking, *document.particulars))]
    for section in document.sections:
        parts.extend(_section(section))
    parts.extend(_sheet(sheet) for sheet in document.annex if sheet.explains)
    parts.append(_lines(document.closing))
    return "\n\n".join(part for part in parts if part) + "\n"


def _plain(text: str) -> str:
    return " ".join(text.split()).translate(_NEUTRAL)


def _lines(items: tuple[str, ...]) -> str:
    return "\n".join(f"> {_plain(item)}" for item in items)


def _section(section: Section) -> list[str]:
    return [f"## {_plain(section.heading)}", *(_block(block) for block in section.blocks)]


def _block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return _plain(text)
        case Note(text):
            return f"> {_plain(text)}"
        case Bullets(items, numbered):
            return "\n".join(
                f"{number}. {_plain(item)}" if numbered else f"- {_plain(item)}"
                for number, item in enumerate(items, 1)
            )
        case Figures(items):
            return "\n".join(
                f"- {_plain(one.label)} **{_plain(one.value)}**"
                + (f" {_plain(one.remark)}" if one.remark else "")
                for one in items
            )
        case Table(caption, _, rows):
            told = "\n".join(f"- {_plain(row.sentence)}" for row in rows)
            return f"**{_plain(caption)}**" + (f"\n\n{told}" if told else "")
        case Strip() | Heat() | Bars():
            return _plain(block.sentence)


def _sheet(sheet: Sheet) -> str:
    told = (f"- {_plain(' '.join(str(cell) for cell in row))}" for row in sheet.rows)
    return "\n".join((f"**{_plain(sheet.caption)}**", "", *told))
