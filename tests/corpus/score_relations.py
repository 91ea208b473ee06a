#!/usr/bin/env python3
"""Score relations found across groups against a labelled sample (see cross/README.md).

    python tests/corpus/score_relations.py GOLD.relations.jsonl FOUND.jsonl [--json] [--errors]

Both hold one JSON object a line: {"later": id, "relation": relay|duplicate|broadcast,
"earlier": id, "pressed": bool}. A found relation is right when the later demand has that relation
in GOLD to the same earlier demand, or to one that GOLD itself joins with it: by relays and
broadcasts (the same matter at another level), of a duplicate also by duplicates (a third line that
asks may be held against either of the others); `exact` is the share of right ones whose earlier
demand is the very one. Pairs that GOLD calls "unsure" count neither way. `pressed` is scored over
the right relays.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

RELATIONS = ("relay", "duplicate", "broadcast")
Row = Mapping[str, object]


def read(path: Path) -> list[Row]:
    """The rows of a file of relations."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


class Matters:
    """Demands that are the same matter: joined by relations of these kinds."""

    def __init__(self, gold: Iterable[Row], kinds: Iterable[str]) -> None:
        self._first: dict[object, object] = {}
        for row in gold:
            if row["relation"] in kinds:
                later, earlier = self.of(row["later"]), self.of(row["earlier"])
                if later != earlier:
                    self._first[later] = earlier

    def of(self, demand: object) -> object:
        """The demand that stands for all of its matter."""
        while demand in self._first:
            demand = self._first[demand]
        return demand


def score(gold: list[Row], found: list[Row]) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Figures by relation, and a line for each error."""
    unsure = {(row["later"], row["earlier"]) for row in gold if row["relation"] == "unsure"}
    figures: dict[str, dict[str, float]] = {}
    errors: list[str] = []
    pressed: list[tuple[object, object]] = []
    for relation in RELATIONS:
        joining = RELATIONS if relation == "duplicate" else ("relay", "broadcast")
        matters = Matters(gold, joining)
        wanted = {row["later"]: row for row in gold if row["relation"] == relation}
        told = [
            row
            for row in found
            if row["relation"] == relation and (row["later"], row["earlier"]) not in unsure
        ]
        right, exact = set(), 0
        for row in told:
            want = wanted.get(row["later"])
            if want is None or matters.of(want["earlier"]) != matters.of(row["earlier"]):
                errors.append(f"false {relation}: {row['later']} of {row['earlier']}")
                continue
            right.add(row["later"])
            exact += want["earlier"] == row["earlier"]
            if relation == "relay":
                pressed.append((want["pressed"], row["pressed"]))
        errors += [
            f"missed {relation}: {later} of {row['earlier']}"
            for later, row in wanted.items()
            if later not in right
        ]
        figures[relation] = _figures(len(right), len(told), len(wanted))
        figures[relation]["exact"] = round(exact / len(right), 3) if right else 0.0
    both = sum(bool(want and have) for want, have in pressed)
    figures["pressed"] = _figures(
        both, sum(bool(have) for _, have in pressed), sum(bool(want) for want, _ in pressed)
    )
    right = sum(round(figures[name]["p"] * figures[name]["found"]) for name in RELATIONS)
    figures["all"] = _figures(
        right,
        int(sum(figures[name]["found"] for name in RELATIONS)),
        int(sum(figures[name]["n"] for name in RELATIONS)),
    )
    return figures, errors


def _figures(right: int, told: int, wanted: int) -> dict[str, float]:
    return {
        "p": round(right / told, 3) if told else 1.0,
        "r": round(right / wanted, 3) if wanted else 1.0,
        "found": told,
        "n": wanted,
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path)
    parser.add_argument("found", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--errors", action="store_true")
    given = parser.parse_args()
    figures, errors = score(read(given.gold), read(given.found))
    if given.json:
        print(json.dumps(figures))
    else:
        for name, row in figures.items():
            print(f"{name:10}", "  ".join(f"{key} {value}" for key, value in row.items()))
    if given.errors:
        print("\n".join(errors))


if __name__ == "__main__":
    main()
