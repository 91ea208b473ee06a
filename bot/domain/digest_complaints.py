"""The digest's section on complaints: what the office returned, or that there is nothing yet."""

from __future__ import annotations

from bot.domain.complaint_figures import ComplaintFigures
from bot.domain.digest_brief import Brief
from bot.domain.documents import Block, Bullets, Paragraph
from bot.domain.people_figures import PeopleFigure


def complaints(brief: Brief) -> list[Block]:
    """Not open; open and nothing returned yet; or a paragraph for each week that was returned."""
    texts, found = brief.texts, brief.now.complaints
    if found is None:
        return [Paragraph(texts("digest.complaints.not_open"))]
    kept_back = [
        Paragraph(texts("release_gate.digest.withheld", week=week))
        for week in brief.now.complaints_withheld
    ]
    if not found:
        not_yet = Paragraph(texts("digest.complaints.not_yet", week=brief.week.shifted(-1)))
        return [*kept_back] or [not_yet]
    return [
        *kept_back,
        Bullets(tuple(_told(brief, each) for each in found), numbered=len(found) > 1),
        Paragraph(texts("digest.complaints.explained")),
    ]


def _told(brief: Brief, figures: ComplaintFigures) -> str:
    texts, separator = brief.texts, brief.texts("digest.dates.separator")
    shown = [
        texts(
            "digest.complaints.category",
            category=texts(f"complaint_box.category.{each.category.value}"),
            n=_number(brief, each.people),
        )
        for each in figures.by_category
        if each.people.value is not None
    ]
    sentences = [
        texts("digest.complaints.total", week=figures.week, n=_number(brief, figures.total)),
        texts("digest.complaints.categories", categories=separator.join(shown))
        if shown
        else texts("digest.complaints.no_category"),
        texts("digest.complaints.answered", n=_number(brief, figures.answered)),
    ]
    if figures.median_weeks is not None:
        sentences.append(texts("digest.complaints.median", weeks=figures.median_weeks))
    if figures.remedies:
        done = [texts(f"complaint_box.remedy.{each.value}") for each in figures.remedies]
        sentences.append(texts("digest.complaints.done", done=separator.join(done)))
    if figures.purged.value is not None:
        sentences.append(texts("digest.complaints.purged", n=_number(brief, figures.purged)))
    return texts("digest.dates.sentence_gap").join(sentences)


def _number(brief: Brief, figure: PeopleFigure) -> str:
    if figure.value is None:
        return brief.texts("digest.complaints.hidden")
    key = "or_more" if figure.or_more else "people"
    return brief.texts(f"digest.complaints.{key}", n=figure.value)
