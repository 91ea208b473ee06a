"""A fact as the row that rests, and the row as a fact again."""

from __future__ import annotations

from typing import Any

from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.judgement import EPISODE_BYTES, DemandRecord, Entry, Fact
from bot.domain.messages import Route
from bot.domain.registers import Filed
from bot.domain.vocabulary import (
    Act,
    Addressed,
    Exemption,
    Lead,
    kind_bits,
    kinds_from_bits,
)
from storage.weeks import week_number, week_of

Row = tuple[Any, ...]
ROOM_FOR_RULES = 1024  # of `tables.facts`; PostgreSQL refuses a row that goes beyond


def fact_row(entry: Entry, fact: Fact) -> Row:
    """The values of `tables.facts`, in the order of its columns.

    Words of closed lists go as plain `str`: a driver looks twice at a subclass.
    """
    return (
        week_number(entry.week),
        entry.group,
        entry.tag,
        entry.revision,
        fact.weekday,
        fact.hour,
        fact.unit,
        fact.line,
        fact.act.value,
        kind_bits(fact.kinds),
        int(fact.ping),
        int(fact.off_hours),
        fact.episode,
        int(fact.opens),
        fact.lead.value,
        fact.addressed.value if fact.addressed else None,
        fact.exempt.value if fact.exempt else None,
        int(fact.claimed_urgent),
        fact.sender_tag,
        _fitting(" ".join(fact.rules)),
        fact.rulebook,
        fact.route.value,
        int(fact.reported),
    )


def demand_row(entry: Entry, demand: DemandRecord) -> Row:
    """The values of `tables.demands`, in the order of its columns."""
    where = (week_number(entry.week), entry.group, entry.tag, entry.revision)
    asker = demand.passed_on
    origin = (None, None) if asker is None else (asker.unit, asker.line)
    return (*where, demand.minute, demand.due, demand.trace, *origin)


def filed_row(entry: Entry, filed: Filed) -> Row:
    """The values of `tables.filed`, in the order of its columns."""
    episode = entry.tag[:EPISODE_BYTES]
    return (week_number(entry.week), entry.group, episode, filed.number, filed.how.value)


def _fitting(rules: str) -> str:
    """As many whole ids, from the first, as there is room for: a count is worth more than all."""
    if len(rules) <= ROOM_FOR_RULES:
        return rules
    return rules[: ROOM_FOR_RULES + 1].rpartition(" ")[0]


def fact_of(row: Row) -> Fact:
    """The fact of a row made by `fact_row`; its revision is left out."""
    (week, group, tag, _revision, weekday, hour, unit, line, act, kinds, ping, off_hours,
     episode, opens, lead, addressed, exempt, urgent, sender, rules, rulebook, route,
     reported) = row  # fmt: skip
    return Fact(
        tag=tag,
        week=week_of(week),
        weekday=weekday,
        hour=hour,
        group=GroupCode(group),
        unit=UnitCode(unit),
        line=LineCode(line),
        act=Act(act),
        kinds=kinds_from_bits(kinds),
        ping=bool(ping),
        off_hours=bool(off_hours),
        episode=episode,
        opens=bool(opens),
        lead=Lead(lead),
        addressed=Addressed(addressed) if addressed else None,
        exempt=Exemption(exempt) if exempt else None,
        claimed_urgent=bool(urgent),
        sender_tag=sender,
        rules=tuple(rules.split()),
        rulebook=rulebook,
        route=Route(route),
        reported=bool(reported),
    )
