"""What offices returned on its way into digests: gated once, beside what all others were told."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.crypto.exchange import figures_in
from bot.domain.complaint_figures import CategoryFigure, ComplaintFigures
from bot.domain.complaint_release import GatedComplaints, Verdict
from bot.domain.complaints import Category, Remedy
from bot.domain.groups import UnitCode
from bot.domain.people_figures import PeopleFigure, PeoplePolicy
from bot.domain.periods import Week
from bot.domain.releases import Programme, Solve, Statement, Unsolved, Why
from bot.domain.support import supported
from bot.office.returning import return_file
from bot.solver.client import SolverProcess
from bot.wiring.complaints import SignedReturns
from handlers.complaints.release import LAST_TRY, ReleaseFigures
from handlers.ports import Office
from storage.complaints.reports import SqlReports
from tests.complaints.house import WEEK, new_office
from tests.golden.weeks import group

POLICY = PeoplePolicy()
ALL_UNITS = Office("county", "", (), ())
OF_ONE = Office("town", "", (UnitCode("U1"),), ())
SOLVER = SolverProcess(30)
NEXT = WEEK.shifted(1)


def told(week: Week, total: int | None, **more: int | None) -> ComplaintFigures:
    """Figures as an office prints them; what is not named is few or nobody."""
    cells = {Category(name): n for name, n in more.items() if name in set(Category)}
    return ComplaintFigures(
        week,
        PeopleFigure(total),
        tuple(CategoryFigure(each, PeopleFigure(cells.get(each))) for each in Category),
        PeopleFigure(more.get("answered")),
        more.get("median"),
        tuple(Remedy)[: more.get("remedies") or 0],
        PeopleFigure(more.get("purged")),
    )


class Desk:
    """A store with what offices returned, and the gate before it."""

    def __init__(self, store: SqlReports, solve: Solve = SOLVER) -> None:
        self.store, self.secret = store, new_office()
        self.gate = ReleaseFigures(SignedReturns(store), lambda: True, list, solve, POLICY)

    async def put(self, office: Office, *figures: ComplaintFigures) -> None:
        for each in figures:
            document = return_file(self.secret, each)
            assert figures_in(document) == each
            assert await self.store.put_return(office.code, each.week, document)

    async def take(self, office: Office, digest: Week = NEXT) -> GatedComplaints:
        found = await self.gate.take(office, digest)
        assert found is not None
        return found

    async def verdicts(self, week: Week = WEEK) -> dict[str, str | None]:
        return {each.office: each.verdict for each in await self.store.returned_of(week)}


@pytest.fixture
async def desk(sqlite_reports) -> Desk:
    return Desk(sqlite_reports)


def no_solver(programme: Programme, questions: Sequence[Statement]) -> Sequence[bool]:
    raise Unsolved


async def test_a_week_that_tells_nothing_of_few_goes_out_whole(desk: Desk) -> None:
    figures = told(WEEK, 60, meeting=30, off_hours=20)
    await desk.put(ALL_UNITS, figures)

    gated = await desk.take(ALL_UNITS)

    assert (gated.shown, gated.withheld) == ((figures,), ())
    assert await desk.verdicts() == {"county": "passed"}


async def test_a_closed_box_has_nothing_to_show(desk: Desk) -> None:
    closed = replace(desk.gate, is_open=lambda: False)

    assert await closed.take(ALL_UNITS, WEEK) is None


async def test_what_two_offices_are_told_must_not_leave_few_by_subtraction(desk: Desk) -> None:
    """Everybody 10 to 14 and one unit 10 to 14: at most four are elsewhere."""
    await desk.put(OF_ONE, told(WEEK, None, meeting=10))
    await desk.put(ALL_UNITS, told(WEEK, None, meeting=10))

    town, county = await desk.take(OF_ONE), await desk.take(ALL_UNITS)

    assert town.shown[0].by_category[5].people == PeopleFigure(10)
    assert [each.people.value for each in county.shown[0].by_category] == [None] * 10


async def test_each_of_the_two_alone_is_told_the_number(desk: Desk) -> None:
    """The control: without the other office nothing is withdrawn."""
    await desk.put(ALL_UNITS, told(WEEK, None, meeting=10))

    assert (await desk.take(ALL_UNITS)).shown[0].by_category[5].people == PeopleFigure(10)


async def test_a_figure_that_was_withdrawn_stays_away_for_the_quarter(desk: Desk) -> None:
    later = WEEK.shifted(1)
    await desk.put(OF_ONE, told(WEEK, None, meeting=10))
    await desk.put(ALL_UNITS, told(WEEK, None, meeting=10), told(later, None, meeting=90))
    await desk.take(OF_ONE)
    await desk.take(ALL_UNITS)

    same_quarter = await desk.take(ALL_UNITS, later.shifted(1))

    assert same_quarter.shown[0].by_category[5].people == PeopleFigure(None)
    next_quarter = Week(2027, 1)
    await desk.put(ALL_UNITS, told(next_quarter, None, meeting=90))
    again = await desk.take(ALL_UNITS, next_quarter.shifted(1))
    assert again.shown[0].by_category[5].people == PeopleFigure(90)


async def test_without_a_solver_nothing_is_told_and_later_weeks_are_free(sqlite_reports) -> None:
    desk = Desk(sqlite_reports, no_solver)
    later = WEEK.shifted(1)
    await desk.put(ALL_UNITS, told(WEEK, 60, meeting=30), told(later, 60, meeting=30))

    withheld = await desk.take(ALL_UNITS)
    desk.gate = replace(desk.gate, solve=SOLVER)

    assert (withheld.shown, withheld.withheld) == ((), (WEEK,))
    assert await desk.verdicts() == {"county": "unchecked"}
    assert len((await desk.take(ALL_UNITS, later.shifted(1))).shown) == 1


async def test_after_its_time_the_solver_is_killed_and_nothing_is_told(sqlite_reports) -> None:
    endless = SolverProcess(0.1, 0.2, (sys.executable, "-c", "import time; time.sleep(60)"))
    desk = Desk(sqlite_reports, endless)
    await desk.put(ALL_UNITS, told(WEEK, 60, meeting=30))

    assert (await desk.take(ALL_UNITS)).withheld == (WEEK,)


ENDS = {
    "import sys; sys.exit(3)": Why.ABSENT,
    "import sys; sys.exit(4)": Why.TIME,
    "import sys; sys.exit(5)": Why.TOO_LARGE,
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": Why.TOO_LARGE,
    "import sys; sys.exit(1)": Why.FAILED,
    "print('no list')": Why.FAILED,
    "print('[]')": Why.FAILED,
    "import time; time.sleep(60)": Why.TIME,
}


@pytest.mark.parametrize(("program", "why"), ENDS.items())
async def test_why_it_could_not_be_checked_is_kept_and_told(
    sqlite_reports, program: str, why: Why
) -> None:
    desk, heard = Desk(sqlite_reports), []
    solve = SolverProcess(
        0.1, 5.0 if "sleep" not in program else 0.2, (sys.executable, "-c", program)
    )
    desk.gate = replace(desk.gate, solve=solve, unchecked=heard.append)
    await desk.put(ALL_UNITS, told(WEEK, 60, meeting=30))

    await desk.take(ALL_UNITS)
    await desk.take(ALL_UNITS)

    (one,) = heard
    assert (one.office, one.figures.week, one.why) == ("county", WEEK, why)
    (waiting,) = await desk.gate.waiting(NEXT)
    assert (waiting.why, waiting.shown_in) == (why, NEXT)


def test_a_programme_that_does_not_fit_into_memory_says_so() -> None:
    starved = (
        sys.executable,
        "-c",
        "import sys\nfrom bot.solver import child\n"
        "def starve(asked): raise MemoryError\n"
        "child._answered = starve\nsys.exit(child.main())",
    )

    with pytest.raises(Unsolved) as ended:
        SolverProcess(1, 10, starved)(Programme(1, ()), [Statement((0,), 0, 0)])

    assert ended.value.why is Why.TOO_LARGE


async def test_what_passes_at_another_try_stands_in_the_next_digest(sqlite_reports) -> None:
    desk = Desk(sqlite_reports, no_solver)
    figures = told(WEEK, 60, meeting=30)
    await desk.put(ALL_UNITS, figures)
    withheld = await desk.take(ALL_UNITS)
    desk.gate = replace(desk.gate, solve=SOLVER)

    (waiting,) = await desk.gate.waiting(NEXT)
    assert (await desk.gate.again(waiting)).verdict is Verdict.PASSED

    assert await desk.gate.waiting(NEXT) == []
    assert await desk.take(ALL_UNITS) == withheld
    shown = await desk.take(ALL_UNITS, NEXT.shifted(1))
    assert (shown.shown, shown.withheld) == ((figures,), ())
    assert await desk.take(ALL_UNITS) == withheld
    assert await desk.take(ALL_UNITS, NEXT.shifted(1)) == shown
    assert (await desk.take(ALL_UNITS, NEXT.shifted(2))).shown == ()


async def test_another_try_that_fails_leaves_it_withheld_and_waiting(sqlite_reports) -> None:
    desk = Desk(sqlite_reports, no_solver)
    await desk.put(ALL_UNITS, told(WEEK, 60, meeting=30))
    await desk.take(ALL_UNITS)
    (waiting,) = await desk.gate.waiting(NEXT)

    assert (await desk.gate.again(waiting)).verdict is Verdict.UNCHECKED

    assert [one.figures.week for one in await desk.gate.waiting(NEXT)] == [WEEK]
    assert (await desk.take(ALL_UNITS)).withheld == (WEEK,)
    assert (await desk.take(ALL_UNITS, NEXT.shifted(1))).withheld == ()


async def test_another_try_sees_what_others_were_told_in_the_meantime(sqlite_reports) -> None:
    desk = Desk(sqlite_reports, no_solver)
    await desk.put(ALL_UNITS, told(WEEK, None, meeting=10))
    await desk.take(ALL_UNITS)
    desk.gate = replace(desk.gate, solve=SOLVER)
    await desk.put(OF_ONE, told(WEEK, None, meeting=10))
    await desk.take(OF_ONE)

    (waiting,) = await desk.gate.waiting(NEXT)
    found = await desk.gate.again(waiting)

    assert (found.verdict, found.withdrawn) == (Verdict.PASSED, frozenset({"meeting"}))


async def test_what_one_week_loses_at_another_try_the_next_one_loses_too(sqlite_reports) -> None:
    desk, later = Desk(sqlite_reports, no_solver), WEEK.shifted(1)
    await desk.put(ALL_UNITS, told(WEEK, None, meeting=10), told(later, None, meeting=90))
    await desk.take(ALL_UNITS)
    await desk.take(ALL_UNITS, later.shifted(1))
    desk.gate = replace(desk.gate, solve=SOLVER)
    await desk.put(OF_ONE, told(WEEK, None, meeting=10))
    await desk.take(OF_ONE)

    found = [await desk.gate.again(one) for one in await desk.gate.waiting(later.shifted(1))]

    assert [one.figures.week for one in found] == [WEEK, later]
    assert [one.withdrawn for one in found] == [frozenset({"meeting"})] * 2


async def test_after_four_weeks_what_was_withheld_stays_so(sqlite_reports) -> None:
    desk = Desk(sqlite_reports, no_solver)
    await desk.put(ALL_UNITS, told(WEEK, 60, meeting=30))
    await desk.take(ALL_UNITS)

    assert len(await desk.gate.waiting(NEXT.shifted(LAST_TRY))) == 1
    assert await desk.gate.waiting(NEXT.shifted(LAST_TRY + 1)) == []


async def test_what_did_not_pass_is_never_tried_again(desk: Desk) -> None:
    desk.gate = replace(desk.gate, groups=lambda: [group("G1", "U1", "L1", 9)])
    await desk.put(ALL_UNITS, told(WEEK, None))
    await desk.put(OF_ONE, told(WEEK, None, meeting=30))
    await desk.store.put_verdict(OF_ONE.code, WEEK, Verdict.PASSED, ["U1"], [])
    await desk.take(ALL_UNITS)

    await desk.store.put_second_verdict(ALL_UNITS.code, WEEK, Verdict.PASSED, [], None)

    assert await desk.gate.waiting(NEXT) == []
    assert (await desk.take(ALL_UNITS)).withheld == (WEEK,)


async def test_asked_again_it_says_the_same_whatever_became_known(desk: Desk) -> None:
    await desk.put(ALL_UNITS, told(WEEK, None, meeting=10))
    once = await desk.take(ALL_UNITS)
    await desk.put(OF_ONE, told(WEEK, None, meeting=10))
    await desk.take(OF_ONE)
    desk.gate = replace(desk.gate, solve=no_solver)

    assert await desk.take(ALL_UNITS) == once
    assert (await desk.take(OF_ONE)).shown[0].by_category[5].people == PeopleFigure(None)


async def test_a_week_withheld_by_the_gate_withholds_the_rest_of_the_quarter(desk: Desk) -> None:
    """Groups of nine and ten people cannot hold what was printed: nothing fits, nothing goes."""
    small = [group("G1", "U1", "L1", 9)]
    desk.gate = replace(desk.gate, groups=lambda: small)
    later = WEEK.shifted(1)
    await desk.put(ALL_UNITS, told(WEEK, None), told(later, None, meeting=30))
    await desk.put(OF_ONE, told(WEEK, None, meeting=30))
    await desk.store.put_verdict(OF_ONE.code, WEEK, Verdict.PASSED, ["U1"], [])

    assert (await desk.take(ALL_UNITS)).withheld == (WEEK,)
    desk.gate = replace(desk.gate, groups=list)
    assert (await desk.take(ALL_UNITS, later.shifted(1))).withheld == (later,)


async def test_figures_rest_with_their_verdict(reports) -> None:
    desk = Desk(reports)
    await desk.put(OF_ONE, told(WEEK, None, meeting=10))
    await desk.put(ALL_UNITS, told(WEEK, None, meeting=10))
    await desk.take(OF_ONE)
    await desk.take(ALL_UNITS)

    town, county = sorted(await desk.store.returned_of(WEEK), key=lambda each: each.units)[::-1]

    assert (town.office, town.units, town.withdrawn) == ("town", ("U1",), ())
    assert (county.office, county.units, county.withdrawn) == ("county", (), ("meeting",))


# --- what is told of earlier weeks ---


def test_ten_answers_are_told_only_beside_ten_complaints() -> None:
    """Else they prove that somebody complained in weeks that show nobody."""
    silent, loud = told(WEEK, None), told(WEEK, 20, meeting=20)
    answers = told(WEEK.shifted(1), None, answered=10, median=2, remedies=1, purged=10)

    hidden, shown = supported(answers, [silent], POLICY), supported(answers, [loud], POLICY)

    assert hidden == told(WEEK.shifted(1), None)
    assert shown == answers


def test_answers_of_all_weeks_together_need_as_many_complaints() -> None:
    loud = told(WEEK, 20, meeting=20)  # sixteen at least
    weeks = [told(WEEK.shifted(n), None, answered=10) for n in (1, 2)]

    assert supported(weeks[0], [loud], POLICY).answered.value == 10
    assert supported(weeks[1], [loud, weeks[0]], POLICY).answered.value is None


def test_a_median_is_told_only_where_its_weeks_show_complaints() -> None:
    early = told(WEEK, 60, meeting=60)
    late = WEEK.shifted(10)

    prompt = supported(told(late, None, answered=20, median=2), [early], POLICY)
    slow = supported(told(late, None, answered=20, median=13), [early], POLICY)

    assert (prompt.answered.value, prompt.median_weeks) == (20, None)
    assert (slow.answered.value, slow.median_weeks) == (20, 13)


def test_remedies_without_numbers_are_numbers_all_the_same() -> None:
    loud = told(WEEK, 20, meeting=20)
    done = told(WEEK.shifted(1), None, answered=10, remedies=5)
    more = told(WEEK.shifted(2), None, remedies=0, answered=None)

    assert len(supported(done, [loud], POLICY).remedies) == 5
    again = replace(done, week=more.week, answered=PeopleFigure(None))
    assert supported(again, [loud, done], POLICY).remedies == ()
