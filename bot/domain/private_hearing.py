"""What a direct message is that is no command: a complaint, an accusation, a pasted demand, talk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.hearing import LONGEST_TEXT, Hearing
from bot.domain.normal_form import Normaliser

_BESIDE_KINDS = ("excuse", "cue", "emergency")


class Told(StrEnum):
    """What somebody tells the bot in private."""

    COMPLAINT = "complaint"  # of a burden: offered the way to complain
    ACCUSATION = "accusation"  # against a person: for the discipline inspectors
    DEMAND = "demand"  # pasted or forwarded
    TALK = "talk"


@dataclass(frozen=True, slots=True)
class CueGroup:
    """Patterns and rules that say the same thing; together they weigh once.

    `is_grievance` marks what a demand never says, `is_demand` how only a demand speaks; `kinds`
    that any rule of a burden kind counts.
    """

    name: str
    weight: int
    patterns: tuple[re.Pattern[str], ...] = ()
    rules: frozenset[str] = frozenset()
    kinds: bool = False
    is_grievance: bool = False
    is_demand: bool = False


@dataclass(frozen=True, slots=True)
class PrivateCues:
    """How direct messages are told apart, as the policy file says (config/policy)."""

    enough: int
    accuses: tuple[re.Pattern[str], ...]
    persons: tuple[re.Pattern[str], ...]
    ourselves: tuple[re.Pattern[str], ...]
    groups: tuple[CueGroup, ...]


class PrivateHearing:
    """Tells direct messages apart. It decides what is offered, and nothing that is counted."""

    def __init__(self, hearing: Hearing, normaliser: Normaliser, cues: PrivateCues) -> None:
        self._hearing = hearing
        self._normal = normaliser
        self._cues = cues

    def __call__(self, said: str, *, would_count: bool) -> Told:
        """`would_count` is whether it would be counted as a demand, said in a group."""
        text = self._normal(said[:LONGEST_TEXT]).text
        if _any(self._cues.accuses, text):
            return Told.ACCUSATION
        rules = {hit.rule for hit in self._hearing.hits(said)}
        spoke = [group for group in self._cues.groups if _speaks(group, text, rules)]
        if would_count and not any(group.is_grievance for group in spoke):
            return Told.DEMAND
        if sum(group.weight for group in spoke) >= self._cues.enough:
            # An accusation in other words must not be invited to be told as a burden.
            return Told.TALK if self.is_personal(said) else Told.COMPLAINT
        bids = any(group.is_demand for group in spoke) and any(group.kinds for group in spoke)
        return Told.DEMAND if would_count or bids else Told.TALK

    def accuses(self, said: str) -> bool:
        """Whether a text accuses somebody of breaking rules, whatever else it tells."""
        return _any(self._cues.accuses, self._normal(said[:LONGEST_TEXT]).text)

    def is_personal(self, said: str) -> bool:
        """Whether a text speaks of somebody else in a post, and of nothing burdens are made of."""
        text = self._normal(said[:LONGEST_TEXT]).text
        others = text
        for pattern in self._cues.ourselves:
            others = pattern.sub("", others)
        burdens = (group for group in self._cues.groups if group.kinds)
        return _any(self._cues.persons, others) and not any(
            _any(group.patterns, text) for group in burdens
        )


def _any(patterns: Sequence[re.Pattern[str]], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _speaks(group: CueGroup, text: str, rules: set[str]) -> bool:
    if group.rules & rules or _any(group.patterns, text):
        return True
    return group.kinds and any(rule.partition(".")[0] not in _BESIDE_KINDS for rule in rules)
