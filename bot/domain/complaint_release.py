"""Returned complaint figures on their way into digests: through the gate, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.domain.complaint_figures import (
    HIDDEN,
    CategoryFigure,
    ComplaintFigures,
    from_plain,
    to_plain,
)
from bot.domain.groups import UnitCode
from bot.domain.people_figures import PeoplePolicy
from bot.domain.periods import Week
from bot.domain.release_gate import gated
from bot.domain.releases import ALL, Release, Solve, Unsolved, Why
from bot.domain.spans import Span
from bot.domain.support import supported

_SEAL = object()


class Verdict(StrEnum):
    """What became of a week's figures at the gate; appended to, never renamed."""

    PASSED = "passed"
    WITHHELD = "withheld"  # for the rest of the quarter too
    UNCHECKED = "unchecked"  # no solver, or no answer in its bounds: withheld, may be tried again


@dataclass(frozen=True, slots=True)
class Returned:
    """Figures of an office for a week, and how they were judged: None while they were not.

    `units` are those that the office answered for when it was judged, none for all; `withdrawn`
    the categories (ALL: the total) that the gate took out, never told to anybody;
    `why` what is unchecked could not be checked;
    `shown_in` the week of the digest that takes or took it, None while none does.
    """

    office: str
    figures: ComplaintFigures
    units: frozenset[UnitCode] = frozenset()
    verdict: Verdict | None = None
    withdrawn: frozenset[str] = frozenset()
    why: Why | None = None
    shown_in: Week | None = None

    def printed(self) -> ComplaintFigures:
        """The figures without what was withdrawn."""
        kept = self.figures
        return replace(
            kept,
            total=HIDDEN if ALL in self.withdrawn else kept.total,
            by_category=tuple(
                CategoryFigure(
                    one.category, HIDDEN if one.category in self.withdrawn else one.people
                )
                for one in kept.by_category
            ),
        )


@dataclass(frozen=True, slots=True)
class GatedComplaints:
    """Complaint figures that may be printed; only `through_gate` makes them.

    `withheld` are the weeks of which nothing may be.
    """

    _seal: object = field(repr=False, compare=False)
    shown: tuple[ComplaintFigures, ...]
    withheld: tuple[Week, ...]

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("GatedComplaints are made by through_gate() only")


def judged(
    returned: Returned,
    others: Sequence[Returned],
    earlier: Sequence[Returned],
    solve: Solve,
    policy: PeoplePolicy,
    heads: Mapping[frozenset[UnitCode], int],
) -> Returned:
    """The same with its verdict. One that has a verdict is given back as it is.

    `others` are what other offices were told of the same week, `earlier` what this one was told
    of weeks before: a week whose quarter lost a figure, or all of them, loses them too.
    """
    if returned.verdict is not None:
        return returned
    quarter = Span.quarter_of(returned.figures.week)
    same = [each for each in earlier if Span.quarter_of(each.figures.week) == quarter]
    if any(each.verdict is Verdict.WITHHELD for each in same):
        return replace(returned, verdict=Verdict.WITHHELD)
    gone = frozenset(name for each in same for name in each.withdrawn)
    held = replace(returned, withdrawn=gone)
    history = [one for each in others if each.verdict is Verdict.PASSED for one in _releases(each)]
    try:
        left = gated(history, _releases(held), solve, policy, heads)
    except Unsolved as unsolved:
        return replace(returned, verdict=Verdict.UNCHECKED, why=unsolved.why)
    if left is None:
        return replace(returned, verdict=Verdict.WITHHELD)
    more = {now.category for was, now in zip(_releases(held), left, strict=True) if was != now}
    return replace(held, verdict=Verdict.PASSED, withdrawn=gone | more)


def through_gate(
    found: Sequence[Returned], earlier: Sequence[Returned], policy: PeoplePolicy
) -> GatedComplaints:
    """What a digest may print of judged figures; `earlier` is what the same office was told before.

    Both in the order in which they are printed: a week that was checked late stands behind others.

    The numbers are measured against the rules once more, whoever signed them.
    """
    printed = list(_printed(earlier, (), policy))
    shown = tuple(_printed(found, printed, policy))
    withheld = tuple(each.figures.week for each in found if each.verdict is not Verdict.PASSED)
    return GatedComplaints(_SEAL, shown, withheld)


def _printed(
    judged_ones: Iterable[Returned], before: Sequence[ComplaintFigures], policy: PeoplePolicy
) -> list[ComplaintFigures]:
    """Each beside those printed before it, so that the answer is the same whenever it is asked."""
    found: list[ComplaintFigures] = []
    for each in judged_ones:
        if each.verdict is Verdict.PASSED:
            measured = from_plain(to_plain(each.printed()), policy)
            found.append(supported(measured, [*before, *found], policy))
    return found


def _releases(returned: Returned) -> list[Release]:
    """Every figure of complainants as a release. A hidden total may be the office's withdrawal."""
    figures, week = returned.figures, (returned.figures.week,)
    cells = {one.category.value: one.people for one in figures.by_category} | {ALL: figures.total}
    made = []
    for category, figure in cells.items():
        is_gone = category in returned.withdrawn
        is_silent = is_gone or (category == ALL and figure.value is None)
        shown = HIDDEN if is_gone else figure
        made.append(Release(week, returned.units, category, shown, is_silent))
    return made
