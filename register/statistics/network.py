"""Circulations: flows in whole numbers round a network, each edge between a lowest and a highest value.

A two-way table with its margins is such a network, so what an attacker can deduce about a figure is exactly the range
that its edge can take, and an integral range at that. Augmenting paths are enough at our size (a few hundred edges).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

_Goal: TypeAlias = Callable[[int], bool]


class Circulation:
    """A network that is first described by `edge`, then settled, then asked for ranges."""

    def __init__(self, nodes: int) -> None:
        """Begin with nodes 0 to `nodes` - 1 and no edge."""
        self._out: list[list[int]] = [[] for _ in range(nodes)]
        self._head: list[int] = []
        self._room: list[int] = []  # arc 2k: how much edge k can still grow; arc 2k+1: how much it can shrink
        self._low: list[int] = []
        self._excess = [0] * nodes

    def edge(self, tail: int, head: int, low: int, high: int) -> int:
        """Add an edge with its bounds and return its number."""
        number = len(self._low)
        self._low.append(low)
        self._head += [head, tail]
        self._room += [high - low, 0]
        self._out[tail].append(2 * number)
        self._out[head].append(2 * number + 1)
        self._excess[head] += low
        self._excess[tail] -= low
        return number

    def settle(self) -> bool:
        """Find values for all edges; False if there are none."""
        if any(room < 0 for room in self._room):
            return False
        for node in range(len(self._excess)):
            while self._excess[node] > 0:
                path = self._path(node, lambda seen: self._excess[seen] < 0)
                if path is None:
                    return False
                end = self._head[path[-1]]
                amount = self._push(path, min(self._excess[node], -self._excess[end]))
                self._excess[node] -= amount
                self._excess[end] += amount
        return True

    def value(self, edge: int) -> int:
        """The present value of an edge."""
        return self._low[edge] + self._room[2 * edge + 1]

    def range_of(self, edge: int) -> tuple[int, int]:
        """The lowest and the highest value the edge takes in any circulation; only after `settle` said True."""
        low = self._drive(2 * edge + 1)
        return low, self._drive(2 * edge)

    def _drive(self, arc: int) -> int:
        """Push the edge of an arc as far along the arc as the network lets it; return its value then."""
        start, goal = self._head[arc], self._head[arc ^ 1]
        while self._room[arc] > 0:
            path = self._path(start, lambda seen: seen == goal, shut=arc >> 1)
            if path is None:
                break
            amount = self._push(path, self._room[arc])
            self._room[arc] -= amount
            self._room[arc ^ 1] += amount
        return self.value(arc >> 1)

    def _push(self, path: list[int], most: int) -> int:
        amount = min(most, *(self._room[arc] for arc in path))
        for arc in path:
            self._room[arc] -= amount
            self._room[arc ^ 1] += amount
        return amount

    def _path(self, start: int, is_goal: _Goal, *, shut: int = -1) -> list[int] | None:
        came: dict[int, int] = {start: -1}
        queue = deque((start,))
        while queue:
            node = queue.popleft()
            for arc in self._out[node]:
                head = self._head[arc]
                if self._room[arc] <= 0 or head in came or arc >> 1 == shut:
                    continue
                came[head] = arc
                if is_goal(head):
                    return self._back(came, head)
                queue.append(head)
        return None

    def _back(self, came: dict[int, int], node: int) -> list[int]:
        path: list[int] = []
        while (arc := came[node]) >= 0:
            path.append(arc)
            node = self._head[arc ^ 1]
        return path[::-1]
