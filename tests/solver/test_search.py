"""The solver gate's solver: right answers, found in a process of its own or not at all."""

from __future__ import annotations

import itertools
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.releases import Programme, Statement, Unsolved
from bot.solver.client import SolverProcess
from bot.solver.search import OutOfTime, Search

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TWO_WEEKS = SolverProcess(seconds=30)


def here(cells: int, said: list[Statement], asked: list[Statement]) -> list[bool]:
    return [bool(each) for each in Search(cells, said, asked, time.monotonic() + 60).answers()]


def test_a_sum_and_a_part_leave_the_rest() -> None:
    """30 printed of three, 10 and 15 of two of them: the third is nobody or up to nine."""
    said = [
        Statement((0, 1, 2), 26, 34),
        Statement((0,), 10, 14),
        Statement((2,), 11, 19),
        Statement((1,), 0, 9),
    ]
    asked = [Statement((1,), 0, 0), Statement((1,), 5, 9), Statement((1,), 9, 9)]

    assert here(3, said, asked) == [True, True, True]


def test_exact_sums_leave_one_number() -> None:
    said = [Statement((0, 1, 2), 30, 30), Statement((0,), 12, 12), Statement((2,), 15, 15)]
    asked = [Statement((1,), n, n) for n in range(6)]

    assert here(3, said, asked) == [False, False, False, True, False, False]


def test_where_nothing_fits_nothing_is_possible() -> None:
    said = [Statement((0, 1), 30, 34), Statement((0,), 0, 9), Statement((1,), 0, 9)]

    assert here(2, said, [Statement((0,), 0, 0), Statement((1,), 5, 9)]) == [False, False]


def test_halves_are_no_numbers() -> None:
    """Each pair together is odd: halves would do, whole numbers do not."""
    pairs = [Statement(pair, 1, 1) for pair in ((0, 1), (1, 2), (0, 2))]

    assert here(3, pairs, [Statement((0,), 0, 0), Statement((0,), 1, 1)]) == [False, False]


numbers = st.integers(0, 4)
statements = st.builds(
    lambda cells, low, more: Statement(
        tuple(sorted(cells)), low, None if more > 4 else low + more
    ),
    st.frozensets(st.integers(0, 2), min_size=1),
    numbers,
    st.integers(0, 6),
)
boxes = [Statement((cell,), 0, 6) for cell in range(3)]


@settings(UNHURRIED, max_examples=150)
@given(st.lists(statements, max_size=4), st.lists(statements, min_size=1, max_size=5))
def test_every_answer_is_that_of_trying_all_numbers(
    said: list[Statement], asked: list[Statement]
) -> None:
    fitting = [
        numbers
        for numbers in itertools.product(range(7), repeat=3)
        if all(is_true(one, numbers) for one in said)
    ]

    expected = [any(is_true(one, numbers) for numbers in fitting) for one in asked]

    assert here(3, [*said, *boxes], asked) == expected


def is_true(one: Statement, numbers: tuple[int, ...]) -> bool:
    total = sum(numbers[cell] for cell in one.cells)
    return one.low <= total and (one.high is None or total <= one.high)


def test_without_time_there_is_no_answer() -> None:
    with pytest.raises(OutOfTime):
        Search(1, [], [Statement((0,), 0, 0)], time.monotonic() - 1).answers()


def test_a_process_of_its_own_answers() -> None:
    programme = Programme(2, (Statement((0, 1), 10, 14), Statement((0,), 0, 9)))

    assert list(TWO_WEEKS(programme, [Statement((0,), 0, 0), Statement((1,), 0, 0)])) == [
        True,
        False,
    ]
    assert TWO_WEEKS.is_installed


@pytest.mark.parametrize(
    "program",
    [
        "import sys; sys.exit(3)",
        "import sys; sys.stdin.read(); print('[true]')",
        "import sys; sys.stdin.read(); print('yes')",
        "import time; time.sleep(60)",
    ],
    ids=["no-solver", "too-few-answers", "no-answer", "no-end"],
)
def test_whatever_ails_the_process_nothing_is_answered(program: str) -> None:
    broken = SolverProcess(0.1, 0.4, (sys.executable, "-c", program))

    with pytest.raises(Unsolved):
        broken(Programme(2, ()), [Statement((0,), 0, 0), Statement((1,), 0, 0)])


def test_a_machine_without_the_solver_gets_no_answer() -> None:
    """The child itself, with the library hidden from it."""
    hide = "import sys; sys.modules['highspy'] = None; from bot.solver.child import main; sys.exit(main())"
    without = SolverProcess(10, 20, (sys.executable, "-c", hide))

    with pytest.raises(Unsolved):
        without(Programme(1, ()), [Statement((0,), 0, 0)])
