"""A multilayer perceptron: what several features of a text say together of its kinds.

A sum of weights knows what each feature says by itself. Here each adds to the units of a hidden
layer, and what a unit says is heard only where its sum is above zero (Rumelhart, Hinton and
Williams, 1986).
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence

from bot.domain.vocabulary import KINDS
from bot.domain.voting import ACTS, Network, packed, sum_at

# The byte of a row that weighs nothing.
ROW_LIFT = 1 << 7
# A kind's shares are so much finer than the weights of a vote.
FINE_BITS = 10
# Weights of a model are nearer to zero than this, so that no lane spills over.
LIMIT = 1 << 20
# A lane of so many bits for each unit, or kind; what travels in it is lifted above zero.
_UNIT_LANE, _BIAS_LIFT = 32, 1 << 24
_KIND_LANE, _KIND_LIFT = 48, LIMIT
_KIND_MASK = (1 << _KIND_LANE) - 1
_KIND_LANES = range(0, _KIND_LANE * len(KINDS), _KIND_LANE)
_NO_ACTS = (0,) * len(ACTS)
_NO_EMERGENCY = (0,)


class Perceptron:
    """A network made ready for the places of literals, rules and traits; false for NO_NETWORK.

    All weights of a feature travel in one integer, as those of a `Ballot` do. A feature that the
    network does not know weighs nothing.
    """

    __slots__ = ("_bias", "_kind_bias", "_kinds", "_literals", "_rules", "_traits", "_units")

    def __init__(
        self,
        network: Network,
        literals: Sequence[str],
        rules: Sequence[str],
        traits: Sequence[str],
    ) -> None:
        size = len(network.unit_bias)
        rows = {name: _lanes(row) for name, row in network.rows.items()}
        nothing = _lanes(bytes([ROW_LIFT]) * size)
        self._literals = [rows.get(name, nothing) for name in literals]
        self._rules = [rows.get(f"rule:{name}", nothing) for name in rules]
        self._traits = [rows.get(f"trait:{name}", nothing) for name in traits]
        self._units = struct.Struct(f"<{size}I")
        self._bias = sum(
            bias + _BIAS_LIFT << number * _UNIT_LANE
            for number, bias in enumerate(network.unit_bias)
        )
        self._kinds = [_kind_lanes(shares) for shares in network.kinds]
        self._kind_bias = network.kind_bias

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def of_words(self, fired: int, traits: int, literals: Collection[int]) -> int:
        """What rules, traits and pieces say of the kinds together, packed as one feature of a vote."""
        total = self._bias + sum(map(self._literals.__getitem__, literals))
        total += sum_at(self._rules, fired) + sum_at(self._traits, traits)
        features = len(literals) + fired.bit_count() + traits.bit_count()
        nothing = _BIAS_LIFT + features * ROW_LIFT
        units = self._units.unpack(total.to_bytes(self._units.size, "little"))
        shares = spoken = 0
        for unit, kinds in zip(units, self._kinds, strict=True):
            if unit > nothing:
                spoken += unit - nothing
                shares += (unit - nothing) * kinds
        lift = spoken * _KIND_LIFT
        return packed(
            _NO_ACTS
            + tuple(
                [
                    bias + ((shares >> lane & _KIND_MASK) - lift >> FINE_BITS)
                    for lane, bias in zip(_KIND_LANES, self._kind_bias, strict=True)
                ]
            )
            + _NO_EMERGENCY
        )


def _lanes(row: bytes) -> int:
    """The weights of a feature, a byte each and lifted already, in lanes."""
    spread = bytearray(len(row) * _UNIT_LANE // 8)
    spread[:: _UNIT_LANE // 8] = row
    return int.from_bytes(spread, "little")


def _kind_lanes(shares: Sequence[int]) -> int:
    return sum(share + _KIND_LIFT << lane for lane, share in zip(_KIND_LANES, shares, strict=True))


def network_of(
    names: Sequence[str],
    rows: bytes,
    unit_bias: Sequence[int],
    kinds: Sequence[Sequence[int]],
    kind_bias: Sequence[int],
) -> Network:
    """The network of these features, in the order of `names`; the rest as in `Network`.

    Raises ValueError for sizes that do not fit each other, and for numbers that are none or too large.
    """
    size = len(unit_bias)
    if not size or len(rows) != len(names) * size:
        raise ValueError(f"{len(names)} features of {size} units are not {len(rows)} bytes")
    if len(kinds) != size or any(len(row) != len(KINDS) for row in (*kinds, kind_bias)):
        raise ValueError(f"each of {size} units says something of each of {len(KINDS)} kinds")
    numbers = (*unit_bias, *kind_bias, *(share for row in kinds for share in row))
    if not all(type(number) is int and abs(number) < LIMIT for number in numbers):
        raise ValueError(f"a weight is a whole number below {LIMIT}")
    return Network(
        {name: rows[at * size : (at + 1) * size] for at, name in enumerate(names)},
        tuple(unit_bias),
        tuple(map(tuple, kinds)),
        tuple(kind_bias),
    )
