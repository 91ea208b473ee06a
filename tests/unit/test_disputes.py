"""Public ids of counts: short, readable over the telephone, and found again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.disputes import PublicCount, id_bounds, public_id, telling_rules, written_id
from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.periods import Week
from bot.domain.vocabulary import Act, Kind

TAGS = st.binary(min_size=16, max_size=16)


@given(TAGS)
def test_an_id_leads_back_to_its_tag(tag: bytes) -> None:
    low, high = id_bounds(public_id(tag))

    assert low <= tag < high


@given(TAGS, TAGS)
def test_an_id_leads_to_no_other_tag(one: bytes, other: bytes) -> None:
    low, high = id_bounds(public_id(one))

    assert (low <= other < high) is (public_id(one) == public_id(other))


@given(TAGS)
def test_however_it_is_written_it_is_read(tag: bytes) -> None:
    told = public_id(tag)

    assert written_id(told) == told
    assert written_id(f" #{told[:3].lower()}-{told[3:]} ") == told
    assert not set(told) & set("ILOU")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("28hboy", "28HB0Y"), ("lI00oo", "110000"), ("U8HB0Y", "V8HB0Y")],
)
def test_what_is_misread_is_mended(typed: str, meant: str) -> None:
    assert written_id(typed) == meant


@pytest.mark.parametrize("typed", ["", "28HB0", "28HB0YY", "各村报数", "28HB0!", "截图截图截图"])
def test_what_is_no_id_is_none(typed: str) -> None:
    assert written_id(typed) is None


def count_of(kinds: tuple[Kind, ...], rules: tuple[str, ...]) -> PublicCount:
    return PublicCount(
        week=Week(2026, 42),
        group=GroupCode("g-1"),
        tag=bytes(16),
        unit=UnitCode("u-1"),
        line=LineCode("l-1"),
        weekday=1,
        hour=9,
        act=Act.DEMAND,
        kinds=kinds,
        opens=True,
        rules=rules,
        rulebook="1",
    )


def test_no_kind_of_a_count_is_left_without_its_rule() -> None:
    cues = tuple(f"cue.{number}" for number in range(6))
    count = count_of(
        (Kind.SCREENSHOT_REPORT, Kind.FORM_FILLING),
        (*cues, "form_filling.table", "form_filling.figures", "screenshot_report.proof"),
    )

    told = telling_rules(count, 6)

    assert told == (*cues[:4], "form_filling.table", "screenshot_report.proof")


def test_of_more_kinds_than_lines_each_is_told() -> None:
    rules = tuple(f"{kind.value}.named" for kind in Kind)

    assert telling_rules(count_of(tuple(Kind), (*rules, "cue.classes")), 6) == rules


@given(
    st.sets(st.sampled_from(Kind)),
    st.lists(st.sampled_from([f"{kind.value}.{n}" for kind in Kind for n in (1, 2)]), unique=True),
    st.integers(0, 9),
)
def test_rules_are_told_in_their_order_and_few(
    kinds: set[Kind], rules: list[str], most: int
) -> None:
    told = telling_rules(count_of(tuple(kinds), tuple(rules)), most)

    assert list(told) == [rule for rule in rules if rule in told]
    named = {rule.partition(".")[0] for rule in rules} & {kind.value for kind in kinds}
    assert len(told) == min(len(rules), max(most, len(named)))
    assert named <= {rule.partition(".")[0] for rule in told}
