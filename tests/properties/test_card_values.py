"""A button's value is taken where it was shown, as it was signed, in time, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.card_values import LONGEST_VALUE, Place, called, sign
from bot.domain.cards import CLICKABLE, LONGEST_ARGUMENT_BYTES, Choice, Click
from bot.domain.commands import CommandCall
from bot.domain.errors import Forged, SignatureMismatch, Stale
from bot.domain.private import Opaque

NOW = datetime(2026, 10, 14, 3, 0, tzinfo=UTC)
ENDS = NOW + timedelta(days=7)
KEY, CARD = bytes(range(32)), "ab" * 16
HERE = Place("wecom", "ww1", True, Opaque("wrGROUP"), Opaque("zhao"))
OTHERWISE = {
    "platform": "dingtalk",
    "account": "ww2",
    "is_group": False,
    "conversation": Opaque("wrgroup"),
    "person": Opaque("qian"),
}
arguments = st.text(st.characters(exclude_categories=["Cs"]), max_size=LONGEST_ARGUMENT_BYTES // 4)


def value(
    command: str = "limits",
    argument: str = "确认 3",
    *,
    private: bool = False,
    place: Place = HERE,
) -> str:
    return sign(KEY, Choice("按钮", command, argument, private), CARD, place, ENDS)


def read(written: str, place: Place = HERE, card: str = CARD, now: datetime = NOW) -> CommandCall:
    return called(KEY, Click(Opaque(written), Opaque(card)), place, now)


@given(st.sampled_from(sorted(CLICKABLE)), arguments, st.booleans())
def test_what_was_signed_is_read_back_and_is_short_enough(
    command: str, argument: str, private: bool
) -> None:
    written = value(command, argument, private=private)

    assert read(written) == CommandCall(command, argument)
    assert len(written) <= LONGEST_VALUE


@given(st.data())
def test_any_bit_of_a_value_changed_is_refused(data: st.DataObject) -> None:
    raw = bytearray(value(argument=data.draw(arguments)).encode())
    place = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[place // 8] ^= 1 << place % 8

    with pytest.raises(SignatureMismatch):
        read(raw.decode("latin-1"))


@given(st.text(max_size=600))
def test_no_text_of_anybody_else_s_is_a_value(written: str) -> None:
    with pytest.raises(Forged):
        read(written)


@given(st.data())
def test_a_value_that_was_cut_or_lengthened_is_refused(data: st.DataObject) -> None:
    whole = value()
    cut = data.draw(st.integers(0, len(whole) - 1))

    for written in (whole[:cut], whole + data.draw(st.text("=A.", min_size=1, max_size=4))):
        with pytest.raises(SignatureMismatch):
            read(written)


@pytest.mark.parametrize("name", sorted(OTHERWISE))
@pytest.mark.parametrize("private", [False, True])
def test_a_value_is_taken_at_its_place_alone(name: str, private: bool) -> None:
    elsewhere = replace(HERE, **{name: OTHERWISE[name]})
    written = value(private=private)

    if name == "person" and not private:
        assert read(written, elsewhere)
        return
    with pytest.raises(SignatureMismatch):
        read(written, elsewhere)


def test_a_value_of_another_card_is_refused() -> None:
    with pytest.raises(SignatureMismatch):
        read(value(), card="cd" * 16)


def test_a_value_under_another_key_is_refused() -> None:
    foreign = sign(bytes(32), Choice("按钮", "help"), CARD, HERE, ENDS)

    with pytest.raises(SignatureMismatch):
        read(foreign)


def test_a_value_ends_when_its_time_is_over() -> None:
    assert read(value(), now=ENDS - timedelta(seconds=1))
    with pytest.raises(Stale):
        read(value(), now=ENDS)


def test_no_id_stands_in_a_value() -> None:
    import base64

    payload = value(private=True).partition(".")[0]
    plain = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))

    assert b"zhao" not in plain
    assert b"wrGROUP" not in plain
