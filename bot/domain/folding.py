"""Which groups may be shown by themselves, and which together, so that no small one is found."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from bot.domain.groups import GroupCode, GroupProfile

Node = tuple[str, str]
Pair = tuple[Node, Node]


@dataclass(frozen=True, slots=True)
class Shape:
    """Which groups a published digest showed by themselves, and which bundles."""

    shown: frozenset[GroupCode]
    bundles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Folding:
    """The groups that are not shown by themselves, each with the bundle that it is shown in.

    A bundle is named by the codes of its units with a blank between them, nearly always one.
    """

    bundle_of: Mapping[GroupCode, str]

    def no_finer_than(
        self, before: Shape, groups: Collection[GroupProfile], heard: Collection[GroupCode]
    ) -> Folding:
        """This folding for a further issue of a week of which one was published so.

        A group that was not shown stays hidden, though it has grown since. Where the bundles of
        what was heard would not be the same, all hidden groups are one bundle: two sets of
        overlapping sums could be subtracted from each other.
        """
        units = {group.code: group.unit for group in groups}
        unshown = {code for code in heard if code in units and code not in before.shown}
        bundle_of = {code: units[code] for code in unshown} | dict(self.bundle_of)
        rows = {bundle_of[code] for code in heard if code in bundle_of}
        if rows == before.bundles and not before.shown & self.bundle_of.keys():
            return Folding(bundle_of)
        name = " ".join(sorted({units[code] for code in bundle_of}))
        return Folding(dict.fromkeys(bundle_of, name))

    def bundles(self) -> dict[str, list[GroupCode]]:
        """The groups of each bundle."""
        found: dict[str, list[GroupCode]] = {}
        for code, bundle in sorted(self.bundle_of.items()):
            found.setdefault(bundle, []).append(code)
        return found


def folding(groups: Sequence[GroupProfile], smallest_shown: int) -> Folding:
    """Which groups are hidden, and with which others each is added up.

    The hidden groups of a unit are shown together. A small one that would be alone there, since
    its unit has no other group, is shown with that of another such unit, or with another unit's
    hidden ones: whoever writes in it, no row and no difference of rows is one small group. Only
    a group that is all there is stands for itself.
    """
    hidden = folded_groups(groups, smallest_shown)
    of_unit: defaultdict[str, list[GroupProfile]] = defaultdict(list)
    for group in sorted(groups, key=lambda one: one.code):
        if group.code in hidden:
            of_unit[group.unit].append(group)
    alone = [u for u, own in sorted(of_unit.items()) if _is_bare(own, smallest_shown)]
    others = [unit for unit in of_unit if unit not in alone]
    joined = [list(pair) for pair in _pairs(alone)]
    if joined and len(joined[-1]) == 1 and others:
        joined[-1].append(min(others, key=lambda unit: (len(of_unit[unit]), unit)))
    name = {unit: " ".join(sorted(units)) for units in joined for unit in units}
    return Folding(
        {group.code: name.get(unit, unit) for unit, own in of_unit.items() for group in own}
    )


def _is_bare(hidden: Collection[GroupProfile], smallest_shown: int) -> bool:
    return len(hidden) == 1 and all(group.size < smallest_shown for group in hidden)


def _pairs(units: Sequence[str]) -> Iterator[Sequence[str]]:
    """Two and two, three at the end where one would be left."""
    last = len(units) - len(units) % 2
    for place in range(0, last, 2):
        yield units[place:] if place + 3 == len(units) else units[place : place + 2]
    if len(units) == 1:
        yield units


def folded_groups(groups: Sequence[GroupProfile], smallest_shown: int) -> frozenset[GroupCode]:
    """The groups whose figures are shown only together with others.

    Units and lines are published exactly, so groups are the cells of a table (units × lines)
    whose margins are known. A hidden cell of such a table can be had by subtraction exactly
    when it lies on no cycle of hidden cells. So every group smaller than `smallest_shown` is
    hidden, and with it, where the table allows it, the fewest and smallest further groups that
    close a cycle through it; and no unit has one hidden group only beside shown ones.

    A group that is all there is of its unit or of its line cannot be told from that unit's or
    line's own figure, which stays. Where all else is shown, the smallest other group is hidden
    with it, so that what others demanded there is not told either. The choice looks at sizes, units and lines and never at
    counts, so it tells nothing.
    """
    table = _Table(groups, smallest_shown)
    for group in groups:
        if group.size < smallest_shown:
            table.hide_another_of_unit(group)
    safe = table.crowded()
    for code in sorted(table.hidden):
        if code not in safe:
            safe |= table.hide_cycle_through(code)
    table.hide_no_single_one()
    return frozenset(table.hidden)


def _ends(group: GroupProfile) -> Pair:
    return ("unit", group.unit), ("line", group.line)


class _Table:
    """Units and lines as nodes, groups as the edges between them, some hidden."""

    def __init__(self, groups: Sequence[GroupProfile], smallest_shown: int) -> None:
        self._groups = {group.code: group for group in groups}
        self._of_pair: defaultdict[Pair, list[GroupProfile]] = defaultdict(list)
        self._of_unit: defaultdict[str, list[GroupProfile]] = defaultdict(list)
        self._neighbours: defaultdict[Node, list[tuple[Node, Pair]]] = defaultdict(list)
        for group in sorted(groups, key=lambda one: (one.size, one.code)):
            pair = _ends(group)
            if pair not in self._of_pair:
                self._neighbours[pair[0]].append((pair[1], pair))
                self._neighbours[pair[1]].append((pair[0], pair))
            self._of_pair[pair].append(group)
            self._of_unit[group.unit].append(group)
        self.hidden = {group.code for group in groups if group.size < smallest_shown}

    def crowded(self) -> set[GroupCode]:
        """Hidden groups that share both unit and line with another hidden one."""
        found: set[GroupCode] = set()
        for members in self._of_pair.values():
            hidden = [group.code for group in members if group.code in self.hidden]
            if len(hidden) > 1:
                found.update(hidden)
        return found

    def hide_another_of_unit(self, group: GroupProfile) -> None:
        """Hide a second group of the unit, of the same line if possible: it then covers both."""
        others = [other for other in self._of_unit[group.unit] if other.code != group.code]
        if not others or any(other.code in self.hidden for other in others):
            return
        nearest = min(others, key=lambda one: (one.line != group.line, one.size, one.code))
        self.hidden.add(nearest.code)

    def hide_no_single_one(self) -> None:
        """Where one group alone is hidden, the total less the shown ones would be its number."""
        if len(self.hidden) != 1:
            return
        (code,) = self.hidden
        line = self._groups[code].line
        others = [group for group in self._groups.values() if group.code != code]
        if others:
            nearest = min(others, key=lambda one: (one.line != line, one.size, one.code))
            self.hidden.add(nearest.code)

    def hide_cycle_through(self, code: GroupCode) -> set[GroupCode]:
        """Hide what closes the cheapest cycle; its groups, or none where there is no cycle."""
        start, goal = _ends(self._groups[code])
        turn = count()
        queue: list[tuple[int, int, int, Node, tuple[GroupCode, ...]]] = [
            (0, 0, next(turn), start, ())
        ]
        done: set[Node] = set()
        while queue:
            more, size, _, node, path = heapq.heappop(queue)
            if node == goal:
                self.hidden.update(path)
                return {code, *path}
            if node in done:
                continue
            done.add(node)
            for other, pair in self._neighbours[node]:
                road = None if other in done else self._road(pair, code)
                if road is not None:
                    extra = 0 if road.code in self.hidden else 1
                    cost = (more + extra, size + extra * road.size)
                    heapq.heappush(queue, (*cost, next(turn), other, (*path, road.code)))
        return set()

    def _road(self, pair: Pair, but: GroupCode) -> GroupProfile | None:
        """The group of the pair that costs least to hide, leaving one out."""
        cheapest: GroupProfile | None = None
        for group in self._of_pair[pair]:
            if group.code == but:
                continue
            if group.code in self.hidden:
                return group
            cheapest = cheapest or group
        return cheapest
