"""What is taken for a mail address: plain ASCII, one `@`, nothing that a mail server would obey."""

from __future__ import annotations

import re

LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3 less the brackets
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)


def is_mail_address(written: str) -> bool:
    """Whether this may stand in an envelope. Quoted local parts and other alphabets may not."""
    return len(written) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(written) is not None
