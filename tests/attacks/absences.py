"""AT-3: who was away when the number fell? A simulation, and the table of docs/privacy.md.

python -m tests.attacks.absences [TRIALS]
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from functools import partial
from statistics import fmean

from bot.domain.people_figures import PeoplePolicy, threshold_and_round

Printed = Callable[[int, str], float]
TABLE = (
    (8, 52, 0.05, 1.0),
    (12, 52, 0.05, 1.0),
    (12, 26, 0.05, 1.0),
    (50, 52, 0.05, 0.1),
    (50, 52, 0.20, 0.1),
    (200, 52, 0.05, 0.1),
)
"""People, weeks, how often the others complain, how much of a week one is away: at the size of a
group exactly one is, each week; in a unit each in one week of ten."""


def printed_as_it_is(people: int, label: str) -> float:
    """The number itself."""
    return people


def printed_by_the_rules(people: int, label: str, policy: PeoplePolicy) -> float:
    """What stands in a digest; what is hidden reads as nothing."""
    return threshold_and_round(people, label, b"k" * 32, policy).value or 0


def named_rightly(
    size: int,
    weeks: int,
    printed: Printed,
    trials: int,
    *,
    others: float = 0.05,
    away: float = 1.0,
) -> float:
    """How often the one who complains every week is the top suspect, by what is printed.

    Of the others each complains in a week with the chance `others`. The attacker knows who was
    away in which week: one person each week, or, with `away` below 1, everybody with that
    chance. He suspects whoever's absence goes with the lowest numbers.
    """
    draw, hits = random.Random(size * 1000 + weeks), 0
    for trial in range(trials):
        absent = [_away(draw, size, away) for _ in range(weeks)]
        shown = [
            printed(
                (0 not in gone)
                + sum(draw.random() < others for one in range(1, size) if one not in gone),
                f"{trial}/{week}",
            )
            for week, gone in enumerate(absent)
        ]
        every = fmean(shown)
        drop = {}
        for one in set().union(*absent):
            here = [n for n, gone in zip(shown, absent, strict=True) if one in gone]
            drop[one] = every - fmean(here)
        top = max(drop.values())
        hits += draw.choice([one for one, fall in drop.items() if fall == top]) == 0
    return hits / trials


def _away(draw: random.Random, size: int, away: float) -> frozenset[int]:
    if away == 1.0:
        return frozenset([draw.randrange(size)])
    return frozenset(one for one in range(size) if draw.random() < away)


def main() -> None:
    """Print the table."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rules = partial(printed_by_the_rules, policy=PeoplePolicy())
    for size, weeks, others, away in TABLE:
        told = [
            named_rightly(size, weeks, each, trials, others=others, away=away)
            for each in (printed_as_it_is, rules)
        ]
        line = f"{size} people, {weeks} weeks, others {others:.0%}: by chance {1 / size:.1%}"
        sys.stdout.write(f"{line}, as it is {told[0]:.1%}, by the rules {told[1]:.1%}\n")


if __name__ == "__main__":
    main()
