"""Every moment of a text that can be a deadline, and what would make it one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import IntEnum

from bot.domain import moment_grammar as grammar
from bot.domain.errors import NoCalendarForYear
from bot.domain.named_days import NamedDay, named_day
from bot.domain.spans_from_now import spans_from_now
from bot.domain.times_of_day import NOON, in_part, is_exact, likely, minutes_of, readings
from bot.domain.work_calendar import OfficeHours, WorkCalendar

_JUST_PASSED = timedelta(hours=1)
_SOON = timedelta(hours=4)
_MINUTES = ("half", "quarter", "word_minute", "bare_minute")
_NEAR = 24  # characters between a day and the hour that belongs to it


class Force(IntEnum):
    """What makes a moment a deadline; the strongest present decides."""

    HINT = 0  # 还有两个小时: told only about
    EVENT = 1  # 9点三楼: something happens then
    FIXED = 2  # 9点前, a meeting's start: it must be done then
    MOVED = 3  # 改到下午4点: it takes the place of what its sentence fixed before


@dataclass(frozen=True, slots=True)
class DueMoment:
    """A moment on the group's wall, what makes it a deadline, and where it stands in the text."""

    at: datetime
    force: Force
    start: int
    end: int


class DueMoments:
    """One text, read at one moment; `text` is without gaps (`moment_grammar.without_gaps`)."""

    def __init__(
        self, text: str, sent_at: datetime, hours: OfficeHours, calendar: WorkCalendar
    ) -> None:
        self._text = text
        self._sent_at = sent_at
        self._today = sent_at.date()
        self._hours = hours
        self._calendar = calendar
        self._day_before: NamedDay | None = None  # the day last named, and where that ended
        self._day_before_end = 0

    def all(self) -> list[DueMoment]:
        """Everything in the text that can be a deadline."""
        spans = spans_from_now(self._text, self._sent_at, self._hours, self._calendar)
        return [
            *(DueMoment(at, _force_of_span(cue), 0, 0) for at, cue in spans),
            *self._moments_on_the_wall(),
        ]

    def _moments_on_the_wall(self) -> list[DueMoment]:
        found: list[DueMoment] = []
        for match in grammar.MOMENT.finditer(self._text):
            named = self._named(match) if match["day_phrase"] else None
            last = found[-1] if found and self._is_range(found[-1].end, match.start()) else None
            one = self._moment(match, named, last)
            if named is not None and not (_is_season(match) or self._ends_series(match)):
                self._day_before, self._day_before_end = named, match.end()
            if last is not None and one is None and self._is_no_duty(match):
                found.pop()  # 8点到18点停水
            if last is not None and one is not None:
                found.pop()
                is_meeting = match["by"] is None and self._is_meeting(match)
                one = _of_range(last, one, is_meeting=is_meeting)
            if one is not None and self._is_shift(match):
                continue
            if one is not None:
                found.append(one)
        return found

    def _named(self, match: re.Match[str]) -> NamedDay | None:
        in_mind = self._day_before.day if self._day_before else None
        return named_day(
            match, self._today, in_mind, self._calendar, is_series=self._is_series_open()
        )

    def _is_series_open(self) -> bool:
        """10月20日—24日, 明天起: a day on which something begins, and it is to come."""
        return (
            self._day_before is not None
            and self._day_before.day > self._today
            and grammar.SERIES_AFTER.match(self._text, self._day_before_end) is not None
        )

    def _ends_series(self, match: re.Match[str]) -> bool:
        """10月20日—24日每天9点前: what follows is due on the first of these days first."""
        if match["tail"] is not None or not self._is_series_open():
            return False
        between = grammar.SERIES_AFTER.match(self._text, self._day_before_end)
        return between is not None and between.end() == match.start()

    def _is_shift(self, match: re.Match[str]) -> bool:
        """8点到12点值班: the end of hours on duty, and no deadline."""
        after = self._text[match.end() : match.end() + grammar.AFTER]
        return bool(
            grammar.RANGE_BEFORE.search(self._before(match)) and grammar.ON_DUTY_AFTER.match(after)
        )

    def _is_range(self, end: int, start: int) -> bool:
        return grammar.RANGE_BETWEEN.fullmatch(self._text[end:start]) is not None

    def _moment(
        self, match: re.Match[str], named: NamedDay | None, range_start: DueMoment | None
    ) -> DueMoment | None:
        before = self._before(match)
        after = self._text[match.end() : match.end() + grammar.AFTER]
        if _fixes_nothing(match, named, before, after):
            return None
        limited = match["by"] is not None or grammar.LIMIT_BEFORE.search(before) is not None
        at: datetime | None = None
        if match["office"]:
            is_named = named is not None or match["by"] or grammar.SHUT_AFTER.match(after)
            if not match["office_by"] and (not is_named or match["office"] == "上班"):
                return None  # 下班以后, 上班时间
            at, limited = self._office_moment(match, named), True
        elif match["noon"]:
            if limited:  # 周四中午前, 截止15号中午; 中午吃什么 is none
                day = named.day if named else self._today
                at = self._end_of_morning(day) if match["forenoon"] else self._on(day, NOON)
        elif match["hour"] or match["word_hour"]:
            if not _is_count(match, before):
                at = self._clock_moment(match, named, range_start, limited=limited)
        elif named is not None and limited and not named.is_today:
            if grammar.PERSONS_AFTER.match(after):
                return None  # 12月31日前满60岁的
            at = _slid(self._end_of(named.day), named, self._sent_at)
        if at is None:
            return None
        return DueMoment(
            at, self._force(match, before, limited=limited), match.start(), match.end()
        )

    def _force(self, match: re.Match[str], before: str, *, limited: bool) -> Force:
        if grammar.MOVED_BEFORE.search(before):
            return Force.MOVED
        after = self._text[match.end() : match.end() + grammar.AFTER]
        is_due = limited or self._is_meeting(match) or grammar.HANDED_AFTER.match(after)
        return Force.FIXED if is_due else Force.EVENT

    def _is_meeting(self, match: re.Match[str]) -> bool:
        after = self._text[match.end() : match.end() + grammar.AFTER]
        before = self._before(match)
        return bool(grammar.MEETING_AFTER.match(after) or grammar.MEETING_BEFORE.search(before))

    def _office_moment(self, match: re.Match[str], named: NamedDay | None) -> datetime | None:
        day = named.day if named else self._today
        spans = self._hours.minutes_on(day)
        half = match["office_half"]
        if match["office"] == "上班":
            at = self._on(day, spans[-1][0] if half == "下午" else spans[0][0])
            if named is None and half is None and at <= self._sent_at:
                return self._next_start()
        elif half in ("上午", "中午", "午间"):
            at = self._end_of_morning(day)
        else:
            at = self._end_of(day)
        return _slid(at, named, self._sent_at)

    def _next_start(self) -> datetime | None:
        try:
            day = self._calendar.next_working_day(self._today)
        except NoCalendarForYear:
            return None
        return self._on(day, self._hours.minutes_on(day)[0][0])

    def _clock_moment(
        self,
        match: re.Match[str],
        named: NamedDay | None,
        range_start: DueMoment | None,
        *,
        limited: bool,
    ) -> datetime | None:
        minutes = minutes_of(match)
        if minutes is None or (not limited and self._is_no_duty(match)):
            return None
        part = match["part"]
        if range_start is not None and part is None and named is None:
            at = self._on(range_start.at.date(), minutes)
            return at if at > range_start.at else at + timedelta(hours=12)
        if named is not None and not named.is_today:
            told = in_part(minutes, part) if part else self._likely(minutes, match)
            return _slid(self._on(named.day, told), named, self._sent_at)
        choices = (in_part(minutes, part),) if part else readings(minutes, match)
        other = in_part(minutes, part) if part else self._likely(minutes, match)
        if named is not None:
            if named.slides:  # 每天九点半前, said in the afternoon: tomorrow morning
                choices = (other,)
            return self._today_at(choices) or (
                self._on(self._today + timedelta(days=1), other) if named.slides else None
            )
        return self._undated(match, choices, other, limited=limited)

    def _likely(self, minutes: int, match: re.Match[str]) -> int:
        after = self._text[match.end() : match.end() + grammar.AFTER]
        return likely(minutes, match, early=grammar.EARLY_AFTER.match(after) is not None)

    def _is_no_duty(self, match: re.Match[str]) -> bool:
        """今晚8点到明晨有雷雨, 明天9点停水: it comes by itself."""
        after = self._text[match.end() : match.end() + grammar.AFTER]
        if grammar.OPENS_AFTER.match(after):
            is_end = grammar.RANGE_BEFORE.search(self._before(match))
            return not (is_end and grammar.OPEN_UNTIL_AFTER.match(after))
        return bool(grammar.WEATHER_AFTER.match(after) and not grammar.MEETING_AFTER.match(after))

    def _today_at(self, choices: tuple[int, ...]) -> datetime | None:
        ahead = [at for at in self._all_today(choices) if at > self._sent_at]
        return ahead[0] if ahead else None

    def _undated(
        self, match: re.Match[str], choices: tuple[int, ...], other: int, *, limited: bool
    ) -> datetime | None:
        """An hour without a day: today where that fits, else the day that the text speaks of."""
        in_mind = self._day_in_mind()
        today = self._today_at(choices)
        is_evening = match["part"] is None and _is_of_evening(self._text, match)
        if in_mind is not None and self._is_near(match) and not (limited and today):
            return self._on(in_mind, other)
        if any(
            timedelta(0) <= self._sent_at - at <= _JUST_PASSED for at in self._all_today(choices)
        ):
            return None  # 12点的还差两家, said at 12:10
        if today is not None and (in_mind is None or self._is_worked(today)):
            # 9点半 said at 10:40, of no deadline, is hardly tonight: it was this morning.
            is_late = not self._is_worked(today) and today - self._sent_at > _SOON
            is_guess = not (limited or match["part"] or is_evening) and len(choices) > 1
            return None if is_late and is_guess else today
        if today is None and is_evening:
            return self._today_at(tuple(one + NOON for one in choices if one < NOON))
        if in_mind is not None:
            return self._on(in_mind, other)
        if (limited and match["part"] == "凌晨") or self._sent_at >= self._end_of(self._today):
            return self._on(self._today + timedelta(days=1), other)
        return None

    def _all_today(self, choices: tuple[int, ...]) -> list[datetime]:
        return [self._on(self._today, one) for one in choices]

    def _day_in_mind(self) -> date | None:
        named = self._day_before
        return named.day if named is not None and named.day > self._today else None

    def _is_near(self, match: re.Match[str]) -> bool:
        between = self._text[self._day_before_end : match.start()]
        return len(between) <= _NEAR and not grammar.SENTENCE_END.search(between)

    def _is_worked(self, at: datetime) -> bool:
        spans = self._hours.minutes_on(at.date())
        return spans[0][0] <= at.hour * 60 + at.minute <= spans[-1][1]

    def _end_of_morning(self, day: date) -> datetime:
        spans = self._hours.minutes_on(day)
        return self._on(day, spans[0][1] if len(spans) > 1 else NOON)

    def _end_of(self, day: date) -> datetime:
        return self._on(day, self._hours.minutes_on(day)[-1][1])

    def _on(self, day: date, minutes: int) -> datetime:
        return datetime.combine(day, time.min, self._sent_at.tzinfo) + timedelta(minutes=minutes)

    def _before(self, match: re.Match[str]) -> str:
        return self._text[max(0, match.start() - grammar.BEFORE) : match.start()]


def _fixes_nothing(match: re.Match[str], named: NamedDay | None, before: str, after: str) -> bool:
    """Whether the words around it say that it is vague, past, forbidden or only told about."""
    if match["vague"] or grammar.PAST_BEFORE.search(before):
        return True
    if grammar.OPENING_HOURS_BEFORE.search(before):
        return True
    no_duty = grammar.FORBIDDEN_AFTER if match["by"] else grammar.NOT_DUE_AFTER
    if no_duty.match(after):
        return True
    if match["day_phrase"] and named is None:
        return True
    is_today = named is None or named.is_today
    if match["tail"] is None and is_today:
        return True  # 今天, 今天前
    return bool(
        match["by"] is None
        and grammar.DATA_CUT_OFF.search(before)
        and ((is_today and not _is_sure(match)) or grammar.DATA_AFTER.match(after))
    )  # 截至9点还差3个村


def _is_sure(match: re.Match[str]) -> bool:
    """Whether the hour can mean but one of today, so that it lies ahead or has passed."""
    return bool(match["part"] or (match["hour"] and is_exact(match)))


def _is_season(match: re.Match[str]) -> bool:
    """年末最后三天, 月底的检查: a time of the year, and no day that an hour after it is on."""
    is_end = match["year_end"] or match["this_month_end"] or match["month_end"]
    return bool(is_end and not match["by"] and not match["tail"])


def _is_of_evening(text: str, match: re.Match[str]) -> bool:
    """今晚的会改到7点半: the evening named just before."""
    return grammar.EVENING.search(text, max(0, match.start() - _NEAR), match.start()) is not None


def _force_of_span(cue: str) -> Force:
    if cue.endswith("内"):
        return Force.FIXED
    return Force.EVENT if cue else Force.HINT


def _slid(at: datetime, named: NamedDay | None, sent_at: datetime) -> datetime:
    if named is not None and named.slides and at <= sent_at:
        return at + timedelta(days=named.slides)
    return at


def _of_range(first: DueMoment, second: DueMoment, *, is_meeting: bool) -> DueMoment:
    """21点到22点查一遍 must be done when it ends; a meeting or an examination when it starts."""
    if is_meeting or first.force is Force.FIXED:
        return replace(first, force=Force.FIXED, end=second.end)
    return second


def _is_count(match: re.Match[str], before: str) -> bool:
    """三点要求, 早一点: points and degrees, not hours."""
    word = match["word_hour"]
    if word is None or any(match[part] for part in _MINUTES):
        return False
    if word == "一" and match["part"] in (None, "早", "晚", "晨", "大早"):
        return match["by"] is None
    return match["part"] is None and grammar.COUNTED_BEFORE.search(before) is not None
