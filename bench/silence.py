"""How silent judgement is on ordinary lines that it did not learn from, fold by fold.

python -m bench.silence [--fold N] [--false]

Every line of tests/rules and tests/corpus/lines is judged once, with nothing before it, by votes and
trees that learned from all transcripts and from the lines of the other folds. Each row is for one
setting of `DOUBT` (`bot/domain/judging.py`). The last row is nested: what is said of each fold is
said with the smallest doubt that keeps the other folds to the goal. Then the ordinary lines by what they
were written for, with the doubt that ships. `--fold` takes one of the four folds only.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from math import exp
from pathlib import Path
from typing import NamedTuple

from bot.domain.episodes import GroupMemory
from bot.domain.judging import DOUBT, Judge
from bot.domain.moments import Moment, moment_of
from bot.domain.reading import Reading
from bot.domain.vocabulary import Act
from config.calendar import load_calendar
from config.model.edges import edged_lines
from config.model.follow_ups import told_follow_ups
from config.model.samples import (
    Collector,
    Told,
    readings,
    told_groups,
    told_line,
    told_lines,
)
from config.model.train import Written, as_model, fitted, samples_of
from config.rulebook import load_rulebook

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "corpus"
FOLDERS = (ROOT / "tests" / "rules", CORPUS / "lines")
DOUBTS = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0)
GOAL = 1 / 200
FOLDS = 4
# What the files of lines were written for, by how their names begin.
SORTS = ("told", "relayed", "formal", "public", "scenes")
# Neighbours are often one idea put in several ways, so they are left out together.
NEIGHBOURS = 24


class Judged(NamedTuple):
    """A line, and how much likelier than not its words alone are those of a burden."""

    fold: int
    file: str
    act: Act
    odds: float
    text: str


class Credulous(Judge):
    """Doubts nothing: what it does not count is counted at no doubt."""

    def doubt(self, reading: Reading, moment: Moment) -> float:
        """Next to none."""
        return 1e-9


def odds_of(judge: Judge, credulous: Credulous, text: str) -> float:
    """How much likelier than not a text is a burden; 0 for what is none however little is doubted.

    A plain order need be less likely (`PLAINLY`): its odds are told as those of other words.
    """
    told = told_line("line", "line", text, {})
    for _, reading, _ in readings(judge, told):
        if not credulous.judge(reading, GroupMemory.EMPTY, told.profile)[0].act.is_burden:
            return 0.0
        moment = moment_of(reading, GroupMemory.EMPTY, judge.bits)
        lean = judge.leaning(reading, moment, judge.act_scores(reading, moment))
        return exp(lean) * DOUBT / judge.doubt(reading, moment)
    return 0.0


def judged_by_folds(folds: Iterable[int]) -> list[Judged]:
    """Every line of some folds, judged by votes and trees that did not see it."""
    collector = Collector()
    files = [*sorted(CORPUS.glob("dev_*.jsonl")), *sorted(CORPUS.glob("extra_*.jsonl"))]
    told = [group for path in files for group in told_groups(path)]
    lines = [
        (fold_of(place), line)
        for folder in FOLDERS
        for place, line in enumerate(told_lines(folder))
    ]
    found = []
    for fold in folds:
        rest = [line for other, line in lines if other != fold]
        rest += edged_lines(rest)
        written = Written(told, rest, told_follow_ups(CORPUS / "follow_ups"))
        model = fitted(samples_of(collector, written), written)
        book = load_rulebook(model=as_model(model))
        judge, credulous = Judge(book, load_calendar()), Credulous(book, load_calendar())
        held = [line for other, line in lines if other == fold]
        found += [_judged(fold, judge, credulous, line) for line in held]
    return found


def _judged(fold: int, judge: Judge, credulous: Credulous, line: Told) -> Judged:
    (message,) = line.messages
    text = message.text.reveal()
    act = Act(line.labels[message.key.reveal()]["act"])
    return Judged(fold, line.name, act, odds_of(judge, credulous, text), text)


def fold_of(place: int) -> int:
    """The fold of the line at a place."""
    return place // NEIGHBOURS % FOLDS


def false_share(rows: list[Judged], doubt: float) -> float:
    """The share of ordinary lines that would be counted."""
    ordinary = [row.odds > doubt for row in rows if row.act is Act.NONE]
    return sum(ordinary) / len(ordinary)


def by_sort(rows: Iterable[Judged]) -> dict[str, list[Judged]]:
    """The ordinary lines, by what they were written for."""
    found: dict[str, list[Judged]] = {}
    for row in rows:
        if row.act is Act.NONE:
            sort = row.file.partition("_")[0]
            found.setdefault(sort if sort in SORTS else "others", []).append(row)
    return found


def heard_share(rows: list[Judged], doubt: float) -> float:
    """The share of demands that would be counted."""
    demands = [row.odds > doubt for row in rows if row.act is Act.DEMAND]
    return sum(demands) / len(demands)


def nested(rows: list[Judged]) -> tuple[float, float, list[float]]:
    """False and heard shares where the doubt of each fold is chosen on the others."""
    false = heard = 0.0
    chosen = []
    for fold in range(FOLDS):
        others = [row for row in rows if row.fold != fold]
        own = [row for row in rows if row.fold == fold]
        calm = [doubt for doubt in DOUBTS if false_share(others, doubt) <= GOAL]
        chosen.append(min(calm, default=DOUBTS[-1]))
        false += false_share(own, chosen[-1]) / FOLDS
        heard += heard_share(own, chosen[-1]) / FOLDS
    return false, heard, chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--false", action="store_true", help="also print what is falsely counted")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), help="this one only")
    asked = parser.parse_args()
    rows = judged_by_folds(range(FOLDS) if asked.fold is None else (asked.fold,))
    ordinary = sum(row.act is Act.NONE for row in rows)
    print(f"{ordinary} ordinary lines, {sum(row.act is Act.DEMAND for row in rows)} demands")
    for doubt in DOUBTS:
        false, heard = false_share(rows, doubt), heard_share(rows, doubt)
        print(f"doubt {doubt:<4} false {1000 * false:5.1f} in 1 000  heard {heard:.3f}")
    if asked.fold is None:
        false, heard, chosen = nested(rows)
        print(f"nested     false {1000 * false:5.1f} in 1 000  heard {heard:.3f}  doubts {chosen}")
    for sort, own in by_sort(rows).items():
        print(f"{sort:<10} false {1000 * false_share(own, DOUBT):5.1f} in 1 000  of {len(own)}")
    if asked.false:
        for row in sorted(rows, key=lambda row: -row.odds):
            if row.act is Act.NONE and row.odds > 1:
                print(f"{row.odds:7.1f}  {row.text}")


if __name__ == "__main__":
    main()
