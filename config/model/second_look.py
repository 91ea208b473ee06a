"""Fits the second look: which episode, reminder or demand, and the kinds once that is known.

What is learned from are messages read with a first look that was trained without their group, so
that its guesses are as good as they will be; once with the labels as memory, once with the guesses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression

from bot.domain.emergencies import EMERGENCY_TRAITS, emergency_traits
from bot.domain.episodes import GroupMemory
from bot.domain.judging import Judge
from bot.domain.leaning import LEANING_MEASURES, leaning_measures, leaning_signs
from bot.domain.link_weights import LINK_TRAITS
from bot.domain.links import Links, Traits
from bot.domain.moments import Moment, moment_of
from bot.domain.own_words import CALL_TRAITS, call_traits, calling
from bot.domain.reading import Reading
from bot.domain.second_look import AGAIN_TRAITS, BESIDE_TRAITS, Beside, again_traits
from bot.domain.vocabulary import KINDS, Act
from config.model.samples import Memory, Told, kinds_of, readings, serves_emergency
from config.model.trees import Grown, grown

LINK_PULL = 0.5  # to SURE, or to nothing
BURDEN_TREES = 150
AGAIN_TREES = 100
# Of lines, and of made chats, among messages of chats.
LINE_WEIGHT = 0.3
MADE_WEIGHT = 0.3
BESIDE_C = 0.3
CALL_C = 0.3
EMERGENCY_C = 1.0
# What answers a message of an episode belongs to it: few do in the transcripts, all do in life.
SURE: Mapping[str, float] = {"answers": 5.0}


class Row(NamedTuple):
    """Traits, and whether it is so."""

    traits: Traits
    is_so: bool


@dataclass(slots=True)
class Seconds:
    """Rows of what is learned."""

    links: list[tuple[list[Traits], list[bool]]] = field(default_factory=list)
    again: list[Grown] = field(default_factory=list)
    beside: list[Row] = field(default_factory=list)
    calls: list[Row] = field(default_factory=list)
    emergencies: list[Row] = field(default_factory=list)
    burdens: list[Grown] = field(default_factory=list)

    def add(self, other: Seconds) -> None:
        """Take up the rows of another."""
        self.links += other.links
        self.again += other.again
        self.beside += other.beside
        self.calls += other.calls
        self.emergencies += other.emergencies
        self.burdens += other.burdens


def seconds_of(judge: Judge, told: Iterable[Told], *, guessed: bool) -> Seconds:
    """The rows of some groups, with the labels as memory or with what the judge makes of them."""
    found = Seconds()
    for group in told:
        _walk(judge, group, found, guessed=guessed)
    return found


def _walk(judge: Judge, told: Told, found: Seconds, *, guessed: bool) -> None:
    labelled = Memory(judge)
    memory = GroupMemory.EMPTY
    opened: dict[bytes, str | None] = {}  # by guessed episode: the label's episode of its opener
    for _, reading, label in readings(judge, told):
        act = Act(label["act"])
        held = memory if guessed else labelled.held
        _call(judge, reading, act, held, found)
        moment = moment_of(reading, held, judge.bits)
        found.burdens.append(_leaning(judge, reading, moment, act))
        if act is not Act.NONE:
            links = judge.links_of(reading, moment)
            known = labelled.known(label)
            own = [
                opened.get(link.episode.id) == label["episode"]
                if guessed
                else known is not None and link.episode.id == known.id
                for link in links
            ]
            if links and act is not Act.DEMAND:
                found.links.append(([link.traits for link in links], own))
            if act.is_burden:
                _burden(judge, reading, label, links, held, found)
        if guessed:
            judgement, memory = judge.judge(reading, memory, told.profile)
            if judgement.opens and judgement.episode is not None:
                opened[judgement.episode] = label["episode"] or f"none {reading.minute}"
        labelled.add(reading, label)


def first_words_of(judge: Judge, lines: Iterable[Told]) -> Iterator[Grown]:
    """Rows of lines that nothing went before: whether they are burdens."""
    for told in lines:
        for _, reading, label in readings(judge, told):
            moment = moment_of(reading, GroupMemory.EMPTY, judge.bits)
            yield _leaning(judge, reading, moment, Act(label["act"]))._replace(weight=LINE_WEIGHT)


def _leaning(judge: Judge, reading: Reading, moment: Moment, act: Act) -> Grown:
    measures = leaning_measures(reading, moment, judge.act_scores(reading, moment))
    return Grown(measures, leaning_signs(reading, moment), act.is_burden)


def _call(judge: Judge, reading: Reading, act: Act, held: GroupMemory, found: Seconds) -> None:
    calls = calling(reading, held)
    if calls is None or act is Act.CANCEL:
        return
    scores = judge.act_scores(reading, moment_of(reading, held, judge.bits))
    lead = scores[0] - max(scores[1:3])
    traits = call_traits(reading, lead, *calls, judge.bits)
    found.calls.append(Row(traits, act.is_burden))


def _burden(
    judge: Judge,
    reading: Reading,
    label: Mapping[str, Any],
    links: Links,
    held: GroupMemory,
    found: Seconds,
) -> None:
    is_reminder = label["act"] == "reminder"
    bits = judge.bits
    if links:
        scores = judge.act_scores(reading, moment_of(reading, held, bits))
        again = again_traits(reading, scores[2] - scores[1], links, bits)
        found.again.append(Grown([*map(float, again.values())], 0, is_reminder))
    case, link = judge.beside_of(reading, links, Act(label["act"]))
    told = Beside(reading, case, link, bits)
    wanted = kinds_of(label)
    for number in range(len(KINDS)):
        found.beside.append(Row(told.traits_of(number), bool(wanted >> number & 1)))
    traits = emergency_traits(reading, held, link if case == "pressed" else None, bits)
    found.emergencies.append(Row(traits, bool(serves_emergency(label))))


def fitted_links(seconds: Seconds) -> dict[str, float]:
    """Weights by which the right episode is the likeliest of those open, or none of them is."""
    width = len(LINK_TRAITS)
    whole = _dense([traits for rows, _ in seconds.links for traits in rows], width)
    own = np.array([so for _, those in seconds.links for so in those])
    nobody = np.array([not any(those) for _, those in seconds.links])
    sizes = np.array([len(rows) for rows, _ in seconds.links])
    starts = np.cumsum(sizes) - sizes

    def loss(weights: Any) -> tuple[float, Any]:
        scores = whole @ weights
        tops = np.maximum(np.maximum.reduceat(scores, starts), 0.0)
        shares, none = np.exp(scores - np.repeat(tops, sizes)), np.exp(-tops)
        sums = np.add.reduceat(shares, starts) + none
        shares /= np.repeat(sums, sizes)
        right = np.add.reduceat(shares * own, starts) + none / sums * nobody + 1e-12
        slope = whole.T @ (shares - shares * own / np.repeat(right, sizes))
        away = weights - sure
        total = LINK_PULL * away @ away - np.log(right).sum()
        return total, slope + 2 * LINK_PULL * away

    sure = np.array([SURE.get(name, 0.0) for name in LINK_TRAITS])
    learned = minimize(loss, np.zeros(width), jac=True, method="L-BFGS-B")
    return dict(zip(LINK_TRAITS, learned.x, strict=True))


def grown_burden(seconds: Seconds, signs: Mapping[str, int]) -> dict[str, Any]:
    """Trees that say whether a message is a burden."""
    return grown(seconds.burdens, LEANING_MEASURES, signs, BURDEN_TREES)


def grown_again(seconds: Seconds) -> dict[str, Any]:
    """Trees that say whether a burden is a reminder of its likeliest episode."""
    return grown(seconds.again, AGAIN_TRAITS, {}, AGAIN_TREES)


def fitted_beside(seconds: Seconds) -> dict[str, float]:
    """Weights by which a burden has a kind."""
    return _logistic(seconds.beside, BESIDE_TRAITS, BESIDE_C)


def fitted_calls(seconds: Seconds) -> dict[str, float]:
    """Weights by which a short text that says the name of a burden is one."""
    return _logistic(seconds.calls, CALL_TRAITS, CALL_C)


def fitted_emergencies(seconds: Seconds) -> dict[str, float]:
    """Weights by which a burden serves an emergency at hand."""
    return _logistic(seconds.emergencies, EMERGENCY_TRAITS, EMERGENCY_C)


def _logistic(rows: Sequence[Row], names: Sequence[str], c: float) -> dict[str, float]:
    table = csr_matrix(
        (
            [value for row in rows for _, value in row.traits],
            [place for row in rows for place, _ in row.traits],
            np.cumsum([0, *(len(row.traits) for row in rows)]),
        ),
        shape=(len(rows), len(names)),
    )
    is_so = np.array([row.is_so for row in rows])
    vote = LogisticRegression(C=c, fit_intercept=False, max_iter=3000)
    vote.fit(table, is_so)
    return dict(zip(names, vote.coef_[0], strict=True))


def _dense(rows: Sequence[Traits], width: int) -> Any:
    table = np.zeros((len(rows), width))
    for at, traits in enumerate(rows):
        for place, value in traits:
            table[at, place] = value
    return table
