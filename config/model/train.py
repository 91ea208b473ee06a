"""Trains the votes of judgement from labelled transcripts: one command, seeded, reproducible.

    python -m config.model.train [--out config/model/votes.json] TRANSCRIPT…

A development step: scikit-learn is not needed at run time. What is learned are the weights of a
logistic regression over three sorts of features: pairs and triples of characters of the normal
form that occur in several groups, rules that fired, and wordless traits of the message and of the
moment it came in. What went before a message is taken from the labels, not from guesses.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from scipy.sparse import csr_matrix, diags  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression

from bot.domain.episodes import Episode, GroupMemory
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.judging import Judge
from bot.domain.messages import Conversation, IncomingMessage, Route
from bot.domain.moments import (
    LINK_TRAITS,
    beside_traits,
    kind_bits_of,
    links_of,
    moment_of,
)
from bot.domain.periods import Week
from bot.domain.private import Opaque, PrivateText
from bot.domain.pseudonyms import KEY_BYTES, WeekKey
from bot.domain.traits import BESIDE, TRAITS
from bot.domain.vocabulary import KINDS, Act, Kind
from bot.domain.voting import ACTS, NO_VOTE, SCALE, Model
from bot.domain.work_calendar import OfficeHours
from bot.platforms.transcripts import told_by_lines
from config.calendar import load_calendar
from config.rulebook import load_rulebook, model_of

LITERAL_SIZES = (1, 2, 3)
FEWEST_MESSAGES = 3
FEWEST_GROUPS = 2
MOST_LITERALS = 9000
# How far words may carry against rules and traits: they know the towns they were learned in.
ACT_LITERAL_WEIGHT = 1.0
KIND_LITERAL_WEIGHT = 0.4
ACT_C = 0.5
KIND_C = 0.7
KIND_WANTED_WEIGHT = 3.0
SHARED_WEIGHT = 2.0
FOREIGN_WEIGHT = 0.3
OWN_WEIGHT = 3.0
SMALLEST_WEIGHT = 0.02
ALONE_WEIGHT = 0.5
LINE_WEIGHT = 0.7
ORDINARY_WEIGHT = 1.0
SHORTEST_ALONE = 10
FOLDS = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """A labelled message as the vote sees it, and what went before as the labels tell it."""

    group: str
    act: Act
    kinds: int
    literals: frozenset[str]
    text: str
    features: frozenset[str]  # for the act
    kind_features: frozenset[str]  # for the kinds
    links: tuple[tuple[Sequence[tuple[int, float]], bool], ...]
    weight: float = 1.0


def grams(text: str) -> frozenset[str]:
    """All short pieces of a normal form that may become literals."""
    return frozenset(
        text[at : at + size]
        for size in LITERAL_SIZES
        for at in range(len(text) - size + 1)
        if "\n" not in text[at : at + size]
    )


class Collector:
    """Walks through transcripts with the labels as memory."""

    def __init__(self) -> None:
        self._judge = Judge(load_rulebook(model=NO_VOTE), load_calendar(), far_ahead=float("inf"))
        self._names = [rule.id for rule in self._judge.rulebook.rules]

    def samples(self, path: Path, weight: float = 1.0) -> list[Sample]:
        """All messages of a transcript that judgement would look at."""
        lines = path.read_text("utf-8").splitlines()
        labels = {row["id"]: row["label"] for row in map(json.loads, lines) if "label" in row}
        groups: dict[str, GroupProfile] = {}
        messages: dict[str, list[IncomingMessage]] = defaultdict(list)
        for told in told_by_lines(lines, path.name):
            if isinstance(told, GroupProfile):
                groups[told.code] = told
            else:
                messages[told.conversation.id.reveal()].append(told)
        return [
            sample
            for code, group in groups.items()
            for sample in self._group(path.stem, group, messages[code], labels, weight)
        ]

    def _group(
        self,
        source: str,
        group: GroupProfile,
        messages: Sequence[IncomingMessage],
        labels: dict[str, Any],
        weight: float,
    ) -> Iterable[Sample]:
        judge = self._judge
        bits = judge.bits
        memory = GroupMemory.EMPTY
        ids: dict[str, bytes] = {}
        for message in sorted(messages, key=lambda m: (m.sent_at, m.key.reveal())):
            label = labels[message.key.reveal()]
            week = Week.of(message.sent_at, group.zone)
            keys = [_key(week.shifted(-back)) for back in range(2)]
            tag = keys[0].message_tag("t", "t", "t", message.key)
            sender = keys[0].sender_tag("t", "t", group.code, message.sender)
            reading = judge.read(message, group, tag=tag, sender_tag=sender, sketch_keys=keys)
            if reading.plain:
                continue
            moment = moment_of(reading, memory, bits)
            links = links_of(reading, moment, bits, judge.links)
            act = Act(label["act"])
            kinds = sum(1 << KINDS.index(Kind(kind)) for kind in label["kinds"])
            known = next((e for e in memory.episodes if e.id == ids.get(label["episode"])), None)
            text = judge.rulebook.normaliser(message.text.reveal()).text
            fired = {f"rule:{n}" for p, n in enumerate(self._names) if reading.fired >> p & 1}
            own = _trait_names(reading.traits)
            beside = 0
            named = kind_bits_of(reading.fired & ~bits.laggards, bits)
            if act is Act.REMINDER and known is not None:
                beside = beside_traits(named, known.kinds, routine=False)
            elif act is Act.DEMAND and (routine := judge.routine(reading, links, named)):
                beside = beside_traits(named, routine.kinds, routine=True)
            yield Sample(
                f"{source}:{group.code}",
                act,
                kinds,
                grams(text),
                text,
                frozenset(fired | own | _trait_names(moment.traits)),
                frozenset(fired | own | _trait_names(beside)),
                tuple(
                    (link.traits, known is not None and link.episode.id == known.id)
                    for link in links
                )
                if act in PRESSING
                else (),
                weight,
            )
            if memory.episodes and len(text) >= SHORTEST_ALONE:
                # The same words with nothing before them: they must carry the vote alone too.
                alone = moment_of(reading, GroupMemory.EMPTY, bits)
                yield Sample(
                    f"{source}:{group.code}",
                    act,
                    kinds,
                    grams(text),
                    text,
                    frozenset(fired | own | _trait_names(alone.traits)),
                    frozenset(fired | own),
                    (),
                    weight * ALONE_WEIGHT,
                )
            memory = self._remembered(memory, reading, act, kinds, label, ids, known)

    def lines(self, path: Path, act: Act, weight: float = LINE_WEIGHT) -> list[Sample]:
        """Lines without context: "kinds|text" for burdens, text alone for others."""
        samples: list[Sample] = []
        told = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
        for number, line in enumerate(told):
            kinds, _, text = line.partition("|") if act.is_burden else ("", "", line)
            label = {
                "act": act.value,
                "kinds": [kind.strip() for kind in kinds.split(",") if kind.strip()],
                "episode": "E1" if act.is_burden else None,
                "exempt": None,
            }
            message = _line_message(f"{path.stem}-{number}", text)
            samples += self._group(
                path.stem, _LINE_GROUP, [message], {message.key.reveal(): label}, weight
            )
        return samples

    def _remembered(
        self,
        memory: GroupMemory,
        reading: Any,
        act: Act,
        kinds: int,
        label: dict[str, Any],
        ids: dict[str, bytes],
        known: Episode | None,
    ) -> GroupMemory:
        if act is Act.NONE:
            return memory
        if act is Act.CANCEL:
            if known is None:
                return memory
            return memory.with_episode(known.ended(reading.minute), reading.minute)
        link = None
        if act is Act.REMINDER and known is not None:
            link = known
        episode = self._judge.episode(
            reading, link, kinds, act, emergency=label["exempt"] is not None
        )
        ids.setdefault(label["episode"], episode.id)
        if link is None:
            ids[label["episode"]] = episode.id
        return memory.with_episode(episode, reading.minute)


_LINE_GROUP = GroupProfile(
    GroupCode("lines"), "lines", UnitCode("lines"), LineCode("lines"), 60,
    ZoneInfo("Asia/Shanghai"), OfficeHours.parse("08:30-12:00,14:30-17:30"),
)  # fmt: skip
_LINE_SENT_AT = datetime(2026, 10, 14, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def _line_message(name: str, text: str) -> IncomingMessage:
    return IncomingMessage(
        platform="transcript",
        account="transcript",
        route=Route.TRANSCRIPT,
        key=Opaque(name),
        conversation=Conversation(is_group=True, id=Opaque("lines")),
        sender=Opaque("somebody"),
        sent_at=_LINE_SENT_AT,
        text=PrivateText(text),
        mentions_all="@所有人" in text,
    )


PRESSING = (Act.REMINDER, Act.CANCEL)


def _key(week: Week) -> WeekKey:
    return WeekKey(week, (f"{week}" * KEY_BYTES).encode()[:KEY_BYTES])


def _trait_names(bits: int) -> set[str]:
    return {f"trait:{name}" for place, name in enumerate(TRAITS) if bits >> place & 1}


def chosen_literals(samples: Sequence[Sample]) -> list[str]:
    """Pieces that occur often enough and in more than one group."""
    often: Counter[str] = Counter()
    groups: dict[str, set[str]] = defaultdict(set)
    for sample in samples:
        often.update(sample.literals)
        for literal in sample.literals:
            groups[literal].add(sample.group)
    kept = [
        literal
        for literal, times in often.items()
        if times >= FEWEST_MESSAGES and len(groups[literal]) >= FEWEST_GROUPS
    ]
    kept.sort(key=lambda literal: (-often[literal], literal))
    return kept[:MOST_LITERALS]


def _matrix(
    rows: Sequence[tuple[frozenset[str], frozenset[str]]],
    literals: Sequence[str],
    names: Sequence[str],
    literal_weight: float,
) -> csr_matrix:
    column = {name: at for at, name in enumerate([*literals, *names])}
    data, places, ends = [], [], [0]
    for words, features in rows:
        for word in words:
            at = column.get(word)
            if at is not None and at < len(literals):
                places.append(at)
                data.append(literal_weight)
        for feature in features:
            at = column.get(feature)
            if at is not None:
                places.append(at)
                data.append(1.0)
        ends.append(len(places))
    return csr_matrix((data, places, ends), shape=(len(rows), len(column)))


def fitted(samples: Sequence[Sample], seed: int = 1) -> dict[str, Any]:
    """The model as it is written to the file: whole numbers, `SCALE` to the unit."""
    literals = chosen_literals(samples)
    act_names = sorted({name for sample in samples for name in sample.features})
    rows = [(sample.literals, sample.features) for sample in samples]
    table = _matrix(rows, literals, act_names, ACT_LITERAL_WEIGHT)
    acts = np.array([ACTS.index(sample.act) for sample in samples])
    weights = np.array([sample.weight for sample in samples])
    votes = LogisticRegression(C=ACT_C, max_iter=2000, random_state=seed)
    votes.fit(table, acts, sample_weight=weights)
    act_weights = votes.coef_.T.copy()
    act_weights[: len(literals)] *= ACT_LITERAL_WEIGHT

    burdens = [sample for sample in samples if sample.act.is_burden]
    kind_names = sorted({name for sample in burdens for name in sample.kind_features})
    kind_table = _matrix(
        [(sample.literals, sample.kind_features) for sample in burdens],
        literals, kind_names, KIND_LITERAL_WEIGHT,
    )  # fmt: skip
    kind_weights, kind_bias = _kind_votes(burdens, kind_table, len(literals), kind_names, seed)
    kind_weights[: len(literals)] *= KIND_LITERAL_WEIGHT
    return _told(literals, act_names, act_weights, votes.intercept_, kind_names, kind_weights,
                 kind_bias, _link_weights(samples, seed))  # fmt: skip


def _kind_votes(
    burdens: Sequence[Sample], table: csr_matrix, literals: int, names: Sequence[str], seed: int
) -> tuple[Any, Any]:
    """One vote for all kinds: what stands beside a kind weighs the same for each, plus its own.

    A row per message and kind. Columns: every feature for every kind, then the shared ones.
    """
    width = table.shape[1]
    shared = {manner: at for at, manner in enumerate(BESIDE)}
    place = {name: literals + at for at, name in enumerate(names)}
    own_rows, own_columns, own_data = [], [], []
    wanted, weights = [], []
    scales = [_kind_scales(kind, literals, names, width) for kind in KINDS]
    for number, kind in enumerate(KINDS):
        part = (table @ diags(scales[number])).tocoo()
        base = number * len(burdens)
        own_rows.append(part.row + base)
        own_columns.append(part.col + number * width)
        own_data.append(part.data)
        for at, sample in enumerate(burdens):
            has = sample.kinds >> number & 1
            wanted.append(has)
            weights.append(sample.weight * (KIND_WANTED_WEIGHT if has else 1.0))
            for manner, column in shared.items():
                if f"trait:{manner}.{kind.value}" in sample.kind_features:
                    own_rows.append(np.array([base + at]))
                    own_columns.append(np.array([len(KINDS) * width + column]))
                    own_data.append(np.array([SHARED_WEIGHT]))
        own_rows.append(np.arange(base, base + len(burdens)))
        own_columns.append(np.full(len(burdens), len(KINDS) * width + len(shared) + number))
        own_data.append(np.ones(len(burdens)))
    size = (len(KINDS) * len(burdens), len(KINDS) * width + len(shared) + len(KINDS))
    whole = csr_matrix(
        (np.concatenate(own_data), (np.concatenate(own_rows), np.concatenate(own_columns))), size
    )
    vote = LogisticRegression(C=KIND_C, solver="liblinear", random_state=seed, max_iter=500)
    vote.fit(whole, np.array(wanted), sample_weight=np.array(weights))
    learned = vote.coef_[0]
    votes = (learned[: len(KINDS) * width].reshape(len(KINDS), width) * np.array(scales)).T.copy()
    tail = learned[len(KINDS) * width :]
    for manner, column in shared.items():
        for number, kind in enumerate(KINDS):
            row = place.get(f"trait:{manner}.{kind.value}")
            if row is not None:
                votes[row, number] += SHARED_WEIGHT * tail[column]
    return votes, tail[len(shared) :] + vote.intercept_[0]


def _kind_scales(kind: Kind, literals: int, names: Sequence[str], width: int) -> Any:
    """How far each feature may count for a kind: what speaks of other kinds says little of it."""
    scale = np.ones(width)
    for at, name in enumerate(names):
        rule = name.removeprefix("rule:").split(".")[0]
        told = name.removeprefix("trait:").rsplit(".", 1)[-1]
        foreign = {other.value for other in KINDS if other is not kind}
        if (name.startswith("rule:") and rule in foreign) or (
            name.startswith("trait:") and told in foreign
        ):
            scale[literals + at] = FOREIGN_WEIGHT
        elif name.startswith("rule:") and rule == kind.value:
            scale[literals + at] = OWN_WEIGHT
    return scale


def _link_weights(samples: Sequence[Sample], seed: int) -> dict[str, float]:
    pairs = [pair for sample in samples for pair in sample.links]
    table = np.array(
        [[dict(traits).get(at, 0.0) for at in range(len(LINK_TRAITS))] for traits, _ in pairs]
    )
    wanted = np.array([belongs for _, belongs in pairs])
    vote = LogisticRegression(C=1.0, fit_intercept=False, random_state=seed, max_iter=2000)
    vote.fit(table, wanted)
    return dict(zip(LINK_TRAITS, vote.coef_[0], strict=True))


def _told(
    literals: Sequence[str],
    act_names: Sequence[str],
    act_weights: Any,
    act_bias: Any,
    kind_names: Sequence[str],
    kind_weights: Any,
    kind_bias: Any,
    links: dict[str, float],
) -> dict[str, Any]:
    act_row = {name: at for at, name in enumerate([*literals, *act_names])}
    kind_row = {name: at for at, name in enumerate([*literals, *kind_names])}
    no_acts, no_kinds = np.zeros(len(ACTS)), np.zeros(len(KINDS))

    def sparse(name: str) -> list[int]:
        row = np.concatenate([
            act_weights[act_row[name]] if name in act_row else no_acts,
            kind_weights[kind_row[name]] if name in kind_row else no_kinds,
        ])  # fmt: skip
        told: list[int] = []
        for at, value in enumerate(row):
            if abs(value) >= SMALLEST_WEIGHT:
                told += (at, round(float(value) * SCALE))
        return told

    weights = {name: sparse(name) for name in sorted({*act_row, *kind_row})}
    return {
        "scale": SCALE,
        "literals": [name for name in literals if weights[name]],
        "features": sorted({*act_names, *kind_names}),
        "weights": {n: told for n, told in weights.items() if told or n not in set(literals)},
        "links": {name: round(share * SCALE) for name, share in links.items()},
        "bias": [round(float(value) * SCALE) for value in (*act_bias, *kind_bias)],
    }


def as_model(told: dict[str, Any]) -> Model:
    """The model of `fitted`, without the way over a file."""
    return model_of(json.dumps(told).encode())


FOLDERS = {
    "demands": Act.DEMAND,
    "reminders": Act.REMINDER,
    "cancels": Act.CANCEL,
    "ordinary": Act.NONE,
}


def lines_of(collector: Collector, folder: Path, *, fold: int | None = None) -> list[Sample]:
    """The lines of tests/rules, what must be found first; without one of FOLDS folds, if wanted.

    How silent judgement is on lines that it never saw is measured fold by fold.
    """
    samples: list[Sample] = []
    for name, act in FOLDERS.items():
        weight = ORDINARY_WEIGHT if act is Act.NONE else LINE_WEIGHT
        for path in sorted(folder.joinpath(name).glob("*.txt")):
            samples += collector.lines(path, act, weight)
    return samples if fold is None else [s for n, s in enumerate(samples) if n % FOLDS != fold]


def main() -> None:
    """Train on the named transcripts and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("transcripts", nargs="+", type=Path)
    folders = "folders that hold demands/, reminders/, cancels/ or ordinary/"
    parser.add_argument("--lines", type=Path, nargs="*", default=[], help=folders)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("votes.json"))
    asked = parser.parse_args()
    collector = Collector()
    samples = [sample for path in asked.transcripts for sample in collector.samples(path)]
    for folder in asked.lines:
        samples += lines_of(collector, folder)
    told = fitted(samples)
    asked.out.write_text(
        json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8"
    )


if __name__ == "__main__":
    main()
