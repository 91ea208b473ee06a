"""The seven sections of the digest: published figures in, neutral blocks out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.anonymity import OverLimit, Subject
from bot.domain.digest_brief import Brief
from bot.domain.digest_figures import DigestFigures, OverLimitItem
from bot.domain.digest_overall import overall
from bot.domain.documents import (
    Block,
    Bullets,
    Column,
    Note,
    Paragraph,
    Row,
    Section,
    Table,
)
from bot.domain.errors import NoCalendarForYear
from bot.domain.vocabulary import Measure, Tallied

MOST_CASES = 3
FRIDAY = 5
_MARKS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def sections(brief: Brief) -> tuple[Section, ...]:
    """The sections in their order."""
    return (
        _section(brief, "overall", overall(brief)),
        _section(brief, "over_limit", _over_limit(brief)),
        _section(brief, "cases", _cases(brief)),
        _section(brief, "complaints", (Paragraph(brief.texts("digest.complaints.not_yet")),)),
        _section(brief, "last_week", _last_week(brief)),
        _section(brief, "next_week", _next_week(brief)),
        _section(brief, "notes", (Bullets(tuple(_notes(brief)), numbered=True),)),
    )


def _section(brief: Brief, name: str, blocks: Sequence[Block]) -> Section:
    return Section(brief.texts(f"digest.sections.{name}"), tuple(blocks))


def _over_limit(brief: Brief) -> list[Block]:
    if not brief.now.over_limit:
        key = "none" if brief.now.coverage.supports_zero else "unknown"
        return [Paragraph(brief.texts(f"digest.over_limit.{key}"))]
    marks = _marks(brief)
    columns = tuple(
        Column(brief.texts(f"digest.over_limit.{name}"), is_number)
        for name, is_number in (
            ("subject", False),
            ("measure", False),
            ("limit", False),
            ("count", True),
            ("over", True),
            ("weeks", True),
            ("basis_mark", False),
        )
    )
    rows = tuple(_row(brief, one, marks) for one in brief.now.over_limit)
    told = (
        brief.texts("digest.over_limit.basis_item", mark=mark, ground=ground, basis=basis)
        for (basis, ground), mark in marks.items()
    )
    return [
        Table(brief.texts("digest.over_limit.caption"), columns, rows),
        Note(brief.texts("digest.over_limit.basis_note", items=brief.words.sentences(told))),
    ]


def _items(brief: Brief) -> list[OverLimit]:
    return [one.item for one in brief.now.over_limit]


def _marks(brief: Brief) -> dict[tuple[str, str], str]:
    """A mark for every basis in its order of appearance."""
    bases = dict.fromkeys(_basis(brief, item) for item in _items(brief))
    return {
        basis: _MARKS[place] if place < len(_MARKS) else f"({place + 1})"
        for place, basis in enumerate(bases)
    }


def _basis(brief: Brief, item: OverLimit) -> tuple[str, str]:
    return brief.words.basis(item), brief.words.ground(item)


def _row(brief: Brief, one: OverLimitItem, marks: Mapping[tuple[str, str], str]) -> Row:
    item, words = one.item, brief.words
    subject, measure, limit = words.subject(item), words.measure(item.measure), words.limit(item)
    count, over = words.count(item.measure, item.count), words.count(item.measure, item.over_by)
    sentence = brief.texts(
        "digest.over_limit.sentence",
        subject=subject,
        measure=measure,
        limit=limit,
        count=count,
        over=over,
        weeks=one.weeks,
    )
    mark = marks[_basis(brief, item)]
    return Row((subject, measure, limit, count, over, str(one.weeks), mark), sentence)


def _cases(brief: Brief) -> list[Block]:
    """What went furthest over its limit, one of a unit or line, without saying whose it is."""
    told: list[OverLimit] = []
    whose: set[str] = set()
    for item in sorted(_items(brief), key=lambda item: (-item.over_by, item.identity)):
        owner = item.unit or item.code
        if item.subject in _TOLD and owner not in whose and len(told) < MOST_CASES:
            told.append(item)
            whose.add(owner)
    if not told:
        return [Paragraph(brief.texts("digest.cases.none"))]
    marks = _marks(brief)
    cases = tuple(_case(brief, item, marks[_basis(brief, item)]) for item in told)
    return [Bullets(cases, numbered=True)]


_TOLD = (Subject.UNIT, Subject.LINE, Subject.GROUP)
_OWN_CASES = (Measure.OFF_HOURS, Measure.REPEAT, Measure.SHORT_NOTICE)


def _case(brief: Brief, item: OverLimit, mark: str) -> str:
    words, texts = brief.words, brief.texts
    whose = "line" if item.subject is Subject.LINE else "unit"
    when = (
        texts("digest.cases.on_days", days=words.weekdays(item.weekdays))
        if item.weekdays
        else texts("digest.cases.in_week")
    )
    key = item.measure.value if item.measure in _OWN_CASES else "other"
    told = texts(
        f"digest.cases.{key}",
        subject=texts(f"digest.cases.{whose}"),
        when=when,
        measure=words.measure(item.measure),
        count=words.count(item.measure, item.count),
        limit=words.limit(item),
        over=words.count(item.measure, item.over_by),
    )
    return words.sentences((told, texts("digest.cases.basis", mark=mark)))


def _last_week(brief: Brief) -> list[Block]:
    if brief.previous is None:
        return [Paragraph(brief.texts("digest.last_week.no_previous"))]
    if not brief.previous.over_limit:
        return [Paragraph(brief.texts("digest.last_week.none"))]
    told = tuple(_outcome(brief, one.item) for one in brief.previous.over_limit)
    return [Bullets(told, numbered=True)]


def _outcome(brief: Brief, then: OverLimit) -> str:
    words = brief.words
    said = {
        "subject": words.subject(then),
        "measure": words.measure(then.measure),
        "then": words.count(then.measure, then.count),
    }
    still = {item.identity: item for item in _items(brief)}.get(then.identity)
    if still:
        now = words.count(still.measure, still.count)
        return brief.texts("digest.last_week.still", now=now, **said)
    count = _count_now(brief.now, then)
    if count is None:
        return brief.texts("digest.last_week.unseen", **said)
    now = words.count(then.measure, count)
    return brief.texts("digest.last_week.below", now=now, **said)


def _count_now(now: DigestFigures, then: OverLimit) -> int | None:
    """This week's number for last week's subject; None where nothing can be said of it."""
    rows = {
        Subject.UNIT: now.units,
        Subject.SMALL_GROUPS: now.small_groups,
        Subject.GROUP: now.groups,
        Subject.LINE: now.lines,
        Subject.ALL: {then.code: now.totals},
    }
    count = rows[then.subject].get(then.code, {}).get(then.measure.value, 0)
    whole = now.coverage.units_heard_whole
    is_heard = then.unit in whole if then.unit else bool(whole)
    is_shown = then.subject is not Subject.GROUP or then.code in now.groups
    return count if count or (is_heard and is_shown) else None


def _next_week(brief: Brief) -> list[Block]:
    words, texts, calendar = brief.words, brief.texts, brief.calendar
    days = brief.week.shifted(1).days
    said: list[str] = []
    try:
        rest = [day for day in days if not calendar.is_working_day(day)]
    except NoCalendarForYear as unknown:
        return [Paragraph(texts("digest.next_week.no_calendar", year=unknown.year))]
    make_up = [day for day in days if day.isoweekday() > FRIDAY and day not in rest]
    if rest == list(days[FRIDAY:]):
        said.append(texts("digest.next_week.ordinary"))
    elif rest:
        said.append(texts("digest.next_week.rest", days=words.named_days(rest)))
    if make_up:
        said.append(texts("digest.next_week.make_up", days=words.named_days(make_up)))
    said.extend(
        texts("digest.next_week.provisional", year=year)
        for year in sorted({day.year for day in days})
        if calendar.is_provisional(year)
    )
    return [Bullets(tuple(said))]


def _notes(brief: Brief) -> list[str]:
    texts, words = brief.texts, brief.words
    coverage, now = brief.now.coverage, brief.now
    said = [
        texts(
            "digest.notes.reach",
            groups=coverage.groups,
            whole=coverage.heard_whole,
            addressed=coverage.heard_when_addressed,
            silent=coverage.silent,
        ),
        texts("digest.notes.unregistered"),
    ]
    if reported := now.total(Tallied.REPORTED):
        said.append(
            texts("digest.notes.reported", reported=words.count(Tallied.REPORTED, reported))
        )
    if coverage.late:
        said.append(texts("digest.notes.late", late=coverage.late))
    if coverage.incomplete:
        said.append(texts("digest.notes.incomplete"))
    said.append(_error(brief))
    said.append(texts("digest.notes.protection", smallest=brief.smallest_group))
    said.append(texts("digest.notes.no_ranking"))
    said.append(texts("digest.notes.own_messages", own=coverage.own_messages))
    return said


def _error(brief: Brief) -> str:
    coverage = brief.now.coverage
    if coverage.measured_error is None:
        return brief.texts("digest.notes.no_measured_error", rulebook=coverage.rulebook)
    error = coverage.measured_error
    return brief.texts(
        "digest.notes.measured_error",
        sample=error.sample,
        missed=f"{error.missed_percent:.1f}",
        false=f"{error.false_percent:.1f}",
        rulebook=coverage.rulebook,
    )
