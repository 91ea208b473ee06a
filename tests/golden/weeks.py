"""Weeks of a small county, for golden digests and for looking at the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from zoneinfo import ZoneInfo

from bot.domain.anonymity import ProtectedTable, ProtectionPolicy, protect
from bot.domain.burden import Estimate, person_hours
from bot.domain.coming_week import (
    ComingEmergency,
    ComingEntry,
    ComingMark,
    ComingWeek,
)
from bot.domain.coverage import Coverage
from bot.domain.digest import Digest, Masthead, compose_digest
from bot.domain.digest_figures import DigestFigures
from bot.domain.digest_words import Names
from bot.domain.disputes import DisputedCounts
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.measured_error import KindError, MeasuredError
from bot.domain.periods import Week
from bot.domain.registers import MarkSort, Sort
from bot.domain.tallies import Cell, Counted, CountTable
from bot.domain.vocabulary import Measure as M
from bot.domain.vocabulary import Tallied as T
from bot.domain.work_calendar import OfficeHours
from config.calendar import load_calendar
from config.load import load_texts
from config.minutes_file import load_minutes
from config.policy_file import load_limits

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = OfficeHours.parse("08:30-12:00,14:30-18:00")
WEEK = Week(2026, 42)
POLICY = ProtectionPolicy()
NAMES = Names(
    units={"U01": "青石镇", "U02": "云岭街道", "U03": "南溪乡"},
    lines={"L01": "综治", "L02": "民政", "L03": "党政"},
    groups={"G1": "网格工作群", "G3": "党政工作群"},
)
MASTHEAD = Masthead("county", "清川县基层减负专班", "轻装")

Rows = Iterable[tuple[str, str, str, int, Counted, int]]


def group(code: str, unit: str, line: str, size: int) -> GroupProfile:
    return GroupProfile(
        GroupCode(code), code, UnitCode(unit), LineCode(line), size, SHANGHAI, HOURS
    )


def table(rows: Rows) -> CountTable:
    counts: dict[Cell, int] = {}
    for code, unit, line, weekday, measure, n in rows:
        cell = Cell(GroupCode(code), UnitCode(unit), LineCode(line), weekday, measure)
        counts[cell] = counts.get(cell, 0) + n
    return CountTable(counts)


GROUPS = (
    group("G1", "U01", "L01", 86),
    group("G2", "U01", "L02", 7),
    group("G3", "U01", "L03", 48),
    group("G4", "U01", "L02", 23),
    group("G5", "U02", "L01", 160),
    group("G6", "U02", "L02", 9),
    group("G7", "U02", "L02", 31),
    group("G8", "U03", "L03", 12),
)


def heard(groups: Iterable[GroupProfile], each: int = 61) -> Rows:
    return [(g.code, g.unit, g.line, day, T.MESSAGES, each) for g in groups for day in range(1, 6)]


QUIET: Rows = [
    *heard(GROUPS),
    ("G1", "U01", "L01", 2, T.EPISODES, 1),
    ("G1", "U01", "L01", 2, M.MEETING, 1),
    ("G5", "U02", "L01", 4, T.EPISODES, 1),
    ("G5", "U02", "L01", 4, M.FORM_FILLING, 1),
    ("G5", "U02", "L01", 4, M.REPEAT, 1),
]

BUSY: Rows = [
    *heard(GROUPS, 173),
    *[("G1", "U01", "L01", day, T.EPISODES, 4) for day in range(1, 6)],
    *[("G1", "U01", "L01", day, M.SCREENSHOT_REPORT, 3) for day in (1, 2, 4)],
    *[("G1", "U01", "L01", day, M.CHECK_IN, 3) for day in range(1, 6)],
    *[("G1", "U01", "L01", day, M.OFF_HOURS, n) for day, n in ((1, 2), (2, 1), (4, 6), (6, 4))],
    *[("G1", "U01", "L01", day, T.OFF_HOURS_NIGHT, n) for day, n in ((1, 2), (4, 5), (6, 1))],
    ("G1", "U01", "L01", 3, M.REPEAT, 5),
    ("G1", "U01", "L01", 4, M.SHORT_NOTICE, 3),
    ("G2", "U01", "L02", 3, T.EPISODES, 5),
    ("G2", "U01", "L02", 3, M.CHECK_IN, 4),
    ("G2", "U01", "L02", 7, M.OFF_HOURS, 2),
    ("G4", "U01", "L02", 2, T.EPISODES, 3),
    ("G4", "U01", "L02", 2, M.FORM_FILLING, 3),
    ("G3", "U01", "L03", 1, T.EPISODES, 2),
    ("G3", "U01", "L03", 1, M.RANKING, 1),
    ("G3", "U01", "L03", 1, M.MEETING, 1),
    ("G5", "U02", "L01", 5, T.EPISODES, 2),
    ("G5", "U02", "L01", 5, M.FORM_FILLING, 2),
    ("G5", "U02", "L01", 5, T.CLAIMED_URGENT, 1),
    ("G5", "U02", "L01", 3, T.EXEMPT, 2),
    ("G7", "U02", "L02", 2, T.EPISODES, 1),
    ("G7", "U02", "L02", 2, T.CANCELLED, 1),
    ("G7", "U02", "L02", 2, T.REPORTED, 1),
    ("G5", "U02", "L01", 5, T.BROADCAST, 1),
    ("G7", "U02", "L02", 2, T.RELAYED, 3),
    ("G7", "U02", "L02", 2, T.PRESSED, 2),
    ("G8", "U03", "L03", 2, T.EPISODES, 1),
    ("G8", "U03", "L03", 2, M.PLEDGE, 1),
]

ONE_SMALL_GROUP: Rows = [
    *heard(GROUPS[:2]),
    ("G1", "U01", "L01", 1, T.EPISODES, 1),
    ("G2", "U01", "L02", 3, T.EPISODES, 6),
    ("G2", "U01", "L02", 3, M.CHECK_IN, 6),
]


NOTHING_REGISTERED = ComingWeek()
REGISTERED = ComingWeek(
    events=(
        ComingEntry(
            Sort.INSPECTION,
            "督备〔2026〕31号",
            "秋冬森林防火检查",
            date(2026, 10, 20),
            date(2026, 10, 21),
            "U02",
            "L01",
        ),
        ComingEntry(
            Sort.SYSTEM_MEETING,
            "会备〔2026〕4号",
            "民政系统年度会议",
            date(2026, 10, 22),
            date(2026, 10, 22),
            "",
            "L02",
        ),
    ),
    open_ended=1,
    ending=(
        ComingEntry(
            Sort.MATTER,
            "准〔2026〕7号",
            "秋粮入库统计",
            date(2026, 9, 1),
            date(2026, 10, 23),
            "",
            "L03",
        ),
    ),
    marks=(ComingMark(MarkSort.NO_MEETINGS, "U01", WEEK.shifted(1).days),),
    emergencies=(ComingEmergency("U03", 0, date(2026, 10, 19)),),
)
MUCH_REGISTERED = ComingWeek(
    events=tuple(
        ComingEntry(
            Sort.INSPECTION,
            f"督备〔2026〕{40 + n}号",
            "" if n == 3 else f"第{n}批安全生产检查",
            date(2026, 10, 26),
            date(2026, 10, 25 + n),
            f"U0{1 + n % 3}",
            "",
        )
        for n in range(1, 6)
    ),
    marks=(ComingMark(MarkSort.NO_NOTICES, "", (date(2026, 10, 28),)),),
)

ERROR_BY_KIND = (
    KindError("screenshot_report", 84, 80, 7, 3),
    KindError("check_in", 121, 118, 8, 5),
    KindError("form_filling", 97, 93, 9, 5),
    KindError("ranking", 12, 9, 4, 1),
    KindError("pledge", 6, 7, 1, 2),
)
DISPUTED = (
    DisputedCounts("episodes", 3, 1, 1),
    DisputedCounts("off_hours", 1, 0, 0),
)


def coverage(groups: Iterable[GroupProfile], rows: Rows, *, whole: int | None = None) -> Coverage:
    profiles = tuple(groups)
    messages = {g.code: 0 for g in profiles}
    for code, _, _, _, measure, n in rows:
        if measure is T.MESSAGES:
            messages[GroupCode(code)] += n
    by_whole = len(profiles) if whole is None else whole
    loud = [g for g in profiles if messages[g.code]]
    return Coverage(
        units_heard=tuple(sorted({g.unit for g in loud})),
        units_heard_whole=tuple(sorted({g.unit for g in loud if g in profiles[:by_whole]})),
        groups=len(profiles),
        heard_whole=by_whole,
        heard_when_addressed=len(profiles) - by_whole,
        silent=sum(not n for n in messages.values()),
        messages=sum(messages.values()),
        late=0,
        incomplete=False,
        rulebook="2026.11",
        measured_error=MeasuredError(
            1115, 390, 370, 32, 12, "2026-10-15", "2026.11", ERROR_BY_KIND
        ),
        disputed=DISPUTED,
    )


def protected(rows: Rows, groups: Iterable[GroupProfile] = GROUPS) -> ProtectedTable:
    counts = table(rows)
    return protect(counts, tuple(groups), POLICY, limits=load_limits())


def digest(
    rows: Rows,
    groups: Iterable[GroupProfile] = GROUPS,
    *,
    week: Week = WEEK,
    locale: str = "zh-CN",
    previous: DigestFigures | None = None,
    year_ago: DigestFigures | None = None,
    whole: int | None = None,
    coming: ComingWeek | None = NOTHING_REGISTERED,
) -> Digest:
    groups = tuple(groups)
    figures, table = protected(rows, groups), load_minutes()
    return compose_digest(
        week,
        figures,
        coverage(groups, rows, whole=whole),
        MASTHEAD,
        names=NAMES,
        calendar=load_calendar(),
        texts=load_texts(locale),
        smallest_group=POLICY.smallest_group,
        estimate=Estimate(person_hours(figures, table), table),
        previous=previous,
        year_ago=year_ago,
        coming=coming,
    )


def busy(locale: str = "zh-CN") -> Digest:
    before = digest(QUIET, week=WEEK.shifted(-2), locale=locale)
    last = digest(
        [row for row in BUSY if row[2] == "L01" or row[4] is T.MESSAGES],
        week=WEEK.shifted(-1),
        previous=before.figures,
        locale=locale,
    )
    return digest(BUSY, previous=last.figures, whole=5, locale=locale, coming=REGISTERED)


def quiet(locale: str = "zh-CN") -> Digest:
    last, week = busy(locale).figures, WEEK.shifted(1)
    return digest(QUIET, previous=last, week=week, locale=locale, coming=MUCH_REGISTERED)


def nothing(locale: str = "zh-CN") -> Digest:
    return digest([], week=Week(2026, 52), locale=locale)


def one_small_group(locale: str = "zh-CN") -> Digest:
    return digest(ONE_SMALL_GROUP, GROUPS[:2], whole=0, locale=locale)


WEEKS: dict[str, Callable[[str], Digest]] = {
    "busy": busy,
    "nothing": nothing,
    "one_small_group": one_small_group,
    "quiet": quiet,
}
