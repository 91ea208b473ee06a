"""How the digest says dates, amounts, changes, limits and whom something is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.domain.over_limits import OverLimit, Subject
from bot.domain.tallies import Counted
from bot.domain.texts import Texts


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called in print; a code without a name stands for itself.

    An office that wants codes leaves `units` and `groups` empty.
    """

    units: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """Phrases of one language about named units."""

    texts: Texts
    names: Names

    def full_day(self, day: date) -> str:
        """A day with its year."""
        month = self._month(day)
        return self.texts("digest.dates.full", year=day.year, month=month, day=day.day)

    def named_days(self, days: Iterable[date]) -> str:
        """Days with their weekdays."""
        return self.joined(
            self.texts(
                "digest.dates.named",
                month=self._month(day),
                day=day.day,
                weekday=self.weekday(day.isoweekday()),
            )
            for day in days
        )

    def weekday(self, number: int) -> str:
        """1 is Monday."""
        return self.texts(f"digest.weekdays.{number}")

    def weekdays(self, numbers: Iterable[int]) -> str:
        """Weekdays in their order; three and more in a row from the first to the last."""
        runs: list[list[int]] = []
        for number in sorted(numbers):
            if runs and number == runs[-1][-1] + 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        return self.joined(
            self.texts(
                "digest.dates.range", first=self.weekday(run[0]), last=self.weekday(run[-1])
            )
            if len(run) > 2
            else self.joined(self.weekday(number) for number in run)
            for run in runs
        )

    def joined(self, items: Iterable[str]) -> str:
        """Items of a list within a sentence."""
        return self.texts("digest.dates.separator").join(items)

    def sentences(self, said: Iterable[str]) -> str:
        """Whole sentences, one after the other."""
        return self.texts("digest.dates.sentence_gap").join(said)

    def measure(self, measure: Counted) -> str:
        """What is counted."""
        return self.texts(f"measures.name.{measure.value}")

    def count(self, measure: Counted, n: int) -> str:
        """A number with its measure word."""
        return self.texts(f"measures.count.{measure.value}", n=n)

    def change(self, measure: Counted, now: int, then: int) -> str:
        """How a number moved, in a sentence."""
        if now == then:
            return self.texts("digest.change.same")
        key = "digest.change.more" if now > then else "digest.change.fewer"
        return self.texts(key, by=self.count(measure, abs(now - then)))

    def short_change(self, now: int, then: int | None) -> str:
        """How a number moved, beside a headline figure."""
        if then is None:
            return self.texts("digest.change.figure_none")
        if now == then:
            return self.texts("digest.change.figure_same")
        key = "digest.change.figure_more" if now > then else "digest.change.figure_fewer"
        return self.texts(key, by=abs(now - then))

    def unit(self, code: str) -> str:
        """A unit as the office wants it printed."""
        return self.names.units.get(code, code)

    def units(self, codes: str) -> str:
        """The units of a bundle."""
        return self.joined(map(self.unit, codes.split()))

    def line(self, code: str) -> str:
        """A line of command."""
        return self.names.lines.get(code, code)

    def group(self, code: str) -> str:
        """A work group as the office wants it printed."""
        return self.names.groups.get(code, code)

    def subject(self, item: OverLimit) -> str:
        """Whom an over-limit item is about."""
        key = f"digest.over_limit.{item.subject.value}"
        match item.subject:
            case Subject.UNIT:
                return self.texts(key, unit=self.unit(item.unit))
            case Subject.SMALL_GROUPS:
                return self.texts(key, unit=self.units(item.unit), n=item.groups)
            case Subject.LINE:
                return self.texts(key, line=self.line(item.code))
            case Subject.GROUP:
                unit, alias = self.unit(item.unit), self.names.groups.get(item.code, item.code)
                # Groups are often named after their unit: say it once.
                return self.texts(key, unit=unit, group=alias.removeprefix(unit).strip() or alias)
            case Subject.ALL:
                return self.texts(key)

    def limit(self, item: OverLimit) -> str:
        """The limit with its window and scope."""
        number = self.count(item.measure, item.at_most)
        return self.texts(f"digest.limit.{item.scope.value}_{item.window.value}", number=number)

    def basis(self, item: OverLimit) -> str:
        """The sentence that a limit rests on."""
        return self.texts(item.basis_key) if item.basis_key else item.basis_text

    def ground(self, item: OverLimit) -> str:
        """How firmly it rests on it."""
        return self.texts(f"limits.ground.{item.ground.value}")

    def _month(self, day: date) -> str:
        return self.texts(f"digest.months.{day.month}")
