"""抽样核验: how often judgement and a person's labels agreed, with the error of the sample."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace

from bot.domain.later_fields import ABSENT_WHEN_DEFAULT
from bot.domain.vocabulary import KINDS, Kind

_Z = 1.959964  # 95 %

ENOUGH = 20
"""Messages a person and judgement each have to name a kind in, for its error to be told alone."""


@dataclass(frozen=True, slots=True)
class KindError:
    """The same as a MeasuredError for one kind, or (empty) for several: each of a message's kinds
    that a person named is `labelled`, each that judgement named `counted`."""

    kind: str
    labelled: int
    counted: int
    missed: int
    false: int


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
    kinds: tuple[KindError, ...] = field(default=(), metadata={ABSENT_WHEN_DEFAULT: True})

    @classmethod
    def of(
        cls,
        pairs: Iterable[tuple[bool, bool]],
        on: str,
        rulebook: str,
        kinds: Sequence[tuple[Collection[str], Collection[str]]] = (),
    ) -> MeasuredError:
        """From pairs of what a person said and what was counted, and of the kinds they named."""
        told = list(pairs)
        return cls(
            sample=len(told),
            labelled=sum(person for person, _ in told),
            counted=sum(counted for _, counted in told),
            missed=sum(person and not counted for person, counted in told),
            false=sum(counted and not person for person, counted in told),
            on=on,
            rulebook=rulebook,
            kinds=tuple(
                one for kind in KINDS if (one := _error_of(kind, kinds)).labelled + one.counted
            ),
        )

    def text(self) -> str:
        """A line to keep, of all but the kinds."""
        return " ".join(str(getattr(self, part.name)) for part in fields(self)[:-1])

    @classmethod
    def parse(cls, line: str) -> MeasuredError:
        """What `text` wrote."""
        *numbers, on, rulebook = line.split(" ")
        sample, labelled, counted, missed, false = map(int, numbers)
        return cls(sample, labelled, counted, missed, false, on, rulebook)

    def merged(self) -> tuple[tuple[KindError, ...], KindError | None]:
        """The kinds of which the sample allows to tell the error, and all others together."""
        alone = tuple(one for one in self.kinds if min(one.labelled, one.counted) >= ENOUGH)
        others = [one for one in self.kinds if one not in alone]
        if not others:
            return alone, None
        parts = [part.name for part in fields(KindError)[1:]]
        return alone, KindError("", *(sum(getattr(one, part) for one in others) for part in parts))


def text_of_kind(one: KindError, of: MeasuredError) -> str:
    """A line to keep for a kind; it says of which sample it is."""
    return f"{one.labelled} {one.counted} {one.missed} {one.false} {of.text()}"


def with_kinds(found: MeasuredError, kept: Iterable[tuple[Kind, str]]) -> MeasuredError:
    """The sample with those lines of `text_of_kind` that are of it; others are of an older one."""
    kinds = []
    for kind, line in kept:
        labelled, counted, missed, false, of = line.split(" ", 4)
        if of == found.text():
            numbers = (int(labelled), int(counted), int(missed), int(false))
            kinds.append(KindError(kind.value, *numbers))
    return replace(found, kinds=tuple(kinds))


def _error_of(kind: Kind, pairs: Sequence[tuple[Collection[str], Collection[str]]]) -> KindError:
    told = [(kind.value in person, kind.value in counted) for person, counted in pairs]
    return KindError(
        kind.value,
        labelled=sum(person for person, _ in told),
        counted=sum(counted for _, counted in told),
        missed=sum(person and not counted for person, counted in told),
        false=sum(counted and not person for person, counted in told),
    )


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, in per cent (Wilson 1927); (0, 100) for an empty sample."""
    if not n:
        return 0.0, 100.0
    share, z2 = hits / n, _Z * _Z
    middle = share + z2 / (2 * n)
    around = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low, high = (middle - around) / (1 + z2 / n), (middle + around) / (1 + z2 / n)
    return 100 * max(low, 0.0), 100 * min(high, 1.0)
