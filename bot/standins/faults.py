"""Faults that a stand-in platform can be told to have, in the order it was told."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong with the next call or delivery."""

    TOKEN_EXPIRED = "token_expired"  # noqa: S105  the name of a fault
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"  # HTTP 500
    SLOW = "slow"  # the answer waits until the caller gave up
    RESET = "reset"  # done, but the connection is cut before the answer
    DUPLICATE = "duplicate"  # a delivery is made twice
    LOST_ACK = "lost_ack"  # a delivery's answer is thrown away, so it is made again
    DISCONNECT = "disconnect"  # a live connection is told to go, then closed
    HALF_OPEN = "half_open"  # a live connection stays open and falls silent


@dataclass(frozen=True, slots=True)
class _Planned:
    fault: Fault
    where: str


class Faults:
    """A plan of faults: `plan` adds, each `due` takes the first that fits the place."""

    def __init__(self) -> None:
        self._planned: deque[_Planned] = deque()

    def plan(self, fault: Fault, where: str = "*", times: int = 1) -> None:
        """Let the next `times` visits of `where` (a path; "*" is any) have this fault."""
        self._planned.extend(_Planned(fault, where) for _ in range(times))

    def due(self, where: str) -> Fault | None:
        """The fault for this visit, taken off the plan."""
        for place, planned in enumerate(self._planned):
            if planned.where in ("*", where):
                del self._planned[place]
                return planned.fault
        return None

    def __len__(self) -> int:
        return len(self._planned)
