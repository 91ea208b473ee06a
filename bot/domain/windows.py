"""Moving windows: how often something happened lately, for many things, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable, Sequence
from datetime import datetime, timedelta

from bot.domain.sending import Rate

AT_ONCE = timedelta(0)
Kept = Sequence[tuple[Hashable, Sequence[Rate]]]


class MovingWindows:
    """The moments of what happened, by key; beyond `most` keys the least lately used is forgotten.

    Whoever is forgotten begins anew: the bound is meant to be far above the keys that are busy
    within the longest window. A key whose window has passed is forgotten when something else
    happens: keys name people and chats.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._windows: OrderedDict[Hashable, deque[datetime]] = OrderedDict()
        self._longest = timedelta(0)

    def __len__(self) -> int:
        """Keys in memory."""
        return len(self._windows)

    def wait(self, kept: Kept, now: datetime) -> timedelta:
        """How long until one more fits all the rates of all the keys; AT_ONCE when it does now."""
        return max((self._wait(key, rates, now) for key, rates in kept), default=AT_ONCE)

    def note(self, kept: Kept, now: datetime) -> None:
        """One more happened now, for each key that has rates."""
        for key, rates in kept:
            if rates:
                self._longest = max(self._longest, *(rate.within for rate in rates))
                self._windows.setdefault(key, deque()).append(now)
                self._windows.move_to_end(key)
                if len(self._windows) > self._most:
                    self._windows.popitem(last=False)
        self._forget_before(now - self._longest)

    def _forget_before(self, moment: datetime) -> None:
        while self._windows:
            key, happened = next(iter(self._windows.items()))
            if happened and happened[-1] > moment:
                break
            del self._windows[key]

    def _wait(self, key: Hashable, rates: Sequence[Rate], now: datetime) -> timedelta:
        happened = self._windows.get(key)
        if not rates or happened is None:
            return AT_ONCE
        longest = max(rate.within for rate in rates)
        while happened and happened[0] <= now - longest:
            happened.popleft()
        # A window is full while its most-th last moment lies within it.
        full = [rate for rate in rates if len(happened) >= rate.most]
        return max((happened[-rate.most] + rate.within - now for rate in full), default=AT_ONCE)
