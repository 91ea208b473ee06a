"""What the bot says of limits unasked: facts, the basis and an id; no names, no blame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.domain.disputes import PublicCount
from bot.domain.groups import GroupProfile
from bot.domain.limit_windows import window_of
from bot.domain.limits import Limit, Scope, Window
from bot.domain.reactions import Rise
from bot.domain.texts import Texts
from bot.domain.vocabulary import Measure

Said = tuple[str, str]
"""A title and chat markdown."""


@dataclass(frozen=True, slots=True)
class ReactionWords:
    """Puts rises into words. Of a unit's or a line's limit a group reads its own part alone:
    other groups' counts are nobody's before the week is published (DESIGN 12.9)."""

    texts: Texts

    def near(self, group: GroupProfile, part: int, rise: Rise, on: date) -> Said:
        """To an admin, in private; `on` is the day it is read."""
        key = "own" if rise.limit.scope is Scope.GROUP else "shared"
        return self._titled("near", f"near.{key}", self._values(group, part, rise, on))

    def over(
        self, group: GroupProfile, part: int, rise: Rise, count: PublicCount | None, on: date
    ) -> Said:
        """To the group: one neutral sentence, with the basis and the id of the latest count."""
        key = "own" if rise.limit.scope is Scope.GROUP else "shared"
        values = self._values(group, part, rise, on)
        title, said = self._titled("over", f"over.{key}", values)
        if count is not None:
            said += self.texts("reactions.over.id", id=count.id)
        return title, said

    def to_sender(self, group: GroupProfile, rise: Rise, on: date) -> Said:
        """To who laid the demand, in private: what it comes to, and how it may be legitimate."""
        key = "own" if rise.limit.scope is Scope.GROUP else "shared"
        part = dict(rise.groups).get(group.code, 0)
        return self._titled("near", f"sender.{key}", self._values(group, part, rise, on))

    def repeated(self, unit: str, rise: Rise) -> Said:
        """To the office: that a limit is gone over again and again, by unit or line."""
        return self._to_office("repeated", unit, rise)

    def first_time(self, unit: str, rise: Rise) -> Said:
        """To the office: that a limit is gone over of which it wants to hear at once."""
        return self._to_office("first", unit, rise)

    def _to_office(self, key: str, unit: str, rise: Rise) -> Said:
        texts, limit = self.texts, rise.limit
        if limit.scope is Scope.LINE:
            where = texts("reactions.repeated.line", code=rise.code)
        elif unit:
            where = texts("reactions.repeated.unit", code=unit)
        else:
            where = texts("reactions.repeated.all")
        return self._titled(
            key,
            f"{key}.said",
            {
                "where": where,
                "measure": texts(f"measures.name.{limit.measure}"),
                "window": texts(f"limits.window.{limit.window}"),
                "limit": texts(f"measures.count.{limit.measure}", n=limit.at_most),
                "basis": basis(limit, texts),
            },
        )

    def too_many_groups(self, rise: Rise) -> Said:
        """To the office: a unit has more work groups than its limit."""
        limit = rise.limit
        values = {
            "unit": rise.code,
            "count": self.texts(f"measures.count.{limit.measure}", n=rise.count),
            "limit": self.texts(f"measures.count.{limit.measure}", n=limit.at_most),
            "basis": basis(limit, self.texts),
        }
        return self._titled("groups", "groups.said", values)

    def _since(self, rise: Rise, on: date) -> str:
        """Which window it is, as seen from the day on which it is read."""
        window, first = rise.limit.window, rise.first
        if window is Window.DAY:
            return self.texts("reactions.since.day", month=first.month, day=first.day)
        is_running = window_of(window, on)[0] == first
        return self.texts(f"reactions.{'since' if is_running else 'before'}.{window}")

    def _values(self, group: GroupProfile, part: int, rise: Rise, on: date) -> dict[str, str]:
        texts, limit = self.texts, rise.limit
        n = rise.count if limit.scope is Scope.GROUP else part
        return {
            "group": group.alias,
            "since": self._since(rise, on),
            "measure": texts(f"measures.name.{limit.measure}"),
            "count": texts(f"measures.count.{limit.measure}", n=n),
            "scope": texts(f"limits.scope.{limit.scope}"),
            "window": texts(f"limits.window.{limit.window}"),
            "limit": texts(f"measures.count.{limit.measure}", n=limit.at_most),
            "left": texts(f"measures.count.{limit.measure}", n=max(0, limit.at_most - rise.count)),
            "basis": basis(limit, texts),
        }

    def _titled(self, title: str, key: str, values: dict[str, str]) -> Said:
        wanted = self.texts.raw(f"reactions.{key}")
        used = {name: value for name, value in values.items() if f"{{{name}}}" in wanted}
        return self.texts(f"reactions.title.{title}"), self.texts(f"reactions.{key}", **used)


def basis(limit: Limit, texts: Texts) -> str:
    """What a limit rests on, as it is printed."""
    return texts(limit.basis_key) if limit.basis_key else limit.basis_text


def is_of(count: PublicCount, measure: Measure) -> bool:
    """Whether a count may stand for a measure when a sentence names one."""
    return measure in count.beside or measure.value in {kind.value for kind in count.kinds}
