"""How a single count is told: by half-days, kinds and act, without a word of it."""

from __future__ import annotations

from bot.domain.disputes import DisputeState, PublicCount
from bot.domain.judgement import VOTE_ALONE
from bot.domain.rules import Rulebook
from bot.domain.texts import Texts
from bot.domain.vocabulary import Measure


def told(count: PublicCount, texts: Texts) -> str:
    """Such as 周三上午 催办（截图上报）."""
    if count.act.is_burden:
        what = texts(f"dispute.count.{count.act.value}")
    else:
        what = texts(f"measures.name.{Measure.OFF_HOURS.value}")
    if count.kinds:
        kinds = texts("dispute.count.comma").join(
            texts(f"measures.name.{kind.value}") for kind in count.kinds
        )
        what = texts("dispute.count.with_kinds", what=what, kinds=kinds)
    return texts(
        "dispute.count.when",
        weekday=texts(f"digest.weekdays.{count.weekday}"),
        half=texts(f"dispute.count.{'morning' if count.is_morning else 'afternoon'}"),
        what=what,
    )


def listed(count: PublicCount, rulebook: Rulebook, texts: Texts) -> str:
    """A line of a list: id, when, what, by which rule, and whether it is disputed."""
    decided = ruling(count)
    return texts(
        "dispute.status.line",
        id=count.id,
        count=told(count, texts),
        rule=texts("dispute.count.by_rule", rule=title_of(decided, rulebook, texts))
        if decided
        else texts("dispute.count.by_wording"),
        mark=mark_of(count, texts),
    )


def mark_of(count: PublicCount, texts: Texts) -> str:
    """What a list says of a count's dispute behind it; empty where there is none, or no more."""
    marks = {DisputeState.OPEN: "disputed", DisputeState.REJECTED: "rejected"}
    mark = marks.get(count.state) if count.state else None
    return texts(f"dispute.count.{mark}") if mark else ""


def ruling(count: PublicCount) -> str | None:
    """The rule that says most: one of a kind before a cue; None where the wording alone decided."""
    rules = [rule for rule in count.rules if rule != VOTE_ALONE]
    kinds = tuple(kind.value for kind in count.kinds)
    of_kinds = [rule for rule in rules if rule.partition(".")[0] in kinds]
    return next(iter(of_kinds or rules), None)


def title_of(rule: str, rulebook: Rulebook, texts: Texts) -> str:
    """What a rule is called; its id where the rulebook no longer has it."""
    if rule == VOTE_ALONE:
        return texts("dispute.explain.wording")
    found = rulebook.rule(rule)
    return found.title if found else rule
