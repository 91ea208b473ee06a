"""Which groups may be shown by themselves, so that no small one is found by subtraction."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from itertools import count

from bot.domain.groups import GroupCode, GroupProfile

Node = tuple[str, str]
Pair = tuple[Node, Node]


def folded_groups(groups: Sequence[GroupProfile], smallest_shown: int) -> frozenset[GroupCode]:
    """The groups whose figures are shown only under their unit.

    Units and lines are published exactly, so groups are the cells of a table (units × lines)
    whose margins are known. A hidden cell of such a table can be had by subtraction exactly
    when it lies on no cycle of hidden cells. So every group smaller than `smallest_shown` is
    hidden, and with it, where the table allows it, the fewest and smallest further groups that
    close a cycle through it; and no unit has one hidden group only beside shown ones.

    A group that is all there is of its unit or of its line cannot be told from that unit's or
    line's own figure, which stays. The choice looks at sizes, units and lines and never at
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
