"""What judgement says of one message, and the fact that is left of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.groups import GroupCode, LineCode, Origin, UnitCode
from bot.domain.messages import Route
from bot.domain.periods import Week
from bot.domain.registers import Filed
from bot.domain.vocabulary import Act, Addressed, Exemption, Kind, Lead

EPISODE_BYTES = 8
VOTE_ALONE = "vote.words"
"""Stands for a rule where none spoke: what is counted all the same rests on the vote alone."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that fired, and where: `start:end` index the text as it was sent."""

    rule: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """The label of GUIDE.md for one message, with its reasons.

    `episode` is the first EPISODE_BYTES of the tag of the message that opened it. `opens` says
    that this message is the opener (a demand, or a reminder whose notice was never seen).
    `rules` are the ids of those that fired, or VOTE_ALONE; `Judge.hits` says where they matched.
    `excuses` are the ids of the excuses that were considered and took something away.
    `deadline` is aware, in the group's zone. `passes_on` is the place of the message of a forwarded
    chat record that the demand is taken from; None for what the sender says.
    """

    act: Act = Act.NONE
    kinds: tuple[Kind, ...] = ()
    ping: bool = False
    off_hours: bool = False
    episode: bytes | None = None
    opens: bool = False
    deadline: datetime | None = None
    lead: Lead = Lead.NONE
    addressed: Addressed | None = None
    exempt: Exemption | None = None
    claimed_urgent: bool = False
    rules: tuple[str, ...] = ()
    excuses: tuple[str, ...] = ()
    passes_on: int | None = None

    @property
    def leaves_a_fact(self) -> bool:
        """Whether anything of it is kept: burdens, cancellations and pings are."""
        return self.act is not Act.NONE or self.ping


@dataclass(frozen=True, slots=True)
class Fact:
    """All that rests of a judged message (DESIGN 12.6): no words, no names, no platform ids.

    `hour` and `weekday` (1 = Monday) are on the wall of the group's zone. `sender_tag` and `tag`
    are pseudonyms under the week's key. `reported` says that a member quoted it to the bot.
    """

    tag: bytes
    week: Week
    weekday: int
    hour: int
    group: GroupCode
    unit: UnitCode
    line: LineCode
    act: Act
    kinds: tuple[Kind, ...]
    ping: bool
    off_hours: bool
    episode: bytes | None
    opens: bool
    lead: Lead
    addressed: Addressed | None
    exempt: Exemption | None
    claimed_urgent: bool
    sender_tag: bytes
    rules: tuple[str, ...]
    rulebook: str
    route: Route
    reported: bool = False


@dataclass(frozen=True, slots=True)
class EpisodeRecord:
    """An open episode as the store keeps it: `state` is the domain's own, without words."""

    group: GroupCode
    id: bytes
    week: Week
    state: bytes


@dataclass(frozen=True, slots=True)
class DemandRecord:
    """What of a demand is compared with those of other groups, as the store keeps it.

    Times are minutes since the epoch; `trace` is the domain's own (see `traces`), without words.
    `passed_on` is whose demand it was where a forwarded chat record holds it (UNKNOWN_ORIGIN where
    nobody tells); None for what the sender says, also when the words name somebody above.
    """

    minute: int
    due: int | None
    trace: bytes
    passed_on: Origin | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One message for the books: everything here becomes durable together, or nothing does.

    `fact` is None for a message that is only counted as seen. `revision` is 0; a message that is
    judged again because an earlier one arrived after it gets the next number, and the highest
    stands. `episodes` are new or changed, `closed` are the ids of those that ended. `demand` comes
    with a fact that opens a burden which other groups may have too; `filed` says how such a burden
    stands to the registers.
    """

    tag: bytes
    week: Week
    weekday: int
    group: GroupCode
    route: Route
    fact: Fact | None
    revision: int = 0
    episodes: tuple[EpisodeRecord, ...] = ()
    closed: tuple[bytes, ...] = ()
    demand: DemandRecord | None = None
    filed: tuple[Filed, ...] = ()
