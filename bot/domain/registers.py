"""Registers: what legitimises a demand, and what marks a day. Entered by people, never inferred."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

import ahocorasick

from bot.domain.authors import Author
from bot.domain.groups import GroupCode, GroupProfile, LineCode, Origin, UnitCode
from bot.domain.vocabulary import Kind
from bot.domain.work_calendar import OfficeHours

EVERYWHERE = ""
ANY_GROUP, ANY_UNIT, ANY_LINE = GroupCode(""), UnitCode(""), LineCode("")
_SEPARATORS = re.compile(r"[\W_]+")


class Sort(StrEnum):
    """What an entry registers."""

    INSPECTION = "inspection"  # an approved inspection (督检考备案)
    COMPREHENSIVE = "comprehensive"  # the one comprehensive inspection a year (年度综合督查)
    SYSTEM_MEETING = "system_meeting"  # the one system-wide meeting a year (年度系统会议)
    MATTER = "matter"  # a matter admitted to the grassroots (准入清单)
    APP = "app"  # an app that is filed and may be used (已备案应用)
    DUTY = "duty"  # what a line of command may ask for (职责清单)
    ON_DUTY = "on_duty"  # a group on duty or in shifts: it has no off-hours (值班群)


LONGEST_NUMBER = 64
LONGEST_WORDS = 256
LONGEST_EMERGENCY = timedelta(days=30)

LEGITIMISES = (Sort.INSPECTION, Sort.COMPREHENSIVE, Sort.SYSTEM_MEETING, Sort.MATTER)
"""Sorts whose number, quoted within the quota, takes a demand out of the counts."""

TAKES_TWO = (*LEGITIMISES, Sort.ON_DUTY)
"""Sorts by which less is counted: entered in the chat, they take a second person."""

INSPECTIONS = (Sort.INSPECTION, Sort.COMPREHENSIVE)
ROUND_THE_CLOCK = OfficeHours.parse("24h")

_FLAGGED_BY_DUTY = frozenset(
    {Kind.FORM_FILLING, Kind.SCREENSHOT_REPORT, Kind.SHOWCASE, Kind.PLEDGE, Kind.INSPECTION}
)
LISTED_KINDS = _FLAGGED_BY_DUTY | {Kind.FORCED_USE}
"""Without any of these kinds nothing is missed in a register."""


@dataclass(frozen=True, slots=True)
class Filing:
    """A line of a register. `number` is the office's own, as it is quoted (督备〔2026〕3号).

    `title` says the object; `words` are what a demand about it is known by (else the title).
    `unit`, `line` empty: of everybody. `quota` is how often it legitimises; None without end.
    `group` is the one that is on duty. `authors` are who entered it in the chat, by pseudonyms
    that mean nothing after four weeks; none for what came by a file.
    """

    number: str
    sort: Sort
    title: str
    starts: date
    ends: date
    unit: UnitCode = ANY_UNIT
    line: LineCode = ANY_LINE
    kinds: tuple[Kind, ...] = ()
    words: tuple[str, ...] = ()
    quota: int | None = None
    retired: bool = False
    group: GroupCode = ANY_GROUP
    authors: tuple[Author, ...] = ()

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return not self.retired and self.starts <= day <= self.ends

    def covers(self, origin: Origin, kinds: Iterable[Kind]) -> bool:
        """Whether a demand of this unit, line and kinds may rest on it."""
        return (
            self.unit in (EVERYWHERE, origin.unit)
            and self.line in (EVERYWHERE, origin.line)
            and (not self.kinds or bool(set(self.kinds) & set(kinds)))
        )


@dataclass(frozen=True, slots=True)
class EmergencyWindow:
    """A time in which demands serve an emergency that somebody declared; it ends by itself.

    `group` or `unit` says where (both empty: everywhere). `closed_at` is when it was ended early.
    What is sent at `starts` is inside, at the end outside.
    """

    id: str
    basis: str
    level: str
    starts: datetime
    ends: datetime
    by: str
    group: GroupCode = ANY_GROUP
    unit: UnitCode = ANY_UNIT
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def over_at(self) -> datetime:
        """When it ends, or was ended."""
        return self.ends if self.closed_at is None else min(self.ends, self.closed_at)

    def covers(self, group: GroupProfile, moment: datetime) -> bool:
        """Whether something said in a group at a moment is inside."""
        here = self.group in (EVERYWHERE, group.code) and self.unit in (EVERYWHERE, group.unit)
        return here and self.starts <= moment < self.over_at


class ProposalState(StrEnum):
    """The life of a proposal: made by one person → standing by a second one, or withdrawn."""

    PROPOSED = "proposed"
    STANDING = "standing"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry that waits for a second person; its `authors` hold the first."""

    number: int
    filing: Filing
    proposed_at: datetime


class MarkSort(StrEnum):
    """What is marked in the calendar."""

    NO_MEETINGS = "no_meetings"  # 无会周
    NO_NOTICES = "no_notices"  # 无通知日


@dataclass(frozen=True, slots=True)
class Mark:
    """Days without meetings, or without notices. `weekday` (1 = Monday) narrows it to one day of
    each week, 0 is every day. `unit` empty: everywhere."""

    id: str
    sort: MarkSort
    first: date
    last: date
    by: str
    weekday: int = 0
    unit: UnitCode = ANY_UNIT

    def holds(self, unit: UnitCode, day: date) -> bool:
        """Whether the day of a unit is marked."""
        return (
            self.unit in (EVERYWHERE, unit)
            and self.first <= day <= self.last
            and self.weekday in (0, day.isoweekday())
        )


class How(StrEnum):
    """How a demand stands to a register."""

    QUOTED = "quoted"  # it quotes the number, within the quota: counted apart
    BEYOND = "beyond"  # it quotes the number, beyond the quota: counted
    ALIKE = "alike"  # it looks like it: the match is offered
    CONFIRMED = "confirmed"  # somebody with the role said that it is: counted apart
    UNLISTED = "unlisted"  # a register is kept, and it stands in none


LEGITIMATE = (How.QUOTED, How.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Filed:
    """How an episode stands to an entry; `number` is empty for what is unlisted."""

    number: str
    how: How


def plain(text: str) -> str:
    """A text as numbers and words are looked for in it: width, case, brackets, spaces aside."""
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a number found in a plain text is not part of a longer one."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (text[start].isdigit() and before.isdigit()) and not (
        text[end - 1].isdigit() and after.isdigit()
    )


@dataclass(frozen=True, slots=True)
class Mentions:
    """What of the registers a text names: numbers quoted, entries it looks like. Holds no words."""

    quoted: frozenset[str] = frozenset()
    alike: frozenset[str] = frozenset()


NO_MENTIONS = Mentions()


def _automaton_of(entries: Sequence[Filing]) -> ahocorasick.Automaton | None:
    """Finds the numbers and words of all entries in one pass; None when there are none."""
    numbers: dict[str, list[str]] = {}
    matters: dict[str, list[str]] = {}
    for entry in entries:
        if not entry.retired:
            numbers.setdefault(plain(entry.number), []).append(entry.number)
            for word in entry.words or (entry.title,):
                matters.setdefault(plain(word), []).append(entry.number)
    automaton = ahocorasick.Automaton()
    for wanted in {*numbers, *matters} - {""}:
        found = (len(wanted), numbers.get(wanted, []), matters.get(wanted, []))
        automaton.add_word(wanted, found)
    if not len(automaton):
        return None
    automaton.make_automaton()
    return automaton


@dataclass(frozen=True)
class RegisterView:
    """All registers at a moment, in RAM. `used` are the episodes that an entry legitimised."""

    entries: Sequence[Filing] = ()
    emergencies: Sequence[EmergencyWindow] = ()
    marks: Sequence[Mark] = ()
    used: Mapping[str, int] = field(default_factory=dict)
    proposals: Sequence[Proposal] = ()
    _automaton: ahocorasick.Automaton | None = field(init=False, repr=False, compare=False)
    _on_duty: tuple[Filing, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_automaton", _automaton_of(self.entries))
        on_duty = tuple(one for one in self.entries if one.sort is Sort.ON_DUTY)
        object.__setattr__(self, "_on_duty", on_duty)

    def entry(self, number: str) -> Filing | None:
        """The entry of a number, however its brackets were typed."""
        wanted = plain(number)
        return next((one for one in self.entries if plain(one.number) == wanted), None)

    def emergency(self, group: GroupProfile, moment: datetime) -> EmergencyWindow | None:
        """The emergency in which something was said in a group."""
        return next((one for one in self.emergencies if one.covers(group, moment)), None)

    def at_work(self, group: GroupProfile, moment: datetime) -> GroupProfile:
        """The group with the hours it keeps at a moment: on duty it works round the clock."""
        for entry in self._on_duty:
            if entry.group == group.code and entry.holds_on(moment.astimezone(group.zone).date()):
                return replace(group, hours=ROUND_THE_CLOCK)
        return group

    def marked(self, sort: MarkSort, unit: UnitCode, day: date) -> Mark | None:
        """The mark that lies on a unit's day."""
        found = (one for one in self.marks if one.sort is sort and one.holds(unit, day))
        return next(found, None)

    def mentions(self, said: str) -> Mentions:
        """What a text names of the registers: the one look at its words."""
        if self._automaton is None:
            return NO_MENTIONS
        text = plain(said)
        quoted: set[str] = set()
        alike: set[str] = set()
        for last, (length, numbers, matters) in self._automaton.iter(text):
            end = last + 1
            if numbers and _stands_alone(text, end - length, end):
                quoted.update(numbers)
            alike.update(matters)
        if not quoted and not alike:
            return NO_MENTIONS
        return Mentions(frozenset(quoted), frozenset(alike - quoted))

    def filed(
        self, mentions: Mentions, kinds: Sequence[Kind], origin: Origin, day: date
    ) -> tuple[Filed, ...]:
        """How a demand stands to the registers of its day; empty where none has a say in it."""
        if not kinds:
            return ()
        held = [entry for entry in self.entries if entry.holds_on(day)]
        found: list[Filed] = []
        for entry in held:
            if entry.sort not in LEGITIMISES or not entry.covers(origin, kinds):
                continue
            if entry.number in mentions.quoted:
                over = entry.quota is not None and self.used.get(entry.number, 0) >= entry.quota
                found.append(Filed(entry.number, How.BEYOND if over else How.QUOTED))
            elif entry.number in mentions.alike:
                found.append(Filed(entry.number, How.ALIKE))
        quotes = any(one.how in (How.QUOTED, How.BEYOND) for one in found)
        if not quotes and self._is_unlisted(held, mentions, kinds, origin):
            found.append(Filed("", How.UNLISTED))
        return tuple(found)

    def _is_unlisted(
        self, held: Sequence[Filing], mentions: Mentions, kinds: Sequence[Kind], origin: Origin
    ) -> bool:
        named = mentions.quoted | mentions.alike
        if Kind.INSPECTION in kinds and any(one.sort in INSPECTIONS for one in held):
            return True
        apps = {one.number for one in held if one.sort is Sort.APP}
        if Kind.FORCED_USE in kinds and apps and not apps & named:
            return True
        duties = {
            one.number
            for one in held
            if one.sort in (Sort.DUTY, Sort.MATTER) and one.line == origin.line
        }
        return bool(duties) and bool(_FLAGGED_BY_DUTY & set(kinds)) and not duties & named
