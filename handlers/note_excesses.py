"""A demand that is too much by its size → a hint to the group's admin, as soon as hints are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bot.domain.excesses import excesses
from bot.domain.judgement import EPISODE_BYTES, Fact
from bot.domain.messages import IncomingMessage
from bot.domain.work_hints import HintSort, WorkHint

MOST_NOTED = 1_000


@dataclass(slots=True)
class NoteExcesses:
    """Looks at the words while they are there, and keeps of them in which respect they are too
    much, in RAM alone: what was not told when the program ends is told never."""

    _noted: dict[tuple[HintSort, bytes], tuple[date, WorkHint]] = field(
        default_factory=dict, init=False
    )

    def heard(self, message: IncomingMessage, fact: Fact) -> None:
        """Note what opens a burden that is charged to somebody."""
        if not fact.opens or fact.exempt is not None or len(self._noted) >= MOST_NOTED:
            return
        day = fact.week.days[fact.weekday - 1]
        for excess in excesses(message.text.reveal(), fact.kinds):
            hint = WorkHint(HintSort(excess.value), fact.group, fact.tag[:EPISODE_BYTES])
            self._noted[hint.sort, hint.episode] = day, hint

    def since(self, day: date) -> list[WorkHint]:
        """Those of a day and later; earlier ones are forgotten."""
        self._noted = {key: noted for key, noted in self._noted.items() if noted[0] >= day}
        return [hint for _, hint in self._noted.values()]
