"""The annex of the digest: what the page adds up or leaves out, as tables of typed cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from bot.domain.digest_brief import Brief
from bot.domain.digest_figures import OverLimitItem
from bot.domain.digest_last_week import MOST_TOLD, outcomes
from bot.domain.digest_next_week import is_told_on_the_page, subject
from bot.domain.digest_over_limit import MOST_ROWS, Marks, basis_of, marks_of
from bot.domain.digest_sure import sheet_of_disputes, sheet_of_error
from bot.domain.documents import Column, Sheet
from bot.domain.tallies import COUNTED, Counted

_Cell = str | int
_TEXTS = frozenset(
    {"mark", "ground", "basis", "measure", "unit", "line", "group", "subject", "limit", "outcome"}
)

_OF_ENTRIES = ("sort", "number", "title", "subject", "first", "last")


def annex(brief: Brief) -> tuple[Sheet, ...]:
    """The sheets that have anything to show, in their order."""
    marks = marks_of(brief)
    sheets = (
        _basis(brief, marks),
        _totals(brief),
        _over_limit(brief, marks),
        _last_week(brief),
        _next_week(brief),
        _units(brief),
        _lines(brief),
        _groups(brief),
        _minutes(brief),
        sheet_of_error(brief),
        sheet_of_disputes(brief),
    )
    return tuple(sheet for sheet in sheets if sheet.rows)


def _sheet(
    brief: Brief,
    name: str,
    columns: Iterable[str],
    rows: Iterable[tuple[_Cell, ...]],
    measures: Iterable[Counted] = (),
    *,
    explains: bool = False,
    repeats: bool = False,
) -> Sheet:
    texts = brief.texts
    heads = [Column(texts(f"annex.column.{one}"), one not in _TEXTS) for one in columns]
    heads += [Column(brief.words.measure(measure), True) for measure in measures]
    return Sheet(
        texts(f"annex.name.{name}"),
        texts(f"annex.caption.{name}"),
        tuple(heads),
        tuple(rows),
        explains,
        repeats,
    )


def _basis(brief: Brief, marks: Marks) -> Sheet:
    rows = ((mark, ground, basis) for (basis, ground), mark in marks.items())
    return _sheet(brief, "basis", ("mark", "ground", "basis"), rows, explains=True)


def _totals(brief: Brief) -> Sheet:
    earlier = [
        (columns, then)
        for columns, then in (
            (("before", "change"), brief.previous),
            (("year_ago", "change_year"), brief.year_ago),
        )
        if then
    ]
    rows = []
    for measure in _measures(one.totals for one in (brief.now, *(then for _, then in earlier))):
        now = brief.now.total(measure)
        row: list[_Cell] = [brief.words.measure(measure)]
        row.append(now if now or brief.now.coverage.supports_zero else "")
        for _, then in earlier:
            row += [then.total(measure), now - then.total(measure)]
        rows.append(tuple(row))
    columns = ("measure", "now", *(name for names, _ in earlier for name in names))
    return _sheet(brief, "totals", columns, rows)


def _over_limit(brief: Brief, marks: Marks) -> Sheet:
    columns = ("subject", "measure", "limit", "at_most", "count", "over", "weeks", "mark")
    rows = (_item(brief, one, marks) for one in brief.now.over_limit)
    repeats = len(brief.now.over_limit) <= MOST_ROWS
    return _sheet(brief, "over_limit", columns, rows, repeats=repeats)


def _item(brief: Brief, one: OverLimitItem, marks: Marks) -> tuple[_Cell, ...]:
    item, words = one.item, brief.words
    return (
        words.subject(item),
        words.measure(item.measure),
        words.limit(item),
        item.at_most,
        item.count,
        item.over_by,
        one.weeks,
        marks[basis_of(brief, item)],
    )


def _last_week(brief: Brief) -> Sheet:
    words, found = brief.words, outcomes(brief)
    rows = (
        (
            words.subject(one.item),
            words.measure(one.item.measure),
            one.item.count,
            "" if one.now is None else one.now,
            brief.texts(f"annex.outcome.{one.key}"),
        )
        for one in found
    )
    columns = ("subject", "measure", "before", "now", "outcome")
    return _sheet(brief, "last_week", columns, rows, repeats=len(found) <= MOST_TOLD)


def _next_week(brief: Brief) -> Sheet:
    coming, texts = brief.now.next_week, brief.texts
    listed = (*coming.events, *coming.ending) if coming else ()
    rows = (
        (
            texts(f"next_week.sorts.{one.sort}"),
            one.number,
            one.title,
            subject(brief, one.unit, one.line),
            one.first.isoformat(),
            one.last.isoformat(),
        )
        for one in listed
    )
    return Sheet(
        texts("next_week.annex.name"),
        texts("next_week.annex.caption"),
        tuple(Column(texts(f"next_week.annex.{name}")) for name in _OF_ENTRIES),
        tuple(rows),
        repeats=coming is None
        or (is_told_on_the_page(coming.events) and is_told_on_the_page(coming.ending)),
    )


def _units(brief: Brief) -> Sheet:
    shown = _measures(brief.now.units.values())
    whole = brief.now.coverage.units_heard_whole
    codes = sorted(brief.now.units.keys() | set(brief.now.coverage.units_heard))
    rows = (
        (brief.words.unit(code), *_numbers(brief.now.units.get(code, {}), shown, code in whole))
        for code in codes
    )
    return _sheet(brief, "units", ("unit",), rows, shown)


def _lines(brief: Brief) -> Sheet:
    lines = brief.now.lines or {}
    shown = _measures(lines.values())
    rows = (
        (brief.words.line(code), *_numbers(row, shown, False))
        for code, row in sorted(lines.items())
        if row
    )
    return _sheet(brief, "lines", ("line",), rows, shown)


def _groups(brief: Brief) -> Sheet:
    now, words = brief.now, brief.words
    shown = _measures([*now.groups.values(), *now.small_groups.values()])
    rows = [
        (words.group(code), *_numbers(row, shown, False))
        for code, row in sorted(now.groups.items())
        if row
    ]
    rows += [
        (
            f"{words.units(code)} {brief.texts('annex.group.others')}",
            *_numbers(row, shown, False),
        )
        for code, row in sorted(now.small_groups.items())
        if row
    ]
    return _sheet(brief, "groups", ("group",), rows, shown)


def _minutes(brief: Brief) -> Sheet:
    hours = brief.now.person_hours
    table = brief.minutes.minutes if brief.minutes and hours and hours.high else {}
    rows = (
        (brief.words.measure(measure), _minute(spread.low), _minute(spread.high))
        for measure, spread in table.items()
    )
    return _sheet(brief, "minutes", ("measure", "least", "most"), rows)


def _minute(minutes: float) -> _Cell:
    return int(minutes) if minutes.is_integer() else f"{minutes:g}"


def _numbers(
    row: Mapping[str, int], measures: Collection[Counted], says_zero: bool
) -> tuple[_Cell, ...]:
    return tuple(row.get(measure.value, 0 if says_zero else "") for measure in measures)


def _measures(rows: Iterable[Mapping[str, int]]) -> tuple[Counted, ...]:
    """What stands in any of the rows, in the order of the vocabulary."""
    found = {name for row in rows for name in row}
    return tuple(measure for measure in COUNTED if measure.value in found)
