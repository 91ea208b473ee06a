"""A closed week → its Digest: published figures and the document that tells them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.anonymity import ProtectedTable
from bot.domain.burden import Estimate, MinutesTable
from bot.domain.coming_week import ComingWeek
from bot.domain.coverage import Coverage
from bot.domain.digest_annex import annex
from bot.domain.digest_brief import Brief
from bot.domain.digest_corrected import Reissue, correction_section, correction_sheet
from bot.domain.digest_figures import DigestFigures, figures_of
from bot.domain.digest_sections import sections
from bot.domain.digest_words import Names, Words
from bot.domain.documents import Document
from bot.domain.periods import Week
from bot.domain.texts import Texts
from bot.domain.work_calendar import WorkCalendar

SHOWN_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Masthead:
    """Whom a digest is for and who compiled it; the office's own head, number and seal are not ours."""

    office: str
    title: str
    compiled_by: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What is published of a week to an office: numbers for machines, a document for people."""

    week: Week
    office: str
    figures: DigestFigures
    document: Document


def compose_digest(
    week: Week,
    protected: ProtectedTable,
    coverage: Coverage,
    masthead: Masthead,
    *,
    names: Names,
    calendar: WorkCalendar,
    texts: Texts,
    smallest_group: int,
    estimate: Estimate | None = None,
    previous: DigestFigures | None = None,
    year_ago: DigestFigures | None = None,
    reissue: Reissue | None = None,
    logged: tuple[int, bytes] | None = None,
    coming: ComingWeek | None = None,
) -> Digest:
    """The digest of a closed week, the same for the same arguments.

    Changes are computed from `previous` and `year_ago`, which are published figures. A year
    without a calendar is said, not refused. With `reissue` it is a correction. `logged` is the
    size and root of the log before it, which whoever keeps the page thereby keeps.
    `coming` is what the office registered of the week that begins.
    """
    words = Words(texts, names)
    hours, minutes = (estimate.hours, estimate.table) if estimate else (None, None)
    figures = figures_of(week, masthead.office, protected, coverage, previous, hours)
    figures = replace(figures, next_week=coming)
    if reissue is not None:
        figures = replace(
            figures,
            issue=reissue.number,
            corrected=_taken_out(figures, reissue.before),
            complaints=reissue.before.complaints,
            complaints_withheld=reissue.before.complaints_withheld,
        )
    if logged is not None:
        figures = replace(figures, log_size=logged[0], log_root=logged[1].hex())
    document = written(
        figures,
        masthead,
        Background(words, calendar, smallest_group, minutes, previous, year_ago, reissue),
    )
    return Digest(week, masthead.office, figures, document)


def _taken_out(now: DigestFigures, before: DigestFigures) -> dict[str, int]:
    """By how much each total lies below the week's tallies, by this issue and those before it."""
    gone = {
        measure: before.corrected.get(measure, 0)
        + before.totals.get(measure, 0)
        - now.totals.get(measure, 0)
        for measure in sorted(before.totals.keys() | now.totals.keys())
    }
    return {measure: n for measure, n in gone.items() if n}


def log_foot(log_size: int, log_root: str, texts: Texts) -> tuple[str, ...]:
    """The line that says which log lay before a document; none where there was no log."""
    if not log_size:
        return ()
    root = log_root[:SHOWN_DIGITS]
    groups = " ".join(root[at : at + 4] for at in range(0, len(root), 4))
    return (texts("proof.foot", size=log_size, root=groups),)


@dataclass(frozen=True, slots=True)
class Background:
    """What a digest's words need besides its own figures; all of it published or configured."""

    words: Words
    calendar: WorkCalendar
    smallest_group: int
    minutes: MinutesTable | None = None
    previous: DigestFigures | None = None
    year_ago: DigestFigures | None = None
    reissue: Reissue | None = None


def written(figures: DigestFigures, masthead: Masthead, of: Background) -> Document:
    """The document that tells these figures, in the language of the words."""
    words, texts, reissue = of.words, of.words.texts, of.reissue
    week = Week.parse(figures.week)
    brief = Brief(
        week, figures, of.previous, of.year_ago, of.calendar, words, of.smallest_group, of.minutes
    )
    return Document(
        locale=texts.locale,
        title=texts("correction.title" if reissue else "digest.document.title"),
        marking=texts("digest.document.marking"),
        particulars=(
            texts(
                "digest.document.period",
                first=words.full_day(week.monday),
                last=words.full_day(week.sunday),
                week=week,
            ),
            texts("digest.document.office", office=masthead.title),
            texts("digest.document.compiled", compiled_by=masthead.compiled_by),
        ),
        sections=(
            *((correction_section(figures, reissue, words),) if reissue else ()),
            *sections(brief),
        ),
        closing=(
            texts("digest.document.foot_words"),
            texts("digest.document.foot_proof"),
            *log_foot(figures.log_size, figures.log_root, texts),
        ),
        annex_title=texts("annex.title"),
        annex=(
            *annex(brief),
            *((correction_sheet(figures, reissue, words),) if reissue else ()),
        ),
        unprintable=texts("annex.unprintable"),
    )
