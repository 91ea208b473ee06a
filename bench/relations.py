"""Relations across groups: right and missed on the labelled sample, and what they cost.

    python bench/relations.py [--gold] [--errors]     figures by transcript
    python bench/relations.py --speed                 µs for each demand, beside a baseline

`--gold` takes act, kinds and deadline from the labels, so that only the comparison is measured;
without it the transcript is judged as the running bot would.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
if __package__ in (None, ""):
    sys.path.insert(0, str(ROOT))

from bot.domain.episodes import GroupMemory  # noqa: E402
from bot.domain.groups import GroupProfile, LineCode, UnitCode  # noqa: E402
from bot.domain.judging import Judge  # noqa: E402
from bot.domain.messages import IncomingMessage  # noqa: E402
from bot.domain.periods import Week  # noqa: E402
from bot.domain.pseudonyms import KEY_BYTES, WeekKey  # noqa: E402
from bot.domain.reading import Reading  # noqa: E402
from bot.domain.relations import Demand, find_relations  # noqa: E402
from bot.domain.vocabulary import Act, Kind, kind_bits  # noqa: E402
from bot.platforms.transcripts import read_transcript  # noqa: E402
from config.calendar import load_calendar  # noqa: E402
from config.rulebook import load_rulebook  # noqa: E402
from tests.corpus.score_relations import Row, read, score  # noqa: E402

CORPUS = ROOT / "tests" / "corpus"
SAMPLES = {
    "extra_cross": CORPUS / "extra_cross.jsonl",
    "tuned": CORPUS / "cross" / "tuned.jsonl",
    "unseen": CORPUS / "cross" / "unseen.jsonl",
}
COPIES = 60


def judged(file: Path, judge: Judge, *, gold: bool) -> list[tuple[str, Demand]]:
    """The demands of a transcript that open an episode, with the ids of their messages."""
    labels = {
        row["id"]: row["label"]
        for row in map(json.loads, file.read_text("utf-8").splitlines())
        if "id" in row
    }
    groups: dict[str, GroupProfile] = {}
    memory: dict[str, GroupMemory] = {}
    found = []
    for one in sorted_by_time(read_transcript(file)):
        if isinstance(one, GroupProfile):
            groups[one.code] = one
            continue
        group = groups[one.conversation.id.reveal()]
        name = one.key.reveal()
        reading = reading_of(one, group, judge)
        judgement, memory[group.code] = judge.judge(
            reading, memory.get(group.code, GroupMemory.EMPTY), group
        )
        act, opens, kinds, due = (
            judgement.act, judgement.opens, kind_bits(judgement.kinds), reading.due
        )  # fmt: skip
        if gold:
            label = labels[name]
            act, opens = Act(label["act"]), True
            kinds = kind_bits(Kind(kind) for kind in label["kinds"])
            due = minute_of(label["deadline"])
        if act is Act.DEMAND and opens and reading.trace is not None:
            found.append((name, demand_of(reading, group, kinds, due)))
    return found


def sorted_by_time(
    told: Iterator[GroupProfile | IncomingMessage],
) -> list[GroupProfile | IncomingMessage]:
    """Headers first, then messages in order of time."""
    rows = list(told)
    heads: list[GroupProfile | IncomingMessage] = [
        one for one in rows if isinstance(one, GroupProfile)
    ]
    said = [one for one in rows if isinstance(one, IncomingMessage)]
    return heads + sorted(said, key=lambda one: (one.sent_at, one.key.reveal()))


def reading_of(message: IncomingMessage, group: GroupProfile, judge: Judge) -> Reading:
    """The message read under keys that any bench may use."""
    week = Week.of(message.sent_at, group.zone)
    keys = [WeekKey(one, bytes([one.number]) * KEY_BYTES) for one in (week, week.shifted(-1))]
    tag = message.key.reveal().encode().rjust(16, b"\0")[-16:]
    return judge.read(message, group, tag=tag, sender_tag=bytes(16), sketch_keys=keys)


def demand_of(reading: Reading, group: GroupProfile, kinds: int, due: int | None) -> Demand:
    """What is compared of a reading."""
    if reading.week is None or reading.trace is None:
        raise ValueError("the message asks for nothing")
    return Demand(
        week=reading.week, group=group.code, episode=reading.tag[-8:], unit=group.unit,
        line=group.line, kinds=kinds, minute=reading.minute, day=reading.day, due=due,
        trace=reading.trace,
    )  # fmt: skip


def minute_of(stamp: str | None) -> int | None:
    """Minutes since the epoch of a label's deadline."""
    return None if stamp is None else int(datetime.fromisoformat(stamp).timestamp()) // 60


def relations_in(file: Path, judge: Judge, *, gold: bool) -> list[Row]:
    """The relations found in a transcript, as rows for `score_relations`."""
    named = judged(file, judge, gold=gold)
    names = {id(demand): name for name, demand in named}
    demands = [demand for _, demand in named]
    return [
        {
            "later": names[id(found.later)],
            "relation": found.kind.value,
            "earlier": names[id(found.earlier)],
            "pressed": found.shift.is_pressed,
            "depth": found.depth,
        }
        for week in sorted({demand.week for demand in demands})
        for found in find_relations(demands, week)
    ]


def speed(judge: Judge) -> None:
    """Many counties side by side: µs for a demand, beside sorting and hashing the same ones."""
    demands = [d for file in SAMPLES.values() for _, d in judged(file, judge, gold=True)]
    many = [
        dataclasses.replace(
            one,
            unit=UnitCode(f"{one.unit}{copy}"),
            line=LineCode(f"{one.line}{copy % 10}"),
            minute=one.minute + copy % 7,
            episode=copy.to_bytes(2, "big") + one.episode[2:],
        )
        for copy in range(COPIES)
        for one in demands
    ]
    week = max(one.week for one in many).shifted(-1)
    begun = time.process_time()
    sets = [frozenset(one.trace.own) | {one.minute} for one in many]
    baseline = time.process_time() - begun
    begun = time.process_time()
    found = find_relations(many, week)
    taken = time.process_time() - begun
    print(
        f"{len(many)} demands, {len(found)} relations: {taken / len(many) * 1e6:.0f} µs a demand; "
        f"copying {len(sets)} sets: {baseline / len(many) * 1e6:.1f} µs"
    )


def main() -> None:
    """Figures, or what they cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gold", action="store_true")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--only", choices=SAMPLES)
    given = parser.parse_args()
    judge = Judge(load_rulebook(), load_calendar())
    if given.speed:
        speed(judge)
        return
    for name, file in SAMPLES.items():
        if given.only in (None, name):
            gold = read(CORPUS / "cross" / f"{name}.relations.jsonl")
            figures, errors = score(gold, relations_in(file, judge, gold=given.gold))
            print(name)
            for relation, row in figures.items():
                print(
                    f"  {relation:10}", "  ".join(f"{key} {value}" for key, value in row.items())
                )
            if given.errors:
                print("\n".join(f"    {error}" for error in errors))


if __name__ == "__main__":
    main()
