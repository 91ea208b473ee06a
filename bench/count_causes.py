"""What the error of the counts is made of: kinds, episodes split or merged, burdens.

python -m bench.count_causes FOUND GOLD…

FOUND is what `qingzhuang classify` or `bench/leave_one_group_out.py --found` wrote, GOLD labelled
transcripts. Each found episode is matched with the labelled one that it shares most messages with.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

NO_KIND = "(no kind)"
Row = dict[str, Any]
Key = tuple[str, str]


def rows_of(path: Path) -> list[Row]:
    lines = path.read_text("utf-8").splitlines()
    return [row for row in map(json.loads, filter(None, lines)) if "id" in row]


def episodes(rows: dict[str, Row], group_of: dict[str, str]) -> dict[Key, tuple[set[str], set]]:
    """Per episode its burden messages, and the kinds that they carry."""
    found: dict[Key, tuple[set[str], set]] = defaultdict(lambda: (set(), set()))
    for name, row in rows.items():
        if row["act"] in ("demand", "reminder"):
            messages, kinds = found[group_of[name], row["episode"] or name]
            messages.add(name)
            kinds.update(row["kinds"] or [NO_KIND])
    return found


def matched(found: dict[Key, tuple], gold: dict[Key, tuple]) -> dict[Key, Key]:
    """The labelled episode of each found one, the surest first; each only once."""
    shared = [
        (len(theirs[0] & own[0]), ours, label)
        for ours, theirs in found.items()
        for label, own in gold.items()
        if theirs[0] & own[0]
    ]
    pairs: dict[Key, Key] = {}
    for _, ours, label in sorted(shared, key=lambda one: (-one[0], one[1], one[2])):
        if ours not in pairs and label not in pairs.values():
            pairs[ours] = label
    return pairs


def causes(found: dict[Key, tuple], gold: dict[Key, tuple]) -> Counter[str]:
    """How many counts each cause puts wrong."""
    pairs = matched(found, gold)
    told: Counter[str] = Counter()
    for ours, (messages, kinds) in found.items():
        if ours in pairs:
            wanted = gold[pairs[ours]][1]
            told["a kind too many"] += len(kinds - wanted)
            told["a kind too few"] += len(wanted - kinds)
        elif any(messages & own for own, _ in gold.values()):
            told["an episode split"] += len(kinds)
        else:
            told["a burden too many"] += len(kinds)
    for label in set(gold) - set(pairs.values()):
        messages, kinds = gold[label]
        seen = any(messages & theirs for theirs, _ in found.values())
        told["an episode merged" if seen else "a burden missed"] += len(kinds)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("found", type=Path)
    parser.add_argument("gold", type=Path, nargs="+")
    asked = parser.parse_args()
    labelled = [row for path in asked.gold for row in rows_of(path)]
    group_of = {row["id"]: row["group"] for row in labelled}
    gold = episodes({row["id"]: row["label"] for row in labelled}, group_of)
    found = episodes({r["id"]: r for r in rows_of(asked.found) if r["id"] in group_of}, group_of)
    told = causes(found, gold)
    print(
        f"{sum(told.values())} differences, {sum(len(kinds) for _, kinds in gold.values())} counts"
    )
    for cause, times in told.most_common():
        print(f"{times:5}  {cause}")


if __name__ == "__main__":
    main()
