"""The digest's second and third section: what went over a limit, and typical cases of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.domain.digest_brief import Brief
from bot.domain.digest_figures import OverLimitItem
from bot.domain.documents import Block, Bullets, Column, Note, Paragraph, Row, Table
from bot.domain.over_limits import OverLimit, Subject
from bot.domain.vocabulary import Measure

MOST_ROWS = 40
MOST_CASES = 3
_MARKS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
Marks = dict[tuple[str, str], str]


def over_limit(brief: Brief) -> list[Block]:
    """The table of what went over, item by item, or added up where they are too many to read."""
    if not brief.now.over_limit:
        key = "none" if brief.now.coverage.supports_zero else "unknown"
        return [Paragraph(brief.texts(f"digest.over_limit.{key}"))]
    marks = marks_of(brief)
    if len(brief.now.over_limit) <= MOST_ROWS:
        table = _item_by_item(brief, marks)
    else:
        table = _added_up(brief, marks)
    return [table, Note(brief.texts("digest.over_limit.basis_note"))]


def _item_by_item(brief: Brief, marks: Marks) -> Table:
    names = ("subject", "measure", "limit", "count", "over", "weeks", "basis_mark")
    rows = tuple(_row(brief, one, marks) for one in brief.now.over_limit)
    return Table(brief.texts("digest.over_limit.caption"), _columns(brief, names), rows)


def _added_up(brief: Brief, marks: Marks) -> Table:
    """A row for each limit instead of each item; the items stand in the data file."""
    items: defaultdict[tuple[str, ...], list[OverLimit]] = defaultdict(list)
    for item in _items(brief):
        items[item.measure, item.scope, item.window, str(item.at_most)].append(item)
    caption = brief.texts("digest.over_limit.caption_summary", n=len(brief.now.over_limit))
    names = ("measure", "limit", "subjects", "over", "basis_mark")
    rows = tuple(_sum_row(brief, found, marks) for _, found in sorted(items.items()))
    return Table(caption, _columns(brief, names), rows)


def _sum_row(brief: Brief, items: Sequence[OverLimit], marks: Marks) -> Row:
    words, one = brief.words, items[0]
    measure, limit = words.measure(one.measure), words.limit(one)
    over = words.count(one.measure, sum(item.over_by for item in items))
    subjects = brief.texts("digest.over_limit.subjects_value", n=len(items))
    sentence = brief.texts(
        "digest.over_limit.sentence_summary",
        measure=measure,
        limit=limit,
        subjects=subjects,
        over=over,
    )
    return Row((measure, limit, subjects, over, marks[basis_of(brief, one)]), sentence)


_NUMBERS = ("count", "over", "weeks", "subjects")


def _columns(brief: Brief, names: Iterable[str]) -> tuple[Column, ...]:
    return tuple(
        Column(brief.texts(f"digest.over_limit.{name}"), name in _NUMBERS) for name in names
    )


def _items(brief: Brief) -> list[OverLimit]:
    return [one.item for one in brief.now.over_limit]


def marks_of(brief: Brief) -> Marks:
    """A mark for every basis in its order of appearance."""
    # A province has tens of thousands of items and a dozen bases.
    unlike = {(one.basis_key, one.basis_text, one.ground): one for one in _items(brief)}
    bases = dict.fromkeys(basis_of(brief, one) for one in unlike.values())
    return {
        basis: _MARKS[place] if place < len(_MARKS) else f"({place + 1})"
        for place, basis in enumerate(bases)
    }


def basis_of(brief: Brief, item: OverLimit) -> tuple[str, str]:
    """What an item's limit rests on, and how firmly."""
    return brief.words.basis(item), brief.words.ground(item)


def _row(brief: Brief, one: OverLimitItem, marks: Marks) -> Row:
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
    mark = marks[basis_of(brief, item)]
    return Row((subject, measure, limit, count, over, str(one.weeks), mark), sentence)


def cases(brief: Brief) -> list[Block]:
    """What went furthest over its limit, each of another kind, without saying whose it is."""
    told: list[OverLimit] = []
    furthest = sorted(
        (item for item in _items(brief) if item.subject in _TOLD),
        key=lambda item: (-item.over_by, item.identity),
    )
    # First of different measures and owners; what room is left goes to other measures.
    for of_other_owners in (True, False):
        for item in furthest:
            is_new = all(item.measure is not one.measure for one in told)
            is_others = all(_owner(item) != _owner(one) for one in told)
            if len(told) < MOST_CASES and is_new and (is_others or not of_other_owners):
                told.append(item)
    if not told:
        return [Paragraph(brief.texts("digest.cases.none"))]
    marks = marks_of(brief)
    cases = tuple(_case(brief, item, marks[basis_of(brief, item)]) for item in told)
    return [Bullets(cases, numbered=True)]


def _owner(item: OverLimit) -> str:
    return item.unit or item.code


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
