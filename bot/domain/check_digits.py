"""Numbers that check themselves: identity cards and bank cards."""

from __future__ import annotations

import re
from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"


def is_id_number(digits: str) -> bool:
    """Whether this is a resident identity number of 18 places (GB 11643, ISO 7064 MOD 11-2)."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", digits):
        return False
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(digits[:17], _ID_WEIGHTS, strict=True)
    )
    return _ID_CHECK[total % 11] == digits[17]


def passes_luhn(digits: str) -> bool:
    """Whether the check digit of a bank card fits (ISO/IEC 7812)."""
    if not digits.isdigit():
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
