"""抽样核验: how often judgement and a person's labels agreed, with the error of the sample."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

_Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class MeasuredError:
    """What a labelled sample showed: no words, only numbers.

    Of `sample` messages a person called `labelled` demands or reminders and judgement `counted`;
    `missed` of the former were not counted, `false` of the latter were none. `on` is the day of
    the check, `rulebook` the version that was checked.
    """

    sample: int
    labelled: int
    counted: int
    missed: int
    false: int
    on: str
    rulebook: str

    @classmethod
    def of(cls, pairs: Iterable[tuple[bool, bool]], on: str, rulebook: str) -> MeasuredError:
        """From pairs of what a person said and what was counted."""
        told = list(pairs)
        return cls(
            sample=len(told),
            labelled=sum(person for person, _ in told),
            counted=sum(counted for _, counted in told),
            missed=sum(person and not counted for person, counted in told),
            false=sum(counted and not person for person, counted in told),
            on=on,
            rulebook=rulebook,
        )

    def text(self) -> str:
        """A line to keep."""
        return " ".join(str(getattr(self, part.name)) for part in fields(self))

    @classmethod
    def parse(cls, line: str) -> MeasuredError:
        """What `text` wrote."""
        *numbers, on, rulebook = line.split(" ")
        sample, labelled, counted, missed, false = map(int, numbers)
        return cls(sample, labelled, counted, missed, false, on, rulebook)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, in per cent (Wilson 1927); (0, 100) for an empty sample."""
    if not n:
        return 0.0, 100.0
    share, z2 = hits / n, _Z * _Z
    middle = share + z2 / (2 * n)
    around = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low, high = (middle - around) / (1 + z2 / n), (middle + around) / (1 + z2 / n)
    return 100 * max(low, 0.0), 100 * min(high, 1.0)
