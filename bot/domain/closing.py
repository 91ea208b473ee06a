"""A month or a quarter, added up from published weeks → a document of the digest's parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain.adding_up import AddedUp, Repeated
from bot.domain.digest import Masthead, log_foot
from bot.domain.digest_words import Words
from bot.domain.documents import (
    Bar,
    Bars,
    Block,
    Bullets,
    Column,
    Document,
    Figure,
    Figures,
    Paragraph,
    Row,
    Section,
    Sheet,
    Table,
)
from bot.domain.issues import FIRST
from bot.domain.spans import Span
from bot.domain.tallies import COUNTED, Counted
from bot.domain.texts import Texts
from bot.domain.vocabulary import KINDS, Measure, Tallied

HEADLINES: tuple[Counted, ...] = (Tallied.EPISODES, Measure.REPEAT, Measure.OFF_HOURS)
MOST_REPEATED = 12
_KINDS = (*(Measure(kind.value) for kind in KINDS), Measure.SHORT_NOTICE)


@dataclass(frozen=True, slots=True)
class Closing:
    """What a closing is written from. `targets` are changes on the year before, in per cent.

    Of a further `issue`, `corrected` are the weeks that are others now, or came in, since the
    `former` one. `is_running`: the span is not over. `logged` is the size of the proof log before
    it and its root, hexadecimal; None for what is not published.
    """

    span: Span
    now: AddedUp
    before: AddedUp | None
    year_ago: AddedUp | None
    words: Words
    targets: Mapping[Measure, float]
    issue: int = FIRST
    corrected: tuple[str, ...] = ()
    former: AddedUp | None = None
    is_running: bool = False
    logged: tuple[int, str] | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Weeks of the span that were not published."""
        return tuple(str(week) for week in self.span.weeks if str(week) not in self.now.weeks)

    def amount(self, measure: Counted) -> str:
        """The sum; a zero is said only where every week was heard."""
        n = self.now.total(measure)
        if n == 0 and (self.now.silent_weeks or self.missing):
            return self.words.texts("digest.overall.not_recorded")
        return self.words.count(measure, n)


def closing_document(closing: Closing, masthead: Masthead) -> Document:
    """The closing's page and annex, the same for the same arguments."""
    texts, weeks = closing.words.texts, closing.span.weeks
    kind = "quarter" if closing.span.is_quarter else "month"
    particulars = (
        texts(
            f"closing.document.{kind}",
            span=closing.span,
            first=closing.words.full_day(weeks[0].monday),
            last=closing.words.full_day(weeks[-1].sunday),
            weeks=len(weeks),
        ),
        *_issue(closing),
        texts("digest.document.office", office=masthead.title),
        texts("digest.document.compiled", compiled_by=masthead.compiled_by),
    )
    parts: tuple[tuple[str, list[Block]], ...] = (
        ("overall", _overall(closing)),
        ("repeated", _repeated(closing)),
        ("targets", _targets(closing)),
        ("notes", [Bullets(tuple(_notes(closing)), numbered=True)]),
    )
    return Document(
        locale=texts.locale,
        title=texts(f"closing.document.title_{kind}"),
        marking=texts("digest.document.marking"),
        particulars=particulars,
        sections=tuple(
            Section(texts(f"closing.sections.{name}"), tuple(blocks)) for name, blocks in parts
        ),
        closing=(
            texts("closing.document.foot_words"),
            texts("closing.document.foot"),
            *(_proof(*closing.logged, texts) if closing.logged is not None else ()),
        ),
        annex_title=texts("annex.title"),
        annex=tuple(sheet for sheet in (_by_week(closing), *_by_whom(closing)) if sheet.rows),
        unprintable=texts("annex.unprintable"),
    )


def _proof(log_size: int, log_root: str, texts: Texts) -> tuple[str, ...]:
    return texts("closing.document.foot_proof"), *log_foot(log_size, log_root, texts)


def _issue(closing: Closing) -> tuple[str, ...]:
    """Which issue it is, and what is another than in the one before; empty for a first one."""
    texts, words = closing.words.texts, closing.words
    if closing.is_running:
        return (texts("closing.document.running"),)
    if closing.former is None:
        return ()
    moved = [
        texts(
            "closing.document.moved",
            name=words.measure(one),
            before=closing.former.total(one),
            now=closing.now.total(one),
        )
        for one in COUNTED
        if closing.former.total(one) != closing.now.total(one)
    ]
    changes = words.joined(moved) or texts("closing.document.unmoved")
    weeks = words.joined(closing.corrected)
    return (texts("closing.document.issue", number=closing.issue, weeks=weeks, changes=changes),)


def _overall(closing: Closing) -> list[Block]:
    texts, words, now = closing.words.texts, closing.words, closing.now
    before = closing.before
    figures = [
        Figure(
            words.measure(one),
            closing.amount(one),
            _moved(closing, one),
        )
        for one in HEADLINES
    ]
    said = [texts("closing.overall.lead", weeks=len(now.weeks), of=len(closing.span.weeks))]
    if now.person_hours and now.person_hours.high:
        hours = now.person_hours
        said.append(texts("closing.overall.hours", low=hours.low, high=hours.high))
    if now.lines:
        lines = [
            texts("digest.overall.item", name=words.line(code), count=words.count(_EPISODES, n))
            for code, row in now.lines.items()
            if (n := row.get(_EPISODES.value, 0))
        ]
        if lines:
            said.append(texts("digest.overall.lines", items=words.joined(lines)))
    said += [_trend(closing, name, then) for name, then in _earlier(closing)]
    blocks: list[Block] = [Figures(tuple(figures)), Paragraph(words.sentences(said))]
    bars = tuple(
        Bar(words.measure(one), now.total(one), before.total(one) if before else None)
        for one in _KINDS
        if now.total(one)
    )
    if bars:
        kinds = words.joined(
            texts("digest.overall.item", name=bar.label, count=words.count(one, bar.value))
            for one, bar in zip((one for one in _KINDS if now.total(one)), bars, strict=True)
        )
        blocks.append(
            Bars(
                texts("annex.chart.kinds"),
                texts("closing.chart.now"),
                texts("closing.chart.before") if before else "",
                bars,
                texts("digest.overall.kinds", items=kinds),
            )
        )
    return blocks


_EPISODES = Tallied.EPISODES


def _earlier(closing: Closing) -> tuple[tuple[str, AddedUp | None], ...]:
    return (("previous", closing.before), ("year_ago", closing.year_ago))


def _moved(closing: Closing, measure: Counted) -> str:
    then = closing.before.total(measure) if closing.before else None
    return closing.words.short_change(closing.now.total(measure), then)


def _trend(closing: Closing, name: str, then: AddedUp | None) -> str:
    words = closing.words
    if then is None:
        return words.texts(f"closing.overall.no_{name}")
    changes = words.joined(
        words.texts(
            "digest.overall.item",
            name=words.measure(one),
            count=words.change(one, closing.now.total(one), then.total(one)),
        )
        for one in HEADLINES
    )
    told = words.texts(f"closing.overall.{name}", changes=changes)
    if len(then.weeks) == len(closing.now.weeks):
        return told
    other = words.texts(
        "closing.overall.other_weeks", then=len(then.weeks), now=len(closing.now.weeks)
    )
    return words.sentences((told, other))


def _repeated(closing: Closing) -> list[Block]:
    texts, words = closing.words.texts, closing.words
    again = [one for one in closing.now.over_limit if one.weeks > 1]
    if not again:
        return [Paragraph(texts("closing.repeated.none", n=len(closing.now.over_limit)))]
    shown = sorted(again, key=lambda one: -one.weeks)[:MOST_REPEATED]
    names = ("subject", "measure", "limit", "over_weeks", "over")
    numbers = ("over_weeks", "over")
    columns = tuple(Column(texts(f"closing.column.{name}"), name in numbers) for name in names)
    rows = tuple(_repeated_row(words, one) for one in again if one in shown)
    told = texts(
        "closing.repeated.told", again=len(again), n=len(closing.now.over_limit), shown=len(rows)
    )
    return [Paragraph(told), Table(texts("closing.repeated.caption"), columns, rows)]


def _repeated_row(words: Words, one: Repeated) -> Row:
    item = one.item
    cells = (
        words.subject(item),
        words.measure(item.measure),
        words.limit(item),
        str(one.weeks),
        words.count(item.measure, one.over_by),
    )
    subject, measure, limit, weeks, over = cells
    sentence = words.texts(
        "closing.repeated.sentence",
        subject=subject,
        measure=measure,
        limit=limit,
        weeks=weeks,
        over=over,
    )
    return Row(cells, sentence)


def _targets(closing: Closing) -> list[Block]:
    texts, words = closing.words.texts, closing.words
    if not closing.targets:
        return [Paragraph(texts("closing.targets.none"))]
    told = []
    for measure, target in closing.targets.items():
        base = closing.year_ago.total(measure) if closing.year_ago else 0
        said = {"measure": words.measure(measure), "target": f"{target:+g}"}
        if not base:
            told.append(texts("closing.targets.no_base", **said))
            continue
        change = 100 * (closing.now.total(measure) - base) / base
        key = "met" if change <= target else "missed"
        told.append(
            texts(
                f"closing.targets.{key}",
                base=words.count(measure, base),
                now=words.count(measure, closing.now.total(measure)),
                change=f"{change:+.0f}",
                **said,
            )
        )
    return [Bullets(tuple(told), numbered=True)]


def _notes(closing: Closing) -> list[str]:
    texts, now = closing.words.texts, closing.now
    said = [texts("closing.notes.sum")]
    if now.offices > 1:
        said.append(texts("closing.notes.offices", n=now.offices))
    if closing.missing:
        weeks = closing.words.joined(closing.missing)
        said.append(texts("closing.notes.missing", weeks=weeks))
    if now.silent_weeks:
        weeks = closing.words.joined(now.silent_weeks)
        said.append(texts("closing.notes.silent", weeks=weeks))
    if now.lines is None:
        said.append(texts("closing.notes.no_lines"))
    said.append(texts("digest.notes.no_ranking"))
    return said


def _by_week(closing: Closing) -> Sheet:
    return _sheet(closing, "weeks", closing.now.by_week, lambda code: code)


def _by_whom(closing: Closing) -> tuple[Sheet, ...]:
    words = closing.words
    return (
        _sheet(closing, "units", closing.now.units, words.unit),
        _sheet(closing, "lines", closing.now.lines or {}, words.line),
    )


def _sheet(
    closing: Closing,
    name: str,
    rows: Mapping[str, Mapping[str, int]],
    called: Callable[[str], str],
) -> Sheet:
    texts = closing.words.texts
    found = {key for row in rows.values() for key in row}
    shown = [one for one in COUNTED if one.value in found]
    columns = [Column(texts(f"closing.column.{name}"))]
    columns += [Column(closing.words.measure(one), True) for one in shown]
    return Sheet(
        texts(f"closing.sheet.{name}"),
        texts(f"closing.caption.{name}"),
        tuple(columns),
        tuple(
            (called(code), *(row.get(one.value, "") for one in shown))
            for code, row in rows.items()
        ),
    )
