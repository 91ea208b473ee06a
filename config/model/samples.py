"""Labelled messages as the vote sees them: read once, with what went before told by the labels."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.episodes import Episode, GroupMemory
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.judgement import Judgement
from bot.domain.judging import Judge
from bot.domain.messages import Conversation, IncomingMessage, Route
from bot.domain.moments import moment_of
from bot.domain.opening import opened_by, pressed_by
from bot.domain.periods import Week
from bot.domain.private import Opaque, PrivateText
from bot.domain.prohibitions import UNASKED
from bot.domain.pseudonyms import KEY_BYTES, WeekKey
from bot.domain.reading import Reading
from bot.domain.traits import TRAITS
from bot.domain.vocabulary import KINDS, Act, Kind
from bot.domain.voting import NO_VOTE
from bot.domain.work_calendar import OfficeHours
from bot.platforms.transcripts import told_by_lines
from config.calendar import load_calendar
from config.rulebook import load_rulebook

LITERAL_SIZES = (1, 2, 3)
BREAKS = {"\n", UNASKED}
ALONE_WEIGHT = 0.5
LINE_WEIGHT = 0.7
ORDINARY_WEIGHT = 0.5
SHORTEST_ALONE = 10
FOLDERS = {
    "demands": Act.DEMAND,
    "reminders": Act.REMINDER,
    "cancels": Act.CANCEL,
    "ordinary": Act.NONE,
}
# How a kind stands to the episode or routine that a message belongs to: that has it, and the
# message names no kind; names this one; names others of it. The first look learns with them what
# the words say of a kind, and what only the episode says; it votes without them.
BESIDE = tuple(
    f"{whose}_{manner}"
    for whose in ("episode", "routine")
    for manner in ("bare", "named", "others", "foreign")
)


UNCLEAR = "unclear"
"""Says of a line, where others have "emergency" or none, that it hangs on what the group is busy with."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A labelled message as the first look sees it."""

    group: str
    act: Act
    kinds: int
    literals: frozenset[str]
    text: str
    features: frozenset[str]  # for the act
    kind_features: frozenset[str]  # for the kinds
    weight: float = 1.0
    emergency: bool | None = None  # None where that cannot be told of the text alone


@dataclass(frozen=True, slots=True)
class Told:
    """A group of a transcript: its messages in order, with their labels by key."""

    name: str
    profile: GroupProfile
    messages: tuple[IncomingMessage, ...]
    labels: Mapping[str, dict[str, Any]]


def told_groups(path: Path) -> list[Told]:
    """The groups of a labelled transcript."""
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
        Told(
            f"{path.stem}:{code}",
            group,
            tuple(sorted(messages[code], key=lambda m: (m.sent_at, m.key.reveal()))),
            labels,
        )
        for code, group in groups.items()
    ]


def readings(
    judge: Judge, told: Told
) -> Iterator[tuple[IncomingMessage, Reading, dict[str, Any]]]:
    """The messages of a group that judgement looks at, read, with their labels."""
    for message, reading in _read(judge, told):
        if not reading.plain:
            yield message, reading, told.labels[message.key.reveal()]


def _read(judge: Judge, told: Told) -> Iterator[tuple[IncomingMessage, Reading]]:
    for message in told.messages:
        week = Week.of(message.sent_at, told.profile.zone)
        keys = [_key(week.shifted(-back)) for back in range(2)]
        tag = keys[0].message_tag("t", "t", "t", message.key)
        sender = keys[0].sender_tag("t", "t", told.profile.code, message.sender)
        reading = judge.read(message, told.profile, tag=tag, sender_tag=sender, sketch_keys=keys)
        yield message, reading


def judged(judge: Judge, told: Told) -> Iterator[Judgement]:
    """What a judge makes of each message of a group, one after the other."""
    memory = GroupMemory.EMPTY
    for _, reading in _read(judge, told):
        judgement, memory = judge.judge(reading, memory, told.profile)
        yield judgement


def kinds_of(label: Mapping[str, Any]) -> int:
    """The kinds of a label as bits."""
    return sum(1 << KINDS.index(Kind(kind)) for kind in label["kinds"])


def serves_emergency(label: Mapping[str, Any]) -> bool | None:
    """Whether a label says so; None where it says that the text alone cannot tell."""
    return None if label["exempt"] == UNCLEAR else label["exempt"] is not None


class Memory:
    """What is remembered of a group when the labels, and no guesses, say what went before."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._ids: dict[str, bytes] = {}
        self.held = GroupMemory.EMPTY

    def known(self, label: Mapping[str, Any]) -> Episode | None:
        """The episode a message belongs to, where it is remembered."""
        wanted = self._ids.get(label["episode"])
        return next((e for e in self.held.episodes if e.id == wanted), None)

    def add(self, reading: Reading, label: Mapping[str, Any]) -> None:
        """Remember a labelled message."""
        act, known = Act(label["act"]), self.known(label)
        if act is Act.CANCEL and known is not None:
            self.held = self.held.with_episode(known.ended(reading.minute), reading.minute)
        if not act.is_burden:
            return
        if known is not None and act is Act.REMINDER:
            episode = pressed_by(reading, known, kinds_of(label))
        else:
            renewed = self._renewed(reading) if act is Act.DEMAND else None
            episode = opened_by(
                reading, kinds_of(label), act,
                emergency=bool(serves_emergency(label)), renewed=renewed,
            )  # fmt: skip
            self._ids[label["episode"]] = episode.id
        self.held = self.held.with_episode(episode, reading.minute)

    def _renewed(self, reading: Reading) -> Episode | None:
        judge = self._judge
        links = judge.links_of(reading, moment_of(reading, self.held, judge.bits))
        case, link = judge.beside_of(reading, links, Act.DEMAND)
        if link is None or case != "renewed" or judge.is_another(reading, link):
            return None
        return link.episode


class Collector:
    """Walks through transcripts with the labels as memory."""

    def __init__(self) -> None:
        self._judge = Judge(load_rulebook(model=NO_VOTE), load_calendar(), far_ahead=float("inf"))
        self._names = [rule.id for rule in self._judge.rulebook.rules]

    def samples(self, path: Path, weight: float = 1.0) -> list[Sample]:
        """All messages of a transcript that judgement would look at."""
        return [sample for told in told_groups(path) for sample in self.of_group(told, weight)]

    def of_group(self, told: Told, weight: float, *, after: int = 0) -> Iterable[Sample]:
        """Every message twice: with what went before it, and as if nothing had.

        Of a made chat, what comes `after` so many messages, once: its words have their kinds from those.
        """
        judge = self._judge
        memory = Memory(judge)
        before = told.messages[:after]
        for message, reading, label in readings(judge, told):
            if message in before:
                memory.add(reading, label)
                continue
            act, kinds = Act(label["act"]), kinds_of(label)
            text = judge.hearing.hear(message.text.reveal()).asked
            emergency = serves_emergency(label)
            own = {f"rule:{n}" for p, n in enumerate(self._names) if reading.fired >> p & 1}
            own |= _trait_names(reading.traits)
            literals = grams(text)
            moment = moment_of(reading, memory.held, judge.bits)
            yield Sample(
                told.name, act, kinds, literals, text,
                frozenset(own | _trait_names(moment.traits)),
                frozenset(own | self._beside(reading, memory, label)), weight, emergency,
            )  # fmt: skip
            if not after and memory.held.episodes and len(text) >= SHORTEST_ALONE:
                # The same words with nothing before them: they must carry the vote alone too.
                alone = moment_of(reading, GroupMemory.EMPTY, judge.bits)
                yield Sample(
                    told.name, act, kinds, literals, text,
                    frozenset(own | _trait_names(alone.traits)), frozenset(own),
                    weight * ALONE_WEIGHT, emergency,
                )  # fmt: skip
            memory.add(reading, label)

    def _beside(self, reading: Reading, memory: Memory, label: Mapping[str, Any]) -> set[str]:
        judge = self._judge
        named = reading.kinds
        known = memory.known(label)
        if label["act"] == "reminder" and known is not None:
            return beside(named, known.kinds, "episode")
        if label["act"] == "demand":
            moment = moment_of(reading, memory.held, judge.bits)
            routine = judge.routine(reading, judge.links_of(reading, moment), named)
            if routine is not None:
                return beside(named, routine.episode.kinds, "routine")
        return set()


def beside(own: int, kinds: int, whose: str) -> set[str]:
    """How each kind stands to the episode a message belongs to, or to the routine it takes up.

    `own` are the kinds that the message names, `kinds` those of the episode.
    """
    found = set()
    for number, kind in enumerate(KINDS):
        bit = 1 << number
        manner = None
        if kinds & bit:
            manner = "named" if own & bit else "others" if own & kinds else "bare"
        elif own & bit:
            manner = "foreign"
        if manner:
            found.add(f"beside:{whose}_{manner}.{kind.value}")
    return found


def grams(text: str) -> frozenset[str]:
    """All short pieces of a normal form that may become literals."""
    return frozenset(
        text[at : at + size]
        for size in LITERAL_SIZES
        for at in range(len(text) - size + 1)
        if not BREAKS & set(text[at : at + size])
    )


def told_lines(folder: Path) -> list[Told]:
    """The lines of a folder, each as the first words that a group hears; groups of a file share a name.

    They are written "kinds|text" for burdens, text alone for others. Which of the burdens serve an
    emergency at hand stands in emergencies.txt.
    """
    exempt = _emergencies(folder / "emergencies.txt")
    return [
        _told_line(path.stem, number, act, line, exempt)
        for name, act in FOLDERS.items()
        for path in sorted(folder.joinpath(name).glob("*.txt"))
        for number, line in enumerate(
            line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")
        )
    ]


def _emergencies(path: Path) -> dict[str, str]:
    """Of the texts that do, or may, serve an emergency, which of the two: "emergency|text", "unclear|text"."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    told = [line.partition("|") for line in lines if not line.startswith("#")]
    return {text: exempt for exempt, _, text in told}


def _told_line(file: str, number: int, act: Act, line: str, exempt: Mapping[str, str]) -> Told:
    kinds, _, text = line.partition("|") if act.is_burden else ("", "", line)
    label = {
        "act": act.value,
        "kinds": [kind.strip() for kind in kinds.split(",") if kind.strip()],
        "episode": "E1" if act.is_burden else None,
        "exempt": exempt.get(text),
    }
    return told_line(file, f"{file}-{number}", text, label)


def line_samples(collector: Collector, lines: Iterable[Told]) -> list[Sample]:
    """Lines as the first look sees them."""
    return [sample for told in lines for sample in collector.of_group(told, _line_weight(told))]


def _line_weight(told: Told) -> float:
    (label,) = told.labels.values()
    return ORDINARY_WEIGHT if label["act"] == Act.NONE else LINE_WEIGHT


_LINE_GROUP = GroupProfile(
    GroupCode("lines"), "lines", UnitCode("lines"), LineCode("lines"), 60,
    ZoneInfo("Asia/Shanghai"), OfficeHours.parse("08:30-12:00,14:30-17:30"),
)  # fmt: skip
_LINE_SENT_AT = datetime(2026, 10, 14, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def told_line(group: str, name: str, text: str, label: dict[str, Any]) -> Told:
    """A line as the only message of a group."""
    message = _line_message(name, text)
    return Told(group, _LINE_GROUP, (message,), {message.key.reveal(): label})


def chats_of(path: Path) -> list[Told]:
    """The chats of two messages by one sender in a file of tests/corpus/matters."""
    lines = path.read_text("utf-8").splitlines()
    written = [line for line in lines if line and not line.startswith("#")]
    return [_chat(f"{path.stem}:{number}", line) for number, line in enumerate(written)]


def _chat(name: str, line: str) -> Told:
    sort, later, kinds, first, other_kinds, second = line.split(" | ")
    is_same = sort == "same"
    told = {
        f"{name}-1": ("demand", kinds, first, 0, "E1"),
        f"{name}-2": (
            "reminder" if is_same else "demand", other_kinds, second, int(later),
            "E1" if is_same else "E2",
        ),
    }  # fmt: skip
    messages = tuple(_line_message(key, row[2], row[3]) for key, row in told.items())
    labels = {
        key: {"act": act, "kinds": kinds.split(","), "episode": episode, "exempt": None}
        for key, (act, kinds, _, _, episode) in told.items()
    }
    return Told(name, _LINE_GROUP, messages, labels)


def _line_message(name: str, text: str, later: int = 0) -> IncomingMessage:
    return IncomingMessage(
        platform="transcript",
        account="transcript",
        route=Route.TRANSCRIPT,
        key=Opaque(name),
        conversation=Conversation(is_group=True, id=Opaque("lines")),
        sender=Opaque("somebody"),
        sent_at=_LINE_SENT_AT + timedelta(minutes=later),
        text=PrivateText(text),
        mentions_all="@所有人" in text,
    )


def _key(week: Week) -> WeekKey:
    return WeekKey(week, (f"{week}" * KEY_BYTES).encode()[:KEY_BYTES])


def _trait_names(bits: int) -> set[str]:
    return {f"trait:{name}" for place, name in enumerate(TRAITS) if bits >> place & 1}


def folds_of(names: Iterable[str], folds: int) -> list[set[str]]:
    """The groups dealt out evenly, the same way every time."""
    ordered = sorted(set(names))
    return [set(ordered[at::folds]) for at in range(folds)]


def runs_of(names: Iterable[str], folds: int) -> list[set[str]]:
    """The groups cut into as many runs: those of one file, which one hand wrote, stay together."""
    ordered = sorted(set(names))
    ends = [len(ordered) * at // folds for at in range(folds + 1)]
    return [set(ordered[start:end]) for start, end in pairwise(ends)]
