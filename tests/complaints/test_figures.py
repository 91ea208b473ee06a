"""Figures of complaints: thresholds, rounding, gate; on the stick, in the store, in the digest."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto.exchange import figures_in
from bot.domain.complaint_figures import (
    NARROWEST,
    RawComplaints,
    from_plain,
    keeps_gate,
    publishable,
    to_plain,
)
from bot.domain.complaints import CaseState, Category, ClosingReason, Remedy
from bot.domain.errors import BadInput
from bot.domain.people_figures import PeopleFigure, PeoplePolicy
from bot.office.case_book import Case, CaseBook
from bot.office.replying import Decision, decide
from bot.office.returning import is_covered, return_file, week_figures
from tests.complaints.house import WEEK, desk_of, new_office, take_all

POLICY = PeoplePolicy()
KEY = b"r" * 32
PEOPLE = st.dictionaries(st.sampled_from(Category), st.integers(0, 260))


def raw(people=(), met=True, waited=(), remedies=(), purged=0) -> RawComplaints:
    return RawComplaints(met, dict(people), list(waited), list(remedies), purged)


def figures(**more):
    return publishable(raw(**more), WEEK, "county", KEY, POLICY)


@given(PEOPLE, st.binary(min_size=32, max_size=32), st.integers(0, 300), st.integers(0, 300))
def test_no_number_is_exact_and_none_lies_between_nothing_and_ten(people, key, answered, purged):
    found = publishable(
        raw(people, waited=[1] * answered, purged=purged), WEEK, "county", key, POLICY
    )

    shown = [found.total, found.answered, found.purged, *(c.people for c in found.by_category)]
    for figure in shown:
        assert figure.value is None or (figure.value % 5 == 0 and 10 <= figure.value <= 200)
    for each in found.by_category:
        n = people.get(each.category, 0)
        assert (each.people.value is None) == (n < 10)
        assert each.people.value is None or abs(each.people.value - min(n, 200)) < 5


@given(PEOPLE, st.binary(min_size=32, max_size=32))
def test_the_same_key_gives_the_same_figures_however_often(people, key):
    once, again = (publishable(raw(people), WEEK, "county", key, POLICY) for _ in range(2))

    assert once == again


@given(PEOPLE, st.binary(min_size=32, max_size=32))
def test_an_attacker_with_a_solver_learns_of_no_hidden_category(people, key):
    """Every hidden cell can be nothing, and five values at least, given all that is shown."""
    found = publishable(raw(people), WEEK, "county", key, POLICY)

    assert keeps_gate(found.total, [each.people for each in found.by_category], POLICY)
    for low, high in bounds_by_search(found):
        assert low == 0
        assert high - low >= NARROWEST


def bounds_by_search(found):
    """Least and greatest of each hidden cell, by trying: an independent attacker."""
    hidden = [each for each in found.by_category if each.people.value is None]
    if not hidden:
        return []
    if found.total.value is None:
        return [(0, 9)] * len(hidden)
    shown = [each.people for each in found.by_category if each.people.value is not None]
    low = sum(max(10, each.value - 4) for each in shown)
    high = sum(10**6 if each.or_more else each.value + 4 for each in shown)
    t_low = max(10, found.total.value - 4)
    t_high = 10**6 * 20 if found.total.or_more else found.total.value + 4
    others = 9 * (len(hidden) - 1)
    possible = [x for x in range(10) if low + x <= t_high and high + x + others >= t_low]
    return [(min(possible), max(possible))] * len(hidden)


def test_without_the_gate_the_same_attacker_succeeds():
    """The negative control: a total beside one shown category narrows the others down."""
    gated = figures(people={Category.OTHER: 10, Category.MEETING: 1})
    open_total = replace(gated, total=PeopleFigure(10))

    assert gated.total.value is None
    assert not keeps_gate(open_total.total, [c.people for c in open_total.by_category], POLICY)
    low, high = bounds_by_search(open_total)[0]
    assert high - low < NARROWEST


@given(PEOPLE)
def test_one_writer_of_ten_thousand_moves_no_figure_by_more_than_a_step(people):
    """He counts once in one category, whatever he sends."""
    more = {**people, Category.OTHER: people.get(Category.OTHER, 0) + 1}
    one, other = (publishable(raw(each), WEEK, "c", KEY, POLICY) for each in (people, more))

    for a, b in zip(one.by_category, other.by_category, strict=True):
        assert abs((b.people.value or 5) - (a.people.value or 5)) <= 5


def test_a_batch_that_was_too_small_gives_no_figures():
    assert figures(people={Category.OTHER: 150}, met=False).total.value is None


def test_what_was_done_and_how_long_it_took_stand_beside_ten_answers_only():
    done = [Remedy.GROUP_DISSOLVED] * 4 + [Remedy.RULE_CHANGED] * 2
    few = figures(waited=[1] * 9, remedies=done)
    enough = figures(waited=[1] * 6 + [3] * 8, remedies=done)

    assert (few.answered.value, few.median_weeks, few.remedies) == (None, None, ())
    assert enough.median_weeks == 4  # three weeks: "at most four"
    assert enough.remedies == (Remedy.GROUP_DISSOLVED,)


@given(PEOPLE, st.binary(min_size=32, max_size=32))
def test_figures_are_read_back_as_they_were_signed(people, key):
    found = publishable(raw(people, waited=[2] * 30), WEEK, "county", key, POLICY)

    assert from_plain(to_plain(found), POLICY) == found


@pytest.mark.parametrize(
    "change",
    [
        {"total": 7}, {"total": 12}, {"total": 5}, {"total": 300}, {"total": True},
        {"total": "many"}, {"by_category": {"other": 3}}, {"by_category": {"gossip": 10}},
        {"answered": None, "median_weeks": 2}, {"answered": None, "remedies": ["rule_changed"]},
        {"week": "2026"}, {"median_weeks": 1.5}, {"total": 10, "by_category": {"other": 10}},
    ],
)  # fmt: skip
def test_a_number_that_never_passed_the_rules_is_refused(change):
    plain = {**to_plain(figures(people={Category.OTHER: 90}, waited=[1] * 20)), **change}

    with pytest.raises((ValueError, KeyError)):
        from_plain(plain, POLICY)


def book_of(*cases: dict) -> CaseBook:
    book = CaseBook()
    for n, case in enumerate(cases):
        made = {
            "id": f"{n:032x}", "code": f"C{n}", "week": str(WEEK), "category": "other",
            "counts": True, "unit": "U1", "text": "x", "met": True,
        }  # fmt: skip
        book.cases[f"{n:032x}"] = Case(**{**made, **case})
    return book


def covered(book: CaseBook, met: bool = True) -> CaseBook:
    from bot.office.case_book import HeldBatch

    book.batches["b"] = HeldBatch("b", str(WEEK), met, [str(WEEK)], dict.fromkeys(book.cases, ""))
    return book


def test_an_office_s_figures_count_people_and_not_complaints():
    office = new_office()
    many = covered(book_of(*[{}] * 40, *[{"counts": False}] * 500, *[{"withdrawn": True}] * 50))

    found = week_figures(office, [many], WEEK)

    assert found.total.value == 40
    assert (
        week_figures(office, [covered(book_of(*[{}] * 40), met=False)], WEEK).total.value is None
    )
    assert is_covered([many], WEEK)
    assert not is_covered([many], WEEK.shifted(1))


def test_answers_count_in_the_week_they_were_given():
    office, book = new_office(), covered(book_of(*[{}] * 20))
    later = WEEK.shifted(2)
    for case in book.cases.values():
        decide(book, case, Decision(CaseState.IN_HAND, "在办"), WEEK.shifted(1))
        closed = Decision(CaseState.CLOSED, "好了", ClosingReason.REMEDIED, Remedy.DEADLINE_MOVED)
        decide(book, case, closed, later)
        decide(book, case, closed, later.shifted(3))  # said again, it is not answered again

    book.batches["b"].weeks.append(str(later))
    found = week_figures(office, [book], later)
    assert (found.answered.value, found.median_weeks) == (20, 2)
    assert week_figures(office, [book], later.shifted(3)).answered.value is None


def test_a_case_goes_ninety_days_after_its_closing_and_after_180_in_any_case():
    book = book_of(
        {"closed_in": str(WEEK), "state": "closed"},
        {"week": str(WEEK.shifted(1))},
        {"withdrawn": True},
    )

    assert book.purge(WEEK.shifted(12)) == 0
    assert book.purge(WEEK.shifted(13)) == 2
    assert book.purge(WEEK.shifted(25)) == 0
    assert book.purge(WEEK.shifted(26)) == 1
    assert book.purged[str(WEEK.shifted(13))] == 2


def test_a_decision_needs_a_reason_to_close_and_none_else():
    for state, reason in itertools.product(CaseState, (None, ClosingReason.EXPLAINED)):
        if (state is CaseState.CLOSED) == (reason is not None):
            Decision(state, "好", reason)
        else:
            with pytest.raises(ValueError, match="closing"):
                Decision(state, "好", reason)
    with pytest.raises(ValueError, match="500"):
        Decision(CaseState.ANSWERED, "长" * 501)


async def test_signed_figures_are_believed_from_their_office_only(bot, office):
    for unit in ("U1", "U2", "U1", "U2", "U1"):
        await bot.box.submit(bot.complaint(unit=unit))
    await bot.slots(3)
    ended = await bot.next_monday()
    desk = desk_of(office)
    take_all(desk, bot.batches())
    made = return_file(office, week_figures(office, desk.books(), ended))

    assert bot.exchange.decode_return(made, "stick") == ("county", figures_in(made))
    assert figures_in(made).total.value is None
    stranger = new_office()
    with pytest.raises(BadInput, match=r"expected\.entered_key"):
        bot.exchange.decode_return(
            return_file(stranger, week_figures(stranger, desk.books(), ended)), "stick"
        )
    with pytest.raises(BadInput, match=r"expected\.signed"):
        bot.exchange.decode_return(made.replace(b'"total":null', b'"total":0   '), "stick")
