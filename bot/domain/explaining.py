"""Why a text counts or not: rules, words, shares of the vote, the excuse and the policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.vocabulary import Act, Exemption, Kind


@dataclass(frozen=True, slots=True)
class RuleShare:
    """A rule that spoke, with the words it found and its share in log-odds (plus: counts).

    The words are the asker's own, of a text judged on the spot; they are never stored.
    """

    rule: str
    title: str
    words: str
    share: float
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a text would count as, and why.

    `because` are the rules that speak for what was decided, the strongest first; `against` those
    that spoke for the contrary: the excuses that were considered, or the kinds that were named
    all the same. `basis` are the official titles of the policies behind the kinds.
    """

    act: Act
    kinds: tuple[Kind, ...]
    because: tuple[RuleShare, ...]
    against: tuple[RuleShare, ...]
    basis: tuple[str, ...]
    deadline: datetime | None
    ping: bool
    off_hours: bool
    exempt: Exemption | None
    claimed_urgent: bool
    rulebook: str

    @property
    def counts(self) -> bool:
        """Whether it would be counted as a burden."""
        return self.act.is_burden
