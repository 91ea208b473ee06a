"""What a week's figures rest on, and what could not be seen."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.disputes import DisputedCounts
from bot.domain.later_fields import ABSENT_WHEN_DEFAULT
from bot.domain.measured_error import MeasuredError
from bot.domain.reach import RouteOutage


@dataclass(frozen=True, slots=True)
class Coverage:
    """Routes, groups and losses behind a week. None of it is about people.

    `units_heard` are the codes of units with a group from which something came,
    `units_heard_whole` those where such a group is registered with a route that carries
    everything; whether the route worked all week is not known. Groups are those registered:
    `heard_whole` with such a route, `heard_when_addressed` with robots that get only what is
    addressed to them, `gone` those whose chats were all dissolved or lost their robot, `silent`
    those from which nothing came. `late` messages of the week before
    came after its close and are in no figure; `incomplete` says that a weekly key was lost, so
    that repeats of a message may have been counted; `own_messages` are what the bot posted to
    groups on its own account, `own_minutes` what their members spent at most reading them. Both are everybody's numbers, and None for an office that answers
    for some units only. `outages` are those of the routes on which a platform pushes, None when
    none was watched in the week; `watched_all_week` says whether all of them were, all week. `disputed` are
    the week's counts that were called wrong until its close, None for an office of some units.
    """

    units_heard: tuple[str, ...]
    units_heard_whole: tuple[str, ...]
    groups: int
    heard_whole: int
    heard_when_addressed: int
    silent: int
    messages: int
    late: int | None
    incomplete: bool
    rulebook: str
    own_messages: int | None = 0
    own_minutes: int | None = None
    measured_error: MeasuredError | None = None
    outages: tuple[RouteOutage, ...] | None = None
    watched_all_week: bool = False
    gone: int = field(default=0, metadata={ABSENT_WHEN_DEFAULT: True})
    disputed: tuple[DisputedCounts, ...] | None = field(
        default=None, metadata={ABSENT_WHEN_DEFAULT: True}
    )

    @property
    def groups_heard(self) -> int:
        """Groups from which something came."""
        return self.groups - self.silent

    @property
    def supports_zero(self) -> bool:
        """Whether "none" may be said: something came where everything should be heard."""
        return bool(self.units_heard_whole)
