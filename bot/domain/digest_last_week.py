"""What became of the items of last week: stopped, still there, or not to be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.digest_brief import Brief
from bot.domain.digest_figures import DigestFigures
from bot.domain.documents import Block, Bullets, Paragraph
from bot.domain.over_limits import OverLimit, Subject

MOST_TOLD = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """An item of last week: `key` is a word of digest.last_week; `now` is None where unseen."""

    item: OverLimit
    key: str
    now: int | None


def outcomes(brief: Brief) -> tuple[Outcome, ...]:
    """What became of each of last week's items, in their order."""
    if brief.previous is None:
        return ()
    over = {one.item.identity: one.item for one in brief.now.over_limit}
    return tuple(_outcome(brief.now, one.item, over) for one in brief.previous.over_limit)


def last_week(brief: Brief) -> list[Block]:
    """Item by item, or added up where they would fill the page; each then stands in the annex."""
    if brief.previous is None:
        return [Paragraph(brief.texts("digest.last_week.no_previous"))]
    found = outcomes(brief)
    if not found:
        return [Paragraph(brief.texts("digest.last_week.none"))]
    if len(found) <= MOST_TOLD:
        return [Bullets(tuple(_sentence(brief, one) for one in found), numbered=True)]
    counts = Counter(one.key for one in found)
    return [
        Paragraph(
            brief.texts(
                "digest.last_week.summary",
                n=len(found),
                still=counts["still"],
                below=counts["below"],
                unseen=counts["unseen"],
            )
        )
    ]


def _outcome(
    now: DigestFigures, then: OverLimit, over: Mapping[tuple[str, ...], OverLimit]
) -> Outcome:
    still = over.get(then.identity)
    if still:
        return Outcome(then, "still", still.count)
    count = _count_now(now, then)
    return Outcome(then, "unseen" if count is None else "below", count)


def _sentence(brief: Brief, outcome: Outcome) -> str:
    words, then = brief.words, outcome.item
    return brief.texts(
        f"digest.last_week.{outcome.key}",
        subject=words.subject(then),
        measure=words.measure(then.measure),
        then=words.count(then.measure, then.count),
        now=words.count(then.measure, outcome.now or 0),
    )


def _count_now(now: DigestFigures, then: OverLimit) -> int | None:
    """This week's number for last week's subject; None where nothing can be said of it."""
    rows = {
        Subject.UNIT: now.units,
        Subject.SMALL_GROUPS: now.small_groups,
        Subject.GROUP: now.groups,
        Subject.LINE: now.lines or {},
        Subject.ALL: {then.code: now.totals},
    }
    count = rows[then.subject].get(then.code, {}).get(then.measure.value, 0)
    whole = now.coverage.units_heard_whole
    is_heard = set(then.unit.split()) <= set(whole) if then.unit else bool(whole)
    is_shown = then.subject is not Subject.GROUP or then.code in now.groups
    return count if count or (is_heard and is_shown) else None
