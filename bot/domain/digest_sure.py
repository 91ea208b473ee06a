"""How sure the digest's numbers are: the error that was measured, and the counts called wrong."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.digest_brief import Brief
from bot.domain.disputes import DisputedCounts
from bot.domain.documents import Column, Sheet
from bot.domain.measured_error import KindError, MeasuredError, wilson
from bot.domain.tallies import COUNTED, Counted
from bot.domain.vocabulary import OF_KINDS

FEWEST_FOR_A_SHARE = 50
"""A share of fewer is not told."""

_MEASURES: dict[str, Counted] = {measure.value: measure for measure in COUNTED}
_OF_ERROR = ("measure", "labelled", "missed", "missed_in", "counted", "false", "false_in")
_OF_DISPUTES = ("measure", "standing", "disputed", "share", "upheld", "rejected", "open")
_WORDS = frozenset({"measure", "missed_in", "false_in", "share"})


def how_sure(brief: Brief) -> str:
    """The note on the page: what a sample showed, and how much of the week was disputed."""
    return brief.words.sentences(said for said in (_error(brief), _disputes(brief)) if said)


def sheet_of_error(brief: Brief) -> Sheet:
    """What the sample showed, in all and by kind; no rows where no kinds were kept."""
    found = brief.now.coverage.measured_error
    rows: list[tuple[str | int, ...]] = []
    if found is not None and found.kinds:
        alone, others = found.merged()
        rows.append(_of_error(brief.texts("sample.all"), found))
        rows += [_of_error(brief.words.measure(_MEASURES[one.kind]), one) for one in alone]
        if others is not None:
            rows.append(_of_error(brief.texts("sample.others"), others))
    return _sheet(brief, "error", _OF_ERROR, rows)


def sheet_of_disputes(brief: Brief) -> Sheet:
    """What was called wrong until the close, by measure; no rows where nothing was."""
    rows = (
        (
            brief.words.measure(_MEASURES[one.measure]),
            _told(_all_of(brief, one)),
            one.disputed,
            _share(brief, one),
            one.upheld,
            one.rejected,
            one.disputed - one.upheld - one.rejected,
        )
        for one in brief.now.coverage.disputed or ()
    )
    return _sheet(brief, "disputes", _OF_DISPUTES, rows)


def _sheet(
    brief: Brief, name: str, columns: Iterable[str], rows: Iterable[tuple[str | int, ...]]
) -> Sheet:
    texts = brief.texts
    return Sheet(
        texts(f"sample.annex.{name}.name"),
        texts(f"sample.annex.{name}.caption"),
        tuple(Column(texts(f"sample.column.{one}"), one not in _WORDS) for one in columns),
        tuple(rows),
    )


def _of_error(name: str, one: KindError | MeasuredError) -> tuple[str | int, ...]:
    return (
        name,
        one.labelled,
        one.missed,
        _interval(one.missed, one.labelled),
        one.counted,
        one.false,
        _interval(one.false, one.counted),
    )


def _interval(hits: int, n: int) -> str:
    low, high = wilson(hits, n)
    return f"{low:.1f}–{high:.1f}"


def _error(brief: Brief) -> str:
    coverage = brief.now.coverage
    if coverage.measured_error is None:
        return brief.texts("digest.notes.no_measured_error", rulebook=coverage.rulebook)
    error = coverage.measured_error
    missed, false = wilson(error.missed, error.labelled), wilson(error.false, error.counted)
    return brief.texts(
        "sample.note",
        on=error.on,
        sample=error.sample,
        labelled=error.labelled,
        missed=error.missed,
        missed_low=f"{missed[0]:.1f}",
        missed_high=f"{missed[1]:.1f}",
        counted=error.counted,
        false=error.false,
        false_low=f"{false[0]:.1f}",
        false_high=f"{false[1]:.1f}",
        checked=error.rulebook,
        rulebook=coverage.rulebook,
    )


def _disputes(brief: Brief) -> str:
    found = brief.now.coverage.disputed
    if found is None:
        return ""
    items = [
        brief.texts(
            "sample.disputed_share" if _share(brief, one) else "sample.disputed",
            measure=brief.words.measure(_MEASURES[one.measure]),
            n=one.disputed,
            share=_share(brief, one),
            upheld=one.upheld,
        )
        for one in found
    ]
    if not items:
        return brief.texts("sample.undisputed")
    return brief.texts("sample.disputes", items=brief.texts("next_week.gap").join(items))


def _all_of(brief: Brief, one: DisputedCounts) -> int | None:
    """What was counted: what stands in the first issue, and what was struck out before the close.

    None for kinds: demands are counted by them, and demands and reminders are disputed.
    """
    if _MEASURES[one.measure] in OF_KINDS:
        return None
    corrected = brief.now.corrected.get(one.measure, 0)
    return brief.now.total(_MEASURES[one.measure]) + corrected + one.upheld


def _told(number: int | None) -> int | str:
    return "" if number is None else number


def _share(brief: Brief, one: DisputedCounts) -> str:
    counted = _all_of(brief, one)
    if counted is None or counted < FEWEST_FOR_A_SHARE:
        return ""
    return f"{100 * one.disputed / counted:.1f}"
