"""更正: what a further issue of a week's digest says differently, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.digest_figures import DigestFigures
from bot.domain.digest_words import Words
from bot.domain.disputes import Correction
from bot.domain.documents import Block, Column, Paragraph, Row, Section, Sheet, Table
from bot.domain.over_limits import Subject
from bot.domain.tallies import COUNTED, Counted
from bot.domain.vocabulary import OF_KINDS

MOST_ROWS = 10
_MEASURES: Mapping[str, Counted] = {measure.value: measure for measure in COUNTED}
_Rows = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Reissue:
    """What makes an issue a further one: its number, the figures of the issue before it, and the
    counts that were upheld to be wrong since the week was closed. `is_as_then`: groups and minutes
    are those of the first issue."""

    number: int
    before: DigestFigures
    upheld: Sequence[Correction]
    is_as_then: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """A published number that is another now."""

    subject: Subject
    code: str
    measure: str
    was: int
    now: int


def changes(before: DigestFigures, now: DigestFigures) -> tuple[Change, ...]:
    """Where two issues of a week differ: in all, by unit, by line, by group.

    Groups are compared while both issues show the same ones and bundles; else a group's number would seem
    to have moved into the rest of its unit.
    """
    found = [*_of(Subject.ALL, {"": before.totals}, {"": now.totals})]
    found += _of(Subject.UNIT, before.units, now.units)
    found += _of(Subject.LINE, before.lines or {}, now.lines or {})
    same = before.groups.keys() == now.groups.keys()
    if same and before.small_groups.keys() == now.small_groups.keys():
        found += _of(Subject.GROUP, before.groups, now.groups)
        found += _of(Subject.SMALL_GROUPS, before.small_groups, now.small_groups)
    return tuple(found)


def _of(subject: Subject, before: _Rows, now: _Rows) -> Iterable[Change]:
    for code in sorted(before.keys() | now.keys()):
        then, since = before.get(code, {}), now.get(code, {})
        for measure in _MEASURES:
            was, is_now = then.get(measure, 0), since.get(measure, 0)
            if was != is_now:
                yield Change(subject, code, measure, was, is_now)


def correction_section(now: DigestFigures, reissue: Reissue, words: Words) -> Section:
    """What stands at the top of the page: which issue it is, why, and what changed."""
    texts, found = words.texts, changes(reissue.before, now)
    shown = _fitting(found)
    blocks: list[Block] = [
        Paragraph(
            words.sentences(
                [
                    texts("correction.issue", number=reissue.number),
                    texts("correction.why", upheld=_upheld(reissue, words)),
                    *_items_over(now, reissue, words),
                    *([] if reissue.is_as_then else [texts("correction.as_now")]),
                ]
            )
        ),
        Table(
            texts("correction.caption"),
            tuple(
                Column(texts(f"correction.column.{name}"), name in ("was", "now"))
                for name in ("subject", "measure", "was", "now")
            ),
            tuple(_row(each, words) for each in shown),
        ),
    ]
    if len(shown) < len(found):
        blocks.append(Paragraph(texts("correction.more", n=len(found) - len(shown))))
    return Section(texts("correction.heading"), tuple(blocks))


def _fitting(found: Sequence[Change]) -> Sequence[Change]:
    """All changes, or those of the units and of all, or of all: the most that the page has room for."""
    of_units = [one for one in found if one.subject in (Subject.ALL, Subject.UNIT)]
    of_all = [one for one in found if one.subject is Subject.ALL]
    return next((rows for rows in (found, of_units) if len(rows) <= MOST_ROWS), of_all)


def correction_sheet(now: DigestFigures, reissue: Reissue, words: Words) -> Sheet:
    """All that changed, in typed cells."""
    texts = words.texts
    names = ("subject", "measure", "was", "now")
    return Sheet(
        texts("correction.sheet"),
        texts("correction.caption"),
        tuple(Column(texts(f"correction.column.{n}"), n in ("was", "now")) for n in names),
        tuple(
            (_subject(each, words), words.measure(_MEASURES[each.measure]), each.was, each.now)
            for each in changes(reissue.before, now)
        ),
    )


def _upheld(reissue: Reissue, words: Words) -> str:
    sums: dict[Counted, int] = {}
    for one in reissue.upheld:
        sums[one.measure] = sums.get(one.measure, 0) + one.n
    return words.joined(
        words.texts(
            "correction.upheld_kind" if measure in OF_KINDS else "correction.upheld",
            measure=words.measure(measure),
            count=words.count(measure, n),
        )
        for measure, n in sums.items()
    )


def _items_over(now: DigestFigures, reissue: Reissue, words: Words) -> list[str]:
    then, items = len(reissue.before.over_limit), len(now.over_limit)
    return [] if then == items else [words.texts("correction.over", then=then, now=items)]


def _row(change: Change, words: Words) -> Row:
    measure = _MEASURES[change.measure]
    cells = (_subject(change, words), words.measure(measure), str(change.was), str(change.now))
    sentence = words.texts(
        "correction.sentence",
        subject=cells[0],
        measure=cells[1],
        was=words.count(measure, change.was),
        now=words.count(measure, change.now),
    )
    return Row(cells, sentence)


def _subject(change: Change, words: Words) -> str:
    match change.subject:
        case Subject.ALL:
            return words.texts("correction.all")
        case Subject.UNIT:
            return words.unit(change.code)
        case Subject.LINE:
            return words.texts("digest.over_limit.line", line=words.line(change.code))
        case Subject.SMALL_GROUPS:
            return words.texts("digest.over_limit.bundle", unit=words.units(change.code))
        case Subject.GROUP:
            return words.group(change.code)
