"""What stands for a destination in the key of a parcel: not its id."""

from __future__ import annotations

import hashlib

from handlers.ports import Destination


def mark_of(destination: Destination) -> str:
    """The same for the same destination, wherever it stands in the office's list."""
    named = "\0".join(
        (
            destination.platform,
            destination.account,
            "group" if destination.is_group else "person",
            destination.id.reveal(),
        )
    )
    return hashlib.sha256(named.encode()).hexdigest()[:16]
