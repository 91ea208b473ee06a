"""Tags stand in for ids for one week: the same within a scope, unlinkable beyond it."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.pseudonyms import WeekKey

WEEK = Week(2026, 42)
KEY = WeekKey(WEEK, bytes(range(32)))


def test_a_tag_is_the_construction_that_is_written_down() -> None:
    """Known answer, computed here with the standard library alone."""
    purpose = hmac.digest(bytes(range(32)), b"bb/v1/demander\x01", "sha256")
    parts = b"".join(
        len(raw).to_bytes(4, "big") + raw for raw in (b"wecom", b"corp", b"g1", "李华".encode())
    )

    assert (
        KEY.sender_tag("wecom", "corp", "g1", Opaque("李华"))
        == (hmac.new(purpose, parts, hashlib.sha256).digest()[:16])
    )


def test_one_person_in_two_groups_is_two_tags() -> None:
    person = Opaque("li.hua")

    assert KEY.sender_tag("wecom", "c", "g1", person) != KEY.sender_tag("wecom", "c", "g2", person)


def test_the_same_message_id_in_two_groups_is_two_messages() -> None:
    message = Opaque("1")

    assert KEY.message_tag("t", "t", "g1", message) != KEY.message_tag("t", "t", "g2", message)


def test_another_week_knows_nothing_of_this_one() -> None:
    other = WeekKey(WEEK.shifted(1), bytes(range(1, 33)))

    assert KEY.sender_tag("w", "c", "g", Opaque("a")) != other.sender_tag(
        "w", "c", "g", Opaque("a")
    )


@given(st.lists(st.text(max_size=8), min_size=4, max_size=4), st.integers(0, 3))
def test_no_shift_of_a_boundary_gives_the_same_tag(parts: list[str], place: int) -> None:
    shifted = [*parts]
    shifted[place] += "x"

    one = KEY.message_tag(parts[0], parts[1], parts[2], Opaque(parts[3]))
    assert one != KEY.message_tag(shifted[0], shifted[1], shifted[2], Opaque(shifted[3]))


def test_a_key_of_another_length_is_refused_and_none_is_shown() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        WeekKey(WEEK, b"short")
    assert "\\x01" not in repr(KEY)
    assert KEY.secret.hex() not in repr(KEY)
