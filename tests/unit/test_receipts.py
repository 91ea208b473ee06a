"""Receipt numbers: made fairly, typed tolerantly, wrong ones refused before anything costly."""

from __future__ import annotations

import os
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.receipts import Receipt, WrongReceipt, check_digits
from config.load import LOCALES, load_texts

DIGITS = st.text("0123456789", min_size=18, max_size=18)


@pytest.mark.parametrize(
    ("digits", "check"),
    [("794", "44"), ("99991234567890121414", "90"), ("32142829123456987654321611", "82")],
)
def test_check_digits_are_those_of_iso_7064(digits: str, check: str) -> None:
    assert check_digits(digits) == check


def test_it_is_shown_as_five_groups_of_four() -> None:
    assert Receipt("123456789012345678").shown() == "1234 5678 9012 3456 7888"


@given(DIGITS)
def test_what_is_shown_is_read_back(digits: str) -> None:
    receipt = Receipt(digits)

    assert Receipt.parse(receipt.shown()) == receipt


@pytest.mark.parametrize(
    "written",
    [
        "12345678901234567888",
        "１２３４　５６７８　９０１２　３４５６　７８８８",
        " 1234-5678-9012-3456-7888\n",
        "1234 5678\t9012 – 3456 — 7888",
        "1234\u200b5678.9012·3456_7888",
        "1234，5678，9012，3456，7888",
    ],
)
def test_blanks_dashes_and_full_width_digits_do_no_harm(written: str) -> None:
    assert Receipt.parse(written) == Receipt("123456789012345678")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("1234 5678 9012 3456 7889", "receipt_check"),
        ("1234 5678 9012 3456 788", "receipt_length"),
        ("1234 5678 9012 3456 7888 1", "receipt_length"),
        ("", "receipt_digits"),
        ("编号 1234", "receipt_digits"),
        ("1234 5678 9012 3456 78३७", "receipt_digits"),
        ("1234 5678 9012 3456 78O8", "receipt_digits"),
        ("①②③④", "receipt_length"),
    ],
)
def test_what_is_no_receipt_is_refused_with_the_reason(written: str, key: str) -> None:
    with pytest.raises(WrongReceipt) as refused:
        Receipt.parse(written)

    assert refused.value.key == f"complaint_box.{key}"
    for locale in LOCALES:
        assert load_texts(locale)(refused.value.key, **refused.value.values)
    assert "1234" not in str(refused.value)


@given(DIGITS, st.integers(0, 19), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(digits: str, place: int, off: int) -> None:
    shown = Receipt(digits).shown().replace(" ", "")
    wrong = shown[:place] + str((int(shown[place]) + off) % 10) + shown[place + 1 :]

    with pytest.raises(WrongReceipt):
        Receipt.parse(wrong)


@given(DIGITS, st.integers(0, 18))
def test_any_swap_of_neighbours_is_found(digits: str, place: int) -> None:
    shown = Receipt(digits).shown().replace(" ", "")
    swapped = shown[:place] + shown[place + 1] + shown[place] + shown[place + 2 :]
    if swapped == shown:
        return

    with pytest.raises(WrongReceipt):
        Receipt.parse(swapped)


def test_numbers_are_drawn_fairly() -> None:
    """What would make some numbers likelier is drawn again."""
    draws = iter([b"\xff" * 8, b"\xf9\xcc\xd8\xa1\xc5\x08\x00\x00", (41).to_bytes(8, "big")])

    assert Receipt.new(lambda _: next(draws)) == Receipt("000000000000000041")


def test_no_representation_shows_it() -> None:
    receipt = Receipt.new(os.urandom)
    shown = receipt.secret().decode()

    assert shown not in f"{receipt} {receipt!r} {receipt:>40} {[receipt]}"
    with pytest.raises(TypeError):
        pickle.dumps(receipt)


def test_fewer_digits_make_no_receipt() -> None:
    with pytest.raises(ValueError, match="18 digits"):
        Receipt("123")
