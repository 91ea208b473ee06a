"""Public ids of counts: short, readable over the telephone, and found again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.disputes import id_bounds, public_id, written_id

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
