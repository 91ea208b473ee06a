"""How a single count is told: by half-days, kinds and act, without a word of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain.disputes import DisputeState, Moved, PublicCount
from bot.domain.judgement import VOTE_ALONE
from bot.domain.rules import Rulebook
from bot.domain.texts import Texts
from bot.domain.vocabulary import Kind, Measure

_MARKS = {
    DisputeState.OPEN: "disputed",
    DisputeState.UPHELD: "upheld",
    DisputeState.REJECTED: "rejected",
}


def told(count: PublicCount, texts: Texts) -> str:
    """Such as 周三上午 催办（截图上报）."""
    if count.act.is_burden:
        what = texts(f"dispute.count.{count.act.value}")
    else:
        what = texts(f"measures.name.{Measure.OFF_HOURS.value}")
    if count.kinds:
        what = texts("dispute.count.with_kinds", what=what, kinds=named(count.kinds, texts))
    return texts(
        "dispute.count.when",
        weekday=texts(f"digest.weekdays.{count.weekday}"),
        half=texts(f"dispute.count.{'morning' if count.is_morning else 'afternoon'}"),
        what=what,
    )


def named(kinds: Iterable[Kind], texts: Texts) -> str:
    """Such as 截图上报、填表报数."""
    return texts("dispute.count.comma").join(
        texts(f"measures.name.{kind.value}") for kind in kinds
    )


def told_of_step(
    count: PublicCount,
    wanted: DisputeState,
    moved: Moved,
    kinds: Sequence[Kind],
    sharing: Sequence[PublicCount],
    texts: Texts,
) -> str:
    """What became of a dispute of a count, or of these kinds of it.

    `sharing` are the counts that keep its demand among these kinds as long as they stand.
    """
    step = f"{wanted.value}_{moved.value}"
    if not kinds or f"dispute.kinds.{step}" not in texts:
        return texts(f"dispute.done.{step}", id=count.id, count=told(count, texts))
    said = named(kinds, texts)
    lines = [texts(f"dispute.kinds.{step}", id=count.id, count=told(count, texts), kinds=said)]
    if wanted is DisputeState.OPEN and len(kinds) == len(count.kinds):
        lines.append(texts("dispute.kinds.none_left", id=count.id))
    if sharing and wanted is not DisputeState.REJECTED:
        ids = texts("dispute.count.comma").join(one.id for one in sharing)
        shared = [kind for kind in kinds if any(kind in one.kinds for one in sharing)]
        lines.append(texts("dispute.kinds.sharing", ids=ids, kinds=named(shared, texts)))
    return "\n".join(lines)


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
    if count.state is None or count.state is DisputeState.WITHDRAWN:
        return ""
    mark = f"dispute.count.{_MARKS[count.state]}"
    if not count.disputed:
        return texts(mark)
    return texts(f"{mark}_kinds", kinds=named(count.disputed, texts))


def ruling(count: PublicCount) -> str | None:
    """The rule that says most: one of a kind before a cue; None where the wording alone decided.

    None of a kind that was struck out.
    """
    kinds = tuple(kind.value for kind in count.kinds)
    gone = {kind.value for kind in count.disputed if count.state is DisputeState.UPHELD}
    unsaid = {VOTE_ALONE, *(rule for rule in count.rules if rule.partition(".")[0] in gone)}
    rules = [rule for rule in count.rules if rule not in unsaid]
    of_kinds = [rule for rule in rules if rule.partition(".")[0] in kinds]
    return next(iter(of_kinds or rules), None)


def title_of(rule: str, rulebook: Rulebook, texts: Texts) -> str:
    """What a rule is called; its id where the rulebook no longer has it."""
    if rule == VOTE_ALONE:
        return texts("dispute.explain.wording")
    found = rulebook.rule(rule)
    return found.title if found else rule
