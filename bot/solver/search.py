"""Whole numbers that fit what was said, found by HiGHS and checked by us."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import highspy
import numpy as np

_Row = tuple[Sequence[int], int, int | None]
_NO_BOUND = highspy.kHighsInf
_INFEASIBLE = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
)


class OutOfTime(Exception):
    """The time was up before everything was answered."""


class _Sums:
    """Sums of cells with their bounds, all of them at once."""

    def __init__(self, rows: Sequence[_Row]) -> None:
        lengths = np.fromiter((len(cells) for cells, _, _ in rows), np.int64, len(rows))
        self.starts = np.concatenate(([0], np.cumsum(lengths)))
        self.index = np.fromiter(
            (cell for cells, _, _ in rows for cell in cells), np.int64, int(self.starts[-1])
        )
        self.low = np.array([low for _, low, _ in rows], np.int64)
        most = np.iinfo(np.int64).max
        self.high = np.array([most if high is None else high for _, _, high in rows], np.int64)

    def fit(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Which of the sums lie within their bounds."""
        if not len(self.low):
            return np.zeros(0, bool)
        sums = np.add.reduceat(numbers[self.index], self.starts[:-1])
        return (self.low <= sums) & (sums <= self.high)


class Search:
    """Answers for each question whether it can be true beside what was said.

    One solution answers many questions, so first those are looked for in which as many as
    possible are true; what is left is asked one by one. The solver's word is taken for "no" and
    for nothing else: a "yes" is whole numbers that were put into every statement.
    """

    def __init__(
        self, cells: int, said: Sequence[_Row], questions: Sequence[_Row], until: float
    ) -> None:
        self._cells, self._until = cells, until
        self._said, self._asked = _Sums(said), _Sums(questions)
        self._questions = questions
        self._yes = np.zeros(len(questions), bool)
        # Beside each question for at least so many stands a number that grows up to it.
        self._at_least = [place for place, (_, low, _) in enumerate(questions) if low > 0]
        self._solver = self._model()

    def answers(self) -> Sequence[bool]:
        """In the order of the questions. Raises OutOfTime."""
        if not len(self._yes):
            return []
        if not self._run():
            return list(self._yes)
        self._bulk(self._for_none)
        self._bulk(self._for_many)
        for place in np.flatnonzero(~self._yes):
            if not self._yes[place]:
                self._alone(int(place))
        return list(self._yes)

    def _bulk(self, wish: Any) -> None:
        left = len(self._yes) + 1
        while (now := int((~self._yes).sum())) and now < left:
            left = now
            costs = wish()
            columns = np.arange(len(costs), dtype=np.int32)
            self._solver.changeColsCost(len(costs), columns, costs)
            self._run()
        nothing = np.zeros(self._cells + len(self._at_least))
        self._solver.changeColsCost(len(nothing), np.arange(len(nothing), dtype=np.int32), nothing)

    def _for_none(self) -> np.ndarray[Any, Any]:
        """As few as possible in every sum that may not be nothing yet."""
        costs = np.zeros(self._cells + len(self._at_least))
        for place in np.flatnonzero(~self._yes):
            if self._asked.low[place] == 0:
                costs[list(self._questions[int(place)][0])] += 1
        return costs

    def _for_many(self) -> np.ndarray[Any, Any]:
        """As many as needed in every sum that is not known to reach it, and no more elsewhere."""
        costs = np.zeros(self._cells + len(self._at_least))
        costs[: self._cells] = 1e-3
        for column, place in enumerate(self._at_least, self._cells):
            if not self._yes[place]:
                costs[column] = -1
        return costs

    def _alone(self, place: int) -> None:
        cells, low, high = self._questions[place]
        row = self._solver.getNumRow()
        top = _NO_BOUND if high is None else high
        index = np.array(cells, np.int32)
        self._solver.addRow(low, top, len(cells), index, np.ones(len(cells)))
        self._run()
        self._solver.deleteRows(1, np.array([row], np.int32))

    def _run(self) -> bool:
        """Solve, check, note what it answers; whether anything fits."""
        for is_relaxed in (True, False):
            left = self._until - time.monotonic()
            if left <= 0:
                raise OutOfTime
            self._solver.setOptionValue("solve_relaxation", is_relaxed)
            self._solver.setOptionValue("time_limit", self._solver.getRunTime() + left)
            self._solver.run()
            status = self._solver.getModelStatus()
            if status in _INFEASIBLE:
                return False
            if status != highspy.HighsModelStatus.kOptimal:
                raise OutOfTime
            values = np.array(self._solver.getSolution().col_value[: self._cells])
            numbers = np.rint(values).astype(np.int64)
            # Without a fraction the relaxed solution is a whole one; the check decides.
            if (numbers >= 0).all() and self._said.fit(numbers).all():
                self._yes |= self._asked.fit(numbers)
                return True
        raise OutOfTime  # whole to the solver and not to us: it cannot be told

    def _model(self) -> Any:
        extra = len(self._at_least)
        bounded = [self._questions[place] for place in self._at_least]
        index = [*self._said.index]
        value = [1.0] * len(index)
        starts = [*self._said.starts[:-1]]
        for column, (cells, _, _) in enumerate(bounded, self._cells):
            starts.append(len(index))
            index += [*cells, column]
            value += [1.0] * len(cells) + [-1.0]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self._cells + extra, len(starts)
        lp.col_cost_ = np.zeros(lp.num_col_)
        lp.col_lower_ = np.zeros(lp.num_col_)
        most = np.full(lp.num_col_, _NO_BOUND)
        most[self._cells :] = [low for _, low, _ in bounded]
        lp.col_upper_ = most
        high = np.where(
            self._said.high == np.iinfo(np.int64).max, _NO_BOUND, self._said.high.astype(float)
        )
        lp.row_lower_ = np.concatenate((self._said.low.astype(float), np.zeros(extra)))
        lp.row_upper_ = np.concatenate((high, np.full(extra, _NO_BOUND)))
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array([*starts, len(index)], np.int32)
        lp.a_matrix_.index_ = np.array(index, np.int32)
        lp.a_matrix_.value_ = np.array(value)
        whole, any_number = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        lp.integrality_ = [whole] * self._cells + [any_number] * extra
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.passModel(lp)
        return solver
