"""Receipt numbers (回执编号): 18 random digits and two check digits, shown once, five by four."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from bot.domain.errors import UserError

RANDOM_DIGITS = 18
CHECK_DIGITS = 2
_LENGTH = RANDOM_DIGITS + CHECK_DIGITS
_NUMBERS = 10**RANDOM_DIGITS
# The largest multiple of _NUMBERS that eight bytes can hold: above it, some numbers would be
# likelier than others.
_FAIR = (1 << 64) // _NUMBERS * _NUMBERS
_FILLING = re.compile(r"[\s\-_.·,:\u2010-\u2015\u2212\u200b-\u200d\ufeff]+")


class WrongReceipt(UserError):
    """What was typed is no receipt number; `key` names the sentence that says why."""


class Receipt:
    """The one thread back to a complaint. No representation shows it."""

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        if not re.fullmatch(r"[0-9]{18}", digits):
            raise ValueError("a receipt has 18 digits before its check digits")
        self._digits = digits

    @classmethod
    def new(cls, token_bytes: Callable[[int], bytes]) -> Receipt:
        """A receipt from fresh randomness, each number as likely as any other."""
        while True:
            drawn = int.from_bytes(token_bytes(8), "big")
            if drawn < _FAIR:
                return cls(f"{drawn % _NUMBERS:0{RANDOM_DIGITS}d}")

    @classmethod
    def parse(cls, written: str) -> Receipt:
        """The receipt somebody typed: full-width digits, blanks, dashes and dots do no harm.

        WrongReceipt when digits are missing or too many, when something else stands among them,
        or when the check digits do not fit; all before any costly derivation.
        """
        digits = _FILLING.sub("", unicodedata.normalize("NFKC", written))
        if not digits.isascii() or not digits.isdigit():
            raise WrongReceipt("complaint_box.receipt_digits")
        if len(digits) != _LENGTH:
            raise WrongReceipt("complaint_box.receipt_length", found=str(len(digits)))
        if int(digits) % 97 != 1:
            raise WrongReceipt("complaint_box.receipt_check")
        return cls(digits[:RANDOM_DIGITS])

    def secret(self) -> bytes:
        """The 18 digits, for the derivation of keys and for nothing else."""
        return self._digits.encode()

    def shown(self) -> str:
        """All 20 digits in groups of four, for its owner, once."""
        whole = self._digits + check_digits(self._digits)
        return " ".join(whole[start : start + 4] for start in range(0, _LENGTH, 4))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Receipt) and other._digits == self._digits

    def __hash__(self) -> int:
        return hash(self._digits)

    def __repr__(self) -> str:
        return "<receipt>"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return "<receipt>"

    def __reduce__(self) -> str:
        raise TypeError("what hides itself is not pickled")


def check_digits(digits: str) -> str:
    """The two check digits of ISO/IEC 7064, MOD 97-10: digits and check leave 1 modulo 97."""
    return f"{98 - int(digits) * 100 % 97:02d}"
